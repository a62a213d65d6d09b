//! Time limits in working days: 受理 within 5, 审核 within 10 from acceptance, and the enterprise's own limits for
//! 补正 and 回复. A clock stops while the ball is with somebody else. The rule everywhere: the day of an event does
//! not count for the clock that it starts, stops or restarts. Called by queues, filing pages and alerts. It
//! times what the workflow recorded and decides nothing about it.

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};

use crate::{
    calendar::{Calendar, Certainty, china_date, iso},
    locale::Locale,
    rule_pack::ClockLimits,
    workflow::{Paused, Stage},
};

/// What is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockKind {
    /// 受理: submission to acceptance, return or refusal. The exchange's.
    Acceptance,
    /// 审核: acceptance to the decision. The exchange's.
    Review,
    /// 补正: return to resubmission. The enterprise's.
    Correction,
    /// 回复问询: inquiry to answer. The enterprise's.
    InquiryReply,
}

/// A time in which a clock stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// The day it stopped; that day still counts.
    #[serde(with = "iso")]
    pub from: Date,
    /// The day it went on; counting goes on with the next. `None` while it stands still.
    #[serde(default, with = "iso::option")]
    pub until: Option<Date>,
}

/// One running clock. Days are dates in China.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    pub kind: ClockKind,
    /// The day of the event that started it.
    #[serde(with = "iso")]
    pub started: Date,
    /// Working days, 1 or more.
    pub limit_days: u16,
    /// In order of time.
    pub pauses: Vec<Pause>,
}

/// How a clock stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The last working day of the limit; `None` while the clock stands still before it.
    #[serde(with = "iso::option")]
    pub due: Option<Date>,
    /// Working days used, today included.
    pub used: u32,
    /// Working days left after today; negative when overdue.
    pub remaining: i64,
    /// Today is after the due day.
    pub overdue: bool,
    /// Stands still at the end of today: stopped today or before, and not restarted yet.
    pub paused: bool,
    /// How well the years counted are known.
    pub certainty: Certainty,
}

impl ClockKind {
    /// The limit in working days that a rule pack sets.
    #[must_use]
    pub const fn limit(self, limits: ClockLimits) -> u16 {
        match self {
            Self::Acceptance => limits.acceptance,
            Self::Review => limits.review,
            Self::Correction => limits.correction,
            Self::InquiryReply => limits.inquiry_reply,
        }
    }

    /// Whether the exchange has to act, not the enterprise.
    #[must_use]
    pub const fn is_exchanges(self) -> bool {
        matches!(self, Self::Acceptance | Self::Review)
    }

    /// The name shown to people.
    #[must_use]
    pub const fn label(self, locale: Locale) -> &'static str {
        match self {
            Self::Acceptance => locale.pick("受理时限", "Acceptance"),
            Self::Review => locale.pick("审核时限", "Review"),
            Self::Correction => locale.pick("补正时限", "Correction"),
            Self::InquiryReply => locale.pick("回复时限", "Reply"),
        }
    }
}

impl Clock {
    /// A clock that starts with an event at an instant.
    #[must_use]
    pub fn start(kind: ClockKind, at: OffsetDateTime, limits: ClockLimits) -> Self {
        Self { kind, started: china_date(at), limit_days: kind.limit(limits), pauses: Vec::new() }
    }

    /// Adds a pause between two instants; `until` = `None` while it lasts.
    #[must_use]
    pub fn paused(mut self, from: OffsetDateTime, until: Option<OffsetDateTime>) -> Self {
        self.pauses.push(Pause { from: china_date(from), until: until.map(china_date) });
        self
    }

    /// The clocks of a filing in this stage, the one that somebody has to act on first. Empty where no limit runs.
    #[must_use]
    pub fn of_stage(stage: &Stage, limits: ClockLimits) -> Vec<Self> {
        let review = |accepted: OffsetDateTime, paused: &[Paused], since: Option<OffsetDateTime>| {
            let clock =
                paused.iter().fold(Self::start(ClockKind::Review, accepted, limits), |clock, pause| {
                    clock.paused(pause.from, Some(pause.until))
                });
            match since {
                Some(since) => clock.paused(since, None),
                None => clock,
            }
        };
        match stage {
            Stage::Submitted { at } => vec![Self::start(ClockKind::Acceptance, *at, limits)],
            Stage::Correction { since } => vec![Self::start(ClockKind::Correction, *since, limits)],
            Stage::Review { accepted, paused } | Stage::SecondReview { accepted, paused, .. } => {
                vec![review(*accepted, paused, None)]
            }
            Stage::Inquiry { accepted, paused, since } => vec![
                Self::start(ClockKind::InquiryReply, *since, limits),
                review(*accepted, paused, Some(*since)),
            ],
            Stage::Suspended { accepted, paused, since } => vec![review(*accepted, paused, Some(*since))],
            Stage::Draft
            | Stage::Attesting
            | Stage::NotAccepted
            | Stage::Approved { .. }
            | Stage::Publicised { .. }
            | Stage::Listed { .. }
            | Stage::Withdrawn
            | Stage::Rejected => Vec::new(),
        }
    }

    /// Reads the clock on `today`.
    #[must_use]
    pub fn read(&self, calendar: &Calendar, today: Date) -> Reading {
        let limit = u32::from(self.limit_days);
        let used = self.used(calendar, today);
        let due = self.due(calendar);
        let last = due.map_or(today, |due| due.max(today));
        Reading {
            due,
            used,
            remaining: i64::from(limit) - i64::from(used),
            overdue: due.is_some_and(|due| today > due),
            paused: self.stands_still(today),
            certainty: calendar.certainty_between(self.started, last),
        }
    }

    /// The last working day of the limit. `None` while an open pause began before it, or past the calendar's end.
    #[must_use]
    pub fn due(&self, calendar: &Calendar) -> Option<Date> {
        let mut left = self.limit_days;
        let mut day = self.started;
        while left > 0 {
            if self.pauses.iter().any(|pause| pause.until.is_none() && pause.from <= day) {
                return None;
            }
            day = day.next_day()?;
            left -= u16::from(self.counts(calendar, day));
        }
        Some(day)
    }

    fn used(&self, calendar: &Calendar, today: Date) -> u32 {
        let mut used = 0;
        let mut day = self.started;
        while day < today {
            let Some(next) = day.next_day() else { break };
            day = next;
            used += u32::from(self.counts(calendar, day));
        }
        used
    }

    fn counts(&self, calendar: &Calendar, day: Date) -> bool {
        calendar.is_working_day(day) && !self.is_lost(day)
    }

    /// Days after the one a pause began, up to and including the one it ended, do not count.
    fn is_lost(&self, day: Date) -> bool {
        self.pauses.iter().any(|pause| pause.from < day && pause.until.is_none_or(|until| day <= until))
    }

    fn stands_still(&self, day: Date) -> bool {
        self.pauses.iter().any(|pause| pause.from <= day && pause.until.is_none_or(|until| day < until))
    }
}

impl Reading {
    /// A short line for lists: `还剩 3 个工作日`.
    #[must_use]
    pub fn label(&self, locale: Locale) -> String {
        let days = self.remaining.unsigned_abs();
        match (self.paused && !self.overdue, self.overdue, self.remaining, locale) {
            (true, _, _, Locale::Zh) => format!("暂停计时，还剩 {days} 个工作日"),
            (true, _, _, Locale::En) => format!("stopped, {days} working days left"),
            (_, true, 0, Locale::Zh) => "已逾期".to_owned(),
            (_, true, 0, Locale::En) => "overdue".to_owned(),
            (_, true, _, Locale::Zh) => format!("已逾期 {days} 个工作日"),
            (_, true, _, Locale::En) => format!("overdue by {days} working days"),
            (_, _, 0, Locale::Zh) => "今日到期".to_owned(),
            (_, _, 0, Locale::En) => "due today".to_owned(),
            (_, _, _, Locale::Zh) => format!("还剩 {days} 个工作日"),
            (_, _, 1, Locale::En) => "1 working day left".to_owned(),
            (_, _, _, Locale::En) => format!("{days} working days left"),
        }
    }
}

#[cfg(test)]
mod tests;
