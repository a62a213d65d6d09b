//! Days that are labelled, and the date of the document itself.
//! Called by [`super::gather`].

use std::ops::Range;
use time::Date;

use super::super::{
    FactKey as Key,
    gather::{Gatherer, LABELLED, SENTENCE, SHAPE},
    value,
};

pub(super) fn days(gatherer: &mut Gatherer<'_>) {
    let kinds: [(Key, &[&str]); 5] = [
        (
            Key::Converted,
            &[
                "股份公司成立日期",
                "股份公司设立日期",
                "股份公司设立时间",
                "股改日期",
                "股份公司成立时间",
                "变更设立日期",
            ],
        ),
        (
            Key::Established,
            &[
                "有限公司成立日期",
                "有限公司设立日期",
                "有限公司成立时间",
                "成立日期",
                "设立日期",
                "成立时间",
                "有限公司成立于",
                "成立于",
            ],
        ),
        (Key::ValuationBaseDate, &["评估基准日期", "评估基准日"]),
        (Key::NoticeDate, &["会议通知已于", "会议通知于", "通知已于", "通知时间", "通知日期"]),
        (Key::AuditDate, &["审计报告日期", "审计报告日"]),
    ];
    for (key, labels) in kinds {
        for found in gatherer.labelled(labels) {
            if let Some((day, length)) = value::day(&found.text) {
                // Of another company's table.
                let other = key == Key::Established && found.before.contains('%');
                if !other {
                    gatherer.add_labelled(
                        key,
                        &found,
                        day.to_string(),
                        length,
                        if found.marked { LABELLED } else { SENTENCE },
                    );
                }
            }
        }
    }
    let transcript = gatherer.transcript;
    for range in
        transcript.find_all("整体变更为股份").chain(transcript.find_all("整体变更设立")).collect::<Vec<_>>()
    {
        let before = transcript.before(range.start, 30);
        let Some(start) = before
            .char_indices()
            .filter(|(index, _)| value::day(&before[*index..]).is_some())
            .map(|(index, _)| index)
            .next_back()
        else {
            continue;
        };
        // Chinese digits of the year begin one by one: take the whole.
        let Some((day, length)) = value::day(&before[start..]) else { continue };
        if before[start + length..].chars().count() <= 6 {
            let begin = range.start - before.len() + start;
            gatherer.add(Key::Converted, day.to_string(), &(begin..begin + length), SHAPE);
        }
    }
}

/// The date of the document itself. Where it stands depends on the kind: under the signatures of a letter, on the cover
/// of a report, behind a label on a certificate.
pub(super) fn document_date(slot: &str, gatherer: &mut Gatherer<'_>) {
    let labels: &[&str] = match slot {
        "shareholder_register" => &["截止日期", "截至日期", "股权登记日", "名册日期"],
        "qualification_certificates" => &["发证时间", "发证日期", "颁发日期", "颁证日期", "授权公告日"],
        "credit_tax_social" => &[
            "报告时间",
            "报告日期",
            "填发日期",
            "打印时间",
            "打印日期",
            "开具日期",
            "出具日期",
            "查询日期",
            "截至",
        ],
        "business_licence" => &["核准日期", "发照日期", "核发日期"],
        _ => &[],
    };
    for found in gatherer.labelled(labels) {
        if let Some((day, length)) = value::day(&found.text) {
            gatherer.add_labelled(Key::DocumentDate, &found, day.to_string(), length, LABELLED);
        }
    }
    if gatherer.facts().iter().any(|fact| fact.key == Key::DocumentDate) {
        return;
    }
    let transcript = gatherer.transcript;
    // Cells that are a date and nothing else.
    let mut alone: Vec<(Date, Range<usize>, u32)> = Vec::new();
    for row in &transcript.rows {
        for cell in &row.cells {
            let skipped = ["日期:", "签署日期:", "签订日期:", "时间:"]
                .iter()
                .find_map(|label| cell.text.strip_prefix(label))
                .unwrap_or(&cell.text);
            let offset = cell.start + cell.text.len() - skipped.len();
            if let Some((day, length)) = value::day(skipped)
                && skipped.len() - length <= 3
                && day.year() >= 2_000
            {
                alone.push((day, offset..offset + length, row.page));
            }
        }
    }
    let report = matches!(
        slot,
        "company_overview"
            | "due_diligence_report"
            | "legal_opinion"
            | "asset_valuation"
            | "articles_of_association"
    );
    let first_page = transcript.rows.first().map_or(1, |row| row.page);
    let cover = alone.iter().find(|(_, _, page)| *page == first_page);
    let known: Vec<String> = gatherer
        .facts()
        .iter()
        .filter(|fact| matches!(fact.key, Key::Established | Key::ValidUntil))
        .map(|fact| fact.value.clone())
        .collect();
    let chosen = match slot {
        // The day of issue stands under the seal, below everything else.
        "business_licence" => alone.iter().rfind(|(day, range, _)| {
            let low =
                transcript.row_at(range.start).and_then(|row| row.area).is_none_or(|area| area.top > 6_200);
            low && !known.contains(&day.to_string())
        }),
        _ if report && (cover.is_some() || transcript.rows.iter().all(|row| row.area.is_none())) => {
            cover.or(alone.last())
        }
        "audit_report" => {
            let signed =
                transcript.text.find("中国注册会计师:").or_else(|| transcript.text.find("中国注册会计师("));
            alone
                .iter()
                .find(|(_, range, _)| signed.is_some_and(|signed| range.start > signed))
                .or(cover)
                .or(alone.last())
        }
        _ => alone.last(),
    };
    if let Some((day, range, _)) = chosen {
        gatherer.add(
            Key::DocumentDate,
            day.to_string(),
            range,
            if slot == "business_licence" { SHAPE } else { 86 },
        );
        return;
    }
    // Nothing stands alone: the last day of a letter is that of its signing.
    if !report && slot != "business_licence" {
        let text = transcript.text.as_str();
        let last = text.char_indices().rev().find_map(|(index, c)| {
            let begins = c.is_ascii_digit()
                && !text[..index].ends_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '至'));
            let (day, length) = begins.then(|| value::day(&text[index..])).flatten()?;
            // The first of two is the beginning of a term, on a card for example.
            let term = text[index + length..].starts_with(['-', '至']);
            (day.year() >= 2_000 && !term).then(|| (day, index..index + length))
        });
        if let Some((day, range)) = last {
            gatherer.add(Key::DocumentDate, day.to_string(), &range, 50);
        }
    }
}
