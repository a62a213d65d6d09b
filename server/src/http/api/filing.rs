//! `GET /api/v1/filings/{filing}` and its documents: where it stands, what is missing, what is in its slots. Answers of
//! the application form stay on the pages: they hold personal data, and no program needs them to follow a filing.

use backend::filing::{SlotView, Workspace, workspace};
use domain::{completeness::Completeness, id::FilingId, locale::Locale};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    answer::{self, Answer, List},
    caller::{Address, Caller},
    problem::Failures,
    schema::{Board, Clock, Document, Enterprise, Stage, Text},
};

/// One filing.
#[derive(Debug, Serialize, ToSchema)]
struct Filing {
    /// Filing id.
    id: Uuid,
    enterprise: Enterprise,
    board: Board,
    stage: Stage,
    /// Counts every change; a page that decides names the one it was made from.
    #[schema(example = 12)]
    version: i64,
    rule_pack: RulePack,
    /// `true`: the current state, drafts included (the enterprise and its firms). `false`: as last submitted.
    live: bool,
    /// Submitted versions so far; 0 = never submitted.
    #[schema(example = 1)]
    submissions: i64,
    /// First submission; microseconds since the epoch, UTC.
    first_submitted_at: Option<i64>,
    /// Last submission; microseconds since the epoch, UTC.
    submitted_at: Option<i64>,
    /// The exchange's decision on acceptance or listing; microseconds since the epoch, UTC.
    decided_at: Option<i64>,
    /// When it was opened; microseconds since the epoch, UTC.
    created_at: i64,
    /// When anything about it was changed last; microseconds since the epoch, UTC.
    updated_at: i64,
    clock: Option<Clock>,
    missing: Missing,
    /// In the order of the rule pack, one per slot.
    slots: Vec<Slot>,
}

/// The rules that a filing was opened under; they do not change for it.
#[derive(Debug, Serialize, ToSchema)]
struct RulePack {
    /// Id of the pack.
    #[schema(example = "listing")]
    id: String,
    /// Version of the pack.
    #[schema(example = "2026.2")]
    version: String,
    /// SHA-256 of the pack's text, as ledger entries carry it.
    sha256: String,
    title: Text,
}

/// What keeps a filing from being submitted, measured against its rule pack.
#[derive(Debug, Serialize, ToSchema)]
struct Missing {
    /// Nothing is missing.
    complete: bool,
    /// Required fields, slots and attestations in order.
    #[schema(example = 40)]
    done: usize,
    /// Required fields, slots and attestations in all, given the answers so far.
    #[schema(example = 42)]
    total: usize,
    /// Required fields without an answer.
    fields: Vec<Part>,
    /// Answers that cannot be read.
    field_errors: Vec<PartError>,
    /// Required slots without a document.
    slots: Vec<Part>,
    /// Documents that do not fit their slot.
    slot_errors: Vec<PartError>,
    /// Slots whose current documents the right kind of firm has not attested.
    attestations: Vec<Part>,
}

/// A field or slot.
#[derive(Debug, Serialize, ToSchema)]
struct Part {
    /// Id in the rule pack.
    #[schema(example = "audit_report")]
    id: String,
    name: Text,
}

/// A field or slot with what is wrong.
#[derive(Debug, Serialize, ToSchema)]
struct PartError {
    /// Id in the rule pack.
    id: String,
    /// Stable code.
    #[schema(example = "slot.too_large")]
    code: String,
    /// For a person, in both languages.
    message: Text,
}

/// A place for documents of one kind.
#[derive(Debug, Serialize, ToSchema)]
struct Slot {
    /// Id in the rule pack.
    #[schema(example = "audit_report")]
    id: String,
    /// Number in the exchange's list of materials.
    #[schema(example = 7)]
    number: u16,
    name: Text,
    /// Asked for, given the answers so far.
    required: bool,
    /// Formats that are accepted, from the rule pack.
    #[schema(example = json!(["pdf"]))]
    formats: Vec<String>,
    /// Largest file, in bytes, from the rule pack.
    max_bytes: u64,
    /// Most files, from the rule pack.
    max_files: u16,
    /// Kind of firm that has to attest; absent when none has to.
    #[schema(example = "accounting_firm")]
    signer: Option<String>,
    /// The current documents are attested by the right kind of firm.
    attested: bool,
    /// In the order of their upload.
    documents: Vec<Document>,
}

/// One filing: stage, version, rule pack, what is missing, slots with their documents.
///
/// Whoever may open it on the pages. A supervisor's reading is recorded (`supervision.filing`).
#[utoipa::path(get, path = "/filings/{filing}", tag = "filings", params(("filing" = Uuid, Path, description = "Filing id.")),
    responses((status = 200, body = Filing), Failures))]
pub(super) async fn filing(caller: Caller, Address(id): Address<FilingId>) -> Answer {
    caller.noted("supervision.filing", Some(id.0)).await?;
    let found = workspace(&caller.cx, id).await?;
    answer::json(&caller.headers, &Filing::from(found))
}

/// The documents of a filing, in the order of its slots.
///
/// Whoever may open the filing: the current ones for the enterprise and its firms, those of the last submission for
/// others. A supervisor's reading is recorded (`supervision.filing`).
#[utoipa::path(get, path = "/filings/{filing}/documents", tag = "filings", params(("filing" = Uuid, Path, description = "Filing id.")),
    responses((status = 200, body = List<Document>), Failures))]
pub(super) async fn documents(caller: Caller, Address(id): Address<FilingId>) -> Answer {
    caller.noted("supervision.filing", Some(id.0)).await?;
    let found = workspace(&caller.cx, id).await?;
    answer::json(&caller.headers, &List::whole(present(&found.slots)))
}

/// Every document in these slots.
pub(super) fn present(slots: &[SlotView]) -> Vec<Document> {
    slots
        .iter()
        .flat_map(|slot| slot.documents.iter().map(|document| Document::new(slot.id.as_str(), document)))
        .collect()
}

impl From<Workspace> for Filing {
    fn from(space: Workspace) -> Self {
        let slots = space.slots.iter().map(Slot::from).collect();
        let head = space.filing;
        Self {
            id: head.id.0,
            enterprise: Enterprise {
                id: head.org.0,
                name: head.org_name,
                credit_code: head.org_credit_code,
                city: head.org_city,
                code: head.org_code,
            },
            board: Board { id: head.board, name: head.board_name.into() },
            stage: head.stage.into(),
            version: head.version,
            rule_pack: RulePack {
                id: head.pack_id,
                version: head.pack_version,
                sha256: head.pack_sha256,
                title: head.pack_title.into(),
            },
            live: space.live,
            submissions: head.submissions,
            first_submitted_at: head.first_submitted_at,
            submitted_at: head.submitted_at,
            decided_at: head.decided_at,
            created_at: head.created_at,
            updated_at: head.updated_at,
            clock: space.clock.map(Into::into),
            missing: space.completeness.into(),
            slots,
        }
    }
}

impl From<Completeness> for Missing {
    fn from(found: Completeness) -> Self {
        let both = |say: &dyn Fn(Locale) -> String| {
            Text::from(domain::text::Text { zh: say(Locale::Zh), en: say(Locale::En) })
        };
        Self {
            complete: found.is_complete(),
            done: found.done,
            total: found.total,
            field_errors: found
                .field_errors
                .iter()
                .map(|error| PartError {
                    id: error.field.clone(),
                    code: error.code().to_owned(),
                    message: both(&|locale| error.message(locale)),
                })
                .collect(),
            slot_errors: found
                .slot_errors
                .iter()
                .map(|error| PartError {
                    id: error.slot.clone(),
                    code: error.code().to_owned(),
                    message: both(&|locale| error.message(locale)),
                })
                .collect(),
            fields: found
                .missing_fields
                .into_iter()
                .map(|part| Part { id: part.id, name: part.label.into() })
                .collect(),
            slots: found
                .missing_slots
                .into_iter()
                .map(|part| Part { id: part.id.to_string(), name: part.name.into() })
                .collect(),
            attestations: found
                .unattested_slots
                .into_iter()
                .map(|part| Part { id: part.id.to_string(), name: part.name.into() })
                .collect(),
        }
    }
}

impl From<&SlotView> for Slot {
    fn from(slot: &SlotView) -> Self {
        Self {
            id: slot.id.to_string(),
            number: slot.number,
            name: slot.name.clone().into(),
            required: slot.required,
            formats: slot.formats.iter().map(|kind| kind.name().to_owned()).collect(),
            max_bytes: slot.max_bytes,
            max_files: slot.max_files,
            signer: slot.signs.map(|kind| kind.name().to_owned()),
            attested: slot.attested,
            documents: slot
                .documents
                .iter()
                .map(|document| Document::new(slot.id.as_str(), document))
                .collect(),
        }
    }
}
