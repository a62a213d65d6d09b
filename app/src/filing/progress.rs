//! 进度: what happened to a filing, newest first, each with its leaf; and what the exchange decided, in its words.

use backend::filing::{TimelineEvent, Workspace};
use leptos::prelude::*;

use super::marks::leaf;
use crate::{
    lang::Lang,
    request::Request,
    ui::{Card, DescriptionList, EmptyState, Event, Fact, FactsLayout, Timeline, Tone},
};

/// The view.
#[must_use]
pub fn view(request: &Request, workspace: &Workspace) -> AnyView {
    let lang = request.lang;
    let events: Vec<AnyView> =
        workspace.timeline.iter().rev().map(|event| one(lang, workspace, event)).collect();
    let stream = if events.is_empty() {
        view! { <EmptyState title=lang.t("filing.progress.none")>{lang.t("filing.progress.none_why")}</EmptyState> }.into_any()
    } else {
        view! { <Timeline label=lang.t("filing.view.progress") dated=true>{events}</Timeline> }.into_any()
    };
    let decisions: Vec<AnyView> = workspace
        .decisions
        .iter()
        .rev()
        .map(|decision| {
            let kind = event_name(lang, &decision.kind);
            let text = if decision.opinion.is_empty() {
                lang.t("filing.progress.no_words")
            } else {
                decision.opinion.clone()
            };
            let when = lang.moment(decision.decided_at);
            let mark = leaf(lang, decision.leaf_index);
            view! {
                <Fact term=kind>
                    <p>{text}</p>
                    <small>{when} " " {mark}</small>
                </Fact>
            }
            .into_any()
        })
        .collect();
    let side = (!decisions.is_empty()).then(|| {
        view! { <Card title=lang.t("filing.progress.decisions")><DescriptionList layout=FactsLayout::Stacked>{decisions}</DescriptionList></Card> }
    });
    let stream = view! { <Card title=lang.t("filing.progress.title") note=lang.t("filing.progress.note") flush=true>{stream}</Card> };
    if side.is_some() {
        view! { <div class="cols"><div>{stream}</div><div class="stack">{side}</div></div> }.into_any()
    } else {
        stream.into_any()
    }
}

/// The name of an event of a filing, its documents or its engagements.
#[must_use]
pub fn event_name(lang: Lang, kind: &str) -> String {
    lang.try_t(&format!("event.{kind}"))
        .or_else(|| lang.try_t(&format!("filing.event.{kind}")))
        .unwrap_or_else(|| kind.to_owned())
}

/// One line: who did what, to which part of the filing, and the leaf that proves it.
pub fn one(lang: Lang, workspace: &Workspace, event: &TimelineEvent) -> AnyView {
    let name = event_name(lang, &event.kind);
    let tone = match event.kind.as_str() {
        "correction_requested"
        | "inquiry_raised"
        | "attestation_declined"
        | "engagement_declined"
        | "suspended" => Tone::Look,
        "rejected" | "acceptance_refused" => Tone::Bad,
        _ => Tone::Plain,
    };
    let text =
        |key: &str| event.detail.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    let slot = text("slot");
    let slot = workspace
        .slots
        .iter()
        .find(|one| one.id.as_str() == slot)
        .map(|one| lang.pick(&one.name.zh, &one.name.en))
        .unwrap_or_default();
    let parts: Vec<String> = [slot, text("file_name"), text("firm"), text("reason")]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    let who = if event.actor_org.is_empty() {
        event.actor_name.clone()
    } else {
        format!("{} · {}", event.actor_org, event.actor_name)
    };
    let at = domain::moment::from_micros(event.at);
    let datetime = at.format(&time::format_description::well_known::Rfc3339).unwrap_or_default();
    view! {
        <Event time=lang.moment(event.at) datetime tone note=parts.join(" · ") leaf=leaf(lang, event.leaf_index)>
            <b>{name}</b>" "<span class="dim">{who}</span>
        </Event>
    }
    .into_any()
}
