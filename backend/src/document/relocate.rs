//! Moving a document to another slot: it leaves the one and arrives in the other as a document of its own with the same
//! content, so that both slots' histories, and the ledger's, tell what happened. Called by the intake's corrections.

use domain::{file_name, id::DocumentId, media};
use ledger::Digests;
use time::OffsetDateTime;

use super::{
    DocumentAdded,
    change::{held, take_out},
    keep::Arrived,
    problem, unknown_slot,
};
use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Conflict, Error, Result},
    filing::bytes32,
    sql::statements,
};

/// Moves the newest version of a document; the caller commits.
///
/// # Errors
/// A conflict when it is out of its slot already; rejected when the other slot does not take its format, is full or has
/// the same content.
pub(crate) async fn relocate(
    tx: &mut Tx,
    cx: &Cx,
    document: DocumentId,
    slot: &str,
) -> Result<DocumentAdded> {
    let (row, found) = held(tx, cx, document).await?;
    if found.removed_at.is_some() || found.slot == slot {
        return Err(Error::Conflict(Conflict::Stale));
    }
    let slot = row.pack(cx)?.slot(slot).ok_or_else(unknown_slot)?;
    let name = file_name::normalise(&found.file_name);
    let kind = media::declared(&name.name, &slot.formats).map_err(|p| problem(&p))?;
    let size = u64::try_from(found.size).unwrap_or_default();
    if size > slot.max_bytes {
        return Err(problem(&media::Problem::TooLarge { max_bytes: slot.max_bytes }));
    }
    let (received_at,): (i64,) = tx.one(RECEIVED, args![document, found.latest]).await?;
    let received_at: OffsetDateTime = domain::moment::from_micros(received_at);
    take_out(tx, cx, &row, &found).await?;
    let digests = Digests { sha256: bytes32(&found.sha256)?, sm3: bytes32(&found.sm3)? };
    let arrived = Arrived { slot, name: &name, replaces: None, size, digests: &digests, kind, received_at };
    arrived.keep(cx, tx, &row).await
}

statements! {
    RECEIVED = "SELECT received_at FROM document_version WHERE document_id = $1 AND number = $2";
}
