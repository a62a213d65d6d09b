//! The holder register as data: what a row says ([`Holder`]), how a workbook's columns are understood ([`sheet`]), and what is
//! wrong with it, row by row and in its sums ([`check`]). The backend imports and keeps it; the page shows it with every
//! personal number masked. Nothing here reads files or decides whether a register may be used.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use time::Date;

use crate::{
    credit_code::CreditCode,
    fact, half_width,
    resident_id::{self, ResidentId},
    transcript::fold,
};

mod check;
mod column;
pub mod sheet;

pub use check::{Filed, Problem, Severity, check};
pub use column::Column;

/// Most rows of one register. A listed company may have 200 holders; a workbook with thousands is not a register.
pub const MOST: usize = 2_000;

/// One row: a holder with what it holds.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Holder {
    /// Row of the workbook that it was read from; 0 for one that was typed.
    pub sheet_row: u32,
    pub name: String,
    /// 自然人, 法人, 持股平台 …, as written.
    pub kind: String,
    pub id_kind: String,
    /// Folded to half width, without blanks.
    pub id_number: String,
    pub shares: Option<i64>,
    /// Ten-thousandths of a percent.
    pub percent: Option<i64>,
    /// In fen.
    pub contributed: Option<i64>,
    pub acquired_on: Option<Date>,
    pub note: String,
    /// What stands where a number or a day should and is none.
    pub unread: BTreeMap<Column, String>,
}

impl fmt::Debug for Holder {
    /// Without names and numbers of people: a log line is no place for them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Holder {{ sheet_row: {}, shares: {:?}, .. }}", self.sheet_row, self.shares)
    }
}

impl Holder {
    /// Writes one cell into it, as somebody typed it or as a workbook holds it.
    pub fn set(&mut self, column: Column, cell: &Written<'_>) {
        let said = cell.text.trim();
        let text = fold(said);
        self.unread.remove(&column);
        let read = text.is_empty()
            || match column {
                Column::Name => return self.name = name(said),
                Column::Kind => return self.kind = said.to_owned(),
                Column::IdKind => return self.id_kind = said.to_owned(),
                Column::IdNumber => return self.id_number = half_width::fold_code(said),
                Column::Note => return self.note = said.to_owned(),
                Column::Shares => {
                    self.shares = whole(&text, fact::shares(&text, cell.power));
                    self.shares.is_some()
                }
                Column::Percent => {
                    self.percent = fact::sheet_percent(&text, cell.fraction);
                    self.percent.is_some()
                }
                Column::Contributed => {
                    self.contributed = whole(&text, fact::money(&text, Some(cell.power), false));
                    self.contributed.is_some()
                }
                Column::AcquiredOn => {
                    self.acquired_on = whole(&text, fact::day(&text));
                    self.acquired_on.is_some()
                }
            };
        if text.is_empty() {
            match column {
                Column::Shares => self.shares = None,
                Column::Percent => self.percent = None,
                Column::Contributed => self.contributed = None,
                Column::AcquiredOn => self.acquired_on = None,
                Column::Name => self.name.clear(),
                Column::Kind => self.kind.clear(),
                Column::IdKind => self.id_kind.clear(),
                Column::IdNumber => self.id_number.clear(),
                Column::Note => self.note.clear(),
            }
        }
        if !read {
            self.unread.insert(column, said.to_owned());
        }
    }

    /// One cell as it is written into a form or a workbook; what could not be read comes back as it was.
    #[must_use]
    pub fn get(&self, column: Column) -> String {
        if let Some(said) = self.unread.get(&column) {
            return said.clone();
        }
        match column {
            Column::Name => self.name.clone(),
            Column::Kind => self.kind.clone(),
            Column::IdKind => self.id_kind.clone(),
            Column::IdNumber => self.id_number.clone(),
            Column::Shares => self.shares.map(|shares| shares.to_string()).unwrap_or_default(),
            Column::Percent => {
                self.percent.map(|parts| format!("{}%", fact::percent_text(parts))).unwrap_or_default()
            }
            Column::Contributed => self.contributed.map(crate::field::yuan).unwrap_or_default(),
            Column::AcquiredOn => self.acquired_on.map(|day| day.to_string()).unwrap_or_default(),
            Column::Note => self.note.clone(),
        }
    }

    /// Its number as screens and files that leave show it.
    #[must_use]
    pub fn id_shown(&self) -> String {
        shown(&self.id_kind, &self.id_number)
    }
}

/// A cell as it stands: its text, the power of ten of its column's unit, and whether it stores a fraction and shows a
/// percentage.
#[derive(Clone, Copy, Debug, Default)]
pub struct Written<'a> {
    pub text: &'a str,
    pub power: u32,
    pub fraction: bool,
}

impl<'a> Written<'a> {
    /// As a person types it.
    #[must_use]
    pub const fn typed(text: &'a str) -> Self {
        Self { text, power: 0, fraction: false }
    }
}

/// The value, when all of the text was read.
fn whole<T>(text: &str, read: Option<(T, usize)>) -> Option<T> {
    read.filter(|(_, length)| {
        // A unit may stand behind what was read of it.
        text[*length..].chars().all(|c| matches!(c, '股' | '元' | '整' | '万'))
    })
    .map(|(value, _)| value)
}

/// People pad names of two characters to the width of three: 张　三.
fn name(said: &str) -> String {
    let latin = said.chars().any(|c| c.is_ascii_alphabetic());
    let parts: Vec<&str> = said.split_whitespace().collect();
    parts.join(if latin { " " } else { "" })
}

/// Whether a number tells of a person, whose it is and nobody else's to see.
#[must_use]
pub fn is_personal(id_kind: &str, number: &str) -> bool {
    if number.is_empty() {
        return false;
    }
    let says = |words: &[&str]| words.iter().any(|word| id_kind.contains(word));
    if says(&["身份证", "护照", "通行证", "居住证", "军官", "士兵"]) {
        return true;
    }
    let looks = ResidentId::parse(number).is_ok()
        || (number.len() == 18
            && !number.starts_with('9')
            && number.bytes().take(17).all(|b| b.is_ascii_digit()));
    let company = says(&["信用代码", "执照", "注册号", "组织机构"]) || CreditCode::parse(number).is_ok();
    looks || !company
}

/// The number of a company whole, that of a person masked.
#[must_use]
pub fn shown(id_kind: &str, number: &str) -> String {
    if is_personal(id_kind, number) { resident_id::mask(number) } else { number.to_owned() }
}

impl FromStr for Column {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|column| column.name() == name).ok_or(())
    }
}

/// Which column of a workbook holds what; columns count from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping(pub BTreeMap<Column, u32>);

#[cfg(test)]
mod tests;
