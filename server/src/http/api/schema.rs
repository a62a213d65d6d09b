//! Parts that several answers share: stages, names in both languages, a filing's clock, digests. What a value means
//! stands on its field, because the description is made from it.

use backend::filing::{ClockView, DocumentView, FilingListRow};
use domain::{calendar::Certainty, clock::ClockKind, workflow::StageName};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A name in both languages, from the rule pack.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Text {
    /// Chinese.
    #[schema(example = "审计报告")]
    zh: String,
    /// English.
    #[schema(example = "Audit report")]
    en: String,
}

impl From<domain::text::Text> for Text {
    fn from(text: domain::text::Text) -> Self {
        Self { zh: text.zh, en: text.en }
    }
}

/// Where a filing is in its life; docs/WORKFLOW.md draws the way.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    Draft,
    Attesting,
    Submitted,
    Correction,
    Review,
    Inquiry,
    SecondReview,
    Suspended,
    Approved,
    Publicised,
    Listed,
    NotAccepted,
    Rejected,
    Withdrawn,
}

macro_rules! stages {
    ($($name:ident),*) => {
        impl From<StageName> for Stage {
            fn from(stage: StageName) -> Self {
                match stage { $(StageName::$name => Self::$name),* }
            }
        }
        impl From<Stage> for StageName {
            fn from(stage: Stage) -> Self {
                match stage { $(Stage::$name => Self::$name),* }
            }
        }
    };
}
stages!(
    Draft,
    Attesting,
    Submitted,
    Correction,
    Review,
    Inquiry,
    SecondReview,
    Suspended,
    Approved,
    Publicised,
    Listed,
    NotAccepted,
    Rejected,
    Withdrawn
);

/// The running time limit, counted in working days of China's calendar.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Clock {
    /// What is timed: `acceptance`, `review` (the exchange's), `correction`, `inquiry_reply` (the enterprise's).
    #[schema(example = "acceptance")]
    kind: String,
    /// Working days in all, from the rule pack.
    #[schema(example = 5)]
    limit_days: u16,
    /// Last working day of the limit, a date in China; absent while the clock stands still.
    #[schema(example = "2026-11-09")]
    due: Option<String>,
    /// Working days used, today included.
    #[schema(example = 1)]
    used_days: u32,
    /// Working days left after today; negative when overdue.
    #[schema(example = 4)]
    remaining_days: i64,
    /// Today is after the due day.
    overdue: bool,
    /// It stands still today.
    paused: bool,
    /// How well the years counted are known: `published` (the State Council's arrangement), `provisional` (statutory
    /// holidays only), `weekends_only`.
    #[schema(example = "published")]
    certainty: String,
}

impl From<ClockView> for Clock {
    fn from(clock: ClockView) -> Self {
        let kind = match clock.kind {
            ClockKind::Acceptance => "acceptance",
            ClockKind::Review => "review",
            ClockKind::Correction => "correction",
            ClockKind::InquiryReply => "inquiry_reply",
        };
        let certainty = match clock.reading.certainty {
            Certainty::Published => "published",
            Certainty::Provisional => "provisional",
            Certainty::WeekendsOnly => "weekends_only",
        };
        Self {
            kind: kind.to_owned(),
            limit_days: clock.limit_days,
            due: clock.reading.due.map(|due| due.to_string()),
            used_days: clock.reading.used,
            remaining_days: clock.reading.remaining,
            overdue: clock.reading.overdue,
            paused: clock.reading.paused,
            certainty: certainty.to_owned(),
        }
    }
}

/// Digests of the same bytes, computed while they were uploaded.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Digests {
    /// SHA-256 (FIPS 180-4), 64 hexadecimal digits.
    #[serde(rename = "sha-256")]
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    sha256: String,
    /// SM3 (GB/T 32905), 64 hexadecimal digits.
    #[schema(example = "c7fe1d93f65a0b9b4b0e7f1a9ed9c8f6b4b3d0a6e5c1f0e2d3c4b5a697887766")]
    sm3: String,
}

impl Digests {
    pub(super) fn new(sha256: String, sm3: String) -> Self {
        Self { sha256, sm3 }
    }
}

/// The enterprise that a filing belongs to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Enterprise {
    /// Organisation id.
    pub(super) id: Uuid,
    /// Name, as registered.
    #[schema(example = "金陵示例科技股份有限公司")]
    pub(super) name: String,
    /// Unified social credit code (GB 32100), 18 characters.
    #[schema(example = "91320100MA1XXXXXX0")]
    pub(super) credit_code: String,
    /// City, as registered.
    #[schema(example = "南京市")]
    pub(super) city: String,
    /// Enterprise code (JR/T 0326), once listed.
    pub(super) code: Option<String>,
}

/// A board of the exchange.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Board {
    /// Id in the rule pack.
    #[schema(example = "growth")]
    pub(super) id: String,
    /// Name in the rule pack.
    pub(super) name: Text,
}

/// A filing in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FilingLine {
    /// Filing id.
    id: Uuid,
    enterprise: Enterprise,
    board: Board,
    stage: Stage,
    /// Submitted versions so far; 0 = never submitted.
    #[schema(example = 1)]
    submissions: i64,
    /// When the last version was submitted; microseconds since the epoch, UTC, the server's clock.
    #[schema(example = 1_762_070_400_000_000_i64)]
    submitted_at: Option<i64>,
    /// When it was opened; microseconds since the epoch, UTC.
    created_at: i64,
    /// When anything about it was changed last; microseconds since the epoch, UTC.
    updated_at: i64,
    /// The running time limit, if one runs.
    clock: Option<Clock>,
}

impl From<FilingListRow> for FilingLine {
    fn from(row: FilingListRow) -> Self {
        Self {
            id: row.id.0,
            enterprise: Enterprise {
                id: row.org.0,
                name: row.org_name,
                credit_code: row.org_credit_code,
                city: row.org_city,
                code: row.org_code,
            },
            board: Board { id: row.board, name: row.board_name.into() },
            stage: row.stage.into(),
            submissions: row.submissions,
            submitted_at: row.submitted_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
            clock: row.clock.map(Into::into),
        }
    }
}

/// A document in a slot.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Document {
    /// Document id; the same through all its versions.
    id: Uuid,
    /// Version of the document, from 1.
    #[schema(example = 1)]
    number: i64,
    /// Slot id in the rule pack.
    #[schema(example = "audit_report")]
    slot: String,
    /// Name of the file, made safe at upload.
    #[schema(example = "2025年度审计报告.pdf")]
    file_name: String,
    /// Media type found by looking into the file, never the uploader's word.
    #[schema(example = "application/pdf")]
    media_type: String,
    /// Size in bytes.
    #[schema(example = 482_113)]
    size: u64,
    digests: Digests,
    /// Name of the person who uploaded it.
    uploaded_by: String,
    /// When the upload was complete; microseconds since the epoch, UTC, the server's clock.
    uploaded_at: i64,
    /// When its first byte arrived; microseconds since the epoch, UTC, the server's clock.
    received_at: i64,
    /// Index of its ledger entry; absent while it waits for the ledger.
    leaf_index: Option<i64>,
    /// Where its bytes are, on this host.
    #[schema(example = "/api/v1/documents/019c0000-0000-7000-8000-000000000000/versions/1/content")]
    content: String,
}

impl Document {
    pub(super) fn new(slot: &str, view: &DocumentView) -> Self {
        Self {
            id: view.id.0,
            number: view.number,
            slot: slot.to_owned(),
            file_name: view.file_name.clone(),
            media_type: view.media_type.clone(),
            size: view.size,
            digests: Digests::new(view.sha256.clone(), view.sm3.clone()),
            uploaded_by: view.uploaded_by.clone(),
            uploaded_at: view.uploaded_at,
            received_at: view.received_at,
            leaf_index: view.leaf_index,
            content: content(view.id.0, view.number),
        }
    }
}

/// Where a document's bytes are.
pub(super) fn content(document: Uuid, number: i64) -> String {
    format!("{}/documents/{document}/versions/{number}/content", super::PREFIX)
}
