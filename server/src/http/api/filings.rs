//! `GET /api/v1/filings`: the filings that the token's person may see.

use backend::filing::{Filter, Sort, walk};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    answer::{self, Answer, List},
    caller::{Asked, Caller},
    problem::Failures,
    schema::{FilingLine, Stage},
};

/// Orders of the list.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Order {
    /// Last changed first.
    #[default]
    Updated,
    /// Opened last first.
    Created,
    /// Due first; what has no due day comes last.
    Due,
    /// By the enterprise's name.
    Name,
}

impl From<Order> for Sort {
    fn from(order: Order) -> Self {
        match order {
            Order::Updated => Self::Updated,
            Order::Created => Self::Created,
            Order::Due => Self::Due,
            Order::Name => Self::Name,
        }
    }
}

/// What to show.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// Part of the enterprise's name, credit code or enterprise code; case does not matter.
    #[param(example = "示例科技")]
    q: Option<String>,
    /// Only filings in this stage.
    #[param(inline)]
    stage: Option<Stage>,
    /// Only this board; ids are those of the rule pack.
    board: Option<String>,
    /// Only enterprises of this city.
    city: Option<String>,
    /// `true`: only what is past its due day.
    overdue: Option<bool>,
    /// Order; `updated` when absent.
    #[param(inline)]
    sort: Option<Order>,
    /// Items per answer, 1 to 100; 20 when absent.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<u32>,
    /// `next_cursor` of the answer before.
    cursor: Option<String>,
}

/// The filings that the token's person may see.
///
/// Enterprises: their own. Firms: those they are engaged for. The exchange and supervisors: what was submitted at
/// least once. A supervisor's reading is recorded (`supervision.filings`).
#[utoipa::path(get, path = "/filings", tag = "filings", params(Query),
    responses((status = 200, body = List<FilingLine>), Failures))]
pub(super) async fn filings(caller: Caller, Asked(asked): Asked<Query>) -> Answer {
    let (limit, cursor) = (answer::limit(asked.limit)?, answer::cursor(asked.cursor.as_deref())?);
    let filter = Filter {
        search: asked.q.unwrap_or_default(),
        stage: asked.stage.map(Into::into),
        board: asked.board.unwrap_or_default(),
        city: asked.city.unwrap_or_default(),
        overdue: asked.overdue.unwrap_or_default(),
        sort: asked.sort.unwrap_or_default().into(),
        ..Filter::default()
    };
    caller.noted("supervision.filings", None).await?;
    let found = walk(&caller.cx, &filter, cursor.as_ref(), limit).await?;
    answer::json(&caller.headers, &List::of(found, FilingLine::from))
}
