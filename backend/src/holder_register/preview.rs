//! What a workbook would give: which sheet, where its heading is, what each column means, and the rows, without writing anything.
//! What a person left open is proposed, by the words and by what the organisation said before.

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

use super::{HolderRow, LATEST, ROWS, Workbook, filed, own, workbooks};
use crate::{
    args,
    cx::Cx,
    db,
    error::{Error, Result},
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

pub(super) fn pick(all: &[Workbook], chosen: &Chosen) -> Result<Option<Workbook>> {
    match chosen.document {
        Some(document) => {
            let found = all.iter().find(|workbook| workbook.document == document);
            found.cloned().map(Some).ok_or(Error::NotFound)
        }
        None => Ok(all.first().cloned()),
    }
}

/// A sheet as it was understood.
pub(super) struct Found {
    pub(super) sheet: usize,
    pub(super) heading: Option<Heading>,
    pub(super) mapping: Mapping,
    pub(super) remembered: bool,
    pub(super) read: sheet::Read,
}

impl Found {
    /// None when the workbook has no sheet with rows.
    pub(super) fn of(
        reading: &Reading,
        chosen: &Chosen,
        remembered: &BTreeMap<String, Option<Column>>,
    ) -> Option<Self> {
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

/// The holders of the newest import, with their numbers.
pub(super) async fn previous(reader: &db::Reader, cx: &Cx, filing: FilingId) -> Result<Vec<Holder>> {
    let (latest,): (i64,) = reader.one(LATEST, args![filing]).await?;
    let rows: Vec<HolderRow> = reader.all(ROWS, args![filing, latest]).await?;
    rows.iter().map(|row| row.open(cx, filing)).collect()
}

/// A workbook that was exported comes back with masked numbers: those that are known already are put in again.
pub(super) fn unmask(holders: &mut [Holder], known: &[Holder]) {
    for holder in holders.iter_mut().filter(|holder| holder.id_number.contains('*')) {
        let same = |other: &&Holder| other.name == holder.name && other.id_shown() == holder.id_number;
        if let Some(other) = known.iter().find(same) {
            holder.id_number.clone_from(&other.id_number);
        }
    }
}

/// What the organisation's people said of headings.
async fn remembered(reader: &db::Reader, org: uuid::Uuid) -> Result<BTreeMap<String, Option<Column>>> {
    let rows: Vec<(String, String)> = reader.all(REMEMBERED, args![org]).await?;
    Ok(rows.into_iter().map(|(label, meaning)| (label, meaning.parse().ok())).collect())
}

statements! {
    /// What the organisation's people said of headings.
    REMEMBERED = "SELECT label, meaning FROM holder_column WHERE org_id = $1";
}
