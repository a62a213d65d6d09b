//! Documents in the slots of a filing. Bytes live in the object store under their SHA-256, versions and names in the
//! database; a version is never overwritten, a removed document is kept and can be put back. Uploads stream
//! ([`Upload`]), downloads are hashed again on their way out ([`download()`]).

use domain::{
    access::action,
    id::{DocumentId, FilingId},
    locale::Locale,
    media,
    rule_pack::Slot,
};
use uuid::Uuid;

use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Error, Message, Result},
    filing,
    sql::statements,
};

pub(crate) mod change;
pub(crate) mod download;
pub(crate) mod keep;
pub(crate) mod relocate;
pub(crate) mod storage;
pub(crate) mod upload;
pub(crate) mod versions;

pub use change::{remove, restore};
pub use download::{Download, disposition, download};
pub use upload::{DocumentAdded, NewUpload, Upload};
pub use versions::{DocumentVersionView, DocumentVersions, versions};

/// Whether the actor may add to this slot: asked before anything of an upload is read. Two queries.
///
/// # Errors
/// Not found or denied as the permission table says; [`Error::Rejected`] when there is no such slot.
pub async fn admit(cx: &Cx, filing: FilingId, slot: &str) -> Result<()> {
    let row = filing::find(cx.db.read(), cx, filing).await?;
    cx.permit::<action::EditFiling>(&row.facts()?)?;
    row.pack(cx)?.slot(slot).ok_or_else(unknown_slot)?;
    Ok(())
}

/// A document that is in the filing, as far as limits need it.
#[derive(Clone, Debug, sqlx::FromRow)]
struct LiveRow {
    id: Uuid,
    slot: String,
    latest: i64,
    sha256: Vec<u8>,
    size: i64,
}

/// One more file for a slot: what is checked before its bytes are kept, and again while the filing is held.
struct Addition<'a> {
    slot: &'a Slot,
    size: u64,
    sha256: &'a [u8],
    replaces: Option<DocumentId>,
    /// Most bytes of all documents of the filing.
    quota: u64,
}

impl Addition<'_> {
    /// Refuses what does not fit beside `live`; answers the document that is replaced.
    fn check<'l>(&self, live: &'l [LiveRow]) -> Result<Option<&'l LiveRow>> {
        let slot = self.slot.id.as_str();
        let replaced = match self.replaces {
            Some(id) => {
                Some(live.iter().find(|row| row.id == id.0 && row.slot == slot).ok_or(Error::NotFound)?)
            }
            None => None,
        };
        let in_slot = live.iter().filter(|row| row.slot == slot);
        if in_slot.clone().any(|row| row.sha256 == self.sha256) {
            return Err(rejected(
                format!("“{}”中已有内容完全相同的文件，未重复保存。", self.slot.name.zh),
                format!(
                    "“{}” already has a file with exactly this content; nothing was stored.",
                    self.slot.name.en
                ),
            ));
        }
        if replaced.is_none() && in_slot.count() >= usize::from(self.slot.max_files) {
            return Err(too_many(self.slot));
        }
        let others = live.iter().filter(|row| replaced.is_none_or(|replaced| replaced.id != row.id));
        let used: u64 = others.map(|row| u64::try_from(row.size).unwrap_or_default()).sum();
        if used.saturating_add(self.size) > self.quota {
            let limit = media::size_label(self.quota);
            return Err(rejected(
                format!("本次申报的材料总量上限为 {limit}，加上此文件会超出。请压缩文件或移除不需要的材料。"),
                format!(
                    "All documents of a filing may have {limit}; this file would exceed that. Compress it or remove documents that are not needed."
                ),
            ));
        }
        Ok(replaced)
    }

    /// The other slot that has the same content already, if any.
    fn elsewhere<'l>(&self, live: &'l [LiveRow]) -> Option<&'l str> {
        live.iter()
            .find(|row| row.slot != self.slot.id.as_str() && row.sha256 == self.sha256)
            .map(|row| row.slot.as_str())
    }
}

fn too_many(slot: &Slot) -> Error {
    let max = slot.max_files;
    rejected(
        format!("“{}”最多 {max} 个文件。请先移除或替换已有的文件。", slot.name.zh),
        format!("“{}” takes at most {max} files. Remove or replace one first.", slot.name.en),
    )
}

/// Something that the person at the browser can mend.
pub(crate) fn rejected(zh: String, en: String) -> Error {
    Error::Rejected(Message::Said(zh, en))
}

/// A finding of [`domain::media`] in both languages.
pub(crate) fn problem(problem: &media::Problem) -> Error {
    rejected(problem.message(Locale::Zh), problem.message(Locale::En))
}

pub(crate) fn unknown_slot() -> Error {
    rejected(
        "本规则包没有这个材料槽位。请刷新页面后重试。".into(),
        "This rule pack has no such slot. Reload the page and try again.".into(),
    )
}

/// The documents of a slot changed: what the firms said about them no longer counts.
async fn supersede(tx: &mut Tx, filing: FilingId, slot: &str, now: time::OffsetDateTime) -> Result<u64> {
    tx.run(SUPERSEDE, args![now, filing, slot]).await
}

statements! {
    LIVE = "SELECT d.id, d.slot, d.latest, v.sha256, b.size FROM document d
        JOIN document_version v ON v.document_id = d.id AND v.number = d.latest JOIN blob b ON b.sha256 = v.sha256
        WHERE d.filing_id = $1 AND d.removed_at IS NULL";
    SUPERSEDE = "UPDATE attestation SET superseded_at = $1
        WHERE filing_id = $2 AND slot = $3 AND superseded_at IS NULL";
}
