//! Digests of documents and canonical texts: SHA-256 and SM3 together, in one pass, each always carried with its algorithm's name.
//!
//! Uploads, the browser's verifier and `guxin verify` all stream through [`Digester`]. The Merkle tree does not use this module: its
//! hashing is RFC 6962's and lives in `merkle`.

use crate::{
    canonical::{CanonicalError, FromJson},
    members::Members,
};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sm3::Sm3;
use std::{collections::BTreeMap, fmt};

/// SHA-256 and SM3 (GB/T 32905) of the same bytes. As JSON: `{"sha-256":"<64 hex>","sm3":"<64 hex>"}`, lower case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Digests {
    /// SHA-256, the algorithm that decides.
    #[serde(rename = "sha-256", serialize_with = "hex32::serialize")]
    pub sha256: [u8; 32],
    /// SM3, for readers who must rely on the national algorithm.
    #[serde(serialize_with = "hex32::serialize")]
    pub sm3: [u8; 32],
}

impl Digests {
    /// Both digests of bytes held in memory.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut digester = Digester::new();
        digester.update(bytes);
        digester.finish()
    }

    /// SHA-256 as 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn sha256_hex(&self) -> String {
        hex::encode(self.sha256)
    }

    /// SM3 as 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn sm3_hex(&self) -> String {
        hex::encode(self.sm3)
    }

    /// Both in hexadecimal by algorithm, as [`crate::Entry::digests`] holds them.
    #[must_use]
    pub fn named(&self) -> BTreeMap<String, String> {
        [("sha-256".to_owned(), self.sha256_hex()), ("sm3".to_owned(), self.sm3_hex())].into()
    }
}

impl FromJson for Digests {
    fn from_json(value: Value) -> Result<Self, CanonicalError> {
        let mut members = Members::of(value)?;
        let digests =
            Self { sha256: members.read("sha-256", read_hex32)?, sm3: members.read("sm3", read_hex32)? };
        members.end()?;
        Ok(digests)
    }
}

impl fmt::Debug for Digests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digests(sha-256:{}, sm3:{})", self.sha256_hex(), self.sm3_hex())
    }
}

/// Computes both digests and the length of a stream in one pass.
#[derive(Clone, Default)]
pub struct Digester {
    sha256: Sha256,
    sm3: Sm3,
    length: u64,
}

impl Digester {
    /// A digester that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece of the stream; pieces may have any length.
    pub fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.sm3.update(bytes);
        self.length += bytes.len() as u64;
    }

    /// Bytes seen so far.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The digests of everything seen.
    #[must_use]
    pub fn finish(self) -> Digests {
        Digests { sha256: self.sha256.finalize().into(), sm3: self.sm3.finalize().into() }
    }
}

/// A SHA-256 hash with its algorithm's name: as text and in JSON `sha-256:<64 lower-case hex digits>`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HashRef(pub [u8; 32]);

/// The text is not `sha-256:` and 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected sha-256: and 64 lower-case hexadecimal digits")]
pub struct HashRefError;

impl HashRef {
    /// SHA-256 of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for HashRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha-256:{}", hex::encode(self.0))
    }
}

impl fmt::Debug for HashRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for HashRef {
    type Err = HashRefError;
    fn from_str(text: &str) -> Result<Self, HashRefError> {
        text.strip_prefix("sha-256:").and_then(decode_hex32).map(Self).ok_or(HashRefError)
    }
}

impl Serialize for HashRef {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// 64 lower-case hexadecimal digits; upper case is refused so that one hash has one spelling.
fn decode_hex32(text: &str) -> Option<[u8; 32]> {
    let mut out = [0; 32];
    let lower = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    (lower && hex::decode_to_slice(text, &mut out).is_ok()).then_some(out)
}

/// As [`decode_hex32`], with the reason why not.
pub(crate) fn read_hex32(text: &str) -> Result<[u8; 32], &'static str> {
    decode_hex32(text).ok_or("expected 64 lower-case hexadecimal digits")
}

/// serde: 32 bytes as lower-case hexadecimal.
pub(crate) mod hex32 {
    pub(crate) fn serialize<S: serde::Serializer>(
        bytes: &[u8; 32],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_vectors() {
        // FIPS 180-4 and GB/T 32905-2016 appendix A.1, both for "abc".
        let digests = Digests::of(b"abc");
        assert_eq!(digests.sha256_hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(digests.sm3_hex(), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    }

    #[test]
    fn one_hash_has_one_spelling() {
        let text = HashRef::of(b"abc").to_string();
        assert_eq!(text.parse::<HashRef>().unwrap(), HashRef::of(b"abc"));
        for wrong in [
            text.to_uppercase(),
            text[8..].to_owned(),
            format!("{text}0"),
            text.replace('b', "B"),
            String::new(),
        ] {
            assert_eq!(wrong.parse::<HashRef>(), Err(HashRefError), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(bytes in prop::collection::vec(any::<u8>(), 0..2000), cut in any::<prop::sample::Index>()) {
            let cut = cut.index(bytes.len() + 1);
            let mut digester = Digester::new();
            digester.update(&bytes[..cut]);
            digester.update(&bytes[cut..]);
            prop_assert_eq!(digester.length(), bytes.len() as u64);
            prop_assert_eq!(digester.finish(), Digests::of(&bytes));
        }
    }
}
