//! Taking a workbook over as the register ([`import`]) and going back to an earlier import ([`restore`]). Every import is kept;
//! how its columns were understood is remembered for the organisation's next workbook.

use std::collections::BTreeMap;

use domain::{
    holder_register::{
        Column, Holder, Mapping,
        sheet::{self, Heading},
    },
    id::{DocumentId, FilingId},
};

use super::{
    HolderRow, LATEST, ROWS, held,
    preview::{Chosen, Found, pick, previous, unmask},
    sealed, workbooks,
};
use crate::{
    args,
    cx::Cx,
    db::Tx,
    document::rejected,
    error::{Conflict, Error, Result},
    filing::FilingRow,
    reading::Outcome,
    sql::statements,
};

/// Takes a workbook over as the filing's register; answers the import's number. `expected` is the import that the page
/// showed, 0 for none.
///
/// # Errors
/// A conflict when somebody imported, or replaced the workbook, meanwhile; rejected when there is nothing to take over.
pub async fn import(cx: &Cx, filing: FilingId, chosen: &Chosen, expected: i64) -> Result<i64> {
    let mut tx = cx.db.begin().await?;
    let row = held(&mut tx, cx, filing).await?;
    let all = workbooks(cx.db.read(), filing).await?;
    let workbook = pick(&all, chosen)?.ok_or(Error::NotFound)?;
    if chosen.number.is_some_and(|number| number != workbook.number) {
        return Err(Error::Conflict(Conflict::Stale));
    }
    let Some(Outcome::Read(reading)) = cx.reader.kept(cx.services(), &workbook.sha256).await? else {
        return Err(Error::Conflict(Conflict::Stale));
    };
    let found = Found::of(&reading, chosen, &BTreeMap::new()).ok_or_else(nothing)?;
    let (Some(heading), false) = (&found.heading, found.read.holders.is_empty()) else {
        return Err(nothing());
    };
    let mut holders = found.read.holders.clone();
    unmask(&mut holders, &previous(cx.db.read(), cx, filing).await?);
    let sheet = &reading.sheets[found.sheet].name;
    let total = found.read.total.as_ref().and_then(|total| total.shares);
    let new = New {
        document: workbook.document,
        document_number: workbook.number,
        sheet,
        total,
        restored_from: None,
    };
    let number = new.write(&mut tx, cx, filing, expected, &holders).await?;
    remember(&mut tx, cx, &row, heading, &found.mapping).await?;
    tx.commit().await?;
    Ok(number)
}

/// Goes back to an earlier import, as a new one; answers its number.
///
/// # Errors
/// A conflict when somebody imported meanwhile; not found when there is no such import.
pub async fn restore(cx: &Cx, filing: FilingId, number: i64, expected: i64) -> Result<i64> {
    let mut tx = cx.db.begin().await?;
    held(&mut tx, cx, filing).await?;
    let (document, document_number, sheet, total): (uuid::Uuid, i64, String, Option<i64>) =
        tx.one(SOURCE, args![filing, number]).await?;
    let rows: Vec<HolderRow> = tx.all(ROWS, args![filing, number]).await?;
    let holders: Vec<Holder> = rows
        .iter()
        .filter(|row| row.removed_at.is_none())
        .map(|row| row.open(cx, filing))
        .collect::<Result<_>>()?;
    let document = DocumentId(document);
    let new = New { document, document_number, sheet: &sheet, total, restored_from: Some(number) };
    let number = new.write(&mut tx, cx, filing, expected, &holders).await?;
    tx.commit().await?;
    Ok(number)
}

fn nothing() -> Error {
    rejected(
        "没有读到股东。请选择含有名册的工作表，并为“股东姓名/名称”和“持股数量”指定列。".into(),
        "No holder was read. Choose the sheet with the register, and the columns of names and shares.".into(),
    )
}

/// A new import.
struct New<'a> {
    document: DocumentId,
    document_number: i64,
    sheet: &'a str,
    total: Option<i64>,
    restored_from: Option<i64>,
}

impl New<'_> {
    async fn write(
        self,
        tx: &mut Tx,
        cx: &Cx,
        filing: FilingId,
        expected: i64,
        holders: &[Holder],
    ) -> Result<i64> {
        let (latest,): (i64,) = tx.one(LATEST, args![filing]).await?;
        if latest != expected {
            return Err(Error::Conflict(Conflict::Stale));
        }
        let (number, user) = (latest + 1, cx.actor()?.user);
        tx.run(
            IMPORT,
            args![
                filing,
                number,
                self.document,
                self.document_number,
                self.sheet,
                self.total,
                self.restored_from,
                user,
                cx.now()
            ],
        )
        .await?;
        for (ordinal, holder) in (1..).zip(holders) {
            insert(tx, cx, filing, number, ordinal, holder).await?;
        }
        Ok(number)
    }
}

/// Writes a row that is not there yet.
pub(super) async fn insert(
    tx: &mut Tx,
    cx: &Cx,
    filing: FilingId,
    number: i64,
    ordinal: i64,
    holder: &Holder,
) -> Result<()> {
    let id = sealed(cx, filing, number, ordinal, &holder.id_number)?;
    tx.run(
        INSERT,
        args![
            filing,
            number,
            ordinal,
            i64::from(holder.sheet_row),
            holder.name.as_str(),
            holder.kind.as_str(),
            holder.id_kind.as_str(),
            id,
            holder.shares,
            holder.percent,
            holder.contributed,
            holder.get(Column::AcquiredOn),
            holder.note.as_str(),
            unread(holder)?,
            cx.actor()?.user,
            cx.now()
        ],
    )
    .await?;
    Ok(())
}

/// What could not be read, as it is stored.
pub(super) fn unread(holder: &Holder) -> Result<String> {
    if holder.unread.is_empty() { Ok(String::new()) } else { Ok(serde_json::to_string(&holder.unread)?) }
}

/// Remembers what differs from what the words alone propose; what agrees again is forgotten.
async fn remember(tx: &mut Tx, cx: &Cx, row: &FilingRow, heading: &Heading, mapping: &Mapping) -> Result<()> {
    let by_words = sheet::propose(heading, &BTreeMap::new());
    let meaning = |mapping: &Mapping, column: u32| {
        mapping.0.iter().find(|(_, at)| **at == column).map(|(meaning, _)| *meaning)
    };
    for (column, label) in &heading.labels {
        let (said, proposed) = (meaning(mapping, *column), meaning(&by_words, *column));
        let key = sheet::key(label);
        if said == proposed {
            tx.run(FORGET, args![row.org_id, key.as_str()]).await?;
        } else {
            let name = said.map_or("", Column::name);
            tx.run(REMEMBER, args![row.org_id, key.as_str(), name, cx.actor()?.user, cx.now()]).await?;
        }
    }
    Ok(())
}

statements! {
    IMPORT = "INSERT INTO holder_register (filing_id, number, document_id, document_number, sheet, total_shares,
            restored_from, imported_by, imported_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    INSERT = "INSERT INTO holder (filing_id, number, ordinal, sheet_row, name, kind, id_kind, id_sealed, shares, percent,
            contributed, acquired_on, note, unread, updated_by, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    SOURCE = "SELECT document_id, document_number, sheet, total_shares FROM holder_register
        WHERE filing_id = $1 AND number = $2";
    REMEMBER = "INSERT INTO holder_column (org_id, label, meaning, decided_by, decided_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (org_id, label) DO UPDATE SET meaning = excluded.meaning, decided_by = excluded.decided_by,
            decided_at = excluded.decided_at";
    FORGET = "DELETE FROM holder_column WHERE org_id = $1 AND label = $2";
}
