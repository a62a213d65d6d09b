//! Identity cards. A picture of a card says whose it is, not what for: the legal representative's and the agent's look the
//! same. Alone it is a question for a person; beside the other documents of the folder, the number on it answers.

use super::{Candidate, Classification, Reason, Sorted, Verdict};
use crate::{
    fact::{self, Fact, FactKey},
    reading::Reading,
    rule_pack::SlotId,
    text::Text,
    transcript::{Transcript, fold},
};

const LEGAL: &str = "legal_rep_id";
const AGENT: &str = "agent_id_authorization";
/// The slots that take a card.
pub(super) const SLOTS: [&str; 2] = [LEGAL, AGENT];
/// Confidence of a card whose number stands in another document.
const NUMBER: u8 = 92;
/// Of one whose name does.
const NAME: u8 = 82;

/// Whether a document is a card and nothing else: no letter, no authorisation.
pub(super) fn is_bare(transcript: &Transcript) -> bool {
    let text = transcript.text.as_str();
    let card = ["居民身份证", "公民身份号码", "公民身份号"].iter().any(|word| text.contains(word));
    let letter = ["证明书", "授权", "特此证明", "现任", "法定代表人", "委托", "复印件"]
        .iter()
        .any(|word| text.contains(word));
    card && !letter && transcript.rows.len() <= 40
}

/// Leaves the question open, unless the path answers it.
pub(super) fn open(classification: Classification, path: &str) -> Classification {
    let path = fold(path);
    let says = |words: &[&str]| words.iter().any(|word| path.contains(word));
    let (legal, agent) = (says(&["法定代表人", "法人", "法代"]), says(&["经办", "受托", "代理人", "代办"]));
    let (Some(legal_slot), Some(agent_slot)) = (SlotId::new(LEGAL), SlotId::new(AGENT)) else {
        return classification;
    };
    let reason = |zh: &str, en: &str| Reason {
        text: Text { zh: zh.to_owned(), en: en.to_owned() },
        page: None,
        area: None,
    };
    let mut reasons = classification.reasons;
    match (legal, agent) {
        (true, false) => {
            reasons.insert(
                0,
                reason(
                    "文件名或文件夹名写明是法定代表人的身份证",
                    "The path says that it is the legal representative's card",
                ),
            );
            placed(legal_slot, NAME, reasons)
        }
        (false, true) => {
            reasons.insert(
                0,
                reason("文件名或文件夹名写明是经办人的身份证", "The path says that it is the agent's card"),
            );
            placed(agent_slot, NAME, reasons)
        }
        _ => {
            reasons.insert(
                0,
                reason(
                    "这是一张身份证，但没有写明是法定代表人的还是经办人的",
                    "An identity card; whether the legal representative's or the agent's is not said",
                ),
            );
            let candidates = [legal_slot, agent_slot].map(|slot| Candidate { slot, confidence: 50 });
            Classification {
                confidence: 50,
                runner_up: candidates.get(1).cloned(),
                verdict: Verdict::Unsure { candidates: candidates.to_vec() },
                reasons,
            }
        }
    }
}

fn placed(slot: SlotId, confidence: u8, reasons: Vec<Reason>) -> Classification {
    Classification { verdict: Verdict::Slot { slot }, confidence, runner_up: None, reasons }
}

/// Answers open questions of single files from the folder as a whole: whose card a card is. Gives a new classification
/// for each file that it settles, by index into `files`.
#[must_use]
pub fn settle(files: &[Sorted<'_>]) -> Vec<(usize, Classification)> {
    let cards: Vec<(usize, &Reading)> = files
        .iter()
        .enumerate()
        .filter(|(_, file)| matches!(file.classification.verdict, Verdict::Unsure { .. }))
        .filter_map(|(index, file)| Some((index, file.reading?)))
        .filter(|(_, reading)| is_bare(&Transcript::of(reading)))
        .collect();
    if cards.is_empty() {
        return Vec::new();
    }
    let known = Known::of(files);
    cards
        .into_iter()
        .filter_map(|(index, reading)| Some((index, known.owner(files[index].classification, reading)?)))
        .collect()
}

/// What the other documents say of the two persons.
struct Known {
    agents: Vec<Fact>,
    holders: Vec<(String, String)>,
    legal: Vec<Fact>,
}

impl Known {
    fn of(files: &[Sorted<'_>]) -> Self {
        let mut known = Self { agents: Vec::new(), holders: Vec::new(), legal: Vec::new() };
        for file in files {
            let (Verdict::Slot { slot }, Some(reading)) = (&file.classification.verdict, file.reading) else {
                continue;
            };
            let wanted = [
                AGENT,
                LEGAL,
                "shareholder_register",
                "application_letter",
                "business_licence",
                "company_overview",
                "recommendation_agreement",
                "credit_tax_social",
            ];
            if !wanted.contains(&slot.as_str()) {
                continue;
            }
            let facts = fact::facts(slot, reading);
            for name in facts.iter().filter(|fact| fact.key == FactKey::HolderName) {
                let id = facts.iter().find(|fact| fact.key == FactKey::HolderId && fact.entry == name.entry);
                known.holders.extend(id.map(|id| (name.value.clone(), id.value.clone())));
            }
            let agent = |fact: &&Fact| matches!(fact.key, FactKey::Agent | FactKey::AgentIdNumber);
            known.agents.extend(facts.iter().filter(agent).cloned());
            let legal = |fact: &&Fact| {
                fact.key == FactKey::LegalRepresentative
                    || (slot.as_str() == LEGAL && fact.key == FactKey::IdNumber)
            };
            known.legal.extend(facts.iter().filter(legal).cloned());
        }
        known
    }

    fn owner(&self, classification: &Classification, reading: &Reading) -> Option<Classification> {
        let slot = SlotId::new(LEGAL)?;
        let facts = fact::facts(&slot, reading);
        let said = |key: FactKey| facts.iter().find(|fact| fact.key == key).map(|fact| fact.value.as_str());
        let (id, name) = (said(FactKey::IdNumber), said(FactKey::LegalRepresentative));
        let speaks = |facts: &[Fact], value: Option<&str>| {
            value.is_some_and(|value| facts.iter().any(|fact| fact.value == value))
        };
        // The number may stand beside the representative's name in the register.
        let registered = id.is_some_and(|id| {
            self.holders
                .iter()
                .any(|(name, other)| other == id && self.legal.iter().any(|legal| legal.value == *name))
        });
        let (agent_id, agent_name) = (speaks(&self.agents, id), speaks(&self.agents, name));
        let (legal_id, legal_name) = (speaks(&self.legal, id) || registered, speaks(&self.legal, name));
        let (slot, confidence, zh, en) = match ((legal_id, agent_id), (legal_name, agent_name)) {
            ((true, false), _) => (
                LEGAL,
                NUMBER,
                "身份证号码与其他材料中法定代表人的一致",
                "The number is the legal representative's in other documents",
            ),
            ((false, true), _) => (
                AGENT,
                NUMBER,
                "身份证号码与授权委托书中经办人的一致",
                "The number is the agent's in the authorisation",
            ),
            ((false, false), (true, false)) => (
                LEGAL,
                NAME,
                "姓名与其他材料中的法定代表人一致",
                "The name is the legal representative's in other documents",
            ),
            ((false, false), (false, true)) => (
                AGENT,
                NAME,
                "姓名与授权委托书中的经办人一致",
                "The name is the agent's in the authorisation",
            ),
            _ => return None,
        };
        let mut reasons =
            vec![Reason { text: Text { zh: zh.to_owned(), en: en.to_owned() }, page: None, area: None }];
        // What was open is answered: the first reason said that it was.
        reasons.extend(classification.reasons.iter().skip(1).cloned());
        Some(placed(SlotId::new(slot)?, confidence, reasons))
    }
}
