//! The change of the log's key: an entry of the log itself, in which the old and the new key both say so.
//!
//! The statement is five lines: `guxin-key-change/v1`, the origin, the number of the change from 1, the old vkey, the new vkey.
//! Each key signs them as it signs a note's text; a checkpoint has three lines, so neither can pass for the other. The entry
//! ([`EntryKind::KeyChange`], object `log:…`) carries both keys and both signatures in its references. `backend`'s signer makes it,
//! [`crate::log_keys`] reads it.

use crate::{
    Entry, EntryKind,
    key::{KeyError, VerifierKey},
    note::Signature,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::collections::BTreeMap;

/// First line of the statement that both keys sign.
const HEADER: &str = "guxin-key-change/v1";
/// What the entry's object begins with. Changes of people's and witnesses' keys are of the same kind and of other objects.
pub const OBJECT_PREFIX: &str = "log:";

/// One change of the log's key, both signatures verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyChange {
    number: u64,
    old: VerifierKey,
    new: VerifierKey,
    old_signature: Vec<u8>,
    new_signature: Vec<u8>,
}

/// Why an entry does not change the log's key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyChangeError {
    /// A reference is missing, or is not base64.
    #[error("the key change has no readable `{0}`")]
    Missing(&'static str),
    /// One of the two keys.
    #[error("a key of the key change: {0}")]
    Key(#[from] KeyError),
    /// The same key before and after.
    #[error("the key change names the same key twice")]
    Same,
    /// One of the two signatures.
    #[error("the key change is not signed by the {0} key")]
    Signature(&'static str),
}

impl KeyChange {
    /// The text that both keys sign.
    #[must_use]
    pub fn statement(number: u64, old: &VerifierKey, new: &VerifierKey) -> String {
        spelled(number, new.name(), &old.to_string(), &new.to_string())
    }

    /// A change with the two keys' lines over its statement.
    ///
    /// # Errors
    /// When a line does not verify, or the keys are the same or of different logs.
    pub fn new(
        number: u64,
        old: VerifierKey,
        new: VerifierKey,
        old_line: Signature,
        new_line: Signature,
    ) -> Result<Self, KeyChangeError> {
        let text = Self::statement(number, &old, &new);
        Self::checked(number, old, new, old_line, new_line, &text)
    }

    fn checked(
        number: u64,
        old: VerifierKey,
        new: VerifierKey,
        old_line: Signature,
        new_line: Signature,
        text: &str,
    ) -> Result<Self, KeyChangeError> {
        if old.same_key(&new) {
            return Err(KeyChangeError::Same);
        }
        if old.name() != new.name() {
            return Err(KeyChangeError::Key(KeyError::Name));
        }
        for (key, line, which) in [(&old, &old_line, "old"), (&new, &new_line, "new")] {
            if !key.has_signed(text, line) {
                return Err(KeyChangeError::Signature(which));
            }
        }
        let (old_signature, new_signature) = (old_line.signature, new_line.signature);
        Ok(Self { number, old, new, old_signature, new_signature })
    }

    /// Which change of this log it is, from 1.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The key until then.
    #[must_use]
    pub fn old(&self) -> &VerifierKey {
        &self.old
    }

    /// The key from then on.
    #[must_use]
    pub fn new_key(&self) -> &VerifierKey {
        &self.new
    }

    /// The two keys' signature lines over the statement.
    #[must_use]
    pub fn lines(&self) -> (Signature, Signature) {
        let line = |key: &VerifierKey, signature: &[u8]| Signature {
            name: key.name().to_owned(),
            key_id: key.key_id(),
            signature: signature.to_vec(),
        };
        (line(&self.old, &self.old_signature), line(&self.new, &self.new_signature))
    }

    /// What the entry carries beside its head.
    #[must_use]
    pub fn refs(&self) -> BTreeMap<String, String> {
        [
            ("old_key", self.old.material()),
            ("new_key", self.new.material()),
            ("old_signature", STANDARD.encode(&self.old_signature)),
            ("new_signature", STANDARD.encode(&self.new_signature)),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }

    /// Whether an entry is about the log's own key.
    #[must_use]
    pub fn is_in(entry: &Entry) -> bool {
        entry.kind == EntryKind::KeyChange && entry.object.starts_with(OBJECT_PREFIX)
    }

    /// Reads the change out of an entry of the log with this origin; none from an entry about something else.
    ///
    /// # Errors
    /// [`KeyChangeError`].
    pub fn read(entry: &Entry, origin: &str) -> Option<Result<Self, KeyChangeError>> {
        Self::is_in(entry).then(|| Self::from_refs(entry, origin))
    }

    fn from_refs(entry: &Entry, origin: &str) -> Result<Self, KeyChangeError> {
        let text = |name: &'static str| {
            entry.refs.as_ref().and_then(|refs| refs.get(name)).ok_or(KeyChangeError::Missing(name))
        };
        let key = |name| Ok::<_, KeyChangeError>(VerifierKey::from_material(origin, text(name)?)?);
        let line = |name, key: &VerifierKey| {
            let signature = STANDARD.decode(text(name)?).map_err(|_| KeyChangeError::Missing(name))?;
            Ok::<_, KeyChangeError>(Signature { name: origin.to_owned(), key_id: key.key_id(), signature })
        };
        let (old, new) = (key("old_key")?, key("new_key")?);
        let (old_line, new_line) = (line("old_signature", &old)?, line("new_signature", &new)?);
        // Put together from what was read, so that the browser's verifier needs no encoder: base64 has one spelling here.
        let vkey = |name, key: &VerifierKey| {
            Ok::<_, KeyChangeError>(format!("{origin}+{}+{}", hex::encode(key.key_id()), text(name)?))
        };
        let number = entry.object_version;
        let statement = spelled(number, origin, &vkey("old_key", &old)?, &vkey("new_key", &new)?);
        Self::checked(number, old, new, old_line, new_line, &statement)
    }
}

fn spelled(number: u64, origin: &str, old: &str, new: &str) -> String {
    format!("{HEADER}\n{origin}\n{number}\n{old}\n{new}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Timestamp, key::Signer};

    const ORIGIN: &str = "log.example/guxin";

    fn signer(seed: u8) -> Signer {
        Signer::from_seed(ORIGIN, &[seed; 32]).unwrap()
    }

    fn change(number: u64) -> KeyChange {
        let (old, new) = (signer(1), signer(2));
        let text = KeyChange::statement(number, &old.verifier_key(), &new.verifier_key());
        KeyChange::new(number, old.verifier_key(), new.verifier_key(), old.sign(&text), new.sign(&text))
            .unwrap()
    }

    fn entry(change: &KeyChange) -> Entry {
        let time = Timestamp::from_unix_micros(1_763_800_200_123_456).unwrap();
        let mut entry = Entry::new(EntryKind::KeyChange, time, "org-1", "log:0", change.number());
        entry.refs = Some(change.refs());
        entry
    }

    #[test]
    fn an_entry_carries_the_change() {
        let bytes = entry(&change(3)).to_bytes().unwrap();
        let read = KeyChange::read(&Entry::parse(&bytes).unwrap(), ORIGIN).unwrap().unwrap();
        assert_eq!(read, change(3));
        assert_eq!(
            KeyChange::statement(3, read.old(), read.new_key()),
            format!(
                "guxin-key-change/v1\n{ORIGIN}\n3\n{}\n{}\n",
                signer(1).verifier_key(),
                signer(2).verifier_key()
            )
        );
        let mut other = entry(&change(1));
        other.object = "passkey:1".into();
        assert!(KeyChange::read(&other, ORIGIN).is_none());
    }

    #[test]
    fn what_was_signed_cannot_be_altered() {
        let read = |change: &dyn Fn(&mut Entry)| {
            let mut entry = entry(&self::change(1));
            change(&mut entry);
            KeyChange::read(&entry, ORIGIN).unwrap().unwrap_err()
        };
        let put = |name: &'static str, value: String| {
            move |entry: &mut Entry| {
                entry.refs.as_mut().unwrap().insert(name.into(), value.clone());
            }
        };
        assert_eq!(read(&|entry| entry.object_version = 2), KeyChangeError::Signature("old"));
        let stranger = signer(9).verifier_key().material();
        assert_eq!(read(&put("old_key", stranger.clone())), KeyChangeError::Signature("old"));
        assert_eq!(read(&put("new_key", stranger)), KeyChangeError::Signature("old"));
        assert_eq!(read(&put("new_key", signer(1).verifier_key().material())), KeyChangeError::Same);
        let swapped = change(1).refs()["old_signature"].clone();
        assert_eq!(read(&put("new_signature", swapped)), KeyChangeError::Signature("new"));
        assert_eq!(read(&put("new_signature", "?".into())), KeyChangeError::Missing("new_signature"));
        assert_eq!(read(&|entry| entry.refs = None), KeyChangeError::Missing("old_key"));
        // Another log's change is signed over another name.
        let moved = KeyChange::read(&entry(&change(1)), "other.example").unwrap();
        assert_eq!(moved.unwrap_err(), KeyChangeError::Signature("old"));
    }
}
