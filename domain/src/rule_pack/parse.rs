//! Reads a rule pack from TOML and checks it as a whole, collecting every error with its line.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use time::macros::date;

use super::{Board, Condition, FieldKind, Requirement, RulePack, RulePackError, Section, is_id};
use crate::{
    rule_pack::{ClockLimits, parse_field, parse_slot},
    source_error::{Problem, nearest},
    text::Text,
    toml_source::{At, Report, Table, Unique},
};

/// A condition that still has to be checked against the fields.
pub(super) struct Pending {
    pub(super) condition: Condition,
    pub(super) offset: usize,
    pub(super) path: String,
}

pub(super) fn parse(text: &str) -> Result<RulePack, Vec<RulePackError>> {
    let (mut report, document) = Report::parse(text);
    let mut root = Table::root(&document);
    let id = id(&mut root, &mut report);
    let version = version(&mut root, &mut report);
    let title = Text::read(&mut root, "title", &mut report).unwrap_or_default();
    let source = Text::read(&mut root, "source", &mut report).unwrap_or_default();
    let from = root.date("effective_from", &mut report);
    let until = root.optional_date("effective_until", &mut report);
    if let (Some(from), Some(until)) = (&from, &until)
        && until.value < from.value
    {
        let problem = Problem::DatesReversed { from: from.value.to_string(), until: until.value.to_string() };
        report.add(until.offset, "effective_until", problem);
    }
    let clocks = clocks(&mut root, &mut report);
    let boards = boards(&mut root, &mut report);
    let sections = sections(&mut root, &mut report);

    let mut pending = Vec::new();
    let (fields, unreadable) = parse_field::fields(&mut root, &sections, &mut pending, &mut report);
    let slots = parse_slot::slots(&mut root, &mut pending, &mut report);
    root.finish(&mut report);

    let kinds: BTreeMap<&str, &FieldKind> =
        fields.iter().map(|field| (field.id.as_str(), &field.kind)).collect();
    for Pending { condition, offset, path } in &pending {
        if condition.fields().iter().any(|id| unreadable.contains(*id)) {
            continue;
        }
        for error in condition.check_types(&kinds) {
            report.add(*offset, path, Problem::Condition { zh: error.zh, en: error.en });
        }
    }
    for field in &fields {
        if let Requirement::When(condition) = &field.requirement
            && condition.fields().contains(&field.id.as_str())
        {
            let at = pending.iter().find(|pending| pending.condition == *condition);
            let (offset, path) = at.map_or((0, ""), |pending| (pending.offset, pending.path.as_str()));
            let problem = Problem::Condition {
                zh: format!("字段“{}”的条件引用了自己。请改用其他字段。", field.id),
                en: format!("the condition of field `{}` reads the field itself. Use another one.", field.id),
            };
            report.add(offset, path, problem);
        }
    }

    report.finish(RulePack {
        id,
        version,
        title,
        source,
        effective_from: from.map_or(date!(2000 - 01 - 01), |at| at.value),
        effective_until: until.map(|at| at.value),
        clocks,
        boards,
        sections,
        fields,
        slots,
        sha256: Sha256::digest(text.as_bytes()).into(),
    })
}

/// The `id` of a table: present and well formed, or empty after a report.
pub(super) fn id(table: &mut Table<'_, '_>, report: &mut Report<'_>) -> String {
    match table.text("id", report) {
        Some(At { value, .. }) if is_id(&value) => value,
        Some(At { value, offset }) => {
            report.add(offset, &table.path, Problem::BadId { value });
            String::new()
        }
        None => String::new(),
    }
}

/// As [`id`], and not seen before in the same list.
pub(super) fn unique_id(table: &mut Table<'_, '_>, seen: &mut Unique, report: &mut Report<'_>) -> String {
    let offset = table.offset;
    let id = id(table, report);
    if !id.is_empty() {
        seen.check("id", &id, offset, &table.path, report);
    }
    id
}

fn version(root: &mut Table<'_, '_>, report: &mut Report<'_>) -> String {
    let Some(At { value, offset }) = root.text("version", report) else { return String::new() };
    let well_formed = value.split_once('.').is_some_and(|(year, number)| {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        year.len() == 4 && digits(year) && digits(number) && number.len() <= 4
    });
    if !well_formed {
        let problem = Problem::UnknownValue {
            key: "version".to_owned(),
            value: value.clone(),
            allowed: vec!["2026.1".to_owned(), "2026.2".to_owned(), "…".to_owned()],
            nearest: None,
        };
        report.add(offset, "version", problem);
    }
    value
}

fn clocks(root: &mut Table<'_, '_>, report: &mut Report<'_>) -> ClockLimits {
    let mut limits = ClockLimits { acceptance: 5, review: 10, correction: 10, inquiry_reply: 10 };
    if let Some(mut table) = root.table("clocks", report) {
        for (key, limit) in [
            ("acceptance", &mut limits.acceptance),
            ("review", &mut limits.review),
            ("correction", &mut limits.correction),
            ("inquiry_reply", &mut limits.inquiry_reply),
        ] {
            if let Some(days) = table.integer(key, 1, 250, report) {
                *limit = u16::try_from(days).unwrap_or(*limit);
            }
        }
        table.finish(report);
    }
    limits
}

fn boards(root: &mut Table<'_, '_>, report: &mut Report<'_>) -> Vec<Board> {
    let mut seen = Unique::default();
    let mut boards = Vec::new();
    for mut table in root.tables("board", report) {
        let id = unique_id(&mut table, &mut seen, report);
        let name = Text::read(&mut table, "name", report).unwrap_or_default();
        table.finish(report);
        boards.push(Board { id, name });
    }
    boards
}

fn sections(root: &mut Table<'_, '_>, report: &mut Report<'_>) -> Vec<Section> {
    let mut seen = Unique::default();
    let mut sections = Vec::new();
    for mut table in root.tables("section", report) {
        let id = unique_id(&mut table, &mut seen, report);
        let title = Text::read(&mut table, "title", report).unwrap_or_default();
        table.finish(report);
        sections.push(Section { id, title });
    }
    sections
}

/// `required = true | false | "condition"`.
pub(super) fn requirement(
    table: &mut Table<'_, '_>,
    pending: &mut Vec<Pending>,
    report: &mut Report<'_>,
) -> Requirement {
    match table.boolean_or_text("required", report) {
        Some(Ok(true)) => Requirement::Required,
        Some(Ok(false)) | None => Requirement::Optional,
        Some(Err(At { value, offset })) => match Condition::parse(&value) {
            Ok(condition) => {
                let path = format!("{}.required", table.path);
                pending.push(Pending { condition: condition.clone(), offset, path });
                Requirement::When(condition)
            }
            Err(error) => {
                let path = format!("{}.required", table.path);
                report.add(offset, &path, Problem::Condition { zh: error.zh, en: error.en });
                Requirement::Optional
            }
        },
    }
}

/// A reference to one of `declared`.
pub(super) fn reference<'i>(
    table: &mut Table<'_, '_>,
    key: &'static str,
    declared: impl Iterator<Item = &'i str> + Clone,
    report: &mut Report<'_>,
) -> String {
    let Some(At { value, offset }) = table.text(key, report) else { return String::new() };
    if !declared.clone().any(|id| id == value) {
        let problem = Problem::UnknownReference {
            key: key.to_owned(),
            nearest: nearest(&value, declared),
            value: value.clone(),
        };
        report.add(offset, &format!("{}.{key}", table.path), problem);
    }
    value
}
