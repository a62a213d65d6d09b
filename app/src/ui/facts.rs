//! Facts: a description list, and figures in a line.

use leptos::prelude::*;

use super::words::classes;

/// How the terms and values stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FactsLayout {
    /// Term left, value right.
    #[default]
    Beside,
    /// Two such pairs in a row.
    Two,
    /// Term above value, for narrow columns.
    Stacked,
}

/// A description list; children are [`Fact`]s.
#[component]
pub fn DescriptionList(
    /// How terms and values stand.
    #[prop(optional)]
    layout: FactsLayout,
    /// The facts.
    children: Children,
) -> impl IntoView {
    let layout = match layout {
        FactsLayout::Beside => "",
        FactsLayout::Two => "two",
        FactsLayout::Stacked => "stacked",
    };
    view! { <dl class=classes(&["facts", layout])>{children()}</dl> }
}

/// One term and its value.
#[component]
pub fn Fact(
    /// The term.
    #[prop(into)]
    term: String,
    /// The value.
    children: Children,
) -> impl IntoView {
    view! { <div><dt>{term}</dt><dd>{children()}</dd></div> }
}

/// Figures with their names; `line` sets them in running size.
#[component]
pub fn StatList(
    /// Name and figure.
    stats: Vec<(String, String)>,
    /// In running size, in one line.
    #[prop(optional)]
    line: bool,
) -> impl IntoView {
    let stats = stats
        .into_iter()
        .map(|(name, figure)| view! { <div><dt>{name}</dt><dd>{figure}</dd></div> })
        .collect_view();
    view! { <dl class=classes(&["stats", if line { "line" } else { "" }])>{stats}</dl> }
}
