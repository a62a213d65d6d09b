//! When what happens to whom: every company's history as steps on working days, so that clocks, lists and the
//! overview look like a market and not like a table of samples.

use domain::calendar::{CHINA, china_date};
use time::{Date, Duration, OffsetDateTime, Time};

use super::cast::roll;
use crate::Cx;

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Register,
    Verify,
    Open,
    Fill,
    Upload,
    Engage,
    Engaged,
    RequestAttestation,
    Attest,
    Submit,
    Accept,
    RefuseAcceptance,
    Correct,
    Inquire,
    Reply,
    Recommend,
    Approve,
    Reject,
    Publicise,
    List,
    Withdraw,
    Suspend,
    Warn,
}

/// An act with its moment and company.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) at: OffsetDateTime,
    pub(super) company: usize,
    pub(super) act: Act,
}

use Act::{
    Accept, Approve, Attest, Correct, Engage, Engaged, Fill, Inquire, List, Open, Publicise, Recommend,
    RefuseAcceptance, Register, Reject, Reply, RequestAttestation, Submit, Suspend, Upload, Verify, Warn,
    Withdraw,
};

/// Acts with the working day on which they happen, counted from registration.
type History = &'static [(i64, Act)];

const DRAFT: History = &[(0, Register), (1, Verify), (2, Open), (3, Fill)];
const UPLOADED: History = &[(0, Register), (1, Verify), (2, Open), (3, Fill), (4, Upload), (4, Engage)];
const ATTESTING: History = &[
    (0, Register),
    (1, Verify),
    (2, Open),
    (3, Fill),
    (4, Upload),
    (4, Engage),
    (5, Engaged),
    (5, RequestAttestation),
];

macro_rules! from_submission {
    ($($rest:tt)*) => {
        &[
            (0, Register), (1, Verify), (2, Open), (3, Fill), (4, Upload), (4, Engage), (5, Engaged),
            (5, RequestAttestation), (6, Attest), (7, Submit), $($rest)*
        ]
    };
}

const SUBMITTED: History = from_submission![];
const CORRECTION: History = from_submission![(9, Correct)];
const REFUSED: History = from_submission![(11, RefuseAcceptance)];
const REVIEW: History = from_submission![(9, Accept)];
const RESUBMITTED_REVIEW: History = from_submission![(9, Correct), (12, Submit), (14, Accept)];
const INQUIRY: History = from_submission![(9, Accept), (12, Inquire)];
const SUSPENDED: History = from_submission![(9, Accept), (12, Suspend)];
const SECOND: History = from_submission![(9, Accept), (12, Inquire), (14, Reply), (15, Recommend)];
const REJECTED: History = from_submission![(9, Accept), (15, Recommend), (17, Reject)];
const APPROVED: History = from_submission![(9, Accept), (14, Recommend), (16, Approve)];
const PUBLICISED: History = from_submission![(9, Accept), (14, Recommend), (16, Approve), (17, Publicise)];
const LISTED: History =
    from_submission![(9, Accept), (14, Recommend), (16, Approve), (17, Publicise), (22, List)];
const LISTED_SLOWLY: History = from_submission![
    (10, Correct),
    (13, Submit),
    (15, Accept),
    (18, Inquire),
    (20, Reply),
    (22, Recommend),
    (24, Approve),
    (25, Publicise),
    (30, List)
];
const WITHDRAWN: History = from_submission![(9, Accept), (12, Withdraw)];
const WARNED: History = from_submission![(12, Accept), (13, Warn)];

/// The histories: what, and how many working days ago its last act was. The first ten show one filing of every
/// kind of stage, so that a small world (tests) is a whole one.
const PLAN: [(History, i64); ALL] = [
    (DRAFT, 1),
    (UPLOADED, 1),
    (DRAFT, 3),
    (ATTESTING, 0),
    (SUBMITTED, 0),
    (CORRECTION, 2),
    (INQUIRY, 1),
    (SECOND, 1),
    (APPROVED, 1),
    (LISTED, 3),
    (ATTESTING, 2),
    (SUBMITTED, 1),
    (SUBMITTED, 3),
    (SUBMITTED, 7),
    (CORRECTION, 6),
    (REFUSED, 9),
    (REVIEW, 1),
    (REVIEW, 4),
    (REVIEW, 8),
    (REVIEW, 13),
    (RESUBMITTED_REVIEW, 5),
    (INQUIRY, 4),
    (SUSPENDED, 6),
    (SECOND, 2),
    (PUBLICISED, 2),
    (PUBLICISED, 4),
    (WITHDRAWN, 12),
    (REJECTED, 15),
    (WARNED, 3),
    (LISTED, 9),
    (LISTED, 16),
    (LISTED_SLOWLY, 22),
    (LISTED, 31),
    (LISTED_SLOWLY, 40),
    (LISTED, 52),
    (LISTED, 63),
    (LISTED_SLOWLY, 71),
    (LISTED, 84),
    (LISTED, 95),
    (LISTED_SLOWLY, 104),
];

/// How many histories there are.
pub(super) const ALL: usize = 40;

/// Every step of the first `companies` histories, company by company; the caller sorts them by time.
pub(super) fn steps(cx: &Cx, now: OffsetDateTime, companies: usize) -> Vec<Step> {
    let today = china_date(now);
    let mut steps = Vec::new();
    for (company, (history, ago)) in PLAN.iter().enumerate().take(companies) {
        let length = history.last().map_or(0, |(day, _)| *day);
        let first = working_days_before(cx, today, ago + length + 1);
        for (order, (day, act)) in history.iter().enumerate() {
            let day = cx.calendar.add_working_days(first, u32::try_from(*day).unwrap_or_default());
            let at = moment(day, company, order).min(now - Duration::minutes(40 - company as i64));
            steps.push(Step { at, company, act: *act });
        }
    }
    steps
}

/// The working day so many working days before a day.
fn working_days_before(cx: &Cx, from: Date, mut days: i64) -> Date {
    let mut day = from;
    while days > 0 {
        day = day.previous_day().unwrap_or(day);
        if cx.calendar.is_working_day(day) {
            days -= 1;
        }
    }
    day
}

/// Office hours, in the order of the history within a day.
fn moment(day: Date, company: usize, order: usize) -> OffsetDateTime {
    let minutes = (roll("minute", company * 64 + order) % 25) as i64 + 26 * order as i64;
    day.with_time(Time::from_hms(9, 0, 0).unwrap_or(Time::MIDNIGHT)).assume_offset(CHINA)
        + Duration::minutes(minutes % 480)
}
