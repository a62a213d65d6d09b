//! Two documents in one file: pages that begin with a title of another kind than the pages before them. Copies that
//! are usually attached (a licence, an identity card, a certificate) do not divide the document they belong to.

use super::{
    Part, Reason, SURE,
    cues::Cues,
    evidence::Evidence,
    title::{TitleMatch, matches, page_titles},
};
use crate::{reading::Reading, rule_pack::SlotId, text::Text, transcript::Transcript};

/// A title must be this clear to begin a document.
const FIT: f32 = 0.9;
const WEIGHT: f32 = 0.85;

/// The parts of a file that holds more than one document, or `None`.
pub(super) fn split(cues: &Cues, reading: &Reading) -> Option<(Vec<Part>, Vec<Reason>)> {
    let last = reading.pages.last()?.number;
    if reading.pages.len() < 2 {
        return None;
    }
    let transcript = Transcript::of(reading);
    let mut beginnings: Vec<(u32, TitleMatch)> = Vec::new();
    for page in &reading.pages {
        let titles = page_titles(&transcript, page.number);
        let clear = titles
            .iter()
            .take(3)
            .flat_map(|title| matches(cues, title))
            .filter(|found| found.fit >= FIT && found.title.weight >= WEIGHT)
            .max_by(|a, b| a.cue.len().cmp(&b.cue.len()));
        let Some(found) = clear else { continue };
        let attached = cues.slots[found.slot].annex && !beginnings.is_empty();
        let again = beginnings.iter().any(|(_, earlier)| earlier.slot == found.slot);
        if !attached && !again {
            beginnings.push((page.number, found));
        }
    }
    let first = reading.pages.first()?.number;
    if beginnings.len() < 2 || beginnings[0].0 != first {
        return None;
    }
    let mut parts = Vec::new();
    let mut reasons = Vec::new();
    for (index, (from, found)) in beginnings.iter().enumerate() {
        let to = beginnings.get(index + 1).map_or(last, |(next, _)| next - 1);
        let slot: &SlotId = &cues.slots[found.slot].slot;
        // What follows the title must be such a document, not a chapter that is called like one.
        let part = Transcript::of_pages(reading, *from, to);
        let best = Evidence::of_pages(cues, &part).candidates().into_iter().next()?;
        if best.slot != *slot || best.confidence < SURE {
            return None;
        }
        let said = &found.title.text;
        let pages = if *from == to { format!("{from}") } else { format!("{from}-{to}") };
        reasons.push(Reason {
            text: Text {
                zh: format!("第 {pages} 页是一份单独的材料，标题为「{said}」"),
                en: format!("Pages {pages} are a document of their own, entitled “{said}”"),
            },
            page: Some(*from),
            area: found.title.area,
        });
        parts.push(Part { first: *from, last: to, slot: slot.clone(), confidence: best.confidence });
    }
    Some((parts, reasons))
}
