//! Moments as the database, the ledger and the API write them: microseconds since 1970-01-01T00:00:00Z in an
//! `i64` (good until the year 294,246).

use time::OffsetDateTime;

/// Microseconds since the epoch, UTC.
#[must_use]
pub fn to_micros(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX)
}

/// Reads [`to_micros`]; values outside the calendar become the epoch.
#[must_use]
pub fn from_micros(micros: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// For `#[serde(with = "crate::moment::micros")]`.
pub mod micros {
    use serde::{Deserialize, Deserializer, Serializer};
    use time::OffsetDateTime;

    /// Writes an `i64` of microseconds.
    ///
    /// # Errors
    /// Only the serializer's own.
    pub fn serialize<S: Serializer>(at: &OffsetDateTime, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_i64(super::to_micros(*at))
    }

    /// Reads an `i64` of microseconds.
    ///
    /// # Errors
    /// Only the deserializer's own.
    pub fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<OffsetDateTime, D::Error> {
        i64::deserialize(input).map(super::from_micros)
    }
}
