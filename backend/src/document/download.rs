//! Giving a document out. The bytes are hashed again while they stream: the last block is held back until the whole
//! matches what the ledger has, so a tampered object is cut off, never delivered complete.

use std::fmt::Write as _;

use bytes::Bytes;
use domain::{
    access::action,
    id::{DocumentId, FilingId},
    media,
};
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    args,
    cx::Cx,
    error::{Error, Result},
    filing::{self, FilingRow},
    objects::Objects,
    sql::statements,
};

/// A document on its way out, with what the response's headers need. The caller adds `nosniff` and
/// `Content-Security-Policy: sandbox`.
pub struct Download {
    pub filing: FilingId,
    pub file_name: String,
    /// From the allow-list of [`media::Kind`], never what the uploader said.
    pub media_type: &'static str,
    pub size: u64,
    /// Lower-case hexadecimal; also a strong `ETag`.
    pub sha256: String,
    /// `Content-Disposition` (RFC 6266): always an attachment.
    pub disposition: String,
    /// Ends with an error when the stored bytes are not the document.
    pub body: BoxStream<'static, Result<Bytes>>,
}

/// Opens one version of a document.
///
/// # Errors
/// Not found for strangers, and for versions that were never submitted when the reader is neither the enterprise
/// nor engaged; internal when the object is gone or has another length.
pub async fn download(cx: &Cx, document: DocumentId, number: i64) -> Result<Download> {
    let Version { row, file_name, sha256: expected, size, kind } = version(cx, document, number).await?;
    let (stored, bytes) =
        cx.objects.stream(&Objects::blob_key(&expected)).await.map_err(|error| match error {
            // The row exists: a missing object is our failure, not a wrong address.
            Error::NotFound => damaged(&expected, "missing"),
            other => other,
        })?;
    if stored != size {
        return Err(damaged(&expected, "length"));
    }
    Ok(Download {
        filing: row.filing(),
        disposition: disposition(&file_name),
        file_name,
        media_type: kind.media_type(),
        size,
        sha256: hex::encode(expected),
        body: checked(bytes, expected),
    })
}

/// One version of a document, for somebody who may read it.
pub(crate) struct Version {
    pub(crate) row: FilingRow,
    pub(crate) file_name: String,
    pub(crate) sha256: [u8; 32],
    pub(crate) size: u64,
    pub(crate) kind: media::Kind,
}

/// Finds a version that the actor may read; the bytes are not looked at.
///
/// # Errors
/// Not found as [`download`] says.
pub(crate) async fn version(cx: &Cx, document: DocumentId, number: i64) -> Result<Version> {
    let reader = filing::reader(cx)?;
    let found: FoundRow = reader.one(FIND, args![document, number]).await?;
    let row = filing::find(reader, cx, FilingId(found.filing_id)).await?;
    let facts = row.facts()?;
    let permit = cx.permit::<action::ReadFiling>(&facts)?;
    let insider = facts.owner == permit.actor().org || facts.engaged;
    if !insider && found.submitted == 0 {
        return Err(Error::NotFound);
    }
    let kind = media::Kind::from_media_type(&found.media_type)
        .ok_or_else(|| Error::internal(anyhow::anyhow!("document {document} has no accepted media type")))?;
    Ok(Version {
        row,
        file_name: found.file_name,
        sha256: filing::bytes32(&found.sha256)?,
        size: u64::try_from(found.size).map_err(Error::internal)?,
        kind,
    })
}

/// Passes bytes on, always one block behind, and fails instead of giving out the last one when the hash differs.
pub(crate) fn checked(
    bytes: BoxStream<'static, Result<Bytes>>,
    expected: [u8; 32],
) -> BoxStream<'static, Result<Bytes>> {
    let state = Some((bytes, Sha256::new(), None::<Bytes>));
    stream::unfold(state, move |state| async move {
        let (mut bytes, mut hash, mut held) = state?;
        loop {
            match bytes.next().await {
                Some(Ok(block)) => {
                    hash.update(&block);
                    if let Some(ready) = held.replace(block) {
                        return Some((Ok(ready), Some((bytes, hash, held))));
                    }
                }
                Some(Err(error)) => return Some((Err(error), None)),
                None if hash.finalize().as_slice() == expected.as_slice() => {
                    return held.map(|last| (Ok(last), None));
                }
                None => return Some((Err(damaged(&expected, "content")), None)),
            }
        }
    })
    // Compression asks once more after the end, which a bare `unfold` answers with a panic.
    .fuse()
    .boxed()
}

fn damaged(sha256: &[u8; 32], what: &'static str) -> Error {
    let blob = hex::encode(sha256);
    tracing::error!(blob, what, "a stored document is not what the ledger says");
    metrics::counter!("guxin_documents_damaged_total", "what" => what).increment(1);
    Error::internal(anyhow::anyhow!("blob {blob}: {what} differs"))
}

/// `attachment` with an ASCII fallback and the real name in UTF-8.
#[must_use]
pub fn disposition(file_name: &str) -> String {
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%' | ';') || c == ' ';
    let ascii: String = file_name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    let mut out = format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''");
    for byte in file_name.bytes() {
        // attr-char of RFC 8187.
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[derive(sqlx::FromRow)]
struct FoundRow {
    filing_id: Uuid,
    file_name: String,
    sha256: Vec<u8>,
    size: i64,
    media_type: String,
    submitted: i64,
}

statements! {
    FIND = "SELECT d.filing_id, v.file_name, v.sha256, b.size, b.media_type,
            (SELECT COUNT(*) FROM filing_version_document s
                WHERE s.document_id = v.document_id AND s.document_number = v.number) AS submitted
        FROM document d JOIN document_version v ON v.document_id = d.id JOIN blob b ON b.sha256 = v.sha256
        WHERE d.id = $1 AND v.number = $2";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_that_has_ended_may_be_asked_again() {
        let blocks = stream::iter([Ok(Bytes::from_static(b"a")), Ok(Bytes::from_static(b"b"))]).boxed();
        let mut body = checked(blocks, Sha256::digest(b"ab").into());
        let mut whole = Vec::new();
        while let Some(block) = body.next().await {
            whole.extend_from_slice(&block.expect("the right bytes"));
        }
        assert_eq!(whole, b"ab");
        assert!(body.next().await.is_none());
    }

    #[test]
    fn names_are_quoted_for_old_and_new_browsers() {
        assert_eq!(disposition("a b.pdf"), "attachment; filename=\"a b.pdf\"; filename*=UTF-8''a%20b.pdf");
        assert_eq!(
            disposition("审计\"报告.pdf"),
            "attachment; filename=\"_____.pdf\"; filename*=UTF-8''%E5%AE%A1%E8%AE%A1%22%E6%8A%A5%E5%91%8A.pdf"
        );
    }
}
