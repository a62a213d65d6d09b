//! What a firm sees first: its engagements with what waits for it, and one engagement with the filing behind it.

use domain::{
    access::{Facts, action},
    id::{EngagementId, FilingId, OrgId},
    text::Text,
    workflow::StageName,
};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    args,
    cx::Cx,
    db::Arg,
    error::{Error, Result},
    filing::{self, EngagementView, Workspace, list::pattern},
    page::{Page, Paging},
    sql::statements,
};

/// Which engagements to show. Empty strings do not narrow.
#[derive(Clone, Debug, Default)]
pub struct InboxFilter {
    /// `invited`, `accepted`, `declined`, `ended`.
    pub status: String,
    /// Part of the enterprise's name.
    pub search: String,
    /// Only what waits for this firm: an invitation to answer, or documents to attest.
    pub waiting: bool,
    pub paging: Paging,
}

/// A firm's engagements.
#[derive(Clone, Debug, Serialize)]
pub struct Inbox {
    pub page: Page<EngagementRow>,
    /// Invitations to answer, over all pages.
    pub invited: i64,
    /// Engagements with documents to attest, over all pages.
    pub waiting: i64,
}

/// One engagement in the inbox.
#[derive(Clone, Debug, Serialize)]
pub struct EngagementRow {
    pub id: EngagementId,
    pub filing: FilingId,
    pub org_name: String,
    pub org_city: String,
    pub stage: StageName,
    pub status: String,
    pub slots: Vec<SlotName>,
    /// Slots with documents that this firm has not spoken on yet.
    pub waiting: i64,
    pub note: String,
    pub reason: String,
    pub invited_at: i64,
    pub answered_at: Option<i64>,
}

/// A slot by id and name.
#[derive(Clone, Debug, Serialize)]
pub struct SlotName {
    pub id: String,
    pub name: Text,
}

/// One engagement with the filing as its firm may see it.
#[derive(Clone, Debug, Serialize)]
pub struct EngagementPage {
    pub engagement: EngagementView,
    pub workspace: Workspace,
}

/// The firm's engagements, what waits first. Three queries.
///
/// # Errors
/// Only when nobody is signed in: other organisations have an empty inbox.
pub async fn inbox(cx: &Cx, filter: &InboxFilter) -> Result<Inbox> {
    let firm = cx.actor()?.org;
    let narrow: Vec<Arg> =
        args![firm, filter.status.as_str(), pattern(&filter.search), i64::from(filter.waiting)];
    let mut bound = narrow.clone();
    bound.extend(args![filter.paging.limit(), filter.paging.offset()]);
    let reader = cx.db.read();
    let rows: Vec<InboxRow> = reader.all(INBOX, bound).await?;
    let (total,): (i64,) = reader.one(TOTAL, narrow).await?;
    let (invited, waiting): (i64, i64) = reader.one(COUNTS, args![firm]).await?;
    let rows = rows.into_iter().map(|row| row.view(cx)).collect::<Result<_>>()?;
    Ok(Inbox { page: Page::new(rows, total, filter.paging), invited, waiting })
}

/// One engagement, for its firm or for the enterprise.
///
/// # Errors
/// Not found for anybody else, and for the firm once it was declined or ended.
pub async fn read(cx: &Cx, id: EngagementId) -> Result<EngagementPage> {
    let (filing, firm, owner): (Uuid, Uuid, Uuid) = cx.db.read().one(PARTIES, args![id]).await?;
    let facts = Facts {
        subject: filing,
        owner: OrgId(owner),
        engaged: firm == cx.actor()?.org.0,
        stage: None,
        submitted: false,
    };
    cx.permit::<action::ReadFiling>(&facts)?;
    let workspace = filing::workspace(cx, FilingId(filing)).await?;
    let engagement = workspace.engagements.iter().find(|one| one.id == id).cloned().ok_or(Error::NotFound)?;
    Ok(EngagementPage { engagement, workspace })
}

#[derive(sqlx::FromRow)]
struct InboxRow {
    id: Uuid,
    filing_id: Uuid,
    org_name: String,
    org_city: String,
    pack_id: String,
    pack_version: String,
    stage: String,
    status: String,
    slots: String,
    waiting: i64,
    note: String,
    reason: String,
    invited_at: i64,
    answered_at: Option<i64>,
}

impl InboxRow {
    fn view(self, cx: &Cx) -> Result<EngagementRow> {
        let pack = cx.pack(&self.pack_id, &self.pack_version)?;
        // In the order of the rule pack.
        let mine: Vec<&str> = self.slots.split(',').collect();
        let named = pack.slots.iter().filter(|slot| mine.contains(&slot.id.as_str()));
        Ok(EngagementRow {
            id: EngagementId(self.id),
            filing: FilingId(self.filing_id),
            slots: named.map(|slot| SlotName { id: slot.id.to_string(), name: slot.name.clone() }).collect(),
            stage: StageName::from_name(&self.stage).ok_or_else(|| {
                Error::internal(anyhow::anyhow!("filing {} has no known stage", self.filing_id))
            })?,
            org_name: self.org_name,
            org_city: self.org_city,
            status: self.status,
            waiting: self.waiting,
            note: self.note,
            reason: self.reason,
            invited_at: self.invited_at,
            answered_at: self.answered_at,
        })
    }
}

/// Slots of an accepted engagement `e` of the editable filing `f` that have documents and no word of the firm yet.
macro_rules! waiting {
    () => {
        "(SELECT COUNT(*) FROM engagement_slot s WHERE s.engagement_id = e.id AND e.status = 'accepted'
            AND f.stage IN ('draft', 'attesting', 'correction', 'inquiry')
            AND EXISTS (SELECT 1 FROM document d
                WHERE d.filing_id = e.filing_id AND d.slot = s.slot AND d.removed_at IS NULL)
            AND NOT EXISTS (SELECT 1 FROM attestation a WHERE a.filing_id = e.filing_id AND a.slot = s.slot
                AND a.firm_id = e.firm_id AND a.superseded_at IS NULL))"
    };
}
macro_rules! narrowed {
    () => {
        concat!(
            "FROM (SELECT e.id, e.filing_id, e.status, e.note, e.reason, e.invited_at, e.answered_at,
                o.name AS org_name, o.city AS org_city, f.pack_id, f.pack_version, f.stage, ",
            waiting!(),
            " AS waiting
              FROM engagement e JOIN filing f ON f.id = e.filing_id JOIN organisation o ON o.id = f.org_id
              WHERE e.firm_id = $1) w
            WHERE (CAST($2 AS TEXT) = '' OR w.status = $2)
              AND (CAST($3 AS TEXT) = '' OR LOWER(w.org_name) LIKE $3 ESCAPE '\\')
              AND (CAST($4 AS BIGINT) = 0 OR w.waiting > 0 OR w.status = 'invited') "
        )
    };
}

statements! {
    INBOX = concat!("SELECT w.id, w.filing_id, w.org_name, w.org_city, w.pack_id, w.pack_version, w.stage, w.status,
            (SELECT STRING_AGG(s.slot, ',') FROM engagement_slot s WHERE s.engagement_id = w.id) AS slots,
            w.waiting, w.note, w.reason, w.invited_at, w.answered_at ", narrowed!(),
        "ORDER BY CASE WHEN w.status = 'invited' THEN 0 WHEN w.waiting > 0 THEN 1 WHEN w.status = 'accepted' THEN 2
            ELSE 3 END, w.invited_at DESC, w.id DESC LIMIT $5 OFFSET $6");
    TOTAL = concat!("SELECT COUNT(*) ", narrowed!());
    COUNTS = concat!("SELECT CAST(COALESCE(SUM(CASE WHEN w.status = 'invited' THEN 1 ELSE 0 END), 0) AS BIGINT) AS invited,
            CAST(COALESCE(SUM(CASE WHEN w.waiting > 0 THEN 1 ELSE 0 END), 0) AS BIGINT) AS waiting
        FROM (SELECT e.status, ", waiting!(), " AS waiting FROM engagement e JOIN filing f ON f.id = e.filing_id
            WHERE e.firm_id = $1) w");
    PARTIES = "SELECT e.filing_id, e.firm_id, f.org_id FROM engagement e JOIN filing f ON f.id = e.filing_id
        WHERE e.id = $1";
}
