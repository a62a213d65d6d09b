//! The landing page for everybody, and `/home`, which leads each person to the own desk.

use backend::market;
use domain::actor::{OrgKind, Role};
use ledger::checkpoint::Checkpoint;
use leptos::prelude::*;

use crate::{
    frame::Frame,
    lang::Lang,
    page::{page, signed_in_page},
    ui::{
        ButtonKind, ButtonLink, Card, DescriptionList, Fact, FactsLayout, Icon, IconName, Kpi, KpiRow,
        MainWidth,
    },
};

/// The four doors: icon, key below `home.door.`, where it leads.
const DOORS: [(IconName, &str, &str); 4] = [
    (IconName::Building, "enterprise", "/register?kind=enterprise"),
    (IconName::Pen, "firm", "/register?kind=accounting_firm"),
    (IconName::Check, "exchange", "/login"),
    (IconName::View, "supervisor", "/login"),
];
/// How many claims and how many disclaimers there are.
const PROVEN: usize = 4;
const NOT_CLAIMED: usize = 4;

/// `/`
pub fn landing() -> AnyView {
    page(|request| async move {
        let lang = request.lang;
        let counts = market::public_counts(&request.cx).await?;
        let checkpoint = request.cx.ledger.checkpoint().await.ok().map(|(checkpoint, _)| checkpoint);
        let doors = DOORS
            .into_iter()
            .map(|(name, key, href)| {
                view! {
                    <li>
                        <Icon name />
                        <h3><a href=href>{lang.t(&format!("home.door.{key}.title"))}</a></h3>
                        <p>{lang.t(&format!("home.door.{key}.text"))}</p>
                    </li>
                }
            })
            .collect_view();
        let claims = |name: &str, count: usize, icon: IconName| {
            (1..=count)
                .map(|number| {
                    let text = lang.t(&format!("home.{name}.p{number}"));
                    view! { <li><Icon name=icon />{text}</li> }
                })
                .collect_view()
        };
        let figures = [
            ("home.figure.companies", lang.number(counts.companies)),
            ("home.figure.listed", lang.number(counts.listed)),
            ("home.figure.submissions", lang.number(counts.submissions)),
            ("home.figure.anchored", lang.number(counts.anchored)),
        ]
        .into_iter()
        .map(|(key, value)| view! { <Kpi label=lang.t(key) value /> })
        .collect_view()
        .into_any();
        let width = MainWidth::Full;
        Ok(Frame::new(&lang.t("home.title")).width(width).show(&request, view! {
            <section class="hero">
                <div>
                    <h1>{lang.t("home.title")}</h1>
                    <p class="lead">{lang.t("home.lead")}</p>
                    <div class="actions">
                        <ButtonLink href="/login" kind=ButtonKind::Primary>{lang.t("nav.login")}</ButtonLink>
                        <ButtonLink href="/register">{lang.t("nav.register")}</ButtonLink>
                    </div>
                    <p class="fine">{lang.t("home.fine")}</p>
                </div>
                {ledger_card(lang, checkpoint)}
            </section>
            <section class="band white">
                <h2>{lang.t("home.figures")}</h2>
                <KpiRow>{figures}</KpiRow>
            </section>
            <section class="band">
                <h2>{lang.t("home.doors")}</h2>
                <ul class="doors">{doors}</ul>
            </section>
            <section class="band white">
                <div class="claims">
                    <div>
                        <h2>{lang.t("home.proven.title")}</h2>
                        <ul>{claims("proven", PROVEN, IconName::CheckCircle)}</ul>
                    </div>
                    <div class="not">
                        <h2>{lang.t("home.not.title")}</h2>
                        <ul>{claims("not", NOT_CLAIMED, IconName::Minus)}</ul>
                    </div>
                </div>
            </section>
        }))
    })
}

/// The ledger as it is at this moment, and where anybody checks it.
fn ledger_card(lang: Lang, checkpoint: Option<Checkpoint>) -> AnyView {
    let foot = view! {
        <div class="row">
            <ButtonLink href="/verify" small=true icon=IconName::Shield>{lang.t("nav.verify")}</ButtonLink>
            <ButtonLink href="/ledger" small=true icon=IconName::Ledger>{lang.t("home.ledger.open")}</ButtonLink>
        </div>
    }
    .into_any();
    let Some(checkpoint) = checkpoint else {
        return view! { <Card title=lang.t("home.ledger.title") foot><p class="dim">{lang.t("home.ledger.empty")}</p></Card> }.into_any();
    };
    let size = lang.number(i64::try_from(checkpoint.size).unwrap_or(i64::MAX));
    let root = crate::public_ledger::path::hex(checkpoint.root);
    let origin = checkpoint.origin.to_string();
    view! {
        <Card title=lang.t("home.ledger.title") foot>
            <DescriptionList layout=FactsLayout::Stacked>
                <Fact term=lang.t("home.ledger.size")><strong class="strong">{size}</strong></Fact>
                <Fact term=lang.t("home.ledger.root")><code class="mono small">{root}</code></Fact>
                <Fact term=lang.t("home.ledger.origin")><code class="mono small">{origin}</code></Fact>
            </DescriptionList>
        </Card>
    }
    .into_any()
}

/// `/home`
pub fn home() -> AnyView {
    signed_in_page(|request| async move {
        let actor = request.cx.actor()?;
        // This page shows nothing itself: what the form before left is for the next one.
        if let Some(said) = request.flash.done.clone() {
            request.tell(said).await;
        }
        leptos_axum::redirect(match (actor.org_kind, actor.role) {
            (OrgKind::Enterprise, _) => "/filings",
            (OrgKind::Exchange, Role::Operator) => "/admin/organisations",
            (OrgKind::Exchange, _) => "/review",
            (OrgKind::Regulator, _) => "/supervision",
            _ => "/engagements",
        });
        Ok(().into_any())
    })
}

/// `/styleguide`: every component in every state, for those who build pages.
pub fn styleguide() -> AnyView {
    page(|request| async move {
        let title = request.lang.t("home.styleguide");
        Ok(Frame::new(&title).show(&request, view! { <crate::styleguide::Styleguide /> }))
    })
}
