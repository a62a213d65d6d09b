//! What happened: one call writes the ledger entry into the outbox and the private event beside it, inside the
//! transaction that changes the state (one transaction per command). The sequencer takes it from there.

use std::collections::BTreeMap;

use domain::{id::OrgId, moment};
use ledger::{Entry, EntryKind, HashRef, Timestamp, merkle};
use uuid::Uuid;

use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Error, Result},
    sql::statements,
};

/// One event to write down.
#[derive(Debug)]
pub struct Record<'a> {
    /// One key, at most one ledger entry: a repeated command with the same key is a [`crate::error::Conflict::Taken`].
    pub idempotency_key: String,
    pub kind: EntryKind,
    /// What it happened to: `filing`, `organisation`, `document`, `attestation`, `rule_pack`, `access`.
    pub subject_kind: &'static str,
    pub subject: Uuid,
    /// The subject's version after the event.
    pub version: i64,
    /// The organisation whose record this belongs to (the enterprise of a filing, say).
    pub org: OrgId,
    /// Name of the event for people, a key of the locale files below `event.`.
    pub event: &'a str,
    /// Digests with their algorithm's name. Never a bare hash of anything guessable: use [`commitment`].
    pub digests: BTreeMap<String, String>,
    /// Further references on the ledger: pseudonymous, no names.
    pub refs: BTreeMap<String, String>,
    /// SHA-256 of the rule pack that applied.
    pub rule_pack: Option<[u8; 32]>,
    /// Private detail for the timeline; stays in the database.
    pub detail: serde_json::Value,
}

impl<'a> Record<'a> {
    /// An event without digests or details.
    #[must_use]
    pub fn new(
        kind: EntryKind,
        event: &'a str,
        subject_kind: &'static str,
        subject: Uuid,
        version: i64,
        org: OrgId,
    ) -> Self {
        Self {
            idempotency_key: format!("{subject_kind}:{subject}:{event}:{version}"),
            kind,
            subject_kind,
            subject,
            version,
            org,
            event,
            digests: BTreeMap::new(),
            refs: BTreeMap::new(),
            rule_pack: None,
            detail: serde_json::Value::Null,
        }
    }
}

/// A salted commitment to something that could be guessed (a credit code, an opinion): SHA-256 over the salt, a
/// zero byte and the text. Without the salt it says nothing.
#[must_use]
pub fn commitment(salt: &[u8], text: &str) -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    hash.update(salt);
    hash.update([0]);
    hash.update(text.as_bytes());
    hex::encode(hash.finalize())
}

/// Writes the entry and the event; answers the outbox row's number.
///
/// # Errors
/// [`crate::error::Conflict::Taken`] when the idempotency key was used before.
pub async fn record(tx: &mut Tx, cx: &Cx, record: Record<'_>) -> Result<i64> {
    let now = cx.now();
    let object = format!("{}:{}", record.subject_kind, record.subject);
    let acting = cx.maybe_actor().map_or(record.org, |actor| actor.org);
    let (ledger_name, previous): (String, Option<Vec<u8>>) =
        tx.one(BEFORE, args![acting, object.as_str()]).await?;

    let time = Timestamp::from_unix_micros(moment::to_micros(now)).map_err(Error::internal)?;
    let version = u64::try_from(record.version).unwrap_or_default();
    let mut entry = Entry::new(record.kind, time, &ledger_name, &object, version);
    entry.digests = record.digests;
    entry.refs = (!record.refs.is_empty()).then_some(record.refs);
    entry.rule_pack = record.rule_pack.map(HashRef);
    entry.prev = previous.and_then(|hash| hash.try_into().ok()).map(HashRef);
    let bytes = entry.to_bytes().map_err(Error::internal)?;
    let leaf = merkle::leaf_hash(&bytes);

    let (seq,): (i64,) =
        tx.one(APPEND, args![record.idempotency_key, object, record.event, bytes, leaf.0, now]).await?;
    let (actor_id, actor_name, actor_org) = match cx.maybe_actor() {
        Some(actor) => (Some(actor.user), actor.name.clone(), actor.org_name.clone()),
        None => (None, String::new(), String::new()),
    };
    tx.run(
        EVENT,
        args![
            seq,
            record.subject_kind,
            record.subject,
            record.org,
            record.event,
            actor_id,
            actor_name,
            actor_org,
            now,
            record.detail.to_string()
        ],
    )
    .await?;
    Ok(seq)
}

/// One line of an object's timeline.
#[derive(Clone, Debug, serde::Serialize, sqlx::FromRow)]
pub struct EventRow {
    pub seq: i64,
    pub subject_kind: String,
    pub subject_id: Uuid,
    pub org_id: Uuid,
    pub kind: String,
    pub actor_name: String,
    pub actor_org: String,
    /// Microseconds since the epoch, UTC.
    pub at: i64,
    /// JSON.
    pub detail: String,
    /// The ledger leaf, once sequenced.
    pub leaf_index: Option<i64>,
    /// Set once the checkpoint that covers it is public.
    pub anchored_at: Option<i64>,
}

statements! {
    BEFORE = "SELECT ledger_name, (SELECT leaf_hash FROM outbox WHERE object = $2 ORDER BY seq DESC LIMIT 1) AS previous
        FROM organisation WHERE id = $1";
    APPEND = "INSERT INTO outbox (idempotency_key, object, kind, entry, leaf_hash, created_at)
        VALUES ($1, $2, $3, $4, $5, $6) RETURNING seq";
    EVENT = "INSERT INTO event (outbox_seq, subject_kind, subject_id, org_id, kind, actor_id, actor_name, actor_org, at, detail)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    /// Timeline of one subject, oldest first: bind subject id.
    pub OF_SUBJECT = "SELECT e.seq, e.subject_kind, e.subject_id, e.org_id, e.kind, e.actor_name, e.actor_org, e.at, e.detail,
            o.leaf_index, o.anchored_at
        FROM event e JOIN outbox o ON o.seq = e.outbox_seq WHERE e.subject_id = $1 ORDER BY e.seq";
    /// Newest events of one organisation's record: bind organisation, limit.
    pub OF_ORG = "SELECT e.seq, e.subject_kind, e.subject_id, e.org_id, e.kind, e.actor_name, e.actor_org, e.at, e.detail,
            o.leaf_index, o.anchored_at
        FROM event e JOIN outbox o ON o.seq = e.outbox_seq WHERE e.org_id = $1 ORDER BY e.seq DESC LIMIT $2";
}
