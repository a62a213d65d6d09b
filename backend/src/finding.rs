//! Contradictions and defects across a filing's documents, shown to the enterprise before it submits and, where it explains and
//! keeps one, to whoever reviews. Nothing here blocks a submission: what must be there is `domain::completeness`'s
//! business. The rules are `domain::finding`'s; this gathers what they look at.

use std::collections::BTreeMap;

use domain::{
    access::action,
    calendar::china_date,
    classify::Aside,
    finding::{self, FiledDocument, Filing, Finding, Held},
    id::{DocumentId, FilingId},
    rule_pack::{RulePack, SlotId},
    text::Text,
};
use serde::Serialize;

use crate::{
    args,
    cx::Cx,
    error::{Error, FieldErrors, Message, Result},
    fact,
    filing::{self, reader},
    intake,
    sql::statements,
};

/// Characters of an explanation.
const MAX_REASON: usize = 1_000;

/// A finding with what the enterprise says about it.
#[derive(Clone, Debug, Serialize)]
pub struct FindingView {
    pub finding: Finding,
    /// By the id that the finding's sources carry.
    pub documents: BTreeMap<String, DocumentRef>,
    pub explanation: Option<Explanation>,
}

/// Where a source leads.
#[derive(Clone, Debug, Serialize)]
pub struct DocumentRef {
    pub document: DocumentId,
    pub number: i64,
    pub file_name: String,
}

/// Why the enterprise keeps what was found.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// What was found, as it was shown then.
    pub message: Text,
    pub reason: String,
    pub by: String,
    pub at: i64,
}

/// Everything that was found in a filing's present documents and fields, the gravest first.
///
/// # Errors
/// Not found for strangers; denied outside the editable stages.
pub async fn list(cx: &Cx, id: FilingId) -> Result<Vec<FindingView>> {
    let reader = cx.db.read();
    let row = filing::find(reader, cx, id).await?;
    cx.permit::<action::EditFiling>(&row.facts()?)?;
    let found = examine(cx, row.pack(cx)?, id).await?;
    let mut explanations: BTreeMap<String, Explanation> = explained(cx, id).await?.into_iter().collect();
    Ok(found
        .0
        .into_iter()
        .map(|finding| FindingView {
            explanation: explanations.remove(&finding.id),
            documents: found.1.clone(),
            finding,
        })
        .collect())
}

async fn examine(
    cx: &Cx,
    pack: &RulePack,
    id: FilingId,
) -> Result<(Vec<Finding>, BTreeMap<String, DocumentRef>)> {
    let reader = cx.db.read();
    let (studied, waiting) = fact::of_filing(reader, id).await?;
    let values: Vec<(String, String)> = reader.all(VALUES, args![id]).await?;
    let fields: BTreeMap<String, String> =
        values.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let refs = studied
        .iter()
        .map(|document| {
            let reference = DocumentRef {
                document: document.document,
                number: document.number,
                file_name: document.file_name.clone(),
            };
            (document.document.to_string(), reference)
        })
        .collect();
    let documents: Vec<FiledDocument> = studied
        .into_iter()
        .map(|document| FiledDocument {
            document: document.document.to_string(),
            file_name: document.file_name,
            slot: document.slot,
            facts: document.facts,
            read: document.read,
        })
        .collect();
    let held = intake::unplaced::files(reader, pack, id).await?;
    if held.is_empty() && waiting == documents.len() {
        return Ok((Vec::new(), refs));
    }
    let filing = Filing { fields: &fields, documents: &documents, held: &held };
    let mut found = finding::findings(pack, china_date(cx.now()), &filing);
    // What is missing stands on the list of what is missing, unless a file came that should have been it and cannot be.
    let came = |slots: &[SlotId]| {
        held.iter().any(|file| {
            let lost =
                matches!(file.held, Held::Problem { .. } | Held::Aside { aside: Aside::OtherCompany { .. } });
            lost && file.slot.as_ref().is_some_and(|slot| slots.contains(slot))
        })
    };
    found.retain(|finding| finding.rule != finding::Rule::MissingSlot || came(&finding.slots));
    Ok((found, refs))
}

/// Explains a finding and keeps what is there; an empty reason takes the explanation back.
///
/// # Errors
/// [`Error::Invalid`] for a reason that is too long; not found when the finding is no more.
pub async fn explain(cx: &Cx, id: FilingId, finding: &str, reason: &str) -> Result<()> {
    let reason = reason.trim();
    if reason.chars().count() > MAX_REASON {
        let message = Message::Key("finding.reason_long", vec![("max", MAX_REASON.to_string())]);
        return Err(Error::Invalid(FieldErrors::one("reason", message)));
    }
    let found = list(cx, id).await?;
    let found = found.into_iter().find(|view| view.finding.id == finding).ok_or(Error::NotFound)?;
    let mut tx = cx.db.begin().await?;
    let row = filing::lock(&mut tx, cx, id).await?;
    let permit = cx.permit::<action::EditFiling>(&row.facts()?)?;
    if reason.is_empty() {
        tx.run(FORGET, args![id, finding]).await?;
    } else {
        let message = serde_json::to_string(&found.finding.message)?;
        tx.run(EXPLAIN, args![id, finding, message, reason, permit.actor().user, cx.now()]).await?;
    }
    tx.commit().await
}

/// What the enterprise explained, for everybody who may read the filing.
///
/// # Errors
/// Not found for strangers.
pub async fn explanations(cx: &Cx, id: FilingId) -> Result<Vec<Explanation>> {
    let row = filing::find(reader(cx)?, cx, id).await?;
    cx.permit::<action::ReadFiling>(&row.facts()?)?;
    Ok(explained(cx, id).await?.into_iter().map(|(_, explanation)| explanation).collect())
}

async fn explained(cx: &Cx, id: FilingId) -> Result<Vec<(String, Explanation)>> {
    let rows: Vec<ExplanationRow> = reader(cx)?.all(EXPLAINED, args![id]).await?;
    rows.into_iter()
        .map(|row| {
            let message = serde_json::from_str(&row.message)?;
            Ok((
                row.finding,
                Explanation { message, reason: row.reason, by: row.by_name, at: row.explained_at },
            ))
        })
        .collect()
}

#[derive(sqlx::FromRow)]
struct ExplanationRow {
    finding: String,
    message: String,
    reason: String,
    by_name: String,
    explained_at: i64,
}

statements! {
    VALUES = "SELECT field, value FROM filing_field WHERE filing_id = $1";
    EXPLAINED = "SELECT e.finding, e.message, e.reason, COALESCE(p.name, '') AS by_name, e.explained_at
        FROM finding_explanation e LEFT JOIN person p ON p.id = e.explained_by WHERE e.filing_id = $1
        ORDER BY e.explained_at, e.finding";
    EXPLAIN = "INSERT INTO finding_explanation (filing_id, finding, message, reason, explained_by, explained_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (filing_id, finding) DO UPDATE SET message = excluded.message, reason = excluded.reason,
            explained_by = excluded.explained_by, explained_at = excluded.explained_at";
    FORGET = "DELETE FROM finding_explanation WHERE filing_id = $1 AND finding = $2";
}
