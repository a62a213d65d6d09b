//! Signed notes (C2SP signed-note v1.0.0): a text and the lines of those who signed it.
//!
//! Checkpoints are notes. A line of an unknown key is ignored, so that witnesses and new algorithms can add theirs; a line of a known
//! key that does not verify rejects the whole note.

use crate::key::{VerifierKey, is_name};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::{fmt, str::FromStr};

/// Most signature lines read; the specification asks for at least 16.
pub const MAX_SIGNATURES: usize = 100;
/// Longest note read, in bytes.
pub const MAX_NOTE_BYTES: usize = 1_000_000;

/// A note as read, nothing verified yet. As text the note itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What was signed: not empty, ends in a newline.
    text: String,
    signatures: Vec<Signature>,
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Name of the key.
    pub name: String,
    /// Id of the key.
    pub key_id: [u8; 4],
    /// What follows the key id; its form depends on the key's type.
    pub signature: Vec<u8>,
}

/// A signature that was checked against a key the caller trusts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified<'k> {
    /// The key.
    pub key: &'k VerifierKey,
    /// POSIX seconds, for a cosignature.
    pub time: Option<u64>,
}

/// Why a note is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Longer than [`MAX_NOTE_BYTES`], or more than [`MAX_SIGNATURES`] lines.
    #[error("the note is too long or has too many signatures")]
    TooLong,
    /// Not a text, a blank line, and signature lines.
    #[error("not a signed note")]
    Format,
    /// A known key's signature does not verify.
    #[error("the signature of {0} does not verify")]
    Signature(String),
    /// No line belongs to a known key.
    #[error("no known key signed this note")]
    Unsigned,
}

impl Note {
    /// A note to be signed.
    ///
    /// # Errors
    /// [`NoteError::Format`] if the text is empty, does not end in a newline or has control characters.
    pub fn new(text: &str) -> Result<Self, NoteError> {
        let clean = text.len() > 1 && text.ends_with('\n') && !text.chars().any(|c| c < ' ' && c != '\n');
        if clean {
            Ok(Self { text: text.to_owned(), signatures: Vec::new() })
        } else {
            Err(NoteError::Format)
        }
    }

    /// The signed text with its final newline.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines, unverified.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// The note with one more signature line.
    #[must_use]
    pub fn with(mut self, signature: Signature) -> Self {
        self.signatures.push(signature);
        self
    }

    /// Checks every line that belongs to one of `keys`, in the note's order.
    ///
    /// # Errors
    /// [`NoteError::Signature`] if a known key's line fails, [`NoteError::Unsigned`] if there is none.
    pub fn verify<'k>(&self, keys: &[&'k VerifierKey]) -> Result<Vec<Verified<'k>>, NoteError> {
        let mut verified = Vec::new();
        for line in &self.signatures {
            for key in keys.iter().filter(|key| key.name() == line.name && key.key_id() == line.key_id) {
                match key.verify(&self.text, &line.signature) {
                    Some(time) => verified.push(Verified { key, time }),
                    None => return Err(NoteError::Signature(line.name.clone())),
                }
            }
        }
        if verified.is_empty() { Err(NoteError::Unsigned) } else { Ok(verified) }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

impl FromStr for Note {
    type Err = NoteError;

    fn from_str(note: &str) -> Result<Self, NoteError> {
        if note.len() > MAX_NOTE_BYTES {
            return Err(NoteError::TooLong);
        }
        // The last empty line divides: the text itself may have some.
        let (text, lines) = note.rsplit_once("\n\n").ok_or(NoteError::Format)?;
        let mut read = Self::new(&format!("{text}\n"))?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Format)?;
        for line in lines.split('\n') {
            if read.signatures.len() == MAX_SIGNATURES {
                return Err(NoteError::TooLong);
            }
            read.signatures.push(line.parse()?);
        }
        Ok(read)
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.key_id.as_slice(), &self.signature].concat();
        write!(f, "\u{2014} {} {}", self.name, STANDARD.encode(bytes))
    }
}

impl FromStr for Signature {
    type Err = NoteError;

    fn from_str(line: &str) -> Result<Self, NoteError> {
        let (name, bytes) =
            line.strip_prefix("\u{2014} ").and_then(|rest| rest.split_once(' ')).ok_or(NoteError::Format)?;
        let bytes = STANDARD.decode(bytes).map_err(|_| NoteError::Format)?;
        let (key_id, signature) = bytes.split_first_chunk().ok_or(NoteError::Format)?;
        if !is_name(name) || signature.is_empty() {
            return Err(NoteError::Format);
        }
        Ok(Self { name: name.to_owned(), key_id: *key_id, signature: signature.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Signer;
    use proptest::prelude::*;
    use rstest::rstest;

    const VKEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    const NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

    fn signer() -> Signer {
        Signer::from_seed("log.example", &[7; 32]).unwrap()
    }

    fn signed(text: &str) -> Note {
        Note::new(text).unwrap().with(signer().sign(text))
    }

    #[test]
    fn the_specifications_example_verifies() {
        let key: VerifierKey = VKEY.parse().unwrap();
        let note: Note = NOTE.parse().unwrap();
        assert_eq!(note.verify(&[&key]).unwrap(), [Verified { key: &key, time: None }]);
        assert_eq!(note.to_string(), NOTE);
    }

    #[test]
    fn unknown_keys_are_ignored_and_known_ones_must_verify() {
        let key = signer().verifier_key();
        let note = signed("text\n");
        let stranger = Signer::from_seed("stranger.example", &[9; 32]).unwrap();
        // Same name and another key id; same key id and another name: both are strangers.
        let mut same_name = note.signatures()[0].clone();
        same_name.key_id = [0; 4];
        let mut same_id = note.signatures()[0].clone();
        same_id.name = "stranger.example".into();
        let with_strangers =
            note.clone().with(same_name.clone()).with(same_id).with(stranger.sign("anything\n"));
        assert_eq!(with_strangers.verify(&[&key]).unwrap().len(), 1);
        assert_eq!(note.verify(&[&stranger.verifier_key()]), Err(NoteError::Unsigned));
        assert_eq!(note.verify(&[]), Err(NoteError::Unsigned));
        assert_eq!(Note::new("text\n").unwrap().with(same_name).verify(&[&key]), Err(NoteError::Unsigned));

        let wrong = note.with(signer().sign("other\n"));
        assert_eq!(wrong.verify(&[&key]), Err(NoteError::Signature("log.example".into())));
    }

    #[test]
    fn the_last_empty_line_divides() {
        let text = "Ognuno sta solo sul cuor della terra\n\n\ned \u{e8} subito sera.\n";
        let note: Note = signed(text).to_string().parse().unwrap();
        assert_eq!(note.text(), text);
        assert!(note.verify(&[&signer().verifier_key()]).is_ok());
    }

    #[test]
    fn up_to_a_hundred_signatures_are_read() {
        let many = |n: usize| {
            (0..n).fold(signed("text\n"), |note, _| note.with(signer().sign("text\n"))).to_string()
        };
        assert_eq!(many(99).parse::<Note>().unwrap().verify(&[&signer().verifier_key()]).unwrap().len(), 100);
        assert_eq!(many(100).parse::<Note>(), Err(NoteError::TooLong));
        assert_eq!("x".repeat(MAX_NOTE_BYTES + 1).parse::<Note>(), Err(NoteError::TooLong));
    }

    #[rstest]
    #[case("")]
    #[case("\n\n")]
    #[case("text\n")]
    #[case("text\n\n")]
    #[case("text\n\n\n")]
    #[case("text\n\n\u{2014} a AAAAAAA=")]
    #[case("text\n\n- a AAAAAAA=\n")]
    #[case("text\n\n\u{2014} a AAAA\n")]
    #[case("text\n\n\u{2014} a AAAAAA==\n")]
    #[case("text\n\n\u{2014} a AAAAAAA\n")]
    #[case("text\n\n\u{2014} a+b AAAAAAA=\n")]
    #[case("text\n\n\u{2014}  AAAAAAA=\n")]
    #[case("text\n\n\u{2014} a\u{a0}b AAAAAAA=\n")]
    #[case("te\txt\n\n\u{2014} a AAAAAAA=\n")]
    #[case("te\rxt\n\n\u{2014} a AAAAAAA=\n")]
    #[case("text\n\n\u{2014} a AAAAAAA=\n\u{2014} b\n")]
    fn other_texts_are_refused(#[case] note: &str) {
        assert_eq!(note.parse::<Note>(), Err(NoteError::Format));
    }

    proptest! {
        #[test]
        fn any_flipped_bit_is_noticed(at in any::<prop::sample::Index>(), bit in 0u8..8) {
            let note = signed("text\nof two lines\n").to_string();
            let mut bytes = note.clone().into_bytes();
            bytes[at.index(note.len())] ^= 1 << bit;
            let accepted = String::from_utf8(bytes).ok()
                .and_then(|n| n.parse::<Note>().ok())
                .is_some_and(|n| n.verify(&[&signer().verifier_key()]).is_ok());
            prop_assert!(!accepted);
        }

        #[test]
        fn notes_round_trip(text in "([ -~股信]{0,20}\n){1,5}", extra in prop::collection::vec(any::<u8>(), 1..100)) {
            prop_assume!(Note::new(&text).is_ok());
            let note = signed(&text).with(Signature { name: "other".into(), key_id: [1, 2, 3, 4], signature: extra });
            prop_assert_eq!(note.to_string().parse::<Note>().unwrap(), note);
        }

        #[test]
        fn arbitrary_text_never_panics(text in any::<String>(), lines in "([ -~]{0,9}\n){0,3}\n(\u{2014} [a-z]{0,3} [A-Za-z0-9=]{0,12}\n){0,3}") {
            let _ = text.parse::<Note>();
            let _ = lines.parse::<Note>();
        }
    }
}
