//! The market in figures. Eight queries, whatever the market's size; each figure says what it counts, and a figure
//! that has no basis yet is absent rather than zero.

use domain::{access::action, calendar::china_date, moment, text::Text, workflow::StageName};
use serde::Serialize;
use time::{Date, Duration, Month as Calendar, OffsetDateTime};

use super::{MarketEvent, city_name, market_events};
use crate::{args, cx::Cx, error::Result, filing::read::board_name, sql::statements};

/// Months that the funnel shows.
const MONTHS: usize = 12;
/// Events that the overview shows.
const NEWEST_EVENTS: i64 = 12;

/// The overview page's figures.
#[derive(Clone, Debug, Serialize)]
pub struct Overview {
    /// Registered enterprises, whatever their standing.
    pub companies: i64,
    /// Companies with a code.
    pub listed: i64,
    /// Filings that were submitted and are not decided yet, those with the enterprise included.
    pub in_review: i64,
    /// Filings past the exchange's own time limit.
    pub overdue: i64,
    /// Entries that a published checkpoint covers.
    pub anchored: i64,
    /// Filings whose acceptance was decided at least once.
    pub first_decisions: i64,
    /// Of those, accepted at the first decision.
    pub first_pass: i64,
    /// Whole percent; absent while nothing was decided.
    pub first_pass_percent: Option<i64>,
    /// Median time from opening to first submission, microseconds; absent while nothing was submitted.
    pub median_preparation: Option<i64>,
    /// The last twelve months in China time, oldest first.
    pub months: Vec<Month>,
    /// Submitted filings by stage, in the order of the road.
    pub by_stage: Vec<Count>,
    /// By board, most first.
    pub by_board: Vec<Count>,
    /// By the enterprise's city, most first.
    pub by_city: Vec<Count>,
    /// The newest anchored events, newest first.
    pub newest: Vec<MarketEvent>,
}

/// One month of the funnel: events of that month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Month {
    /// `2026-11`.
    pub month: String,
    /// First submissions.
    pub submitted: i64,
    pub accepted: i64,
    pub approved: i64,
    pub listed: i64,
}

/// How many of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Value for filters.
    pub key: String,
    /// For stages empty: the locale files name them.
    pub name: Text,
    pub count: i64,
}

/// The market in figures.
///
/// # Errors
/// Denied to everybody but supervisors.
pub async fn overview(cx: &Cx) -> Result<Overview> {
    cx.permit_own::<action::Supervise>()?;
    let reader = cx.db.supervision();
    let pack = cx.current_pack()?;
    let today = china_date(cx.now());
    let figures: Figures = reader.one(FIGURES, args![today.to_string()]).await?;
    let (first_decisions, first_pass): (i64, i64) = reader.one(FIRST_PASS, args![]).await?;
    let (median_preparation,): (Option<i64>,) = reader.one(MEDIAN, args![]).await?;
    let first = first_month(today);
    let since = moment::to_micros(first.midnight().assume_offset(domain::calendar::CHINA));
    let days: Vec<(String, i64, i64)> = reader.all(FUNNEL, args![since]).await?;
    let stages: Vec<(String, i64)> = reader.all(BY_STAGE, args![]).await?;
    let boards: Vec<(String, i64)> = reader.all(BY_BOARD, args![]).await?;
    let cities: Vec<(String, i64)> = reader.all(BY_CITY, args![]).await?;
    let newest: Vec<MarketEvent> = reader.all(NEWEST, args![NEWEST_EVENTS]).await?;

    let mut by_stage: Vec<(StageName, i64)> =
        stages.into_iter().filter_map(|(name, count)| Some((StageName::from_name(&name)?, count))).collect();
    by_stage.sort_unstable();
    let counted = |name: &dyn Fn(&str) -> Text, rows: Vec<(String, i64)>| -> Vec<Count> {
        rows.into_iter().map(|(key, count)| Count { name: name(&key), key, count }).collect()
    };
    Ok(Overview {
        companies: figures.companies,
        listed: figures.listed,
        in_review: figures.in_review,
        overdue: figures.overdue,
        anchored: figures.anchored,
        first_decisions,
        first_pass,
        first_pass_percent: (first_decisions > 0).then(|| first_pass * 100 / first_decisions),
        median_preparation,
        months: months(first, &days),
        by_stage: by_stage
            .into_iter()
            .map(|(stage, count)| Count { key: stage.name().to_owned(), name: Text::default(), count })
            .collect(),
        by_board: counted(&|key| board_name(pack, key), boards),
        by_city: counted(&|key| city_name(pack, key), cities),
        newest,
    })
}

/// The first day of the month eleven months before this one.
fn first_month(today: Date) -> Date {
    let index = today.year() * 12 + i32::from(u8::from(today.month())) - 1;
    month_at(index - 11)
}

/// The first day of a month counted from year 0.
fn month_at(index: i32) -> Date {
    let month = u8::try_from(index.rem_euclid(12) + 1).ok().and_then(|m| Calendar::try_from(m).ok());
    Date::from_calendar_date(index.div_euclid(12), month.unwrap_or(Calendar::January), 1).unwrap_or(Date::MIN)
}

fn months(first: Date, days: &[(String, i64, i64)]) -> Vec<Month> {
    let start = first.year() * 12 + i32::from(u8::from(first.month())) - 1;
    let mut out: Vec<Month> = (start..)
        .take(MONTHS)
        .map(|index| Month {
            month: label(month_at(index)),
            submitted: 0,
            accepted: 0,
            approved: 0,
            listed: 0,
        })
        .collect();
    for (kind, day, count) in days {
        let date = (OffsetDateTime::UNIX_EPOCH + Duration::days(*day)).date();
        let Some(month) = out.iter_mut().find(|month| month.month == label(date)) else { continue };
        match kind.as_str() {
            "submitted" => month.submitted += count,
            "accepted" => month.accepted += count,
            "approved" => month.approved += count,
            "listed" => month.listed += count,
            _ => {}
        }
    }
    out
}

fn label(day: Date) -> String {
    format!("{:04}-{:02}", day.year(), u8::from(day.month()))
}

#[derive(sqlx::FromRow)]
struct Figures {
    companies: i64,
    listed: i64,
    in_review: i64,
    overdue: i64,
    anchored: i64,
}

statements! {
    FIGURES = "SELECT
        (SELECT COUNT(*) FROM organisation WHERE kind = 'enterprise') AS companies,
        (SELECT COUNT(*) FROM organisation WHERE code IS NOT NULL) AS listed,
        (SELECT COUNT(*) FROM filing WHERE first_submitted_at IS NOT NULL
            AND stage IN ('submitted', 'correction', 'review', 'inquiry', 'second_review', 'suspended')) AS in_review,
        (SELECT COUNT(*) FROM filing WHERE first_submitted_at IS NOT NULL AND clock IN ('acceptance', 'review')
            AND due_on <> '' AND due_on < $1) AS overdue,
        (SELECT COUNT(*) FROM outbox WHERE anchored_at IS NOT NULL) AS anchored";
    FIRST_PASS = "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN d.kind = 'accepted' THEN 1 ELSE 0 END), 0) AS BIGINT)
        FROM (SELECT kind, ROW_NUMBER() OVER (PARTITION BY filing_id ORDER BY outbox_seq) AS n FROM decision
            WHERE kind IN ('accepted', 'correction_requested', 'acceptance_refused')) d WHERE d.n = 1";
    MEDIAN = "SELECT CAST(AVG(m.took) AS BIGINT) FROM (SELECT first_submitted_at - created_at AS took,
            ROW_NUMBER() OVER (ORDER BY first_submitted_at - created_at) AS n, COUNT(*) OVER () AS total
        FROM filing WHERE first_submitted_at IS NOT NULL) m
        WHERE m.n IN ((m.total + 1) / 2, (m.total + 2) / 2)";
    FUNNEL = "SELECT e.kind, (e.at + 28800000000) / 86400000000 AS day, COUNT(*) FROM event e
        WHERE e.at >= $1 AND e.subject_kind = 'filing' AND e.kind IN ('submitted', 'accepted', 'approved', 'listed')
        GROUP BY e.kind, (e.at + 28800000000) / 86400000000";
    BY_STAGE = "SELECT stage, COUNT(*) FROM filing WHERE first_submitted_at IS NOT NULL GROUP BY stage";
    BY_BOARD = "SELECT board, COUNT(*) FROM filing WHERE first_submitted_at IS NOT NULL GROUP BY board
        ORDER BY COUNT(*) DESC, board";
    BY_CITY = "SELECT o.city, COUNT(*) FROM filing f JOIN organisation o ON o.id = f.org_id
        WHERE f.first_submitted_at IS NOT NULL GROUP BY o.city ORDER BY COUNT(*) DESC, o.city";
    NEWEST = concat!(market_events!(), "AND x.anchored_at IS NOT NULL ORDER BY e.seq DESC LIMIT $1");
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::{first_month, months};

    #[test]
    fn twelve_months_end_with_this_one_across_the_year() {
        assert_eq!(first_month(date!(2026 - 11 - 02)), date!(2025 - 12 - 01));
        assert_eq!(first_month(date!(2026 - 12 - 31)), date!(2026 - 01 - 01));
        let first = first_month(date!(2026 - 02 - 28));
        let day = i64::from(date!(2026 - 01 - 15).to_julian_day() - date!(1970 - 01 - 01).to_julian_day());
        let out = months(
            first,
            &[("submitted".into(), day, 3), ("listed".into(), day, 1), ("other".into(), day, 9)],
        );
        assert_eq!((out.len(), out[0].month.as_str(), out[11].month.as_str()), (12, "2025-03", "2026-02"));
        assert_eq!((out[10].submitted, out[10].listed, out[10].accepted), (3, 1, 0));
    }
}
