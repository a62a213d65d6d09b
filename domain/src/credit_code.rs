//! 统一社会信用代码 (GB 32100): reading, normalising and checking. A code of the wrong shape is refused; a
//! wrong check digit only warns, because codes in force exist that fail it. Called by registration, by the
//! field validator and by document checks; it looks nothing up in any register.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{half_width, locale::Locale};

/// The 31 characters of GB 32100: digits and capitals without I, O, S, V, Z. The index is the value.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// 3^i mod 31 for positions 1 to 17.
const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
/// GB 11714 weights for the eight characters of the organisation code.
const ORGANISATION_WEIGHTS: [usize; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// A unified social credit code of the right shape: 18 characters of the GB 32100 alphabet, half-width capitals.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CreditCode(String);

/// What a check digit says. `Wrong` is a reason to look twice, never a reason to refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CheckDigit {
    /// The last character is the computed one.
    Good,
    /// The standard computes another character.
    Wrong {
        /// The character the standard computes.
        expected: char,
    },
}

impl CheckDigit {
    /// Whether the digit is the computed one.
    #[must_use]
    pub const fn is_good(self) -> bool {
        matches!(self, Self::Good)
    }
}

/// Why a text cannot be a credit code at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error, Serialize, Deserialize)]
pub enum CreditCodeError {
    /// Not 18 characters once spaces and hyphens are gone.
    #[error("a credit code has 18 characters, this has {found}")]
    Length {
        /// Characters found.
        found: usize,
    },
    /// A character outside the alphabet of GB 32100.
    #[error("character {position} of the credit code, {found:?}, is not one of GB 32100")]
    Alphabet {
        /// 1 to 18.
        position: usize,
        /// The character as typed, folded to half-width.
        found: char,
    },
}

impl CreditCodeError {
    /// Stable code for locale files and the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Length { .. } => "credit_code.length",
            Self::Alphabet { .. } => "credit_code.alphabet",
        }
    }

    /// What is wrong and what to do.
    #[must_use]
    pub fn message(self, locale: Locale) -> String {
        match (self, locale) {
            (Self::Length { found }, Locale::Zh) => {
                format!("统一社会信用代码应为 18 位，现有 {found} 位。请对照营业执照核对。")
            }
            (Self::Length { found }, Locale::En) => format!(
                "A unified social credit code has 18 characters; this has {found}. Compare it with the business licence."
            ),
            (Self::Alphabet { position, found }, Locale::Zh) => format!(
                "第 {position} 位“{found}”不能用于统一社会信用代码（只用数字和除 I、O、S、V、Z 以外的大写字母）。请对照营业执照核对。"
            ),
            (Self::Alphabet { position, found }, Locale::En) => format!(
                "Character {position}, “{found}”, cannot occur in a unified social credit code (digits and capitals except I, O, S, V, Z). Compare it with the business licence."
            ),
        }
    }
}

/// Folds full-width characters and lower case and drops spaces, hyphens and invisible marks; checks nothing.
#[must_use]
pub fn normalise(text: &str) -> String {
    half_width::fold_code(text)
}

fn value_of(c: u8) -> Option<usize> {
    ALPHABET.iter().position(|a| *a == c)
}

impl CreditCode {
    /// Reads a code as people type it.
    ///
    /// # Errors
    /// [`CreditCodeError`] for a wrong length or a foreign character; never for a wrong check digit.
    pub fn parse(text: &str) -> Result<Self, CreditCodeError> {
        let code = normalise(text);
        let found = code.chars().count();
        // The foreign character is the better hint when somebody pasted a name or typed O for 0.
        if found != 18 {
            return Err(CreditCodeError::Length { found });
        }
        for (index, c) in code.chars().enumerate() {
            if !u8::try_from(c).is_ok_and(|byte| value_of(byte).is_some()) {
                return Err(CreditCodeError::Alphabet { position: index + 1, found: c });
            }
        }
        Ok(Self(code))
    }

    /// The 18 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Position 1, 登记管理部门: `9` is market regulation, `1` the office for public institutions, `5` civil affairs ...
    #[must_use]
    pub fn authority(&self) -> char {
        char::from(self.0.as_bytes()[0])
    }

    /// Positions 3 to 8, 登记管理机关行政区划 (GB/T 2260), as written.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.0[2..8]
    }

    /// Positions 9 to 17, 主体标识码: the organisation code of GB 11714 without its hyphen.
    #[must_use]
    pub fn organisation_code(&self) -> &str {
        &self.0[8..17]
    }

    /// Position 18 against GB 32100: `(31 - sum mod 31) mod 31`.
    #[must_use]
    pub fn check_digit(&self) -> CheckDigit {
        let bytes = self.0.as_bytes();
        let sum: usize = bytes
            .iter()
            .zip(WEIGHTS)
            .filter_map(|(byte, weight)| value_of(*byte).map(|value| value * weight))
            .sum();
        compare(bytes[17], ALPHABET[(31 - sum % 31) % 31])
    }

    /// Position 17 against GB 11714: `11 - sum mod 11`, ten written `X`, eleven written `0`. Letters count from A = 10.
    #[must_use]
    pub fn organisation_check_digit(&self) -> CheckDigit {
        let code = self.organisation_code().as_bytes();
        let sum: usize = code
            .iter()
            .zip(ORGANISATION_WEIGHTS)
            .filter_map(|(byte, weight)| char::from(*byte).to_digit(36).map(|value| value as usize * weight))
            .sum();
        compare(code[8], b"0X987654321"[sum % 11])
    }
}

fn compare(found: u8, expected: u8) -> CheckDigit {
    if found == expected { CheckDigit::Good } else { CheckDigit::Wrong { expected: char::from(expected) } }
}

impl fmt::Display for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CreditCode({})", self.0)
    }
}

impl FromStr for CreditCode {
    type Err = CreditCodeError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for CreditCode {
    type Error = CreditCodeError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<CreditCode> for String {
    fn from(code: CreditCode) -> Self {
        code.0
    }
}

impl AsRef<str> for CreditCode {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("91310000564759688N")]
    #[case("91310104MA1FRNWW80")]
    #[case("91310115051261120U")]
    fn codes_whose_digits_are_good(#[case] text: &str) {
        let code = CreditCode::parse(text).unwrap();
        assert_eq!(code.check_digit(), CheckDigit::Good);
        assert_eq!(code.organisation_check_digit(), CheckDigit::Good);
    }

    #[rstest]
    #[case("91350100M0001TGQXM", '1')]
    #[case("91350211M0000XUF46", 'R')]
    #[case("91350203M0001FUE2P", 'J')]
    fn codes_in_force_that_fail_the_check_still_parse(#[case] text: &str, #[case] expected: char) {
        let code = CreditCode::parse(text).unwrap();
        assert_eq!(code.check_digit(), CheckDigit::Wrong { expected });
    }

    #[rstest]
    #[case("９１３１００００５６４７５９６８８Ｎ")]
    #[case("91310000564759688n")]
    #[case(" 9131 0000 5647 5968 8N\u{3000}")]
    #[case("91310000-56475968-8N")]
    fn typing_habits_are_normalised(#[case] text: &str) {
        assert_eq!(CreditCode::parse(text).unwrap().as_str(), "91310000564759688N");
    }

    #[rstest]
    #[case("", CreditCodeError::Length { found: 0 })]
    #[case("91310000564759688", CreditCodeError::Length { found: 17 })]
    #[case("91310000564759688NN", CreditCodeError::Length { found: 19 })]
    #[case("9131000056475968ON", CreditCodeError::Alphabet { position: 17, found: 'O' })]
    #[case("91310000564759688中", CreditCodeError::Alphabet { position: 18, found: '中' })]
    fn wrong_shapes_are_refused(#[case] text: &str, #[case] error: CreditCodeError) {
        assert_eq!(CreditCode::parse(text), Err(error));
        assert!(error.message(Locale::Zh).contains("营业执照"));
        assert!(error.message(Locale::En).contains("licence"));
    }

    #[test]
    fn parts() {
        let code = CreditCode::parse("91310104MA1FRNWW80").unwrap();
        assert_eq!((code.authority(), code.region()), ('9', "310104"));
        assert_eq!(code.organisation_code(), "MA1FRNWW8");
    }

    #[test]
    fn serde_refuses_a_wrong_shape() {
        assert!(serde_json::from_str::<CreditCode>("\"123\"").is_err());
        let code: CreditCode = serde_json::from_str("\"91310000564759688n\"").unwrap();
        assert_eq!(serde_json::to_string(&code).unwrap(), "\"91310000564759688N\"");
    }

    proptest! {
        /// Weights are units modulo the prime 31, so any single wrong character is noticed.
        #[test]
        fn one_wrong_character_is_always_noticed(
            body in prop::collection::vec(0usize..31, 17), position in 0usize..17, shift in 1usize..31,
        ) {
            let text = |values: &[usize]| -> String {
                values.iter().map(|v| char::from(ALPHABET[*v])).collect()
            };
            let with_zero = CreditCode::parse(&format!("{}0", text(&body))).unwrap();
            let good = match with_zero.check_digit() {
                CheckDigit::Good => '0',
                CheckDigit::Wrong { expected } => expected,
            };
            let code = CreditCode::parse(&format!("{}{good}", text(&body))).unwrap();
            prop_assert!(code.check_digit().is_good());
            let mut other = body.clone();
            other[position] = (other[position] + shift) % 31;
            let wrong = CreditCode::parse(&format!("{}{good}", text(&other))).unwrap();
            prop_assert!(!wrong.check_digit().is_good());
        }

        #[test]
        fn any_text_is_read_without_panic_and_normalising_is_idempotent(text in "\\PC{0,40}") {
            let once = normalise(&text);
            prop_assert_eq!(normalise(&once), once.clone());
            let _ = CreditCode::parse(&text);
        }
    }
}
