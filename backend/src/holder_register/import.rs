//! From the workbook to the register: what a sheet would give ([`preview`], which writes nothing), taking it over
//! ([`import`]), and going back to an earlier import ([`restore`]). Every import is kept; how its columns were understood is
//! remembered for the organisation's next workbook.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    access::action,
    holder_register::{
        Column, Holder, Mapping, Problem, check,
        sheet::{self, Heading, Told},
    },
    id::{DocumentId, FilingId},
    media::Kind,
    reading::{Reading, Sheet},
    text::Text,
};

use tokio::time::timeout;

use super::{HolderRow, LATEST, ROWS, Workbook, filed, held, own, sealed, workbooks};
use crate::{
    args,
    cx::Cx,
    db::{Reader, Tx},
    document::rejected,
    error::{Conflict, Error, Result},
    filing::FilingRow,
    reading::Outcome,
    sql::statements,
};

/// How long a page waits for a workbook that was not read before: other files may be in front of it.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a person chose to read; everything left open is proposed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    pub document: Option<DocumentId>,
    /// Its version as the page showed it.
    pub number: Option<i64>,
    /// From 0, in the workbook's order.
    pub sheet: Option<usize>,
    /// Row of the heading.
    pub heading: Option<u32>,
    pub mapping: Option<Mapping>,
}

/// A workbook as it would be taken over.
#[derive(Clone, Debug)]
pub struct Preview {
    pub workbook: Workbook,
    /// Name, hidden, rows; in the workbook's order.
    pub sheets: Vec<(String, bool, usize)>,
    pub sheet: usize,
    /// None when no row looks like a heading: a person names it.
    pub heading: Option<Heading>,
    pub mapping: Mapping,
    /// A part of the mapping is what this organisation said before.
    pub remembered: bool,
    /// Numbers are masked.
    pub holders: Vec<Masked>,
    pub total_shares: Option<i64>,
    pub told: Told,
    pub problems: Vec<Problem>,
}

/// A holder with its number as it may be shown.
#[derive(Clone, Debug)]
pub struct Masked {
    pub holder: Holder,
    pub id_shown: String,
}

/// What came of looking into the slot.
#[derive(Clone, Debug)]
pub enum Previewed {
    /// There is no workbook.
    Nothing,
    /// It is being read in the background.
    Waiting(Workbook),
    /// It cannot be read, and why.
    Unread(Workbook, Text),
    Read(Box<Preview>),
}

/// What a workbook in the slot would give; nothing is written.
///
/// # Errors
/// Not found for strangers and for workbooks that are not there; denied outside the editable stages.
pub async fn preview(cx: &Cx, filing: FilingId, chosen: &Chosen) -> Result<Previewed> {
    let reader = cx.db.read();
    let row = own(cx, filing).await?;
    cx.permit::<action::EditFiling>(&row.facts()?)?;
    let all = workbooks(reader, filing).await?;
    let Some(workbook) = pick(&all, chosen)? else { return Ok(Previewed::Nothing) };
    let reading =
        match timeout(PATIENCE, cx.reader.read_blob(cx.services(), &workbook.sha256, Kind::Xlsx)).await {
            Err(_) => return Ok(Previewed::Waiting(workbook)),
            Ok(Ok(Outcome::Unread(problem))) => {
                return Ok(Previewed::Unread(workbook, crate::intake::unread(&problem)));
            }
            Ok(Ok(Outcome::Read(reading))) => reading,
            Ok(Err(error)) => {
                tracing::warn!(document = %workbook.document, %error, "a workbook could not be read");
                return Ok(Previewed::Unread(workbook, crate::intake::not_read()));
            }
        };
    let remembered = remembered(reader, row.org_id).await?;
    let Some(found) = Found::of(&reading, chosen, &remembered) else {
        let empty = Text { zh: "工作簿中没有内容。".into(), en: "The workbook is empty.".into() };
        return Ok(Previewed::Unread(workbook, empty));
    };
    let mut holders = found.read.holders;
    let known = previous(reader, cx, filing).await?;
    unmask(&mut holders, &known);
    let problems = check(&holders, found.read.total.as_ref(), filed(reader, filing).await?);
    let masked = |holder: Holder| Masked {
        id_shown: holder.id_shown(),
        holder: Holder { id_number: String::new(), ..holder },
    };
    Ok(Previewed::Read(Box::new(Preview {
        workbook,
        sheets: reading
            .sheets
            .iter()
            .map(|sheet| (sheet.name.clone(), sheet.hidden, sheet.rows.len()))
            .collect(),
        sheet: found.sheet,
        heading: found.heading,
        mapping: found.mapping,
        remembered: found.remembered,
        total_shares: found.read.total.as_ref().and_then(|total| total.shares),
        told: found.read.told,
        problems,
        holders: holders.into_iter().map(masked).collect(),
    })))
}

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

fn pick(all: &[Workbook], chosen: &Chosen) -> Result<Option<Workbook>> {
    match chosen.document {
        Some(document) => {
            let found = all.iter().find(|workbook| workbook.document == document);
            found.cloned().map(Some).ok_or(Error::NotFound)
        }
        None => Ok(all.first().cloned()),
    }
}

/// A sheet as it was understood.
struct Found {
    sheet: usize,
    heading: Option<Heading>,
    mapping: Mapping,
    remembered: bool,
    read: sheet::Read,
}

impl Found {
    /// None when the workbook has no sheet with rows.
    fn of(reading: &Reading, chosen: &Chosen, remembered: &BTreeMap<String, Option<Column>>) -> Option<Self> {
        let sheets = &reading.sheets;
        // The first that has a register; a hidden one only when a person asks for it.
        let at = chosen.sheet.filter(|at| *at < sheets.len()).or_else(|| {
            let shown = |sheet: &&Sheet| !sheet.hidden;
            let with = sheets.iter().filter(shown).position(|sheet| sheet::heading(sheet).is_some());
            let visible: Vec<usize> = (0..sheets.len()).filter(|at| !sheets[*at].hidden).collect();
            with.and_then(|at| visible.get(at).copied()).or_else(|| visible.first().copied())
        })?;
        let sheet = &sheets[at];
        if sheet.rows.is_empty() && sheets.len() == 1 {
            return None;
        }
        let heading = match chosen.heading {
            Some(row) => sheet::heading_at(sheet, row),
            None => sheet::heading(sheet),
        };
        let Some(heading) = heading else {
            let (mapping, read) = (Mapping::default(), sheet::Read::default());
            return Some(Self { sheet: at, heading: None, mapping, remembered: false, read });
        };
        let proposed = sheet::propose(&heading, remembered);
        let used = heading.labels.values().any(|label| remembered.contains_key(&sheet::key(label)));
        let mapping = chosen.mapping.clone().unwrap_or(proposed);
        let read = sheet::read(sheet, &heading, &mapping);
        Some(Self {
            sheet: at,
            heading: Some(heading),
            remembered: used && chosen.mapping.is_none(),
            mapping,
            read,
        })
    }
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

/// The holders of the newest import, with their numbers.
async fn previous(reader: &Reader, cx: &Cx, filing: FilingId) -> Result<Vec<Holder>> {
    let (latest,): (i64,) = reader.one(LATEST, args![filing]).await?;
    let rows: Vec<HolderRow> = reader.all(ROWS, args![filing, latest]).await?;
    rows.iter().map(|row| row.open(cx, filing)).collect()
}

/// A workbook that was exported comes back with masked numbers: those that are known already are put in again.
fn unmask(holders: &mut [Holder], known: &[Holder]) {
    for holder in holders.iter_mut().filter(|holder| holder.id_number.contains('*')) {
        let same = |other: &&Holder| other.name == holder.name && other.id_shown() == holder.id_number;
        if let Some(other) = known.iter().find(same) {
            holder.id_number.clone_from(&other.id_number);
        }
    }
}

/// What the organisation's people said of headings.
async fn remembered(reader: &Reader, org: uuid::Uuid) -> Result<BTreeMap<String, Option<Column>>> {
    let rows: Vec<(String, String)> = reader.all(REMEMBERED, args![org]).await?;
    Ok(rows.into_iter().map(|(label, meaning)| (label, meaning.parse().ok())).collect())
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
    REMEMBERED = "SELECT label, meaning FROM holder_column WHERE org_id = $1";
    REMEMBER = "INSERT INTO holder_column (org_id, label, meaning, decided_by, decided_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (org_id, label) DO UPDATE SET meaning = excluded.meaning, decided_by = excluded.decided_by,
            decided_at = excluded.decided_at";
    FORGET = "DELETE FROM holder_column WHERE org_id = $1 AND label = $2";
}
