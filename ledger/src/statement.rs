//! What a firm signs: that it attests, or declines to attest, exactly these documents of this filing.
//!
//! The SHA-256 of the statement's canonical JSON is the WebAuthn challenge, so the passkey's signature is over the documents' digests
//! and not over a login. The ledger entry of kind `attestation` carries the statement's digests and names the credential.

use crate::{
    Digests, Entry, EntryKind, HashRef,
    canonical::{self, CanonicalError, FromJson},
    cose::CoseKey,
    entry::is_identifier,
    members::Members,
};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Most documents in one statement.
pub const MAX_DOCUMENTS: usize = 1_000;

/// The firm's decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It takes responsibility for the documents.
    Attest,
    /// It does not; the reason is kept off the ledger.
    Decline,
}

/// A firm's statement on the documents of one slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// Version of this schema: 1.
    pub v: u64,
    /// Always `attestation`, so that no other signed object can pass for a statement.
    pub kind: String,
    /// The decision.
    pub decision: Decision,
    /// Id of the filing, as the manifest has it.
    pub filing: String,
    /// Id of the slot.
    pub slot: String,
    /// Pseudonymous id of the firm; also the `org` of the ledger entry.
    pub firm: String,
    /// The documents, in ascending order of their digests, each once.
    pub documents: Vec<Digests>,
    /// Salted commitment to the reason for declining.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_commitment: Option<HashRef>,
    /// 32 to 64 lower-case hexadecimal digits drawn for this one signing, so that a signature cannot be used twice and the challenge
    /// cannot be foreseen.
    pub nonce: String,
}

impl FromJson for Statement {
    fn from_json(value: Value) -> Result<Self, CanonicalError> {
        let mut members = Members::of(value)?;
        let statement = Self {
            v: members.number("v")?,
            kind: members.text("kind")?,
            decision: members.read("decision", |text| match text {
                "attest" => Ok(Decision::Attest),
                "decline" => Ok(Decision::Decline),
                _ => Err("expected `attest` or `decline`"),
            })?,
            filing: members.text("filing")?,
            slot: members.text("slot")?,
            firm: members.text("firm")?,
            documents: members
                .list("documents")?
                .into_iter()
                .map(Digests::from_json)
                .collect::<Result<_, _>>()?,
            reason_commitment: members.optional_read("reason_commitment")?,
            nonce: members.text("nonce")?,
        };
        members.end()?;
        Ok(statement)
    }
}

/// Why a statement cannot be written or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Not canonical JSON of a statement.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// A field that breaks its rule.
    #[error("the statement's {0} is not valid")]
    Field(&'static str),
}

impl Statement {
    /// A statement over `documents` in any order. `nonce` is 16 to 32 random bytes.
    ///
    /// # Errors
    /// [`StatementError::Field`].
    pub fn new(
        decision: Decision,
        filing: &str,
        slot: &str,
        firm: &str,
        documents: impl IntoIterator<Item = Digests>,
        reason_commitment: Option<HashRef>,
        nonce: &[u8],
    ) -> Result<Self, StatementError> {
        let mut documents: Vec<_> = documents.into_iter().collect();
        documents.sort_unstable();
        documents.dedup();
        let statement = Self {
            v: 1,
            kind: "attestation".to_owned(),
            decision,
            filing: filing.to_owned(),
            slot: slot.to_owned(),
            firm: firm.to_owned(),
            documents,
            reason_commitment,
            nonce: hex::encode(nonce),
        };
        statement.check()?;
        Ok(statement)
    }

    /// Canonical JSON: what is signed and kept.
    ///
    /// # Errors
    /// [`StatementError`].
    pub fn to_text(&self) -> Result<String, StatementError> {
        self.check()?;
        Ok(canonical::to_string(self)?)
    }

    /// Reads canonical JSON.
    ///
    /// # Errors
    /// [`StatementError`].
    pub fn parse(text: &str) -> Result<Self, StatementError> {
        let statement: Self = canonical::from_slice(text.as_bytes())?;
        statement.check()?;
        Ok(statement)
    }

    /// The WebAuthn challenge for a statement's canonical JSON: its SHA-256.
    #[must_use]
    pub fn challenge(text: &str) -> [u8; 32] {
        Digests::of(text.as_bytes()).sha256
    }

    /// The digests that the ledger entry of kind `attestation` carries: those of the canonical JSON.
    ///
    /// # Errors
    /// [`StatementError`].
    pub fn digests(&self) -> Result<Digests, StatementError> {
        Ok(Digests::of(self.to_text()?.as_bytes()))
    }

    /// The references that this entry carries: `slot`, and `credential`, without which anybody could sign a copy of the statement with a
    /// passkey of his own.
    #[must_use]
    pub fn references(&self, credential: &CoseKey) -> BTreeMap<String, String> {
        let credential = credential.reference().to_string();
        [("slot".to_owned(), self.slot.clone()), ("credential".to_owned(), credential)].into()
    }

    /// Whether `entry` is the ledger's record of this statement signed by `credential`: kind `attestation`, recorded by the firm, with
    /// the statement's digests (which cover filing and slot) and the credential's reference.
    #[must_use]
    pub fn is_anchored_by(&self, entry: &Entry, credential: &CoseKey) -> bool {
        self.to_text().is_ok_and(|text| self.is_text_anchored_by(&text, entry, credential))
    }

    /// As [`Statement::is_anchored_by`] for a statement just parsed from `text`, which parsing has shown to be its only spelling. The
    /// verifier uses it: without a writer of statements its WebAssembly is smaller.
    pub(crate) fn is_text_anchored_by(&self, text: &str, entry: &Entry, credential: &CoseKey) -> bool {
        let named = entry.refs.as_ref().and_then(|refs| refs.get("credential"));
        entry.kind == EntryKind::Attestation
            && entry.org == self.firm
            && entry.has_digests(&Digests::of(text.as_bytes()))
            && named == Some(&credential.reference().to_string())
    }

    fn check(&self) -> Result<(), StatementError> {
        let rule = |ok: bool, field| if ok { Ok(()) } else { Err(StatementError::Field(field)) };
        rule(self.v == 1, "v")?;
        rule(self.kind == "attestation", "kind")?;
        rule(is_identifier(&self.filing), "filing")?;
        rule(is_identifier(&self.slot), "slot")?;
        rule(is_identifier(&self.firm), "firm")?;
        rule((1..=MAX_DOCUMENTS).contains(&self.documents.len()), "documents")?;
        rule(self.documents.is_sorted_by(|a, b| a < b), "documents")?;
        rule(self.reason_commitment.is_none() || self.decision == Decision::Decline, "reason_commitment")?;
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        rule(
            self.nonce.len().is_multiple_of(2)
                && (32..=64).contains(&self.nonce.len())
                && self.nonce.bytes().all(hex),
            "nonce",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Timestamp, testing::SoftwareAuthenticator};
    use rstest::rstest;

    fn statement() -> Statement {
        let documents = [Digests::of(b"two"), Digests::of(b"one"), Digests::of(b"two")];
        Statement::new(Decision::Attest, "filing-19", "5-2", "firm-03", documents, None, &[0xab; 16]).unwrap()
    }

    #[test]
    fn the_text_is_fixed_and_read_back() {
        let text = statement().to_text().unwrap();
        let (one, two) = (Digests::of(b"one"), Digests::of(b"two"));
        // SHA-256 of "two" starts with 3f, of "one" with 76.
        let expected = format!(
            r#"{{"decision":"attest","documents":[{{"sha-256":"{}","sm3":"{}"}},{{"sha-256":"{}","sm3":"{}"}}],"filing":"filing-19","firm":"firm-03","kind":"attestation","nonce":"{}","slot":"5-2","v":1}}"#,
            two.sha256_hex(),
            two.sm3_hex(),
            one.sha256_hex(),
            one.sm3_hex(),
            "ab".repeat(16)
        );
        assert_eq!(text, expected);
        assert_eq!(Statement::parse(&text).unwrap(), statement());
        assert_eq!(Statement::challenge(&text), Digests::of(text.as_bytes()).sha256);
    }

    #[rstest]
    #[case("\"v\":1", "\"v\":2", "v")]
    #[case("\"attestation\"", "\"submission\"", "kind")]
    #[case("filing-19", "", "filing")]
    #[case("5-2", "审计报告", "slot")]
    #[case("firm-03", "a firm", "firm")]
    #[case("abab\"", "ABAB\"", "nonce")]
    #[case("abababababababababababababababab", "ab", "nonce")]
    fn a_wrong_field_is_named(#[case] from: &str, #[case] to: &str, #[case] field: &'static str) {
        let text = statement().to_text().unwrap().replace(from, to);
        assert_eq!(Statement::parse(&text), Err(StatementError::Field(field)));
    }

    #[test]
    fn documents_are_ordered_and_present() {
        let mut reversed = statement();
        reversed.documents.reverse();
        assert_eq!(reversed.to_text(), Err(StatementError::Field("documents")));
        assert_eq!(
            Statement { documents: vec![], ..statement() }.to_text(),
            Err(StatementError::Field("documents"))
        );
        let reason = Statement { reason_commitment: Some(HashRef([1; 32])), ..statement() };
        assert_eq!(reason.to_text(), Err(StatementError::Field("reason_commitment")));
        assert!(Statement { decision: Decision::Decline, ..reason }.to_text().is_ok());
    }

    #[test]
    fn the_entry_binds_statement_and_credential() {
        let passkey = SoftwareAuthenticator::from_seed(&[1; 32]);
        let time = Timestamp::from_unix_micros(0).unwrap();
        let entry = |kind, org| Entry {
            refs: Some(statement().references(passkey.public_key())),
            ..Entry::new(kind, time, org, "filing-19", 1).with_digests(&statement().digests().unwrap())
        };
        let anchored = |entry: &Entry| statement().is_anchored_by(entry, passkey.public_key());
        let good = entry(EntryKind::Attestation, "firm-03");
        assert!(good.to_bytes().is_ok() && anchored(&good));
        assert_eq!(good.refs.as_ref().unwrap()["slot"], "5-2");
        assert!(!anchored(&entry(EntryKind::Submission, "firm-03")));
        assert!(!anchored(&entry(EntryKind::Attestation, "firm-04")));
        assert!(!anchored(&Entry { refs: None, ..good.clone() }));
        assert!(!anchored(&good.clone().with_ref("credential", "other")));
        assert!(!anchored(&good.clone().with_digests(&Digests::of(b"other"))));
        let other = SoftwareAuthenticator::from_seed(&[2; 32]);
        assert!(!statement().is_anchored_by(&good, other.public_key()));
    }
}
