//! What the documents of a filing say: each version is read once in the background ([`study`]), its facts are kept, and the
//! form is offered what they propose ([`proposals`], [`adopt`]). A value of the form is never changed without a person: only
//! empty fields are filled at once, and what a document says stays beside a value that was typed.

use domain::{
    fact::{self, Fact},
    id::{DocumentId, FilingId},
    media::Kind,
    rule_pack::SlotId,
    text::Text,
};
use uuid::Uuid;

use crate::{
    args,
    cx::Cx,
    db::{Reader, Tx},
    error::{Error, Result},
    reading::Outcome,
    sql::statements,
    stopwatch,
};

pub(crate) mod proposal;
pub use proposal::{FieldProposal, Proposals, Shown, SourceView, Taken, adopt, adopt_shown, proposals};

/// A document with what it says.
#[derive(Clone, Debug)]
pub struct Studied {
    pub document: DocumentId,
    pub number: i64,
    pub slot: SlotId,
    pub file_name: String,
    pub facts: Vec<Fact>,
    /// False while it waits, and when it could not be read.
    pub read: bool,
}

/// Notes that a version is to be read; called where versions are written.
pub(crate) async fn wait_for(
    tx: &mut Tx,
    cx: &Cx,
    document: DocumentId,
    number: i64,
    slot: &str,
) -> Result<()> {
    tx.run(WAIT, args![document, number, slot, cx.now()]).await?;
    Ok(())
}

/// Reads every version that waits in a filing that can still be edited; answers how many.
///
/// # Errors
/// The database's and the store's. A document that cannot be read is marked so.
pub async fn study(cx: &Cx) -> Result<usize> {
    let mut done = 0;
    while let Some(next) = cx.db.read().maybe::<WaitingRow>(NEXT, args![]).await? {
        let mut tx = cx.db.begin().await?;
        let mine = tx.run(CLAIM, args![cx.now(), next.document_id, next.number]).await? == 1;
        tx.commit().await?;
        if !mine {
            continue;
        }
        // Another hand takes the next one meanwhile.
        cx.intake_bell.notify_one();
        let since = cx.now();
        let (facts, problem) = next.facts(cx).await?;
        let state = if problem.is_none() { "read" } else { "unread" };
        let problem = problem.map(|text| serde_json::to_string(&text)).transpose()?.unwrap_or_default();
        let facts = serde_json::to_string(&facts)?;
        let mut tx = cx.db.begin().await?;
        tx.run(STUDIED, args![state, facts, problem, cx.now(), next.document_id, next.number]).await?;
        stopwatch::machine(&mut tx, cx, FilingId(next.filing_id), since).await?;
        tx.commit().await?;
        done += 1;
    }
    Ok(done)
}

/// The documents in the slots of a filing with what they say.
pub(crate) async fn of_filing(reader: &Reader, filing: FilingId) -> Result<(Vec<Studied>, usize)> {
    let rows: Vec<StudiedRow> = reader.all(OF_FILING, args![filing]).await?;
    let waiting =
        rows.iter().filter(|row| matches!(row.state.as_deref(), Some("waiting" | "reading"))).count();
    let studied = rows.into_iter().filter_map(StudiedRow::studied).collect::<Result<_>>()?;
    Ok((studied, waiting))
}

#[derive(sqlx::FromRow)]
struct WaitingRow {
    document_id: Uuid,
    filing_id: Uuid,
    number: i64,
    slot: String,
    sha256: Vec<u8>,
    media_type: String,
}

impl WaitingRow {
    /// What the version says, or why it was not read.
    async fn facts(&self, cx: &Cx) -> Result<(Vec<Fact>, Option<Text>)> {
        let (Some(slot), Some(kind)) = (SlotId::new(&self.slot), Kind::from_media_type(&self.media_type))
        else {
            return Ok((Vec::new(), None));
        };
        match cx.reader.read_blob(cx.services(), &self.sha256, kind).await {
            Ok(Outcome::Read(reading)) => Ok((fact::facts(&slot, &reading), None)),
            Ok(Outcome::Unread(problem)) => Ok((Vec::new(), Some(crate::intake::unread(&problem)))),
            Err(error) => {
                tracing::warn!(document = %self.document_id, %error, "a document could not be read");
                Ok((Vec::new(), Some(crate::intake::not_read())))
            }
        }
    }
}

#[derive(sqlx::FromRow)]
struct StudiedRow {
    id: Uuid,
    number: i64,
    slot: String,
    file_name: String,
    state: Option<String>,
    facts: Option<String>,
}

impl StudiedRow {
    fn studied(self) -> Option<Result<Studied>> {
        let slot = SlotId::new(&self.slot)?;
        let facts = serde_json::from_str(self.facts.as_deref().unwrap_or("[]")).map_err(Error::from);
        Some(facts.map(|facts| Studied {
            document: DocumentId(self.id),
            number: self.number,
            slot,
            file_name: self.file_name,
            facts,
            read: self.state.as_deref() == Some("read"),
        }))
    }
}

statements! {
    WAIT = "INSERT INTO document_reading (document_id, number, slot, state, updated_at) VALUES ($1, $2, $3, 'waiting', $4)
        ON CONFLICT (document_id, number) DO NOTHING";
    /// What was submitted meanwhile needs no proposals any more.
    NEXT = "SELECT r.document_id, d.filing_id, r.number, r.slot, v.sha256, b.media_type FROM document_reading r
        JOIN document d ON d.id = r.document_id AND d.removed_at IS NULL AND d.latest = r.number
        JOIN filing f ON f.id = d.filing_id AND f.stage IN ('draft', 'attesting', 'correction', 'inquiry')
        JOIN document_version v ON v.document_id = r.document_id AND v.number = r.number
        JOIN blob b ON b.sha256 = v.sha256
        WHERE r.state = 'waiting' ORDER BY r.updated_at, r.document_id LIMIT 1";
    CLAIM = "UPDATE document_reading SET state = 'reading', updated_at = $1
        WHERE document_id = $2 AND number = $3 AND state = 'waiting'";
    pub(crate) RESUME = "UPDATE document_reading SET state = 'waiting', updated_at = $1 WHERE state = 'reading'";
    STUDIED = "UPDATE document_reading SET state = $1, facts = $2, problem = $3, updated_at = $4
        WHERE document_id = $5 AND number = $6";
    OF_FILING = "SELECT d.id, d.latest AS number, d.slot, v.file_name, r.state, r.facts FROM document d
        JOIN document_version v ON v.document_id = d.id AND v.number = d.latest
        LEFT JOIN document_reading r ON r.document_id = d.id AND r.number = d.latest
        WHERE d.filing_id = $1 AND d.removed_at IS NULL ORDER BY d.slot, d.created_at, d.id";
}
