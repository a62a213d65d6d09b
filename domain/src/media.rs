//! The file formats that filings accept: extension, media type and what their bytes look like. Used by rule packs
//! (which formats a slot takes), by uploads ([`Inspector`]) and by downloads (which type to answer with). It looks
//! at bytes only as far as a precise refusal needs; reading documents is the backend's business.

use serde::{Deserialize, Serialize};

use crate::locale::Locale;

mod archive;
mod inspect;
mod jpeg;
mod pdf;
mod problem;
mod sniff;

pub use inspect::{Inspector, inspect};
pub use pdf::active_content;
pub use problem::{Active, Found, Problem};
pub use sniff::sniff;

/// An accepted file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Pdf,
    /// Word, OOXML without macros.
    Docx,
    /// Excel, OOXML without macros.
    Xlsx,
    Jpg,
    Png,
}

impl Kind {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Pdf, Self::Docx, Self::Xlsx, Self::Jpg, Self::Png];
    /// The names as they stand in a rule pack.
    pub const NAMES: &[&str] = &["pdf", "docx", "xlsx", "jpg", "png"];

    /// The name in rule packs, in the database and in the API; also the usual extension.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Docx => "docx",
            Self::Xlsx => "xlsx",
            Self::Jpg => "jpg",
            Self::Png => "png",
        }
    }

    /// Reads [`Self::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Extensions in lower case, without a dot; the usual one first.
    #[must_use]
    pub const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Docx => &["docx"],
            Self::Xlsx => &["xlsx"],
            Self::Jpg => &["jpg", "jpeg"],
            Self::Png => &["png"],
        }
    }

    /// The registered media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Jpg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    /// Reads an extension (either case, without a dot).
    #[must_use]
    pub fn from_extension(extension: &str) -> Option<Self> {
        let lower = extension.to_ascii_lowercase();
        Self::ALL.into_iter().find(|kind| kind.extensions().contains(&lower.as_str()))
    }

    /// The format that a file name claims.
    #[must_use]
    pub fn from_file_name(name: &str) -> Option<Self> {
        name.rsplit_once('.').and_then(|(_, extension)| Self::from_extension(extension))
    }

    /// Reads a media type; parameters such as `; charset=` are ignored.
    #[must_use]
    pub fn from_media_type(media_type: &str) -> Option<Self> {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        Self::ALL.into_iter().find(|kind| kind.media_type().eq_ignore_ascii_case(essence))
    }
}

impl Kind {
    /// The name people know it by.
    #[must_use]
    pub const fn label(self, locale: Locale) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Docx => locale.pick("Word（docx）", "Word (docx)"),
            Self::Xlsx => locale.pick("Excel（xlsx）", "Excel (xlsx)"),
            Self::Jpg => "JPG",
            Self::Png => "PNG",
        }
    }
}

/// Several formats in one phrase: `PDF、JPG` or `PDF, JPG`.
#[must_use]
pub fn labels(kinds: &[Kind], locale: Locale) -> String {
    let names: Vec<&str> = kinds.iter().map(|kind| kind.label(locale)).collect();
    names.join(locale.pick("、", ", "))
}

/// A size for reading, in binary units with at most one decimal: `52.4 MB` as file managers show it.
#[must_use]
pub fn size_label(bytes: u64) -> String {
    for (unit, shift) in [("GB", 30u32), ("MB", 20), ("KB", 10)] {
        if bytes >> shift > 0 {
            // Rounded up, so that a file one byte above the limit never reads as equal to it.
            let tenths = (u128::from(bytes) * 10).div_ceil(1 << shift);
            let (whole, tenth) = (tenths / 10, tenths % 10);
            return if tenth == 0 { format!("{whole} {unit}") } else { format!("{whole}.{tenth} {unit}") };
        }
    }
    format!("{bytes} B")
}

/// The format that a file name claims, if the slot takes it.
///
/// # Errors
/// [`Problem::Extension`] naming what the slot takes.
pub fn declared(file_name: &str, allowed: &[Kind]) -> Result<Kind, Problem> {
    let extension = crate::file_name::extension(file_name);
    Kind::from_extension(&extension)
        .filter(|kind| allowed.contains(kind))
        .ok_or_else(|| Problem::Extension { extension, allowed: allowed.to_vec() })
}

#[cfg(test)]
mod tests;
