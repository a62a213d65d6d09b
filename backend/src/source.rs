//! Where a value stands: the page of a document with the value's region, or the text or cells around it. Whoever may download
//! a version may look at its pages; a page is drawn in the confined process and its picture kept.

use bytes::Bytes;
use domain::{
    actor::OrgKind,
    holder_register::sheet,
    id::{DocumentId, FilingId},
    media::Kind,
    reading::{Area, Reading, Sheet},
    resident_id::{self, ResidentId},
    text::Text,
};

use crate::{
    access_record,
    cx::Cx,
    document::download::{Version, version},
    error::{Error, Result},
    reading::{Drawn, Outcome},
};

/// Rows and columns shown around a cell.
const AROUND: u32 = 6;
const WIDEST: u32 = 12;

/// What is to be shown.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// From 1; the sheet of a workbook.
    pub page: u32,
    pub area: Option<Area>,
    /// As `F8`.
    pub cell: Option<String>,
    /// As printed; looked for where no region is known.
    pub said: String,
}

/// A place in a document, ready to be shown.
#[derive(Clone, Debug)]
pub struct Source {
    pub filing: FilingId,
    pub org_name: String,
    pub file_name: String,
    pub kind: Kind,
    pub page: u32,
    /// 0 where there are none.
    pub pages: u32,
    /// The page can be shown as a picture.
    pub picture: bool,
    /// The value's region.
    pub area: Option<Area>,
    /// The page's lines, and whether each has the value.
    pub lines: Vec<(String, bool)>,
    pub excerpt: Option<Excerpt>,
    /// Why there is no text.
    pub unread: Option<Text>,
}

/// Cells of a sheet around one of them.
#[derive(Clone, Debug)]
pub struct Excerpt {
    pub sheet: String,
    /// Letters.
    pub columns: Vec<String>,
    /// Row number, and the cells in the order of the columns: text, and whether it is the one.
    pub rows: Vec<(u32, Vec<(String, bool)>)>,
}

/// Looks a place up. A supervisor's look is recorded first.
///
/// # Errors
/// Not found as for a download.
pub async fn source(cx: &Cx, document: DocumentId, number: i64, asked: &Asked, path: &str) -> Result<Source> {
    if cx.actor()?.org_kind == OrgKind::Regulator {
        access_record::note(cx, "supervision.document", Some(document.0), path).await?;
    }
    let Version { row, file_name, sha256, kind, .. } = version(cx, document, number).await?;
    let (reading, unread) = match cx.reader.kept(cx.services(), &sha256).await? {
        Some(Outcome::Read(reading)) => (Some(reading), None),
        Some(Outcome::Unread(problem)) => (None, Some(crate::intake::unread(&problem))),
        None => (None, None),
    };
    let page = asked.page.max(1);
    let lines = reading.as_ref().map(|reading| lines(reading, page, &asked.said)).unwrap_or_default();
    let found = || {
        let reading = reading.as_ref()?;
        let line = lines.iter().position(|(_, marked)| *marked)?;
        reading.pages.iter().find(|found| found.number == page)?.lines.get(line)?.area
    };
    let picture = match kind {
        Kind::Pdf => cx.reader.draws().await?,
        Kind::Jpg | Kind::Png => true,
        Kind::Docx | Kind::Xlsx => false,
    };
    Ok(Source {
        filing: row.filing(),
        org_name: row.org_name,
        file_name,
        kind,
        page,
        pages: reading.as_ref().map_or(0, |reading| reading.page_count),
        picture,
        area: asked.area.or_else(found),
        excerpt: reading.as_ref().and_then(|reading| excerpt(reading, page, asked.cell.as_deref())),
        lines,
        unread,
    })
}

/// A page of a PDF as PNG.
///
/// # Errors
/// Not found as for a download, for what has no such page, and where no page can be drawn.
pub async fn picture(cx: &Cx, document: DocumentId, number: i64, page: u32) -> Result<Bytes> {
    let found = version(cx, document, number).await?;
    let pages = match cx.reader.kept(cx.services(), &found.sha256).await? {
        Some(Outcome::Read(reading)) => reading.page_count,
        _ => u32::MAX,
    };
    if found.kind != Kind::Pdf || page == 0 || page > pages {
        return Err(Error::NotFound);
    }
    match cx.reader.draw_blob(cx.services(), &found.sha256, page).await? {
        Drawn::Picture(picture) => Ok(picture),
        Drawn::Unable => Err(Error::NotFound),
        Drawn::Problem(problem) => {
            tracing::info!(%document, number, page, code = problem.code(), "a page could not be drawn");
            Err(Error::NotFound)
        }
    }
}

/// Without blanks and in half width, so that a value is found as it is printed.
fn folded(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
            other => other,
        })
        .filter(|c| !c.is_whitespace())
        .collect()
}

fn lines(reading: &Reading, page: u32, said: &str) -> Vec<(String, bool)> {
    let said = folded(said);
    let lines = reading.pages.iter().filter(|found| found.number == page).flat_map(|page| &page.lines);
    lines.map(|line| (line.text.clone(), !said.is_empty() && folded(&line.text).contains(&said))).collect()
}

fn excerpt(reading: &Reading, page: u32, cell: Option<&str>) -> Option<Excerpt> {
    let found: &Sheet = reading.sheets.get(usize::try_from(page).ok()?.checked_sub(1)?)?;
    let at = cell.and_then(|cell| {
        found.rows.iter().find_map(|row| {
            let here = row.cells.iter().find(|one| sheet::address(one.column, row.number) == cell)?;
            Some((row.number, here.column))
        })
    });
    let (row, column) = at.unwrap_or((1, 0));
    let first = if column >= WIDEST { column - WIDEST / 2 } else { 0 };
    let columns = first..first + WIDEST;
    let near = found.rows.iter().filter(|one| one.number + AROUND >= row && one.number <= row + AROUND);
    let shown: Vec<_> = near.collect();
    let used = shown
        .iter()
        .flat_map(|row| &row.cells)
        .map(|cell| cell.column)
        .filter(|column| columns.contains(column))
        .max()
        .unwrap_or(first);
    let columns = first..used + 1;
    let rows = shown
        .iter()
        .map(|row| {
            let cells = columns
                .clone()
                .map(|column| {
                    let text =
                        row.cells.iter().find(|cell| cell.column == column).map(|cell| masked(&cell.text));
                    (text.unwrap_or_default(), at == Some((row.number, column)))
                })
                .collect();
            (row.number, cells)
        })
        .collect();
    Some(Excerpt { sheet: found.name.clone(), columns: columns.map(sheet::letter).collect(), rows })
}

/// The neighbours of a value are nobody's business: numbers of people stay masked around it.
fn masked(text: &str) -> String {
    if ResidentId::parse(text).is_ok() { resident_id::mask(text.trim()) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use domain::reading::{Cell, Line, Page, Row, TextSource};

    use super::*;

    fn reading() -> Reading {
        let line = |text: &str| Line { text: text.into(), area: None, words: Vec::new() };
        let cell = |column: u32, text: &str| Cell {
            column,
            text: text.into(),
            formula: false,
            span: (1, 1),
            percent: false,
        };
        let row = |number: u32| Row {
            number,
            hidden: false,
            cells: vec![cell(0, &number.to_string()), cell(1, "110101199003070011"), cell(2, "600")],
        };
        Reading {
            kind: Kind::Pdf,
            pages: vec![Page {
                number: 2,
                source: TextSource::Layer,
                lines: vec![line("注册资本为　人民币３，０００ 万元"), line("其他")],
            }],
            sheets: vec![Sheet {
                name: "名册".into(),
                hidden: false,
                hidden_columns: Vec::new(),
                rows: (1..40).map(row).collect(),
            }],
            page_count: 2,
        }
    }

    #[test]
    fn a_line_is_found_however_it_is_spaced() {
        let found = lines(&reading(), 2, "人民币 3,000万元");
        assert_eq!(found.iter().map(|(_, marked)| *marked).collect::<Vec<_>>(), [true, false]);
        assert!(lines(&reading(), 2, "").iter().all(|(_, marked)| !marked), "nothing is found for nothing");
        assert!(lines(&reading(), 1, "其他").is_empty());
    }

    #[test]
    fn a_cell_is_shown_among_its_neighbours_and_people_stay_masked() {
        let found = excerpt(&reading(), 1, Some("C20")).unwrap();
        assert_eq!(found.columns, ["A", "B", "C"]);
        assert_eq!(found.rows.first().map(|(number, _)| *number), Some(14));
        assert_eq!(found.rows.last().map(|(number, _)| *number), Some(26));
        let marked: Vec<_> = found
            .rows
            .iter()
            .flat_map(|(number, cells)| {
                cells.iter().filter(|(_, marked)| *marked).map(move |(text, _)| (*number, text.as_str()))
            })
            .collect();
        assert_eq!(marked, [(20, "600")]);
        assert!(found.rows.iter().all(|(_, cells)| cells[1].0 == "110101********0011"));
        assert!(excerpt(&reading(), 2, None).is_none());
    }
}
