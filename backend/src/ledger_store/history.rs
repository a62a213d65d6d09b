//! The checkpoints that were ever released, each with the cosignatures it carries: whoever kept one from earlier finds it here, and
//! any two can be compared.

use std::collections::BTreeMap;

use ledger::checkpoint::Checkpoint;

use crate::{
    args,
    cx::Cx,
    error::{Error, Result},
    sql::statements,
    witness::finality::{Finality, Judge},
};

/// A released checkpoint.
#[derive(Clone, Debug)]
pub struct Released {
    pub checkpoint: Checkpoint,
    /// The signed text with the lines of active witnesses.
    pub note: String,
    /// Microseconds since the epoch.
    pub published_at: i64,
    pub finality: Finality,
}

/// Released checkpoints below a size, newest first; without a size from the newest on. Four statements.
///
/// # Errors
/// The database's; [`Error::Internal`] when what is stored is no checkpoint of this log.
pub async fn history(cx: &Cx, below: Option<u64>, limit: u32) -> Result<Vec<Released>> {
    let below = below.and_then(|size| i64::try_from(size).ok()).unwrap_or(i64::MAX);
    let rows: Vec<Row> = cx.db.read().all(HISTORY, args![below, limit]).await?;
    let (Some(newest), Some(oldest)) = (rows.first(), rows.last()) else { return Ok(Vec::new()) };
    let lines: Vec<(i64, String)> = cx.db.read().all(LINES, args![oldest.size, newest.size]).await?;
    let mut by_size: BTreeMap<i64, String> = BTreeMap::new();
    for (size, line) in lines {
        let text = by_size.entry(size).or_default();
        text.push_str(&line);
        text.push('\n');
    }
    let judge = Judge::now(cx).await?;
    rows.into_iter()
        .map(|row| {
            let note = row.note + by_size.get(&row.size).map_or("", String::as_str);
            let opened = cx.ledger.keys().open(&note, &[]).map_err(Error::internal)?;
            let finality = judge.judge(cx, &note)?;
            Ok(Released { checkpoint: opened.checkpoint, note, published_at: row.published_at, finality })
        })
        .collect()
}

/// The released checkpoint of exactly this size.
///
/// # Errors
/// [`Error::NotFound`] when none of this size was released; else as [`history`].
pub async fn released(cx: &Cx, size: u64) -> Result<Released> {
    let found = history(cx, size.checked_add(1), 1).await?.pop();
    found.filter(|released| released.checkpoint.size == size).ok_or(Error::NotFound)
}

/// How many were released. One statement.
///
/// # Errors
/// The database's.
pub async fn count(cx: &Cx) -> Result<i64> {
    let (count,): (i64,) = cx.db.read().one(COUNT, args![]).await?;
    Ok(count)
}

#[derive(sqlx::FromRow)]
struct Row {
    size: i64,
    note: String,
    published_at: i64,
}

statements! {
    HISTORY = "SELECT size, note, published_at FROM ledger_checkpoint WHERE size < $1 ORDER BY size DESC LIMIT $2";
    LINES = "SELECT s.size, s.line FROM cosignature s JOIN witness w ON w.id = s.witness_id
        WHERE w.ended_at IS NULL AND s.size BETWEEN $1 AND $2 ORDER BY s.size, w.added_at, w.id";
    COUNT = "SELECT COUNT(*) FROM ledger_checkpoint";
}
