//! What the pages of a filing show: plain data, times in microseconds since the epoch (UTC), digests in lower-case
//! hexadecimal, texts of the rule pack in both languages.

use domain::{
    actor::OrgKind,
    completeness::Completeness,
    field::FieldWarning,
    id::{AttestationId, DocumentId, EngagementId, FilingId, OrgId},
    media,
    rule_pack::{FieldKind, Party, SlotId},
    text::Text,
    workflow::StageName,
};
use serde::Serialize;
use uuid::Uuid;

use super::clock::ClockView;

/// The head of every page about a filing.
#[derive(Clone, Debug, Serialize)]
pub struct FilingHead {
    pub id: FilingId,
    pub org: OrgId,
    pub org_name: String,
    pub org_credit_code: String,
    pub org_city: String,
    /// JR/T 0326, once listed.
    pub org_code: Option<String>,
    pub pack_id: String,
    pub pack_version: String,
    pub pack_sha256: String,
    pub pack_title: Text,
    /// Id of the board and its name; the name is the id when the pack has no such board.
    pub board: String,
    pub board_name: Text,
    pub stage: StageName,
    /// Submissions so far; 0 = never submitted.
    pub submissions: i64,
    pub first_submitted_at: Option<i64>,
    pub submitted_at: Option<i64>,
    pub decided_at: Option<i64>,
    /// For compare-and-swap: decisions name the version they were made on.
    pub version: i64,
    pub created_at: i64,
    pub updated_at: i64,
}

/// Everything that the workspace, the submit page and the review page show.
#[derive(Clone, Debug, Serialize)]
pub struct Workspace {
    pub filing: FilingHead,
    /// True: the reader sees the enterprise's current state. False: the last submitted version.
    pub live: bool,
    pub sections: Vec<SectionView>,
    /// In the order of the rule pack, one per slot.
    pub slots: Vec<SlotView>,
    pub completeness: Completeness,
    pub engagements: Vec<EngagementView>,
    pub review_items: Vec<ReviewItemView>,
    pub decisions: Vec<DecisionView>,
    /// Oldest first.
    pub versions: Vec<VersionView>,
    /// Oldest first.
    pub timeline: Vec<TimelineEvent>,
    pub allowed: Allowed,
    pub clock: Option<ClockView>,
}

/// A part of the form.
#[derive(Clone, Debug, Serialize)]
pub struct SectionView {
    pub id: String,
    pub title: Text,
    pub fields: Vec<FieldView>,
}

/// A field with its value.
#[derive(Clone, Debug, Serialize)]
pub struct FieldView {
    pub id: String,
    pub label: Text,
    pub help: Option<Text>,
    pub kind: FieldKind,
    /// Asked for, given the other answers.
    pub required: bool,
    pub max_length: u16,
    pub placeholder: Option<Text>,
    /// Canonical; empty when not given.
    pub value: String,
    /// 0 when never saved.
    pub version: i64,
    pub warning: Option<FieldWarning>,
}

/// A slot with its documents and what the firms say of them.
#[derive(Clone, Debug, Serialize)]
pub struct SlotView {
    pub id: SlotId,
    pub number: u16,
    pub name: Text,
    pub help: Text,
    pub from: Vec<Party>,
    pub signs: Option<OrgKind>,
    /// Asked for, given the answers.
    pub required: bool,
    pub formats: Vec<media::Kind>,
    /// The `accept` attribute of a file input.
    pub accept: String,
    pub max_bytes: u64,
    pub max_files: u16,
    pub documents: Vec<DocumentView>,
    /// Taken out, and restorable while the filing can be edited.
    pub removed: Vec<DocumentView>,
    /// Newest first, superseded ones included.
    pub attestations: Vec<AttestationView>,
    /// The current documents are attested by the right kind of firm.
    pub attested: bool,
}

/// A document in its current version.
#[derive(Clone, Debug, Serialize)]
pub struct DocumentView {
    pub id: DocumentId,
    /// Version number, from 1.
    pub number: i64,
    pub file_name: String,
    pub kind: Option<media::Kind>,
    pub media_type: String,
    pub size: u64,
    pub sha256: String,
    pub sm3: String,
    pub uploaded_by: String,
    pub uploaded_at: i64,
    pub received_at: i64,
    pub removed_at: Option<i64>,
    /// Ledger leaf of this version, once sequenced.
    pub leaf_index: Option<i64>,
}

/// A signed statement of a firm.
#[derive(Clone, Debug, Serialize)]
pub struct AttestationView {
    pub id: AttestationId,
    pub slot: String,
    pub firm: OrgId,
    pub firm_name: String,
    pub signer_name: String,
    /// `attest` or `decline`.
    pub decision: String,
    /// Why declined; empty otherwise.
    pub reason: String,
    pub signed_at: i64,
    /// A document changed afterwards, or the firm spoke again.
    pub superseded_at: Option<i64>,
    pub leaf_index: Option<i64>,
}

/// A firm's engagement.
#[derive(Clone, Debug, Serialize)]
pub struct EngagementView {
    pub id: EngagementId,
    pub firm: OrgId,
    pub firm_name: String,
    pub firm_kind: OrgKind,
    /// `invited`, `accepted`, `declined`, `ended`.
    pub status: String,
    pub slots: Vec<String>,
    pub note: String,
    /// Why declined or ended.
    pub reason: String,
    pub invited_at: i64,
    pub answered_at: Option<i64>,
}

/// One item of a correction or inquiry.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct ReviewItemView {
    pub id: Uuid,
    /// `correction` or `inquiry`.
    pub kind: String,
    pub round: i64,
    /// A slot, or empty for the filing as a whole.
    pub slot: String,
    pub reason: String,
    pub raised_by: String,
    pub raised_at: i64,
    pub answer: Option<String>,
    pub answered_at: Option<i64>,
}

/// A decision of the exchange.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct DecisionView {
    pub id: Uuid,
    pub filing_version: i64,
    /// Event name of the workflow.
    pub kind: String,
    /// Empty where it is the exchange's internal matter and the reader is not the exchange.
    pub opinion: String,
    pub decided_by: String,
    pub decided_at: i64,
    pub leaf_index: Option<i64>,
}

/// A submitted version.
#[derive(Clone, Debug, Serialize)]
pub struct VersionView {
    pub number: i64,
    pub manifest_sha256: String,
    pub manifest_sm3: String,
    pub documents: i64,
    pub received_at: i64,
    pub submitted_at: i64,
    pub submitted_by: String,
    pub leaf_index: Option<i64>,
    /// The checkpoint that covers it is public: the receipt can be had.
    pub anchored_at: Option<i64>,
}

/// One line of the timeline; `event.<kind>` names it.
#[derive(Clone, Debug, Serialize)]
pub struct TimelineEvent {
    pub seq: i64,
    pub subject_kind: String,
    pub subject: Uuid,
    pub kind: String,
    pub actor_name: String,
    pub actor_org: String,
    pub at: i64,
    pub detail: serde_json::Value,
    pub leaf_index: Option<i64>,
    pub anchored_at: Option<i64>,
}

/// Which buttons the page shows. Each is asked again when it is pressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]

pub struct Allowed {
    pub edit: bool,
    pub request_attestation: bool,
    pub recall_attestation: bool,
    pub submit: bool,
    pub reply: bool,
    pub withdraw: bool,
    pub engage: bool,
    pub attest: bool,
    pub decide_acceptance: bool,
    pub review: bool,
    pub second_review: bool,
    pub reject: bool,
    pub suspend: bool,
    pub resume: bool,
    pub publicise: bool,
    pub list: bool,
}
