//! Every page's address, in one list. Addresses are permanent: a page may move in the code, not for people.

use leptos::prelude::*;
use leptos_meta::{Link, Meta, MetaTags, Stylesheet, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};

use crate::{
    engagement, filing, home, lang::Lang, look::Look, page, public_ledger, request::Request, review,
    supervision, verify,
};

/// The document around the application.
pub fn shell() -> AnyView {
    let (lang, look) = Request::here()
        .map_or_else(|_| (Lang::default(), Look::default()), |request| (request.lang, request.look));
    view! {
        <!DOCTYPE html>
        <html lang=lang.0.tag() data-theme=look.theme_attribute() data-type=look.type_attribute()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                // Comfort only: Ctrl K, closing menus; everything works without it.
                <script defer src="/enhance.js"></script>
                <MetaTags />
            </head>
            <body>
                <Site />
            </body>
        </html>
    }
    .into_any()
}

/// The application.
#[component]
pub fn Site() -> impl IntoView {
    provide_meta_context();
    let scheme = Request::here().map_or_else(|_| Look::default(), |request| request.look).scheme();
    view! {
        <Stylesheet id="guxin" href="/pkg/guxin.css" />
        <Link rel="icon" href="/favicon.svg" type_="image/svg+xml" />
        <Link rel="apple-touch-icon" href="/apple-touch-icon.png" />
        <Link rel="manifest" href="/site.webmanifest" />
        <Meta name="color-scheme" content=scheme />
        <Router>
            <Routes fallback=page::not_found>
                <Route path=path!("/") view=home::landing ssr=SsrMode::Async />
                <Route path=path!("/styleguide") view=home::styleguide ssr=SsrMode::Async />
                <Route path=path!("/home") view=home::home ssr=SsrMode::Async />
                <Route path=path!("/verify") view=verify::verify ssr=SsrMode::Async />
                <Route path=path!("/review") view=review::queue ssr=SsrMode::Async />
                <Route path=path!("/review/:id") view=review::filing ssr=SsrMode::Async />
                <Route path=path!("/supervision") view=supervision::overview ssr=SsrMode::Async />
                <Route path=path!("/supervision/companies") view=supervision::companies ssr=SsrMode::Async />
                <Route path=path!("/supervision/companies/:id") view=supervision::company ssr=SsrMode::Async />
                <Route path=path!("/supervision/filings") view=supervision::filings ssr=SsrMode::Async />
                <Route path=path!("/supervision/filings/:id") view=supervision::filing ssr=SsrMode::Async />
                <Route path=path!("/supervision/documents/:id/:number") view=supervision::document ssr=SsrMode::Async />
                <Route path=path!("/supervision/access") view=supervision::access ssr=SsrMode::Async />
                <Route path=path!("/ledger") view=public_ledger::overview ssr=SsrMode::Async />
                <Route path=path!("/ledger/checkpoints") view=public_ledger::checkpoints ssr=SsrMode::Async />
                <Route path=path!("/ledger/consistency") view=public_ledger::consistency ssr=SsrMode::Async />
                <Route path=path!("/ledger/witnesses") view=public_ledger::witnesses ssr=SsrMode::Async />
                <Route path=path!("/ledger/entries/:index") view=public_ledger::entry ssr=SsrMode::Async />
                <Route path=path!("/filings") view=filing::list::list ssr=SsrMode::Async />
                <Route path=path!("/filings/new") view=filing::new::new ssr=SsrMode::Async />
                <Route path=path!("/filings/:id") view=filing::desk ssr=SsrMode::Async />
                <Route path=path!("/filings/:id/submit") view=filing::submit::submit ssr=SsrMode::Async />
                <Route path=path!("/filings/:id/holders") view=filing::holders::holders ssr=SsrMode::Async />
                <Route path=path!("/filings/:id/receipt") view=filing::receipt::receipt ssr=SsrMode::Async />
                <Route path=path!("/filings/:id/versions/:n") view=filing::versions::version ssr=SsrMode::Async />
                <Route path=path!("/engagements") view=engagement::inbox::inbox ssr=SsrMode::Async />
                <Route path=path!("/engagements/:id") view=engagement::desk::desk ssr=SsrMode::Async />
                <Route path=path!("/filings/:id/documents/:document") view=filing::history::history ssr=SsrMode::Async />
                <Route path=path!("/documents/:document/versions/:number/source") view=crate::source::place ssr=SsrMode::Async />
                <Route path=path!("/login") view=crate::sign_in::login ssr=SsrMode::Async />
                <Route path=path!("/login/second-factor") view=crate::sign_in::second_factor ssr=SsrMode::Async />
                <Route path=path!("/step-up") view=crate::sign_in::page_step_up ssr=SsrMode::Async />
                <Route path=path!("/register") view=crate::register::page_register ssr=SsrMode::Async />
                <Route path=path!("/invite/:token") view=crate::invite::page_invite ssr=SsrMode::Async />
                <Route path=path!("/rules") view=crate::rules::page_rules ssr=SsrMode::Async />
                <Route path=path!("/account") view=crate::account::account ssr=SsrMode::Async />
                <Route path=path!("/account/enrol") view=crate::account::enrol ssr=SsrMode::Async />
                <Route path=path!("/organisation") view=crate::organisation::organisation ssr=SsrMode::Async />
                <Route path=path!("/admin/organisations") view=crate::admin::organisations ssr=SsrMode::Async />
                <Route path=path!("/admin/organisations/new") view=crate::admin::new_organisation ssr=SsrMode::Async />
                <Route path=path!("/admin/organisations/:id") view=crate::admin::organisation_page ssr=SsrMode::Async />
                <Route path=path!("/admin/people") view=crate::admin::people ssr=SsrMode::Async />
                <Route path=path!("/admin/rule-packs") view=crate::admin::rule_packs ssr=SsrMode::Async />
                <Route path=path!("/admin/witnesses") view=crate::admin::witnesses_page ssr=SsrMode::Async />
                <Route path=path!("/admin/drill") view=crate::admin::drill_page ssr=SsrMode::Async />
                <Route path=path!("/admin/rule-packs/:id/:version") view=crate::admin::rule_pack_page ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
}
