//! The same fact with different values. All documents that say a value are compared with the most authoritative one,
//! and one finding names them all.

use super::{
    Rule, Severity, Source,
    examination::{CERTAIN, Examination, Said},
};
use crate::{
    fact::{FactKey as Key, Shape, agree},
    rule_pack::SlotId,
    transcript::fold,
};

/// Facts that must be the same everywhere, with the field of the form that says the same.
const FACTS: &[(Key, Rule, &str)] = &[
    (Key::RegisteredCapital, Rule::ContradictionRegisteredCapital, "registered_capital"),
    (Key::CompanyName, Rule::ContradictionCompanyName, "company_name"),
    (Key::CreditCode, Rule::ContradictionCreditCode, "credit_code"),
    (Key::LegalRepresentative, Rule::ContradictionLegalRepresentative, "legal_representative"),
    (Key::Established, Rule::ContradictionEstablished, "established_date"),
    (Key::Address, Rule::ContradictionAddress, "registered_address"),
    (Key::TotalShares, Rule::ContradictionShares, "share_total"),
    (Key::ShortName, Rule::ContradictionShortName, "short_name"),
    (Key::Auditor, Rule::ContradictionAuditor, "accounting_firm_name"),
    (Key::AuditReportNumber, Rule::ContradictionAuditReportNumber, "audit_report_number"),
    (Key::AuditOpinion, Rule::ContradictionAuditOpinion, "audit_opinion"),
    (Key::VerificationCode, Rule::ContradictionVerificationCode, "audit_verification_code"),
    (Key::LawFirm, Rule::ContradictionLawFirm, "law_firm_name"),
    (Key::Sponsor, Rule::ContradictionSponsor, "sponsor_name"),
    (Key::Custodian, Rule::ContradictionCustodian, ""),
];

const FIGURES: &[(Key, Rule)] = &[
    (Key::TotalAssets, Rule::ContradictionTotalAssets),
    (Key::TotalLiabilities, Rule::ContradictionTotalLiabilities),
    (Key::Equity, Rule::ContradictionEquity),
    (Key::Revenue, Rule::ContradictionRevenue),
    (Key::NetProfit, Rule::ContradictionNetProfit),
    (Key::OperatingCashFlow, Rule::ContradictionOperatingCashFlow),
];

/// Slots whose documents speak of the past: a valuation for the conversion names the company as it was.
fn is_past(slot: &SlotId) -> bool {
    matches!(slot.as_str(), "asset_valuation" | "qualification_certificates")
}

/// A name or code that the pack gives to a firm, or its register to a holder: whoever writes "this firm" in a declaration, or stands in
/// a row of a register, is not the company by another name.
fn is_anothers(examination: &Examination<'_>, said: &Said<'_>) -> bool {
    let (firms, holder): (&[Key], Key) = match said.fact.key {
        Key::CompanyName => (
            &[Key::Sponsor, Key::Auditor, Key::LawFirm, Key::Valuer, Key::Custodian, Key::Exchange],
            Key::HolderName,
        ),
        Key::CreditCode => {
            (&[Key::SponsorCreditCode, Key::CustodianCreditCode, Key::ExchangeCreditCode], Key::HolderId)
        }
        _ => return false,
    };
    let same = |other: &Said<'_>| other.fact.value == said.fact.value;
    firms.iter().any(|key| examination.said(*key).iter().any(same))
        || said.document.facts.iter().any(|fact| fact.key == holder && fact.value == said.fact.value)
}

/// Whether a value is certain enough to be compared. Letters are misread more than figures and codes.
fn counts(said: &Said<'_>) -> bool {
    let needed = match said.fact.key.shape() {
        Shape::Money | Shape::CreditCode | Shape::Count => 60,
        Shape::Date => 70,
        _ => CERTAIN,
    };
    said.fact.confidence >= needed
}

pub(super) fn examine(examination: &mut Examination<'_>) {
    for (key, rule, field) in FACTS {
        fact(examination, *key, *rule, field);
    }
    for (key, rule) in FIGURES {
        figure(examination, *key, *rule);
    }
    holders(examination);
}

fn fact(examination: &mut Examination<'_>, key: Key, rule: Rule, field: &str) {
    let said: Vec<Said<'_>> = examination
        .said(key)
        .into_iter()
        .filter(|said| counts(said) && !is_past(&said.document.slot) && !is_anothers(examination, said))
        .collect();
    let Some(reference) = reference(key, &said) else { return };
    // A document with another capital has another number of shares for the same reason.
    let explained: Vec<String> = if key == Key::TotalShares {
        examination
            .found(Rule::ContradictionRegisteredCapital)
            .flat_map(|finding| finding.sources.iter().map(|source| source.document.clone()))
            .collect()
    } else {
        Vec::new()
    };
    let differing: Vec<&Said<'_>> = said
        .iter()
        .filter(|other| {
            !same(key, &other.fact.value, &reference.fact.value)
                && !explained.contains(&other.document.document)
        })
        .collect();
    let form = examination
        .filing
        .fields
        .get(field)
        .filter(|value| !value.is_empty() && !same(key, value, &reference.fact.value));
    if differing.is_empty() && form.is_none() {
        return;
    }
    let mut sources: Vec<Source> = vec![reference.source()];
    sources.extend(differing.iter().map(|said| said.source()));
    if let Some(value) = form {
        sources.push(Source {
            document: String::new(),
            slot: None,
            field: Some(field.to_owned()),
            place: None,
            said: value.clone(),
        });
    }
    let zh: Vec<String> = differing
        .iter()
        .map(|said| format!("{}“{}”", examination.slot_name(&said.document.slot).zh, said.fact.said))
        .chain(form.map(|value| format!("申报字段“{value}”")))
        .collect();
    let en: Vec<String> = differing
        .iter()
        .map(|said| format!("{} “{}”", examination.slot_name(&said.document.slot).en, said.fact.said))
        .chain(form.map(|value| format!("the form “{value}”")))
        .collect();
    let home = examination.slot_name(&reference.document.slot);
    let label = |locale| key.label(locale);
    let message = (
        format!(
            "{}不一致：{}“{}”，{}",
            label(crate::locale::Locale::Zh),
            home.zh,
            reference.fact.said,
            zh.join("，")
        ),
        format!(
            "{} differs: {} “{}”, {}",
            label(crate::locale::Locale::En),
            home.en,
            reference.fact.said,
            en.join(", ")
        ),
    );
    let mut values: Vec<&str> = vec![&reference.fact.value];
    values.extend(differing.iter().map(|said| said.fact.value.as_str()));
    values.extend(form.map(String::as_str));
    let mut slots: Vec<&SlotId> = vec![&reference.document.slot];
    slots.extend(differing.iter().map(|said| &said.document.slot));
    let severity = if matches!(key, Key::Address | Key::Custodian | Key::Sponsor | Key::ShortName) {
        Severity::Warning
    } else {
        Severity::Error
    };
    examination.add(
        rule,
        severity,
        &values,
        message,
        (
            "请核对原件，改正写错的一处；确有变更的，请更新未更新的材料。",
            "Compare the originals and correct the wrong one; after a change, update what was not updated.",
        ),
        sources,
        &slots,
    );
}

/// The value to compare with: the most authoritative one; but where most documents agree on another, theirs.
fn reference<'a, 'b>(key: Key, said: &'b [Said<'a>]) -> Option<&'b Said<'a>> {
    let first = said.first()?;
    let votes = |value: &str| said.iter().filter(|other| same(key, &other.fact.value, value)).count();
    // A licence read from a picture may be misread where nothing else says so.
    if votes(&first.fact.value) > 1 || first.fact.confidence >= CERTAIN {
        return Some(first);
    }
    said.iter().max_by_key(|other| {
        (votes(&other.fact.value), std::cmp::Reverse(said.iter().position(|one| std::ptr::eq(one, *other))))
    })
}

fn same(key: Key, a: &str, b: &str) -> bool {
    // Prose may leave words in front of a name that it is not told apart from.
    let is_name =
        matches!(key, Key::CompanyName | Key::Auditor | Key::LawFirm | Key::Sponsor | Key::Custodian);
    let glued = is_name && (a.ends_with(b) || b.ends_with(a));
    glued || agree(key, a, b) || (key.shape() == Shape::Text && loosely(a) == loosely(b))
}

/// Text without the marks that carry no meaning.
fn loosely(text: &str) -> String {
    fold(text).chars().filter(|c| !matches!(c, ',' | '.' | '-' | '_' | ';' | '。' | '、' | '"')).collect()
}

fn figure(examination: &mut Examination<'_>, key: Key, rule: Rule) {
    let said = examination.said(key);
    // The audit report is the measure; without it, the first document is.
    let home = said
        .iter()
        .find(|said| said.document.slot.as_str() == "audit_report")
        .or_else(|| said.first())
        .map(|said| said.document.document.clone());
    let Some(home) = home else { return };
    let mut pairs: Vec<(Said<'_>, Said<'_>)> = Vec::new();
    for other in said
        .iter()
        .filter(|other| other.document.document != home && counts(other) && other.fact.confidence >= 75)
    {
        let measure =
            said.iter().find(|said| said.document.document == home && said.fact.period == other.fact.period);
        if let Some(measure) = measure.filter(|measure| !agree(key, &measure.fact.value, &other.fact.value)) {
            pairs.push((*measure, *other));
        }
    }
    let Some((measure, other)) = pairs.first() else { return };
    let period = other.fact.period.map(|period| period.to_string()).unwrap_or_default();
    let (home, there) =
        (examination.slot_name(&measure.document.slot), examination.slot_name(&other.document.slot));
    let more = pairs.len() - 1;
    let message = (
        format!(
            "{}（{period}）不一致：{} {} 元，{} {} 元{}",
            key.label(crate::locale::Locale::Zh),
            home.zh,
            measure.fact.value,
            there.zh,
            other.fact.value,
            if more == 0 { String::new() } else { format!("；另有 {more} 处") }
        ),
        format!(
            "{} ({period}) differs: {} CNY {}, {} CNY {}{}",
            key.label(crate::locale::Locale::En),
            home.en,
            measure.fact.value,
            there.en,
            other.fact.value,
            if more == 0 { String::new() } else { format!("; {more} more places") }
        ),
    );
    let values: Vec<&str> =
        pairs.iter().flat_map(|(a, b)| [a.fact.value.as_str(), b.fact.value.as_str()]).collect();
    let sources = pairs.iter().flat_map(|(a, b)| [a.source(), b.source()]).collect();
    let slots: Vec<&SlotId> = pairs.iter().flat_map(|(a, b)| [&a.document.slot, &b.document.slot]).collect();
    examination.add(
        rule,
        Severity::Error,
        &values,
        message,
        (
            "请以审计报告为准，改正引用处的数字。",
            "Take the audited figure and correct the place that cites it.",
        ),
        sources,
        &slots,
    );
}

/// Holders elsewhere against the register: the same names with the same shares.
fn holders(examination: &mut Examination<'_>) {
    let Some(register) = examination.documents("shareholder_register").max_by_key(|document| {
        document.facts.iter().filter(|fact| fact.key == Key::HolderName && fact.confidence >= CERTAIN).count()
    }) else {
        return;
    };
    let own = super::register::rows(register);
    if own.is_empty() {
        return;
    }
    let mut differing: Vec<(String, Said<'_>, Option<Said<'_>>)> = Vec::new();
    for document in examination
        .filing
        .documents
        .iter()
        .filter(|document| document.slot.as_str() != "shareholder_register")
    {
        for row in super::register::rows(document) {
            let Some(shares) = row.shares.filter(|shares| shares.fact.confidence >= CERTAIN) else {
                continue;
            };
            let Some(name) = row.name.filter(|name| name.fact.confidence >= CERTAIN) else { continue };
            let mine = own
                .iter()
                .find(|own| own.name.is_some_and(|mine| fold(&mine.fact.value) == fold(&name.fact.value)));
            match mine.and_then(|mine| mine.shares) {
                Some(mine) if mine.fact.value == shares.fact.value => {}
                mine => differing.push((name.fact.value.clone(), shares, mine)),
            }
        }
    }
    let Some((name, other, mine)) = differing.first() else { return };
    let there = examination.slot_name(&other.document.slot);
    let said = mine.map_or_else(
        || ("没有此人".to_owned(), "does not list".to_owned()),
        |mine| (format!("{} 股", mine.fact.said), format!("{} shares", mine.fact.said)),
    );
    let count = differing.len();
    let message = (
        format!(
            "股东持股与名册不一致（{count} 处）：{name}，名册{}，{} {} 股",
            said.0, there.zh, other.fact.said
        ),
        format!(
            "Holdings differ from the register ({count} places): {name}, register {}, {} {}",
            said.1, there.en, other.fact.said
        ),
    );
    let values: Vec<&str> =
        differing.iter().flat_map(|(name, other, _)| [name.as_str(), other.fact.value.as_str()]).collect();
    let sources = differing
        .iter()
        .flat_map(|(_, other, mine)| {
            mine.iter().map(Said::source).chain([other.source()]).collect::<Vec<_>>()
        })
        .collect();
    let mut slots: Vec<&SlotId> = vec![&register.slot];
    slots.extend(differing.iter().map(|(_, other, _)| &other.document.slot));
    examination.add(
        Rule::ContradictionHolders,
        Severity::Error,
        &values,
        message,
        ("请以现行股东名册为准，改正另一处。", "Take the current register and correct the other place."),
        sources,
        &slots,
    );
}
