//! What a filing consists of at one moment: field values, documents, attestations, engagements, either as the
//! enterprise has them now or as a version was submitted. Loaded with a fixed number of queries, and measured
//! against the rule pack. Used by the workspace, by submission and by attestation.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    actor::OrgKind,
    completeness::{self, Completeness, DocFact},
    id::{AttestationId, DocumentId, EngagementId, OrgId},
    media,
    rule_pack::{RulePack, SlotId},
};
use ledger::Digests;
use uuid::Uuid;

use super::{
    bytes32,
    field::{FIELDS, FieldRow},
    view::{AttestationView, DocumentView, EngagementView},
};
use crate::{
    args,
    db::{Reader, Tx},
    error::Result,
    sql::statements,
};

/// A document in one version.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct DocumentRow {
    pub(crate) id: Uuid,
    pub(crate) slot: String,
    pub(crate) number: i64,
    pub(crate) file_name: String,
    pub(crate) sha256: Vec<u8>,
    pub(crate) sm3: Vec<u8>,
    pub(crate) size: i64,
    pub(crate) media_type: String,
    pub(crate) uploaded_by: String,
    pub(crate) uploaded_at: i64,
    pub(crate) received_at: i64,
    pub(crate) removed_at: Option<i64>,
    pub(crate) leaf_index: Option<i64>,
}

impl DocumentRow {
    pub(crate) fn bytes(&self) -> u64 {
        u64::try_from(self.size).unwrap_or_default()
    }

    pub(crate) fn digests(&self) -> Result<Digests> {
        Ok(Digests { sha256: bytes32(&self.sha256)?, sm3: bytes32(&self.sm3)? })
    }

    pub(crate) fn view(&self) -> DocumentView {
        DocumentView {
            id: DocumentId(self.id),
            number: self.number,
            file_name: self.file_name.clone(),
            kind: media::Kind::from_media_type(&self.media_type),
            media_type: self.media_type.clone(),
            size: self.bytes(),
            sha256: hex::encode(&self.sha256),
            sm3: hex::encode(&self.sm3),
            uploaded_by: self.uploaded_by.clone(),
            uploaded_at: self.uploaded_at,
            received_at: self.received_at,
            removed_at: self.removed_at,
            leaf_index: self.leaf_index,
        }
    }
}

/// An attestation with its firm.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct AttestationRow {
    pub(crate) id: Uuid,
    pub(crate) slot: String,
    pub(crate) firm_id: Uuid,
    pub(crate) firm_name: String,
    pub(crate) firm_kind: String,
    pub(crate) signer_name: String,
    pub(crate) decision: String,
    pub(crate) reason: String,
    pub(crate) signed_at: i64,
    pub(crate) superseded_at: Option<i64>,
    pub(crate) leaf_index: Option<i64>,
}

impl AttestationRow {
    pub(crate) fn view(&self) -> AttestationView {
        AttestationView {
            id: AttestationId(self.id),
            slot: self.slot.clone(),
            firm: OrgId(self.firm_id),
            firm_name: self.firm_name.clone(),
            signer_name: self.signer_name.clone(),
            decision: self.decision.clone(),
            reason: self.reason.clone(),
            signed_at: self.signed_at,
            superseded_at: self.superseded_at,
            leaf_index: self.leaf_index,
        }
    }
}

/// One slot of one engagement; a row per slot.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct EngagementRow {
    pub(crate) id: Uuid,
    pub(crate) firm_id: Uuid,
    pub(crate) firm_name: String,
    pub(crate) firm_kind: String,
    pub(crate) status: String,
    pub(crate) slot: String,
    pub(crate) note: String,
    pub(crate) reason: String,
    pub(crate) invited_at: i64,
    pub(crate) answered_at: Option<i64>,
}

/// Rows of one engagement folded together, in their order.
pub(crate) fn engagements(rows: &[EngagementRow]) -> Vec<EngagementView> {
    let mut out: Vec<EngagementView> = Vec::new();
    for row in rows {
        if let Some(last) = out.last_mut().filter(|last| last.id.0 == row.id) {
            last.slots.push(row.slot.clone());
            continue;
        }
        out.push(EngagementView {
            id: EngagementId(row.id),
            firm: OrgId(row.firm_id),
            firm_name: row.firm_name.clone(),
            firm_kind: OrgKind::from_name(&row.firm_kind).unwrap_or(OrgKind::Sponsor),
            status: row.status.clone(),
            slots: vec![row.slot.clone()],
            note: row.note.clone(),
            reason: row.reason.clone(),
            invited_at: row.invited_at,
            answered_at: row.answered_at,
        });
    }
    out
}

/// A filing's content at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Content {
    pub(crate) fields: Vec<FieldRow>,
    /// Current documents, and in the live state the removed ones as well.
    pub(crate) documents: Vec<DocumentRow>,
    pub(crate) attestations: Vec<AttestationRow>,
}

impl Content {
    /// As the enterprise has it now.
    pub(crate) async fn live(reader: &Reader, filing: Uuid) -> Result<Self> {
        Ok(Self {
            fields: reader.all(FIELDS, args![filing]).await?,
            documents: reader.all(LIVE_DOCUMENTS, args![filing]).await?,
            attestations: reader.all(ATTESTATIONS, args![filing]).await?,
        })
    }

    /// The same inside the transaction that holds the filing.
    pub(crate) async fn locked(tx: &mut Tx, filing: Uuid) -> Result<Self> {
        Ok(Self {
            fields: tx.all(FIELDS, args![filing]).await?,
            documents: tx.all(LIVE_DOCUMENTS, args![filing]).await?,
            attestations: tx.all(ATTESTATIONS, args![filing]).await?,
        })
    }

    /// As a version was submitted; as many queries as [`Content::live`].
    pub(crate) async fn submitted(reader: &Reader, filing: Uuid, number: i64) -> Result<Self> {
        let (fields,): (String,) = reader.one(SUBMITTED_FIELDS, args![filing, number]).await?;
        let fields: BTreeMap<String, String> = serde_json::from_str(&fields)?;
        let fields = fields
            .into_iter()
            .map(|(field, value)| FieldRow {
                field,
                value,
                version: 0,
                updated_at: 0,
                updated_by_name: String::new(),
            })
            .collect();
        Ok(Self {
            fields,
            documents: reader.all(SUBMITTED_DOCUMENTS, args![filing, number]).await?,
            attestations: reader.all(SUBMITTED_ATTESTATIONS, args![filing, number]).await?,
        })
    }

    /// Field values by id.
    pub(crate) fn values(&self) -> BTreeMap<String, String> {
        self.fields.iter().map(|row| (row.field.clone(), row.value.clone())).collect()
    }

    /// Documents that are in the filing.
    pub(crate) fn present(&self) -> impl Iterator<Item = &DocumentRow> {
        self.documents.iter().filter(|document| document.removed_at.is_none())
    }

    /// Documents that are in a slot.
    pub(crate) fn in_slot<'c>(&'c self, slot: &'c str) -> impl Iterator<Item = &'c DocumentRow> {
        self.present().filter(move |document| document.slot == slot)
    }

    /// The attestations that count: of the right kind of firm, over the current documents, and nobody who may
    /// sign the slot declines.
    pub(crate) fn counting(&self, pack: &RulePack) -> Vec<&AttestationRow> {
        let mut counting = Vec::new();
        for slot in &pack.slots {
            let Some(kind) = slot.signs else { continue };
            let standing: Vec<&AttestationRow> = self
                .attestations
                .iter()
                .filter(|row| row.superseded_at.is_none() && row.slot == slot.id.as_str())
                .filter(|row| row.firm_kind == kind.name())
                .collect();
            if standing.iter().all(|row| row.decision == "attest") {
                counting.extend(standing);
            }
        }
        counting
    }

    /// What is missing.
    pub(crate) fn completeness(&self, pack: &RulePack) -> Completeness {
        let mut present: BTreeMap<SlotId, Vec<DocFact>> = BTreeMap::new();
        for document in self.present() {
            let (Some(slot), Some(kind)) =
                (SlotId::new(&document.slot), media::Kind::from_media_type(&document.media_type))
            else {
                continue;
            };
            let fact = DocFact { file_name: document.file_name.clone(), kind, bytes: document.bytes() };
            present.entry(slot).or_default().push(fact);
        }
        let attested: BTreeSet<SlotId> =
            self.counting(pack).iter().filter_map(|row| SlotId::new(&row.slot)).collect();
        completeness::check(pack, &self.values(), &present, &attested)
    }
}

macro_rules! document_columns {
    () => {
        "v.number, v.file_name, v.sha256, b.sm3, b.size, b.media_type, COALESCE(p.name, '') AS uploaded_by,
            v.uploaded_at, v.received_at, x.leaf_index
        FROM document d JOIN document_version v ON v.document_id = d.id "
    };
}
macro_rules! document_joins {
    () => {
        " JOIN blob b ON b.sha256 = v.sha256 LEFT JOIN person p ON p.id = v.uploaded_by
          JOIN outbox x ON x.seq = v.outbox_seq "
    };
}
macro_rules! attestation_columns {
    ($superseded:literal) => {
        concat!(
            "SELECT a.id, a.slot, a.firm_id, o.name AS firm_name, o.kind AS firm_kind,
            COALESCE(p.name, '') AS signer_name, a.decision, a.reason, a.signed_at, x.leaf_index, ",
            $superseded,
            " FROM attestation a JOIN organisation o ON o.id = a.firm_id LEFT JOIN person p ON p.id = a.signer_id
          JOIN outbox x ON x.seq = a.outbox_seq "
        )
    };
}

statements! {
    /// The newest version of each document of a filing, removed ones included.
    pub(crate) LIVE_DOCUMENTS = concat!("SELECT d.id, d.slot, d.removed_at, ", document_columns!(),
        "AND v.number = d.latest", document_joins!(), "WHERE d.filing_id = $1 ORDER BY d.created_at, d.id");
    SUBMITTED_DOCUMENTS = concat!("SELECT d.id, s.slot, CAST(NULL AS BIGINT) AS removed_at, ", document_columns!(),
        "JOIN filing_version_document s ON s.document_id = d.id AND s.document_number = v.number",
        document_joins!(), "WHERE s.filing_id = $1 AND s.number = $2 ORDER BY d.created_at, d.id");
    pub(crate) SUBMITTED_FIELDS = "SELECT fields FROM filing_version WHERE filing_id = $1 AND number = $2";
    ATTESTATIONS = concat!(attestation_columns!("a.superseded_at"),
        "WHERE a.filing_id = $1 ORDER BY a.outbox_seq DESC");
    /// They counted then, whatever was superseded since.
    SUBMITTED_ATTESTATIONS = concat!(attestation_columns!("CAST(NULL AS BIGINT) AS superseded_at"),
        "JOIN filing_version_attestation s ON s.attestation_id = a.id
        WHERE s.filing_id = $1 AND s.number = $2 ORDER BY a.outbox_seq DESC");
    /// Engagements with their slots, newest engagement first.
    pub(crate) ENGAGEMENTS = "SELECT e.id, e.firm_id, o.name AS firm_name, o.kind AS firm_kind, e.status, s.slot,
            e.note, e.reason, e.invited_at, e.answered_at
        FROM engagement e JOIN organisation o ON o.id = e.firm_id JOIN engagement_slot s ON s.engagement_id = e.id
        WHERE e.filing_id = $1 ORDER BY e.invited_at DESC, e.id DESC, s.slot";
}
