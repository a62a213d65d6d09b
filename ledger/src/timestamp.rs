//! A moment in UTC with microseconds, and its one spelling on the ledger: `2026-11-22T08:30:00.000000Z`.
//!
//! The database keeps the same moment as a BIGINT; this type converts both ways without a calendar library, since the verifier in the
//! browser needs nothing more. It never reads a clock.

use serde::Serialize;
use std::{fmt, str::FromStr};

/// Microseconds since 1970-01-01T00:00:00Z, between the years 1970 and 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// Not a moment between 1970 and 9999, or not spelt `YYYY-MM-DDTHH:MM:SS.ffffffZ`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a UTC time such as 2026-11-22T08:30:00.000000Z")]
pub struct TimestampError;

const MICROS_PER_DAY: i64 = 86_400_000_000;
/// 9999-12-31T23:59:59.999999Z.
const MAX_MICROS: i64 = 253_402_300_799_999_999;

impl Timestamp {
    /// From microseconds since the Unix epoch.
    ///
    /// # Errors
    /// Before 1970 or after 9999.
    pub fn from_unix_micros(micros: i64) -> Result<Self, TimestampError> {
        if (0..=MAX_MICROS).contains(&micros) { Ok(Self(micros)) } else { Err(TimestampError) }
    }

    /// Microseconds since the Unix epoch.
    #[must_use]
    pub fn unix_micros(self) -> i64 {
        self.0
    }
}

/// Year, month, day of a day number since 1970-01-01 in the proleptic Gregorian calendar (eras of 400 years from 0000-03-01).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Inverse of [`civil`] for valid dates.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let march_month = (month + 9) % 12;
    let day_of_year = (153 * march_month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.0 / MICROS_PER_DAY);
        let of_day = self.0 % MICROS_PER_DAY;
        let (seconds, micros) = (of_day / 1_000_000, of_day % 1_000_000);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let number = |range: std::ops::Range<usize>| -> Result<i64, TimestampError> {
            let digits =
                text.get(range).filter(|d| d.bytes().all(|b| b.is_ascii_digit())).ok_or(TimestampError)?;
            digits.parse().map_err(|_| TimestampError)
        };
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        let (hour, minute, second, micros) =
            (number(11..13)?, number(14..16)?, number(17..19)?, number(20..26)?);
        if hour > 23 || minute > 59 || second > 59 || !(1..=12).contains(&month) {
            return Err(TimestampError);
        }
        let value = days(year, month, day) * MICROS_PER_DAY
            + ((hour * 60 + minute) * 60 + second) * 1_000_000
            + micros;
        let parsed = Self::from_unix_micros(value)?;
        // Punctuation, length and impossible dates (30 February) all show as a different spelling.
        if parsed.to_string() == text { Ok(parsed) } else { Err(TimestampError) }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case(0, "1970-01-01T00:00:00.000000Z")]
    #[case(951_782_400_000_000, "2000-02-29T00:00:00.000000Z")]
    #[case(1_763_800_200_123_456, "2025-11-22T08:30:00.123456Z")]
    #[case(4_107_542_399_999_999, "2100-02-28T23:59:59.999999Z")]
    #[case(MAX_MICROS, "9999-12-31T23:59:59.999999Z")]
    fn known_moments(#[case] micros: i64, #[case] text: &str) {
        assert_eq!(Timestamp::from_unix_micros(micros).unwrap().to_string(), text);
        assert_eq!(text.parse::<Timestamp>().unwrap().unix_micros(), micros);
    }

    #[rstest]
    #[case("2025-02-29T00:00:00.000000Z")]
    #[case("2100-02-29T00:00:00.000000Z")]
    #[case("2025-11-22T08:30:00Z")]
    #[case("2025-11-22T08:30:00.000000+00:00")]
    #[case("2025-11-22t08:30:00.000000z")]
    #[case("2025-11-22T24:00:00.000000Z")]
    #[case("2025-11-22T08:30:60.000000Z")]
    #[case("2025-13-22T08:30:00.000000Z")]
    #[case("2025-11-00T08:30:00.000000Z")]
    #[case("1969-12-31T23:59:59.999999Z")]
    #[case("2025-11-22T08:30:00.000000Z ")]
    #[case("+025-11-22T08:30:00.000000Z")]
    #[case("")]
    fn other_spellings_are_refused(#[case] text: &str) {
        assert_eq!(text.parse::<Timestamp>(), Err(TimestampError));
    }

    proptest! {
        #[test]
        fn round_trips_and_sorts_as_text(a in 0..=MAX_MICROS, b in 0..=MAX_MICROS) {
            let (a, b) = (Timestamp::from_unix_micros(a).unwrap(), Timestamp::from_unix_micros(b).unwrap());
            prop_assert_eq!(a.to_string().parse::<Timestamp>().unwrap(), a);
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }

        #[test]
        fn arbitrary_text_never_panics(text in any::<String>()) {
            let _ = text.parse::<Timestamp>();
        }
    }
}
