//! 登记托管、赋码: a publicised filing becomes a listing, and its company gets the next enterprise code of JR/T 0326
//! in the layer that it applied for. A company that has a code keeps its number.

use std::collections::BTreeMap;

use domain::{
    access::action,
    enterprise_code::{EnterpriseCode, Layer},
    id::FilingId,
    workflow::Command,
};
use ledger::EntryKind;

use super::{Ruling, write_down};
use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Conflict, Error, Result},
    filing::{self, FilingRow, content::SUBMITTED_FIELDS},
    sql::statements,
};

/// Lists a company and answers its code.
///
/// # Errors
/// A conflict when the filing changed since `expected`; refused unless publicised; rejected when the last submitted
/// version names no layer.
pub async fn list(cx: &Cx, id: FilingId, expected: i64) -> Result<String> {
    // Two listings at the same moment may want the same number: the unique index stops one, which takes the next.
    for _ in 0..5 {
        match once(cx, id, expected).await {
            Err(Error::Conflict(Conflict::Taken)) => {}
            done => return done,
        }
    }
    Err(Error::Busy { retry_after: 1 })
}

async fn once(cx: &Cx, id: FilingId, expected: i64) -> Result<String> {
    let mut tx = cx.db.begin().await?;
    let mut row = filing::lock_at::<action::Publish>(&mut tx, cx, id, expected).await?;
    let code = code(&mut tx, &row).await?.to_string();
    let events = row.advance(cx, Command::List { code: code.clone() })?;
    row.store(&mut tx).await?;
    tx.swap(CODE, args![code.as_str(), cx.now(), row.org_id]).await?;
    let ruling = Ruling::new(Command::List { code: code.clone() }, EntryKind::Publication).said(code.clone());
    for event in events {
        write_down(&mut tx, cx, &row, event, &ruling).await?;
    }
    cx.commit(tx).await?;
    Ok(code)
}

async fn code(tx: &mut Tx, row: &FilingRow) -> Result<EnterpriseCode> {
    let (fields,): (String,) = tx.one(SUBMITTED_FIELDS, args![row.id, row.submissions]).await?;
    let fields: BTreeMap<String, String> = serde_json::from_str(&fields)?;
    let layer = fields.get("layer").and_then(|layer| layer.chars().next()).and_then(Layer::from_letter);
    let layer = layer.ok_or_else(|| {
        Error::Rejected(super::said(
            "申请中没有层级，无法赋码。",
            "The application names no layer: no code can be given.",
        ))
    })?;
    if let Some(code) = row.org_code.as_deref().and_then(|code| EnterpriseCode::parse(code).ok()) {
        return Ok(code.with_layer(layer));
    }
    let (last,): (i64,) = tx.one(LAST, args![]).await?;
    let number = u32::try_from(last + 1).map_err(Error::internal)?;
    EnterpriseCode::new(number, layer).map_err(|error| {
        use domain::locale::Locale;
        Error::Rejected(super::said(&error.message(Locale::Zh), &error.message(Locale::En)))
    })
}

statements! {
    LAST = "SELECT CAST(COALESCE(MAX(CAST(SUBSTR(code, 3, 6) AS BIGINT)), 0) AS BIGINT)
        FROM organisation WHERE code IS NOT NULL";
    CODE = "UPDATE organisation SET code = $1, updated_at = $2, version = version + 1 WHERE id = $3";
}
