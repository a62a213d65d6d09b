//! The browser's side: `navigator.credentials`, and posting to the server's functions. Compiled for WebAssembly only.

use js_sys::{Array, ArrayBuffer, Function, Object, Reflect, Uint8Array};
use serde_json::Value;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CredentialsContainer, FormData, HtmlFormElement, UrlSearchParams};

use super::{
    PasskeyFailure,
    credential::{Given, Node},
};
use crate::fail::FailKind;

/// `navigator.credentials.get`.
pub(super) async fn get(options: &Node) -> Result<String, PasskeyFailure> {
    let asked =
        credentials()?.get_with_options(to_js(options).unchecked_ref()).map_err(|error| failure(&error))?;
    given(&JsFuture::from(asked).await.map_err(|error| failure(&error))?)
}

/// `navigator.credentials.create`.
pub(super) async fn create(options: &Node) -> Result<String, PasskeyFailure> {
    let asked = credentials()?
        .create_with_options(to_js(options).unchecked_ref())
        .map_err(|error| failure(&error))?;
    given(&JsFuture::from(asked).await.map_err(|error| failure(&error))?)
}

/// The container exists in every browser; the constructor tells whether passkeys do.
fn credentials() -> Result<CredentialsContainer, PasskeyFailure> {
    let window = web_sys::window().ok_or(PasskeyFailure::Unsupported)?;
    match Reflect::get(&window, &"PublicKeyCredential".into()) {
        Ok(constructor) if constructor.is_function() => Ok(window.navigator().credentials()),
        _ => Err(PasskeyFailure::Unsupported),
    }
}

fn failure(error: &JsValue) -> PasskeyFailure {
    match text(error, "name").as_deref() {
        Some("InvalidStateError") => PasskeyFailure::Known,
        Some("NotSupportedError" | "SecurityError") => PasskeyFailure::Unsupported,
        // Browsers do not tell a refusal from a dialog that waited too long.
        _ => PasskeyFailure::Cancelled,
    }
}

fn to_js(node: &Node) -> JsValue {
    match node {
        Node::Bytes(bytes) => Uint8Array::from(bytes.as_slice()).into(),
        Node::Plain(Value::String(text)) => text.as_str().into(),
        Node::Plain(Value::Number(number)) => number.as_f64().unwrap_or_default().into(),
        Node::Plain(Value::Bool(flag)) => (*flag).into(),
        // An option without a value is one that was not given.
        Node::Plain(_) => JsValue::UNDEFINED,
        Node::List(items) => items.iter().map(to_js).collect::<Array>().into(),
        Node::Map(members) => {
            let object = Object::new();
            for (name, member) in members {
                let _ = Reflect::set(&object, &name.as_str().into(), &to_js(member));
            }
            object.into()
        }
    }
}

fn given(credential: &JsValue) -> Result<String, PasskeyFailure> {
    let response = Reflect::get(credential, &"response".into()).map_err(|_| PasskeyFailure::Unreadable)?;
    let given = Given {
        raw_id: bytes(credential, "rawId").ok_or(PasskeyFailure::Unreadable)?,
        client_data_json: bytes(&response, "clientDataJSON").ok_or(PasskeyFailure::Unreadable)?,
        attestation_object: bytes(&response, "attestationObject"),
        transports: transports(&response),
        authenticator_data: bytes(&response, "authenticatorData"),
        signature: bytes(&response, "signature"),
        user_handle: bytes(&response, "userHandle"),
        attachment: text(credential, "authenticatorAttachment"),
    };
    Ok(given.to_json())
}

fn bytes(object: &JsValue, name: &str) -> Option<Vec<u8>> {
    let buffer: ArrayBuffer = Reflect::get(object, &name.into()).ok()?.dyn_into().ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}

fn text(object: &JsValue, name: &str) -> Option<String> {
    Reflect::get(object, &name.into()).ok()?.as_string()
}

/// Not every browser has `getTransports`.
fn transports(response: &JsValue) -> Vec<String> {
    Reflect::get(response, &"getTransports".into())
        .ok()
        .and_then(|method| method.dyn_into::<Function>().ok())
        .and_then(|method| method.call0(response).ok())
        .map(|list| Array::from(&list).iter().filter_map(|item| item.as_string()).collect())
        .unwrap_or_default()
}

/// The fields of the form with this id, as a form sends them; nothing for an unknown id.
pub(super) fn form_fields(id: &str) -> String {
    let form = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id(id))
        .and_then(|element| element.dyn_into::<HtmlFormElement>().ok());
    let Some(form) = form else { return String::new() };
    // What the browser can check by itself is said at the field, before any dialog opens.
    FormData::new_with_form(&form)
        .ok()
        .and_then(|data| UrlSearchParams::new_with_str_sequence_sequence(&data).ok())
        .map(|query| String::from(query.to_string()))
        .unwrap_or_default()
}

/// Whether the browser's own checks accept the form; it says at the field what is missing.
pub(super) fn form_is_filled(id: &str) -> bool {
    web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id(id))
        .and_then(|element| element.dyn_into::<HtmlFormElement>().ok())
        .is_none_or(|form| form.report_validity())
}

/// Posts to a server function that answers a text.
pub(super) async fn post(address: &str, body: &str) -> Result<String, PasskeyFailure> {
    match crate::call::post(address, body).await {
        Ok(Value::String(text)) => Ok(text),
        Ok(_) => Err(PasskeyFailure::Unreadable),
        Err(fail) if fail.kind == FailKind::Unreachable => Err(PasskeyFailure::Unreachable),
        Err(fail) => Err(PasskeyFailure::Refused(fail)),
    }
}

/// Goes to a page of this site.
pub(super) fn go(path: &str) {
    if let Some(window) = web_sys::window() {
        let _ = window.location().assign(path);
    }
}
