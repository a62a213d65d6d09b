//! A passkey in software, for demonstration data and tests: makes the same bytes as a hardware authenticator.
//!
//! Behind the feature `software-authenticator`. Its key comes from a seed, so it protects nothing and must never be offered to people.

use crate::{assertion::Assertion, cose::CoseKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use sha2::{Digest as _, Sha256};

/// An ES256 authenticator with one credential, user verification always granted.
#[derive(Clone)]
pub struct SoftwareAuthenticator {
    key: SigningKey,
    public: CoseKey,
    counter: u32,
}

/// What `navigator.credentials.create` returns, attestation "none".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The credential's id, 16 bytes.
    pub credential_id: Vec<u8>,
    /// `response.clientDataJSON`.
    pub client_data_json: Vec<u8>,
    /// `response.attestationObject`, CBOR.
    pub attestation_object: Vec<u8>,
    /// The COSE_Key inside it.
    pub public_key: Vec<u8>,
}

/// What `navigator.credentials.get` returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedAssertion {
    /// The credential's id, 16 bytes.
    pub credential_id: Vec<u8>,
    /// `response.authenticatorData`.
    pub authenticator_data: Vec<u8>,
    /// `response.clientDataJSON`.
    pub client_data_json: Vec<u8>,
    /// `response.signature`, DER.
    pub signature: Vec<u8>,
}

impl SignedAssertion {
    /// The form that [`crate::assertion::verify`] takes.
    #[must_use]
    pub fn borrow(&self) -> Assertion<'_> {
        Assertion {
            authenticator_data: &self.authenticator_data,
            client_data_json: &self.client_data_json,
            signature: &self.signature,
        }
    }
}

const USER_PRESENT_AND_VERIFIED: u8 = 0x05;
const ATTESTED_DATA: u8 = 0x40;

impl SoftwareAuthenticator {
    /// An authenticator whose key, and so its credential id, follows from `seed`.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        // About one in 2^32 hashes is no P-256 scalar; then the next hash is taken.
        let mut scalar = Sha256::digest(seed);
        let key = loop {
            match SigningKey::from_slice(&scalar) {
                Ok(key) => break key,
                Err(_) => scalar = Sha256::digest(scalar),
            }
        };
        let public = CoseKey::P256(Box::new(*key.verifying_key()));
        Self { key, public, counter: 0 }
    }

    /// Its public key.
    #[must_use]
    pub fn public_key(&self) -> &CoseKey {
        &self.public
    }

    /// The credential's id.
    #[must_use]
    pub fn credential_id(&self) -> Vec<u8> {
        Sha256::digest(self.public.to_bytes())[..16].to_vec()
    }

    /// The last signature counter used; set it to continue where a stored credential stands.
    pub fn set_counter(&mut self, counter: u32) {
        self.counter = counter;
    }

    /// Registers the credential.
    #[must_use]
    pub fn register(&self, rp_id: &str, origin: &str, challenge: &[u8]) -> Registration {
        let (credential_id, public_key) = (self.credential_id(), self.public.to_bytes());
        let mut data = self.authenticator_data(rp_id, USER_PRESENT_AND_VERIFIED | ATTESTED_DATA);
        // AAGUID of zeroes, then the length of the id in two bytes.
        data.extend_from_slice(&[0; 17]);
        data.push(16);
        data.extend_from_slice(&credential_id);
        data.extend_from_slice(&public_key);
        // {"fmt": "none", "attStmt": {}, "authData": h'...'}
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).expect("32 + 5 + 18 + 16 + 77 bytes"));
        object.extend_from_slice(&data);
        Registration {
            credential_id,
            client_data_json: client_data("webauthn.create", origin, challenge),
            attestation_object: object,
            public_key,
        }
    }

    /// Signs a challenge and counts one up.
    pub fn assert(&mut self, rp_id: &str, origin: &str, challenge: &[u8]) -> SignedAssertion {
        self.counter += 1;
        let data = self.authenticator_data(rp_id, USER_PRESENT_AND_VERIFIED);
        self.sign_raw(data, client_data("webauthn.get", origin, challenge))
    }

    /// authenticatorData without attested or extension data.
    pub(crate) fn authenticator_data(&self, rp_id: &str, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(rp_id).to_vec();
        data.push(flags);
        data.extend_from_slice(&self.counter.to_be_bytes());
        data
    }

    /// Signs whatever it is given, right or wrong.
    pub(crate) fn sign_raw(&self, authenticator_data: Vec<u8>, client_data_json: Vec<u8>) -> SignedAssertion {
        let message = [authenticator_data.as_slice(), Sha256::digest(&client_data_json).as_slice()].concat();
        let signature: Signature = self.key.sign(&message);
        SignedAssertion {
            credential_id: self.credential_id(),
            authenticator_data,
            client_data_json,
            signature: signature.to_der().as_bytes().to_vec(),
        }
    }
}

/// As browsers write it (Web Authentication Level 3 §5.8.1.1).
fn client_data(kind: &str, origin: &str, challenge: &[u8]) -> Vec<u8> {
    let challenge = URL_SAFE_NO_PAD.encode(challenge);
    let origin = serde_json::Value::from(origin);
    format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":{origin},"crossOrigin":false}}"#)
        .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registration_carries_the_key() {
        let passkey = SoftwareAuthenticator::from_seed(&[1; 32]);
        let made = passkey.register("localhost", "http://localhost:3000", &[5; 32]);
        assert_eq!(CoseKey::parse(&made.public_key).unwrap(), *passkey.public_key());
        assert!(made.attestation_object.ends_with(&made.public_key));
        assert_eq!(made.attestation_object.len(), 30 + 32 + 5 + 18 + 16 + 77);
        assert_ne!(made.credential_id, SoftwareAuthenticator::from_seed(&[2; 32]).credential_id());
    }
}
