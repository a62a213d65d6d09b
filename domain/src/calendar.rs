//! Working days in China Standard Time, with 调休 as data by year. Answers whether a day is a working day, counts
//! them, and says how sure it is: a year may be published, provisional, or unknown (weekends only). Called by
//! [`crate::clock`] and by every page that shows a due date. It has no clock: days are parameters.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use serde::{Deserialize, Serialize};
use time::{Date, Duration, OffsetDateTime, UtcOffset, Weekday, macros::offset};

use crate::{
    locale::Locale,
    source_error::{Problem, SourceError},
    text::Text,
    toml_source::{Report, Table, Unique},
};

/// China Standard Time, the only zone of the business.
pub const CHINA: UtcOffset = offset!(+8);

/// The years that come with the program.
pub const BUILTIN: [&str; 3] = [
    include_str!("../data/calendar/2025.toml"),
    include_str!("../data/calendar/2026.toml"),
    include_str!("../data/calendar/2027.toml"),
];

/// The civil date in China at an instant.
#[must_use]
pub const fn china_date(instant: OffsetDateTime) -> Date {
    instant.to_offset(CHINA).date()
}

/// For `#[serde(with = "crate::calendar::iso")]`: days as `2026-11-02`.
pub mod iso {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use time::Date;

    /// Writes the ISO form.
    ///
    /// # Errors
    /// Only the serializer's own.
    pub fn serialize<S: Serializer>(day: &Date, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(day)
    }

    /// Reads the ISO form and nothing else.
    ///
    /// # Errors
    /// When the text is not such a day.
    pub fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Date, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(input)?;
        crate::field::iso_date(&text).ok_or_else(|| D::Error::custom("a day like 2026-11-02 is expected"))
    }

    /// For `#[serde(default, with = "crate::calendar::iso::option")]`.
    pub mod option {
        use serde::{Deserialize, Deserializer, Serialize, Serializer};
        use time::Date;

        #[derive(Serialize, Deserialize)]
        struct Day(#[serde(with = "super")] Date);

        /// Writes the ISO form or null.
        ///
        /// # Errors
        /// Only the serializer's own.
        pub fn serialize<S: Serializer>(day: &Option<Date>, out: S) -> Result<S::Ok, S::Error> {
            day.map(Day).serialize(out)
        }

        /// Reads the ISO form or null.
        ///
        /// # Errors
        /// When the text is not such a day.
        pub fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Date>, D::Error> {
            Ok(Option::<Day>::deserialize(input)?.map(|day| day.0))
        }
    }
}

/// How well a year is known. Ordered from the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// The yearly arrangement of the State Council is in the data.
    Published,
    /// Statutory holidays only; the arrangement of that year is not in the data yet.
    Provisional,
    /// No data: Monday to Friday.
    WeekendsOnly,
}

impl Certainty {
    /// A short note to show beside a date; `None` when there is nothing to add.
    #[must_use]
    pub const fn note(self, locale: Locale) -> Option<&'static str> {
        match self {
            Self::Published => None,
            Self::Provisional => Some(locale.pick(
                "暂定：该年调休安排未录入，按法定节日和周末计算",
                "Provisional: counted by statutory holidays and weekends, the year's arrangement is not in the data",
            )),
            Self::WeekendsOnly => Some(locale.pick(
                "暂定：没有该年的节假日数据，只按周末计算",
                "Provisional: no holiday data for the year, counted by weekends only",
            )),
        }
    }
}

/// A run of days off and the weekend days worked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holiday {
    /// Name, such as 春节.
    pub name: Text,
    /// First day off.
    pub from: Date,
    /// Last day off.
    pub to: Date,
    /// 调休上班日.
    pub workdays: Vec<Date>,
}

/// One year's arrangement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Year {
    /// The year.
    pub year: i32,
    /// Published or provisional.
    pub certainty: Certainty,
    /// The document it comes from.
    pub source: String,
    /// In the order of the file.
    pub holidays: Vec<Holiday>,
}

/// Working-day calendar over any number of years.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeMap<i32, Year>,
    days_off: BTreeSet<Date>,
    workdays: BTreeSet<Date>,
}

impl Calendar {
    /// The calendar of the years in [`BUILTIN`].
    ///
    /// # Panics
    /// Never in a build whose tests passed: one of them reads these files.
    #[must_use]
    pub fn builtin() -> &'static Self {
        static CALENDAR: LazyLock<Calendar> = LazyLock::new(|| {
            let mut calendar = Calendar::default();
            for text in BUILTIN {
                let year = Year::parse(text).expect("bundled calendar");
                calendar.insert(year);
            }
            calendar
        });
        &CALENDAR
    }

    /// Adds a year, or replaces it: an operator's newer file wins over the bundled one.
    pub fn insert(&mut self, year: Year) {
        if self.years.insert(year.year, year).is_some() {
            self.days_off.clear();
            self.workdays.clear();
        }
        for year in self.years.values() {
            for holiday in &year.holidays {
                self.workdays.extend(&holiday.workdays);
                self.days_off.extend(days(holiday.from, holiday.to));
            }
        }
    }

    /// The years in the data.
    pub fn years(&self) -> impl Iterator<Item = &Year> {
        self.years.values()
    }

    /// How well the year of `day` is known.
    #[must_use]
    pub fn certainty(&self, day: Date) -> Certainty {
        self.years.get(&day.year()).map_or(Certainty::WeekendsOnly, |year| year.certainty)
    }

    /// The worst certainty of the years from `from` to `to`.
    #[must_use]
    pub fn certainty_between(&self, from: Date, to: Date) -> Certainty {
        (from.year()..=to.year())
            .map(|year| self.years.get(&year).map_or(Certainty::WeekendsOnly, |year| year.certainty))
            .max()
            .unwrap_or(Certainty::Published)
    }

    /// The holiday that `day` belongs to, if any.
    #[must_use]
    pub fn holiday(&self, day: Date) -> Option<&Holiday> {
        // A January day off may stand in the file of the year before.
        [day.year(), day.year() - 1, day.year() + 1]
            .iter()
            .filter_map(|year| self.years.get(year))
            .flat_map(|year| &year.holidays)
            .find(|holiday| holiday.from <= day && day <= holiday.to)
    }

    /// Whether `day` is worked: a 调休上班日 is, a day off is not, else Monday to Friday.
    #[must_use]
    pub fn is_working_day(&self, day: Date) -> bool {
        if self.workdays.contains(&day) {
            return true;
        }
        !self.days_off.contains(&day) && !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
    }

    /// The `n`-th working day after `day`; the day itself never counts. `n` = 0 gives `day` back, worked or not.
    /// Stops at the last date that can be represented.
    #[must_use]
    pub fn add_working_days(&self, day: Date, n: u32) -> Date {
        let mut at = day;
        let mut left = n;
        while left > 0 {
            let Some(next) = at.next_day() else { return at };
            at = next;
            left -= u32::from(self.is_working_day(at));
        }
        at
    }

    /// Working days after `from` up to and including `to`; 0 when `to` is not after `from`.
    #[must_use]
    pub fn working_days_between(&self, from: Date, to: Date) -> u32 {
        let Some(first) = from.next_day() else { return 0 };
        let worked = days(first, to).filter(|day| self.is_working_day(*day)).count();
        u32::try_from(worked).unwrap_or(u32::MAX)
    }
}

/// Every day from `from` to `to`, both included.
fn days(from: Date, to: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(from), |day| day.next_day()).take_while(move |day| *day <= to)
}

impl Year {
    /// Reads one year's TOML.
    ///
    /// # Errors
    /// Everything that is wrong with it, by line: missing or unknown keys, days outside the year, a 调休上班日
    /// that is no weekend day, a run longer than a month, the same day twice.
    pub fn parse(text: &str) -> Result<Self, Vec<SourceError>> {
        let (mut report, document) = Report::parse(text);
        let mut root = Table::root(&document);
        let year = root.integer("year", 2000, 2100, &mut report).unwrap_or_default();
        let year = i32::try_from(year).unwrap_or_default();
        let certainty = root
            .word("certainty", &["published", "provisional"], certainty_named, &mut report)
            .unwrap_or(Certainty::Provisional);
        let source = root.text("source", &mut report).map(|at| at.value).unwrap_or_default();
        let (mut off, mut worked) = (Unique::default(), Unique::default());
        let holidays = root
            .tables("holiday", &mut report)
            .into_iter()
            .filter_map(|table| holiday(table, year, &mut off, &mut worked, &mut report))
            .collect();
        root.finish(&mut report);
        report.finish(Self { year, certainty, source, holidays })
    }
}

fn certainty_named(name: &str) -> Option<Certainty> {
    match name {
        "published" => Some(Certainty::Published),
        "provisional" => Some(Certainty::Provisional),
        _ => None,
    }
}

fn holiday(
    mut table: Table<'_, '_>,
    year: i32,
    off: &mut Unique,
    worked: &mut Unique,
    report: &mut Report<'_>,
) -> Option<Holiday> {
    let name = Text::read(&mut table, "name", report);
    let from = table.date("from", report);
    let to = table.date("to", report);
    let workdays = table.dates("workdays", report);
    let path = table.path.clone();
    table.finish(report);
    for day in [&from, &to].into_iter().flatten().chain(&workdays) {
        // New Year's Day of the next year may begin in December: one day of slack.
        if (day.value.year() - year).abs() > 1 {
            let problem = Problem::BadDate { key: "holiday".to_owned(), value: day.value.to_string() };
            report.add(day.offset, &path, problem);
        }
    }
    for day in &workdays {
        worked.check("workdays", &day.value.to_string(), day.offset, &path, report);
        if !matches!(day.value.weekday(), Weekday::Saturday | Weekday::Sunday) {
            let problem = Problem::BadDate { key: "workdays".to_owned(), value: day.value.to_string() };
            report.add(day.offset, &path, problem);
        }
    }
    let (from, to) = (from?, to?);
    if to.value < from.value || to.value - from.value > Duration::days(31) {
        let problem = Problem::DatesReversed { from: from.value.to_string(), until: to.value.to_string() };
        report.add(to.offset, &path, problem);
        return None;
    }
    for day in days(from.value, to.value) {
        off.check("holiday", &day.to_string(), from.offset, &path, report);
    }
    Some(Holiday {
        name: name?,
        from: from.value,
        to: to.value,
        workdays: workdays.into_iter().map(|day| day.value).collect(),
    })
}

#[cfg(test)]
mod tests;
