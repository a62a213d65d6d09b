//! What the exchange asked: corrections to make and inquiries to answer, each tied to its slot. Open inquiries carry
//! boxes for the answers; the reply freezes a new version of the filing.

use std::collections::BTreeMap;

use backend::{
    Error,
    filing::{ReviewItemView, Workspace},
    review::Answer,
};
use domain::id::FilingId;
use leptos::prelude::*;

use super::marks::form_key;
use crate::{
    fail::Fail,
    lang::Lang,
    request::{Done, Request},
    ui::{Button, ButtonKind, Callout, CalloutKind, Card, Finding, TextArea, Tone},
};

/// The items on top of the workspace; the answered ones of earlier rounds stay folded.
#[must_use]
pub fn items(request: &Request, workspace: &Workspace) -> AnyView {
    let lang = request.lang;
    let (open, closed): (Vec<_>, Vec<_>) =
        workspace.review_items.iter().partition(|item| item.answered_at.is_none());
    let open = if open.is_empty() { ().into_any() } else { open_items(request, workspace, &open) };
    let closed = (!closed.is_empty()).then(|| {
        let title = lang.with("filing.reply.before", &[("count", &closed.len().to_string())]);
        let rows: Vec<AnyView> = closed.iter().map(|item| answered(lang, workspace, item)).collect();
        view! { <details><summary class="small dim">{title}</summary><Card>{rows}</Card></details> }
    });
    view! { {open} {closed} }.into_any()
}

fn open_items(request: &Request, workspace: &Workspace, open: &[&ReviewItemView]) -> AnyView {
    let lang = request.lang;
    let id = workspace.filing.id;
    let inquiry = open.iter().any(|item| item.kind == "inquiry");
    let key = if inquiry { "filing.reply.inquiry" } else { "filing.reply.correction" };
    let title = lang.with(key, &[("count", &open.len().to_string())]);
    let reply = inquiry && workspace.allowed.reply;
    let rows: Vec<AnyView> = open.iter().map(|item| one(request, workspace, item, reply)).collect();
    let blockers = workspace.completeness.total.saturating_sub(workspace.completeness.done);
    let note = asked(lang, open);
    if !reply {
        return view! {
            <Card title id="reply" note=note>{rows}</Card>
        }
        .into_any();
    }
    let form_key = request.flash.value("key", &form_key(request));
    let hint = (blockers > 0).then(|| {
        let text = lang.with("filing.reply.incomplete", &[("count", &blockers.to_string())]);
        view! { <Callout kind=CalloutKind::Look><p>{text}</p></Callout> }
    });
    view! {
        <Card title id="reply" note=note>
            <form class="form" method="post" action="/do/filing/reply">
                <input type="hidden" name="filing" value=id.to_string() />
                <input type="hidden" name="key" value=form_key />
                {rows}
                {hint}
                <p class="small dim">{lang.t("filing.reply.freezes")}</p>
                <div class="actions"><Button kind=ButtonKind::Primary>{lang.t("filing.next.reply")}</Button></div>
            </form>
        </Card>
    }
    .into_any()
}

fn asked(lang: Lang, open: &[&ReviewItemView]) -> String {
    open.first()
        .map(|item| lang.with("filing.reply.raised", &[("time", &lang.moment(item.raised_at))]))
        .unwrap_or_default()
}

/// The slot's name, leading to its row; the whole filing has none.
fn place(lang: Lang, workspace: &Workspace, slot: &str) -> (String, Option<String>) {
    workspace.slots.iter().find(|one| one.id.as_str() == slot).map_or_else(
        || (lang.t("filing.reply.whole"), None),
        |one| {
            let name = format!("{} {}", one.number, lang.pick(&one.name.zh, &one.name.en));
            (name, Some(format!("/filings/{}#slot-{}", workspace.filing.id, one.id)))
        },
    )
}

fn one(request: &Request, workspace: &Workspace, item: &ReviewItemView, reply: bool) -> AnyView {
    let lang = request.lang;
    let (title, href) = place(lang, workspace, &item.slot);
    let link = href.map(|href| view! { <a class="small" href=href>{lang.t("filing.todo.go")}</a> });
    let id = item.id.to_string();
    let field = reply.then(|| {
        let name = format!("answers[{ITEM}{id}]");
        view! {
            <TextArea name id=id.clone() label=lang.t("filing.reply.answer") value=request.flash.value(&id, "") error=request.flash.error(&id) rows=4 maxlength=4000 required=true />
        }
    });
    let reason = item.reason.clone();
    view! {
        <Finding tone=Tone::Look title>
            <p class="asked">{reason}</p>
            {link}
            {field}
        </Finding>
    }
    .into_any()
}

fn answered(lang: Lang, workspace: &Workspace, item: &ReviewItemView) -> AnyView {
    let (place, _) = place(lang, workspace, &item.slot);
    let kind =
        lang.t(if item.kind == "inquiry" { "event.inquiry_raised" } else { "event.correction_requested" });
    let when = lang.moment(item.answered_at.unwrap_or_default());
    let why = lang.with("filing.reply.answered", &[("time", &when)]);
    let answer = item.answer.clone().map(|answer| view! { <p class="answer">{answer}</p> });
    let reason = item.reason.clone();
    view! {
        <Finding tone=Tone::Ok title=format!("{kind} · {place}") why>
            <p class="asked">{reason}</p>
            {answer}
        </Finding>
    }
    .into_any()
}

/// Stands before an item's id in the name of its input: between brackets a name that begins with a digit is read as
/// the index of a list, and ids begin with one.
const ITEM: &str = "item-";

fn item_id(name: &str) -> &str {
    name.strip_prefix(ITEM).unwrap_or(name)
}

/// Answers the open inquiry.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "filing/reply")]
pub async fn reply(
    filing: String,
    key: String,
    #[server(default)] answers: BTreeMap<String, String>,
) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async {
        let id: FilingId = filing.parse().map_err(|_| Error::NotFound)?;
        let answers = answers
            .iter()
            .map(|(item, text)| {
                Ok(Answer { item: item_id(item).parse().map_err(|_| Error::NotFound)?, text: text.clone() })
            })
            .collect::<backend::Result<Vec<_>>>()?;
        backend::review::reply(&request.cx, id, &key, &answers, request.received_at).await?.done()?;
        Ok(Done::to(format!("/filings/{id}/receipt")).saying(request.lang.t("filing.reply.sent")))
    }
    .await;
    let mut typed: Vec<(&str, &str)> =
        answers.iter().map(|(item, text)| (item_id(item), text.as_str())).collect();
    typed.push(("key", &key));
    request.finish(outcome, &typed).await
}
