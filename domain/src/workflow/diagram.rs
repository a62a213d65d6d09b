//! Draws the state machine by asking it: every stage is tried with every command, so the picture in the
//! documentation cannot say anything that the code does not do.

use std::fmt::Write as _;

use time::OffsetDateTime;
use uuid::Uuid;

use super::{Command, Stage, StageName, transition};
use crate::id::UserId;

/// The workflow as a Mermaid state diagram (Markdown fences not included).
#[must_use]
pub fn mermaid() -> String {
    let mut out = String::from("stateDiagram-v2\n    [*] --> draft\n");
    for stage in samples() {
        for (label, command) in commands() {
            if let Ok((next, _)) = transition(stage.clone(), command, OffsetDateTime::UNIX_EPOCH) {
                let _ = writeln!(out, "    {} --> {}: {label}", stage.name().name(), next.name().name());
            }
        }
    }
    for stage in StageName::ALL.into_iter().filter(|stage| stage.is_final()) {
        let _ = writeln!(out, "    {} --> [*]", stage.name());
    }
    out
}

const fn first() -> UserId {
    UserId(Uuid::from_u128(1))
}

const fn second() -> UserId {
    UserId(Uuid::from_u128(2))
}

/// One filing in every stage.
pub(super) fn samples() -> Vec<Stage> {
    let t = OffsetDateTime::UNIX_EPOCH;
    vec![
        Stage::Draft,
        Stage::Attesting,
        Stage::Submitted { at: t },
        Stage::Correction { since: t },
        Stage::NotAccepted,
        Stage::Review { accepted: t, paused: Vec::new() },
        Stage::Inquiry { accepted: t, paused: Vec::new(), since: t },
        Stage::SecondReview { accepted: t, paused: Vec::new(), first: first() },
        Stage::Approved { first: first(), second: second() },
        Stage::Publicised { since: t },
        Stage::Listed { code: "JS000001G".to_owned() },
        Stage::Withdrawn,
        Stage::Rejected,
        Stage::Suspended { accepted: t, paused: Vec::new(), since: t },
    ]
}

/// Every command in the form that succeeds where it can, with its label in the picture.
pub(super) fn commands() -> Vec<(&'static str, Command)> {
    vec![
        ("送交鉴证 request attestation", Command::RequestAttestation),
        ("撤回鉴证 recall", Command::RecallAttestation),
        ("提交 submit", Command::Submit { complete: true, attested: true }),
        ("受理 accept", Command::Accept),
        ("不予受理 refuse acceptance", Command::RefuseAcceptance),
        ("要求补正 return for correction", Command::ReturnForCorrection { items: 1 }),
        ("问询 inquire", Command::Inquire { items: 1 }),
        ("回复 reply", Command::Reply { open_items: 0 }),
        ("初审通过 recommend", Command::Recommend { by: first() }),
        ("复核通过 approve", Command::Approve { by: second() }),
        ("退回初审 send back", Command::SendBack { by: second() }),
        ("否决 reject", Command::Reject),
        ("公示 publicise", Command::Publicise),
        ("挂牌 list", Command::List { code: "JS000001G".to_owned() }),
        ("撤回申请 withdraw", Command::Withdraw),
        ("中止 suspend", Command::Suspend),
        ("恢复 resume", Command::Resume),
    ]
}

/// The page `docs/WORKFLOW.md` as `guxin workflow` prints it.
#[must_use]
pub fn page() -> String {
    format!("{}```mermaid\n{}```\n", include_str!("page_head.md"), mermaid())
}
