//! What is wrong with a register, each thing at its row and column, and the sums against what the form says. A wrong check
//! digit warns and never blocks: real numbers exist that fail it. Messages hold no number of a person.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Column, Holder, is_personal};
use crate::{
    credit_code::CreditCode,
    fact,
    field::{money_label, yuan},
    finding::Limits,
    locale::Locale,
    resident_id::{ResidentId, ResidentIdError},
    text::Text,
    transcript::fold,
};

/// Whether it must be mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Error,
    Warning,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Index of the row; none when it is of the whole.
    pub holder: Option<usize>,
    /// Whose cell it is.
    pub column: Option<Column>,
    pub severity: Severity,
    pub message: Text,
}

/// What the form says that a register is measured against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filed {
    pub shares: Option<i64>,
    /// In fen.
    pub capital: Option<i64>,
}

fn text(zh: impl Into<String>, en: impl Into<String>) -> Text {
    Text { zh: zh.into(), en: en.into() }
}

fn percent(parts: i64) -> String {
    format!("{}%", fact::percent_text(parts))
}

/// Everything that is wrong, in the order of the rows; what concerns the whole comes last.
#[must_use]
pub fn check(holders: &[Holder], total: Option<&Holder>, filed: Filed) -> Vec<Problem> {
    let mut found = Found(Vec::new());
    let sum: i64 = holders.iter().filter_map(|holder| holder.shares).fold(0, i64::saturating_add);
    let twice = twice(holders);
    for (index, holder) in holders.iter().enumerate() {
        found.cells(index, holder);
        found.number(index, holder);
        if let Some(other) = twice.get(&index) {
            found.doubled(index, holder, *other, &holders[*other]);
        }
        found.share(index, holder, sum);
    }
    found.sums(holders, total, filed, sum);
    found.0
}

/// For each row that repeats an earlier one: which.
fn twice(holders: &[Holder]) -> BTreeMap<usize, usize> {
    let mut by_id: BTreeMap<&str, usize> = BTreeMap::new();
    let mut by_name: BTreeMap<String, usize> = BTreeMap::new();
    let mut found = BTreeMap::new();
    for (index, holder) in holders.iter().enumerate() {
        if !holder.id_number.is_empty() {
            match by_id.get(holder.id_number.as_str()) {
                Some(other) => drop(found.insert(index, *other)),
                None => drop(by_id.insert(&holder.id_number, index)),
            }
        }
        let name = fold(&holder.name);
        if name.is_empty() {
            continue;
        }
        match by_name.get(&name) {
            // Two people may have one name; two numbers tell them apart.
            Some(other) if holder.id_number.is_empty() || holders[*other].id_number.is_empty() => {
                found.entry(index).or_insert(*other);
            }
            Some(_) => {}
            None => drop(by_name.insert(name, index)),
        }
    }
    found
}

struct Found(Vec<Problem>);

impl Found {
    fn add(&mut self, holder: Option<usize>, column: Option<Column>, severity: Severity, message: Text) {
        self.0.push(Problem { holder, column, severity, message });
    }

    fn at(&mut self, index: usize, column: Column, severity: Severity, zh: &str, en: &str) {
        self.add(Some(index), Some(column), severity, text(zh, en));
    }

    /// What is missing or no number.
    fn cells(&mut self, index: usize, holder: &Holder) {
        use Severity::Error;
        if holder.name.is_empty() {
            self.at(index, Column::Name, Error, "缺股东姓名或名称", "The holder's name is missing");
        }
        for (column, said) in &holder.unread {
            let (zh, en) = match column {
                Column::Percent => (
                    format!("“{said}”不是百分比，请写成 12.5%"),
                    format!("“{said}” is no percentage; write 12.5%"),
                ),
                Column::AcquiredOn => (
                    format!("“{said}”不是日期，请写成 2026-10-20"),
                    format!("“{said}” is no day; write 2026-10-20"),
                ),
                Column::Contributed => (format!("“{said}”不是金额"), format!("“{said}” is no amount")),
                _ => (
                    format!("“{said}”不是数字，请写整数股数"),
                    format!("“{said}” is no number; write whole shares"),
                ),
            };
            self.add(Some(index), Some(*column), Error, text(zh, en));
        }
        match holder.shares {
            None if holder.contributed.is_none() && !holder.unread.contains_key(&Column::Shares) => {
                self.at(index, Column::Shares, Error, "缺持股数量", "The number of shares is missing");
            }
            Some(shares) if shares <= 0 => {
                self.at(index, Column::Shares, Error, "持股数量应大于 0", "Shares must be more than none");
            }
            _ => {}
        }
    }

    /// Numbers of documents: their shape, and their check character.
    fn number(&mut self, index: usize, holder: &Holder) {
        let number = holder.id_number.as_str();
        let of = |message: Text| (Severity::Warning, message);
        let said = if number.is_empty() {
            Some(of(text("缺证件号码", "The identification number is missing")))
        } else if number.contains('*') {
            Some((
                Severity::Error,
                text(
                    "证件号码已脱敏，无法核对，请填完整号码",
                    "The number is masked and cannot be checked; enter it in full",
                ),
            ))
        } else if holder.id_kind.contains("身份证")
            || (is_personal(&holder.id_kind, number) && number.len() == 18 && number.is_ascii())
        {
            ResidentId::parse(number).err().map(|error| {
                // A digit too few is a mistake; a wrong check character may be the card's own.
                let severity = match error {
                    ResidentIdError::CheckCharacter => Severity::Warning,
                    _ => Severity::Error,
                };
                (severity, text(error.message(Locale::Zh), error.message(Locale::En)))
            })
        } else if number.len() == 18 && !is_personal(&holder.id_kind, number) {
            let good = CreditCode::parse(number).is_ok_and(|code| code.check_digit().is_good());
            (!good).then(|| {
                of(text(
                    "统一社会信用代码校验不符，可能有一位录错，请对照执照核对",
                    "The credit code fails its check; compare it with the licence",
                ))
            })
        } else {
            None
        };
        if let Some((severity, message)) = said {
            self.add(Some(index), Some(Column::IdNumber), severity, message);
        }
    }

    fn doubled(&mut self, index: usize, holder: &Holder, other: usize, first: &Holder) {
        let same_id = !holder.id_number.is_empty() && holder.id_number == first.id_number;
        let row = if first.sheet_row == 0 { other + 1 } else { first.sheet_row as usize };
        let (column, zh, en) = if same_id {
            (
                Column::IdNumber,
                format!("与第 {row} 行证件号码相同，股东重复"),
                format!("The same number as in row {row}: listed twice"),
            )
        } else {
            (
                Column::Name,
                format!("与第 {row} 行同名，可能重复"),
                format!("The same name as in row {row}; perhaps listed twice"),
            )
        };
        let severity = if same_id { Severity::Error } else { Severity::Warning };
        self.add(Some(index), Some(column), severity, text(zh, en));
    }

    /// A percentage that is not what the shares make.
    fn share(&mut self, index: usize, holder: &Holder, sum: i64) {
        let (Some(shares), Some(parts)) = (holder.shares, holder.percent) else { return };
        if sum <= 0 {
            return;
        }
        let exact = (i128::from(shares) * 1_000_000 + i128::from(sum) / 2) / i128::from(sum);
        let computed = i64::try_from(exact).unwrap_or_default();
        // Two decimals are usual: half a hundredth of a percent either way.
        if (computed - parts).abs() > 51 {
            let (said, computed) = (percent(parts), percent(computed));
            self.add(
                Some(index),
                Some(Column::Percent),
                Severity::Warning,
                text(
                    format!("按持股数量应为 {computed}，此处为 {said}"),
                    format!("The shares make {computed}; this says {said}"),
                ),
            );
        }
    }

    fn sums(&mut self, holders: &[Holder], total: Option<&Holder>, filed: Filed, sum: i64) {
        use Severity::{Error, Warning};
        let whole = |found: &mut Self, column, severity, zh: String, en: String| {
            found.add(None, Some(column), severity, text(zh, en));
        };
        let parts: Vec<i64> = holders.iter().filter_map(|holder| holder.percent).collect();
        if !holders.is_empty() && parts.len() == holders.len() {
            let all: i64 = parts.iter().sum();
            let tolerance = 50 * i64::try_from(parts.len()).unwrap_or(20_000) + 1;
            if (all - 1_000_000).abs() > tolerance {
                let all = percent(all);
                whole(
                    self,
                    Column::Percent,
                    Error,
                    format!("持股比例合计 {all}，不等于 100%"),
                    format!("Percentages sum to {all}, not 100%"),
                );
            }
        }
        if let Some(printed) = total.and_then(|total| total.shares).filter(|printed| *printed != sum) {
            whole(
                self,
                Column::Shares,
                Error,
                format!("各行合计 {sum} 股，合计行写 {printed} 股"),
                format!("The rows sum to {sum} shares, the line of totals says {printed}"),
            );
        }
        match (filed.shares, filed.capital) {
            (Some(shares), _) if sum > 0 && shares != sum => {
                whole(
                    self,
                    Column::Shares,
                    Error,
                    format!("持股数量合计 {sum} 股，基本信息中股份总数为 {shares} 股"),
                    format!("Shares sum to {sum}; the form says {shares}"),
                );
            }
            (None, Some(capital)) if sum > 0 && capital / 100 != sum => {
                whole(
                    self,
                    Column::Shares,
                    Warning,
                    format!(
                        "持股数量合计 {sum} 股，注册资本为 {}；每股面值不是 1 元的请核对",
                        money_label(capital, Locale::Zh)
                    ),
                    format!(
                        "Shares sum to {sum}, the registered capital is {}; check it unless the par value is not CNY 1",
                        money_label(capital, Locale::En)
                    ),
                );
            }
            _ => {}
        }
        let paid: i64 = holders.iter().filter_map(|holder| holder.contributed).fold(0, i64::saturating_add);
        if let Some(capital) = filed.capital.filter(|capital| paid > 0 && *capital != paid) {
            whole(
                self,
                Column::Contributed,
                Error,
                format!("出资额合计 {} 元，注册资本为 {} 元", yuan(paid), yuan(capital)),
                format!(
                    "Contributions sum to CNY {}; the registered capital is CNY {}",
                    yuan(paid),
                    yuan(capital)
                ),
            );
        }
        let limit = usize::from(Limits::listing().holder_limit);
        if holders.len() > limit {
            let count = holders.len();
            whole(
                self,
                Column::Name,
                Error,
                format!("共 {count} 名股东，超过 {limit} 名的上限"),
                format!("{count} holders; the limit is {limit}"),
            );
        }
    }
}
