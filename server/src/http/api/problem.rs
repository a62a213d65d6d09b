//! Failures as problem details (RFC 9457): `type` and `code` are stable, `detail` is for a developer, in English, and
//! never holds SQL, paths or another tenant's data. A failure of ours is logged here and told without its cause.

use std::collections::BTreeMap;

use axum::{
    Json,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use backend::{Error, error::Message};
use domain::locale::Locale;
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

/// What went wrong: problem details (RFC 9457).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "urn:guxin:problem:not_found",
    "title": "Not found",
    "status": 404,
    "code": "not_found",
    "detail": "there is nothing here, or it is none of this token's business"
}))]
pub(crate) struct Problem {
    /// Stable identifier of the kind of problem: `urn:guxin:problem:` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// Short name of the kind, in English.
    title: String,
    /// HTTP status, as in the response's head.
    status: u16,
    /// Stable code: `invalid`, `denied`, `token_needed`, `not_found`, `conflict`, `refused`, `busy`,
    /// `method_not_allowed`, `internal`.
    code: String,
    /// This occurrence, in English, for a developer.
    detail: String,
    /// Why it was denied (`role`, `stage`, `standing`, `assurance`, `rules`), when `code` is `denied`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Parameter or field name to what is wrong with it, when `code` is `invalid`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    errors: BTreeMap<String, String>,
    /// Seconds after which to try again, when `code` is `busy`; also in the header `Retry-After`.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u32>,
}

/// The answers that every route may give beside its own.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "the variants describe, `Failure` answers")]
pub(super) enum Failures {
    /// No token, or one that is unknown, expired, revoked or whose person is disabled.
    #[response(status = 401, content_type = "application/problem+json")]
    TokenNeeded(Problem),
    /// The person's role, standing or sign-in does not allow it.
    #[response(status = 403, content_type = "application/problem+json")]
    Denied(Problem),
    /// There is nothing, or nothing that this person may know of.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem),
    /// A parameter is wrong; `errors` says which.
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(Problem),
    /// Too much at once, or not ready yet; try again after `Retry-After` seconds.
    #[response(status = 503, content_type = "application/problem+json")]
    Busy(Problem),
}

/// The answers of routes that need no token.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "the variants describe, `Failure` answers")]
pub(super) enum PublicFailures {
    /// There is nothing there.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem),
    /// A parameter is wrong; `errors` says which.
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(Problem),
}

/// A use case's error on its way out; handlers end with `?`.
pub(super) struct Failure(Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        problem(&self.0)
    }
}

/// A failure as a problem document.
pub(crate) fn problem(error: &Error) -> Response {
    let (status, code, title) = match error {
        Error::Invalid(_) | Error::Rejected(_) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "invalid", "Invalid parameter")
        }
        Error::Denied(_) => (StatusCode::FORBIDDEN, "denied", "Denied"),
        Error::SignedOut => (StatusCode::UNAUTHORIZED, "token_needed", "A valid token is needed"),
        Error::NotFound => (StatusCode::NOT_FOUND, "not_found", "Not found"),
        Error::Conflict(_) => (StatusCode::CONFLICT, "conflict", "Changed meanwhile"),
        Error::Refused(_) => (StatusCode::UNPROCESSABLE_ENTITY, "refused", "Refused by the workflow"),
        Error::Busy { .. } => (StatusCode::SERVICE_UNAVAILABLE, "busy", "Busy"),
        Error::Internal(cause) => {
            tracing::error!(error = format!("{cause:#}"), "API request failed");
            (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error")
        }
    };
    let mut problem = Problem::new(status, code, title, &detail(error));
    match error {
        Error::Invalid(fields) => {
            problem.errors = fields.0.iter().map(|(name, message)| (name.clone(), words(message))).collect();
        }
        Error::Denied(denied) => problem.reason = Some(denied.code().to_owned()),
        Error::Busy { retry_after } => problem.retry_after = Some(*retry_after),
        _ => {}
    }
    problem.into_response()
}

/// The address exists, for other methods.
pub(super) fn method_not_allowed(method: &Method) -> Response {
    let detail = format!("{method} is not supported here: the API reads only");
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed", &detail)
        .into_response()
}

fn detail(error: &Error) -> String {
    match error {
        Error::Invalid(fields) => {
            let said: Vec<String> =
                fields.0.iter().map(|(name, message)| format!("{name}: {}", words(message))).collect();
            said.join("; ")
        }
        Error::Rejected(message) => words(message),
        Error::SignedOut => "send `Authorization: Bearer` with a token from the page /account".to_owned(),
        Error::NotFound => "there is nothing here, or it is none of this token's business".to_owned(),
        Error::Busy { retry_after } => format!("try again after {retry_after} s"),
        Error::Internal(_) => "the request failed; the log has the details".to_owned(),
        other => other.to_string(),
    }
}

/// In English; a message that lives in the pages' texts is told by its key.
fn words(message: &Message) -> String {
    match (message, message.said(Locale::En)) {
        (_, Some(said)) => said.to_owned(),
        (Message::Key(key, values), None) => {
            let values: Vec<String> =
                values.iter().map(|(name, value)| format!("{name} = {value}")).collect();
            if values.is_empty() { (*key).to_owned() } else { format!("{key} ({})", values.join(", ")) }
        }
        (Message::Said(..), None) => String::new(),
    }
}

impl Problem {
    fn new(status: StatusCode, code: &str, title: &str, detail: &str) -> Self {
        Self {
            kind: format!("urn:guxin:problem:{code}"),
            title: title.to_owned(),
            status: status.as_u16(),
            code: code.to_owned(),
            detail: detail.to_owned(),
            ..Self::default()
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.retry_after;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
