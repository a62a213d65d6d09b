//! The enterprise's answer to an inquiry: every open item answered, and a new version of the filing frozen beside
//! it, exactly once per key.

use domain::{access::action, completeness::Completeness, id::FilingId, workflow::Command};
use ledger::EntryKind;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{MAX_TEXT, said, too_long};
use crate::{
    args,
    cx::Cx,
    error::{Conflict, Error, FieldErrors, Result},
    filing::{
        self, Submission,
        content::Content,
        submit::{Freeze, freeze, made_before, scoped_key},
    },
    sql::statements,
};

/// The answer to one item.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Id of the item.
    pub item: Uuid,
    pub text: String,
}

/// Answers an inquiry. `key` is the form's random key, as for a submission.
///
/// # Errors
/// [`Error::Invalid`] by item id for blank answers; refused with `OpenItems` while others are open; a conflict when
/// an item was answered meanwhile.
pub async fn reply(
    cx: &Cx,
    id: FilingId,
    key: &str,
    answers: &[Answer],
    received_at: OffsetDateTime,
) -> Result<Submission> {
    let key = scoped_key(id, key)?;
    let mut tx = cx.db.begin().await?;
    let mut row = filing::lock(&mut tx, cx, id).await?;
    // The same people may submit in any stage: a repeated reply finds its version although the stage has moved on.
    cx.permit::<action::SubmitFiling>(&row.facts()?)?;
    if let Some(made) = made_before(&mut tx, &row, &key).await? {
        // As a repeated submission.
        tx.commit().await?;
        return Ok(Submission::Done(made));
    }
    let permit = cx.permit::<action::ReplyInquiry>(&row.facts()?)?;
    cx.pressure()?;
    check(answers)?;
    for answer in answers {
        let bound = args![answer.text.trim(), permit.actor().user, cx.now(), answer.item, id];
        if tx.run(ANSWER, bound).await? != 1 {
            return Err(Error::Conflict(Conflict::Stale));
        }
    }
    let (open,): (i64,) = tx.one(OPEN, args![id]).await?;
    let content = Content::locked(&mut tx, row.id).await?;
    let completeness: Completeness = content.completeness(row.pack(cx)?);
    // What an inquiry changed must stand as firmly as the first submission did.
    if open == 0 && !completeness.is_complete() {
        return Ok(Submission::Missing(Box::new(completeness)));
    }
    let events =
        row.advance(cx, Command::Reply { open_items: usize::try_from(open).unwrap_or(usize::MAX) })?;
    let event = events.first().map_or("inquiry_answered", |event| event.name());
    let how = Freeze { key: &key, received_at, kind: EntryKind::Reply, event };
    let outcome = freeze(&mut tx, cx, &mut row, &content, how).await?;
    cx.commit(tx).await?;
    Ok(Submission::Done(outcome))
}

fn check(answers: &[Answer]) -> Result<()> {
    let mut errors = FieldErrors::default();
    for answer in answers {
        if answer.text.trim().is_empty() {
            errors.add(&answer.item.to_string(), said("请填写回复。", "Write an answer."));
        } else if answer.text.chars().count() > MAX_TEXT {
            errors.add(&answer.item.to_string(), too_long());
        }
    }
    errors.check()
}

statements! {
    ANSWER = "UPDATE review_item SET answer = $1, answered_by = $2, answered_at = $3
        WHERE id = $4 AND filing_id = $5 AND kind = 'inquiry' AND answered_at IS NULL";
    OPEN = "SELECT COUNT(*) FROM review_item WHERE filing_id = $1 AND kind = 'inquiry' AND answered_at IS NULL";
}
