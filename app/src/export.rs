//! Lists as tables for a spreadsheet: the same filter as the page, in the reader's language, without paging. The
//! server's routes beside the list pages hand them out. A supervisor's export is recorded before it is read.

use backend::{
    Error, access_record,
    error::Message,
    filing::{self, FilingListRow},
    market,
    page::Stretch,
    review,
};
use domain::{access::action, actor::OrgKind};
use leptos::prelude::*;

use crate::{
    filing::list as filings_page,
    lang::Lang,
    request::Request,
    review::queue_filter,
    supervision::{access_filter, companies_filter, filings_filter, what_name},
    ui::{ButtonLink, IconName},
};

mod csv;
pub use csv::Table;

/// Most rows of one export.
pub const MOST: u32 = 10_000;

/// The link that stands over a list: the same filter, everything on one sheet.
pub(crate) fn link(request: &Request) -> AnyView {
    let here = request.with_query(&[("page", "")]);
    let href = match here.split_once('?') {
        Some((path, query)) => format!("{path}.csv?{query}"),
        None => format!("{here}.csv"),
    };
    let text = request.lang.t("export.link");
    view! { <ButtonLink href=href icon=IconName::Download>{text}</ButtonLink> }.into_any()
}

/// `/filings.csv`
///
/// # Errors
/// As [`filing::walk`]; rejected when there are more than [`MOST`] rows.
pub async fn filings(request: &Request) -> backend::Result<Table> {
    recorded(request).await?;
    let found = filing::walk(&request.cx, &filings_page::filter(request), None, MOST).await?;
    Ok(of_filings(request.lang, "filings", &all(found)?))
}

/// `/review.csv`
///
/// # Errors
/// As [`review::queued`]; rejected when there are more than [`MOST`] rows.
pub async fn queue(request: &Request) -> backend::Result<Table> {
    let rows = review::queued(&request.cx, &queue_filter(request), MOST + 1).await?;
    Ok(of_filings(request.lang, "review", &at_most(rows)?))
}

/// `/supervision/filings.csv`
///
/// # Errors
/// Denied to everybody but supervisors; rejected when there are more than [`MOST`] rows.
pub async fn market_filings(request: &Request) -> backend::Result<Table> {
    request.cx.permit_own::<action::Supervise>()?;
    recorded(request).await?;
    let found = filing::walk(&request.cx, &filings_filter(request), None, MOST).await?;
    Ok(of_filings(request.lang, "market-filings", &all(found)?))
}

/// `/supervision/companies.csv`
///
/// # Errors
/// Denied to everybody but supervisors; rejected when there are more than [`MOST`] rows.
pub async fn companies(request: &Request) -> backend::Result<Table> {
    request.cx.permit_own::<action::Supervise>()?;
    recorded(request).await?;
    let rows = all(market::walk(&request.cx, &companies_filter(request), None, MOST).await?)?;
    let lang = request.lang;
    let head = head(
        lang,
        &["company", "credit_code", "code", "city", "standing", "filings", "board", "stage", "submitted_at"],
    );
    let rows = rows
        .into_iter()
        .map(|row| {
            vec![
                row.name,
                row.credit_code,
                row.code.unwrap_or_default(),
                row.city_name.get(lang.0).to_owned(),
                lang.t(&format!("standing.{}", row.standing.name())),
                row.filings.to_string(),
                row.board.map(|board| board.get(lang.0).to_owned()).unwrap_or_default(),
                row.stage.map(|stage| lang.t(&format!("stage.{}", stage.name()))).unwrap_or_default(),
                row.submitted_at.map(|at| lang.second(at)).unwrap_or_default(),
            ]
        })
        .collect();
    Ok(Table { name: "companies", head, rows })
}

/// `/supervision/access.csv`
///
/// # Errors
/// Denied to everybody but supervisors and the operator; rejected when there are more than [`MOST`] rows.
pub async fn access(request: &Request) -> backend::Result<Table> {
    request.cx.permit_own::<action::ReadAccessRecords>()?;
    access_record::note(&request.cx, "supervision.export", None, &request.path).await?;
    let rows = at_most(access_record::lines(&request.cx, &access_filter(request), MOST + 1).await?)?;
    let lang = request.lang;
    let head = head(lang, &["seq", "at", "person", "organisation", "what", "subject", "path", "leaf"]);
    let rows = rows
        .into_iter()
        .map(|line| {
            vec![
                line.seq.to_string(),
                lang.second(line.at),
                line.actor_name,
                line.org_name,
                what_name(lang, &line.what),
                line.subject.map(|id| id.to_string()).unwrap_or_default(),
                line.path,
                line.leaf_index.map(|index| index.to_string()).unwrap_or_default(),
            ]
        })
        .collect();
    Ok(Table { name: "access-records", head, rows })
}

fn of_filings(lang: Lang, name: &'static str, rows: &[FilingListRow]) -> Table {
    let head = head(
        lang,
        &[
            "filing",
            "company",
            "credit_code",
            "code",
            "city",
            "board",
            "stage",
            "versions",
            "submitted_at",
            "due",
            "days_left",
            "overdue",
            "updated_at",
        ],
    );
    let rows = rows
        .iter()
        .map(|row| {
            let reading = row.clock.as_ref().map(|clock| &clock.reading);
            let late =
                reading.map(|reading| lang.t(if reading.overdue { "export.yes" } else { "export.no" }));
            vec![
                row.id.to_string(),
                row.org_name.clone(),
                row.org_credit_code.clone(),
                row.org_code.clone().unwrap_or_default(),
                row.org_city.clone(),
                row.board_name.get(lang.0).to_owned(),
                lang.t(&format!("stage.{}", row.stage.name())),
                row.submissions.to_string(),
                row.submitted_at.map(|at| lang.second(at)).unwrap_or_default(),
                reading.and_then(|reading| reading.due).map(|due| due.to_string()).unwrap_or_default(),
                reading.map(|reading| reading.remaining.to_string()).unwrap_or_default(),
                late.unwrap_or_default(),
                lang.second(row.updated_at),
            ]
        })
        .collect();
    Table { name, head, rows }
}

fn head(lang: Lang, columns: &[&str]) -> Vec<String> {
    columns.iter().map(|column| lang.t(&format!("export.column.{column}"))).collect()
}

/// Before the reading, and no reading without it.
async fn recorded(request: &Request) -> backend::Result<()> {
    // A list has no permit of its own to ask for.
    let actor = request.actor().ok_or(Error::SignedOut)?;
    if actor.org_kind == OrgKind::Regulator {
        access_record::note(&request.cx, "supervision.export", None, &request.path).await?;
    }
    Ok(())
}

fn all<T>(found: Stretch<T>) -> backend::Result<Vec<T>> {
    if found.next.is_some() { Err(too_long()) } else { Ok(found.rows) }
}

fn at_most<T>(rows: Vec<T>) -> backend::Result<Vec<T>> {
    if rows.len() > MOST as usize { Err(too_long()) } else { Ok(rows) }
}

/// Half a list that looks like a whole one would be worse than none.
fn too_long() -> Error {
    Error::Rejected(Message::Key("export_too_long", vec![("most", MOST.to_string())]))
}
