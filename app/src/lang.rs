//! Texts in the reader's language, from `app/locales/<part>.<tag>.yml`. Chinese is complete and first; a test
//! compares the keys of both languages and finds keys that the code asks for and nobody wrote.

use domain::{locale::Locale, moment};
use time::{OffsetDateTime, UtcOffset};

/// A reader's language, as pages pass it around.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lang(pub Locale);

impl Lang {
    /// The text behind a key, e.g. `filing.title`. A missing key shows itself, so that it is noticed.
    #[must_use]
    pub fn t(self, key: &str) -> String {
        crate::_rust_i18n_try_translate(self.0.tag(), key).map_or_else(|| key.to_owned(), Into::into)
    }

    /// The text behind a key, if there is one.
    #[must_use]
    pub fn try_t(self, key: &str) -> Option<String> {
        crate::_rust_i18n_try_translate(self.0.tag(), key).map(Into::into)
    }

    /// The text behind a key with `%{name}` places filled.
    #[must_use]
    pub fn with(self, key: &str, values: &[(&str, &str)]) -> String {
        let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
        let values: Vec<String> = values.iter().map(|(_, value)| (*value).to_owned()).collect();
        rust_i18n::replace_patterns(&self.t(key), &names, &values)
    }

    /// Chooses between two texts of the rule pack.
    #[must_use]
    pub fn pick(self, zh: &str, en: &str) -> String {
        self.0.pick(zh, en).to_owned()
    }

    /// A moment as `2026-11-22 14:32` in China Standard Time; microseconds since the epoch, UTC.
    #[must_use]
    pub fn moment(self, micros: i64) -> String {
        let at = in_china(micros);
        format!("{} {:02}:{:02}", at.date(), at.hour(), at.minute())
    }

    /// A moment with seconds, for the ledger and receipts: `2026-11-22 14:31:58`.
    #[must_use]
    pub fn second(self, micros: i64) -> String {
        let at = in_china(micros);
        format!("{} {:02}:{:02}:{:02}", at.date(), at.hour(), at.minute(), at.second())
    }

    /// The day of a moment, in China: `2026-11-22`.
    #[must_use]
    pub fn day(self, micros: i64) -> String {
        in_china(micros).date().to_string()
    }

    /// Bytes as `1.2 MB`.
    #[must_use]
    pub fn bytes(self, bytes: u64) -> String {
        #[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
        let value = bytes as f64;
        match bytes {
            ..1_000 => format!("{bytes} B"),
            1_000..1_000_000 => format!("{:.1} kB", value / 1e3),
            _ => format!("{:.1} MB", value / 1e6),
        }
    }

    /// A length of time: `3 分 05 秒`.
    #[must_use]
    pub fn duration(self, micros: i64) -> String {
        domain::stopwatch::spoken(micros, self.0)
    }

    /// A whole number with separators: `12,847`.
    #[must_use]
    pub fn number(self, value: i64) -> String {
        let digits = value.unsigned_abs().to_string();
        let mut out = String::from(if value < 0 { "-" } else { "" });
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                out.push(',');
            }
            out.push(digit);
        }
        out
    }
}

/// A moment as machines read it, for `datetime`: RFC 3339 in UTC.
#[must_use]
pub fn machine_time(micros: i64) -> String {
    moment::from_micros(micros).format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}

/// China Standard Time has had no daylight saving since 1991.
fn in_china(micros: i64) -> OffsetDateTime {
    let offset = UtcOffset::from_hms(8, 0, 0).unwrap_or(UtcOffset::UTC);
    moment::from_micros(micros).to_offset(offset)
}

#[cfg(test)]
mod tests {
    use super::{Lang, machine_time};
    use domain::locale::Locale;

    #[test]
    fn moments_are_shown_in_china_time() {
        let lang = Lang(Locale::Zh);
        assert_eq!(lang.second(1_793_577_600_000_000), "2026-11-02 08:00:00");
    }

    #[test]
    fn machines_get_utc() {
        assert_eq!(machine_time(1_793_577_600_000_000), "2026-11-02T00:00:00Z");
    }

    #[test]
    fn numbers_are_grouped_in_threes() {
        let lang = Lang(Locale::En);
        assert_eq!(lang.number(0), "0");
        assert_eq!(lang.number(128_406), "128,406");
        assert_eq!(lang.number(-1_000), "-1,000");
    }
}
