//! Companies for supervisors: the list, and one company's record with its submitted filings, sanctions and history.

use domain::{
    access::{Scope, action},
    actor::Standing,
    id::{FilingId, OrgId},
    rule_pack::RulePack,
    text::Text,
    workflow::StageName,
};
use serde::Serialize;
use uuid::Uuid;

use super::{MarketEvent, city_name, market_events};
use crate::{
    args,
    cx::Cx,
    db::Arg,
    error::Result,
    filing::{self, FilingListRow, Filter, Sort, list::pattern, read::board_name},
    page::{MAX_SIZE, Page, Paging},
    sql::statements,
};

/// Events that a company's page shows.
const EVENTS: i64 = 200;

/// The order of the list of companies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CompanySort {
    /// By name.
    #[default]
    Name,
    /// Last submission first.
    Submitted,
    /// By enterprise code; companies without one last.
    Code,
}

impl CompanySort {
    /// Every order.
    pub const ALL: [Self; 3] = [Self::Name, Self::Submitted, Self::Code];

    /// The value in an address.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Submitted => "submitted",
            Self::Code => "code",
        }
    }

    /// Reads [`Self::name`]; anything else is the default.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|sort| sort.name() == name).unwrap_or_default()
    }
}

/// Which companies to show. Empty strings and `None` do not narrow.
#[derive(Clone, Debug, Default)]
pub struct CompanyFilter {
    /// Part of the name, credit code or enterprise code.
    pub search: String,
    pub city: String,
    /// Board and stage of the last submitted filing.
    pub board: String,
    pub stage: Option<StageName>,
    pub sort: CompanySort,
    pub paging: Paging,
}

/// A company in the list.
#[derive(Clone, Debug, Serialize)]
pub struct CompanyRow {
    pub id: OrgId,
    pub name: String,
    pub credit_code: String,
    pub city: String,
    pub city_name: Text,
    pub code: Option<String>,
    pub standing: Standing,
    /// Submitted filings.
    pub filings: i64,
    /// The last submitted filing, with its stage and board.
    pub last_filing: Option<FilingId>,
    pub stage: Option<StageName>,
    pub board: Option<Text>,
    pub submitted_at: Option<i64>,
}

/// A company's record.
#[derive(Clone, Debug, Serialize)]
pub struct CompanyRecord {
    pub id: OrgId,
    pub name: String,
    pub credit_code: String,
    /// The check digit is not the computed one.
    pub credit_code_suspect: bool,
    pub city: String,
    pub city_name: Text,
    pub legal_representative: String,
    pub code: Option<String>,
    pub standing: Standing,
    pub verified_at: Option<i64>,
    pub created_at: i64,
}

/// A sanction as supervisors see it.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct SanctionView {
    pub id: Uuid,
    /// Name of a [`Standing`].
    pub standing: String,
    pub reason: String,
    pub decided_at: i64,
    pub lifted_at: Option<i64>,
    pub lift_reason: Option<String>,
}

/// One company.
#[derive(Clone, Debug, Serialize)]
pub struct CompanyPage {
    pub record: CompanyRecord,
    /// Submitted ones, newest first.
    pub filings: Vec<FilingListRow>,
    /// Newest first.
    pub sanctions: Vec<SanctionView>,
    /// Newest first.
    pub events: Vec<MarketEvent>,
}

/// Registered enterprises. Two queries.
///
/// # Errors
/// Denied to everybody but supervisors.
pub async fn companies(cx: &Cx, filter: &CompanyFilter) -> Result<Page<CompanyRow>> {
    cx.permit_own::<action::Supervise>()?;
    let narrow = narrow(filter);
    let mut bound = narrow.clone();
    bound.extend(args![filter.paging.limit(), filter.paging.offset()]);
    let sql = match filter.sort {
        CompanySort::Name => BY_NAME,
        CompanySort::Submitted => BY_SUBMITTED,
        CompanySort::Code => BY_CODE,
    };
    let reader = cx.db.supervision();
    let rows: Vec<Row> = reader.all(sql, bound).await?;
    let (total,): (i64,) = reader.one(TOTAL, narrow).await?;
    let pack = cx.current_pack()?;
    let rows = rows.into_iter().map(|row| row.view(pack)).collect();
    Ok(Page::new(rows, total, filter.paging))
}

/// One company. Five queries.
///
/// # Errors
/// Not found when there is no such enterprise.
pub async fn company(cx: &Cx, id: OrgId) -> Result<CompanyPage> {
    cx.permit_own::<action::Supervise>()?;
    let reader = cx.db.supervision();
    let row: RecordRow = reader.one(RECORD, args![id]).await?;
    let filter = Filter {
        search: row.credit_code.clone(),
        sort: Sort::Created,
        paging: Paging { page: 1, size: MAX_SIZE },
        ..Filter::default()
    };
    let mut filings = filing::list::list_in(cx, reader, Scope::Market, &filter).await?.rows;
    // Two organisations of different kinds may share a code.
    filings.retain(|filing| filing.org == id);
    let sanctions = reader.all(SANCTIONS, args![id]).await?;
    let events = reader.all(OF_COMPANY, args![id, EVENTS]).await?;
    let record = CompanyRecord {
        id,
        city_name: city_name(cx.current_pack()?, &row.city),
        standing: standing(&row.standing),
        name: row.name,
        credit_code: row.credit_code,
        credit_code_suspect: row.credit_code_suspect != 0,
        city: row.city,
        legal_representative: row.legal_representative,
        code: row.code,
        verified_at: row.verified_at,
        created_at: row.created_at,
    };
    Ok(CompanyPage { record, filings, sanctions, events })
}

fn standing(name: &str) -> Standing {
    Standing::from_name(name).unwrap_or(Standing::Unverified)
}

/// `$1` to `$4` of every statement over this list.
pub(super) fn narrow(filter: &CompanyFilter) -> Vec<Arg> {
    args![
        pattern(&filter.search),
        filter.city.as_str(),
        filter.board.as_str(),
        filter.stage.map_or("", StageName::name)
    ]
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub(super) id: Uuid,
    pub(super) name: String,
    credit_code: String,
    city: String,
    pub(super) code: Option<String>,
    standing: String,
    filings: i64,
    filing_id: Option<Uuid>,
    stage: Option<String>,
    board: Option<String>,
    pub(super) submitted_at: Option<i64>,
}

impl Row {
    pub(super) fn view(self, pack: &RulePack) -> CompanyRow {
        CompanyRow {
            id: OrgId(self.id),
            city_name: city_name(pack, &self.city),
            standing: standing(&self.standing),
            last_filing: self.filing_id.map(FilingId),
            stage: self.stage.as_deref().and_then(StageName::from_name),
            board: self.board.map(|board| board_name(pack, &board)),
            name: self.name,
            credit_code: self.credit_code,
            city: self.city,
            code: self.code,
            filings: self.filings,
            submitted_at: self.submitted_at,
        }
    }
}

#[derive(sqlx::FromRow)]
struct RecordRow {
    name: String,
    credit_code: String,
    credit_code_suspect: i64,
    city: String,
    legal_representative: String,
    code: Option<String>,
    standing: String,
    verified_at: Option<i64>,
    created_at: i64,
}

/// `$1` search, `$2` city, `$3` board, `$4` stage.
macro_rules! narrowed {
    () => {
        "FROM organisation o LEFT JOIN filing f ON f.id = (SELECT l.id FROM filing l
            WHERE l.org_id = o.id AND l.first_submitted_at IS NOT NULL ORDER BY l.created_at DESC, l.id DESC LIMIT 1)
        WHERE o.kind = 'enterprise'
          AND (CAST($1 AS TEXT) = '' OR LOWER(o.name) LIKE $1 ESCAPE '\\'
            OR LOWER(o.credit_code) LIKE $1 ESCAPE '\\' OR LOWER(o.code) LIKE $1 ESCAPE '\\')
          AND (CAST($2 AS TEXT) = '' OR o.city = $2) AND (CAST($3 AS TEXT) = '' OR f.board = $3)
          AND (CAST($4 AS TEXT) = '' OR f.stage = $4) "
    };
}
macro_rules! columns {
    () => {
        "SELECT o.id, o.name, o.credit_code, o.city, o.code, o.standing,
            (SELECT COUNT(*) FROM filing c WHERE c.org_id = o.id AND c.first_submitted_at IS NOT NULL) AS filings,
            f.id AS filing_id, f.stage, f.board, f.submitted_at "
    };
}
pub(super) use {columns, narrowed};
macro_rules! page {
    ($order:literal) => {
        concat!(columns!(), narrowed!(), "ORDER BY ", $order, " LIMIT $5 OFFSET $6")
    };
}

statements! {
    BY_NAME = page!("o.name, o.id");
    BY_SUBMITTED = page!("COALESCE(f.submitted_at, 0) DESC, o.name, o.id");
    BY_CODE = page!("CASE WHEN o.code IS NULL THEN 1 ELSE 0 END, o.code, o.name, o.id");
    TOTAL = concat!("SELECT COUNT(*) ", narrowed!());
    RECORD = "SELECT name, credit_code, credit_code_suspect, city, legal_representative, code, standing, verified_at,
            created_at
        FROM organisation WHERE id = $1 AND kind = 'enterprise'";
    SANCTIONS = "SELECT id, standing, reason, decided_at, lifted_at, lift_reason FROM sanction WHERE org_id = $1
        ORDER BY decided_at DESC, id DESC";
    OF_COMPANY = concat!(market_events!(), "AND e.org_id = $1 ORDER BY e.seq DESC LIMIT $2");
}
