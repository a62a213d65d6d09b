//! Values at the beginning of a text: days, amounts, numbers, codes and names as documents print them, in canonical
//! form. All texts are folded ([`crate::transcript::fold`]). Every function gives the length that it read.

use time::{Date, Month};

use super::Period;
use crate::{credit_code::CreditCode, field::yuan};

/// A value and how many bytes of the text it took.
pub(super) type Read<T> = Option<(T, usize)>;

const DIGITS: &str = "〇一二三四五六七八九";

/// A Chinese digit of ordinary or banker's writing.
fn chinese_digit(c: char) -> Option<u32> {
    if let Some(index) = DIGITS.chars().position(|digit| digit == c) {
        return u32::try_from(index).ok();
    }
    Some(match c {
        '零' => 0,
        '壹' => 1,
        '贰' | '两' | '貳' => 2,
        '叁' => 3,
        '肆' => 4,
        '伍' => 5,
        '陆' => 6,
        '柒' => 7,
        '捌' => 8,
        '玖' => 9,
        _ => return None,
    })
}

/// A day: `2026年11月2日`, `2026-11-02`, `2026/11/2`, `2026.11.02`, `二〇二六年十一月二日`.
pub(crate) fn day(text: &str) -> Read<Date> {
    let (year, month, day, length) = ascii_day(text).or_else(|| chinese_day(text))?;
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let year = i32::try_from(year).ok().filter(|year| (1900..2200).contains(year))?;
    Some((Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()?, length))
}

fn number(text: &str, most: usize) -> Option<(u32, usize)> {
    let length = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    (length > 0).then(|| text[..length].parse().ok()).flatten().map(|value| (value, length))
}

fn ascii_day(text: &str) -> Option<(u32, u32, u32, usize)> {
    let (year, used) = number(text, 4).filter(|(_, used)| *used == 4)?;
    let rest = &text[used..];
    let separator = rest.chars().next().filter(|c| matches!(c, '年' | '-' | '/' | '.'))?;
    let rest = &rest[separator.len_utf8()..];
    let (month, used) = number(rest, 2)?;
    let rest = &rest[used..];
    let second =
        rest.chars().next().filter(|c| if separator == '年' { *c == '月' } else { *c == separator })?;
    let rest = &rest[second.len_utf8()..];
    let (day, used) = number(rest, 2)?;
    let mut rest = &rest[used..];
    // A stamp often misread as a bracket stands between the day and its unit.
    if separator == '年' {
        rest = rest.strip_prefix(['日', '号']).or_else(|| rest.strip_prefix("]日")).unwrap_or(rest);
    }
    Some((year, month, day, text.len() - rest.len()))
}

fn chinese_day(text: &str) -> Option<(u32, u32, u32, usize)> {
    let mut rest = text;
    let mut year = 0;
    for _ in 0..4 {
        let c = rest.chars().next()?;
        // Recognition takes 〇 for O or 0, and 六 for 大.
        let digit = match c {
            'O' | 'o' | '0' => 0,
            '大' => 6,
            c => chinese_digit(c)?,
        };
        year = year * 10 + digit;
        rest = &rest[c.len_utf8()..];
    }
    rest = rest.strip_prefix('年')?;
    let (month, used) = small_chinese(rest)?;
    rest = rest[used..].strip_prefix('月')?;
    let (day, used) = small_chinese(rest)?;
    rest = &rest[used..];
    rest = rest.strip_prefix('日').unwrap_or(rest);
    Some((year, month, day, text.len() - rest.len()))
}

/// 1 to 99 as 三十一 or 十一.
fn small_chinese(text: &str) -> Option<(u32, usize)> {
    let mut value = 0;
    let mut length = 0;
    for c in text.chars() {
        if c == '十' {
            value = if value == 0 { 10 } else { value * 10 };
        } else if let Some(digit) = chinese_digit(c) {
            value += digit;
        } else {
            break;
        }
        length += c.len_utf8();
    }
    (length > 0 && value < 100).then_some((value, length))
}

/// A reporting period: `2025年度`, `2025年`, `2026年1-6月`, or the day on which it ends.
pub(super) fn period(text: &str) -> Read<Period> {
    if let Some((end, length)) = day(text) {
        return Some((Period::ending(end)?, length));
    }
    let (year, used) = number(text, 4).filter(|(_, used)| *used == 4)?;
    let year = i32::try_from(year).ok()?;
    let rest = text[used..].strip_prefix('年')?;
    if let Some(after) = rest
        .strip_prefix("1-")
        .or_else(|| rest.strip_prefix("1至"))
        .or_else(|| rest.strip_prefix("1月-"))
        .or_else(|| rest.strip_prefix("1月至"))
        && let Some((month, used)) = number(after, 2)
    {
        let after = &after[used..];
        let after = after.strip_prefix('月')?;
        return Some((Period::new(year, u8::try_from(month).ok()?)?, text.len() - after.len()));
    }
    if let Some(after) = rest.strip_prefix("上半年").or_else(|| rest.strip_prefix("半年度")) {
        return Some((Period::new(year, 6)?, text.len() - after.len()));
    }
    let after = rest.strip_prefix('度')?;
    Some((Period::year(year)?, text.len() - after.len()))
}

/// A decimal number with optional thousands separators: digits times ten to the minus scale.
pub(super) fn decimal(text: &str) -> Read<(i128, u32)> {
    let negative = text.starts_with('-') || text.starts_with("(-");
    let bracketed = text.starts_with('(');
    let mut digits = String::new();
    let mut scale = None;
    let mut length = 0;
    for (index, c) in text.char_indices() {
        match c {
            '-' | '(' if index <= 1 && digits.is_empty() => {}
            '0'..='9' => {
                digits.push(c);
                scale = scale.map(|scale: u32| scale + 1);
            }
            ',' if scale.is_none()
                && !digits.is_empty()
                && text[index + 1..].starts_with(|c: char| c.is_ascii_digit()) => {}
            '.' if scale.is_none()
                && !digits.is_empty()
                && text[index + 1..].starts_with(|c: char| c.is_ascii_digit()) =>
            {
                scale = Some(0);
            }
            ')' if bracketed && !digits.is_empty() => {
                length = index + 1;
                break;
            }
            _ => break,
        }
        length = index + c.len_utf8();
    }
    if digits.is_empty() || digits.len() > 24 {
        return None;
    }
    let value: i128 = digits.parse().ok()?;
    let minus = negative || (bracketed && text[..length].ends_with(')'));
    Some(((if minus { -value } else { value }, scale.unwrap_or(0)), length))
}

/// An amount in fen. `power` is the power of ten of the unit when the text does not print one (4 for 万元).
/// `strict` wants the unit, or thousands separators, or a fraction: a bare number in prose may be anything.
pub(crate) fn money(text: &str, power: Option<u32>, strict: bool) -> Read<i64> {
    let mut rest = text;
    for prefix in ["人民币", "RMB", "CNY", "¥"] {
        rest = rest.strip_prefix(prefix).unwrap_or(rest);
    }
    if let Some((value, used)) = banker(rest) {
        return Some((value, text.len() - rest.len() + used));
    }
    let ((digits, scale), used) = decimal(rest)?;
    let number = &rest[..used];
    rest = &rest[used..];
    let (printed, after) = [("亿元", 8), ("万元", 4), ("万", 4), ("亿", 8), ("元", 0), ("千元", 3)]
        .into_iter()
        .find_map(|(unit, power)| rest.strip_prefix(unit).map(|after| (Some(power), after)))
        .unwrap_or((None, rest));
    if printed.is_none() && power.is_none() && strict && !number.contains([',', '.']) {
        return None;
    }
    let power = printed.or(power).unwrap_or(0) + 2;
    let fen = if power >= scale {
        digits.checked_mul(10i128.checked_pow(power - scale)?)?
    } else {
        digits / 10i128.checked_pow(scale - power)?
    };
    let after = after.strip_prefix("人民币").unwrap_or(after);
    let after = after.strip_prefix(['整', '正']).unwrap_or(after);
    Some((i64::try_from(fen).ok()?, text.len() - after.len()))
}

/// An amount in capitals: 贰仟陆佰万元整.
fn banker(text: &str) -> Read<i64> {
    let (mut total, mut section, mut digit) = (0i64, 0i64, 0i64);
    let mut length = 0;
    let mut seen = 0;
    let mut ended = false;
    for (index, c) in text.char_indices() {
        if let Some(value) = chinese_digit(c).filter(|_| !DIGITS.contains(c)) {
            digit = i64::from(value);
        } else {
            match c {
                '拾' => section += digit.max(1) * 10,
                '佰' => section += digit * 100,
                '仟' => section += digit * 1_000,
                '万' | '萬' if seen > 0 => {
                    total += (section + digit) * 10_000;
                    section = 0;
                }
                '亿' if seen > 0 => {
                    total = (total + section + digit) * 100_000_000;
                    section = 0;
                }
                '元' | '圆' if seen > 0 => {
                    ended = true;
                    total += section + digit;
                    section = 0;
                }
                '整' | '正' if ended => {}
                _ => break,
            }
            digit = 0;
        }
        seen += 1;
        length = index + c.len_utf8();
    }
    (ended && seen >= 3).then(|| total.checked_mul(100)).flatten().map(|fen| (fen, length))
}

/// A percentage in ten-thousandths of a percent; the sign is needed.
pub(super) fn percent(text: &str) -> Read<i64> {
    let ((digits, scale), used) = decimal(text)?;
    let after = text[used..].strip_prefix('%')?;
    Some((parts(digits, scale)?, text.len() - after.len()))
}

/// Ten-thousandths of a percent.
pub(super) fn parts(digits: i128, scale: u32) -> Option<i64> {
    let value = if scale <= 4 {
        digits.checked_mul(10i128.pow(4 - scale))?
    } else {
        digits / 10i128.checked_pow(scale - 4)?
    };
    i64::try_from(value).ok().filter(|value| (0..=2_000_000).contains(value))
}

/// The canonical text of a percentage in ten-thousandths of a percent.
pub(crate) fn percent_text(parts: i64) -> String {
    let text = format!("{}.{:04}", parts / 10_000, parts % 10_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A whole number with its unit of magnitude: `30,000,000`, `3,000万`.
pub(super) fn whole(text: &str) -> Read<i64> {
    let ((digits, scale), used) = decimal(text)?;
    let rest = &text[used..];
    let (power, after) = rest.strip_prefix('万').map_or((0, rest), |after| (4, after));
    if scale > power {
        return None;
    }
    let value = digits.checked_mul(10i128.pow(power - scale))?;
    Some((i64::try_from(value).ok()?, text.len() - after.len()))
}

/// A unified social credit code. Its check digit may be wrong; a text that only looks like one is refused.
pub(super) fn credit_code(text: &str) -> Read<String> {
    let length = text.bytes().take_while(u8::is_ascii_alphanumeric).count();
    if length != 18 {
        return None;
    }
    let code = CreditCode::parse(&text[..18]).ok()?;
    let region = code.as_str()[2..8].bytes().all(|byte| byte.is_ascii_digit());
    (region && code.as_str().starts_with(['1', '5', '9', 'Y'])).then(|| (code.into(), 18))
}

/// A resident identity number, by its shape: 17 digits and a digit or X.
pub(super) fn resident_id(text: &str) -> Read<String> {
    let length = text.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let id = text.get(..length)?.to_ascii_uppercase();
    let shape = length == 18
        && id[..17].bytes().all(|byte| byte.is_ascii_digit())
        && matches!(&id[6..8], "19" | "20");
    (shape && matches!(id.as_bytes()[17], b'0'..=b'9' | b'X')).then_some((id, 18))
}

/// The number of a report: `某某审字〔2026〕第0188号`, brackets of any kind.
pub(super) fn document_number(text: &str) -> Read<String> {
    let open = text.find(['〔', '(', '[', '【'])?;
    let head = &text[..open];
    let rest = &text[open..];
    let bracket = rest.chars().next()?;
    let rest = &rest[bracket.len_utf8()..];
    let (year, used) = number(rest, 4).filter(|(year, used)| *used == 4 && (1990..2200).contains(year))?;
    let rest = rest[used..].strip_prefix(['〕', ')', ']', '】'])?;
    let ordinal = rest.strip_prefix('第').unwrap_or(rest);
    let digits = ordinal.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'-').count();
    let after = ordinal[digits..].strip_prefix('号')?;
    if digits == 0 || head.chars().count() < 2 || head.chars().count() > 14 {
        return None;
    }
    let ordinal_digits = &ordinal[..digits];
    Some((format!("{head}〔{year}〕第{ordinal_digits}号"), text.len() - after.len()))
}

/// The canonical text of an amount in fen.
pub(super) fn money_text(fen: i64) -> String {
    yuan(fen)
}

/// Family names of one character that begin most Chinese names, for text where nothing else marks a name off.
const NOT_NAMES: &[&str] = &[
    "签字", "盖章", "签名", "姓名", "职务", "性别", "公司", "本人", "先生", "女士", "股东", "董事", "监事",
    "或授", "授权", "身份", "合计", "序号", "注册", "代表", "机构", "中国", "编号", "日期", "地址", "电话",
    "备注", "证件", "成员", "全体", "的法", "法定", "由董", "变更", "以及", "主管", "会计",
];

/// A person's name: two to four characters, ended by something that is no part of a name.
pub(super) fn person(text: &str) -> Read<String> {
    let han: Vec<char> = text.chars().take_while(|c| is_name_character(*c)).take(5).collect();
    let (mut length, mut count) = (0, 0);
    for c in &han {
        length += c.len_utf8();
        count += 1;
    }
    for title in ["先生", "女士", "同志"] {
        if let Some(stripped) = text[..length].strip_suffix(title) {
            count = stripped.chars().count();
            length = stripped.len();
        }
    }
    let name = &text[..length];
    let fits = (2..=4).contains(&count) && !NOT_NAMES.iter().any(|word| name.contains(word));
    fits.then(|| (name.to_owned(), length))
}

fn is_name_character(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '·' | '\u{20000}'..='\u{2FA1F}')
}
