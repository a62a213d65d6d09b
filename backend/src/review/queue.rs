//! The exchange's working queue: what waits for it, with the working days that are left, most urgent first.

use domain::{access::action, calendar::china_date, workflow::StageName};
use serde::Serialize;

use crate::{
    args,
    cx::Cx,
    db::Arg,
    error::Result,
    filing::{
        FilingListRow,
        list::{ListRow, list_columns, pattern},
    },
    page::{Page, Paging},
    sql::statements,
};

/// What to show of the queue. Empty strings and `None` do not narrow.
#[derive(Clone, Debug, Default)]
pub struct QueueFilter {
    pub search: String,
    /// One stage; without it, everything that the exchange has to act on.
    pub stage: Option<StageName>,
    pub board: String,
    pub city: String,
    /// Only what is past the exchange's own time limit.
    pub overdue: bool,
    pub paging: Paging,
}

/// A page of the queue and the figures above it.
#[derive(Clone, Debug, Serialize)]
pub struct Queue {
    pub page: Page<FilingListRow>,
    /// Filings by stage, over the whole queue; stages without any are left out.
    pub stages: Vec<(StageName, i64)>,
    /// Past the exchange's own time limit, over the whole queue.
    pub overdue: i64,
}

/// The queue. Four queries.
///
/// # Errors
/// Denied to everybody but the exchange's staff.
pub async fn queue(cx: &Cx, filter: &QueueFilter) -> Result<Queue> {
    cx.permit_own::<action::WorkQueue>()?;
    let today = china_date(cx.now()).to_string();
    let narrow = narrow(filter, &today);
    let mut bound = narrow.clone();
    bound.extend(args![filter.paging.limit(), filter.paging.offset()]);
    let reader = cx.db.read();
    let rows: Vec<ListRow> = reader.all(QUEUE, bound).await?;
    let (total,): (i64,) = reader.one(TOTAL, narrow).await?;
    let stages: Vec<(String, i64)> = reader.all(STAGES, args![]).await?;
    let (overdue,): (i64,) = reader.one(OVERDUE, args![today]).await?;
    let rows = rows.into_iter().map(|row| row.view(cx)).collect::<Result<_>>()?;
    let mut stages: Vec<_> = stages
        .into_iter()
        .filter_map(|(name, count)| StageName::from_name(&name).map(|stage| (stage, count)))
        .collect();
    stages.sort_unstable();
    Ok(Queue { page: Page::new(rows, total, filter.paging), stages, overdue })
}

/// The first `limit` filings of the queue at once, for an export; the filter's paging is not looked at. One query.
///
/// # Errors
/// As [`queue`].
pub async fn queued(cx: &Cx, filter: &QueueFilter, limit: u32) -> Result<Vec<FilingListRow>> {
    cx.permit_own::<action::WorkQueue>()?;
    let mut bound = narrow(filter, &china_date(cx.now()).to_string());
    bound.extend(args![limit, 0]);
    let rows: Vec<ListRow> = cx.db.read().all(QUEUE, bound).await?;
    rows.into_iter().map(|row| row.view(cx)).collect()
}

/// `$1` to `$5` of the statements below.
fn narrow(filter: &QueueFilter, today: &str) -> Vec<Arg> {
    args![
        pattern(&filter.search),
        filter.stage.map_or("", StageName::name),
        filter.board.as_str(),
        filter.city.as_str(),
        if filter.overdue { today } else { "" }
    ]
}

/// `$1` search, `$2` stage, `$3` board, `$4` city, `$5` today when only overdue ones are wanted.
macro_rules! narrowed {
    () => {
        "FROM filing f JOIN organisation o ON o.id = f.org_id
        WHERE f.first_submitted_at IS NOT NULL
          AND ((CAST($2 AS TEXT) = '' AND f.stage IN ('submitted', 'review', 'second_review', 'approved', 'publicised'))
            OR f.stage = $2)
          AND (CAST($1 AS TEXT) = '' OR LOWER(o.name) LIKE $1 ESCAPE '\\'
            OR LOWER(o.credit_code) LIKE $1 ESCAPE '\\' OR LOWER(o.code) LIKE $1 ESCAPE '\\')
          AND (CAST($3 AS TEXT) = '' OR f.board = $3) AND (CAST($4 AS TEXT) = '' OR o.city = $4)
          AND (CAST($5 AS TEXT) = ''
            OR (f.clock IN ('acceptance', 'review') AND f.due_on <> '' AND f.due_on < $5)) "
    };
}

statements! {
    QUEUE = concat!(list_columns!(), narrowed!(),
        "ORDER BY CASE WHEN f.due_on = '' THEN 1 ELSE 0 END, f.due_on, f.submitted_at, f.id LIMIT $6 OFFSET $7");
    TOTAL = concat!("SELECT COUNT(*) ", narrowed!());
    STAGES = "SELECT stage, COUNT(*) FROM filing WHERE first_submitted_at IS NOT NULL
        AND stage IN ('submitted', 'correction', 'review', 'inquiry', 'second_review', 'suspended', 'approved', 'publicised')
        GROUP BY stage";
    OVERDUE = "SELECT COUNT(*) FROM filing WHERE first_submitted_at IS NOT NULL
        AND clock IN ('acceptance', 'review') AND due_on <> '' AND due_on < $1";
}
