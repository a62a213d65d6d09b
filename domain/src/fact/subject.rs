//! Which of the companies that a document names it is about: told by labels, by forms of address, by who speaks, and by
//! which code stands beside the name.

use std::{collections::BTreeMap, ops::Range};

use super::{
    Subject,
    company::{FORMS, Name, Party, codes, is_firm, names, parties, registered},
};
use crate::{rule_pack::SlotId, transcript::Transcript};

/// Whom a document is about, with the places of name and code.
pub(super) fn subject(
    slot: &SlotId,
    transcript: &Transcript,
) -> (Subject, Option<Range<usize>>, Option<Range<usize>>) {
    let mut names = names(transcript);
    let labelled = labelled_name(transcript);
    names.extend(labelled.clone());
    let codes = codes(transcript);
    let text = transcript.text.as_str();
    let mut points: BTreeMap<&str, i32> = BTreeMap::new();
    for (rank, name) in names.iter().enumerate() {
        if is_firm(&name.name) {
            continue;
        }
        *points.entry(&name.name).or_default() += points_of(slot, transcript, text, name, rank);
    }
    if let Some(points) = labelled.as_ref().and_then(|name| points.get_mut(name.name.as_str())) {
        *points += 40;
    }
    for (name, points) in &mut points {
        let name = crate::transcript::fold(name);
        // Whose document it is stands at the head of its pages; the author's own name does too.
        if transcript.running.iter().any(|head| head.contains(name.as_str())) && !is_author(slot) {
            *points += 20;
        }
    }
    let parties = parties(transcript);
    if parties.len() >= 2 {
        for party in &parties {
            let Some(name) = &party.name else { continue };
            let other = is_firm(&name.name)
                || ["推荐", "托管方", "交易中心", "受托", "服务"]
                    .iter()
                    .any(|word| party.note.contains(word));
            if let Some(points) = points.get_mut(name.name.as_str()) {
                *points += if other { -60 } else { 30 };
            }
        }
    }
    let best = points
        .iter()
        .filter(|(_, points)| **points > 0)
        .max_by_key(|(name, points)| (**points, std::cmp::Reverse(name.len())));
    let name = best.and_then(|(best, _)| names.iter().find(|name| name.name == **best));
    let code = subject_code(transcript, &names, &codes, name, &parties);
    let recognised = name.map_or(transcript.any_recognised(), |name| {
        transcript.is_recognised(transcript.page_at(name.range.start))
    });
    let subject = Subject {
        name: name.map(|name| name.name.clone()),
        code: code.as_ref().map(|(code, _)| code.clone()),
        recognised,
    };
    (subject, name.map(|name| name.range.clone()), code.map(|(_, range)| range))
}

/// Firms put their own name at the head of their reports.
fn is_author(slot: &SlotId) -> bool {
    slot.as_str().starts_with("sponsor_")
        || matches!(
            slot.as_str(),
            "recommendation_opinion" | "due_diligence_report" | "asset_valuation" | "legal_opinion"
        )
}

/// The name in the cell beside its label, which a narrow column may have wrapped.
fn labelled_name(transcript: &Transcript) -> Option<Name> {
    const LABELS: &[&str] = &[
        "公司名称",
        "企业名称",
        "单位名称",
        "纳税人名称",
        "公司全称",
        "企业全称",
        "中文名称",
        "公司中文名称",
        "被查询企业名称",
    ];
    transcript.rows.iter().enumerate().find_map(|(row_index, row)| {
        let cell = row.cells.iter().position(|cell| LABELS.contains(&cell.text.trim_end_matches(':')))?;
        let cells = transcript.value_right_of(row_index, cell)?;
        let text: String = cells.iter().map(|cell| cell.text.as_str()).collect();
        let first = cells.first()?;
        let is_name =
            FORMS.iter().any(|form| text.ends_with(form)) && (6..=40).contains(&text.chars().count());
        is_name.then(|| Name { name: registered(&text), range: first.start..first.start + first.text.len() })
    })
}

fn points_of(slot: &SlotId, transcript: &Transcript, text: &str, name: &Name, rank: usize) -> i32 {
    let before = transcript.before(name.range.start, 14);
    let after = &text[name.range.end..];
    let mut points = if rank < 4 { 2 } else { 1 };
    let labels = [
        "公司名称",
        "企业名称",
        "单位名称",
        "纳税人名称",
        "公司全称",
        "注册名称",
        "名称",
        "申请人",
        "承诺人",
        "权利人",
        "委托人",
        "企业全称",
        "申请企业",
        "挂牌企业",
        "参保单位",
        "缴费单位",
        "被审计单位",
        "编制单位",
        "发行人",
        "公司",
        "企业",
    ];
    if labels.iter().any(|label| before.trim_end_matches([':', ')']).ends_with(label)) {
        points += 14;
    }
    if ["(以下简称\"公司\"", "(以下简称\"本公司\"", "(以下简称\"贵公司\"", "(下称\"公司\"", "(简称\"公司\""]
        .iter()
        .any(|head| after.starts_with(head))
    {
        points += 24;
    }
    if after.starts_with("(以下简称") || after.starts_with("(下称") {
        let note: String = after.chars().take(24).collect();
        if ["本机构", "本推荐机构", "本所", "我司", "推荐机构", "主办券商", "推荐商"]
            .iter()
            .any(|word| note.contains(word))
        {
            points -= 40;
        } else {
            points += 8;
        }
    }
    if after.starts_with("全体股东") {
        points += 24;
    }
    if ["致:", "推荐", "受", "接受", "关于推荐", "作为", "关于"].iter().any(|word| before.ends_with(word))
    {
        points += 8;
    }
    if after.starts_with("委托")
        || after.starts_with("的委托")
        || after.starts_with("股权挂牌")
        || after.starts_with("股权在")
        || after.starts_with("申请股权")
        || after.starts_with("拟申请")
        || after.starts_with("申请挂牌")
    {
        points += 12;
    }
    if after.starts_with("股东会")
        || after.starts_with("董事会")
        || after.starts_with("章程")
        || after.starts_with("股东大会")
        || after.starts_with("董事长")
    {
        points += 6;
    }
    let sponsor_document = slot.as_str().starts_with("sponsor_")
        || matches!(slot.as_str(), "recommendation_opinion" | "due_diligence_report");
    let alone = transcript
        .cell_at(name.range.start)
        .is_some_and(|cell| cell.text.chars().count() <= name.name.chars().count() + 4);
    if alone && rank < 3 && !sponsor_document && slot.as_str() != "asset_valuation" {
        points += 10;
    }
    if after.starts_with("(盖章)") || after.starts_with("(公章)") {
        points += if sponsor_document { -12 } else { 8 };
    }
    if sponsor_document
        && (after.starts_with("作为")
            || after.starts_with("接受")
            || after.starts_with("(统一社会信用代码")
            || after.starts_with("组成")
            || (alone && before.is_empty()))
    {
        points -= 20;
    }
    if ["推荐机构", "推荐机构:", "主办券商:", "推荐商:", "托管机构:", "指"]
        .iter()
        .any(|word| before.ends_with(word))
        && !before.ends_with("本公司指")
    {
        points -= 20;
    }
    if before.ends_with("现名:") {
        points += 40;
    }
    points
}

/// The code beside the subject's name; or the one under its label; or the only one.
fn subject_code(
    transcript: &Transcript,
    names: &[Name],
    codes: &[(String, Range<usize>)],
    name: Option<&Name>,
    parties: &[Party],
) -> Option<(String, Range<usize>)> {
    if parties.len() >= 2
        && let Some(name) = name
        && let Some(party) =
            parties.iter().find(|party| party.name.as_ref().is_some_and(|own| own.name == name.name))
    {
        return party.code.clone();
    }
    let mut best: Option<(i32, &(String, Range<usize>))> = None;
    for (rank, code) in codes.iter().enumerate() {
        let before = transcript.before(code.1.start, 40);
        let mut points = if rank == 0 { 3 } else { 0 };
        let label = ["统一社会信用代码", "信用代码", "纳税人识别号", "社会信用代码"]
            .iter()
            .any(|label| before.contains(label));
        points += if label { 4 } else { 0 };
        // Brackets are one byte here and three in the registered name.
        let plain = name.map(|name| crate::transcript::fold(&name.name));
        if plain.as_ref().is_some_and(|name| before.contains(name.as_str())) {
            points += 20;
        }
        points +=
            i32::try_from(codes.iter().filter(|other| other.0 == code.0).count().min(5)).unwrap_or(0) * 2;
        // The codes of a register's holders, and of firms, are not the company's.
        let stranger = nearest_name(names, code.1.start)
            .is_some_and(|near| name.is_none_or(|name| near.name != name.name));
        points -= if stranger { 30 } else { 0 };
        let other_firm =
            ["本机构", "证券", "托管", "交易中心", "执行事务合伙人"].iter().any(|word| before.contains(word));
        points -= if other_firm { 6 } else { 0 };
        if points > 0 && best.is_none_or(|(most, _)| points > most) {
            best = Some((points, code));
        }
    }
    best.map(|(_, code)| code.clone())
}

/// The name right before a code, when the two belong together in a sentence.
fn nearest_name(names: &[Name], code: usize) -> Option<&Name> {
    names.iter().rev().find(|name| name.range.end <= code).filter(|name| code - name.range.end <= 60)
}
