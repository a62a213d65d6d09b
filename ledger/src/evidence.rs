//! The evidence bundle, `guxin-evidence/v1`: a receipt together with the documents, keys and printed certificate, as a ZIP file that
//! somebody can hand to a court expert. Which files it has, and how all of them are checked against each other, offline.
//!
//! `backend` packs it; `guxin verify bundle.zip` unpacks and calls [`verify`]. The ZIP container itself is their business. Nothing but
//! the receipt proves anything: the other files are copies of its parts, or documents whose digests it holds, and are held against it.

use crate::{
    Digests, Hash,
    canonical::{self, CanonicalError, FromJson},
    digest::read_hex32,
    manifest::{Document, Manifest},
    members::Members,
};
use serde::Serialize;
use serde_json::Value;

mod check;
pub use check::{Content, Part, verify};

/// The value of [`Index::format`].
pub const FORMAT: &str = "guxin-evidence/v1";
/// The list of all files; itself listed only in [`SUMS`].
pub const INDEX: &str = "bundle.json";
/// For `sha256sum -c`: every file but itself.
pub const SUMS: &str = "SHA256SUMS";
/// The receipt ([`crate::receipt`]).
pub const RECEIPT: &str = "receipt.json";
/// The receipt's proof, for tools that read C2SP tlog-proof.
pub const PROOF: &str = "receipt.tlog-proof";
/// The receipt's ledger entry.
pub const ENTRY: &str = "entry.json";
/// The receipt's manifest, where there is one.
pub const MANIFEST: &str = "manifest.json";
/// The signed checkpoint with its cosignatures.
pub const CHECKPOINT: &str = "checkpoint";
/// The log's verifier key.
pub const VKEY: &str = "vkey";
/// The attestation, in a bundle about one.
pub const ATTESTATION: &str = "attestation.json";
/// Folder of the documents.
pub const DOCUMENTS: &str = "documents/";
/// Most files of a bundle.
pub const MAX_FILES: usize = 20_000;

/// What a bundle is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A submitted version of a filing, with all its documents.
    Version,
    /// One version of one document.
    Document,
    /// One firm's attestation, with the documents it is about.
    Attestation,
}

/// `bundle.json`: what the bundle is about, and every file in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Index {
    /// [`FORMAT`].
    pub format: String,
    /// The certificate's [`number`].
    pub number: String,
    /// What it is about.
    pub kind: Kind,
    /// Every file but `bundle.json` and `SHA256SUMS`, by path.
    pub files: Vec<File>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct File {
    /// Its name in the ZIP, folders separated by `/`.
    pub path: String,
    /// Length in bytes.
    pub size: u64,
    /// SHA-256 of the file.
    #[serde(rename = "sha-256", serialize_with = "crate::digest::hex32::serialize")]
    pub sha256: [u8; 32],
    /// SM3 of the file.
    #[serde(serialize_with = "crate::digest::hex32::serialize")]
    pub sm3: [u8; 32],
}

impl File {
    /// The entry for a file with these digests.
    #[must_use]
    pub fn new(path: impl Into<String>, size: u64, digests: &Digests) -> Self {
        Self { path: path.into(), size, sha256: digests.sha256, sm3: digests.sm3 }
    }
}

impl Index {
    /// An index over `files` in any order.
    #[must_use]
    pub fn new(number: String, kind: Kind, mut files: Vec<File>) -> Self {
        files.sort_unstable();
        Self { format: FORMAT.to_owned(), number, kind, files }
    }

    /// The file's bytes.
    ///
    /// # Errors
    /// Never for an index made here; [`CanonicalError::Number`] for a size that no JSON reader keeps.
    pub fn to_text(&self) -> Result<String, CanonicalError> {
        canonical::to_string(self)
    }

    /// Reads the file.
    ///
    /// # Errors
    /// [`CanonicalError`] for anything but what [`Index::to_text`] writes.
    pub fn parse(bytes: &[u8]) -> Result<Self, CanonicalError> {
        let index: Self = canonical::from_slice(bytes)?;
        let in_order = index.files.windows(2).all(|pair| pair[0].path < pair[1].path);
        if index.format != FORMAT || !in_order || index.files.len() > MAX_FILES {
            return Err(CanonicalError::Json("not the index of an evidence bundle".to_owned()));
        }
        Ok(index)
    }
}

impl FromJson for Index {
    fn from_json(value: Value) -> Result<Self, CanonicalError> {
        let mut members = Members::of(value)?;
        let index = Self {
            format: members.text("format")?,
            number: members.text("number")?,
            kind: members.read("kind", |text| match text {
                "version" => Ok(Kind::Version),
                "document" => Ok(Kind::Document),
                "attestation" => Ok(Kind::Attestation),
                _ => Err("expected `version`, `document` or `attestation`"),
            })?,
            files: members.list("files")?.into_iter().map(File::from_json).collect::<Result<_, _>>()?,
        };
        members.end()?;
        Ok(index)
    }
}

impl FromJson for File {
    fn from_json(value: Value) -> Result<Self, CanonicalError> {
        let mut members = Members::of(value)?;
        let file = Self {
            path: members.text("path")?,
            size: members.number("size")?,
            sha256: members.read("sha-256", read_hex32)?,
            sm3: members.read("sm3", read_hex32)?,
        };
        members.end()?;
        Ok(file)
    }
}

/// A certificate's number: kind, leaf index and the first twelve digits of the leaf hash, so that anybody derives it from the
/// proof, and no two certificates share one.
#[must_use]
pub fn number(kind: Kind, leaf_index: u64, leaf_hash: Hash) -> String {
    let letter = match kind {
        Kind::Version => 'F',
        Kind::Document => 'D',
        Kind::Attestation => 'A',
    };
    format!("GX-{letter}-{leaf_index:08}-{}", hex::encode(&leaf_hash.0[..6]))
}

/// `SHA256SUMS` over files in any order, as `sha256sum` writes it.
#[must_use]
pub fn sums<'a>(files: impl IntoIterator<Item = (&'a str, [u8; 32])>) -> String {
    let mut files: Vec<_> = files.into_iter().collect();
    files.sort_unstable();
    files.into_iter().map(|(path, sha256)| format!("{}  {path}\n", hex::encode(sha256))).collect()
}

/// Where each document of a manifest lies in the bundle. Two of one name in one slot are told apart by their place, and so are names
/// that differ only in case, which some file systems take for the same.
#[must_use]
pub fn document_paths(manifest: &Manifest) -> Vec<(String, &Document)> {
    let mut taken = std::collections::BTreeSet::new();
    let listed = manifest.documents.iter().enumerate();
    listed
        .map(|(at, document)| {
            let mut name = document.name.clone();
            let mut path = document_path(&document.slot, &name);
            while !taken.insert(path.to_lowercase()) {
                name = format!("{}-{name}", at + 1);
                path = document_path(&document.slot, &name);
            }
            (path, document)
        })
        .collect()
}

/// Where a document of a slot lies in the bundle.
#[must_use]
pub fn document_path(slot: &str, name: &str) -> String {
    format!("{DOCUMENTS}{slot}/{name}")
}

/// Where the attestation at a place in the receipt lies, from 0.
#[must_use]
pub fn attestation_path(at: usize, slot: &str) -> String {
    format!("attestations/{:02}-{slot}.json", at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HashRef, manifest::RulePack};

    fn document(slot: &str, name: &str, byte: u8) -> Document {
        Document {
            slot: slot.to_owned(),
            name: name.to_owned(),
            sha256: [byte; 32],
            sm3: [byte; 32],
            size: 1,
            media_type: "application/pdf".to_owned(),
        }
    }

    #[test]
    fn a_number_says_kind_place_and_leaf() {
        assert_eq!(number(Kind::Version, 36, Hash([0xa9; 32])), "GX-F-00000036-a9a9a9a9a9a9");
        assert_eq!(number(Kind::Document, 123_456_789, Hash([1; 32])), "GX-D-123456789-010101010101");
    }

    #[test]
    fn two_documents_of_one_name_have_two_places() {
        let pack = RulePack { id: "listing".to_owned(), version: "1".to_owned(), sha256: [0; 32] };
        let documents = vec![document("a", "x.pdf", 1), document("a", "x.pdf", 2), document("a", "X.PDF", 3)];
        let manifest = Manifest::new("filing:1", 1, pack, HashRef([0; 32]), documents).unwrap();
        let paths = document_paths(&manifest);
        let folded: std::collections::BTreeSet<_> =
            paths.iter().map(|(path, _)| path.to_lowercase()).collect();
        assert_eq!(folded.len(), 3, "{paths:?}");
        assert!(paths.iter().all(|(path, _)| path.starts_with("documents/a/")));
    }

    #[test]
    fn an_index_is_read_as_it_was_written_and_no_other_way() {
        let file = |path: &str| File::new(path, 1, &Digests { sha256: [1; 32], sm3: [2; 32] });
        let index = Index::new("GX-F-00000001-00".to_owned(), Kind::Version, vec![file("b"), file("a")]);
        let text = index.to_text().unwrap();
        assert_eq!(Index::parse(text.as_bytes()).unwrap(), index);
        let twice = Index::new(index.number.clone(), index.kind, vec![file("a"), file("a")]);
        assert!(Index::parse(twice.to_text().unwrap().as_bytes()).is_err(), "a file listed twice");
        assert!(Index::parse(text.replace("evidence/v1", "evidence/v2").as_bytes()).is_err());
        assert!(Index::parse(format!(" {text}").as_bytes()).is_err());
        assert_eq!(sums([("b", [1; 32]), ("a", [0; 32])]).lines().count(), 2);
    }
}
