//! What the database says about documents and attestations, against the entries that they went onto the ledger with: the
//! same object, the same version, the same digests.

use ledger::{Digests, Entry};
use uuid::Uuid;

use super::{Check, Run};
use crate::{args, cx::Cx, error::Result, sql::statements};

/// Rows that are read at a time.
const PAGE: i64 = 200;

#[derive(sqlx::FromRow)]
struct Version {
    document_id: Uuid,
    number: i64,
    sha256: Vec<u8>,
    sm3: Option<Vec<u8>>,
    entry: Option<Vec<u8>>,
}

#[derive(sqlx::FromRow)]
struct Attestation {
    id: Uuid,
    filing_id: Uuid,
    statement: String,
    entry: Option<Vec<u8>>,
}

/// Checks [`Check::Records`].
pub(super) async fn check(cx: &Cx, run: &mut Run<'_>) -> Result<()> {
    let (total,): (i64,) = cx.db.read().one(COUNT, args![]).await?;
    let total = u64::try_from(total).unwrap_or_default();
    let (mut id, mut number, mut done) = (Uuid::nil(), 0, 0);
    loop {
        let rows: Vec<Version> = cx.db.read().all(VERSIONS, args![id, number, PAGE]).await?;
        let Some(last) = rows.last() else { break };
        (id, number) = (last.document_id, last.number);
        for row in &rows {
            let place = format!("version {} of document {}", row.number, row.document_id);
            judge(run, &place, version(row));
        }
        done += rows.len() as u64;
        run.progress(Check::Records, done, total.max(done));
    }
    let mut after = Uuid::nil();
    loop {
        let rows: Vec<Attestation> = cx.db.read().all(ATTESTATIONS, args![after, PAGE]).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.id;
        for row in &rows {
            judge(run, &format!("attestation {}", row.id), attestation(row));
        }
        done += rows.len() as u64;
        run.progress(Check::Records, done, total.max(done));
    }
}

fn judge(run: &mut Run<'_>, place: &str, outcome: std::result::Result<(), String>) {
    run.examined(Check::Records, 1);
    if let Err(what) = outcome {
        run.wrong(Check::Records, &place, &what);
    }
}

fn entry(bytes: Option<&Vec<u8>>) -> std::result::Result<Entry, String> {
    let bytes = bytes.ok_or("its ledger entry is missing")?;
    Entry::parse(bytes).map_err(|error| format!("its ledger entry: {error}"))
}

fn version(row: &Version) -> std::result::Result<(), String> {
    let entry = entry(row.entry.as_ref())?;
    let sm3 = row.sm3.as_ref().ok_or("no content is recorded for it")?;
    if entry.object != format!("document:{}", row.document_id)
        || i64::try_from(entry.object_version) != Ok(row.number)
    {
        return Err("its ledger entry is about another version".to_owned());
    }
    let same = |name: &str, bytes: &[u8]| entry.digests.get(name) == Some(&hex::encode(bytes));
    if same("sha-256", &row.sha256) && same("sm3", sm3) {
        Ok(())
    } else {
        Err("its ledger entry carries other digests than the database".to_owned())
    }
}

fn attestation(row: &Attestation) -> std::result::Result<(), String> {
    let entry = entry(row.entry.as_ref())?;
    if entry.object != format!("filing:{}", row.filing_id) {
        return Err("its ledger entry is about another filing".to_owned());
    }
    if entry.has_digests(&Digests::of(row.statement.as_bytes())) {
        Ok(())
    } else {
        Err("the statement was changed: its ledger entry carries other digests".to_owned())
    }
}

statements! {
    COUNT = "SELECT (SELECT COUNT(*) FROM document_version) + (SELECT COUNT(*) FROM attestation)";
    VERSIONS = "SELECT v.document_id, v.number, v.sha256, b.sm3, o.entry FROM document_version v
        LEFT JOIN blob b ON b.sha256 = v.sha256 LEFT JOIN outbox o ON o.seq = v.outbox_seq
        WHERE (v.document_id, v.number) > ($1, $2) ORDER BY v.document_id, v.number LIMIT $3";
    ATTESTATIONS = "SELECT a.id, a.filing_id, a.statement, o.entry FROM attestation a
        LEFT JOIN outbox o ON o.seq = a.outbox_seq WHERE a.id > $1 ORDER BY a.id LIMIT $2";
}
