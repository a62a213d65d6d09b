//! The receipt that a filer keeps, `guxin-receipt/v1`: everything needed to show, without asking anyone, what was filed and when.
//!
//! One canonical JSON object: the ledger entry and its proof, the manifest behind the entry's digests, and each firm's signed statement
//! with its own entry and proof. `backend` builds it once the checkpoint is published; [`verify`] is what the browser and `guxin verify`
//! run. A receipt is not signed as a whole: leaving an attestation out makes a receipt that proves less, not one that proves
//! something else.

pub use crate::verify::{Trust, verify, verify_attestation, verify_trusting, verify_with_witnesses};
use crate::{
    canonical::{self, CanonicalError, FromJson},
    key::VerifierKey,
    members::Members,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::Value;

/// The value of [`Receipt::format`].
pub const FORMAT: &str = "guxin-receipt/v1";
/// Longest receipt read, in bytes.
pub const MAX_RECEIPT_BYTES: usize = 16 * 1024 * 1024;
/// Most attestations in one receipt.
pub const MAX_ATTESTATIONS: usize = 256;

/// A receipt as read, nothing verified yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// [`FORMAT`].
    pub format: String,
    /// Which log.
    pub log: Log,
    /// The entry's bytes, canonical JSON.
    pub entry: String,
    /// The manifest's canonical JSON; required for submissions, absent from events that have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifest: Option<String>,
    /// The firms' signed statements on documents of the manifest.
    pub attestations: Vec<Attestation>,
    /// A tlog-proof for the entry.
    pub proof: String,
}

/// The log that a receipt speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Log {
    /// Its origin.
    pub origin: String,
    /// Its verifier key, for readers who have not got it from the exchange.
    pub vkey: String,
}

/// A firm's statement, its passkey assertion, and the ledger's record of both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attestation {
    /// Canonical JSON of the [`crate::statement::Statement`].
    pub statement: String,
    /// COSE_Key of the passkey, base64url without padding.
    #[serde(serialize_with = "base64url")]
    pub public_key: Vec<u8>,
    /// `response.authenticatorData`, base64url without padding.
    #[serde(serialize_with = "base64url")]
    pub authenticator_data: Vec<u8>,
    /// `response.clientDataJSON`, base64url without padding.
    #[serde(serialize_with = "base64url")]
    pub client_data_json: Vec<u8>,
    /// `response.signature`, base64url without padding.
    #[serde(serialize_with = "base64url")]
    pub signature: Vec<u8>,
    /// The relying party's id for which it was made.
    pub rp_id: String,
    /// The origin at which it was made.
    pub origin: String,
    /// The bytes of the entry of kind `attestation`.
    pub entry: String,
    /// A tlog-proof for that entry.
    pub proof: String,
}

impl FromJson for Receipt {
    fn from_json(value: Value) -> Result<Self, CanonicalError> {
        let mut members = Members::of(value)?;
        let receipt = Self {
            format: members.text("format")?,
            log: Log::from_json(members.value("log")?)?,
            entry: members.text("entry")?,
            manifest: members.optional_text("manifest")?,
            attestations: members
                .list("attestations")?
                .into_iter()
                .map(Attestation::from_json)
                .collect::<Result<_, _>>()?,
            proof: members.text("proof")?,
        };
        members.end()?;
        Ok(receipt)
    }
}

impl FromJson for Log {
    fn from_json(value: Value) -> Result<Self, CanonicalError> {
        let mut members = Members::of(value)?;
        let log = Self { origin: members.text("origin")?, vkey: members.text("vkey")? };
        members.end()?;
        Ok(log)
    }
}

impl FromJson for Attestation {
    fn from_json(value: Value) -> Result<Self, CanonicalError> {
        let mut members = Members::of(value)?;
        let attestation = Self {
            statement: members.text("statement")?,
            public_key: members.read("public_key", bytes)?,
            authenticator_data: members.read("authenticator_data", bytes)?,
            client_data_json: members.read("client_data_json", bytes)?,
            signature: members.read("signature", bytes)?,
            rp_id: members.text("rp_id")?,
            origin: members.text("origin")?,
            entry: members.text("entry")?,
            proof: members.text("proof")?,
        };
        members.end()?;
        Ok(attestation)
    }
}

/// Why a receipt cannot be written or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Not canonical JSON of a receipt.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// Longer than [`MAX_RECEIPT_BYTES`] or more than [`MAX_ATTESTATIONS`].
    #[error("the receipt is too long")]
    TooLong,
    /// Another format or version.
    #[error("the format is not guxin-receipt/v1")]
    Format,
}

impl Receipt {
    /// A receipt of an entry in the log with key `log`. `entry` and `proof` are the texts of [`crate::Entry::to_bytes`] and
    /// [`crate::proof::Proof`].
    #[must_use]
    pub fn new(
        log: &VerifierKey,
        entry: String,
        manifest: Option<String>,
        attestations: Vec<Attestation>,
        proof: String,
    ) -> Self {
        let log = Log { origin: log.name().to_owned(), vkey: log.to_string() };
        Self { format: FORMAT.to_owned(), log, entry, manifest, attestations, proof }
    }

    /// The file's bytes.
    ///
    /// # Errors
    /// [`ReceiptError::TooLong`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, ReceiptError> {
        let bytes = canonical::to_string(self)?.into_bytes();
        self.check(bytes.len())?;
        Ok(bytes)
    }

    /// Reads a file, which must be exactly what [`Receipt::to_bytes`] writes.
    ///
    /// # Errors
    /// [`ReceiptError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ReceiptError> {
        if bytes.len() > MAX_RECEIPT_BYTES {
            return Err(ReceiptError::TooLong);
        }
        let receipt: Self = canonical::from_slice(bytes)?;
        receipt.check(bytes.len())?;
        Ok(receipt)
    }

    fn check(&self, length: usize) -> Result<(), ReceiptError> {
        if self.format != FORMAT {
            Err(ReceiptError::Format)
        } else if length > MAX_RECEIPT_BYTES || self.attestations.len() > MAX_ATTESTATIONS {
            Err(ReceiptError::TooLong)
        } else {
            Ok(())
        }
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, &'static str> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| "expected base64url without padding")
}

/// serde: bytes as base64url without padding.
fn base64url<S: serde::Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&URL_SAFE_NO_PAD.encode(bytes))
}
