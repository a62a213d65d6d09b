//! Answers: JSON with an entity tag, and the part of a list with the way to go on. The tag is a digest of the body, so
//! it saves sending, not reading: a supervisor's reading is recorded all the same.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use backend::{
    Error,
    page::{Cursor, Stretch},
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::problem::Failure;

/// What every handler returns.
pub(super) type Answer = Result<Response, Failure>;

/// Rows per part of a list, when nothing is asked for.
const USUAL: u32 = 20;
/// Most rows per part.
const MOST: u32 = 100;

/// A part of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct List<T: ToSchema> {
    /// In the order asked for.
    items: Vec<T>,
    /// For the parameter `cursor`, to go on behind the last item; absent at the end of the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "eyJzIjoidXBkYXRlZCIsImsiOjE3NjIwNzA0MDAwMDAwMDAsImkiOiIwMTljLi4uIn0")]
    next_cursor: Option<String>,
}

impl<T: ToSchema> List<T> {
    pub(super) fn of<R>(stretch: Stretch<R>, item: impl FnMut(R) -> T) -> Self {
        let next_cursor = stretch.next.map(|next| next.to_string());
        Self { items: stretch.rows.into_iter().map(item).collect(), next_cursor }
    }

    /// A list that is never cut.
    pub(super) fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }
}

/// How many rows are wanted, 1 to 100.
pub(super) fn limit(asked: Option<u32>) -> Result<u32, Failure> {
    match asked.unwrap_or(USUAL) {
        limit @ 1..=MOST => Ok(limit),
        _ => Err(invalid("limit", &format!("1 to {MOST}"))),
    }
}

/// Where to go on.
pub(super) fn cursor(asked: Option<&str>) -> Result<Option<Cursor>, Failure> {
    Ok(asked.map(str::parse::<Cursor>).transpose()?)
}

/// A parameter that cannot be read.
pub(super) fn invalid(name: &str, expected: &str) -> Failure {
    let message = backend::error::Message::Said(expected.to_owned(), expected.to_owned());
    Error::Invalid(backend::error::FieldErrors::one(name, message)).into()
}

/// A body as JSON, or 304 when the caller has it.
pub(super) fn json<T: Serialize>(headers: &HeaderMap, body: &T) -> Answer {
    let bytes = serde_json::to_vec(body).map_err(Error::from)?;
    Ok(tagged(headers, bytes, "application/json"))
}

/// Bytes with their tag, or 304.
pub(super) fn tagged(headers: &HeaderMap, bytes: Vec<u8>, media_type: &'static str) -> Response {
    // Weak: compression may send other bytes with the same meaning.
    let tag = weak(&Sha256::digest(&bytes)[..16]);
    if has(headers, &tag) {
        return unchanged(&tag);
    }
    let mut response = bytes.into_response();
    let head = response.headers_mut();
    head.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    mark(head, &tag);
    response
}

/// `W/"…"` over some bytes.
pub(super) fn weak(bytes: &[u8]) -> String {
    let hexadecimal: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("W/\"{hexadecimal}\"")
}

/// Whether the caller has what this tag stands for.
pub(super) fn has(headers: &HeaderMap, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|candidate| candidate.trim() == "*" || opaque(candidate) == opaque(tag))
}

/// 304 with the tag.
pub(super) fn unchanged(tag: &str) -> Response {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    mark(response.headers_mut(), tag);
    response
}

/// The tag, and that nobody but the caller may keep the body, who must ask again each time.
pub(super) fn mark(headers: &mut HeaderMap, tag: &str) {
    if let Ok(value) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, value);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("Authorization"));
}
