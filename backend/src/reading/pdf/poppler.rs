//! Reads a PDF with poppler's programs: `pdfinfo`, `pdftotext`, `pdfimages`, and `pdftoppm` for pages that are recognised.

use domain::media::{Active, Kind};

use super::{DAMAGED, Layer, LayerPage, admit};
use crate::reading::{
    layout::{Frame, Piece},
    limits::Limits,
    problem::{Limit, Problem},
    tool::{PDFIMAGES, PDFINFO, PDFTOPPM, PDFTOTEXT, Said, Tool},
    xml::{Element, Node, Xml},
};

/// Whether the machine has them; pages are also drawn with it.
pub(super) fn is_here() -> bool {
    [PDFINFO, PDFTOTEXT, PDFIMAGES, PDFTOPPM].into_iter().all(Tool::is_here)
}

/// Reads the file's own text.
pub(super) fn read(path: &str, limits: &Limits) -> Result<Layer, Problem> {
    let page_count = page_count(path, limits)?;
    let pages = text_layer(path, limits)?;
    let pictures = full_page_pictures(path, limits, &pages);
    Ok(Layer { page_count, pages, pictures })
}

/// The number of pages, after refusing what is encrypted, runs scripts or is too long.
fn page_count(path: &str, limits: &Limits) -> Result<u32, Problem> {
    let said = match PDFINFO.run(&["-enc", "UTF-8", path], Vec::new(), 1 << 20, limits.time)? {
        Said::Output(output) => String::from_utf8_lossy(&output).into_owned(),
        Said::Failed(why) if why.contains("password") => {
            return Err(Problem::Encrypted { kind: Kind::Pdf });
        }
        Said::Failed(_) => return Err(DAMAGED),
        Said::TooSlow => return Err(too_slow(limits)),
        Said::Starved => return Err(starved(limits)),
    };
    let value =
        |name: &str| said.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim);
    if value("Encrypted").is_some_and(|value| value.starts_with("yes")) {
        return Err(Problem::Encrypted { kind: Kind::Pdf });
    }
    if value("JavaScript") == Some("yes") {
        return Err(Problem::ActiveContent { active: Active::JavaScript });
    }
    let found: u64 = value("Pages").and_then(|pages| pages.parse().ok()).ok_or(DAMAGED)?;
    admit(path, found, limits)
}

fn too_slow(limits: &Limits) -> Problem {
    Problem::Limit { limit: Limit::Time { seconds: limits.time.as_secs() } }
}

fn starved(limits: &Limits) -> Problem {
    Problem::Limit { limit: Limit::Memory { bytes: limits.memory_bytes } }
}

fn text_layer(path: &str, limits: &Limits) -> Result<Vec<LayerPage>, Problem> {
    let last = limits.pages.to_string();
    let arguments = ["-bbox-layout", "-enc", "UTF-8", "-q", "-l", &last, path, "-"];
    // Each word comes with four coordinates: more text than the reading may have in the end.
    match PDFTOTEXT.run(&arguments, Vec::new(), 4 * limits.output_bytes, limits.time)? {
        Said::Output(output) => parse(&output),
        Said::Failed(_) => Err(DAMAGED),
        Said::TooSlow => Err(too_slow(limits)),
        Said::Starved => Err(starved(limits)),
    }
}

fn parse(output: &[u8]) -> Result<Vec<LayerPage>, Problem> {
    let mut xml = Xml::new(output, Kind::Pdf);
    let mut pages: Vec<LayerPage> = Vec::new();
    let mut word: Option<Piece> = None;
    loop {
        match xml.next()? {
            Node::End => return Ok(pages),
            Node::Open(element) => match element.name().as_slice() {
                b"page" => pages.push(LayerPage {
                    width: number(&element, "width"),
                    height: number(&element, "height"),
                    words: Vec::new(),
                }),
                b"word" => {
                    let frame = Frame {
                        left: number(&element, "xMin"),
                        top: number(&element, "yMin"),
                        right: number(&element, "xMax"),
                        bottom: number(&element, "yMax"),
                    };
                    word = Some(Piece { text: String::new(), frame, upright: frame, ruled: false });
                }
                _ => {}
            },
            Node::Text(text) => {
                if let Some(word) = &mut word {
                    word.text.push_str(&text);
                }
            }
            Node::Close(name) if name == b"word" => {
                if let (Some(page), Some(mut word)) = (pages.last_mut(), word.take()) {
                    word.upright = within_its_line(&word.text, word.frame);
                    page.words.push(word);
                }
            }
            Node::Close(_) => {}
        }
    }
}

/// A word of Chinese characters as high as its line. Programs give a font's whole reach as its height, which with some fonts is more than
/// twice the character; neighbouring rows of a table would overlap then and be read as one. A Chinese character is as wide as
/// the font is high, so the width of the word tells. Vertical writing, higher than it is wide by far more, stays as it is.
fn within_its_line(text: &str, frame: Frame) -> Frame {
    let (count, wide) =
        text.chars().fold((0.0_f32, true), |(count, wide), c| (count + 1.0, wide && c >= '\u{2e80}'));
    let (size, height) = ((frame.right - frame.left) / count.max(1.0), frame.bottom - frame.top);
    if !wide || size <= 0.0 || !(1.6..3.5).contains(&(height / size)) {
        return frame;
    }
    let (middle, half) = (f32::midpoint(frame.top, frame.bottom), size * 0.6);
    Frame { top: middle - half, bottom: middle + half, ..frame }
}

fn number(element: &Element<'_>, name: &str) -> f32 {
    element
        .attribute(name)
        .and_then(|value| value.parse().ok())
        .filter(|value: &f32| value.is_finite())
        .unwrap_or(0.0)
}

/// Pages of which a picture covers half or more: scans, and whatever was put over a picture afterwards. Without the
/// program, or when it stumbles, pages without text count as pictures.
fn full_page_pictures(path: &str, limits: &Limits, layers: &[LayerPage]) -> Vec<u32> {
    let last = limits.pages.to_string();
    let listed = match PDFIMAGES.run(&["-list", "-l", &last, path], Vec::new(), 4 << 20, limits.page_time) {
        Ok(Said::Output(output)) => String::from_utf8_lossy(&output).into_owned(),
        _ => {
            let bare = (1u32..).zip(layers).filter(|(_, layer)| layer.words.is_empty());
            return bare.map(|(number, _)| number).collect();
        }
    };
    let mut found = Vec::new();
    for line in listed.lines().skip(2) {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let column = |at: usize| columns.get(at).and_then(|text| text.parse::<f32>().ok()).unwrap_or(0.0);
        let Some(page) = columns.first().and_then(|page| page.parse::<u32>().ok()) else { continue };
        let Some(layer) = usize::try_from(page).ok().and_then(|page| layers.get(page.checked_sub(1)?)) else {
            continue;
        };
        // Points of the picture and points per inch as it is shown.
        let (wide, high) = (column(3) / column(12).max(1.0) * 72.0, column(4) / column(13).max(1.0) * 72.0);
        if wide * high >= 0.5 * layer.width * layer.height && !found.contains(&page) {
            found.push(page);
        }
    }
    found
}

/// How finely a page is drawn for people: an A4 page becomes 910 points wide.
const DPI: &str = "110";

/// A page in colour, as PNG.
pub(super) fn draw(path: &str, number: u32, limits: &Limits) -> Result<Vec<u8>, Problem> {
    let number = number.to_string();
    let arguments = ["-png", "-r", DPI, "-f", &number, "-l", &number, "-q", path];
    match PDFTOPPM.run(&arguments, Vec::new(), limits.output_bytes, limits.time)? {
        Said::Output(picture) if picture.starts_with(PNG) => Ok(picture),
        Said::Output(_) | Said::Failed(_) => Err(DAMAGED),
        Said::TooSlow => Err(too_slow(limits)),
        Said::Starved => Err(starved(limits)),
    }
}

/// How every PNG begins.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A page in grey, as PGM.
pub(super) fn render(path: &str, number: u32, dpi: u32, limits: &Limits) -> Result<Vec<u8>, Problem> {
    let (number, dpi) = (number.to_string(), dpi.to_string());
    let arguments = ["-gray", "-r", &dpi, "-f", &number, "-l", &number, "-q", path];
    match PDFTOPPM.run(&arguments, Vec::new(), limits.pixels + (1 << 10), limits.page_time)? {
        Said::Output(picture) => Ok(picture),
        Said::TooSlow => Err(Problem::Limit { limit: Limit::Time { seconds: limits.page_time.as_secs() } }),
        Said::Starved => Err(starved(limits)),
        Said::Failed(_) => Err(DAMAGED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str, frame: Frame) -> (f32, f32) {
        let upright = within_its_line(text, frame);
        (upright.top, upright.bottom)
    }

    #[test]
    fn a_font_that_reaches_far_is_as_high_as_its_characters() {
        let frame =
            |width: f32, height: f32| Frame { left: 0.0, top: 100.0, right: width, bottom: 100.0 + height };
        // Four characters of 12 points in boxes of 31.2: the rows below each other, 23 points apart, no longer overlap.
        let (top, bottom) = word("注册资本", frame(48.0, 31.2));
        assert!((top - 108.4).abs() < 0.01 && (bottom - 122.8).abs() < 0.01, "{top} {bottom}");
        // Usual fonts, figures and vertical writing stay as they are.
        assert_eq!(word("注册资本", frame(48.0, 17.0)), (100.0, 117.0));
        assert_eq!(word("4200", frame(24.0, 31.2)), (100.0, 131.2));
        assert_eq!(word("注册资本", frame(12.0, 48.0)), (100.0, 148.0));
    }
}
