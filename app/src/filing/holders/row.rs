//! One row of a register: its cells, and under each what is wrong with it. What a phone leaves out it still says when
//! something is wrong there.

use domain::holder_register::{Column, Holder, Problem, Severity};
use leptos::prelude::*;

use crate::lang::Lang;

/// A row to show.
pub(super) struct Shown<'a> {
    pub(super) holder: &'a Holder,
    /// The identification number as it may be shown.
    pub(super) id: &'a str,
    pub(super) problems: Vec<&'a Problem>,
    /// Where it stands, as people find it.
    pub(super) place: String,
    pub(super) ordinal: Option<i64>,
    /// What can be done with it.
    pub(super) change: Option<AnyView>,
}

/// "第 8 行" of the workbook, or that it was typed.
pub(super) fn place(lang: Lang, index: usize, sheet_row: u32) -> String {
    if sheet_row == 0 {
        format!("{}*", index + 1)
    } else {
        lang.with("holder.sheet_row", &[("row", &sheet_row.to_string())])
    }
}

/// A percentage in ten-thousandths of a percent, with two decimals or as many as it has.
pub(super) fn percent(parts: i64) -> String {
    let fraction = format!("{:04}", parts % 10_000);
    let fraction = if fraction.ends_with("00") { &fraction[..2] } else { fraction.trim_end_matches('0') };
    format!("{}.{fraction}%", parts / 10_000)
}

/// A value for reading, or what stands there instead of one.
fn value(lang: Lang, holder: &Holder, column: Column) -> String {
    if let Some(said) = holder.unread.get(&column) {
        return said.clone();
    }
    let shown = match column {
        Column::Shares => holder.shares.map(|shares| lang.number(shares)),
        Column::Percent => holder.percent.map(percent),
        Column::Contributed => holder.contributed.map(|fen| {
            let label = domain::field::money_label(fen, domain::locale::Locale::Zh);
            label.trim_end_matches(" 元").to_owned()
        }),
        _ => Some(holder.get(column)).filter(|text| !text.is_empty()),
    };
    shown.unwrap_or_else(|| "—".to_owned())
}

pub(super) fn row(lang: Lang, shown: Shown<'_>) -> AnyView {
    let Shown { holder, id, problems, place, ordinal, change } = shown;
    let worst = problems.iter().map(|problem| problem.severity).min();
    let class = match worst {
        Some(Severity::Error) => "bad",
        Some(Severity::Warning) => "look",
        None => "",
    };
    let wrong = |columns: &[Column], class: &'static str| -> Vec<AnyView> {
        problems
            .iter()
            .filter(|problem| problem.column.is_some_and(|column| columns.contains(&column)))
            .map(|problem| {
                let tone = if problem.severity == Severity::Error { "red" } else { "amber" };
                view! { <small class=format!("{tone} {class}")>{problem.message.get(lang.0).to_owned()}</small> }.into_any()
            })
            .collect()
    };
    let id = (!id.is_empty()).then(|| view! { <span class="mono">{id.to_owned()}</span> });
    let id_kind = (!holder.id_kind.is_empty()).then(|| view! { <small>{holder.id_kind.clone()}</small> });
    let kind = (!holder.kind.is_empty()).then(|| view! { <small>{holder.kind.clone()}</small> });
    let note = (!holder.note.is_empty()).then(|| view! { <small>{holder.note.clone()}</small> });
    let anchor = ordinal.map(|ordinal| format!("holder-{ordinal}"));
    let change = change.map(|change| view! { <td class="fit">{change}</td> });
    view! {
        <tr id=anchor class=class data-row=holder.sheet_row.to_string()>
            <td class="n fit">{place}</td>
            <td>
                {value(lang, holder, Column::Name)}
                {kind}
                {note}
                {wrong(&[Column::Name, Column::Kind, Column::Note], "")}
                // Their own columns do not fit a phone; the mistakes in them do.
                {wrong(&[Column::IdKind, Column::IdNumber, Column::Percent, Column::Contributed, Column::AcquiredOn], "only-phone")}
            </td>
            <td class="hide-phone">{id} {id_kind} {wrong(&[Column::IdKind, Column::IdNumber], "")}</td>
            <td class="n">{value(lang, holder, Column::Shares)} {wrong(&[Column::Shares], "wrap")}</td>
            <td class="n hide-phone">{value(lang, holder, Column::Percent)} {wrong(&[Column::Percent], "wrap")}</td>
            <td class="n hide-tablet">{value(lang, holder, Column::Contributed)} {wrong(&[Column::Contributed], "wrap")}</td>
            <td class="hide-tablet">{value(lang, holder, Column::AcquiredOn)} {wrong(&[Column::AcquiredOn], "")}</td>
            {change}
        </tr>
    }
    .into_any()
}
