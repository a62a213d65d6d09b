//! The published list of the log's keys against the ledger and the database: every change of the key that was recorded is in it, with the
//! very entry, and the checkpoint that both keys signed is the one that was released.

use ledger::log_keys::LogKeys;

use super::{Check, Run};
use crate::{
    args,
    cx::Cx,
    error::{Error, Result},
    key_change,
    sql::statements,
};

const PLACE: &str = "ledger/keys";

/// `released` is the size up to which changes must be in the list.
pub(super) async fn check(cx: &Cx, run: &mut Run<'_>, released: u64) -> Result<()> {
    run.examined(Check::Head, 1);
    let keys = match cx.ledger.stored_keys().await {
        Ok(Some(keys)) => keys,
        // Before the first change there is none.
        Ok(None) => LogKeys::clone(&cx.ledger.keys()),
        Err(Error::Internal(error)) => {
            run.wrong(Check::Head, &PLACE, &format!("{error:#}"));
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let mut links = keys.links().iter();
    for (index, entry) in key_change::recorded(cx).await? {
        let place = format!("entry {index}");
        if index >= released {
            break;
        }
        match links.next() {
            None => {
                run.wrong(Check::Head, &PLACE, &format!("does not have the change of the key in {place}"));
            }
            Some(link) if link.index != index || link.extra.as_ref() != Some(&entry) => {
                run.wrong(Check::Head, &PLACE, &format!("has another change of the key than {place}"));
            }
            Some(_) => {}
        }
    }
    for link in links.filter(|link| link.index < released) {
        run.wrong(
            Check::Head,
            &PLACE,
            &format!("has a change of the key that is not recorded: entry {}", link.index),
        );
    }
    for (term, link) in
        keys.terms().iter().skip(1).zip(keys.links()).filter(|(term, _)| term.from <= released)
    {
        let size = i64::try_from(term.from).unwrap_or(i64::MAX);
        let row: Option<(String,)> = cx.db.read().maybe(RELEASED, args![size]).await?;
        if row.is_none_or(|(note,)| note != link.checkpoint) {
            run.wrong(
                Check::Head,
                &PLACE,
                &format!(
                    "the checkpoint of size {} that both keys signed is not the one that was released",
                    term.from
                ),
            );
        }
    }
    Ok(())
}

statements! {
    RELEASED = "SELECT note FROM ledger_checkpoint WHERE size = $1";
}
