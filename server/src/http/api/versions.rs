//! Submitted versions of a filing and the receipts that prove them.

use backend::{
    Error,
    filing::{VersionView, version as read, workspace},
};
use domain::id::FilingId;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    answer::{self, Answer, List},
    caller::{Address, Caller},
    filing::present,
    problem::Failures,
    schema::{Digests, Document},
};

/// A submitted version: frozen, and never changed afterwards.
#[derive(Debug, Serialize, ToSchema)]
struct Version {
    /// Number of the version, from 1.
    #[schema(example = 1)]
    number: i64,
    /// Digests of its manifest (docs/LEDGER.md), as its ledger entry carries them.
    manifest: Digests,
    /// Documents it consists of.
    #[schema(example = 23)]
    documents: i64,
    /// When the submission's first byte arrived; microseconds since the epoch, UTC, the server's clock.
    received_at: i64,
    /// When it was carried out; microseconds since the epoch, UTC, the server's clock.
    submitted_at: i64,
    /// Name of the person who submitted it.
    submitted_by: String,
    /// Index of its ledger entry; absent while it waits for the ledger.
    leaf_index: Option<i64>,
    /// When a published checkpoint covered it, from then on there is a receipt; microseconds since the epoch, UTC.
    anchored_at: Option<i64>,
}

/// One version with its documents.
#[derive(Debug, Serialize, ToSchema)]
struct VersionDetail {
    #[serde(flatten)]
    version: Version,
    /// In the order of the slots, each in the version that was submitted.
    files: Vec<Document>,
}

impl From<VersionView> for Version {
    fn from(view: VersionView) -> Self {
        Self {
            number: view.number,
            manifest: Digests::new(view.manifest_sha256, view.manifest_sm3),
            documents: view.documents,
            received_at: view.received_at,
            submitted_at: view.submitted_at,
            submitted_by: view.submitted_by,
            leaf_index: view.leaf_index,
            anchored_at: view.anchored_at,
        }
    }
}

/// The submitted versions of a filing, oldest first.
///
/// Whoever may open the filing. A supervisor's reading is recorded (`supervision.filing`).
#[utoipa::path(get, path = "/filings/{filing}/versions", tag = "filings", params(("filing" = Uuid, Path, description = "Filing id.")),
    responses((status = 200, body = List<Version>), Failures))]
pub(super) async fn versions(caller: Caller, Address(id): Address<FilingId>) -> Answer {
    caller.noted("supervision.filing", Some(id.0)).await?;
    let found = workspace(&caller.cx, id).await?;
    answer::json(&caller.headers, &List::whole(found.versions.into_iter().map(Version::from).collect()))
}

/// One submitted version with the documents it consists of.
///
/// Whoever may open the filing. A supervisor's reading is recorded (`supervision.filing`).
#[utoipa::path(get, path = "/filings/{filing}/versions/{number}", tag = "filings",
    params(("filing" = Uuid, Path, description = "Filing id."), ("number" = i64, Path, description = "Number of the version, from 1.")),
    responses((status = 200, body = VersionDetail), Failures))]
pub(super) async fn version(caller: Caller, Address((id, number)): Address<(FilingId, i64)>) -> Answer {
    caller.noted("supervision.filing", Some(id.0)).await?;
    let found = read(&caller.cx, id, number).await?;
    let files = present(&found.slots);
    let version =
        found.versions.into_iter().find(|version| version.number == number).ok_or(Error::NotFound)?;
    answer::json(&caller.headers, &VersionDetail { version: version.into(), files })
}

/// The receipt of a version: the file that `guxin verify` reads offline (docs/LEDGER.md).
///
/// The same bytes as the page's receipt.json. 503 with `Retry-After` until the version is anchored. A supervisor's
/// reading is recorded (`supervision.receipt`).
#[utoipa::path(get, path = "/filings/{filing}/versions/{number}/receipt", tag = "filings",
    params(("filing" = Uuid, Path, description = "Filing id."), ("number" = i64, Path, description = "Number of the version, from 1.")),
    responses((status = 200, description = "The receipt file.", body = Object, content_type = "application/json"), Failures))]
pub(super) async fn receipt(caller: Caller, Address((id, number)): Address<(FilingId, i64)>) -> Answer {
    caller.noted("supervision.receipt", Some(id.0)).await?;
    let bytes = backend::receipt::file(&caller.cx, id, number).await?;
    Ok(answer::tagged(&caller.headers, bytes, "application/json"))
}
