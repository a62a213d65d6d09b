//! Collects the facts of one document: finds values by the labels beside them, and keeps for each fact the best place.

use std::ops::Range;

use super::{Fact, FactKey, Period, Place};
use crate::transcript::{Transcript, find_similar};

/// Confidence of a value that stands in its label's cell or behind its colon.
pub(super) const LABELLED: u8 = 92;
/// Of a value that follows its label in a sentence.
pub(super) const SENTENCE: u8 = 80;
/// Of a value that is recognised by its shape and surroundings.
pub(super) const SHAPE: u8 = 72;
/// What a recognised page costs.
const RECOGNISED: u8 = 14;

/// A document being read.
pub(super) struct Gatherer<'t> {
    pub(super) transcript: &'t Transcript,
    facts: Vec<Fact>,
}

/// A text that stands as a label's value.
#[derive(Clone, Debug)]
pub(super) struct Labelled {
    /// Folded; it may run on beyond the value.
    pub(super) text: String,
    /// Where it begins in the transcript, when it is one stretch of it.
    pub(super) start: Option<usize>,
    /// The place of the whole value, for values in cells of their own.
    place: Place,
    said: String,
    /// Behind a colon or in a cell of its own, rather than in a sentence.
    pub(super) marked: bool,
    /// What stands in brackets behind the label: a unit, or 签字.
    pub(super) note: String,
    /// The text ends where the value ends: a cell of its own.
    pub(super) whole: bool,
    /// What stands before the label.
    pub(super) before: String,
}

impl<'t> Gatherer<'t> {
    pub(super) fn new(transcript: &'t Transcript) -> Self {
        Self { transcript, facts: Vec::new() }
    }

    pub(super) fn finish(self) -> Vec<Fact> {
        self.facts
    }

    pub(super) fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// Adds a value that is a stretch of the text.
    pub(super) fn add(
        &mut self,
        key: FactKey,
        value: impl Into<String>,
        range: &Range<usize>,
        confidence: u8,
    ) {
        let place = self.transcript.place(range);
        let said = self.transcript.text[range.clone()].to_owned();
        self.add_at(key, None, None, value.into(), said, place, confidence);
    }

    /// Adds a value with its period or entry.
    #[allow(clippy::too_many_arguments, reason = "the fields of a fact")]
    pub(super) fn add_at(
        &mut self,
        key: FactKey,
        period: Option<Period>,
        entry: Option<u16>,
        value: String,
        said: String,
        place: Place,
        confidence: u8,
    ) {
        let confidence = if self.transcript.is_recognised(place.page) {
            confidence.saturating_sub(RECOGNISED)
        } else {
            confidence
        };
        self.facts.push(Fact { key, period, entry, value, said, place, confidence });
    }

    /// Adds what `read` makes of a labelled text: the value and how many bytes of the text it took.
    pub(super) fn add_labelled(
        &mut self,
        key: FactKey,
        found: &Labelled,
        value: String,
        length: usize,
        confidence: u8,
    ) {
        if found.whole || found.start.is_none() {
            let place = found.place.clone();
            self.add_at(key, None, None, value, found.said.clone(), place, confidence);
        } else if let Some(start) = found.start {
            let end = (start + length).min(self.transcript.text.len());
            self.add(key, value, &(start..end), confidence);
        }
    }

    /// Everything that stands as the value of one of the labels. Labels are folded; the longer ones come first.
    pub(super) fn labelled(&self, labels: &[&str]) -> Vec<Labelled> {
        let transcript = self.transcript;
        let mut found = Vec::new();
        let mut taken: Vec<Range<usize>> = Vec::new();
        for label in labels {
            for range in transcript.find_all(label) {
                if taken.iter().any(|other| other.start < range.end && range.start < other.end) {
                    continue;
                }
                taken.push(range.clone());
                found.extend(self.value_of(&range));
            }
        }
        if found.is_empty() && transcript.any_recognised() {
            for label in labels.iter().filter(|label| label.chars().count() >= 4) {
                if let Some(range) = find_similar(&transcript.text, label) {
                    found.extend(self.value_of(&range));
                }
            }
        }
        found.sort_by_key(|value| value.start.unwrap_or(usize::MAX));
        found
    }

    fn value_of(&self, label: &Range<usize>) -> Option<Labelled> {
        let transcript = self.transcript;
        let text = transcript.text.as_str();
        // The cell in which the label ends: it may have begun in the line above.
        let (row, cell_index) = transcript.locate(label.end.saturating_sub(1))?;
        let cell = &transcript.rows[row].cells[cell_index];
        let cell_end = cell.start + cell.text.len();
        let mut offset = label.end;
        let mut note = String::new();
        // A unit or a remark, not the value: 注册资本(万元).
        if text[offset..].starts_with('(')
            && let Some(close) = text[offset..].find(')')
            && text[offset..offset + close].chars().count() <= 14
        {
            text[offset + 1..offset + close].clone_into(&mut note);
            offset += close + 1;
        }
        let before = transcript.before(label.start, 14).to_owned();
        // Recognition takes a colon for a stop or a quotation mark.
        let marks: &[char] = if transcript.is_recognised(transcript.rows[row].page) {
            &[':', '.', '。', '"', ';', ',']
        } else {
            &[':', '.']
        };
        let colon = text[offset..].starts_with(marks) && offset < cell_end;
        if colon {
            offset += text[offset..].chars().next().map_or(0, char::len_utf8);
        }
        if offset >= cell_end {
            let own_label = label.start == cell.start || cell.text.chars().count() <= 14;
            if let Some(cells) = transcript.value_right_of(row, cell_index).filter(|_| own_label || colon) {
                let value: String = cells.iter().map(|cell| cell.text.as_str()).collect();
                let said: String = cells.iter().map(|cell| cell.said.as_str()).collect();
                let place = cells
                    .iter()
                    .map(|cell| transcript.place(&(cell.start..cell.start + cell.text.len())))
                    .reduce(|whole, part| super::joined(whole, &part))?;
                let start = (cells.len() == 1).then(|| cells[0].start);
                return Some(Labelled {
                    text: value,
                    start,
                    place,
                    said,
                    marked: true,
                    note,
                    whole: true,
                    before,
                });
            }
            // A sentence goes on in the next line.
            if !own_label || colon {
                let value = transcript.after(offset, 80).to_owned();
                let place = transcript.place(&(offset..offset + 1));
                return Some(Labelled {
                    said: value.clone(),
                    text: value,
                    start: Some(offset),
                    place,
                    marked: colon,
                    note,
                    whole: false,
                    before,
                });
            }
            return None;
        }
        let mut marked = colon;
        for copula in ["为", "是", "系", "\"", ","] {
            if let Some(rest) = text[offset..].strip_prefix(copula) {
                offset = text.len() - rest.len();
                marked |= false;
                break;
            }
        }
        let window = transcript.after(offset, 80);
        // A line that does not reach the margin ends here; so does a cell with others beside it.
        let ends_here = transcript.rows[row].cells.len() > 1 || !transcript.goes_on(row);
        let end = if ends_here { cell_end.min(offset + window.len()) } else { offset + window.len() };
        let value = text.get(offset..end).unwrap_or(window).to_owned();
        let place = transcript.place(&(offset..offset + 1));
        Some(Labelled {
            said: value.clone(),
            text: value,
            start: Some(offset),
            place,
            marked,
            note,
            whole: false,
            before,
        })
    }

    /// For keys of which a document says one value: keeps the one said best and most often.
    pub(super) fn keep_best(&mut self, keys: &[FactKey]) {
        for key in keys {
            let mut values: Vec<(String, u32, u8)> = Vec::new();
            for fact in self.facts.iter().filter(|fact| fact.key == *key) {
                match values.iter_mut().find(|(value, ..)| *value == fact.value) {
                    Some((_, count, best)) => {
                        *count += 1;
                        *best = (*best).max(fact.confidence);
                    }
                    None => values.push((fact.value.clone(), 1, fact.confidence)),
                }
            }
            // First said wins a tie: a document names the thing itself before it compares it with others.
            let mut best: Option<&(String, u32, u8)> = None;
            for value in &values {
                let weight = |value: &(String, u32, u8)| u32::from(value.2) + value.1.min(4) * 3;
                if best.is_none_or(|best| weight(value) > weight(best)) {
                    best = Some(value);
                }
            }
            let Some((kept, ..)) = best.cloned() else { continue };
            let place = self
                .facts
                .iter()
                .filter(|fact| fact.key == *key && fact.value == kept)
                .map(|fact| fact.confidence)
                .max();
            let mut first = true;
            self.facts.retain(|fact| {
                if fact.key != *key {
                    return true;
                }
                let keep = first && fact.value == kept && Some(fact.confidence) == place;
                first &= !keep;
                keep
            });
        }
    }
}
