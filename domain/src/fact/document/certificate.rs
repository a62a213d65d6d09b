//! Certificates and patents.
//! Called by [`super::gather`].

use super::super::{
    FactKey as Key,
    gather::{Gatherer, LABELLED, SENTENCE},
    value,
};

pub(super) fn certificates(gatherer: &mut Gatherer<'_>) {
    let transcript = gatherer.transcript;
    for found in gatherer.labelled(&["证书编号", "证书号", "编号"]) {
        let code: String =
            found.text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        if code.len() >= 6 {
            gatherer.add_labelled(Key::CertificateNumber, &found, code.clone(), code.len(), LABELLED);
        }
    }
    for title in [
        "高新技术企业证书",
        "专精特新中小企业",
        "专精特新小巨人企业",
        "创新型中小企业",
        "科技型中小企业",
        "质量管理体系认证证书",
    ] {
        if let Some(range) = crate::transcript::find_similar(&transcript.text, title) {
            // A province stands before the honour it awards.
            let before = transcript.before(range.start, 4);
            let province = before.find("江苏省").map(|at| &before[at..]).unwrap_or_default();
            let start = range.start - province.len();
            gatherer.add(Key::Certificate, format!("{province}{title}"), &(start..range.end), 88);
            break;
        }
    }
    let issued = gatherer
        .facts()
        .iter()
        .find(|fact| fact.key == Key::DocumentDate && fact.confidence > 70)
        .and_then(|fact| crate::field::iso_date(&fact.value));
    for found in gatherer.labelled(&["有效期限", "有效期至", "有效期"]) {
        if let Some((day, length)) = value::day(&found.text) {
            let until = found.text[length..]
                .strip_prefix(['至', '-'])
                .and_then(value::day)
                .map_or(day, |(day, _)| day);
            gatherer.add_labelled(
                Key::ValidUntil,
                &found,
                until.to_string(),
                found.text.len().min(40),
                LABELLED,
            );
        } else if let Some(years) = years(&found.text)
            && let Some(from) = issued
            && let Ok(until) = from.replace_year(from.year() + years)
        {
            gatherer.add_labelled(Key::ValidUntil, &found, until.to_string(), '三'.len_utf8() * 2, SENTENCE);
        }
    }
    let text = transcript.text.as_str();
    for (start, _) in text.match_indices("ZL") {
        let number: String =
            text[start..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '.').take(16).collect();
        if number.len() == 16 {
            let entry = gatherer.facts().iter().filter(|fact| fact.key == Key::Patent).count() + 1;
            let place = transcript.place(&(start..start + number.len()));
            gatherer.add_at(
                Key::Patent,
                None,
                u16::try_from(entry).ok(),
                number.clone(),
                number,
                place,
                LABELLED,
            );
        }
    }
}

pub(super) fn years(text: &str) -> Option<i32> {
    let words = [
        ("一年", 1),
        ("二年", 2),
        ("两年", 2),
        ("三年", 3),
        ("五年", 5),
        ("1年", 1),
        ("2年", 2),
        ("3年", 3),
        ("5年", 5),
        ("叁年", 3),
    ];
    words
        .iter()
        .find(|(word, _)| text.starts_with(word) || text.starts_with(&format!("为{word}")))
        .map(|(_, years)| *years)
}
