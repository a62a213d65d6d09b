//! What the witnesses signed: every stored line verifies with its registered key over the checkpoint that it stands beside,
//! also those of witnesses that were ended since, and the published checkpoint carries no other lines than such.

use ledger::{checkpoint::Examined, key::VerifierKey, note::Note, witness};
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
    size: i64,
    witness_id: Uuid,
    line: String,
    time: i64,
    name: Option<String>,
    vkey: Option<String>,
    note: Option<String>,
}

/// Checks [`Check::Cosignatures`].
pub(super) async fn check(cx: &Cx, run: &mut Run<'_>) -> Result<()> {
    let (total,): (i64,) = cx.db.read().one(COUNT, args![]).await?;
    let total = u64::try_from(total).unwrap_or_default();
    let (mut size, mut id, mut done) = (i64::MIN, Uuid::nil(), 0);
    loop {
        let rows: Vec<Row> = cx.db.read().all(LINES, args![size, id, PAGE]).await?;
        let Some(last) = rows.last() else { break };
        (size, id) = (last.size, last.witness_id);
        for row in &rows {
            run.examined(Check::Cosignatures, 1);
            if let Err(what) = stored(row) {
                let name = row.name.clone().unwrap_or_else(|| row.witness_id.to_string());
                let place = format!("cosignature of {name} at size {}", row.size);
                run.wrong(Check::Cosignatures, &place, &what);
            }
        }
        done += rows.len() as u64;
        // Rows that came in since they were counted are looked at as well.
        run.progress(Check::Cosignatures, done, total.max(done));
    }
    published(cx, run).await
}

/// Whether a stored line is what its witness signed; the error says what is wrong.
fn stored(row: &Row) -> std::result::Result<(), String> {
    let vkey = row.vkey.as_deref().ok_or("is of a witness that is not registered")?;
    let key: VerifierKey = vkey.parse().map_err(|error| format!("its registered key: {error}"))?;
    let note = row.note.as_deref().ok_or("is over a checkpoint that was never released")?;
    let note: Note = note.parse().map_err(|error| format!("its checkpoint: {error}"))?;
    let (line, time) = witness::cosignature(&format!("{}\n", row.line), note.text(), &key)
        .map_err(|error| error.to_string())?;
    if line.to_string() != row.line {
        return Err("is more than the one line that was signed".to_owned());
    }
    if i64::try_from(time) != Ok(row.time) {
        return Err(format!("was signed at {time}, the database says {}", row.time));
    }
    Ok(())
}

/// The lines of the published checkpoint, which is what everybody else reads.
async fn published(cx: &Cx, run: &mut Run<'_>) -> Result<()> {
    let text = match cx.ledger.checkpoint_text().await {
        Ok(text) => text,
        Err(Error::NotFound) => return Ok(()),
        Err(error) => return Err(error),
    };
    // After the text: a line whose witness was registered meanwhile must find its key.
    let keys: Vec<(String,)> = cx.db.read().all(KEYS, args![]).await?;
    let keys: Vec<VerifierKey> = keys.iter().filter_map(|(vkey,)| vkey.parse().ok()).collect();
    let log = cx.ledger.keys();
    // What the log itself signed is the matter of another check.
    let Ok(Examined { sound, wrong, .. }) = log.examine(&text, &keys) else { return Ok(()) };
    run.examined(Check::Cosignatures, (sound.signatures().len() + wrong.len()) as u64);
    let mut found: Vec<(usize, String)> = wrong.into_iter().map(|at| (at.line, at.why.to_string())).collect();
    for signature in sound.signatures() {
        let is_witness = |key: &VerifierKey| key.name() == signature.name && key.key_id() == signature.key_id;
        let known = log.knows(&signature.name, signature.key_id) || keys.iter().any(is_witness);
        if !known {
            let written = signature.to_string();
            let line = text.lines().position(|line| line == written).map_or(0, |at| at + 1);
            found.push((line, format!("{} is not the name and id of a registered key", signature.name)));
        }
    }
    found.sort();
    for (line, what) in found {
        run.wrong(Check::Cosignatures, &format!("ledger/checkpoint line {line}"), &what);
    }
    Ok(())
}

statements! {
    COUNT = "SELECT COUNT(*) FROM cosignature";
    LINES = "SELECT s.size, s.witness_id, s.line, s.time, w.name, w.vkey, c.note FROM cosignature s
        LEFT JOIN witness w ON w.id = s.witness_id LEFT JOIN ledger_checkpoint c ON c.size = s.size
        WHERE (s.size, s.witness_id) > ($1, $2) ORDER BY s.size, s.witness_id LIMIT $3";
    KEYS = "SELECT vkey FROM witness ORDER BY added_at, id";
}
