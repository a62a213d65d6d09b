//! Contradictions and defects across a filing's documents, before a person submits it and while it is reviewed:
//! the same fact with different values, sums that do not add up, things that are missing or out of date. One cause
//! is one finding, however many documents repeat it. Called by the workspace and by the reviewers' page; it
//! changes nothing and blocks nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::Date;

use crate::{
    classify::Aside,
    fact::{Fact, Place},
    media,
    rule_pack::{RulePack, SlotId},
    text::Text,
};

mod consistency;
mod examination;
mod intake;
mod limits;
mod register;
mod rule;
mod statements;
mod timing;

pub use limits::{LISTING, Limits};
pub use rule::{Rule, Severity};

/// A document of the filing with what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FiledDocument {
    /// The caller's own name for it (an id or a path); given back in [`Source::document`].
    pub document: String,
    /// As people know it.
    pub file_name: String,
    pub slot: SlotId,
    pub facts: Vec<Fact>,
    /// Whether text could be read at all. Nothing is concluded from what an unread document does not say.
    pub read: bool,
}

/// A file that the intake did not place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldFile {
    /// Relative path in the folder.
    pub path: String,
    /// The slot that it would fill, if that is known from its name.
    pub slot: Option<SlotId>,
    pub held: Held,
}

/// Why it was not placed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "held", rename_all = "snake_case")]
pub enum Held {
    /// The inspection of uploads refused it.
    Problem { problem: media::Problem },
    /// A copy, a draft, or about another company.
    Aside { aside: Aside },
    /// A system or temporary file.
    Ignored,
}

/// What the examination looks at.
#[derive(Clone, Copy, Debug)]
pub struct Filing<'a> {
    /// Canonical values of the form, by field id; fields that are empty say nothing.
    pub fields: &'a BTreeMap<String, String>,
    pub documents: &'a [FiledDocument],
    pub held: &'a [HeldFile],
}

/// Something that a careful reviewer would raise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's name and a digest of what is at odds, such as `register_percent_sum-1f0c…`: the same after the
    /// documents are read again, another when a value changes, so that an explanation is kept exactly as long as it
    /// explains what is there.
    pub id: String,
    pub rule: Rule,
    pub severity: Severity,
    /// What is wrong, and where.
    pub message: Text,
    /// What to do.
    pub advice: Text,
    /// Side by side: the places that are at odds, the authoritative one first.
    pub sources: Vec<Source>,
    /// The slots concerned.
    pub slots: Vec<SlotId>,
}

/// One place that a finding rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// [`FiledDocument::document`], the path of a held file, or empty for a field of the form.
    pub document: String,
    /// The slot of the document; none for held files and fields.
    pub slot: Option<SlotId>,
    /// The field of the form, when the value stands there.
    pub field: Option<String>,
    pub place: Option<Place>,
    /// The value as printed; identity numbers are masked.
    pub said: String,
}

/// Examines a filing as of a day in China. Sorted by severity, then by rule.
#[must_use]
pub fn findings(pack: &RulePack, as_of: Date, filing: &Filing<'_>) -> Vec<Finding> {
    let mut examination = examination::Examination::new(pack, as_of, filing);
    intake::examine(&mut examination);
    consistency::examine(&mut examination);
    register::examine(&mut examination);
    statements::examine(&mut examination);
    timing::examine(&mut examination);
    examination.finish()
}

#[cfg(test)]
mod tests;
