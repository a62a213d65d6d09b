//! Phrases in recognised text, where a character in ten may be wrong: search by edit distance with the phrase's own
//! length as the measure of what is still the same phrase.

use std::ops::Range;

/// How many characters of a phrase may be wrong.
const fn tolerance(length: usize) -> usize {
    match length {
        0..=3 => 0,
        4..=7 => 1,
        _ => length / 5,
    }
}

/// The first stretch of `text` that is `phrase`, or close enough to it to be a misread copy.
pub(crate) fn find_similar(text: &str, phrase: &str) -> Option<Range<usize>> {
    if let Some(start) = text.find(phrase) {
        return Some(start..start + phrase.len());
    }
    let wanted: Vec<char> = phrase.chars().collect();
    let allowed = tolerance(wanted.len());
    if allowed == 0 {
        return None;
    }
    // Sellers' algorithm: a row of the edit matrix per character, where a match may begin anywhere.
    let mut row: Vec<(usize, usize)> = (0..=wanted.len()).map(|errors| (errors, 0)).collect();
    let mut best: Option<(usize, Range<usize>)> = None;
    for (offset, c) in text.char_indices() {
        let next = offset + c.len_utf8();
        let mut diagonal = row[0];
        row[0] = (0, next);
        let from_here =
            |cell: (usize, usize), begin: usize| if cell.0 == 0 && begin == 0 { offset } else { cell.1 };
        for index in 0..wanted.len() {
            let begin = if index == 0 { offset } else { from_here(diagonal, index) };
            let substituted = (diagonal.0 + usize::from(c != wanted[index]), begin);
            let inserted = (row[index].0 + 1, row[index].1);
            let deleted = (row[index + 1].0 + 1, row[index + 1].1);
            diagonal = row[index + 1];
            row[index + 1] = substituted.min(inserted).min(deleted);
        }
        let (errors, start) = row[wanted.len()];
        if errors <= allowed && best.as_ref().is_none_or(|(least, _)| errors < *least) {
            best = Some((errors, start..next));
        }
    }
    best.map(|(_, range)| range)
}
