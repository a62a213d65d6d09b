//! Every submission's record: the frozen manifest has the digests that its ledger entry carries, and the proof that its
//! receipt holds can be made from the published tiles and verifies with nothing but the log's key.

use ledger::{Digests, Entry, proof::Proof};
use uuid::Uuid;

use super::{Check, Run};
use crate::{
    args,
    cx::Cx,
    error::{Error, Result},
    ledger_store,
    sql::statements,
};

/// Rows that are read at a time.
const PAGE: i64 = 200;

#[derive(sqlx::FromRow)]
struct Row {
    filing_id: Uuid,
    number: i64,
    manifest: String,
    manifest_sha256: Vec<u8>,
    manifest_sm3: Vec<u8>,
    entry: Vec<u8>,
    leaf_index: Option<i64>,
}

/// Checks [`Check::Receipts`] of what the released `size` covers.
pub(super) async fn check(cx: &Cx, run: &mut Run<'_>, size: u64) -> Result<()> {
    let (total,): (i64,) = cx.db.read().one(COUNT, args![]).await?;
    let total = u64::try_from(total).unwrap_or_default();
    let (mut filing, mut number, mut done) = (Uuid::nil(), 0, 0);
    loop {
        let rows: Vec<Row> = cx.db.read().all(VERSIONS, args![filing, number, PAGE]).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        (filing, number) = (last.filing_id, last.number);
        for row in &rows {
            done += 1;
            run.progress(Check::Receipts, done, total);
            let Some(index) = row.leaf_index.and_then(|at| u64::try_from(at).ok()).filter(|at| *at < size)
            else {
                continue;
            };
            run.examined(Check::Receipts, 1);
            if let Err(what) = submission(cx, row, index).await? {
                run.wrong(
                    Check::Receipts,
                    &format!("version {} of filing {}", row.number, row.filing_id),
                    &what,
                );
            }
        }
    }
}

/// Whether one submission's record holds; the inner error says what does not.
async fn submission(cx: &Cx, row: &Row, index: u64) -> Result<Result<(), String>> {
    let digests = Digests::of(row.manifest.as_bytes());
    if digests.sha256.as_slice() != row.manifest_sha256 || digests.sm3.as_slice() != row.manifest_sm3 {
        return Ok(Err("the manifest was changed: it has other digests than the database says".into()));
    }
    let entry = match Entry::parse(&row.entry) {
        Ok(entry) => entry,
        Err(error) => return Ok(Err(format!("its ledger entry: {error}"))),
    };
    if !entry.has_digests(&digests) {
        return Ok(Err("its ledger entry does not carry the manifest's digests".into()));
    }
    // What cannot be proven is a finding here, whatever the reason; only a missing tile is told apart.
    let text = match ledger_store::proof_text(cx, index).await {
        Ok(text) => text,
        Err(Error::NotFound) => return Ok(Err(format!("a tile that proves entry {index} is missing"))),
        Err(error) => return Ok(Err(error.to_string())),
    };
    let verified = text.parse::<Proof>().and_then(|proof| {
        let signed = cx.ledger.keys().open(&proof.checkpoint, &[])?.checkpoint;
        Ok(proof.verify_inclusion(&row.entry, &signed)?)
    });
    Ok(verified.map(|_| ()).map_err(|error| format!("entry {index}: {error}")))
}

statements! {
    COUNT = "SELECT COUNT(*) FROM filing_version";
    VERSIONS = "SELECT v.filing_id, v.number, v.manifest, v.manifest_sha256, v.manifest_sm3, o.entry, o.leaf_index
        FROM filing_version v JOIN outbox o ON o.seq = v.outbox_seq
        WHERE (v.filing_id, v.number) > ($1, $2) ORDER BY v.filing_id, v.number LIMIT $3";
}
