//! Paging by links.

use leptos::prelude::*;

use super::{Icon, IconName, Link};

/// One page in the list, or a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PagerItem {
    /// A page that can be opened.
    Page(Link),
    /// The page one is on.
    Current(Link),
    /// Pages left out.
    Gap,
}

/// Links to the pages of a list; `summary` says which part one sees ("第 1–15 条，共 214 条").
#[component]
pub fn Pager(
    /// Name of the navigation: "分页".
    #[prop(into)]
    label: String,
    /// Which part one sees.
    #[prop(into)]
    summary: String,
    /// The page before, if any.
    #[prop(optional_no_strip)]
    prev: Option<Link>,
    /// The page after, if any.
    #[prop(optional_no_strip)]
    next: Option<Link>,
    /// The numbered pages; empty for cursors.
    #[prop(optional)]
    items: Vec<PagerItem>,
) -> impl IntoView {
    let items = items
        .into_iter()
        .map(|item| match item {
            PagerItem::Page(link) => {
                view! { <li class="far"><a href=link.href>{link.text}</a></li> }.into_any()
            }
            PagerItem::Current(link) => {
                view! { <li><a href=link.href aria-current="page">{link.text}</a></li> }.into_any()
            }
            PagerItem::Gap => view! { <li class="far"><span class="gap">"…"</span></li> }.into_any(),
        })
        .collect_view();
    let prev = prev.map(|link| view! { <li><a href=link.href rel="prev">{link.text}</a></li> });
    let next = next.map(|link| view! { <li><a href=link.href rel="next">{link.text}</a></li> });
    view! {
        <nav class="pager" aria-label=label>
            <span>{summary}</span>
            <ul>{prev}{items}{next}</ul>
        </nav>
    }
}

/// One applied filter that can be taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chip {
    /// What is applied: "阶段：审核".
    pub text: String,
    /// The address without it.
    pub remove: String,
    /// What the cross says: "去掉「阶段：审核」".
    pub label: String,
}

/// The filters that are applied.
#[component]
pub fn Chips(
    /// In the order of the bar.
    chips: Vec<Chip>,
    /// Takes all of them off.
    #[prop(optional_no_strip)]
    clear: Option<Link>,
) -> impl IntoView {
    let chips = chips
        .into_iter()
        .map(|chip| {
            view! {
                <li class="chip">
                    {chip.text}
                    <a href=chip.remove aria-label=chip.label><Icon name=IconName::Close /></a>
                </li>
            }
        })
        .collect_view();
    view! {
        <ul class="chips">
            {chips}
            {clear.map(|link| view! { <li><a href=link.href>{link.text}</a></li> })}
        </ul>
    }
}
