//! Freezing a filing into a numbered version: fields, documents and the attestations that count, with the manifest
//! whose digests the ledger entry carries. Submission and the reply to an inquiry both make a version; nothing
//! changes one afterwards.

use domain::{id::UserId, moment};
use ledger::{
    HashRef,
    manifest::{Document, Manifest, RulePack},
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{FilingRow, commitment, content::Content, view::VersionView};
use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Error, Result},
    journal::Record,
    sql::statements,
};

/// A version about to be written.
pub(crate) struct Frozen<'a> {
    pub(crate) filing: &'a FilingRow,
    pub(crate) content: &'a Content,
    /// Number of the version.
    pub(crate) number: i64,
    pub(crate) key: &'a str,
    pub(crate) received_at: OffsetDateTime,
    pub(crate) by: UserId,
}

impl Frozen<'_> {
    /// The manifest of this version.
    pub(crate) fn manifest(&self) -> Result<Manifest> {
        let documents = self
            .content
            .present()
            .map(|row| {
                let digests = row.digests()?;
                Ok(Document {
                    slot: row.slot.clone(),
                    name: row.file_name.clone(),
                    sha256: digests.sha256,
                    sm3: digests.sm3,
                    size: row.bytes(),
                    media_type: row.media_type.clone(),
                })
            })
            .collect::<Result<Vec<_>>>()?;
        let filing = self.filing;
        let rule_pack = RulePack {
            id: filing.pack_id.clone(),
            version: filing.pack_version.clone(),
            sha256: filing.pack_hash()?,
        };
        // Fields can be guessed: only a salted commitment leaves the database. A filing whose salt was erased is
        // closed to new versions.
        let fields = serde_json::to_string(&self.content.values())?;
        let fields_digest: HashRef = commitment(filing.org_salt.as_deref(), "fields", &fields)
            .ok_or_else(|| Error::internal(anyhow::anyhow!("organisation {} has no salt", filing.org_id)))?;
        let number = u64::try_from(self.number).unwrap_or_default();
        Manifest::new(&filing.object(), number, rule_pack, fields_digest, documents).map_err(Error::internal)
    }

    /// Completes the journal's record with what binds it to the manifest.
    pub(crate) fn bind(&self, record: &mut Record<'_>, manifest: &Manifest) -> Result<()> {
        let digests = manifest.digests().map_err(Error::internal)?;
        record.version = self.number;
        record.digests.insert("sha-256".into(), digests.sha256_hex());
        record.digests.insert("sm3".into(), digests.sm3_hex());
        record.rule_pack = Some(manifest.rule_pack.sha256);
        record.idempotency_key = format!("filing:{}:version:{}", self.filing.id, self.number);
        Ok(())
    }

    /// Writes the version, which documents it consists of and which attestations counted.
    pub(crate) async fn write(
        &self,
        tx: &mut Tx,
        cx: &Cx,
        manifest: &Manifest,
        outbox_seq: i64,
    ) -> Result<()> {
        let digests = manifest.digests().map_err(Error::internal)?;
        let (id, number) = (self.filing.id, self.number);
        tx.run(
            INSERT,
            args![
                id,
                number,
                self.key,
                manifest.to_text().map_err(Error::internal)?,
                digests.sha256,
                digests.sm3,
                serde_json::to_string(&self.content.values())?,
                self.received_at,
                self.by,
                cx.now(),
                outbox_seq
            ],
        )
        .await?;
        tx.run(DOCUMENTS, args![number, id]).await?;
        for attestation in self.content.counting(self.filing.pack(cx)?) {
            tx.run(ATTESTATION, args![id, number, attestation.id]).await?;
        }
        Ok(())
    }
}

impl FilingRow {
    /// Notes that a version was submitted.
    pub(crate) fn count_submission(&mut self, cx: &Cx) {
        let now = moment::to_micros(cx.now());
        self.submissions += 1;
        self.submitted_at = Some(now);
        self.first_submitted_at.get_or_insert(now);
    }
}

/// A submitted version.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct VersionRow {
    pub(crate) number: i64,
    pub(crate) manifest_sha256: Vec<u8>,
    pub(crate) manifest_sm3: Vec<u8>,
    pub(crate) documents: i64,
    pub(crate) received_at: i64,
    pub(crate) submitted_at: i64,
    pub(crate) submitted_by: String,
    pub(crate) leaf_index: Option<i64>,
    pub(crate) anchored_at: Option<i64>,
}

impl VersionRow {
    pub(crate) fn view(&self) -> VersionView {
        VersionView {
            number: self.number,
            manifest_sha256: hex::encode(&self.manifest_sha256),
            manifest_sm3: hex::encode(&self.manifest_sm3),
            documents: self.documents,
            received_at: self.received_at,
            submitted_at: self.submitted_at,
            submitted_by: self.submitted_by.clone(),
            leaf_index: self.leaf_index,
            anchored_at: self.anchored_at,
        }
    }
}

/// The version that a key made, or the newest one.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct MadeRow {
    pub(crate) filing_id: Uuid,
    pub(crate) number: i64,
    pub(crate) received_at: i64,
    pub(crate) submitted_at: i64,
    pub(crate) outbox_seq: i64,
}

statements! {
    INSERT = "INSERT INTO filing_version (filing_id, number, idempotency_key, manifest, manifest_sha256, manifest_sm3,
            fields, received_at, submitted_by, submitted_at, outbox_seq)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    DOCUMENTS = "INSERT INTO filing_version_document (filing_id, number, document_id, document_number, slot)
        SELECT d.filing_id, CAST($1 AS BIGINT), d.id, d.latest, d.slot FROM document d
        WHERE d.filing_id = $2 AND d.removed_at IS NULL";
    ATTESTATION = "INSERT INTO filing_version_attestation (filing_id, number, attestation_id) VALUES ($1, $2, $3)";
    /// The versions of a filing, oldest first.
    pub(crate) VERSIONS = "SELECT v.number, v.manifest_sha256, v.manifest_sm3, v.received_at, v.submitted_at,
            COALESCE(p.name, '') AS submitted_by, x.leaf_index, x.anchored_at,
            (SELECT COUNT(*) FROM filing_version_document d WHERE d.filing_id = v.filing_id AND d.number = v.number)
                AS documents
        FROM filing_version v LEFT JOIN person p ON p.id = v.submitted_by JOIN outbox x ON x.seq = v.outbox_seq
        WHERE v.filing_id = $1 ORDER BY v.number";
    pub(crate) BY_KEY = "SELECT filing_id, number, received_at, submitted_at, outbox_seq FROM filing_version
        WHERE idempotency_key = $1";
    pub(crate) BY_NUMBER = "SELECT filing_id, number, received_at, submitted_at, outbox_seq FROM filing_version
        WHERE filing_id = $1 AND number = $2";
}
