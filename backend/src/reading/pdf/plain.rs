//! Reads a PDF without any program of the machine, through the crate `pdf-extract`. It finds the text of the same files, a
//! little less exactly, and cannot draw pages, so that scans stay unread.

use domain::media::Kind;
use pdf_extract::{Dictionary, Document, MediaBox, Object, ObjectId, OutputDev, OutputError, Transform};

use super::{DAMAGED, Layer, LayerPage, admit};
use crate::reading::{
    layout::{Frame, Piece},
    limits::Limits,
    problem::Problem,
};

/// A page of A4 at 70 dots an inch; logos and seals have fewer.
const SCAN: i64 = 450_000;

/// Reads the file's own text.
pub(super) fn read(path: &str, limits: &Limits) -> Result<Layer, Problem> {
    let document = Document::load(path).map_err(|_| DAMAGED)?;
    if document.is_encrypted() {
        return Err(Problem::Encrypted { kind: Kind::Pdf });
    }
    let listed = document.get_pages();
    if listed.is_empty() {
        return Err(DAMAGED);
    }
    let page_count = admit(path, listed.len() as u64, limits)?;
    let mut text = Text::default();
    let mut pictures = Vec::new();
    for (number, page) in listed.iter().take(limits.pages) {
        // A page that cannot be read is an empty page; the others are none the worse for it.
        let read = pdf_extract::output_doc_page(&document, &mut text, *number);
        text.end();
        let have = text.pages.len();
        if read.is_err() && have < usize::try_from(*number).unwrap_or(have) {
            text.pages.push(LayerPage { width: 0.0, height: 0.0, words: Vec::new() });
        }
        if has_picture(&document, *page) {
            pictures.push(*number);
        }
    }
    Ok(Layer { page_count, pages: text.pages, pictures })
}

/// Whether the page has a picture with as many points as a scan has. How much of the page that covers is not known here.
fn has_picture(document: &Document, page: ObjectId) -> bool {
    let resources = document.get_page_resources(page).ok();
    let own = resources.iter().filter_map(|(own, _)| *own);
    let inherited = resources.iter().flat_map(|(_, inherited)| inherited);
    let inherited = inherited.filter_map(|id| document.get_dictionary(*id).ok());
    own.chain(inherited).any(|resources| holds_picture(document, resources))
}

fn holds_picture(document: &Document, resources: &Dictionary) -> bool {
    let objects = resources.get(b"XObject").and_then(|object| document.dereference(object));
    let Ok((_, Object::Dictionary(objects))) = objects else { return false };
    objects.iter().any(|(_, object)| {
        matches!(document.dereference(object), Ok((_, Object::Stream(stream)))
            if stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|name| name == b"Image")
                && points(&stream.dict) >= SCAN)
    })
}

fn points(picture: &Dictionary) -> i64 {
    let side = |name: &[u8]| picture.get(name).and_then(Object::as_i64).unwrap_or(0);
    side(b"Width").saturating_mul(side(b"Height"))
}

/// Collects the words of the pages.
#[derive(Default)]
struct Text {
    pages: Vec<LayerPage>,
    /// The page's lower left corner.
    corner: (f64, f64),
    /// The word that is being put together, and its baseline.
    word: Option<(Piece, f32)>,
}

impl Text {
    fn end(&mut self) {
        if let (Some((word, _)), Some(page)) = (self.word.take(), self.pages.last_mut()) {
            page.words.push(word);
        }
    }
}

impl OutputDev for Text {
    fn begin_page(
        &mut self,
        _: u32,
        page: &MediaBox,
        _: Option<(f64, f64, f64, f64)>,
    ) -> Result<(), OutputError> {
        self.corner = (page.llx, page.lly);
        let (width, height) = (single(page.urx - page.llx), single(page.ury - page.lly));
        self.pages.push(LayerPage { width, height, words: Vec::new() });
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        self.end();
        Ok(())
    }

    fn output_character(
        &mut self,
        place: &Transform,
        width: f64,
        _: f64,
        font_size: f64,
        text: &str,
    ) -> Result<(), OutputError> {
        let Some(page) = self.pages.last() else { return Ok(()) };
        let size = single(place.m21.hypot(place.m22) * font_size);
        if text.trim().is_empty() || size <= 0.0 {
            self.end();
            return Ok(());
        }
        let left = single(place.m31 - self.corner.0);
        let baseline = page.height - single(place.m32 - self.corner.1);
        let right = left + single(width * place.m11.hypot(place.m12) * font_size);
        // Poppler's boxes reach as far above and below the baseline for most fonts.
        let frame = Frame { left, top: baseline - 0.85 * size, right, bottom: baseline + 0.15 * size };
        if let Some((word, at)) = &mut self.word {
            let gap = left - word.frame.right;
            if (baseline - *at).abs() < 0.05 * size && (-0.5..0.1).contains(&(gap / size)) {
                word.text.push_str(text);
                word.frame.right = right;
                word.upright.right = right;
                return Ok(());
            }
        }
        self.end();
        self.word = Some((Piece { text: text.to_owned(), frame, upright: frame, ruled: false }, baseline));
        Ok(())
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        Ok(())
    }
}

#[expect(clippy::cast_possible_truncation, reason = "places on a page need no more digits")]
fn single(value: f64) -> f32 {
    value as f32
}
