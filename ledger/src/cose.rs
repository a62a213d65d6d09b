//! The public key of a passkey as a COSE_Key (RFC 9052 §7, RFC 9053), the form in which authenticators hand it over.
//!
//! ES256 on P-256 and EdDSA on Ed25519, the algorithms that registration offers. `assertion` verifies with it; its bytes stand in
//! receipts and its hash is the `credential` reference of an attestation's ledger entry.

use crate::{
    HashRef,
    cbor::{self, Item},
};
use p256::ecdsa::signature::Verifier as _;

/// A passkey's public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CoseKey {
    /// ES256 (COSE algorithm -7): ECDSA on P-256 with SHA-256.
    P256(Box<p256::ecdsa::VerifyingKey>),
    /// EdDSA (COSE algorithm -8) on Ed25519.
    Ed25519(Box<ed25519_dalek::VerifyingKey>),
}

/// Not a COSE_Key of a supported kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a COSE public key for ES256 or EdDSA")]
pub struct CoseKeyError;

impl CoseKey {
    /// A P-256 key from its coordinates, as big-endian 32-byte numbers.
    ///
    /// # Errors
    /// When the point is not on the curve.
    pub fn p256(x: &[u8; 32], y: &[u8; 32]) -> Result<Self, CoseKeyError> {
        let mut point = vec![4];
        point.extend_from_slice(x);
        point.extend_from_slice(y);
        let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).map_err(|_| CoseKeyError)?;
        Ok(Self::P256(Box::new(key)))
    }

    /// An Ed25519 key from its 32 bytes.
    ///
    /// # Errors
    /// When they encode no point, or one of small order.
    pub fn ed25519(x: &[u8; 32]) -> Result<Self, CoseKeyError> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(x).map_err(|_| CoseKeyError)?;
        if key.is_weak() { Err(CoseKeyError) } else { Ok(Self::Ed25519(Box::new(key))) }
    }

    /// Reads a COSE_Key: exactly the members that WebAuthn asks for (§5.8.5), in any order, in the shortest encoding.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self, CoseKeyError> {
        let mut members = cbor::read_map(bytes).ok_or(CoseKeyError)?;
        members.sort_unstable_by_key(|(label, _)| std::cmp::Reverse(*label));
        let array = |bytes: &[u8]| <[u8; 32]>::try_from(bytes).map_err(|_| CoseKeyError);
        // Labels: 3 algorithm, 1 key type, -1 curve, -2 x, -3 y.
        match members[..] {
            [
                (3, Item::Int(-7)),
                (1, Item::Int(2)),
                (-1, Item::Int(1)),
                (-2, Item::Bytes(x)),
                (-3, Item::Bytes(y)),
            ] => Self::p256(&array(x)?, &array(y)?),
            [(3, Item::Int(-8)), (1, Item::Int(1)), (-1, Item::Int(6)), (-2, Item::Bytes(x))] => {
                Self::ed25519(&array(x)?)
            }
            _ => Err(CoseKeyError),
        }
    }

    /// The COSE_Key in CTAP2 canonical form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::P256(key) => {
                let point = key.to_sec1_point(false);
                let point = point.as_bytes();
                let mut bytes = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
                bytes.extend_from_slice(&point[1..33]);
                bytes.extend_from_slice(&[0x22, 0x58, 0x20]);
                bytes.extend_from_slice(&point[33..65]);
                bytes
            }
            Self::Ed25519(key) => {
                let mut bytes = vec![0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20];
                bytes.extend_from_slice(key.as_bytes());
                bytes
            }
        }
    }

    /// How the ledger names this credential: SHA-256 of the canonical COSE_Key.
    #[must_use]
    pub fn reference(&self) -> HashRef {
        HashRef::of(&self.to_bytes())
    }

    /// Whether `signature` (DER for ES256, 64 bytes for EdDSA) over `message` is this key's.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::P256(key) => {
                p256::ecdsa::Signature::from_der(signature).is_ok_and(|s| key.verify(message, &s).is_ok())
            }
            Self::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|s| key.verify_strict(message, &s).is_ok()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // RFC 6979 appendix A.2.5: the P-256 key, and its signature over "sample" with SHA-256.
    const X: &str = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6";
    const Y: &str = "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
    const DER: &str = "3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        hex::decode(text).unwrap().try_into().unwrap()
    }

    #[test]
    fn es256_vector() {
        let key = CoseKey::p256(&bytes(X), &bytes(Y)).unwrap();
        let mut der = hex::decode(DER).unwrap();
        assert!(key.verify(b"sample", &der));
        assert!(!key.verify(b"test", &der));
        der.push(0);
        assert!(!key.verify(b"sample", &der));
        assert!(!key.verify(b"sample", &[]));
        assert_eq!(CoseKey::parse(&key.to_bytes()).unwrap(), key);
    }

    #[test]
    fn eddsa_vector() {
        // RFC 8032 §7.1, test 2.
        let key =
            CoseKey::ed25519(&bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"))
                .unwrap();
        let signature = hex::decode("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00").unwrap();
        assert!(key.verify(&[0x72], &signature));
        assert!(!key.verify(&[0x73], &signature));
        assert_eq!(CoseKey::parse(&key.to_bytes()).unwrap(), key);
    }

    #[test]
    fn other_keys_are_refused() {
        let good = CoseKey::p256(&bytes(X), &bytes(Y)).unwrap().to_bytes();
        let changed = |at: usize, value: u8| {
            let mut key = good.clone();
            key[at] = value;
            CoseKey::parse(&key)
        };
        assert_eq!(changed(2, 3), Err(CoseKeyError), "key type");
        assert_eq!(changed(4, 0x25), Err(CoseKeyError), "algorithm");
        assert_eq!(changed(6, 2), Err(CoseKeyError), "curve");
        assert_eq!(changed(10, good[10] ^ 1), Err(CoseKeyError), "off the curve");
        assert_eq!(CoseKey::parse(&good[..good.len() - 1]), Err(CoseKeyError));
        assert_eq!(CoseKey::parse(&[good.as_slice(), &[0]].concat()), Err(CoseKeyError));
        // A private key's member (-4) does not belong there.
        let mut private = good.clone();
        private[0] = 0xa6;
        private.extend_from_slice(&[0x23, 0x41, 0x01]);
        assert_eq!(CoseKey::parse(&private), Err(CoseKeyError));
        let mut neutral = [0; 32];
        neutral[0] = 1;
        assert_eq!(CoseKey::ed25519(&neutral), Err(CoseKeyError));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(tail in prop::collection::vec(any::<u8>(), 0..100), signature in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = CoseKey::parse(&tail);
            let key = CoseKey::p256(&bytes(X), &bytes(Y)).unwrap();
            prop_assert!(!key.verify(b"sample", &signature));
            prop_assert!(!key.verify(b"sample", &[&[0x30], signature.as_slice()].concat()));
        }
    }
}
