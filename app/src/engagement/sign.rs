//! Signing with a passkey: the server makes the statement over the current documents, the signer reads what exactly is
//! signed, the authenticator signs its digest, the server checks and records it. Both server functions are compiled
//! for both sides, because the island calls them.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    call::{call, no_answer},
    fail::{Fail, NotOurs, as_text, text},
    passkey::{PasskeyFailure, get_assertion},
};

/// A statement ready to be signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value")]
pub struct ToSign {
    /// What the second step sends back unchanged; everything in it is checked again.
    pub prepared: String,
    /// Options of `navigator.credentials.get`, as JSON text.
    pub options: String,
    /// The canonical statement whose digest is signed.
    pub statement: String,
    /// The same for a person: term and value.
    pub facts: Vec<(String, String)>,
}

impl TryFrom<Value> for ToSign {
    type Error = NotOurs;

    fn try_from(mut answer: Value) -> Result<Self, NotOurs> {
        let Value::Array(facts) = answer["facts"].take() else { return Err(NotOurs) };
        let fact = |mut fact: Value| match fact.as_array_mut().map(Vec::as_mut_slice) {
            Some([term, value]) => Ok((as_text(term.take())?, as_text(value.take())?)),
            _ => Err(NotOurs),
        };
        Ok(Self {
            prepared: text(&mut answer, "prepared")?,
            options: text(&mut answer, "options")?,
            statement: text(&mut answer, "statement")?,
            facts: facts.into_iter().map(fact).collect::<Result<_, _>>()?,
        })
    }
}

/// Makes the statement over a slot's current documents. `decision` is `attest` or `decline`.
///
/// # Errors
/// [`Fail`]; a missing reason stands under `reason`.
#[server(prefix = "/do", endpoint = "attestation/prepare")]
pub async fn prepare_attestation(
    filing: String,
    slot: String,
    decision: String,
    #[server(default)] reason: String,
) -> Result<ToSign, Fail> {
    use backend::attestation::{self, Decision};

    use crate::request::{Request, set_status, status_of};

    let request = Request::here()?;
    let lang = request.lang;
    let outcome = async {
        let id = filing.parse().map_err(|_| backend::Error::NotFound)?;
        let decision = if decision == "attest" { Decision::Attest } else { Decision::Decline };
        let prepared = attestation::prepare(&request.cx, id, &slot, decision, &reason).await?;
        let workspace = backend::filing::workspace(&request.cx, id).await?;
        Ok((prepared, workspace))
    }
    .await;
    match outcome {
        Ok((prepared, workspace)) => {
            let view = workspace.slots.iter().find(|one| one.id.as_str() == slot);
            let name = view.map(|view| lang.pick(&view.name.zh, &view.name.en)).unwrap_or_default();
            let word =
                if decision == "attest" { "engagement.sign.attest" } else { "engagement.sign.decline" };
            let mut facts = vec![
                (lang.t("engagement.sign.decision"), lang.t(word)),
                (lang.t("engagement.sign.company"), workspace.filing.org_name.clone()),
                (lang.t("filing.materials.slot"), name),
            ];
            facts.extend(
                view.into_iter()
                    .flat_map(|view| &view.documents)
                    .map(|document| (document.file_name.clone(), format!("SHA-256 {}", document.sha256))),
            );
            if !prepared.reason.is_empty() {
                facts.push((lang.t("engagement.sign.reason"), prepared.reason.clone()));
            }
            Ok(ToSign {
                options: serde_json::json!({ "publicKey": prepared.options }).to_string(),
                statement: prepared.statement.clone(),
                prepared: serde_json::to_string(&prepared).unwrap_or_default(),
                facts,
            })
        }
        Err(error) => {
            let fail = request.fail(&error);
            set_status(status_of(fail.kind));
            Err(fail)
        }
    }
}

/// Checks and records a signature.
///
/// # Errors
/// [`Fail`]: a conflict when a document changed since the statement was made.
#[server(prefix = "/do", endpoint = "attestation/complete")]
pub async fn complete_attestation(prepared: String, assertion: String) -> Result<(), Fail> {
    use backend::{
        attestation::{self, Prepared, SignedBy},
        passkey::Response,
    };

    use crate::request::{Request, set_status, status_of};

    let request = Request::here()?;
    let outcome: backend::Result<()> = async {
        let prepared: Prepared = serde_json::from_str(&prepared).map_err(|_| backend::Error::NotFound)?;
        let response = Response::parse(&assertion)?;
        let signed = SignedBy {
            credential_id: response.raw_id.0,
            authenticator_data: response.response.authenticator_data.0,
            client_data_json: response.response.client_data_json.0,
            signature: response.response.signature.0,
        };
        attestation::complete(&request.cx, &prepared, &signed).await?;
        Ok(())
    }
    .await;
    outcome.map_err(|error| {
        let fail = request.fail(&error);
        set_status(status_of(fail.kind));
        fail
    })
}

/// What the island says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "crate::words::Texts")]
pub struct SignWords {
    pub attest: String,
    pub attest_again: String,
    pub decline: String,
    pub reason: String,
    pub reason_help: String,
    pub go_on: String,
    pub cancel: String,
    /// What signing means.
    pub what: String,
    /// Heading of the canonical text.
    pub statement: String,
    pub sign: String,
    pub busy: String,
    pub unsupported: String,
    pub cancelled: String,
    pub unreachable: String,
}

crate::words::from_texts!(SignWords {
    attest,
    attest_again,
    decline,
    reason,
    reason_help,
    go_on,
    cancel,
    what,
    statement,
    sign,
    busy,
    unsupported,
    cancelled,
    unreachable,
});

impl SignWords {
    fn say(&self, failure: PasskeyFailure) -> String {
        match failure {
            PasskeyFailure::Unsupported => self.unsupported.clone(),
            PasskeyFailure::Cancelled | PasskeyFailure::Known => self.cancelled.clone(),
            PasskeyFailure::Unreadable | PasskeyFailure::Unreachable => self.unreachable.clone(),
            PasskeyFailure::Refused(fail) => self.fail(fail),
        }
    }

    fn fail(&self, fail: Fail) -> String {
        let said = fail.fields.into_values().next().unwrap_or(fail.message);
        if said.is_empty() { self.unreachable.clone() } else { said }
    }
}

/// Where the signer is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Choosing,
    /// Writing why not.
    Reasoning,
    /// The server makes the statement, or checks the signature.
    Busy,
    /// Reading what will be signed.
    Reading(ToSign),
}

/// Decides about one slot, with the signer's passkey.
#[island]
pub fn SignSlot(
    /// The filing's id.
    filing: String,
    /// The slot's id.
    material: String,
    /// The firm has decided already; a new decision replaces it.
    again: bool,
    /// What it says.
    words: SignWords,
) -> impl IntoView {
    let step = RwSignal::new(Step::Choosing);
    let failed = RwSignal::new(None::<String>);
    let reason = RwSignal::new(String::new());
    let awake = RwSignal::new(false);
    Effect::new(move |_| awake.set(true));
    let words = StoredValue::new(words);
    let place = StoredValue::new((filing, material.clone()));

    let prepare = move |decision: &'static str| {
        step.set(Step::Busy);
        failed.set(None);
        let (filing, slot) = place.get_value();
        leptos::task::spawn_local(async move {
            let reason = reason.get_untracked();
            let fields =
                [("filing", &*filing), ("slot", &*slot), ("decision", decision), ("reason", &*reason)];
            let answer = call::<PrepareAttestation>(&fields).await;
            match answer.and_then(|answer| answer.try_into().map_err(|NotOurs| no_answer())) {
                Ok(to_sign) => step.set(Step::Reading(to_sign)),
                Err(fail) => {
                    failed.set(Some(words.with_value(|words| words.fail(fail))));
                    step.set(if decision == "attest" { Step::Choosing } else { Step::Reasoning });
                }
            }
        });
    };
    let sign = move |to_sign: ToSign| {
        step.set(Step::Busy);
        failed.set(None);
        leptos::task::spawn_local(async move {
            let signed = match get_assertion(&to_sign.options).await {
                Ok(assertion) => {
                    let fields = [("prepared", &*to_sign.prepared), ("assertion", &*assertion)];
                    let answer = call::<CompleteAttestation>(&fields).await;
                    answer.map_err(|fail| words.with_value(|words| words.fail(fail)))
                }
                Err(failure) => Err(words.with_value(|words| words.say(failure))),
            };
            match signed {
                Ok(_) => reload(&place.with_value(|(_, slot)| format!("slot-{slot}"))),
                Err(message) => {
                    failed.set(Some(message));
                    step.set(Step::Reading(to_sign));
                }
            }
        });
    };

    let reason_id = format!("reason-{material}");
    let shown = move || {
        let words = words.get_value();
        match step.get() {
            Step::Choosing => {
                let attest = if again { words.attest_again } else { words.attest };
                let class = if again { "button" } else { "button primary" };
                view! {
                    <div class="actions">
                        <button type="button" class=class disabled=move || !awake.get() on:click=move |_| prepare("attest")>{attest}</button>
                        <button type="button" class="button danger" disabled=move || !awake.get() on:click=move |_| step.set(Step::Reasoning)>{words.decline}</button>
                    </div>
                }
                .into_any()
            }
            Step::Reasoning => view! {
                <div class="field">
                    <label for=reason_id.clone()>{words.reason}</label>
                    <span class="help">{words.reason_help}</span>
                    <textarea class="input" id=reason_id.clone() rows="3" maxlength="2000" prop:value=move || reason.get() on:input=move |event| reason.set(event_target_value(&event))></textarea>
                </div>
                <div class="actions">
                    <button type="button" class="button danger" on:click=move |_| prepare("decline")>{words.go_on}</button>
                    <button type="button" class="button" on:click=move |_| step.set(Step::Choosing)>{words.cancel}</button>
                </div>
            }
            .into_any(),
            Step::Busy => view! { <div class="actions"><button type="button" class="button" disabled=true aria-busy="true">{words.busy}</button></div> }.into_any(),
            Step::Reading(to_sign) => {
                let facts: Vec<AnyView> = to_sign
                    .facts
                    .iter()
                    .map(|(term, value)| view! { <div><dt>{term.clone()}</dt><dd>{value.clone()}</dd></div> }.into_any())
                    .collect();
                let statement = to_sign.statement.clone();
                view! {
                    <p class="small">{words.what}</p>
                    <dl class="facts">{facts}</dl>
                    <details class="small"><summary>{words.statement}</summary><pre class="statement">{statement}</pre></details>
                    <div class="actions">
                        <button type="button" class="button primary" on:click=move |_| sign(to_sign.clone())>{words.sign}</button>
                        <button type="button" class="button" on:click=move |_| step.set(Step::Choosing)>{words.cancel}</button>
                    </div>
                }
                .into_any()
            }
        }
    };
    view! {
        <div class="stack tight">
            {shown}
            <div role="alert">{move || failed.get().map(|text| view! { <span class="error">{text}</span> })}</div>
        </div>
    }
}

/// Shows the page anew at the slot.
fn reload(anchor: &str) {
    #[cfg(target_arch = "wasm32")]
    if let Some(window) = web_sys::window() {
        let location = window.location();
        let _ = location.set_hash(anchor);
        let _ = location.reload();
    }
    #[cfg(not(target_arch = "wasm32"))]
    let _ = anchor;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_writes_the_island_reads() {
        let to_sign = ToSign {
            prepared: "{}".into(),
            options: r#"{"publicKey":{}}"#.into(),
            statement: r#"{"v":1}"#.into(),
            facts: vec![("决定".into(), "鉴证".into()), ("审计报告.pdf".into(), "SHA-256 00".into())],
        };
        let text = serde_json::to_string(&to_sign).unwrap();
        assert_eq!(serde_json::from_str::<ToSign>(&text).unwrap(), to_sign);
        let short = text.replace(r#","鉴证""#, "");
        assert!(serde_json::from_str::<ToSign>(&short).is_err(), "{short}");
    }
}
