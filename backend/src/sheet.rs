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

use crate::error::{Error, Result};

mod flow;
mod font;
use flow::Flow;
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
    Place {
        pairs: Vec<(String, String)>,
        link: String,
        caption: String,
    },
    /// Widths of all columns but the last, which gets what is left; it may be in fine print, so that a digest fits a line.
    Table {
        widths: Vec<f32>,
        head: Vec<String>,
        rows: Vec<Vec<String>>,
        fine: bool,
    },
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
    let mut flow = Flow::new(&measure);
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
