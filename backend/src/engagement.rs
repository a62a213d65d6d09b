//! Engagements: an enterprise asks a verified firm to answer for slots of its filing, the firm accepts or declines,
//! the enterprise may end it. Only the kind of firm that the rule pack names for a slot can be engaged for it, and
//! one firm at a time.

use domain::{
    access::{Facts, action},
    actor::OrgKind,
    id::{EngagementId, FilingId, OrgId, UserId},
    rule_pack::RulePack,
};
use ledger::EntryKind;
use serde::Serialize;
use uuid::Uuid;

use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Conflict, Error, FieldErrors, Message, Result},
    filing::{self, FilingRow, list::pattern},
    journal::{self, Record},
    sql::statements,
};

pub(crate) mod inbox;
pub(crate) mod named;
pub use inbox::{EngagementPage, EngagementRow, Inbox, InboxFilter, inbox, read};
pub use named::{Found, Proposed, engage_named, named};

/// Longest note or reason, in characters.
const MAX_TEXT: usize = 2_000;

/// A firm that can be engaged.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct FirmView {
    pub id: Uuid,
    pub name: String,
    /// Name of an [`OrgKind`].
    pub kind: String,
    pub city: String,
    /// Engagements that it has accepted, in all.
    pub engagements: i64,
}

/// Verified firms for a slot (all kinds when `slot` is empty), by part of the name; at most 50.
///
/// # Errors
/// As the permission to engage for this filing.
pub async fn candidates(cx: &Cx, filing: FilingId, slot: &str, search: &str) -> Result<Vec<FirmView>> {
    let reader = cx.db.read();
    let row = filing::find(reader, cx, filing).await?;
    cx.permit::<action::Engage>(&row.facts()?)?;
    let kind = row.pack(cx)?.slot(slot).and_then(|slot| slot.signs).map_or("", OrgKind::name);
    reader.all(FIRMS, args![kind, pattern(search)]).await
}

/// Engages a firm for slots of a filing.
///
/// # Errors
/// [`Error::Invalid`] for slots that are not this kind of firm's; rejected when another firm has one of them.
pub async fn engage(
    cx: &Cx,
    id: FilingId,
    firm: OrgId,
    slots: &[String],
    note: &str,
) -> Result<EngagementId> {
    let mut tx = cx.db.begin().await?;
    let row = filing::lock(&mut tx, cx, id).await?;
    let permit = cx.permit::<action::Engage>(&row.facts()?)?;
    let note = text("note", note, false)?;
    let invitation = Invitation { firm, slots, note: &note, by: permit.actor().user };
    let engagement = invite(&mut tx, cx, &row, &invitation).await?;
    cx.commit(tx).await?;
    Ok(engagement)
}

/// Whom to ask for what.
struct Invitation<'a> {
    firm: OrgId,
    slots: &'a [String],
    note: &'a str,
    by: UserId,
}

/// Writes an invitation on a filing that the caller holds with authority to engage; the caller commits.
async fn invite(tx: &mut Tx, cx: &Cx, row: &FilingRow, invitation: &Invitation<'_>) -> Result<EngagementId> {
    let Invitation { firm, slots, note, by } = *invitation;
    let id = row.filing();
    let firm_row: Option<FirmRow> = tx.maybe(FIRM, args![firm]).await?;
    let Some(firm_row) = firm_row else {
        return Err(invalid("firm", "请从列表中选择机构。", "Choose a firm from the list."));
    };
    check_slots(row.pack(cx)?, slots, &firm_row.kind)?;
    let taken: Vec<TakenRow> = tx.all(TAKEN, args![id]).await?;
    if let Some(other) = taken.iter().find(|other| slots.contains(&other.slot)) {
        let slot = row.pack(cx)?.slot(&other.slot).map(|slot| slot.name.clone()).unwrap_or_default();
        return Err(Error::Rejected(Message::Said(
            format!("“{}”已委托{}。更换机构请先终止原委托。", slot.zh, other.firm_name),
            format!("“{}” is with “{}” already. End that engagement first.", slot.en, other.firm_name),
        )));
    }
    let engagement = EngagementId(cx.id());
    tx.run(INSERT, args![engagement, id, firm, note, by, cx.now()]).await?;
    for slot in slots {
        tx.run(INSERT_SLOT, args![engagement, slot.as_str()]).await?;
    }
    let mut record = recorded("engagement_invited", engagement, 1, OrgId(row.org_id), id);
    record.refs.insert("firm".into(), firm_row.ledger_name);
    record.detail = serde_json::json!({ "firm": firm_row.name, "slots": slots });
    journal::record(tx, cx, record).await?;
    Ok(engagement)
}

/// The firm takes the engagement on.
///
/// # Errors
/// A conflict when it was answered already.
pub async fn accept(cx: &Cx, id: EngagementId) -> Result<()> {
    answer(cx, id, "accepted", String::new()).await
}

/// The firm does not take it on.
///
/// # Errors
/// [`Error::Invalid`] without a reason; a conflict when it was answered already.
pub async fn decline(cx: &Cx, id: EngagementId, reason: &str) -> Result<()> {
    answer(cx, id, "declined", text("reason", reason, true)?).await
}

async fn answer(cx: &Cx, id: EngagementId, status: &'static str, reason: String) -> Result<()> {
    let mut tx = cx.db.begin().await?;
    let found: FoundRow = tx.one(FIND, args![id]).await?;
    let permit = cx.permit::<action::AnswerEngagement>(&found.facts(cx)?)?;
    if found.status != "invited" {
        return Err(Error::Conflict(Conflict::Stale));
    }
    let event = if status == "accepted" { "engagement_accepted" } else { "engagement_declined" };
    change(&mut tx, cx, id, &found, (status, event, reason), permit.actor().user).await?;
    cx.commit(tx).await
}

/// The enterprise ends an engagement. What the firm attested in this filing's current state no longer counts.
///
/// # Errors
/// A conflict when it was declined or ended already.
pub async fn end(cx: &Cx, id: EngagementId, reason: &str) -> Result<()> {
    let reason = text("reason", reason, false)?;
    let mut tx = cx.db.begin().await?;
    let found: FoundRow = tx.one(FIND, args![id]).await?;
    let row = filing::lock(&mut tx, cx, FilingId(found.filing_id)).await?;
    let permit = cx.permit::<action::Engage>(&row.facts()?)?;
    if !matches!(found.status.as_str(), "invited" | "accepted") {
        return Err(Error::Conflict(Conflict::Stale));
    }
    change(&mut tx, cx, id, &found, ("ended", "engagement_ended", reason), permit.actor().user).await?;
    tx.run(SUPERSEDE, args![cx.now(), id]).await?;
    cx.commit(tx).await
}

async fn change(
    tx: &mut Tx,
    cx: &Cx,
    id: EngagementId,
    found: &FoundRow,
    (status, event, reason): (&str, &str, String),
    by: UserId,
) -> Result<()> {
    tx.swap(ANSWER, args![status, reason.as_str(), by, cx.now(), id, found.version]).await?;
    let mut record = recorded(event, id, found.version + 1, OrgId(found.owner), FilingId(found.filing_id));
    record.detail = serde_json::json!({ "firm": found.firm_name, "reason": reason });
    journal::record(tx, cx, record).await?;
    Ok(())
}

fn recorded(event: &str, id: EngagementId, version: i64, owner: OrgId, filing: FilingId) -> Record<'_> {
    let mut record = Record::new(EntryKind::Engagement, event, "engagement", id.0, version, owner);
    record.refs.insert("filing".into(), filing::object(filing.0));
    record
}

fn check_slots(pack: &RulePack, slots: &[String], kind: &str) -> Result<()> {
    if slots.is_empty() {
        return Err(invalid("slots", "请至少选择一项材料。", "Choose at least one slot."));
    }
    let fits =
        |id: &String| pack.slot(id).and_then(|slot| slot.signs).is_some_and(|signs| signs.name() == kind);
    if slots.iter().all(fits) {
        return Ok(());
    }
    Err(invalid(
        "slots",
        "所选材料不由这类机构鉴证。请重新选择。",
        "This kind of firm does not attest the slots chosen. Choose again.",
    ))
}

fn text(field: &str, raw: &str, required: bool) -> Result<String> {
    let text = raw.trim();
    if required && text.is_empty() {
        return Err(invalid(field, "请填写理由。", "Give a reason."));
    }
    if text.chars().count() > MAX_TEXT {
        return Err(invalid(field, "最多 2000 个字。请缩短。", "At most 2000 characters. Shorten it."));
    }
    Ok(text.to_owned())
}

fn invalid(field: &str, zh: &str, en: &str) -> Error {
    Error::Invalid(FieldErrors::one(field, Message::Said(zh.to_owned(), en.to_owned())))
}

#[derive(sqlx::FromRow)]
struct FirmRow {
    name: String,
    kind: String,
    ledger_name: String,
}

#[derive(sqlx::FromRow)]
struct TakenRow {
    slot: String,
    firm_name: String,
}

#[derive(sqlx::FromRow)]
struct FoundRow {
    filing_id: Uuid,
    firm_id: Uuid,
    firm_name: String,
    owner: Uuid,
    status: String,
    version: i64,
    first_submitted_at: Option<i64>,
}

impl FoundRow {
    fn facts(&self, cx: &Cx) -> Result<Facts> {
        Ok(Facts {
            subject: self.filing_id,
            owner: OrgId(self.owner),
            engaged: self.firm_id == cx.actor()?.org.0,
            stage: None,
            submitted: self.first_submitted_at.is_some(),
        })
    }
}

statements! {
    FIRMS = "SELECT o.id, o.name, o.kind, o.city,
            (SELECT COUNT(*) FROM engagement e WHERE e.firm_id = o.id AND e.status = 'accepted') AS engagements
        FROM organisation o
        WHERE o.kind IN ('sponsor', 'accounting_firm', 'law_firm', 'valuer') AND o.standing IN ('good', 'warned')
            AND (CAST($1 AS TEXT) = '' OR o.kind = $1)
            AND (CAST($2 AS TEXT) = '' OR LOWER(o.name) LIKE $2 ESCAPE '\\')
        ORDER BY o.name, o.id LIMIT 50";
    FIRM = "SELECT name, kind, ledger_name FROM organisation WHERE id = $1
        AND kind IN ('sponsor', 'accounting_firm', 'law_firm', 'valuer') AND standing IN ('good', 'warned')";
    TAKEN = "SELECT s.slot, o.name AS firm_name FROM engagement e JOIN engagement_slot s ON s.engagement_id = e.id
        JOIN organisation o ON o.id = e.firm_id WHERE e.filing_id = $1 AND e.status IN ('invited', 'accepted')";
    INSERT = "INSERT INTO engagement (id, filing_id, firm_id, status, note, invited_by, invited_at)
        VALUES ($1, $2, $3, 'invited', $4, $5, $6)";
    INSERT_SLOT = "INSERT INTO engagement_slot (engagement_id, slot) VALUES ($1, $2)";
    FIND = "SELECT e.filing_id, e.firm_id, o.name AS firm_name, f.org_id AS owner, e.status, e.version,
            f.first_submitted_at
        FROM engagement e JOIN filing f ON f.id = e.filing_id JOIN organisation o ON o.id = e.firm_id WHERE e.id = $1";
    ANSWER = "UPDATE engagement SET status = $1, reason = $2, answered_by = $3, answered_at = $4, version = version + 1
        WHERE id = $5 AND version = $6";
    SUPERSEDE = "UPDATE attestation SET superseded_at = $1 WHERE engagement_id = $2 AND superseded_at IS NULL";
}
