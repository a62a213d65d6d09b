//! One document: its history, and the bytes of a version.

use axum::response::IntoResponse;
use backend::document::{DocumentVersionView, DocumentVersions, versions};
use domain::id::DocumentId;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    answer::{self, Answer},
    caller::{Address, Caller},
    problem::Failures,
    schema::{Digests, Text, content as address},
};
use crate::http::download::served;

/// A document with its versions.
#[derive(Debug, Serialize, ToSchema)]
struct DocumentHistory {
    /// Document id.
    id: Uuid,
    /// Filing id.
    filing: Uuid,
    /// The enterprise's name.
    enterprise_name: String,
    /// Slot id in the rule pack.
    #[schema(example = "audit_report")]
    slot: String,
    slot_name: Text,
    /// When it was taken out of its slot; microseconds since the epoch, UTC.
    removed_at: Option<i64>,
    /// Newest first; for those outside the filing only submitted ones.
    versions: Vec<DocumentVersion>,
}

/// One version of a document.
#[derive(Debug, Serialize, ToSchema)]
struct DocumentVersion {
    /// Number, from 1.
    #[schema(example = 2)]
    number: i64,
    /// Name of the file, made safe at upload.
    #[schema(example = "2025年度审计报告.pdf")]
    file_name: String,
    /// Media type found by looking into the file.
    #[schema(example = "application/pdf")]
    media_type: String,
    /// Size in bytes.
    #[schema(example = 482_113)]
    size: u64,
    digests: Digests,
    /// Name of the person who uploaded it.
    uploaded_by: String,
    /// When the upload was complete; microseconds since the epoch, UTC, the server's clock.
    uploaded_at: i64,
    /// When its first byte arrived; microseconds since the epoch, UTC, the server's clock.
    received_at: i64,
    /// Index of its ledger entry; absent while it waits for the ledger.
    leaf_index: Option<i64>,
    /// When a published checkpoint covered it; microseconds since the epoch, UTC.
    anchored_at: Option<i64>,
    /// Submitted versions of the filing that contain it, oldest first.
    #[schema(example = json!([1, 2]))]
    used_in: Vec<i64>,
    /// Where its bytes are, on this host.
    content: String,
}

impl From<DocumentVersions> for DocumentHistory {
    fn from(found: DocumentVersions) -> Self {
        let id = found.document.0;
        Self {
            id,
            filing: found.filing.0,
            enterprise_name: found.org_name,
            slot: found.slot,
            slot_name: found.slot_name.into(),
            removed_at: found.removed_at,
            versions: found.versions.into_iter().map(|version| DocumentVersion::new(id, version)).collect(),
        }
    }
}

impl DocumentVersion {
    fn new(document: Uuid, view: DocumentVersionView) -> Self {
        Self {
            number: view.number,
            file_name: view.file_name,
            media_type: view.media_type,
            size: view.size,
            digests: Digests::new(view.sha256, view.sm3),
            uploaded_by: view.uploaded_by,
            uploaded_at: view.uploaded_at,
            received_at: view.received_at,
            leaf_index: view.leaf_index,
            anchored_at: view.anchored_at,
            used_in: view.used_in,
            content: address(document, view.number),
        }
    }
}

/// A document's versions with their digests.
///
/// Whoever may open its filing. A supervisor's reading is recorded (`supervision.document`).
#[utoipa::path(get, path = "/documents/{document}", tag = "documents", params(("document" = Uuid, Path, description = "Document id.")),
    responses((status = 200, body = DocumentHistory), Failures))]
pub(super) async fn document(caller: Caller, Address(id): Address<DocumentId>) -> Answer {
    caller.noted("supervision.document", Some(id.0)).await?;
    let found = versions(&caller.cx, id).await?;
    answer::json(&caller.headers, &DocumentHistory::from(found))
}

/// The bytes of one version, re-hashed on their way out: a damaged object is cut off before its end.
///
/// Whoever may open its filing. A supervisor's reading is recorded (`supervision.download`).
#[utoipa::path(get, path = "/documents/{document}/versions/{number}/content", tag = "documents",
    params(("document" = Uuid, Path, description = "Document id."), ("number" = i64, Path, description = "Version of the document, from 1.")),
    responses((status = 200, description = "The document, as an attachment.", body = Vec<u8>, content_type = "application/octet-stream"), Failures))]
pub(super) async fn content(caller: Caller, Address((id, number)): Address<(DocumentId, i64)>) -> Answer {
    caller.noted("supervision.download", Some(id.0)).await?;
    let download = backend::document::download(&caller.cx, id, number).await?;
    let tag = format!("W/\"sha-256:{}\"", download.sha256);
    if answer::has(&caller.headers, &tag) {
        return Ok(answer::unchanged(&tag));
    }
    let mut response = served(download).into_response();
    answer::mark(response.headers_mut(), &tag);
    Ok(response)
}
