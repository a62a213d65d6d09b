//! `/rules`: the platform rules and the service agreement in force, for everybody; who is signed in for an enterprise
//! or firm accepts them here. The text is in the locale files, section by section, and bound to
//! [`RULES_VERSION`]: a change of meaning needs a new version, and everybody is asked again.

use backend::{organisation, settings::RULES_VERSION};
use domain::access::{Facts, action, may};
use leptos::prelude::*;

use crate::{
    fail::Fail,
    form::hidden,
    frame::Frame,
    page::page,
    request::{Done, Request},
    ui::{Button, ButtonKind, Callout, CalloutKind, Card, PageHead},
};

/// The sections, in order; each has a title and paragraphs below `rules.` in the locale files.
const SECTIONS: &[(&str, usize)] = &[
    ("service", 4),
    ("verification", 4),
    ("account", 4),
    ("prohibited", 3),
    ("attestation", 3),
    ("review", 3),
    ("sanctions", 5),
    ("data", 5),
    ("limits", 5),
    ("complaints", 3),
    ("changes", 3),
];

/// `/rules`
pub fn page_rules() -> AnyView {
    page(|request| async move {
        let lang = request.lang;
        let exchange = request.cx.settings.exchange_name.clone();
        let contents = SECTIONS
            .iter()
            .map(|(name, _)| {
                let title = lang.t(&format!("rules.{name}.title"));
                view! { <li><a href=format!("#{name}")><span class="grow">{title}</span></a></li> }
            })
            .collect_view();
        let sections = SECTIONS
            .iter()
            .map(|(name, paragraphs)| {
                let texts = (1..=*paragraphs)
                    .map(|number| {
                        let text = lang.with(&format!("rules.{name}.p{number}"), &[("exchange", &exchange)]);
                        view! { <p>{text}</p> }
                    })
                    .collect_view();
                view! { <section class="stack tight" id=*name><h2>{lang.t(&format!("rules.{name}.title"))}</h2>{texts}</section> }
            })
            .collect_view();
        let version = lang.with("rules.version", &[("version", RULES_VERSION)]);
        Ok(Frame::new(&lang.t("rules.title")).show(&request, view! {
            <PageHead title=lang.t("rules.title") over=format!("{exchange} · {version}") lead=lang.t("rules.lead") />
            {consent(&request)}
            <div class="cols">
                <Card><div class="prose stack loose">{sections}</div></Card>
                <div class="sticky-side no-print"><Card title=lang.t("rules.contents") flush=true><ol class="linklist">{contents}</ol></Card></div>
            </div>
        }))
    })
}

/// What the reader's organisation has accepted, or the button that does.
fn consent(request: &Request) -> Option<AnyView> {
    let actor = request.actor()?;
    if !actor.org_kind.self_registers() {
        return None;
    }
    let lang = request.lang;
    if actor.accepted_rules.as_deref() == Some(RULES_VERSION) {
        return Some(
            view! {
                <Callout kind=CalloutKind::Proven title=lang.t("rules.accepted_title")>
                    <p>{lang.with("rules.accepted", &[("version", RULES_VERSION)])}</p>
                </Callout>
            }
            .into_any(),
        );
    }
    if !may::<action::AcceptRules>(actor, &Facts::own(actor)) {
        return None;
    }
    let ask = lang.with("rules.ask", &[("organisation", &actor.org_name)]);
    Some(
        view! {
            <Callout kind=CalloutKind::Look title=lang.t("rules.ask_title")>
                <p>{ask}</p>
                <form method="post" action="/do/organisation/accept-rules">
                    {hidden("version", RULES_VERSION)}
                    <Button kind=ButtonKind::Primary>{lang.t("rules.accept")}</Button>
                </form>
            </Callout>
        }
        .into_any(),
    )
}

/// Accepts the version that was shown, for the own organisation.
#[server(prefix = "/do", endpoint = "organisation/accept-rules", name = AcceptRules)]
pub async fn accept_rules(version: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = organisation::accept_rules(&request.cx, &version).await;
    let done = outcome.map(|()| Done::to("/home").saying(request.lang.t("rules.done")));
    request.finish(done, &[]).await
}
