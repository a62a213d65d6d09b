//! What of the intake lies in no slot because of a rule, as the findings need it: held by the inspection, or set aside because
//! of the rest of the folder. What a person put aside is settled and no finding. Called by [`crate::finding`].

use std::collections::BTreeMap;

use domain::{
    classify::{Aside, Verdict as Seen, classify},
    finding::{Held, HeldFile},
    id::FilingId,
    intake::State,
    rule_pack::{RulePack, SlotId},
};

use super::{FileRow, columns};
use crate::{args, db::Reader, error::Result, sql::statements};

/// The files of a filing that no slot took, in the order of their paths.
///
/// # Errors
/// The database's.
pub(crate) async fn files(reader: &Reader, pack: &RulePack, filing: FilingId) -> Result<Vec<HeldFile>> {
    let rows: Vec<FileRow> = reader.all(UNPLACED, args![filing]).await?;
    let mut found = Vec::new();
    for row in rows {
        let verdict = row.verdict()?;
        let Some(held) = verdict.held else { continue };
        if row.state()? == State::SetAside && verdict.by_hand {
            continue;
        }
        let proposed = verdict.candidates.into_iter().next().map(|candidate| candidate.slot);
        let slot = SlotId::new(&row.slot).or(proposed).or_else(|| named(pack, &row));
        found.push(HeldFile { path: row.path, slot, held });
    }
    if found.iter().any(|file| original(file).is_some()) {
        let slots: Vec<(String, String)> = reader.all(SLOTS, args![filing]).await?;
        let slots: BTreeMap<String, String> = slots.into_iter().collect();
        for file in &mut found {
            // A copy would lie where its original lies, whatever its own name says.
            if let Some(slot) = original(file).and_then(|of| SlotId::new(slots.get(of)?)) {
                file.slot = Some(slot);
            }
        }
    }
    Ok(found)
}

/// The path of the file that this one is a copy of.
fn original(file: &HeldFile) -> Option<&str> {
    match &file.held {
        Held::Aside { aside: Aside::Duplicate { of } } => Some(of),
        _ => None,
    }
}

/// What its name says that it should have been.
fn named(pack: &RulePack, row: &FileRow) -> Option<SlotId> {
    match classify(pack, &row.path, row.size(), None).verdict {
        Seen::Slot { slot } => Some(slot),
        Seen::Unsure { candidates } => candidates.into_iter().next().map(|candidate| candidate.slot),
        Seen::Split { .. } | Seen::Ignore { .. } => None,
    }
}

statements! {
    UNPLACED = concat!(columns!(), "WHERE i.filing_id = $1 AND i.state IN ('held', 'set_aside') ORDER BY i.path, i.id");
    SLOTS = "SELECT path, slot FROM intake_file WHERE filing_id = $1 AND state = 'placed' AND slot <> ''";
}
