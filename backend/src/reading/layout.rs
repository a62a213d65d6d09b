//! From words with places to lines as people read them: a table's row becomes one line whose words are its cells, a cell
//! whose text wraps is one word, a title set with gaps is one word. Used for a PDF's own text and for recognised text
//! alike. Only the words' places count: programs that find words group them well in running text and badly in tables.

use domain::reading::{Area, Line, Word};

mod cell;
mod joint;

pub(super) use joint::is_ideograph;

/// A rectangle in the units of its page, from the top left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) left: f32,
    pub(super) top: f32,
    pub(super) right: f32,
    pub(super) bottom: f32,
}

/// A word as it was found.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) text: String,
    /// Where it stands on the page.
    pub(super) frame: Frame,
    /// Where it would stand if the page were straight and every word as high as its line; the same as `frame` for text
    /// that was never on paper.
    pub(super) upright: Frame,
    /// A ruling line stands before it.
    pub(super) ruled: bool,
}

/// What gaps inside running Chinese text mean, in heights of characters.
pub(super) struct Gaps {
    /// From here on the author typed a blank.
    pub(super) blank: f32,
    /// From here on it is the gap between two cells.
    pub(super) widest: f32,
}

/// Text without a gap, on one line.
#[derive(Clone, Debug)]
struct Chunk {
    text: String,
    frame: Frame,
    upright: Frame,
    /// Height of its characters.
    size: f32,
}

impl Frame {
    pub(super) fn middle(&self) -> f32 {
        f32::midpoint(self.top, self.bottom)
    }

    pub(super) fn height(&self) -> f32 {
        (self.bottom - self.top).max(0.1)
    }

    fn around(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// Whether one stands left of the other; an overlap of a hair is none.
    fn apart(&self, other: &Self, hair: f32) -> bool {
        self.right <= other.left + hair || other.right <= self.left + hair
    }
}

impl Chunk {
    fn middle(&self) -> f32 {
        self.upright.middle()
    }
}

/// Middles closer than this, in heights of characters, are on one line. Between two lines of a paragraph it is more than
/// one; beside a wrapped cell a label stands half a line off.
const ON_ONE_LINE: f32 = 0.35;

/// A page's lines, from top to bottom.
pub(super) fn lines(pieces: Vec<Piece>, (width, height): (f32, f32), gaps: &Gaps) -> Vec<Line> {
    let middle = |piece: &Piece| (piece.upright.middle(), piece.upright.height());
    let mut rows: Vec<Vec<Chunk>> = Vec::new();
    for mut row in on_one_line(pieces, middle) {
        row.sort_by(|a, b| a.upright.left.total_cmp(&b.upright.left));
        rows.push(joint::chunks(row, gaps));
    }
    let cells = cell::wrapped(rows);
    on_one_line(cells, |cell| (cell.middle(), cell.size))
        .into_iter()
        .filter_map(|mut row| {
            row.sort_by(|a, b| a.upright.left.total_cmp(&b.upright.left));
            line(joint::titles(row), width, height)
        })
        .collect()
}

/// Groups what stands on one line, from top to bottom. `place` gives the middle and the height of its characters.
fn on_one_line<T>(mut items: Vec<T>, place: impl Fn(&T) -> (f32, f32)) -> Vec<Vec<T>> {
    items.sort_by(|a, b| place(a).0.total_cmp(&place(b).0));
    let mut rows: Vec<(f32, f32, Vec<T>)> = Vec::new();
    for item in items {
        let (middle, size) = place(&item);
        // The middles rise, so only the last row can be near.
        match rows.last_mut() {
            Some((at, high, row)) if middle - *at < ON_ONE_LINE * high.min(size) => {
                let count = f32::from(u16::try_from(row.len()).unwrap_or(u16::MAX));
                *at = (*at * count + middle) / (count + 1.0);
                *high = high.max(size);
                row.push(item);
            }
            _ => rows.push((middle, size, vec![item])),
        }
    }
    rows.into_iter().map(|(_, _, row)| row).collect()
}

fn line(cells: Vec<Chunk>, width: f32, height: f32) -> Option<Line> {
    let frame = cells.iter().map(|cell| cell.frame).reduce(Frame::around)?;
    let text = cells.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join("\t");
    let words = cells.into_iter().map(|cell| Word { text: cell.text, area: area(cell.frame, width, height) });
    Some(Line { text, area: area(frame, width, height), words: words.collect() })
}

/// The place in ten-thousandths of the page.
fn area(frame: Frame, width: f32, height: f32) -> Option<Area> {
    if !(width > 0.0 && height > 0.0) {
        return None;
    }
    let left = share(frame.left, width);
    let top = share(frame.top, height);
    Some(Area {
        left,
        top,
        width: share(frame.right, width).saturating_sub(left),
        height: share(frame.bottom, height).saturating_sub(top),
    })
}

fn share(value: f32, whole: f32) -> u16 {
    // Written out and read back, because a cast would cut in silence.
    let part = (value / whole).clamp(0.0, 1.0) * 10_000.0;
    format!("{part:.0}").parse().unwrap_or_default()
}

#[cfg(test)]
mod tests;
