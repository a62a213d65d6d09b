//! Checking a WebAuthn assertion (Web Authentication Level 3 §7.2, steps 10 to 22): did this passkey, with its user present and
//! verified, sign this challenge for this site?
//!
//! One check for three callers: sign-in, attestation by a firm, and the offline verifier. Looking up the credential, the life of the
//! challenge and the judgement on the counter belong to the caller.

use crate::cose::CoseKey;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// Longest clientDataJSON read, in bytes; browsers send a few hundred.
pub const MAX_CLIENT_DATA_BYTES: usize = 8_192;
/// Longest authenticatorData read, in bytes; without extensions it has 37.
pub const MAX_AUTHENTICATOR_DATA_BYTES: usize = 8_192;

/// What the authenticator and the browser returned.
#[derive(Clone, Copy, Debug)]
pub struct Assertion<'a> {
    /// `response.authenticatorData`.
    pub authenticator_data: &'a [u8],
    /// `response.clientDataJSON`.
    pub client_data_json: &'a [u8],
    /// `response.signature`: DER for ES256, 64 bytes for EdDSA.
    pub signature: &'a [u8],
}

/// What must have been asked.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The challenge, at least 16 bytes.
    pub challenge: &'a [u8],
    /// The relying party's id, a domain name.
    pub rp_id: &'a str,
    /// Origins from which it may have come, as the browser writes them (`https://guxin.example`, `http://localhost:3000`).
    pub origins: &'a [&'a str],
}

/// What a valid assertion says besides being valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asserted {
    /// The signature counter; 0 from authenticators that do not count.
    pub counter: u32,
    /// The passkey may be copied between devices.
    pub backup_eligible: bool,
    /// It has been.
    pub backed_up: bool,
}

/// The first step that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssertionError {
    /// The caller expects a challenge shorter than 16 bytes, which could be guessed.
    #[error("the expected challenge is too short")]
    WeakChallenge,
    /// clientDataJSON is too long or no JSON of its shape.
    #[error("clientDataJSON cannot be read")]
    ClientData,
    /// `type` is not `webauthn.get`.
    #[error("the signed type is not webauthn.get")]
    Type,
    /// Another challenge was signed.
    #[error("another challenge was signed")]
    Challenge,
    /// It came from another origin.
    #[error("the assertion comes from another origin")]
    Origin,
    /// It was made in a frame of another site.
    #[error("the assertion was made in a cross-origin frame")]
    CrossOrigin,
    /// authenticatorData is too short, too long, or has bytes that its flags do not announce.
    #[error("authenticatorData cannot be read")]
    AuthenticatorData,
    /// Made for another relying party.
    #[error("the assertion is for another relying party")]
    RpId,
    /// The user-present flag is not set.
    #[error("the user was not present")]
    UserPresence,
    /// The user-verified flag is not set.
    #[error("the user was not verified")]
    UserVerification,
    /// Backed up, yet not eligible for it.
    #[error("the backup flags contradict each other")]
    BackupFlags,
    /// The signature is not this key's over these bytes.
    #[error("the signature does not verify")]
    Signature,
}

impl AssertionError {
    /// Stable name of the failed step, for logs and reports.
    #[must_use]
    pub fn step(self) -> &'static str {
        match self {
            Self::WeakChallenge | Self::Challenge => "challenge",
            Self::ClientData => "client_data",
            Self::Type => "type",
            Self::Origin => "origin",
            Self::CrossOrigin => "cross_origin",
            Self::AuthenticatorData => "authenticator_data",
            Self::RpId => "rp_id",
            Self::UserPresence => "user_presence",
            Self::UserVerification => "user_verification",
            Self::BackupFlags => "backup_flags",
            Self::Signature => "signature",
        }
    }
}

/// The members that are checked; others (`topOrigin`, future ones) are allowed and signed all the same.
#[derive(Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(rename = "crossOrigin", default)]
    cross_origin: bool,
}

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const ATTESTED_DATA: u8 = 0x40;
const EXTENSION_DATA: u8 = 0x80;

/// Checks an assertion by the passkey with public key `key`.
///
/// # Errors
/// The first step that fails, in the order of [`AssertionError`].
pub fn verify(
    key: &CoseKey,
    assertion: &Assertion<'_>,
    expected: &Expected<'_>,
) -> Result<Asserted, AssertionError> {
    let require = |ok: bool, error: AssertionError| if ok { Ok(()) } else { Err(error) };
    require(expected.challenge.len() >= 16, AssertionError::WeakChallenge)?;

    let client_data = assertion.client_data_json;
    require(client_data.len() <= MAX_CLIENT_DATA_BYTES, AssertionError::ClientData)?;
    // By way of a text: the reader of JSON texts is in the browser's module anyway, that of bytes would be a second one.
    let client_data_text = std::str::from_utf8(client_data).map_err(|_| AssertionError::ClientData)?;
    let client: ClientData =
        serde_json::from_str(client_data_text).map_err(|_| AssertionError::ClientData)?;
    require(client.kind == "webauthn.get", AssertionError::Type)?;
    require(client.challenge == URL_SAFE_NO_PAD.encode(expected.challenge), AssertionError::Challenge)?;
    require(expected.origins.contains(&client.origin.as_str()), AssertionError::Origin)?;
    require(!client.cross_origin, AssertionError::CrossOrigin)?;

    let data = assertion.authenticator_data;
    require(data.len() <= MAX_AUTHENTICATOR_DATA_BYTES, AssertionError::AuthenticatorData)?;
    let (rp_id_hash, rest) = data.split_first_chunk::<32>().ok_or(AssertionError::AuthenticatorData)?;
    let ([flags, c0, c1, c2, c3], more) =
        rest.split_first_chunk::<5>().ok_or(AssertionError::AuthenticatorData)?;
    let announced = flags & (ATTESTED_DATA | EXTENSION_DATA) != 0;
    require(more.is_empty() != announced, AssertionError::AuthenticatorData)?;
    require(*rp_id_hash == <[u8; 32]>::from(Sha256::digest(expected.rp_id)), AssertionError::RpId)?;
    require(flags & USER_PRESENT != 0, AssertionError::UserPresence)?;
    require(flags & USER_VERIFIED != 0, AssertionError::UserVerification)?;
    require(flags & BACKUP_ELIGIBLE != 0 || flags & BACKED_UP == 0, AssertionError::BackupFlags)?;

    let message = [data, Sha256::digest(client_data).as_slice()].concat();
    require(key.verify(&message, assertion.signature), AssertionError::Signature)?;
    Ok(Asserted {
        counter: u32::from_be_bytes([*c0, *c1, *c2, *c3]),
        backup_eligible: flags & BACKUP_ELIGIBLE != 0,
        backed_up: flags & BACKED_UP != 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{SignedAssertion, SoftwareAuthenticator};
    use proptest::prelude::*;
    use rstest::rstest;

    const RP: &str = "localhost";
    const ORIGIN: &str = "http://localhost:3000";
    const CHALLENGE: [u8; 32] = [0x42; 32];

    fn expected() -> Expected<'static> {
        Expected { challenge: &CHALLENGE, rp_id: RP, origins: &["https://guxin.example", ORIGIN] }
    }

    fn passkey() -> SoftwareAuthenticator {
        SoftwareAuthenticator::from_seed(&[1; 32])
    }

    fn check(signed: &SignedAssertion) -> Result<Asserted, AssertionError> {
        verify(passkey().public_key(), &signed.borrow(), &expected())
    }

    fn with_client_data(text: &str) -> SignedAssertion {
        passkey().sign_raw(passkey().authenticator_data(RP, 0x05), text.as_bytes().to_vec())
    }

    fn client_data(change: impl Fn(&str) -> String) -> String {
        let text = format!(
            r#"{{"type":"webauthn.get","challenge":"{}","origin":"{ORIGIN}","crossOrigin":false}}"#,
            URL_SAFE_NO_PAD.encode(CHALLENGE)
        );
        change(&text)
    }

    #[test]
    fn a_good_assertion_counts() {
        let mut passkey = passkey();
        let first = passkey.assert(RP, ORIGIN, &CHALLENGE);
        assert_eq!(check(&first).unwrap(), Asserted { counter: 1, backup_eligible: false, backed_up: false });
        assert_eq!(check(&passkey.assert(RP, ORIGIN, &CHALLENGE)).unwrap().counter, 2);
        assert!(
            check(&with_client_data(&client_data(
                |t| t.replace("false", r#"false,"futureMember":{"a":[1]}"#)
            )))
            .is_ok()
        );
    }

    #[rstest]
    #[case(client_data(|t| t.replace(".get", ".create")), AssertionError::Type)]
    #[case(client_data(|t| t.replace("challenge\":\"", "challenge\":\"A")), AssertionError::Challenge)]
    #[case(client_data(|t| t.replace("kI\"", "kJ\"")), AssertionError::Challenge)]
    #[case(client_data(|t| t.replace(":3000", ":3001")), AssertionError::Origin)]
    #[case(client_data(|t| t.replace("http://", "https://")), AssertionError::Origin)]
    #[case(client_data(|t| t.replace("false", "true")), AssertionError::CrossOrigin)]
    #[case(client_data(|t| t.replace("false", "0")), AssertionError::ClientData)]
    #[case(client_data(|t| t.replace("\"origin\"", "\"origen\"")), AssertionError::ClientData)]
    #[case(client_data(|t| t.replacen('{', "{\"type\":\"webauthn.get\",", 1)), AssertionError::ClientData)]
    #[case(String::new(), AssertionError::ClientData)]
    #[case(" ".repeat(MAX_CLIENT_DATA_BYTES + 1), AssertionError::ClientData)]
    fn each_step_over_the_client_data(#[case] text: String, #[case] error: AssertionError) {
        assert_eq!(check(&with_client_data(&text)), Err(error), "{text}");
    }

    #[rstest]
    #[case(RP, 0x04, AssertionError::UserPresence)]
    #[case(RP, 0x01, AssertionError::UserVerification)]
    #[case(RP, 0x15, AssertionError::BackupFlags)]
    #[case(RP, 0x85, AssertionError::AuthenticatorData)]
    #[case("example.com", 0x05, AssertionError::RpId)]
    fn each_step_over_the_authenticator_data(
        #[case] rp_id: &str,
        #[case] flags: u8,
        #[case] error: AssertionError,
    ) {
        let data = passkey().authenticator_data(rp_id, flags);
        assert_eq!(check(&passkey().sign_raw(data, client_data(str::to_owned).into_bytes())), Err(error));
    }

    #[test]
    fn backup_and_extensions_are_read() {
        let mut data = passkey().authenticator_data(RP, 0x9d);
        data.push(0xa0);
        let asserted =
            check(&passkey().sign_raw(data.clone(), client_data(str::to_owned).into_bytes())).unwrap();
        assert!(asserted.backup_eligible && asserted.backed_up);
        data[32] = 0x05;
        let unannounced = passkey().sign_raw(data, client_data(str::to_owned).into_bytes());
        assert_eq!(check(&unannounced), Err(AssertionError::AuthenticatorData));
    }

    #[test]
    fn another_key_or_a_short_challenge() {
        let signed = passkey().assert(RP, ORIGIN, &CHALLENGE);
        let other = SoftwareAuthenticator::from_seed(&[2; 32]);
        assert_eq!(verify(other.public_key(), &signed.borrow(), &expected()), Err(AssertionError::Signature));
        let short = Expected { challenge: &[1; 15], ..expected() };
        assert_eq!(
            verify(passkey().public_key(), &signed.borrow(), &short),
            Err(AssertionError::WeakChallenge)
        );
    }

    proptest! {
        #[test]
        fn any_flipped_bit_is_noticed(part in 0..3usize, at in any::<prop::sample::Index>(), bit in 0u8..8) {
            let mut signed = passkey().assert(RP, ORIGIN, &CHALLENGE);
            let bytes = [&mut signed.authenticator_data, &mut signed.client_data_json, &mut signed.signature].into_iter().nth(part).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            prop_assert!(check(&signed).is_err());
        }

        #[test]
        fn arbitrary_bytes_never_panic(data in prop::collection::vec(any::<u8>(), 0..60), json in prop::collection::vec(any::<u8>(), 0..60)) {
            prop_assert!(check(&passkey().sign_raw(data.clone(), json)).is_err());
            prop_assert!(check(&passkey().sign_raw(data, client_data(str::to_owned).into_bytes())).is_err());
        }
    }
}
