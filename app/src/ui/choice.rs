//! Radio buttons, check boxes, and the field set that groups fields.

use leptos::prelude::*;

use super::{Choice, Icon, IconName, Words, field::described_by, words::classes};

fn boxes(kind: &'static str, name: &str, choices: Vec<Choice>, required: bool) -> impl IntoView + use<> {
    choices
        .into_iter()
        .enumerate()
        .map(|(at, choice)| {
            let id = if at == 0 { name.to_owned() } else { format!("{name}-{}", at + 1) };
            let help_id = format!("{id}-note");
            let described = choice.help.is_some().then(|| help_id.clone());
            view! {
                <div class="choice">
                    <input
                        type=kind
                        id=id.clone()
                        name=name.to_owned()
                        value=choice.value
                        checked=choice.selected
                        disabled=choice.disabled
                        required=required && kind == "radio"
                        aria-describedby=described
                    />
                    <label for=id>{choice.text}</label>
                    {choice.help.get().map(|help| view! { <span class="help" id=help_id>{help}</span> })}
                </div>
            }
        })
        .collect_view()
}

/// Whether one or several of the choices can be taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pick {
    /// Radio buttons.
    #[default]
    One,
    /// Check boxes.
    Many,
}

/// A few choices, all in sight. The first control has the id `name`.
#[component]
pub fn ChoiceField(
    /// Name sent with the form.
    #[prop(into)]
    name: String,
    /// The question.
    #[prop(into)]
    label: String,
    /// The choices.
    choices: Vec<Choice>,
    /// One or several.
    #[prop(optional)]
    pick: Pick,
    /// Side by side.
    #[prop(optional)]
    inline: bool,
    /// One line that helps before choosing.
    #[prop(optional, into)]
    help: Words,
    /// What is wrong and what to do.
    #[prop(optional, into)]
    error: Words,
    /// Must be answered.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    let described = described_by(&name, &help, &Words::default(), &error);
    let kind = if pick == Pick::One { "radio" } else { "checkbox" };
    let (help_id, error_id) = (format!("{name}-help"), format!("{name}-error"));
    view! {
        <fieldset class="field" aria-describedby=described>
            <legend>{label}</legend>
            {help.get().map(|help| view! { <span class="help" id=help_id>{help}</span> })}
            <div class=classes(&["choices", if inline { "inline" } else { "" }])>{boxes(kind, &name, choices, required)}</div>
            {error
                .get()
                .map(|error| {
                    view! { <span class="error" id=error_id><Icon name=IconName::CloseCircle /><span>{error}</span></span> }
                })}
        </fieldset>
    }
}

/// One box to tick: a consent, a declaration. The text may hold links.
#[component]
pub fn CheckField(
    /// Name sent with the form; also the id.
    #[prop(into)]
    name: String,
    /// Value sent when ticked.
    #[prop(default = "yes".to_owned(), into)]
    value: String,
    /// Ticked now.
    #[prop(optional)]
    checked: bool,
    /// Must be ticked.
    #[prop(optional)]
    required: bool,
    /// What is wrong and what to do.
    #[prop(optional, into)]
    error: Words,
    /// What one agrees to.
    children: Children,
) -> impl IntoView {
    let described = described_by(&name, &Words::default(), &Words::default(), &error);
    let error_id = format!("{name}-error");
    view! {
        <div class="field">
            <div class="choice">
                <input
                    type="checkbox"
                    id=name.clone()
                    name=name.clone()
                    value=value
                    checked=checked
                    required=required
                    aria-invalid=error.is_some().then_some("true")
                    aria-describedby=described
                />
                <label for=name>{children()}</label>
            </div>
            {error
                .get()
                .map(|error| {
                    view! { <span class="error" id=error_id><Icon name=IconName::CloseCircle /><span>{error}</span></span> }
                })}
        </div>
    }
}

/// A group of fields under a serif heading; two columns unless `one`.
#[component]
pub fn Fieldset(
    /// Its name.
    #[prop(into)]
    legend: String,
    /// One line about the group.
    #[prop(optional, into)]
    help: Words,
    /// One column.
    #[prop(optional)]
    one: bool,
    /// The fields.
    children: Children,
) -> impl IntoView {
    view! {
        <fieldset class="fieldset">
            <legend>{legend}</legend>
            {help.get().map(|help| view! { <p class="help">{help}</p> })}
            <div class=classes(&["fieldset-in", if one { "one" } else { "" }])>{children()}</div>
        </fieldset>
    }
}
