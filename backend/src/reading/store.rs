//! Readings that were made already. What a version of the reader finds in a file never changes, so it is kept beside the
//! objects under the file's SHA-256 and made again only by a newer version. Deleting the folder loses nothing but time.

use std::io::{Read as _, Write as _};

use domain::media::Kind;
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use futures::TryStreamExt as _;
use object_store::path::Path as Key;
use sha2::{Digest as _, Sha256};
use tokio::{fs::File, io::AsyncWriteExt as _, task::spawn_blocking};

use super::{Limit, Outcome, Problem, Reader};
use crate::{
    cx::Services,
    error::{Error, Result},
    objects::Objects,
};

/// Raised with every change that lets the reader find something else in the same file.
pub const VERSION: u32 = 2;

impl Reader {
    /// The reading of a stored file. The reading process sees a copy that goes when it ends, never the store itself.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such file, [`Error::Internal`] when its bytes are not those that were stored, or
    /// as [`Reader::read_file`].
    pub async fn read_blob(&self, services: &Services, sha256: &[u8], kind: Kind) -> Result<Outcome> {
        if let Some(outcome) = self.kept(services, sha256).await? {
            return Ok(outcome);
        }
        let key = key(sha256, self.recognises().await?);
        let copy = Copy(services.objects.spool_path(services.random.id(services.clock.now())));
        copy.fetch(&services.objects, sha256).await?;
        let outcome = self.read_file(&copy.0, kind).await?;
        if is_lasting(&outcome) {
            let kept = outcome.clone();
            let bytes = spawn_blocking(move || pack(&kept)).await.map_err(Error::internal)??;
            services.objects.put(&key, bytes).await?;
        }
        Ok(outcome)
    }

    /// The reading of a stored file, if it was made before; nothing is read.
    ///
    /// # Errors
    /// The store's.
    pub async fn kept(&self, services: &Services, sha256: &[u8]) -> Result<Option<Outcome>> {
        let key = key(sha256, self.recognises().await?);
        let bytes = match services.objects.get(&key).await {
            Ok(bytes) => bytes,
            Err(Error::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        let most = 2 * self.limits.output_bytes;
        let outcome = spawn_blocking(move || unpack(&bytes, most)).await.map_err(Error::internal)?;
        if outcome.is_none() {
            // What cannot be read was written by a crash or another hand: it is made again.
            tracing::warn!(%key, "a kept reading is damaged");
        }
        Ok(outcome)
    }
}

/// Where a reading is kept. A machine that cannot recognise pictures reads less: its readings do not stand in for those of
/// one that can.
fn key(sha256: &[u8], recognition: bool) -> Key {
    let version = if recognition { VERSION.to_string() } else { format!("{VERSION}-plain") };
    Key::from_iter(["readings", &version, &format!("{}.json", hex::encode(sha256))])
}

/// Whether reading it again would find the same. Time and memory depend on what else the machine does.
fn is_lasting(outcome: &Outcome) -> bool {
    !matches!(outcome, Outcome::Unread(Problem::Limit { limit: Limit::Time { .. } | Limit::Memory { .. } }))
}

fn pack(outcome: &Outcome) -> Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    serde_json::to_writer(&mut encoder, outcome)?;
    encoder.flush()?;
    Ok(encoder.finish()?)
}

fn unpack(bytes: &[u8], most: u64) -> Option<Outcome> {
    let mut text = Vec::new();
    DeflateDecoder::new(bytes).take(most).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

/// A copy of a stored file for the reading process.
pub(super) struct Copy(pub(super) std::path::PathBuf);

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Copy {
    pub(super) async fn fetch(&self, objects: &Objects, sha256: &[u8]) -> Result<()> {
        let (_, mut stream) = objects.stream(&Objects::blob_key(sha256)).await?;
        let mut file = File::create_new(&self.0).await?;
        let mut digest = Sha256::new();
        while let Some(chunk) = stream.try_next().await? {
            digest.update(&chunk);
            file.write_all(&chunk).await?;
        }
        file.flush().await?;
        if digest.finalize().as_slice() != sha256 {
            return Err(Error::Internal(anyhow::anyhow!("{} is not what was stored", hex::encode(sha256))));
        }
        Ok(())
    }
}
