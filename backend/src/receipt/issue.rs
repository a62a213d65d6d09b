//! Collecting what a receipt consists of: the submission's entry and proof, the manifest behind its digests, and the
//! attestations that counted, each with its own entry and proof. Proofs are for the newest checkpoint that enough witnesses
//! have cosigned, if one covers the entry, else for the published one with the lines it has: a receipt fetched again later
//! carries more.

use domain::{access::action, id::FilingId, stopwatch::Stopwatch};
use ledger::{
    checkpoint::Checkpoint,
    key::VerifierKey,
    manifest::Manifest,
    proof::Proof,
    receipt::{Attestation, Receipt, Trust},
};

use crate::{
    args,
    cx::Cx,
    error::{Error, Result},
    filing::{self, FilingRow},
    sql::statements,
    stopwatch,
    witness::finality::Basis,
};

/// Seconds after which a receipt that is not ready may be asked for again.
const RETRY_AFTER: u32 = 1;

/// Everything about one submitted version.
pub(crate) struct Issued {
    pub(crate) filing: FilingRow,
    pub(crate) version: VersionRow,
    pub(crate) manifest: Manifest,
    pub(crate) proof: Proof,
    pub(crate) checkpoint: Checkpoint,
    pub(crate) attestations: Vec<(AttestationRow, Proof)>,
    pub(crate) taken: Option<Stopwatch>,
}

/// Which checkpoint the proofs are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    /// The newest that says most ([`Basis::now`]): what a receipt is for.
    Newest,
    /// The one that stays the same ([`Basis::lasting`]): what an evidence bundle is for.
    Lasting,
}

/// The receipt of a submitted version, verified before it is handed out.
///
/// # Errors
/// Not found for strangers and unknown versions; busy until the submission is anchored.
pub async fn receipt(cx: &Cx, filing: FilingId, number: i64) -> Result<Receipt> {
    gather(cx, filing, number, Base::Newest).await?.receipt(cx)
}

impl Issued {
    /// The file, verified.
    pub(crate) fn receipt(&self, cx: &Cx) -> Result<Receipt> {
        let attestations =
            self.attestations.iter().map(|(row, proof)| row.signed(proof)).collect::<Result<Vec<_>>>()?;
        let entry = text(&self.version.entry)?;
        let manifest = Some(self.version.manifest.clone());
        verified(cx, Receipt::new(&self.log_key(cx)?, entry, manifest, attestations, self.proof.to_string()))
    }

    /// The key that the log had when it signed the proof's checkpoint.
    pub(crate) fn log_key(&self, cx: &Cx) -> Result<VerifierKey> {
        Ok(cx.ledger.keys().of(&self.proof.checkpoint).map_err(Error::internal)?.clone())
    }
}

/// A receipt that does not hold must never leave the house: it would stand against us for good.
pub(crate) fn verified(cx: &Cx, receipt: Receipt) -> Result<Receipt> {
    let bytes = receipt.to_bytes().map_err(Error::internal)?;
    // As a reader with today's key would.
    let (keys, vkey) = (cx.ledger.keys(), cx.ledger.verifier_key().to_string());
    let trust = Trust { vkey: Some(&vkey), keys: Some(&keys), witnesses: &[] };
    let report = ledger::receipt::verify_trusting(&bytes, None, &trust);
    match report.first_failure() {
        None => Ok(receipt),
        Some(step) => {
            tracing::error!(step = step.code, entry = receipt.entry, "a receipt does not verify");
            Err(Error::internal(anyhow::anyhow!("a receipt does not verify: {}", step.detail)))
        }
    }
}

/// A few queries, and one proof from the published tiles for each entry.
pub(crate) async fn gather(cx: &Cx, id: FilingId, number: i64, base: Base) -> Result<Issued> {
    let reader = filing::reader(cx)?;
    let filing = filing::find(reader, cx, id).await?;
    cx.permit::<action::ReadFiling>(&filing.facts()?)?;
    let version: VersionRow = reader.one(VERSION, args![id, number]).await?;
    let basis = basis(cx, base, version.leaf_index, version.anchored_at).await?;
    let proof = proof(cx, &basis, version.leaf_index, version.anchored_at).await?;
    // A receipt names one key. Attestations are older than the submission, so where their final checkpoint is of another key's
    // time, the submission's own covers them as well.
    let keys = cx.ledger.keys();
    let basis = basis.of_one_key(&keys, proof.index);
    let rows: Vec<AttestationRow> = reader.all(ATTESTATIONS, args![id, number]).await?;
    let mut attestations = Vec::with_capacity(rows.len());
    for row in rows {
        let proof = self::proof(cx, &basis, row.leaf_index, row.anchored_at).await?;
        attestations.push((row, proof));
    }
    let manifest = Manifest::parse(&version.manifest).map_err(Error::internal)?;
    let checkpoint = keys.open(&proof.checkpoint, &[]).map_err(Error::internal)?.checkpoint;
    let taken = stopwatch::of_version(cx, id, number).await?;
    Ok(Issued { filing, version, manifest, proof, checkpoint, attestations, taken })
}

/// Asked first: a checkpoint is looked for only when the entry is anchored.
pub(crate) async fn basis(
    cx: &Cx,
    base: Base,
    leaf_index: Option<i64>,
    anchored_at: Option<i64>,
) -> Result<Basis> {
    let index = anchored(leaf_index, anchored_at)?;
    match base {
        Base::Newest => Basis::now(cx).await,
        Base::Lasting => Basis::lasting(cx, index).await,
    }
}

pub(crate) async fn proof(
    cx: &Cx,
    basis: &Basis,
    leaf_index: Option<i64>,
    anchored_at: Option<i64>,
) -> Result<Proof> {
    let index = anchored(leaf_index, anchored_at)?;
    let (checkpoint, note) = basis.of(index);
    cx.ledger.proof_in(index, checkpoint, note.clone()).await
}

fn anchored(leaf_index: Option<i64>, anchored_at: Option<i64>) -> Result<u64> {
    let index = anchored_at.and(leaf_index).and_then(|index| u64::try_from(index).ok());
    index.ok_or(Error::Busy { retry_after: RETRY_AFTER })
}

pub(crate) fn text(entry: &[u8]) -> Result<String> {
    String::from_utf8(entry.to_vec()).map_err(Error::internal)
}

#[derive(sqlx::FromRow)]
pub(crate) struct VersionRow {
    pub(crate) manifest: String,
    pub(crate) fields: String,
    pub(crate) received_at: i64,
    pub(crate) submitted_at: i64,
    pub(crate) entry: Vec<u8>,
    pub(crate) leaf_index: Option<i64>,
    pub(crate) anchored_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
pub(crate) struct AttestationRow {
    pub(crate) firm_name: String,
    pub(crate) slot: String,
    pub(crate) statement: String,
    public_key: Vec<u8>,
    authenticator_data: Vec<u8>,
    client_data: Vec<u8>,
    signature: Vec<u8>,
    pub(crate) rp_id: String,
    pub(crate) origin: String,
    pub(crate) signed_at: i64,
    pub(crate) entry: Vec<u8>,
    pub(crate) leaf_index: Option<i64>,
    pub(crate) anchored_at: Option<i64>,
}

impl AttestationRow {
    /// As receipts carry it.
    pub(crate) fn signed(&self, proof: &Proof) -> Result<Attestation> {
        Ok(Attestation {
            statement: self.statement.clone(),
            public_key: self.public_key.clone(),
            authenticator_data: self.authenticator_data.clone(),
            client_data_json: self.client_data.clone(),
            signature: self.signature.clone(),
            rp_id: self.rp_id.clone(),
            origin: self.origin.clone(),
            entry: text(&self.entry)?,
            proof: proof.to_string(),
        })
    }
}

statements! {
    VERSION = "SELECT v.manifest, v.fields, v.received_at, v.submitted_at, x.entry, x.leaf_index, x.anchored_at
        FROM filing_version v JOIN outbox x ON x.seq = v.outbox_seq WHERE v.filing_id = $1 AND v.number = $2";
    ATTESTATIONS = "SELECT o.name AS firm_name, a.slot, a.statement, a.public_key, a.authenticator_data, a.client_data,
            a.signature, a.rp_id, a.origin, a.signed_at, x.entry, x.leaf_index, x.anchored_at
        FROM filing_version_attestation s JOIN attestation a ON a.id = s.attestation_id
        JOIN organisation o ON o.id = a.firm_id JOIN outbox x ON x.seq = a.outbox_seq
        WHERE s.filing_id = $1 AND s.number = $2 ORDER BY a.outbox_seq";
}
