//! Waiting for a submitted version's place in the ledger: what a receipt page does for the two seconds that it takes.

use std::time::Duration;

use domain::{access::action, id::FilingId};

use super::version::{BY_NUMBER, MadeRow};
use crate::{args, cx::Cx, error::Result, sequencer};

/// The leaf of a submitted version, as soon as the checkpoint that covers it is published; `None` when that did not
/// happen within `timeout`.
///
/// # Errors
/// [`crate::Error::NotFound`] for strangers and for versions that do not exist.
pub async fn anchored(cx: &Cx, id: FilingId, number: i64, timeout: Duration) -> Result<Option<u64>> {
    let reader = super::reader(cx)?;
    let row = super::find(reader, cx, id).await?;
    cx.permit::<action::ReadFiling>(&row.facts()?)?;
    let made: MadeRow = reader.one(BY_NUMBER, args![id, number]).await?;
    sequencer::await_anchored(cx, made.outbox_seq, timeout).await
}
