//! `/filings/{id}/holders`: the holder register of a filing. What is wrong stands at its row and column; rows are corrected in a
//! form, whole workbooks are read in [`workbook`], and every import can be gone back to. Plain links and forms throughout.

use backend::{
    holder_register::{self, HolderRegister},
    page::{Page, Paging},
};
use domain::{
    holder_register::{Column, Problem, Severity},
    id::FilingId,
};
use leptos::prelude::*;

use super::marks::{error_summary, param};
use crate::{
    export::Table,
    frame::Frame,
    lang::Lang,
    list::pager,
    page::signed_in_page,
    request::Request,
    ui::{
        ButtonLink, Callout, CalloutKind, Card, EmptyState, IconName, PageHead, StatList, Tab, TableBox, Tabs,
    },
};

pub mod acts;
mod edit;
mod imports;
mod row;
mod workbook;

/// Rows on one page.
const ROWS: u32 = 50;

/// `/filings/{id}/holders`
pub fn holders() -> AnyView {
    let id: Option<FilingId> = param("id");
    signed_in_page(move |request| async move {
        let id = id.ok_or(backend::Error::NotFound)?;
        let register = holder_register::read(&request.cx, id).await?;
        let lang = request.lang;
        let importing =
            register.editable && (register.imports.is_empty() || request.query("view") == "import");
        let body =
            if importing { workbook::view(&request, &register).await? } else { kept(&request, &register) };
        let title = lang.t("holder.title");
        let tabs = (register.editable && !register.imports.is_empty()).then(|| tabs(lang, id, importing));
        let actions = actions(lang, &register);
        Ok(Frame::new(&title)
            .above(lang.t("filing.list.title"), "/filings")
            .above(lang.t("filing.kind"), format!("/filings/{id}"))
            .show(&request, view! {
                {error_summary(&request)}
                <PageHead title=title.clone() over=register.org_name.clone() lead=lang.t("holder.lead") actions=actions />
                {tabs}
                {body}
            }))
    })
}

/// The page's address.
fn address(id: FilingId) -> String {
    format!("/filings/{id}/holders")
}

fn tabs(lang: Lang, id: FilingId, importing: bool) -> AnyView {
    let tabs = vec![
        Tab::new(lang.t("holder.tab.kept"), address(id), !importing),
        Tab::new(lang.t("holder.tab.import"), format!("{}?view=import", address(id)), importing),
    ];
    view! { <Tabs label=lang.t("holder.title") tabs=tabs /> }.into_any()
}

fn actions(lang: Lang, register: &HolderRegister) -> AnyView {
    let at = address(register.filing);
    let exports = (!register.imports.is_empty()).then(|| {
        view! {
            <ButtonLink href=format!("{at}.csv") icon=IconName::Download>"CSV"</ButtonLink>
            <ButtonLink href=format!("{at}.xlsx") icon=IconName::Download>"XLSX"</ButtonLink>
        }
    });
    view! {
        <ButtonLink href=format!("{at}/template.xlsx") icon=IconName::Download>{lang.t("holder.template")}</ButtonLink>
        {exports}
    }
    .into_any()
}

/// The register as it is kept.
fn kept(request: &Request, register: &HolderRegister) -> AnyView {
    let lang = request.lang;
    let Some(import) = register.imports.first() else {
        return view! {
            <Card><EmptyState title=lang.t("holder.none") icon=IconName::People>{lang.t("holder.none_why")}</EmptyState></Card>
        }
        .into_any();
    };
    let form = edit::form(request, register);
    let sums = sums(lang, register);
    let said = said(lang, register);
    let table = table(request, register, import.number);
    let removed = edit::removed(lang, register, import.number);
    let history = imports::card(lang, register);
    view! {
        {form}
        <Card title=lang.t("holder.title") note=imports::source(lang, import)>
            {sums}
            {said}
        </Card>
        {table}
        {removed}
        {history}
    }
    .into_any()
}

/// How many, and what they sum to.
fn sums(lang: Lang, register: &HolderRegister) -> AnyView {
    let all = |value: fn(&holder_register::Row) -> Option<i64>| -> Option<i64> {
        register.rows.iter().filter_map(value).reduce(i64::saturating_add)
    };
    let none = || "—".to_owned();
    let shares = all(|row| row.holder.shares).map_or_else(none, |sum| lang.number(sum));
    let percent = all(|row| row.holder.percent).map_or_else(none, row::percent);
    let paid =
        all(|row| row.holder.contributed).map_or_else(none, |sum| domain::field::money_label(sum, lang.0));
    let count = lang.number(i64::try_from(register.rows.len()).unwrap_or_default());
    let stats = vec![
        (lang.t("holder.holders"), count),
        (lang.t("holder.shares"), shares),
        (lang.t("holder.percent"), percent),
        (lang.t("holder.contributed"), paid),
    ];
    view! { <StatList stats=stats line=true /> }.into_any()
}

/// What is wrong with the whole, and how many rows have something; nothing is said of a good register but that it is.
fn said(lang: Lang, register: &HolderRegister) -> AnyView {
    let of_rows = |severity: Severity| {
        let mut rows: Vec<usize> = register
            .problems
            .iter()
            .filter(|problem| problem.severity == severity)
            .filter_map(|problem| problem.holder)
            .collect();
        rows.dedup();
        rows.len()
    };
    let here = address(register.filing);
    let rows = summary(lang, of_rows(Severity::Error), of_rows(Severity::Warning)).map(|text| {
        view! { <p><a href=format!("{here}?only=problems#rows")>{text}</a></p> }
    });
    callout(lang, &register.problems, rows.map(IntoAny::into_any))
}

/// "3 行有误，2 行待核对"
fn summary(lang: Lang, errors: usize, warnings: usize) -> Option<String> {
    let part =
        |key: &str, count: usize| (count > 0).then(|| lang.with(key, &[("count", &count.to_string())]));
    let parts: Vec<String> =
        [part("holder.errors", errors), part("holder.warnings", warnings)].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(&lang.t("holder.and")))
}

/// What concerns the whole register, in one callout.
fn callout(lang: Lang, problems: &[Problem], rows: Option<AnyView>) -> AnyView {
    let whole: Vec<&Problem> = problems.iter().filter(|problem| problem.holder.is_none()).collect();
    if whole.is_empty() && rows.is_none() {
        return view! { <Callout kind=CalloutKind::Proven><p>{lang.t("holder.good")}</p></Callout> }
            .into_any();
    }
    let bad = problems.iter().any(|problem| problem.severity == Severity::Error);
    let kind = if bad { CalloutKind::Bad } else { CalloutKind::Look };
    let lines: Vec<AnyView> = whole
        .iter()
        .map(|problem| view! { <p>{problem.message.get(lang.0).to_owned()}</p> }.into_any())
        .collect();
    view! { <Callout kind=kind title=lang.t("holder.look")>{lines} {rows}</Callout> }.into_any()
}

/// The rows, a page at a time; with `only=problems` those that have something wrong.
fn table(request: &Request, register: &HolderRegister, number: i64) -> AnyView {
    let lang = request.lang;
    let only = request.query("only") == "problems";
    let chosen: Vec<usize> = (0..register.rows.len())
        .filter(|at| !only || register.problems.iter().any(|problem| problem.holder == Some(*at)))
        .collect();
    let page = slice(request, chosen);
    let rows: Vec<AnyView> = page
        .rows
        .iter()
        .map(|at| {
            let kept = &register.rows[*at];
            let problems: Vec<&Problem> =
                register.problems.iter().filter(|problem| problem.holder == Some(*at)).collect();
            let place = row::place(lang, *at, kept.holder.sheet_row);
            let change = register.editable.then(|| {
                let href = request.with_query(&[("edit", &kept.ordinal.to_string()), ("add", "")]);
                edit::links(lang, register.filing, number, kept, href)
            });
            row::row(
                lang,
                row::Shown {
                    holder: &kept.holder,
                    id: &kept.id_shown,
                    problems,
                    place,
                    ordinal: Some(kept.ordinal),
                    change,
                },
            )
        })
        .collect();
    let all = only.then(|| view! { <a class="small" href=request.with_query(&[("only", ""), ("page", "")])>{lang.t("holder.all_rows")}</a> }.into_any());
    let add = register.editable.then(|| {
        view! { <a class="small" href=request.with_query(&[("add", "1"), ("edit", "")])>{lang.t("holder.add")}</a> }.into_any()
    });
    let extra = view! { {all} {add} }.into_any();
    let foot = pager(request, &page);
    let table = frame(lang, register.editable, rows);
    view! {
        <div id="rows">
            <Card title=lang.t("holder.rows") extra=extra flush=true>
                {table}
                {foot}
            </Card>
        </div>
    }
    .into_any()
}

/// The page of a list that the query asks for.
fn slice(request: &Request, all: Vec<usize>) -> Page<usize> {
    let asked = request.query_number("page").and_then(|page| u32::try_from(page).ok()).unwrap_or(1);
    let total = i64::try_from(all.len()).unwrap_or_default();
    let last = u32::try_from(all.len()).unwrap_or(1).div_ceil(ROWS).max(1);
    let paging = Paging { page: asked.clamp(1, last), size: ROWS };
    let skip = usize::try_from(paging.offset()).unwrap_or_default();
    Page::new(all.into_iter().skip(skip).take(ROWS as usize).collect(), total, paging)
}

/// The table around rows of a register.
fn frame(lang: Lang, change: bool, rows: Vec<AnyView>) -> AnyView {
    let label = move |column: Column| column.label().get(lang.0).to_owned();
    let change =
        change.then(|| view! { <th scope="col"><span class="said">{lang.t("holder.change")}</span></th> });
    view! {
        <TableBox label=lang.t("holder.rows")>
            <thead>
                <tr>
                    <th scope="col" class="n">{lang.t("holder.row")}</th>
                    <th scope="col">{label(Column::Name)}</th>
                    <th scope="col" class="hide-phone">{label(Column::IdNumber)}</th>
                    <th scope="col" class="n">{lang.t("holder.shares")}</th>
                    <th scope="col" class="n hide-phone">{label(Column::Percent)}</th>
                    <th scope="col" class="n hide-tablet">{lang.t("holder.contributed")}</th>
                    <th scope="col" class="hide-tablet">{label(Column::AcquiredOn)}</th>
                    {change}
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </TableBox>
    }
    .into_any()
}

/// The register as a table for a spreadsheet, numbers masked.
///
/// # Errors
/// As [`holder_register::read`]; not found when there is none.
pub async fn csv(request: &Request, filing: FilingId) -> backend::Result<Table> {
    let register = holder_register::read(&request.cx, filing).await?;
    if register.imports.is_empty() {
        return Err(backend::Error::NotFound);
    }
    let head = Column::ALL.iter().map(|column| column.label().get(request.lang.0).to_owned()).collect();
    let cell = |row: &holder_register::Row, column: Column| match column {
        Column::IdNumber => row.id_shown.clone(),
        column => row.holder.get(column),
    };
    let rows = register.rows.iter().map(|row| Column::ALL.map(|column| cell(row, column)).to_vec()).collect();
    Ok(Table { name: "holders", head, rows })
}
