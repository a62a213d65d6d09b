//! A firm's own attestations over all filings, newest first. Those of one filing are part of its workspace.

use domain::{
    id::{AttestationId, FilingId},
    text::Text,
};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    args,
    cx::Cx,
    error::Result,
    page::{Page, Paging},
    sql::statements,
};

/// An attestation in the firm's list.
#[derive(Clone, Debug, Serialize)]
pub struct AttestationListRow {
    pub id: AttestationId,
    pub filing: FilingId,
    pub org_name: String,
    pub slot: String,
    pub slot_name: Text,
    /// `attest` or `decline`.
    pub decision: String,
    pub reason: String,
    pub signer_name: String,
    pub signed_at: i64,
    pub superseded_at: Option<i64>,
    pub leaf_index: Option<i64>,
}

/// What the actor's firm signed. Two queries.
///
/// # Errors
/// Only when nobody is signed in: other organisations have signed nothing.
pub async fn list(cx: &Cx, paging: Paging) -> Result<Page<AttestationListRow>> {
    let firm = cx.actor()?.org;
    let rows: Vec<ListRow> = cx.db.read().all(LIST, args![firm, paging.limit(), paging.offset()]).await?;
    let (total,): (i64,) = cx.db.read().one(TOTAL, args![firm]).await?;
    let rows = rows
        .into_iter()
        .map(|row| {
            let pack = cx.pack(&row.pack_id, &row.pack_version)?;
            Ok(AttestationListRow {
                id: AttestationId(row.id),
                filing: FilingId(row.filing_id),
                slot_name: pack.slot(&row.slot).map(|slot| slot.name.clone()).unwrap_or_default(),
                org_name: row.org_name,
                slot: row.slot,
                decision: row.decision,
                reason: row.reason,
                signer_name: row.signer_name,
                signed_at: row.signed_at,
                superseded_at: row.superseded_at,
                leaf_index: row.leaf_index,
            })
        })
        .collect::<Result<_>>()?;
    Ok(Page::new(rows, total, paging))
}

#[derive(sqlx::FromRow)]
struct ListRow {
    id: Uuid,
    filing_id: Uuid,
    org_name: String,
    pack_id: String,
    pack_version: String,
    slot: String,
    decision: String,
    reason: String,
    signer_name: String,
    signed_at: i64,
    superseded_at: Option<i64>,
    leaf_index: Option<i64>,
}

statements! {
    LIST = "SELECT a.id, a.filing_id, o.name AS org_name, f.pack_id, f.pack_version, a.slot, a.decision, a.reason,
            COALESCE(p.name, '') AS signer_name, a.signed_at, a.superseded_at, x.leaf_index
        FROM attestation a JOIN filing f ON f.id = a.filing_id JOIN organisation o ON o.id = f.org_id
        LEFT JOIN person p ON p.id = a.signer_id JOIN outbox x ON x.seq = a.outbox_seq
        WHERE a.firm_id = $1 ORDER BY a.signed_at DESC, a.outbox_seq DESC LIMIT $2 OFFSET $3";
    TOTAL = "SELECT COUNT(*) FROM attestation WHERE firm_id = $1";
}
