//! Reads the `[[field]]` tables of a rule pack.

use std::collections::BTreeSet;

use super::{
    ChoiceOption, FieldDefinition, FieldKind, Section,
    parse::{Pending, reference, requirement, unique_id},
};
use crate::{
    source_error::Problem,
    text::Text,
    toml_source::{Report, Table, Unique},
};

/// Above this a text belongs into a document.
const MAX_LENGTH: u64 = 10_000;

/// The fields, and the ids of those whose kind could not be read: conditions on them cannot be judged.
pub(super) fn fields(
    root: &mut Table<'_, '_>,
    sections: &[Section],
    pending: &mut Vec<Pending>,
    report: &mut Report<'_>,
) -> (Vec<FieldDefinition>, BTreeSet<String>) {
    let mut seen = Unique::default();
    let mut unreadable = BTreeSet::new();
    let mut fields = Vec::new();
    for table in root.tables("field", report) {
        let (field, readable) = field(table, sections, &mut seen, pending, report);
        if !readable {
            unreadable.insert(field.id.clone());
        }
        fields.push(field);
    }
    (fields, unreadable)
}

fn field(
    mut table: Table<'_, '_>,
    sections: &[Section],
    seen: &mut Unique,
    pending: &mut Vec<Pending>,
    report: &mut Report<'_>,
) -> (FieldDefinition, bool) {
    let id = unique_id(&mut table, seen, report);
    let declared = sections.iter().map(|section| section.id.as_str());
    let section = reference(&mut table, "section", declared, report);
    let label = Text::read(&mut table, "label", report).unwrap_or_default();
    let help = Text::read_optional(&mut table, "help", report);
    let placeholder = Text::read_optional(&mut table, "placeholder", report);
    let kind = kind(&mut table, report);
    let readable = kind.is_some();
    // Asked for, so that they are not reported as unknown beside a kind that is only misspelt.
    if !readable {
        let _ = (table.has("options"), table.has("signed"));
    }
    let kind = kind.unwrap_or(FieldKind::Text);
    let requirement = requirement(&mut table, pending, report);
    let max_length = if table.has("max_length") {
        table.integer("max_length", 1, MAX_LENGTH, report).and_then(|n| u16::try_from(n).ok())
    } else {
        None
    };
    let max_length = max_length.unwrap_or_else(|| default_length(&kind));
    table.finish(report);
    let field = FieldDefinition { id, section, label, help, kind, requirement, max_length, placeholder };
    (field, readable)
}

const fn default_length(kind: &FieldKind) -> u16 {
    match kind {
        FieldKind::LongText => 2_000,
        FieldKind::Text | FieldKind::Choice { .. } => 200,
        FieldKind::Email => 254,
        FieldKind::CreditCode
        | FieldKind::Money { .. }
        | FieldKind::Shares
        | FieldKind::Count
        | FieldKind::Date
        | FieldKind::Percent
        | FieldKind::Phone => 40,
    }
}

/// `None` after a report.
fn kind(table: &mut Table<'_, '_>, report: &mut Report<'_>) -> Option<FieldKind> {
    if !table.has("kind") {
        report.add(table.offset, &table.path, Problem::Missing { key: "kind".to_owned() });
        return None;
    }
    let known = |name: &str| {
        Some(match name {
            "text" => FieldKind::Text,
            "long_text" => FieldKind::LongText,
            "credit_code" => FieldKind::CreditCode,
            "money" => FieldKind::Money { signed: false },
            "shares" => FieldKind::Shares,
            "count" => FieldKind::Count,
            "date" => FieldKind::Date,
            "percent" => FieldKind::Percent,
            "choice" => FieldKind::Choice { options: Vec::new() },
            "phone" => FieldKind::Phone,
            "email" => FieldKind::Email,
            _ => return None,
        })
    };
    Some(match table.word("kind", FieldKind::NAMES, known, report)? {
        // Read only where they mean something, so that elsewhere they are unknown keys.
        FieldKind::Choice { .. } => FieldKind::Choice { options: options(table, report) },
        FieldKind::Money { .. } => {
            FieldKind::Money { signed: table.boolean("signed", report).unwrap_or(false) }
        }
        kind => kind,
    })
}

fn options(table: &mut Table<'_, '_>, report: &mut Report<'_>) -> Vec<ChoiceOption> {
    let mut seen = Unique::default();
    let mut options = Vec::new();
    for mut option in table.tables("options", report) {
        let value = option.text("value", report);
        let label = Text::read(&mut option, "label", report).unwrap_or_default();
        if let Some(value) = value {
            seen.check("value", &value.value, value.offset, &option.path, report);
            options.push(ChoiceOption { value: value.value, label });
        }
        option.finish(report);
    }
    if options.is_empty() {
        report.add(table.offset, &table.path, Problem::Empty { key: "options".to_owned() });
    }
    options
}
