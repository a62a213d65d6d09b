//! The form for one row: a new one, or one that is corrected. Its number is never shown: an empty field keeps it. Whoever was
//! overtaken finds what was typed and, beside it, what stands there by now.

use backend::holder_register::{HolderRegister, Row};
use domain::{holder_register::Column, id::FilingId};
use leptos::prelude::*;

use super::address;
use crate::{
    lang::Lang,
    request::Request,
    ui::{Button, ButtonKind, ButtonLink, Card, TextField, TextKind, Width},
};

/// The form that the query asks for.
pub(super) fn form(request: &Request, register: &HolderRegister) -> Option<AnyView> {
    if !register.editable {
        return None;
    }
    let number = register.imports.first()?.number;
    let asked = request.query_number("edit");
    let row = asked.and_then(|ordinal| register.rows.iter().find(|row| row.ordinal == ordinal));
    if row.is_none() && request.query("add").is_empty() {
        return None;
    }
    let lang = request.lang;
    let title = match row {
        Some(row) => lang.with("holder.edit", &[("name", &row.holder.name)]),
        None => lang.t("holder.add"),
    };
    let note =
        row.map(|row| lang.with("holder.edited", &[("person", &row.by), ("time", &lang.moment(row.at))]));
    let fields: Vec<AnyView> = Column::ALL.into_iter().map(|column| field(request, row, column)).collect();
    let back = request.with_query(&[("edit", ""), ("add", "")]);
    let ordinal = row.map(|row| row.ordinal.to_string()).unwrap_or_default();
    let version = row.map(|row| row.version.to_string()).unwrap_or_default();
    let filing = register.filing;
    Some(
        view! {
            <Card title=title note=note>
                <form class="form" method="post" action="/do/holder/save" id="holder-form">
                    <input type="hidden" name="filing" value=filing.to_string() />
                    <input type="hidden" name="number" value=number.to_string() />
                    <input type="hidden" name="ordinal" value=ordinal />
                    <input type="hidden" name="version" value=version />
                    <div class="fieldset-in">{fields}</div>
                    <div class="actions">
                        <Button kind=ButtonKind::Primary>{lang.t("holder.save")}</Button>
                        <ButtonLink href=back>{lang.t("filing.cancel")}</ButtonLink>
                    </div>
                </form>
            </Card>
        }
        .into_any(),
    )
}

fn field(request: &Request, row: Option<&Row>, column: Column) -> AnyView {
    let lang = request.lang;
    let name = column.name();
    let stored = match (row, column) {
        // Never shown in full, so there is nothing to start from.
        (None, _) | (_, Column::IdNumber) => String::new(),
        (Some(row), column) => row.holder.get(column),
    };
    let value = request.flash.value(name, &stored);
    let typed = request.flash.typed.get(name);
    let now =
        typed.filter(|typed| **typed != stored && row.is_some() && column != Column::IdNumber).map(|_| {
            let now = if stored.is_empty() { "—" } else { stored.as_str() };
            lang.with("holder.now", &[("value", now)])
        });
    let help = match (column, row) {
        (Column::IdNumber, Some(row)) if !row.id_shown.is_empty() => {
            lang.with("holder.id_kept", &[("number", &row.id_shown)])
        }
        (Column::Shares, _) => lang.t("holder.shares_help"),
        (Column::Percent, _) => lang.t("holder.percent_help"),
        (Column::AcquiredOn, _) => lang.t("holder.day_help"),
        _ => String::new(),
    };
    let (kind, width) = match column {
        Column::IdNumber => (TextKind::Code, Width::Full),
        Column::Shares | Column::Percent | Column::Contributed | Column::AcquiredOn => {
            (TextKind::Text, Width::Medium)
        }
        _ => (TextKind::Text, Width::Full),
    };
    let error = request.flash.error(name);
    let label = column.label().get(lang.0).to_owned();
    view! { <TextField name=name label=label kind=kind value=value help=help error=error warning=now width=width maxlength=200 autocomplete="off" /> }
        .into_any()
}

/// What can be done with a row.
pub(super) fn links(lang: Lang, filing: FilingId, number: i64, row: &Row, edit: String) -> AnyView {
    let name = row.holder.name.clone();
    view! {
        <a class="small" href=format!("{edit}#holder-form")>{lang.t("holder.change")}<span class="said">{name}</span></a>
        " "
        {act(lang, "/do/holder/remove", "holder.remove", filing, number, row)}
    }
    .into_any()
}

fn act(lang: Lang, action: &'static str, key: &str, filing: FilingId, number: i64, row: &Row) -> AnyView {
    view! {
        <form class="inline" method="post" action=action>
            <input type="hidden" name="filing" value=filing.to_string() />
            <input type="hidden" name="number" value=number.to_string() />
            <input type="hidden" name="ordinal" value=row.ordinal.to_string() />
            <input type="hidden" name="version" value=row.version.to_string() />
            <button class="link small" type="submit">{lang.t(key)}<span class="said">{row.holder.name.clone()}</span></button>
        </form>
    }
    .into_any()
}

/// Rows that were taken out, each of which can be put back.
pub(super) fn removed(lang: Lang, register: &HolderRegister, number: i64) -> Option<AnyView> {
    if register.removed.is_empty() {
        return None;
    }
    let rows: Vec<AnyView> = register
        .removed
        .iter()
        .map(|row| {
            let said = lang.with("holder.edited", &[("person", &row.by), ("time", &lang.moment(row.at))]);
            let back = register
                .editable
                .then(|| act(lang, "/do/holder/put-back", "holder.put_back", register.filing, number, row));
            view! { <li>{row.holder.name.clone()} <small class="dim">{said}</small> {back}</li> }.into_any()
        })
        .collect();
    let title = lang.with("holder.removed", &[("count", &rows.len().to_string())]);
    Some(view! { <details class="small"><summary class="dim">{title}</summary><ul class="removed">{rows}</ul></details> }.into_any())
}

/// Where a saved row is shown.
pub(super) fn shown(filing: FilingId, back: &str, ordinal: i64) -> String {
    let page =
        back.split_once('?').map(|(_, query)| query).unwrap_or_default().split('&').find(|part| {
            part.strip_prefix("page=").is_some_and(|page| page.bytes().all(|b| b.is_ascii_digit()))
        });
    let query = page.map(|page| format!("?{page}")).unwrap_or_default();
    format!("{}{query}#holder-{ordinal}", address(filing))
}
