//! Writing a document down, once its bytes are durable under their SHA-256: the version, what the firms said about the slot
//! before, and the journal's entry, all in the caller's transaction. An upload into a slot ends here, and so does a file
//! of the intake that has found its slot.

use domain::{
    access::action,
    file_name,
    id::{DocumentId, FilingId, OrgId},
    locale::Locale,
    media,
    rule_pack::Slot,
};
use ledger::{Digests, EntryKind};
use time::OffsetDateTime;

use super::{Addition, DocumentAdded, LIVE, LiveRow, storage, supersede};
use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Message, Result},
    filing::FilingRow,
    journal::{self, Record},
    sql::statements,
};

/// A file that is all here, hashed and found good.
#[derive(Debug)]
pub(crate) struct Arrived<'a> {
    pub(crate) slot: &'a Slot,
    pub(crate) name: &'a file_name::Normalised,
    pub(crate) replaces: Option<DocumentId>,
    pub(crate) size: u64,
    pub(crate) digests: &'a Digests,
    pub(crate) kind: media::Kind,
    pub(crate) received_at: OffsetDateTime,
}

impl Arrived<'_> {
    /// The limits of its slot and of the filing, as they are asked before and while the filing is held.
    pub(super) fn addition(&self, cx: &Cx) -> Addition<'_> {
        Addition {
            slot: self.slot,
            size: self.size,
            sha256: &self.digests.sha256,
            replaces: self.replaces,
            quota: cx.settings.filing_quota_bytes,
        }
    }

    /// Writes it into its slot. `row` is held by [`crate::filing::lock`]; the caller commits.
    ///
    /// # Errors
    /// Denied outside the editable stages; rejected when the slot is full or has the same content.
    pub(crate) async fn keep(&self, cx: &Cx, tx: &mut Tx, row: &FilingRow) -> Result<DocumentAdded> {
        let (slot, now) = (self.slot.id.as_str(), cx.now());
        let permit = cx.permit::<action::EditFiling>(&row.facts()?)?;
        let live: Vec<LiveRow> = tx.all(LIVE, args![row.id]).await?;
        let addition = self.addition(cx);
        let replaced = addition.check(&live)?;
        storage::check(tx, cx, FilingId(row.id), &self.digests.sha256, self.size).await?;

        write_blob(tx, cx, self.digests, self.size, self.kind).await?;
        let (document, number) = match replaced {
            Some(old) => {
                tx.swap(NEXT, args![old.id, old.latest]).await?;
                (DocumentId(old.id), old.latest + 1)
            }
            None => {
                let id = DocumentId(cx.id());
                tx.run(INSERT, args![id, row.id, slot, now]).await?;
                (id, 1)
            }
        };
        let event = if number == 1 { "document_added" } else { "document_replaced" };
        let owner = OrgId(row.org_id);
        let mut record = Record::new(EntryKind::Document, event, "document", document.0, number, owner);
        record.digests.insert("sha-256".into(), self.digests.sha256_hex());
        record.digests.insert("sm3".into(), self.digests.sm3_hex());
        record.refs.insert("filing".into(), row.object());
        record.refs.insert("slot".into(), slot.to_owned());
        record.detail = serde_json::json!({ "slot": slot, "file_name": self.name.name, "number": number });
        let outbox_seq = journal::record(tx, cx, record).await?;
        tx.run(
            VERSION,
            args![
                document,
                number,
                self.name.name.as_str(),
                self.digests.sha256,
                permit.actor().user,
                now,
                self.received_at,
                outbox_seq
            ],
        )
        .await?;
        crate::fact::wait_for(tx, cx, document, number, slot).await?;
        let superseded = supersede(tx, FilingId(row.id), slot, now).await?;
        let mut notes: Vec<Message> = self
            .name
            .changes
            .iter()
            .map(|change| Message::Said(change.message(Locale::Zh).into(), change.message(Locale::En).into()))
            .collect();
        if let Some(other) = addition.elsewhere(&live).and_then(|other| row.pack(cx).ok()?.slot(other)) {
            notes.push(Message::Said(
                format!("“{}”中已有内容相同的文件，请确认没有放错位置。", other.name.zh),
                format!(
                    "“{}” has a file with the same content: check that it is in the right place.",
                    other.name.en
                ),
            ));
        }
        Ok(DocumentAdded {
            document,
            number,
            slot: slot.to_owned(),
            file_name: self.name.name.clone(),
            kind: self.kind,
            size: self.size,
            digests: *self.digests,
            outbox_seq,
            notes,
            superseded,
        })
    }
}

/// Names a content that is durable in the object store.
pub(crate) async fn write_blob(
    tx: &mut Tx,
    cx: &Cx,
    digests: &Digests,
    size: u64,
    kind: media::Kind,
) -> Result<()> {
    let size = i64::try_from(size).map_err(crate::Error::internal)?;
    tx.run(BLOB, args![digests.sha256, digests.sm3, size, kind.media_type(), cx.now()]).await?;
    Ok(())
}

statements! {
    BLOB = "INSERT INTO blob (sha256, sm3, size, media_type, created_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (sha256) DO NOTHING";
    INSERT = "INSERT INTO document (id, filing_id, slot, latest, created_at) VALUES ($1, $2, $3, 1, $4)";
    NEXT = "UPDATE document SET latest = latest + 1 WHERE id = $1 AND latest = $2 AND removed_at IS NULL";
    VERSION = "INSERT INTO document_version (document_id, number, file_name, sha256, uploaded_by, uploaded_at,
            received_at, outbox_seq)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
}
