//! Opening a filing: an empty draft under the rule pack in force, with what the exchange already knows of the
//! enterprise filled in. Opening twice with the same key gives the same filing.

use domain::{access::action, field, id::FilingId, rule_pack::RulePack, workflow::Event};
use ledger::EntryKind;
use uuid::Uuid;

use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Conflict, Error, FieldErrors, Message, Result},
    journal::{self, Record},
    sql::statements,
    stopwatch,
};

/// Opens a listing application on a board of the rule pack in force. `open_key` is the form's own random key
/// (8 to 100 characters).
///
/// # Errors
/// [`Error::Invalid`] for an unknown board; rejected when the organisation has too many drafts; denied to organisations that are not verified or are limited.
pub async fn open(cx: &Cx, open_key: &str, board: &str) -> Result<FilingId> {
    let permit = cx.permit_own::<action::OpenFiling>()?;
    let actor = permit.actor();
    let pack = cx.current_pack()?;
    if pack.board(board).is_none() {
        let message = Message::Said("请选择列表中的板块。".into(), "Choose one of the boards listed.".into());
        return Err(Error::Invalid(FieldErrors::one("board", message)));
    }
    if !(8..=100).contains(&open_key.len()) {
        return Err(Error::Rejected(Message::Said(
            "页面已失效，请刷新后重试。".into(),
            "This page is no longer valid. Reload it and try again.".into(),
        )));
    }
    let key = format!("{}:{open_key}", actor.org);
    // A lost race on the key means that the other request has opened it: read again, once.
    for _ in 0..2 {
        let mut tx = cx.db.begin().await?;
        if let Some((id,)) = tx.maybe::<(Uuid,)>(BY_KEY, args![key.as_str()]).await? {
            // What is said again must be durable, too: the first may share a commit with this one that is still to come.
            tx.commit().await?;
            return Ok(FilingId(id));
        }
        // The organisation's row is held, so that two of its people at once do not both open the last one.
        tx.run(HOLD, args![actor.org]).await?;
        let (drafts,): (i64,) = tx.one(DRAFTS, args![actor.org]).await?;
        if drafts >= i64::from(cx.settings.open_drafts) {
            return Err(too_many_drafts(drafts));
        }
        match insert(&mut tx, cx, pack, &key, board).await {
            Ok(id) => {
                cx.commit(tx).await?;
                return Ok(id);
            }
            Err(Error::Conflict(Conflict::Taken)) => {}
            Err(error) => return Err(error),
        }
    }
    Err(Error::Conflict(Conflict::Stale))
}

fn too_many_drafts(drafts: i64) -> Error {
    Error::Rejected(Message::Said(
        format!(
            "本机构已有 {drafts} 份尚未提交的申报，达到上限。请先提交其中一份，或撤回不再需要的，再新建申报。"
        ),
        format!(
            "This organisation has {drafts} filings that were never submitted, which is the most allowed. Submit one, or withdraw what is no longer needed, before opening another."
        ),
    ))
}

async fn insert(tx: &mut Tx, cx: &Cx, pack: &RulePack, key: &str, board: &str) -> Result<FilingId> {
    let actor = cx.actor()?;
    let (id, now) = (FilingId(cx.id()), cx.now());
    let stage = domain::workflow::Stage::Draft;
    tx.run(
        INSERT,
        args![
            id,
            actor.org,
            pack.id.as_str(),
            pack.version.as_str(),
            pack.sha256(),
            board,
            stage.name().name(),
            serde_json::to_string(&stage)?,
            actor.user,
            key,
            now
        ],
    )
    .await?;
    stopwatch::act(tx, cx, id).await?;
    let org: OrgRow = tx.one(ORG, args![actor.org]).await?;
    for (name, raw) in org.known(board) {
        let Some(definition) = pack.field(name) else { continue };
        let Ok(read) = field::normalise(definition, raw) else { continue };
        if !read.value.is_empty() {
            tx.run(PREFILL, args![id, name, read.value, actor.user, now]).await?;
        }
    }
    let mut record = Record::new(EntryKind::Preparation, Event::Opened.name(), "filing", id.0, 0, actor.org);
    record.rule_pack = Some(pack.sha256());
    record.detail = serde_json::json!({ "board": board });
    journal::record(tx, cx, record).await?;
    Ok(id)
}

#[derive(sqlx::FromRow)]
struct OrgRow {
    name: String,
    credit_code: String,
    city: String,
    legal_representative: String,
    contact_name: String,
    contact_phone: String,
}

impl OrgRow {
    fn known<'o>(&'o self, board: &'o str) -> [(&'static str, &'o str); 7] {
        [
            ("company_name", &self.name),
            ("credit_code", &self.credit_code),
            ("legal_representative", &self.legal_representative),
            ("city", &self.city),
            ("contact_person", &self.contact_name),
            ("contact_phone", &self.contact_phone),
            ("board", board),
        ]
    }
}

statements! {
    BY_KEY = "SELECT id FROM filing WHERE open_key = $1";
    HOLD = "UPDATE organisation SET ledger_name = ledger_name WHERE id = $1";
    DRAFTS = "SELECT COUNT(*) FROM filing WHERE org_id = $1 AND stage IN ('draft', 'attesting') AND submissions = 0";
    INSERT = "INSERT INTO filing (id, org_id, kind, pack_id, pack_version, pack_sha256, board, stage, stage_data,
            opened_by, open_key, created_at, updated_at)
        VALUES ($1, $2, 'listing', $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)";
    ORG = "SELECT name, credit_code, city, legal_representative, contact_name, contact_phone
        FROM organisation WHERE id = $1";
    PREFILL = "INSERT INTO filing_field (filing_id, field, value, version, updated_by, updated_at)
        VALUES ($1, $2, $3, 1, $4, $5)";
}
