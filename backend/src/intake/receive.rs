//! Taking a file's bytes in pieces. What arrived is on the disk and in the database's row before it is acknowledged, and
//! bytes of a piece that broke off count too; the next piece names the offset that it begins at. The whole is compared
//! with the announced digest when it is complete (see [`super::arrival`]), so nothing is hashed here.

use std::io::SeekFrom;

use domain::{
    access::action,
    file_name,
    id::{FilingId, IntakeId},
    intake::{self, State},
    media,
};
use futures::{Stream, StreamExt};
use time::OffsetDateTime;
use tokio::{
    fs::{File, OpenOptions},
    io::{AsyncSeekExt, AsyncWriteExt},
};

use super::{
    FIND, FileRow,
    announce::{New, USED, most_bytes, over_quota},
};
use crate::{
    args,
    cx::Cx,
    document::{problem, rejected},
    error::{Error, Message, Result},
    filing,
    sql::statements,
    stopwatch,
};

/// Bytes that wait in memory before they are written.
const BUFFER: usize = 256 << 10;

/// Whether somebody may hand files in for a filing; asked before anything of a body is read.
///
/// # Errors
/// Not found for strangers; denied outside the editable stages.
pub async fn admit(cx: &Cx, filing: FilingId) -> Result<()> {
    let found = filing::find(cx.db.read(), cx, filing).await?;
    cx.permit::<action::EditFiling>(&found.facts()?)?;
    Ok(())
}

/// Whether a piece can be taken.
#[derive(Debug)]
pub enum Began {
    /// Write its bytes.
    Ready(Box<Receiving>),
    /// It begins elsewhere than the bytes that are here end; go on from this offset.
    At(u64),
    /// Nothing is missing any more.
    Complete,
}

/// A piece that is being taken.
#[derive(Debug)]
pub struct Receiving {
    cx: Cx,
    row: FileRow,
    file: File,
    at: u64,
    began: OffsetDateTime,
}

impl Receiving {
    /// Begins a piece at `offset`.
    ///
    /// # Errors
    /// Not found for strangers; denied outside the editable stages.
    pub async fn begin(cx: &Cx, filing: FilingId, file: IntakeId, offset: u64) -> Result<Began> {
        let reader = cx.db.read();
        let found = filing::find(reader, cx, filing).await?;
        cx.permit::<action::EditFiling>(&found.facts()?)?;
        let row: FileRow = reader.one(FIND, args![file]).await?;
        if row.filing_id != filing.0 {
            return Err(Error::NotFound);
        }
        if !row.state()?.is_arriving() {
            return Ok(Began::Complete);
        }
        let path = cx.objects.intake_path(row.id);
        let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(&path).await?;
        // Whichever is less: the file may be lost with its disk, the row's last update with a crash.
        let on_disk = file.metadata().await?.len();
        let here = on_disk.min(u64::try_from(row.received).unwrap_or_default());
        if offset != here {
            return Ok(Began::At(here));
        }
        file.set_len(here).await?;
        file.seek(SeekFrom::Start(here)).await?;
        file.set_max_buf_size(BUFFER);
        Ok(Began::Ready(Box::new(Self { cx: cx.clone(), row, file, at: here, began: cx.now() })))
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// Rejected when there are more than were announced.
    pub async fn write(&mut self, chunk: &[u8]) -> Result<()> {
        if self.at + chunk.len() as u64 > self.row.size() {
            return Err(rejected(
                "收到的内容比登记的长：文件在上传时被改动。请重新拖入。".into(),
                "More arrived than was announced: the file changed while it was sent. Drop it again.".into(),
            ));
        }
        self.file.write_all(chunk).await?;
        self.at += chunk.len() as u64;
        Ok(())
    }

    /// Keeps what arrived, whether the piece is whole or broke off; answers how many bytes are here, and whether they are all.
    ///
    /// # Errors
    /// A conflict when another tab was faster.
    pub async fn finish(mut self) -> Result<(u64, bool)> {
        self.file.flush().await?;
        self.file.sync_data().await?;
        let complete = self.at == self.row.size();
        let state = if complete { State::Received } else { State::Receiving };
        let at = i64::try_from(self.at).map_err(Error::internal)?;
        let mut tx = self.cx.db.begin().await?;
        tx.swap(PROGRESS, args![state.name(), at, self.cx.now(), self.row.id, self.row.version]).await?;
        stopwatch::machine(&mut tx, &self.cx, self.row.filing(), self.began).await?;
        tx.commit().await?;
        if complete {
            self.cx.intake_bell.notify_one();
        }
        Ok((self.at, complete))
    }
}

/// Takes a whole file at once, as a plain form sends it: nothing was announced, so nothing can be resumed.
///
/// # Errors
/// Rejected in words when it is too large, of no accepted kind, or broke off; nothing stays then.
pub async fn receive_whole<B, E>(
    cx: &Cx,
    filing: FilingId,
    name: &str,
    received_at: OffsetDateTime,
    mut bytes: impl Stream<Item = Result<B, E>> + Unpin,
) -> Result<()>
where
    B: AsRef<[u8]>,
{
    let found = filing::find(cx.db.read(), cx, filing).await?;
    cx.permit::<action::EditFiling>(&found.facts()?)?;
    let path = intake::path(name).unwrap_or_else(|| file_name::normalise(name).name);
    let name = file_name::normalise(intake::name_of(&path)).name;
    let most = most_bytes(found.pack(cx)?, &name).map_err(|p| problem(&p))?;
    let id = IntakeId(cx.id());
    let place = cx.objects.intake_path(id.0);
    let taken = async {
        let mut file = File::create_new(&place).await?;
        file.set_max_buf_size(BUFFER);
        let mut size = 0_u64;
        while let Some(chunk) = bytes.next().await {
            let chunk = chunk.map_err(|_| Error::Rejected(Message::key("upload_cut_off")))?;
            size += chunk.as_ref().len() as u64;
            if size > most {
                return Err(problem(&media::Problem::TooLarge { max_bytes: most }));
            }
            file.write_all(chunk.as_ref()).await?;
        }
        if size == 0 {
            return Err(problem(&media::Problem::Empty));
        }
        file.flush().await?;
        file.sync_data().await?;
        let mut tx = cx.db.begin().await?;
        let (used,): (i64,) = tx.one(USED, args![filing]).await?;
        let quota = cx.settings.filing_quota_bytes;
        if u64::try_from(used).unwrap_or_default().saturating_add(size) > quota {
            return Err(Error::Rejected(over_quota(quota)));
        }
        let new = New { id, filing, path: &path, name: &name, size, sha256: None };
        new.insert(&mut tx, cx, State::Received, received_at).await?;
        stopwatch::act(&mut tx, cx, filing).await?;
        stopwatch::machine(&mut tx, cx, filing, received_at).await?;
        tx.commit().await
    }
    .await;
    if taken.is_err() {
        let _ = tokio::fs::remove_file(&place).await;
    } else {
        cx.intake_bell.notify_one();
    }
    taken
}

statements! {
    PROGRESS = "UPDATE intake_file SET state = $1, received = $2, updated_at = $3, version = version + 1
        WHERE id = $4 AND version = $5";
}
