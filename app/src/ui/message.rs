//! What the system says: flash, error summary, callout, toasts, and a place that is still empty.

use leptos::prelude::*;

use super::{Icon, IconName, Link, Tone, Words, words::classes};

fn icon(tone: Tone) -> IconName {
    match tone {
        Tone::Plain | Tone::Info => IconName::Info,
        Tone::Ok => IconName::CheckCircle,
        Tone::Look => IconName::Alert,
        Tone::Bad => IconName::CloseCircle,
    }
}

/// One message after a redirect: what happened, and what comes next.
#[component]
pub fn Flash(
    /// What it means.
    #[prop(optional)]
    tone: Tone,
    /// The message.
    children: Children,
) -> impl IntoView {
    let role = if tone == Tone::Bad { "alert" } else { "status" };
    view! {
        <div class=classes(&["flash", tone.class()]) role=role>
            <Icon name=icon(tone) />
            <div>{children()}</div>
        </div>
    }
}

/// What a form got wrong, on top of it, each line leading to its field. It takes the focus of the page.
#[component]
pub fn ErrorSummary(
    /// "有 2 处需要修改"
    #[prop(into)]
    title: String,
    /// Message and `#field-id`, in the order of the form.
    errors: Vec<Link>,
    /// Leaves the focus where it is; for pages that only show one.
    #[prop(optional)]
    unfocused: bool,
) -> impl IntoView {
    let errors =
        errors.into_iter().map(|error| view! { <li><a href=error.href>{error.text}</a></li> }).collect_view();
    view! {
        <div class="error-summary" role="alert" tabindex="-1" id="error-summary" autofocus=!unfocused>
            <h2>{title}</h2>
            <ul>{errors}</ul>
        </div>
    }
}

/// Why a callout stands there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CalloutKind {
    /// Good to know.
    #[default]
    Info,
    /// Proven by the ledger.
    Proven,
    /// Needs a look.
    Look,
    /// Wrong.
    Bad,
}

/// A remark set off from the text.
#[component]
pub fn Callout(
    /// Why it stands there.
    #[prop(optional)]
    kind: CalloutKind,
    /// Its title.
    #[prop(optional, into)]
    title: Words,
    /// The remark, as paragraphs.
    children: Children,
) -> impl IntoView {
    let (class, name) = match kind {
        CalloutKind::Info => ("info", IconName::Info),
        CalloutKind::Proven => ("proven", IconName::Shield),
        CalloutKind::Look => ("look", IconName::Alert),
        CalloutKind::Bad => ("bad", IconName::CloseCircle),
    };
    view! {
        <div class=classes(&["callout", class])>
            <Icon name />
            <div>
                {title.get().map(|title| view! { <p class="title">{title}</p> })}
                {children()}
            </div>
        </div>
    }
}

/// Where toasts of islands appear; said politely.
#[component]
pub fn ToastRegion(
    /// Name of the region: "通知".
    #[prop(into)]
    label: String,
    /// [`Flash`]es.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! { <div class="toasts" role="status" aria-live="polite" aria-label=label>{children.map(|children| children())}</div> }
}

/// A place that is still empty: says why and what to do next.
#[component]
pub fn EmptyState(
    /// What is not there.
    #[prop(into)]
    title: String,
    /// A picture.
    #[prop(optional)]
    icon: Option<IconName>,
    /// The buttons that lead on.
    #[prop(optional)]
    actions: Option<AnyView>,
    /// It is all there is on the page: its title is the page's heading.
    #[prop(optional)]
    alone: bool,
    /// Why, and what to do next.
    children: Children,
) -> impl IntoView {
    let title =
        if alone { view! { <h1>{title}</h1> }.into_any() } else { view! { <h2>{title}</h2> }.into_any() };
    view! {
        <div class="empty">
            <Icon name=icon.unwrap_or(IconName::Folder) />
            {title}
            <p>{children()}</p>
            {actions.map(|actions| view! { <div class="actions">{actions}</div> })}
        </div>
    }
}
