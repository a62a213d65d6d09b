//! What is still missing before an application can be submitted: fields, documents and attestations, measured
//! against the rule pack that the filing pins. Called whenever the workspace is shown, and again inside the
//! submission, where it decides. It does not read documents; their content is checked elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    actor::OrgKind,
    field::{self, FieldError, FieldProblem, FieldWarning},
    locale::Locale,
    media,
    rule_pack::{RulePack, Slot, SlotId},
    text::Text,
};

/// What is known of one document in a slot (its current version).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocFact {
    /// As shown to people.
    pub file_name: String,
    /// As found by [`media::inspect`].
    pub kind: media::Kind,
    /// Size in bytes.
    pub bytes: u64,
}

/// A field that must be given and is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingField {
    pub id: String,
    pub section: String,
    pub label: Text,
}

/// A slot that must be filled and is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingSlot {
    pub id: SlotId,
    pub number: u16,
    pub name: Text,
}

/// A filled slot whose firm has not attested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnattestedSlot {
    pub id: SlotId,
    pub number: u16,
    pub name: Text,
    /// The kind of firm that has to.
    pub signer: OrgKind,
}

/// A document that does not fit its slot (uploads refuse these; a filing moved to another pack version may hold some).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotError {
    pub slot: String,
    /// Its name, or the id when the pack has no such slot.
    pub name: Text,
    pub problem: SlotProblem,
}

/// Why a document does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum SlotProblem {
    /// The pack has no such slot.
    Unknown,
    Format {
        file_name: String,
        found: media::Kind,
        allowed: Vec<media::Kind>,
    },
    TooLarge {
        file_name: String,
        bytes: u64,
        max_bytes: u64,
    },
    TooManyFiles {
        found: usize,
        max: u16,
    },
}

/// The answer. Lists are in the order of the pack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completeness {
    pub missing_fields: Vec<MissingField>,
    pub field_errors: Vec<FieldError>,
    pub missing_slots: Vec<MissingSlot>,
    pub slot_errors: Vec<SlotError>,
    pub unattested_slots: Vec<UnattestedSlot>,
    /// Worth a second look; nothing here stops a submission.
    pub warnings: Vec<FieldWarning>,
    /// Of `total`, how many required fields, slots and attestations are in order.
    pub done: usize,
    /// Required fields, slots and attestations; at most what applies to these answers.
    pub total: usize,
}

/// Measures an application against its pack. `fields` are values as saved; `present` the current documents by
/// slot; `attested` the slots whose *current* documents the right firm attested.
#[must_use]
pub fn check(
    pack: &RulePack,
    fields: &BTreeMap<String, String>,
    present: &BTreeMap<SlotId, Vec<DocFact>>,
    attested: &BTreeSet<SlotId>,
) -> Completeness {
    let mut result = Completeness::default();
    let canonical = result.check_fields(pack, fields);
    for slot in &pack.slots {
        let documents = present.get(&slot.id).map_or(&[][..], Vec::as_slice);
        result.check_slot(slot, documents, &canonical, attested.contains(&slot.id));
    }
    for id in present.keys().filter(|id| pack.slot(id.as_str()).is_none()) {
        let name = Text { zh: id.to_string(), en: id.to_string() };
        result.slot_errors.push(SlotError { slot: id.to_string(), name, problem: SlotProblem::Unknown });
    }
    result
}

impl Completeness {
    /// Everything is there: it may be submitted.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.is_ready_for_attestation() && self.unattested_slots.is_empty()
    }

    /// Fields and documents are there; only attestations may be missing.
    #[must_use]
    pub fn is_ready_for_attestation(&self) -> bool {
        self.missing_fields.is_empty()
            && self.field_errors.is_empty()
            && self.missing_slots.is_empty()
            && self.slot_errors.is_empty()
    }

    /// 0 to 100, rounded down: 100 only when nothing counted is missing.
    #[must_use]
    pub fn percent(&self) -> u8 {
        if self.total == 0 {
            return 100;
        }
        u8::try_from(self.done * 100 / self.total).unwrap_or(100)
    }

    fn count(&mut self, good: bool) {
        self.total += 1;
        self.done += usize::from(good);
    }

    /// Gives the canonical values of the fields that can be read: conditions are decided on these.
    fn check_fields(
        &mut self,
        pack: &RulePack,
        fields: &BTreeMap<String, String>,
    ) -> BTreeMap<String, String> {
        let mut canonical = BTreeMap::new();
        let mut failed = BTreeSet::new();
        for definition in &pack.fields {
            let raw = fields.get(&definition.id).map_or("", String::as_str);
            match field::normalise(definition, raw) {
                Ok(read) => {
                    self.warnings.extend(read.warning);
                    canonical.insert(definition.id.clone(), read.value);
                }
                Err(error) => {
                    failed.insert(definition.id.as_str());
                    self.field_errors.push(error);
                }
            }
        }
        for definition in &pack.fields {
            if !definition.requirement.applies(&canonical) {
                continue;
            }
            let given = canonical.get(&definition.id).is_some_and(|value| !value.is_empty());
            self.count(given);
            if !given && !failed.contains(definition.id.as_str()) {
                self.missing_fields.push(MissingField {
                    id: definition.id.clone(),
                    section: definition.section.clone(),
                    label: definition.label.clone(),
                });
            }
        }
        for (id, value) in fields {
            if !value.is_empty() && pack.field(id).is_none() {
                let label = Text { zh: id.clone(), en: id.clone() };
                self.field_errors.push(FieldError {
                    field: id.clone(),
                    label,
                    problem: FieldProblem::Unknown,
                });
            }
        }
        canonical
    }

    fn check_slot(
        &mut self,
        slot: &Slot,
        documents: &[DocFact],
        fields: &BTreeMap<String, String>,
        attested: bool,
    ) {
        let required = slot.requirement.applies(fields);
        let problems = slot.problems(documents);
        if required {
            self.count(!documents.is_empty() && problems.is_empty());
        }
        self.slot_errors.extend(problems.into_iter().map(|problem| SlotError {
            slot: slot.id.to_string(),
            name: slot.name.clone(),
            problem,
        }));
        if documents.is_empty() {
            if required {
                self.missing_slots.push(MissingSlot {
                    id: slot.id.clone(),
                    number: slot.number,
                    name: slot.name.clone(),
                });
            }
            // Still counted below: an attestation of nothing is work to do, but the missing document is the cause.
            if required && slot.signs.is_some() {
                self.count(false);
            }
            return;
        }
        if let Some(signer) = slot.signs {
            self.count(attested);
            if !attested {
                self.unattested_slots.push(UnattestedSlot {
                    id: slot.id.clone(),
                    number: slot.number,
                    name: slot.name.clone(),
                    signer,
                });
            }
        }
    }
}

impl Slot {
    /// What keeps these documents from this slot.
    #[must_use]
    pub fn problems(&self, documents: &[DocFact]) -> Vec<SlotProblem> {
        let mut problems = Vec::new();
        if documents.len() > usize::from(self.max_files) {
            problems.push(SlotProblem::TooManyFiles { found: documents.len(), max: self.max_files });
        }
        for document in documents {
            let file_name = document.file_name.clone();
            if !self.formats.contains(&document.kind) {
                let (found, allowed) = (document.kind, self.formats.clone());
                problems.push(SlotProblem::Format { file_name, found, allowed });
            } else if document.bytes > self.max_bytes {
                let (bytes, max_bytes) = (document.bytes, self.max_bytes);
                problems.push(SlotProblem::TooLarge { file_name, bytes, max_bytes });
            }
        }
        problems
    }
}

impl SlotError {
    /// Stable code for locale files and the API.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.problem {
            SlotProblem::Unknown => "slot.unknown",
            SlotProblem::Format { .. } => "slot.format",
            SlotProblem::TooLarge { .. } => "slot.too_large",
            SlotProblem::TooManyFiles { .. } => "slot.too_many_files",
        }
    }

    /// Where, what is wrong, and what to do.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        let name = self.name.get(locale);
        match (&self.problem, locale) {
            (SlotProblem::Unknown, Locale::Zh) => {
                format!("{name}：本规则包没有这个材料槽位。请移到其他槽位或删除。")
            }
            (SlotProblem::Unknown, Locale::En) => {
                format!("{name}: this rule pack has no such slot. Move the document or remove it.")
            }
            (SlotProblem::Format { file_name, found, allowed }, Locale::Zh) => format!(
                "{name}：文件“{file_name}”为 {}，此处只收 {}。请转换后重新上传。",
                found.label(locale),
                media::labels(allowed, locale)
            ),
            (SlotProblem::Format { file_name, found, allowed }, Locale::En) => format!(
                "{name}: “{file_name}” is {}; this slot takes {}. Convert it and upload it again.",
                found.label(locale),
                media::labels(allowed, locale)
            ),
            (SlotProblem::TooLarge { file_name, bytes, max_bytes }, Locale::Zh) => format!(
                "{name}：文件“{file_name}”有 {}，上限 {}。请压缩或拆分后重新上传。",
                media::size_label(*bytes),
                media::size_label(*max_bytes)
            ),
            (SlotProblem::TooLarge { file_name, bytes, max_bytes }, Locale::En) => format!(
                "{name}: “{file_name}” has {}, the limit is {}. Compress or split it and upload it again.",
                media::size_label(*bytes),
                media::size_label(*max_bytes)
            ),
            (SlotProblem::TooManyFiles { found, max }, Locale::Zh) => {
                format!("{name}：最多 {max} 个文件，现有 {found} 个。请合并或删除多余的文件。")
            }
            (SlotProblem::TooManyFiles { found, max }, Locale::En) => {
                format!("{name}: at most {max} files, there are {found}. Merge or remove some.")
            }
        }
    }
}

#[cfg(test)]
mod tests;
