//! What the documents of a filing say: each version is read once in the background ([`study`]), its facts are kept, and the
//! form is offered what they propose ([`proposals`], [`adopt`]). A value of the form is never changed without a person: only
//! empty fields are filled at once, and what a document says stays beside a value that was typed.

use std::collections::BTreeMap;

use domain::{
    access::action,
    fact::{self, Fact, Place},
    id::{DocumentId, FilingId},
    media::Kind,
    rule_pack::SlotId,
    text::Text,
};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    args,
    cx::Cx,
    db::{Reader, Tx},
    error::{Error, Result},
    filing::{
        self, FieldInput, FieldsSave,
        field::{FIELDS, FieldRow, save_in},
    },
    reading::Outcome,
    sql::statements,
};

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

/// What the documents propose for one field.
#[derive(Clone, Debug, Serialize)]
pub struct FieldProposal {
    pub field: String,
    /// Canonical.
    pub value: String,
    /// Nothing disagrees and the confidence is high.
    pub unambiguous: bool,
    /// Where it stands, the most authoritative document first.
    pub sources: Vec<SourceView>,
    /// Other values that were found.
    pub disagreeing: Vec<SourceView>,
}

/// One place in a document.
#[derive(Clone, Debug, Serialize)]
pub struct SourceView {
    pub document: DocumentId,
    pub number: i64,
    pub file_name: String,
    pub slot: SlotId,
    pub value: String,
    pub said: String,
    pub place: Place,
}

/// The form's proposals, and how many documents are still to be read.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Proposals {
    pub fields: Vec<FieldProposal>,
    pub waiting: usize,
    /// Where values of the form were taken from.
    pub taken: Vec<Taken>,
}

/// A value that was taken over from a document, as it was then.
#[derive(Clone, Debug, Serialize)]
pub struct Taken {
    pub field: String,
    pub value: String,
    pub document: DocumentId,
    pub number: i64,
    pub file_name: String,
    pub place: Place,
    /// As printed, where the document still says it.
    pub said: String,
    pub by: String,
    pub at: i64,
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
        let (facts, problem) = next.facts(cx).await?;
        let state = if problem.is_none() { "read" } else { "unread" };
        let problem = problem.map(|text| serde_json::to_string(&text)).transpose()?.unwrap_or_default();
        let facts = serde_json::to_string(&facts)?;
        let mut tx = cx.db.begin().await?;
        tx.run(STUDIED, args![state, facts, problem, cx.now(), next.document_id, next.number]).await?;
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

/// What the documents propose for the form; only the enterprise's people fill it.
///
/// # Errors
/// Not found for strangers, denied for everybody else.
pub async fn proposals(cx: &Cx, filing: FilingId) -> Result<Proposals> {
    let reader = cx.db.read();
    let row = filing::find(reader, cx, filing).await?;
    cx.permit::<action::EditFiling>(&row.facts()?)?;
    let (studied, waiting) = of_filing(reader, filing).await?;
    let fields = proposed(cx, &row, &studied)?;
    let rows: Vec<TakenRow> = reader.all(TAKEN, args![filing]).await?;
    let taken = rows.into_iter().map(|row| row.view(&fields)).collect();
    Ok(Proposals { fields, waiting, taken })
}

#[derive(sqlx::FromRow)]
struct TakenRow {
    field: String,
    value: String,
    document_id: Uuid,
    document_number: i64,
    file_name: String,
    page: i64,
    taken_by_name: String,
    taken_at: i64,
}

impl TakenRow {
    /// With its region, where the document's facts still have the value on that page.
    fn view(self, fields: &[FieldProposal]) -> Taken {
        let page = u32::try_from(self.page).unwrap_or(1);
        let found = fields
            .iter()
            .filter(|proposal| proposal.field == self.field)
            .flat_map(|proposal| proposal.sources.iter().chain(&proposal.disagreeing))
            .find(|source| {
                source.document.0 == self.document_id
                    && source.number == self.document_number
                    && source.place.page == page
                    && source.value == self.value
            });
        Taken {
            field: self.field,
            value: self.value,
            document: DocumentId(self.document_id),
            number: self.document_number,
            file_name: self.file_name,
            place: found.map_or(Place { page, area: None, cell: None }, |source| source.place.clone()),
            said: found.map(|source| source.said.clone()).unwrap_or_default(),
            by: self.taken_by_name,
            at: self.taken_at,
        }
    }
}

fn proposed(cx: &Cx, row: &filing::FilingRow, studied: &[Studied]) -> Result<Vec<FieldProposal>> {
    let documents: Vec<(SlotId, Vec<Fact>)> =
        studied.iter().map(|document| (document.slot.clone(), document.facts.clone())).collect();
    let view = |source: fact::ProposalSource| {
        let document = studied.get(source.document)?;
        Some(SourceView {
            document: document.document,
            number: document.number,
            file_name: document.file_name.clone(),
            slot: source.slot,
            value: source.value,
            said: source.said,
            place: source.place,
        })
    };
    Ok(fact::fill(row.pack(cx)?, &documents)
        .into_iter()
        .map(|proposal| FieldProposal {
            field: proposal.field,
            value: proposal.value,
            unambiguous: proposal.unambiguous,
            sources: proposal.sources.into_iter().filter_map(view).collect(),
            disagreeing: proposal.disagreeing.into_iter().filter_map(view).collect(),
        })
        .collect())
}

/// Takes proposals over into the form: the one named, whatever stands there, or all unambiguous ones of fields that are
/// empty. They go through the same checks as what is typed.
///
/// # Errors
/// Denied outside the editable stages; what cannot be stored is named in the answer.
pub async fn adopt(cx: &Cx, filing: FilingId, field: Option<&str>) -> Result<FieldsSave> {
    let (studied, _) = of_filing(cx.db.read(), filing).await?;
    let mut tx = cx.db.begin().await?;
    let row = filing::lock(&mut tx, cx, filing).await?;
    let permit = cx.permit::<action::EditFiling>(&row.facts()?)?;
    let stored: Vec<FieldRow> = tx.all(FIELDS, args![filing]).await?;
    let stored: BTreeMap<&str, &FieldRow> = stored.iter().map(|row| (row.field.as_str(), row)).collect();
    let is_empty = |field: &str| stored.get(field).is_none_or(|row| row.value.is_empty());
    let chosen: Vec<FieldProposal> = proposed(cx, &row, &studied)?
        .into_iter()
        .filter(|proposal| match field {
            Some(field) => proposal.field == field,
            None => proposal.unambiguous && is_empty(&proposal.field),
        })
        .collect();
    if chosen.is_empty() && field.is_some() {
        return Err(Error::NotFound);
    }
    let inputs: Vec<FieldInput> = chosen
        .iter()
        .map(|proposal| FieldInput {
            field: proposal.field.clone(),
            raw: proposal.value.clone(),
            // Held since it was read, so nobody can have been in between.
            expected: stored.get(proposal.field.as_str()).map_or(0, |row| row.version),
        })
        .collect();
    let (result, _) = save_in(&mut tx, cx, &row, &inputs).await?;
    for proposal in chosen.iter().filter(|proposal| !result.errors.0.contains_key(&proposal.field)) {
        let Some(source) = proposal.sources.first() else { continue };
        tx.run(
            TAKE,
            args![
                filing,
                proposal.field.as_str(),
                proposal.value.as_str(),
                source.document,
                source.number,
                source.place.page,
                permit.actor().user,
                cx.now()
            ],
        )
        .await?;
    }
    tx.commit().await?;
    Ok(result)
}

#[derive(sqlx::FromRow)]
struct WaitingRow {
    document_id: Uuid,
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
    NEXT = "SELECT r.document_id, r.number, r.slot, v.sha256, b.media_type FROM document_reading r
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
    TAKEN = "SELECT s.field, s.value, s.document_id, s.document_number, v.file_name, s.page,
            COALESCE(p.name, '') AS taken_by_name, s.taken_at
        FROM field_source s JOIN document_version v ON v.document_id = s.document_id AND v.number = s.document_number
        LEFT JOIN person p ON p.id = s.taken_by WHERE s.filing_id = $1 ORDER BY s.field";
    TAKE = "INSERT INTO field_source (filing_id, field, value, document_id, document_number, page, taken_by, taken_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (filing_id, field) DO UPDATE SET value = excluded.value, document_id = excluded.document_id,
            document_number = excluded.document_number, page = excluded.page, taken_by = excluded.taken_by,
            taken_at = excluded.taken_at";
}
