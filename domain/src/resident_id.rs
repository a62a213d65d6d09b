//! 居民身份证号码 (GB 11643): shape, birth date and check character, and the masked form that screens show.
//! The number itself leaves this type only through [`ResidentId::expose`], so that a log line or an error can
//! never carry it. Called by document checks and by the holder register; it proves nobody's identity.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::{Date, Month};

use crate::{half_width, locale::Locale};

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// Indexed by the weighted sum modulo 11.
const CHECK: &[u8; 11] = b"10X98765432";

/// A resident identity number whose date and check character are right. Not serialisable on purpose.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ResidentId {
    number: String,
    birth_date: Date,
}

/// Why a text is not a resident identity number. Carries nothing of the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error, Serialize, Deserialize)]
pub enum ResidentIdError {
    /// Not 18 characters.
    #[error("a resident identity number has 18 characters, this has {found}")]
    Length {
        /// Characters found.
        found: usize,
    },
    /// Positions 1 to 17 are digits, position 18 a digit or `X`.
    #[error("character {position} of the resident identity number is not allowed there")]
    Alphabet {
        /// 1 to 18.
        position: usize,
    },
    /// Positions 7 to 14 are not a day of the calendar.
    #[error("positions 7 to 14 of the resident identity number are not a date")]
    BirthDate,
    /// Position 18 is not the computed character.
    #[error("the check character of the resident identity number is wrong")]
    CheckCharacter,
}

impl ResidentIdError {
    /// Stable code for locale files and the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Length { .. } => "resident_id.length",
            Self::Alphabet { .. } => "resident_id.alphabet",
            Self::BirthDate => "resident_id.birth_date",
            Self::CheckCharacter => "resident_id.check_character",
        }
    }

    /// What is wrong and what to do.
    #[must_use]
    pub fn message(self, locale: Locale) -> String {
        match (self, locale) {
            (Self::Length { found }, Locale::Zh) => {
                format!("居民身份证号码应为 18 位，现有 {found} 位。请对照身份证核对。")
            }
            (Self::Length { found }, Locale::En) => format!(
                "A resident identity number has 18 characters; this has {found}. Compare it with the card."
            ),
            (Self::Alphabet { position }, Locale::Zh) => format!(
                "居民身份证号码第 {position} 位不符合规则：前 17 位为数字，末位为数字或 X。请对照身份证核对。"
            ),
            (Self::Alphabet { position }, Locale::En) => format!(
                "Character {position} of the resident identity number is not allowed: 17 digits, then a digit or X. Compare it with the card."
            ),
            (Self::BirthDate, Locale::Zh) => {
                "居民身份证号码第 7 至 14 位不是有效的出生日期。请对照身份证核对。".to_owned()
            }
            (Self::BirthDate, Locale::En) => {
                "Characters 7 to 14 of the resident identity number are not a date. Compare them with the card."
                    .to_owned()
            }
            (Self::CheckCharacter, Locale::Zh) => {
                "居民身份证号码末位校验不符，可能有一位录错。请对照身份证核对。".to_owned()
            }
            (Self::CheckCharacter, Locale::En) => {
                "The last character of the resident identity number does not fit the others; one is probably mistyped. Compare it with the card."
                    .to_owned()
            }
        }
    }
}

impl ResidentId {
    /// Reads a number as people type it (full-width, lower-case `x`, spaces).
    ///
    /// # Errors
    /// [`ResidentIdError`], the first that applies: length, characters, date, check character.
    pub fn parse(text: &str) -> Result<Self, ResidentIdError> {
        let number = half_width::fold_code(text);
        let found = number.chars().count();
        if found != 18 {
            return Err(ResidentIdError::Length { found });
        }
        let allowed = |index: usize, c: char| c.is_ascii_digit() || (index == 17 && c == 'X');
        if let Some(index) = number.chars().enumerate().position(|(i, c)| !allowed(i, c)) {
            return Err(ResidentIdError::Alphabet { position: index + 1 });
        }
        let birth_date = date_of(&number[6..14]).ok_or(ResidentIdError::BirthDate)?;
        let sum: u32 =
            number.bytes().zip(WEIGHTS).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
        if number.as_bytes()[17] != CHECK[(sum % 11) as usize] {
            return Err(ResidentIdError::CheckCharacter);
        }
        Ok(Self { number, birth_date })
    }

    /// The full number. The name is long to see in review who takes it out.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.number
    }

    /// The form for screens and documents that leave the company: region and last four, `110101********0011`.
    #[must_use]
    pub fn masked(&self) -> String {
        mask(&self.number)
    }

    /// Positions 7 to 14.
    #[must_use]
    pub const fn birth_date(&self) -> Date {
        self.birth_date
    }

    /// Positions 1 to 6, the administrative division (GB/T 2260) of first registration.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.number[..6]
    }

    /// Full years on `day`; `None` for a birth date after it, which no real card has.
    #[must_use]
    pub fn age_on(&self, day: Date) -> Option<u8> {
        let had_birthday =
            (u8::from(day.month()), day.day()) >= (u8::from(self.birth_date.month()), self.birth_date.day());
        let years = day.year() - self.birth_date.year() - i32::from(!had_birthday);
        u8::try_from(years).ok()
    }
}

fn date_of(digits: &str) -> Option<Date> {
    let month = Month::try_from(digits[4..6].parse::<u8>().ok()?).ok()?;
    let year: i32 = digits[..4].parse().ok()?;
    // Numbers were first issued in 1984 to people born after 1850: an earlier year is a typing error.
    if year < 1850 {
        return None;
    }
    Date::from_calendar_date(year, month, digits[6..].parse().ok()?).ok()
}

/// Masks any text that may be a number, valid or not: at most the first six and the last four characters stay.
#[must_use]
pub fn mask(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() < 15 {
        return "*".repeat(chars.len());
    }
    let (head, tail) = (&chars[..6], &chars[chars.len() - 4..]);
    head.iter()
        .copied()
        .chain(std::iter::repeat_n('*', chars.len() - 10))
        .chain(tail.iter().copied())
        .collect()
}

impl fmt::Debug for ResidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResidentId(******)")
    }
}

/// The masked form.
impl fmt::Display for ResidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use time::macros::date;

    use super::*;

    #[rstest]
    #[case("110101199003070011")]
    #[case("１１０１０１199003070011")]
    #[case("110101 19900307 0011")]
    fn the_synthetic_example_is_good(#[case] text: &str) {
        let id = ResidentId::parse(text).unwrap();
        assert_eq!(id.birth_date(), date!(1990 - 03 - 07));
        assert_eq!(id.region(), "110101");
        assert_eq!(id.masked(), "110101********0011");
        assert_eq!(id.to_string(), "110101********0011");
    }

    #[rstest]
    #[case("11010119900307001", ResidentIdError::Length { found: 17 })]
    #[case("11010119900307X011", ResidentIdError::Alphabet { position: 15 })]
    #[case("11010119900307001A", ResidentIdError::Alphabet { position: 18 })]
    #[case("110101199002300011", ResidentIdError::BirthDate)]
    #[case("110101179003070011", ResidentIdError::BirthDate)]
    #[case("110101199003070012", ResidentIdError::CheckCharacter)]
    fn errors(#[case] text: &str, #[case] error: ResidentIdError) {
        assert_eq!(ResidentId::parse(text), Err(error));
        for locale in [Locale::Zh, Locale::En] {
            assert!(!error.message(locale).contains("1990"), "no digit of the number in a message");
        }
    }

    #[test]
    fn debug_never_shows_the_number() {
        let id = ResidentId::parse("110101199003070011").unwrap();
        let shown = format!("{id:?} {:?}", Some(&id));
        assert!(!shown.contains("1101") && !shown.contains("0011"));
    }

    #[rstest]
    #[case(date!(2008 - 03 - 06), Some(17))]
    #[case(date!(2008 - 03 - 07), Some(18))]
    #[case(date!(1989 - 01 - 01), None)]
    fn age(#[case] day: Date, #[case] years: Option<u8>) {
        assert_eq!(ResidentId::parse("110101199003070011").unwrap().age_on(day), years);
    }

    proptest! {
        #[test]
        fn exactly_one_check_character_fits(
            region in 110_000u32..700_000, day in 0i64..40_000, serial in 0u32..1000,
        ) {
            let born = date!(1900 - 01 - 01) + time::Duration::days(day);
            let body = format!(
                "{region}{:04}{:02}{:02}{serial:03}", born.year(), u8::from(born.month()), born.day()
            );
            let fits: Vec<_> = "0123456789X"
                .chars()
                .filter_map(|c| ResidentId::parse(&format!("{body}{c}")).ok())
                .collect();
            prop_assert_eq!(fits.len(), 1);
            prop_assert_eq!(fits[0].birth_date(), born);
        }

        #[test]
        fn masking_keeps_ten_characters_at_most(text in "\\PC{0,30}") {
            let masked = mask(&text);
            prop_assert_eq!(masked.chars().count(), text.chars().count());
            if text.chars().count() >= 15 {
                let (head, rest): (String, String) =
                    (masked.chars().take(6).collect(), masked.chars().skip(6).collect());
                prop_assert!(text.starts_with(&head));
                prop_assert!(rest.starts_with("*****"));
            } else {
                prop_assert!(masked.chars().all(|c| c == '*'));
            }
        }
    }
}
