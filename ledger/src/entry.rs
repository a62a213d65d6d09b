//! An entry: one event as the bytes of one leaf, canonical JSON of at most 65,535 bytes.
//!
//! Digests and references only. Every text in an entry is an ASCII identifier, so that a name, a sentence or a file's title cannot
//! get onto the public ledger by mistake; what a digest stands for is the caller's duty (salted commitments for anything guessable).
//! The use cases of `backend` build entries inside their transaction; the verifier reads them back.

use crate::{
    HashRef, Timestamp,
    canonical::{self, CanonicalError, FromJson},
    digest::Digests,
    members::Members,
    merkle,
};
use serde::{
    Deserialize, Serialize,
    de::{IntoDeserializer as _, value},
};
use serde_json::Value;
use std::collections::BTreeMap;

/// An entry's length is a 16-bit number in an entry bundle (tlog-tiles).
pub const MAX_ENTRY_BYTES: usize = 65_535;
/// Longest identifier, digest name or reference in an entry, in bytes.
pub const MAX_IDENTIFIER_BYTES: usize = 128;
/// Most digests and most references of one entry.
pub const MAX_MEMBERS: usize = 64;

/// What happened. The JSON spelling is the variant in snake case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EntryKind {
    /// An organisation registered.
    Registration,
    /// The exchange verified an organisation's real name.
    Verification,
    /// A filing was opened, sent to its firms, or taken back from them: what happens before it is submitted.
    Preparation,
    /// A firm was engaged for slots of a filing.
    Engagement,
    /// A version of a document was put into a slot.
    Document,
    /// A firm attested or declined; the digests are those of its [`crate::statement::Statement`].
    Attestation,
    /// A filing was submitted; the digests are those of its [`crate::manifest::Manifest`].
    Submission,
    /// The exchange accepted the filing for review.
    Acceptance,
    /// The exchange returned the filing for correction.
    Correction,
    /// A reviewer asked.
    Inquiry,
    /// The enterprise or a firm answered.
    Reply,
    /// A reviewer decided.
    Decision,
    /// The filing was published.
    Publication,
    /// The enterprise withdrew its filing.
    Withdrawal,
    /// Consent was given or revoked.
    Consent,
    /// The exchange warned, limited or closed an organisation.
    Sanction,
    /// A version of a rule pack came into force.
    RulePackRelease,
    /// A digest over access records.
    AccessDigest,
    /// A piece of evidence was deposited.
    Evidence,
    /// A key of the log or of an organisation changed.
    KeyChange,
}

/// One event on the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Version of this schema: 1.
    pub v: u64,
    /// What happened.
    pub kind: EntryKind,
    /// When, by the server's clock.
    pub time: Timestamp,
    /// Pseudonymous id of the acting organisation.
    pub org: String,
    /// Id of the object it happened to (a filing, a document, an organisation, a rule pack).
    pub object: String,
    /// That object's version after the event.
    pub object_version: u64,
    /// Digests by algorithm (`sha-256`, `sm3`, or another name for a commitment), lower-case hexadecimal.
    pub digests: BTreeMap<String, String>,
    /// Hash of the rule pack that applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule_pack: Option<HashRef>,
    /// Leaf hash of the previous event of the same object. A leaf hash and not an index: it is known inside the transaction, before the
    /// sequencer has given either event its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prev: Option<HashRef>,
    /// Further references by name (`slot`, `credential`, ...).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refs: Option<BTreeMap<String, String>>,
}

impl FromJson for Entry {
    fn from_json(value: Value) -> Result<Self, CanonicalError> {
        let mut members = Members::of(value)?;
        let entry = Self {
            v: members.number("v")?,
            kind: members.read("kind", |text| {
                EntryKind::deserialize::<value::StrDeserializer<'_, value::Error>>(text.into_deserializer())
            })?,
            time: members.read("time", str::parse)?,
            org: members.text("org")?,
            object: members.text("object")?,
            object_version: members.number("object_version")?,
            digests: members.texts("digests")?,
            rule_pack: members.optional_read("rule_pack")?,
            prev: members.optional_read("prev")?,
            refs: members.optional_texts("refs")?,
        };
        members.end()?;
        Ok(entry)
    }
}

/// Why an entry cannot be written or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Not canonical JSON of an entry.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// Longer than [`MAX_ENTRY_BYTES`].
    #[error("an entry may have at most 65535 bytes, this one has {0}")]
    TooLong(usize),
    /// Another schema version than 1.
    #[error("entry schema version {0} is not known")]
    Version(u64),
    /// A text that is no ASCII identifier, a digest that is not hexadecimal of the right length, or too many members.
    #[error("the entry's {0} is not valid")]
    Field(&'static str),
}

impl Entry {
    /// An entry with the given head and nothing optional.
    #[must_use]
    pub fn new(kind: EntryKind, time: Timestamp, org: &str, object: &str, object_version: u64) -> Self {
        Self {
            v: 1,
            kind,
            time,
            org: org.to_owned(),
            object: object.to_owned(),
            object_version,
            digests: BTreeMap::new(),
            rule_pack: None,
            prev: None,
            refs: None,
        }
    }

    /// The entry with SHA-256 and SM3 of its subject.
    #[must_use]
    pub fn with_digests(mut self, digests: &Digests) -> Self {
        self.digests.extend(digests.named());
        self
    }

    /// The entry with one more reference.
    #[must_use]
    pub fn with_ref(mut self, name: &str, value: impl Into<String>) -> Self {
        self.refs.get_or_insert_default().insert(name.to_owned(), value.into());
        self
    }

    /// Whether the entry carries exactly these digests of its subject.
    #[must_use]
    pub fn has_digests(&self, digests: &Digests) -> bool {
        self.digests.get("sha-256") == Some(&digests.sha256_hex())
            && self.digests.get("sm3") == Some(&digests.sm3_hex())
    }

    /// The leaf's bytes.
    ///
    /// # Errors
    /// When a field breaks its rule or the result is too long.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EntryError> {
        self.check()?;
        let bytes = canonical::to_string(self)?.into_bytes();
        if bytes.len() > MAX_ENTRY_BYTES { Err(EntryError::TooLong(bytes.len())) } else { Ok(bytes) }
    }

    /// Reads a leaf's bytes.
    ///
    /// # Errors
    /// When they are not exactly what [`Entry::to_bytes`] gives for the entry they describe.
    pub fn parse(bytes: &[u8]) -> Result<Self, EntryError> {
        if bytes.len() > MAX_ENTRY_BYTES {
            return Err(EntryError::TooLong(bytes.len()));
        }
        let entry: Self = canonical::from_slice(bytes)?;
        entry.check()?;
        Ok(entry)
    }

    /// What a later event of the same object names in `prev`.
    #[must_use]
    pub fn leaf_ref(bytes: &[u8]) -> HashRef {
        HashRef(merkle::leaf_hash(bytes).0)
    }

    fn check(&self) -> Result<(), EntryError> {
        let rule = |ok: bool, field: &'static str| if ok { Ok(()) } else { Err(EntryError::Field(field)) };
        if self.v != 1 {
            return Err(EntryError::Version(self.v));
        }
        rule(is_identifier(&self.org), "org")?;
        rule(is_identifier(&self.object), "object")?;
        rule(self.digests.len() <= MAX_MEMBERS, "digests")?;
        rule(
            self.digests.iter().all(|(name, value)| is_identifier(name) && is_digest(name, value)),
            "digests",
        )?;
        if let Some(refs) = &self.refs {
            // An empty map would be a second spelling of none.
            rule(!refs.is_empty() && refs.len() <= MAX_MEMBERS, "refs")?;
            rule(refs.iter().all(|(name, value)| is_identifier(name) && is_identifier(value)), "refs")?;
        }
        Ok(())
    }
}

/// 1 to 128 ASCII letters, digits and `. _ : / @ + = -`.
pub(crate) fn is_identifier(text: &str) -> bool {
    (1..=MAX_IDENTIFIER_BYTES).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:/@+=-".contains(&b))
}

fn is_digest(name: &str, value: &str) -> bool {
    let length = match name {
        "sha-256" | "sm3" => value.len() == 64,
        _ => (32..=MAX_IDENTIFIER_BYTES).contains(&value.len()) && value.len().is_multiple_of(2),
    };
    length && value.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn sample() -> Entry {
        let time = Timestamp::from_unix_micros(1_763_800_200_123_456).unwrap();
        Entry::new(EntryKind::Submission, time, "org-7f3a", "filing-19", 2)
            .with_digests(&Digests::of(b"manifest"))
    }

    #[test]
    fn the_bytes_are_fixed() {
        let entry = Entry { rule_pack: Some(HashRef([7; 32])), ..sample() }.with_ref("slot", "1-1");
        let text = String::from_utf8(entry.to_bytes().unwrap()).unwrap();
        assert_eq!(
            text,
            format!(
                r#"{{"digests":{{"sha-256":"{}","sm3":"{}"}},"kind":"submission","object":"filing-19","object_version":2,"org":"org-7f3a","refs":{{"slot":"1-1"}},"rule_pack":"sha-256:{}","time":"2025-11-22T08:30:00.123456Z","v":1}}"#,
                Digests::of(b"manifest").sha256_hex(),
                Digests::of(b"manifest").sm3_hex(),
                "07".repeat(32)
            )
        );
        assert_eq!(Entry::parse(text.as_bytes()).unwrap(), entry);
    }

    #[rstest]
    #[case("org", "张三")]
    #[case("org", "Zhang San")]
    #[case("org", "")]
    #[case("object", "a\nb")]
    fn only_identifiers_get_in(#[case] field: &str, #[case] value: &str) {
        let mut entry = sample();
        match field {
            "org" => entry.org = value.to_owned(),
            _ => entry.object = value.to_owned(),
        }
        assert!(matches!(entry.to_bytes(), Err(EntryError::Field(f)) if f == field));
    }

    #[test]
    fn wrong_members_are_refused() {
        let mut short = sample();
        short.digests.insert("sm3".into(), "ab".into());
        assert_eq!(short.to_bytes(), Err(EntryError::Field("digests")));
        let mut upper = sample();
        upper.digests.insert("sha-256".into(), "AB".repeat(32));
        assert_eq!(upper.to_bytes(), Err(EntryError::Field("digests")));
        assert_eq!(
            Entry { refs: Some(BTreeMap::new()), ..sample() }.to_bytes(),
            Err(EntryError::Field("refs"))
        );
        assert_eq!(Entry { v: 2, ..sample() }.to_bytes(), Err(EntryError::Version(2)));
        assert!(matches!(
            Entry { object_version: u64::MAX, ..sample() }.to_bytes(),
            Err(EntryError::Canonical(CanonicalError::Number))
        ));
        let many = (0..65).fold(sample(), |e, i| e.with_ref(&format!("r{i}"), "x"));
        assert_eq!(many.to_bytes(), Err(EntryError::Field("refs")));
    }

    #[test]
    fn another_spelling_of_the_same_entry_is_refused() {
        let text = String::from_utf8(sample().to_bytes().unwrap()).unwrap();
        for other in [
            text.replacen(',', ", ", 1),
            text.replacen('{', "{\"prev\":null,", 1),
            text.replacen("\"v\":1", "\"v\":1,\"w\":1", 1),
            text.replacen("\"v\":1", "\"v\":1,\"v\":1", 1),
            text.replacen("submission", "\\u0073ubmission", 1),
            format!("{text}\n"),
        ] {
            assert!(matches!(Entry::parse(other.as_bytes()), Err(EntryError::Canonical(_))), "{other}");
        }
        assert_eq!(Entry::parse(&vec![b' '; 65_536]), Err(EntryError::TooLong(65_536)));
    }

    proptest! {
        #[test]
        fn any_flipped_bit_gives_another_entry_or_none(at in any::<prop::sample::Index>(), bit in 0u8..8) {
            let bytes = sample().to_bytes().unwrap();
            let mut changed = bytes.clone();
            changed[at.index(bytes.len())] ^= 1 << bit;
            if let Ok(entry) = Entry::parse(&changed) {
                prop_assert_eq!(entry.to_bytes().unwrap(), changed);
                prop_assert_ne!(entry, sample());
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Entry::parse(&bytes);
        }
    }
}
