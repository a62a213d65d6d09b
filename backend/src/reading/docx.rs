//! Reads a Word document: paragraphs, tables, text boxes, headers, footers and notes in reading order. What was deleted
//! under change tracking and what is formatted as hidden is left out, because nobody who opens the document sees it.
//! Numbers that Word counts itself (第一条, 1.1) are not in the file's text and not here. One pass, no tree in memory.

use std::{fs::File, io::BufRead};

use domain::{
    media::Kind,
    reading::{Line, Page, Reading, TextSource, Word},
};

use super::{
    limits::Limits,
    package::Package,
    problem::Problem,
    xml::{Element, Node, Xml},
};

/// Where the main part stands in nearly every file.
const USUAL: &str = "word/document.xml";

/// Reads the file.
pub(super) fn read(file: File, limits: &Limits) -> Result<Reading, Problem> {
    let mut package = Package::open(file, Kind::Docx, limits.unpacked_bytes)?;
    let main = package
        .relations("")?
        .into_iter()
        .find(|relation| relation.role == "officeDocument")
        .map_or_else(|| USUAL.to_owned(), |relation| relation.target);
    let related = package.relations(&main)?;
    let beside = |package: &mut Package, roles: &[&str]| -> Result<Vec<Line>, Problem> {
        let mut lines: Vec<Line> = Vec::new();
        for relation in related.iter().filter(|relation| roles.contains(&relation.role.as_str())) {
            if !package.has(&relation.target) {
                continue;
            }
            let mut text = Text::default();
            text.read(&mut package.xml(&relation.target)?)?;
            for line in text.pages.into_iter().flatten() {
                // The header of the first page and that of the others are mostly the same.
                if !lines.contains(&line) {
                    lines.push(line);
                }
            }
        }
        Ok(lines)
    };
    let above = beside(&mut package, &["header"])?;
    let below = beside(&mut package, &["footer", "footnotes", "endnotes"])?;

    let mut text = Text::default();
    text.read(&mut package.xml(&main)?)?;
    let mut pages = text.pages;
    if pages.is_empty() {
        pages.push(Vec::new());
    }
    pages[0].splice(0..0, above);
    if let Some(last) = pages.last_mut() {
        last.extend(below);
    }
    let page_count = u32::try_from(pages.len()).unwrap_or(u32::MAX);
    let pages = (1..)
        .zip(pages)
        .take(limits.pages)
        .map(|(number, lines)| Page { number, source: TextSource::Layer, lines })
        .collect();
    Ok(Reading { kind: Kind::Docx, pages, sheets: Vec::new(), page_count })
}

/// What is open around the place that is being read, outermost first.
enum Frame {
    Paragraph { text: String, break_after: bool },
    Row(Vec<String>),
    Cell(String),
}

/// The text of one part, page by page.
#[derive(Default)]
struct Text {
    pages: Vec<Vec<Line>>,
    frames: Vec<Frame>,
    /// Inside this many elements whose content is left out.
    left_out: usize,
    /// Inside `w:t`.
    in_text: bool,
    /// Inside a run, outside of a paragraph's properties.
    in_run: bool,
    /// The run is formatted as hidden.
    hidden: bool,
    /// A page begins with the next line. Word writes both the break that the author set and the one where the page
    /// turned when it was last shown: together they are one.
    turned: bool,
}

impl Text {
    fn read<R: BufRead>(&mut self, xml: &mut Xml<R>) -> Result<(), Problem> {
        loop {
            match xml.next()? {
                Node::Open(element) => self.open(&element),
                Node::Close(name) => self.close(&name),
                Node::Text(text) if self.in_text && self.left_out == 0 && !self.hidden => self.push(&text),
                Node::Text(_) => {}
                Node::End => return Ok(()),
            }
        }
    }

    fn open(&mut self, element: &Element<'_>) {
        let name = element.name();
        if self.left_out > 0 || is_left_out(&name) {
            // Counted by name only, so that a part with unbalanced tags cannot hide the rest for long.
            self.left_out += usize::from(is_left_out(&name));
            return;
        }
        match name.as_slice() {
            b"p" => self.frames.push(Frame::Paragraph { text: String::new(), break_after: false }),
            b"tr" => self.frames.push(Frame::Row(Vec::new())),
            b"tc" => self.frames.push(Frame::Cell(String::new())),
            b"r" => (self.in_run, self.hidden) = (true, false),
            b"vanish" => self.hidden = element.flag("val", true),
            b"t" => self.in_text = true,
            // A tab stop in a paragraph's properties is no tab in its text.
            b"tab" | b"ptab" if self.in_run && !self.hidden => self.push("\t"),
            b"noBreakHyphen" => self.push("-"),
            b"cr" => self.push("\n"),
            b"br" if element.attribute("type").as_deref() == Some("page") => self.turned = true,
            b"br" => self.push("\n"),
            b"lastRenderedPageBreak" => self.turn(),
            b"pageBreakBefore" if element.flag("val", true) => self.turned = true,
            b"type" if element.attribute("val").as_deref() == Some("continuous") => self.break_after(false),
            b"sectPr" => self.break_after(true),
            _ => {}
        }
    }

    fn close(&mut self, name: &[u8]) {
        if is_left_out(name) {
            self.left_out = self.left_out.saturating_sub(1);
            return;
        }
        if self.left_out > 0 {
            return;
        }
        match name {
            b"t" => self.in_text = false,
            b"r" => (self.in_run, self.hidden) = (false, false),
            b"p" => {
                if let Some(Frame::Paragraph { text, break_after }) = self.pop(is_paragraph) {
                    self.emit(&text);
                    self.turned |= break_after;
                }
            }
            b"tc" => {
                if let Some(Frame::Cell(text)) = self.pop(|frame| matches!(frame, Frame::Cell(_)))
                    && let Some(Frame::Row(cells)) = self.frames.last_mut()
                {
                    cells.push(text);
                }
            }
            b"tr" => {
                if let Some(Frame::Row(cells)) = self.pop(|frame| matches!(frame, Frame::Row(_))) {
                    self.emit_row(cells);
                }
            }
            _ => {}
        }
    }

    /// The innermost frame, when it is of the kind that ends now; a part with unbalanced tags loses nothing else.
    fn pop(&mut self, wanted: impl Fn(&Frame) -> bool) -> Option<Frame> {
        self.frames.pop_if(|frame| wanted(frame))
    }

    fn push(&mut self, more: &str) {
        if let Some(Frame::Paragraph { text, .. }) = self.frames.last_mut() {
            text.push_str(more);
        }
    }

    fn break_after(&mut self, set: bool) {
        if let Some(Frame::Paragraph { break_after, .. }) = self.frames.last_mut() {
            *break_after = set;
        }
    }

    /// The page turned here when the document was last shown. Inside a paragraph the rest of it belongs to the next
    /// page; the whole line is kept where it began.
    fn turn(&mut self) {
        match self.frames.last_mut() {
            Some(Frame::Paragraph { text, break_after }) if !text.trim().is_empty() => *break_after = true,
            _ => self.turned = true,
        }
    }

    fn emit(&mut self, text: &str) {
        if let Some(Frame::Cell(cell)) =
            self.frames.iter_mut().rev().find(|frame| matches!(frame, Frame::Cell(_)))
        {
            let text = text.trim();
            if !cell.is_empty() && !text.is_empty() {
                cell.push(' ');
            }
            cell.push_str(&text.replace(['\n', '\t'], " "));
            return;
        }
        for line in text.split('\n').map(str::trim).filter(|line| !line.is_empty()) {
            let words = line.split('\t').map(str::trim).filter(|word| !word.is_empty());
            let words = words.map(|word| Word { text: word.to_owned(), area: None }).collect();
            self.add(Line { text: line.to_owned(), area: None, words });
        }
    }

    fn emit_row(&mut self, cells: Vec<String>) {
        if cells.iter().all(String::is_empty) {
            return;
        }
        if self.frames.iter().any(|frame| matches!(frame, Frame::Cell(_))) {
            // A table in a table: its row is text of the outer cell.
            self.emit(&cells.join(" "));
            return;
        }
        let text = cells.join("\t");
        let words = cells.into_iter().map(|text| Word { text, area: None }).collect();
        self.add(Line { text, area: None, words });
    }

    fn add(&mut self, line: Line) {
        let fresh =
            std::mem::take(&mut self.turned) && self.pages.last().is_some_and(|page| !page.is_empty());
        if fresh || self.pages.is_empty() {
            self.pages.push(Vec::new());
        }
        if let Some(page) = self.pages.last_mut() {
            page.push(line);
        }
    }
}

fn is_paragraph(frame: &Frame) -> bool {
    matches!(frame, Frame::Paragraph { .. })
}

/// Deleted or moved away under change tracking; the second form of a drawing, for programs that do not know the first.
fn is_left_out(name: &[u8]) -> bool {
    matches!(name, b"del" | b"moveFrom" | b"Fallback")
}
