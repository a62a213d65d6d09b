//! A register in a sheet: where its heading stands, also over several rows with merged cells, what each column means, and the
//! rows below. What was meant is proposed; a person may say otherwise.

use std::collections::BTreeMap;

use super::{Column, Holder, MOST, Mapping, Written};
use crate::{
    fact,
    reading::{Cell, Row, Sheet},
    transcript::{column_name, fold},
};

/// Rows in which a heading may begin, and how many it may take.
const SEARCHED: usize = 40;
const DEEPEST: usize = 3;
/// A longer cell is a sentence, not a heading.
const LONGEST: usize = 18;
/// What a line under the table begins with.
const FOOT: [&str; 10] =
    ["注", "备注", "说明", "制表", "填表", "经办", "公司(盖章)", "法定代表人", "审核", "日期"];

/// The heading of a table: its rows as the spreadsheet counts them, and what stands over each column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    pub first: u32,
    pub last: u32,
    /// By column, from 0.
    pub labels: BTreeMap<u32, String>,
}

/// What people should know of how a sheet was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Rows that the sheet hides and that were read all the same.
    pub hidden_rows: Vec<u32>,
    /// Columns, by letter, that it hides and that were read all the same.
    pub hidden_columns: Vec<String>,
    /// Cells whose saved result was taken.
    pub formulas: usize,
    /// Rows beyond [`MOST`] that were left out.
    pub left_out: usize,
}

/// A sheet as a register.
#[derive(Clone, Debug, Default)]
pub struct Read {
    pub holders: Vec<Holder>,
    /// The line of totals, where there is one.
    pub total: Option<Holder>,
    pub told: Told,
}

/// Finds the heading: the first rows that name a holder and what it holds.
#[must_use]
pub fn heading(sheet: &Sheet) -> Option<Heading> {
    (0..sheet.rows.len().min(SEARCHED)).find_map(|start| beginning(sheet, start))
}

/// The heading that begins at this row, over as many rows as give it the most meaning.
fn beginning(sheet: &Sheet, start: usize) -> Option<Heading> {
    let best = (1..=DEEPEST)
        .filter_map(|depth| of_rows(sheet, start, depth))
        .max_by_key(|(score, heading)| (*score, std::cmp::Reverse(heading.last)));
    best.filter(|(score, _)| *score >= 2).map(|(_, heading)| heading)
}

/// The heading that begins at a row which a person names: as it would be found, or whatever stands there.
#[must_use]
pub fn heading_at(sheet: &Sheet, row: u32) -> Option<Heading> {
    let start = sheet.rows.iter().position(|found| found.number == row)?;
    if let Some(found) = beginning(sheet, start) {
        return Some(found);
    }
    let last = row + deepest(&sheet.rows[start]) - 1;
    let end = sheet.rows.iter().rposition(|found| found.number <= last)?;
    Some(Heading { first: row, last, labels: labels(&sheet.rows[start..=end]) })
}

/// How many rows the cells of a row reach down.
fn deepest(row: &Row) -> u32 {
    row.cells.iter().map(|cell| u32::from(cell.span.1)).max().unwrap_or(1).clamp(1, 3)
}

/// The heading over `depth` rows from `start`, with how many meanings it has; none when these rows are no heading.
fn of_rows(sheet: &Sheet, start: usize, depth: usize) -> Option<(usize, Heading)> {
    let rows = sheet.rows.get(start..start + depth)?;
    let is_heading = |row: &Row| {
        row.cells.iter().all(|cell| {
            let text = fold(&cell.text);
            text.chars().count() <= LONGEST && !text.contains(':') && text.parse::<f64>().is_err()
        })
    };
    let (first, last) = (rows.first()?, rows.last()?);
    let apart = last.number - first.number;
    if first.cells.len() < 2 || !rows.iter().all(is_heading) || apart as usize != depth - 1 {
        return None;
    }
    // Cells that reach further down belong to the rows below as well.
    let reach = first.number + deepest(first) - 1;
    let heading = Heading { first: first.number, last: last.number.max(reach), labels: labels(rows) };
    let found = propose(&heading, &BTreeMap::new()).0;
    let holds = [Column::Shares, Column::Percent, Column::Contributed];
    let good = found.contains_key(&Column::Name) && holds.iter().any(|column| found.contains_key(column));
    good.then_some((found.len(), heading))
}

/// What stands over each column, the rows' words joined.
fn labels(rows: &[Row]) -> BTreeMap<u32, String> {
    let mut labels: BTreeMap<u32, String> = BTreeMap::new();
    for cell in rows.iter().flat_map(|row| &row.cells) {
        let text: String = cell.text.split_whitespace().collect();
        for column in cell.column..cell.column + u32::from(cell.span.0).clamp(1, 40) {
            let label = labels.entry(column).or_default();
            if !label.is_empty() {
                label.push(' ');
            }
            label.push_str(&text);
        }
    }
    labels
}

/// What each column means: as a person said before of such a heading (`remembered`, by [`key`]; none there is "nothing"), or by
/// the words of its lowest line, or of the whole.
#[must_use]
pub fn propose(heading: &Heading, remembered: &BTreeMap<String, Option<Column>>) -> Mapping {
    let mut found = Mapping::default();
    for (column, label) in &heading.labels {
        if let Some(Some(meaning)) = remembered.get(&key(label)) {
            found.0.entry(*meaning).or_insert(*column);
        }
    }
    for (column, label) in &heading.labels {
        if remembered.contains_key(&key(label)) {
            continue;
        }
        let lowest = label.rsplit(' ').next().unwrap_or(label);
        let meaning = Column::of_heading(&fold(lowest)).or_else(|| Column::of_heading(&fold(label)));
        if let Some(meaning) = meaning {
            found.0.entry(meaning).or_insert(*column);
        }
    }
    found
}

/// A heading as it is remembered.
#[must_use]
pub fn key(label: &str) -> String {
    fold(label)
}

/// `F8` of a column from 0 and a row.
#[must_use]
pub fn address(column: u32, row: u32) -> String {
    format!("{}{row}", column_name(column))
}

/// `F` of a column from 0.
#[must_use]
pub fn letter(column: u32) -> String {
    column_name(column)
}

/// Reads the rows under the heading.
#[must_use]
pub fn read(sheet: &Sheet, heading: &Heading, mapping: &Mapping) -> Read {
    let mut out = Read::default();
    let used: Vec<u32> = mapping.0.values().copied().collect();
    out.told.hidden_columns =
        sheet.hidden_columns.iter().filter(|column| used.contains(column)).map(|c| letter(*c)).collect();
    let mut above: BTreeMap<u32, (&Cell, u32)> = BTreeMap::new();
    // Percentages of cells that do not say so: 0.42 is 42 % where all of them sum to 1.
    let mut bare: Vec<(usize, &str)> = Vec::new();
    for row in sheet.rows.iter().filter(|row| row.number > heading.last) {
        let total = row.cells.iter().take(3).any(|cell| fact::is_total(&fold(&cell.text)));
        let part = row.cells.iter().take(3).any(|cell| fold(&cell.text).starts_with("小计"));
        let mine = row.cells.iter().filter(|cell| used.contains(&cell.column)).count();
        if part || mine == 0 {
            continue;
        }
        if !total && is_foot(row, mapping) {
            break;
        }
        let mut holder = Holder { sheet_row: row.number, ..Holder::default() };
        for (column, at) in &mapping.0 {
            let own = row.cells.iter().find(|cell| cell.column == *at);
            // A merged cell speaks for the rows that it covers, of names and numbers of documents; not of what is held.
            let covered = matches!(column, Column::Name | Column::Kind | Column::IdKind | Column::IdNumber)
                .then(|| above.get(at).filter(|(_, until)| row.number <= *until).map(|(cell, _)| *cell))
                .flatten();
            let Some(cell) = own.or(covered) else { continue };
            if cell.span.1 > 1 && own.is_some() {
                above.insert(*at, (cell, row.number + u32::from(cell.span.1) - 1));
            }
            out.told.formulas += usize::from(cell.formula && own.is_some());
            let label = heading.labels.get(at).map(|label| fold(label)).unwrap_or_default();
            let power = if label.contains('万') { 4 } else { 0 };
            holder.set(*column, &Written { text: &cell.text, power, fraction: cell.percent });
            if *column == Column::Percent && !cell.percent {
                bare.push((out.holders.len(), cell.text.as_str()));
            }
        }
        if total {
            holder.name.clear();
            out.total = Some(holder);
            break;
        }
        if out.holders.len() >= MOST {
            out.told.left_out += 1;
            continue;
        }
        if row.hidden {
            out.told.hidden_rows.push(row.number);
        }
        out.holders.push(holder);
    }
    let sum: i64 = out.holders.iter().filter_map(|holder| holder.percent).sum();
    if (9_900..=10_100).contains(&sum) {
        for (index, text) in bare {
            let holder = out.holders.get_mut(index).or(out.total.as_mut());
            if let Some(holder) = holder {
                holder.set(Column::Percent, &Written { text, power: 0, fraction: true });
            }
        }
    }
    out
}

/// A line that stands under the table and is no holder.
fn is_foot(row: &Row, mapping: &Mapping) -> bool {
    let first = row.cells.first().map(|cell| fold(&cell.text)).unwrap_or_default();
    let holds = [Column::Shares, Column::Percent, Column::Contributed]
        .iter()
        .filter_map(|column| mapping.0.get(column))
        .any(|at| row.cells.iter().any(|cell| cell.column == *at));
    !holds && (FOOT.iter().any(|word| first.starts_with(word)) || first.contains(':'))
}
