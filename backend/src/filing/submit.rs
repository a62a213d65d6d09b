//! Submitting, exactly once. The same key again, a second tab, or a hundred requests at the same time give the
//! same submission: the row of the filing is held while the version is frozen, and who comes later finds the
//! filing submitted.

use domain::{
    access::action,
    completeness::Completeness,
    id::FilingId,
    moment,
    workflow::{Command, Event, Refusal, StageName},
};
use ledger::EntryKind;
use serde::Serialize;
use time::OffsetDateTime;

use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Error, Message, Result},
    filing::{
        self, FilingRow,
        content::Content,
        version::{BY_KEY, BY_NUMBER, Frozen, MadeRow},
    },
    journal,
    sql::statements,
};

/// A version that was submitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SubmissionOutcome {
    pub filing: FilingId,
    /// Number of the version, from 1.
    pub number: i64,
    /// Where to look for its ledger leaf.
    pub outbox_seq: i64,
    pub received_at: i64,
    pub submitted_at: i64,
    /// It had been submitted before this request.
    pub already: bool,
}

/// The answer to a submission.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Submission {
    Done(SubmissionOutcome),
    /// Nothing was changed; this is what is missing.
    Missing(Box<Completeness>),
}

impl Submission {
    /// The outcome, or the refusal when something is missing.
    ///
    /// # Errors
    /// [`Error::Refused`] with `Incomplete` or `Unattested`.
    pub fn done(self) -> Result<SubmissionOutcome> {
        match self {
            Self::Done(outcome) => Ok(outcome),
            Self::Missing(what) if what.is_ready_for_attestation() => Err(Refusal::Unattested.into()),
            Self::Missing(_) => Err(Refusal::Incomplete.into()),
        }
    }
}

/// Submits a draft, or resubmits after correction. `key` is the form's random key (8 to 100 characters),
/// `received_at` the moment when the request's first byte arrived.
///
/// # Errors
/// [`Error::Refused`] in a stage that cannot be submitted from; denied as the permission table says; busy while too
/// many events wait for the ledger.
pub async fn submit(cx: &Cx, id: FilingId, key: &str, received_at: OffsetDateTime) -> Result<Submission> {
    let key = scoped_key(id, key)?;
    let mut tx = cx.db.begin().await?;
    let mut filing = filing::lock(&mut tx, cx, id).await?;
    let permit = cx.permit::<action::SubmitFiling>(&filing.facts()?)?;
    if let Some(made) = made_before(&mut tx, &filing, &key).await? {
        // What is said again must be durable, too: the first may share a commit with this one that is still to come.
        tx.commit().await?;
        return Ok(Submission::Done(made));
    }
    cx.pressure()?;
    let content = Content::locked(&mut tx, filing.id).await?;
    let completeness = content.completeness(filing.pack(cx)?);
    let command = Command::Submit {
        complete: completeness.is_ready_for_attestation(),
        attested: completeness.unattested_slots.is_empty(),
    };
    let correcting = filing.stage_name()? == StageName::Correction;
    let events = match filing.advance(cx, command) {
        Ok(events) => events,
        Err(Error::Refused(Refusal::Incomplete | Refusal::Unattested)) => {
            return Ok(Submission::Missing(Box::new(completeness)));
        }
        Err(error) => return Err(error),
    };
    let by = permit.actor().user;
    let event = events.first().copied().unwrap_or(Event::Submitted).name();
    let outcome = freeze(
        &mut tx,
        cx,
        &mut filing,
        &content,
        Freeze { key: &key, received_at, kind: EntryKind::Submission, event },
    )
    .await?;
    if correcting {
        tx.run(CLOSE_CORRECTIONS, args![by, cx.now(), id]).await?;
    }
    cx.commit(tx).await?;
    Ok(Submission::Done(outcome))
}

/// What a frozen version is written down as.
pub(crate) struct Freeze<'a> {
    pub(crate) key: &'a str,
    pub(crate) received_at: OffsetDateTime,
    pub(crate) kind: EntryKind,
    pub(crate) event: &'a str,
}

/// Freezes the next version of a filing that was advanced, writes it down, and stores the row.
pub(crate) async fn freeze(
    tx: &mut Tx,
    cx: &Cx,
    filing: &mut FilingRow,
    content: &Content,
    how: Freeze<'_>,
) -> Result<SubmissionOutcome> {
    filing.count_submission(cx);
    let frozen = Frozen {
        filing,
        content,
        number: filing.submissions,
        key: how.key,
        received_at: how.received_at,
        by: cx.actor()?.user,
    };
    let manifest = frozen.manifest()?;
    let mut record = filing.record(how.kind, how.event);
    frozen.bind(&mut record, &manifest)?;
    record.detail =
        serde_json::json!({ "number": filing.submissions, "documents": manifest.documents.len() });
    let outbox_seq = journal::record(tx, cx, record).await?;
    frozen.write(tx, cx, &manifest, outbox_seq).await?;
    filing.store(tx).await?;
    Ok(SubmissionOutcome {
        filing: filing.filing(),
        number: filing.submissions,
        outbox_seq,
        received_at: moment::to_micros(how.received_at),
        submitted_at: moment::to_micros(cx.now()),
        already: false,
    })
}

/// A client's key, kept apart from other filings' keys.
pub(crate) fn scoped_key(id: FilingId, key: &str) -> Result<String> {
    if (8..=100).contains(&key.len()) {
        return Ok(format!("{id}:{key}"));
    }
    Err(Error::Rejected(Message::Said(
        "页面已失效，请刷新后重试。".into(),
        "This page is no longer valid. Reload it and try again.".into(),
    )))
}

/// The submission that this request repeats: the same key, or a filing that waits for acceptance already.
pub(crate) async fn made_before(
    tx: &mut Tx,
    filing: &FilingRow,
    key: &str,
) -> Result<Option<SubmissionOutcome>> {
    let mut made: Option<MadeRow> = tx.maybe(BY_KEY, args![key]).await?;
    if made.is_none() && filing.stage_name()? == StageName::Submitted {
        made = tx.maybe(BY_NUMBER, args![filing.id, filing.submissions]).await?;
    }
    Ok(made.filter(|made| made.filing_id == filing.id).map(|made| SubmissionOutcome {
        filing: FilingId(made.filing_id),
        number: made.number,
        outbox_seq: made.outbox_seq,
        received_at: made.received_at,
        submitted_at: made.submitted_at,
        already: true,
    }))
}

statements! {
    CLOSE_CORRECTIONS = "UPDATE review_item SET answered_by = $1, answered_at = $2
        WHERE filing_id = $3 AND kind = 'correction' AND answered_at IS NULL";
}
