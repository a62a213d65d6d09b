//! Tags: a state in a word.

use leptos::prelude::*;

use super::{Tone, words::classes};

/// A state in a word.
#[component]
pub fn Tag(
    /// What the state means.
    #[prop(optional)]
    tone: Tone,
    /// The word.
    children: Children,
) -> impl IntoView {
    view! { <span class=classes(&["tag", tone.class()])>{children()}</span> }
}
