//! What can be wrong with a field's value, in words for the person who typed it.

use serde::{Deserialize, Serialize};

use crate::{credit_code::CreditCodeError, locale::Locale, text::Text};

/// A value that cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// Id of the field.
    pub field: String,
    /// Its label: where the error is.
    pub label: Text,
    pub problem: FieldProblem,
}

/// What is wrong with the value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum FieldProblem {
    /// Longer than the field takes, in characters.
    TooLong { max: usize, found: usize },
    /// Not a credit code.
    CreditCode(CreditCodeError),
    /// Not an amount.
    Money,
    /// An amount with a fraction of a fen.
    BelowFen,
    /// Not a number.
    Number,
    /// A fraction where only whole numbers make sense.
    NotWhole,
    /// Below zero where that makes no sense.
    Negative,
    /// Larger than can be recorded.
    TooLarge,
    /// Not from 0 to 100, or more than four decimals.
    Percent,
    /// Not a day of the calendar.
    Date,
    /// None of the options, whose labels are given.
    Choice { zh: Vec<String>, en: Vec<String> },
    /// Not a phone number in mainland China.
    Phone,
    /// Not an e-mail address.
    Email,
    /// The rule pack has no such field.
    Unknown,
}

/// A credit code whose check digit is not the computed one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldWarning {
    /// Id of the field.
    pub field: String,
    pub label: Text,
    /// The digit that the standard computes.
    pub expected: char,
}

impl FieldError {
    /// Stable code for locale files and the API.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match &self.problem {
            FieldProblem::TooLong { .. } => "field.too_long",
            FieldProblem::CreditCode(error) => error.code(),
            FieldProblem::Money => "field.money",
            FieldProblem::BelowFen => "field.below_fen",
            FieldProblem::Number => "field.number",
            FieldProblem::NotWhole => "field.not_whole",
            FieldProblem::Negative => "field.negative",
            FieldProblem::TooLarge => "field.too_large",
            FieldProblem::Percent => "field.percent",
            FieldProblem::Date => "field.date",
            FieldProblem::Choice { .. } => "field.choice",
            FieldProblem::Phone => "field.phone",
            FieldProblem::Email => "field.email",
            FieldProblem::Unknown => "field.unknown",
        }
    }

    /// Values for the message, by name.
    #[must_use]
    pub fn params(&self) -> Vec<(&'static str, String)> {
        let mut params = vec![("field", self.field.clone())];
        match &self.problem {
            FieldProblem::TooLong { max, found } => {
                params.extend([("max", max.to_string()), ("found", found.to_string())]);
            }
            FieldProblem::CreditCode(CreditCodeError::Length { found }) => {
                params.push(("found", found.to_string()));
            }
            FieldProblem::CreditCode(CreditCodeError::Alphabet { position, found }) => {
                params.extend([("position", position.to_string()), ("found", found.to_string())]);
            }
            _ => {}
        }
        params
    }

    /// Where, what is wrong, and what to do.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        let label = self.label.get(locale);
        let text = match locale {
            Locale::Zh => self.problem.zh(),
            Locale::En => self.problem.en(),
        };
        match locale {
            Locale::Zh => format!("{label}：{text}"),
            Locale::En => format!("{label}: {text}"),
        }
    }
}

impl FieldProblem {
    fn zh(&self) -> String {
        match self {
            Self::TooLong { max, found } => {
                return format!("最多 {max} 个字，现有 {found} 个。请缩短。");
            }
            Self::CreditCode(error) => return error.message(Locale::Zh),
            Self::Choice { zh, .. } => return format!("请从以下选项中选择：{}。", zh.join("、")),
            Self::Money => "无法识别金额。请写成“3,000 万元”或“30000000 元”。",
            Self::BelowFen => "金额精确到分，小数过多。请四舍五入到分。",
            Self::Number => "请只填数字，例如 30000000 或 3,000 万。",
            Self::NotWhole => "应为整数。请去掉小数。",
            Self::Negative => "不能为负数。请核对正负号。",
            Self::TooLarge => "数值过大。请核对单位是元还是万元。",
            Self::Percent => "应在 0 至 100 之间，最多四位小数，例如 12.5。",
            Self::Date => "无法识别日期。请写成 2026-11-02 或 2026年11月2日。",
            Self::Phone => "无法识别电话。请填手机号，或带区号的固定电话，例如 025-00000000。",
            Self::Email => "无法识别邮箱。请写成 name@example.com。",
            Self::Unknown => "本规则包没有这个字段。请刷新页面后重试。",
        }
        .to_owned()
    }

    fn en(&self) -> String {
        match self {
            Self::TooLong { max, found } => {
                return format!("at most {max} characters, this has {found}. Shorten it.");
            }
            Self::CreditCode(error) => return error.message(Locale::En),
            Self::Choice { en, .. } => return format!("choose one of: {}.", en.join(", ")),
            Self::Money => "this is not an amount. Write 3,000 万元 or 30000000 元.",
            Self::BelowFen => "amounts are exact to the fen (two decimals of a yuan). Round it.",
            Self::Number => "write a number only, such as 30000000 or 3,000万.",
            Self::NotWhole => "this must be a whole number. Remove the decimals.",
            Self::Negative => "this cannot be negative. Check the sign.",
            Self::TooLarge => "this is too large. Check whether it is in yuan or in 万元.",
            Self::Percent => "this must be from 0 to 100 with at most four decimals, such as 12.5.",
            Self::Date => "this is not a date. Write 2026-11-02.",
            Self::Phone => "this is not a phone number. Give a mobile number, or a fixed line with its area code, such as 025-00000000.",
            Self::Email => "this is not an e-mail address. Write name@example.com.",
            Self::Unknown => "this rule pack has no such field. Reload the page and try again.",
        }
        .to_owned()
    }
}

impl FieldWarning {
    /// Stable code for locale files and the API.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "credit_code.check_digit"
    }

    /// Values for the message, by name.
    #[must_use]
    pub fn params(&self) -> Vec<(&'static str, String)> {
        vec![("field", self.field.clone()), ("expected", self.expected.to_string())]
    }

    /// What looks odd, and that it does not stop anything.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        let (label, expected) = (self.label.get(locale), self.expected);
        match locale {
            Locale::Zh => format!(
                "{label}：末位校验码按国家标准应为“{expected}”。少数有效代码也不符合，请对照营业执照核对，无误可继续。"
            ),
            Locale::En => format!(
                "{label}: by the national standard the last character would be “{expected}”. Some codes in force differ too: compare it with the business licence; if it is right, go on."
            ),
        }
    }
}

impl std::fmt::Display for FieldError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message(Locale::En))
    }
}

impl std::error::Error for FieldError {}
