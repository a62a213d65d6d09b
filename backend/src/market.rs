//! The supervisors' view of the market: figures, companies, filings, documents and the leaves that prove them. Every
//! read goes through the supervision pool, which cannot write, and shows what was submitted, never a draft. The
//! caller writes the access record before it asks. The landing page's public counts stand here too.

use domain::{
    access::{Scope, action},
    id::{DocumentId, FilingId},
    rule_pack::{FieldKind, RulePack},
    text::Text,
};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    args,
    cx::Cx,
    document::{self, DocumentVersions},
    error::Result,
    filing::{self, FilingListRow, Filter, Workspace},
    page::Page,
    sql::statements,
};

pub(crate) mod company;
pub(crate) mod overview;
pub(crate) mod walk;
pub use company::{
    CompanyFilter, CompanyPage, CompanyRecord, CompanyRow, CompanySort, SanctionView, companies, company,
};
pub use overview::{Count, Month, Overview, overview};
pub use walk::walk;

/// Filings that were submitted at least once.
///
/// # Errors
/// Denied to everybody but supervisors, as every read here.
pub async fn filings(cx: &Cx, filter: &Filter) -> Result<Page<FilingListRow>> {
    cx.permit_own::<action::Supervise>()?;
    filing::list::list_in(cx, cx.db.supervision(), Scope::Market, filter).await
}

/// A filing as it was last submitted, with the list of all its versions.
///
/// # Errors
/// Not found before the first submission.
pub async fn filing(cx: &Cx, id: FilingId) -> Result<Workspace> {
    cx.permit_own::<action::Supervise>()?;
    filing::workspace(cx, id).await
}

/// One submitted version of a filing.
///
/// # Errors
/// Not found when there is no such version.
pub async fn filing_version(cx: &Cx, id: FilingId, number: i64) -> Result<Workspace> {
    cx.permit_own::<action::Supervise>()?;
    filing::version(cx, id, number).await
}

/// A document: the versions that were submitted, and in which versions of the filing each was used.
///
/// # Errors
/// Not found when it was never submitted.
pub async fn document(cx: &Cx, id: DocumentId) -> Result<DocumentVersions> {
    cx.permit_own::<action::Supervise>()?;
    document::versions(cx, id).await
}

/// Something that happened on the market, with its place on the ledger.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct MarketEvent {
    pub seq: i64,
    /// `filing`, `organisation` or `rule_pack`.
    pub subject_kind: String,
    pub subject_id: Uuid,
    pub org_id: Uuid,
    pub org_name: String,
    /// `event.<kind>` names it.
    pub kind: String,
    pub actor_name: String,
    pub actor_org: String,
    pub at: i64,
    pub leaf_index: Option<i64>,
    pub anchored_at: Option<i64>,
}

/// One event, to follow it to its leaf (`/ledger/entries/{leaf_index}`).
///
/// # Errors
/// Not found for events of drafts.
pub async fn event(cx: &Cx, seq: i64) -> Result<MarketEvent> {
    cx.permit_own::<action::Supervise>()?;
    cx.db.supervision().one(EVENT, args![seq]).await
}

/// What the landing page tells everybody.
#[derive(Clone, Copy, Debug, Serialize, sqlx::FromRow)]
pub struct PublicCounts {
    /// Verified enterprises.
    pub companies: i64,
    /// Companies that have a code.
    pub listed: i64,
    /// Submitted versions of filings.
    pub submissions: i64,
    /// Entries that a published checkpoint covers.
    pub anchored: i64,
}

/// The public figures. One query, for anybody.
///
/// # Errors
/// Only the database's.
pub async fn public_counts(cx: &Cx) -> Result<PublicCounts> {
    cx.db.read().one(PUBLIC, args![]).await
}

/// The name of a city that a pack's choice lists, or the word itself.
pub(crate) fn city_name(pack: &RulePack, city: &str) -> Text {
    let options = pack.field("city").map(|field| &field.kind);
    if let Some(FieldKind::Choice { options }) = options
        && let Some(option) = options.iter().find(|option| option.value == city || option.label.zh == city)
    {
        return option.label.clone();
    }
    Text { zh: city.to_owned(), en: city.to_owned() }
}

/// Events that are no draft's: of organisations and rule packs, and of filings from their first submission on.
macro_rules! market_events {
    () => {
        "SELECT e.seq, e.subject_kind, e.subject_id, e.org_id, o.name AS org_name, e.kind, e.actor_name, e.actor_org,
            e.at, x.leaf_index, x.anchored_at
        FROM event e JOIN outbox x ON x.seq = e.outbox_seq JOIN organisation o ON o.id = e.org_id
        LEFT JOIN filing f ON f.id = e.subject_id
        WHERE (e.subject_kind IN ('organisation', 'rule_pack')
            OR e.subject_kind = 'filing' AND f.first_submitted_at IS NOT NULL AND e.at >= f.first_submitted_at) "
    };
}
pub(crate) use market_events;

statements! {
    EVENT = concat!(market_events!(), "AND e.seq = $1");
    PUBLIC = "SELECT
        (SELECT COUNT(*) FROM organisation WHERE kind = 'enterprise' AND verified_at IS NOT NULL) AS companies,
        (SELECT COUNT(*) FROM organisation WHERE code IS NOT NULL) AS listed,
        (SELECT COUNT(*) FROM filing_version) AS submissions,
        (SELECT COUNT(*) FROM outbox WHERE anchored_at IS NOT NULL) AS anchored";
}
