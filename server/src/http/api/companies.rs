//! Companies, for supervisors: the list and one company's record.

use backend::market::{
    CompanyFilter, CompanyPage, CompanyRow, CompanySort, MarketEvent, SanctionView, company as read, walk,
};
use domain::{access::action, id::OrgId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    answer::{self, Answer, List},
    caller::{Address, Asked, Caller},
    problem::Failures,
    schema::{FilingLine, Stage, Text},
};

/// Orders of the list.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Order {
    /// By name.
    #[default]
    Name,
    /// Last submission first.
    Submitted,
    /// By enterprise code; companies without one last.
    Code,
}

impl From<Order> for CompanySort {
    fn from(order: Order) -> Self {
        match order {
            Order::Name => Self::Name,
            Order::Submitted => Self::Submitted,
            Order::Code => Self::Code,
        }
    }
}

/// What to show.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// Part of the name, credit code or enterprise code; case does not matter.
    #[param(example = "示例科技")]
    q: Option<String>,
    /// Only companies of this city.
    city: Option<String>,
    /// Only companies whose last submitted filing is for this board.
    board: Option<String>,
    /// Only companies whose last submitted filing is in this stage.
    #[param(inline)]
    stage: Option<Stage>,
    /// Order; `name` when absent.
    #[param(inline)]
    sort: Option<Order>,
    /// Items per answer, 1 to 100; 20 when absent.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<u32>,
    /// `next_cursor` of the answer before.
    cursor: Option<String>,
}

/// A company in the list.
#[derive(Debug, Serialize, ToSchema)]
struct CompanyLine {
    /// Organisation id.
    id: Uuid,
    /// Name, as registered.
    #[schema(example = "金陵示例科技股份有限公司")]
    name: String,
    /// Unified social credit code (GB 32100), 18 characters.
    credit_code: String,
    /// City, as registered.
    city: String,
    city_name: Text,
    /// Enterprise code (JR/T 0326), once listed.
    code: Option<String>,
    /// Standing with the exchange today.
    #[schema(example = "good")]
    standing: String,
    /// Filings that were submitted at least once.
    #[schema(example = 1)]
    filings: i64,
    /// Id of the last submitted filing.
    last_filing: Option<Uuid>,
    /// Its stage.
    stage: Option<Stage>,
    /// The board it is for, from the rule pack in force.
    board: Option<Text>,
    /// When it was submitted last; microseconds since the epoch, UTC.
    submitted_at: Option<i64>,
}

impl From<CompanyRow> for CompanyLine {
    fn from(row: CompanyRow) -> Self {
        Self {
            id: row.id.0,
            name: row.name,
            credit_code: row.credit_code,
            city: row.city,
            city_name: row.city_name.into(),
            code: row.code,
            standing: row.standing.name().to_owned(),
            filings: row.filings,
            last_filing: row.last_filing.map(|id| id.0),
            stage: row.stage.map(Into::into),
            board: row.board.map(Into::into),
            submitted_at: row.submitted_at,
        }
    }
}

/// One company.
#[derive(Debug, Serialize, ToSchema)]
struct Company {
    /// Organisation id.
    id: Uuid,
    /// Name, as registered.
    name: String,
    /// Unified social credit code (GB 32100), 18 characters.
    credit_code: String,
    /// The code's check digit is not the computed one.
    credit_code_suspect: bool,
    /// City, as registered.
    city: String,
    city_name: Text,
    /// Legal representative, as registered.
    legal_representative: String,
    /// Enterprise code (JR/T 0326), once listed.
    code: Option<String>,
    /// Standing with the exchange today.
    standing: String,
    /// When the exchange verified its real name; microseconds since the epoch, UTC.
    verified_at: Option<i64>,
    /// When it registered; microseconds since the epoch, UTC.
    created_at: i64,
    /// Its submitted filings, newest first.
    filings: Vec<FilingLine>,
    /// Newest first.
    sanctions: Vec<Sanction>,
    /// What happened on the market, newest first, at most 200; nothing of drafts.
    events: Vec<Event>,
}

/// A measure of the exchange against a company.
#[derive(Debug, Serialize, ToSchema)]
struct Sanction {
    /// Sanction id.
    id: Uuid,
    /// The standing it gave: `warned`, `limited`, `closed`.
    #[schema(example = "warned")]
    standing: String,
    /// Why, in the operator's words.
    reason: String,
    /// When; microseconds since the epoch, UTC.
    decided_at: i64,
    /// When it was lifted; microseconds since the epoch, UTC.
    lifted_at: Option<i64>,
    /// Why it was lifted.
    lift_reason: Option<String>,
}

/// Something that happened, with its place on the ledger.
#[derive(Debug, Serialize, ToSchema)]
struct Event {
    /// Number of the event, rising.
    seq: i64,
    /// What it happened to: `filing`, `organisation`, `rule_pack`.
    #[schema(example = "filing")]
    subject_kind: String,
    /// Id of that.
    subject: Uuid,
    /// What happened.
    #[schema(example = "submitted")]
    kind: String,
    /// Who did it.
    actor_name: String,
    /// That person's organisation.
    actor_organisation: String,
    /// When; microseconds since the epoch, UTC.
    at: i64,
    /// Index of its ledger entry; absent while it waits for the ledger.
    leaf_index: Option<i64>,
    /// When a published checkpoint covered it; microseconds since the epoch, UTC.
    anchored_at: Option<i64>,
}

/// Registered enterprises, with their last submitted filing.
///
/// Supervisors only; the reading is recorded (`supervision.companies`).
#[utoipa::path(get, path = "/companies", tag = "market", params(Query),
    responses((status = 200, body = List<CompanyLine>), Failures))]
pub(super) async fn companies(caller: Caller, Asked(asked): Asked<Query>) -> Answer {
    let (limit, cursor) = (answer::limit(asked.limit)?, answer::cursor(asked.cursor.as_deref())?);
    let filter = CompanyFilter {
        search: asked.q.unwrap_or_default(),
        city: asked.city.unwrap_or_default(),
        board: asked.board.unwrap_or_default(),
        stage: asked.stage.map(Into::into),
        sort: asked.sort.unwrap_or_default().into(),
        ..CompanyFilter::default()
    };
    caller.noted("supervision.companies", None).await?;
    let found = walk(&caller.cx, &filter, cursor.as_ref(), limit).await?;
    answer::json(&caller.headers, &List::of(found, CompanyLine::from))
}

/// One company's record, its submitted filings, sanctions and events.
///
/// Supervisors only; the reading is recorded (`supervision.company`).
#[utoipa::path(get, path = "/companies/{company}", tag = "market", params(("company" = Uuid, Path, description = "Organisation id.")),
    responses((status = 200, body = Company), Failures))]
pub(super) async fn company(caller: Caller, Address(id): Address<OrgId>) -> Answer {
    caller.cx.permit_own::<action::Supervise>()?;
    caller.noted("supervision.company", Some(id.0)).await?;
    let found = read(&caller.cx, id).await?;
    answer::json(&caller.headers, &Company::from(found))
}

impl From<CompanyPage> for Company {
    fn from(page: CompanyPage) -> Self {
        let record = page.record;
        Self {
            id: record.id.0,
            name: record.name,
            credit_code: record.credit_code,
            credit_code_suspect: record.credit_code_suspect,
            city: record.city,
            city_name: record.city_name.into(),
            legal_representative: record.legal_representative,
            code: record.code,
            standing: record.standing.name().to_owned(),
            verified_at: record.verified_at,
            created_at: record.created_at,
            filings: page.filings.into_iter().map(Into::into).collect(),
            sanctions: page.sanctions.into_iter().map(Into::into).collect(),
            events: page.events.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<SanctionView> for Sanction {
    fn from(view: SanctionView) -> Self {
        Self {
            id: view.id,
            standing: view.standing,
            reason: view.reason,
            decided_at: view.decided_at,
            lifted_at: view.lifted_at,
            lift_reason: view.lift_reason,
        }
    }
}

impl From<MarketEvent> for Event {
    fn from(event: MarketEvent) -> Self {
        Self {
            seq: event.seq,
            subject_kind: event.subject_kind,
            subject: event.subject_id,
            kind: event.kind,
            actor_name: event.actor_name,
            actor_organisation: event.actor_org,
            at: event.at,
            leaf_index: event.leaf_index,
            anchored_at: event.anchored_at,
        }
    }
}
