//! Geometry of a page: lines into rows, words into cells, running heads and tables of contents apart, wrapped cells
//! together. All lengths are ten-thousandths of the page.

use std::{collections::BTreeMap, ops::Range};

use super::{Cell, Row, fold, line_cells};
use crate::reading::{Area, Page, Reading};

/// Running heads and feet stand in these margins.
const HEAD: u16 = 700;
const FOOT: u16 = 9_300;
/// A gap wider than this many characters separates cells.
const CELL_GAP: f32 = 0.45;
/// Fewer dots are an ellipsis.
const LEADER: usize = 6;

const fn bottom(area: Area) -> u16 {
    area.top.saturating_add(area.height)
}

const fn right(area: Area) -> u16 {
    area.left.saturating_add(area.width)
}

const fn middle(area: Area) -> u16 {
    area.top.saturating_add(area.height / 2)
}

/// Width of a text in characters of full width.
fn columns(text: &str) -> f32 {
    text.chars().map(|c| if c.is_ascii() { 0.55 } else { 1.0 }).sum()
}

/// The region of the part of a cell that `range` covers, as if all characters of a kind were equally wide.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the cell's own width")]
pub(super) fn part(cell: &Cell, range: &Range<usize>) -> Option<Area> {
    let area = cell.area?;
    let clip = |offset: usize| offset.saturating_sub(cell.start).min(cell.text.len());
    let (from, to) = (clip(range.start), clip(range.end));
    let total = columns(&cell.text);
    let (Some(before), Some(within)) = (cell.text.get(..from), cell.text.get(from..to)) else {
        return Some(area);
    };
    if total <= 0.0 {
        return Some(area);
    }
    let scale = f32::from(area.width) / total;
    let left = area.left.saturating_add((columns(before) * scale) as u16);
    Some(Area { left, width: ((columns(within) * scale).ceil() as u16).min(area.width), ..area })
}

/// Rows of a page: lines at the same height and beside each other are one row. Without places, each line is a row.
pub(super) fn rows(page: &Page) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for line in &page.lines {
        let cells = join_words(line_cells(line));
        if cells.iter().all(|cell| cell.text.is_empty()) {
            continue;
        }
        let area = cells.iter().filter_map(|cell| cell.area).reduce(Area::around).or(line.area);
        let home = area.and_then(|area| {
            rows.iter_mut().rev().take(80).find(|row| row.area.is_some_and(|other| beside(row, other, area)))
        });
        if let (Some(row), Some(area)) = (home, area) {
            row.area = row.area.map(|other| other.around(area));
            row.cells.extend(cells);
            row.cells.sort_by_key(|cell| cell.area.map_or(0, |area| area.left));
        } else {
            rows.push(Row { page: page.number, area, cells, range: 0..0 });
        }
    }
    if rows.iter().all(|row| row.area.is_some()) {
        // Stable: rows at one height keep the reader's order.
        rows.sort_by_key(|row| row.area.map_or(0, middle));
    }
    rows
}

fn beside(row: &Row, other: Area, area: Area) -> bool {
    let level = (other.top..=bottom(other)).contains(&middle(area))
        && (area.top..=bottom(area)).contains(&middle(other));
    let apart = |cell: &Cell| {
        cell.area.is_none_or(|cell| {
            right(cell) <= area.left.saturating_add(20) || right(area) <= cell.left.saturating_add(20)
        })
    };
    level && row.cells.iter().all(apart)
}

/// Words without a gap between them become one cell; what has no place stays as it came.
fn join_words(words: Vec<Cell>) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::with_capacity(words.len());
    for word in words {
        if let Some(last) = cells.last_mut()
            && let (Some(a), Some(b)) = (last.area, word.area)
        {
            let character = (f32::from(a.width) / columns(&last.text).max(1.0))
                .max(f32::from(b.width) / columns(&word.text).max(1.0));
            if f32::from(b.left) - f32::from(right(a)) < character * CELL_GAP && b.left >= a.left {
                last.text.push_str(&word.text);
                if last.said.ends_with(|c: char| c.is_ascii_alphanumeric()) {
                    last.said.push(' ');
                }
                last.said.push_str(&word.said);
                last.area = Some(a.around(b));
                continue;
            }
        }
        cells.push(word);
    }
    cells
}

/// Takes out what repeats in the margins of pages, and page numbers.
pub(super) fn set_running_heads_apart(rows: &mut Vec<Row>, running: &mut Vec<String>, pages: usize) {
    let margin = |row: &Row| row.area.is_some_and(|area| bottom(area) < HEAD || area.top > FOOT);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows.iter().filter(|row| margin(row)) {
        *seen.entry(row.text()).or_default() += 1;
    }
    rows.retain(|row| {
        let text = row.text();
        let repeated = pages > 1 && seen.get(&text).is_some_and(|count| *count > 1);
        !(margin(row) && (repeated || is_page_number(&text)))
    });
    if pages > 1 {
        running.extend(
            seen.into_iter()
                .filter(|(text, count)| *count > 1 && !is_page_number(text))
                .map(|(text, _)| text),
        );
    }
}

fn is_page_number(text: &str) -> bool {
    let rest = text.trim_matches(|c: char| c.is_ascii_digit() || "第页共/-·.".contains(c));
    rest.is_empty()
}

/// A line of a table of contents: its leader of dots tells.
pub(super) fn is_contents_entry(row: &Row) -> bool {
    let text = row.text();
    let mut dots = 0;
    text.chars().any(|c| {
        dots = match c {
            '.' | '·' | '…' | '．' => dots + if c == '…' { 3 } else { 1 },
            _ => 0,
        };
        dots >= LEADER
    })
}

/// Rows of a workbook; the sheet's number stands for the page.
pub(super) fn sheet_rows(reading: &Reading) -> Vec<Row> {
    let mut rows = Vec::new();
    for (sheet, page) in reading.sheets.iter().zip(1..) {
        if sheet.hidden {
            continue;
        }
        for row in &sheet.rows {
            let cells: Vec<Cell> = row
                .cells
                .iter()
                .map(|cell| Cell {
                    text: fold(&cell.text),
                    said: cell.text.trim().to_owned(),
                    area: None,
                    name: Some(format!("{}{}", column_name(cell.column), row.number)),
                    column: Some(cell.column),
                    percent: cell.percent,
                    start: 0,
                })
                .collect();
            rows.push(Row { page, area: None, cells, range: 0..0 });
        }
    }
    rows
}

/// `A`, `B` … `Z`, `AA`, as spreadsheet programs name columns.
pub(crate) fn column_name(column: u32) -> String {
    let mut name = Vec::new();
    let mut rest = column;
    loop {
        name.push(b'A' + u8::try_from(rest % 26).unwrap_or(0));
        if rest < 26 {
            break;
        }
        rest = rest / 26 - 1;
    }
    name.reverse();
    String::from_utf8(name).unwrap_or_default()
}

/// See [`super::Transcript::value_right_of`].
pub(super) fn value_right_of(rows: &[Row], row: usize, cell: usize) -> Option<Vec<&Cell>> {
    let home = rows.get(row)?;
    let label = home.cells.get(cell)?;
    let Some(place) = label.area else {
        return home.cells[cell + 1..].iter().find(|next| !next.text.is_empty()).map(|next| vec![next]);
    };
    // Every cell of the page at the label's height, or within a wrapped cell's reach above and below it.
    let reach = u32::from(place.height) * 2;
    let near = |area: Area| u32::from(middle(area)).abs_diff(u32::from(middle(place))) <= reach;
    let start = rows[..row].iter().rposition(|other| other.page != home.page).map_or(0, |index| index + 1);
    let mut candidates: Vec<&Cell> = rows[start..]
        .iter()
        .take_while(|other| other.page == home.page)
        .flat_map(|other| &other.cells)
        .filter(|other| {
            other.area.is_some_and(|area| area.left >= right(place).saturating_sub(30) && near(area))
        })
        .collect();
    let overlaps = |area: Area| area.top < bottom(place) && place.top < bottom(area);
    let nearest = candidates
        .iter()
        .filter_map(|other| other.area.filter(|area| overlaps(*area)))
        .map(|area| area.left)
        .min();
    let Some(nearest) = nearest else {
        return home.cells[cell + 1..].iter().find(|next| !next.text.is_empty()).map(|next| vec![next]);
    };
    candidates.retain(|other| other.area.is_some_and(|area| area.left.abs_diff(nearest) < 60));
    candidates.sort_by_key(|other| other.area.map_or(0, |area| area.top));
    // A line with a label of its own to the left is another value.
    let labels: Vec<Area> = rows[start..]
        .iter()
        .take_while(|other| other.page == home.page)
        .flat_map(|other| &other.cells)
        .filter_map(|other| other.area)
        .filter(|area| area.left.abs_diff(place.left) < 300 && area.top != place.top)
        .collect();
    let is_own =
        |area: Area| !labels.iter().any(|label| middle(*label).abs_diff(middle(area)) < area.height / 2);
    // Lines of one cell stand closer than rows of the table do.
    let middle_index = candidates.iter().position(|other| other.area.is_some_and(overlaps))?;
    let mut chosen = vec![candidates[middle_index]];
    let touching =
        |a: Area, b: Area| u32::from(b.top.saturating_sub(bottom(a))) * 10 <= u32::from(a.height) * 7;
    for next in &candidates[middle_index + 1..] {
        match (chosen.last().and_then(|last| last.area), next.area) {
            (Some(last), Some(area)) if touching(last, area) && is_own(area) => chosen.push(next),
            _ => break,
        }
    }
    for previous in candidates[..middle_index].iter().rev() {
        match (previous.area, chosen.first().and_then(|first| first.area)) {
            (Some(area), Some(first)) if touching(area, first) && is_own(area) => chosen.insert(0, previous),
            _ => break,
        }
    }
    Some(chosen)
}
