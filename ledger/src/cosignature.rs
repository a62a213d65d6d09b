//! `cosignature/v1` (C2SP tlog-cosignature v1.0.1): a witness's statement that, at a time, a checkpoint was the largest consistent
//! one it had seen of that log.
//!
//! The signature is a 64-bit big-endian POSIX time and an Ed25519 signature over that time and the checkpoint's text. It does not say
//! that the witness holds the entries. Called by `key` when a note is verified, and by a witness when it signs.

use crate::{
    key::{KeyError, KeyType, Signer, VerifierKey},
    note::Signature,
};

/// Times beyond 2^63 - 1 are not allowed.
const MAX_TIME: u64 = u64::MAX >> 1;

/// A witness's secret key. Separate from a log's [`Signer`]: the same key must not sign in both ways.
#[derive(Clone, Debug)]
pub struct Cosigner(Signer);

impl Cosigner {
    /// A cosigner from its name and a 32-byte Ed25519 seed.
    ///
    /// # Errors
    /// [`KeyError::Name`].
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        Signer::from_seed(name, seed).map(Self)
    }

    /// The public side, of type 0x04.
    #[must_use]
    pub fn verifier_key(&self) -> VerifierKey {
        self.0.public(KeyType::Cosignature)
    }

    /// A signature line over a checkpoint's text at POSIX second `time`. The caller has verified the log's signature and the
    /// consistency with what it cosigned before, and has stored the new state.
    #[must_use]
    pub fn cosign(&self, text: &str, time: u64) -> Signature {
        let time = time.min(MAX_TIME);
        let mut signature = time.to_be_bytes().to_vec();
        signature.extend_from_slice(&self.0.sign_bytes(message(text, time).as_bytes()));
        Signature { name: self.0.name().to_owned(), key_id: self.verifier_key().key_id(), signature }
    }
}

fn message(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

/// The time of a cosignature that verifies.
pub(crate) fn verify(key: &VerifierKey, text: &str, signature: &[u8]) -> Option<u64> {
    let (time, signature) = signature.split_first_chunk()?;
    let time = u64::from_be_bytes(*time);
    let verified =
        time <= MAX_TIME && key.verify_bytes(message(text, time).as_bytes(), signature.try_into().ok()?);
    verified.then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::{Note, NoteError, Verified};

    const TEXT: &str = "log.example\n2\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    fn witness() -> Cosigner {
        Cosigner::from_seed("witness.example/w1", &[3; 32]).unwrap()
    }

    #[test]
    fn a_cosignature_verifies_and_gives_its_time() {
        let key = witness().verifier_key();
        let note = Note::new(TEXT).unwrap().with(witness().cosign(TEXT, 1_679_315_147));
        assert_eq!(note.verify(&[&key]).unwrap(), [Verified { key: &key, time: Some(1_679_315_147) }]);
        assert_eq!(key.to_string().parse::<VerifierKey>().unwrap(), key);
    }

    #[test]
    fn the_time_is_signed() {
        let mut line = witness().cosign(TEXT, 1_679_315_147);
        line.signature[7] ^= 1;
        let note = Note::new(TEXT).unwrap().with(line);
        assert_eq!(
            note.verify(&[&witness().verifier_key()]),
            Err(NoteError::Signature("witness.example/w1".into()))
        );
    }

    #[test]
    fn a_plain_signature_is_no_cosignature() {
        // Same name and key in both types: the key ids differ, so neither passes for the other.
        let log = Signer::from_seed("witness.example/w1", &[3; 32]).unwrap();
        let note = Note::new(TEXT).unwrap().with(log.sign(TEXT));
        assert_eq!(note.verify(&[&witness().verifier_key()]), Err(NoteError::Unsigned));
        let mut forged = log.sign(TEXT);
        forged.key_id = witness().verifier_key().key_id();
        let note = Note::new(TEXT).unwrap().with(forged);
        assert!(matches!(note.verify(&[&witness().verifier_key()]), Err(NoteError::Signature(_))));
    }

    #[test]
    fn a_time_out_of_range_is_refused() {
        let mut line = witness().cosign(TEXT, u64::MAX);
        assert_eq!(line.signature[..8], (u64::MAX >> 1).to_be_bytes());
        let signed = witness().0.sign_bytes(message(TEXT, u64::MAX).as_bytes());
        line.signature = [u64::MAX.to_be_bytes().as_slice(), &signed].concat();
        let note = Note::new(TEXT).unwrap().with(line);
        assert!(note.verify(&[&witness().verifier_key()]).is_err());
    }
}
