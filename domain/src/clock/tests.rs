use proptest::prelude::*;
use rstest::rstest;
use time::{
    Duration,
    macros::{date, datetime},
};

use super::*;

fn clock(started: Date, limit_days: u16, pauses: &[(Date, Option<Date>)]) -> Clock {
    let pauses = pauses.iter().map(|(from, until)| Pause { from: *from, until: *until }).collect();
    Clock { kind: ClockKind::Review, started, limit_days, pauses }
}

fn read(clock: &Clock, today: Date) -> Reading {
    clock.read(Calendar::builtin(), today)
}

#[test]
fn acceptance_is_five_working_days_after_the_day_of_submission() {
    // Monday late evening in China is still Monday; the first counted day is Tuesday.
    let limits = ClockLimits { acceptance: 5, review: 10, correction: 10, inquiry_reply: 10 };
    let clock = Clock::start(ClockKind::Acceptance, datetime!(2026-11-02 15:30 UTC), limits);
    assert_eq!(clock.started, date!(2026 - 11 - 02));
    assert_eq!(read(&clock, date!(2026 - 11 - 02)).due, Some(date!(2026 - 11 - 09)));
    // Half an hour later it is Tuesday in China.
    let later = Clock::start(ClockKind::Acceptance, datetime!(2026-11-02 16:00 UTC), limits);
    assert_eq!(read(&later, date!(2026 - 11 - 03)).due, Some(date!(2026 - 11 - 10)));
}

#[test]
fn holidays_and_days_worked_for_them_count_as_the_calendar_says() {
    // From Wednesday 30 September: 8, 9, Saturday 10 October (worked), 12, 13.
    let clock = clock(date!(2026 - 09 - 30), 5, &[]);
    assert_eq!(clock.due(Calendar::builtin()), Some(date!(2026 - 10 - 13)));
}

#[rstest]
#[case(date!(2026 - 11 - 02), 0, 5, false, "还剩 5 个工作日", "5 working days left")]
#[case(date!(2026 - 11 - 06), 4, 1, false, "还剩 1 个工作日", "1 working day left")]
#[case(date!(2026 - 11 - 08), 4, 1, false, "还剩 1 个工作日", "1 working day left")]
#[case(date!(2026 - 11 - 09), 5, 0, false, "今日到期", "due today")]
#[case(date!(2026 - 11 - 10), 6, -1, true, "已逾期 1 个工作日", "overdue by 1 working days")]
fn readings(
    #[case] today: Date,
    #[case] used: u32,
    #[case] remaining: i64,
    #[case] overdue: bool,
    #[case] zh: &str,
    #[case] en: &str,
) {
    let reading = read(&clock(date!(2026 - 11 - 02), 5, &[]), today);
    assert_eq!((reading.used, reading.remaining, reading.overdue), (used, remaining, overdue));
    assert_eq!(reading.label(Locale::Zh), zh);
    assert_eq!(reading.label(Locale::En), en);
}

#[test]
fn the_saturday_after_a_friday_limit_is_overdue_without_a_working_day() {
    let reading = read(&clock(date!(2026 - 10 - 30), 5, &[]), date!(2026 - 11 - 07));
    assert_eq!((reading.due, reading.overdue, reading.remaining), (Some(date!(2026 - 11 - 06)), true, 0));
    assert_eq!(reading.label(Locale::Zh), "已逾期");
}

#[test]
fn a_pause_moves_the_limit_by_the_working_days_it_took() {
    // Stopped on Wednesday 4 (counts), goes on on Tuesday 10 (does not count): 5, 6, 9, 10 are lost.
    let pauses = [(date!(2026 - 11 - 04), Some(date!(2026 - 11 - 10)))];
    let clock = clock(date!(2026 - 11 - 02), 10, &pauses);
    assert_eq!(clock.due(Calendar::builtin()), Some(date!(2026 - 11 - 20)));
    assert_eq!(read(&clock, date!(2026 - 11 - 10)).used, 2);
    assert_eq!(read(&clock, date!(2026 - 11 - 11)).used, 3);
    let still = |day| read(&clock, day).paused;
    assert!(!still(date!(2026 - 11 - 03)) && still(date!(2026 - 11 - 04)));
    assert!(still(date!(2026 - 11 - 09)) && !still(date!(2026 - 11 - 10)));
}

#[test]
fn while_it_stands_still_nothing_is_due() {
    let clock = clock(date!(2026 - 11 - 02), 10, &[(date!(2026 - 11 - 04), None)]);
    let reading = read(&clock, date!(2026 - 12 - 31));
    assert_eq!((reading.due, reading.remaining, reading.overdue), (None, 8, false));
    assert_eq!(reading.label(Locale::Zh), "暂停计时，还剩 8 个工作日");
}

#[test]
fn a_pause_after_the_limit_does_not_undo_it() {
    let clock = clock(date!(2026 - 11 - 02), 5, &[(date!(2026 - 11 - 12), None)]);
    let reading = read(&clock, date!(2026 - 11 - 20));
    assert_eq!(reading.due, Some(date!(2026 - 11 - 09)));
    assert!(reading.overdue);
    assert_eq!(reading.remaining, -3, "10, 11 and 12 November; then it stands still");
}

#[test]
fn a_limit_into_a_provisional_year_says_so() {
    let reading = read(&clock(date!(2026 - 12 - 28), 10, &[]), date!(2026 - 12 - 29));
    assert_eq!(reading.certainty, Certainty::Provisional);
}

#[test]
fn the_stage_says_which_clock_runs() {
    let limits = ClockLimits { acceptance: 5, review: 10, correction: 7, inquiry_reply: 8 };
    let (accepted, since) = (datetime!(2026-11-02 02:00 UTC), datetime!(2026-11-10 02:00 UTC));
    let paused =
        vec![Paused { from: datetime!(2026-11-04 02:00 UTC), until: datetime!(2026-11-06 02:00 UTC) }];
    let summary = |stage: &Stage| -> Vec<(ClockKind, u16, usize, bool)> {
        let clocks = Clock::of_stage(stage, limits);
        let is_open = |clock: &Clock| clock.pauses.iter().any(|pause| pause.until.is_none());
        clocks.iter().map(|c| (c.kind, c.limit_days, c.pauses.len(), is_open(c))).collect()
    };
    assert_eq!(summary(&Stage::Draft), []);
    assert_eq!(summary(&Stage::Submitted { at: accepted }), [(ClockKind::Acceptance, 5, 0, false)]);
    assert_eq!(summary(&Stage::Correction { since }), [(ClockKind::Correction, 7, 0, false)]);
    let review = Stage::Review { accepted, paused: paused.clone() };
    assert_eq!(summary(&review), [(ClockKind::Review, 10, 1, false)]);
    let inquiry = Stage::Inquiry { accepted, paused: paused.clone(), since };
    assert_eq!(summary(&inquiry), [(ClockKind::InquiryReply, 8, 0, false), (ClockKind::Review, 10, 2, true)]);
    let suspended = Stage::Suspended { accepted, paused, since };
    assert_eq!(summary(&suspended), [(ClockKind::Review, 10, 2, true)]);
    let exchange: Vec<bool> =
        Clock::of_stage(&inquiry, limits).iter().map(|clock| clock.kind.is_exchanges()).collect();
    assert_eq!(exchange, [false, true]);
}

proptest! {
    /// Counting with pauses equals counting without them plus the working days inside them.
    #[test]
    fn pauses_shift_by_their_working_days(
        start in 0i64..600, limit in 1u16..40, begin in 0i64..20, length in 0i64..30,
    ) {
        let calendar = Calendar::builtin();
        let started = date!(2025 - 01 - 02) + Duration::days(start);
        let plain = clock(started, limit, &[]).due(calendar).unwrap();
        let from = started + Duration::days(begin);
        let until = from + Duration::days(length);
        let paused = clock(started, limit, &[(from, Some(until))]).due(calendar).unwrap();
        prop_assert_eq!(
            calendar.working_days_between(started, plain),
            u32::from(limit)
        );
        if from >= plain {
            prop_assert_eq!(paused, plain);
        } else {
            let lost = calendar.working_days_between(from, until);
            prop_assert_eq!(calendar.working_days_between(started, paused), u32::from(limit) + lost);
        }
    }

    /// `overdue`, `due` and `remaining` never contradict each other.
    #[test]
    fn a_reading_is_consistent(start in 0i64..400, limit in 1u16..30, today in 0i64..90) {
        let started = date!(2025 - 01 - 02) + Duration::days(start);
        let reading = read(&clock(started, limit, &[]), started + Duration::days(today));
        prop_assert!(!reading.overdue || reading.remaining <= 0);
        prop_assert!(reading.remaining >= 0 || reading.overdue);
        prop_assert_eq!(reading.remaining, i64::from(limit) - i64::from(reading.used));
    }
}
