//! The steps of a verification and its verdict.

use leptos::prelude::*;

use super::{Icon, IconName, Words, words::classes};

/// What came out of one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckState {
    /// Compared, and right.
    Ok,
    /// Compared, and wrong.
    Failed,
    /// Not compared, because an input is missing or an earlier step failed.
    Skipped,
    /// Being compared.
    Pending,
}

impl CheckState {
    fn class(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Pending => "pending",
        }
    }

    fn icon(self) -> IconName {
        match self {
            Self::Ok => IconName::CheckCircle,
            Self::Failed => IconName::CloseCircle,
            Self::Skipped => IconName::Minus,
            Self::Pending => IconName::Circle,
        }
    }
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckStep {
    /// What is compared: "包含证明可推出根".
    pub title: String,
    /// What came out.
    pub state: CheckState,
    /// That state in a word, said before the title: "通过".
    pub said: String,
    /// The values, in monospace.
    pub detail: Words,
}

impl CheckStep {
    /// A step; `said` is its state in a word.
    pub fn new(title: impl Into<String>, state: CheckState, said: impl Into<String>) -> Self {
        Self { title: title.into(), state, said: said.into(), detail: Words::default() }
    }

    /// The same step with the values it compared.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Words>) -> Self {
        self.detail = detail.into();
        self
    }
}

/// The steps of a verification in order.
#[component]
pub fn CheckSteps(
    /// Name of the list for a screen reader.
    #[prop(into)]
    label: String,
    /// The steps.
    steps: Vec<CheckStep>,
) -> impl IntoView {
    let steps = steps
        .into_iter()
        .map(|step| {
            view! {
                <li class=step.state.class()>
                    <Icon name=step.state.icon() label=step.said />
                    <span class="title">{step.title}</span>
                    {step.detail.get().map(|detail| view! { <span class="detail">{detail}</span> })}
                </li>
            }
        })
        .collect_view();
    view! { <ol class="checks" aria-label=label>{steps}</ol> }
}

/// What the verification says in one line.
#[component]
pub fn Verdict(
    /// Ok, Failed, or Pending before anything was compared.
    state: CheckState,
    /// "通过：文件与账本一致"
    #[prop(into)]
    title: String,
    /// What that proves and what it does not.
    children: Children,
) -> impl IntoView {
    let (class, name) = match state {
        CheckState::Ok => ("ok", IconName::Shield),
        CheckState::Failed => ("bad", IconName::CloseCircle),
        CheckState::Skipped | CheckState::Pending => ("", IconName::Shield),
    };
    view! {
        <div class=classes(&["verdict", class]) role="status">
            <Icon name />
            <div><h2>{title}</h2><p>{children()}</p></div>
        </div>
    }
}
