//! Keys of signed notes: verifier keys ("vkeys") and the signers that belong to them.
//!
//! C2SP signed-note v1.0.0. Two types are known: 0x01, Ed25519 over the note's text (the log), and 0x04, a timestamped cosignature (a
//! witness, see `cosignature`). `note` matches keys with signature lines; where a secret key is kept is the backend's matter.

use crate::{cosignature, note::Signature};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};
use std::{fmt, str::FromStr};

/// How a key signs. The number is the signature type identifier of signed-note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum KeyType {
    /// Ed25519 over the note's text.
    Ed25519 = 0x01,
    /// `cosignature/v1`: Ed25519 over a time and the note's text.
    Cosignature = 0x04,
}

/// A public key with its name: what a reader must already trust. As text a vkey, `name+<key id, 8 hex digits>+<base64>`.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key_type: KeyType,
    key: VerifyingKey,
}

/// Why a text is no vkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not `name+hex+base64`.
    #[error("not a verifier key: expected name+key id+base64")]
    Format,
    /// A name that is empty or has a space or a plus sign.
    #[error("a key name must not be empty or contain spaces or plus signs")]
    Name,
    /// A type other than 0x01 and 0x04.
    #[error("signature type 0x{0:02x} is not supported")]
    Type(u8),
    /// Not a usable Ed25519 public key.
    #[error("not a valid Ed25519 public key")]
    PublicKey,
    /// The key id in the text is not that of the name and key.
    #[error("the key id does not belong to this name and key")]
    KeyId,
}

pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c == '+' || c < ' ')
}

impl VerifierKey {
    fn new(name: &str, key_type: KeyType, key: VerifyingKey) -> Result<Self, KeyError> {
        if !is_name(name) {
            return Err(KeyError::Name);
        }
        // A key of small order verifies signatures that nobody made.
        if key.is_weak() {
            return Err(KeyError::PublicKey);
        }
        Ok(Self { name: name.to_owned(), key_type, key })
    }

    /// Name of the key; for a log its origin.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A log's key from its origin and Ed25519 public key: for a secret that is elsewhere, in a token say.
    ///
    /// # Errors
    /// [`KeyError::Name`] or [`KeyError::PublicKey`].
    pub fn ed25519(name: &str, public: &[u8; 32]) -> Result<Self, KeyError> {
        let public = VerifyingKey::from_bytes(public).map_err(|_| KeyError::PublicKey)?;
        Self::new(name, KeyType::Ed25519, public)
    }

    /// How it signs.
    #[must_use]
    pub fn key_type(&self) -> KeyType {
        self.key_type
    }

    /// First four bytes of `SHA-256(name || 0x0A || type || public key)`: tells keys apart, proves nothing.
    #[must_use]
    pub fn key_id(&self) -> [u8; 4] {
        let hash = Sha256::new()
            .chain_update(&self.name)
            .chain_update([b'\n', self.key_type as u8])
            .chain_update(self.key.as_bytes())
            .finalize();
        [hash[0], hash[1], hash[2], hash[3]]
    }

    /// Whether both wrap the same public key, under whatever names and types: such keys must not be counted twice.
    #[must_use]
    pub fn same_key(&self, other: &Self) -> bool {
        self.key == other.key
    }

    /// The part after the key id: base64 over type and public key.
    #[must_use]
    pub fn material(&self) -> String {
        let mut material = vec![self.key_type as u8];
        material.extend_from_slice(self.key.as_bytes());
        STANDARD.encode(material)
    }

    /// Reads what [`VerifierKey::material`] gives, of a key with this name.
    ///
    /// # Errors
    /// Any [`KeyError`] but [`KeyError::KeyId`].
    pub fn from_material(name: &str, material: &str) -> Result<Self, KeyError> {
        let material = STANDARD.decode(material).map_err(|_| KeyError::Format)?;
        let (key_type, public) = material.split_first().ok_or(KeyError::Format)?;
        let key_type = match key_type {
            0x01 => KeyType::Ed25519,
            0x04 => KeyType::Cosignature,
            other => return Err(KeyError::Type(*other)),
        };
        let public = public.try_into().map_err(|_| KeyError::PublicKey)?;
        let public = VerifyingKey::from_bytes(public).map_err(|_| KeyError::PublicKey)?;
        Self::new(name, key_type, public)
    }

    /// Whether this line is of this key and signs this text.
    #[must_use]
    pub fn has_signed(&self, text: &str, line: &Signature) -> bool {
        line.name == self.name && line.key_id == self.key_id() && self.verify(text, &line.signature).is_some()
    }

    pub(crate) fn verify_bytes(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.key.verify_strict(message, &ed25519_dalek::Signature::from_bytes(signature)).is_ok()
    }

    /// Checks a signature line that carries this key's name and id. `Some(None)` for a plain signature, `Some(Some(time))` for a
    /// cosignature, `None` if it does not verify.
    pub(crate) fn verify(&self, text: &str, signature: &[u8]) -> Option<Option<u64>> {
        match self.key_type {
            KeyType::Ed25519 => {
                let signature = signature.try_into().ok()?;
                self.verify_bytes(text.as_bytes(), signature).then_some(None)
            }
            KeyType::Cosignature => cosignature::verify(self, text, signature).map(Some),
        }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}+{}", self.name, hex::encode(self.key_id()), self.material())
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(vkey: &str) -> Result<Self, KeyError> {
        // The base64 part may itself contain a plus sign.
        let mut parts = vkey.splitn(3, '+');
        let (Some(name), Some(id), Some(material)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError::Format);
        };
        let key = Self::from_material(name, material)?;
        if hex::encode(key.key_id()) == id { Ok(key) } else { Err(KeyError::KeyId) }
    }
}

/// A log's secret key with its name. The seed is never printed and is wiped from memory when dropped.
#[derive(Clone)]
pub struct Signer {
    name: String,
    key: SigningKey,
}

impl Signer {
    /// A signer from its name (the log's origin) and a 32-byte Ed25519 seed.
    ///
    /// # Errors
    /// [`KeyError::Name`].
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        if !is_name(name) {
            return Err(KeyError::Name);
        }
        Ok(Self { name: name.to_owned(), key: SigningKey::from_bytes(seed) })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public side, of type 0x01.
    #[must_use]
    pub fn verifier_key(&self) -> VerifierKey {
        self.public(KeyType::Ed25519)
    }

    /// A signature line over a note's text.
    #[must_use]
    pub fn sign(&self, text: &str) -> Signature {
        Signature {
            name: self.name.clone(),
            key_id: self.verifier_key().key_id(),
            signature: self.sign_bytes(text.as_bytes()).to_vec(),
        }
    }

    pub(crate) fn public(&self, key_type: KeyType) -> VerifierKey {
        VerifierKey { name: self.name.clone(), key_type, key: self.key.verifying_key() }
    }

    pub(crate) fn sign_bytes(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({}, seed redacted)", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    const EXAMPLE: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

    #[test]
    fn the_specifications_vkey_round_trips() {
        let key: VerifierKey = EXAMPLE.parse().unwrap();
        assert_eq!((key.name(), key.key_type()), ("example.com/foo", KeyType::Ed25519));
        assert_eq!(key.to_string(), EXAMPLE);
    }

    #[rstest]
    #[case("", KeyError::Format)]
    #[case("example.com/foo", KeyError::Format)]
    #[case("example.com/foo+530d903a", KeyError::Format)]
    #[case("example.com/foo+530d903a+", KeyError::Format)]
    #[case("example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", KeyError::KeyId)]
    #[case("example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", KeyError::KeyId)]
    #[case("example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", KeyError::KeyId)]
    #[case("example.com foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", KeyError::Name)]
    #[case("+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", KeyError::Name)]
    #[case("example.com/foo+530d903a+BukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", KeyError::Type(6))]
    #[case("example.com/foo+530d903a+AekyeRrm", KeyError::PublicKey)]
    // The neutral element, a point of small order.
    #[case("example.com/foo+530d903a+AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", KeyError::PublicKey)]
    fn other_texts_are_refused(#[case] vkey: &str, #[case] error: KeyError) {
        assert_eq!(vkey.parse::<VerifierKey>(), Err(error));
    }

    #[test]
    fn a_signer_does_not_print_its_seed() {
        let signer = Signer::from_seed("log.example", &[0x5a; 32]).unwrap();
        let printed = format!("{signer:?}");
        assert_eq!(printed, "Signer(log.example, seed redacted)");
        assert_eq!(Signer::from_seed("a b", &[0; 32]).err(), Some(KeyError::Name));
    }

    proptest! {
        #[test]
        fn vkeys_round_trip(name in "[a-z0-9./股信-]{1,30}", seed: [u8; 32]) {
            let key = Signer::from_seed(&name, &seed).unwrap().verifier_key();
            prop_assert_eq!(key.to_string().parse::<VerifierKey>().unwrap(), key);
        }

        #[test]
        fn arbitrary_text_never_panics(text in ".{0,80}|[a-z]{1,9}\\+[0-9a-f]{8}\\+[A-Za-z0-9+/=]{0,60}") {
            let _ = text.parse::<VerifierKey>();
        }
    }
}
