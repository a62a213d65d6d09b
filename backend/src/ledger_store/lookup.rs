//! From a digest to the entries that carry it. Everything found is on the public ledger already, so anybody may ask:
//! what a digest stands for is told only to those who may read the object itself.

use crate::{args, cx::Cx, error::Result, sql::statements};

/// Indices of the anchored entries with this hash: a leaf hash, or the SHA-256 or SM3 of a document or of the
/// manifest of a submission. Newest first, at most fifty.
///
/// # Errors
/// The database's.
pub async fn by_digest(cx: &Cx, digest: &[u8; 32]) -> Result<Vec<u64>> {
    let rows: Vec<(i64,)> = cx.db.read().all(BY_DIGEST, args![digest]).await?;
    Ok(rows.into_iter().filter_map(|(index,)| u64::try_from(index).ok()).collect())
}

statements! {
    BY_DIGEST = "SELECT leaf_index FROM outbox WHERE anchored_at IS NOT NULL AND seq IN (
            SELECT seq FROM outbox WHERE leaf_hash = $1
            UNION SELECT outbox_seq FROM document_version WHERE sha256 = $1
            UNION SELECT v.outbox_seq FROM document_version v JOIN blob b ON b.sha256 = v.sha256 WHERE b.sm3 = $1
            UNION SELECT outbox_seq FROM filing_version WHERE manifest_sha256 = $1
            UNION SELECT outbox_seq FROM filing_version WHERE manifest_sm3 = $1)
        ORDER BY leaf_index DESC LIMIT 50";
}
