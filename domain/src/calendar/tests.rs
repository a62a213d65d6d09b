use proptest::prelude::*;
use rstest::rstest;
use time::macros::{date, datetime};

use super::*;

fn calendar() -> &'static Calendar {
    Calendar::builtin()
}

#[rstest]
#[case(date!(2026 - 11 - 02), true)] // an ordinary Monday
#[case(date!(2026 - 11 - 07), false)] // Saturday
#[case(date!(2026 - 02 - 14), true)] // 调休 Saturday before 春节
#[case(date!(2026 - 02 - 16), false)]
#[case(date!(2026 - 02 - 23), false)] // Monday off
#[case(date!(2026 - 02 - 24), true)]
#[case(date!(2026 - 09 - 20), true)] // 调休 Sunday
#[case(date!(2026 - 10 - 08), true)]
#[case(date!(2026 - 10 - 10), true)] // 调休 Saturday
#[case(date!(2025 - 10 - 08), false)]
#[case(date!(2025 - 10 - 11), true)]
#[case(date!(2027 - 02 - 05), false)] // statutory, provisional year
#[case(date!(2030 - 10 - 01), true)] // unknown year: a Tuesday is worked
fn working_days(#[case] day: Date, #[case] worked: bool) {
    assert_eq!(calendar().is_working_day(day), worked);
}

#[test]
fn published_years_count_what_the_state_council_published() {
    // 365 days less weekends and holidays plus 调休: 248 working days in both years (11 and 13 statutory rules apart).
    let count = |year| {
        calendar().working_days_between(
            Date::from_calendar_date(year - 1, time::Month::December, 31).unwrap(),
            Date::from_calendar_date(year, time::Month::December, 31).unwrap(),
        )
    };
    assert_eq!((count(2025), count(2026)), (248, 248));
}

#[rstest]
#[case(date!(2026 - 09 - 30), 1, date!(2026 - 10 - 08))]
#[case(date!(2026 - 09 - 30), 3, date!(2026 - 10 - 10))]
#[case(date!(2026 - 11 - 02), 5, date!(2026 - 11 - 09))]
#[case(date!(2026 - 11 - 07), 0, date!(2026 - 11 - 07))]
#[case(date!(2026 - 02 - 13), 1, date!(2026 - 02 - 14))]
fn adding(#[case] from: Date, #[case] n: u32, #[case] expected: Date) {
    assert_eq!(calendar().add_working_days(from, n), expected);
}

#[test]
fn certainty_is_said() {
    let calendar = calendar();
    assert_eq!(calendar.certainty(date!(2026 - 01 - 01)), Certainty::Published);
    assert_eq!(calendar.certainty(date!(2027 - 01 - 01)), Certainty::Provisional);
    assert_eq!(calendar.certainty(date!(2031 - 01 - 01)), Certainty::WeekendsOnly);
    let across = calendar.certainty_between(date!(2026 - 12 - 28), date!(2027 - 01 - 08));
    assert_eq!(across, Certainty::Provisional);
    assert!(across.note(Locale::Zh).unwrap().contains("暂定"));
    assert!(calendar.years().all(|year| year.source.contains("国务院") || year.source.contains("办法")));
}

#[test]
fn the_chinese_day_begins_at_sixteen_utc() {
    assert_eq!(china_date(datetime!(2026-11-01 15:59:59 UTC)), date!(2026 - 11 - 01));
    assert_eq!(china_date(datetime!(2026-11-01 16:00 UTC)), date!(2026 - 11 - 02));
}

#[test]
fn a_newer_file_replaces_the_year() {
    let mut calendar = calendar().clone();
    let text = BUILTIN[2].replace("provisional", "published").replace("2027-02-08", "2027-02-12");
    calendar.insert(Year::parse(&text).unwrap());
    assert!(!calendar.is_working_day(date!(2027 - 02 - 10)));
    assert_eq!(calendar.certainty(date!(2027 - 02 - 10)), Certainty::Published);
    assert!(calendar.is_working_day(date!(2026 - 02 - 14)), "other years stay");
}

#[test]
fn errors_name_the_line() {
    let text = "year = 2026\ncertainty = \"publishd\"\nsource = \"x\"\n\n[[holiday]]\nname = { zh = \"元旦\" }\n\
                from = 2026-01-03\nto = 2026-01-01\nworkdays = [2026-01-05, 2019-01-06]\nworkday = 1\n";
    let errors = Year::parse(text).unwrap_err();
    let shown: Vec<String> = errors.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(shown.join("\n"));
}

proptest! {
    #[test]
    fn counting_undoes_adding(offset in 0i64..1_200, n in 1u32..60) {
        let from = date!(2025 - 01 - 01) + Duration::days(offset);
        let to = calendar().add_working_days(from, n);
        prop_assert!(calendar().is_working_day(to));
        prop_assert_eq!(calendar().working_days_between(from, to), n);
        prop_assert_eq!(calendar().working_days_between(to, from), 0);
    }
}
