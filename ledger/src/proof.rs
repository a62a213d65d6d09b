//! `c2sp.org/tlog-proof@v1`: a file that shows, without any network, that an entry is in the log.
//!
//! Index, inclusion proof and the signed checkpoint, verbatim. This log puts the entry's bytes into the `extra` line, so that a
//! `.tlog-proof` file can be checked with nothing but the log's vkey.

use crate::{
    Hash,
    checkpoint::{Checkpoint, CheckpointError, Opened, parse_decimal, parse_hash},
    key::VerifierKey,
    merkle::{self, MerkleError},
    note::MAX_NOTE_BYTES,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::{fmt, str::FromStr};

/// First line of the format.
pub const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// Longest extra data read, in bytes: an entry.
pub const MAX_EXTRA_BYTES: usize = crate::entry::MAX_ENTRY_BYTES;

/// A proof as read, nothing verified yet. As text the file's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The entry's bytes; not authenticated until [`Proof::verify`] has been given them.
    pub extra: Option<Vec<u8>>,
    /// The entry's index in the log, from 0.
    pub index: u64,
    /// Inclusion proof from the leaf's sibling upwards.
    pub hashes: Vec<Hash>,
    /// The signed note, verbatim.
    pub checkpoint: String,
}

/// Why a proof proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Not a tlog-proof.
    #[error("not a tlog-proof")]
    Format,
    /// The checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The path from the entry to the root.
    #[error(transparent)]
    Inclusion(#[from] MerkleError),
}

impl Proof {
    /// Checks the checkpoint's signatures and that `entry` is at [`Proof::index`] of its tree.
    ///
    /// # Errors
    /// [`ProofError::Checkpoint`] or [`ProofError::Inclusion`].
    pub fn verify(
        &self,
        entry: &[u8],
        log: &VerifierKey,
        witnesses: &[VerifierKey],
    ) -> Result<Opened, ProofError> {
        let opened = Checkpoint::open(&self.checkpoint, log, witnesses)?;
        self.verify_inclusion(entry, &opened.checkpoint)?;
        Ok(opened)
    }

    /// Checks only that `entry` is at [`Proof::index`] of the checkpoint's tree.
    ///
    /// # Errors
    /// Any [`MerkleError`].
    pub fn verify_inclusion(&self, entry: &[u8], checkpoint: &Checkpoint) -> Result<(), MerkleError> {
        merkle::verify_inclusion(
            self.index,
            checkpoint.size,
            merkle::leaf_hash(entry),
            &self.hashes,
            checkpoint.root,
        )
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        for hash in &self.hashes {
            writeln!(f, "{}", STANDARD.encode(hash.0))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

impl FromStr for Proof {
    type Err = ProofError;

    fn from_str(text: &str) -> Result<Self, ProofError> {
        if text.len() > MAX_NOTE_BYTES + 2 * MAX_EXTRA_BYTES {
            return Err(ProofError::Format);
        }
        // The head has no empty line; the checkpoint after the first one may.
        let (head, checkpoint) = text.split_once("\n\n").ok_or(ProofError::Format)?;
        let mut lines = head.split('\n');
        if lines.next() != Some(HEADER) {
            return Err(ProofError::Format);
        }
        let mut line = lines.next().ok_or(ProofError::Format)?;
        let mut extra = None;
        if let Some(data) = line.strip_prefix("extra ") {
            let data = STANDARD.decode(data).ok().filter(|d| d.len() <= MAX_EXTRA_BYTES);
            extra = Some(data.ok_or(ProofError::Format)?);
            line = lines.next().ok_or(ProofError::Format)?;
        }
        let index = line.strip_prefix("index ").and_then(parse_decimal).ok_or(ProofError::Format)?;
        let mut hashes = Vec::new();
        for line in lines {
            // A tree of at most 2^62 leaves is no higher.
            if hashes.len() == 63 {
                return Err(ProofError::Format);
            }
            hashes.push(parse_hash(line).ok_or(ProofError::Format)?);
        }
        Ok(Self { extra, index, hashes, checkpoint: checkpoint.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{key::Signer, note::NoteError, tree::Tree};
    use proptest::prelude::*;
    use rstest::rstest;

    fn signer() -> Signer {
        Signer::from_seed("log.example", &[7; 32]).unwrap()
    }

    fn log(size: u64, index: u64) -> Proof {
        let entries: Vec<_> = (0..size).map(|i| format!("entry {i}")).collect();
        let growth = Tree::empty().append(&entries).unwrap();
        let tiles: std::collections::BTreeMap<_, _> = growth.tiles.into_iter().collect();
        let hashes =
            crate::tree::inclusion_proof(index, size, |tile| tiles.get(tile).cloned().ok_or(())).unwrap();
        let checkpoint = Checkpoint { origin: "log.example".into(), size, root: growth.tree.root() };
        let checkpoint = checkpoint.sign(&signer()).unwrap().to_string();
        Proof { extra: Some(format!("entry {index}").into_bytes()), index, hashes, checkpoint }
    }

    #[test]
    fn the_format_and_its_verification() {
        let proof = log(3, 2);
        let text = proof.to_string();
        assert!(text.starts_with("c2sp.org/tlog-proof@v1\nextra ZW50cnkgMg==\nindex 2\n"), "{text}");
        assert_eq!(text.parse::<Proof>().unwrap(), proof);
        let key = signer().verifier_key();
        assert_eq!(proof.verify(b"entry 2", &key, &[]).unwrap().checkpoint.size, 3);
        assert_eq!(proof.verify(b"entry 1", &key, &[]), Err(MerkleError::RootMismatch.into()));
        let stranger = Signer::from_seed("log.example", &[8; 32]).unwrap().verifier_key();
        assert_eq!(
            proof.verify(b"entry 2", &stranger, &[]),
            Err(ProofError::Checkpoint(CheckpointError::Note(NoteError::Unsigned)))
        );
        // Alone in its tree an entry needs no hashes.
        let only = log(1, 0);
        assert!(
            only.hashes.is_empty()
                && only.to_string().parse::<Proof>().unwrap().verify(b"entry 0", &key, &[]).is_ok()
        );
    }

    #[rstest]
    #[case("")]
    #[case("c2sp.org/tlog-proof@v1\n\nnote")]
    #[case("c2sp.org/tlog-proof@v2\nindex 0\n\nnote")]
    #[case("c2sp.org/tlog-proof@v1\nindex 00\n\nnote")]
    #[case("c2sp.org/tlog-proof@v1\nindex -1\n\nnote")]
    #[case("c2sp.org/tlog-proof@v1\nindex 0\nextra AA==\n\nnote")]
    #[case("c2sp.org/tlog-proof@v1\nextra A\nindex 0\n\nnote")]
    #[case("c2sp.org/tlog-proof@v1\nextra AA==\n\nnote")]
    #[case("c2sp.org/tlog-proof@v1\nindex 0\nAA==\n\nnote")]
    #[case("c2sp.org/tlog-proof@v1\r\nindex 0\n\nnote")]
    fn other_texts_are_refused(#[case] text: &str) {
        assert_eq!(text.parse::<Proof>(), Err(ProofError::Format));
    }

    proptest! {
        #[test]
        fn any_flipped_bit_is_noticed(at in any::<prop::sample::Index>(), bit in 0u8..8) {
            let text = log(300, 257).to_string();
            let mut bytes = text.clone().into_bytes();
            bytes[at.index(text.len())] ^= 1 << bit;
            let accepted = String::from_utf8(bytes).ok()
                .and_then(|t| t.parse::<Proof>().ok())
                .is_some_and(|p| p.verify(p.extra.as_deref().unwrap_or_default(), &signer().verifier_key(), &[]).is_ok());
            prop_assert!(!accepted);
        }

        #[test]
        fn arbitrary_text_never_panics(text in any::<String>(), lines in "c2sp.org/tlog-proof@v1\n(extra [A-Z=]{0,4}\n)?index [0-9]{0,3}\n([A-Za-z+/=]{0,44}\n){0,2}\n.{0,9}") {
            let _ = text.parse::<Proof>();
            let _ = lines.parse::<Proof>();
        }
    }
}
