//! Cells whose text runs over several lines. Where a table's cells are centred from top to bottom, the label of such a row
//! stands beside the middle of the wrapped text: half a line off when that has an even number of lines, beside the middle
//! one when the number is odd. Neither happens in running text.

use super::{
    Chunk,
    joint::{self, similar},
};

/// Two lines of one cell follow each other within this many heights of characters.
const PITCH: std::ops::Range<f32> = 0.9..1.8;
/// A line that wraps ends at most this far, in heights of characters, before the longest one.
const RAGGED: f32 = 2.5;
/// Lines between a chunk and its continuation: what stands half a line off on either side.
const BETWEEN: usize = 3;

/// The place of a chunk: which line, which from the left.
type Place = (usize, usize);

/// All chunks, those of one cell joined.
pub(super) fn wrapped(rows: Vec<Vec<Chunk>>) -> Vec<Chunk> {
    let links = Links::of(&rows);
    let joined = links.joined(&rows);
    let mut cells: Vec<Vec<Option<Chunk>>> =
        rows.into_iter().map(|row| row.into_iter().map(Some).collect()).collect();
    // From below, so that a chain of three folds up into its first line.
    for (upper, lower) in joined.into_iter().rev() {
        let Some(below) = cells[lower.0][lower.1].take() else { continue };
        let Some(above) = &mut cells[upper.0][upper.1] else { continue };
        joint::continued(&mut above.text, &below.text);
        above.frame = above.frame.around(below.frame);
        above.upright = above.upright.around(below.upright);
    }
    cells.into_iter().flatten().flatten().collect()
}

/// For each chunk, the one below it that may continue it.
struct Links(Vec<Vec<Option<Place>>>);

impl Links {
    fn of(rows: &[Vec<Chunk>]) -> Self {
        let below = |at: usize, chunk: &Chunk| {
            rows.iter().enumerate().skip(at + 1).take(BETWEEN).find_map(|(next, row)| {
                let index = row.iter().position(|other| continues(chunk, other))?;
                Some((next, index))
            })
        };
        Self(
            rows.iter()
                .enumerate()
                .map(|(at, row)| row.iter().map(|chunk| below(at, chunk)).collect())
                .collect(),
        )
    }

    fn below(&self, place: Place) -> Option<Place> {
        self.0[place.0][place.1]
    }

    fn above(&self, place: Place) -> Option<Place> {
        let first = place.0.saturating_sub(BETWEEN);
        (first..place.0).rev().find_map(|row| {
            let index = self.0[row].iter().position(|below| *below == Some(place))?;
            Some((row, index))
        })
    }

    /// The links between lines of one cell, from top to bottom.
    fn joined(&self, rows: &[Vec<Chunk>]) -> Vec<(Place, Place)> {
        let mut joined = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            for index in 0..row.len() {
                let place = (at, index);
                let Some(below) = self.below(place) else { continue };
                if label_between(rows, place, below) {
                    joined.push((place, below));
                    self.widen(rows, place, below, &mut joined);
                } else if let Some(last) = self.below(below)
                    && self.label_beside(rows, place, below, last)
                {
                    joined.extend([(place, below), (below, last)]);
                }
            }
        }
        joined.sort_unstable();
        joined.dedup();
        joined
    }

    /// Four or six lines: as many more above as below, at the same pitch and with nothing of their own beside them.
    fn widen(&self, rows: &[Vec<Chunk>], upper: Place, lower: Place, joined: &mut Vec<(Place, Place)>) {
        let pitch = chunk(rows, lower).middle() - chunk(rows, upper).middle();
        let (mut upper, mut lower) = (upper, lower);
        while let (Some(above), Some(below)) = (self.above(upper), self.below(lower)) {
            let even = |one: Place, other: Place| {
                let between = chunk(rows, other).middle() - chunk(rows, one).middle();
                (between - pitch).abs() < 0.15 * pitch
            };
            let alone = |place: Place, of: Place| rows[place.0].len() <= rows[of.0].len();
            if !(even(above, upper) && even(lower, below) && alone(above, upper) && alone(below, lower)) {
                return;
            }
            joined.extend([(above, upper), (lower, below)]);
            (upper, lower) = (above, below);
        }
    }

    /// Three lines with a label beside the middle one, and nothing beside the first and the last.
    fn label_beside(&self, rows: &[Vec<Chunk>], first: Place, middle: Place, last: Place) -> bool {
        let only_wrapped = |row: usize| self.0[row].len() < rows[middle.0].len();
        let column = chunk(rows, middle);
        let tight = |one: Place, other: Place| {
            chunk(rows, other).middle() - chunk(rows, one).middle() < 1.6 * column.size
        };
        only_wrapped(first.0)
            && only_wrapped(last.0)
            && tight(first, middle)
            && tight(middle, last)
            // The first line is as long as the second, or it would not have wrapped.
            && (chunk(rows, first).upright.right - column.upright.right).abs() < RAGGED * column.size
            && self.0[first.0].iter().all(|below| below.is_some_and(|below| below.0 == middle.0))
            && rows[last.0].len() <= rows[first.0].len()
    }
}

fn chunk(rows: &[Vec<Chunk>], place: Place) -> &Chunk {
    &rows[place.0][place.1]
}

/// Whether the lower one may be the next line of the upper one's cell.
fn continues(upper: &Chunk, lower: &Chunk) -> bool {
    let size = upper.size;
    let pitch = (lower.middle() - upper.middle()) / size;
    let aligned = (lower.upright.left - upper.upright.left).abs() < 0.6 * size
        || ((lower.upright.left + lower.upright.right) - (upper.upright.left + upper.upright.right)).abs()
            < 1.2 * size;
    PITCH.contains(&pitch)
        && similar(size, lower.size)
        && aligned
        && lower.upright.right < upper.upright.right + RAGGED * size
}

/// Whether something stands beside both, half a line off.
fn label_between(rows: &[Vec<Chunk>], upper: Place, lower: Place) -> bool {
    let (above, below) = (chunk(rows, upper), chunk(rows, lower));
    let middle = f32::midpoint(above.middle(), below.middle());
    let hair = 0.2 * above.size;
    rows[upper.0 + 1..lower.0].iter().flatten().any(|label| {
        (label.middle() - middle).abs() < 0.25 * above.size
            && label.upright.apart(&above.upright, hair)
            && label.upright.apart(&below.upright, hair)
    })
}
