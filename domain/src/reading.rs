//! What a reader saw in a file: text with its places, page by page, and the cells of tables. Made by the backend's
//! reader in a process of its own, which treats the file as hostile; consumed by the rules that sort documents into
//! slots, take facts out of them and compare them. Plain data, so that those rules are tested without any file.

use serde::{Deserialize, Serialize};

use crate::media;

/// A file as far as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// What its bytes are, whatever its name says.
    pub kind: media::Kind,
    /// In order, at most as many as the limits allow. A DOCX without page breaks is one page; an XLSX has none.
    pub pages: Vec<Page>,
    /// Sheets of an XLSX, in the workbook's order.
    pub sheets: Vec<Sheet>,
    /// Pages of the whole file; more than `pages.len()` when a limit ended the reading.
    pub page_count: u32,
}

/// Where a page's text came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextSource {
    /// The file's own text.
    Layer,
    /// Recognised from a picture: characters may be wrong, rare ones in names most of all.
    Recognised,
    /// There is none: a picture that was not recognised.
    None,
}

/// One page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// From 1, as a reader of the document counts.
    pub number: u32,
    pub source: TextSource,
    /// In reading order.
    pub lines: Vec<Line>,
}

/// One line of text. In a DOCX a paragraph is a line, and a table's row is a line whose words are its cells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub text: String,
    /// Where it stands; none in a DOCX.
    pub area: Option<Area>,
    /// Its parts from left to right, each with its own place: what tells the columns of a table apart.
    pub words: Vec<Word>,
}

/// A run of text without a gap, or a table's cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    pub text: String,
    pub area: Option<Area>,
}

/// A rectangle on a page in ten-thousandths of the page's width and height, from the top left corner, so that it fits
/// any scale at which the page is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Area {
    pub left: u16,
    pub top: u16,
    pub width: u16,
    pub height: u16,
}

/// One sheet of a workbook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    pub name: String,
    pub hidden: bool,
    /// Columns that are not shown, from 0.
    #[serde(default)]
    pub hidden_columns: Vec<u32>,
    pub rows: Vec<Row>,
}

/// One row that has a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// From 1, as the spreadsheet program shows it.
    pub number: u32,
    pub hidden: bool,
    pub cells: Vec<Cell>,
}

/// One cell that is not empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// From 0: column A.
    pub column: u32,
    /// The value as text: numbers without thousands separators, days as `yyyy-mm-dd`, percentages as the number that is
    /// stored (0.42 for 42 %).
    pub text: String,
    /// It is computed; `text` is the result that was saved with the file.
    pub formula: bool,
    /// How many columns and rows it covers; (1, 1) unless merged.
    pub span: (u16, u16),
    /// The cell's number format shows a percentage.
    pub percent: bool,
}

impl Area {
    /// The smallest region around both.
    #[must_use]
    pub fn around(self, other: Self) -> Self {
        let (left, top) = (self.left.min(other.left), self.top.min(other.top));
        let right = self.left.saturating_add(self.width).max(other.left.saturating_add(other.width));
        let bottom = self.top.saturating_add(self.height).max(other.top.saturating_add(other.height));
        Self { left, top, width: right.saturating_sub(left), height: bottom.saturating_sub(top) }
    }
}

impl Reading {
    /// All text of a page, line by line; empty when there is no such page.
    #[must_use]
    pub fn page_text(&self, number: u32) -> String {
        let lines = self.pages.iter().filter(|page| page.number == number).flat_map(|page| &page.lines);
        lines.map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n")
    }

    /// Whether any page has text of its own, and whether any has none: `(true, true)` is a mixed file.
    #[must_use]
    pub fn text_layer(&self) -> (bool, bool) {
        let has = |wanted: bool| self.pages.iter().any(|page| (page.source == TextSource::Layer) == wanted);
        (has(true) || !self.sheets.is_empty(), has(false))
    }
}
