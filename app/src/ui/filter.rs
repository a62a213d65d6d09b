//! Filter bar and search field: GET forms, so that every view has an address.

use leptos::prelude::*;

use super::{Choice, Icon, IconName, KeyHint, Words};

/// A GET form with the filters of a list; children are [`SearchInput`]s, [`FilterSelect`]s and a button.
#[component]
pub fn FilterBar(
    /// The list's own address.
    #[prop(into)]
    action: String,
    /// Name of the form: "筛选".
    #[prop(into)]
    label: String,
    /// The controls.
    children: Children,
) -> impl IntoView {
    view! { <form class="filter" method="get" action=action role="search" aria-label=label>{children()}</form> }
}

/// One select of a filter bar, with its small label above.
#[component]
pub fn FilterSelect(
    /// Name in the query; also the id.
    #[prop(into)]
    name: String,
    /// What it filters by.
    #[prop(into)]
    label: String,
    /// The options; the first one usually means "all".
    options: Vec<Choice>,
) -> impl IntoView {
    let id = format!("filter-{name}");
    let options = options
        .into_iter()
        .map(|choice| view! { <option value=choice.value selected=choice.selected>{choice.text}</option> })
        .collect_view();
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <select class="input" id=id.clone() name=name>{options}</select>
        </div>
    }
}

/// The search input alone, for use inside a form.
#[component]
pub fn SearchInput(
    /// Name in the query.
    #[prop(into)]
    name: String,
    /// Its name for a screen reader.
    #[prop(into)]
    label: String,
    /// What was searched.
    #[prop(optional, into)]
    value: Words,
    /// What can be searched.
    #[prop(optional, into)]
    placeholder: Words,
) -> impl IntoView {
    view! {
        <div class="search">
            <Icon name=IconName::Search />
            <input type="search" name=name aria-label=label value=value.get() placeholder=placeholder.get() autocomplete="off" />
        </div>
    }
}

/// The search of the top bar: a form on wide screens, a link to its page on a phone. `Ctrl K` reaches it.
#[component]
pub fn SearchField(
    /// Address of the search page; the words go into `?q=`.
    #[prop(into)]
    action: String,
    /// Its name for a screen reader.
    #[prop(into)]
    label: String,
    /// What was searched.
    #[prop(optional, into)]
    value: Words,
    /// What can be searched: "企业、文件、条目".
    #[prop(optional, into)]
    placeholder: Words,
) -> impl IntoView {
    view! {
        <form class="search" method="get" action=action.clone() role="search">
            <Icon name=IconName::Search />
            <input
                type="search"
                name="q"
                aria-label=label.clone()
                value=value.get()
                placeholder=placeholder.get()
                autocomplete="off"
                data-shortcut="k"
            />
            <KeyHint keys="Ctrl K" />
        </form>
        <a class="search-link" href=action aria-label=label><Icon name=IconName::Search /></a>
    }
}
