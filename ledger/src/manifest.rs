//! The manifest of a submitted filing: which documents lay in which slots, under which rule pack.
//!
//! Its digests go into the `submission` entry; the manifest itself, which has file names in it, stays off the ledger and travels in the
//! receipt.

use crate::{
    Digests, Entry, HashRef,
    canonical::{self, CanonicalError, FromJson},
    digest::read_hex32,
    entry::is_identifier,
    members::Members,
};
use serde::Serialize;
use serde_json::Value;

/// Most documents in one manifest.
pub const MAX_DOCUMENTS: usize = 10_000;
/// Longest file name, in bytes.
pub const MAX_NAME_BYTES: usize = 255;

/// What one version of a filing consisted of when it was submitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Manifest {
    /// Version of this schema: 1.
    pub v: u64,
    /// Id of the filing.
    pub filing: String,
    /// Version of the filing that was submitted.
    pub version: u64,
    /// The rule pack that applied.
    pub rule_pack: RulePack,
    /// SHA-256 over the structured fields. They may be guessable: salt what is hashed.
    pub fields_digest: HashRef,
    /// In ascending order of slot, name and digest, each once.
    pub documents: Vec<Document>,
}

/// A rule pack by id, version and content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RulePack {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its file.
    #[serde(rename = "sha-256", serialize_with = "crate::digest::hex32::serialize")]
    pub sha256: [u8; 32],
}

/// One document in its slot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Document {
    /// Id of the slot.
    pub slot: String,
    /// The file's name as shown to people.
    pub name: String,
    /// SHA-256 of the file.
    #[serde(rename = "sha-256", serialize_with = "crate::digest::hex32::serialize")]
    pub sha256: [u8; 32],
    /// SM3 of the file.
    #[serde(serialize_with = "crate::digest::hex32::serialize")]
    pub sm3: [u8; 32],
    /// Length in bytes.
    pub size: u64,
    /// Media type.
    pub media_type: String,
}

impl Document {
    /// Both digests.
    #[must_use]
    pub fn digests(&self) -> Digests {
        Digests { sha256: self.sha256, sm3: self.sm3 }
    }
}

impl FromJson for Manifest {
    fn from_json(value: Value) -> Result<Self, CanonicalError> {
        let mut members = Members::of(value)?;
        let manifest = Self {
            v: members.number("v")?,
            filing: members.text("filing")?,
            version: members.number("version")?,
            rule_pack: RulePack::from_json(members.value("rule_pack")?)?,
            fields_digest: members.read("fields_digest", str::parse)?,
            documents: members
                .list("documents")?
                .into_iter()
                .map(Document::from_json)
                .collect::<Result<_, _>>()?,
        };
        members.end()?;
        Ok(manifest)
    }
}

impl FromJson for RulePack {
    fn from_json(value: Value) -> Result<Self, CanonicalError> {
        let mut members = Members::of(value)?;
        let (id, version) = (members.text("id")?, members.text("version")?);
        let sha256 = members.read("sha-256", read_hex32)?;
        members.end()?;
        Ok(Self { id, version, sha256 })
    }
}

impl FromJson for Document {
    fn from_json(value: Value) -> Result<Self, CanonicalError> {
        let mut members = Members::of(value)?;
        let document = Self {
            slot: members.text("slot")?,
            name: members.text("name")?,
            sha256: members.read("sha-256", read_hex32)?,
            sm3: members.read("sm3", read_hex32)?,
            size: members.number("size")?,
            media_type: members.text("media_type")?,
        };
        members.end()?;
        Ok(document)
    }
}

/// Why a manifest cannot be written or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// Not canonical JSON of a manifest.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// A field that breaks its rule.
    #[error("the manifest's {0} is not valid")]
    Field(&'static str),
}

impl Manifest {
    /// A manifest over `documents` in any order.
    ///
    /// # Errors
    /// [`ManifestError::Field`].
    pub fn new(
        filing: &str,
        version: u64,
        rule_pack: RulePack,
        fields_digest: HashRef,
        mut documents: Vec<Document>,
    ) -> Result<Self, ManifestError> {
        documents.sort_unstable();
        let manifest = Self { v: 1, filing: filing.to_owned(), version, rule_pack, fields_digest, documents };
        manifest.check()?;
        Ok(manifest)
    }

    /// Canonical JSON: what is hashed and kept.
    ///
    /// # Errors
    /// [`ManifestError`].
    pub fn to_text(&self) -> Result<String, ManifestError> {
        self.check()?;
        Ok(canonical::to_string(self)?)
    }

    /// Reads canonical JSON.
    ///
    /// # Errors
    /// [`ManifestError`].
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = canonical::from_slice(text.as_bytes())?;
        manifest.check()?;
        Ok(manifest)
    }

    /// The digests that the ledger entry carries.
    ///
    /// # Errors
    /// [`ManifestError`].
    pub fn digests(&self) -> Result<Digests, ManifestError> {
        Ok(Digests::of(self.to_text()?.as_bytes()))
    }

    /// Whether `entry` is the ledger's record of this manifest: it carries the manifest's digests, which cover everything in it, and
    /// names no other rule pack.
    #[must_use]
    pub fn is_anchored_by(&self, entry: &Entry) -> bool {
        self.to_text().is_ok_and(|text| self.is_text_anchored_by(&text, entry))
    }

    /// As [`Manifest::is_anchored_by`] for a manifest just parsed from `text`, which parsing has shown to be its only spelling. The
    /// verifier uses it: without a writer of manifests its WebAssembly is smaller.
    pub(crate) fn is_text_anchored_by(&self, text: &str, entry: &Entry) -> bool {
        entry.rule_pack.is_none_or(|named| named == HashRef(self.rule_pack.sha256))
            && entry.has_digests(&Digests::of(text.as_bytes()))
    }

    fn check(&self) -> Result<(), ManifestError> {
        let rule = |ok: bool, field| if ok { Ok(()) } else { Err(ManifestError::Field(field)) };
        rule(self.v == 1, "v")?;
        rule(is_identifier(&self.filing), "filing")?;
        rule(is_identifier(&self.rule_pack.id) && is_identifier(&self.rule_pack.version), "rule_pack")?;
        rule(self.documents.len() <= MAX_DOCUMENTS, "documents")?;
        rule(self.documents.is_sorted_by(|a, b| a < b), "documents")?;
        for document in &self.documents {
            rule(is_identifier(&document.slot), "slot")?;
            rule(
                (1..=MAX_NAME_BYTES).contains(&document.name.len())
                    && !document.name.chars().any(char::is_control),
                "name",
            )?;
            rule(is_identifier(&document.media_type), "media_type")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EntryKind, Timestamp};
    use rstest::rstest;

    fn document(slot: &str, name: &str) -> Document {
        let digests = Digests::of(name.as_bytes());
        Document {
            slot: slot.into(),
            name: name.into(),
            sha256: digests.sha256,
            sm3: digests.sm3,
            size: 3,
            media_type: "application/pdf".into(),
        }
    }

    fn manifest() -> Manifest {
        let rule_pack = RulePack { id: "listing".into(), version: "2025.1".into(), sha256: [4; 32] };
        let documents = vec![document("2-1", "公司章程.pdf"), document("1-1", "申请书.pdf")];
        Manifest::new("filing-19", 2, rule_pack, HashRef([5; 32]), documents).unwrap()
    }

    #[test]
    fn the_text_is_fixed_and_read_back() {
        let text = manifest().to_text().unwrap();
        let (first, second) = (Digests::of("申请书.pdf".as_bytes()), Digests::of("公司章程.pdf".as_bytes()));
        let expected = format!(
            r#"{{"documents":[{{"media_type":"application/pdf","name":"申请书.pdf","sha-256":"{}","size":3,"slot":"1-1","sm3":"{}"}},{{"media_type":"application/pdf","name":"公司章程.pdf","sha-256":"{}","size":3,"slot":"2-1","sm3":"{}"}}],"fields_digest":"sha-256:{}","filing":"filing-19","rule_pack":{{"id":"listing","sha-256":"{}","version":"2025.1"}},"v":1,"version":2}}"#,
            first.sha256_hex(),
            first.sm3_hex(),
            second.sha256_hex(),
            second.sm3_hex(),
            "05".repeat(32),
            "04".repeat(32)
        );
        assert_eq!(text, expected);
        assert_eq!(Manifest::parse(&text).unwrap(), manifest());
    }

    #[rstest]
    #[case("\"v\":1", "\"v\":2", "v")]
    #[case("filing-19", "备案", "filing")]
    #[case("2025.1", "", "rule_pack")]
    #[case("\"1-1\"", "\"9-1\"", "documents")]
    #[case("\"1-1\"", "\"1 1\"", "slot")]
    #[case("申请书.pdf", "", "name")]
    #[case("申请书.pdf", "a\\nb", "name")]
    #[case("application/pdf", "application/pdf; x", "media_type")]
    fn a_wrong_field_is_named(#[case] from: &str, #[case] to: &str, #[case] field: &'static str) {
        let text = manifest().to_text().unwrap().replace(from, to);
        assert_eq!(Manifest::parse(&text), Err(ManifestError::Field(field)));
    }

    #[test]
    fn the_same_document_twice_is_refused() {
        let mut twice = manifest();
        twice.documents.insert(0, twice.documents[0].clone());
        assert_eq!(twice.to_text(), Err(ManifestError::Field("documents")));
    }

    #[test]
    fn the_entry_binds_the_content_and_names_no_other_rule_pack() {
        let time = Timestamp::from_unix_micros(0).unwrap();
        let entry = Entry::new(EntryKind::Submission, time, "org-1", "filing-19", 2);
        let entry = entry.with_digests(&manifest().digests().unwrap());
        assert!(manifest().is_anchored_by(&entry));
        let with = |pack| Entry { rule_pack: Some(HashRef([pack; 32])), ..entry.clone() };
        assert!(manifest().is_anchored_by(&with(4)));
        assert!(!manifest().is_anchored_by(&with(5)));
        assert!(!manifest().is_anchored_by(&entry.clone().with_digests(&Digests::of(b"other"))));
        assert!(!Manifest { version: 3, ..manifest() }.is_anchored_by(&entry));
    }
}
