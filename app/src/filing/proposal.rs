//! What the documents say for the fields of the form: a line under each field with value, document and page, and one press
//! that fills everything that is empty and undisputed. Plain forms; a value that a person typed stays until that person
//! takes another.

use backend::{
    Error,
    fact::{FieldProposal, Proposals, SourceView, Taken},
    filing::{FieldView, Workspace},
};
use domain::{
    fact::Place,
    id::{DocumentId, FilingId},
};
use leptos::prelude::*;

use super::fields::shown;
use crate::{
    fail::Fail,
    lang::Lang,
    request::{Done, Request},
    source,
    ui::{Button, ButtonKind, Callout, CalloutKind},
};

/// The line over the form: how many empty fields can be filled at once, and what is still being read.
#[must_use]
pub fn offer(lang: Lang, workspace: &Workspace, proposals: &Proposals) -> AnyView {
    let empty = |field: &str| {
        workspace
            .sections
            .iter()
            .flat_map(|section| &section.fields)
            .any(|found| found.id == field && found.value.is_empty())
    };
    let ready =
        proposals.fields.iter().filter(|proposal| proposal.unambiguous && empty(&proposal.field)).count();
    let waiting = (proposals.waiting > 0).then(|| {
        let said = lang.with("fact.waiting", &[("count", &proposals.waiting.to_string())]);
        view! { <p class="small dim">{said}</p> }
    });
    let filing = workspace.filing.id.to_string();
    let all = (ready > 0).then(|| {
        let title = lang.with("fact.ready", &[("count", &ready.to_string())]);
        view! {
            <Callout kind=CalloutKind::Info title=title>
                <form class="row" method="post" action="/do/fact/adopt-all">
                    <input type="hidden" name="filing" value=filing />
                    <span class="small grow">{lang.t("fact.ready_why")}</span>
                    <Button kind=ButtonKind::Primary small=true>{lang.t("fact.adopt_all")}</Button>
                </form>
            </Callout>
        }
    });
    view! { {all} {waiting} }.into_any()
}

/// The line under one field; nothing when no document speaks of it.
#[must_use]
pub fn beside(lang: Lang, field: &FieldView, proposals: &Proposals) -> Option<AnyView> {
    let from =
        proposals.taken.iter().find(|taken| taken.field == field.id).map(|from| taken(lang, field, from));
    let said = says(lang, field, &proposals.fields);
    (from.is_some() || said.is_some())
        .then(|| view! { <div class="fact-line small">{said} {from}</div> }.into_any())
}

/// What the documents say for it.
fn says(lang: Lang, field: &FieldView, proposals: &[FieldProposal]) -> Option<AnyView> {
    let proposal = proposals.iter().find(|proposal| proposal.field == field.id)?;
    let source = proposal.sources.first()?;
    let same = field.value == proposal.value;
    let value = shown(lang, &FieldView { value: proposal.value.clone(), ..field.clone() });
    let place = place(lang, source);
    let adopt = (!same).then(|| {
        let label = lang.pick(&field.label.zh, &field.label.en);
        view! {
            <button class="link" type="submit" form=format!("adopt-{}", field.id)>
                {lang.t("fact.adopt")} <span class="said">{label}</span>
            </button>
        }
    });
    let others: Vec<AnyView> = proposal
        .disagreeing
        .iter()
        .map(|source| {
            let value = shown(lang, &FieldView { value: source.value.clone(), ..field.clone() });
            view! { <li>{value} " · " {self::place(lang, source)}</li> }.into_any()
        })
        .collect();
    let others = (!others.is_empty()).then(|| {
        view! { <details class="small"><summary class="amber">{lang.t("fact.disagree")}</summary><ul>{others}</ul></details> }
    });
    let line = if same {
        view! { <span class="green">{lang.t("fact.agrees")}</span> " · " {place} }.into_any()
    } else {
        view! { {lang.t("fact.says")} " " <span class="strong">{value}</span> " · " {place} " " {adopt} }
            .into_any()
    };
    Some(view! { {line} {others} }.into_any())
}

/// The forms that the buttons of [`beside`] press: forms do not nest, so they stand behind the form of all fields.
#[must_use]
pub fn forms(filing: FilingId, workspace: &Workspace, proposals: &[FieldProposal]) -> AnyView {
    let fields = workspace.sections.iter().flat_map(|section| &section.fields);
    let forms: Vec<AnyView> = fields
        .filter(|field| {
            proposals.iter().any(|proposal| proposal.field == field.id && proposal.value != field.value)
        })
        .map(|field| {
            view! {
                <form id=format!("adopt-{}", field.id) method="post" action="/do/fact/adopt" hidden=true>
                    <input type="hidden" name="filing" value=filing.to_string() />
                    <input type="hidden" name="field" value=field.id.clone() />
                </form>
            }
            .into_any()
        })
        .collect();
    forms.into_any()
}

/// Document and page, leading to the place.
pub(super) fn place(lang: Lang, source: &SourceView) -> AnyView {
    at(lang, (source.document, source.number, &source.file_name), &source.place, &source.said)
}

/// The same for anything that stands somewhere in a document.
pub(super) fn at(
    lang: Lang,
    (document, number, file): (DocumentId, i64, &str),
    place: &Place,
    said: &str,
) -> AnyView {
    let text = source::place_name(lang, file, place);
    let href = source::href(document, number, place, said);
    view! { <a href=href>{text}</a> }.into_any()
}

/// Where the value was taken from, when that is not what the line says already: another place, or another value since.
fn taken(lang: Lang, field: &FieldView, taken: &Taken) -> AnyView {
    let text = source::place_name(lang, &taken.file_name, &taken.place);
    let href = source::href(taken.document, taken.number, &taken.place, &taken.said);
    let by = lang.with("source.taken_by", &[("person", &taken.by), ("time", &lang.moment(taken.at))]);
    let changed = (taken.value != field.value).then(|| {
        let value = shown(lang, &FieldView { value: taken.value.clone(), ..field.clone() });
        view! { " · " <span class="amber">{lang.with("source.changed", &[("value", &value)])}</span> }
    });
    view! { <div>{lang.t("source.taken")} " " <a href=href>{text}</a> " · " {by} {changed}</div> }.into_any()
}

fn parsed(text: &str) -> backend::Result<FilingId> {
    text.parse().map_err(|_| Error::NotFound)
}

/// Takes one proposal over.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "fact/adopt")]
pub async fn adopt_fact(filing: String, field: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async {
        let result = backend::fact::adopt(&request.cx, parsed(&filing)?, Some(&field)).await?;
        result.errors.check()?;
        Ok(Done::to(format!("/filings/{filing}?view=fields#{field}")).saying(request.lang.t("fact.adopted")))
    }
    .await;
    request.finish(outcome, &[]).await
}

/// Fills every empty field that the documents agree on.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "fact/adopt-all")]
pub async fn adopt_all_facts(filing: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async {
        let result = backend::fact::adopt(&request.cx, parsed(&filing)?, None).await?;
        let count = result.saved.len().to_string();
        result.errors.check()?;
        let said = request.lang.with("fact.adopted_all", &[("count", &count)]);
        Ok(Done::to(format!("/filings/{filing}?view=fields")).saying(said))
    }
    .await;
    request.finish(outcome, &[]).await
}
