//! What the documents of a filing propose for its form, and taking it over: one value, everything undisputed, or what a page
//! showed. Taken values go through the same checks as typed ones, and where each came from is kept.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    access::action,
    fact::{self, Fact, Place},
    id::{DocumentId, FilingId, UserId},
    rule_pack::SlotId,
};
use serde::Serialize;
use uuid::Uuid;

use super::{Studied, of_filing};
use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Conflict, Error, Result},
    filing::{
        self, FieldInput, FieldSave, FieldsSave, FilingRow,
        field::{FIELDS, FieldRow, save_in},
    },
    sql::statements,
};

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

impl FieldProposal {
    /// The same with one of the values that were found, and where that stands; none when no document says it.
    fn saying(&self, value: &str) -> Option<Self> {
        if self.value == value {
            return Some(self.clone());
        }
        let source = self.disagreeing.iter().find(|source| source.value == value)?;
        Some(Self { value: value.to_owned(), sources: vec![source.clone()], ..self.clone() })
    }
}

/// A value as a page showed it, and the version of the field that the page was made from.
#[derive(Clone, Debug)]
pub struct Shown {
    pub value: String,
    pub version: i64,
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

fn proposed(cx: &Cx, row: &FilingRow, studied: &[Studied]) -> Result<Vec<FieldProposal>> {
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
    // Held since it was read, so nobody can have been in between.
    let version = |field: &str| stored.get(field).map_or(0, |row| row.version);
    let chosen: Vec<(FieldProposal, i64)> = proposed(cx, &row, &studied)?
        .into_iter()
        .filter(|proposal| match field {
            Some(field) => proposal.field == field,
            None => proposal.unambiguous && is_empty(&proposal.field),
        })
        .map(|proposal| {
            let version = version(&proposal.field);
            (proposal, version)
        })
        .collect();
    if chosen.is_empty() && field.is_some() {
        return Err(Error::NotFound);
    }
    let result = take(&mut tx, cx, &row, &chosen, permit.actor().user).await?;
    tx.commit().await?;
    Ok(result)
}

/// Takes over exactly what a page showed and a person left ticked or chose: for each field one of the values that documents
/// propose. What somebody typed meanwhile stays and is a conflict in the answer.
///
/// # Errors
/// Denied outside the editable stages; a conflict when a document proposes a shown value no longer. What cannot be stored is
/// named in the answer.
pub async fn adopt_shown(cx: &Cx, filing: FilingId, shown: &BTreeMap<String, Shown>) -> Result<FieldsSave> {
    let (studied, _) = of_filing(cx.db.read(), filing).await?;
    let mut tx = cx.db.begin().await?;
    let row = filing::lock(&mut tx, cx, filing).await?;
    let permit = cx.permit::<action::EditFiling>(&row.facts()?)?;
    let mut chosen = Vec::with_capacity(shown.len());
    let proposals = proposed(cx, &row, &studied)?;
    for (field, shown) in shown {
        let proposal = proposals.iter().find(|proposal| proposal.field == *field);
        let proposal = proposal.and_then(|proposal| proposal.saying(&shown.value));
        chosen.push((proposal.ok_or(Error::Conflict(Conflict::Stale))?, shown.version));
    }
    let result = take(&mut tx, cx, &row, &chosen, permit.actor().user).await?;
    tx.commit().await?;
    Ok(result)
}

/// Writes proposals into the form of a filing that the caller holds, with where each came from.
async fn take(
    tx: &mut Tx,
    cx: &Cx,
    row: &FilingRow,
    chosen: &[(FieldProposal, i64)],
    by: UserId,
) -> Result<FieldsSave> {
    let inputs: Vec<FieldInput> = chosen
        .iter()
        .map(|(proposal, version)| FieldInput {
            field: proposal.field.clone(),
            raw: proposal.value.clone(),
            expected: *version,
        })
        .collect();
    let (result, _) = save_in(tx, cx, row, &inputs).await?;
    let kept: BTreeSet<&str> = result
        .saved
        .iter()
        .filter_map(|save| match save {
            FieldSave::Saved { field, .. } => Some(field.as_str()),
            FieldSave::Conflict { .. } => None,
        })
        .collect();
    for (proposal, _) in chosen.iter().filter(|(proposal, _)| kept.contains(proposal.field.as_str())) {
        let Some(source) = proposal.sources.first() else { continue };
        tx.run(
            TAKE,
            args![
                row.id,
                proposal.field.as_str(),
                proposal.value.as_str(),
                source.document,
                source.number,
                source.place.page,
                by,
                cx.now()
            ],
        )
        .await?;
    }
    Ok(result)
}

statements! {
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
