//! The exchange's decisions about an organisation: real-name verification, then warning, limiting, closing and the
//! lifting of that (管理实施细则 clauses 8 and 10). Sanctions are kept for ever; the standing is always the gravest
//! that is not lifted.

use domain::{
    access::{Facts, action},
    actor::{OrgKind, Standing},
    id::{OrgId, SanctionId},
};
use ledger::EntryKind;

use super::COMMITMENT;
use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Conflict, Error, FieldErrors, Message, Result},
    journal::{self, Record},
    person::check_text,
    sql::statements,
    token,
};

/// Longest note or reason, in characters.
pub const MAX_REASON_CHARS: usize = 2_000;

#[derive(sqlx::FromRow)]
struct Row {
    kind: String,
    standing: String,
    credit_code: String,
    salt: Option<Vec<u8>>,
    verified_at: Option<i64>,
    version: i64,
}

impl Row {
    fn standing(&self) -> Result<Standing> {
        Standing::from_name(&self.standing)
            .ok_or_else(|| Error::internal(anyhow::anyhow!("unknown standing {}", self.standing)))
    }

    /// A salted commitment; without the salt (erased) there is nothing that could be linked any more.
    fn commitment(&self, text: &str) -> Option<String> {
        self.salt.as_deref().map(|salt| journal::commitment(salt, text))
    }
}

/// Confirms the real name: from now on the organisation is served.
///
/// # Errors
/// [`Error::Conflict`] when it changed since `version` or is not waiting for verification, [`Error::Denied`],
/// [`Error::NotFound`].
pub async fn verify(cx: &Cx, org: OrgId, version: i64, note: &str) -> Result<()> {
    decide(cx, org, version, note, Standing::Good).await
}

/// Refuses verification with a note; the organisation may correct its registration and apply again.
///
/// # Errors
/// As [`verify`]; a field error on `note` when it is empty.
pub async fn refuse(cx: &Cx, org: OrgId, version: i64, note: &str) -> Result<()> {
    decide(cx, org, version, note, Standing::Refused).await
}

async fn decide(cx: &Cx, org: OrgId, version: i64, note: &str, to: Standing) -> Result<()> {
    cx.permit::<action::VerifyOrganisation>(&Facts::of_org(org))?;
    let mut errors = FieldErrors::default();
    let note = check_text(note, "note", MAX_REASON_CHARS, to == Standing::Refused, &mut errors);
    errors.check()?;
    let mut tx = cx.db.begin().await?;
    let row = at(&mut tx, org, version).await?;
    let waits = match to {
        Standing::Good => matches!(row.standing()?, Standing::Unverified | Standing::Refused),
        _ => row.standing()? == Standing::Unverified,
    };
    if !waits {
        return Err(Error::Conflict(Conflict::Stale));
    }
    let verified_at = (to == Standing::Good).then(|| cx.now());
    tx.swap(VERIFY, args![org, version, to.name(), note.as_str(), verified_at, cx.now()]).await?;
    let event = if to == Standing::Good { "organisation.verified" } else { "organisation.refused" };
    let mut record = Record::new(EntryKind::Verification, event, "organisation", org.0, version + 1, org);
    // What was verified: this code, committed to, so that a later change of the record shows.
    if let Some(commitment) = row.commitment(&row.credit_code) {
        record.digests.insert(COMMITMENT.into(), commitment);
    }
    record.refs.insert("result".into(), to.name().into());
    record.detail = serde_json::json!({ "note": note });
    journal::record(&mut tx, cx, record).await?;
    cx.commit(tx).await
}

/// Warns, limits or closes an organisation, with the reason it will read. Closing revokes the tokens of its people: what
/// a program goes on fetching is no reading of the own record.
///
/// # Errors
/// Field errors on `standing` and `reason`; [`Error::Conflict`] when it changed since `version`;
/// [`Error::NotFound`]; [`Error::Denied`].
pub async fn sanction(cx: &Cx, org: OrgId, version: i64, to: Standing, reason: &str) -> Result<SanctionId> {
    let permit = cx.permit::<action::Sanction>(&Facts::of_org(org))?;
    let mut errors = FieldErrors::default();
    let reason = check_text(reason, "reason", MAX_REASON_CHARS, true, &mut errors);
    let mut tx = cx.db.begin().await?;
    let row = at(&mut tx, org, version).await?;
    let registered = OrgKind::from_name(&row.kind).is_some_and(OrgKind::self_registers);
    let possible = match to {
        Standing::Closed => true,
        // Before verification there is no service that a warning or a limit could be about.
        Standing::Warned | Standing::Limited => row.verified_at.is_some(),
        _ => false,
    };
    if !registered || !possible {
        errors.add("standing", Message::key("organisation.sanction"));
    }
    errors.check()?;
    let id = SanctionId(cx.id());
    tx.run(IMPOSE, args![id, org, to.name(), reason.as_str(), permit.actor().user, cx.now()]).await?;
    let standing = settle(&mut tx, cx, org, &row).await?;
    if to == Standing::Closed {
        token::revoke_all_in(&mut tx, cx, org).await?;
    }
    let event = match to {
        Standing::Warned => "organisation.warned",
        Standing::Limited => "organisation.limited",
        _ => "organisation.closed",
    };
    write_down(&mut tx, cx, org, &row, event, id, &reason).await?;
    cx.commit(tx).await?;
    tracing::info!(%org, standing = standing.name(), by = %permit.actor().user, "sanction imposed");
    Ok(id)
}

/// Lifts a sanction; the standing becomes the gravest that remains.
///
/// # Errors
/// [`Error::NotFound`] when there is no such open sanction; a field error on `reason`; [`Error::Conflict`] when
/// the organisation changed since `version`; [`Error::Denied`].
pub async fn lift(cx: &Cx, org: OrgId, version: i64, sanction: SanctionId, reason: &str) -> Result<()> {
    let permit = cx.permit::<action::Sanction>(&Facts::of_org(org))?;
    let mut errors = FieldErrors::default();
    let reason = check_text(reason, "reason", MAX_REASON_CHARS, true, &mut errors);
    errors.check()?;
    let mut tx = cx.db.begin().await?;
    let row = at(&mut tx, org, version).await?;
    if tx.run(LIFT, args![sanction, org, permit.actor().user, cx.now(), reason.as_str()]).await? != 1 {
        return Err(Error::NotFound);
    }
    let standing = settle(&mut tx, cx, org, &row).await?;
    write_down(&mut tx, cx, org, &row, "organisation.lifted", sanction, &reason).await?;
    cx.commit(tx).await?;
    tracing::info!(%org, standing = standing.name(), by = %permit.actor().user, "sanction lifted");
    Ok(())
}

async fn at(tx: &mut Tx, org: OrgId, version: i64) -> Result<Row> {
    let row: Row = tx.one(ROW, args![org]).await?;
    if row.version == version { Ok(row) } else { Err(Error::Conflict(Conflict::Stale)) }
}

/// The standing that follows from verification and the open sanctions.
async fn settle(tx: &mut Tx, cx: &Cx, org: OrgId, row: &Row) -> Result<Standing> {
    let open: Vec<(String,)> = tx.all(OPEN, args![org]).await?;
    let has = |standing: Standing| open.iter().any(|(name,)| name == standing.name());
    let unsanctioned = if row.verified_at.is_some() {
        Standing::Good
    } else if row.standing()? == Standing::Refused {
        Standing::Refused
    } else {
        Standing::Unverified
    };
    let standing = [Standing::Closed, Standing::Limited, Standing::Warned]
        .into_iter()
        .find(|standing| has(*standing))
        .unwrap_or(unsanctioned);
    tx.swap(SETTLE, args![org, row.version, standing.name(), cx.now()]).await?;
    Ok(standing)
}

async fn write_down(
    tx: &mut Tx,
    cx: &Cx,
    org: OrgId,
    row: &Row,
    event: &str,
    sanction: SanctionId,
    reason: &str,
) -> Result<()> {
    let mut record = Record::new(EntryKind::Sanction, event, "organisation", org.0, row.version + 1, org);
    if let Some(commitment) = row.commitment(reason) {
        record.digests.insert(COMMITMENT.into(), commitment);
    }
    record.refs.insert("sanction".into(), sanction.to_string());
    record.refs.insert("measure".into(), event.trim_start_matches("organisation.").into());
    record.detail = serde_json::json!({ "reason": reason, "sanction": sanction.0 });
    journal::record(tx, cx, record).await?;
    Ok(())
}

statements! {
    ROW = "SELECT kind, standing, credit_code, salt, verified_at, version FROM organisation WHERE id = $1";
    VERIFY = "UPDATE organisation SET standing = $3, verification_note = $4, verified_at = $5, updated_at = $6,
            version = version + 1
        WHERE id = $1 AND version = $2";
    IMPOSE = "INSERT INTO sanction (id, org_id, standing, reason, decided_by, decided_at) VALUES ($1, $2, $3, $4, $5, $6)";
    LIFT = "UPDATE sanction SET lifted_by = $3, lifted_at = $4, lift_reason = $5
        WHERE id = $1 AND org_id = $2 AND lifted_at IS NULL";
    OPEN = "SELECT standing FROM sanction WHERE org_id = $1 AND lifted_at IS NULL";
    SETTLE = "UPDATE organisation SET standing = $3, updated_at = $4, version = version + 1 WHERE id = $1 AND version = $2";
}
