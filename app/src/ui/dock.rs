//! The dock at the bottom: what is missing, what is saved, and the one next action.

use leptos::prelude::*;

/// The dock; stands beside the page's [`Main`](super::Main) inside the working shell.
#[component]
pub fn Dock(
    /// Name of the region: "申报状态".
    #[prop(into)]
    label: String,
    /// [`DockMeter`], [`DockNote`] and [`DockActions`].
    children: Children,
) -> impl IntoView {
    view! { <aside class="dock" aria-label=label>{children()}</aside> }
}

/// How much is done, as a bar and in words.
#[component]
pub fn DockMeter(
    /// Parts done.
    done: u32,
    /// Parts in all.
    total: u32,
    /// Name of the bar for a screen reader: "材料完成度".
    #[prop(into)]
    label: String,
    /// What is missing: "还差 2 项".
    children: Children,
) -> impl IntoView {
    view! {
        <span class="dock-meter">
            <progress value=done.to_string() max=total.max(1).to_string() aria-label=label></progress>
            <span>{children()}</span>
        </span>
    }
}

/// A quiet line: "已自动保存 14:32:07".
#[component]
pub fn DockNote(
    /// The line.
    children: Children,
) -> impl IntoView {
    view! { <span class="dock-note">{children()}</span> }
}

/// The actions at the right end; the primary one last.
#[component]
pub fn DockActions(
    /// Buttons or links.
    children: Children,
) -> impl IntoView {
    view! { <div class="actions">{children()}</div> }
}
