//! Periods and limits that the rules measure against, as data: they follow regulations and the exchange's own rules, which
//! change without the program.

use std::sync::LazyLock;

use crate::{
    source_error::SourceError,
    toml_source::{Report, Table},
};

/// The bundled limits for listing applications.
pub const LISTING: &str = include_str!("../../data/examination/listing-2026.1.toml");

/// Limits for one kind of filing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Months from the end of the audited period in which its figures may be used.
    pub audit_validity_months: u8,
    /// Months by which that may be extended.
    pub audit_extension_months: u8,
    /// Days before its end at which a certificate is called expiring.
    pub certificate_notice_days: u16,
    /// Days between notice and meeting of shareholders.
    pub meeting_notice_days: u16,
    /// Percentage of votes that a special resolution exceeds.
    pub special_majority_percent: u8,
    /// Holders, looked through.
    pub holder_limit: u16,
}

impl Limits {
    /// Reads limits.
    ///
    /// # Errors
    /// Everything that is wrong, with its line.
    pub fn parse(text: &str) -> Result<Self, Vec<SourceError>> {
        let (mut report, document) = Report::parse(text);
        let mut root = Table::root(&document);
        let _ = (root.text("id", &mut report), root.text("version", &mut report));
        let mut number = |key: &'static str, most: u64| {
            root.integer(key, 1, most, &mut report).and_then(|n| u16::try_from(n).ok()).unwrap_or(1)
        };
        let months = number("audit_validity_months", 36);
        let extension = number("audit_extension_months", 12);
        let limits = Self {
            audit_validity_months: u8::try_from(months).unwrap_or(1),
            audit_extension_months: u8::try_from(extension).unwrap_or(1),
            certificate_notice_days: number("certificate_notice_days", 730),
            meeting_notice_days: number("meeting_notice_days", 90),
            special_majority_percent: u8::try_from(number("special_majority_percent", 99)).unwrap_or(1),
            holder_limit: number("holder_limit", 2_000),
        };
        root.finish(&mut report);
        report.finish(limits)
    }

    /// The bundled limits, [`LISTING`].
    ///
    /// # Panics
    /// Never in a build whose tests passed: one of them reads the file.
    #[must_use]
    pub fn listing() -> &'static Self {
        static LIMITS: LazyLock<Limits> = LazyLock::new(|| Limits::parse(LISTING).expect("bundled limits"));
        &LIMITS
    }
}
