//! Persons who sign or are named in lists: shareholders under a resolution, directors, the sponsor's team,
//! accountants, lawyers.

use super::{
    FactKey as Key,
    gather::{Gatherer, LABELLED, SENTENCE},
    value,
};
use crate::{
    rule_pack::SlotId,
    transcript::{Cell, Row},
};

/// Adds the persons that the document's kind names.
pub(super) fn gather(slot: &SlotId, gatherer: &mut Gatherer<'_>) {
    match slot.as_str() {
        "shareholder_resolution" => signatures(
            gatherer,
            &[
                "全体股东签字",
                "股东签字",
                "股东签名",
                "出席股东签字",
                "股东(签字",
                "股东(签章",
                "全体股东(",
                "签署页",
            ],
            Key::Signatory,
        ),
        "directors_commitment" => signatures(
            gatherer,
            &["全体董事签字", "董事签字", "董事签名", "全体董事(签", "董事(签"],
            Key::Signatory,
        ),
        "sponsor_self_discipline" => {
            table(gatherer, &["姓名"], &["职务", "分工", "执业", "登记编号"], |_| {
                Some(Key::TeamMember)
            });
        }
        "audit_report" => labelled(gatherer, &["中国注册会计师", "签字注册会计师"], Key::Accountant),
        "legal_opinion" => {
            labelled(gatherer, &["经办律师", "签字律师", "承办律师"], Key::Lawyer);
            following_lines(gatherer, &["经办律师", "签字律师", "承办律师"], Key::Lawyer);
        }
        _ => {}
    }
    if matches!(
        slot.as_str(),
        "company_overview" | "directors_commitment" | "due_diligence_report" | "legal_opinion"
    ) {
        table(gatherer, &["姓名"], &["职务", "任职"], |role| {
            if role.contains("董事") && !role.trim_start_matches("董事会秘书").is_empty() && director(role)
            {
                Some(Key::Director)
            } else if role.contains("监事") {
                Some(Key::Supervisor)
            } else {
                None
            }
        });
    }
}

/// 董事会秘书 and 董事会办公室主任 are no directors.
fn director(role: &str) -> bool {
    role.replace("董事会", "").contains("董事")
}

fn entry_of(gatherer: &Gatherer<'_>, key: Key) -> Option<u16> {
    u16::try_from(gatherer.facts().iter().filter(|fact| fact.key == key).count() + 1).ok()
}

fn push(gatherer: &mut Gatherer<'_>, key: Key, name: String, start: usize, length: usize, confidence: u8) {
    if gatherer.facts().iter().any(|fact| fact.key == key && fact.value == name) {
        return;
    }
    let place = gatherer.transcript.place(&(start..start + length));
    let entry = entry_of(gatherer, key);
    gatherer.add_at(key, None, entry, name.clone(), name, place, confidence);
}

/// `张三:` or `张三 ____` in cells below the heading of the signatures.
fn signatures(gatherer: &mut Gatherer<'_>, headings: &[&str], key: Key) {
    let transcript = gatherer.transcript;
    let Some(from) = headings.iter().filter_map(|heading| transcript.text.rfind(heading)).max() else {
        return;
    };
    let first = transcript.locate(from).map_or(0, |(row, _)| row);
    let mut found: Vec<(String, usize, usize)> = Vec::new();
    for row in &transcript.rows[first..] {
        let text = row.text();
        if text.starts_with("序号") {
            break;
        }
        for cell in &row.cells {
            found.extend(names_in(cell, from));
        }
    }
    for (name, start, length) in found {
        push(gatherer, key, name, start, length, 86);
    }
}

/// Names that are followed by room for a signature.
fn names_in(cell: &Cell, from: usize) -> Vec<(String, usize, usize)> {
    let mut found = Vec::new();
    let mut offset = 0;
    for piece in cell.text.split_inclusive(['_', ':']) {
        let start = cell.start + offset;
        offset += piece.len();
        let body = piece.trim_end_matches(['_', ':']);
        // Nothing before the heading, and no heading itself.
        if body.is_empty() || start < from || body.len() == piece.len() {
            continue;
        }
        if let Some((name, length)) = value::person(body)
            && length == body.len()
        {
            found.push((name, start, length));
        }
    }
    found
}

/// Rows of a table with a column of names; `of` tells from the role what a person is.
fn table(gatherer: &mut Gatherer<'_>, names: &[&str], roles: &[&str], of: impl Fn(&str) -> Option<Key>) {
    let transcript = gatherer.transcript;
    let is_header = |row: &Row| {
        let has = |words: &[&str]| {
            row.cells.iter().any(|cell| {
                cell.text.chars().count() <= 12 && words.iter().any(|word| cell.text.contains(word))
            })
        };
        has(names) && has(roles)
    };
    let Some(header) = transcript.rows.iter().position(is_header) else { return };
    let name_column = transcript.rows[header]
        .cells
        .iter()
        .position(|cell| names.iter().any(|word| cell.text.contains(word)))
        .unwrap_or(0);
    let mut found: Vec<(Key, String, usize, usize)> = Vec::new();
    let mut misses = 0;
    for row in transcript.rows[header + 1..].iter().take(60) {
        let person = row.cells.iter().enumerate().take(name_column + 2).find_map(|(index, cell)| {
            let (name, length) = value::person(&cell.text)?;
            (length == cell.text.len()).then_some((index, name, cell.start, length))
        });
        let Some((index, name, start, length)) = person else {
            misses += 1;
            // Wrapped cells make rows of their own; two of them end the table.
            if misses > 2 || row.cells.len() == 1 && row.text().chars().count() > 20 {
                break;
            }
            continue;
        };
        misses = 0;
        let role: String = row.cells[index + 1..].iter().take(2).map(|cell| cell.text.as_str()).collect();
        if let Some(key) = of(&role) {
            found.push((key, name, start, length));
        }
    }
    for (key, name, start, length) in found {
        push(gatherer, key, name, start, length, LABELLED);
    }
}

/// `中国注册会计师:张三`.
fn labelled(gatherer: &mut Gatherer<'_>, labels: &[&str], key: Key) {
    for found in gatherer.labelled(labels).into_iter().filter(|found| found.marked) {
        if let Some((name, length)) = value::person(&found.text)
            && let Some(start) = found.start
        {
            let ends =
                found.text[length..].chars().next().is_none_or(|c| !('\u{4E00}'..='\u{9FFF}').contains(&c))
                    || gatherer.transcript.cell_end(start) == start + length;
            if ends {
                push(gatherer, key, name, start, length, LABELLED);
            } else if let Some(cell) = gatherer.transcript.cell_at(start)
                && let Some((name, length)) = value::person(&cell.text[start - cell.start..])
            {
                push(gatherer, key, name, start, length, SENTENCE);
            }
        }
    }
}

/// Names in the lines below a label: `经办律师:` and then a line for each.
fn following_lines(gatherer: &mut Gatherer<'_>, labels: &[&str], key: Key) {
    let transcript = gatherer.transcript;
    let Some(at) = labels.iter().filter_map(|label| transcript.text.rfind(label)).max() else { return };
    let Some((row, _)) = transcript.locate(at) else { return };
    let mut found = Vec::new();
    for row in transcript.rows[row..].iter().take(6) {
        for cell in &row.cells {
            let body = cell.text.trim_end_matches(['_', ':']);
            let body = labels
                .iter()
                .find_map(|label| body.strip_prefix(label))
                .unwrap_or(body)
                .trim_start_matches([':', '(', ')', '签', '字']);
            if let Some((name, length)) = value::person(body)
                && length == body.len()
            {
                let start = cell.start + cell.text.find(body).unwrap_or(0);
                found.push((name, start, length));
            }
        }
    }
    for (name, start, length) in found {
        push(gatherer, key, name, start, length, SENTENCE);
    }
}
