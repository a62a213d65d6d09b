//! A checkpoint looked at line by line, for those who publish it: signed-note refuses a note as a whole when one line of a known key
//! does not verify, and a platform must still be able to show its log and to say which line that was.

use super::{Checkpoint, CheckpointError};
use crate::{
    key::VerifierKey,
    note::{MAX_NOTE_BYTES, MAX_SIGNATURES, Note, NoteError, Signature},
};

/// A checkpoint that its log signed, and which of the lines around that signature hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// What was signed.
    pub checkpoint: Checkpoint,
    /// The note without the lines of [`Examined::wrong`]: every reader who knows these keys accepts it.
    pub sound: Note,
    /// What is wrong, in the note's order.
    pub wrong: Vec<WrongLine>,
}

/// A line of a published checkpoint that must not be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongLine {
    /// Line of the file, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: LineError,
}

/// What is wrong with a signature line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Not an em dash, a name and base64, or it does not end in a newline.
    #[error("is not a signature line")]
    Malformed,
    /// The name and id are those of a known key, and its signature does not verify.
    #[error("the signature of {0} does not verify")]
    Signature(String),
    /// This line and all after it are beyond the [`MAX_SIGNATURES`] that a reader takes.
    #[error("is beyond the {MAX_SIGNATURES} lines that are read")]
    TooMany,
}

impl Checkpoint {
    /// Reads a checkpoint of the log with key `log`, whose own signature is required, and tells the lines that break signed-note's rules
    /// for a reader who knows `log` and `witnesses` from those that keep them. Lines of unknown keys keep them.
    ///
    /// # Errors
    /// Any [`CheckpointError`] that concerns the log's own part: [`NoteError::Signature`] with the log's name if that is what fails.
    pub fn examine(
        note: &str,
        log: &VerifierKey,
        witnesses: &[VerifierKey],
    ) -> Result<Examined, CheckpointError> {
        if note.len() > MAX_NOTE_BYTES {
            return Err(NoteError::TooLong.into());
        }
        // The first empty line divides here: a checkpoint's three lines have none, and a damaged end may well have some.
        let (text, lines) = note.split_once("\n\n").ok_or(NoteError::Format)?;
        let text = format!("{text}\n");
        let checkpoint: Self = text.parse()?;
        if checkpoint.origin != log.name() {
            return Err(CheckpointError::Origin(checkpoint.origin));
        }
        let (mut sound, mut wrong) = (Note::new(&text)?, Vec::new());
        let mut signed = false;
        let first = text.lines().count() + 2;
        for (at, line) in lines.split_inclusive('\n').enumerate() {
            let mut reject = |why| wrong.push(WrongLine { line: first + at, why });
            if at == MAX_SIGNATURES {
                reject(LineError::TooMany);
                break;
            }
            let Some(signature) = line.strip_suffix('\n').and_then(|line| line.parse::<Signature>().ok())
            else {
                reject(LineError::Malformed);
                continue;
            };
            let known = std::iter::once(log)
                .chain(witnesses)
                .find(|key| key.name() == signature.name && key.key_id() == signature.key_id);
            match known {
                Some(key) if key.verify(&text, &signature.signature).is_none() => {
                    reject(LineError::Signature(signature.name));
                    continue;
                }
                Some(key) => signed |= key == log,
                None => {}
            }
            sound = sound.with(signature);
        }
        if signed {
            return Ok(Examined { checkpoint, sound, wrong });
        }
        let own = LineError::Signature(log.name().to_owned());
        Err(if wrong.iter().any(|line| line.why == own) {
            NoteError::Signature(log.name().to_owned()).into()
        } else {
            NoteError::Unsigned.into()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Hash, cosignature::Cosigner, key::Signer};
    use proptest::prelude::*;

    fn signer() -> Signer {
        Signer::from_seed("log.example/guxin", &[7; 32]).unwrap()
    }

    fn witness(n: u8) -> Cosigner {
        Cosigner::from_seed(&format!("w{n}.example"), &[20 + n; 32]).unwrap()
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: "log.example/guxin".into(), size: 600, root: Hash([9; 32]) }
    }

    /// Signed by the log on line 5 and by two witnesses on the lines after it.
    fn note() -> String {
        let text = checkpoint().to_string();
        checkpoint()
            .sign(&signer())
            .unwrap()
            .with(witness(1).cosign(&text, 5))
            .with(witness(2).cosign(&text, 6))
            .to_string()
    }

    fn examine(note: &str) -> Result<Examined, CheckpointError> {
        let keys = [witness(1).verifier_key(), witness(2).verifier_key()];
        Checkpoint::examine(note, &signer().verifier_key(), &keys)
    }

    fn line(number: usize) -> String {
        note().lines().nth(number - 1).unwrap().to_owned()
    }

    #[test]
    fn a_sound_checkpoint_is_as_it_was() {
        let examined = examine(&note()).unwrap();
        assert_eq!((examined.checkpoint, examined.sound.to_string()), (checkpoint(), note()));
        assert_eq!(examined.wrong, []);
    }

    #[test]
    fn the_wrong_line_is_named_and_the_rest_is_what_every_reader_accepts() {
        let forged = witness(1).cosign("another\n1\n", 5).to_string();
        let cases = [
            (note().replace(&line(6), &forged), 6, LineError::Signature("w1.example".into()), line(6)),
            (note().replace(&line(6), "\u{2014} w1.example !"), 6, LineError::Malformed, line(6)),
            (note().replace(&line(6), "\u{fffd}"), 6, LineError::Malformed, line(6)),
            (note().replace(&line(6), ""), 6, LineError::Malformed, line(6)),
            (note() + "\n", 8, LineError::Malformed, String::new()),
            (note().trim_end().to_owned(), 7, LineError::Malformed, line(7)),
        ];
        for (text, number, why, lost) in cases {
            let keys = [witness(1).verifier_key(), witness(2).verifier_key()];
            assert!(Checkpoint::open(&text, &signer().verifier_key(), &keys).is_err(), "{text}");
            let examined = examine(&text).unwrap();
            assert_eq!(examined.checkpoint, checkpoint());
            assert_eq!(examined.wrong, [WrongLine { line: number, why }], "{text}");
            let rest = if lost.is_empty() { note() } else { note().replace(&format!("{lost}\n"), "") };
            assert_eq!(examined.sound.to_string(), rest);
            Checkpoint::open(&rest, &signer().verifier_key(), &keys).unwrap();
        }
    }

    #[test]
    fn strangers_are_ignored_and_too_many_lines_are_cut() {
        let stranger = Cosigner::from_seed("stranger.example", &[1; 32]).unwrap().cosign("anything\n", 1);
        let many = note() + &format!("{stranger}\n").repeat(97);
        assert_eq!(examine(&many).unwrap().wrong, []);
        let more = examine(&format!("{many}{stranger}\n{stranger}\n")).unwrap();
        assert_eq!(more.wrong, [WrongLine { line: 105, why: LineError::TooMany }]);
        assert_eq!(more.sound.to_string(), many);
    }

    #[test]
    fn without_the_logs_own_signature_it_is_no_checkpoint() {
        let other = Signer::from_seed("log.example/guxin", &[7; 32]).unwrap().sign("other\n");
        assert_eq!(examine(&note().replace(&format!("{}\n", line(5)), "")), Err(NoteError::Unsigned.into()));
        assert_eq!(
            examine(&note().replace(&line(5), &other.to_string())),
            Err(NoteError::Signature("log.example/guxin".into()).into())
        );
        assert!(examine(&note().replace("\n600\n", "\n601\n")).is_err());
        assert_eq!(
            Checkpoint::examine(&note(), &witness(1).verifier_key(), &[]),
            Err(CheckpointError::Origin("log.example/guxin".into()))
        );
        assert_eq!(
            examine(&(note() + &"x".repeat(MAX_NOTE_BYTES))),
            Err(CheckpointError::Note(NoteError::TooLong))
        );
    }

    proptest! {
        #[test]
        fn what_is_left_is_always_accepted(at in any::<prop::sample::Index>(), bit in 0u8..8) {
            let mut bytes = note().into_bytes();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            let text = String::from_utf8_lossy(&bytes);
            if let Ok(examined) = examine(&text) {
                let keys = [witness(1).verifier_key(), witness(2).verifier_key()];
                let opened = Checkpoint::open(&examined.sound.to_string(), &signer().verifier_key(), &keys).unwrap();
                prop_assert_eq!(&opened.checkpoint, &examined.checkpoint);
                prop_assert_eq!(examined.checkpoint, checkpoint());
            }
        }
    }
}
