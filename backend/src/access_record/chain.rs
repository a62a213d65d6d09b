//! The chain of access records: anchoring its head on the ledger, and checking it from the first record to the
//! last, against its own digests and against what the ledger says.

use domain::{id::OrgId, moment};
use ledger::{Entry, EntryKind};
use serde::Serialize;
use uuid::Uuid;

use super::{GENESIS, Link};
use crate::{
    args,
    cx::Cx,
    error::Result,
    journal::{self, Record},
    sql::statements,
};

/// Rows checked per query.
const BATCH: i64 = 1_000;

#[derive(sqlx::FromRow)]
struct Row {
    seq: i64,
    actor_id: Uuid,
    actor_name: String,
    org_id: Uuid,
    org_name: String,
    what: String,
    subject_id: Option<Uuid>,
    path: String,
    at: i64,
    digest: Vec<u8>,
    outbox_seq: Option<i64>,
    entry: Option<Vec<u8>>,
}

impl Row {
    fn digest_after(&self, prev: &[u8]) -> Result<[u8; 32]> {
        Link {
            v: 1,
            seq: self.seq,
            actor: self.actor_id,
            actor_name: &self.actor_name,
            org: self.org_id,
            org_name: &self.org_name,
            what: &self.what,
            subject: self.subject_id,
            path: &self.path,
            at: self.at,
            prev: hex::encode(prev),
        }
        .digest()
    }
}

/// Puts the chain's head on the ledger, if there are records it does not cover yet. A background job calls it;
/// answers the outbox row's number.
///
/// # Errors
/// The database's.
pub async fn anchor(cx: &Cx) -> Result<Option<i64>> {
    let mut tx = cx.db.begin().await?;
    let open: Open = tx.one(OPEN, args![]).await?;
    let (Some(first), Some(last)) = (open.first, open.last) else { return Ok(None) };
    let (digest,): (Vec<u8>,) = tx.one(DIGEST, args![last]).await?;
    // The exchange keeps the records; it answers for the entry.
    let exchange: Option<(Uuid,)> = tx.maybe(EXCHANGE, args![]).await?;
    let Some((exchange,)) = exchange else { return Ok(None) };
    let mut record =
        Record::new(EntryKind::AccessDigest, "access.anchored", "access", Uuid::nil(), last, OrgId(exchange));
    record.digests.insert("sha-256".into(), hex::encode(digest));
    record.refs.insert("first".into(), first.to_string());
    record.refs.insert("last".into(), last.to_string());
    record.detail = serde_json::json!({ "first": first, "last": last });
    let seq = journal::record(&mut tx, cx, record).await?;
    tx.run(MARK, args![seq, last]).await?;
    cx.commit(tx).await?;
    tracing::info!(first, last, at = moment::to_micros(cx.now()), "access records anchored");
    Ok(Some(seq))
}

#[derive(sqlx::FromRow)]
struct Open {
    first: Option<i64>,
    last: Option<i64>,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChainReport {
    /// Records looked at.
    pub records: i64,
    /// Ledger entries compared.
    pub anchors: i64,
    /// The first thing that is wrong.
    pub broken: Option<Broken>,
}

/// The first record that is not as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Broken {
    /// This number is missing.
    Missing { seq: i64 },
    /// This record, or the digest beside it, was changed.
    Changed { seq: i64 },
    /// The ledger holds another digest at this record.
    Anchor { seq: i64 },
    /// Records at the end are missing, or the head was changed.
    Head { seq: i64 },
}

/// Checks the chain from its beginning.
///
/// # Errors
/// Only when it could not be checked; what is wrong is in the report.
pub async fn verify_chain(cx: &Cx) -> Result<ChainReport> {
    walk(cx, &mut |_, _| {}).await
}

/// As [`verify_chain`]; `progress` is told how many records were checked, and of how many.
pub(crate) async fn walk(cx: &Cx, progress: &mut (dyn FnMut(u64, u64) + Send)) -> Result<ChainReport> {
    let mut report = ChainReport { records: 0, anchors: 0, broken: None };
    // The head is read first: records that come in meanwhile are beyond it and not asked for.
    let (head_seq, head): (i64, Vec<u8>) = cx.db.read().one(CHAIN, args![]).await?;
    let (mut seq, mut prev) = (0, GENESIS.0.to_vec());
    loop {
        let rows: Vec<Row> = cx.db.read().all(AFTER, args![seq, head_seq, BATCH]).await?;
        if rows.is_empty() {
            break;
        }
        progress(
            u64::try_from(report.records).unwrap_or_default(),
            u64::try_from(head_seq).unwrap_or_default(),
        );
        for (index, row) in rows.iter().enumerate() {
            if row.seq != seq + 1 {
                report.broken = Some(Broken::Missing { seq: seq + 1 });
                return Ok(report);
            }
            seq = row.seq;
            let digest = row.digest_after(&prev)?;
            if digest[..] != row.digest[..] {
                report.broken = Some(Broken::Changed { seq });
                return Ok(report);
            }
            report.records += 1;
            // The last record of an anchored batch is the one whose digest the ledger holds.
            let ends_batch = rows.get(index + 1).is_none_or(|next| next.outbox_seq != row.outbox_seq);
            if let (Some(entry), true) = (&row.entry, ends_batch) {
                // An entry that is none holds no digest of this record: a finding like another digest, not a failed check.
                let Ok(entry) = Entry::parse(entry) else {
                    report.broken = Some(Broken::Anchor { seq });
                    return Ok(report);
                };
                let of_this = entry.refs.as_ref().and_then(|refs| refs.get("last")) == Some(&seq.to_string());
                // A batch may go on in the next page of rows: then this is not its last record.
                let goes_on = index + 1 == rows.len() && !of_this && seq < head_seq;
                if !goes_on {
                    let same = entry.digests.get("sha-256") == Some(&hex::encode(digest));
                    if !of_this || !same {
                        report.broken = Some(Broken::Anchor { seq });
                        return Ok(report);
                    }
                    report.anchors += 1;
                }
            }
            prev = digest.to_vec();
        }
    }
    progress(u64::try_from(report.records).unwrap_or_default(), u64::try_from(head_seq).unwrap_or_default());
    if seq != head_seq || prev != head {
        report.broken = Some(Broken::Head { seq });
    }
    Ok(report)
}

statements! {
    OPEN = "SELECT MIN(seq) AS first, MAX(seq) AS last FROM access_record WHERE outbox_seq IS NULL";
    DIGEST = "SELECT digest FROM access_record WHERE seq = $1";
    EXCHANGE = "SELECT id FROM organisation WHERE kind = 'exchange' ORDER BY created_at, id LIMIT 1";
    MARK = "UPDATE access_record SET outbox_seq = $1 WHERE outbox_seq IS NULL AND seq <= $2";
    CHAIN = "SELECT seq, digest FROM access_chain WHERE id = 1";
    AFTER = "SELECT a.seq, a.actor_id, a.actor_name, a.org_id, a.org_name, a.what, a.subject_id, a.path, a.at, a.digest,
            a.outbox_seq, o.entry
        FROM access_record a LEFT JOIN outbox o ON o.seq = a.outbox_seq
        WHERE a.seq > $1 AND a.seq <= $2 ORDER BY a.seq LIMIT $3";
}
