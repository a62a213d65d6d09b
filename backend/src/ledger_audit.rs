//! `guxin ledger audit`: a monitor. Replays a log from its public tiles, of this platform or of anybody who serves the same
//! layout, and reports what does not fit: entries that do not lead to the signed root, hash tiles that are not those of the
//! entries, entries that are no entries, chains of an object that were cut. Needs no database.

use std::{collections::HashMap, fmt};

use ledger::{
    Entry, Hash, HashRef, Tree, checkpoint::Checkpoint, key::VerifierKey, key_change::KeyChange,
    log_keys::LogKeys, merkle::leaf_hash, tile::Rank,
};
use serde::Serialize;

use crate::remote_log::{RemoteError, RemoteLog};

/// Findings that are listed; more are counted.
const MOST_FINDINGS: usize = 100;

/// What to replay.
#[derive(Debug)]
pub struct Audit<'a> {
    /// The log.
    pub log: &'a RemoteLog,
    /// The key that is trusted for it.
    pub key: &'a VerifierKey,
    /// Size at which to begin: what an earlier audit reached.
    pub from: u64,
    /// Whether entries are read as this platform's; off for other people's logs.
    pub entries: bool,
    /// A checkpoint that was kept from earlier: the log must still contain its tree.
    pub known: Option<Checkpoint>,
}

/// What was found.
#[derive(Debug, Default, Serialize)]
pub struct AuditReport {
    /// The log's origin.
    pub origin: String,
    /// Size at which the replay began.
    pub from: u64,
    /// Size of the signed checkpoint.
    pub size: u64,
    /// Its root hash, hexadecimal.
    pub root: String,
    /// Entries that were read.
    pub entries: u64,
    /// Tiles that were compared.
    pub tiles: u64,
    /// How many findings there are, also of those not listed.
    pub wrong: u64,
    /// The first of them.
    pub findings: Vec<Finding>,
}

/// One thing that does not fit.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which entry, tile or checkpoint.
    pub place: String,
    /// What is wrong with it.
    pub what: String,
}

impl AuditReport {
    /// Whether everything fits.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.wrong == 0
    }

    fn wrong(&mut self, place: &dyn fmt::Display, what: &dyn fmt::Display) {
        self.wrong += 1;
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(Finding { place: place.to_string(), what: what.to_string() });
        }
    }
}

impl fmt::Display for AuditReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Finding { place, what } in &self.findings {
            writeln!(f, "WRONG  {place}: {what}")?;
        }
        if self.wrong > self.findings.len() as u64 {
            writeln!(f, "and {} more", self.wrong - self.findings.len() as u64)?;
        }
        writeln!(
            f,
            "{}: entries {}..{} ({} read), {} tiles compared, root {}: {}",
            self.origin,
            self.from,
            self.size,
            self.entries,
            self.tiles,
            self.root,
            if self.is_good() { "good" } else { "NOT good" }
        )
    }
}

/// Replays. `progress` is called with entries read and to be read.
///
/// # Errors
/// Only [`RemoteError::Unreachable`], when nothing can be said: everything else is a finding.
pub async fn run(audit: &Audit<'_>, progress: &mut dyn FnMut(u64, u64)) -> Result<AuditReport, RemoteError> {
    let mut report = AuditReport { from: audit.from, ..AuditReport::default() };
    match replay(audit, &mut report, progress).await {
        Err(error @ RemoteError::Unreachable { .. }) => return Err(error),
        Err(error @ RemoteError::Withheld { .. }) => report.wrong(&"log", &error),
        Err(RemoteError::Wrong { place, what }) => report.wrong(&place, &what),
        Ok(()) => {}
    }
    Ok(report)
}

async fn replay(
    audit: &Audit<'_>,
    report: &mut AuditReport,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), RemoteError> {
    let keys = chain(audit).await?;
    let text = audit.log.checkpoint_text().await?;
    let opened = keys.open(&text, &[]).map_err(|error| RemoteError::Wrong {
        place: "checkpoint".to_owned(),
        what: format!("is not signed with a key that is trusted here: {error}"),
    })?;
    let checkpoint = opened.checkpoint;
    (report.origin, report.size) = (checkpoint.origin.clone(), checkpoint.size);
    report.root = hex::encode(checkpoint.root.0);
    if let Some(known) = &audit.known {
        compare_known(audit.log, known, &checkpoint, report).await?;
    }
    if audit.from > checkpoint.size {
        report.wrong(&"checkpoint", &format!("has {} entries, fewer than {}", checkpoint.size, audit.from));
        return Ok(());
    }
    let mut replay = audit.log.replay(audit.from, &checkpoint).await?;
    let mut chains = Chains { whole: audit.from == 0, last: HashMap::new() };
    let mut changes = Changes::new(&keys, audit.from);
    while let Some(step) = replay.next(changes.border()).await? {
        changes.pass(replay.tree(), report);
        for (index, bytes) in (step.first..).zip(&step.entries) {
            report.entries += 1;
            if audit.entries
                && let Err(what) = chains.take(bytes).and_then(|entry| changes.take(index, bytes, &entry))
            {
                report.wrong(&format!("entry {index}"), &what);
            }
        }
        for (tile, bytes) in &step.tiles {
            // The bundle is what was read.
            if tile.rank() == Rank::Entries {
                continue;
            }
            report.tiles += 1;
            match audit.log.tile(tile).await {
                Ok(served) if served == *bytes => {}
                Ok(_) => report.wrong(&tile, &"is not what the entries below it hash to"),
                Err(error @ RemoteError::Unreachable { .. }) => return Err(error),
                Err(error) => report.wrong(&tile, &error),
            }
        }
        progress(replay.tree().size() - audit.from, checkpoint.size - audit.from);
    }
    Ok(())
}

async fn compare_known(
    log: &RemoteLog,
    known: &Checkpoint,
    now: &Checkpoint,
    report: &mut AuditReport,
) -> Result<(), RemoteError> {
    if known.origin != now.origin {
        report.wrong(
            &"checkpoint",
            &format!("is of {}, the one kept from earlier of {}", now.origin, known.origin),
        );
    } else if known.size > now.size {
        report.wrong(
            &"checkpoint",
            &format!("has {} entries, the one kept from earlier {}", now.size, known.size),
        );
    } else if !log.is_consistent(known, now).await? {
        report.wrong(&"checkpoint", &"does not contain the tree of the one kept from earlier: two histories");
    }
    Ok(())
}

/// The chain of each object: every entry names the hash of the one before.
struct Chains {
    /// Whether the replay began with the first entry, so that every object's first entry is known.
    whole: bool,
    last: HashMap<String, Hash>,
}

impl Chains {
    fn take(&mut self, bytes: &[u8]) -> Result<Entry, String> {
        let entry = Entry::parse(bytes).map_err(|error| error.to_string())?;
        let before = self.last.insert(entry.object.clone(), leaf_hash(bytes));
        let named = entry.prev.map(|HashRef(hash)| Hash(hash));
        match (before, named) {
            (Some(before), named) if named != Some(before) => {
                Err("does not name the entry before it of the same object".to_owned())
            }
            (None, Some(_)) if self.whole => {
                Err("names an entry before it that the ledger does not have".to_owned())
            }
            _ => Ok(entry),
        }
    }
}

/// All keys of the log, when the trusted one is among those that it publishes; else the trusted one alone.
async fn chain(audit: &Audit<'_>) -> Result<LogKeys, RemoteError> {
    let published = if audit.entries { audit.log.keys().await? } else { None };
    let published = published.filter(|keys| keys.term(audit.key).is_some());
    Ok(published.unwrap_or_else(|| LogKeys::only(audit.key.clone())))
}

/// The changes of the log's key: each one that is listed must be in the log, where the checkpoint that both keys signed is a root of it,
/// and no other may be.
struct Changes<'k> {
    keys: &'k LogKeys,
    /// How many of the borders were passed.
    passed: usize,
}

impl<'k> Changes<'k> {
    fn new(keys: &'k LogKeys, from: u64) -> Self {
        let passed = keys.terms().iter().skip(1).filter(|term| term.from <= from).count();
        Self { keys, passed }
    }

    /// Size up to which the replay may go before a border has to be looked at.
    fn border(&self) -> u64 {
        self.keys.terms().get(self.passed + 1).map_or(u64::MAX, |term| term.from)
    }

    fn pass(&mut self, tree: &Tree, report: &mut AuditReport) {
        if tree.size() != self.border() {
            return;
        }
        if let Some(link) = self.keys.links().get(self.passed) {
            let signed = self.keys.open(&link.checkpoint, &[]).map(|opened| opened.checkpoint.root);
            if signed != Ok(tree.root()) {
                report.wrong(
                    &"keys",
                    &format!("both keys signed another tree of size {} than the log has", tree.size()),
                );
            }
        }
        self.passed += 1;
    }

    fn take(&self, index: u64, bytes: &[u8], entry: &Entry) -> Result<(), String> {
        let listed = self.keys.links().iter().find(|link| link.index == index);
        let same = listed.is_some_and(|link| link.extra.as_deref() == Some(bytes));
        if KeyChange::is_in(entry) != same {
            return Err("changes the log's key in another way than the log's list of keys says".to_owned());
        }
        Ok(())
    }
}
