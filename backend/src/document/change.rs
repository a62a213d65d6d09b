//! Taking a document out of its slot and putting it back. Nothing is deleted: the version stays readable in the
//! submissions that contain it.

use domain::{
    access::action,
    id::{DocumentId, FilingId, OrgId},
};
use ledger::EntryKind;
use uuid::Uuid;

use super::{Addition, LIVE, LiveRow, supersede, unknown_slot};
use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Conflict, Error, Result},
    filing::{self, FilingRow},
    journal::{self, Record},
    sql::statements,
};

/// Takes a document out of its slot.
///
/// # Errors
/// A conflict when it is out already.
pub async fn remove(cx: &Cx, document: DocumentId) -> Result<()> {
    let mut tx = cx.db.begin().await?;
    let (row, found) = held(&mut tx, cx, document).await?;
    take_out(&mut tx, cx, &row, &found).await?;
    cx.commit(tx).await
}

/// Takes a document that the caller holds out of its slot.
pub(crate) async fn take_out(tx: &mut Tx, cx: &Cx, row: &FilingRow, found: &FoundRow) -> Result<()> {
    let user = cx.actor()?.user;
    tx.swap(REMOVE, args![cx.now(), user, found.id]).await?;
    written(tx, cx, row, found, "document_removed").await
}

/// Puts a removed document back.
///
/// # Errors
/// A conflict when it is in its slot; rejected when the slot is full or has the same content by now.
pub async fn restore(cx: &Cx, document: DocumentId) -> Result<()> {
    let mut tx = cx.db.begin().await?;
    let (row, found) = held(&mut tx, cx, document).await?;
    put_back(&mut tx, cx, &row, &found).await?;
    cx.commit(tx).await
}

/// Puts a removed document that the caller holds back.
pub(crate) async fn put_back(tx: &mut Tx, cx: &Cx, row: &FilingRow, found: &FoundRow) -> Result<()> {
    if found.removed_at.is_none() {
        return Err(Error::Conflict(Conflict::Stale));
    }
    let slot = row.pack(cx)?.slot(&found.slot).ok_or_else(unknown_slot)?;
    let live: Vec<LiveRow> = tx.all(LIVE, args![row.id]).await?;
    let size = u64::try_from(found.size).unwrap_or_default();
    let quota = cx.settings.filing_quota_bytes;
    Addition { slot, size, sha256: &found.sha256, replaces: None, quota }.check(&live)?;
    tx.swap(RESTORE, args![found.id]).await?;
    written(tx, cx, row, found, "document_restored").await
}

/// A document with its filing, taken for this transaction by somebody who may change it.
pub(crate) async fn held(tx: &mut Tx, cx: &Cx, document: DocumentId) -> Result<(FilingRow, FoundRow)> {
    let found: FoundRow = tx.one(FIND, args![document]).await?;
    let row = filing::lock(tx, cx, FilingId(found.filing_id)).await?;
    cx.permit::<action::EditFiling>(&row.facts()?)?;
    Ok((row, found))
}

async fn written(tx: &mut Tx, cx: &Cx, row: &FilingRow, found: &FoundRow, event: &str) -> Result<()> {
    let mut record =
        Record::new(EntryKind::Document, event, "document", found.id, found.latest, OrgId(row.org_id));
    // A document may be taken out and put back any number of times.
    record.idempotency_key = format!("document:{}:{event}:{}", found.id, row.version);
    record.digests.insert("sha-256".into(), hex::encode(&found.sha256));
    record.digests.insert("sm3".into(), hex::encode(&found.sm3));
    record.refs.insert("filing".into(), row.object());
    record.refs.insert("slot".into(), found.slot.clone());
    record.refs.insert("event".into(), event.to_owned());
    record.detail =
        serde_json::json!({ "slot": found.slot, "file_name": found.file_name, "number": found.latest });
    journal::record(tx, cx, record).await?;
    supersede(tx, FilingId(row.id), &found.slot, cx.now()).await?;
    Ok(())
}

/// A document in its newest version.
#[derive(sqlx::FromRow)]
pub(crate) struct FoundRow {
    pub(crate) id: Uuid,
    pub(crate) filing_id: Uuid,
    pub(crate) slot: String,
    pub(crate) latest: i64,
    pub(crate) removed_at: Option<i64>,
    pub(crate) file_name: String,
    pub(crate) sha256: Vec<u8>,
    pub(crate) sm3: Vec<u8>,
    pub(crate) size: i64,
}

statements! {
    FIND = "SELECT d.id, d.filing_id, d.slot, d.latest, d.removed_at, v.file_name, v.sha256, b.sm3, b.size
        FROM document d JOIN document_version v ON v.document_id = d.id AND v.number = d.latest
        JOIN blob b ON b.sha256 = v.sha256 WHERE d.id = $1";
    REMOVE = "UPDATE document SET removed_at = $1, removed_by = $2 WHERE id = $3 AND removed_at IS NULL";
    RESTORE = "UPDATE document SET removed_at = NULL, removed_by = NULL WHERE id = $1 AND removed_at IS NOT NULL";
}
