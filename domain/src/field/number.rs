//! Decimal numbers as people type them in Chinese forms: thousands separators, full-width digits, 万 and 亿,
//! parentheses for negatives. Exact; no floating point.

use super::FieldProblem;
use crate::half_width;

/// A decimal: `digits` x 10^-`scale`, with no trailing zeros in the fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    pub(super) digits: i128,
    pub(super) scale: u32,
}

/// Longer numbers than any amount in the country; keeps i128 arithmetic from overflowing.
const MAX_DIGITS: usize = 24;

/// Folds width, drops blanks and brackets notes around a number, and strips the first unit that fits the end.
/// Gives the number's text and the power of ten of 千, 万, 百万, 千万, 亿.
pub(super) fn split_units(text: &str, units: &[&str]) -> (String, u32) {
    let mut folded: String = text.chars().map(half_width::fold).filter(|c| !c.is_whitespace()).collect();
    for unit in units {
        if let Some(rest) = folded.strip_suffix(unit) {
            folded.truncate(rest.len());
            break;
        }
    }
    let magnitudes = [("百万", 6), ("千万", 7), ("万亿", 12), ("亿", 8), ("万", 4), ("千", 3), ("百", 2)];
    for (word, power) in magnitudes {
        if let Some(rest) = folded.strip_suffix(word) {
            return (rest.to_owned(), power);
        }
    }
    (folded, 0)
}

/// Reads `-1,234.50` or `(1,234.50)`.
pub(super) fn decimal(text: &str) -> Option<Decimal> {
    let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let body = inner.unwrap_or(text);
    let minus = body.strip_prefix(['-', '−', '－']);
    // (-5) would say it twice.
    if inner.is_some() && minus.is_some() {
        return None;
    }
    let unsigned = minus.unwrap_or_else(|| body.strip_prefix('+').unwrap_or(body));
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    if !grouped(whole) || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    let fraction = fraction.trim_end_matches('0');
    if whole.len() + fraction.len() > MAX_DIGITS {
        return None;
    }
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let negative = inner.is_some() || minus.is_some();
    Some(Decimal {
        digits: if negative { -digits } else { digits },
        scale: u32::try_from(fraction.len()).ok()?,
    })
}

/// Digits, or groups separated by commas: threes (3,000), or fours (3000,0000) as 万 are counted.
fn grouped(whole: &str) -> bool {
    let groups: Vec<&str> = whole.split([',', '，', '\'']).collect();
    let digits = |group: &&str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    if !groups.iter().all(digits) {
        return false;
    }
    groups.len() == 1
        || [3, 4]
            .iter()
            .any(|size| groups[0].len() <= *size && groups[1..].iter().all(|group| group.len() == *size))
}

impl Decimal {
    /// The value times 10^`power`, if that is whole.
    pub(super) fn scaled(self, power: u32) -> Result<i128, Inexact> {
        if power >= self.scale {
            let factor = 10i128.checked_pow(power - self.scale).ok_or(Inexact::TooLarge)?;
            return self.digits.checked_mul(factor).ok_or(Inexact::TooLarge);
        }
        let divisor = 10i128.pow(self.scale - power);
        if self.digits % divisor == 0 { Ok(self.digits / divisor) } else { Err(Inexact::TooPrecise) }
    }
}

/// Why a decimal does not fit.
pub(super) enum Inexact {
    TooLarge,
    TooPrecise,
}

/// A whole number of shares or people.
pub(super) fn whole(text: &str, units: &[&str]) -> Result<String, FieldProblem> {
    let (number, power) = split_units(text, units);
    let value = decimal(&number).ok_or(FieldProblem::Number)?;
    match value.scaled(power) {
        Ok(count) if count < 0 => Err(FieldProblem::Negative),
        Ok(count) => i64::try_from(count).map(|n| n.to_string()).map_err(|_| FieldProblem::TooLarge),
        Err(Inexact::TooLarge) => Err(FieldProblem::TooLarge),
        Err(Inexact::TooPrecise) => Err(FieldProblem::NotWhole),
    }
}

/// 0 to 100 with at most four decimals.
pub(super) fn percent(text: &str) -> Result<String, FieldProblem> {
    let folded: String = text.chars().map(half_width::fold).filter(|c| !c.is_whitespace()).collect();
    let number = folded.strip_suffix('%').unwrap_or(&folded);
    let value = decimal(number).ok_or(FieldProblem::Number)?;
    let parts = value.scaled(4).map_err(|_| FieldProblem::Percent)?;
    if !(0..=1_000_000).contains(&parts) {
        return Err(FieldProblem::Percent);
    }
    let text = format!("{}.{:04}", parts / 10_000, parts % 10_000);
    Ok(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}
