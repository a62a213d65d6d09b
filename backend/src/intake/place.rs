//! Putting a file into a slot, moving it, putting it aside and back: by the rules when there is no doubt, else by a person,
//! who can take each step back. A person's choice is remembered for the organisation's next files.

use domain::{
    access::action,
    file_name,
    finding::Held,
    id::{DocumentId, IntakeId},
    intake::State,
    media,
    text::Text,
};

use super::{Before, Change, FileRow, Verdict, arrival::digests_of, correction, held};
use crate::{
    args,
    cx::Cx,
    db::Tx,
    document::{change, keep::Arrived, problem, relocate::relocate as move_document, unknown_slot},
    error::{Conflict, Error, Result},
    filing::{self, FilingRow},
    sql::statements,
};

/// Puts a file where a person says: out of the list of questions, from aside, or from another slot.
///
/// # Errors
/// Rejected when the slot does not take it; a conflict when it is not here to be placed.
pub async fn place(cx: &Cx, file: IntakeId, slot: &str) -> Result<()> {
    let mut tx = cx.db.begin().await?;
    let (row, file) = held(&mut tx, cx, file).await?;
    match file.state()? {
        State::Placed => {
            let document = file.document_id.ok_or(Error::Conflict(Conflict::Stale))?;
            move_to(&mut tx, cx, &row, DocumentId(document), Some(file), slot).await?;
        }
        State::Unsure | State::SetAside if file.sm3.is_some() => {
            let mut verdict = file.verdict()?;
            verdict.problem = None;
            verdict.held = None;
            verdict.by_hand = true;
            verdict.before = Some(Before { state: file.state()?, slot: file.slot.clone() });
            correction::remember(&mut tx, cx, &row, &file.file_name, slot, cx.actor()?.user).await?;
            write(&mut tx, cx, &row, file, slot, 100, verdict).await?;
        }
        _ => return Err(Error::Conflict(Conflict::Stale)),
    }
    cx.commit(tx).await?;
    cx.intake_bell.notify_one();
    Ok(())
}

/// Moves a document to another slot, whether it came through the intake or was uploaded into its slot.
///
/// # Errors
/// As [`place`].
pub async fn relocate(cx: &Cx, document: DocumentId, slot: &str) -> Result<()> {
    let mut tx = cx.db.begin().await?;
    let (row, _) = change::held(&mut tx, cx, document).await?;
    let file: Option<FileRow> = tx.maybe(OF_DOCUMENT, args![document]).await?;
    move_to(&mut tx, cx, &row, document, file, slot).await?;
    cx.commit(tx).await?;
    cx.intake_bell.notify_one();
    Ok(())
}

async fn move_to(
    tx: &mut Tx,
    cx: &Cx,
    row: &FilingRow,
    document: DocumentId,
    file: Option<FileRow>,
    slot: &str,
) -> Result<()> {
    let moved = move_document(tx, cx, document, slot).await?;
    correction::remember(tx, cx, row, &moved.file_name, slot, cx.actor()?.user).await?;
    let Some(mut file) = file else { return Ok(()) };
    let mut verdict = file.verdict()?;
    verdict.problem = None;
    verdict.by_hand = true;
    verdict.before = Some(Before { state: State::Placed, slot: file.slot.clone() });
    let change = Change {
        state: State::Placed,
        slot,
        document: Some(moved.document),
        confidence: 100,
        verdict: &verdict,
    };
    file.store(tx, cx, change).await
}

/// Puts a file aside: nothing is lost, it can be put back.
///
/// # Errors
/// A conflict when it is aside already or still on its way.
pub async fn set_aside(cx: &Cx, file: IntakeId) -> Result<()> {
    let mut tx = cx.db.begin().await?;
    let (row, file) = held(&mut tx, cx, file).await?;
    let state = file.state()?;
    if state.is_working() || matches!(state, State::SetAside | State::Unpacked) {
        return Err(Error::Conflict(Conflict::Stale));
    }
    let verdict = Verdict { by_hand: true, ..file.verdict()? };
    out(&mut tx, cx, &row, file, verdict).await?;
    cx.commit(tx).await
}

/// Puts a file aside because of the other files of its folder. A person can put it back, and then it stays.
pub(super) async fn lay_aside(cx: &Cx, file: FileRow, held: Held, problem: Text) -> Result<()> {
    let mut tx = cx.db.begin().await?;
    let row = filing::lock(&mut tx, cx, file.filing()).await?;
    cx.permit::<action::EditFiling>(&row.facts()?)?;
    let verdict = Verdict { problem: Some(problem), held: Some(held), ..file.verdict()? };
    out(&mut tx, cx, &row, file, verdict).await?;
    cx.commit(tx).await
}

/// Out of its slot, if it lies in one, with what is needed to go back.
async fn out(tx: &mut Tx, cx: &Cx, row: &FilingRow, mut file: FileRow, mut verdict: Verdict) -> Result<()> {
    let state = file.state()?;
    if let (State::Placed, Some(document)) = (state, file.document_id) {
        let (_, found) = change::held(tx, cx, DocumentId(document)).await?;
        if found.removed_at.is_none() {
            change::take_out(tx, cx, row, &found).await?;
        }
    }
    verdict.before = Some(Before { state, slot: file.slot.clone() });
    let (slot, document) = (file.slot.clone(), file.document_id.map(DocumentId));
    let change = Change { state: State::SetAside, slot: &slot, document, confidence: 0, verdict: &verdict };
    file.store(tx, cx, change).await
}

/// Puts a file back where it was before it was put aside.
///
/// # Errors
/// A conflict when it is not aside; rejected when its slot is full by now.
pub async fn put_back(cx: &Cx, file: IntakeId) -> Result<()> {
    let mut tx = cx.db.begin().await?;
    let (row, file) = held(&mut tx, cx, file).await?;
    if file.state()? != State::SetAside {
        return Err(Error::Conflict(Conflict::Stale));
    }
    back(&mut tx, cx, &row, file).await?;
    cx.commit(tx).await
}

/// Takes the last step back.
///
/// # Errors
/// A conflict when there is none; rejected when the slot it came from is full by now.
pub async fn undo(cx: &Cx, file: IntakeId) -> Result<()> {
    let mut tx = cx.db.begin().await?;
    let (row, file) = held(&mut tx, cx, file).await?;
    back(&mut tx, cx, &row, file).await?;
    cx.commit(tx).await
}

async fn back(tx: &mut Tx, cx: &Cx, row: &FilingRow, mut file: FileRow) -> Result<()> {
    let mut verdict = file.verdict()?;
    let state = file.state()?;
    let document = file.document_id.map(DocumentId);
    let before = match (verdict.before.take(), state) {
        (Some(before), _) => before,
        // Put aside by a rule: a person looks at it.
        (None, State::SetAside) if file.sm3.is_some() => Before { state: State::Unsure, slot: String::new() },
        (None, _) => return Err(Error::Conflict(Conflict::Stale)),
    };
    verdict.by_hand = true;
    if let Some(Held::Aside { .. } | Held::Ignored) = verdict.held {
        // The person knows better than what stood against it.
        verdict.held = None;
        verdict.problem = None;
    }
    let slot = before.slot.as_str();
    match (state, before.state, document) {
        (State::Placed, State::Placed, Some(document)) => {
            let moved = move_document(tx, cx, document, slot).await?;
            let change = Change {
                state: State::Placed,
                slot,
                document: Some(moved.document),
                confidence: 100,
                verdict: &verdict,
            };
            file.store(tx, cx, change).await
        }
        (State::Placed, to, Some(document)) => {
            let (_, found) = change::held(tx, cx, document).await?;
            if found.removed_at.is_none() {
                change::take_out(tx, cx, row, &found).await?;
            }
            file.store(tx, cx, Change::bare(to, &verdict)).await
        }
        (State::SetAside, State::Placed, Some(document)) => {
            let (_, found) = change::held(tx, cx, document).await?;
            if found.removed_at.is_some() {
                change::put_back(tx, cx, row, &found).await?;
            }
            let change = Change {
                state: State::Placed,
                slot,
                document: Some(document),
                confidence: 100,
                verdict: &verdict,
            };
            file.store(tx, cx, change).await
        }
        (_, to, _) => {
            // What never came whole begins anew.
            let change = Change { document: None, ..Change::bare(to, &verdict) };
            file.store(tx, cx, change).await
        }
    }
}

/// Puts a file where the rules are sure that it belongs.
pub(super) async fn settle(
    cx: &Cx,
    file: FileRow,
    slot: &str,
    confidence: u8,
    verdict: Verdict,
) -> Result<()> {
    let mut tx = cx.db.begin().await?;
    let row = filing::lock(&mut tx, cx, file.filing()).await?;
    write(&mut tx, cx, &row, file, slot, confidence, verdict).await?;
    cx.commit(tx).await
}

async fn write(
    tx: &mut Tx,
    cx: &Cx,
    row: &FilingRow,
    mut file: FileRow,
    slot_id: &str,
    confidence: u8,
    verdict: Verdict,
) -> Result<()> {
    let slot = row.pack(cx)?.slot(slot_id).ok_or_else(unknown_slot)?;
    let name = file_name::normalise(&file.file_name);
    let kind = media::declared(&name.name, &slot.formats).map_err(|p| problem(&p))?;
    if file.size() > slot.max_bytes {
        return Err(problem(&media::Problem::TooLarge { max_bytes: slot.max_bytes }));
    }
    let digests = digests_of(&file)?;
    let received_at = domain::moment::from_micros(file.received_at);
    let arrived = Arrived {
        slot,
        name: &name,
        replaces: None,
        size: file.size(),
        digests: &digests,
        kind,
        received_at,
    };
    let added = arrived.keep(cx, tx, row).await?;
    let change = Change {
        state: State::Placed,
        slot: slot_id,
        document: Some(added.document),
        confidence,
        verdict: &verdict,
    };
    file.store(tx, cx, change).await
}

statements! {
    OF_DOCUMENT = concat!(super::columns!(), "WHERE i.document_id = $1");
}
