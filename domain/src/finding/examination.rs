//! What the rules share: the filing's facts by document, which document speaks with most authority, and how a finding
//! is put together.

use sha2::{Digest, Sha256};
use time::Date;

use super::{FiledDocument, Filing, Finding, Limits, Rule, Severity, Source};
use crate::{
    fact::{Fact, FactKey},
    field::iso_date,
    resident_id,
    rule_pack::{RulePack, SlotId},
    text::Text,
};

/// Facts from recognised pages are below this: names among them are not compared.
pub(super) const CERTAIN: u8 = 80;

/// The examination of one filing.
pub(super) struct Examination<'a> {
    pub(super) pack: &'a RulePack,
    pub(super) as_of: Date,
    pub(super) filing: &'a Filing<'a>,
    pub(super) limits: &'static Limits,
    found: Vec<Finding>,
}

/// A fact with its document.
#[derive(Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) document: &'a FiledDocument,
    pub(super) fact: &'a Fact,
}

/// Who speaks first when documents disagree.
const AUTHORITY: &[&str] = &[
    "business_licence",
    "audit_report",
    "shareholder_register",
    "application_letter",
    "articles_of_association",
    "company_overview",
    "legal_opinion",
    "recommendation_agreement",
    "listing_agreement",
    "custody_agreement",
    "recommendation_opinion",
    "due_diligence_report",
];

impl<'a> Examination<'a> {
    pub(super) fn new(pack: &'a RulePack, as_of: Date, filing: &'a Filing<'a>) -> Self {
        Self { pack, as_of, filing, limits: Limits::listing(), found: Vec::new() }
    }

    /// The findings, the most serious first.
    pub(super) fn finish(mut self) -> Vec<Finding> {
        self.found.sort_by(|a, b| (a.severity, a.rule, &a.id).cmp(&(b.severity, b.rule, &b.id)));
        self.found.dedup_by(|a, b| a.id == b.id);
        self.found
    }

    pub(super) fn has(&self, rule: Rule) -> bool {
        self.found.iter().any(|finding| finding.rule == rule)
    }

    pub(super) fn found(&self, rule: Rule) -> impl Iterator<Item = &Finding> {
        self.found.iter().filter(move |finding| finding.rule == rule)
    }

    /// Documents of a slot.
    pub(super) fn documents(&self, slot: &'a str) -> impl Iterator<Item = &'a FiledDocument> {
        self.filing.documents.iter().filter(move |document| document.slot.as_str() == slot)
    }

    /// What all documents say of a key, by authority.
    pub(super) fn said(&self, key: FactKey) -> Vec<Said<'a>> {
        let mut said: Vec<Said<'a>> = self
            .filing
            .documents
            .iter()
            .flat_map(|document| document.facts.iter().map(move |fact| Said { document, fact }))
            .filter(|said| said.fact.key == key)
            .collect();
        said.sort_by_key(|said| rank(&said.document.slot));
        said
    }

    /// What a slot's documents say of a key.
    pub(super) fn said_in(&self, slot: &str, key: FactKey) -> Vec<Said<'a>> {
        self.said(key).into_iter().filter(|said| said.document.slot.as_str() == slot).collect()
    }

    /// The day of application: the field, else the letter, else the day of the examination.
    pub(super) fn application_date(&self) -> Date {
        self.filing
            .fields
            .get("application_date")
            .and_then(|day| iso_date(day))
            .or_else(|| {
                self.said_in("application_letter", FactKey::DocumentDate)
                    .first()
                    .and_then(|said| iso_date(&said.fact.value))
            })
            .unwrap_or(self.as_of)
    }

    /// The name of a slot in both languages.
    pub(super) fn slot_name(&self, slot: &SlotId) -> Text {
        self.pack.slot(slot.as_str()).map_or_else(
            || Text { zh: slot.as_str().to_owned(), en: slot.as_str().to_owned() },
            |slot| slot.name.clone(),
        )
    }

    /// Adds a finding. `values` are what is at odds: they and the rule make its id.
    #[allow(clippy::too_many_arguments, reason = "the fields of a finding")]
    pub(super) fn add(
        &mut self,
        rule: Rule,
        severity: Severity,
        values: &[&str],
        message: (String, String),
        advice: (&str, &str),
        sources: Vec<Source>,
        slots: &[&SlotId],
    ) {
        let mut sorted: Vec<&str> = values.to_vec();
        sorted.sort_unstable();
        let mut digest = Sha256::new();
        for value in sorted {
            digest.update(value.as_bytes());
            digest.update([0]);
        }
        let id = format!("{}-{}", rule.name(), &hex::encode(digest.finalize())[..16]);
        let mut unique: Vec<SlotId> = Vec::new();
        for slot in slots {
            if !unique.contains(slot) {
                unique.push((*slot).clone());
            }
        }
        self.found.push(Finding {
            id,
            rule,
            severity,
            message: Text { zh: message.0, en: message.1 },
            advice: Text { zh: advice.0.to_owned(), en: advice.1.to_owned() },
            sources,
            slots: unique,
        });
    }
}

fn rank(slot: &SlotId) -> usize {
    AUTHORITY.iter().position(|id| *id == slot.as_str()).unwrap_or(AUTHORITY.len())
}

impl Said<'_> {
    /// The place as a source; identity numbers are masked.
    pub(super) fn source(&self) -> Source {
        let said = if self.fact.key.is_personal() && !self.fact.value.starts_with('9') {
            resident_id::mask(&self.fact.value)
        } else {
            self.fact.said.clone()
        };
        Source {
            document: self.document.document.clone(),
            slot: Some(self.document.slot.clone()),
            field: None,
            place: Some(self.fact.place.clone()),
            said,
        }
    }

    pub(super) fn date(&self) -> Option<Date> {
        iso_date(&self.fact.value)
    }
}

/// A document as a whole, as a source.
pub(super) fn whole(document: &FiledDocument) -> Source {
    Source {
        document: document.document.clone(),
        slot: Some(document.slot.clone()),
        field: None,
        place: None,
        said: document.file_name.clone(),
    }
}
