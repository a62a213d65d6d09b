//! 提交前要处理: everything that keeps a filing from being submitted, each line leading to its slot or field, and what
//! looks odd but does not stop it.

use std::collections::BTreeMap;

use backend::{filing::Workspace, finding::FindingView};
use domain::{completeness::MissingField, id::FilingId};
use leptos::prelude::*;

use super::findings;
use crate::{
    lang::Lang,
    ui::{Card, Finding, Tone},
};

/// The card, while something can be done about it.
#[must_use]
pub fn card(lang: Lang, workspace: &Workspace, found: &[FindingView]) -> Option<AnyView> {
    if !workspace.allowed.edit {
        return None;
    }
    let missing = &workspace.completeness;
    let id = workspace.filing.id;
    let stops = missing.total.saturating_sub(missing.done);
    let note = lang.with(
        "filing.todo.count",
        &[("count", &stops.to_string()), ("hints", &missing.warnings.len().to_string())],
    );
    let wrong: Vec<AnyView> = missing
        .field_errors
        .iter()
        .map(|error| {
            finding(
                lang,
                Tone::Bad,
                error.label.get(lang.0),
                error.message(lang.0),
                field_link(id, &error.field),
            )
        })
        .chain(missing.slot_errors.iter().map(|error| {
            finding(
                lang,
                Tone::Bad,
                error.name.get(lang.0),
                error.message(lang.0),
                format!("/filings/{id}#slot-{}", error.slot),
            )
        }))
        .collect();
    let slots: Vec<AnyView> = missing
        .missing_slots
        .iter()
        .map(|slot| {
            view! { <li><a href=format!("/filings/{id}#slot-{}", slot.id)>{format!("{} {}", slot.number, slot.name.get(lang.0))}</a></li> }.into_any()
        })
        .collect();
    let unattested: Vec<AnyView> = missing
        .unattested_slots
        .iter()
        .map(|slot| {
            let kind = lang.t(&format!("org_kind.{}", slot.signer.name()));
            view! {
                <li><a href=format!("/filings/{id}#slot-{}", slot.id)>{format!("{} {}", slot.number, slot.name.get(lang.0))}</a><small>{kind}</small></li>
            }
            .into_any()
        })
        .collect();
    let warnings: Vec<AnyView> = missing
        .warnings
        .iter()
        .map(|warning| {
            finding(
                lang,
                Tone::Look,
                warning.label.get(lang.0),
                warning.message(lang.0),
                field_link(id, &warning.field),
            )
        })
        .collect();
    let ready = missing.is_complete().then(|| {
        view! { <Finding tone=Tone::Ok title=lang.t("filing.todo.ready") why=lang.t("filing.todo.ready_why") /> }
    });
    let contradictions = findings::line(lang, id, found);
    let slots = group(lang, "filing.todo.slots", slots);
    let fields = fields(lang, workspace);
    let unattested = group(lang, "filing.todo.unattested", unattested);
    Some(
        view! {
            <Card title=lang.t("filing.todo.title") note=note>
                <div class="todo">
                    {ready}
                    {contradictions}
                    {wrong}
                    {slots}
                    {fields}
                    {unattested}
                    {warnings}
                </div>
            </Card>
        }
        .into_any(),
    )
}

fn field_link(id: FilingId, field: &str) -> String {
    format!("/filings/{id}?view=fields#{field}")
}

fn finding(lang: Lang, tone: Tone, title: &str, why: String, href: String) -> AnyView {
    let actions = view! { <a class="small" href=href>{lang.t("filing.todo.go")}</a> }.into_any();
    view! { <Finding tone title=title.to_owned() why actions /> }.into_any()
}

fn group(lang: Lang, key: &str, lines: Vec<AnyView>) -> AnyView {
    if lines.is_empty() {
        return ().into_any();
    }
    let title = lang.with(key, &[("count", &lines.len().to_string())]);
    view! { <Finding title><ul class="todo-list">{lines}</ul></Finding> }.into_any()
}

/// Missing fields, one line per part of the form: a new filing would have forty otherwise.
fn fields(lang: Lang, workspace: &Workspace) -> AnyView {
    let mut by_section: BTreeMap<&str, Vec<&MissingField>> = BTreeMap::new();
    for field in &workspace.completeness.missing_fields {
        by_section.entry(&field.section).or_default().push(field);
    }
    let id = workspace.filing.id;
    let lines: Vec<AnyView> = workspace
        .sections
        .iter()
        .filter_map(|section| {
            let missing = by_section.get(section.id.as_str())?;
            let first = missing.first()?;
            let names: Vec<&str> = missing.iter().take(4).map(|field| field.label.get(lang.0)).collect();
            let more = if missing.len() > 4 { lang.t("filing.todo.more") } else { String::new() };
            let count = lang.with(
                "filing.todo.fields_in",
                &[("section", section.title.get(lang.0)), ("count", &missing.len().to_string())],
            );
            let names = format!("{}{more}", names.join(&lang.pick("、", ", ")));
            Some(
                view! { <li><a href=field_link(id, &first.id)>{count}</a><small>{names}</small></li> }
                    .into_any(),
            )
        })
        .collect();
    if lines.is_empty() {
        return ().into_any();
    }
    let title = lang
        .with("filing.todo.fields", &[("count", &workspace.completeness.missing_fields.len().to_string())]);
    view! { <Finding title><ul class="todo-list">{lines}</ul></Finding> }.into_any()
}
