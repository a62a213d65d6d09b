//! The intake: files handed in as a folder, an archive or one by one. [`announce()`] says which bytes are wanted,
//! [`Receiving`] takes them in pieces that survive a lost connection, a closed tab and a restart, [`job`] inspects and reads
//! what is complete, sorts it into slots and then compares the files of a folder with each other, and [`place`], [`relocate`], [`set_aside`], [`put_back`] and [`undo`] are a person's
//! corrections, which the next filing remembers. A file that found its slot is an ordinary document, written down by the
//! same code as an upload into the slot.

use domain::{
    access::action,
    classify::{Candidate, Part},
    finding::Held,
    id::{DocumentId, FilingId, IntakeId},
    intake::State,
    locale::Locale,
    text::Text,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Error, Message, Result},
    filing,
    sql::statements,
};

pub(crate) mod announce;
pub(crate) mod arrival;
pub(crate) mod correction;
pub(crate) mod folder;
pub mod job;
pub(crate) mod litter;
pub(crate) mod place;
pub(crate) mod receive;
mod split;
mod unpack;
pub(crate) mod unplaced;

pub use announce::{Announced, Reply, announce};
pub use litter::leave_out;
pub use place::{place, put_back, relocate, set_aside, undo};
pub use receive::{Began, Receiving, admit, receive_whole};
pub use split::{Wanted, split};

/// Why a file stands where it stands, and where else it might belong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The weightiest first.
    #[serde(default)]
    pub reasons: Vec<Text>,
    /// Slots that come into question, the likeliest first.
    #[serde(default)]
    pub candidates: Vec<Candidate>,
    /// What stands against it: why it is held, set aside or failed, or why its slot did not take it.
    #[serde(default)]
    pub problem: Option<Text>,
    /// The same as data, when the inspection or the rest of the folder stands against it; what findings are made of.
    #[serde(default)]
    pub held: Option<Held>,
    /// A person decided where it is; no rule decides again.
    #[serde(default)]
    pub by_hand: bool,
    /// Where it was before a person moved it; what [`undo`] goes back to.
    #[serde(default)]
    pub before: Option<Before>,
    /// Pages of a PDF; 0 when they were not counted.
    #[serde(default)]
    pub pages: u32,
    /// The documents that it seems to hold, when it is more than one.
    #[serde(default)]
    pub parts: Vec<Part>,
    /// The slot that a person named when it was cut out of another file.
    #[serde(default)]
    pub wanted: Option<String>,
}

/// A state to go back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    pub state: State,
    pub slot: String,
}

/// One file, for the workspace.
#[derive(Clone, Debug, Serialize)]
pub struct IntakeView {
    pub id: IntakeId,
    pub path: String,
    pub file_name: String,
    /// Bytes.
    pub size: u64,
    pub received: u64,
    pub state: State,
    /// Empty when nobody has said.
    pub slot: String,
    pub document: Option<DocumentId>,
    /// 0 to 100.
    pub confidence: u8,
    pub verdict: Verdict,
    /// Its content is kept, so it can be placed without being sent again.
    pub kept: bool,
    /// It is sorted and still to be compared with the other files of its folder.
    pub comparing: bool,
    /// Microseconds since the epoch, UTC.
    pub updated_at: i64,
}

/// How many files of a filing stand how; what a waiting page asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Announced, not all bytes here.
    pub arriving: u32,
    /// Being read or waiting for it.
    pub working: u32,
    pub placed: u32,
    pub unsure: u32,
    pub set_aside: u32,
    pub held: u32,
    pub failed: u32,
}

/// The files of a filing's intake in the order of their paths; only the enterprise sees them.
///
/// # Errors
/// Not found for strangers; denied for everybody but the enterprise's people.
pub async fn list(cx: &Cx, filing: FilingId) -> Result<Vec<IntakeView>> {
    own(cx, filing).await?;
    let rows: Vec<FileRow> = cx.db.read().all(LIST, args![filing]).await?;
    rows.iter().map(FileRow::view).collect()
}

/// How far the intake of a filing is.
///
/// # Errors
/// As [`list`].
pub async fn progress(cx: &Cx, filing: FilingId) -> Result<Progress> {
    own(cx, filing).await?;
    let counts: Vec<(String, i64)> = cx.db.read().all(COUNT, args![filing]).await?;
    let mut progress = Progress::default();
    for (state, count) in counts {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        match State::from_name(&state) {
            Some(State::Expected | State::Receiving) => progress.arriving += count,
            Some(State::Received | State::Reading) => progress.working += count,
            Some(State::Placed) => progress.placed += count,
            Some(State::Unsure) => progress.unsure += count,
            Some(State::SetAside) => progress.set_aside += count,
            Some(State::Held) => progress.held += count,
            Some(State::Failed) => progress.failed += count,
            // Documents in slots whose words are still being read, and the folder to be looked at as a whole.
            None if matches!(state.as_str(), "documents" | "folder") => progress.working += count,
            Some(State::Unpacked) | None => {}
        }
    }
    Ok(progress)
}

/// Reading the intake is the enterprise's own business, whatever the stage.
async fn own(cx: &Cx, filing: FilingId) -> Result<()> {
    let row = filing::find(cx.db.read(), cx, filing).await?;
    let facts = row.facts()?;
    let permit = cx.permit::<action::ReadFiling>(&facts)?;
    if permit.actor().org == facts.owner { Ok(()) } else { Err(Error::NotFound) }
}

/// A file as the database has it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct FileRow {
    pub(crate) id: Uuid,
    pub(crate) filing_id: Uuid,
    pub(crate) path: String,
    pub(crate) file_name: String,
    pub(crate) size: i64,
    pub(crate) received: i64,
    pub(crate) sha256: Option<Vec<u8>>,
    /// Known once the content is an object.
    pub(crate) sm3: Option<Vec<u8>>,
    pub(crate) state: String,
    pub(crate) slot: String,
    pub(crate) document_id: Option<Uuid>,
    pub(crate) confidence: i64,
    pub(crate) verdict: String,
    pub(crate) handed_in_by: Uuid,
    pub(crate) received_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) version: i64,
    /// 0 not compared with the rest of its folder, 1 being compared, 2 compared.
    pub(crate) compared: i64,
}

impl FileRow {
    pub(crate) fn intake(&self) -> IntakeId {
        IntakeId(self.id)
    }

    pub(crate) fn filing(&self) -> FilingId {
        FilingId(self.filing_id)
    }

    pub(crate) fn state(&self) -> Result<State> {
        State::from_name(&self.state)
            .ok_or_else(|| Error::internal(anyhow::anyhow!("intake file {} has no known state", self.id)))
    }

    pub(crate) fn verdict(&self) -> Result<Verdict> {
        Ok(serde_json::from_str(&self.verdict)?)
    }

    pub(crate) fn size(&self) -> u64 {
        u64::try_from(self.size).unwrap_or_default()
    }

    fn view(&self) -> Result<IntakeView> {
        let state = self.state()?;
        Ok(IntakeView {
            id: self.intake(),
            path: self.path.clone(),
            file_name: self.file_name.clone(),
            size: self.size(),
            received: u64::try_from(self.received).unwrap_or_default(),
            state,
            slot: self.slot.clone(),
            document: self.document_id.map(DocumentId),
            confidence: u8::try_from(self.confidence).unwrap_or_default(),
            verdict: self.verdict()?,
            kept: self.sm3.is_some(),
            comparing: self.compared < 2 && matches!(state, State::Placed | State::Unsure),
            updated_at: self.updated_at,
        })
    }

    /// Moves it to another state; a lost race is a conflict.
    pub(crate) async fn store(&mut self, tx: &mut Tx, cx: &Cx, change: Change<'_>) -> Result<()> {
        let verdict = serde_json::to_string(change.verdict)?;
        let document = change.document.map(|document| document.0);
        tx.swap(
            STORE,
            args![
                change.state.name(),
                change.slot,
                document,
                i64::from(change.confidence),
                verdict.as_str(),
                cx.now(),
                self.id,
                self.version
            ],
        )
        .await?;
        change.state.name().clone_into(&mut self.state);
        change.slot.clone_into(&mut self.slot);
        self.document_id = document;
        self.verdict = verdict;
        self.version += 1;
        Ok(())
    }

    /// The same in a transaction of its own.
    pub(crate) async fn store_alone(&mut self, cx: &Cx, change: Change<'_>) -> Result<()> {
        let mut tx = cx.db.begin().await?;
        self.store(&mut tx, cx, change).await?;
        tx.commit().await
    }
}

/// What [`FileRow::store`] writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change<'a> {
    pub(crate) state: State,
    pub(crate) slot: &'a str,
    pub(crate) document: Option<DocumentId>,
    pub(crate) confidence: u8,
    pub(crate) verdict: &'a Verdict,
}

impl<'a> Change<'a> {
    /// No slot, no document: the verdict says it all.
    pub(crate) const fn bare(state: State, verdict: &'a Verdict) -> Self {
        Self { state, slot: "", document: None, confidence: 0, verdict }
    }
}

/// A file of the intake with authority to change its filing.
pub(crate) async fn held(tx: &mut Tx, cx: &Cx, id: IntakeId) -> Result<(filing::FilingRow, FileRow)> {
    let file: FileRow = tx.one(FIND, args![id]).await?;
    let row = filing::lock(tx, cx, file.filing()).await?;
    cx.permit::<action::EditFiling>(&row.facts()?)?;
    Ok((row, file))
}

/// What a refusal says, to be kept beside the file.
pub(crate) fn words(message: &Message) -> Text {
    match message {
        Message::Said(zh, en) => Text { zh: zh.clone(), en: en.clone() },
        Message::Key(key, _) => Text { zh: (*key).to_owned(), en: (*key).to_owned() },
    }
}

/// Which file with the same content is kept.
pub(crate) fn same_as(of: &str) -> Text {
    text(format!("与“{of}”内容相同，只保留一份。"), format!("Same content as “{of}”; one copy is kept."))
}

/// Why a document was not read, in words.
pub(crate) fn unread(problem: &crate::reading::Problem) -> Text {
    text(problem.message(Locale::Zh), problem.message(Locale::En))
}

/// A document was not read for a reason of ours.
pub(crate) fn not_read() -> Text {
    text(
        "系统暂时无法读取文件内容，只按文件名归类。",
        "The platform cannot read files at the moment; only the name was looked at.",
    )
}

pub(crate) fn text(zh: impl Into<String>, en: impl Into<String>) -> Text {
    Text { zh: zh.into(), en: en.into() }
}

macro_rules! columns {
    () => {
        "SELECT i.id, i.filing_id, i.path, i.file_name, i.size, i.received, i.sha256, i.sm3, i.state, i.slot, i.document_id,
            i.confidence, i.verdict, i.handed_in_by, i.received_at, i.updated_at, i.version, i.compared FROM intake_file i "
    };
}
pub(crate) use columns;

statements! {
    pub(crate) FIND = concat!(columns!(), "WHERE i.id = $1");
    pub(crate) LIST = concat!(columns!(), "WHERE i.filing_id = $1 ORDER BY i.path, i.id");
    COUNT = "SELECT state, COUNT(*) FROM intake_file WHERE filing_id = $1 GROUP BY state
        UNION ALL
        SELECT 'documents', COUNT(*) FROM document d
            JOIN document_reading r ON r.document_id = d.id AND r.number = d.latest
            WHERE d.filing_id = $1 AND d.removed_at IS NULL AND r.state IN ('waiting', 'reading')
        UNION ALL
        SELECT 'folder', COUNT(DISTINCT i.filing_id) FROM intake_file i
            JOIN filing f ON f.id = i.filing_id AND f.stage IN ('draft', 'attesting', 'correction', 'inquiry')
            WHERE i.filing_id = $1 AND i.compared < 2 AND i.state IN ('placed', 'unsure')";
    STORE = "UPDATE intake_file SET state = $1, slot = $2, document_id = $3, confidence = $4, verdict = $5,
            updated_at = $6, version = version + 1 WHERE id = $7 AND version = $8";
}
