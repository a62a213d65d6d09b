//! How much of the store one filing may take up with everything that it ever held: every version of every document, the
//! removed ones too, since nothing is deleted. The quota of [`super::Addition`] counts what is in the filing now, so that
//! replacing a file is free there; here it is not, or replacing would fill the disk. Uploads ask twice: before the bytes
//! are kept, and again while the filing is held.

use domain::{id::FilingId, media};

use super::rejected;
use crate::{
    args,
    cx::Cx,
    db::{Arg, Tx},
    error::Result,
    sql::statements,
};

/// What a filing has stored. One content counts once, however often it stands in the filing.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
struct StoredRow {
    bytes: i64,
    /// How many versions have the content that is to be added.
    same: i64,
}

/// Asks before the transaction; `sha256` is empty while it is not known.
pub(crate) async fn check_early(cx: &Cx, filing: FilingId, sha256: &[u8], size: u64) -> Result<()> {
    judge(cx, cx.db.read().one(STORED, bound(filing, sha256)).await?, size)
}

/// Asks while the filing is held.
pub(crate) async fn check(tx: &mut Tx, cx: &Cx, filing: FilingId, sha256: &[u8], size: u64) -> Result<()> {
    judge(cx, tx.one(STORED, bound(filing, sha256)).await?, size)
}

fn bound(filing: FilingId, sha256: &[u8]) -> Vec<Arg> {
    args![filing, sha256]
}

fn judge(cx: &Cx, stored: StoredRow, size: u64) -> Result<()> {
    let limit = cx.settings.filing_storage_bytes;
    let used = u64::try_from(stored.bytes).unwrap_or_default();
    if stored.same > 0 || used.saturating_add(size) <= limit {
        return Ok(());
    }
    let (limit, used) = (media::size_label(limit), media::size_label(used));
    Err(rejected(
        format!(
            "本次申报历次上传的文件（含已替换、已移除的版本）累计上限为 {limit}，已占用 {used}，放不下此文件。请压缩后再上传，或联系交易中心调整上限。"
        ),
        format!(
            "All files ever uploaded to this filing, replaced and removed ones included, may have {limit}; {used} are taken, and this file does not fit. Compress it, or ask the exchange for more room."
        ),
    ))
}

statements! {
    STORED = "SELECT CAST(COALESCE(SUM(c.size), 0) AS BIGINT) AS bytes,
            CAST(COALESCE(SUM(CASE WHEN c.sha256 = $2 THEN 1 ELSE 0 END), 0) AS BIGINT) AS same
        FROM (SELECT DISTINCT b.sha256, b.size FROM document d
            JOIN document_version v ON v.document_id = d.id JOIN blob b ON b.sha256 = v.sha256
            WHERE d.filing_id = $1) AS c";
}
