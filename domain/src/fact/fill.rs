//! Proposals for the form's fields: which fact answers which field, and whose word counts most. The licence speaks for the
//! company, the audit report for the figures, the application for what is applied for.

use super::{Fact, FactKey as Key, Period, Proposal, ProposalSource};
use crate::{
    field::normalise,
    rule_pack::{FieldDefinition, RulePack, SlotId},
};

/// A field, the fact that answers it, and the slots in order of authority; other slots follow.
struct Answer {
    field: &'static str,
    key: Key,
    period: Wanted,
    slots: &'static [&'static str],
    /// Only these slots speak of it.
    only: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    None,
    /// The latest full year.
    LastYear,
    /// The latest period's end.
    Latest,
}

const COMPANY: &[&str] = &[
    "business_licence",
    "articles_of_association",
    "audit_report",
    "application_letter",
    "company_overview",
    "credit_tax_social",
    "legal_opinion",
];
const FIGURES: &[&str] = &[
    "audit_report",
    "company_overview",
    "recommendation_opinion",
    "due_diligence_report",
    "application_letter",
];
const APPLICATION: &[&str] = &["application_letter", "company_overview", "recommendation_opinion"];

const fn answer(field: &'static str, key: Key, slots: &'static [&'static str]) -> Answer {
    Answer { field, key, period: Wanted::None, slots, only: false }
}

const fn figure(field: &'static str, key: Key, period: Wanted) -> Answer {
    Answer { field, key, period, slots: FIGURES, only: false }
}

const fn from(field: &'static str, key: Key, slots: &'static [&'static str]) -> Answer {
    Answer { field, key, period: Wanted::None, slots, only: true }
}

const ANSWERS: &[Answer] = &[
    answer("company_name", Key::CompanyName, COMPANY),
    from(
        "short_name",
        Key::ShortName,
        &["short_name_code_request", "company_overview", "application_letter"],
    ),
    answer("credit_code", Key::CreditCode, COMPANY),
    answer("company_type", Key::CompanyType, COMPANY),
    answer("registered_capital", Key::RegisteredCapital, COMPANY),
    answer("paid_in_capital", Key::PaidInCapital, &["audit_report", "company_overview"]),
    answer("established_date", Key::Established, COMPANY),
    answer(
        "converted_date",
        Key::Converted,
        &["application_letter", "company_overview", "legal_opinion", "recommendation_opinion"],
    ),
    answer(
        "legal_representative",
        Key::LegalRepresentative,
        &["business_licence", "credit_tax_social", "application_letter", "company_overview", "legal_opinion"],
    ),
    answer(
        "actual_controller",
        Key::ActualController,
        &["company_overview", "application_letter", "legal_opinion"],
    ),
    from(
        "registered_address",
        Key::Address,
        &[
            "business_licence",
            "articles_of_association",
            "application_letter",
            "company_overview",
            "legal_opinion",
        ],
    ),
    answer("industry", Key::Industry, APPLICATION),
    answer("main_business", Key::MainBusiness, APPLICATION),
    from("application_date", Key::DocumentDate, &["application_letter"]),
    from("resolution_date", Key::DocumentDate, &["shareholder_resolution"]),
    answer(
        "share_total",
        Key::TotalShares,
        &["shareholder_register", "application_letter", "company_overview"],
    ),
    from(
        "holder_count",
        Key::HolderCount,
        &[
            "shareholder_register",
            "company_overview",
            "application_letter",
            "legal_opinion",
            "recommendation_opinion",
        ],
    ),
    answer(
        "sponsor_name",
        Key::Sponsor,
        &["recommendation_agreement", "recommendation_opinion", "application_letter"],
    ),
    answer("accounting_firm_name", Key::Auditor, &["audit_report", "application_letter", "company_overview"]),
    answer("law_firm_name", Key::LawFirm, &["legal_opinion", "application_letter", "company_overview"]),
    answer("audit_opinion", Key::AuditOpinion, &["audit_report", "company_overview", "application_letter"]),
    answer(
        "audit_report_number",
        Key::AuditReportNumber,
        &["audit_report", "company_overview", "application_letter"],
    ),
    answer("audit_verification_code", Key::VerificationCode, &["audit_report", "company_overview"]),
    Answer {
        field: "audit_period_end",
        key: Key::PeriodEnd,
        period: Wanted::Latest,
        slots: &["audit_report"],
        only: true,
    },
    figure("revenue_last_year", Key::Revenue, Wanted::LastYear),
    figure("net_profit_last_year", Key::NetProfit, Wanted::LastYear),
    figure("total_assets", Key::TotalAssets, Wanted::Latest),
    figure("total_liabilities", Key::TotalLiabilities, Wanted::Latest),
    figure("equity", Key::Equity, Wanted::Latest),
    answer("contact_person", Key::ContactPerson, &["application_letter", "company_overview"]),
    answer("contact_phone", Key::ContactPhone, &["application_letter", "company_overview"]),
    answer("contact_email", Key::ContactEmail, &["company_overview", "application_letter"]),
];

/// Below this a proposal has to be confirmed one by one.
const UNAMBIGUOUS: u8 = 70;

pub(super) fn fill(pack: &RulePack, documents: &[(SlotId, Vec<Fact>)]) -> Vec<Proposal> {
    let mut proposals: Vec<Proposal> =
        ANSWERS.iter().filter_map(|answer| propose(pack.field(answer.field)?, answer, documents)).collect();
    choices(pack, documents, &mut proposals);
    let order = |proposal: &Proposal| pack.fields.iter().position(|field| field.id == proposal.field);
    proposals.sort_by_key(order);
    proposals
}

fn propose(field: &FieldDefinition, answer: &Answer, documents: &[(SlotId, Vec<Fact>)]) -> Option<Proposal> {
    let period = match answer.period {
        Wanted::None => None,
        Wanted::LastYear => Some(latest(documents, answer, Period::is_full_year)?),
        Wanted::Latest => Some(latest(documents, answer, |_| true)?),
    };
    let mut sources: Vec<(usize, ProposalSource, u8)> = Vec::new();
    for (index, (slot, facts)) in documents.iter().enumerate() {
        let rank = answer.slots.iter().position(|id| *id == slot.as_str());
        if rank.is_none() && answer.only {
            continue;
        }
        // What is no value of its own but a count of others.
        let counted = (answer.key == Key::HolderCount && slot.as_str() == "shareholder_register")
            .then(|| count_of(facts))
            .flatten();
        let fact = facts
            .iter()
            .filter(|fact| fact.key == answer.key && fact.period == period)
            .max_by_key(|fact| fact.confidence)
            .cloned()
            .or(counted);
        let Some(fact) = fact else { continue };
        let Ok(normalised) = normalise(field, &fact.value) else { continue };
        let rank = rank.unwrap_or(answer.slots.len());
        let source = ProposalSource {
            document: index,
            slot: slot.clone(),
            value: normalised.value,
            said: fact.said,
            place: fact.place,
        };
        sources.push((rank, source, fact.confidence));
    }
    // A recognised name gives way to one that was not recognised, however authoritative its document is.
    sources.sort_by_key(|(rank, _, confidence)| (*confidence < 80, *rank));
    let value = sources.first().map(|(_, source, _)| source.value.clone())?;
    let confidence = sources
        .iter()
        .filter(|(_, source, _)| source.value == value)
        .map(|(.., confidence)| *confidence)
        .max()
        .unwrap_or(0);
    let (sources, others): (Vec<_>, Vec<_>) =
        sources.into_iter().partition(|(_, source, _)| source.value == value);
    let agreeing = sources.len();
    // Rounded figures and misread characters are no contradiction.
    let disagreeing: Vec<ProposalSource> = others
        .into_iter()
        .filter(|(.., confidence)| *confidence >= 80)
        .map(|(_, source, _)| source)
        .filter(|source| !super::agree(answer.key, &source.value, &value))
        .collect();
    let confidence = confidence.saturating_add(u8::try_from(agreeing.min(4)).unwrap_or(0) * 2 - 2).min(99);
    Some(Proposal {
        field: answer.field.to_owned(),
        unambiguous: disagreeing.is_empty() && confidence >= UNAMBIGUOUS,
        value,
        confidence,
        sources: sources.into_iter().map(|(_, source, _)| source).collect(),
        disagreeing,
    })
}

/// The latest period of which an authoritative document speaks.
fn latest(
    documents: &[(SlotId, Vec<Fact>)],
    answer: &Answer,
    fits: impl Fn(Period) -> bool,
) -> Option<Period> {
    answer.slots.iter().find_map(|id| {
        let facts = documents.iter().filter(|(slot, _)| slot.as_str() == *id).flat_map(|(_, facts)| facts);
        facts
            .filter(|fact| fact.key == answer.key)
            .filter_map(|fact| fact.period)
            .filter(|period| fits(*period))
            .max()
    })
}

/// The number of holders in a register, shown at its last one.
fn count_of(facts: &[Fact]) -> Option<Fact> {
    let names: Vec<&Fact> = facts.iter().filter(|fact| fact.key == Key::HolderName).collect();
    let last = names.last()?;
    let count = names.len().to_string();
    Some(Fact { key: Key::HolderCount, entry: None, value: count.clone(), said: count, ..(*last).clone() })
}

/// Choices that follow from what was filed or is named in other words.
fn choices(pack: &RulePack, documents: &[(SlotId, Vec<Fact>)], proposals: &mut Vec<Proposal>) {
    let mut choose = |id: &str, value: &str, document: usize, fact: &Fact| {
        let Some(field) = pack.field(id) else { return };
        let Ok(normalised) = normalise(field, value) else { return };
        if normalised.value.is_empty() || proposals.iter().any(|proposal| proposal.field == id) {
            return;
        }
        let source = ProposalSource {
            document,
            slot: documents[document].0.clone(),
            value: normalised.value.clone(),
            said: fact.said.clone(),
            place: fact.place.clone(),
        };
        proposals.push(Proposal {
            field: id.to_owned(),
            value: normalised.value,
            confidence: fact.confidence,
            unambiguous: fact.confidence >= UNAMBIGUOUS,
            sources: vec![source],
            disagreeing: Vec::new(),
        });
    };
    for (index, (slot, facts)) in documents.iter().enumerate() {
        let slot = slot.as_str();
        for fact in facts {
            match fact.key {
                Key::Board => {
                    for board in &pack.boards {
                        if fact.value.contains(&board.name.zh) {
                            choose("board", &board.id, index, fact);
                        }
                    }
                    for (word, layer) in [("孵化层", "F"), ("规范层", "G"), ("培育层", "P"), ("纯托管", "T")]
                    {
                        if fact.value.contains(word) {
                            choose("layer", layer, index, fact);
                        }
                    }
                }
                Key::Address
                    if slot == "business_licence"
                        || slot == "articles_of_association"
                        || slot == "application_letter" =>
                {
                    if let Some(field) = pack.field("city")
                        && let crate::rule_pack::FieldKind::Choice { options } = &field.kind
                        && let Some(option) =
                            options.iter().find(|option| fact.value.contains(&option.label.zh))
                    {
                        choose("city", &option.value, index, fact);
                    }
                }
                Key::CompanyName if slot == "asset_valuation" => choose("has_valuation", "yes", index, fact),
                Key::CompanyName | Key::CertificateNumber if slot == "qualification_certificates" => {
                    choose("has_qualifications", "yes", index, fact);
                }
                _ => {}
            }
        }
    }
}
