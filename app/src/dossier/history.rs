//! How a filing came to be as it is: versions and what changed, questions and answers, decisions, every event.

use backend::filing::{
    DecisionView, DocumentChange, FieldChange, ReviewItemView, SlotView, TimelineEvent, VersionChanges,
    VersionView,
};
use leptos::prelude::*;

use super::{leaf, text, value};
use crate::{
    lang::{Lang, machine_time},
    ui::{
        Card, CompareTwo, Digest, EmptyState, Event, IconName, RowLink, Rows, Source, TableBox, Tag,
        Timeline, Tone,
    },
};

/// The submitted versions, newest first, each with what is new in it.
pub(crate) fn versions(
    lang: Lang,
    versions: &[VersionView],
    changes: &[VersionChanges],
    href: impl Fn(i64) -> String,
) -> AnyView {
    let rows: Vec<_> = versions
        .iter()
        .rev()
        .map(|version| {
            let name = lang.with("dossier.version", &[("number", &version.number.to_string())]);
            let (manifest, mark) = (version.manifest_sha256.clone(), leaf(lang, version.leaf_index));
            let (documents, who) = (version.documents.to_string(), version.submitted_by.clone());
            let (when, to) = (lang.second(version.submitted_at), href(version.number));
            view! {
                <tr>
                    <td><RowLink href=to>{name}</RowLink><small>{who}</small></td>
                    <td class="nowrap">{when}</td>
                    <td class="n hide-phone">{documents}</td>
                    <td class="hide-phone"><Digest value=manifest /></td>
                    <td class="fit">{mark}</td>
                </tr>
            }
        })
        .collect();
    let details: Vec<_> = changes.iter().map(|changes| changed(lang, changes)).collect();
    view! {
        <Card title=lang.t("dossier.versions") flush=true>
            <TableBox label=lang.t("dossier.versions") rows=Rows::Two>
                <thead><tr>
                    <th scope="col">{lang.t("dossier.version_head")}</th>
                    <th scope="col">{lang.t("dossier.submitted_at")}</th>
                    <th scope="col" class="n hide-phone">{lang.t("dossier.documents_head")}</th>
                    <th scope="col" class="hide-phone">{lang.t("dossier.manifest")}</th>
                    <th scope="col">{lang.t("dossier.leaf")}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </TableBox>
        </Card>
        {details}
    }
    .into_any()
}

fn changed(lang: Lang, changes: &VersionChanges) -> AnyView {
    let (old, new) = ((changes.number - 1).to_string(), changes.number.to_string());
    let title = lang.with("dossier.changes", &[("old", &old), ("new", &new)]);
    let documents: Vec<_> = changes.documents.iter().map(|change| document_change(lang, change)).collect();
    let fields: Vec<_> = changes.fields.iter().map(|change| field_change(lang, change, &old, &new)).collect();
    let same = (documents.is_empty() && fields.is_empty())
        .then(|| view! { <p class="dim">{lang.t("dossier.same")}</p> });
    let table = (!documents.is_empty()).then(|| {
        view! {
            <TableBox label=lang.t("dossier.changed_documents")>
                <thead><tr>
                    <th scope="col">{lang.t("dossier.slot_head")}</th>
                    <th scope="col">{lang.t("dossier.change_head")}</th>
                    <th scope="col">{lang.t("dossier.file_head")}</th>
                </tr></thead>
                <tbody>{documents}</tbody>
            </TableBox>
        }
    });
    view! { <Card title=title><div class="stack tight">{same}{table}{fields}</div></Card> }.into_any()
}

fn document_change(lang: Lang, change: &DocumentChange) -> impl IntoView + use<> {
    let (tone, word) = match (&change.before, &change.after) {
        (None, _) => (Tone::Ok, "dossier.added"),
        (Some(_), Some(_)) => (Tone::Info, "dossier.replaced"),
        (Some(_), None) => (Tone::Look, "dossier.removed"),
    };
    let word = lang.t(word);
    let name = change.after.clone().or_else(|| change.before.clone()).unwrap_or_default();
    let before = change
        .before
        .clone()
        .filter(|before| *before != name)
        .map(|before| view! { <small>{before}</small> });
    let slot = text(lang, &change.slot_name);
    view! { <tr><td>{slot}</td><td class="fit"><Tag tone=tone>{word}</Tag></td><td>{name}{before}</td></tr> }
}

fn field_change(lang: Lang, change: &FieldChange, old: &str, new: &str) -> impl IntoView + use<> {
    let label = text(lang, &change.label);
    let source =
        |number: &str, value: String| Source::new(lang.with("dossier.version", &[("number", number)]), value);
    let left = source(old, value(lang, &change.kind, &change.before));
    let right = source(new, value(lang, &change.kind, &change.after));
    let long = change.before.chars().count().max(change.after.chars().count()) > 60;
    view! { <section><h3>{label}</h3><CompareTwo left=left right=right long=long /></section> }
}

/// Corrections and inquiries by round, with the answers.
pub(crate) fn items(lang: Lang, items: &[ReviewItemView], slots: &[SlotView]) -> AnyView {
    if items.is_empty() {
        return ().into_any();
    }
    let mut rounds: Vec<(i64, String)> = items.iter().map(|item| (item.round, item.kind.clone())).collect();
    rounds.sort();
    rounds.dedup();
    rounds.reverse();
    let rounds: Vec<_> = rounds
        .into_iter()
        .map(|(round, kind)| {
            let of_round: Vec<_> = items
                .iter()
                .filter(|item| item.round == round && item.kind == kind)
                .map(|item| {
                    let slot = slots.iter().find(|slot| slot.id.to_string() == item.slot);
                    let slot = slot.map_or_else(|| lang.t("dossier.whole"), |slot| text(lang, &slot.name));
                    let answer = match (&item.answer, kind.as_str()) {
                        (Some(answer), _) => answer.clone(),
                        (None, "inquiry") => lang.t("dossier.unanswered"),
                        _ => "—".to_owned(),
                    };
                    let (reason, raised) = (item.reason.clone(), lang.moment(item.raised_at));
                    view! { <tr><td>{slot}<small>{raised}</small></td><td>{reason}</td><td>{answer}</td></tr> }
                })
                .collect();
            let title = lang.with(&format!("dossier.round.{kind}"), &[("round", &round.to_string())]);
            let label = title.clone();
            view! {
                <Card title=title flush=true>
                    <TableBox label=label>
                        <thead><tr>
                            <th scope="col">{lang.t("dossier.slot_head")}</th>
                            <th scope="col">{lang.t("dossier.asked")}</th>
                            <th scope="col">{lang.t("dossier.answer")}</th>
                        </tr></thead>
                        <tbody>{of_round}</tbody>
                    </TableBox>
                </Card>
            }
        })
        .collect();
    view! { {rounds} }.into_any()
}

/// The exchange's decisions, newest first.
pub(crate) fn decisions(lang: Lang, decisions: &[DecisionView]) -> AnyView {
    if decisions.is_empty() {
        return ().into_any();
    }
    let rows: Vec<_> = decisions
        .iter()
        .rev()
        .map(|decision| {
            let what = lang.t(&format!("event.{}", decision.kind));
            let time = lang.moment(decision.decided_at);
            let datetime = machine_time(decision.decided_at);
            let who = decision.decided_by.clone();
            let mark = leaf(lang, decision.leaf_index);
            view! {
                <Event time=time datetime=datetime note=decision.opinion.clone() leaf=mark>{who} " " <b>{what}</b></Event>
            }
        })
        .collect();
    view! {
        <Card title=lang.t("dossier.decisions") flush=true>
            <Timeline label=lang.t("dossier.decisions") dated=true>{rows}</Timeline>
        </Card>
    }
    .into_any()
}

/// Every event with its leaf, newest first.
pub(crate) fn timeline(lang: Lang, events: &[TimelineEvent]) -> AnyView {
    if events.is_empty() {
        return view! { <EmptyState title=lang.t("dossier.no_event") icon=IconName::Clock>{lang.t("dossier.no_event_why")}</EmptyState> }
            .into_any();
    }
    let rows: Vec<_> = events
        .iter()
        .rev()
        .map(|event| {
            let what = lang.t(&format!("event.{}", event.kind));
            let (time, datetime) = (lang.second(event.at), machine_time(event.at));
            let who = event.actor_name.clone();
            let mark = leaf(lang, event.leaf_index);
            view! { <Event time=time datetime=datetime note=event.actor_org.clone() leaf=mark>{who} " " <b>{what}</b></Event> }
        })
        .collect();
    view! {
        <Card title=lang.t("dossier.timeline") note=lang.t("dossier.timeline_note") flush=true>
            <Timeline label=lang.t("dossier.timeline") dated=true>{rows}</Timeline>
        </Card>
    }
    .into_any()
}
