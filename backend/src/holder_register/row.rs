//! Correcting a register row by row. Each row has its own version, so that two people merge by row; the same row changed twice
//! is told with who was first, and what was typed stays with whoever typed it. A removed row can be put back.

use domain::{
    holder_register::{Column, Holder, Written},
    id::FilingId,
};

use super::{HolderRow, LATEST, ROW, held, import, overtaken, sealed};
use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Conflict, Error, FieldErrors, Message, Result},
    sql::statements,
};

/// Characters of one cell.
const MOST: usize = 200;

/// A row that a page showed.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// The import.
    pub number: i64,
    /// None for a row that is added.
    pub ordinal: Option<i64>,
    pub version: i64,
}

/// Writes a row as somebody typed it, by the columns that were sent; an empty identification number keeps the one that is
/// there, which nobody is shown. Answers the row's place.
///
/// # Errors
/// [`Error::Invalid`] by column for what cannot be read, and with who was first when the row has changed since; a conflict
/// when the register was imported anew.
pub async fn save(cx: &Cx, filing: FilingId, at: At, typed: &[(Column, String)]) -> Result<i64> {
    let mut tx = cx.db.begin().await?;
    held(&mut tx, cx, filing).await?;
    newest(&mut tx, filing, at.number).await?;
    let stored = match at.ordinal {
        Some(ordinal) => Some(tx.one::<HolderRow>(ROW, args![filing, at.number, ordinal]).await?),
        None => None,
    };
    let before = stored.as_ref().map(|row| row.open(cx, filing)).transpose()?.unwrap_or_default();
    let holder = read(&before, typed)?;
    let Some(stored) = stored else {
        let (ordinal,): (i64,) = tx.one(NEXT, args![filing, at.number]).await?;
        import::insert(&mut tx, cx, filing, at.number, ordinal, &holder).await?;
        tx.commit().await?;
        return Ok(ordinal);
    };
    // What says the same needs no place in line.
    if holder == before {
        return Ok(stored.ordinal);
    }
    if stored.version != at.version || stored.removed_at.is_some() {
        let said = overtaken(&stored.updated_by_name, stored.updated_at);
        return Err(Error::Invalid(FieldErrors::one(Column::Name.name(), Message::Said(said.zh, said.en))));
    }
    let id = sealed(cx, filing, at.number, stored.ordinal, &holder.id_number)?;
    tx.swap(
        UPDATE,
        args![
            holder.name.as_str(),
            holder.kind.as_str(),
            holder.id_kind.as_str(),
            id,
            holder.shares,
            holder.percent,
            holder.contributed,
            holder.get(Column::AcquiredOn),
            holder.note.as_str(),
            import::unread(&holder)?,
            cx.actor()?.user,
            cx.now(),
            filing,
            at.number,
            stored.ordinal,
            at.version
        ],
    )
    .await?;
    tx.commit().await?;
    Ok(stored.ordinal)
}

/// The row with what was typed; what is no number is sent back instead of stored.
fn read(before: &Holder, typed: &[(Column, String)]) -> Result<Holder> {
    let mut holder = before.clone();
    let mut errors = FieldErrors::default();
    for (column, text) in typed {
        if text.chars().count() > MOST {
            errors.add(column.name(), Message::Key("holder.long", vec![("max", MOST.to_string())]));
            continue;
        }
        if *column == Column::IdNumber && text.trim().is_empty() {
            continue;
        }
        let unchanged = before.unread.get(column).is_some_and(|said| said == text.trim());
        holder.set(*column, &Written::typed(text));
        if holder.unread.contains_key(column) && !unchanged {
            let key = match column {
                Column::AcquiredOn => "holder.day",
                Column::Percent => "holder.percent",
                _ => "holder.number",
            };
            errors.add(column.name(), Message::key(key));
        }
    }
    if holder.name.is_empty() {
        errors.add(Column::Name.name(), Message::key("holder.name"));
    }
    errors.check()?;
    Ok(holder)
}

/// Takes a row out of the register.
///
/// # Errors
/// A conflict when it has changed since, or the register was imported anew.
pub async fn remove(cx: &Cx, filing: FilingId, number: i64, ordinal: i64, version: i64) -> Result<()> {
    let now = domain::moment::to_micros(cx.now());
    flip(cx, filing, number, ordinal, version, Some(now)).await
}

/// Puts a removed row back.
///
/// # Errors
/// As [`remove`].
pub async fn put_back(cx: &Cx, filing: FilingId, number: i64, ordinal: i64, version: i64) -> Result<()> {
    flip(cx, filing, number, ordinal, version, None).await
}

async fn flip(
    cx: &Cx,
    filing: FilingId,
    number: i64,
    ordinal: i64,
    version: i64,
    removed_at: Option<i64>,
) -> Result<()> {
    let mut tx = cx.db.begin().await?;
    held(&mut tx, cx, filing).await?;
    newest(&mut tx, filing, number).await?;
    let user = cx.actor()?.user;
    tx.swap(FLIP, args![removed_at, user, cx.now(), filing, number, ordinal, version]).await?;
    tx.commit().await
}

/// A row of an import that is not the newest any more is history.
async fn newest(tx: &mut Tx, filing: FilingId, number: i64) -> Result<()> {
    let (latest,): (i64,) = tx.one(LATEST, args![filing]).await?;
    match latest {
        0 => Err(Error::NotFound),
        latest if latest == number => Ok(()),
        _ => Err(Error::Conflict(Conflict::Stale)),
    }
}

statements! {
    NEXT = "SELECT COALESCE(MAX(ordinal), 0) + 1 FROM holder WHERE filing_id = $1 AND number = $2";
    UPDATE = "UPDATE holder SET name = $1, kind = $2, id_kind = $3, id_sealed = $4, shares = $5, percent = $6,
            contributed = $7, acquired_on = $8, note = $9, unread = $10, updated_by = $11, updated_at = $12,
            version = version + 1
        WHERE filing_id = $13 AND number = $14 AND ordinal = $15 AND version = $16";
    FLIP = "UPDATE holder SET removed_at = $1, updated_by = $2, updated_at = $3, version = version + 1
        WHERE filing_id = $4 AND number = $5 AND ordinal = $6 AND version = $7";
}
