//! How a workbook shows numbers: which are days and which percentages (ECMA-376 part 1, 18.8.30 and 18.8.31).

use std::{collections::HashMap, io::BufRead};

use time::{Date, Duration, Month};

use crate::reading::{
    problem::Problem,
    xml::{Node, Xml},
};

/// What a number stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shown {
    #[default]
    Number,
    Percent,
    /// A day, maybe with a time.
    Day,
    /// A time of day or a span of hours.
    Time,
}

/// By the number of a cell's style.
#[derive(Default)]
pub(super) struct Formats(Vec<Shown>);

impl Formats {
    /// Reads the styles part.
    pub(super) fn read<R: BufRead>(xml: &mut Xml<R>) -> Result<Self, Problem> {
        let mut codes: HashMap<u32, Shown> = HashMap::new();
        let (mut styles, mut in_cells) = (Vec::new(), false);
        loop {
            match xml.next()? {
                Node::End => return Ok(Self(styles)),
                Node::Open(element) => match element.name().as_slice() {
                    b"numFmt" => {
                        let id = element.attribute("numFmtId").and_then(|id| id.parse().ok());
                        let code = element.attribute("formatCode").unwrap_or_default();
                        if let Some(id) = id {
                            codes.insert(id, meaning(&code));
                        }
                    }
                    b"cellXfs" => in_cells = true,
                    b"xf" if in_cells => {
                        let id = element.attribute("numFmtId").and_then(|id| id.parse().ok()).unwrap_or(0);
                        styles.push(codes.get(&id).copied().unwrap_or_else(|| builtin(id)));
                    }
                    _ => {}
                },
                Node::Close(name) => in_cells &= name != b"cellXfs",
                Node::Text(_) => {}
            }
        }
    }
}

/// The formats that every program knows by number; 27 to 36 and 50 to 58 are the Chinese ones.
const fn builtin(id: u32) -> Shown {
    match id {
        9 | 10 => Shown::Percent,
        14..=17 | 22 | 27..=31 | 36 | 50..=54 | 57 | 58 => Shown::Day,
        18..=21 | 32..=35 | 45..=47 | 55 | 56 => Shown::Time,
        _ => Shown::Number,
    }
}

/// Reads a format code, e.g. `yyyy"年"m"月"d"日"` or `0.00%`.
fn meaning(code: &str) -> Shown {
    if code.eq_ignore_ascii_case("general") {
        return Shown::Number;
    }
    let (mut quoted, mut bracket) = (false, false);
    let (mut percent, mut day, mut time) = (false, false, false);
    let mut characters = code.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '\\' | '_' | '*' => {
                characters.next();
            }
            // [Red], [$-804], [h]: of these only spans of time mean anything here.
            '[' => bracket = true,
            ']' => bracket = false,
            'h' | 'H' | 's' | 'S' => time = true,
            _ if bracket => {}
            // What stands for negative numbers does not matter.
            ';' => break,
            '%' => percent = true,
            'y' | 'Y' | 'd' | 'D' => day = true,
            _ => {}
        }
    }
    if percent {
        Shown::Percent
    } else if day {
        Shown::Day
    } else if time {
        Shown::Time
    } else {
        Shown::Number
    }
}

/// Turns numbers into text.
pub(super) struct Numbers {
    pub(super) formats: Formats,
    /// Days are counted from 1904 (old Macintosh files).
    pub(super) since_1904: bool,
}

impl Numbers {
    /// The text, and whether it is shown as a percentage.
    pub(super) fn show(&self, value: &str, style: usize) -> (String, bool) {
        let Ok(number) = value.parse::<f64>() else { return (value.to_owned(), false) };
        match self.formats.0.get(style).copied().unwrap_or_default() {
            Shown::Day => (self.day(number).unwrap_or_else(|| plain(number)), false),
            Shown::Time => (clock(number).unwrap_or_else(|| plain(number)), false),
            Shown::Percent => (plain(number), true),
            Shown::Number => (plain(number), false),
        }
    }

    fn day(&self, number: f64) -> Option<String> {
        let days = whole(number.floor())?;
        let start = if self.since_1904 {
            Date::from_calendar_date(1904, Month::January, 1)
        } else if days >= 60 {
            // Excel counts a 29 February 1900 that never was.
            Date::from_calendar_date(1899, Month::December, 30)
        } else {
            Date::from_calendar_date(1899, Month::December, 31)
        };
        let date = start.ok()?.checked_add(Duration::days(days))?;
        let (year, month, day) = date.to_calendar_date();
        let day = format!("{year:04}-{:02}-{day:02}", u8::from(month));
        match clock(number.fract()) {
            Some(time) if time != "00:00" => Some(format!("{day} {time}")),
            _ => Some(day),
        }
    }
}

/// Hours and minutes of a part of a day.
fn clock(number: f64) -> Option<String> {
    let minutes = whole((number * 24.0 * 60.0).round())?;
    Some(format!("{:02}:{:02}", minutes / 60, minutes % 60))
}

/// Not negative and small enough to be a number of days or minutes.
fn whole(number: f64) -> Option<i64> {
    // Written out and read back, because a cast would cut in silence.
    (0.0..=1e9).contains(&number).then(|| format!("{number:.0}").parse().ok()).flatten()
}

/// Fifteen significant digits, as spreadsheet programs show: what the file holds beyond is the noise of binary fractions.
fn plain(number: f64) -> String {
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    if rounded == 0.0 { "0".to_owned() } else { rounded.to_string() }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Formats, Numbers, Shown, meaning, plain};

    #[rstest]
    #[case("General", Shown::Number)]
    #[case("#,##0.00", Shown::Number)]
    #[case("0.00%", Shown::Percent)]
    #[case("yyyy\"年\"m\"月\"d\"日\"", Shown::Day)]
    #[case("[$-804]yyyy/m/d;@", Shown::Day)]
    #[case("yyyy-mm-dd hh:mm", Shown::Day)]
    #[case("[h]:mm", Shown::Time)]
    #[case("0.00E+00", Shown::Number)]
    #[case("[Red]#,##0;[Blue]-#,##0%", Shown::Number)]
    #[case("\"yd\"0", Shown::Number)]
    #[case("0\\d", Shown::Number)]
    fn codes(#[case] code: &str, #[case] shown: Shown) {
        assert_eq!(meaning(code), shown);
    }

    #[test]
    fn numbers_are_shown_as_people_see_them() {
        assert_eq!(plain(12_600_000.0), "12600000");
        assert_eq!(plain(0.1 + 0.2), "0.3");
        assert_eq!(plain(0.29), "0.29");
        assert_eq!(plain(-0.0), "0");
        assert_eq!(plain(1.5e-7), "0.00000015");
    }

    #[rstest]
    #[case("46327", "2026-11-01")]
    #[case("46327.5", "2026-11-01 12:00")]
    #[case("60", "1900-02-28")]
    #[case("59", "1900-02-28")]
    #[case("1", "1900-01-01")]
    #[case("-1", "-1")]
    #[case(
        "1e300",
        "1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    )]
    fn days(#[case] value: &str, #[case] text: &str) {
        let numbers = Numbers { formats: Formats(vec![Shown::Day]), since_1904: false };
        assert_eq!(numbers.show(value, 0).0, text);
    }
}
