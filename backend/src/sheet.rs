//! How receipts and certificates look as PDF: A4, one serif, hairlines, and the seal once. Everything is placed first and drawn
//! afterwards, so that a long list of documents flows over as many pages as it needs. The file is PDF/A-2u, and the same texts give
//! the same bytes: it has no clock and no chance in it.

use domain::moment;
use krilla::{
    Document, SerializeSettings,
    color::rgb,
    configure::{Archival, ConfigurationBuilder},
    error::KrillaError,
    geom::{Path, PathBuilder, Point},
    metadata::{DateTime, Metadata},
    num::NormalizedF32,
    page::PageSettings,
    paint::{Fill, FillRule},
    surface::Surface,
    text::TextDirection,
};
use qrcode::{Color, EcLevel, QrCode};

use crate::error::{Error, Result};

mod font;
pub(crate) use font::{Face, load};

/// Everything that is printed.
#[derive(Clone, Debug)]
pub(crate) struct Texts {
    pub(crate) lang: &'static str,
    pub(crate) title: String,
    pub(crate) subtitle: String,
    pub(crate) exchange: String,
    /// Microseconds: when what is certified came about, never when the file was made.
    pub(crate) dated: Option<i64>,
    pub(crate) blocks: Vec<Block>,
    pub(crate) footer: String,
    /// `{page}` and `{pages}` stand for the numbers.
    pub(crate) page_of: String,
}

/// What stands below the head, from top to bottom.
#[derive(Clone, Debug)]
pub(crate) enum Block {
    Title(String),
    /// Labels and values.
    Pairs(Vec<(String, String)>),
    /// The same, with the QR code of an address beside them.
    Place { pairs: Vec<(String, String)>, link: String, caption: String },
    /// Widths of all columns but the last, which gets what is left; it may be in fine print, so that a digest fits a line.
    Table { widths: Vec<f32>, head: Vec<String>, rows: Vec<Vec<String>>, fine: bool },
    Paragraphs(Vec<String>),
    /// Hashes and signed texts, line for line.
    Verbatim(Vec<String>),
}

const WIDTH: f32 = 595.28;
const HEIGHT: f32 = 841.89;
const MARGIN: f32 = 56.0;
const BOTTOM: f32 = HEIGHT - 64.0;
const INNER: f32 = WIDTH - 2.0 * MARGIN;

/// The inks of the screen design: text, quiet text, hairline, seal.
#[derive(Clone, Copy)]
enum Ink {
    Text,
    Quiet,
    Hairline,
    Seal,
    OnSeal,
}

impl Ink {
    fn fill(self) -> Fill {
        let color = match self {
            Self::Text => rgb::Color::new(0x1d, 0x21, 0x26),
            Self::Quiet => rgb::Color::new(0x4d, 0x54, 0x5c),
            Self::Hairline => rgb::Color::new(0xb9, 0xb4, 0xa6),
            Self::Seal => rgb::Color::new(0xb0, 0x30, 0x2b),
            Self::OnSeal => rgb::Color::new(0xff, 0xfa, 0xf2),
        };
        Fill { paint: color.into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
    }
}

enum Mark {
    Text { x: f32, y: f32, size: f32, ink: Ink, text: String },
    Block { x: f32, y: f32, w: f32, h: f32, ink: Ink },
    Code { x: f32, y: f32, side: f32, modules: Vec<bool>, across: usize },
}

/// Draws a sheet. A name with a character that the font lacks cannot stand in an archival file; then it is a plain PDF, which
/// people can read as well.
pub(crate) fn draw(texts: &Texts, face: &Face) -> Result<Vec<u8>> {
    let measure = face.measure();
    let mut flow = Flow { pages: vec![Vec::new()], y: MARGIN, measure: &measure };
    flow.head(texts);
    for block in &texts.blocks {
        flow.block(block)?;
    }
    flow.feet(texts);
    match write(texts, &flow.pages, face, true) {
        Err(KrillaError::Validation(_)) => write(texts, &flow.pages, face, false),
        written => written,
    }
    .map_err(|error| failed(&format!("{error:?}")))
}

fn write(
    texts: &Texts,
    pages: &[Vec<Mark>],
    face: &Face,
    archival: bool,
) -> std::result::Result<Vec<u8>, KrillaError> {
    let mut settings = SerializeSettings::default();
    let standard = ConfigurationBuilder::new().with_archival_validator(Archival::A2_U).finish();
    if let Ok(configuration) = standard
        && archival
    {
        settings.configuration = configuration;
    }
    let mut document = Document::new_with(settings);
    let mut metadata = Metadata::new()
        .title(format!("{} · {}", texts.title, texts.subtitle))
        .language(texts.lang.to_owned())
        .creator("Guxin 股信".to_owned());
    if let Some(dated) = texts.dated {
        metadata = metadata.creation_date(date(dated));
    }
    document.set_metadata(metadata);
    for marks in pages {
        let Some(size) = PageSettings::from_wh(WIDTH, HEIGHT) else { continue };
        let mut page = document.start_page_with(size);
        let mut surface = page.surface();
        for mark in marks {
            mark.draw(&mut surface, face);
        }
        surface.finish();
        page.finish();
    }
    document.finish()
}

fn date(micros: i64) -> DateTime {
    let at = moment::from_micros(micros);
    DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(at.month().into())
        .day(at.day())
        .hour(at.hour())
        .minute(at.minute())
        .second(at.second())
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

fn failed(what: &str) -> Error {
    Error::internal(anyhow::anyhow!("a PDF: {what}"))
}

impl Mark {
    fn draw(&self, surface: &mut Surface<'_>, face: &Face) {
        match self {
            Self::Text { x, y, size, ink, text } => {
                surface.set_fill(Some(ink.fill()));
                let at = Point::from_xy(*x, *y);
                surface.draw_text(at, face.font.clone(), *size, text, false, TextDirection::LeftToRight);
            }
            Self::Block { x, y, w, h, ink } => {
                let mut path = PathBuilder::new();
                rectangle(&mut path, *x, *y, *w, *h);
                fill(surface, path.finish(), *ink);
            }
            Self::Code { x, y, side, modules, across } => {
                let mut path = PathBuilder::new();
                #[expect(clippy::cast_precision_loss, reason = "a QR code has at most 177 modules a side")]
                let (module, place) = (side / *across as f32, |at: usize| at as f32);
                for (at, _) in modules.iter().enumerate().filter(|(_, dark)| **dark) {
                    let (column, row) = (place(at % across), place(at / across));
                    rectangle(&mut path, x + column * module, y + row * module, module, module);
                }
                fill(surface, path.finish(), Ink::Text);
            }
        }
    }
}

fn rectangle(path: &mut PathBuilder, x: f32, y: f32, w: f32, h: f32) {
    path.move_to(x, y);
    path.line_to(x + w, y);
    path.line_to(x + w, y + h);
    path.line_to(x, y + h);
    path.close();
}

fn fill(surface: &mut Surface<'_>, path: Option<Path>, ink: Ink) {
    if let Some(path) = path {
        surface.set_fill(Some(ink.fill()));
        surface.draw_path(&path);
    }
}

/// Places marks from top to bottom. `y` is the top of what comes next.
struct Flow<'m> {
    pages: Vec<Vec<Mark>>,
    y: f32,
    measure: &'m dyn Fn(char) -> f32,
}

impl Flow<'_> {
    fn put(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    /// One line with its top at `y`.
    fn text(&mut self, x: f32, y: f32, size: f32, ink: Ink, text: &str) {
        self.put(Mark::Text { x, y: y + size * 0.88, size, ink, text: text.to_owned() });
    }

    fn rule(&mut self, y: f32, height: f32, ink: Ink) {
        self.put(Mark::Block { x: MARGIN, y, w: INNER, h: height, ink });
    }

    /// Goes to a new page unless so much room is left.
    fn room(&mut self, height: f32) {
        if self.y + height > BOTTOM {
            self.pages.push(Vec::new());
            self.y = MARGIN;
        }
    }

    fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|c| (self.measure)(c) * size).sum()
    }

    /// Breaks a text into lines: at blanks where there are any, else anywhere.
    fn lines(&self, text: &str, size: f32, width: f32) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = String::new();
        let mut used = 0.0;
        for c in text.chars() {
            let advance = (self.measure)(c) * size;
            if used + advance > width && !line.is_empty() {
                // A word that began on this line goes down whole.
                let keep = match line.rfind(' ') {
                    Some(at) if c.is_ascii_graphic() && line[at..].is_ascii() => at + 1,
                    _ => line.len(),
                };
                let rest = line.split_off(keep);
                lines.push(line.trim_end().to_owned());
                used = self.width(&rest, size);
                line = rest;
            }
            if !(line.is_empty() && c == ' ') {
                line.push(c);
                used += advance;
            }
        }
        lines.push(line);
        lines
    }

    fn head(&mut self, texts: &Texts) {
        let top = self.y;
        self.text(MARGIN, top, 10.0, Ink::Quiet, &texts.exchange);
        self.text(MARGIN, top + 24.0, 30.0, Ink::Text, &texts.title);
        self.text(MARGIN, top + 64.0, 11.0, Ink::Quiet, &texts.subtitle);
        // The seal, once: two characters, one above the other.
        let (side, x) = (54.0, WIDTH - MARGIN - 40.0);
        self.put(Mark::Block { x, y: top + 8.0, w: 40.0, h: side + 14.0, ink: Ink::Seal });
        self.text(x + 8.0, top + 15.0, 24.0, Ink::OnSeal, "股");
        self.text(x + 8.0, top + 43.0, 24.0, Ink::OnSeal, "信");
        self.rule(top + 92.0, 1.2, Ink::Text);
        self.y = top + 104.0;
    }

    fn block(&mut self, block: &Block) -> Result<()> {
        match block {
            Block::Title(title) => self.title(title),
            Block::Pairs(pairs) => self.labelled(pairs, INNER),
            Block::Place { pairs, link, caption } => self.place(pairs, link, caption)?,
            Block::Table { widths, head, rows, fine } => self.table(widths, head, rows, *fine),
            Block::Paragraphs(paragraphs) => self.paragraphs(paragraphs),
            Block::Verbatim(lines) => self.verbatim(lines),
        }
        Ok(())
    }

    fn labelled(&mut self, pairs: &[(String, String)], width: f32) {
        const LABEL: f32 = 104.0;
        for (label, value) in pairs {
            let lines = self.lines(value, 9.5, width - LABEL);
            self.room(15.0);
            self.text(MARGIN, self.y, 9.5, Ink::Quiet, label);
            for line in lines {
                self.room(15.0);
                self.text(MARGIN + LABEL, self.y, 9.5, Ink::Text, &line);
                self.y += 15.0;
            }
        }
    }

    fn title(&mut self, title: &str) {
        self.room(70.0);
        self.y += 14.0;
        self.text(MARGIN, self.y, 13.0, Ink::Text, title);
        self.y += 19.0;
        self.rule(self.y, 0.5, Ink::Hairline);
        self.y += 7.0;
    }

    fn place(&mut self, pairs: &[(String, String)], link: &str, caption: &str) -> Result<()> {
        const SIDE: f32 = 84.0;
        self.room(SIDE + 30.0);
        let (top, page) = (self.y, self.pages.len());
        let code = QrCode::with_error_correction_level(link.as_bytes(), EcLevel::M)
            .map_err(|error| failed(&format!("the QR code: {error}")))?;
        let across = code.width();
        let modules = code.into_colors().into_iter().map(|color| color == Color::Dark).collect();
        let x = WIDTH - MARGIN - SIDE;
        self.put(Mark::Code { x, y: top, side: SIDE, modules, across });
        let said = self.width(caption, 8.0);
        self.text(x + (SIDE - said) / 2.0, top + SIDE + 5.0, 8.0, Ink::Quiet, caption);
        self.labelled(pairs, INNER - SIDE - 16.0);
        if self.pages.len() == page {
            self.y = self.y.max(top + SIDE + 18.0);
        }
        Ok(())
    }

    fn table(&mut self, widths: &[f32], head: &[String], rows: &[Vec<String>], fine: bool) {
        // A head alone at the foot of a page would belong to nothing.
        self.room(70.0);
        self.row(widths, head, Ink::Quiet, 8.5);
        for row in rows {
            self.row(widths, row, Ink::Text, if fine { 6.9 } else { 8.5 });
        }
    }

    /// `last` is the size of the last column's letters.
    fn row(&mut self, widths: &[f32], cells: &[String], ink: Ink, last: f32) {
        let left = INNER - widths.iter().sum::<f32>();
        let columns = widths.iter().map(|width| (*width, 8.5)).chain(std::iter::once((left, last)));
        let cells: Vec<(f32, f32, Vec<String>)> = columns
            .zip(cells)
            .map(|((width, size), cell)| {
                let lines = cell.split('\n').flat_map(|part| self.lines(part, size, width - 8.0)).collect();
                (width, size, lines)
            })
            .collect();
        let deepest = cells.iter().map(|(_, _, lines)| lines.len()).max().unwrap_or(1);
        let height = (0..deepest).map(|_| 12.0).sum::<f32>();
        self.room(height + 6.0);
        let mut x = MARGIN;
        for (width, size, lines) in cells {
            let mut y = self.y;
            for line in lines {
                self.text(x, y, size, ink, &line);
                y += 12.0;
            }
            x += width;
        }
        self.y += height + 2.0;
        self.rule(self.y, 0.4, Ink::Hairline);
        self.y += 4.0;
    }

    fn paragraphs(&mut self, paragraphs: &[String]) {
        for paragraph in paragraphs {
            for line in self.lines(paragraph, 9.0, INNER) {
                self.room(14.0);
                self.text(MARGIN, self.y, 9.0, Ink::Text, &line);
                self.y += 14.0;
            }
            self.y += 2.0;
        }
    }

    fn verbatim(&mut self, lines: &[String]) {
        for text in lines {
            for line in self.lines(text, 7.5, INNER) {
                self.room(11.0);
                self.text(MARGIN, self.y, 7.5, Ink::Text, &line);
                self.y += 11.0;
            }
        }
        self.y += 4.0;
    }

    fn feet(&mut self, texts: &Texts) {
        let pages = self.pages.len().to_string();
        for number in 0..self.pages.len() {
            let label = texts.page_of.replace("{page}", &(number + 1).to_string()).replace("{pages}", &pages);
            let x = WIDTH - MARGIN - self.width(&label, 8.0);
            let foot = |x: f32, text: &str| Mark::Text {
                x,
                y: HEIGHT - 36.0,
                size: 8.0,
                ink: Ink::Quiet,
                text: text.to_owned(),
            };
            let marks = [
                Mark::Block { x: MARGIN, y: HEIGHT - 50.0, w: INNER, h: 0.4, ink: Ink::Hairline },
                foot(MARGIN, &texts.footer),
                foot(x, &label),
            ];
            self.pages[number].extend(marks);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Flow;

    fn flow(measure: &dyn Fn(char) -> f32) -> Flow<'_> {
        Flow { pages: vec![Vec::new()], y: 0.0, measure }
    }

    #[test]
    fn lines_break_between_words_and_between_characters() {
        let measure = |c: char| if c.is_ascii() { 0.5 } else { 1.0 };
        let flow = flow(&measure);
        assert_eq!(flow.lines("one two three", 10.0, 40.0), ["one two", "three"]);
        assert_eq!(flow.lines("申报材料清单", 10.0, 30.0), ["申报材", "料清单"]);
        assert_eq!(flow.lines("abcdefghij", 10.0, 20.0), ["abcd", "efgh", "ij"]);
        assert_eq!(flow.lines("", 10.0, 20.0), [""]);
    }
}
