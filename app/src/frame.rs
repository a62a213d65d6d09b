//! The frame around every page: navigation by what the actor may do, breadcrumb, language, person, message.

use domain::{
    access::{Facts, action, may},
    actor::{Actor, OrgKind},
    locale::Locale,
};
use leptos::prelude::*;

use crate::{
    lang::Lang,
    look,
    page::title,
    request::Request,
    ui::{
        AppShell, Breadcrumb, Callout, CalloutKind, Flash, IconName, LanguageLink, Link, Main, MainWidth,
        NavItem, NavSection, PublicShell, ShellWords, Tone, UserMenu,
    },
};

/// What a page says about itself to its frame.
#[derive(Debug, Default)]
pub struct Frame {
    title: String,
    above: Vec<(String, String)>,
    tools: Option<AnyView>,
    dock: Option<AnyView>,
    width: MainWidth,
}

impl Frame {
    /// A frame with the page's title.
    #[must_use]
    pub fn new(title: &str) -> Self {
        Self { title: title.to_owned(), ..Self::default() }
    }

    /// One step of the breadcrumb above the page.
    #[must_use]
    pub fn above(mut self, text: impl Into<String>, href: impl Into<String>) -> Self {
        self.above.push((text.into(), href.into()));
        self
    }

    /// What stands at the bottom: [`crate::ui::Dock`].
    #[must_use]
    pub fn dock(mut self, dock: AnyView) -> Self {
        self.dock = Some(dock);
        self
    }

    /// How wide the middle is.
    #[must_use]
    pub fn width(mut self, width: MainWidth) -> Self {
        self.width = width;
        self
    }

    /// Shows a page.
    pub fn show(self, request: &Request, body: impl IntoView + 'static) -> AnyView {
        let lang = request.lang;
        let head = title(request, &self.title);
        let words = ShellWords {
            brand: lang.t("brand"),
            skip: lang.t("frame.skip"),
            nav: lang.t("frame.nav"),
            menu: lang.t("frame.menu"),
        };
        let message = message(request);
        match request.actor() {
            Some(actor) => {
                let above = self.above.into_iter().map(|(text, href)| Link::new(text, href)).collect();
                let crumbs = view! { <Breadcrumb label=lang.t("frame.crumbs") above=above here=self.title /> }.into_any();
                let tools = view! { {self.tools} {look::menu(request)} {language(request)} {person(lang, actor)} }.into_any();
                view! {
                    {head}
                    <AppShell words=words home="/home" nav=navigation(lang, actor, &request.path) crumbs=crumbs tools=tools>
                        <Main width=self.width>{message} {body}</Main>
                        {self.dock}
                    </AppShell>
                }
                .into_any()
            }
            None => view! {
                {head}
                <PublicShell words=words links=public_links(lang, &request.path) tools=public_tools(request) foot=foot(request)>
                    <Main width=self.width>{message} {body}</Main>
                </PublicShell>
            }
            .into_any(),
        }
    }
}

fn message(request: &Request) -> impl IntoView + use<> {
    let done = request.flash.done.clone().map(|text| view! { <Flash tone=Tone::Ok>{text}</Flash> });
    let failed = request.flash.failed.clone().map(|text| view! { <Flash tone=Tone::Bad>{text}</Flash> });
    let demo = request.cx.settings.demo.then(|| {
        let text = request.lang.t("frame.demo");
        view! { <Callout kind=CalloutKind::Look>{text}</Callout> }
    });
    view! { {(request.path == "/login").then_some(demo)} {done} {failed} }
}

fn language(request: &Request) -> impl IntoView + use<> {
    let (tag, name) = match request.lang.0 {
        Locale::Zh => ("en", "English"),
        Locale::En => ("zh-CN", "中文"),
    };
    view! { <LanguageLink href=request.with_query(&[("lang", tag)]) lang=tag text=name label=request.lang.t("frame.language") /> }
}

fn public_tools(request: &Request) -> AnyView {
    view! { {look::menu(request)} {language(request)} }.into_any()
}

fn person(lang: Lang, actor: &Actor) -> impl IntoView + use<> {
    let role = lang.t(&format!("role.{}", actor.role.name()));
    view! {
        <UserMenu name=actor.name.clone() role=role organisation=actor.org_name.clone()>
            <li><a href="/account">{lang.t("frame.account")}</a></li>
            <li>
                <form method="post" action="/do/session/end">
                    <button class="link" type="submit">{lang.t("frame.sign_out")}</button>
                </form>
            </li>
        </UserMenu>
    }
}

fn public_links(lang: Lang, path: &str) -> Vec<NavItem> {
    [
        ("/verify", "nav.verify"),
        ("/ledger", "nav.ledger"),
        ("/rules", "nav.rules"),
        ("/register", "nav.register"),
        ("/login", "nav.login"),
    ]
    .into_iter()
    .map(|(href, key)| NavItem::new(lang.t(key), href, path == href))
    .collect()
}

fn foot(request: &Request) -> AnyView {
    let settings = &request.cx.settings;
    let record = settings.record_number.clone().unwrap_or_else(|| request.lang.t("frame.no_record_number"));
    view! { <span>{settings.exchange_name.clone()}</span> <span>{record}</span> <a href="/rules">{request.lang.t("nav.rules")}</a> }.into_any()
}

/// The navigation holds exactly what the permission table allows.
fn navigation(lang: Lang, actor: &Actor, path: &str) -> Vec<NavSection> {
    let item = |key: &str, href: &str, icon: IconName| {
        let current = path == href || path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'));
        NavItem::new(lang.t(key), href, current).icon(icon)
    };
    let own = Facts::own(actor);
    let mut work = Vec::new();
    if actor.org_kind == OrgKind::Enterprise {
        work.push(item("nav.filings", "/filings", IconName::File));
    }
    if actor.org_kind.is_firm() {
        work.push(item("nav.engagements", "/engagements", IconName::Pen));
    }
    if may::<action::WorkQueue>(actor, &own) {
        work.push(item("nav.review", "/review", IconName::Clock));
    }
    if may::<action::Supervise>(actor, &own) {
        // The overview is current only on itself: companies and filings are its neighbours, not its children.
        work.push(
            NavItem::new(lang.t("nav.overview"), "/supervision", path == "/supervision")
                .icon(IconName::Graph),
        );
        work.push(item("nav.companies", "/supervision/companies", IconName::Building));
        work.push(item("nav.market_filings", "/supervision/filings", IconName::File));
    }
    let mut manage = Vec::new();
    if matches!(actor.org_kind, OrgKind::Enterprise) || actor.org_kind.is_firm() {
        manage.push(item("nav.organisation", "/organisation", IconName::Building));
    }
    if may::<action::Administer>(actor, &own) {
        manage.push(item("nav.organisations", "/admin/organisations", IconName::Building));
        manage.push(item("nav.people", "/admin/people", IconName::Person));
        manage.push(item("nav.rule_packs", "/admin/rule-packs", IconName::Settings));
        manage.push(item("nav.witnesses", "/admin/witnesses", IconName::Shield));
        manage.push(item("nav.drill", "/admin/drill", IconName::Search));
    }
    let mut trust =
        vec![item("nav.ledger", "/ledger", IconName::Ledger), item("nav.verify", "/verify", IconName::Check)];
    if may::<action::ReadAccessRecords>(actor, &own) {
        trust.push(item("nav.access", "/supervision/access", IconName::View));
    }
    let mut sections = vec![NavSection::new("", work)];
    if !manage.is_empty() {
        sections.push(NavSection::new(lang.t("nav.manage"), manage));
    }
    sections.push(NavSection::new(lang.t("nav.trust"), trust));
    sections
}
