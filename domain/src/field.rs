//! Reads one field of an application as people type it: folds full-width digits, understands 万元 and
//! 2026年11月2日, checks it against its definition and gives back one canonical text. Called on every save and by
//! [`crate::completeness`]. It checks one value at a time; checks across fields and documents stand elsewhere.

use serde::{Deserialize, Serialize};
use time::{Date, Month};

use crate::{
    credit_code::{CheckDigit, CreditCode},
    half_width,
    rule_pack::{ChoiceOption, FieldDefinition, FieldKind},
};

mod error;
mod money;
mod number;

pub use error::{FieldError, FieldProblem, FieldWarning};
pub use money::{fen, money_label, yuan};

/// A value in canonical form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Normalised {
    /// Empty when nothing was given.
    pub value: String,
    /// Worth a second look; never a reason to refuse.
    pub warning: Option<FieldWarning>,
}

/// Normalises `raw` for `field`. Canonical forms, each of which normalises to itself:
///
/// | kind | canonical | also understood |
/// |---|---|---|
/// | text, long_text | trimmed, no control or invisible characters | |
/// | credit_code | 18 half-width capitals | lower case, full-width, spaces, hyphens |
/// | money | yuan with two decimals, `30000000.00` (see [`fen`]) | `3,000.00 万元`, `1.5亿`, `¥30000000`, `(500.00)` |
/// | shares, count | digits | `3,000万股`, `12人` |
/// | date | `2026-11-02` | `2026年11月2日`, `2026/11/2`, `2026.11.2`, `20261102` |
/// | percent | decimal without trailing zeros, `12.5` | `12.50%` |
/// | choice | the option's value | its label in either language |
/// | phone | `13800000000`, `025-00000000`, `025-00000000-123` | `+86`, spaces, parentheses |
/// | email | domain in lower case | full-width |
///
/// Blank input is canonical (`""`) for every kind: whether something must be given is for completeness to say.
///
/// # Errors
/// [`FieldError`] with the field's label, what is wrong and what to do.
pub fn normalise(field: &FieldDefinition, raw: &str) -> Result<Normalised, FieldError> {
    let error = |problem| FieldError { field: field.id.clone(), label: field.label.clone(), problem };
    let multiline = matches!(field.kind, FieldKind::LongText);
    let clean = clean(raw, multiline);
    if clean.is_empty() {
        return Ok(Normalised { value: String::new(), warning: None });
    }
    // Bound the work before parsing; canonical forms are never longer than this.
    let length = clean.chars().count();
    let limit = usize::from(field.max_length);
    if length > limit {
        return Err(error(FieldProblem::TooLong { max: limit, found: length }));
    }
    let mut warning = None;
    let value = match &field.kind {
        FieldKind::Text | FieldKind::LongText => Ok(clean),
        FieldKind::CreditCode => match CreditCode::parse(&clean) {
            Ok(code) => {
                if let CheckDigit::Wrong { expected } = code.check_digit() {
                    warning =
                        Some(FieldWarning { field: field.id.clone(), label: field.label.clone(), expected });
                }
                Ok(code.into())
            }
            Err(wrong) => Err(FieldProblem::CreditCode(wrong)),
        },
        FieldKind::Money { signed } => money::canonical(&clean, *signed),
        FieldKind::Shares => number::whole(&clean, &["股", "份"]),
        FieldKind::Count => number::whole(&clean, &["人", "名", "户", "个", "家"]),
        FieldKind::Percent => number::percent(&clean),
        FieldKind::Date => date(&clean).map(|day| day.to_string()).ok_or(FieldProblem::Date),
        FieldKind::Choice { options } => choice(options, &clean),
        FieldKind::Phone => phone(&clean).ok_or(FieldProblem::Phone),
        FieldKind::Email => email(&clean).ok_or(FieldProblem::Email),
    };
    match value {
        Ok(value) => Ok(Normalised { value, warning }),
        Err(problem) => Err(error(problem)),
    }
}

/// Trims, drops control and invisible characters, and joins runs of blanks. Lines survive only where wanted.
fn clean(raw: &str, multiline: bool) -> String {
    let unified = raw.replace("\r\n", "\n").replace('\r', "\n");
    let line = |line: &str| -> String {
        let visible: String = line
            .chars()
            .map(|c| if c.is_whitespace() { ' ' } else { c })
            .filter(|c| !c.is_control() && !half_width::is_invisible(*c))
            .collect();
        visible.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    };
    if multiline {
        let lines: Vec<String> = unified.split('\n').map(line).collect();
        lines.join("\n").trim().to_owned()
    } else {
        line(&unified.replace('\n', " "))
    }
}

/// Reads exactly `2026-11-02`.
#[must_use]
pub fn iso_date(text: &str) -> Option<Date> {
    let day = date(text)?;
    (day.to_string() == text).then_some(day)
}

/// Reads a day in any of the usual spellings; years 1900 to 2199.
fn date(text: &str) -> Option<Date> {
    let folded: String = text.chars().map(half_width::fold).filter(|c| !c.is_whitespace()).collect();
    let parts: Vec<&str> = if folded.len() == 8 && folded.bytes().all(|byte| byte.is_ascii_digit()) {
        vec![&folded[..4], &folded[4..6], &folded[6..]]
    } else {
        let body = folded.strip_suffix(['日', '号']).unwrap_or(&folded);
        body.split(['-', '/', '.', '年', '月', '、']).collect()
    };
    let [year, month, day] = parts.as_slice() else { return None };
    let digits = |part: &str, most: usize| {
        (part.len() <= most && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<u16>().ok())
            .flatten()
    };
    let year = digits(year, 4).filter(|year| (1900..2200).contains(year))?;
    let month = Month::try_from(u8::try_from(digits(month, 2)?).ok()?).ok()?;
    Date::from_calendar_date(i32::from(year), month, u8::try_from(digits(day, 2)?).ok()?).ok()
}

fn choice(options: &[ChoiceOption], text: &str) -> Result<String, FieldProblem> {
    options
        .iter()
        .find(|option| option.value == text)
        .or_else(|| {
            options
                .iter()
                .find(|option| option.label.zh == text || option.label.en.eq_ignore_ascii_case(text))
        })
        .map(|option| option.value.clone())
        .ok_or_else(|| FieldProblem::Choice {
            zh: options.iter().map(|option| option.label.zh.clone()).collect(),
            en: options.iter().map(|option| option.label.en.clone()).collect(),
        })
}

/// Mainland numbers: mobile (11 digits from 13), fixed line with area code, 400/800 service numbers.
fn phone(text: &str) -> Option<String> {
    let folded: String = text
        .chars()
        .map(half_width::fold)
        .filter(|c| !c.is_whitespace() && !matches!(c, '(' | ')'))
        .map(|c| if matches!(c, '－' | '—' | '–' | '转') { '-' } else { c })
        .collect();
    let national = folded
        .strip_prefix("+86")
        .or_else(|| folded.strip_prefix("0086"))
        .unwrap_or(&folded)
        .trim_start_matches('-');
    let mut parts: Vec<&str> = national.split('-').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() || !parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    let joined = parts.concat();
    let mobile = joined.len() == 11 && joined.starts_with('1') && joined.as_bytes()[1] >= b'3';
    if mobile || (joined.len() == 10 && (joined.starts_with("400") || joined.starts_with("800"))) {
        return Some(joined);
    }
    // An area code written together with the number: 010 and 02x have three digits, the others four.
    if parts.len() == 1 || parts[0].len() > 4 {
        let whole = parts[0];
        let area = if whole.starts_with("010") || whole.starts_with("02") { 3 } else { 4 };
        if whole.len() <= area {
            return None;
        }
        parts.splice(0..1, [&whole[..area], &whole[area..]]);
    }
    let (area, line, extension) = match parts.as_slice() {
        [area, line] => (area, line, None),
        [area, line, extension] => (area, line, Some(extension)),
        _ => return None,
    };
    let fits = area.starts_with('0')
        && (3..=4).contains(&area.len())
        && (7..=8).contains(&line.len())
        // No line begins with 0; all zeros is the example that the forms show.
        && (!line.starts_with('0') || line.bytes().all(|byte| byte == b'0'))
        && extension.is_none_or(|extension| extension.len() <= 6);
    fits.then(|| parts.join("-"))
}

/// The shape of an address, not its existence: one `@`, a dotted domain, nothing that needs quoting.
fn email(text: &str) -> Option<String> {
    let folded: String = text.chars().map(half_width::fold).collect();
    let (local, domain) = folded.rsplit_once('@')?;
    let local_fits = !local.is_empty()
        && local.len() <= 64
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~.-".contains(&b));
    let label_fits = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let domain_fits = domain.contains('.') && domain.len() <= 253 && domain.split('.').all(label_fits);
    (local_fits && domain_fits).then(|| format!("{local}@{}", domain.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests;
