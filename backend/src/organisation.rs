//! Organisations: the record the exchange keeps of every enterprise, firm and authority, and what its own people
//! and the exchange do with it. Registration is in [`register`], the exchange's decisions in [`standing`], lists in
//! [`list`]; this file reads one organisation, accepts the platform rules and corrects a registration.

use domain::{
    access::{self, Facts, action},
    actor::{Actor, OrgKind, Standing},
    id::{OrgId, SanctionId},
};
use ledger::EntryKind;
use serde::Serialize;
use uuid::Uuid;

pub mod bootstrap;
pub mod list;
pub mod register;
pub mod standing;

use crate::{
    args,
    cx::Cx,
    db::{Reader, Tx},
    error::{Conflict, Error, Result},
    journal::{self, EventRow, Record},
    settings::RULES_VERSION,
    sql::statements,
};
use register::Particulars;

/// Name of a salted commitment among a ledger entry's digests: SHA-256 over salt, a zero byte and the text.
pub const COMMITMENT: &str = "salted-sha-256";
/// Newest events shown on the organisation's page.
const EVENTS: i64 = 20;

/// The record of one organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Organisation {
    pub id: OrgId,
    /// Its name on the ledger: random, says nothing about it.
    pub ledger_name: String,
    pub kind: OrgKind,
    pub name: String,
    pub credit_code: String,
    /// The check digit of GB 32100 does not fit: worth a second look, never a reason to refuse.
    pub credit_code_suspect: bool,
    pub city: String,
    pub legal_representative: String,
    pub contact_name: String,
    pub contact_phone: String,
    pub standing: Standing,
    /// Enterprise code of JR/T 0326, given at listing.
    pub code: Option<String>,
    pub verification_note: Option<String>,
    /// Microseconds since the epoch, UTC; so are the other times.
    pub verified_at: Option<i64>,
    pub rules_version: Option<String>,
    pub rules_accepted_at: Option<i64>,
    /// For the forms that change it.
    pub version: i64,
    pub created_at: i64,
    pub updated_at: i64,
}

/// A warning, limitation or closure, lifted or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sanction {
    pub id: SanctionId,
    pub standing: Standing,
    pub reason: String,
    pub decided_at: i64,
    pub lifted_at: Option<i64>,
    pub lift_reason: Option<String>,
}

/// Everything an organisation's page shows.
#[derive(Clone, Debug, Serialize)]
pub struct OrganisationPage {
    pub organisation: Organisation,
    /// Newest first.
    pub sanctions: Vec<Sanction>,
    /// Active accounts.
    pub people: i64,
    /// Newest first.
    pub events: Vec<EventRow>,
    /// Which forms to offer; the use cases ask again.
    pub may: May,
}

/// What the reader of the page may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct May {
    pub edit: bool,
    pub accept_rules: bool,
    pub manage_people: bool,
    pub verify: bool,
    pub sanction: bool,
}

#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    id: Uuid,
    ledger_name: String,
    kind: String,
    name: String,
    credit_code: String,
    credit_code_suspect: i64,
    city: String,
    legal_representative: String,
    contact_name: String,
    contact_phone: String,
    standing: String,
    code: Option<String>,
    verification_note: Option<String>,
    verified_at: Option<i64>,
    rules_version: Option<String>,
    rules_accepted_at: Option<i64>,
    version: i64,
    created_at: i64,
    updated_at: i64,
    people: i64,
}

impl Row {
    fn read(self) -> Result<(Organisation, i64)> {
        let unknown =
            |what: &str| Error::internal(anyhow::anyhow!("organisation {}: unknown {what}", self.id));
        let organisation = Organisation {
            kind: OrgKind::from_name(&self.kind).ok_or_else(|| unknown("kind"))?,
            standing: Standing::from_name(&self.standing).ok_or_else(|| unknown("standing"))?,
            id: OrgId(self.id),
            ledger_name: self.ledger_name,
            name: self.name,
            credit_code: self.credit_code,
            credit_code_suspect: self.credit_code_suspect == 1,
            city: self.city,
            legal_representative: self.legal_representative,
            contact_name: self.contact_name,
            contact_phone: self.contact_phone,
            code: self.code,
            verification_note: self.verification_note,
            verified_at: self.verified_at,
            rules_version: self.rules_version,
            rules_accepted_at: self.rules_accepted_at,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        };
        Ok((organisation, self.people))
    }
}

#[derive(sqlx::FromRow)]
struct SanctionRow {
    id: Uuid,
    standing: String,
    reason: String,
    decided_at: i64,
    lifted_at: Option<i64>,
    lift_reason: Option<String>,
}

/// One organisation with sanctions, people and newest events: three queries.
///
/// # Errors
/// [`Error::NotFound`] for what is none of the actor's business.
pub async fn page(cx: &Cx, id: OrgId) -> Result<OrganisationPage> {
    let facts = Facts::of_org(id);
    let permit = cx.permit::<action::ReadOrganisation>(&facts)?;
    let actor = permit.actor();
    let reader = reader(cx, actor);
    let row: Row = reader.one(BY_ID, args![id]).await?;
    let (organisation, people) = row.read()?;
    let sanctions: Vec<SanctionRow> = reader.all(SANCTIONS, args![id]).await?;
    let events = reader.all(journal::OF_ORG, args![id, EVENTS]).await?;
    let unverified = matches!(organisation.standing, Standing::Unverified | Standing::Refused);
    let registered = organisation.kind.self_registers();
    let may = May {
        edit: access::may::<action::EditOrganisation>(actor, &facts),
        accept_rules: access::may::<action::AcceptRules>(actor, &facts)
            && organisation.rules_version.as_deref() != Some(RULES_VERSION),
        manage_people: access::may::<action::ManagePeople>(actor, &facts),
        verify: unverified && access::may::<action::VerifyOrganisation>(actor, &facts),
        sanction: registered && access::may::<action::Sanction>(actor, &facts),
    };
    let sanctions = sanctions
        .into_iter()
        .map(|row| {
            Ok(Sanction {
                id: SanctionId(row.id),
                standing: Standing::from_name(&row.standing).ok_or(Error::NotFound)?,
                reason: row.reason,
                decided_at: row.decided_at,
                lifted_at: row.lifted_at,
                lift_reason: row.lift_reason,
            })
        })
        .collect::<Result<_>>()?;
    Ok(OrganisationPage { organisation, sanctions, people, events, may })
}

/// Only the record.
///
/// # Errors
/// [`Error::NotFound`] for what is none of the actor's business.
pub async fn find(cx: &Cx, id: OrgId) -> Result<Organisation> {
    let permit = cx.permit::<action::ReadOrganisation>(&Facts::of_org(id))?;
    let row: Row = reader(cx, permit.actor()).one(BY_ID, args![id]).await?;
    Ok(row.read()?.0)
}

/// Supervisors read through their own pool.
pub(crate) fn reader<'a>(cx: &'a Cx, actor: &Actor) -> &'a Reader {
    if actor.org_kind == OrgKind::Regulator { cx.db.supervision() } else { cx.db.read() }
}

/// Accepts the platform rules and the service agreement for the actor's organisation; the version that was shown
/// must be the one in force. Twice is once.
///
/// # Errors
/// [`Error::Conflict`] when another version is in force by now, [`Error::Denied`].
pub async fn accept_rules(cx: &Cx, shown: &str) -> Result<()> {
    let permit = cx.permit_own::<action::AcceptRules>()?;
    if shown != RULES_VERSION {
        return Err(Error::Conflict(Conflict::Stale));
    }
    let org = permit.actor().org;
    let mut tx = cx.db.begin().await?;
    let row: Row = tx.one(BY_ID, args![org]).await?;
    if row.rules_version.as_deref() == Some(shown) {
        return Ok(());
    }
    tx.swap(ACCEPT_RULES, args![org, row.version, shown, cx.now()]).await?;
    let mut record = Record::new(
        EntryKind::Consent,
        "organisation.rules_accepted",
        "organisation",
        org.0,
        row.version + 1,
        org,
    );
    record.refs.insert("rules".into(), shown.to_owned());
    record.detail = serde_json::json!({ "rules": shown });
    journal::record(&mut tx, cx, record).await?;
    cx.commit(tx).await
}

/// Corrects the registration before it is verified; after a refusal it goes back into the exchange's list.
///
/// # Errors
/// [`Error::Invalid`] as at registration, [`Error::Conflict`] when it changed since `version`, [`Error::Denied`]
/// once it is verified.
pub async fn correct(cx: &Cx, version: i64, form: &Particulars) -> Result<Option<char>> {
    let permit = cx.permit_own::<action::EditOrganisation>()?;
    let org = permit.actor().org;
    let (checked, mut errors) = form.check();
    let mut tx = cx.db.begin().await?;
    let row: Row = tx.one(BY_ID, args![org]).await?;
    // The actor was read when the request began; the exchange may have verified the record since.
    let open = [Standing::Unverified.name(), Standing::Refused.name()].contains(&row.standing.as_str());
    if row.version != version || !open {
        return Err(Error::Conflict(Conflict::Stale));
    }
    let (taken,): (i64,) =
        tx.one(CODE_TAKEN, args![checked.credit_code.as_str(), row.kind.as_str(), org]).await?;
    if taken > 0 {
        errors.add("credit_code", crate::error::Message::key("credit_code.taken"));
    }
    errors.check()?;
    tx.swap(
        CORRECT,
        args![
            org,
            version,
            checked.name.as_str(),
            checked.credit_code.as_str(),
            checked.suspect.is_some(),
            checked.city.as_str(),
            checked.legal_representative.as_str(),
            checked.contact_name.as_str(),
            checked.contact_phone.as_str(),
            Standing::Unverified.name(),
            cx.now()
        ],
    )
    .await?;
    let mut record = Record::new(
        EntryKind::Registration,
        "organisation.corrected",
        "organisation",
        org.0,
        version + 1,
        org,
    );
    record.digests.insert(COMMITMENT.into(), commit_to_code(&mut tx, org, &checked.credit_code).await?);
    journal::record(&mut tx, cx, record).await?;
    cx.commit(tx).await?;
    Ok(checked.suspect)
}

/// Salted commitment to the credit code, with the organisation's own salt.
async fn commit_to_code(tx: &mut Tx, org: OrgId, credit_code: &str) -> Result<String> {
    let (salt,): (Option<Vec<u8>>,) = tx.one(SALT, args![org]).await?;
    let salt = salt.ok_or_else(|| Error::internal(anyhow::anyhow!("the salt of {org} was erased")))?;
    Ok(journal::commitment(&salt, credit_code))
}

statements! {
    pub(crate) BY_ID = "SELECT id, ledger_name, kind, name, credit_code, credit_code_suspect, city, legal_representative,
            contact_name, contact_phone, standing, code, verification_note, verified_at, rules_version,
            rules_accepted_at, version, created_at, updated_at,
            (SELECT COUNT(*) FROM person p WHERE p.org_id = organisation.id AND p.active = 1) AS people
        FROM organisation WHERE id = $1";
    SANCTIONS = "SELECT id, standing, reason, decided_at, lifted_at, lift_reason FROM sanction
        WHERE org_id = $1 ORDER BY decided_at DESC, id DESC";
    ACCEPT_RULES = "UPDATE organisation SET rules_version = $3, rules_accepted_at = $4, version = version + 1, updated_at = $4
        WHERE id = $1 AND version = $2";
    CODE_TAKEN = "SELECT COUNT(*) FROM organisation WHERE credit_code = $1 AND kind = $2 AND id <> $3";
    SALT = "SELECT salt FROM organisation WHERE id = $1";
    CORRECT = "UPDATE organisation SET name = $3, credit_code = $4, credit_code_suspect = $5, city = $6,
            legal_representative = $7, contact_name = $8, contact_phone = $9, standing = $10, updated_at = $11,
            version = version + 1
        WHERE id = $1 AND version = $2";
}
