//! Checks a whole instance against itself: the published ledger, the database's side of it, the documents. For the
//! command `guxin ledger fsck` and for tests after every fault; it changes nothing.
//!
//! Everything is read from where it is kept, past every cache, one bundle, page or object at a time, so memory stays
//! small however large the log is. A report names the first bad entry, tile, row or object of every check. What is
//! sequenced while it runs is left for the next run.

use std::{collections::BTreeMap, fmt};

use ledger::checkpoint::Checkpoint;
use serde::Serialize;

pub(crate) mod access;
pub(crate) mod cosignatures;
pub(crate) mod documents;
pub(crate) mod history;
pub(crate) mod keys;
pub(crate) mod published;
pub(crate) mod receipts;
pub(crate) mod records;

use crate::{
    args,
    cx::Cx,
    error::{Error, Result},
    sql::statements,
};

/// What is checked, in the order in which it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// The head, the published checkpoint, the list of keys, the signer's memory and the staged tiles agree.
    Head,
    /// Every entry bundle hashes to the leaves of the level-0 tiles.
    Entries,
    /// Every tile is what the entries make it, up to the signed root.
    Tiles,
    /// Every checkpoint ever released is signed and is a root of this log (I3).
    Checkpoints,
    /// Every cosignature is its registered witness's, and the published checkpoint carries no other lines.
    Cosignatures,
    /// Outbox and ledger agree one to one (I2, I4).
    Outbox,
    /// The events of each object form a chain, and each has its line in the timeline (I6).
    History,
    /// Documents and attestations are those of their ledger entries (I6).
    Records,
    /// Every submission's receipt can be made and verifies offline (I1).
    Receipts,
    /// Who looked at what: the records form an unbroken chain up to the digests on the ledger.
    AccessRecords,
    /// Every document's content exists with its digests (I5).
    Documents,
    /// Contents that no document names: reported, not an error, since an upload that was cut off leaves one.
    Orphans,
}

/// The outcome of everything.
#[derive(Clone, Debug, Serialize)]
pub struct FsckReport {
    /// Whether no check found anything.
    pub sound: bool,
    /// Entries that the checked checkpoint covers.
    pub size: u64,
    /// Its root hash, hexadecimal.
    pub root: String,
    /// One outcome per check.
    pub checks: BTreeMap<Check, CheckReport>,
}

/// The outcome of one check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// Entries, tiles, rows or objects that were looked at.
    pub examined: u64,
    /// How many of them are wrong.
    pub wrong: u64,
    /// The first that is.
    pub first: Option<Finding>,
}

/// Something that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `entry 17`, `tile/0/000`, `outbox row 18`, `blobs/sha256/…`.
    pub place: String,
    /// What is wrong there.
    pub what: String,
}

impl FsckReport {
    /// Whether nothing is wrong; contents that no document names do not count.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.sound
    }
}

/// One line per check, and the first finding of each.
impl fmt::Display for FsckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "ledger of {} entries, root {}", self.size, self.root)?;
        for (check, report) in &self.checks {
            let verdict = if report.wrong == 0 { "ok".to_owned() } else { format!("{} wrong", report.wrong) };
            writeln!(f, "{:<14} {:>10} examined  {verdict}", check.name(), report.examined)?;
            if let Some(Finding { place, what }) = &report.first {
                writeln!(f, "               first: {place}: {what}")?;
            }
        }
        Ok(())
    }
}

impl Check {
    /// Its name, as in the JSON report.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Entries => "entries",
            Self::Tiles => "tiles",
            Self::Checkpoints => "checkpoints",
            Self::Cosignatures => "cosignatures",
            Self::Outbox => "outbox",
            Self::History => "history",
            Self::Records => "records",
            Self::Receipts => "receipts",
            Self::AccessRecords => "access_records",
            Self::Documents => "documents",
            Self::Orphans => "orphans",
        }
    }
}

/// Checks everything; `progress` is told which check runs, how far it is and how far it goes.
///
/// # Errors
/// When something could not be read at all, which is not the same as finding it wrong.
pub async fn run(cx: &Cx, progress: &mut (dyn FnMut(&str, u64, u64) + Send)) -> Result<FsckReport> {
    let mut run = Run { checks: BTreeMap::new(), progress };
    let (size, root) = match head(cx, &mut run).await? {
        Some(checkpoint) => {
            keys::check(cx, &mut run, checkpoint.size).await?;
            published::check(cx, &mut run, &checkpoint).await?;
            cosignatures::check(cx, &mut run).await?;
            history::check(cx, &mut run, checkpoint.size).await?;
            receipts::check(cx, &mut run, checkpoint.size).await?;
            (checkpoint.size, hex::encode(checkpoint.root.0))
        }
        None => (0, hex::encode(ledger::merkle::empty_root().0)),
    };
    records::check(cx, &mut run).await?;
    access::check(cx, &mut run).await?;
    documents::check(cx, &mut run).await?;
    let sound = run.checks.iter().all(|(check, report)| *check == Check::Orphans || report.wrong == 0);
    Ok(FsckReport { sound, size, root, checks: run.checks })
}

/// What the checks write their findings into.
struct Run<'p> {
    checks: BTreeMap<Check, CheckReport>,
    progress: &'p mut (dyn FnMut(&str, u64, u64) + Send),
}

impl Run<'_> {
    fn examined(&mut self, check: Check, count: u64) {
        self.checks.entry(check).or_default().examined += count;
    }

    fn wrong(&mut self, check: Check, place: &dyn fmt::Display, what: &dyn fmt::Display) {
        let report = self.checks.entry(check).or_default();
        report.wrong += 1;
        if report.first.is_none() {
            report.first = Some(Finding { place: place.to_string(), what: what.to_string() });
        }
    }

    fn progress(&mut self, check: Check, done: u64, all: u64) {
        (self.progress)(check.name(), done, all);
    }
}

#[derive(sqlx::FromRow)]
struct HeadRow {
    size: i64,
    root: Vec<u8>,
    note: String,
    published_size: i64,
}

/// Compares what the four places say about the end of the log; answers the released checkpoint that the rest is checked
/// against, none on an instance whose sequencer never ran.
async fn head(cx: &Cx, run: &mut Run<'_>) -> Result<Option<Checkpoint>> {
    run.examined(Check::Head, 1);
    let row: Option<HeadRow> = cx.db.read().maybe(HEAD, args![]).await?;
    let mut missing = false;
    // A store that does not answer is not a ledger that is wrong.
    let published = match cx.ledger.checkpoint_text().await {
        // The lines beside the log's own are looked at with the witnesses' keys, by another check.
        Ok(text) => match cx.ledger.keys().examine(&text, &[]) {
            Ok(examined) => Some(examined.checkpoint),
            Err(error) => {
                run.wrong(Check::Head, &"ledger/checkpoint", &error);
                None
            }
        },
        Err(Error::NotFound) => {
            missing = true;
            None
        }
        Err(error) => return Err(error),
    };
    let Some(row) = row else {
        if published.is_some() {
            run.wrong(Check::Head, &"ledger_head", &"the row is missing, but a checkpoint is published");
        }
        return Ok(None);
    };
    let size = u64::try_from(row.size).unwrap_or_default();
    let released = u64::try_from(row.published_size).unwrap_or_default();
    let own = cx.ledger.keys().open(&row.note, &[]);
    match (&published, &own) {
        (_, Err(_)) if row.note.is_empty() && released == 0 => return Ok(None),
        (_, Err(error)) => run.wrong(Check::Head, &"ledger_head", &format!("its note: {error}")),
        (None, Ok(_)) if missing => run.wrong(Check::Head, &"ledger/checkpoint", &"is missing"),
        (Some(published), Ok(own)) if *published != own.checkpoint => run.wrong(
            Check::Head,
            &"ledger/checkpoint",
            &format!("is of size {}, the database released size {}", published.size, own.checkpoint.size),
        ),
        _ => {}
    }
    if own.as_ref().is_ok_and(|own| {
        own.checkpoint.size != released || (size == released && own.checkpoint.root.0 != *row.root)
    }) {
        run.wrong(Check::Head, &"ledger_head", &"its note is of another size or root than the row says");
    }
    let (staged,): (i64,) = cx.db.read().one(STAGED, args![]).await?;
    // Tiles that are published may be staged still, until they are settled.
    if size > released && staged == 0 {
        run.wrong(
            Check::Head,
            &"ledger_staged",
            &format!("{staged} staged tiles, size {size}, released {released}"),
        );
    }
    match cx.signer.last().await {
        Ok(signed) if (released..=size).contains(&signed.size) => {
            if signed.size == size && signed.root.0 != *row.root {
                run.wrong(Check::Head, &"ledger.signer", &"has signed another root of the same size");
            }
        }
        Ok(signed) => run.wrong(
            Check::Head,
            &"ledger.signer",
            &format!("has signed size {}, the database knows {size} and released {released}", signed.size),
        ),
        // A signer that does not answer is not a ledger that is wrong.
        Err(error) if cx.signer.absent().is_some() => return Err(error),
        Err(error) => run.wrong(Check::Head, &"ledger.signer", &error),
    }
    Ok(own.ok().map(|own| own.checkpoint).or(published))
}

statements! {
    HEAD = "SELECT size, root, note, published_size FROM ledger_head WHERE id = 1";
    STAGED = "SELECT COUNT(*) FROM ledger_staged";
}
