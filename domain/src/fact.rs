//! What documents say: the values that a filing's form and its cross-checks need, each with the place where it
//! stands. The intake calls [`facts`] for every placed document and [`fill`] for the form's proposals;
//! [`crate::finding`] compares the facts of a pack. It reads one document at a time and judges nothing: a wrong value
//! is reported as it is printed.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use time::{Date, Month};

use crate::{
    field::fen,
    reading::{Area, Reading},
    rule_pack::{RulePack, SlotId},
    transcript::Transcript,
};

mod company;
mod document;
mod fill;
mod gather;
mod holders;
mod key;
mod people;
mod statements;
mod subject;
mod value;

pub(crate) use holders::{is_total, shares, sheet_percent};
pub use key::{FactKey, Shape};
pub(crate) use value::{day, money, percent_text};

/// One value of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    pub key: FactKey,
    /// For figures of the statements: which period they are of, or at whose end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// For values of a list (holders, persons who sign, certificates): which entry, from 1 in the document's order.
    /// The facts of one holder share it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u16>,
    /// Canonical, as [`crate::field::normalise`] would keep it; see [`FactKey::shape`].
    pub value: String,
    /// As printed.
    pub said: String,
    pub place: Place,
    /// 0 to 100: how sure the reader of facts is that this is the value meant. Recognised text, and values without
    /// their label beside them, count less.
    pub confidence: u8,
}

/// Where a value stands in its document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// From 1. In a workbook the number of the sheet.
    pub page: u32,
    /// The region to highlight; none in DOCX and XLSX.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<Area>,
    /// In a workbook: the cell, as `F8`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
}

/// A reporting period of the calendar year: from January to the end of `month`. Written `2025` for a whole year,
/// `2026H1` for the first half, `2026Q1` and `2026Q3` for three and nine months, else `2026M8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period {
    year: i32,
    month: u8,
}

/// What the documents propose for one field of the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Id of the pack's field.
    pub field: String,
    /// In the field's canonical form; [`crate::field::normalise`] accepts it.
    pub value: String,
    /// 0 to 100.
    pub confidence: u8,
    /// Nothing disagrees and the confidence is high: may be taken over together with the others.
    pub unambiguous: bool,
    /// Where the value was found, the most authoritative document first.
    pub sources: Vec<ProposalSource>,
    /// Other values found for this field, with their places.
    pub disagreeing: Vec<ProposalSource>,
}

/// One place that speaks for a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalSource {
    /// Index into the documents given to [`fill`].
    pub document: usize,
    pub slot: SlotId,
    pub value: String,
    pub said: String,
    pub place: Place,
}

impl Period {
    /// A period; `None` unless `month` is 1 to 12 and `year` has four digits.
    #[must_use]
    pub const fn new(year: i32, month: u8) -> Option<Self> {
        if 1900 <= year && year < 2200 && 1 <= month && month <= 12 {
            Some(Self { year, month })
        } else {
            None
        }
    }

    /// The whole calendar year.
    #[must_use]
    pub const fn year(year: i32) -> Option<Self> {
        Self::new(year, 12)
    }

    /// The period that ends on `day`; `None` unless that is the last day of a month.
    #[must_use]
    pub fn ending(day: Date) -> Option<Self> {
        (day.next_day()?.day() == 1).then(|| Self::new(day.year(), day.month().into())).flatten()
    }

    /// Whether it is a full financial year.
    #[must_use]
    pub const fn is_full_year(self) -> bool {
        self.month == 12
    }

    /// Its last day.
    ///
    /// # Panics
    /// Never: [`Self::new`] admits only months of the calendar.
    #[must_use]
    pub fn end(self) -> Date {
        let month = Month::try_from(self.month).expect("a month of the calendar");
        Date::from_calendar_date(self.year, month, month.length(self.year)).expect("a day of the calendar")
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.year)?;
        match self.month {
            12 => Ok(()),
            6 => f.write_str("H1"),
            3 => f.write_str("Q1"),
            9 => f.write_str("Q3"),
            month => write!(f, "M{month}"),
        }
    }
}

/// Why a text is not a [`Period`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a period is written like 2025, 2026H1, 2026Q1, 2026Q3 or 2026M8")]
pub struct PeriodError;

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let (year, rest) = text.split_at_checked(4).ok_or(PeriodError)?;
        let year = year.parse().map_err(|_| PeriodError)?;
        let month = match rest {
            "" => 12,
            "H1" => 6,
            "Q1" => 3,
            "Q3" => 9,
            _ => rest.strip_prefix('M').and_then(|month| month.parse().ok()).ok_or(PeriodError)?,
        };
        Self::new(year, month).ok_or(PeriodError)
    }
}

impl TryFrom<String> for Period {
    type Error = PeriodError;

    fn try_from(text: String) -> Result<Self, PeriodError> {
        text.parse()
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

/// The company that a document is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    pub name: Option<String>,
    pub code: Option<String>,
    /// Read from a picture: characters of the name may be wrong.
    pub recognised: bool,
}

/// Whom a document is about, as opposed to whom it mentions. `slot` tells who is usually named first.
#[must_use]
pub fn subject(slot: &SlotId, reading: &Reading) -> Subject {
    let transcript = Transcript::of(reading);
    subject::subject(slot, &transcript).0
}

/// The facts of one document, in the order of its pages. `slot` tells what kind of document it is, hence which labels
/// mean what: 日期 on a licence is the day of issue. Never fails; a document that says nothing useful gives none.
#[must_use]
pub fn facts(slot: &SlotId, reading: &Reading) -> Vec<Fact> {
    let transcript = Transcript::of(reading);
    let mut gatherer = gather::Gatherer::new(&transcript);
    document::gather(slot, &mut gatherer);
    people::gather(slot, &mut gatherer);
    if HOLDERS.contains(&slot.as_str()) {
        holders::gather(&mut gatherer);
    }
    if FIGURES.contains(&slot.as_str()) {
        statements::gather(&mut gatherer);
    }
    gatherer.keep_best(SINGLE);
    let mut facts = gatherer.finish();
    facts.sort_by_key(|fact| {
        (fact.place.page, fact.place.area.map_or(0, |area| area.top), fact.key, fact.entry)
    });
    facts
}

/// Slots whose documents list the company's holders.
const HOLDERS: &[&str] = &[
    "shareholder_register",
    "company_overview",
    "due_diligence_report",
    "legal_opinion",
    "articles_of_association",
];

/// Slots whose documents give the company's figures.
const FIGURES: &[&str] = &[
    "audit_report",
    "company_overview",
    "recommendation_opinion",
    "due_diligence_report",
    "application_letter",
];

/// Of these a document says one value, however often it repeats it.
const SINGLE: &[FactKey] = &[
    FactKey::CompanyName,
    FactKey::CreditCode,
    FactKey::CompanyType,
    FactKey::RegisteredCapital,
    FactKey::PaidInCapital,
    FactKey::TotalShares,
    FactKey::HolderCount,
    FactKey::LegalRepresentative,
    FactKey::ActualController,
    FactKey::Established,
    FactKey::Converted,
    FactKey::Address,
    FactKey::Industry,
    FactKey::MainBusiness,
    FactKey::ShortName,
    FactKey::AlternativeShortName,
    FactKey::Board,
    FactKey::ContactPerson,
    FactKey::ContactPhone,
    FactKey::ContactEmail,
    FactKey::DocumentDate,
    FactKey::Authority,
    FactKey::ReportNumber,
    FactKey::Meeting,
    FactKey::NoticeDate,
    FactKey::VotesFor,
    FactKey::IdNumber,
    FactKey::Agent,
    FactKey::AgentIdNumber,
    FactKey::Sponsor,
    FactKey::SponsorCreditCode,
    FactKey::Exchange,
    FactKey::ExchangeCreditCode,
    FactKey::Custodian,
    FactKey::CustodianCreditCode,
    FactKey::Auditor,
    FactKey::AuditReportNumber,
    FactKey::AuditDate,
    FactKey::AuditOpinion,
    FactKey::VerificationCode,
    FactKey::LawFirm,
    FactKey::LegalOpinionNumber,
    FactKey::Valuer,
    FactKey::ValuationReportNumber,
    FactKey::ValuationBaseDate,
    FactKey::AppraisedNetAssets,
    FactKey::InsuredEmployees,
    FactKey::TaxAuthority,
    FactKey::ValidUntil,
    FactKey::Certificate,
];

/// For every field of the pack that the documents speak of: the value that the most authoritative one gives (the
/// licence for the company, the audit report for figures), where it stands, and what disagrees.
#[must_use]
pub fn fill(pack: &RulePack, documents: &[(SlotId, Vec<Fact>)]) -> Vec<Proposal> {
    fill::fill(pack, documents)
}

/// Whether two values of a fact say the same. Amounts may be rounded: documents print 万元 with two decimals, and a
/// difference within that is none.
#[must_use]
pub fn agree(key: FactKey, a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    match key.shape() {
        Shape::Money if !matches!(key, FactKey::RegisteredCapital | FactKey::PaidInCapital) => {
            let (Some(a), Some(b)) = (fen(a), fen(b)) else { return false };
            let rounded = |fen: i64| fen % 10_000 == 0;
            // One hundredth of 万元, and half of it for each rounding.
            let tolerance = if rounded(a) || rounded(b) { 10_000 } else { 0 };
            a.abs_diff(b) <= tolerance
        }
        Shape::Text => crate::transcript::fold(a) == crate::transcript::fold(b),
        _ => false,
    }
}

fn joined(whole: Place, part: &Place) -> Place {
    let area = match (whole.area, part.area) {
        (Some(a), Some(b)) if whole.page == part.page => Some(a.around(b)),
        (area, _) => area,
    };
    Place { area, ..whole }
}

#[cfg(test)]
mod tests;
