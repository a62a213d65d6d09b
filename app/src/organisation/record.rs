//! The parts of an organisation's record that its own people and the exchange both see.

use backend::{
    journal::EventRow,
    organisation::{Organisation, Sanction},
};
use domain::actor::Standing;
use leptos::prelude::*;

use crate::{
    lang::Lang,
    ui::{Card, DescriptionList, Event, Fact, Leaf, LeafPending, Tag, Timeline, Tone},
};

/// The standing as a tag.
pub(crate) fn standing_tag(lang: Lang, standing: Standing) -> AnyView {
    let tone = match standing {
        Standing::Good => Tone::Ok,
        Standing::Unverified | Standing::Warned | Standing::Limited => Tone::Look,
        Standing::Refused | Standing::Closed => Tone::Bad,
    };
    view! { <Tag tone>{lang.t(&format!("standing.{}", standing.name()))}</Tag> }.into_any()
}

/// The record's facts.
pub(crate) fn record_card(lang: Lang, record: &Organisation) -> AnyView {
    let fact = |key: &str, value: String| {
        (!value.is_empty())
            .then(|| view! { <Fact term=lang.t(&format!("organisation.{key}"))>{value}</Fact> })
    };
    let moment = |at: Option<i64>| at.map(|at| lang.moment(at)).unwrap_or_default();
    let rules = match (&record.rules_version, record.rules_accepted_at) {
        (Some(version), Some(at)) => format!("{version} · {}", lang.day(at)),
        _ if record.kind.self_registers() => lang.t("organisation.rules_not"),
        _ => String::new(),
    };
    let suspect = record
        .credit_code_suspect
        .then(|| view! { <span class="block"><Tag tone=Tone::Look>{lang.t("organisation.check_digit_differs")}</Tag></span> });
    let code = (!record.credit_code.is_empty()).then(|| {
        let code = record.credit_code.clone();
        view! { <Fact term=lang.t("organisation.credit_code")><span class="mono">{code}</span> " " {suspect}</Fact> }
    });
    let ledger_name = record.ledger_name.clone();
    let facts = view! {
        {fact("name", record.name.clone())}
        {code}
        {fact("legal_representative", record.legal_representative.clone())}
        {fact("city", record.city.clone())}
        {fact("contact_name", record.contact_name.clone())}
        {fact("contact_phone", record.contact_phone.clone())}
        {fact("enterprise_code", record.code.clone().unwrap_or_default())}
        {fact("registered", lang.moment(record.created_at))}
        {fact("verified", moment(record.verified_at))}
        {fact("rules", rules)}
        <Fact term=lang.t("organisation.ledger_name")><span class="mono small">{ledger_name}</span></Fact>
    }
    .into_any();
    view! { <Card title=lang.t("organisation.record")><DescriptionList>{facts}</DescriptionList></Card> }
        .into_any()
}

/// Measures, open ones first; nothing when there never was one.
pub(crate) fn sanctions_card(lang: Lang, sanctions: &[Sanction]) -> Option<AnyView> {
    if sanctions.is_empty() {
        return None;
    }
    let rows = sanctions
        .iter()
        .map(|sanction| {
            let lifted = sanction.lifted_at.map(|at| {
                let reason = sanction.lift_reason.clone().unwrap_or_default();
                let text = lang.with("organisation.lifted_on", &[("day", &lang.day(at)), ("reason", &reason)]);
                view! { <small>{text}</small> }
            });
            let tag = standing_tag(lang, sanction.standing);
            let (reason, day) = (sanction.reason.clone(), lang.day(sanction.decided_at));
            view! { <li class="row"><span>{tag}</span><span class="grow">{reason}{lifted}</span><span class="dim small">{day}</span></li> }
        })
        .collect_view();
    Some(view! { <Card title=lang.t("organisation.sanctions") id="sanctions"><ul class="plain stack tight">{rows}</ul></Card> }.into_any())
}

/// What happened to the record, with leaves.
pub(crate) fn history_card(lang: Lang, events: &[EventRow]) -> Option<AnyView> {
    if events.is_empty() {
        return None;
    }
    let rows = events
        .iter()
        .map(|event| {
            let mark = leaf(lang, event.leaf_index);
            let what = event_name(lang, &event.kind);
            let by = if event.actor_name.is_empty() {
                String::new()
            } else {
                format!("{} · {}", event.actor_org, event.actor_name)
            };
            let note = note_of(&event.detail);
            let by = match (by.is_empty(), note) {
                (true, None) => String::new(),
                (true, Some(note)) => note,
                (false, None) => by,
                (false, Some(note)) => format!("{by}：{note}"),
            };
            let at = domain::moment::from_micros(event.at);
            let datetime = at.format(&time::format_description::well_known::Rfc3339).unwrap_or_default();
            view! { <Event time=lang.moment(event.at) datetime leaf=mark note=by>{what}</Event> }
        })
        .collect_view()
        .into_any();
    Some(
        view! {
            <Card title=lang.t("organisation.history") flush=true>
                <Timeline label=lang.t("organisation.history") dated=true>{rows}</Timeline>
            </Card>
        }
        .into_any(),
    )
}

/// The mark of an event's proof.
pub(crate) fn leaf(lang: Lang, index: Option<i64>) -> AnyView {
    match index.and_then(|index| u64::try_from(index).ok()) {
        Some(index) => {
            let label = lang.with("organisation.leaf", &[("index", &index.to_string())]);
            view! { <Leaf index href=format!("/ledger/entries/{index}") label /> }.into_any()
        }
        None => view! { <LeafPending text=lang.t("organisation.leaf_pending") /> }.into_any(),
    }
}

/// An event's name; its key when nobody gave it one.
fn event_name(lang: Lang, kind: &str) -> String {
    let key = kind.rsplit('.').next().unwrap_or(kind);
    lang.try_t(&format!("organisation.event.{}", kind.replace('.', "_")))
        .or_else(|| lang.try_t(&format!("event.{key}")))
        .unwrap_or_else(|| kind.to_owned())
}

/// A note or reason in the private detail.
fn note_of(detail: &str) -> Option<String> {
    let detail: serde_json::Value = serde_json::from_str(detail).ok()?;
    let text = detail.get("reason").or_else(|| detail.get("note"))?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}
