//! Figures of the financial statements: from the statements themselves, from tables of key figures, and from sentences.
//! The columns' periods come from the header above them, the unit from the label or from the note above the table.

use super::{
    FactKey as Key, Period,
    gather::{Gatherer, LABELLED, SENTENCE},
    value,
};
use crate::transcript::{Cell, Row};

/// Labels of the lines, as the standards and practice call them; a label is compared without its numbering, unit and
/// note.
const LINES: &[(Key, &[&str])] = &[
    (Key::TotalAssets, &["资产总计", "资产总额", "总资产", "资产合计"]),
    (Key::TotalLiabilities, &["负债合计", "负债总计", "负债总额", "总负债"]),
    (
        Key::Equity,
        &[
            "所有者权益合计",
            "股东权益合计",
            "所有者权益(或股东权益)合计",
            "所有者权益总计",
            "净资产",
            "所有者权益",
            "股东权益",
            "所有者权益(股东权益)合计",
            "归属于母公司所有者权益合计",
            "股东权益总额",
        ],
    ),
    (Key::Revenue, &["营业收入", "营业总收入", "主营业务收入"]),
    (Key::NetProfit, &["净利润"]),
    (
        Key::OperatingCashFlow,
        &[
            "经营活动产生的现金流量净额",
            "经营活动现金流量净额",
            "经营活动现金净流量",
            "经营活动产生的现金净流量",
            "经营现金流量净额",
            "经营活动产生现金流量净额",
        ],
    ),
];

/// Adds the figures of all periods.
pub(super) fn gather(gatherer: &mut Gatherer<'_>) {
    tables(gatherer);
    sentences(gatherer);
}

struct Column {
    /// Twice the middle of the column; its index where there is no geometry.
    middle: u32,
    period: Period,
}

fn middle(cell: &Cell, index: usize) -> u32 {
    cell.area.map_or_else(
        || u32::try_from(index).unwrap_or(0),
        |area| u32::from(area.left) * 2 + u32::from(area.width),
    )
}

/// A row whose cells name periods; stacked headers are put together by their columns.
fn columns(rows: &[Row], index: usize) -> Option<Vec<Column>> {
    let row = &rows[index];
    let mut columns: Vec<Column> = Vec::new();
    let mut cells: Vec<(usize, &Cell)> = row.cells.iter().enumerate().collect();
    if let Some(area) = row.area {
        let limit = u32::from(area.top) + u32::from(area.height) * 3;
        for next in rows[index + 1..].iter().take(2) {
            if next.page == row.page && next.area.is_some_and(|next| u32::from(next.top) < limit) {
                cells.extend(next.cells.iter().enumerate());
            }
        }
    }
    for (position, cell) in cells {
        let Some((period, _)) =
            cell.text.char_indices().filter(|(_, c)| c.is_ascii_digit()).find_map(|(offset, _)| {
                value::period(&cell.text[offset..])
                    .filter(|_| !cell.text[..offset].ends_with(|c: char| c.is_ascii_digit()))
            })
        else {
            continue;
        };
        let middle = middle(cell, position);
        let same = columns
            .iter()
            .any(|column| column.middle.abs_diff(middle) < if cell.area.is_some() { 900 } else { 1 });
        if !same && cell.text.chars().count() <= 26 {
            columns.push(Column { middle, period });
        }
    }
    columns.sort_by_key(|column| column.middle);
    let distinct = columns.windows(2).all(|pair| pair[0].period != pair[1].period);
    (!columns.is_empty() && distinct && columns.len() <= 5).then_some(columns)
}

fn unit_of(text: &str) -> Option<u32> {
    let at = text.find("单位:").map(|at| at + "单位:".len())?;
    let unit = &text[at..];
    if unit.contains("万元") {
        Some(4)
    } else if unit.contains("千元") {
        Some(3)
    } else if unit.contains('元') {
        Some(0)
    } else {
        None
    }
}

/// The line that a label names, and its own unit.
fn line(label: &str) -> Option<(Key, Option<u32>)> {
    let mut name = label;
    let mut unit = None;
    if let Some(open) = name.rfind('(')
        && name.ends_with(')')
    {
        let note = &name[open..];
        if note.contains("万元") {
            unit = Some(4);
        } else if note.contains("元)") {
            unit = Some(0);
        }
        if unit.is_some() || note.contains("填列") || note.contains("亏损") {
            name = &name[..open];
        }
    }
    let name = name.trim_start_matches([
        '一', '二', '三', '四', '五', '六', '七', '(', ')', '、', '.', '1', '2', '3', '4', '5', '6', '其',
        '中', ':',
    ]);
    let name = name.strip_suffix('(').unwrap_or(name);
    LINES.iter().find(|(_, names)| names.contains(&name)).map(|(key, _)| (*key, unit))
}

fn tables(gatherer: &mut Gatherer<'_>) {
    let rows = &gatherer.transcript.rows;
    let mut header: Option<Vec<Column>> = None;
    let mut header_row = 0;
    let mut unit = None;
    let mut valued = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let text = row.text();
        if let Some(found) = unit_of(&text) {
            unit = Some(found);
            header = None;
        }
        // A title ends the table before it, and its unit.
        let label_cell = row.cells.first();
        let named = label_cell.and_then(|cell| line(&cell.text));
        if named.is_none() {
            if (row.cells.len() >= 2 || row.cells.iter().any(|cell| cell.text.chars().count() < 26))
                && let Some(found) =
                    columns(rows, index).filter(|found| found.len() >= 2 || row.cells.len() == 2)
            {
                // The lower line of a stacked header names fewer columns than both lines together did.
                let part = index <= header_row + 2
                    && header.as_ref().is_some_and(|whole: &Vec<Column>| whole.len() > found.len());
                if !part {
                    header = Some(found);
                    header_row = index;
                }
            }
            continue;
        }
        let (Some((key, own_unit)), Some(header)) = (named, &header) else { continue };
        let power = own_unit.or(unit).unwrap_or(0);
        let numbers: Vec<(usize, &Cell)> = row
            .cells
            .iter()
            .enumerate()
            .skip(1)
            .filter(|(_, cell)| {
                value::decimal(&cell.text).is_some_and(|(_, length)| length == cell.text.len())
                    && cell.text.contains([',', '.'])
            })
            .collect();
        for (order, (position, cell)) in numbers.iter().enumerate() {
            let column = if numbers.len() == header.len() {
                header.get(order)
            } else {
                let own = middle(cell, *position);
                let nearest = header.iter().min_by_key(|column| column.middle.abs_diff(own));
                // A column without a heading has no period: its number must not take its neighbour's.
                nearest.filter(|column| {
                    let distance = column.middle.abs_diff(own);
                    !numbers.iter().any(|(other, rival)| {
                        other != position && middle(rival, *other).abs_diff(column.middle) < distance
                    })
                })
            };
            if let (Some(column), Some((fen, _))) = (column, value::money(&cell.text, Some(power), false)) {
                valued.push((key, column.period, fen, *cell));
            }
        }
    }
    for (key, period, fen, cell) in valued {
        if gatherer.facts().iter().any(|fact| fact.key == key && fact.period == Some(period)) {
            continue;
        }
        let range = cell.start..cell.start + cell.text.len();
        let place = gatherer.transcript.place(&range);
        gatherer.add_at(key, Some(period), None, value::money_text(fen), cell.said.clone(), place, LABELLED);
        period_end(gatherer, period, &range);
    }
}

fn period_end(gatherer: &mut Gatherer<'_>, period: Period, range: &std::ops::Range<usize>) {
    if !gatherer.facts().iter().any(|fact| fact.key == Key::PeriodEnd && fact.period == Some(period)) {
        let place = gatherer.transcript.place(range);
        let end = period.end().to_string();
        gatherer.add_at(Key::PeriodEnd, Some(period), None, end.clone(), end, place, LABELLED);
    }
}

/// 截至2026年6月30日,公司总资产9,221.97万元…;2025年度…营业收入7,931.95万元: the period named last holds.
fn sentences(gatherer: &mut Gatherer<'_>) {
    let transcript = gatherer.transcript;
    let text = transcript.text.as_str();
    let mut found = Vec::new();
    for (key, names) in LINES {
        for name in *names {
            for (start, _) in text.match_indices(name) {
                let offset = start + name.len();
                let rest = transcript.after(offset, 30);
                let skipped = ["合计", "总额", "分别", "为", "人民币", ":", "约"]
                    .iter()
                    .fold(rest, |rest, word| rest.strip_prefix(word).unwrap_or(rest));
                let prose = transcript
                    .cell_at(start)
                    .is_some_and(|cell| cell.text.chars().count() > name.chars().count() + 6);
                let Some((fen, length)) = value::money(skipped, None, true).filter(|_| prose) else {
                    continue;
                };
                let said = &skipped[..length];
                if !said.ends_with('元') {
                    continue;
                }
                let before = transcript.before(start, 60);
                // The sentence before may speak of another period.
                let clause = before.rsplit('。').next().unwrap_or_default();
                let period = clause
                    .char_indices()
                    .filter(|(index, c)| {
                        c.is_ascii_digit() && !clause[..*index].ends_with(|c: char| c.is_ascii_digit())
                    })
                    .filter_map(|(index, _)| value::period(&clause[index..]))
                    .next_back();
                let Some((period, _)) = period else { continue };
                let from = offset + (rest.len() - skipped.len());
                found.push((*key, period, fen, from..from + length));
            }
        }
    }
    for (key, period, fen, range) in found {
        if gatherer.facts().iter().any(|fact| fact.key == key && fact.period == Some(period)) {
            continue;
        }
        let place = gatherer.transcript.place(&range);
        let said = gatherer.transcript.text[range.clone()].to_owned();
        gatherer.add_at(key, Some(period), None, value::money_text(fen), said, place, SENTENCE);
        period_end(gatherer, period, &range);
    }
}
