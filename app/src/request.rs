//! The request a page or a server function works for: who asks, in which language, with what left over from the
//! form before. The server's middleware builds one per request; [`Request::here`] finds it.

use std::{collections::BTreeMap, net::IpAddr};

use backend::{Cx, Error, error::Message};
use domain::{access::Denied, actor::Actor};
use http::{StatusCode, header, request::Parts};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tower_sessions::{Session, session::Id};

use crate::{
    fail::{Fail, FailKind},
    kept::{self, Fate, Why},
    lang::Lang,
    look::Look,
};

/// One request's context.
#[derive(Clone, Debug)]
pub struct Request {
    pub cx: Cx,
    /// When the request arrived, before anything of its body was read.
    pub received_at: OffsetDateTime,
    pub session: Session,
    /// The session that the browser came with, whether it is still good or not.
    pub came_with: Option<Id>,
    pub lang: Lang,
    pub look: Look,
    /// Path without query.
    pub path: String,
    /// Query parameters, decoded; the last of a repeated name.
    pub query: BTreeMap<String, String>,
    /// What the form before left over, once.
    pub flash: Flash,
    /// The browser asks for a page (a plain form), not for data (an island).
    pub wants_page: bool,
    /// Local path of the page the form stood on.
    pub back: String,
    /// The client's address, through trusted proxies only.
    pub client: String,
}

/// What survives a redirect: one message, and a form's input with its errors.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// Done, to be said in green.
    pub done: Option<String>,
    /// Not done, and why.
    pub failed: Option<String>,
    /// Errors by input name.
    #[serde(default)]
    pub errors: BTreeMap<String, String>,
    /// What was typed, by input name. Never a password.
    #[serde(default)]
    pub typed: BTreeMap<String, String>,
}

impl Flash {
    /// The session's key for it.
    pub const KEY: &'static str = "flash";

    /// What was typed into an input, or the stored value.
    #[must_use]
    pub fn value(&self, name: &str, stored: &str) -> String {
        self.typed.get(name).cloned().unwrap_or_else(|| stored.to_owned())
    }

    /// The error beside an input.
    #[must_use]
    pub fn error(&self, name: &str) -> Option<String> {
        self.errors.get(name).cloned()
    }
}

/// Where to go after a form was carried out, and what to say there.
#[derive(Clone, Debug)]
pub struct Done {
    pub to: String,
    pub said: Option<String>,
}

impl Done {
    /// Go there, say nothing.
    pub fn to(path: impl Into<String>) -> Self {
        Self { to: path.into(), said: None }
    }

    /// Say this when arrived.
    #[must_use]
    pub fn saying(mut self, text: impl Into<String>) -> Self {
        self.said = Some(text.into());
        self
    }
}

impl Request {
    /// The request being answered.
    ///
    /// # Errors
    /// [`Fail`] of kind `Internal` outside a request: a wiring mistake, not a user's.
    pub fn here() -> Result<Self, Fail> {
        use_context::<Parts>().and_then(|parts| parts.extensions.get::<Self>().cloned()).ok_or_else(|| Fail {
            kind: FailKind::Internal,
            message: String::new(),
            fields: BTreeMap::new(),
        })
    }

    /// Who asks, if anybody is fully signed in.
    #[must_use]
    pub fn actor(&self) -> Option<&Actor> {
        self.cx.maybe_actor().filter(|actor| actor.is_fully_signed_in())
    }

    /// A query parameter, empty when missing.
    #[must_use]
    pub fn query(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }

    /// A whole number from the query.
    #[must_use]
    pub fn query_number(&self, name: &str) -> Option<i64> {
        self.query(name).parse().ok()
    }

    /// This page's address with some parameters changed; an empty value removes one. For sort links and pagers.
    #[must_use]
    pub fn with_query(&self, changes: &[(&str, &str)]) -> String {
        let mut query = self.query.clone();
        for (name, value) in changes {
            if value.is_empty() {
                query.remove(*name);
            } else {
                query.insert((*name).to_owned(), (*value).to_owned());
            }
        }
        let text: Vec<String> =
            query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        if text.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, text.join("&")) }
    }

    /// Puts an error into words.
    #[must_use]
    pub fn fail(&self, error: &Error) -> Fail {
        let lang = self.lang;
        let (kind, message) = match error {
            Error::Invalid(_) => (FailKind::Invalid, lang.t("error.invalid")),
            Error::Denied(denied) => (FailKind::Denied, lang.t(&format!("denied.{}", denied.code()))),
            Error::SignedOut => (FailKind::SignedOut, lang.t("error.signed_out")),
            Error::NotFound => (FailKind::NotFound, lang.t("error.not_found")),
            Error::Conflict(backend::error::Conflict::Stale) => (FailKind::Conflict, lang.t("error.stale")),
            Error::Conflict(backend::error::Conflict::Taken) => (FailKind::Conflict, lang.t("error.taken")),
            Error::Refused(refusal) => (FailKind::Refused, lang.t(&format!("refusal.{}", refusal.code()))),
            Error::Busy { retry_after } => {
                (FailKind::Busy, lang.with("error.busy", &[("seconds", &retry_after.to_string())]))
            }
            Error::Rejected(message) => (FailKind::Invalid, self.say(message)),
            Error::Internal(_) => (FailKind::Internal, lang.t("error.internal")),
        };
        if let Error::Internal(cause) = error {
            tracing::error!(error = format!("{cause:#}"), path = %self.path, "request failed");
        }
        let fields = match error {
            Error::Invalid(errors) => {
                errors.0.iter().map(|(name, message)| (name.clone(), self.say(message))).collect()
            }
            _ => BTreeMap::new(),
        };
        Fail { kind, message, fields }
    }

    /// Puts a message into words.
    #[must_use]
    pub fn say(&self, message: &Message) -> String {
        match (message, message.said(self.lang.0)) {
            (_, Some(said)) => said.to_owned(),
            (Message::Key(key, values), None) => {
                let values: Vec<(&str, &str)> =
                    values.iter().map(|(name, value)| (*name, value.as_str())).collect();
                self.lang.with(&format!("error.{key}"), &values)
            }
            (Message::Said(..), None) => String::new(),
        }
    }

    /// Ends a form's server function: a plain form is redirected (post, redirect, get), with a message or with
    /// what was typed and why it was not accepted; an island gets the bare result.
    ///
    /// # Errors
    /// The failure in words, for islands only.
    pub async fn finish(&self, outcome: backend::Result<Done>, typed: &[(&str, &str)]) -> Result<(), Fail> {
        match outcome {
            Ok(done) => {
                if self.wants_page {
                    self.leave(Flash { done: done.said, ..Flash::default() }).await;
                    leptos_axum::redirect(local_path(&done.to));
                }
                Ok(())
            }
            Err(error) => {
                let fail = self.fail(&error);
                if !self.wants_page {
                    refuse(&error, fail.kind);
                    return Err(fail);
                }
                let typed =
                    typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
                let (to, flash) = match error {
                    Error::SignedOut => {
                        let said = match kept::keep(self, Why::SignedOut, typed).await {
                            Fate::Nothing => "sign_in.over",
                            Fate::Kept => "sign_in.over_kept",
                            Fate::Lost => "sign_in.over_lost",
                        };
                        let flash = Flash { failed: Some(self.lang.t(said)), ..Flash::default() };
                        (format!("/login?next={}", encode(&self.back)), flash)
                    }
                    Error::Denied(Denied::Stale) => {
                        kept::keep(self, Why::Stale, typed).await;
                        (crate::sign_in::address(&self.back), Flash::default())
                    }
                    _ => {
                        let failed = Some(fail.message);
                        (self.back.clone(), Flash { done: None, failed, errors: fail.fields, typed })
                    }
                };
                self.leave(flash).await;
                leptos_axum::redirect(local_path(&to));
                Ok(())
            }
        }
    }

    /// Ends a server function that only an island calls: the value, or the failure in words with its status.
    ///
    /// # Errors
    /// The failure in words.
    pub fn answer<T>(&self, outcome: backend::Result<T>) -> Result<T, Fail> {
        outcome.map_err(|error| {
            let fail = self.fail(&error);
            refuse(&error, fail.kind);
            fail
        })
    }

    /// Says something on the next page, in green.
    pub async fn tell(&self, text: String) {
        self.leave(Flash { done: Some(text), ..Flash::default() }).await;
    }

    /// The client's address, when it is known.
    #[must_use]
    pub fn client_address(&self) -> Option<IpAddr> {
        self.client.parse().ok()
    }

    /// The browser's name for itself, for the list of sessions.
    #[must_use]
    pub fn agent(&self) -> String {
        use_context::<Parts>()
            .and_then(|parts| parts.headers.get(header::USER_AGENT)?.to_str().ok().map(str::to_owned))
            .unwrap_or_default()
    }

    /// Keeps a secret (a token, an invitation's link) for the next page, which shows it once.
    ///
    /// # Errors
    /// When the session cannot be written: the secret would be lost.
    pub async fn show_once(&self, name: &str, secret: &str) -> backend::Result<()> {
        self.session.insert(&format!("once.{name}"), secret).await.map_err(Error::internal)
    }

    /// Takes the secret that the form before left under this name.
    pub async fn shown_once(&self, name: &str) -> Option<String> {
        let key = format!("once.{name}");
        // Removing what is not there would count as a change of the session.
        self.session.get::<String>(&key).await.ok().flatten()?;
        self.session.remove(&key).await.ok().flatten()
    }

    async fn leave(&self, flash: Flash) {
        if flash != Flash::default()
            && let Err(error) = self.session.insert(Flash::KEY, flash).await
        {
            tracing::warn!(%error, "a message could not be kept for the next page");
        }
    }
}

/// The HTTP status of a failure.
#[must_use]
pub fn status_of(kind: FailKind) -> StatusCode {
    match kind {
        FailKind::Invalid | FailKind::Refused => StatusCode::UNPROCESSABLE_ENTITY,
        FailKind::Denied => StatusCode::FORBIDDEN,
        FailKind::SignedOut => StatusCode::UNAUTHORIZED,
        FailKind::NotFound => StatusCode::NOT_FOUND,
        FailKind::Conflict => StatusCode::CONFLICT,
        FailKind::Busy => StatusCode::SERVICE_UNAVAILABLE,
        FailKind::Internal | FailKind::Unreachable => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The status of a failure, and when to come back if that helps.
fn refuse(error: &Error, kind: FailKind) {
    set_status(status_of(kind));
    if let (Error::Busy { retry_after }, Some(response)) = (error, use_context::<ResponseOptions>()) {
        response.insert_header(header::RETRY_AFTER, http::HeaderValue::from(*retry_after));
    }
}

/// Sets the status of the response being built.
pub fn set_status(status: StatusCode) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status);
    }
}

/// A path on this site, or `/`: nothing with a host, a backslash or a control character can become a redirect.
#[must_use]
pub fn local_path(path: &str) -> &str {
    let local = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.chars().all(|c| c.is_ascii_graphic());
    if local { path } else { "/" }
}

/// Percent-encodes everything but unreserved characters and `/`.
#[must_use]
pub fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// Whether the client asked for a page.
#[must_use]
pub fn wants_page(headers: &http::HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("text/html"))
}

#[cfg(test)]
mod tests {
    use super::local_path;
    use rstest::rstest;

    #[rstest]
    #[case("/filings/1", "/filings/1")]
    #[case("//evil.example", "/")]
    #[case("/\\evil.example", "/")]
    #[case("https://evil.example", "/")]
    #[case("/a\r\nSet-Cookie: x", "/")]
    #[case("", "/")]
    fn only_paths_on_this_site_become_redirects(#[case] given: &str, #[case] expected: &str) {
        assert_eq!(local_path(given), expected);
    }
}
