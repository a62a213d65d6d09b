//! The single values of a document, by its slot: who it is about, its date, its numbers, the firms it names.

use super::{
    FactKey as Key, company,
    gather::{Gatherer, LABELLED, SENTENCE},
    subject, value,
};
use crate::rule_pack::SlotId;

mod capital;
mod certificate;
mod day;
mod firm;
mod number;
mod representative;
mod resolution;
mod text;

/// Adds everything that stands once in a document.
pub(super) fn gather(slot: &SlotId, gatherer: &mut Gatherer<'_>) {
    let slot = slot.as_str();
    company(slot, gatherer);
    capital::capital(gatherer);
    representative::legal_representative(slot, gatherer);
    day::days(gatherer);
    text::texts(slot, gatherer);
    day::document_date(slot, gatherer);
    firm::firms(slot, gatherer);
    number::numbers(slot, gatherer);
    number::opinion(slot, gatherer);
    special(slot, gatherer);
}

fn company(slot: &str, gatherer: &mut Gatherer<'_>) {
    let Some(id) = SlotId::new(slot) else { return };
    let (subject, name, code) = subject::subject(&id, gatherer.transcript);
    if let (Some(name), Some(range)) = (subject.name, name) {
        gatherer.add(Key::CompanyName, name.clone(), &range, 90);
        if name.contains("股份有限公司") {
            gatherer.add(Key::CompanyType, "joint_stock", &range, 84);
        } else if name.contains("有限") {
            gatherer.add(Key::CompanyType, "limited", &range, 84);
        }
    }
    if let (Some(code), Some(range)) = (subject.code, code) {
        gatherer.add(Key::CreditCode, code, &range, LABELLED);
    }
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}')
}

/// What only one kind of document says.
fn special(slot: &str, gatherer: &mut Gatherer<'_>) {
    let transcript = gatherer.transcript;
    match slot {
        "shareholder_resolution" => resolution::resolution(gatherer),
        "asset_valuation" => {
            for found in gatherer.labelled(&[
                "净资产评估价值",
                "净资产评估值",
                "股东全部权益评估价值",
                "股东全部权益价值评估结果",
                "评估价值",
                "评估值",
            ]) {
                if let Some((fen, length)) = value::money(&found.text, None, true) {
                    gatherer.add_labelled(
                        Key::AppraisedNetAssets,
                        &found,
                        value::money_text(fen),
                        length,
                        if found.before.ends_with("净资产") || found.text.contains("净资产") {
                            90
                        } else {
                            SENTENCE
                        },
                    );
                }
            }
        }
        "credit_tax_social" => {
            for found in gatherer.labelled(&["参保职工", "参保人数", "参保缴费人数"]) {
                if let Some((count, length)) = value::whole(&found.text)
                    && found.text[length..].starts_with(['人', '名'])
                {
                    gatherer.add_labelled(Key::InsuredEmployees, &found, count.to_string(), length, SENTENCE);
                }
            }
            for found in gatherer.labelled(&["税务机关"]) {
                let clause = found
                    .text
                    .find(['。', ';', ',', '_'])
                    .map_or(found.text.as_str(), |end| &found.text[..end]);
                if let Some(end) = clause.rfind('局') {
                    let mut end = end + '局'.len_utf8();
                    if found.text[end..].starts_with('(')
                        && let Some(close) = found.text[end..].find(')')
                    {
                        end += close + 1;
                    }
                    gatherer.add_labelled(
                        Key::TaxAuthority,
                        &found,
                        company::registered(&found.text[..end]),
                        end,
                        LABELLED,
                    );
                }
            }
        }
        "qualification_certificates" => certificate::certificates(gatherer),
        "legal_rep_id" | "agent_id_authorization" => {
            let agent = slot == "agent_id_authorization";
            let key = if agent { Key::AgentIdNumber } else { Key::IdNumber };
            let text = transcript.text.as_str();
            for (index, c) in text.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
                let _ = c;
                if text[..index].ends_with(|c: char| c.is_ascii_digit()) {
                    continue;
                }
                if let Some((id, length)) = value::resident_id(&text[index..]) {
                    gatherer.add(key, id, &(index..index + length), LABELLED);
                }
            }
            if agent {
                for found in gatherer.labelled(&[
                    "现授权委托",
                    "兹授权委托",
                    "授权委托",
                    "现委托",
                    "兹委托",
                    "兹授权",
                    "现授权",
                    "受托人姓名",
                    "受托人",
                    "经办人姓名",
                    "被授权人",
                    "经办人",
                ]) {
                    if let Some((name, length)) = agent_name(&found.text) {
                        gatherer.add_labelled(
                            Key::Agent,
                            &found,
                            name,
                            length,
                            if found.marked { LABELLED } else { SENTENCE },
                        );
                    }
                }
            }
        }
        "business_licence" => {
            for found in gatherer.labelled(&["营业期限"]) {
                let end = found.text.find('至').map(|at| &found.text[at + '至'.len_utf8()..]);
                if let Some((day, _)) = end.and_then(value::day) {
                    gatherer.add_labelled(
                        Key::ValidUntil,
                        &found,
                        day.to_string(),
                        found.text.len().min(60),
                        SENTENCE,
                    );
                }
            }
        }
        _ => {}
    }
}

/// A name before its particulars: 张三(职务:…. On recognised pages the bracket may be lost.
fn agent_name(text: &str) -> Option<(String, usize)> {
    let text = ["我公司员工", "本公司员工", "员工", "我单位"]
        .iter()
        .find_map(|word| text.strip_prefix(word))
        .unwrap_or(text);
    let stop = ["职务", "(", ",", "身份证", "为", "先生", "女士", "。", ":", "性别", "同志"]
        .iter()
        .filter_map(|word| text.find(word))
        .min()
        .unwrap_or(text.len());
    let (name, length) = value::person(&text[..stop])?;
    (length == stop).then_some((name, length))
}
