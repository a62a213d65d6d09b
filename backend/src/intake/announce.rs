//! Announcing what is to be handed in: path, size and SHA-256 of each file, before any byte is sent. The answer says which
//! bytes are still wanted and from where on, so that a folder dropped a second time goes on where the first time broke off.

use std::collections::BTreeMap;

use domain::{
    access::action,
    classify::{Aside, plainness},
    file_name,
    finding::Held,
    id::{FilingId, IntakeId},
    intake::{self, MAX_FILES, State},
    locale::Locale,
    media::{self, Kind},
    rule_pack::RulePack,
    text::Text,
};
use time::OffsetDateTime;

use super::{FileRow, LIST, Verdict, litter, text};
use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Error, Message, Result},
    filing,
    sql::statements,
};

/// Most bytes of one archive; what it holds is counted against the filing's quota as everything else.
const MAX_ARCHIVE: u64 = 512 << 20;

/// One file that somebody wants to hand in.
#[derive(Clone, Debug)]
pub struct Announced {
    /// Relative to the folder that was dropped.
    pub path: String,
    /// Bytes.
    pub size: u64,
    pub sha256: [u8; 32],
}

/// What is to be done with an announced file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Send its bytes from `offset` on.
    Send { file: IntakeId, offset: u64 },
    /// Its content is here already; send nothing.
    Known { said: Text },
    /// Left behind by an operating system; not wanted.
    Litter,
    /// Cannot be taken, and why.
    Refused { said: Text },
}

/// Takes note of files to come; answers in the order given.
///
/// # Errors
/// Denied outside the editable stages; busy while too much waits for the ledger.
pub async fn announce(
    cx: &Cx,
    filing: FilingId,
    files: &[Announced],
    received_at: OffsetDateTime,
) -> Result<Vec<Reply>> {
    cx.pressure()?;
    let mut tx = cx.db.begin().await?;
    // Held, so that two tabs that announce the same folder get the same answers.
    let row = filing::lock(&mut tx, cx, filing).await?;
    cx.permit::<action::EditFiling>(&row.facts()?)?;
    let pack = row.pack(cx)?;
    let known: Vec<FileRow> = tx.all(LIST, args![filing]).await?;
    let documents: Vec<(Vec<u8>, String)> = tx.all(DOCUMENTS, args![filing]).await?;
    let (used,): (i64,) = tx.one(USED, args![filing]).await?;
    let mut desk = Desk {
        cx,
        filing,
        pack,
        received_at,
        documents: documents.into_iter().collect(),
        count: known.iter().filter(|row| counts(row)).count(),
        known,
        used: u64::try_from(used).unwrap_or_default(),
        litter: Vec::new(),
    };
    // Of equal files the one with the plainest name is wanted, whichever comes first.
    let mut order: Vec<(usize, &Announced)> = files.iter().enumerate().collect();
    order.sort_by_key(|(_, file)| plainness(&file.path));
    let mut replies = Vec::with_capacity(files.len());
    for (at, file) in order {
        replies.push((at, desk.reply(&mut tx, file).await?));
    }
    litter::note(&mut tx, cx, pack, filing, &desk.litter, None, received_at).await?;
    tx.commit().await?;
    replies.sort_by_key(|(at, _)| *at);
    Ok(replies.into_iter().map(|(_, reply)| reply).collect())
}

/// Whether a row takes up one of the places for files: what a system left behind and archives that were opened do not.
fn counts(row: &FileRow) -> bool {
    row.state != State::Unpacked.name() && !intake::is_litter(&row.path)
}

/// What one announcement is answered from.
struct Desk<'a> {
    cx: &'a Cx,
    filing: FilingId,
    pack: &'a RulePack,
    received_at: OffsetDateTime,
    /// Digest of each document in a slot, and its slot.
    documents: BTreeMap<Vec<u8>, String>,
    known: Vec<FileRow>,
    count: usize,
    used: u64,
    /// Not wanted; remembered when everything is answered.
    litter: Vec<(String, u64)>,
}

impl Desk<'_> {
    async fn reply(&mut self, tx: &mut Tx, file: &Announced) -> Result<Reply> {
        let Some(path) = intake::path(&file.path) else {
            return Ok(refused(text(
                "文件夹路径不合规范（过深、过长或含有“..”），未收。请缩短路径后重试。",
                "The folder's path cannot be taken (too deep, too long, or it climbs out of its folder). Shorten it and try again.",
            )));
        };
        if intake::is_litter(&path) {
            self.litter.push((path, file.size));
            return Ok(Reply::Litter);
        }
        if file.size == 0 {
            return self.empty(tx, &path).await;
        }
        if let Some(slot) = self.documents.get(file.sha256.as_slice()) {
            let slot = self.pack.slot(slot).map(|slot| slot.name.clone()).unwrap_or_default();
            let same = |row: &&FileRow| row.sha256.as_deref() == Some(file.sha256.as_slice());
            let copied = self.known.iter().find(same).map(|row| row.path.clone());
            if let Some(of) = copied.filter(|_| !self.known.iter().filter(same).any(|row| row.path == path)) {
                self.copy(tx, &path, file, &of).await?;
            }
            return Ok(Reply::Known {
                said: text(
                    format!("已在“{}”，内容相同，未重复上传。", slot.zh),
                    format!("Already in “{}” with the same content; not sent again.", slot.en),
                ),
            });
        }
        if let Some(reply) = self.again(tx, &path, file).await? {
            return Ok(reply);
        }
        let name = file_name::normalise(intake::name_of(&path));
        if let Err(said) = self.fits(&name.name, file.size) {
            return Ok(refused(said));
        }
        self.renew(tx, &path).await?;
        let id =
            self.note(tx, &path, file.size, Some(file.sha256), State::Expected, &Verdict::default()).await?;
        self.used = self.used.saturating_add(file.size);
        Ok(Reply::Send { file: id, offset: 0 })
    }

    /// Writes a row for a file.
    async fn note(
        &mut self,
        tx: &mut Tx,
        path: &str,
        size: u64,
        sha256: Option<[u8; 32]>,
        state: State,
        verdict: &Verdict,
    ) -> Result<IntakeId> {
        let id = IntakeId(self.cx.id());
        let name = file_name::normalise(intake::name_of(path)).name;
        let new = New { id, filing: self.filing, path, name: &name, size, sha256 };
        new.insert_with(tx, self.cx, state, self.received_at, None, verdict).await?;
        self.count += 1;
        self.known.push(tx.one(super::FIND, args![id]).await?);
        Ok(id)
    }

    /// A file without a byte has nothing to send, but it is remembered: its name says which document failed to be copied.
    async fn empty(&mut self, tx: &mut Tx, path: &str) -> Result<Reply> {
        let name = file_name::normalise(intake::name_of(path)).name;
        if let Err(problem) = most_bytes(self.pack, &name) {
            return Ok(refused(spoken(&problem)));
        }
        let said = spoken(&media::Problem::Empty);
        if self.count < MAX_FILES && !self.known.iter().any(|row| row.path == path && row.size == 0) {
            let verdict = Verdict {
                problem: Some(said.clone()),
                held: Some(Held::Problem { problem: media::Problem::Empty }),
                ..Verdict::default()
            };
            self.note(tx, path, 0, None, State::Held, &verdict).await?;
        }
        Ok(refused(said))
    }

    /// Remembers that a file is a copy of the one at `of`. Its bytes are not wanted, but whoever meant to hand in another
    /// document learns of it.
    async fn copy(&mut self, tx: &mut Tx, path: &str, file: &Announced, of: &str) -> Result<()> {
        if self.count >= MAX_FILES {
            return Ok(());
        }
        let verdict = Verdict {
            problem: Some(super::same_as(of)),
            held: Some(Held::Aside { aside: Aside::Duplicate { of: of.to_owned() } }),
            ..Verdict::default()
        };
        self.note(tx, path, file.size, Some(file.sha256), State::SetAside, &verdict).await?;
        Ok(())
    }

    /// What could not be taken under this path is replaced by what comes now.
    async fn renew(&mut self, tx: &mut Tx, path: &str) -> Result<()> {
        let verdict = Verdict {
            problem: Some(text(
                "已被重新交来的同名文件替换。",
                "Replaced by the file of the same name that was handed in again.",
            )),
            ..Verdict::default()
        };
        let refused = |row: &&FileRow| {
            row.path == path && [State::Held.name(), State::Failed.name()].contains(&row.state.as_str())
        };
        for row in self.known.iter().filter(refused) {
            tx.run(RENEWED, args![serde_json::to_string(&verdict)?, self.cx.now(), row.id]).await?;
        }
        Ok(())
    }

    /// The same content was announced before.
    async fn again(&mut self, tx: &mut Tx, path: &str, file: &Announced) -> Result<Option<Reply>> {
        let same = |row: &&FileRow| row.sha256.as_deref() == Some(file.sha256.as_slice());
        // The file itself before a copy of it elsewhere in the folder.
        let found = self
            .known
            .iter()
            .filter(same)
            .find(|row| row.path == path)
            .or_else(|| self.known.iter().find(same));
        let Some(row) = found else { return Ok(None) };
        let twin = row.path != path;
        let (state, of, id, kept) = (row.state()?, row.path.clone(), row.id, row.sm3.is_some());
        let (offset, by_hand) = (u64::try_from(row.received).unwrap_or_default(), row.verdict()?.by_hand);
        // A copy whose original never came is the original.
        let orphan = !kept && !by_hand && !self.known.iter().filter(same).any(|other| other.id != id);
        Ok(Some(match state {
            state if state.is_arriving() && !twin => Reply::Send { file: IntakeId(id), offset },
            State::SetAside if orphan && !twin => {
                tx.run(ANEW, args![self.cx.now(), id]).await?;
                Reply::Send { file: IntakeId(id), offset: 0 }
            }
            State::Failed if !twin => {
                tx.run(ANEW, args![self.cx.now(), id]).await?;
                Reply::Send { file: IntakeId(id), offset: 0 }
            }
            // Its document was taken out meanwhile: what is kept is sorted again.
            State::Placed if kept => {
                tx.run(AGAIN, args![self.cx.now(), id]).await?;
                self.cx.intake_bell.notify_one();
                known(
                    "内容已在平台，未重复上传；正在重新归类。",
                    "Its content is here already; it is being sorted again.",
                )
            }
            _ if twin => {
                self.copy(tx, path, file, &of).await?;
                known(
                    format!("与“{of}”内容相同，未重复上传。"),
                    format!("Same content as “{of}”; not sent again."),
                )
            }
            _ => known("已收到过，未重复上传。", "Received before; not sent again."),
        }))
    }

    /// Whether the instance takes one more file of this name and size.
    fn fits(&self, name: &str, size: u64) -> Result<(), Text> {
        if self.count >= MAX_FILES {
            return Err(text(
                format!("本次申报待处理的文件已达 {MAX_FILES} 个。请先处理已收到的文件。"),
                format!("{MAX_FILES} files of this filing wait already. Deal with those first."),
            ));
        }
        let most = most_bytes(self.pack, name).map_err(|problem| spoken(&problem))?;
        if size > most {
            return Err(spoken(&media::Problem::TooLarge { max_bytes: most }));
        }
        let quota = self.cx.settings.filing_quota_bytes;
        if self.used.saturating_add(size) > quota {
            return Err(super::words(&over_quota(quota)));
        }
        Ok(())
    }
}

/// Most bytes that any slot takes of a file with this name.
pub(super) fn largest(pack: &RulePack, name: &str) -> Result<u64, media::Problem> {
    let kind = media::declared(name, &Kind::ALL)?;
    let sizes = pack.slots.iter().filter(|slot| slot.formats.contains(&kind)).map(|slot| slot.max_bytes);
    Ok(sizes.max().unwrap_or_default())
}

/// The largest file that can be handed in under this name, archives included.
pub(super) fn most_bytes(pack: &RulePack, name: &str) -> Result<u64, media::Problem> {
    if intake::is_archive(name) { Ok(MAX_ARCHIVE) } else { largest(pack, name) }
}

/// The filing's documents would have more bytes than the instance keeps for one filing.
pub(super) fn over_quota(quota: u64) -> Message {
    let limit = media::size_label(quota);
    Message::Said(
        format!("本次申报的材料总量上限为 {limit}，加上此文件会超出。请压缩文件或移除不需要的材料。"),
        format!(
            "All documents of a filing may have {limit}; this file would exceed that. Compress it or remove documents that are not needed."
        ),
    )
}

pub(super) fn spoken(problem: &media::Problem) -> Text {
    text(problem.message(Locale::Zh), problem.message(Locale::En))
}

fn refused(said: Text) -> Reply {
    Reply::Refused { said }
}

fn known(zh: impl Into<String>, en: impl Into<String>) -> Reply {
    Reply::Known { said: text(zh, en) }
}

/// A row to be made.
pub(super) struct New<'a> {
    pub(super) id: IntakeId,
    pub(super) filing: FilingId,
    pub(super) path: &'a str,
    pub(super) name: &'a str,
    pub(super) size: u64,
    pub(super) sha256: Option<[u8; 32]>,
}

impl New<'_> {
    pub(super) async fn insert(&self, tx: &mut Tx, cx: &Cx, state: State, at: OffsetDateTime) -> Result<()> {
        self.insert_with(tx, cx, state, at, None, &Verdict::default()).await
    }

    pub(super) async fn insert_with(
        &self,
        tx: &mut Tx,
        cx: &Cx,
        state: State,
        at: OffsetDateTime,
        archive: Option<IntakeId>,
        verdict: &Verdict,
    ) -> Result<()> {
        let size = i64::try_from(self.size).map_err(Error::internal)?;
        let received = if state.is_arriving() { 0 } else { size };
        let sha256 = self.sha256.map(|digest| digest.to_vec());
        tx.run(
            INSERT,
            args![
                self.id,
                self.filing,
                self.path,
                self.name,
                size,
                received,
                sha256,
                state.name(),
                serde_json::to_string(verdict)?,
                archive,
                cx.actor()?.user,
                at,
                cx.now()
            ],
        )
        .await?;
        Ok(())
    }
}

statements! {
    INSERT = "INSERT INTO intake_file (id, filing_id, path, file_name, size, received, sha256, state, verdict, archive_id,
            handed_in_by, received_at, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)";
    DOCUMENTS = "SELECT v.sha256, d.slot FROM document d
        JOIN document_version v ON v.document_id = d.id AND v.number = d.latest
        WHERE d.filing_id = $1 AND d.removed_at IS NULL";
    /// Bytes of the documents in slots and of what waits beside them.
    pub(super) USED = "SELECT CAST(COALESCE((SELECT SUM(b.size) FROM document d
                JOIN document_version v ON v.document_id = d.id AND v.number = d.latest JOIN blob b ON b.sha256 = v.sha256
                WHERE d.filing_id = $1 AND d.removed_at IS NULL), 0)
            + COALESCE((SELECT SUM(i.size) FROM intake_file i
                WHERE i.filing_id = $1 AND i.state NOT IN ('placed', 'unpacked')
                    AND NOT (i.state = 'set_aside' AND i.sm3 IS NULL)), 0) AS BIGINT)";
    ANEW = "UPDATE intake_file SET state = 'expected', received = 0, verdict = '{}', updated_at = $1,
            version = version + 1 WHERE id = $2";
    AGAIN = "UPDATE intake_file SET state = 'received', slot = '', document_id = NULL, verdict = '{}', compared = 0,
            updated_at = $1, version = version + 1 WHERE id = $2";
    RENEWED = "UPDATE intake_file SET state = 'set_aside', verdict = $1, updated_at = $2, version = version + 1
        WHERE id = $3";
}
