//! A [`Reading`] prepared for rules: visual rows with their cells, and all text as one run in which a phrase is found
//! even when a line break, a blank or a full-width character interrupts it. Every stretch of that run knows the page
//! and the region it came from. Used by [`crate::classify`] and [`crate::fact`]; it understands nothing itself.

use std::ops::Range;

use crate::{
    fact::Place,
    half_width,
    reading::{Area, Line, Page, Reading, TextSource},
};

mod layout;
mod similar;

pub(crate) use layout::column_name;
pub(crate) use similar::find_similar;

/// A line that ends further left than this ends its paragraph.
const FULL_LINE: u16 = 8_200;

/// The prepared text of one document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Transcript {
    /// Rows in reading order, without running heads, page numbers and tables of contents.
    pub(crate) rows: Vec<Row>,
    /// What repeats at the top and bottom of pages, once each.
    pub(crate) running: Vec<String>,
    /// All rows' cells, folded (see [`fold`]), without any separator.
    pub(crate) text: String,
    /// One per cell, in order; tells where a stretch of `text` came from.
    segments: Vec<Segment>,
    /// Pages that were recognised from pictures.
    recognised: Vec<u32>,
}

/// One visual line, or one row of a table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) page: u32,
    pub(crate) area: Option<Area>,
    pub(crate) cells: Vec<Cell>,
    /// Where its text stands in [`Transcript::text`].
    pub(crate) range: Range<usize>,
}

/// A run of text without a gap, or a table's cell.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    /// Folded.
    pub(crate) text: String,
    pub(crate) said: String,
    pub(crate) area: Option<Area>,
    /// `F8` in a workbook.
    pub(crate) name: Option<String>,
    /// Column, in a workbook.
    pub(crate) column: Option<u32>,
    /// Shown as a percentage in a workbook, whose stored number is a fraction.
    pub(crate) percent: bool,
    pub(crate) start: usize,
}

#[derive(Clone, Copy, Debug)]
struct Segment {
    start: usize,
    row: usize,
    cell: usize,
}

/// Brings spellings together that mean the same: full-width to half-width, radicals to characters, quotation marks and
/// brackets to one form each, no blanks, nothing invisible. Chinese commas and stops become their ASCII relatives, as
/// recognised text mixes them.
pub(crate) fn fold(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let mut folded = String::with_capacity(text.len());
    let composed = text.chars().flat_map(|c| {
        let radical = matches!(c, '\u{2E80}'..='\u{2FDF}' | '\u{F900}'..='\u{FAFF}');
        let (compatible, same) = if radical { (Some(c), None) } else { (None, Some(c)) };
        compatible.into_iter().nfkc().chain(same)
    });
    for c in composed {
        let c = match half_width::fold(c) {
            '〈' | '《' | '﹙' | '⟨' => {
                if c == '《' {
                    '《'
                } else {
                    '('
                }
            }
            '〉' | '》' | '﹚' | '⟩' => {
                if c == '》' {
                    '》'
                } else {
                    ')'
                }
            }
            '“' | '”' | '„' | '「' | '」' | '『' | '』' | '〝' | '〞' => '"',
            '。' | '｡' => '。',
            '、' | '､' => '、',
            '﹕' | '︰' | '∶' => ':',
            '—' | '–' | '－' | '‐' | '‑' | '―' | '−' => '-',
            '○' | '◯' | 'Ο' => '〇',
            '￥' => '¥',
            other => other,
        };
        if !c.is_whitespace() && !c.is_control() && !half_width::is_invisible(c) {
            folded.push(c);
        }
    }
    folded
}

impl Transcript {
    /// Prepares a whole document.
    pub(crate) fn of(reading: &Reading) -> Self {
        Self::of_pages(reading, 1, u32::MAX)
    }

    /// Prepares the pages from `first` to `last`, and the sheets when the first page is among them.
    pub(crate) fn of_pages(reading: &Reading, first: u32, last: u32) -> Self {
        let mut transcript = Self::default();
        let pages: Vec<&Page> =
            reading.pages.iter().filter(|page| (first..=last).contains(&page.number)).collect();
        let mut rows = Vec::new();
        for page in &pages {
            if page.source == TextSource::Recognised {
                transcript.recognised.push(page.number);
            }
            rows.extend(layout::rows(page));
        }
        layout::set_running_heads_apart(&mut rows, &mut transcript.running, pages.len());
        rows.retain(|row| !layout::is_contents_entry(row));
        if first <= 1 {
            rows.extend(layout::sheet_rows(reading));
        }
        for (row_index, mut row) in rows.into_iter().enumerate() {
            let start = transcript.text.len();
            for (cell_index, cell) in row.cells.iter_mut().enumerate() {
                cell.start = transcript.text.len();
                transcript.segments.push(Segment { start: cell.start, row: row_index, cell: cell_index });
                transcript.text.push_str(&cell.text);
            }
            row.range = start..transcript.text.len();
            transcript.rows.push(row);
        }
        transcript
    }

    /// Whether the page was recognised from a picture.
    pub(crate) fn is_recognised(&self, page: u32) -> bool {
        self.recognised.contains(&page)
    }

    /// Whether any page was.
    pub(crate) fn any_recognised(&self) -> bool {
        !self.recognised.is_empty()
    }

    /// Row and cell that hold the byte at `offset`.
    pub(crate) fn locate(&self, offset: usize) -> Option<(usize, usize)> {
        let index = self.segments.partition_point(|segment| segment.start <= offset);
        // Empty cells share their start with the next one: the last that starts there holds the byte.
        self.segments.get(index.checked_sub(1)?).map(|segment| (segment.row, segment.cell))
    }

    /// The cell that holds the byte at `offset`.
    pub(crate) fn cell_at(&self, offset: usize) -> Option<&Cell> {
        let (row, cell) = self.locate(offset)?;
        self.rows.get(row)?.cells.get(cell)
    }

    /// The row that holds the byte at `offset`.
    pub(crate) fn row_at(&self, offset: usize) -> Option<&Row> {
        self.rows.get(self.locate(offset)?.0)
    }

    /// The page of the byte at `offset`; 1 in an empty document.
    pub(crate) fn page_at(&self, offset: usize) -> u32 {
        self.row_at(offset).map_or(1, |row| row.page)
    }

    /// End of the cell that holds the byte at `offset`.
    pub(crate) fn cell_end(&self, offset: usize) -> usize {
        self.cell_at(offset).map_or(self.text.len(), |cell| cell.start + cell.text.len())
    }

    /// End of the row that holds the byte at `offset`.
    pub(crate) fn row_end(&self, offset: usize) -> usize {
        self.row_at(offset).map_or(self.text.len(), |row| row.range.end)
    }

    /// Where a stretch of the text stands. A stretch over several lines is shown by the region around those that are
    /// on its first page.
    pub(crate) fn place(&self, range: &Range<usize>) -> Place {
        let Some((first_row, first_cell)) = self.locate(range.start) else {
            return Place { page: 1, area: None, cell: None };
        };
        let page = self.rows[first_row].page;
        let name = self.rows[first_row].cells[first_cell].name.clone();
        let mut area: Option<Area> = None;
        for row in
            self.rows[first_row..].iter().take_while(|row| row.range.start < range.end.max(range.start + 1))
        {
            if row.page != page {
                break;
            }
            for cell in &row.cells {
                let end = cell.start + cell.text.len();
                if cell.start < range.end
                    && range.start < end
                    && let Some(part) = layout::part(cell, range)
                {
                    area = Some(area.map_or(part, |whole| whole.around(part)));
                }
            }
        }
        Place { page, area, cell: name }
    }

    /// Every place where `phrase` (folded) stands.
    pub(crate) fn find_all<'t>(&'t self, phrase: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
        self.text.match_indices(phrase).map(|(start, found)| start..start + found.len())
    }

    /// The text from `offset` on, at most `length` characters.
    pub(crate) fn after(&self, offset: usize, length: usize) -> &str {
        let rest = self.text.get(offset..).unwrap_or_default();
        let end = rest.char_indices().nth(length).map_or(rest.len(), |(index, _)| index);
        &rest[..end]
    }

    /// The text before `offset`, at most `length` characters.
    pub(crate) fn before(&self, offset: usize, length: usize) -> &str {
        let head = self.text.get(..offset).unwrap_or_default();
        let start = head.char_indices().rev().nth(length.saturating_sub(1)).map_or(0, |(index, _)| index);
        &head[start..]
    }

    /// Whether the text of a row goes on in the next one: its last line reaches the right margin. A paragraph of a DOCX
    /// never does.
    pub(crate) fn goes_on(&self, row: usize) -> bool {
        self.rows
            .get(row)
            .and_then(|row| row.area)
            .is_some_and(|area| area.left.saturating_add(area.width) >= FULL_LINE)
    }

    /// What stands to the right of a cell as its value: the nearest cell of the same row, together with the lines above
    /// and below into which a narrow column wrapped it.
    pub(crate) fn value_right_of(&self, row: usize, cell: usize) -> Option<Vec<&Cell>> {
        layout::value_right_of(&self.rows, row, cell)
    }
}

impl Row {
    /// Its cells' text in one.
    pub(crate) fn text(&self) -> String {
        self.cells.iter().map(|cell| cell.text.as_str()).collect()
    }
}

fn line_cells(line: &Line) -> Vec<Cell> {
    let plain = |text: &str, area: Option<Area>| Cell {
        text: fold(text),
        said: text.trim().to_owned(),
        area,
        name: None,
        column: None,
        percent: false,
        start: 0,
    };
    if line.words.is_empty() {
        return vec![plain(&line.text, line.area)];
    }
    line.words.iter().map(|word| plain(&word.text, word.area)).collect()
}

#[cfg(test)]
mod tests;
