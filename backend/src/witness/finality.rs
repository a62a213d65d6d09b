//! Which witnesses stand behind a checkpoint, and which released checkpoint is final. Counted from the signature lines
//! themselves, as a reader with the published policy counts them: what the database says about them is not asked.

use ledger::{
    checkpoint::{Checkpoint, WrongLine},
    key::VerifierKey,
    log_keys::LogKeys,
    policy::Judged,
};

use super::Witness;
use crate::{
    args,
    cx::Cx,
    error::{Error, Result},
    sql::statements,
};

/// How far a checkpoint is on its way to being final.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finality {
    /// Active witnesses whose cosignature verifies, with POSIX seconds.
    pub present: Vec<(String, u64)>,
    /// Active witnesses that have not cosigned.
    pub missing: Vec<String>,
    /// How many must cosign.
    pub needed: usize,
    /// Whether enough did.
    pub is_final: bool,
    /// Lines that are none, or not of the active witness that they name; they count for nothing.
    pub wrong: Vec<WrongLine>,
}

impl Finality {
    /// Active witnesses.
    #[must_use]
    pub fn of(&self) -> usize {
        self.present.len() + self.missing.len()
    }

    /// Whether anybody is registered.
    #[must_use]
    pub fn is_witnessed(&self) -> bool {
        self.of() > 0
    }
}

/// Witnesses and threshold as they stand, to judge several checkpoints by.
#[derive(Clone, Debug)]
pub struct Judge {
    witnesses: Vec<Witness>,
    needed: usize,
}

impl Judge {
    /// Two statements.
    ///
    /// # Errors
    /// The database's.
    pub async fn now(cx: &Cx) -> Result<Self> {
        let witnesses = super::list(cx).await?.into_iter().filter(Witness::is_active).collect();
        let (needed, _) = super::threshold(cx).await?;
        Ok(Self { witnesses, needed })
    }

    /// Judges a note that the log signed.
    ///
    /// # Errors
    /// [`Error::Internal`] when the note is not a checkpoint that this log signed.
    pub fn judge(&self, cx: &Cx, note: &str) -> Result<Finality> {
        let logs = cx.ledger.keys();
        let log = logs.of(note).map_err(Error::internal)?;
        // With fewer witnesses than must cosign there is no policy, and still lines to be shown.
        let least = self.needed.min(self.witnesses.len());
        let policy = super::policy(log, &self.witnesses, least)
            .ok_or_else(|| Error::internal(anyhow::anyhow!("the witnesses do not make a policy")))?;
        let keys: Vec<_> = policy.witnesses().iter().map(|(_, party)| party.key.clone()).collect();
        // Line by line: a forged line must be shown as one, not hide the checkpoint that it stands under.
        let examined = Checkpoint::examine(note, log, &keys).map_err(Error::internal)?;
        let Judged { present, missing, is_final, .. } =
            policy.open(&examined.sound.to_string(), Some(log)).map_err(Error::internal)?;
        let is_final = is_final && self.needed <= self.witnesses.len() && self.needed > 0;
        Ok(Finality { present, missing, needed: self.needed, is_final, wrong: examined.wrong })
    }
}

/// The newest released checkpoint that enough active witnesses have cosigned, with their lines; none before the first, or
/// when those of the newest are not what they were: nothing is called final on a line that does not verify.
///
/// # Errors
/// The database's.
pub async fn newest(cx: &Cx) -> Result<Option<(Checkpoint, String)>> {
    let rows: Vec<NewestRow> = cx.db.read().all(NEWEST, args![]).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let text = rows.iter().fold(first.note.clone(), |text, row| text + &row.line + "\n");
    let keys: Vec<VerifierKey> = rows.iter().filter_map(|row| row.vkey.parse().ok()).collect();
    let examined = cx.ledger.keys().examine(&text, &keys).map_err(Error::internal)?;
    if let Some(wrong) = examined.wrong.first() {
        tracing::error!(size = examined.checkpoint.size, line = wrong.line, why = %wrong.why, "a stored cosignature is wrong");
        let good = i64::try_from(rows.len().saturating_sub(examined.wrong.len())).unwrap_or_default();
        if good < first.threshold {
            return Ok(None);
        }
    }
    Ok(Some((examined.checkpoint, examined.sound.to_string())))
}

#[derive(sqlx::FromRow)]
struct NewestRow {
    note: String,
    line: String,
    vkey: String,
    threshold: i64,
}

/// One row per cosignature of one checkpoint: its note, and a line to put below it.
type Lines = Vec<(String, Option<String>)>;

fn assembled(cx: &Cx, rows: &Lines) -> Result<Option<(Checkpoint, String)>> {
    let Some((note, _)) = rows.first() else { return Ok(None) };
    let lines = rows.iter().filter_map(|(_, line)| line.as_ref());
    let text = lines.fold(note.clone(), |text, line| text + line + "\n");
    let opened = cx.ledger.keys().open(&text, &[]).map_err(Error::internal)?;
    Ok(Some((opened.checkpoint, text)))
}

/// Which checkpoint a proof is made for: a final one that covers the entry, else the published one.
#[derive(Clone, Debug)]
pub struct Basis {
    last_final: Option<(Checkpoint, String)>,
    published: (Checkpoint, String),
}

impl Basis {
    /// One statement and the published checkpoint.
    ///
    /// # Errors
    /// [`Error::NotFound`] before the sequencer's first start.
    pub async fn now(cx: &Cx) -> Result<Self> {
        // The final one first: it can then not be larger than the published one.
        let last_final = newest(cx).await?;
        Ok(Self { last_final, published: cx.ledger.checkpoint().await? })
    }

    /// The oldest final checkpoint that covers an entry, else the oldest released one: however far the log grows, a proof
    /// made for it is the same again. At most two statements.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an entry beyond the last release.
    pub async fn lasting(cx: &Cx, index: u64) -> Result<Self> {
        let index = i64::try_from(index).map_err(|_| Error::NotFound)?;
        let reader = cx.db.read();
        let mut found = assembled(cx, &reader.all(OLDEST_FINAL, args![index]).await?)?;
        if found.is_none() {
            found = assembled(cx, &reader.all(OLDEST, args![index]).await?)?;
        }
        Ok(Self { last_final: None, published: found.ok_or(Error::NotFound)? })
    }

    /// The same for entries that are proven together with the one at `index`: all checkpoints are of the time of one key of the log.
    #[must_use]
    pub fn of_one_key(self, keys: &LogKeys, index: u64) -> Self {
        let chosen = self.of(index).clone();
        let key = keys.at(chosen.0.size);
        let same = self.last_final.filter(|(checkpoint, _)| keys.at(checkpoint.size) == key);
        Self { last_final: same, published: chosen }
    }

    /// The checkpoint for an entry, with its lines.
    #[must_use]
    pub fn of(&self, index: u64) -> &(Checkpoint, String) {
        self.last_final.as_ref().filter(|(checkpoint, _)| index < checkpoint.size).unwrap_or(&self.published)
    }
}

statements! {
    // From the largest size downwards the primary key's index is walked until the first with enough lines.
    NEWEST = "SELECT c.note, s.line, w.vkey, (SELECT threshold FROM witness_policy WHERE id = 1) AS threshold
        FROM cosignature s JOIN ledger_checkpoint c ON c.size = s.size
            JOIN witness w ON w.id = s.witness_id
        WHERE w.ended_at IS NULL AND s.size = (
            SELECT t.size FROM cosignature t JOIN witness v ON v.id = t.witness_id WHERE v.ended_at IS NULL
            GROUP BY t.size HAVING COUNT(*) >= (SELECT threshold FROM witness_policy WHERE id = 1)
            ORDER BY t.size DESC LIMIT 1)
        ORDER BY w.added_at, w.id";
    OLDEST_FINAL = "SELECT c.note, s.line FROM cosignature s JOIN ledger_checkpoint c ON c.size = s.size
            JOIN witness w ON w.id = s.witness_id
        WHERE w.ended_at IS NULL AND s.size = (
            SELECT t.size FROM cosignature t JOIN witness v ON v.id = t.witness_id
            WHERE v.ended_at IS NULL AND t.size > $1
            GROUP BY t.size HAVING COUNT(*) >= (SELECT threshold FROM witness_policy WHERE id = 1)
            ORDER BY t.size LIMIT 1)
        ORDER BY w.added_at, w.id";
    OLDEST = "SELECT c.note, s.line FROM ledger_checkpoint c
        LEFT JOIN (cosignature s JOIN witness w ON w.id = s.witness_id AND w.ended_at IS NULL) ON s.size = c.size
        WHERE c.size = (SELECT MIN(size) FROM ledger_checkpoint WHERE size > $1) ORDER BY w.added_at, w.id";
}
