//! Cards: a sheet of paper with a title line, a body and perhaps a foot.

use leptos::prelude::*;

use super::Words;

/// A sheet. `flush` leaves the body without padding, for tables and lists.
#[component]
pub fn Card(
    /// Its title; no head without one.
    #[prop(optional, into)]
    title: Words,
    /// Identity of the heading, for links and labels.
    #[prop(optional, into)]
    id: Words,
    /// A quiet line at the right of the head.
    #[prop(optional, into)]
    note: Words,
    /// What follows the title: tags, links, a leaf.
    #[prop(optional)]
    extra: Option<AnyView>,
    /// A line under the body.
    #[prop(optional)]
    foot: Option<AnyView>,
    /// No padding around the body.
    #[prop(optional)]
    flush: bool,
    /// The body.
    children: Children,
) -> impl IntoView {
    let head = (title.is_some() || extra.is_some()).then(|| {
        view! {
            <header class="card-head">
                {title.get().map(|title| view! { <h2 id=id.get()>{title}</h2> })}
                {extra}
                {note.get().map(|note| view! { <span class="note">{note}</span> })}
            </header>
        }
    });
    let body = if flush {
        children().into_any()
    } else {
        view! { <div class="card-in">{children()}</div> }.into_any()
    };
    view! {
        <section class="card">
            {head}
            {body}
            {foot.map(|foot| view! { <footer class="card-foot">{foot}</footer> })}
        </section>
    }
}
