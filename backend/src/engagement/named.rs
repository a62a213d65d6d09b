//! The firms that the documents name, looked up among those registered here: proposals for whom to engage, and engaging those that
//! a person ticked, all at once. Which name counts is `domain::engagement`'s business.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    access::action,
    actor::OrgKind,
    engagement::{self as rules, NamedFirm},
    fact::{Fact, Place},
    id::{DocumentId, FilingId, OrgId},
    rule_pack::{RulePack, SlotId},
};
use serde::Serialize;
use uuid::Uuid;

use super::{Invitation, TAKEN, TakenRow, invite};
use crate::{
    args,
    cx::Cx,
    db::Reader,
    error::{Conflict, Error, Result},
    fact::{self, Studied},
    filing,
    page::containing,
    sql::statements,
};

/// A firm that a document names, with what would be asked of it.
#[derive(Clone, Debug, Serialize)]
pub struct Proposed {
    pub kind: OrgKind,
    /// As the document spells it.
    pub name: String,
    pub document: DocumentId,
    pub number: i64,
    pub file_name: String,
    pub place: Place,
    pub found: Found,
    /// Slots with documents that this kind of firm signs and nobody is engaged for.
    pub slots: Vec<SlotId>,
}

/// Who is registered under that name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "found", rename_all = "snake_case")]
pub enum Found {
    /// One verified firm of this kind. `sure`: the documents name no other, and no credit code contradicts.
    Firm {
        firm: OrgId,
        name: String,
        sure: bool,
    },
    /// The name is registered under another credit code than the document prints.
    OtherCode {
        firm: OrgId,
        name: String,
        credit_code: String,
        printed: String,
    },
    Nobody,
}

impl Proposed {
    /// Whom to engage when it is ticked.
    #[must_use]
    pub const fn firm(&self) -> Option<OrgId> {
        match &self.found {
            Found::Firm { firm, .. } | Found::OtherCode { firm, .. } => Some(*firm),
            Found::Nobody => None,
        }
    }

    /// Ticked beforehand.
    #[must_use]
    pub const fn is_sure(&self) -> bool {
        matches!(self.found, Found::Firm { sure: true, .. })
    }
}

/// Who is named for slots that nobody is engaged for.
///
/// # Errors
/// As the permission to engage for this filing.
pub async fn named(cx: &Cx, id: FilingId) -> Result<Vec<Proposed>> {
    let reader = cx.db.read();
    let row = filing::find(reader, cx, id).await?;
    cx.permit::<action::Engage>(&row.facts()?)?;
    let (studied, _) = fact::of_filing(reader, id).await?;
    let taken: Vec<TakenRow> = reader.all(TAKEN, args![id]).await?;
    proposed(reader, row.pack(cx)?, &studied, &taken).await
}

/// Engages firms that [`named`] proposes, each for the slots proposed; those in `firms` and no other. Answers how many.
///
/// # Errors
/// A conflict when one is not proposed any more, because documents or engagements changed since the page was shown.
pub async fn engage_named(cx: &Cx, id: FilingId, firms: &[OrgId]) -> Result<usize> {
    let chosen: BTreeSet<Uuid> = firms.iter().map(|firm| firm.0).collect();
    if chosen.is_empty() {
        return Ok(0);
    }
    let mut tx = cx.db.begin().await?;
    let row = filing::lock(&mut tx, cx, id).await?;
    let permit = cx.permit::<action::Engage>(&row.facts()?)?;
    let by = permit.actor().user;
    let reader = cx.db.read();
    let (studied, _) = fact::of_filing(reader, id).await?;
    let taken: Vec<TakenRow> = tx.all(TAKEN, args![id]).await?;
    let proposed = proposed(reader, row.pack(cx)?, &studied, &taken).await?;
    let mut to_engage: BTreeMap<Uuid, (String, BTreeSet<String>)> = BTreeMap::new();
    for one in &proposed {
        let Some(firm) = one.firm().filter(|firm| chosen.contains(&firm.0)) else { continue };
        let slots = to_engage.entry(firm.0).or_insert_with(|| (one.kind.name().to_owned(), BTreeSet::new()));
        slots.1.extend(one.slots.iter().map(ToString::to_string));
    }
    if to_engage.len() != chosen.len() {
        return Err(Error::Conflict(Conflict::Stale));
    }
    // Two firms of one kind cannot both have its slots: the person has to say which.
    let kinds: BTreeSet<&str> = to_engage.values().map(|(kind, _)| kind.as_str()).collect();
    if kinds.len() != to_engage.len() {
        return Err(super::invalid("firms", "同一类机构请只选一家。", "Choose one firm of each kind."));
    }
    let count = to_engage.len();
    for (firm, (_, slots)) in to_engage {
        let slots: Vec<String> = slots.into_iter().collect();
        invite(&mut tx, cx, &row, &Invitation { firm: OrgId(firm), slots: &slots, note: "", by }).await?;
    }
    cx.commit(tx).await?;
    Ok(count)
}

async fn proposed(
    reader: &Reader,
    pack: &RulePack,
    studied: &[Studied],
    taken: &[TakenRow],
) -> Result<Vec<Proposed>> {
    let documents: Vec<(SlotId, Vec<Fact>)> =
        studied.iter().map(|document| (document.slot.clone(), document.facts.clone())).collect();
    let filled: BTreeSet<&str> = studied.iter().map(|document| document.slot.as_str()).collect();
    let open = |kind: OrgKind| -> Vec<SlotId> {
        pack.slots
            .iter()
            .filter(|slot| slot.signs == Some(kind) && filled.contains(slot.id.as_str()))
            .filter(|slot| !taken.iter().any(|other| other.slot == slot.id.as_str()))
            .map(|slot| slot.id.clone())
            .collect()
    };
    let mut out = Vec::new();
    for firm in rules::named(pack, &documents) {
        let slots = open(firm.kind);
        let Some(document) = studied.get(firm.document).filter(|_| !slots.is_empty()) else { continue };
        let found = found(reader, &firm).await?;
        out.push(Proposed {
            kind: firm.kind,
            document: document.document,
            number: document.number,
            file_name: document.file_name.clone(),
            place: firm.place,
            name: firm.name,
            found,
            slots,
        });
    }
    Ok(out)
}

/// By the printed credit code first, for names change and codes do not; else by the name.
async fn found(reader: &Reader, named: &NamedFirm) -> Result<Found> {
    let code = named.code.as_deref().unwrap_or_default();
    let stem = containing(&rules::stem_of(&named.name).to_lowercase());
    let rows: Vec<CandidateRow> = reader.all(CANDIDATES, args![named.kind.name(), code, stem]).await?;
    let by_code = rows.iter().find(|row| !code.is_empty() && row.credit_code == code);
    if let Some(row) = by_code {
        // Its name may have changed since; then a person looks at both.
        let sure = named.only && rules::is_same(&row.name, &named.name);
        return Ok(Found::Firm { firm: OrgId(row.id), name: row.name.clone(), sure });
    }
    let mut same = rows.iter().filter(|row| rules::is_same(&row.name, &named.name));
    let (Some(row), second) = (same.next(), same.next()) else { return Ok(Found::Nobody) };
    let (firm, name) = (OrgId(row.id), row.name.clone());
    if code.is_empty() {
        return Ok(Found::Firm { firm, name, sure: named.only && second.is_none() });
    }
    Ok(Found::OtherCode { firm, name, credit_code: row.credit_code.clone(), printed: code.to_owned() })
}

#[derive(sqlx::FromRow)]
struct CandidateRow {
    id: Uuid,
    name: String,
    credit_code: String,
}

statements! {
    /// A handful at most: names that hold the stem of the one looked for, and the owner of the code.
    CANDIDATES = "SELECT id, name, credit_code FROM organisation
        WHERE kind = $1 AND standing IN ('good', 'warned')
            AND (credit_code = $2 OR LOWER(name) LIKE $3 ESCAPE '\\')
        ORDER BY name, id LIMIT 20";
}
