//! Tabs are links: each view has an address.

use leptos::prelude::*;

/// One tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    /// Its name.
    pub text: String,
    /// Its address.
    pub href: String,
    /// The one in sight.
    pub current: bool,
    /// How many things wait there.
    pub count: Option<u64>,
}

impl Tab {
    /// A tab without a count.
    pub fn new(text: impl Into<String>, href: impl Into<String>, current: bool) -> Self {
        Self { text: text.into(), href: href.into(), current, count: None }
    }

    /// The same tab with a count.
    #[must_use]
    pub fn count(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }
}

/// A row of tabs.
#[component]
pub fn Tabs(
    /// Name of the navigation.
    #[prop(into)]
    label: String,
    /// The tabs.
    tabs: Vec<Tab>,
) -> impl IntoView {
    let tabs = tabs
        .into_iter()
        .map(|tab| {
            view! {
                <li>
                    <a href=tab.href aria-current=tab.current.then_some("page")>
                        {tab.text}
                        {tab.count.map(|count| view! { <span class="badge">{count.to_string()}</span> })}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! { <nav aria-label=label><ul class="tabs">{tabs}</ul></nav> }
}
