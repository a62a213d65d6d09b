//! Codes that the market gives: JR/T 0326 enterprise codes (`JS000123G`) and JR/T 0325 identifiers
//! (`did:rem:jiangsu:JS000123G`). Called when a company is coded at registration, when it changes its layer, and
//! by the exchange of data with the regulatory node. Which number is next is the backend's to know.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{credit_code::CreditCode, half_width, locale::Locale};

/// Province prefix of JR/T 0326 for Jiangsu.
const PROVINCE: &str = "JS";
/// Scheme and market of JR/T 0325 for Jiangsu.
const DID_PREFIX: &str = "did:rem:jiangsu:";

/// The layer that a company stands in (JR/T 0326): the last letter of its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Layer {
    /// 孵化层.
    F,
    /// 规范层.
    G,
    /// 培育层.
    P,
    /// 纯托管: held in custody, not listed.
    T,
}

impl Layer {
    /// Every layer, in the order of the standard.
    pub const ALL: [Self; 4] = [Self::F, Self::G, Self::P, Self::T];

    /// The letter in the code.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::F => 'F',
            Self::G => 'G',
            Self::P => 'P',
            Self::T => 'T',
        }
    }

    /// Reads the letter, either case.
    #[must_use]
    pub fn from_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|layer| layer.letter() == letter.to_ascii_uppercase())
    }

    /// The name shown to people.
    #[must_use]
    pub const fn label(self, locale: Locale) -> &'static str {
        match self {
            Self::F => locale.pick("孵化层", "Incubation"),
            Self::G => locale.pick("规范层", "Standardisation"),
            Self::P => locale.pick("培育层", "Cultivation"),
            Self::T => locale.pick("纯托管", "Custody only"),
        }
    }
}

/// `JS`, six digits, layer letter. Ordered by number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EnterpriseCode {
    number: u32,
    layer: Layer,
}

/// Why a text or number is not a code of this market.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum EnterpriseCodeError {
    /// Not `JS` + six digits + F, G, P or T.
    #[error("{found:?} is not an enterprise code: JS, six digits, then F, G, P or T")]
    Shape {
        /// The text as folded.
        found: String,
    },
    /// Six digits are used up.
    #[error("enterprise number {number} does not fit in six digits")]
    Number {
        /// The number asked for.
        number: u32,
    },
    /// Not `did:rem:jiangsu:` followed by an enterprise code or a credit code.
    #[error("{found:?} is not an identifier of this market")]
    Did {
        /// The text as given.
        found: String,
    },
}

impl EnterpriseCodeError {
    /// Stable code for locale files and the API.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Shape { .. } => "enterprise_code.shape",
            Self::Number { .. } => "enterprise_code.number",
            Self::Did { .. } => "enterprise_code.did",
        }
    }

    /// What is wrong and what to do.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match (self, locale) {
            (Self::Shape { found }, Locale::Zh) => {
                format!(
                    "“{found}”不是企业代码。企业代码为 JS、6 位数字和层级字母 F、G、P、T 之一，例如 JS000123G。"
                )
            }
            (Self::Shape { found }, Locale::En) => format!(
                "“{found}” is not an enterprise code. Write JS, six digits and the layer F, G, P or T, such as JS000123G."
            ),
            (Self::Number { number }, Locale::Zh) => {
                format!("顺序号 {number} 超出 6 位，无法赋码。请联系交易中心运营人员。")
            }
            (Self::Number { number }, Locale::En) => {
                format!("Number {number} does not fit in six digits. Ask the exchange's operator.")
            }
            (Self::Did { found }, Locale::Zh) => {
                format!(
                    "“{found}”不是本市场的主体标识。格式为 {DID_PREFIX}JS000123G，监管机构用统一社会信用代码。"
                )
            }
            (Self::Did { found }, Locale::En) => format!(
                "“{found}” is not an identifier of this market. Write {DID_PREFIX}JS000123G; authorities use their credit code."
            ),
        }
    }
}

impl EnterpriseCode {
    /// Makes the code for a number from 0 to 999999.
    ///
    /// # Errors
    /// [`EnterpriseCodeError::Number`] above six digits.
    pub const fn new(number: u32, layer: Layer) -> Result<Self, EnterpriseCodeError> {
        if number > 999_999 {
            return Err(EnterpriseCodeError::Number { number });
        }
        Ok(Self { number, layer })
    }

    /// Reads a code as people type it.
    ///
    /// # Errors
    /// [`EnterpriseCodeError::Shape`].
    pub fn parse(text: &str) -> Result<Self, EnterpriseCodeError> {
        let code = half_width::fold_code(text);
        Self::read(&code).ok_or(EnterpriseCodeError::Shape { found: code })
    }

    fn read(code: &str) -> Option<Self> {
        let rest = code.strip_prefix(PROVINCE)?;
        let layer = Layer::from_letter(rest.chars().next_back()?)?;
        let digits = &rest[..rest.len() - 1];
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Self::new(digits.parse().ok()?, layer).ok()
    }

    /// The number without province and layer: what stays for a company's whole life.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.number
    }

    /// The layer.
    #[must_use]
    pub const fn layer(self) -> Layer {
        self.layer
    }

    /// 转层: the same number in another layer.
    #[must_use]
    pub const fn with_layer(self, layer: Layer) -> Self {
        Self { number: self.number, layer }
    }

    /// JR/T 0325 identifier of the company.
    #[must_use]
    pub const fn did(self) -> Did {
        Did::Enterprise(self)
    }
}

impl fmt::Display for EnterpriseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PROVINCE}{:06}{}", self.number, self.layer.letter())
    }
}

impl fmt::Debug for EnterpriseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EnterpriseCode({self})")
    }
}

impl FromStr for EnterpriseCode {
    type Err = EnterpriseCodeError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for EnterpriseCode {
    type Error = EnterpriseCodeError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<EnterpriseCode> for String {
    fn from(code: EnterpriseCode) -> Self {
        code.to_string()
    }
}

/// A JR/T 0325 identifier in the Jiangsu market.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Did {
    /// A company, by its enterprise code.
    Enterprise(EnterpriseCode),
    /// An authority, by its credit code.
    Authority(CreditCode),
}

impl fmt::Display for Did {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Enterprise(code) => write!(f, "{DID_PREFIX}{code}"),
            Self::Authority(code) => write!(f, "{DID_PREFIX}{code}"),
        }
    }
}

impl FromStr for Did {
    type Err = EnterpriseCodeError;
    /// Exact: an identifier comes from a system, not from a keyboard, so nothing is folded.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || EnterpriseCodeError::Did { found: text.to_owned() };
        let subject = text.strip_prefix(DID_PREFIX).ok_or_else(wrong)?;
        if let Some(code) = EnterpriseCode::read(subject).filter(|code| code.to_string() == subject) {
            return Ok(Self::Enterprise(code));
        }
        match CreditCode::parse(subject) {
            Ok(code) if code.as_str() == subject => Ok(Self::Authority(code)),
            _ => Err(wrong()),
        }
    }
}

impl TryFrom<String> for Did {
    type Error = EnterpriseCodeError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Did> for String {
    fn from(did: Did) -> Self {
        did.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[test]
    fn the_standards_example() {
        let code = EnterpriseCode::parse("JS000123G").unwrap();
        assert_eq!((code.number(), code.layer()), (123, Layer::G));
        assert_eq!(code.did().to_string(), "did:rem:jiangsu:JS000123G");
        assert_eq!(code.with_layer(Layer::P).to_string(), "JS000123P");
    }

    #[rstest]
    #[case("js000123g")]
    #[case("ＪＳ０００１２３Ｇ")]
    #[case(" JS 000123 G ")]
    fn typing_habits(#[case] text: &str) {
        assert_eq!(EnterpriseCode::parse(text).unwrap().to_string(), "JS000123G");
    }

    #[rstest]
    #[case("")]
    #[case("JS")]
    #[case("JS00123G")]
    #[case("JS0000123G")]
    #[case("JS000123X")]
    #[case("SH000123G")]
    #[case("JS00012中G")]
    #[case("JS000123中")]
    #[case("JS+00123G")]
    fn wrong_shapes(#[case] text: &str) {
        let error = EnterpriseCode::parse(text).unwrap_err();
        assert_eq!(error.code(), "enterprise_code.shape");
        assert!(error.message(Locale::Zh).contains("JS000123G"));
    }

    #[rstest]
    #[case("did:rem:jiangsu:JS000123G", true)]
    #[case("did:rem:jiangsu:91310000564759688N", true)]
    #[case("did:rem:jiangsu:js000123g", false)]
    #[case("did:rem:jiangsu: JS000123G", false)]
    #[case("did:rem:shanghai:JS000123G", false)]
    #[case("did:rem:jiangsu:", false)]
    fn identifiers_are_exact(#[case] text: &str, #[case] good: bool) {
        let read = text.parse::<Did>();
        assert_eq!(read.is_ok(), good);
        if let Ok(did) = read {
            assert_eq!(did.to_string(), text);
        }
    }

    #[test]
    fn numbers_end_at_six_digits() {
        assert_eq!(EnterpriseCode::new(999_999, Layer::T).unwrap().to_string(), "JS999999T");
        assert!(EnterpriseCode::new(1_000_000, Layer::T).is_err());
    }

    proptest! {
        #[test]
        fn changing_the_layer_changes_one_letter(number in 0u32..1_000_000, from in 0usize..4, to in 0usize..4) {
            let code = EnterpriseCode::new(number, Layer::ALL[from]).unwrap();
            let moved = code.with_layer(Layer::ALL[to]);
            prop_assert_eq!(&moved.to_string()[..8], &code.to_string()[..8]);
            prop_assert_eq!(EnterpriseCode::parse(&moved.to_string()).unwrap(), moved);
            prop_assert_eq!(code.did().to_string().parse::<Did>().unwrap(), Did::Enterprise(code));
        }
    }
}
