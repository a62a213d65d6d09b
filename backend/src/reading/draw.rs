//! Pages as pictures, for people who want to see where a value stands. Drawn by poppler in the confined process, kept beside the
//! objects under the file's SHA-256 like readings, and made again when the folder is deleted.

use std::{path::Path, time::Duration};

use bytes::Bytes;
use domain::media::Kind;
use object_store::path::Path as Key;
use tokio::task::spawn_blocking;

use super::{Limits, Outcome, Problem, Reader, pdf, problem::Limit, store::Copy};
use crate::{
    cx::Services,
    error::{Error, Result},
};

/// Raised when pages are drawn otherwise.
const VERSION: u32 = 1;
/// A page's picture, at most, and how long it may take.
const PICTURE: u64 = 12 << 20;
const PATIENCE: Duration = Duration::from_secs(30);

/// What came of drawing a page.
#[derive(Clone, Debug)]
pub enum Drawn {
    /// A PNG.
    Picture(Bytes),
    /// This machine cannot draw.
    Unable,
    Problem(Problem),
}

/// Draws a page; what the reading process does.
///
/// # Errors
/// Why not; see [`Problem`].
pub fn draw(path: &Path, kind: Kind, page: u32, limits: &Limits) -> Result<Vec<u8>, Problem> {
    match kind {
        Kind::Pdf => pdf::draw(path, page, limits),
        kind => Err(Problem::Damaged { kind }),
    }
}

impl Reader {
    /// Whether pages can be drawn on this machine; asked once.
    ///
    /// # Errors
    /// When the question could not be asked.
    pub async fn draws(&self) -> Result<bool> {
        let ask = || async { spawn_blocking(pdf::can_draw).await.map_err(Error::internal) };
        Ok(self.limits.programs && self.draws.get_or_try_init(ask).await.copied()?)
    }

    /// A page of a stored PDF, drawn before or now.
    ///
    /// # Errors
    /// As [`Reader::read_blob`].
    pub async fn draw_blob(&self, services: &Services, sha256: &[u8], page: u32) -> Result<Drawn> {
        let file = format!("{}-{page}.png", hex::encode(sha256));
        let key = Key::from_iter(["pages", &VERSION.to_string(), &file]);
        match services.objects.get(&key).await {
            Ok(picture) => return Ok(Drawn::Picture(picture)),
            Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
        if !self.draws().await? {
            return Ok(Drawn::Unable);
        }
        let copy = Copy(services.objects.spool_path(services.random.id(services.clock.now())));
        copy.fetch(&services.objects, sha256).await?;
        let limits = Limits { time: PATIENCE, output_bytes: PICTURE, ..self.limits.clone() };
        let number = page.to_string();
        let Some(answer) = self.run(&copy.0, Kind::Pdf, &["--draw", &number], &limits).await? else {
            return Ok(Drawn::Problem(Problem::Limit { limit: Limit::Time { seconds: PATIENCE.as_secs() } }));
        };
        let drawn = Self { limits, ..self.clone() }.drawn(&answer)?;
        if let Drawn::Picture(picture) = &drawn {
            services.objects.put(&key, picture.clone()).await?;
        }
        Ok(drawn)
    }

    fn drawn(&self, answer: &super::Answer) -> Result<Drawn> {
        if answer.status.success()
            && answer.output.starts_with(b"\x89PNG")
            && answer.output.len() as u64 <= PICTURE
        {
            return Ok(Drawn::Picture(answer.output.clone().into()));
        }
        if answer.status.success()
            && let Ok(problem) = serde_json::from_slice(&answer.output)
        {
            return Ok(Drawn::Problem(problem));
        }
        match self.outcome(answer, Kind::Pdf)? {
            Outcome::Unread(problem) => Ok(Drawn::Problem(problem)),
            Outcome::Read(_) => Err(Error::internal(anyhow::anyhow!("a page was read instead of drawn"))),
        }
    }
}
