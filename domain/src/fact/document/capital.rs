//! The company's capital, its shares and the number of its holders.
//! Called by [`super::gather`].

use super::super::{
    FactKey as Key,
    gather::{Gatherer, LABELLED, SENTENCE},
    value,
};

/// Said of the past, not of today.
const HISTORY: &[&str] =
    &["设立时", "增资", "增加", "新增", "原", "设立,", "变更前", "由", "减资", "认缴", "转增"];

pub(super) fn unit(note: &str) -> Option<u32> {
    if note.contains("亿") {
        Some(8)
    } else if note.contains('万') {
        Some(4)
    } else if note.contains('元') {
        Some(0)
    } else {
        None
    }
}

pub(super) fn capital(gatherer: &mut Gatherer<'_>) {
    let kinds: [(Key, &[&str]); 2] = [
        (Key::PaidInCapital, &["实收资本", "实缴资本", "实缴注册资本", "实缴出资"]),
        (Key::RegisteredCapital, &["注册资本总额", "注册资本", "注册资金"]),
    ];
    for (key, labels) in kinds {
        for found in gatherer.labelled(labels) {
            let past = !found.whole
                && HISTORY.iter().any(|word| {
                    found.before.ends_with(word)
                        || found.before.contains("设立时")
                        || found.before.contains("增资")
                });
            let next =
                found.text.starts_with(['由', '增', '从', '变', '的', '有']) || found.text.starts_with("至");
            let entry_of_history = !found.marked && found.before.contains("设立,");
            if past || next || entry_of_history {
                continue;
            }
            if let Some((fen, length)) = value::money(&found.text, unit(&found.note), true)
                && fen >= 100_000
            {
                let confidence = if found.marked { LABELLED } else { SENTENCE };
                gatherer.add_labelled(key, &found, value::money_text(fen), length, confidence);
            }
        }
    }
    for found in
        gatherer.labelled(&["公司股份总数", "股份总数", "股份总量", "总股本", "股本总额", "股份总额"])
    {
        if let Some((count, length)) = value::whole(&found.text)
            && count > 999
            && found.text[length..].starts_with('股')
        {
            gatherer.add_labelled(
                Key::TotalShares,
                &found,
                count.to_string(),
                length + '股'.len_utf8(),
                if found.marked { LABELLED } else { SENTENCE },
            );
        }
    }
    for found in gatherer.labelled(&["公司共有", "股东人数", ",股东", "现有股东"]) {
        if let Some((count, length)) = value::whole(&found.text)
            && (1..=2_000).contains(&count)
            && found.text[length..].starts_with(['名', '户', '人'])
        {
            gatherer.add_labelled(Key::HolderCount, &found, count.to_string(), length, SENTENCE);
        }
    }
}
