//! Receiving a file: streamed to the spool while it is hashed (SHA-256 and SM3) and inspected in the same pass, then
//! synced, moved to its content address, and written down in one transaction. An upload that is dropped half way
//! leaves nothing behind. Memory per upload is bounded whatever the file's size.

use std::{
    fs::File,
    io::{self, Write as _},
    path::PathBuf,
};

use domain::{
    access::action,
    file_name,
    id::{DocumentId, FilingId},
    media::{self, Inspector},
    rule_pack::Slot,
};
use ledger::{Digester, Digests};
use time::OffsetDateTime;
use tokio::task::{JoinHandle, spawn_blocking};

use super::{Addition, LIVE, LiveRow, keep::Arrived, problem, rejected, storage, unknown_slot};
use crate::{
    args,
    cx::Cx,
    error::{Error, Message, Result},
    filing,
    objects::Objects,
    stopwatch,
};

/// Bytes hashed and written at a time: large enough that a task switch costs nothing beside the hashing.
const BLOCK: usize = 1 << 20;

/// What is to be uploaded.
#[derive(Clone, Debug)]
pub struct NewUpload {
    pub filing: FilingId,
    /// Id of the slot in the filing's rule pack.
    pub slot: String,
    /// As the browser sent it; made safe here.
    pub file_name: String,
    /// A new version of this document instead of a new document.
    pub replaces: Option<DocumentId>,
    /// `Content-Length`, when the request has one: fewer bytes are a broken upload.
    pub declared_length: Option<u64>,
    /// When the request's first byte arrived.
    pub received_at: OffsetDateTime,
}

/// A document that was stored.
#[derive(Clone, Debug)]
pub struct DocumentAdded {
    pub document: DocumentId,
    /// Version number, from 1.
    pub number: i64,
    pub slot: String,
    /// As stored.
    pub file_name: String,
    pub kind: media::Kind,
    pub size: u64,
    pub digests: Digests,
    pub outbox_seq: i64,
    /// What was changed about the name, and whether another slot has the same content.
    pub notes: Vec<Message>,
    /// So many attestations of this slot no longer count.
    pub superseded: u64,
}

/// An upload in progress. Dropping it removes what was received.
#[derive(Debug)]
pub struct Upload {
    cx: Cx,
    new: NewUpload,
    name: file_name::Normalised,
    slot: Slot,
    received: u64,
    buffer: Vec<u8>,
    work: Work,
    // Last, so that the file is closed before it is removed.
    spooled: Spooled,
}

/// Where the hashing side is: at rest with its two parts, or busy with the last block.
#[derive(Debug)]
enum Work {
    Rest(Box<Sink>, Vec<u8>),
    Busy(JoinHandle<Result<(Box<Sink>, Vec<u8>)>>),
    Broken,
}

struct Sink {
    file: File,
    digester: Digester,
    inspector: Inspector,
}

impl std::fmt::Debug for Sink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sink").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Sink {
    fn take(&mut self, bytes: &[u8]) -> Result<()> {
        self.inspector.update(bytes).map_err(|p| problem(&p))?;
        self.digester.update(bytes);
        self.file.write_all(bytes)?;
        Ok(())
    }

    fn finish(self) -> Result<(Digests, media::Kind)> {
        let kind = self.inspector.finish().map_err(|p| problem(&p))?;
        self.file.sync_all()?;
        Ok((self.digester.finish(), kind))
    }
}

#[derive(Debug)]
struct Spooled(PathBuf);

impl Drop for Spooled {
    fn drop(&mut self) {
        // Gone already when the upload succeeded; anything else is swept at the next start.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Upload {
    /// Checks what can be known before the first byte: authority, the slot, the name's type, the number of files,
    /// the limits. Three queries.
    ///
    /// # Errors
    /// [`Error::Rejected`] with a message in both languages; not found or denied as the permission table says.
    pub async fn begin(cx: &Cx, new: NewUpload) -> Result<Self> {
        cx.pressure()?;
        let reader = cx.db.read();
        let row = filing::find(reader, cx, new.filing).await?;
        cx.permit::<action::EditFiling>(&row.facts()?)?;
        let slot = row.pack(cx)?.slot(&new.slot).ok_or_else(unknown_slot)?.clone();
        let name = file_name::normalise(&new.file_name);
        let kind = media::declared(&name.name, &slot.formats).map_err(|p| problem(&p))?;
        if new.declared_length.is_some_and(|length| length > slot.max_bytes) {
            return Err(problem(&media::Problem::TooLarge { max_bytes: slot.max_bytes }));
        }
        let quota = cx.settings.filing_quota_bytes;
        let live: Vec<LiveRow> = reader.all(LIVE, args![new.filing]).await?;
        let size = new.declared_length.unwrap_or_default();
        Addition { slot: &slot, size, sha256: &[], replaces: new.replaces, quota }.check(&live)?;
        storage::check_early(cx, new.filing, &[], size).await?;

        let spooled = Spooled(cx.objects.spool_path(cx.random.id(cx.now())));
        let path = spooled.0.clone();
        let file = spawn_blocking(move || File::create_new(path)).await.map_err(Error::internal)??;
        let inspector = Inspector::new(kind, slot.max_bytes);
        let sink = Box::new(Sink { file, digester: Digester::new(), inspector });
        Ok(Self {
            cx: cx.clone(),
            new,
            name,
            slot,
            received: 0,
            buffer: Vec::new(),
            work: Work::Rest(sink, Vec::new()),
            spooled,
        })
    }

    /// Most bytes that this upload may have.
    #[must_use]
    pub fn max_bytes(&self) -> u64 {
        self.slot.max_bytes
    }

    /// Takes the next bytes. Hashing and writing run beside the receiving of the next block.
    ///
    /// # Errors
    /// [`Error::Rejected`] as soon as the limit is passed.
    pub async fn write(&mut self, chunk: &[u8]) -> Result<()> {
        self.received += chunk.len() as u64;
        if self.received > self.slot.max_bytes {
            return Err(problem(&media::Problem::TooLarge { max_bytes: self.slot.max_bytes }));
        }
        self.buffer.extend_from_slice(chunk);
        if self.buffer.len() >= BLOCK {
            let (mut sink, spare) = self.rested().await?;
            let mut block = std::mem::replace(&mut self.buffer, spare);
            self.work = Work::Busy(spawn_blocking(move || {
                sink.take(&block)?;
                block.clear();
                Ok((sink, block))
            }));
        }
        Ok(())
    }

    async fn rested(&mut self) -> Result<(Box<Sink>, Vec<u8>)> {
        match std::mem::replace(&mut self.work, Work::Broken) {
            Work::Rest(sink, spare) => Ok((sink, spare)),
            Work::Busy(task) => task.await.map_err(Error::internal)?,
            Work::Broken => Err(Error::internal(io::Error::other("the upload failed before"))),
        }
    }

    /// The verdict, and if it is good the stored document.
    ///
    /// # Errors
    /// [`Error::Rejected`] for an empty, broken, encrypted, active or duplicate file, or one that exceeds the
    /// filing's quota: nothing is stored then.
    pub async fn finish(mut self) -> Result<DocumentAdded> {
        if let Some(declared) = self.new.declared_length.filter(|declared| *declared != self.received) {
            let (should, has) = (media::size_label(declared), media::size_label(self.received));
            return Err(rejected(
                format!("上传中断：文件应有 {should}，只收到 {has}。请重新上传。"),
                format!("The upload broke off: {should} announced, {has} received. Upload the file again."),
            ));
        }
        let (mut sink, _) = self.rested().await?;
        let block = std::mem::take(&mut self.buffer);
        let (digests, kind) = spawn_blocking(move || {
            sink.take(&block)?;
            sink.finish()
        })
        .await
        .map_err(Error::internal)??;

        let live: Vec<LiveRow> = self.cx.db.read().all(LIVE, args![self.new.filing]).await?;
        self.arrived(&digests, kind).addition(&self.cx).check(&live)?;
        storage::check_early(&self.cx, self.new.filing, &digests.sha256, self.received).await?;
        // Before the transaction: a row never names bytes that are not durable. A crash in between leaves an
        // orphan, which fsck reports.
        self.cx.objects.adopt(&self.spooled.0, &Objects::blob_key(&digests.sha256)).await?;
        self.keep(digests, kind).await
    }

    fn arrived<'a>(&'a self, digests: &'a Digests, kind: media::Kind) -> Arrived<'a> {
        Arrived {
            slot: &self.slot,
            name: &self.name,
            replaces: self.new.replaces,
            size: self.received,
            digests,
            kind,
            received_at: self.new.received_at,
        }
    }

    async fn keep(self, digests: Digests, kind: media::Kind) -> Result<DocumentAdded> {
        let cx = &self.cx;
        let mut tx = cx.db.begin().await?;
        let row = filing::lock(&mut tx, cx, self.new.filing).await?;
        let added = self.arrived(&digests, kind).keep(cx, &mut tx, &row).await?;
        stopwatch::machine(&mut tx, cx, self.new.filing, self.new.received_at).await?;
        cx.commit(tx).await?;
        cx.intake_bell.notify_one();
        metrics::counter!("guxin_documents_stored_total").increment(1);
        Ok(added)
    }
}
