//! Reading TOML with a line number on every complaint, and all complaints at once. A [`Table`] remembers which
//! keys were asked for; [`Table::finish`] reports the others. Used by rule packs and calendars only, so that the
//! parser stays out of the browser's copy.

use std::collections::BTreeMap;

use time::{Date, Month};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::source_error::{Problem, SourceError, nearest};

/// Collects errors and knows how to turn byte offsets into lines.
pub(crate) struct Report<'s> {
    text: &'s str,
    errors: Vec<SourceError>,
}

/// A text and where it stood.
#[derive(Clone, Debug)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) offset: usize,
}

/// One table being read.
pub(crate) struct Table<'s, 'd> {
    table: &'d DeTable<'s>,
    /// Where complaints about the table itself point.
    pub(crate) offset: usize,
    pub(crate) path: String,
    asked: Vec<&'static str>,
}

impl<'s> Report<'s> {
    /// Parses `text`. Syntax errors are collected; what could be recovered is returned so that its own errors show too.
    pub(crate) fn parse(text: &'s str) -> (Self, Spanned<DeTable<'s>>) {
        let (table, syntax) = DeTable::parse_recoverable(text);
        let mut report = Self { text, errors: Vec::new() };
        for error in syntax {
            let offset = error.span().map_or(0, |span| span.start);
            let detail = error.message().replace('\n', "; ");
            report.add(offset, "", Problem::Syntax { detail });
        }
        (report, table)
    }

    pub(crate) fn add(&mut self, offset: usize, path: &str, problem: Problem) {
        let (line, column) = self.position(offset);
        self.errors.push(SourceError { line, column, path: path.to_owned(), problem });
    }

    /// 1-based line of a byte offset.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.position(offset).0
    }

    fn position(&self, offset: usize) -> (usize, usize) {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    pub(crate) fn has_syntax_errors(&self) -> bool {
        self.errors.iter().any(|error| matches!(error.problem, Problem::Syntax { .. }))
    }

    /// `value` when nothing was reported, or else everything, from top to bottom.
    pub(crate) fn finish<T>(mut self, value: T) -> Result<T, Vec<SourceError>> {
        if self.errors.is_empty() {
            return Ok(value);
        }
        // A broken line makes everything after it look missing: show the root cause alone.
        if self.has_syntax_errors() {
            self.errors.retain(|error| matches!(error.problem, Problem::Syntax { .. }));
        }
        self.errors.sort_by_key(|error| (error.line, error.column));
        self.errors.dedup();
        // A quotation mark that is not closed damages every line up to the next one: the same complaint on the
        // following line is not news.
        let mut last: Option<(usize, Problem)> = None;
        self.errors.retain(|error| {
            let news = !matches!(error.problem, Problem::Syntax { .. })
                || last
                    .as_ref()
                    .is_none_or(|(line, problem)| *problem != error.problem || error.line > line + 1);
            last = Some((error.line, error.problem.clone()));
            news
        });
        Err(self.errors)
    }
}

impl<'s, 'd> Table<'s, 'd> {
    pub(crate) fn root(table: &'d Spanned<DeTable<'s>>) -> Self {
        Self { table: table.get_ref(), offset: 0, path: String::new(), asked: Vec::new() }
    }

    fn place(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// The value under `key`, absent without complaint.
    fn peek(&mut self, key: &'static str) -> Option<&'d Spanned<DeValue<'s>>> {
        self.asked.push(key);
        self.table.get(key)
    }

    fn need(&mut self, key: &'static str, report: &mut Report<'_>) -> Option<&'d Spanned<DeValue<'s>>> {
        let value = self.peek(key);
        if value.is_none() {
            report.add(self.offset, &self.path, Problem::Missing { key: key.to_owned() });
        }
        value
    }

    fn wrong(&self, key: &str, expected: &str, value: &Spanned<DeValue<'_>>, report: &mut Report<'_>) {
        let problem = Problem::WrongType {
            key: key.to_owned(),
            expected: expected.to_owned(),
            found: type_of(value.get_ref()).to_owned(),
        };
        report.add(value.span().start, &self.place(key), problem);
    }

    pub(crate) fn has(&mut self, key: &'static str) -> bool {
        self.peek(key).is_some()
    }

    /// A text that must be there and not be blank.
    pub(crate) fn text(&mut self, key: &'static str, report: &mut Report<'_>) -> Option<At<String>> {
        let value = self.need(key, report)?;
        self.as_text(key, value, report)
    }

    pub(crate) fn optional_text(&mut self, key: &'static str, report: &mut Report<'_>) -> Option<At<String>> {
        let value = self.peek(key)?;
        self.as_text(key, value, report)
    }

    fn as_text(
        &self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        report: &mut Report<'_>,
    ) -> Option<At<String>> {
        let offset = value.span().start;
        match value.get_ref().as_str() {
            None => {
                self.wrong(key, "a text", value, report);
                None
            }
            Some(text) if text.trim().is_empty() => {
                report.add(offset, &self.place(key), Problem::Empty { key: key.to_owned() });
                None
            }
            Some(text) => Some(At { value: text.to_owned(), offset }),
        }
    }

    pub(crate) fn integer(
        &mut self,
        key: &'static str,
        min: u64,
        max: u64,
        report: &mut Report<'_>,
    ) -> Option<u64> {
        let value = self.need(key, report)?;
        let Some(integer) = value.get_ref().as_integer() else {
            self.wrong(key, "a whole number", value, report);
            return None;
        };
        let read = i128::from_str_radix(integer.as_str(), integer.radix()).ok();
        match read.and_then(|number| u64::try_from(number).ok()) {
            Some(number) if (min..=max).contains(&number) => Some(number),
            _ => {
                let problem = Problem::OutOfRange {
                    key: key.to_owned(),
                    value: integer.to_string(),
                    min: min.to_string(),
                    max: max.to_string(),
                };
                report.add(value.span().start, &self.place(key), problem);
                None
            }
        }
    }

    pub(crate) fn boolean(&mut self, key: &'static str, report: &mut Report<'_>) -> Option<bool> {
        let value = self.peek(key)?;
        let read = value.get_ref().as_bool();
        if read.is_none() {
            self.wrong(key, "true or false", value, report);
        }
        read
    }

    /// `true`, `false`, or a text (a condition).
    pub(crate) fn boolean_or_text(
        &mut self,
        key: &'static str,
        report: &mut Report<'_>,
    ) -> Option<Result<bool, At<String>>> {
        let value = self.need(key, report)?;
        match value.get_ref() {
            DeValue::Boolean(read) => Some(Ok(*read)),
            DeValue::String(_) => self.as_text(key, value, report).map(Err),
            _ => {
                self.wrong(key, "true, false or a condition", value, report);
                None
            }
        }
    }

    pub(crate) fn date(&mut self, key: &'static str, report: &mut Report<'_>) -> Option<At<Date>> {
        let value = self.need(key, report)?;
        self.as_date(key, value, report)
    }

    pub(crate) fn optional_date(&mut self, key: &'static str, report: &mut Report<'_>) -> Option<At<Date>> {
        let value = self.peek(key)?;
        self.as_date(key, value, report)
    }

    fn as_date(&self, key: &str, value: &Spanned<DeValue<'_>>, report: &mut Report<'_>) -> Option<At<Date>> {
        let offset = value.span().start;
        let DeValue::Datetime(read) = value.get_ref() else {
            self.wrong(key, "a date", value, report);
            return None;
        };
        let day = read.date.filter(|_| read.time.is_none() && read.offset.is_none()).and_then(|day| {
            Date::from_calendar_date(i32::from(day.year), Month::try_from(day.month).ok()?, day.day).ok()
        });
        match day {
            Some(value) => Some(At { value, offset }),
            None => {
                let problem = Problem::BadDate { key: key.to_owned(), value: read.to_string() };
                report.add(offset, &self.place(key), problem);
                None
            }
        }
    }

    fn items(
        &mut self,
        key: &'static str,
        expected: &str,
        report: &mut Report<'_>,
    ) -> Vec<&'d Spanned<DeValue<'s>>> {
        let Some(value) = self.peek(key) else { return Vec::new() };
        match value.get_ref() {
            DeValue::Array(items) => items.iter().collect(),
            _ => {
                self.wrong(key, expected, value, report);
                Vec::new()
            }
        }
    }

    /// A list of texts; absent is empty.
    pub(crate) fn texts(&mut self, key: &'static str, report: &mut Report<'_>) -> Vec<At<String>> {
        let items = self.items(key, "a list of texts", report);
        items.into_iter().filter_map(|item| self.as_text(key, item, report)).collect()
    }

    /// A list of dates; absent is empty.
    pub(crate) fn dates(&mut self, key: &'static str, report: &mut Report<'_>) -> Vec<At<Date>> {
        let items = self.items(key, "a list of dates", report);
        items.into_iter().filter_map(|item| self.as_date(key, item, report)).collect()
    }

    /// Each word of a list, looked up in a closed vocabulary.
    pub(crate) fn words<T>(
        &mut self,
        key: &'static str,
        allowed: &[&str],
        find: impl Fn(&str) -> Option<T>,
        report: &mut Report<'_>,
    ) -> Vec<T> {
        let words = self.texts(key, report);
        words.into_iter().filter_map(|word| self.lookup(key, &word, allowed, &find, report)).collect()
    }

    /// One word of a closed vocabulary; absent without complaint.
    pub(crate) fn word<T>(
        &mut self,
        key: &'static str,
        allowed: &[&str],
        find: impl Fn(&str) -> Option<T>,
        report: &mut Report<'_>,
    ) -> Option<T> {
        let word = self.optional_text(key, report)?;
        self.lookup(key, &word, allowed, &find, report)
    }

    fn lookup<T>(
        &self,
        key: &str,
        word: &At<String>,
        allowed: &[&str],
        find: &impl Fn(&str) -> Option<T>,
        report: &mut Report<'_>,
    ) -> Option<T> {
        let found = find(&word.value);
        if found.is_none() {
            let problem = Problem::UnknownValue {
                key: key.to_owned(),
                value: word.value.clone(),
                allowed: allowed.iter().map(|&name| name.to_owned()).collect(),
                nearest: nearest(&word.value, allowed.iter().copied()),
            };
            report.add(word.offset, &self.place(key), problem);
        }
        found
    }

    /// The tables of `[[key]]`; absent is empty.
    pub(crate) fn tables(&mut self, key: &'static str, report: &mut Report<'_>) -> Vec<Table<'s, 'd>> {
        let items = self.items(key, "a list", report);
        let mut tables = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            let path = self.place(&format!("{key}[{}]", index + 1));
            match item.get_ref() {
                DeValue::Table(table) => {
                    tables.push(Table { table, offset: item.span().start, path, asked: Vec::new() });
                }
                _ => self.wrong(key, "a table", item, report),
            }
        }
        tables
    }

    /// A table that must be there.
    pub(crate) fn table(&mut self, key: &'static str, report: &mut Report<'_>) -> Option<Table<'s, 'd>> {
        let value = self.need(key, report)?;
        self.as_table(key, value, "a table", report)
    }

    /// As [`Self::table`], naming what is expected there; absent without complaint.
    pub(crate) fn optional_table(
        &mut self,
        key: &'static str,
        expected: &str,
        report: &mut Report<'_>,
    ) -> Option<Table<'s, 'd>> {
        let value = self.peek(key)?;
        self.as_table(key, value, expected, report)
    }

    fn as_table(
        &self,
        key: &str,
        value: &'d Spanned<DeValue<'s>>,
        expected: &str,
        report: &mut Report<'_>,
    ) -> Option<Table<'s, 'd>> {
        match value.get_ref() {
            DeValue::Table(table) => {
                Some(Table { table, offset: value.span().start, path: self.place(key), asked: Vec::new() })
            }
            _ => {
                self.wrong(key, expected, value, report);
                None
            }
        }
    }

    /// Reports every key that was never asked for.
    pub(crate) fn finish(self, report: &mut Report<'_>) {
        for (key, _) in self.table.iter() {
            let name: &str = key.get_ref();
            if !self.asked.contains(&name) {
                let nearest = nearest(name, self.asked.iter().copied());
                // A misspelt key is one mistake, not a misspelling and a missing key.
                if let Some(meant) = &nearest {
                    let missing = Problem::Missing { key: meant.clone() };
                    report.errors.retain(|error| error.path != self.path || error.problem != missing);
                }
                let problem = Problem::UnknownKey { key: name.to_owned(), nearest };
                report.add(key.span().start, &self.path, problem);
            }
        }
    }
}

fn type_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// Remembers where each value was first seen and reports the second.
#[derive(Default)]
pub(crate) struct Unique {
    seen: BTreeMap<String, usize>,
}

impl Unique {
    pub(crate) fn check(
        &mut self,
        key: &str,
        value: &str,
        offset: usize,
        path: &str,
        report: &mut Report<'_>,
    ) {
        if let Some(first) = self.seen.get(value) {
            let problem = Problem::Duplicate {
                key: key.to_owned(),
                value: value.to_owned(),
                first_line: report.line(*first),
            };
            report.add(offset, path, problem);
        } else {
            self.seen.insert(value.to_owned(), offset);
        }
    }
}
