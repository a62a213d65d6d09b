//! A filing: one application of an enterprise through its whole life. This module holds what every use case on a
//! filing needs (its row, the facts that authority is decided on, locking it, moving it along the workflow); the
//! use cases themselves stand in the modules below. Documents, engagements, attestations and reviews have modules
//! of their own beside this one and use the same row.

use domain::{
    access::{Action, Denied, Facts},
    clock::Clock,
    id::{FilingId, OrgId},
    moment,
    rule_pack::RulePack,
    workflow::{Command, Event, Stage, StageName, transition},
};
use ledger::{EntryKind, HashRef};
use uuid::Uuid;

use crate::{
    args,
    cx::Cx,
    db::{Reader, Tx},
    error::{Conflict, Error, Result},
    journal::{self, Record},
    sql::statements,
    stopwatch,
};

pub(crate) mod anchored;
pub(crate) mod changes;
pub mod clock;
pub(crate) mod content;
pub mod field;
pub mod list;
pub(crate) mod open;
pub mod presence;
pub(crate) mod read;
pub(crate) mod signatures;
mod stage;
pub(crate) mod submit;
pub(crate) mod version;
mod view;
pub(crate) mod walk;

pub use anchored::anchored;
pub use changes::{DocumentChange, FieldChange, VersionChanges, changes};
pub use clock::ClockView;
pub use field::{FieldInput, FieldSave, FieldsSave, save_field, save_fields};
pub use list::{FilingListRow, Filter, Sort, list};
pub use open::open;
pub(crate) use read::reader;
pub use read::{version, workspace};
pub use signatures::{SignatureView, signatures};
pub use stage::{recall_attestation, request_attestation, withdraw};
pub use submit::{Submission, SubmissionOutcome, submit};
pub use view::*;
pub use walk::walk;

/// A filing as the database has it, with what a permission needs.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct FilingRow {
    pub(crate) id: Uuid,
    pub(crate) org_id: Uuid,
    pub(crate) pack_id: String,
    pub(crate) pack_version: String,
    pub(crate) pack_sha256: Vec<u8>,
    pub(crate) board: String,
    pub(crate) stage: String,
    pub(crate) stage_data: String,
    pub(crate) submissions: i64,
    pub(crate) first_submitted_at: Option<i64>,
    pub(crate) submitted_at: Option<i64>,
    pub(crate) decided_at: Option<i64>,
    pub(crate) clock: String,
    pub(crate) due_on: String,
    pub(crate) version: i64,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) org_name: String,
    pub(crate) org_credit_code: String,
    pub(crate) org_city: String,
    pub(crate) org_code: Option<String>,
    pub(crate) org_salt: Option<Vec<u8>>,
    /// Live engagements of the actor's organisation for this filing.
    pub(crate) engaged: i64,
}

impl FilingRow {
    pub(crate) fn filing(&self) -> FilingId {
        FilingId(self.id)
    }

    /// How the ledger names it.
    pub(crate) fn object(&self) -> String {
        object(self.id)
    }

    pub(crate) fn stage(&self) -> Result<Stage> {
        Ok(serde_json::from_str(&self.stage_data)?)
    }

    pub(crate) fn stage_name(&self) -> Result<StageName> {
        StageName::from_name(&self.stage)
            .ok_or_else(|| Error::internal(anyhow::anyhow!("filing {} has no known stage", self.id)))
    }

    pub(crate) fn facts(&self) -> Result<Facts> {
        Ok(Facts {
            subject: self.id,
            owner: OrgId(self.org_id),
            engaged: self.engaged > 0,
            stage: Some(self.stage_name()?),
            submitted: self.first_submitted_at.is_some(),
        })
    }

    pub(crate) fn pack<'c>(&self, cx: &'c Cx) -> Result<&'c RulePack> {
        cx.pack(&self.pack_id, &self.pack_version)
    }

    /// SHA-256 of the pack that it pins.
    pub(crate) fn pack_hash(&self) -> Result<[u8; 32]> {
        bytes32(&self.pack_sha256)
    }

    /// Moves it along the workflow, in memory: stage, clock, decision time. [`FilingRow::store`] writes it.
    pub(crate) fn advance(&mut self, cx: &Cx, command: Command) -> Result<Vec<Event>> {
        let (next, events) = transition(self.stage()?, command, cx.now())?;
        let limits = self.pack(cx)?.clocks;
        let running = Clock::of_stage(&next, limits).into_iter().next();
        self.clock = running.as_ref().map_or("", |clock| clock::name(clock.kind)).to_owned();
        self.due_on =
            running.and_then(|clock| clock.due(&cx.calendar)).map(|day| day.to_string()).unwrap_or_default();
        self.stage = next.name().name().to_owned();
        self.stage_data = serde_json::to_string(&next)?;
        if matches!(next.name(), StageName::Approved | StageName::Rejected | StageName::NotAccepted) {
            self.decided_at = Some(moment::to_micros(cx.now()));
        }
        Ok(events)
    }

    /// Writes what [`FilingRow::advance`] and a submission changed, on a row that [`lock`] holds.
    pub(crate) async fn store(&self, tx: &mut Tx) -> Result<()> {
        tx.swap(
            STORE,
            args![
                self.stage.as_str(),
                self.stage_data.as_str(),
                self.clock.as_str(),
                self.due_on.as_str(),
                self.submissions,
                self.first_submitted_at,
                self.submitted_at,
                self.decided_at,
                self.id,
                self.version
            ],
        )
        .await
    }

    /// An event of this filing. The ledger sees the number of its last submission as the object's version; the
    /// row's own version makes the key unique.
    pub(crate) fn record<'e>(&self, kind: EntryKind, event: &'e str) -> Record<'e> {
        let mut record = Record::new(kind, event, "filing", self.id, self.submissions, OrgId(self.org_id));
        record.idempotency_key = format!("filing:{}:{event}:{}", self.id, self.version);
        record
    }
}

/// How the ledger names a filing.
pub(crate) fn object(id: Uuid) -> String {
    format!("filing:{id}")
}

pub(crate) fn bytes32(bytes: &[u8]) -> Result<[u8; 32]> {
    bytes.try_into().map_err(|_| Error::internal(anyhow::anyhow!("a digest of {} bytes", bytes.len())))
}

/// A salted commitment as the ledger's entries carry it; `None` once the salt was erased. `context` keeps equal
/// texts apart, so that two decisions with the same words do not look alike.
pub(crate) fn commitment(salt: Option<&[u8]>, context: &str, text: &str) -> Option<HashRef> {
    let hexadecimal = journal::commitment(salt?, &format!("{context}\n{text}"));
    format!("sha-256:{hexadecimal}").parse().ok()
}

/// Reads a filing with the facts for this actor.
pub(crate) async fn find(reader: &Reader, cx: &Cx, id: FilingId) -> Result<FilingRow> {
    reader.one(FIND, args![id, cx.actor()?.org]).await
}

/// Takes the filing's row for this transaction and reads it. Every change of a filing or of its documents goes
/// through here, so they happen one after the other and a submission freezes a consistent state. The row's version
/// goes up by one, and that somebody of the enterprise acts is noted; without a commit nothing of that stays.
pub(crate) async fn lock(tx: &mut Tx, cx: &Cx, id: FilingId) -> Result<FilingRow> {
    let org = cx.actor()?.org;
    if tx.run(LOCK, args![cx.now(), id]).await? == 0 {
        return Err(Error::NotFound);
    }
    let row: FilingRow = tx.one(FIND, args![id, org]).await?;
    if row.org_id == org.0 && cx.is_attended() {
        stopwatch::act(tx, cx, id).await?;
    }
    Ok(row)
}

/// As [`lock`], for somebody who decides on what a page showed, with the authority to decide: a filing that has changed
/// since is a readable conflict instead of a decision on something unseen. Whoever may not decide learns that first; a
/// stage that is over is the conflict itself.
pub(crate) async fn lock_at<A: Action>(
    tx: &mut Tx,
    cx: &Cx,
    id: FilingId,
    expected: i64,
) -> Result<FilingRow> {
    let filing = lock(tx, cx, id).await?;
    let permit = cx.permit::<A>(&filing.facts()?);
    let changed = filing.version != expected + 1;
    match permit {
        Ok(_) | Err(Error::Denied(Denied::Stage(_))) if changed => Err(Error::Conflict(Conflict::Stale)),
        Ok(_) => Ok(filing),
        Err(error) => Err(error),
    }
}

macro_rules! columns {
    () => {
        "SELECT f.id, f.org_id, f.pack_id, f.pack_version, f.pack_sha256, f.board, f.stage, f.stage_data,
            f.submissions, f.first_submitted_at, f.submitted_at, f.decided_at, f.clock, f.due_on, f.version,
            f.created_at, f.updated_at, o.name AS org_name, o.credit_code AS org_credit_code,
            o.city AS org_city, o.code AS org_code, o.salt AS org_salt, "
    };
}

statements! {
    FIND = concat!(columns!(), "(SELECT COUNT(*) FROM engagement e WHERE e.filing_id = f.id AND e.firm_id = $2
            AND e.status IN ('invited', 'accepted')) AS engaged
        FROM filing f JOIN organisation o ON o.id = f.org_id WHERE f.id = $1");
    LOCK = "UPDATE filing SET version = version + 1, updated_at = $1 WHERE id = $2";
    STORE = "UPDATE filing SET stage = $1, stage_data = $2, clock = $3, due_on = $4, submissions = $5,
            first_submitted_at = $6, submitted_at = $7, decided_at = $8
        WHERE id = $9 AND version = $10";
}
