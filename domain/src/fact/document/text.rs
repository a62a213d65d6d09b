//! Texts that stand beside their labels: address, business, contact, short names, authorities.
//! Called by [`super::gather`].

use super::super::{
    FactKey as Key, company,
    gather::{Gatherer, LABELLED, Labelled, SENTENCE, SHAPE},
    value,
};
use super::is_han;

/// A text up to the end of its cell or clause.
pub(super) fn clause(found: &Labelled, most: usize) -> Option<(String, usize)> {
    let end = if found.whole {
        found.text.len()
    } else {
        found.text.find(['。', ';', ',']).unwrap_or(found.text.len())
    };
    let text = found.text[..end].trim_end_matches(['.', ':', '。', ';', ',']);
    ((2..=most).contains(&text.chars().count())).then(|| (text.to_owned(), text.len()))
}

pub(super) fn texts(slot: &str, gatherer: &mut Gatherer<'_>) {
    for found in gatherer.labelled(&["公司住所", "注册地址", "企业住所", "住所地", "住所", "营业场所"])
    {
        let Some((address, length)) = clause(&found, 80) else { continue };
        // An address names a place of government; labels that only mention the word do not.
        let is_address =
            address.chars().any(|c| matches!(c, '省' | '市' | '区' | '县')) && address.chars().count() >= 6;
        if is_address && !address.contains("公司") {
            let range_end = found.start.map(|start| gatherer.transcript.row_end(start));
            // A signature block's address ends with its line.
            let (address, length) = match (found.whole, found.marked, found.start, range_end) {
                (false, true, Some(start), Some(end))
                    if end - start < length
                        && gatherer.transcript.rows.iter().any(|row| row.area.is_none()) =>
                {
                    (gatherer.transcript.text[start..end].to_owned(), end - start)
                }
                _ => (address, length),
            };
            gatherer.add_labelled(
                Key::Address,
                &found,
                company::registered(&address),
                length,
                if found.marked { LABELLED } else { SENTENCE },
            );
        }
    }
    if matches!(slot, "application_letter" | "company_overview" | "short_name_code_request") {
        let kinds: [(Key, &[&str], usize); 6] = [
            (Key::Industry, &["所属行业"], 60),
            (Key::MainBusiness, &["主营业务", "主要业务", "主要产品或服务"], 200),
            (Key::ContactPhone, &["联系电话", "电话"], 30),
            (Key::ContactEmail, &["电子邮箱", "电子邮件", "邮箱"], 60),
            (Key::ContactPerson, &["联系人", "信息披露负责人", "董事会秘书"], 8),
            (Key::Board, &["挂牌板块/层级", "申请板块", "挂牌板块"], 20),
        ];
        for (key, labels, most) in kinds {
            for found in gatherer.labelled(labels).into_iter().filter(|found| found.whole || found.marked) {
                if let Some((text, length)) = clause(&found, most) {
                    gatherer.add_labelled(key, &found, text, length, LABELLED);
                }
            }
        }
        for found in gatherer.labelled(&["实际控制人"]) {
            if let Some((name, length)) = value::person(&found.text) {
                gatherer.add_labelled(Key::ActualController, &found, name, length, SENTENCE);
            }
        }
        for (key, labels) in [
            (
                Key::AlternativeShortName,
                &["拟用股权简称(备选)", "备选简称", "备用简称", "股权简称(备选)", "简称(备选)"][..],
            ),
            (
                Key::ShortName,
                &["拟用股权简称(首选)", "拟用股权简称", "拟用简称", "首选简称", "股权简称(首选)", "股权简称"]
                    [..],
            ),
        ] {
            for found in gatherer.labelled(labels).into_iter().filter(|found| found.whole || found.marked) {
                let length = found
                    .text
                    .chars()
                    .take_while(|c| is_han(*c) || c.is_ascii_alphanumeric())
                    .map(char::len_utf8)
                    .sum::<usize>();
                let name = &found.text[..length];
                let alternative = found.note.contains("备");
                if (2..=8).contains(&name.chars().count())
                    && (key == Key::AlternativeShortName || !alternative)
                {
                    gatherer.add_labelled(
                        key,
                        &found,
                        name.to_owned(),
                        length,
                        if found.note.contains("首选") { 96 } else { LABELLED },
                    );
                }
            }
        }
    }
    if slot == "business_licence" || slot == "credit_tax_social" {
        for found in gatherer.labelled(&["登记机关"]) {
            if let Some(end) = found.text.find('局') {
                let authority = &found.text[..end + '局'.len_utf8()];
                gatherer.add_labelled(
                    Key::Authority,
                    &found,
                    authority.to_owned(),
                    authority.len(),
                    LABELLED,
                );
            }
        }
        let text = gatherer.transcript.text.as_str();
        if let Some(end) = text.find("市场监督管理局").map(|start| start + "市场监督管理局".len())
        {
            let head = &text[..end];
            let start = head
                .char_indices()
                .rev()
                .take_while(|(_, c)| is_han(*c))
                .take(14)
                .last()
                .map_or(end, |(index, _)| index);
            let name = text[start..end].trim_start_matches("登记机关");
            gatherer.add(Key::Authority, name.to_owned(), &(end - name.len()..end), SHAPE);
        }
    }
}
