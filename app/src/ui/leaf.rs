//! The leaf `证 #128406`: the one mark that everything anchored carries. It opens the proof.

use leptos::prelude::*;

/// The mark of something anchored, linking to its proof.
#[component]
pub fn Leaf(
    /// Index in the ledger, from 0.
    index: u64,
    /// Address of the proof.
    #[prop(into)]
    href: String,
    /// What a screen reader says: "账本第 128406 条，打开证明".
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! {
        <a class="leaf" href=href aria-label=label>
            <b aria-hidden="true">"证"</b>
            <span>{format!("#{index}")}</span>
        </a>
    }
}

/// The mark of something durable that waits for its place in the ledger: "上账中".
#[component]
pub fn LeafPending(
    /// The word.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! {
        <span class="leaf pending">
            <b aria-hidden="true">"证"</b>
            <span>{text}</span>
        </span>
    }
}
