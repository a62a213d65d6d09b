//! Fields of forms: label, help, error, warning and control, tied together by `aria-describedby`.
//! Values come back after an error as they were typed. An error stops, a warning does not.

use leptos::prelude::*;

use super::{Choice, Icon, IconName, Words, words::classes};

/// What a text field takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextKind {
    /// Anything.
    #[default]
    Text,
    /// A mail address.
    Email,
    /// A secret.
    Password,
    /// A telephone number.
    Tel,
    /// A code such as 统一社会信用代码: monospaced, not corrected by the browser.
    Code,
    /// A one-time code of six digits.
    OneTime,
    /// A whole number, typed with digits.
    Number,
    /// A day; the browser's own picker.
    Date,
}

/// How wide a control is; its width hints at its length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Width {
    /// The column.
    #[default]
    Full,
    /// 320 px.
    Medium,
    /// 160 px.
    Short,
}

impl Width {
    fn class(self) -> &'static str {
        match self {
            Self::Full => "",
            Self::Medium => "medium",
            Self::Short => "short",
        }
    }
}

/// The ids a control is described by, in reading order.
pub fn described_by(id: &str, help: &Words, warning: &Words, error: &Words) -> Option<String> {
    let ids: Vec<String> = [("help", help), ("warning", warning), ("error", error)]
        .iter()
        .filter(|(_, text)| text.is_some())
        .map(|(kind, _)| format!("{id}-{kind}"))
        .collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// Label, help and messages around a control of your own; the control has `id` and [`described_by`].
#[component]
pub fn Field(
    /// Id of the control.
    #[prop(into)]
    id: String,
    /// Its label.
    #[prop(into)]
    label: String,
    /// One line that helps before typing.
    #[prop(optional, into)]
    help: Words,
    /// What is wrong and what to do.
    #[prop(optional, into)]
    error: Words,
    /// What looks odd; does not stop.
    #[prop(optional, into)]
    warning: Words,
    /// The word for "not required": "选填".
    #[prop(optional, into)]
    optional: Words,
    /// The control.
    children: Children,
) -> impl IntoView {
    let class = classes(&["field", if warning.is_some() { "warned" } else { "" }]);
    let message = |class: &'static str, text: Words, name: IconName| {
        let id = format!("{id}-{class}");
        text.get().map(|text| view! { <span class=class id=id><Icon name /><span>{text}</span></span> })
    };
    let warning = message("warning", warning, IconName::Alert);
    let error = message("error", error, IconName::CloseCircle);
    let help_id = format!("{id}-help");
    view! {
        <div class=class>
            <label for=id>
                {label}
                {optional.get().map(|word| view! { <span class="optional">{word}</span> })}
            </label>
            {help.get().map(|help| view! { <span class="help" id=help_id>{help}</span> })}
            {children()}
            {warning}
            {error}
        </div>
    }
}

/// One line of text, a code, a secret, a number or a day.
#[component]
pub fn TextField(
    /// Name sent with the form.
    #[prop(into)]
    name: String,
    /// Its label.
    #[prop(into)]
    label: String,
    /// Id of the control; the name when missing.
    #[prop(optional, into)]
    id: Words,
    /// What it takes.
    #[prop(optional)]
    kind: TextKind,
    /// What stands in it.
    #[prop(optional, into)]
    value: Words,
    /// One line that helps before typing.
    #[prop(optional, into)]
    help: Words,
    /// What is wrong and what to do.
    #[prop(optional, into)]
    error: Words,
    /// What looks odd; does not stop.
    #[prop(optional, into)]
    warning: Words,
    /// The word for "not required".
    #[prop(optional, into)]
    optional: Words,
    /// An example; never instead of a label.
    #[prop(optional, into)]
    placeholder: Words,
    /// The browser's autocomplete token.
    #[prop(optional, into)]
    autocomplete: Words,
    /// A unit behind the control: "万元", "股", "%".
    #[prop(optional, into)]
    unit: Words,
    /// How wide.
    #[prop(optional)]
    width: Width,
    /// Longest text in characters.
    #[prop(optional)]
    maxlength: Option<u32>,
    /// Must be filled in.
    #[prop(optional)]
    required: bool,
    /// Shown, not to be changed, still sent.
    #[prop(optional)]
    readonly: bool,
    /// Shown, not to be changed, not sent.
    #[prop(optional)]
    disabled: bool,
    /// The cursor stands here when the page opens: only where typing is all that one comes for.
    #[prop(optional)]
    first: bool,
) -> impl IntoView {
    let id = id.or(&name);
    let described = described_by(&id, &help, &warning, &error);
    let (kind, mode, extra) = match kind {
        TextKind::Text => ("text", None, ""),
        TextKind::Email => ("email", Some("email"), ""),
        TextKind::Password => ("password", None, ""),
        TextKind::Tel => ("tel", Some("tel"), ""),
        TextKind::Code => ("text", None, "code"),
        TextKind::OneTime => ("text", Some("numeric"), "code"),
        TextKind::Number => ("text", Some("decimal"), "num"),
        TextKind::Date => ("date", None, ""),
    };
    let plain = (extra == "code").then_some("off");
    let input = view! {
        <input
            class=classes(&["input", extra, width.class()])
            type=kind
            inputmode=mode
            id=id.clone()
            name=name
            value=value.get()
            placeholder=placeholder.get()
            autocomplete=autocomplete.get()
            autocapitalize=plain
            spellcheck=plain.map(|_| "false")
            maxlength=maxlength.map(|length| length.to_string())
            required=required
            readonly=readonly
            disabled=disabled
            autofocus=first
            aria-invalid=error.is_some().then_some("true")
            aria-describedby=described
        />
    };
    let control = match unit.get() {
        Some(unit) => view! { <div class="affix">{input}<span>{unit}</span></div> }.into_any(),
        None => input.into_any(),
    };
    view! { <Field id label help error warning optional>{control}</Field> }
}

/// Several lines of text.
#[component]
pub fn TextArea(
    /// Name sent with the form.
    #[prop(into)]
    name: String,
    /// Its label.
    #[prop(into)]
    label: String,
    /// Id of the control; the name when missing.
    #[prop(optional, into)]
    id: Words,
    /// What stands in it.
    #[prop(optional, into)]
    value: Words,
    /// One line that helps before typing.
    #[prop(optional, into)]
    help: Words,
    /// What is wrong and what to do.
    #[prop(optional, into)]
    error: Words,
    /// What looks odd; does not stop.
    #[prop(optional, into)]
    warning: Words,
    /// The word for "not required".
    #[prop(optional, into)]
    optional: Words,
    /// Height in lines; 4 when missing.
    #[prop(default = 4)]
    rows: u32,
    /// Longest text in characters.
    #[prop(optional)]
    maxlength: Option<u32>,
    /// Must be filled in.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    let id = id.or(&name);
    let described = described_by(&id, &help, &warning, &error);
    let invalid = error.is_some().then_some("true");
    let control = view! {
        <textarea
            class="input"
            id=id.clone()
            name=name
            rows=rows.to_string()
            maxlength=maxlength.map(|length| length.to_string())
            required=required
            aria-invalid=invalid
            aria-describedby=described
        >
            {value.get().unwrap_or_default()}
        </textarea>
    };
    view! { <Field id label help error warning optional>{control}</Field> }
}

/// One of a list that is too long for radio buttons.
#[component]
pub fn SelectField(
    /// Name sent with the form.
    #[prop(into)]
    name: String,
    /// Its label.
    #[prop(into)]
    label: String,
    /// The options.
    options: Vec<Choice>,
    /// Id of the control; the name when missing.
    #[prop(optional, into)]
    id: Words,
    /// One line that helps before choosing.
    #[prop(optional, into)]
    help: Words,
    /// What is wrong and what to do.
    #[prop(optional, into)]
    error: Words,
    /// What looks odd; does not stop.
    #[prop(optional, into)]
    warning: Words,
    /// The word for "not required".
    #[prop(optional, into)]
    optional: Words,
    /// How wide.
    #[prop(optional)]
    width: Width,
    /// Must be chosen.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    let id = id.or(&name);
    let described = described_by(&id, &help, &warning, &error);
    let invalid = error.is_some().then_some("true");
    let options = options
        .into_iter()
        .map(|choice| {
            view! { <option value=choice.value selected=choice.selected disabled=choice.disabled>{choice.text}</option> }
        })
        .collect_view();
    let control = view! {
        <select
            class=classes(&["input", width.class()])
            id=id.clone()
            name=name
            required=required
            aria-invalid=invalid
            aria-describedby=described
        >
            {options}
        </select>
    };
    view! { <Field id label help error warning optional>{control}</Field> }
}

/// A file of a form without a script; on a phone `photo` opens the camera.
#[component]
pub fn FileField(
    /// Name sent with the form.
    #[prop(into)]
    name: String,
    /// Its label.
    #[prop(into)]
    label: String,
    /// Id of the control; the name when missing.
    #[prop(optional, into)]
    id: Words,
    /// Types taken: ".pdf,.xlsx,image/jpeg".
    #[prop(optional, into)]
    accept: Words,
    /// Which formats and how large.
    #[prop(optional, into)]
    help: Words,
    /// What is wrong and what to do.
    #[prop(optional, into)]
    error: Words,
    /// The word for "not required".
    #[prop(optional, into)]
    optional: Words,
    /// More than one file.
    #[prop(optional)]
    multiple: bool,
    /// Opens the camera of a phone.
    #[prop(optional)]
    photo: bool,
    /// Must be chosen.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    let id = id.or(&name);
    let described = described_by(&id, &help, &Words::default(), &error);
    let invalid = error.is_some().then_some("true");
    let control = view! {
        <input
            class="input"
            type="file"
            id=id.clone()
            name=name
            accept=accept.get()
            multiple=multiple
            capture=photo.then_some("environment")
            required=required
            aria-invalid=invalid
            aria-describedby=described
        />
    };
    view! { <Field id label help error optional>{control}</Field> }
}
