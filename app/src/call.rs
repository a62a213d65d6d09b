//! Calls to the server's functions from islands: a form's fields go out, JSON or a [`Fail`] comes back. The framework's own
//! client brings streams, another encoder of forms and another reader of JSON with it, for what `fetch` does.
//! Called by the islands that save, sign and use passkeys; on the server nothing calls, and every call is unreachable.

use leptos::server_fn::ServerFn;
use serde_json::Value;

use crate::fail::{Fail, FailKind};

/// Calls `F` with its arguments by name.
///
/// # Errors
/// The server's [`Fail`], or one of kind `Unreachable` when no answer came or it is not the server's.
pub(crate) async fn call<F: ServerFn>(fields: &[(&str, &str)]) -> Result<Value, Fail> {
    #[cfg(target_arch = "wasm32")]
    {
        let body = fields.iter().fold(String::new(), |body, (name, value)| with_field(&body, name, value));
        post(F::PATH, &body).await
    }
    #[cfg(not(target_arch = "wasm32"))]
    {
        let _ = (F::PATH, fields);
        Err(no_answer())
    }
}

/// Without a message: the island has its own words for it.
pub(crate) fn no_answer() -> Fail {
    Fail { kind: FailKind::Unreachable, message: String::new(), fields: std::collections::BTreeMap::new() }
}

#[cfg(target_arch = "wasm32")]
pub(crate) use browser::{post, with_field};

#[cfg(target_arch = "wasm32")]
mod browser {
    use serde_json::Value;
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{Headers, RequestInit, Response};

    use super::no_answer;
    use crate::fail::Fail;

    /// One more field for a form's body.
    pub(crate) fn with_field(body: &str, name: &str, value: &str) -> String {
        let value = String::from(js_sys::encode_uri_component(value));
        if body.is_empty() { format!("{name}={value}") } else { format!("{body}&{name}={value}") }
    }

    /// Posts a form's body to the address of a server function.
    pub(crate) async fn post(address: &str, body: &str) -> Result<Value, Fail> {
        let (accepted, text) = fetch(address, body).await.map_err(|_| no_answer())?;
        // What is not JSON is not our server's: a proxy in between, a sign-in page of the network.
        let answer: Value = serde_json::from_str(&text).map_err(|_| no_answer())?;
        if accepted { Ok(answer) } else { Err(Fail::try_from(answer).unwrap_or_else(|_| no_answer())) }
    }

    async fn fetch(address: &str, body: &str) -> Result<(bool, String), JsValue> {
        let headers = Headers::new()?;
        headers.set("accept", "application/json")?;
        headers.set("content-type", "application/x-www-form-urlencoded")?;
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_headers(&headers);
        init.set_body(&body.into());
        let window = web_sys::window().ok_or(JsValue::UNDEFINED)?;
        let answer: Response =
            JsFuture::from(window.fetch_with_str_and_init(address, &init)).await?.dyn_into()?;
        let text = JsFuture::from(answer.text()?).await?;
        Ok((answer.ok(), text.as_string().unwrap_or_default()))
    }
}
