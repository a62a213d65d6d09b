//! Lists of filings: the enterprise's own, those a firm is engaged for, the exchange's whole market. What an actor
//! may see at all is the scope, part of every query; search, filters, order and paging narrow it. Two queries per
//! page. The exchange's working queue is in `review`.

use domain::{
    access::Scope,
    actor::OrgKind,
    calendar::china_date,
    id::{FilingId, OrgId},
    text::Text,
    workflow::StageName,
};
use serde::Serialize;
use uuid::Uuid;

use super::{clock, clock::ClockView, read::board_name};
use crate::{
    args,
    cx::Cx,
    db::{Arg, Reader},
    error::Result,
    page::{Page, Paging, containing},
    sql::statements,
};

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
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

impl Sort {
    /// Every order.
    pub const ALL: [Self; 4] = [Self::Updated, Self::Created, Self::Due, Self::Name];

    /// The value in an address.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Updated => "updated",
            Self::Created => "created",
            Self::Due => "due",
            Self::Name => "name",
        }
    }

    /// Reads [`Self::name`]; anything else is the default.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|sort| sort.name() == name).unwrap_or_default()
    }
}

/// What to show of what may be seen. Empty strings and `None` do not narrow.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the enterprise's name, credit code or market code.
    pub search: String,
    pub stage: Option<StageName>,
    pub board: String,
    pub city: String,
    /// Only what is past its due day.
    pub overdue: bool,
    pub sort: Sort,
    pub paging: Paging,
}

/// A search as the statements take it: [`containing`], or empty for no search at all.
pub(crate) fn pattern(search: &str) -> String {
    if search.trim().is_empty() { String::new() } else { containing(search) }
}

/// A filing in a list.
#[derive(Clone, Debug, Serialize)]
pub struct FilingListRow {
    pub id: FilingId,
    pub org: OrgId,
    pub org_name: String,
    pub org_credit_code: String,
    pub org_city: String,
    pub org_code: Option<String>,
    pub board: String,
    pub board_name: Text,
    pub stage: StageName,
    pub submissions: i64,
    pub submitted_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
    pub clock: Option<ClockView>,
}

/// Filings that this actor may see: the own organisation's, the firm's, or the submitted ones of the market.
///
/// # Errors
/// When nobody is signed in.
pub async fn list(cx: &Cx, filter: &Filter) -> Result<Page<FilingListRow>> {
    let reader = if cx.actor()?.org_kind == OrgKind::Regulator { cx.db.supervision() } else { cx.db.read() };
    list_in(cx, reader, Scope::of(cx.actor()?), filter).await
}

pub(crate) async fn list_in(
    cx: &Cx,
    reader: &Reader,
    scope: Scope,
    filter: &Filter,
) -> Result<Page<FilingListRow>> {
    let narrow = narrow(cx, scope, filter);
    let mut bound = narrow.clone();
    bound.extend(args![filter.paging.limit(), filter.paging.offset()]);
    let (rows_sql, count_sql) = sql(scope, filter.sort);
    let rows: Vec<ListRow> = reader.all(rows_sql, bound).await?;
    let (total,): (i64,) = reader.one(count_sql, narrow).await?;
    let rows = rows.into_iter().map(|row| row.view(cx)).collect::<Result<_>>()?;
    Ok(Page::new(rows, total, filter.paging))
}

/// `$1` to `$6` of every statement over this list.
pub(crate) fn narrow(cx: &Cx, scope: Scope, filter: &Filter) -> Vec<Arg> {
    let today = china_date(cx.now()).to_string();
    let (_, org) = scope.parameters();
    args![
        pattern(&filter.search),
        filter.stage.map_or("", StageName::name),
        filter.board.as_str(),
        filter.city.as_str(),
        if filter.overdue { today } else { String::new() },
        org
    ]
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct ListRow {
    pub(crate) id: Uuid,
    org_id: Uuid,
    pub(crate) org_name: String,
    org_credit_code: String,
    org_city: String,
    org_code: Option<String>,
    pack_id: String,
    pack_version: String,
    board: String,
    stage_data: String,
    submissions: i64,
    submitted_at: Option<i64>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) due_on: String,
}

impl ListRow {
    pub(crate) fn view(self, cx: &Cx) -> Result<FilingListRow> {
        let pack = cx.pack(&self.pack_id, &self.pack_version)?;
        let stage: domain::workflow::Stage = serde_json::from_str(&self.stage_data)?;
        Ok(FilingListRow {
            id: FilingId(self.id),
            org: OrgId(self.org_id),
            board_name: board_name(pack, &self.board),
            clock: clock::view(&stage, pack.clocks, &cx.calendar, cx.now()),
            stage: stage.name(),
            org_name: self.org_name,
            org_credit_code: self.org_credit_code,
            org_city: self.org_city,
            org_code: self.org_code,
            board: self.board,
            submissions: self.submissions,
            submitted_at: self.submitted_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

const fn sql(scope: Scope, sort: Sort) -> (&'static str, &'static str) {
    match (scope, sort) {
        (Scope::Own(_), Sort::Updated) => (OWN_BY_UPDATED, OWN_COUNT),
        (Scope::Own(_), Sort::Created) => (OWN_BY_CREATED, OWN_COUNT),
        (Scope::Own(_), Sort::Due) => (OWN_BY_DUE, OWN_COUNT),
        (Scope::Own(_), Sort::Name) => (OWN_BY_NAME, OWN_COUNT),
        (Scope::Engaged(_), Sort::Updated) => (ENGAGED_BY_UPDATED, ENGAGED_COUNT),
        (Scope::Engaged(_), Sort::Created) => (ENGAGED_BY_CREATED, ENGAGED_COUNT),
        (Scope::Engaged(_), Sort::Due) => (ENGAGED_BY_DUE, ENGAGED_COUNT),
        (Scope::Engaged(_), Sort::Name) => (ENGAGED_BY_NAME, ENGAGED_COUNT),
        (Scope::Market, Sort::Updated) => (MARKET_BY_UPDATED, MARKET_COUNT),
        (Scope::Market, Sort::Created) => (MARKET_BY_CREATED, MARKET_COUNT),
        (Scope::Market, Sort::Due) => (MARKET_BY_DUE, MARKET_COUNT),
        (Scope::Market, Sort::Name) => (MARKET_BY_NAME, MARKET_COUNT),
    }
}

macro_rules! list_columns {
    () => {
        "SELECT f.id, f.org_id, o.name AS org_name, o.credit_code AS org_credit_code, o.city AS org_city,
            o.code AS org_code, f.pack_id, f.pack_version, f.board, f.stage_data, f.submissions, f.submitted_at,
            f.created_at, f.updated_at, f.due_on "
    };
}

pub(crate) use list_columns;

/// `$1` search, `$2` stage, `$3` board, `$4` city, `$5` today when only overdue ones are wanted, `$6` organisation
/// (nil for the market).
macro_rules! narrowed {
    ($scope:expr) => {
        concat!(
            "FROM filing f JOIN organisation o ON o.id = f.org_id WHERE ",
            $scope,
            " AND (CAST($1 AS TEXT) = '' OR LOWER(o.name) LIKE $1 ESCAPE '\\'
                OR LOWER(o.credit_code) LIKE $1 ESCAPE '\\' OR LOWER(o.code) LIKE $1 ESCAPE '\\')
            AND (CAST($2 AS TEXT) = '' OR f.stage = $2) AND (CAST($3 AS TEXT) = '' OR f.board = $3)
            AND (CAST($4 AS TEXT) = '' OR o.city = $4)
            AND (CAST($5 AS TEXT) = '' OR (f.due_on <> '' AND f.due_on < $5)) "
        )
    };
}
pub(crate) use narrowed;
macro_rules! page {
    ($scope:expr, $order:literal) => {
        concat!(list_columns!(), narrowed!($scope), "ORDER BY ", $order, " LIMIT $7 OFFSET $8")
    };
}
macro_rules! total {
    ($scope:expr) => {
        concat!("SELECT COUNT(*) ", narrowed!($scope))
    };
}
macro_rules! own {
    () => {
        "f.org_id = $6"
    };
}
macro_rules! engaged {
    () => {
        "f.id IN (SELECT e.filing_id FROM engagement e
            WHERE e.firm_id = $6 AND e.status IN ('invited', 'accepted'))"
    };
}
/// No filing belongs to the nil organisation: the comparison only gives the parameter its type.
macro_rules! market {
    () => {
        "f.first_submitted_at IS NOT NULL AND f.org_id <> $6"
    };
}
pub(crate) use {engaged, market, own};
statements! {
    OWN_BY_UPDATED = page!(own!(), "f.updated_at DESC, f.id DESC");
    OWN_BY_CREATED = page!(own!(), "f.created_at DESC, f.id DESC");
    OWN_BY_DUE = page!(own!(), "CASE WHEN f.due_on = '' THEN 1 ELSE 0 END, f.due_on, f.id");
    OWN_BY_NAME = page!(own!(), "o.name, f.id");
    OWN_COUNT = total!(own!());
    ENGAGED_BY_UPDATED = page!(engaged!(), "f.updated_at DESC, f.id DESC");
    ENGAGED_BY_CREATED = page!(engaged!(), "f.created_at DESC, f.id DESC");
    ENGAGED_BY_DUE = page!(engaged!(), "CASE WHEN f.due_on = '' THEN 1 ELSE 0 END, f.due_on, f.id");
    ENGAGED_BY_NAME = page!(engaged!(), "o.name, f.id");
    ENGAGED_COUNT = total!(engaged!());
    MARKET_BY_UPDATED = page!(market!(), "f.updated_at DESC, f.id DESC");
    MARKET_BY_CREATED = page!(market!(), "f.created_at DESC, f.id DESC");
    MARKET_BY_DUE = page!(market!(), "CASE WHEN f.due_on = '' THEN 1 ELSE 0 END, f.due_on, f.id");
    MARKET_BY_NAME = page!(market!(), "o.name, f.id");
    MARKET_COUNT = total!(market!());
}
