//! The small language of conditions in a rule pack, such as `has_valuation == "yes" and holder_count > 50`.
//! A condition reads fields and nothing else. An unanswered field makes its comparison unknown, and an unknown
//! condition does not hold: nobody is asked for a valuation report before saying whether there was a valuation.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

mod parse;
mod types;

/// A condition over fields. Its text is kept for display and for the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Condition {
    text: String,
    expression: Expression,
}

/// Why a condition cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConditionError {
    /// Byte offset inside the condition.
    pub offset: usize,
    /// 中文说明.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Expression {
    Compare { field: Word, operator: Operator, literal: Literal },
    OneOf { field: Word, literals: Vec<Literal> },
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Word {
    name: String,
    offset: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Literal {
    value: Value,
    offset: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    /// Quoted: a choice, a date, a text.
    Text(String),
    /// Ten-thousandths, so that percentages and amounts compare exactly.
    Number(i128),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    const fn is_ordering(self) -> bool {
        !matches!(self, Self::Equal | Self::NotEqual)
    }

    const fn accepts(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

impl Condition {
    /// Reads a condition; fields are not looked up yet.
    ///
    /// # Errors
    /// The first thing that cannot be read, with its place.
    pub fn parse(text: &str) -> Result<Self, ConditionError> {
        Ok(Self { text: text.to_owned(), expression: parse::parse(text)? })
    }

    /// As written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The fields it reads, in the order of the text.
    #[must_use]
    pub fn fields(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.expression.collect(&mut names);
        names
    }

    /// Whether it holds for these canonical values. Unknown (an unanswered field decides) counts as no.
    #[must_use]
    pub fn holds(&self, fields: &BTreeMap<String, String>) -> bool {
        self.expression.evaluate(fields) == Some(true)
    }
}

impl Expression {
    fn collect<'e>(&'e self, names: &mut Vec<&'e str>) {
        match self {
            Self::Compare { field, .. } | Self::OneOf { field, .. } => names.push(&field.name),
            Self::Not(inner) => inner.collect(names),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.collect(names)),
        }
    }

    /// Three-valued: `None` is unknown (Kleene).
    fn evaluate(&self, fields: &BTreeMap<String, String>) -> Option<bool> {
        match self {
            Self::Compare { field, operator, literal } => {
                Some(operator.accepts(literal.compare(answer(fields, field)?)?))
            }
            Self::OneOf { field, literals } => {
                let value = answer(fields, field)?;
                Some(
                    literals
                        .iter()
                        .any(|literal| literal.compare(value).is_some_and(std::cmp::Ordering::is_eq)),
                )
            }
            Self::Not(inner) => inner.evaluate(fields).map(|known| !known),
            Self::All(parts) => fold(parts, fields, false),
            Self::Any(parts) => fold(parts, fields, true),
        }
    }
}

/// `decisive` decides at once; otherwise one unknown part makes the whole unknown.
fn fold(parts: &[Expression], fields: &BTreeMap<String, String>, decisive: bool) -> Option<bool> {
    let mut result = Some(!decisive);
    for part in parts {
        match part.evaluate(fields) {
            Some(known) if known == decisive => return Some(decisive),
            None => result = None,
            Some(_) => {}
        }
    }
    result
}

fn answer<'f>(fields: &'f BTreeMap<String, String>, field: &Word) -> Option<&'f str> {
    fields.get(&field.name).map(String::as_str).filter(|value| !value.is_empty())
}

impl Literal {
    /// How the answer stands to the literal; `None` when a number was expected and is not there.
    fn compare(&self, answer: &str) -> Option<std::cmp::Ordering> {
        match &self.value {
            // ISO dates order as texts.
            Value::Text(text) => Some(answer.cmp(text.as_str())),
            Value::Number(number) => Some(ten_thousandths(answer)?.cmp(number)),
        }
    }
}

/// Reads a plain decimal such as `-12.5` exactly; `None` beyond four decimals or 30 digits.
fn ten_thousandths(text: &str) -> Option<i128> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 30 || fraction.len() > 4 || !all_digits {
        return None;
    }
    let value: i128 = format!("{whole}{fraction:0<4}").parse().ok()?;
    Some(if negative { -value } else { value })
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for ConditionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

impl std::error::Error for ConditionError {}

impl TryFrom<String> for Condition {
    type Error = ConditionError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Condition> for String {
    fn from(condition: Condition) -> Self {
        condition.text
    }
}

#[cfg(test)]
mod tests;
