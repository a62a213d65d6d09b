//! Amounts in renminbi. Canonical text is yuan with two decimals, so that a saved value can go back into its
//! input box and be read again unchanged; [`fen`] turns it into the integer that the database keeps.

use super::{
    FieldProblem,
    number::{Decimal, Inexact, decimal, split_units},
};
use crate::{half_width, locale::Locale};

/// Reads an amount as typed. Without 万 or 亿 the number is in yuan.
pub(super) fn canonical(text: &str, signed: bool) -> Result<String, FieldProblem> {
    let value = read(text)?;
    if value < 0 && !signed {
        return Err(FieldProblem::Negative);
    }
    Ok(yuan(value))
}

fn read(text: &str) -> Result<i64, FieldProblem> {
    let folded: String = text.chars().map(half_width::fold).filter(|c| !c.is_whitespace()).collect();
    let mut body = folded.as_str();
    for prefix in ["人民币", "RMB", "CNY", "¥", "￥"] {
        body = body.strip_prefix(prefix).unwrap_or(body);
    }
    let body = body.strip_suffix(['整', '正']).unwrap_or(body);
    // -¥5.00 and ¥-5.00 are both seen.
    let signed_mark = body.strip_prefix("-¥").map(|rest| format!("-{rest}"));
    let (number, power) =
        split_units(signed_mark.as_deref().unwrap_or(body), &["元人民币", "人民币元", "人民币", "元", "圆"]);
    let value: Decimal = decimal(&number).ok_or(FieldProblem::Money)?;
    match value.scaled(power + 2) {
        Ok(fen) => i64::try_from(fen).map_err(|_| FieldProblem::TooLarge),
        Err(Inexact::TooLarge) => Err(FieldProblem::TooLarge),
        Err(Inexact::TooPrecise) => Err(FieldProblem::BelowFen),
    }
}

/// Fen of a canonical amount such as `30000000.00`; `None` for anything that is not canonical.
#[must_use]
pub fn fen(canonical: &str) -> Option<i64> {
    let value = read(canonical).ok()?;
    (yuan(value) == canonical).then_some(value)
}

/// The canonical text of an amount in fen: `3000000000` is `30000000.00`.
#[must_use]
pub fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let amount = fen.unsigned_abs();
    format!("{sign}{}.{:02}", amount / 100, amount % 100)
}

/// An amount for reading: `30,000,000.00 元` or `CNY 30,000,000.00`.
#[must_use]
pub fn money_label(fen: i64, locale: Locale) -> String {
    let amount = fen.unsigned_abs();
    let digits = (amount / 100).to_string();
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if fen < 0 { "-" } else { "" };
    let number = format!("{sign}{grouped}.{:02}", amount % 100);
    match locale {
        Locale::Zh => format!("{number} 元"),
        Locale::En => format!("CNY {number}"),
    }
}
