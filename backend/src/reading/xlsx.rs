//! Reads a workbook: every sheet, hidden ones too and marked as such, with hidden rows, merged cells, results of formulas,
//! dates and percentages. One pass over each part, so that a large register costs its text and nothing more.

use std::{collections::HashMap, fs::File};

use domain::{
    media::Kind,
    reading::{Cell, Reading, Row, Sheet},
};

use super::{
    limits::Limits,
    package::Package,
    problem::{Limit, Problem},
    xml::{Element, Node},
};

mod format;

use format::{Formats, Numbers};

/// The workbook's own part in nearly every file.
const USUAL: &str = "xl/workbook.xml";
/// Excel's own bounds; addresses beyond are damage.
const ROWS: u32 = 1_048_576;
const COLUMNS: u32 = 16_384;

/// Reads the file.
pub(super) fn read(file: File, limits: &Limits) -> Result<Reading, Problem> {
    let mut package = Package::open(file, Kind::Xlsx, limits.unpacked_bytes)?;
    let main = package
        .relations("")?
        .into_iter()
        .find(|relation| relation.role == "officeDocument")
        .map_or_else(|| USUAL.to_owned(), |relation| relation.target);
    let related = package.relations(&main)?;
    let part = |role: &str| related.iter().find(|relation| relation.role == role).map(|r| r.target.clone());

    let (listed, since_1904) = workbook(&mut package, &main)?;
    let formats = match part("styles").filter(|name| package.has(name)) {
        Some(name) => Formats::read(&mut package.xml(&name)?)?,
        None => Formats::default(),
    };
    let strings = match part("sharedStrings").filter(|name| package.has(name)) {
        Some(name) => shared_strings(&mut package, &name)?,
        None => Vec::new(),
    };
    let numbers = Numbers { formats, since_1904 };
    let mut left = limits.cells;
    let mut sheets = Vec::new();
    for entry in listed {
        let Some(relation) = related.iter().find(|relation| relation.id == entry.relation) else { continue };
        // Charts and dialogs have sheets of their own kind, without cells.
        if relation.role != "worksheet" || !package.has(&relation.target) {
            continue;
        }
        let mut reader =
            SheetReader { numbers: &numbers, strings: &strings, left: &mut left, most: limits.cells };
        let (rows, hidden_columns) = reader.read(&mut package, &relation.target)?;
        sheets.push(Sheet { name: entry.name, hidden: entry.hidden, hidden_columns, rows });
    }
    Ok(Reading { kind: Kind::Xlsx, pages: Vec::new(), sheets, page_count: 0 })
}

struct Listed {
    name: String,
    hidden: bool,
    relation: String,
}

/// The sheets in order, and whether days are counted from 1904.
fn workbook(package: &mut Package, part: &str) -> Result<(Vec<Listed>, bool), Problem> {
    let mut xml = package.xml(part)?;
    let (mut listed, mut since_1904) = (Vec::new(), false);
    loop {
        match xml.next()? {
            Node::End => return Ok((listed, since_1904)),
            Node::Open(element) if element.name() == b"sheet" => listed.push(Listed {
                name: element.attribute("name").unwrap_or_default(),
                hidden: element.attribute("state").is_some_and(|state| state != "visible"),
                relation: element.attribute("id").unwrap_or_default(),
            }),
            Node::Open(element) if element.name() == b"workbookPr" => {
                since_1904 = element.flag("date1904", false);
            }
            _ => {}
        }
    }
}

/// Texts that cells refer to by number. Readings of characters (拼音) stand beside them and are left out.
fn shared_strings(package: &mut Package, part: &str) -> Result<Vec<String>, Problem> {
    let mut xml = package.xml(part)?;
    let (mut strings, mut text) = (Vec::new(), String::new());
    let (mut in_text, mut phonetic) = (false, false);
    loop {
        match xml.next()? {
            Node::End => return Ok(strings),
            Node::Open(element) => match element.name().as_slice() {
                b"t" => in_text = true,
                b"rPh" => phonetic = true,
                _ => {}
            },
            Node::Close(name) => match name.as_slice() {
                b"t" => in_text = false,
                b"rPh" => phonetic = false,
                b"si" => strings.push(std::mem::take(&mut text)),
                _ => {}
            },
            Node::Text(more) if in_text && !phonetic => text.push_str(&more),
            Node::Text(_) => {}
        }
    }
}

struct SheetReader<'a> {
    numbers: &'a Numbers,
    strings: &'a [String],
    /// Cells that may still come, over all sheets.
    left: &'a mut u64,
    most: u64,
}

/// A cell as it stands in the file.
#[derive(Default)]
struct RawCell {
    column: u32,
    kind: String,
    style: usize,
    formula: bool,
    value: String,
    inline: String,
}

impl SheetReader<'_> {
    fn read(&mut self, package: &mut Package, part: &str) -> Result<(Vec<Row>, Vec<u32>), Problem> {
        let mut xml = package.xml(part)?;
        let mut rows: Vec<Row> = Vec::new();
        let mut row = Row { number: 0, hidden: false, cells: Vec::new() };
        let mut cell: Option<RawCell> = None;
        let mut column = 0;
        let mut inside: &[u8] = b"";
        let mut merged = HashMap::new();
        let mut hidden_columns = Vec::new();
        loop {
            match xml.next()? {
                Node::End => break,
                Node::Open(element) => match element.name().as_slice() {
                    b"col" => hidden_columns.extend(hidden(&element)),
                    b"row" => {
                        let number = element.attribute("r").and_then(|r| r.parse().ok());
                        let number = number.unwrap_or(row.number + 1).min(ROWS);
                        row = Row { number, hidden: element.flag("hidden", false), cells: Vec::new() };
                        column = 0;
                    }
                    b"c" => {
                        let raw = raw_cell(&element, column);
                        column = raw.column + 1;
                        cell = Some(raw);
                    }
                    b"f" => {
                        if let Some(cell) = &mut cell {
                            cell.formula = true;
                        }
                    }
                    b"v" => inside = b"v",
                    b"t" => inside = b"t",
                    b"rPh" => inside = b"",
                    b"mergeCell" => {
                        if let Some((at, span)) = element.attribute("ref").as_deref().and_then(merge) {
                            merged.insert(at, span);
                        }
                    }
                    _ => {}
                },
                Node::Text(text) => {
                    if let Some(cell) = &mut cell {
                        match inside {
                            b"v" => cell.value.push_str(&text),
                            b"t" => cell.inline.push_str(&text),
                            _ => {}
                        }
                    }
                }
                Node::Close(name) => match name.as_slice() {
                    b"v" | b"t" => inside = b"",
                    b"c" => {
                        if let Some(cell) = cell.take().and_then(|raw| self.cell(raw)) {
                            *self.left = self
                                .left
                                .checked_sub(1)
                                .ok_or(Problem::Limit { limit: Limit::Cells { most: self.most } })?;
                            row.cells.push(cell);
                        }
                    }
                    b"row" if !row.cells.is_empty() => {
                        let next = Row { number: row.number, hidden: false, cells: Vec::new() };
                        rows.push(std::mem::replace(&mut row, next));
                    }
                    _ => {}
                },
            }
        }
        for row in &mut rows {
            for cell in &mut row.cells {
                if let Some(span) = merged.get(&(row.number, cell.column)) {
                    cell.span = *span;
                }
            }
        }
        Ok((rows, hidden_columns))
    }

    /// The cell as people see it; none when it is empty.
    fn cell(&self, raw: RawCell) -> Option<Cell> {
        let mut percent = false;
        let text = match raw.kind.as_str() {
            "s" => raw.value.trim().parse().ok().and_then(|at: usize| self.strings.get(at).cloned())?,
            "inlineStr" => raw.inline,
            "b" => if raw.value.trim() == "1" { "TRUE" } else { "FALSE" }.to_owned(),
            "str" | "e" => raw.value,
            // A day in ISO 8601, with the time behind a T.
            "d" => raw.value.split('T').next().unwrap_or_default().to_owned(),
            _ => {
                let (text, is_percent) = self.numbers.show(raw.value.trim(), raw.style);
                percent = is_percent;
                text
            }
        };
        if text.trim().is_empty() {
            return None;
        }
        Some(Cell { column: raw.column, text, formula: raw.formula, span: (1, 1), percent })
    }
}

/// The columns that a `<col>` hides, from 0; none for the rest of a sheet, which is empty.
fn hidden(element: &Element<'_>) -> std::ops::Range<u32> {
    let at =
        |name: &str| element.attribute(name).and_then(|text| text.parse::<u32>().ok()).unwrap_or_default();
    let (first, last) = (at("min"), at("max"));
    let shown = !element.flag("hidden", false) || first == 0 || last >= COLUMNS;
    if shown { 0..0 } else { first - 1..last }
}

fn raw_cell(element: &Element<'_>, next: u32) -> RawCell {
    let place = element.attribute("r").as_deref().and_then(address);
    RawCell {
        column: place.map_or(next, |(_, column)| column).min(COLUMNS - 1),
        kind: element.attribute("t").unwrap_or_default(),
        style: element.attribute("s").and_then(|style| style.parse().ok()).unwrap_or_default(),
        ..RawCell::default()
    }
}

/// `B12` as (row from 1, column from 0).
fn address(text: &str) -> Option<(u32, u32)> {
    let digits = text.find(|c: char| c.is_ascii_digit())?;
    let (letters, digits) = text.split_at(digits);
    let mut column: u32 = 0;
    for letter in letters.chars() {
        let letter = letter.to_ascii_uppercase();
        if !letter.is_ascii_uppercase() {
            return None;
        }
        column = column.checked_mul(26)?.checked_add(u32::from(letter) - u32::from('A') + 1)?;
    }
    let row = digits.parse().ok()?;
    ((1..=ROWS).contains(&row) && (1..=COLUMNS).contains(&column)).then(|| (row, column - 1))
}

/// `A1:G1` as the first cell and how many columns and rows it covers.
fn merge(reference: &str) -> Option<((u32, u32), (u16, u16))> {
    let (from, to) = reference.split_once(':')?;
    let ((top, left), (bottom, right)) = (address(from)?, address(to)?);
    let count = |from: u32, to: u32| u16::try_from(to.checked_sub(from)? + 1).ok();
    // Rows of a whole column do not fit and are as good as the largest number that does.
    Some(((top, left), (count(left, right)?, count(top, bottom).unwrap_or(u16::MAX))))
}

#[cfg(test)]
mod tests {
    use super::{address, merge};

    #[test]
    fn addresses() {
        assert_eq!(address("A1"), Some((1, 0)));
        assert_eq!(address("aB12"), Some((12, 27)));
        assert_eq!(address("XFD1048576"), Some((1_048_576, 16_383)));
        for wrong in ["", "A", "12", "A0", "XFE1", "A1048577", "ÄA1", "A1B"] {
            assert_eq!(address(wrong), None, "{wrong}");
        }
        assert_eq!(merge("A1:G1"), Some(((1, 0), (7, 1))));
        assert_eq!(merge("B2:B4"), Some(((2, 1), (1, 3))));
        assert_eq!(merge("G1:A1"), None);
    }
}
