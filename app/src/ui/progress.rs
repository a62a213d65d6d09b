//! Progress of one piece of work, and the bones of something not here yet.

use leptos::prelude::*;

use super::{Tone, Words};

/// A bar with its name and how far it is. Without `value` it says only that work goes on.
#[component]
pub fn Progress(
    /// What is going on: the file's name.
    #[prop(into)]
    label: String,
    /// Parts done; missing when unknown.
    #[prop(optional_no_strip)]
    value: Option<u64>,
    /// Parts in all.
    #[prop(default = 100)]
    max: u64,
    /// How far, in words: "12 / 40 MB".
    #[prop(optional, into)]
    text: Words,
    /// Info while it goes on, Ok when done, Bad when it failed.
    #[prop(optional)]
    tone: Tone,
) -> impl IntoView {
    let class = match tone {
        Tone::Ok => "",
        Tone::Bad => "bad",
        Tone::Plain | Tone::Look | Tone::Info => "act",
    };
    view! {
        <div class="progress">
            <span class="clip">{label.clone()}</span>
            <span>{text.get()}</span>
            <progress class=class value=value.map(|value| value.to_string()) max=max.to_string() aria-label=label></progress>
        </div>
    }
}

/// The bones of a text that is not here yet; keeps its room so that nothing jumps.
#[component]
pub fn Skeleton(
    /// How many lines.
    #[prop(default = 3)]
    lines: usize,
    /// What is being fetched.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let lines = (0..lines).map(|_| view! { <i></i> }).collect_view();
    view! { <div class="skeleton" role="img" aria-label=label>{lines}</div> }
}
