//! The life of a listing filing as one state machine: [`transition`] takes the stage a filing is in and a
//! command, and answers with the next stage and the events to anchor, or a refusal that a person can act on.
//! It knows nothing of databases or of who may give a command ([`crate::access`] does).

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::id::UserId;

mod diagram;
mod stage;
pub use diagram::{mermaid, page};
pub use stage::{Paused, Stage, StageName};

/// What somebody asks to happen to a filing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// 送交鉴证: ask the engaged firms to attest.
    RequestAttestation,
    /// 撤回鉴证: take the filing back into draft.
    RecallAttestation,
    /// 提交. Also the answer to 补正. `complete` is computed from the rule pack by the caller.
    Submit { complete: bool, attested: bool },
    /// 受理.
    Accept,
    /// 不予受理.
    RefuseAcceptance,
    /// 要求补正, with the reasons tied to slots.
    ReturnForCorrection { items: usize },
    /// 问询: questions during review.
    Inquire { items: usize },
    /// 回复问询: makes a new version; every open item must be answered.
    Reply { open_items: usize },
    /// 初审通过, by the first reviewer.
    Recommend { by: UserId },
    /// 复核通过, by somebody else.
    Approve { by: UserId },
    /// 退回初审.
    SendBack { by: UserId },
    /// 否决.
    Reject,
    /// 挂牌公示.
    Publicise,
    /// 登记托管、赋码: the filing becomes a listing.
    List { code: String },
    /// 撤回申请, by the enterprise.
    Withdraw,
    /// 中止: clocks stop.
    Suspend,
    /// 恢复.
    Resume,
}

/// One thing that happened, to be anchored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    Opened,
    AttestationRequested,
    AttestationRecalled,
    Submitted,
    Resubmitted,
    Accepted,
    AcceptanceRefused,
    CorrectionRequested,
    InquiryRaised,
    InquiryAnswered,
    Recommended,
    Approved,
    SentBack,
    Rejected,
    Publicised,
    Listed,
    Withdrawn,
    Suspended,
    Resumed,
}

impl Event {
    /// The stable name used in the database, the API and locale keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::AttestationRequested => "attestation_requested",
            Self::AttestationRecalled => "attestation_recalled",
            Self::Submitted => "submitted",
            Self::Resubmitted => "resubmitted",
            Self::Accepted => "accepted",
            Self::AcceptanceRefused => "acceptance_refused",
            Self::CorrectionRequested => "correction_requested",
            Self::InquiryRaised => "inquiry_raised",
            Self::InquiryAnswered => "inquiry_answered",
            Self::Recommended => "recommended",
            Self::Approved => "approved",
            Self::SentBack => "sent_back",
            Self::Rejected => "rejected",
            Self::Publicised => "publicised",
            Self::Listed => "listed",
            Self::Withdrawn => "withdrawn",
            Self::Suspended => "suspended",
            Self::Resumed => "resumed",
        }
    }
}

/// Why a command cannot be carried out in this stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the command does not belong to this stage")]
    WrongStage { stage: StageName },
    #[error("required material or fields are missing")]
    Incomplete,
    #[error("documents still wait for a firm's attestation")]
    Unattested,
    #[error("at least one reason is needed")]
    NoItems,
    #[error("open items are not answered yet")]
    OpenItems { count: usize },
    #[error("the second decision must be made by another person")]
    SamePerson,
}

impl Refusal {
    /// The locale key's last part: `refusal.<code>`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::WrongStage { .. } => "wrong_stage",
            Self::Incomplete => "incomplete",
            Self::Unattested => "unattested",
            Self::NoItems => "no_items",
            Self::OpenItems { .. } => "open_items",
            Self::SamePerson => "same_person",
        }
    }
}

/// Carries out one command at one moment.
///
/// # Errors
/// A [`Refusal`] when the stage, the completeness or the four-eyes rule does not allow it.
pub fn transition(
    stage: Stage,
    command: Command,
    now: OffsetDateTime,
) -> Result<(Stage, Vec<Event>), Refusal> {
    use Command as C;
    use Stage as S;
    let wrong = Refusal::WrongStage { stage: stage.name() };
    let one = |next: Stage, event: Event| Ok((next, vec![event]));
    match (stage, command) {
        (S::Draft, C::RequestAttestation) => one(S::Attesting, Event::AttestationRequested),
        (S::Attesting, C::RecallAttestation) => one(S::Draft, Event::AttestationRecalled),

        (S::Draft | S::Attesting | S::Correction { .. }, C::Submit { complete: false, .. }) => {
            Err(Refusal::Incomplete)
        }
        (S::Draft | S::Attesting | S::Correction { .. }, C::Submit { attested: false, .. }) => {
            Err(Refusal::Unattested)
        }
        (S::Draft | S::Attesting, C::Submit { .. }) => one(S::Submitted { at: now }, Event::Submitted),
        // A corrected filing starts its acceptance period afresh: the exchange reads a new version.
        (S::Correction { .. }, C::Submit { .. }) => one(S::Submitted { at: now }, Event::Resubmitted),

        (S::Submitted { .. }, C::Accept) => {
            one(S::Review { accepted: now, paused: Vec::new() }, Event::Accepted)
        }
        (S::Submitted { .. }, C::RefuseAcceptance) => one(S::NotAccepted, Event::AcceptanceRefused),
        (S::Submitted { .. }, C::ReturnForCorrection { items: 0 })
        | (S::Review { .. }, C::Inquire { items: 0 }) => Err(Refusal::NoItems),
        (S::Submitted { .. }, C::ReturnForCorrection { .. }) => {
            one(S::Correction { since: now }, Event::CorrectionRequested)
        }

        (S::Review { accepted, paused }, C::Inquire { .. }) => {
            one(S::Inquiry { accepted, paused, since: now }, Event::InquiryRaised)
        }
        (S::Inquiry { .. }, C::Reply { open_items }) if open_items > 0 => {
            Err(Refusal::OpenItems { count: open_items })
        }
        (S::Inquiry { accepted, paused, since }, C::Reply { .. }) => {
            one(S::Review { accepted, paused: paused_until(paused, since, now) }, Event::InquiryAnswered)
        }
        (S::Review { accepted, paused }, C::Recommend { by }) => {
            one(S::SecondReview { accepted, paused, first: by }, Event::Recommended)
        }
        (S::SecondReview { first, .. }, C::Approve { by } | C::SendBack { by }) if first == by => {
            Err(Refusal::SamePerson)
        }
        (S::SecondReview { first, .. }, C::Approve { by }) => {
            one(S::Approved { first, second: by }, Event::Approved)
        }
        (S::SecondReview { accepted, paused, .. }, C::SendBack { .. }) => {
            one(S::Review { accepted, paused }, Event::SentBack)
        }
        (S::Review { .. } | S::SecondReview { .. }, C::Reject) => one(S::Rejected, Event::Rejected),
        (S::Approved { .. }, C::Publicise) => one(S::Publicised { since: now }, Event::Publicised),
        (S::Publicised { .. }, C::List { code }) => one(S::Listed { code }, Event::Listed),

        (stage, C::Withdraw) if stage.name().is_withdrawable() => one(S::Withdrawn, Event::Withdrawn),
        (S::Review { accepted, paused }, C::Suspend) => {
            one(S::Suspended { accepted, paused, since: now }, Event::Suspended)
        }
        (S::Suspended { accepted, paused, since }, C::Resume) => {
            one(S::Review { accepted, paused: paused_until(paused, since, now) }, Event::Resumed)
        }
        _ => Err(wrong),
    }
}

fn paused_until(mut paused: Vec<Paused>, from: OffsetDateTime, until: OffsetDateTime) -> Vec<Paused> {
    paused.push(Paused { from, until });
    paused
}

#[cfg(test)]
mod tests;
