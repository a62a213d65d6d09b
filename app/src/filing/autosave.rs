//! The island around one field: saves it shortly after the last keystroke, says beside it what became of it, shows
//! both values when somebody else saved another one, and keeps what was typed in this browser when the session
//! ended. The control itself is ordinary HTML and works without this.

// The server renders the first state only; the others are reached in the browser.
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::save::{FieldSaved, save};
use crate::{
    fail::{Fail, FailKind},
    ui::{Icon, IconName},
};

/// Quiet time after the last keystroke before a field is sent.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(700);

/// What the island says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "crate::words::Texts")]
pub struct AutosaveWords {
    pub saving: String,
    pub saved: String,
    /// The session ended; what was typed is kept in this browser.
    pub kept: String,
    pub sign_in: String,
    pub again: String,
    pub unreachable: String,
    pub theirs: String,
    pub mine: String,
    pub take_theirs: String,
    pub keep_mine: String,
}

crate::words::from_texts!(AutosaveWords {
    saving,
    saved,
    kept,
    sign_in,
    again,
    unreachable,
    theirs,
    mine,
    take_theirs,
    keep_mine,
});

/// How a field stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum State {
    /// As it came from the server.
    #[default]
    Still,
    /// Typed, not sent yet.
    Typed,
    Saving,
    Saved {
        warning: Option<String>,
    },
    /// Cannot be read, or was refused; the text stays in the control.
    Wrong(String),
    Conflict {
        theirs: String,
        mine: String,
        said: String,
    },
    SignedOut,
    Unreachable,
}

impl State {
    /// Leaving the page would lose something.
    fn is_unsaved(&self) -> bool {
        !matches!(self, Self::Still | Self::Saved { .. })
    }
}

/// Saves the control among its children as it is typed in.
#[island]
pub fn Autosave(
    /// The filing's id.
    filing: String,
    /// The field's id, which is also the id of its control.
    field: String,
    /// The version that the page was made from.
    version: i64,
    /// What it says.
    words: AutosaveWords,
    /// Label, control and help.
    children: Children,
) -> impl IntoView {
    let state = RwSignal::new(State::default());
    let version = RwSignal::new(version);
    let turn = StoredValue::new(0_u64);
    let key = format!("guxin-field:{filing}:{field}");

    let send = {
        let (filing, field, key) = (filing.clone(), field.clone(), key.clone());
        move |value: String| {
            let (filing, field, key) = (filing.clone(), field.clone(), key.clone());
            turn.update_value(|turn| *turn += 1);
            let mine = turn.get_value();
            state.set(State::Saving);
            leptos::task::spawn_local(async move {
                let known = version.get_untracked().max(shown_version(&field));
                let answer = save(&filing, &field, &value, known).await;
                // The answer to an older keystroke says nothing about what stands there now.
                if turn.get_value() != mine {
                    if let Ok(FieldSaved::Saved { version: stored, .. }) = answer {
                        version.set(stored);
                    }
                    return;
                }
                state.set(read(answer, version, &value, &field, &key));
            });
        }
    };

    #[cfg(target_arch = "wasm32")]
    {
        let (field, key, send) = (field.clone(), key.clone(), send.clone());
        let watched = key.clone();
        Effect::new(move |_| browser::restore(&field, &key, &send));
        Effect::new(move |_| browser::remember_unsaved(&watched, state.with(State::is_unsaved)));
    }

    let typed = {
        let (field, send) = (field.clone(), send.clone());
        move |_| {
            let (field, send) = (field.clone(), send.clone());
            turn.update_value(|turn| *turn += 1);
            let mine = turn.get_value();
            state.set(State::Typed);
            set_timeout(
                move || {
                    if turn.get_value() == mine {
                        send(value_of(&field));
                    }
                },
                PAUSE,
            );
        }
    };
    let again = {
        let (field, send) = (field.clone(), send.clone());
        move || send(value_of(&field))
    };
    let take = {
        let (field, key) = (field.clone(), key.clone());
        move |theirs: String| {
            forget(&key);
            set_value(&field, &theirs);
            state.set(State::Saved { warning: None });
        }
    };

    view! {
        <div class="autosave" on:input=typed>
            {children()}
            <div class="autosave-state" aria-live="polite">
                {move || shown(&state.get(), &words, again.clone(), take.clone())}
            </div>
        </div>
    }
}

/// What an answer means for the field. `key` is where unsaved text is kept in this browser.
fn read(
    answer: Result<FieldSaved, Fail>,
    version: RwSignal<i64>,
    typed: &str,
    field: &str,
    key: &str,
) -> State {
    match answer {
        Ok(FieldSaved::Saved { value, version: stored, warning, saved_at }) => {
            version.set(stored);
            forget(key);
            note_saved(field, stored, &saved_at);
            // The canonical form replaces what was typed only while nobody is typing.
            settle(field, typed, &value);
            State::Saved { warning }
        }
        Ok(FieldSaved::Conflict { theirs, version: stored, said }) => {
            version.set(stored);
            State::Conflict { theirs, mine: typed.to_owned(), said }
        }
        Err(fail) => match fail.kind {
            FailKind::SignedOut => {
                keep(key, typed);
                State::SignedOut
            }
            FailKind::Unreachable | FailKind::Busy | FailKind::Internal => {
                keep(key, typed);
                State::Unreachable
            }
            _ => State::Wrong(fail.fields.into_values().next().unwrap_or(fail.message)),
        },
    }
}

fn shown(
    state: &State,
    words: &AutosaveWords,
    again: impl Fn() + Clone + 'static,
    take: impl Fn(String) + Clone + 'static,
) -> AnyView {
    match state {
        State::Still | State::Typed => ().into_any(),
        State::Saving => view! { <span class="help">{words.saving.clone()}</span> }.into_any(),
        State::Saved { warning: None } => {
            view! { <span class="saved"><Icon name=IconName::Check /><span>{words.saved.clone()}</span></span> }.into_any()
        }
        State::Saved { warning: Some(warning) } => {
            view! { <span class="warning"><Icon name=IconName::Alert /><span>{warning.clone()}</span></span> }.into_any()
        }
        State::Wrong(message) => {
            view! { <span class="error"><Icon name=IconName::CloseCircle /><span>{message.clone()}</span></span> }.into_any()
        }
        State::SignedOut => view! {
            <span class="error">
                <Icon name=IconName::Key />
                <span>
                    {words.kept.clone()} " "
                    <a href="/login" target="_blank" rel="noopener">{words.sign_in.clone()}</a> " "
                    <button type="button" class="link" on:click=move |_| again()>{words.again.clone()}</button>
                </span>
            </span>
        }
        .into_any(),
        State::Unreachable => view! {
            <span class="error">
                <Icon name=IconName::Alert />
                <span>{words.unreachable.clone()} " " <button type="button" class="link" on:click=move |_| again()>{words.again.clone()}</button></span>
            </span>
        }
        .into_any(),
        State::Conflict { theirs, mine, said } => {
            let given = theirs.clone();
            view! {
                <div class="finding look">
                    <p class="small">{said.clone()}</p>
                    <dl class="compare">
                        <div><dt>{words.theirs.clone()}</dt><dd>{theirs.clone()}</dd></div>
                        <div><dt>{words.mine.clone()}</dt><dd>{mine.clone()}</dd></div>
                    </dl>
                    <div class="actions">
                        <button type="button" class="button small" on:click=move |_| take(given.clone())>{words.take_theirs.clone()}</button>
                        <button type="button" class="button small" on:click=move |_| again()>{words.keep_mine.clone()}</button>
                    </div>
                </div>
            }
            .into_any()
        }
    }
}

#[cfg(target_arch = "wasm32")]
use browser::{forget, keep, note_saved, set_value, settle, shown_version, value_of};

// On the server an island is drawn once and nothing of this runs.
#[cfg(not(target_arch = "wasm32"))]
fn value_of(_field: &str) -> String {
    String::new()
}
#[cfg(not(target_arch = "wasm32"))]
fn set_value(_field: &str, _value: &str) {}
#[cfg(not(target_arch = "wasm32"))]
fn settle(_field: &str, _typed: &str, _value: &str) {}
#[cfg(not(target_arch = "wasm32"))]
fn shown_version(_field: &str) -> i64 {
    0
}
#[cfg(not(target_arch = "wasm32"))]
fn note_saved(_field: &str, _version: i64, _saved_at: &str) {}
#[cfg(not(target_arch = "wasm32"))]
fn keep(_key: &str, _value: &str) {}
#[cfg(not(target_arch = "wasm32"))]
fn forget(_key: &str) {}

/// The page around the island.
#[cfg(target_arch = "wasm32")]
mod browser {
    use std::{
        cell::{Cell, RefCell},
        collections::BTreeSet,
    };

    use wasm_bindgen::{JsCast, prelude::Closure};
    use web_sys::{
        BeforeUnloadEvent, Document, Element, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement,
        Storage, window,
    };

    thread_local! {
        static UNSAVED: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
        static WARNS: Cell<bool> = const { Cell::new(false) };
    }

    fn document() -> Option<Document> {
        window()?.document()
    }

    fn control(field: &str) -> Option<Element> {
        document()?.get_element_by_id(field)
    }

    pub(super) fn value_of(field: &str) -> String {
        let Some(control) = control(field) else { return String::new() };
        if let Some(input) = control.dyn_ref::<HtmlInputElement>() {
            input.value()
        } else if let Some(area) = control.dyn_ref::<HtmlTextAreaElement>() {
            area.value()
        } else {
            control.dyn_ref::<HtmlSelectElement>().map(HtmlSelectElement::value).unwrap_or_default()
        }
    }

    pub(super) fn set_value(field: &str, value: &str) {
        let Some(control) = control(field) else { return };
        if let Some(input) = control.dyn_ref::<HtmlInputElement>() {
            input.set_value(value);
        } else if let Some(area) = control.dyn_ref::<HtmlTextAreaElement>() {
            area.set_value(value);
        } else if let Some(select) = control.dyn_ref::<HtmlSelectElement>() {
            select.set_value(value);
        }
    }

    /// Shows the canonical form, unless somebody is typing there.
    pub(super) fn settle(field: &str, typed: &str, value: &str) {
        let active = document().and_then(|document| document.active_element()).map(|element| element.id());
        if active.as_deref() != Some(field) && value_of(field) == typed {
            set_value(field, value);
        }
    }

    /// The dock says when, the plain form sends the right version.
    pub(super) fn note_saved(field: &str, version: i64, saved_at: &str) {
        let Some(document) = document() else { return };
        if let Some(place) = document.get_element_by_id("saved-at") {
            place.set_text_content(Some(saved_at));
        }
        if let Some(input) = version_of(field) {
            input.set_value(&version.to_string());
        }
        if let Some(control) = control(field) {
            let _ = control.remove_attribute("aria-invalid");
        }
    }

    /// The hidden field that the plain form sends. What a colleague saved is put into the page together with its version.
    fn version_of(field: &str) -> Option<HtmlInputElement> {
        let selector = format!("input[name=\"versions[{field}]\"]");
        document()?.query_selector(&selector).ok()??.dyn_into().ok()
    }

    pub(super) fn shown_version(field: &str) -> i64 {
        version_of(field).and_then(|input| input.value().parse().ok()).unwrap_or_default()
    }

    fn storage() -> Option<Storage> {
        window()?.session_storage().ok()?
    }

    pub(super) fn keep(key: &str, value: &str) {
        if let Some(storage) = storage() {
            // Full or forbidden storage: the text still stands in the control.
            let _ = storage.set_item(key, value);
        }
    }

    pub(super) fn forget(key: &str) {
        if let Some(storage) = storage() {
            let _ = storage.remove_item(key);
        }
    }

    /// What an ended session left behind is put back into the control and saved.
    pub(super) fn restore(field: &str, key: &str, send: &impl Fn(String)) {
        if let Some(kept) = storage().and_then(|storage| storage.get_item(key).ok().flatten()) {
            if kept == value_of(field) {
                forget(key);
            } else {
                set_value(field, &kept);
                send(kept);
            }
        }
    }

    /// One warning for the whole page while any field is unsaved.
    pub(super) fn remember_unsaved(key: &str, unsaved: bool) {
        UNSAVED.with_borrow_mut(|all| if unsaved { all.insert(key.to_owned()) } else { all.remove(key) });
        if WARNS.replace(true) {
            return;
        }
        let Some(window) = window() else { return };
        let warn = Closure::<dyn FnMut(BeforeUnloadEvent)>::new(|event: BeforeUnloadEvent| {
            if UNSAVED.with_borrow(|all| !all.is_empty()) {
                event.prevent_default();
            }
        });
        let _ = window.add_event_listener_with_callback("beforeunload", warn.as_ref().unchecked_ref());
        // A plain "save all" takes everything with it.
        let sent = Closure::<dyn FnMut()>::new(|| UNSAVED.with_borrow_mut(BTreeSet::clear));
        let _ = window.add_event_listener_with_callback("submit", sent.as_ref().unchecked_ref());
        // Both live as long as the page.
        warn.forget();
        sent.forget();
    }
}
