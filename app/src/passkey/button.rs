//! The button: asks the server for options, the authenticator for its answer, the server for its judgement, and goes
//! where the server says. It sends a form's fields along, so that one button serves every ceremony.

use leptos::{prelude::*, task::spawn_local};
use serde::{Deserialize, Serialize};

use super::{PasskeyFailure, create_credential, get_assertion};
use crate::ui::{Flash, Icon, IconName, Tone};

/// What the authenticator is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ceremony {
    /// A new passkey.
    Register,
    /// A signature with one that exists.
    Sign,
}

/// The button's texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "crate::words::Texts")]
pub struct PasskeyWords {
    /// On the button.
    pub label: String,
    /// On it while the authenticator is asked.
    pub busy: String,
    pub unsupported: String,
    pub cancelled: String,
    pub known: String,
    pub unreadable: String,
    pub unreachable: String,
}

crate::words::from_texts!(PasskeyWords {
    label,
    busy,
    unsupported,
    cancelled,
    known,
    unreadable,
    unreachable,
});

impl PasskeyWords {
    #[cfg(feature = "ssr")]
    /// The texts in the reader's language, with this label.
    #[must_use]
    pub fn new(lang: crate::lang::Lang, label: String) -> Self {
        let t = |key: &str| lang.t(&format!("passkey.{key}"));
        Self {
            label,
            busy: t("busy"),
            unsupported: t("unsupported"),
            cancelled: t("cancelled"),
            known: t("known"),
            unreadable: t("unreadable"),
            unreachable: t("unreachable"),
        }
    }

    /// What to say about a failure.
    fn say(&self, failure: &PasskeyFailure) -> String {
        match failure {
            PasskeyFailure::Unsupported => self.unsupported.clone(),
            PasskeyFailure::Cancelled => self.cancelled.clone(),
            PasskeyFailure::Known => self.known.clone(),
            PasskeyFailure::Unreadable => self.unreadable.clone(),
            PasskeyFailure::Unreachable => self.unreachable.clone(),
            PasskeyFailure::Refused(fail) => match fail.fields.values().next() {
                Some(field) => field.clone(),
                None if fail.message.is_empty() => self.unreachable.clone(),
                None => fail.message.clone(),
            },
        }
    }
}

/// A button that runs a passkey ceremony. `start` is the address of a server function that answers the options as
/// JSON text; `finish` of one that takes `response` and answers the path to go to. Both get the fields of `form`.
#[island]
pub fn PasskeyButton(
    /// Its texts.
    words: PasskeyWords,
    /// What is asked.
    ceremony: Ceremony,
    /// Answers the options.
    start: String,
    /// Takes the answer.
    finish: String,
    /// Id of the form whose fields are sent along; empty for none.
    form: String,
    /// The one next action of the view.
    primary: bool,
) -> impl IntoView {
    let busy = RwSignal::new(false);
    // Before it is awake a press would do nothing: better it says so.
    let awake = RwSignal::new(false);
    Effect::new(move |_| awake.set(true));
    let failed = RwSignal::new(None::<String>);
    let label = words.label.clone();
    let busy_label = words.busy.clone();
    let press = move |_| {
        let (start, finish, form, words) = (start.clone(), finish.clone(), form.clone(), words.clone());
        busy.set(true);
        failed.set(None);
        spawn_local(async move {
            if let Err(failure) = run(ceremony, &start, &finish, &form).await {
                failed.set(failure.map(|failure| words.say(&failure)));
                busy.set(false);
            }
        });
    };
    let class = if primary { "button primary wide" } else { "button wide" };
    view! {
        <div class="stack tight">
            <button
                type="button"
                class=class
                disabled=move || busy.get() || !awake.get()
                aria-busy=move || busy.get().then_some("true")
                on:click=press
            >
                <Icon name=IconName::Key />
                {move || if busy.get() { busy_label.clone() } else { label.clone() }}
            </button>
            <div role="alert">
                {move || failed.get().map(|text| view! { <Flash tone=Tone::Bad>{text}</Flash> })}
            </div>
        </div>
    }
}

/// `Err(None)` when the form says by itself what is missing.
async fn run(
    ceremony: Ceremony,
    start: &str,
    finish: &str,
    form: &str,
) -> Result<(), Option<PasskeyFailure>> {
    #[cfg(target_arch = "wasm32")]
    {
        use super::browser;
        if !browser::form_is_filled(form) {
            return Err(None);
        }
        let fields = browser::form_fields(form);
        let options = browser::post(start, &fields).await.map_err(Some)?;
        let response = match ceremony {
            Ceremony::Register => create_credential(&options).await,
            Ceremony::Sign => get_assertion(&options).await,
        }
        .map_err(Some)?;
        let path = browser::post(finish, &crate::call::with_field(&fields, "response", &response))
            .await
            .map_err(Some)?;
        browser::go(&path);
        Ok(())
    }
    #[cfg(not(target_arch = "wasm32"))]
    {
        let _ = (start, finish, form);
        match ceremony {
            Ceremony::Register => create_credential("{}").await,
            Ceremony::Sign => get_assertion("{}").await,
        }
        .map(|_| ())
        .map_err(Some)
    }
}
