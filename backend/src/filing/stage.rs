//! The enterprise's own steps before and beside submission: sending a filing to its firms, taking it back into
//! draft, withdrawing the application.

use domain::{
    access::{Action, action},
    id::FilingId,
    workflow::{Command, Event},
};
use ledger::EntryKind;

use crate::{cx::Cx, error::Result, filing, journal};

/// Asks the engaged firms to attest. Fields and documents can still be changed; a changed document asks for a new
/// attestation.
///
/// # Errors
/// Refused outside the draft.
pub async fn request_attestation(cx: &Cx, id: FilingId) -> Result<()> {
    step::<action::RequestAttestation>(cx, id, Command::RequestAttestation, EntryKind::Preparation).await
}

/// Takes the filing back from the firms. Attestations given so far stay valid while their documents stay.
///
/// # Errors
/// Refused unless it is with the firms.
pub async fn recall_attestation(cx: &Cx, id: FilingId) -> Result<()> {
    step::<action::RequestAttestation>(cx, id, Command::RecallAttestation, EntryKind::Preparation).await
}

/// Takes the application back for good; everything is kept.
///
/// # Errors
/// Refused once it is decided.
pub async fn withdraw(cx: &Cx, id: FilingId) -> Result<()> {
    step::<action::WithdrawFiling>(cx, id, Command::Withdraw, EntryKind::Withdrawal).await
}

async fn step<A: Action>(cx: &Cx, id: FilingId, command: Command, kind: EntryKind) -> Result<()> {
    let mut tx = cx.db.begin().await?;
    let mut filing = filing::lock(&mut tx, cx, id).await?;
    cx.permit::<A>(&filing.facts()?)?;
    let events = filing.advance(cx, command)?;
    filing.store(&mut tx).await?;
    for event in events.into_iter().map(Event::name) {
        let mut record = filing.record(kind, event);
        record.rule_pack = Some(filing.pack_hash()?);
        journal::record(&mut tx, cx, record).await?;
    }
    cx.commit(tx).await
}
