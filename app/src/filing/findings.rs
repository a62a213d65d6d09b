//! What does not fit together in a filing: each finding with its sources side by side, where they stand, what to do, and the
//! place to explain it and keep it. The enterprise's view of the workspace, the line that leads there, and what reviewers
//! read of the explanations.

use backend::{
    Error,
    filing::Workspace,
    finding::{Explanation, FindingView},
};
use domain::{
    finding::{Severity, Source as Place},
    id::FilingId,
};
use leptos::prelude::*;

use crate::{
    fail::Fail,
    lang::Lang,
    request::{Done, Request},
    source::{href, place_name},
    ui::{Button, Card, CompareTwo, EmptyState, Finding, Source, TextArea, Tone},
};

/// The view.
#[must_use]
pub fn view(request: &Request, workspace: &Workspace, found: &[FindingView]) -> AnyView {
    let lang = request.lang;
    if found.is_empty() {
        return view! { <EmptyState title=lang.t("finding.none")>{lang.t("finding.none_why")}</EmptyState> }
            .into_any();
    }
    let rows: Vec<AnyView> = found.iter().map(|view| one(request, workspace, view)).collect();
    view! {
        <Card title=lang.t("finding.title") note=lang.t("finding.note")>
            <div class="todo">{rows}</div>
        </Card>
    }
    .into_any()
}

/// How many findings are neither mended nor explained, leading to the view; nothing when there are none.
#[must_use]
pub fn line(lang: Lang, filing: FilingId, found: &[FindingView]) -> Option<AnyView> {
    let open = open(found);
    (open > 0).then(|| {
        let title = lang.with("finding.open", &[("count", &open.to_string())]);
        let first = found.iter().find(|view| view.explanation.is_none())?;
        let why = first.finding.message.get(lang.0).to_owned();
        let href = format!("/filings/{filing}?view=findings");
        let actions = view! { <a class="small" href=href>{lang.t("finding.look")}</a> }.into_any();
        Some(view! { <Finding tone=Tone::Look title=title why=why actions=actions /> }.into_any())
    })?
}

/// Findings that wait for a person.
#[must_use]
pub fn open(found: &[FindingView]) -> usize {
    let counts = |view: &&FindingView| view.explanation.is_none() && view.finding.severity != Severity::Info;
    found.iter().filter(counts).count()
}

fn one(request: &Request, workspace: &Workspace, view: &FindingView) -> AnyView {
    let lang = request.lang;
    let finding = &view.finding;
    let tone = match (finding.severity, &view.explanation) {
        (_, Some(_)) | (Severity::Info, None) => Tone::Plain,
        (Severity::Error, None) => Tone::Bad,
        (Severity::Warning, None) => Tone::Look,
    };
    let title = finding.rule.label(lang.0).to_owned();
    let why = finding.message.get(lang.0).to_owned();
    let advice = finding.advice.get(lang.0).to_owned();
    let sources = side_by_side(lang, workspace, view);
    let (id, rule) = (finding.id.clone(), finding.rule.name());
    let explanation = explanation(request, workspace, view);
    view! {
        <div id=id data-rule=rule>
            <Finding tone title why>
                {sources}
                <p class="small">{advice}</p>
                {explanation}
            </Finding>
        </div>
    }
    .into_any()
}

/// Two sources beside each other with what differs marked; more of them as a list below.
fn side_by_side(lang: Lang, workspace: &Workspace, view: &FindingView) -> AnyView {
    let sources: Vec<Source> =
        view.finding.sources.iter().map(|place| source(lang, workspace, view, place)).collect();
    let mut sources = sources.into_iter();
    match (sources.next(), sources.next()) {
        (Some(left), Some(right)) => {
            let more: Vec<AnyView> = sources
                .map(|source| {
                    let place = match source.href.clone().get() {
                        Some(href) => view! { <a href=href>{source.place}</a> }.into_any(),
                        None => source.place.into_any(),
                    };
                    view! { <li>{place} " · " {source.text}</li> }.into_any()
                })
                .collect();
            let more = (!more.is_empty()).then(|| view! { <ul class="todo-list">{more}</ul> });
            view! { <CompareTwo left right /> {more} }.into_any()
        }
        (Some(only), None) => {
            let place = match only.href.get() {
                Some(href) => view! { <a href=href>{only.place}</a> }.into_any(),
                None => only.place.into_any(),
            };
            view! { <p class="small">{place} " · " <span class="strong">{only.text}</span></p> }.into_any()
        }
        (None, _) => ().into_any(),
    }
}

fn source(lang: Lang, workspace: &Workspace, view: &FindingView, place: &Place) -> Source {
    if let Some(field) = &place.field {
        let label = workspace
            .sections
            .iter()
            .flat_map(|section| &section.fields)
            .find(|found| found.id == *field)
            .map_or_else(|| field.clone(), |found| lang.pick(&found.label.zh, &found.label.en));
        let href = format!("/filings/{}?view=fields#{field}", workspace.filing.id);
        let place_name = lang.with("finding.field", &[("field", &label)]);
        return Source::new(place_name, place.said.clone()).href(href);
    }
    let Some(document) = view.documents.get(&place.document) else {
        return Source::new(place.document.clone(), place.said.clone());
    };
    let (id, number) = (document.document, document.number);
    match &place.place {
        Some(at) => Source::new(place_name(lang, &document.file_name, at), place.said.clone()).href(href(
            id,
            number,
            at,
            &place.said,
        )),
        None => Source::new(document.file_name.clone(), place.said.clone())
            .href(format!("/documents/{id}/versions/{number}/content")),
    }
}

/// The explanation that is kept, or the form for one.
fn explanation(request: &Request, workspace: &Workspace, view: &FindingView) -> AnyView {
    let lang = request.lang;
    let id = &view.finding.id;
    let said = view.explanation.as_ref();
    let kept = said.map(|said| kept(lang, said));
    let field = format!("reason-{id}");
    let value = request.flash.value(&field, said.map_or("", |said| said.reason.as_str()));
    let label = lang.t("finding.reason");
    let title = lang.t(if said.is_some() { "finding.change" } else { "finding.explain" });
    view! {
        {kept}
        <details class="small">
            <summary>{title}</summary>
            <form class="stack tight" method="post" action="/do/finding/explain">
                <input type="hidden" name="filing" value=workspace.filing.id.to_string() />
                <input type="hidden" name="finding" value=id.clone() />
                <TextArea name="reason" id=field label=label value=value help=lang.t("finding.reason_help") rows=2 maxlength=1000 />
                <div class="actions"><Button small=true>{lang.t("finding.keep")}</Button></div>
            </form>
        </details>
    }
    .into_any()
}

fn kept(lang: Lang, said: &Explanation) -> AnyView {
    let by = lang.with("finding.kept_by", &[("person", &said.by), ("time", &lang.moment(said.at))]);
    view! { <div class="answer small">{said.reason.clone()}<small class="dim">" " {by}</small></div> }
        .into_any()
}

/// What the enterprise explained, for those who review; nothing when there is nothing.
#[must_use]
pub fn explained(lang: Lang, explanations: &[Explanation]) -> Option<AnyView> {
    if explanations.is_empty() {
        return None;
    }
    let rows: Vec<AnyView> = explanations
        .iter()
        .map(|said| {
            let title = said.message.get(lang.0).to_owned();
            let said = kept(lang, said);
            view! { <Finding title=title>{said}</Finding> }.into_any()
        })
        .collect();
    Some(
        view! { <Card title=lang.t("finding.explained") note=lang.t("finding.explained_note")><div class="todo">{rows}</div></Card> }
            .into_any(),
    )
}

/// Explains a finding and keeps what is there; without a reason the explanation is taken back.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "finding/explain")]
pub async fn explain_finding(
    filing: String,
    finding: String,
    #[server(default)] reason: String,
) -> Result<(), Fail> {
    let request = Request::here()?;
    let field = format!("reason-{finding}");
    let outcome = async {
        let id: FilingId = filing.parse().map_err(|_| Error::NotFound)?;
        backend::finding::explain(&request.cx, id, &finding, &reason).await?;
        let key = if reason.trim().is_empty() { "finding.was_taken_back" } else { "finding.was_kept" };
        Ok(Done::to(format!("/filings/{filing}?view=findings#{finding}")).saying(request.lang.t(key)))
    }
    .await;
    request.finish(outcome, &[(&field, &reason)]).await
}
