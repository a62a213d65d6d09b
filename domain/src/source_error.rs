//! Errors of the data that editors write (rule packs, calendars): each names the line and says what to do.
//! Raised by [`crate::rule_pack`] and [`crate::calendar`]; shown to the rule editor and by the command line.

use serde::{Deserialize, Serialize};

use crate::locale::Locale;

/// One error in a data file..
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceError {
    /// 1-based line of the text.
    pub line: usize,
    /// 1-based column, in characters.
    pub column: usize,
    /// Where in the data, such as `slot[3].formats`; empty for the whole file.
    pub path: String,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a data file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Problem {
    /// Not TOML. `detail` is the parser's own English sentence.
    Syntax { detail: String },
    /// A key that must be there is not.
    Missing { key: String },
    /// A key that nothing reads: most often a misspelling.
    UnknownKey { key: String, nearest: Option<String> },
    /// A value of another TOML type.
    WrongType { key: String, expected: String, found: String },
    /// An empty text or list where something must stand.
    Empty { key: String },
    /// Ids are lower-case words joined by underscores, as they become addresses and file names.
    BadId { value: String },
    /// The same id, number, date or year twice.
    Duplicate { key: String, value: String, first_line: usize },
    /// A word outside a closed list.
    UnknownValue { key: String, value: String, allowed: Vec<String>, nearest: Option<String> },
    /// A reference to something that this file does not declare.
    UnknownReference { key: String, value: String, nearest: Option<String> },
    /// A text in one language only.
    MissingTranslation { key: String, locale: Locale },
    /// A number outside its range.
    OutOfRange { key: String, value: String, min: String, max: String },
    /// Not a day of the calendar, or one that does not belong here.
    BadDate { key: String, value: String },
    /// The end is before the beginning.
    DatesReversed { from: String, until: String },
    /// Two versions of one pack are in force on the same day.
    Overlap { version: String, other: String, from: String },
    /// A condition that cannot be read; the two sentences say why.
    Condition { zh: String, en: String },
}

impl SourceError {
    /// Stable code, `source.` and the problem's name.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match &self.problem {
            Problem::Syntax { .. } => "source.syntax",
            Problem::Missing { .. } => "source.missing",
            Problem::UnknownKey { .. } => "source.unknown_key",
            Problem::WrongType { .. } => "source.wrong_type",
            Problem::Empty { .. } => "source.empty",
            Problem::BadId { .. } => "source.bad_id",
            Problem::Duplicate { .. } => "source.duplicate",
            Problem::UnknownValue { .. } => "source.unknown_value",
            Problem::UnknownReference { .. } => "source.unknown_reference",
            Problem::MissingTranslation { .. } => "source.missing_translation",
            Problem::OutOfRange { .. } => "source.out_of_range",
            Problem::BadDate { .. } => "source.bad_date",
            Problem::DatesReversed { .. } => "source.dates_reversed",
            Problem::Overlap { .. } => "source.overlap",
            Problem::Condition { .. } => "source.condition",
        }
    }

    /// Line, place, what is wrong and what to do.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        let Self { line, column, path, problem } = self;
        let text = match locale {
            Locale::Zh => problem.zh(),
            Locale::En => problem.en(),
        };
        match (locale, path.is_empty()) {
            (Locale::Zh, true) => format!("第 {line} 行第 {column} 列：{text}"),
            (Locale::Zh, false) => format!("第 {line} 行第 {column} 列（{path}）：{text}"),
            (Locale::En, true) => format!("line {line}, column {column}: {text}"),
            (Locale::En, false) => format!("line {line}, column {column} ({path}): {text}"),
        }
    }
}

/// English, for logs and the command line.
impl std::fmt::Display for SourceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message(Locale::En))
    }
}

impl std::error::Error for SourceError {}

impl Problem {
    fn zh(&self) -> String {
        match self {
            Self::Syntax { detail } => format!("不是有效的 TOML（{detail}）。请检查引号、括号和等号。"),
            Self::Missing { key } => format!("缺少“{key}”。请补上这一项。"),
            Self::UnknownKey { key, nearest } => match nearest {
                Some(near) => format!("没有“{key}”这一项，是否应为“{near}”？"),
                None => format!("没有“{key}”这一项。请删除，或对照说明改正拼写。"),
            },
            Self::WrongType { key, expected, found } => {
                format!("“{key}”应为{}，现为{}。请改正写法。", type_zh(expected), type_zh(found))
            }
            Self::Empty { key } => format!("“{key}”为空。请填写，或删除这一项。"),
            Self::BadId { value } => {
                format!(
                    "“{value}”不能作标识。请用小写字母开头，只含小写字母、数字和下划线，不超过 64 个字符。"
                )
            }
            Self::Duplicate { key, value, first_line } => {
                format!("{key} “{value}”与第 {first_line} 行重复。请改用其他值，或删除其中一处。")
            }
            // A long list hides the one word that is wanted.
            Self::UnknownValue { key, value, nearest: Some(near), .. } => {
                format!("“{key}”不能是“{value}”，是否应为“{near}”？")
            }
            Self::UnknownValue { key, value, allowed, nearest: None } => {
                format!("“{key}”不能是“{value}”。可用的值：{}。", allowed.join("、"))
            }
            Self::UnknownReference { key, value, nearest } => match nearest {
                Some(near) => format!("“{key}”引用的“{value}”没有定义，是否应为“{near}”？"),
                None => format!("“{key}”引用的“{value}”没有定义。请先定义，或改为已有的标识。"),
            },
            Self::MissingTranslation { key, locale } => format!(
                "“{key}”缺少{}（{}）。两种语言都要有。",
                locale.pick("中文", "英文"),
                locale.pick("zh", "en")
            ),
            Self::OutOfRange { key, value, min, max } => {
                format!("“{key}”为 {value}，应在 {min} 至 {max} 之间。")
            }
            Self::BadDate { key, value } => {
                format!("“{key}”中的“{value}”不是此处可用的日期。请写成 2026-11-02 的形式，并核对年份。")
            }
            Self::DatesReversed { from, until } => {
                format!("结束日 {until} 早于开始日 {from}。请对调或改正。")
            }
            Self::Overlap { version, other, from } => format!(
                "版本 {version} 与版本 {other} 自 {from} 起同时有效。请给先生效的一版写明 effective_until。"
            ),
            Self::Condition { zh, .. } => zh.clone(),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::Syntax { detail } => {
                format!("this is not TOML ({detail}). Check quotes, brackets and equals signs.")
            }
            Self::Missing { key } => format!("`{key}` is missing. Add it."),
            Self::UnknownKey { key, nearest } => match nearest {
                Some(near) => format!("there is no key `{key}`; did you mean `{near}`?"),
                None => format!("there is no key `{key}`. Remove it or correct its spelling."),
            },
            Self::WrongType { key, expected, found } => {
                format!("`{key}` must be {expected}, this is {found}. Write it the other way.")
            }
            Self::Empty { key } => format!("`{key}` is empty. Fill it in or remove it."),
            Self::BadId { value } => format!(
                "`{value}` cannot be an id. Start with a lower-case letter and use only lower-case letters, digits and underscores, 64 at most."
            ),
            Self::Duplicate { key, value, first_line } => format!(
                "{key} `{value}` stands on line {first_line} already. Choose another or remove one of them."
            ),
            Self::UnknownValue { key, value, nearest: Some(near), .. } => {
                format!("`{key}` cannot be `{value}`; did you mean `{near}`?")
            }
            Self::UnknownValue { key, value, allowed, nearest: None } => {
                format!("`{key}` cannot be `{value}`. Allowed: {}.", allowed.join(", "))
            }
            Self::UnknownReference { key, value, nearest } => match nearest {
                Some(near) => {
                    format!("`{key}` refers to `{value}`, which is not declared; did you mean `{near}`?")
                }
                None => format!(
                    "`{key}` refers to `{value}`, which is not declared. Declare it or name one that is."
                ),
            },
            Self::MissingTranslation { key, locale } => format!(
                "`{key}` has no {} text (`{}`). Both languages are needed.",
                locale.pick("Chinese", "English"),
                locale.pick("zh", "en")
            ),
            Self::OutOfRange { key, value, min, max } => {
                format!("`{key}` is {value}; it must be from {min} to {max}.")
            }
            Self::BadDate { key, value } => format!(
                "`{value}` in `{key}` is not a date that can stand here. Write it like 2026-11-02 and check the year."
            ),
            Self::DatesReversed { from, until } => {
                format!("the end {until} is before the beginning {from}. Swap or correct them.")
            }
            Self::Overlap { version, other, from } => format!(
                "version {version} and version {other} are both in force from {from}. Give the earlier one an effective_until."
            ),
            Self::Condition { en, .. } => en.clone(),
        }
    }
}

fn type_zh(name: &str) -> &str {
    match name {
        "a text" => "文字",
        "a whole number" => "整数",
        "a decimal number" => "小数",
        "true or false" => " true 或 false",
        "a date" => "日期",
        "a list" => "列表",
        "a table" => "表",
        "a list of texts" => "文字列表",
        "a list of dates" => "日期列表",
        "true, false or a condition" => " true、false 或条件式",
        "texts in both languages" => " { zh = \"…\", en = \"…\" }",
        other => other,
    }
}

/// The candidate that is one or two typing errors away from `word`, if any.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    candidates
        .into_iter()
        .map(|candidate| (edit_distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 2.min(candidate.chars().count() / 2))
        .min()
        .map(|(_, candidate)| candidate.to_owned())
}

/// Levenshtein distance in characters.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("formts", Some("formats"))]
    #[case("pdff", Some("pdf"))]
    #[case("has_valuaton", Some("has_valuation"))]
    #[case("colour", None)]
    fn nearest_finds_typing_errors_only(#[case] word: &str, #[case] expected: Option<&str>) {
        let known = ["formats", "pdf", "has_valuation"];
        assert_eq!(nearest(word, known).as_deref(), expected);
    }
}
