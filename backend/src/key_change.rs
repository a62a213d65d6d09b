//! The log changes its key. [`begin`] puts the change, signed by both keys, on its way to the ledger; [`sign`] has every checkpoint
//! signed, and the first that contains the change by both keys; [`load`] reads the published list of all keys at the start.
//!
//! The list ([`ledger::log_keys`], object `ledger/keys`) is published before the checkpoint that it ends with is released: a process
//! that dies between the two signs the same bytes again. The ledger itself is what counts; the list is a proof of it, so that
//! nobody has to read the whole log to know whose signatures are good at which size.

use domain::id::OrgId;
use ledger::{EntryKind, checkpoint::Checkpoint, key_change::KeyChange, log_keys::LogKeys, proof::Proof};
use uuid::Uuid;

use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Error, Result},
    journal::{self, Record},
    ledger_store::LedgerStore,
    signer::{Asked, LogSigner},
    sql::statements,
};

/// The log itself, as a subject of events.
const SUBJECT_KIND: &str = "log";
const SUBJECT: Uuid = Uuid::nil();

/// A change that is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Now.
    Now(Box<KeyChange>),
    /// Before, and it was not finished: nothing was written.
    Before,
}

/// Makes the next key and writes the change into the outbox. The sequencer does the rest; repeating it begins no second change while
/// one is under way.
///
/// # Errors
/// When the instance has no exchange yet, whose act it is; the signer's and the database's.
pub async fn begin(cx: &Cx) -> Result<Begun> {
    let done = cx.ledger.keys().links().len();
    let number = i64::try_from(done).unwrap_or(i64::MAX).saturating_add(1);
    let reader = cx.db.read();
    let (begun,): (i64,) = reader.one(BEGUN, args![object()]).await?;
    if begun >= number {
        return Ok(Begun::Before);
    }
    let exchange: Option<(Uuid,)> = reader.maybe(EXCHANGE, args![]).await?;
    let (exchange,) = exchange.ok_or_else(|| {
        Error::internal(anyhow::anyhow!(
            "the instance has no exchange yet, which would answer for the change"
        ))
    })?;
    let change = cx.signer.prepare(u64::try_from(number).unwrap_or_default(), &cx.random).await?;
    if change.old() != cx.ledger.keys().current() {
        return Err(Error::internal(anyhow::anyhow!(
            "the signer's key {} is not the ledger's current key {}",
            change.old(),
            cx.ledger.keys().current()
        )));
    }
    let mut tx = cx.db.begin().await?;
    write(&mut tx, cx, &change, number, OrgId(exchange)).await?;
    cx.commit(tx).await?;
    Ok(Begun::Now(Box::new(change)))
}

async fn write(tx: &mut Tx, cx: &Cx, change: &KeyChange, number: i64, org: OrgId) -> Result<()> {
    let mut record = Record::new(EntryKind::KeyChange, "log.key_changed", SUBJECT_KIND, SUBJECT, number, org);
    record.refs = change.refs();
    record.detail =
        serde_json::json!({ "old": change.old().to_string(), "new": change.new_key().to_string() });
    journal::record(tx, cx, record).await?;
    Ok(())
}

/// Has the signer sign a checkpoint whose tiles are published, for the sequencer; where the tree changes the key, publishes the list
/// of keys with the change.
///
/// # Errors
/// The signer's refusal or absence; a signature that is not of the ledger's current key.
pub(crate) async fn sign(cx: &Cx, checkpoint: Checkpoint) -> Result<String> {
    let standing = cx.signer.standing().await?;
    let current = cx.ledger.verifier_key();
    // A folder with a key from before a change: what it would sign is nothing that anybody accepts.
    if standing.key != current && standing.next.as_ref() != Some(&current) {
        return Err(Error::internal(anyhow::anyhow!(
            "the signer's key {} is not the ledger's current key {current}: it needs the key that took over",
            standing.key
        )));
    }
    let (signed, size) = (standing.last.size, checkpoint.size);
    let extends = if signed <= size {
        cx.ledger.consistency_within(signed, size, size).await?
    } else {
        // The signer refuses; let it say so.
        Vec::new()
    };
    let change = if standing.next.is_some() { in_tree(cx, &checkpoint).await? } else { None };
    let asked = Asked { checkpoint, extends, change: change.clone() };
    let note = cx.signer.sign_as(asked).await?;
    match change {
        Some(proof) => publish(cx, Proof { checkpoint: note.clone(), ..proof }).await?,
        None => {
            let opened = cx.ledger.keys().open(&note, &[]);
            opened.map_err(|error| {
                Error::internal(anyhow::Error::new(error).context("what the signer signed"))
            })?;
        }
    }
    Ok(note)
}

/// The change that ends the current key's time, if it is in this tree; the proof's checkpoint has no signatures yet.
async fn in_tree(cx: &Cx, checkpoint: &Checkpoint) -> Result<Option<Proof>> {
    let from = cx.ledger.keys().terms().last().map_or(0, |term| term.from);
    let sizes = |size: u64| i64::try_from(size).map_err(Error::internal);
    let found: Option<(i64,)> =
        cx.db.read().maybe(IN_TREE, args![object(), sizes(from)?, sizes(checkpoint.size)?]).await?;
    let Some((index,)) = found else { return Ok(None) };
    let index = u64::try_from(index).map_err(Error::internal)?;
    // An unsigned note is no note: the body stands for it until both keys have signed.
    Ok(Some(cx.ledger.proof_in(index, checkpoint, checkpoint.to_string()).await?))
}

async fn publish(cx: &Cx, link: Proof) -> Result<()> {
    let keys = LogKeys::clone(&cx.ledger.keys()).with(link).map_err(Error::internal)?;
    let (old, new) = (cx.ledger.verifier_key(), keys.current().clone());
    cx.ledger.put_keys(keys).await?;
    cx.signer.follow(&new)?;
    tracing::warn!(%old, %new, "the log's key has changed");
    Ok(())
}

/// Reads the published list of keys into the store, and makes sure that the signer's key is one of them. For the start of a process.
///
/// # Errors
/// A list that does not hold, or is of another log's keys.
pub async fn load(ledger: &LedgerStore, signer: &LogSigner) -> Result<()> {
    ledger.load_keys().await?;
    let (keys, own) = (ledger.keys(), signer.verifier_key());
    if keys.term(&own).is_none() {
        return Err(Error::internal(anyhow::anyhow!(
            "ledger/keys does not name this instance's key {own}: key and ledger do not belong together"
        )));
    }
    signer.follow(keys.current())
}

/// The entries that changed the log's key as the outbox has them, with their leaf index, oldest first; one that waits is left out. For
/// `fsck`.
pub(crate) async fn recorded(cx: &Cx) -> Result<Vec<(u64, Vec<u8>)>> {
    let rows: Vec<(i64, Vec<u8>)> = cx.db.read().all(RECORDED, args![object()]).await?;
    Ok(rows.into_iter().filter_map(|(index, entry)| Some((u64::try_from(index).ok()?, entry))).collect())
}

fn object() -> String {
    format!("{SUBJECT_KIND}:{SUBJECT}")
}

statements! {
    BEGUN = "SELECT COUNT(*) FROM outbox WHERE object = $1";
    EXCHANGE = "SELECT id FROM organisation WHERE kind = 'exchange' ORDER BY created_at, id LIMIT 1";
    IN_TREE = "SELECT leaf_index FROM outbox WHERE object = $1 AND leaf_index >= $2 AND leaf_index < $3
        ORDER BY leaf_index LIMIT 1";
    RECORDED = "SELECT leaf_index, entry FROM outbox WHERE object = $1 AND leaf_index IS NOT NULL ORDER BY leaf_index";
}
