//! The signatures behind a filing's attestations, verified anew each time they are read: a page that says "valid" has
//! just checked it with the code that `guxin verify` uses.

use domain::{
    access::action,
    id::{AttestationId, FilingId},
};
use ledger::{
    assertion::{Assertion, Expected, verify},
    cose::CoseKey,
    statement::Statement,
};
use serde::Serialize;
use uuid::Uuid;

use crate::{args, cx::Cx, error::Result, sql::statements};

/// One signature and what checking it came to.
#[derive(Clone, Debug, Serialize)]
pub struct SignatureView {
    pub attestation: AttestationId,
    pub slot: String,
    /// `ES256` or `EdDSA`; empty when the key cannot be read.
    pub algorithm: &'static str,
    /// How the ledger names the credential: `sha-256:` and 64 hexadecimal digits.
    pub credential: String,
    pub rp_id: String,
    pub origin: String,
    /// The firm's pseudonym on the ledger.
    pub firm: String,
    /// SHA-256 of the documents that were signed, hexadecimal.
    pub documents: Vec<String>,
    /// The step that failed, by the name that reports give it; none when the signature holds.
    pub failed: Option<&'static str>,
    /// The signature counter; 0 from authenticators that do not count.
    pub counter: u32,
}

/// The signatures of a filing's attestations, newest first. Two queries.
///
/// # Errors
/// As [`super::workspace`].
pub async fn signatures(cx: &Cx, id: FilingId) -> Result<Vec<SignatureView>> {
    let reader = super::reader(cx)?;
    let row = super::find(reader, cx, id).await?;
    cx.permit::<action::ReadFiling>(&row.facts()?)?;
    let rows: Vec<Row> = reader.all(OF_FILING, args![id]).await?;
    Ok(rows.into_iter().map(Row::check).collect())
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    slot: String,
    statement: String,
    public_key: Vec<u8>,
    authenticator_data: Vec<u8>,
    client_data: Vec<u8>,
    signature: Vec<u8>,
    rp_id: String,
    origin: String,
}

impl Row {
    fn check(self) -> SignatureView {
        let mut view = SignatureView {
            attestation: AttestationId(self.id),
            slot: self.slot,
            algorithm: "",
            credential: String::new(),
            firm: String::new(),
            documents: Vec::new(),
            failed: None,
            counter: 0,
            rp_id: self.rp_id,
            origin: self.origin,
        };
        match Statement::parse(&self.statement) {
            Ok(statement) if statement.slot == view.slot => {
                view.documents = statement.documents.iter().map(ledger::Digests::sha256_hex).collect();
                view.firm = statement.firm;
            }
            _ => view.failed = Some("statement"),
        }
        let Ok(key) = CoseKey::parse(&self.public_key) else {
            view.failed = Some("credential");
            return view;
        };
        view.algorithm = match key {
            CoseKey::P256(_) => "ES256",
            CoseKey::Ed25519(_) => "EdDSA",
        };
        view.credential = key.reference().to_string();
        let challenge = Statement::challenge(&self.statement);
        let assertion = Assertion {
            authenticator_data: &self.authenticator_data,
            client_data_json: &self.client_data,
            signature: &self.signature,
        };
        let expected =
            Expected { challenge: &challenge, rp_id: &view.rp_id, origins: &[view.origin.as_str()] };
        match verify(&key, &assertion, &expected) {
            Ok(asserted) => view.counter = asserted.counter,
            Err(error) => view.failed = view.failed.or(Some(error.step())),
        }
        view
    }
}

statements! {
    OF_FILING = "SELECT id, slot, statement, public_key, authenticator_data, client_data, signature, rp_id, origin
        FROM attestation WHERE filing_id = $1 ORDER BY signed_at DESC, id DESC";
}
