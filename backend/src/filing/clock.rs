//! The clock of a filing as lists and pages show it. Which clock runs is the domain's to say; here it is read on
//! today's date, and the first one (the one that somebody has to act on) is what the row stores for the queue.

use domain::{
    calendar::{Calendar, china_date},
    clock::{Clock, ClockKind, Reading},
    rule_pack::ClockLimits,
    workflow::Stage,
};
use serde::Serialize;
use time::OffsetDateTime;

/// A running clock as pages show it; `reading.label(locale)` is its short line.
#[derive(Clone, Debug, Serialize)]
pub struct ClockView {
    pub kind: ClockKind,
    /// Working days in all.
    pub limit_days: u16,
    pub reading: Reading,
}

/// The name in the database.
pub(crate) const fn name(kind: ClockKind) -> &'static str {
    match kind {
        ClockKind::Acceptance => "acceptance",
        ClockKind::Review => "review",
        ClockKind::Correction => "correction",
        ClockKind::InquiryReply => "inquiry_reply",
    }
}

/// How the clock of this stage stands.
pub(crate) fn view(
    stage: &Stage,
    limits: ClockLimits,
    calendar: &Calendar,
    now: OffsetDateTime,
) -> Option<ClockView> {
    Clock::of_stage(stage, limits).into_iter().next().map(|clock| ClockView {
        kind: clock.kind,
        limit_days: clock.limit_days,
        reading: clock.read(calendar, china_date(now)),
    })
}
