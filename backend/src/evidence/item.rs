//! Collecting what a certificate names and a bundle holds, for each kind of object. Whoever may read the object may have its
//! evidence; documents that were never submitted stay with the enterprise and the firms that it engaged.

use domain::{
    access::action,
    id::{AttestationId, DocumentId, FilingId},
};
use ledger::{
    Digests, Entry,
    checkpoint::Checkpoint,
    evidence::{self, Kind},
    manifest::Manifest,
    merkle::leaf_hash,
    proof::Proof,
    receipt::{Attestation, Receipt},
    statement::Statement,
};
use uuid::Uuid;

use super::Subject;
use crate::{
    args,
    cx::Cx,
    db::Reader,
    error::{Error, Result},
    filing::{self, FilingRow},
    receipt::issue::{self, AttestationRow, Base, VersionRow},
    sql::statements,
    witness::{
        self,
        finality::{Finality, Judge},
    },
};

/// Everything about one object.
pub(super) struct Item {
    pub(super) kind: Kind,
    /// Of the certificate.
    pub(super) number: String,
    pub(super) filing: FilingRow,
    /// Who deposited it: the enterprise, or the firm that attested.
    pub(super) depositor: DepositorRow,
    pub(super) what: What,
    pub(super) receipt: Receipt,
    pub(super) entry: Entry,
    pub(super) proof: Proof,
    pub(super) checkpoint: Checkpoint,
    pub(super) anchored_at: i64,
    pub(super) finality: Finality,
    /// The policy by which the checkpoint is final, if there is one.
    pub(super) policy: Option<String>,
    /// Documents that go into the bundle.
    pub(super) documents: Vec<Stored>,
}

/// What only one kind of object has.
pub(super) enum What {
    Version {
        manifest: Manifest,
        version: VersionRow,
        submitted_by: String,
        firms: Vec<AttestationRow>,
        chain: Vec<ChainRow>,
    },
    Document {
        document: DocumentRow,
        number: i64,
        chain: Vec<ChainRow>,
    },
    Attestation {
        row: AttestationRow,
        signed: Box<Attestation>,
        statement: Statement,
        signer: String,
        decision: String,
    },
}

/// A document and where it lies in the bundle.
pub(super) struct Stored {
    pub(super) path: String,
    pub(super) size: u64,
    pub(super) digests: Digests,
}

pub(super) async fn gather(cx: &Cx, subject: Subject) -> Result<Item> {
    match subject {
        Subject::Version(filing, number) => version(cx, filing, number).await,
        Subject::Document(document, number) => document_version(cx, document, number).await,
        Subject::Attestation(id) => attestation(cx, id).await,
    }
}

async fn version(cx: &Cx, id: FilingId, number: i64) -> Result<Item> {
    let issued = issue::gather(cx, id, number, Base::Lasting).await?;
    let receipt = issued.receipt(cx)?;
    let reader = filing::reader(cx)?;
    let (submitted_by,): (String,) = reader.one(SUBMITTED_BY, args![id, number]).await?;
    let chain = reader.all(VERSION_CHAIN, args![id, number]).await?;
    let documents = evidence::document_paths(&issued.manifest)
        .into_iter()
        .map(|(path, document)| Stored { path, size: document.size, digests: document.digests() })
        .collect();
    let owner = issued.filing.org_id;
    let anchored_at = issued.version.anchored_at.unwrap_or_default();
    let what = What::Version {
        manifest: issued.manifest,
        version: issued.version,
        submitted_by,
        firms: issued.attestations.into_iter().map(|(row, _)| row).collect(),
        chain,
    };
    finish(
        cx,
        reader,
        Kind::Version,
        issued.filing,
        owner,
        what,
        receipt,
        issued.proof,
        anchored_at,
        documents,
    )
    .await
}

async fn document_version(cx: &Cx, id: DocumentId, number: i64) -> Result<Item> {
    let reader = filing::reader(cx)?;
    let row: DocumentRow = reader.one(DOCUMENT, args![id, number]).await?;
    let filing = filing::find(reader, cx, FilingId(row.filing_id)).await?;
    if !inside(cx, &filing)? && row.submitted == 0 {
        return Err(Error::NotFound);
    }
    let basis = issue::basis(cx, Base::Lasting, row.leaf_index, row.anchored_at).await?;
    let proof = issue::proof(cx, &basis, row.leaf_index, row.anchored_at).await?;
    let receipt = plain(cx, &row.entry, &proof)?;
    let chain = reader.all(DOCUMENT_CHAIN, args![id, number]).await?;
    let stored = Stored {
        path: evidence::document_path(&row.slot, &row.file_name),
        size: u64::try_from(row.size).map_err(Error::internal)?,
        digests: row.digests()?,
    };
    let (owner, anchored_at) = (filing.org_id, row.anchored_at.unwrap_or_default());
    let what = What::Document { document: row, number, chain };
    finish(cx, reader, Kind::Document, filing, owner, what, receipt, proof, anchored_at, vec![stored]).await
}

async fn attestation(cx: &Cx, id: AttestationId) -> Result<Item> {
    let reader = filing::reader(cx)?;
    let about: AboutRow = reader.one(ABOUT, args![id]).await?;
    let filing = filing::find(reader, cx, FilingId(about.filing_id)).await?;
    let inside = inside(cx, &filing)?;
    let row: AttestationRow = reader.one(ATTESTATION, args![id]).await?;
    let basis = issue::basis(cx, Base::Lasting, row.leaf_index, row.anchored_at).await?;
    let proof = issue::proof(cx, &basis, row.leaf_index, row.anchored_at).await?;
    let receipt = plain(cx, &row.entry, &proof)?;
    let signed = row.signed(&proof)?;
    let keys = cx.ledger.keys();
    let log = keys.of(&proof.checkpoint).map_err(Error::internal)?;
    let statement = ledger::receipt::verify_attestation(&signed, log)
        .map_err(|step| Error::internal(anyhow::anyhow!("attestation {id}: {}", step.detail)))?;
    let known: Vec<DocumentRow> = reader.all(OF_SLOT, args![filing.id, row.slot.as_str()]).await?;
    let mut documents: Vec<Stored> = Vec::new();
    for document in known {
        let digests = document.digests()?;
        let wanted = statement.documents.contains(&digests) && (inside || document.submitted > 0);
        if wanted && !documents.iter().any(|there| there.digests == digests) {
            let plain = evidence::document_path(&row.slot, &document.file_name);
            let taken = documents.iter().any(|there| there.path.to_lowercase() == plain.to_lowercase());
            let place = format!("{}-{}", documents.len() + 1, document.file_name);
            let path = if taken { evidence::document_path(&row.slot, &place) } else { plain };
            documents.push(Stored {
                path,
                size: u64::try_from(document.size).map_err(Error::internal)?,
                digests,
            });
        }
    }
    let (owner, anchored_at) = (about.firm_id, row.anchored_at.unwrap_or_default());
    let what = What::Attestation {
        row,
        signed: Box::new(signed),
        statement,
        signer: about.signer_name,
        decision: about.decision,
    };
    finish(cx, reader, Kind::Attestation, filing, owner, what, receipt, proof, anchored_at, documents).await
}

/// Whether the reader sees what was never submitted.
fn inside(cx: &Cx, filing: &FilingRow) -> Result<bool> {
    let facts = filing.facts()?;
    let permit = cx.permit::<action::ReadFiling>(&facts)?;
    Ok(facts.owner == permit.actor().org || facts.engaged)
}

/// The receipt of an entry that has no manifest.
fn plain(cx: &Cx, entry: &[u8], proof: &Proof) -> Result<Receipt> {
    let entry = issue::text(entry)?;
    let keys = cx.ledger.keys();
    let log = keys.of(&proof.checkpoint).map_err(Error::internal)?;
    issue::verified(cx, Receipt::new(log, entry, None, Vec::new(), proof.to_string()))
}

#[expect(
    clippy::too_many_arguments,
    reason = "called three times, right above, with everything that was gathered"
)]
async fn finish(
    cx: &Cx,
    reader: &Reader,
    kind: Kind,
    filing: FilingRow,
    owner: Uuid,
    what: What,
    receipt: Receipt,
    proof: Proof,
    anchored_at: i64,
    documents: Vec<Stored>,
) -> Result<Item> {
    let depositor = reader.one(DEPOSITOR, args![owner]).await?;
    let finality = Judge::now(cx).await?.judge(cx, &proof.checkpoint)?;
    let keys = cx.ledger.keys();
    let log = keys.of(&proof.checkpoint).map_err(Error::internal)?;
    let policy = match witness::policy_text_for(cx, log).await {
        Ok(text) => Some(text),
        Err(Error::NotFound) => None,
        Err(error) => return Err(error),
    };
    let opened = keys.open(&proof.checkpoint, &[]).map_err(Error::internal)?;
    Ok(Item {
        number: evidence::number(kind, proof.index, leaf_hash(receipt.entry.as_bytes())),
        kind,
        filing,
        depositor,
        what,
        entry: Entry::parse(receipt.entry.as_bytes()).map_err(Error::internal)?,
        checkpoint: opened.checkpoint,
        receipt,
        proof,
        anchored_at,
        finality,
        policy,
        documents,
    })
}

#[derive(sqlx::FromRow)]
pub(super) struct DepositorRow {
    pub(super) name: String,
    pub(super) credit_code: String,
    pub(super) ledger_name: String,
    pub(super) verified_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
pub(super) struct DocumentRow {
    filing_id: Uuid,
    pub(super) slot: String,
    pub(super) file_name: String,
    sha256: Vec<u8>,
    sm3: Vec<u8>,
    pub(super) size: i64,
    pub(super) media_type: String,
    pub(super) uploaded_by: String,
    pub(super) uploaded_at: i64,
    pub(super) received_at: i64,
    entry: Vec<u8>,
    leaf_index: Option<i64>,
    anchored_at: Option<i64>,
    submitted: i64,
}

impl DocumentRow {
    pub(super) fn digests(&self) -> Result<Digests> {
        Ok(Digests { sha256: filing::bytes32(&self.sha256)?, sm3: filing::bytes32(&self.sm3)? })
    }
}

/// One version in the chain that leads to the object.
#[derive(sqlx::FromRow)]
pub(super) struct ChainRow {
    pub(super) number: i64,
    pub(super) sha256: Vec<u8>,
    pub(super) at: i64,
    pub(super) leaf_index: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct AboutRow {
    filing_id: Uuid,
    firm_id: Uuid,
    decision: String,
    signer_name: String,
}

macro_rules! document_columns {
    () => {
        "SELECT d.filing_id, d.slot, v.file_name, v.sha256, b.sm3, b.size, b.media_type, COALESCE(p.name, '') AS uploaded_by,
            v.uploaded_at, v.received_at, x.entry, x.leaf_index, x.anchored_at,
            (SELECT COUNT(*) FROM filing_version_document s
                WHERE s.document_id = v.document_id AND s.document_number = v.number) AS submitted
        FROM document d JOIN document_version v ON v.document_id = d.id JOIN blob b ON b.sha256 = v.sha256
        JOIN outbox x ON x.seq = v.outbox_seq LEFT JOIN person p ON p.id = v.uploaded_by "
    };
}

statements! {
    DEPOSITOR = "SELECT name, credit_code, ledger_name, verified_at FROM organisation WHERE id = $1";
    SUBMITTED_BY = "SELECT COALESCE(p.name, '') FROM filing_version v LEFT JOIN person p ON p.id = v.submitted_by
        WHERE v.filing_id = $1 AND v.number = $2";
    VERSION_CHAIN = "SELECT v.number, v.manifest_sha256 AS sha256, v.submitted_at AS at, x.leaf_index
        FROM filing_version v JOIN outbox x ON x.seq = v.outbox_seq
        WHERE v.filing_id = $1 AND v.number <= $2 ORDER BY v.number";
    DOCUMENT_CHAIN = "SELECT v.number, v.sha256, v.uploaded_at AS at, x.leaf_index
        FROM document_version v JOIN outbox x ON x.seq = v.outbox_seq
        WHERE v.document_id = $1 AND v.number <= $2 ORDER BY v.number";
    DOCUMENT = concat!(document_columns!(), "WHERE d.id = $1 AND v.number = $2");
    OF_SLOT = concat!(document_columns!(), "WHERE d.filing_id = $1 AND d.slot = $2 ORDER BY v.outbox_seq");
    ABOUT = "SELECT a.filing_id, a.firm_id, a.decision, COALESCE(p.name, '') AS signer_name
        FROM attestation a LEFT JOIN person p ON p.id = a.signer_id WHERE a.id = $1";
    ATTESTATION = "SELECT o.name AS firm_name, a.slot, a.statement, a.public_key, a.authenticator_data, a.client_data,
            a.signature, a.rp_id, a.origin, a.signed_at, x.entry, x.leaf_index, x.anchored_at
        FROM attestation a JOIN organisation o ON o.id = a.firm_id JOIN outbox x ON x.seq = a.outbox_seq WHERE a.id = $1";
}
