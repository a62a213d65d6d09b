//! Working tables. The author writes `<thead>` and `<tbody>`; these give the frame, the sort links and the row link.

use leptos::prelude::*;

use super::{Icon, IconName, words::classes};

/// How dense the rows are and how they align.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rows {
    /// A line and a small line of reason, aligned on top.
    #[default]
    Two,
    /// One line, never broken.
    One,
    /// Aligned on the middle.
    Middle,
}

/// The frame of a table: scrolls sideways by itself and can be reached with the keyboard.
#[component]
pub fn TableBox(
    /// What the table shows, for a screen reader.
    #[prop(into)]
    label: String,
    /// Density.
    #[prop(optional)]
    rows: Rows,
    /// The head stays in sight; only for tables that are not wider than the page.
    #[prop(optional)]
    sticky: bool,
    /// `<thead>` and `<tbody>`.
    children: Children,
) -> impl IntoView {
    let rows = match rows {
        Rows::Two => "",
        Rows::One => "one",
        Rows::Middle => "middle",
    };
    view! {
        <div class=classes(&["table-box", if sticky { "sticky" } else { "" }]) role="region" aria-label=label tabindex="0">
            <table class=classes(&["table", rows])>{children()}</table>
        </div>
    }
}

/// Which way a column is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sorted {
    /// Smallest first.
    Up,
    /// Largest first.
    Down,
}

/// The head of a column that can be sorted by following its link.
#[component]
pub fn SortHead(
    /// Name of the column.
    #[prop(into)]
    label: String,
    /// Address that sorts by it (the other way when it is sorted already).
    #[prop(into)]
    href: String,
    /// How it is sorted now.
    #[prop(optional_no_strip)]
    sorted: Option<Sorted>,
    /// A column of numbers.
    #[prop(optional)]
    number: bool,
    /// Left out at 390 px.
    #[prop(optional)]
    hide_phone: bool,
) -> impl IntoView {
    let (aria, icon) = match sorted {
        Some(Sorted::Up) => (Some("ascending"), Some(IconName::ArrowUp)),
        Some(Sorted::Down) => (Some("descending"), Some(IconName::ArrowDown)),
        None => (None, None),
    };
    let class = classes(&[if number { "n" } else { "" }, if hide_phone { "hide-phone" } else { "" }]);
    view! {
        <th scope="col" class=class aria-sort=aria>
            <a href=href>{label}{icon.map(|name| view! { <Icon name /> })}</a>
        </th>
    }
}

/// The main link of a row; the whole row follows it.
#[component]
pub fn RowLink(
    /// Where the row leads.
    #[prop(into)]
    href: String,
    /// The text.
    children: Children,
) -> impl IntoView {
    view! { <a class="row-link" href=href>{children()}</a> }
}
