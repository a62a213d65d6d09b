//! Buttons and links that look like buttons. One primary per view.

use leptos::prelude::*;

use super::{Icon, IconName, Words, words::classes};

/// How much a button weighs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// An ordinary action.
    #[default]
    Plain,
    /// The one next action.
    Primary,
    /// Takes something away, or refuses.
    Danger,
    /// A small action inside a row or a card.
    Quiet,
}

impl ButtonKind {
    fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Primary => "primary",
            Self::Danger => "danger",
            Self::Quiet => "quiet",
        }
    }
}

/// What a press does in a form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Press {
    /// Sends the form.
    #[default]
    Submit,
    /// Does nothing by itself; an island listens.
    Script,
    /// Empties the form.
    Reset,
}

/// A button of a form or an island.
#[component]
pub fn Button(
    /// How much it weighs.
    #[prop(optional)]
    kind: ButtonKind,
    /// What a press does.
    #[prop(optional)]
    press: Press,
    /// The lower form, for rows.
    #[prop(optional)]
    small: bool,
    /// As wide as its column.
    #[prop(optional)]
    wide: bool,
    /// Shown, not to be pressed.
    #[prop(optional)]
    disabled: bool,
    /// Work is under way.
    #[prop(optional)]
    busy: bool,
    /// Name sent with the form.
    #[prop(optional, into)]
    name: Words,
    /// Value sent with the form.
    #[prop(optional, into)]
    value: Words,
    /// Another address for this form.
    #[prop(optional, into)]
    formaction: Words,
    /// Picture before the text.
    #[prop(optional)]
    icon: Option<IconName>,
    /// The text.
    children: Children,
) -> impl IntoView {
    let class =
        classes(&["button", kind.class(), if small { "small" } else { "" }, if wide { "wide" } else { "" }]);
    let kind = match press {
        Press::Submit => "submit",
        Press::Script => "button",
        Press::Reset => "reset",
    };
    view! {
        <button
            class=class
            type=kind
            disabled=disabled
            aria-busy=busy.then_some("true")
            name=name.get()
            value=value.get()
            formaction=formaction.get()
        >
            {icon.map(|name| view! { <Icon name /> })}
            {children()}
        </button>
    }
}

/// A link that weighs as much as a button.
#[component]
pub fn ButtonLink(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// How much it weighs.
    #[prop(optional)]
    kind: ButtonKind,
    /// The lower form, for rows.
    #[prop(optional)]
    small: bool,
    /// As wide as its column.
    #[prop(optional)]
    wide: bool,
    /// Name of the file when the link saves one; empty for any other link.
    #[prop(optional, into)]
    download: Words,
    /// Picture before the text.
    #[prop(optional)]
    icon: Option<IconName>,
    /// The text.
    children: Children,
) -> impl IntoView {
    let class =
        classes(&["button", kind.class(), if small { "small" } else { "" }, if wide { "wide" } else { "" }]);
    view! {
        <a class=class href=href download=download.get()>
            {icon.map(|name| view! { <Icon name /> })}
            {children()}
        </a>
    }
}
