//! Numbers of reports, verification codes, and the opinion of an audit.
//! Called by [`super::gather`].

use super::super::{
    FactKey as Key,
    gather::{Gatherer, LABELLED, SENTENCE},
    value,
};
use super::is_han;

pub(super) fn numbers(slot: &str, gatherer: &mut Gatherer<'_>) {
    let transcript = gatherer.transcript;
    let text = transcript.text.as_str();
    for (end, _) in text.match_indices('号') {
        let before = transcript.before(end, 34);
        let Some(open) = before.rfind(['〔', '[', '【']).or_else(|| before.rfind('(')) else { continue };
        let head = &before[..open];
        let begin = head
            .char_indices()
            .rev()
            .take_while(|(_, c)| is_han(*c) || c.is_ascii_alphanumeric())
            .take(12)
            .last()
            .map_or(open, |(index, _)| index);
        // A number does not go on from the line above.
        let offset = end - before.len() + begin;
        let row = transcript.row_at(end - before.len() + open).map_or(0, |row| row.range.start);
        let begin =
            if offset < row && open + end - before.len() > row { begin + (row - offset) } else { begin };
        let said = ["出具了", "出具的", "出具", "文号", "编号", "报告号"];
        let prose = said.iter().filter_map(|word| Some(before[begin..open].find(word)? + word.len())).max();
        let begin = begin + prose.unwrap_or(0);
        let whole = &text[end - before.len() + begin..end + '号'.len_utf8()];
        let Some((number, length)) = value::document_number(whole) else { continue };
        let start = end - before.len() + begin;
        let range = start..start + length;
        let (head, _) = number.split_once('〔').unwrap_or((&number, ""));
        let key = match slot {
            _ if head.contains('审') => Key::AuditReportNumber,
            "asset_valuation" if head.contains('评') => Key::ValuationReportNumber,
            "legal_opinion" if head.contains(['律', '法', '意']) && !head.contains("财") => {
                Key::LegalOpinionNumber
            }
            _ => continue,
        };
        gatherer.add(key, number, &range, 88);
    }
    let labels: &[&str] = &[
        "审计报告验证码",
        "报告验证码",
        "报告编码",
        "报告防伪编码",
        "防伪编码",
        "验证码",
        "业务报备统一编码",
        "报备编码",
    ];
    for found in gatherer.labelled(labels) {
        let code: String = found
            .text
            .chars()
            .enumerate()
            .take_while(|(index, c)| c.is_ascii_alphanumeric() || (*index == 0 && is_han(*c)))
            .map(|(_, c)| c)
            .collect();
        if code.chars().filter(char::is_ascii_alphanumeric).count() >= 8 {
            gatherer.add_labelled(Key::VerificationCode, &found, code.clone(), code.len(), LABELLED);
        }
    }
    if slot == "credit_tax_social" {
        for found in gatherer.labelled(&["报告编号", "报告号"]) {
            let code: String =
                found.text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
            if code.len() >= 6 {
                gatherer.add_labelled(Key::ReportNumber, &found, code.clone(), code.len(), LABELLED);
            }
        }
    }
}

pub(super) fn opinion(slot: &str, gatherer: &mut Gatherer<'_>) {
    let transcript = gatherer.transcript;
    let text = transcript.text.as_str();
    if slot == "audit_report" {
        let basis = [
            ("形成无法表示意见的基础", "disclaimer"),
            ("形成否定意见的基础", "adverse"),
            ("形成保留意见的基础", "qualified"),
            ("导致保留意见的事项", "qualified"),
        ];
        for (phrase, opinion) in basis {
            if let Some(start) = text.find(phrase) {
                gatherer.add(Key::AuditOpinion, opinion, &(start..start + phrase.len()), LABELLED);
                return;
            }
        }
        if let Some(start) = text.find("公允反映") {
            let emphasis = text.find("、强调事项").or_else(|| text.find("强调事项段"));
            let end = start + "公允反映".len();
            match emphasis {
                Some(at) => gatherer.add(
                    Key::AuditOpinion,
                    "unqualified_emphasis",
                    &(at..at + "、强调事项".len()),
                    LABELLED,
                ),
                None => gatherer.add(Key::AuditOpinion, "unqualified", &(start..end), 88),
            }
        }
        return;
    }
    let names = [
        ("带强调事项段的无保留意见", "unqualified_emphasis"),
        ("带强调事项段无保留意见", "unqualified_emphasis"),
        ("标准无保留意见", "unqualified"),
        ("标准的无保留意见", "unqualified"),
        ("无法表示意见", "disclaimer"),
        ("无保留意见", "unqualified"),
        ("否定意见", "adverse"),
        ("保留意见", "qualified"),
    ];
    for (phrase, opinion) in names {
        if let Some(range) = transcript.find_all(phrase).next() {
            gatherer.add(Key::AuditOpinion, opinion, &range, SENTENCE);
            return;
        }
    }
}
