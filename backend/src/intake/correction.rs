//! What an organisation's people corrected, remembered for its next files: names that mean the same paper from one time to
//! the next, and the slot where a person put it. Written by [`super::place`], weighed against the rules by
//! [`super::arrival`]; a memory that contradicts a sure rule makes a question, never a silent choice.

use domain::{
    classify::{Candidate, Part},
    id::UserId,
    intake,
    rule_pack::SlotId,
};

use super::{Verdict, text};
use crate::{args, cx::Cx, db::Tx, error::Result, filing::FilingRow, sql::statements};

/// How much a memory counts: sure, but less than a paper's own title.
const REMEMBERED: u8 = 85;

/// A memory that fits a file.
#[derive(Clone, Debug)]
pub(super) struct Learned {
    slot: SlotId,
    /// The name of the slot, Chinese and English.
    name: domain::text::Text,
    file_name: String,
}

/// What is remembered of files with such a name.
pub(super) async fn of(cx: &Cx, filing: &FilingRow, file_name: &str) -> Result<Option<Learned>> {
    let Some(key) = intake::name_key(file_name) else { return Ok(None) };
    let found: Option<(String, String)> =
        cx.db.read().maybe(FIND, args![filing.org_id, key.as_str()]).await?;
    let pack = filing.pack(cx)?;
    Ok(found.and_then(|(slot, file_name)| {
        let slot = pack.slot(&slot)?;
        Some(Learned { slot: slot.id.clone(), name: slot.name.clone(), file_name })
    }))
}

/// Remembers where a person put a file.
pub(super) async fn remember(
    tx: &mut Tx,
    cx: &Cx,
    filing: &FilingRow,
    file_name: &str,
    slot: &str,
    person: UserId,
) -> Result<()> {
    if let Some(key) = intake::name_key(file_name) {
        tx.run(SAVE, args![filing.org_id, key.as_str(), slot, file_name, person, cx.now()]).await?;
    }
    Ok(())
}

/// The slot to put a file into without asking, with how sure that is. The memory's reason is added to the verdict's.
pub(super) fn weigh(
    verdict: &mut Verdict,
    ruled: Option<SlotId>,
    confidence: u8,
    learned: Option<Learned>,
) -> Option<(SlotId, u8)> {
    let Some(learned) = learned else { return ruled.map(|slot| (slot, confidence)) };
    let reason = text(
        format!("上次您把同名文件“{}”放在“{}”。", learned.file_name, learned.name.zh),
        format!("Last time “{}” of the same name went to “{}”.", learned.file_name, learned.name.en),
    );
    match ruled {
        Some(slot) if slot == learned.slot => {
            verdict.reasons.push(reason);
            Some((slot, confidence.max(REMEMBERED)))
        }
        Some(slot) => {
            verdict.reasons.push(reason);
            verdict.candidates = vec![
                Candidate { slot, confidence },
                Candidate { slot: learned.slot, confidence: REMEMBERED },
            ];
            None
        }
        None => {
            verdict.reasons.insert(0, reason);
            Some((learned.slot, REMEMBERED))
        }
    }
}

/// The slots of a file that holds several documents, each once.
pub(super) fn candidates(parts: &[Part]) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    for part in parts {
        if !found.iter().any(|candidate| candidate.slot == part.slot) {
            found.push(Candidate { slot: part.slot.clone(), confidence: part.confidence });
        }
    }
    found
}

statements! {
    FIND = "SELECT slot, file_name FROM intake_correction WHERE org_id = $1 AND name_key = $2";
    SAVE = "INSERT INTO intake_correction (org_id, name_key, slot, file_name, corrected_by, corrected_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (org_id, name_key) DO UPDATE SET slot = excluded.slot, file_name = excluded.file_name,
            corrected_by = excluded.corrected_by, corrected_at = excluded.corrected_at";
}
