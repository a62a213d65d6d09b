//! Collecting what a receipt consists of: the submission's entry and proof, the manifest behind its digests, and the
//! attestations that counted, each with its own entry and proof. Proofs are for the newest checkpoint that enough witnesses
//! have cosigned, if one covers the entry, else for the published one with the lines it has: a receipt fetched again later
//! carries more.

use domain::{access::action, id::FilingId};
use ledger::{
    checkpoint::Checkpoint,
    manifest::Manifest,
    proof::Proof,
    receipt::{Attestation, Receipt},
};

use crate::{
    args,
    cx::Cx,
    error::{Error, Result},
    filing::{self, FilingRow},
    sql::statements,
    witness::finality::Basis,
};

/// Seconds after which a receipt that is not ready may be asked for again.
const RETRY_AFTER: u32 = 1;

/// Everything about one submitted version.
pub(super) struct Issued {
    pub(super) filing: FilingRow,
    pub(super) version: VersionRow,
    pub(super) manifest: Manifest,
    pub(super) proof: Proof,
    pub(super) checkpoint: Checkpoint,
    pub(super) attestations: Vec<(AttestationRow, Proof)>,
}

/// The receipt of a submitted version, verified before it is handed out.
///
/// # Errors
/// Not found for strangers and unknown versions; busy until the submission is anchored.
pub async fn receipt(cx: &Cx, filing: FilingId, number: i64) -> Result<Receipt> {
    let issued = gather(cx, filing, number).await?;
    let attestations = issued
        .attestations
        .into_iter()
        .map(|(row, proof)| {
            Ok(Attestation {
                statement: row.statement,
                public_key: row.public_key,
                authenticator_data: row.authenticator_data,
                client_data_json: row.client_data,
                signature: row.signature,
                rp_id: row.rp_id,
                origin: row.origin,
                entry: text(row.entry)?,
                proof: proof.to_string(),
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let entry = text(issued.version.entry)?;
    let manifest = Some(issued.version.manifest);
    let receipt =
        Receipt::new(cx.ledger.verifier_key(), entry, manifest, attestations, issued.proof.to_string());
    // A receipt that does not hold must never leave the house: it would stand against us for good.
    let bytes = receipt.to_bytes().map_err(Error::internal)?;
    let report = ledger::receipt::verify(&bytes, None, Some(&cx.ledger.verifier_key().to_string()));
    match report.first_failure() {
        None => Ok(receipt),
        Some(step) => {
            tracing::error!(%filing, number, step = step.code, "a receipt does not verify");
            Err(Error::internal(anyhow::anyhow!("the receipt of {filing}/{number}: {}", step.detail)))
        }
    }
}

/// Three queries, and one proof from the published tiles for each entry.
pub(super) async fn gather(cx: &Cx, id: FilingId, number: i64) -> Result<Issued> {
    let reader = filing::reader(cx)?;
    let filing = filing::find(reader, cx, id).await?;
    cx.permit::<action::ReadFiling>(&filing.facts()?)?;
    let version: VersionRow = reader.one(VERSION, args![id, number]).await?;
    let basis = match version.anchored_at {
        Some(_) => Basis::now(cx).await?,
        None => return Err(Error::Busy { retry_after: RETRY_AFTER }),
    };
    let proof = proof(cx, &basis, version.leaf_index, version.anchored_at).await?;
    let rows: Vec<AttestationRow> = reader.all(ATTESTATIONS, args![id, number]).await?;
    let mut attestations = Vec::with_capacity(rows.len());
    for row in rows {
        let proof = self::proof(cx, &basis, row.leaf_index, row.anchored_at).await?;
        attestations.push((row, proof));
    }
    let manifest = Manifest::parse(&version.manifest).map_err(Error::internal)?;
    let checkpoint = Checkpoint::open(&proof.checkpoint, cx.ledger.verifier_key(), &[])
        .map_err(Error::internal)?
        .checkpoint;
    Ok(Issued { filing, version, manifest, proof, checkpoint, attestations })
}

async fn proof(cx: &Cx, basis: &Basis, leaf_index: Option<i64>, anchored_at: Option<i64>) -> Result<Proof> {
    let index = anchored_at.and(leaf_index).and_then(|index| u64::try_from(index).ok());
    match index {
        Some(index) => {
            let (checkpoint, note) = basis.of(index);
            cx.ledger.proof_in(index, checkpoint, note.clone()).await
        }
        None => Err(Error::Busy { retry_after: RETRY_AFTER }),
    }
}

fn text(entry: Vec<u8>) -> Result<String> {
    String::from_utf8(entry).map_err(Error::internal)
}

#[derive(sqlx::FromRow)]
pub(super) struct VersionRow {
    pub(super) manifest: String,
    pub(super) fields: String,
    pub(super) received_at: i64,
    pub(super) submitted_at: i64,
    pub(super) entry: Vec<u8>,
    pub(super) leaf_index: Option<i64>,
    pub(super) anchored_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
pub(super) struct AttestationRow {
    pub(super) firm_name: String,
    pub(super) slot: String,
    pub(super) statement: String,
    public_key: Vec<u8>,
    authenticator_data: Vec<u8>,
    client_data: Vec<u8>,
    signature: Vec<u8>,
    rp_id: String,
    origin: String,
    pub(super) signed_at: i64,
    entry: Vec<u8>,
    leaf_index: Option<i64>,
    anchored_at: Option<i64>,
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
