//! The firms that a document names, and which of them is the sponsor.
//! Called by [`super::gather`].

use super::super::{
    FactKey as Key, company,
    gather::{Gatherer, LABELLED, Labelled, SENTENCE, SHAPE},
    subject,
};
use crate::rule_pack::SlotId;

pub(super) fn firms(slot: &str, gatherer: &mut Gatherer<'_>) {
    let transcript = gatherer.transcript;
    let names = company::names(transcript);
    let add = |gatherer: &mut Gatherer<'_>, key: Key, name: &company::Name, confidence: u8| {
        gatherer.add(key, name.name.clone(), &name.range, confidence);
    };
    for name in &names {
        let said = name.name.as_str();
        let key = if said.contains("会计师事务所") {
            Key::Auditor
        } else if said.contains("律师事务所") {
            Key::LawFirm
        } else if said.contains("资产评估") || said.contains("土地房地产评估") {
            Key::Valuer
        } else if said.contains("交易中心") || said.contains("交易场所") || said.contains("产权交易")
        {
            Key::Exchange
        } else if said.contains("托管") || said.contains("股权登记") {
            Key::Custodian
        } else {
            continue;
        };
        add(gatherer, key, name, 84);
    }
    for (key, labels) in [
        (Key::Custodian, &["股权托管机构", "登记托管机构", "托管机构"][..]),
        (Key::Exchange, &["挂牌场所", "交易场所"][..]),
    ] {
        for found in gatherer.labelled(labels) {
            if let Some(name) = found
                .start
                .and_then(|start| names.iter().find(|name| (start..start + 4).contains(&name.range.start)))
            {
                add(gatherer, key, name, LABELLED);
            }
        }
    }
    sponsor(slot, gatherer, &names);
    let parties = company::parties(transcript);
    let codes: [(&str, Key, Key); 3] = [
        ("recommendation_agreement", Key::Sponsor, Key::SponsorCreditCode),
        ("listing_agreement", Key::Exchange, Key::ExchangeCreditCode),
        ("custody_agreement", Key::Custodian, Key::CustodianCreditCode),
    ];
    if let Some((_, key, code_key)) = codes.iter().find(|(id, ..)| *id == slot)
        && parties.len() >= 2
        && let Some(id) = SlotId::new(slot)
    {
        let own = subject::subject(&id, transcript).0.name;
        let other = parties.iter().find(|party| party.name.as_ref().map(|name| &name.name) != own.as_ref());
        if let Some(party) = other {
            if let Some(name) = &party.name {
                add(gatherer, *key, name, 95);
            }
            if let Some((code, range)) = &party.code {
                gatherer.add(*code_key, code.clone(), range, LABELLED);
            }
        }
    }
}

/// The sponsor: labelled, or the one that speaks in its own documents.
pub(super) fn sponsor(slot: &str, gatherer: &mut Gatherer<'_>, names: &[company::Name]) {
    let transcript = gatherer.transcript;
    for found in gatherer.labelled(&["推荐机构", "主办券商", "推荐商", "推荐机构名称", "保荐机构"])
    {
        let start = found.start.unwrap_or(usize::MAX);
        let name = names.iter().find(|name| (start..start.saturating_add(4)).contains(&name.range.start));
        if let Some(name) = name.filter(|name| !company::is_firm(&name.name)) {
            gatherer.add(
                Key::Sponsor,
                name.name.clone(),
                &name.range,
                if found.marked { LABELLED } else { SENTENCE },
            );
        } else if let Some(name) = cover_firm(gatherer, &found, names) {
            gatherer.add(Key::Sponsor, name.name.clone(), &name.range, SENTENCE);
        }
    }
    let own = matches!(
        slot,
        "recommendation_opinion" | "sponsor_self_discipline" | "sponsor_commitment" | "due_diligence_report"
    );
    if !own {
        return;
    }
    for name in names.iter().filter(|name| !company::is_firm(&name.name)) {
        let after = &transcript.text[name.range.end..];
        let note: String = after.chars().take(60).collect();
        let speaks = after.starts_with("作为")
            || after.starts_with("组成项目组")
            || after.starts_with("接受")
            || ["本推荐机构", "本机构", "我司", "推荐机构"]
                .iter()
                .any(|word| note.contains(&format!("以下简称\"{word}")));
        let subject = after.starts_with("(盖章)") && name.range.start > transcript.text.len() * 2 / 3;
        if speaks {
            gatherer.add(Key::Sponsor, name.name.clone(), &name.range, 90);
            let window = transcript.after(name.range.end, 60);
            for (code, range) in company::codes(transcript) {
                if range.start < name.range.end + window.len() && range.start >= name.range.end {
                    gatherer.add(Key::SponsorCreditCode, code, &range, LABELLED);
                }
            }
        } else if subject {
            gatherer.add(Key::Sponsor, name.name.clone(), &name.range, SHAPE);
        }
    }
}

/// On covers the label stands above the name.
pub(super) fn cover_firm<'n>(
    gatherer: &Gatherer<'_>,
    found: &Labelled,
    names: &'n [company::Name],
) -> Option<&'n company::Name> {
    let start = found.start?;
    let row = gatherer.transcript.locate(start)?.0;
    let row = gatherer.transcript.rows.get(row)?;
    names.iter().find(|name| row.range.contains(&name.range.start) && !company::is_firm(&name.name))
}
