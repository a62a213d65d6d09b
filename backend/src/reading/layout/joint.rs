//! Which words on a line belong together. Chinese is set without blanks, Latin with; a wide gap separates the cells of a
//! table; the characters of a title are spread (审　计　报　告).

use super::{Chunk, Gaps, Piece};

/// How a piece continues the text before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Joint {
    /// It does not: the gap separates cells.
    Cell,
    /// With a blank, as Latin words do.
    Blank,
    /// Directly, as Chinese does.
    Direct,
}

/// The widest gap between the characters of a spread title, in heights of characters.
const SPREAD: f32 = 2.6;

/// The pieces of one line, from left to right, as text without gaps.
pub(super) fn chunks(row: Vec<Piece>, gaps: &Gaps) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut ruled = false;
    for piece in row {
        let text = piece.text.trim();
        ruled |= piece.ruled;
        if text.is_empty() {
            continue;
        }
        let ruled = std::mem::take(&mut ruled);
        let size = piece.upright.height();
        if let Some(chunk) = chunks.last_mut() {
            let gap = (piece.upright.left - chunk.upright.right) / chunk.size.max(size);
            let joint = joint(&chunk.text, text, gap, gaps);
            if joint != Joint::Cell && !ruled {
                if joint == Joint::Blank {
                    chunk.text.push(' ');
                }
                chunk.text.push_str(text);
                chunk.frame = chunk.frame.around(piece.frame);
                chunk.upright = chunk.upright.around(piece.upright);
                chunk.size = chunk.size.max(size);
                continue;
            }
        }
        chunks.push(Chunk { text: text.to_owned(), frame: piece.frame, upright: piece.upright, size });
    }
    chunks
}

/// Cells of one row in which spread characters are one cell again.
pub(super) fn titles(row: Vec<Chunk>) -> Vec<Chunk> {
    let mut cells: Vec<Chunk> = Vec::new();
    // Whether the last cell holds nothing but spread characters.
    let mut spread = false;
    for chunk in row {
        let single = is_single(&chunk.text);
        if let Some(last) = cells.last_mut().filter(|_| spread && single) {
            let gap = (chunk.upright.left - last.upright.right) / last.size.max(chunk.size);
            if gap < SPREAD && similar(last.size, chunk.size) {
                last.text.push_str(&chunk.text);
                last.frame = last.frame.around(chunk.frame);
                last.upright = last.upright.around(chunk.upright);
                continue;
            }
        }
        spread = single;
        cells.push(chunk);
    }
    cells
}

/// The text of a cell's next line put after what stands there already.
pub(super) fn continued(before: &mut String, after: &str) {
    let last = before.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    // A word of a language, not a code that was too long for its column.
    let is_word = !last.is_empty() && last.chars().all(|c| c.is_ascii_alphabetic());
    if is_word && after.starts_with(|c: char| c.is_ascii_alphabetic()) {
        before.push(' ');
    }
    before.push_str(after);
}

/// Heights of the same kind of text.
pub(super) fn similar(one: f32, other: f32) -> bool {
    one.max(other) < 1.3 * one.min(other)
}

fn joint(before: &str, after: &str, gap: f32, gaps: &Gaps) -> Joint {
    let (Some(last), Some(first)) = (before.chars().next_back(), after.chars().next()) else {
        return Joint::Direct;
    };
    if is_wide(last) || is_wide(first) {
        // Between Chinese and digits word processors put a quarter of a character by themselves.
        let blank = if is_wide(last) && is_wide(first) { gaps.blank } else { gaps.blank + 0.15 };
        return match gap {
            gap if gap >= gaps.widest => Joint::Cell,
            // The first characters of a spread title.
            gap if gap >= blank && !(is_single(before) && is_single(after)) => Joint::Blank,
            _ => Joint::Direct,
        };
    }
    let number = |text: &str| text.chars().all(|c| c.is_ascii_digit() || ",.-%()".contains(c));
    if number(after) && before.rsplit(' ').next().is_some_and(number) {
        // Two numbers side by side are two columns; recognition splits one at a comma at times.
        return if gap < 0.2 { Joint::Direct } else { Joint::Cell };
    }
    match gap {
        gap if gap < 0.08 => Joint::Direct,
        gap if gap < 0.9 => Joint::Blank,
        _ => Joint::Cell,
    }
}

fn is_single(text: &str) -> bool {
    let mut characters = text.chars();
    matches!((characters.next(), characters.next()), (Some(c), None) if is_ideograph(c))
}

/// A Chinese character proper.
pub(in crate::reading) fn is_ideograph(c: char) -> bool {
    matches!(u32::from(c), 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF)
        || c == '〇'
}

/// A character that is set without blanks around it: Chinese, its punctuation, full-width forms.
fn is_wide(c: char) -> bool {
    is_ideograph(c) || matches!(u32::from(c), 0x2014..=0x2026 | 0x3000..=0x303F | 0xFF00..=0xFFEF)
}
