//! The stream of what happened, each event with its leaf.

use leptos::prelude::*;

use super::{Tone, Words, words::classes};

/// A stream of [`Event`]s, newest first. `dated` leaves room for day and time.
#[component]
pub fn Timeline(
    /// Name of the list for a screen reader.
    #[prop(into)]
    label: String,
    /// Times carry the day.
    #[prop(optional)]
    dated: bool,
    /// The events.
    children: Children,
) -> impl IntoView {
    view! { <ol class=classes(&["stream", if dated { "dated" } else { "" }]) aria-label=label>{children()}</ol> }
}

/// One event: when, what, and the leaf that proves it.
#[component]
pub fn Event(
    /// As it is read: "14:31:58".
    #[prop(into)]
    time: String,
    /// As a machine reads it: RFC 3339.
    #[prop(into)]
    datetime: String,
    /// What it means, when it is not ordinary.
    #[prop(optional)]
    tone: Tone,
    /// A small line under it.
    #[prop(optional, into)]
    note: Words,
    /// A [`Leaf`](super::Leaf) or [`LeafPending`](super::LeafPending).
    #[prop(optional)]
    leaf: Option<AnyView>,
    /// Who did what to which object.
    children: Children,
) -> impl IntoView {
    view! {
        <li class=tone.class()>
            <time datetime=datetime>{time}</time>
            <div>
                {children()}
                {note.get().map(|note| view! { <small>{note}</small> })}
            </div>
            {leaf}
        </li>
    }
}
