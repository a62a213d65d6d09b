//! The history of one document: its versions, and the submitted versions of the filing that contain each.

use domain::{
    access::action,
    id::{DocumentId, FilingId},
    media,
    rule_pack::SlotId,
    text::Text,
};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    args,
    cx::Cx,
    db::Reader,
    error::{Error, Result},
    filing,
    sql::statements,
};

/// A document with its history.
#[derive(Clone, Debug, Serialize)]
pub struct DocumentVersions {
    pub document: DocumentId,
    pub filing: FilingId,
    pub org_name: String,
    pub slot: String,
    pub slot_name: Text,
    pub removed_at: Option<i64>,
    /// Newest first.
    pub versions: Vec<DocumentVersionView>,
}

/// One version.
#[derive(Clone, Debug, Serialize)]
pub struct DocumentVersionView {
    pub number: i64,
    pub file_name: String,
    pub kind: Option<media::Kind>,
    pub media_type: String,
    pub size: u64,
    pub sha256: String,
    pub sm3: String,
    pub uploaded_by: String,
    pub uploaded_at: i64,
    pub received_at: i64,
    pub leaf_index: Option<i64>,
    pub anchored_at: Option<i64>,
    /// Numbers of the filing's submitted versions that contain it, oldest first.
    pub used_in: Vec<i64>,
}

/// Reads a document's history. Readers who are neither the enterprise nor engaged see submitted versions only.
///
/// # Errors
/// Not found for strangers and for documents that were never submitted.
pub async fn versions(cx: &Cx, document: DocumentId) -> Result<DocumentVersions> {
    read(cx, filing::reader(cx)?, document).await
}

pub(crate) async fn read(cx: &Cx, reader: &Reader, document: DocumentId) -> Result<DocumentVersions> {
    let (filing_id, slot, removed_at): (Uuid, String, Option<i64>) =
        reader.one(FIND, args![document]).await?;
    let row = filing::find(reader, cx, FilingId(filing_id)).await?;
    let facts = row.facts()?;
    let permit = cx.permit::<action::ReadFiling>(&facts)?;
    let insider = facts.owner == permit.actor().org || facts.engaged;
    let rows: Vec<VersionRow> = reader.all(VERSIONS, args![document]).await?;
    let mut versions: Vec<DocumentVersionView> = Vec::new();
    for row in rows {
        if let Some(last) = versions.last_mut().filter(|last| last.number == row.number) {
            last.used_in.extend(row.used_in);
        } else {
            versions.push(row.view());
        }
    }
    if !insider {
        versions.retain(|version| !version.used_in.is_empty());
        if versions.is_empty() {
            return Err(Error::NotFound);
        }
    }
    let named = |id: &SlotId| Text { zh: id.to_string(), en: id.to_string() };
    let slot_name = row
        .pack(cx)?
        .slot(&slot)
        .map(|slot| slot.name.clone())
        .or_else(|| SlotId::new(&slot).as_ref().map(named))
        .unwrap_or_default();
    Ok(DocumentVersions {
        document,
        filing: row.filing(),
        org_name: row.org_name,
        slot,
        slot_name,
        removed_at,
        versions,
    })
}

#[derive(sqlx::FromRow)]
struct VersionRow {
    number: i64,
    file_name: String,
    sha256: Vec<u8>,
    sm3: Vec<u8>,
    size: i64,
    media_type: String,
    uploaded_by: String,
    uploaded_at: i64,
    received_at: i64,
    leaf_index: Option<i64>,
    anchored_at: Option<i64>,
    used_in: Option<i64>,
}

impl VersionRow {
    fn view(self) -> DocumentVersionView {
        DocumentVersionView {
            number: self.number,
            file_name: self.file_name,
            kind: media::Kind::from_media_type(&self.media_type),
            media_type: self.media_type,
            size: u64::try_from(self.size).unwrap_or_default(),
            sha256: hex::encode(self.sha256),
            sm3: hex::encode(self.sm3),
            uploaded_by: self.uploaded_by,
            uploaded_at: self.uploaded_at,
            received_at: self.received_at,
            leaf_index: self.leaf_index,
            anchored_at: self.anchored_at,
            used_in: self.used_in.into_iter().collect(),
        }
    }
}

statements! {
    FIND = "SELECT filing_id, slot, removed_at FROM document WHERE id = $1";
    VERSIONS = "SELECT v.number, v.file_name, v.sha256, b.sm3, b.size, b.media_type,
            COALESCE(p.name, '') AS uploaded_by, v.uploaded_at, v.received_at, x.leaf_index, x.anchored_at,
            s.number AS used_in
        FROM document_version v JOIN blob b ON b.sha256 = v.sha256 JOIN outbox x ON x.seq = v.outbox_seq
        LEFT JOIN person p ON p.id = v.uploaded_by
        LEFT JOIN filing_version_document s ON s.document_id = v.document_id AND s.document_number = v.number
        WHERE v.document_id = $1 ORDER BY v.number DESC, s.number";
}
