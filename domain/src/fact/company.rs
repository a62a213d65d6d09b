//! Names and codes of companies and firms in a document. A name ends where its legal form ends; where it begins is told by
//! what stands before it. Names keep their registered spelling, with full-width brackets. [`super::subject`] tells whom a
//! document is about.

use std::{collections::BTreeMap, ops::Range};

use super::value;
use crate::transcript::Transcript;

/// A name in a document.
#[derive(Clone, Debug)]
pub(super) struct Name {
    /// With full-width brackets.
    pub(super) name: String,
    pub(super) range: Range<usize>,
}

/// A party to an agreement.
#[derive(Clone, Debug, Default)]
pub(super) struct Party {
    pub(super) name: Option<Name>,
    /// What stands in brackets behind 甲方: 委托方, 推荐机构.
    pub(super) note: String,
    pub(super) code: Option<(String, Range<usize>)>,
    pub(super) range: Range<usize>,
}

/// Endings of registered names, longest first.
pub(super) const FORMS: &[&str] = &[
    "会计师事务所(特殊普通合伙)",
    "会计师事务所(普通合伙)",
    "会计师事务所有限责任公司",
    "会计师事务所有限公司",
    "会计师事务所",
    "律师事务所",
    "资产评估事务所(普通合伙)",
    "资产评估事务所",
    "合伙企业(有限合伙)",
    "合伙企业(普通合伙)",
    "(有限合伙)",
    "(普通合伙)",
    "股份有限公司",
    "有限责任公司",
    "集团有限公司",
    "有限公司",
    "合伙企业",
    "个人独资企业",
];

/// Words before a name that are no part of it.
const BEFORE: &[&str] = &[
    "根据",
    "依据",
    "由于",
    "鉴于",
    "关于推荐",
    "关于同意",
    "同意推荐",
    "同意",
    "推荐",
    "关于",
    "接受",
    "受托于",
    "受",
    "委托",
    "聘请",
    "确认聘请",
    "本公司",
    "我公司",
    "经",
    "与",
    "和",
    "及",
    "以及",
    "并与",
    "由",
    "系由",
    "系",
    "对",
    "向",
    "为",
    "是",
    "在",
    "于",
    "将",
    "通过",
    "担任",
    "致",
    "作为",
    "现由",
    "指",
    "名称",
    "公司名称",
    "甲方",
    "乙方",
    "丙方",
    "注册名称",
    "前身",
    "公司前身",
    "股东",
    "认购",
    "持有",
    "出具",
    "出具的",
    "现授权",
    "兹授权",
    "维护",
    "现任",
    "申请人",
    "承诺人",
    "委托人",
    "权利人",
    "客户",
    "供应商",
    "企业名称",
    "单位名称",
    "企业",
    "经查询",
    "查询",
    "本所",
    "由发起人",
    "发起人",
    "截至",
    "报送",
    "任职于",
    "就职于",
    "本次",
    "的",
    "了",
    "对于",
    "我们审计了",
    "审计了",
    "后附的",
    "被评估单位",
    "委托方",
    "拟由",
    "推荐机构",
    "审计机构",
    "审计单位",
    "法律顾问",
    "法律服务机构",
    "评估机构",
    "托管机构",
    "登记托管机构",
    "主办券商",
    "保荐机构",
    "财务顾问",
    "会计师事务所",
    "律师事务所",
    "转让给",
    "其中",
    "下属",
    "子公司",
    "母公司",
    "全资子公司",
    "控股子公司",
    "包括",
    "成立",
    "设立",
    "先后",
    "此前",
    "目前",
    "已由",
    "已",
    "称为",
];

/// Characters that end a name when read backwards.
fn is_boundary(c: char) -> bool {
    matches!(
        c,
        '。' | ','
            | ';'
            | ':'
            | '、'
            | '"'
            | '《'
            | '》'
            | '<'
            | '>'
            | '!'
            | '?'
            | '='
            | '|'
            | '/'
            | '〔'
            | '〕'
            | '_'
            | '-'
            | '.'
            | '\''
            | '*'
            | '“'
            | '”'
    ) || c.is_ascii_digit()
}

/// Registered spelling: brackets full-width.
pub(super) fn registered(name: &str) -> String {
    name.chars()
        .map(|c| match c {
            '(' => '（',
            ')' => '）',
            other => other,
        })
        .collect()
}

/// Every company or firm named in a document, in order.
pub(super) fn names(transcript: &Transcript) -> Vec<Name> {
    let text = transcript.text.as_str();
    let mut found: Vec<Name> = Vec::new();
    let mut ends: Vec<(usize, usize)> = Vec::new();
    for form in FORMS {
        for (start, matched) in text.match_indices(form) {
            let end = start + matched.len();
            if !ends.iter().any(|(from, to)| *from <= start && end <= *to) {
                ends.push((start, end));
            }
        }
    }
    ends.sort_unstable();
    for (start, end) in ends {
        if let Some(begin) = beginning(transcript, start, end)
            && text[begin..start].chars().count() >= 2
        {
            // A name whose form is in brackets may contain another form: 某某有限公司(有限合伙) is one name.
            found.push(Name { name: registered(&text[begin..end]), range: begin..end });
        }
    }
    trim_to_known(&mut found);
    found
}

/// Where the name begins whose form begins at `form`.
fn beginning(transcript: &Transcript, form: usize, end: usize) -> Option<usize> {
    let text = transcript.text.as_str();
    let mut begin = form;
    let mut depth = 0;
    let form_cell = transcript.locate(form)?;
    for (index, c) in text[..form].char_indices().rev() {
        match c {
            // A note of its own ends before the name: …)接受某某公司.
            ')' if text[index..form].chars().count() > 12
                || text[..index]
                    .ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '\"' | '。')) =>
            {
                break;
            }
            ')' => depth += 1,
            '(' if depth > 0 => depth -= 1,
            '(' => break,
            c if is_boundary(c) => break,
            _ => {}
        }
        // A name goes on from the line above, but not from the cell to its left.
        let place = transcript.locate(index)?;
        if place != form_cell {
            let same_row = place.0 == form_cell.0;
            let above =
                transcript.rows[place.0].cells.len() > 1 || transcript.rows[form_cell.0].cells.len() > 1;
            if same_row || above || place.0 + 1 < form_cell.0 || !transcript.goes_on(place.0) {
                break;
            }
        }
        if text[index..form].chars().count() > 28 {
            break;
        }
        begin = index;
    }
    let mut name = &text[begin..form];
    // Another name ends within: 某某证券股份有限公司作为….
    if let Some(cut) = FORMS.iter().filter_map(|inner| name.rfind(inner).map(|at| at + inner.len())).max() {
        name = &name[cut..];
    }
    for word in [
        "作为",
        "出具",
        "委托",
        "接受",
        "现名",
        "前身",
        "股份在",
        "股权在",
        "股份于",
        "股权于",
        "任职于",
        "就职于",
    ] {
        if let Some(at) = name.rfind(word) {
            name = &name[at + word.len()..];
        }
    }
    // A name in a cell of its own begins where the cell does.
    let cell = transcript.cell_at(begin)?;
    if cell.start == begin
        && name.len() == form - begin
        && cell.text.chars().count() <= text[begin..end].chars().count() + 4
        && !cell.text.contains(['。', ','])
    {
        let labelled = BEFORE.iter().any(|word| word.chars().count() >= 4 && name.starts_with(word));
        if !labelled && article(name).is_none() && !name.starts_with("关于") {
            return Some(begin);
        }
    }
    loop {
        if let Some(rest) = article(name) {
            name = rest;
            continue;
        }
        let longest = BEFORE.iter().filter(|word| name.starts_with(**word)).max_by_key(|word| word.len());
        match longest {
            Some(word) if name.chars().count() > word.chars().count() + 1 => name = &name[word.len()..],
            _ => break,
        }
    }
    // 整体变更为股份有限公司 names a form, not a company.
    let verb = ["变更为", "整体变更", "改制为", "折股", "解聘", "聘用", "聘任", "某"]
        .iter()
        .any(|word| name.contains(word));
    (!verb && !name.is_empty()).then(|| form - name.len())
}

/// What follows the number of an article or chapter, 第一条.
fn article(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('第')?;
    let digits: usize =
        rest.chars().take_while(|c| "一二三四五六七八九十百".contains(*c)).map(char::len_utf8).sum();
    rest[digits..].strip_prefix(['条', '章', '节']).filter(|_| digits > 0)
}

/// Prose glues words to names that no list foresees. A name that also stands free elsewhere in the document is known,
/// and every longer one that ends with it is cut to it.
fn trim_to_known(names: &mut [Name]) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for name in names.iter() {
        *counts.entry(name.name.clone()).or_default() += 1;
    }
    for name in names {
        let shorter = counts
            .iter()
            .filter(|(known, count)| {
                known.len() < name.name.len()
                    && name.name.ends_with(known.as_str())
                    && **count >= 2
                    && known.chars().count() >= 8
            })
            .max_by_key(|(known, _)| known.len());
        if let Some((known, _)) = shorter {
            let cut: usize = name
                .name
                .chars()
                .take(name.name.chars().count() - known.chars().count())
                .map(|c| if matches!(c, '（' | '）') { 1 } else { c.len_utf8() })
                .sum();
            name.range.start += cut;
            name.name = known.clone();
        }
    }
}

/// Every credit code in a document.
pub(super) fn codes(transcript: &Transcript) -> Vec<(String, Range<usize>)> {
    let text = transcript.text.as_str();
    let mut found = Vec::new();
    let mut skip = 0;
    for (index, c) in text.char_indices() {
        if index < skip || !c.is_ascii_alphanumeric() {
            continue;
        }
        let length = text[index..].bytes().take_while(u8::is_ascii_alphanumeric).count();
        skip = index + length;
        // Numbers of neighbouring cells run together.
        let cell_end = transcript.cell_end(index);
        let run = &text[index..(index + length).min(cell_end.max(index + 1))];
        let run = if run.len() == 18 { run } else { &text[index..index + length] };
        if let Some((code, used)) = value::credit_code(run) {
            found.push((code, index..index + used));
            skip = index + used;
        }
    }
    found
}

/// Kinds of firm that stand in other companies' documents by profession.
pub(super) fn is_firm(name: &str) -> bool {
    [
        "会计师事务所",
        "律师事务所",
        "资产评估",
        "股权交易中心",
        "交易场所",
        "股权托管",
        "登记托管",
        "托管登记",
        "交易中心",
    ]
    .iter()
    .any(|word| name.contains(word))
}

/// The parties of an agreement, in order.
pub(super) fn parties(transcript: &Transcript) -> Vec<Party> {
    let names = names(transcript);
    let codes = codes(transcript);
    let mut parties: Vec<Party> = Vec::new();
    for row in transcript.rows.iter().take(60) {
        let text = &transcript.text[row.range.clone()];
        let Some(rest) = ["甲方", "乙方", "丙方"].iter().find_map(|word| text.strip_prefix(word))
        else {
            continue;
        };
        let note = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or("", |(note, _)| note);
        if !rest.trim_start_matches(['(', ')']).contains(':') && note.is_empty() {
            continue;
        }
        let name = names.iter().find(|name| row.range.contains(&name.range.start)).cloned();
        if name.is_none() || parties.len() == 3 {
            continue;
        }
        if parties
            .iter()
            .any(|party| party.name.as_ref().map(|name| &name.name) == name.as_ref().map(|name| &name.name))
        {
            break;
        }
        parties.push(Party { name, note: note.to_owned(), code: None, range: row.range.clone() });
    }
    let starts: Vec<usize> = parties.iter().map(|party| party.range.start).collect();
    for (index, party) in parties.iter_mut().enumerate() {
        let end = starts.get(index + 1).copied().unwrap_or(party.range.start + 1_200);
        party.code =
            codes.iter().find(|(_, range)| range.start >= party.range.start && range.start < end).cloned();
        party.range.end = end.min(transcript.text.len());
    }
    parties
}
