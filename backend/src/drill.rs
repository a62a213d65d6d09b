//! The tamper drill: whether the checks would notice. On a copy of the instance it alters one thing after the other, as
//! somebody with full access to database and store could, runs `fsck` each time, which verifies receipts and the chain of
//! access records as well, and notes what was found and where.
//!
//! The database is a real copy ([`DbCopy`]); objects are seen through [`Objects::replaceable`], so that nothing can
//! reach the originals. Before anything is altered the copy must be sound, or a finding would say nothing. The report stays in
//! the data folder for the operator's page.

use std::{fmt, path::Path, sync::Arc};

use anyhow::{Context as _, ensure};
use domain::{access::action, moment};
use serde::{Deserialize, Serialize};

pub(crate) mod alteration;

pub use alteration::Alteration;
use alteration::Planned;

use crate::{
    cx::{Cx, Services},
    db::{DbCopy, DbOptions, Engine},
    durable,
    error::{Error, Result},
    fsck::{self, Check, FsckReport},
    ledger_store,
};

/// The report's name in the data folder.
const FILE: &str = "drill.json";
/// How often the copy is made anew because a batch was released while it was made.
const ATTEMPTS: u32 = 5;

/// What a drill came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drill {
    /// When it began, UTC microseconds.
    pub at: i64,
    /// How long it took.
    pub seconds: u64,
    /// Entries on the ledger of the copy.
    pub size: u64,
    /// Whether everything that could be altered was found.
    pub all_found: bool,
    /// In the order in which they were tried.
    pub alterations: Vec<Outcome>,
}

/// What became of one alteration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub alteration: Alteration,
    /// The row or object that was altered, none where the instance has nothing of the kind.
    pub place: Option<String>,
    /// What was done to it, for the report in words.
    pub how: Option<String>,
    pub found: bool,
    /// The checks that noticed, with the first bad place of each.
    pub by: Vec<FoundBy>,
}

/// A check that noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundBy {
    /// Its name in the report of `fsck`.
    pub check: String,
    pub place: String,
    pub what: String,
}

impl Drill {
    /// How many alterations were found, and how many were made.
    #[must_use]
    pub fn score(&self) -> (usize, usize) {
        let made = self.alterations.iter().filter(|outcome| outcome.place.is_some());
        (made.clone().filter(|outcome| outcome.found).count(), made.count())
    }
}

/// One paragraph per alteration.
impl fmt::Display for Drill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "tamper drill on a copy: ledger of {} entries", self.size)?;
        for Outcome { alteration, place, how, found, by } in &self.alterations {
            let (Some(place), Some(how)) = (place, how) else {
                writeln!(f, "{:<20} not tried: the instance has none", alteration.name())?;
                continue;
            };
            let verdict = if *found { "found" } else { "NOT FOUND" };
            writeln!(f, "{:<20} {verdict}\n    altered: {place}: {how}", alteration.name())?;
            for FoundBy { check, place, what } in by {
                writeln!(f, "    {check}: {place}: {what}")?;
            }
        }
        let (found, made) = self.score();
        writeln!(f, "{found} of {made} alterations found")
    }
}

/// The last drill's report; none before the first.
///
/// # Errors
/// Denied to everybody but the operator; the file system's failure.
pub async fn last(cx: &Cx) -> Result<Option<Drill>> {
    cx.permit_own::<action::Oversee>()?;
    match tokio::fs::read(cx.signer.folder().join(FILE)).await {
        Ok(bytes) => match serde_json::from_slice(&bytes) {
            Ok(drill) => Ok(Some(drill)),
            // Of a version that wrote another one: the next drill replaces it.
            Err(error) => {
                tracing::warn!(%error, "the report of the last drill cannot be read");
                Ok(None)
            }
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Keeps a report for [`last`].
///
/// # Errors
/// When it cannot be written.
pub fn keep(cx: &Cx, drill: &Drill) -> anyhow::Result<()> {
    durable::replace(&cx.signer.folder().join(FILE), &serde_json::to_vec_pretty(drill)?)
}

/// Runs the drill on a copy of the instance that `cx` reads, whose database `options` lead to; `folder` is for what the copy
/// needs, and `progress` is told which step runs and how far it is.
///
/// # Errors
/// When the instance cannot be copied, or is not sound to begin with.
pub async fn run(
    cx: &Cx,
    options: &DbOptions,
    folder: &Path,
    progress: &mut (dyn FnMut(&str, u64, u64) + Send),
) -> anyhow::Result<Drill> {
    let began = cx.now();
    if cx.db.engine() == Engine::Postgres {
        // It copies a database only while nobody is connected, and that includes us.
        cx.db.close().await;
    }
    let mut attempt = 1;
    let (copy, copied, size) = loop {
        let folder = folder.join(attempt.to_string());
        std::fs::create_dir(&folder)?;
        progress("copying", 0, 1);
        let copy = DbCopy::make(options, &folder, &cx.random).await?;
        match sound(cx, &copy, &folder, progress).await {
            Ok(Ok((copied, size))) => break (copy, copied, size),
            Ok(Err(_)) if attempt < ATTEMPTS && moved(cx, &copy).await? => copy.remove().await?,
            Ok(Err(report)) => {
                copy.remove().await?;
                anyhow::bail!("the instance is not sound to begin with; see `guxin ledger fsck`. {report}");
            }
            Err(error) => {
                copy.remove().await?;
                return Err(error);
            }
        }
        attempt += 1;
    };
    let tried = try_all(&copied, progress).await;
    drop(copied);
    copy.remove().await?;
    let alterations = tried?;
    let all_found = alterations.iter().all(|outcome| outcome.found || outcome.place.is_none());
    let seconds = u64::try_from((cx.now() - began).whole_seconds()).unwrap_or_default();
    let drill = Drill { at: moment::to_micros(began), seconds, size, all_found, alterations };
    ensure!(drill.score().1 > 0, "the instance is empty: there is nothing to alter yet");
    Ok(drill)
}

/// The copy as an instance of its own, with the size of its ledger, or the report that says why it is not sound.
async fn sound(
    cx: &Cx,
    copy: &DbCopy,
    folder: &Path,
    progress: &mut (dyn FnMut(&str, u64, u64) + Send),
) -> anyhow::Result<std::result::Result<(Cx, u64), FsckReport>> {
    let mut services: Services = (**cx).clone();
    services.db = copy.db.clone();
    services.signer = cx.signer.standing_still(folder).await?;
    services.objects = cx.objects.replaceable();
    // What changes while the original goes on is kept as it is now: the checkpoint, and the partial tiles that a later batch
    // clears away.
    let keys = match cx.ledger.checkpoint().await {
        Ok((checkpoint, _)) => {
            let edge = ledger::tile::edge(checkpoint.size).map(|tile| ledger_store::tile_key(&tile));
            std::iter::once(ledger_store::checkpoint_key()).chain(edge).collect()
        }
        Err(Error::NotFound) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    for key in keys {
        match cx.objects.get(&key).await {
            Ok(bytes) => services.objects.put(&key, bytes).await?,
            Err(Error::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let copied = fresh(&services);
    let report = check(&copied, "as it is", progress).await?;
    if report.is_good() {
        let size = report.size;
        Ok(Ok((copied, size)))
    } else {
        Ok(Err(report))
    }
}

/// Whether the original's ledger has grown since the copy; on PostgreSQL nobody was connected to make it grow.
async fn moved(cx: &Cx, copy: &DbCopy) -> anyhow::Result<bool> {
    Ok(cx.db.engine() == Engine::Sqlite
        && alteration::head_size(&cx.db).await? != alteration::head_size(&copy.db).await?)
}

/// The same services with an empty cache of tiles.
fn fresh(services: &Services) -> Cx {
    let ledger = services.ledger.in_objects(services.objects.clone());
    Cx::anonymous(Arc::new(Services { ledger, ..services.clone() }))
}

async fn check(
    cx: &Cx,
    step: &str,
    progress: &mut (dyn FnMut(&str, u64, u64) + Send),
) -> anyhow::Result<FsckReport> {
    let mut told = |what: &str, done: u64, all: u64| progress(&format!("{step}: {what}"), done, all);
    fsck::run(&fresh(cx), &mut told).await.map_err(|error| anyhow::anyhow!("{error}"))
}

async fn try_all(cx: &Cx, progress: &mut (dyn FnMut(&str, u64, u64) + Send)) -> anyhow::Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for alteration in Alteration::ALL {
        let Some(planned) = alteration.plan(cx).await.context(alteration.name())? else {
            outcomes.push(Outcome { alteration, place: None, how: None, found: false, by: Vec::new() });
            continue;
        };
        let Planned { place, how, change } = planned;
        change.apply(cx).await.context(alteration.name())?;
        let by: Vec<FoundBy> = check(cx, alteration.name(), progress)
            .await?
            .checks
            .into_iter()
            .filter(|(check, report)| report.wrong > 0 && *check != Check::Orphans)
            .filter_map(|(check, report)| {
                let fsck::Finding { place, what } = report.first?;
                Some(FoundBy { check: check.name().to_owned(), place, what })
            })
            .collect();
        change.undo(cx).await.context(alteration.name())?;
        let found = !by.is_empty();
        outcomes.push(Outcome { alteration, place: Some(place), how: Some(how), found, by });
    }
    Ok(outcomes)
}
