//! What changed from one submitted version of a filing to the next: documents added, replaced and taken out, and
//! fields with their values before and after. For those who read a filing again and want to know what is new.

use std::collections::BTreeMap;

use domain::{access::action, id::FilingId, rule_pack::FieldKind, text::Text};
use serde::Serialize;
use uuid::Uuid;

use crate::{args, cx::Cx, error::Result, sql::statements};

/// One version against the one before it; the first version has no changes.
#[derive(Clone, Debug, Serialize)]
pub struct VersionChanges {
    pub number: i64,
    pub documents: Vec<DocumentChange>,
    pub fields: Vec<FieldChange>,
}

/// A document that is not as it was. Added has no name before, taken out none after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DocumentChange {
    pub slot: String,
    pub slot_name: Text,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// A field that is not as it was; canonical values, empty when not given.
#[derive(Clone, Debug, Serialize)]
pub struct FieldChange {
    pub id: String,
    pub label: Text,
    pub kind: FieldKind,
    pub before: String,
    pub after: String,
}

/// The changes of every version after the first, newest first. Three queries.
///
/// # Errors
/// As [`super::workspace`].
pub async fn changes(cx: &Cx, id: FilingId) -> Result<Vec<VersionChanges>> {
    let reader = super::reader(cx)?;
    let row = super::find(reader, cx, id).await?;
    cx.permit::<action::ReadFiling>(&row.facts()?)?;
    let fields: Vec<(i64, String)> = reader.all(FIELDS, args![id]).await?;
    let documents: Vec<DocumentRow> = reader.all(DOCUMENTS, args![id]).await?;
    let pack = row.pack(cx)?;
    let mut versions = Vec::new();
    for (number, fields) in fields {
        let fields: BTreeMap<String, String> = serde_json::from_str(&fields)?;
        let documents: BTreeMap<Uuid, &DocumentRow> =
            documents.iter().filter(|row| row.number == number).map(|row| (row.document_id, row)).collect();
        versions.push((number, fields, documents));
    }
    let slot_name = |slot: &str| pack.slot(slot).map(|slot| slot.name.clone()).unwrap_or_default();
    let mut out: Vec<VersionChanges> = versions
        .windows(2)
        .filter_map(|pair| match pair {
            [(_, old_fields, old), (number, new_fields, new)] => Some(VersionChanges {
                number: *number,
                documents: document_changes(old, new, slot_name),
                fields: pack
                    .fields
                    .iter()
                    .filter_map(|field| {
                        let value = |from: &BTreeMap<String, String>| {
                            from.get(&field.id).cloned().unwrap_or_default()
                        };
                        let (before, after) = (value(old_fields), value(new_fields));
                        (before != after).then(|| FieldChange {
                            id: field.id.clone(),
                            label: field.label.clone(),
                            kind: field.kind.clone(),
                            before,
                            after,
                        })
                    })
                    .collect(),
            }),
            _ => None,
        })
        .collect();
    out.reverse();
    Ok(out)
}

fn document_changes(
    old: &BTreeMap<Uuid, &DocumentRow>,
    new: &BTreeMap<Uuid, &DocumentRow>,
    slot_name: impl Fn(&str) -> Text,
) -> Vec<DocumentChange> {
    let change = |slot: &str, before: Option<&DocumentRow>, after: Option<&DocumentRow>| DocumentChange {
        slot: slot.to_owned(),
        slot_name: slot_name(slot),
        before: before.map(|row| row.file_name.clone()),
        after: after.map(|row| row.file_name.clone()),
    };
    let replaced_or_added = new.iter().filter_map(|(id, after)| match old.get(id) {
        Some(before) if before.document_number == after.document_number => None,
        before => Some(change(&after.slot, before.copied(), Some(after))),
    });
    let removed = old
        .iter()
        .filter(|(id, _)| !new.contains_key(*id))
        .map(|(_, before)| change(&before.slot, Some(before), None));
    let mut out: Vec<_> = replaced_or_added.chain(removed).collect();
    out.sort_by(|a, b| a.slot.cmp(&b.slot));
    out
}

#[derive(Clone, Debug, sqlx::FromRow)]
struct DocumentRow {
    number: i64,
    document_id: Uuid,
    document_number: i64,
    slot: String,
    file_name: String,
}

statements! {
    FIELDS = "SELECT number, fields FROM filing_version WHERE filing_id = $1 ORDER BY number";
    DOCUMENTS = "SELECT s.number, s.document_id, s.document_number, s.slot, v.file_name
        FROM filing_version_document s
        JOIN document_version v ON v.document_id = s.document_id AND v.number = s.document_number
        WHERE s.filing_id = $1 ORDER BY s.number, s.slot";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(document: u128, number: i64, slot: &str, name: &str) -> DocumentRow {
        DocumentRow {
            number: 0,
            document_id: Uuid::from_u128(document),
            document_number: number,
            slot: slot.to_owned(),
            file_name: name.to_owned(),
        }
    }

    #[test]
    fn a_document_is_added_replaced_taken_out_or_the_same() {
        let old = [row(1, 1, "a", "one.pdf"), row(2, 1, "b", "two.pdf"), row(3, 1, "c", "three.pdf")];
        let new = [row(1, 1, "a", "one.pdf"), row(2, 2, "b", "two-2.pdf"), row(4, 1, "d", "four.pdf")];
        let by_id = |rows: &'static [DocumentRow]| rows.iter().map(|row| (row.document_id, row)).collect();
        let (old, new): (&'static [_], &'static [_]) = (Vec::from(old).leak(), Vec::from(new).leak());
        let changes = document_changes(&by_id(old), &by_id(new), |_| Text::default());
        let seen: Vec<_> =
            changes.iter().map(|c| (c.slot.as_str(), c.before.as_deref(), c.after.as_deref())).collect();
        assert_eq!(
            seen,
            [
                ("b", Some("two.pdf"), Some("two-2.pdf")),
                ("c", Some("three.pdf"), None),
                ("d", None, Some("four.pdf"))
            ]
        );
    }
}
