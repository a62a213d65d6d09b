//! The two frames of the product: the working shell with navigation, and the public shell.

use leptos::prelude::*;

use super::{Avatar, Icon, IconName, Link, Seal, Tone, Words, words::classes};

/// One entry of the navigation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NavItem {
    /// Its name.
    pub text: String,
    /// Its address.
    pub href: String,
    /// A picture before it.
    pub icon: Option<IconName>,
    /// The page one is on.
    pub current: bool,
    /// How many things wait there, and what that means.
    pub badge: Option<(u64, Tone)>,
}

impl NavItem {
    /// An entry without picture or badge.
    pub fn new(text: impl Into<String>, href: impl Into<String>, current: bool) -> Self {
        Self { text: text.into(), href: href.into(), icon: None, current, badge: None }
    }

    /// The same entry with a picture.
    #[must_use]
    pub fn icon(mut self, icon: IconName) -> Self {
        self.icon = Some(icon);
        self
    }

    /// The same entry with a count; a count of nothing shows nothing.
    #[must_use]
    pub fn badge(mut self, count: u64, tone: Tone) -> Self {
        self.badge = (count > 0).then_some((count, tone));
        self
    }
}

/// A group of entries, the first one usually without a title.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NavSection {
    /// Its title.
    pub title: Words,
    /// Its entries.
    pub items: Vec<NavItem>,
}

impl NavSection {
    /// A group from its title (may be empty) and entries.
    pub fn new(title: impl Into<Words>, items: Vec<NavItem>) -> Self {
        Self { title: title.into(), items }
    }
}

/// The fixed texts of a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShellWords {
    /// The product's name: "股信".
    pub brand: String,
    /// "跳到正文"
    pub skip: String,
    /// "主导航"
    pub nav: String,
    /// "菜单", the phone's button.
    pub menu: String,
}

/// The seal and the name, leading home.
#[component]
pub fn Brand(
    /// The product's name.
    #[prop(into)]
    name: String,
    /// Home.
    #[prop(into)]
    href: String,
) -> impl IntoView {
    view! { <a class="brand" href=href><Seal />{name}</a> }
}

fn section(section: NavSection) -> impl IntoView {
    let items = section
        .items
        .into_iter()
        .map(|item| {
            let badge = item.badge.map(|(count, tone)| {
                let tone = match tone {
                    Tone::Info => "act",
                    Tone::Bad => "bad",
                    Tone::Plain | Tone::Ok | Tone::Look => "",
                };
                view! { <span class=classes(&["badge", tone])>{count.to_string()}</span> }
            });
            view! {
                <li>
                    <a href=item.href aria-current=item.current.then_some("page")>
                        {item.icon.map(|name| view! { <Icon name /> })}
                        {item.text}
                        {badge}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        {section.title.get().map(|title| view! { <h2>{title}</h2> })}
        <ul>{items}</ul>
    }
}

/// The working shell. Children are the page: a [`Main`] and, where there is one, a [`Dock`](super::Dock).
#[component]
pub fn AppShell(
    /// The fixed texts.
    words: ShellWords,
    /// Home of this person.
    #[prop(into)]
    home: String,
    /// The navigation.
    nav: Vec<NavSection>,
    /// [`Breadcrumb`], if the page has one.
    #[prop(optional)]
    crumbs: Option<AnyView>,
    /// Search, language, person: what stands at the right of the bar.
    #[prop(optional)]
    tools: Option<AnyView>,
    /// The page.
    children: Children,
) -> impl IntoView {
    let sections = nav.into_iter().map(section).collect_view();
    view! {
        <a class="skip" href="#main">{words.skip}</a>
        <div class="shell">
            <header class="top">
                <Brand name=words.brand href=home />
                <details class="nav-toggle">
                    <summary aria-label=words.menu>
                        <Icon name=IconName::Menu />
                    </summary>
                </details>
                <nav class="nav" aria-label=words.nav>
                    <div class="nav-in">{sections}</div>
                </nav>
                <div class="bar">{crumbs} <div class="tools">{tools}</div></div>
            </header>
            <div class="page">{children()}</div>
        </div>
    }
}

/// How wide the middle of a page is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MainWidth {
    /// 1280 px.
    #[default]
    Page,
    /// A form or a text: 800 px, in the public shell 520 px.
    Narrow,
    /// The screen.
    Wide,
    /// The screen without padding: the landing page's bands.
    Full,
}

/// The middle of a page; the skip link leads here.
#[component]
pub fn Main(
    /// How wide.
    #[prop(optional)]
    width: MainWidth,
    /// The page's parts, set 20 px apart.
    children: Children,
) -> impl IntoView {
    let width = match width {
        MainWidth::Page => "",
        MainWidth::Narrow => "narrow",
        MainWidth::Wide => "wide",
        MainWidth::Full => "full",
    };
    view! { <main class=classes(&["main", width]) id="main" tabindex="-1">{children()}</main> }
}

/// The public shell: a bar on top, the foot with the filing number (备案) below.
#[component]
pub fn PublicShell(
    /// The fixed texts.
    words: ShellWords,
    /// Links of the bar.
    links: Vec<NavItem>,
    /// Language switch, sign-in.
    #[prop(optional)]
    tools: Option<AnyView>,
    /// What stands in the foot: 备案 number, rules, complaint.
    #[prop(optional)]
    foot: Option<AnyView>,
    /// A [`Main`].
    children: Children,
) -> impl IntoView {
    let links = links
        .into_iter()
        .map(|link| view! { <li><a href=link.href aria-current=link.current.then_some("page")>{link.text}</a></li> })
        .collect_view();
    view! {
        <a class="skip" href="#main">{words.skip}</a>
        <div class="public">
            <header class="bar">
                <Brand name=words.brand href="/" />
                <nav aria-label=words.nav><ul class="links">{links}</ul></nav>
                <div class="tools">{tools}</div>
            </header>
            {children()}
            <footer class="foot">{foot}</footer>
        </div>
    }
}

/// Where this page lies; the last entry is the page itself.
#[component]
pub fn Breadcrumb(
    /// Name of the navigation: "位置".
    #[prop(into)]
    label: String,
    /// The pages above.
    above: Vec<Link>,
    /// This page.
    #[prop(into)]
    here: String,
) -> impl IntoView {
    let above =
        above.into_iter().map(|link| view! { <li><a href=link.href>{link.text}</a></li> }).collect_view();
    view! { <nav class="crumbs" aria-label=label><ol>{above}<li aria-current="page">{here}</li></ol></nav> }
}

/// The same page in the other language.
#[component]
pub fn LanguageLink(
    /// Address that switches.
    #[prop(into)]
    href: String,
    /// BCP 47 tag of the other language.
    #[prop(into)]
    lang: String,
    /// Its name in itself, short: "EN", "中文".
    #[prop(into)]
    text: String,
    /// What it does, in the other language: "Switch to English".
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! { <a href=href lang=lang.clone() hreflang=lang aria-label=label>{text}</a> }
}

/// The person's menu; opens without a script. Children are `<li>`s with links or one-button forms.
#[component]
pub fn UserMenu(
    /// Name of the person.
    #[prop(into)]
    name: String,
    /// In which function: "经办".
    #[prop(into)]
    role: String,
    /// For which organisation.
    #[prop(optional, into)]
    organisation: Words,
    /// The entries.
    children: Children,
) -> impl IntoView {
    view! {
        <details class="pop" data-pop="">
            <summary>
                <Avatar name=name.clone() />
                <span class="who">{name.clone()}<span class="who-role">" · "{role.clone()}</span></span>
                <Icon name=IconName::ChevronDown />
            </summary>
            <div class="pop-panel">
                <div class="pop-head">
                    <strong>{name}</strong>
                    <small>{role}</small>
                    {organisation.get().map(|organisation| view! { <small>{organisation}</small> })}
                </div>
                <ul>{children()}</ul>
            </div>
        </details>
    }
}

/// The head of a page: a line above, the title, what it is about, its actions.
#[component]
pub fn PageHead(
    /// The page's title; the only `h1`.
    #[prop(into)]
    title: String,
    /// The line above: company, board, rule pack.
    #[prop(optional, into)]
    over: Words,
    /// One sentence under it.
    #[prop(optional, into)]
    lead: Words,
    /// What follows the title: tags, a leaf.
    #[prop(optional)]
    extra: Option<AnyView>,
    /// Buttons at the right.
    #[prop(optional)]
    actions: Option<AnyView>,
) -> impl IntoView {
    view! {
        <div class="head">
            <div class="head-text">
                {over.get().map(|over| view! { <span class="over">{over}</span> })}
                <div class="row"><h1>{title}</h1>{extra}</div>
                {lead.get().map(|lead| view! { <p class="lead">{lead}</p> })}
            </div>
            {actions.map(|actions| view! { <div class="actions">{actions}</div> })}
        </div>
    }
}
