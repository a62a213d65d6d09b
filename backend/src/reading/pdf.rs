//! Reads a PDF: its own text with places, page by page; pages that are pictures, or whose text layer is garbage, go to
//! recognition. Poppler reads where it is installed, the crate `pdf-extract` where not; docs/READING.md has the figures that
//! decided. Before any of that the file's structure is looked through for what a document has no business with.

use std::{path::Path, time::Instant};

use domain::{
    media::Kind,
    reading::{Page, Reading, TextSource},
};

use super::{
    layout::{self, Gaps, Piece},
    limits::Limits,
    problem::{Limit, Problem},
    recognition,
};

mod plain;
mod poppler;
mod quality;
mod structure;

const DAMAGED: Problem = Problem::Damaged { kind: Kind::Pdf };

/// A line that is set justified has gaps between its characters, a typed blank is a quarter or half of one.
const GAPS: Gaps = Gaps { blank: 0.2, widest: 0.55 };

/// What a reader of PDF makes of a file.
struct Layer {
    /// Pages of the whole file.
    page_count: u32,
    /// Those that were read, in order.
    pages: Vec<LayerPage>,
    /// Numbers of the pages that are pictures with, at most, a stamp beside them.
    pictures: Vec<u32>,
}

/// A page as its text layer has it.
struct LayerPage {
    /// In points.
    width: f32,
    height: f32,
    words: Vec<Piece>,
}

/// Reads the file; `begun` is when the reading process began, for what recognition may still take.
pub(super) fn read(path: &Path, limits: &Limits, begun: Instant) -> Result<Reading, Problem> {
    let path = path.to_str().ok_or(DAMAGED)?;
    let can_render = limits.programs && poppler::is_here();
    let layer = if can_render { poppler::read(path, limits)? } else { plain::read(path, limits)? };
    let mut pages = Vec::new();
    let mut recogniser = recognition::Recogniser::new(limits, begun);
    for (number, page) in (1u32..).zip(layer.pages) {
        let is_picture = layer.pictures.contains(&number);
        let size = (page.width, page.height);
        let verdict = quality::judge(&page.words, is_picture);
        let own = layout::lines(page.words, size, &GAPS);
        if verdict == quality::Verdict::Text {
            pages.push(Page { number, source: TextSource::Layer, lines: own });
            continue;
        }
        // Also a page with neither text nor picture: its letters may be drawn as outlines.
        let recognised = can_render
            .then(|| recogniser.page(|dpi| poppler::render(path, number, dpi, limits), size))
            .flatten();
        pages.push(match recognised {
            Some(lines) => Page { number, source: TextSource::Recognised, lines },
            // A stamp is not the page's text, but it is all there is.
            None if verdict == quality::Verdict::Sparse => {
                Page { number, source: TextSource::None, lines: own }
            }
            None => Page { number, source: TextSource::None, lines: Vec::new() },
        });
    }
    Ok(Reading { kind: Kind::Pdf, pages, sheets: Vec::new(), page_count: layer.page_count })
}

/// Whether the machine can draw pages.
pub(super) fn can_draw() -> bool {
    poppler::is_here()
}

/// A page as a PNG for people.
pub(super) fn draw(path: &Path, number: u32, limits: &Limits) -> Result<Vec<u8>, Problem> {
    poppler::draw(path.to_str().ok_or(DAMAGED)?, number, limits)
}

/// Refuses a file of this many pages when they are too many, or its objects too many for them.
pub(super) fn admit(path: &str, pages: u64, limits: &Limits) -> Result<u32, Problem> {
    if pages > limits.most_pages {
        return Err(Problem::Limit { limit: Limit::Pages { found: pages, most: limits.most_pages } });
    }
    let pages = u32::try_from(pages).map_err(|_| DAMAGED)?;
    structure::check(path, pages)?;
    Ok(pages)
}
