//! What operating systems and programs leave in folders: nobody wants its bytes, but whoever handed the folder in is told that it
//! was left out, and which files that were, however the folder came: announced, in an archive, or in a plain form.

use domain::{
    access::action,
    classify::classify,
    file_name,
    finding::Held,
    id::{FilingId, IntakeId},
    intake::{self, State},
    rule_pack::RulePack,
};
use time::OffsetDateTime;

use super::{Verdict, announce::New};
use crate::{args, cx::Cx, db::Tx, error::Result, filing, sql::statements};

/// So many are remembered for one filing; a version control's folder alone has thousands, and nobody reads on.
const REMEMBERED: i64 = 200;

/// Remembers what was left out of a filing that the caller holds, or that an archive of it brought.
pub(super) async fn note(
    tx: &mut Tx,
    cx: &Cx,
    pack: &RulePack,
    filing: FilingId,
    files: &[(String, u64)],
    archive: Option<IntakeId>,
    received_at: OffsetDateTime,
) -> Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    let known: Vec<(String,)> = tx.all(KNOWN, args![filing]).await?;
    let left = REMEMBERED - i64::try_from(known.len()).unwrap_or(REMEMBERED);
    let is_new = |path: &str| !known.iter().any(|(known,)| known == path);
    let fresh = files.iter().filter(|(path, _)| is_new(path));
    for (path, size) in fresh.take(usize::try_from(left).unwrap_or_default()) {
        let reasons =
            classify(pack, path, *size, None).reasons.into_iter().map(|reason| reason.text).collect();
        let verdict = Verdict { reasons, held: Some(Held::Ignored), ..Verdict::default() };
        let name = file_name::normalise(intake::name_of(path)).name;
        let new = New { id: IntakeId(cx.id()), filing, path, name: &name, size: *size, sha256: None };
        new.insert_with(tx, cx, State::SetAside, received_at, archive, &verdict).await?;
    }
    Ok(())
}

/// A file of a plain form that is not wanted: its bytes are let go, its name is remembered.
///
/// # Errors
/// Not found for strangers; denied outside the editable stages.
pub async fn leave_out(
    cx: &Cx,
    filing: FilingId,
    name: &str,
    size: u64,
    received_at: OffsetDateTime,
) -> Result<()> {
    let Some(path) = intake::path(name) else { return Ok(()) };
    let mut tx = cx.db.begin().await?;
    let row = filing::lock(&mut tx, cx, filing).await?;
    cx.permit::<action::EditFiling>(&row.facts()?)?;
    note(&mut tx, cx, row.pack(cx)?, filing, &[(path, size)], None, received_at).await?;
    tx.commit().await
}

statements! {
    /// What stands aside without a byte ever having been wanted.
    KNOWN = "SELECT path FROM intake_file WHERE filing_id = $1 AND state = 'set_aside' AND sha256 IS NULL";
}
