//! The outbox by itself: rows that wait, rows with impossible marks, the chain of each object's events,
//! and the line that each has in the private timeline.

use ledger::{Entry, merkle::leaf_hash};
use uuid::Uuid;

use super::{Check, Run};
use crate::{
    args,
    cx::Cx,
    error::{Error, Result},
    sql::statements,
};

/// Rows that are read at a time.
const PAGE: i64 = 500;

#[derive(sqlx::FromRow)]
struct Row {
    seq: i64,
    object: String,
    entry: Vec<u8>,
    leaf_hash: Vec<u8>,
    leaf_index: Option<i64>,
    anchored_at: Option<i64>,
    previous: Option<Vec<u8>>,
    kind: String,
    event: Option<String>,
    subject_kind: Option<String>,
    subject_id: Option<Uuid>,
}

/// Checks [`Check::History`] and the rest of [`Check::Outbox`]: what is not within the released `size`.
pub(super) async fn check(cx: &Cx, run: &mut Run<'_>, size: u64) -> Result<()> {
    let size = i64::try_from(size).map_err(Error::internal)?;
    let (total,): (i64,) = cx.db.read().one(COUNT, args![]).await?;
    let total = u64::try_from(total).unwrap_or_default();
    let (mut after, mut done) = (0, 0);
    loop {
        let rows: Vec<Row> = cx.db.read().all(ROWS, args![after, PAGE]).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.seq;
        for row in &rows {
            let place = format!("outbox row {}", row.seq);
            chain(run, row, &place);
            if row.leaf_index.is_some_and(|index| (0..size).contains(&index)) {
                continue;
            }
            run.examined(Check::Outbox, 1);
            if row.anchored_at.is_some() {
                run.wrong(
                    Check::Outbox,
                    &place,
                    &"is marked as anchored, but no released checkpoint covers it",
                );
            } else if leaf_hash(&row.entry).0.as_slice() != row.leaf_hash {
                run.wrong(Check::Outbox, &place, &"its entry has another hash than it says");
            }
        }
        done += rows.len() as u64;
        run.progress(Check::History, done, total);
    }
}

/// An entry names the leaf hash of the event before it of the same object, the first one none.
fn chain(run: &mut Run<'_>, row: &Row, place: &str) {
    run.examined(Check::History, 1);
    match Entry::parse(&row.entry) {
        Err(error) => run.wrong(Check::History, &place, &error),
        Ok(entry) if entry.object != row.object => {
            run.wrong(Check::History, &place, &"its entry is about another object");
        }
        Ok(entry) if entry.prev.map(|hash| hash.0.to_vec()) != row.previous => {
            run.wrong(
                Check::History,
                &place,
                &format!("does not follow the event of {} before it", row.object),
            );
        }
        Ok(_) if !in_timeline(row) => {
            run.wrong(
                Check::History,
                &place,
                &"its line in the timeline is missing, or is about another event",
            );
        }
        Ok(_) => {}
    }
}

/// The private event beside the entry is of the same object and kind.
fn in_timeline(row: &Row) -> bool {
    let (Some(kind), Some(id)) = (&row.subject_kind, row.subject_id) else { return false };
    row.event.as_ref() == Some(&row.kind) && row.object == format!("{kind}:{id}")
}

statements! {
    COUNT = "SELECT COUNT(*) FROM outbox";
    ROWS = "SELECT o.seq, o.object, o.entry, o.leaf_hash, o.leaf_index, o.anchored_at,
            (SELECT p.leaf_hash FROM outbox p WHERE p.object = o.object AND p.seq < o.seq ORDER BY p.seq DESC LIMIT 1) AS previous,
            o.kind, e.kind AS event, e.subject_kind, e.subject_id
        FROM outbox o LEFT JOIN event e ON e.outbox_seq = o.seq WHERE o.seq > $1 ORDER BY o.seq LIMIT $2";
}
