//! Sorts the files of a folder into the slots of a rule pack without any training: cues over name, folders, title
//! lines, body and structure, as data in `data/classifier`. The intake calls [`classify`] for every file once it is
//! read, then [`settle`] and [`set_aside`] for the folder as a whole. It proposes; whatever is not certain is for a person to confirm,
//! because a document in the wrong slot costs more than a question.

use serde::{Deserialize, Serialize};

use crate::{
    reading::{Area, Reading},
    rule_pack::{RulePack, SlotId},
    text::Text,
    transcript::Transcript,
};

mod aside;
mod card;
mod contents;
mod cues;
mod evidence;
mod junk;
mod split;
mod title;

pub use aside::{is_about, plainness, set_aside};
pub use card::settle;
pub use cues::{Cues, LISTING};

/// What a file seems to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Classification {
    pub verdict: Verdict,
    /// 0 to 100; at least [`SURE`] exactly when the verdict needs no confirmation.
    pub confidence: u8,
    /// The next best slot, when there is one.
    pub runner_up: Option<Candidate>,
    /// Why, the weightiest first.
    pub reasons: Vec<Reason>,
}

/// Below this a verdict is [`Verdict::Unsure`].
pub const SURE: u8 = 70;

/// The answer of [`classify`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Belongs there.
    Slot { slot: SlotId },
    /// Two or more documents in one file, in the order of their pages.
    Split { parts: Vec<Part> },
    /// A person has to say; the best proposals first, none when nothing speaks for any slot.
    Unsure { candidates: Vec<Candidate> },
    /// No document of the filing.
    Ignore { why: Ignored },
}

/// A slot and what speaks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub slot: SlotId,
    /// 0 to 100.
    pub confidence: u8,
}

/// One document within a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// First and last page, from 1, inclusive.
    pub first: u32,
    pub last: u32,
    pub slot: SlotId,
    pub confidence: u8,
}

/// Why a file is no document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ignored {
    /// Made by an operating system: `.DS_Store`, `Thumbs.db`, `desktop.ini`, `__MACOSX`.
    System,
    /// Left behind by a program: `~$…`, `*.tmp`, `*.bak`.
    Temporary,
    /// A list of the pack's documents, which no slot asks for.
    Contents,
}

/// One reason, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    pub text: Text,
    /// The page it was seen on; none for names and folders.
    pub page: Option<u32>,
    pub area: Option<Area>,
}

/// A classified file of a folder, for [`set_aside`].
#[derive(Clone, Debug)]
pub struct Sorted<'a> {
    /// Relative path within the folder.
    pub path: &'a str,
    /// Of the bytes; equal digests are the same file.
    pub sha256: &'a [u8; 32],
    pub classification: &'a Classification,
    pub reading: Option<&'a Reading>,
}

/// Why a file that could fill a slot is set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Aside {
    /// The same bytes as the file at `of`, which stays.
    Duplicate { of: String },
    /// A draft; the finished one is at `by`.
    Superseded { by: String },
    /// About another company. `name` and `code` are as printed, empty when not found.
    OtherCompany { name: String, code: String },
}

/// Says what a file is. `path` is relative to the folder that was dropped; without a reading only names speak, and the
/// answer is at best a proposal.
#[must_use]
pub fn classify(pack: &RulePack, path: &str, size: u64, reading: Option<&Reading>) -> Classification {
    if let Some((why, text)) = junk::junk(path) {
        return ignored(why, vec![Reason { text, page: None, area: None }]);
    }
    let cues = Cues::for_pack(pack);
    // Of an empty file only the name says what it should have been.
    let Some(reading) = reading.filter(|_| size > 0) else {
        return verdict(&evidence::Evidence::of_name(cues, path));
    };
    let transcript = Transcript::of(reading);
    if let Some(reason) = contents::contents(cues, &transcript) {
        return ignored(Ignored::Contents, vec![reason]);
    }
    let whole = evidence::Evidence::of(cues, path, &transcript);
    if let Some((parts, reasons)) = split::split(cues, reading) {
        let confidence = parts.iter().map(|part| part.confidence).min().unwrap_or(0);
        return Classification { verdict: Verdict::Split { parts }, confidence, runner_up: None, reasons };
    }
    let classification = verdict(&whole);
    let seems_card =
        matches!(&classification.verdict, Verdict::Slot { slot } if card::SLOTS.contains(&slot.as_str()));
    if seems_card && card::is_bare(&transcript) { card::open(classification, path) } else { classification }
}

fn ignored(why: Ignored, reasons: Vec<Reason>) -> Classification {
    Classification { verdict: Verdict::Ignore { why }, confidence: 100, runner_up: None, reasons }
}

fn verdict(evidence: &evidence::Evidence<'_>) -> Classification {
    let candidates = evidence.candidates();
    let reasons = evidence.reasons();
    let runner_up = candidates.get(1).cloned();
    match candidates.first() {
        Some(best) if best.confidence >= SURE => Classification {
            confidence: best.confidence,
            verdict: Verdict::Slot { slot: best.slot.clone() },
            runner_up,
            reasons,
        },
        best => Classification {
            confidence: best.map_or(0, |best| best.confidence),
            runner_up,
            reasons,
            verdict: Verdict::Unsure { candidates },
        },
    }
}

#[cfg(test)]
mod arbitrary;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod third_pack;
