//! The list of a pack's documents: it names every kind of document, hence would fit every slot, and fits none.

use super::{Reason, cues::Cues};
use crate::{text::Text, transcript::Transcript};

/// So many different kinds of document named in short entries make a list of documents.
const KINDS: usize = 8;
/// A list of documents is short; a report with chapters on everything is not.
const ROWS: usize = 90;
/// Characters of an entry, its number and remarks included.
const ENTRY: usize = 30;

/// The reason to take a document for a list of documents, or `None`.
pub(super) fn contents(cues: &Cues, transcript: &Transcript) -> Option<Reason> {
    if transcript.rows.len() > ROWS || transcript.rows.is_empty() {
        return None;
    }
    let titled = transcript.rows.iter().take(4).find(|row| {
        let text = row.text();
        text.chars().count() <= 40 && cues.contents.iter().any(|title| text.contains(title.as_str()))
    });
    let names = |entry: &str| {
        cues.slots.iter().position(|slot| slot.titles.iter().any(|title| entry.contains(title.as_str())))
    };
    let mut kinds: Vec<usize> = transcript
        .rows
        .iter()
        .filter_map(|row| {
            let text = row.text();
            if text.chars().count() > ENTRY { None } else { names(&text) }
        })
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    let wanted = if titled.is_some() { KINDS / 2 } else { KINDS };
    if kinds.len() < wanted {
        return None;
    }
    let row = titled.or_else(|| transcript.rows.first())?;
    let (title, count) = (row.text(), kinds.len());
    Some(Reason {
        text: Text {
            zh: format!("「{title}」逐行列出 {count} 类材料的名称，是目录，不是其中任何一份"),
            en: format!(
                "“{title}” lists {count} kinds of documents line by line: a table of contents, not one of them"
            ),
        },
        page: Some(row.page),
        area: row.area,
    })
}
