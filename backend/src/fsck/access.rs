//! Who looked at what: the records form a chain, and each digest of it that is on the ledger is still that of its record.

use ledger::Entry;

use super::{Check, Run};
use crate::{
    access_record::chain::{self, Broken},
    args,
    cx::Cx,
    error::Result,
    sql::statements,
};

/// Rows that are read at a time.
const PAGE: i64 = 200;

/// Checks [`Check::AccessRecords`].
pub(super) async fn check(cx: &Cx, run: &mut Run<'_>) -> Result<()> {
    let found = chain::walk(cx, &mut |done, all| run.progress(Check::AccessRecords, done, all)).await?;
    run.examined(Check::AccessRecords, u64::try_from(found.records).unwrap_or_default());
    let Some(broken) = found.broken else { return anchors(cx, run).await };
    let (seq, what) = match broken {
        Broken::Missing { seq } => (seq, "is missing"),
        Broken::Changed { seq } => (seq, "was changed"),
        Broken::Anchor { seq } => (seq, "the ledger holds another digest of it"),
        Broken::Head { seq } => (seq, "records after it are missing, or the head was changed"),
    };
    run.wrong(Check::AccessRecords, &format!("access record {seq}"), &what);
    Ok(())
}

/// The same from the ledger's side: a chain that was written anew from some record on, or cut off, and that names no entry
/// any more is sound in itself.
async fn anchors(cx: &Cx, run: &mut Run<'_>) -> Result<()> {
    let mut after = 0;
    loop {
        let rows: Vec<(i64, Vec<u8>)> = cx.db.read().all(ANCHORS, args![after, PAGE]).await?;
        let Some((seq, _)) = rows.last() else { return Ok(()) };
        after = *seq;
        for (seq, bytes) in &rows {
            // An entry that cannot be read is the matter of other checks.
            let Ok(entry) = Entry::parse(bytes) else { continue };
            let last =
                entry.refs.as_ref().and_then(|refs| refs.get("last")).and_then(|last| last.parse().ok());
            let Some(last): Option<i64> = last else { continue };
            let record: Option<(Vec<u8>, Option<i64>)> = cx.db.read().maybe(RECORD, args![last]).await?;
            let same = record.is_some_and(|(digest, outbox)| {
                entry.digests.get("sha-256") == Some(&hex::encode(digest)) && outbox == Some(*seq)
            });
            if !same {
                let what = format!("is not the one whose digest is on the ledger (outbox row {seq})");
                run.wrong(Check::AccessRecords, &format!("access record {last}"), &what);
            }
        }
    }
}

statements! {
    ANCHORS = "SELECT seq, entry FROM outbox WHERE kind = 'access.anchored' AND seq > $1 ORDER BY seq LIMIT $2";
    RECORD = "SELECT digest, outbox_seq FROM access_record WHERE seq = $1";
}
