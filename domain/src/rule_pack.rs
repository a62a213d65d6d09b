//! A rule pack is the versioned data that says what a filing consists of: fields, document slots, conditions,
//! limits and clocks. The exchange edits packs as TOML; the exact bytes are hashed and anchored, and a filing pins
//! the version it was made under. This module reads and checks packs; [`crate::field`] and
//! [`crate::completeness`] apply them. It knows nothing about particular documents.

use std::{fmt, sync::LazyLock};

use serde::{Deserialize, Serialize};
use time::Date;

pub use crate::source_error::{Problem, SourceError as RulePackError};
use crate::{actor::OrgKind, media, text::Text};

mod condition;
mod parse;
mod parse_field;
mod parse_slot;
mod versions;
mod vocabulary;

pub use condition::{Condition, ConditionError};
pub use versions::RulePackVersions;
pub(crate) use vocabulary::vocabulary;
pub use vocabulary::{Check, Party};

/// The bundled pack for listing applications.
pub const LISTING_2026_2: &str = include_str!("../data/rule_packs/listing-2026.2.toml");

/// One version of one kind of filing's rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulePack {
    /// The kind of filing, such as `listing`.
    pub id: String,
    /// `year.number`, such as `2026.2`.
    pub version: String,
    pub title: Text,
    /// Where the rules come from, and what is not official. Shown beside the title.
    pub source: Text,
    #[serde(with = "crate::calendar::iso")]
    pub effective_from: Date,
    /// Last day in force; open when absent.
    #[serde(default, with = "crate::calendar::iso::option")]
    pub effective_until: Option<Date>,
    pub clocks: ClockLimits,
    /// Boards of the market: free text in the national data model, so data here.
    pub boards: Vec<Board>,
    /// Parts of the form, in display order.
    pub sections: Vec<Section>,
    pub fields: Vec<FieldDefinition>,
    pub slots: Vec<Slot>,
    sha256: [u8; 32],
}

/// Time limits in working days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockLimits {
    /// Submission to acceptance, return or refusal.
    pub acceptance: u16,
    /// Acceptance to the decision.
    pub review: u16,
    /// Return for correction to the enterprise's resubmission.
    pub correction: u16,
    /// Inquiry to the enterprise's answer.
    pub inquiry_reply: u16,
}

/// A board of the market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Board {
    pub id: String,
    pub name: Text,
}

/// A part of the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    pub id: String,
    pub title: Text,
}

/// Whether something must be given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    Required,
    Optional,
    /// Required when the condition holds. While it does not, a slot is not asked for but may be filled.
    When(Condition),
}

/// One structured field of the application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldDefinition {
    pub id: String,
    /// Id of the [`Section`] it stands in.
    pub section: String,
    pub label: Text,
    pub help: Option<Text>,
    pub kind: FieldKind,
    pub requirement: Requirement,
    /// Characters, counted after normalising.
    pub max_length: u16,
    /// A neutral example; never a real company.
    pub placeholder: Option<Text>,
}

/// The kind of a field's value. Canonical forms are described at [`crate::field::normalise`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FieldKind {
    /// One line.
    Text,
    /// Several lines.
    LongText,
    /// GB 32100.
    CreditCode,
    /// An amount in renminbi, exact to the fen. `signed` allows losses.
    Money {
        signed: bool,
    },
    /// A number of shares.
    Shares,
    /// A number of things or people.
    Count,
    /// A calendar day in China.
    Date,
    /// 0 to 100, at most four decimals.
    Percent,
    /// One of the options.
    Choice {
        options: Vec<ChoiceOption>,
    },
    /// Mobile or fixed line in mainland China.
    Phone,
    Email,
}

/// One option of a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChoiceOption {
    /// What is stored.
    pub value: String,
    /// What is shown.
    pub label: Text,
}

/// The id of a document slot, such as `audit_report`: a lower-case word, stable over versions of the pack.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SlotId(String);

/// A place for one kind of document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    pub id: SlotId,
    /// The number in the list of materials, from 1.
    pub number: u16,
    pub name: Text,
    pub help: Text,
    /// Who makes, signs or issues it.
    pub from: Vec<Party>,
    /// Which kind of firm must attest it before submission.
    pub signs: Option<OrgKind>,
    pub requirement: Requirement,
    pub formats: Vec<media::Kind>,
    /// Bytes per file.
    pub max_bytes: u64,
    pub max_files: u16,
    /// Words that tell this kind of document from others.
    pub cues: Vec<String>,
    pub checks: Vec<Check>,
}

impl RulePack {
    /// Reads a pack. The hash is of exactly these bytes.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the lines; only the syntax errors while there are any.
    pub fn parse(text: &str) -> Result<Self, Vec<RulePackError>> {
        parse::parse(text)
    }

    /// The bundled pack for listing applications, [`LISTING_2026_2`].
    ///
    /// # Panics
    /// Never in a build whose tests passed: one of them reads this pack.
    #[must_use]
    pub fn listing() -> &'static Self {
        static PACK: LazyLock<RulePack> =
            LazyLock::new(|| RulePack::parse(LISTING_2026_2).expect("bundled rule pack"));
        &PACK
    }

    /// SHA-256 of the exact bytes it was parsed from.
    #[must_use]
    pub const fn sha256(&self) -> [u8; 32] {
        self.sha256
    }

    /// [`Self::sha256`] in lower-case hexadecimal.
    #[must_use]
    pub fn sha256_hex(&self) -> String {
        hex::encode(self.sha256)
    }

    /// Whether it is in force on `day` (a date in China).
    #[must_use]
    pub fn effective_on(&self, day: Date) -> bool {
        self.effective_from <= day && self.effective_until.is_none_or(|last| day <= last)
    }

    /// A field by id.
    #[must_use]
    pub fn field(&self, id: &str) -> Option<&FieldDefinition> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// A slot by id.
    #[must_use]
    pub fn slot(&self, id: &str) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.id.as_str() == id)
    }

    /// A board by id.
    #[must_use]
    pub fn board(&self, id: &str) -> Option<&Board> {
        self.boards.iter().find(|board| board.id == id)
    }

    /// Fields of one section, in display order.
    pub fn fields_in<'p>(&'p self, section: &'p str) -> impl Iterator<Item = &'p FieldDefinition> {
        self.fields.iter().filter(move |field| field.section == section)
    }

    /// Slots that a kind of firm attests.
    pub fn slots_signed_by(&self, kind: OrgKind) -> impl Iterator<Item = &Slot> {
        self.slots.iter().filter(move |slot| slot.signs == Some(kind))
    }
}

impl Requirement {
    /// Whether it is asked for, given the canonical field values.
    #[must_use]
    pub fn applies(&self, fields: &std::collections::BTreeMap<String, String>) -> bool {
        match self {
            Self::Required => true,
            Self::Optional => false,
            Self::When(condition) => condition.holds(fields),
        }
    }
}

impl FieldKind {
    /// The names as they stand in a pack.
    pub const NAMES: &[&str] = &[
        "text",
        "long_text",
        "credit_code",
        "money",
        "shares",
        "count",
        "date",
        "percent",
        "choice",
        "phone",
        "email",
    ];

    /// The name in the pack and in the API.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::LongText => "long_text",
            Self::CreditCode => "credit_code",
            Self::Money { .. } => "money",
            Self::Shares => "shares",
            Self::Count => "count",
            Self::Date => "date",
            Self::Percent => "percent",
            Self::Choice { .. } => "choice",
            Self::Phone => "phone",
            Self::Email => "email",
        }
    }

    /// Whether values compare as numbers.
    #[must_use]
    pub const fn is_number(&self) -> bool {
        matches!(self, Self::Money { .. } | Self::Shares | Self::Count | Self::Percent)
    }
}

impl Slot {
    /// The `accept` attribute of a file input: extensions and media types.
    #[must_use]
    pub fn accept(&self) -> String {
        let mut parts: Vec<&str> = Vec::new();
        for kind in &self.formats {
            parts.extend(kind.extensions());
            parts.push(kind.media_type());
        }
        let dotted: Vec<String> = parts
            .into_iter()
            .map(|part| if part.contains('/') { part.to_owned() } else { format!(".{part}") })
            .collect();
        dotted.join(",")
    }
}

impl SlotId {
    /// Reads an id: a lower-case letter, then lower-case letters, digits and underscores, 64 at most.
    #[must_use]
    pub fn new(id: &str) -> Option<Self> {
        is_id(id).then(|| Self(id.to_owned()))
    }

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_id(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

impl fmt::Display for SlotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SlotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SlotId({})", self.0)
    }
}

impl TryFrom<String> for SlotId {
    type Error = String;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text).ok_or_else(|| format!("`{text}` is not a slot id"))
    }
}

impl From<SlotId> for String {
    fn from(id: SlotId) -> Self {
        id.0
    }
}

impl AsRef<str> for SlotId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for SlotId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests;
