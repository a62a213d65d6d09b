//! The legal representative, as opposed to everybody else's and to lines for signatures.
//! Called by [`super::gather`].

use std::ops::Range;

use super::super::{
    FactKey as Key, company,
    gather::{Gatherer, LABELLED, SENTENCE},
    subject, value,
};
use super::is_han;
use crate::rule_pack::SlotId;

pub(super) fn legal_representative(slot: &str, gatherer: &mut Gatherer<'_>) {
    let party = company::parties(gatherer.transcript);
    let own: Option<Range<usize>> = (party.len() >= 2)
        .then(|| {
            let id = SlotId::new(slot)?;
            let name = subject::subject(&id, gatherer.transcript).0.name?;
            party
                .iter()
                .find(|party| party.name.as_ref().is_some_and(|own| own.name == name))
                .map(|party| party.range.clone())
        })
        .flatten();
    for found in gatherer.labelled(&["法定代表人/执行事务合伙人", "法定代表人姓名", "法定代表人", "法人代表"])
    {
        let signature = ["签字", "签名", "签章", "盖章"].iter().any(|word| found.note.contains(word));
        let elsewhere =
            own.as_ref().is_some_and(|own| found.start.is_some_and(|start| !own.contains(&start)));
        let partner = found.before.ends_with("执行事务合伙人/") || found.before.ends_with('/');
        if signature || elsewhere || partner {
            continue;
        }
        // 法定代表人身份证明, 法定代表人或授权代表 are other things.
        if let Some((name, length)) = value::person(&found.text) {
            let ends = found.text[length..].chars().next().is_none_or(|c| !is_han(c)) || found.whole;
            if ends {
                gatherer.add_labelled(
                    Key::LegalRepresentative,
                    &found,
                    name,
                    length,
                    if found.marked { LABELLED } else { SENTENCE },
                );
            }
        }
    }
    if slot == "legal_rep_id" {
        // 张三,性别男,现任…的法定代表人; on the card: 姓名 张三.
        for found in gatherer.labelled(&["姓名"]) {
            if let Some((name, length)) = value::person(&found.text) {
                gatherer.add_labelled(Key::LegalRepresentative, &found, name, length, LABELLED);
            }
        }
        let transcript = gatherer.transcript;
        for sex in [",性别", ",男,", ",女,", "同志"] {
            let Some(at) = transcript.text.find(sex) else { continue };
            let row = transcript.row_at(at).map_or(0, |row| row.range.start);
            let head = &transcript.text[row..at];
            let head = head.strip_prefix("兹证明").unwrap_or(head);
            if let Some((name, length)) = value::person(head)
                && length == head.len()
            {
                gatherer.add(Key::LegalRepresentative, name, &(at - length..at), LABELLED);
                break;
            }
        }
    }
}
