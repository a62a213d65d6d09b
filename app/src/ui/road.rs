//! The road of a filing and the stepper of a form in several pages.

use leptos::prelude::*;

use super::{StateWords, Stop, StopState};

fn current(state: StopState) -> Option<&'static str> {
    matches!(state, StopState::Now | StopState::Failed).then_some("step")
}

/// Where a filing is. Children (a [`Clock`](super::Clock)) stand under it.
#[component]
pub fn Road(
    /// Name of the list for a screen reader: "申报进度".
    #[prop(into)]
    label: String,
    /// The stops in order.
    stops: Vec<Stop>,
    /// The four states in words.
    words: StateWords,
    /// What stands under the road.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let stops = stops
        .into_iter()
        .map(|stop| {
            view! {
                <li class=stop.state.class() aria-current=current(stop.state)>
                    {stop.label}
                    <span class="said">{words.of(stop.state)}</span>
                    {stop.note.get().map(|note| view! { <small>{note}</small> })}
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="road-box">
            <ol class="road" aria-label=label>{stops}</ol>
            {children.map(|children| view! { <div class="road-foot">{children()}</div> })}
        </div>
    }
}

/// The numbered steps of a form in several pages.
#[component]
pub fn Stepper(
    /// Name of the list for a screen reader.
    #[prop(into)]
    label: String,
    /// The steps in order.
    steps: Vec<Stop>,
    /// The four states in words.
    words: StateWords,
) -> impl IntoView {
    let steps = steps
        .into_iter()
        .map(|step| {
            view! {
                <li class=step.state.class() aria-current=current(step.state)>
                    <span>{step.label}<span class="said">{words.of(step.state)}</span></span>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="stepper" aria-label=label>{steps}</ol> }
}
