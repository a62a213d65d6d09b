//! Reading a workbook: which sheet, where its heading is, what each column means, and the rows as they would be taken over, with
//! what is wrong at its cell. Choosing is a form that only asks again; taking over is another, that names what was seen.

use std::collections::BTreeMap;

use backend::holder_register::{Chosen, HolderRegister, Masked, Preview, Previewed, SLOT, preview};
use domain::{
    holder_register::{
        Column, Mapping, Problem,
        sheet::{Heading, address as cell, letter},
    },
    id::FilingId,
    text::Text,
};
use leptos::prelude::*;

use super::{callout, frame, row, slice, summary};
use crate::{
    lang::Lang,
    list::pager,
    page::Shown,
    request::Request,
    ui::{
        Button, ButtonKind, Callout, CalloutKind, Card, Choice, EmptyState, FileField, IconName, SelectField,
        TextField, TextKind, Width,
    },
};

/// What the query chose.
fn chosen(request: &Request) -> Chosen {
    let number = |name: &str| request.query_number(name).and_then(|number| usize::try_from(number).ok());
    let meant: BTreeMap<Column, u32> = Column::ALL
        .into_iter()
        .filter_map(|column| {
            let at = request.query(&format!("c-{}", column.name())).parse().ok()?;
            Some((column, at))
        })
        .collect();
    // Columns are those of the sheet that the page showed: another one is looked at afresh.
    let seen: Vec<&str> = request.query("seen").split(':').collect();
    let moved = ["document", "sheet"].iter().zip(&seen).any(|(name, seen)| {
        let asked = request.query(name);
        !asked.is_empty() && asked != *seen
    });
    let said = !moved && request.query.keys().any(|name| name.starts_with("c-"));
    Chosen {
        document: request.query("document").parse().ok(),
        number: None,
        sheet: number("sheet"),
        heading: request.query("heading").parse().ok().filter(|_| !moved),
        mapping: said.then_some(Mapping(meant)),
    }
}

/// The view.
///
/// # Errors
/// As [`preview`].
pub(super) async fn view(request: &Request, register: &HolderRegister) -> Shown {
    let lang = request.lang;
    let upload = upload(lang, register.filing);
    let found = match preview(&request.cx, register.filing, &chosen(request)).await? {
        Previewed::Nothing => {
            view! { <EmptyState title=lang.t("holder.no_workbook") icon=IconName::Upload>{lang.t("holder.no_workbook_why")}</EmptyState> }
                .into_any()
        }
        Previewed::Waiting(workbook) => {
            let said = lang.with("holder.waiting", &[("file", &workbook.file_name)]);
            view! { <meta http-equiv="refresh" content="4" /><p>{said}</p> }.into_any()
        }
        Previewed::Unread(workbook, why) => unread(lang, &workbook.file_name, &why),
        Previewed::Read(read) => return Ok(preview_of(request, register, &read, upload)),
    };
    Ok(view! { <Card title=lang.t("holder.tab.import")>{found} {upload}</Card> }.into_any())
}

fn unread(lang: Lang, file: &str, why: &Text) -> AnyView {
    let why = why.get(lang.0).to_owned();
    view! { <Callout kind=CalloutKind::Bad title=file.to_owned()><p>{why}</p></Callout> }.into_any()
}

/// The plain form for a workbook; it goes into the register's slot like any other document.
fn upload(lang: Lang, filing: FilingId) -> AnyView {
    view! {
        <details class="small">
            <summary>{lang.t("holder.upload")}</summary>
            <form class="row" method="post" action=format!("/filings/{filing}/slots/{SLOT}/documents") enctype="multipart/form-data">
                <FileField name="file" id="workbook" label=lang.t("holder.upload_label") accept=".xlsx" required=true />
                <Button small=true>{lang.t("filing.upload.send")}</Button>
            </form>
        </details>
    }
    .into_any()
}

fn preview_of(request: &Request, register: &HolderRegister, read: &Preview, upload: AnyView) -> AnyView {
    let lang = request.lang;
    let told = told(lang, read);
    let choose = choose(request, register, read);
    let rows = rows(request, read);
    let take = take(lang, register, read);
    let count = |severity| {
        let mut rows: Vec<usize> =
            read.problems.iter().filter(|p| p.severity == severity).filter_map(|p| p.holder).collect();
        rows.dedup();
        rows.len()
    };
    let said = (!read.holders.is_empty()).then(|| {
        use domain::holder_register::Severity::{Error, Warning};
        let rows = summary(lang, count(Error), count(Warning)).map(|text| view! { <p>{text}</p> }.into_any());
        callout(lang, &read.problems, rows)
    });
    view! {
        <Card title=lang.t("holder.tab.import") note=read.workbook.file_name.clone()>
            {choose}
            {told}
            {said}
            {take}
            {upload}
        </Card>
        {rows}
    }
    .into_any()
}

/// Sheet, heading, columns.
fn choose(request: &Request, register: &HolderRegister, read: &Preview) -> AnyView {
    let lang = request.lang;
    let workbooks = (register.workbooks.len() > 1).then(|| {
        let options = register
            .workbooks
            .iter()
            .map(|workbook| {
                let selected = workbook.document == read.workbook.document;
                Choice::new(workbook.document.to_string(), workbook.file_name.clone()).selected(selected)
            })
            .collect();
        view! { <SelectField name="document" label=lang.t("holder.workbook") options=options /> }
    });
    let sheets = (read.sheets.len() > 1).then(|| {
        let options = read
            .sheets
            .iter()
            .enumerate()
            .map(|(at, (name, hidden, rows))| {
                let key = if *hidden { "holder.sheet_hidden" } else { "holder.sheet_rows" };
                let text = lang.with(key, &[("name", name), ("rows", &rows.to_string())]);
                Choice::new(at.to_string(), text).selected(at == read.sheet)
            })
            .collect();
        view! { <SelectField name="sheet" label=lang.t("holder.sheet") options=options /> }
    });
    let heading = read.heading.as_ref();
    let help = match heading {
        Some(heading) if heading.last > heading.first => lang.with(
            "holder.heading_found_rows",
            &[("first", &heading.first.to_string()), ("last", &heading.last.to_string())],
        ),
        Some(heading) => lang.with("holder.heading_found", &[("first", &heading.first.to_string())]),
        None => lang.t("holder.heading_missing"),
    };
    let value = chosen(request).heading.map(|row| row.to_string()).unwrap_or_default();
    let seen = format!("{}:{}", read.workbook.document, read.sheet);
    let columns = heading.map(|heading| columns(lang, heading, &read.mapping));
    let remembered =
        read.remembered.then(|| view! { <p class="small dim">{lang.t("holder.remembered")}</p> });
    view! {
        <form class="form" method="get" action=super::address(register.filing)>
            <input type="hidden" name="view" value="import" />
            <input type="hidden" name="seen" value=seen />
            <div class="fieldset-in">
                {workbooks}
                {sheets}
                <TextField name="heading" label=lang.t("holder.heading") kind=TextKind::Number value=value help=help width=Width::Short autocomplete="off" />
            </div>
            {columns}
            {remembered}
            <div class="actions"><Button>{lang.t("holder.again")}</Button></div>
        </form>
    }
    .into_any()
}

/// One choice per meaning: which column it stands in.
fn columns(lang: Lang, heading: &Heading, mapping: &Mapping) -> AnyView {
    let fields: Vec<AnyView> = Column::ALL
        .into_iter()
        .map(|column| {
            let at = mapping.0.get(&column).copied();
            let options = std::iter::once(Choice::new("", lang.t("holder.unused")).selected(at.is_none()))
                .chain(heading.labels.iter().map(|(number, label)| {
                    Choice::new(number.to_string(), format!("{} {label}", letter(*number)))
                        .selected(at == Some(*number))
                }))
                .collect();
            let label = column.label().get(lang.0).to_owned();
            view! { <SelectField name=format!("c-{}", column.name()) label=label options=options /> }
                .into_any()
        })
        .collect();
    let open = !mapping.0.contains_key(&Column::Name);
    view! {
        <details class="columns" open=open>
            <summary class="small">{lang.t("holder.columns")}</summary>
            <div class="fieldset-in">{fields}</div>
        </details>
    }
    .into_any()
}

/// What people should know of how the sheet was read.
fn told(lang: Lang, read: &Preview) -> Option<AnyView> {
    let told = &read.told;
    let rows = |numbers: &[u32]| {
        numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(&lang.t("holder.comma"))
    };
    let mut lines = Vec::new();
    if !told.hidden_rows.is_empty() {
        lines.push(lang.with("holder.told.rows", &[("rows", &rows(&told.hidden_rows))]));
    }
    if !told.hidden_columns.is_empty() {
        lines.push(
            lang.with(
                "holder.told.columns",
                &[("columns", &told.hidden_columns.join(&lang.t("holder.comma")))],
            ),
        );
    }
    if told.formulas > 0 {
        lines.push(lang.with("holder.told.formulas", &[("count", &told.formulas.to_string())]));
    }
    if told.left_out > 0 {
        lines.push(lang.with("holder.told.left_out", &[("count", &told.left_out.to_string())]));
    }
    let hidden = read.sheets.iter().filter(|(_, hidden, _)| *hidden).count();
    if hidden > 0 {
        lines.push(lang.with("holder.told.sheets", &[("count", &hidden.to_string())]));
    }
    let lines: Vec<AnyView> = lines.into_iter().map(|line| view! { <p>{line}</p> }.into_any()).collect();
    (!lines.is_empty()).then(|| view! { <Callout kind=CalloutKind::Info>{lines}</Callout> }.into_any())
}

/// The rows with the addresses of their cells.
fn rows(request: &Request, read: &Preview) -> Option<AnyView> {
    if read.holders.is_empty() {
        return None;
    }
    let lang = request.lang;
    let page = slice(request, (0..read.holders.len()).collect());
    let rows: Vec<AnyView> = page
        .rows
        .iter()
        .map(|at| {
            let Masked { holder, id_shown } = &read.holders[*at];
            let addressed: Vec<Problem> = read
                .problems
                .iter()
                .filter(|problem| problem.holder == Some(*at))
                .map(|problem| with_address(problem, &read.mapping, holder.sheet_row))
                .collect();
            let place = row::place(lang, *at, holder.sheet_row);
            row::row(
                lang,
                row::Shown {
                    holder,
                    id: id_shown,
                    problems: addressed.iter().collect(),
                    place,
                    ordinal: None,
                    change: None,
                },
            )
        })
        .collect();
    let note = lang.t("holder.preview_note");
    let foot = pager(request, &page);
    let table = frame(lang, false, rows);
    Some(view! { <Card title=lang.t("holder.preview") note=note flush=true>{table} {foot}</Card> }.into_any())
}

/// "E8：……"
fn with_address(problem: &Problem, mapping: &Mapping, sheet_row: u32) -> Problem {
    let Some(at) = problem.column.and_then(|column| mapping.0.get(&column)) else { return problem.clone() };
    let cell = cell(*at, sheet_row);
    let Text { zh, en } = &problem.message;
    Problem { message: Text { zh: format!("{cell}：{zh}"), en: format!("{cell}: {en}") }, ..problem.clone() }
}

/// Taking over what is seen.
fn take(lang: Lang, register: &HolderRegister, read: &Preview) -> Option<AnyView> {
    let heading = read.heading.as_ref().filter(|_| !read.holders.is_empty())?;
    let hidden =
        |name: String, value: String| view! { <input type="hidden" name=name value=value /> }.into_any();
    let mut inputs = vec![
        hidden("filing".into(), register.filing.to_string()),
        hidden("document".into(), read.workbook.document.to_string()),
        hidden("number".into(), read.workbook.number.to_string()),
        hidden("sheet".into(), read.sheet.to_string()),
        hidden("heading".into(), heading.first.to_string()),
        hidden("expected".into(), register.imports.first().map_or(0, |import| import.number).to_string()),
    ];
    for (column, at) in &read.mapping.0 {
        inputs.push(hidden(format!("columns[{}]", column.name()), at.to_string()));
    }
    let text = lang.with("holder.import", &[("count", &read.holders.len().to_string())]);
    let kept = (!register.imports.is_empty())
        .then(|| view! { <span class="small dim">{lang.t("holder.import_keeps")}</span> });
    Some(
        view! {
            <form class="row" method="post" action="/do/holder-register/import">
                {inputs}
                <Button kind=ButtonKind::Primary>{text}</Button>
                {kept}
            </form>
        }
        .into_any(),
    )
}
