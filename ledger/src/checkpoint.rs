//! Checkpoints (C2SP tlog-checkpoint v1.0.0): origin, size and root hash of the log, signed.
//!
//! This log writes no extension lines, and reading refuses them: what is not in the three lines is not promised.

use crate::{
    Hash,
    key::{Signer, VerifierKey},
    merkle::{MAX_SIZE, empty_root},
    note::{Note, NoteError},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::{fmt, str::FromStr};

mod examined;

pub use examined::{Examined, LineError, WrongLine};

/// What a log states about itself. As text the three lines that are signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: a URL prefix without scheme; also the name of the log's key.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root hash over them.
    pub root: Hash,
}

/// A checkpoint whose signatures were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// What was signed.
    pub checkpoint: Checkpoint,
    /// Names of the witnesses whose cosignature verified, with POSIX seconds; each witness once.
    pub cosigners: Vec<(String, u64)>,
}

/// Why a checkpoint is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The signatures.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The text is not origin, size and root hash.
    #[error("the signed text is not a checkpoint")]
    Format,
    /// Another log's checkpoint.
    #[error("this is a checkpoint of {0}")]
    Origin(String),
}

impl Checkpoint {
    /// Signs it; the origin must be the signer's name for [`Checkpoint::open`] to accept it.
    ///
    /// # Errors
    /// [`CheckpointError::Format`] for an origin that is empty or has a line break, or a size above 2^62.
    pub fn sign(&self, signer: &Signer) -> Result<Note, CheckpointError> {
        let text = self.to_string();
        if text.parse().as_ref() != Ok(self) {
            return Err(CheckpointError::Format);
        }
        Ok(Note::new(&text)?.with(signer.sign(&text)))
    }

    /// Reads a checkpoint's text that may have extension lines after the three: a witness cosigns other people's logs, whose
    /// extensions it neither knows nor judges.
    ///
    /// # Errors
    /// [`CheckpointError::Format`], also for an extension line that is empty.
    pub fn with_extensions(text: &str) -> Result<Self, CheckpointError> {
        let end = text.match_indices('\n').nth(2).map_or(text.len(), |(at, _)| at + 1);
        let (lines, extensions) = text.split_at(end);
        let sound = extensions.is_empty()
            || extensions
                .strip_suffix('\n')
                .is_some_and(|rest| rest.split('\n').all(|line| !line.is_empty()));
        if sound { lines.parse() } else { Err(CheckpointError::Format) }
    }

    /// Reads a signed checkpoint of the log with key `log`; the log's own signature is required, those of `witnesses` are counted.
    ///
    /// # Errors
    /// Any [`CheckpointError`]; a known witness's line that does not verify rejects the whole.
    pub fn open(note: &str, log: &VerifierKey, witnesses: &[VerifierKey]) -> Result<Opened, CheckpointError> {
        let note: Note = note.parse()?;
        let keys: Vec<_> = std::iter::once(log).chain(witnesses).collect();
        let verified = note.verify(&keys)?;
        if !verified.iter().any(|v| v.key == log) {
            return Err(NoteError::Unsigned.into());
        }
        let checkpoint: Self = note.text().parse()?;
        if checkpoint.origin != log.name() {
            return Err(CheckpointError::Origin(checkpoint.origin));
        }
        let mut cosigners: Vec<(String, u64)> = Vec::new();
        for (name, time) in verified.iter().filter_map(|v| Some((v.key.name(), v.time?))) {
            if !cosigners.iter().any(|(seen, _)| seen == name) {
                cosigners.push((name.to_owned(), time));
            }
        }
        Ok(Opened { checkpoint, cosigners })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, STANDARD.encode(self.root.0))
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let lines: Vec<_> = text.split('\n').collect();
        let [origin, size, root, ""] = lines[..] else { return Err(CheckpointError::Format) };
        let size = parse_decimal(size).filter(|size| *size <= MAX_SIZE).ok_or(CheckpointError::Format)?;
        let root = parse_hash(root).ok_or(CheckpointError::Format)?;
        // The empty tree has one root only.
        if origin.is_empty() || (size == 0 && root != empty_root()) {
            return Err(CheckpointError::Format);
        }
        Ok(Self { origin: origin.to_owned(), size, root })
    }
}

/// An ASCII decimal number without sign or leading zeroes.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// 32 bytes of standard base64 with padding.
pub(crate) fn parse_hash(text: &str) -> Option<Hash> {
    Some(Hash(STANDARD.decode(text).ok()?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cosignature::Cosigner;
    use proptest::prelude::*;
    use rstest::rstest;

    fn signer() -> Signer {
        Signer::from_seed("log.example/guxin", &[7; 32]).unwrap()
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: "log.example/guxin".into(), size: 20_852_163, root: Hash([9; 32]) }
    }

    #[test]
    fn signed_and_opened_with_witnesses() {
        let witnesses: Vec<_> = (0..3)
            .map(|i| Cosigner::from_seed(&format!("witness.example/w{i}"), &[20 + i; 32]).unwrap())
            .collect();
        let keys: Vec<_> = witnesses.iter().map(Cosigner::verifier_key).collect();
        let text = checkpoint().to_string();
        let note = checkpoint().sign(&signer()).unwrap();
        // The same witness twice still counts once.
        let note = note
            .with(witnesses[0].cosign(&text, 5))
            .with(witnesses[1].cosign(&text, 6))
            .with(witnesses[0].cosign(&text, 7));
        let opened = Checkpoint::open(&note.to_string(), &signer().verifier_key(), &keys).unwrap();
        assert_eq!(opened.checkpoint, checkpoint());
        assert_eq!(
            opened.cosigners,
            [("witness.example/w0".to_owned(), 5), ("witness.example/w1".to_owned(), 6)]
        );
        let alone = Checkpoint::open(&note.to_string(), &signer().verifier_key(), &[]).unwrap();
        assert!(alone.cosigners.is_empty());
    }

    #[test]
    fn witnesses_alone_do_not_replace_the_log() {
        let witness = Cosigner::from_seed("witness.example", &[20; 32]).unwrap();
        let text = checkpoint().to_string();
        let note = Note::new(&text).unwrap().with(witness.cosign(&text, 5)).to_string();
        let result = Checkpoint::open(&note, &signer().verifier_key(), &[witness.verifier_key()]);
        assert_eq!(result, Err(NoteError::Unsigned.into()));
    }

    #[test]
    fn another_origin_is_refused() {
        let note = Checkpoint { origin: "other.example".into(), ..checkpoint() }
            .sign(&signer())
            .unwrap()
            .to_string();
        let result = Checkpoint::open(&note, &signer().verifier_key(), &[]);
        assert_eq!(result, Err(CheckpointError::Origin("other.example".into())));
    }

    #[rstest]
    #[case("")]
    #[case("o\n1\n")]
    #[case("o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")]
    #[case("o\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    #[case("o\n+1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    #[case("o\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    #[case("o\n18446744073709551616\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    #[case("o\n9223372036854775807\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    #[case("o\n0\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    #[case("o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n")]
    #[case("o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n")]
    #[case("o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jx\n")]
    #[case("\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    #[case("o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nextension\n")]
    fn other_texts_are_refused(#[case] text: &str) {
        assert_eq!(text.parse::<Checkpoint>(), Err(CheckpointError::Format));
    }

    #[rstest]
    #[case("", true)]
    #[case("extension\n", true)]
    #[case("one\ntwo\n", true)]
    #[case("extension", false)]
    #[case("\n", false)]
    #[case("one\n\ntwo\n", false)]
    fn a_witness_reads_extension_lines(#[case] extensions: &str, #[case] sound: bool) {
        let text = checkpoint().to_string();
        let read = Checkpoint::with_extensions(&format!("{text}{extensions}"));
        assert_eq!(read.is_ok(), sound);
        assert!(read.is_err() || read == Ok(checkpoint()));
    }

    proptest! {
        #[test]
        fn texts_round_trip(origin in "[!-~股信]{1,40}", size in 1..=MAX_SIZE, root: [u8; 32]) {
            let checkpoint = Checkpoint { origin, size, root: Hash(root) };
            prop_assert_eq!(checkpoint.to_string().parse::<Checkpoint>().unwrap(), checkpoint);
        }

        #[test]
        fn arbitrary_text_never_panics(text in any::<String>()) {
            let _ = text.parse::<Checkpoint>();
            let _ = Checkpoint::with_extensions(&text);
        }
    }
}
