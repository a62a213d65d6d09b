//! Uploads. A plain route instead of a server function: the body streams to the disk while it is hashed, the
//! slot's limit counts from the first byte, and the browser's own progress events work. Without JavaScript the same
//! page posts a multipart form into the same use case.
//!
//! Nothing of a body is read before it is known that its sender may add to the slot, and has a turn; then it is measured
//! ([`meter`]). Uploads have no time limit as a whole: a large file over a slow line takes what it takes.

use std::time::Duration;

use app::request::{Done, Flash, Request, local_path};
use axum::{
    Extension, Json, Router,
    body::Body,
    extract::{DefaultBodyLimit, Multipart, Path, State as Extract},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use backend::{
    document::{self, DocumentAdded, NewUpload, Upload},
    error::{Error, Message},
};
use domain::id::{DocumentId, FilingId};
use futures::StreamExt;
use serde::Serialize;
use time::OffsetDateTime;

use super::State;
pub(super) use turns::Turn;
use turns::Turns;

mod meter;
mod turns;

pub use meter::Pace;
pub(super) use meter::{Broken, Meter};

/// What the operator allows an upload.
#[derive(Clone, Copy, Debug)]
pub struct UploadLimits {
    pub pace: Pace,
    /// Uploads of one person under way at the same time.
    pub at_once: usize,
}

impl Default for UploadLimits {
    fn default() -> Self {
        let half_a_minute = Duration::from_secs(30);
        Self { pace: Pace { floor: 2_000, grace: half_a_minute, window: half_a_minute }, at_once: 6 }
    }
}

/// What uploads share on one server.
#[derive(Clone, Debug)]
pub(crate) struct Uploads {
    pace: Pace,
    turns: Turns,
}

impl Uploads {
    pub(crate) fn new(limits: UploadLimits) -> Self {
        Self { pace: limits.pace, turns: Turns::new(limits.at_once) }
    }

    /// A turn for whoever asks; its authority is the caller's business and comes first.
    pub(super) async fn turn(&self, request: &Request) -> Result<Turn, Refused> {
        self.turns.take(request.cx.actor()?.user).await.ok_or(Refused::TooMany)
    }

    /// The same body, measured. `form` is one whose files stand among other fields.
    pub(super) fn measured(&self, body: Body, meter: &Meter, form: bool) -> Body {
        meter.measure(body, self.pace, form)
    }
}

/// Seconds after which somebody with too many uploads may try again.
const AGAIN: u32 = 10;

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/filings/{filing}/slots/{slot}/documents", post(into_slot))
        // The use case counts; a second limit here would only cut the message off.
        .layer(DefaultBodyLimit::disable())
}

/// `POST /filings/{filing}/slots/{slot}/documents[?replaces={document}]`
async fn into_slot(
    Extract(state): Extract<State>,
    Extension(request): Extension<Request>,
    Path((filing, slot)): Path<(FilingId, String)>,
    headers: HeaderMap,
    body: axum::extract::Request,
) -> Response {
    let target = Target {
        filing,
        slot,
        replaces: request.query("replaces").parse().ok(),
        received_at: request.received_at,
    };
    receive(&state.uploads, &request, &headers, body, target).await
}

struct Target {
    filing: FilingId,
    slot: String,
    replaces: Option<DocumentId>,
    /// When the request arrived: stamped before anything of its body is read.
    received_at: OffsetDateTime,
}

impl Target {
    async fn begin(&self, request: &Request, name: &str, declared: Option<u64>) -> Result<Upload, Error> {
        let new = NewUpload {
            filing: self.filing,
            slot: self.slot.clone(),
            file_name: name.to_owned(),
            replaces: self.replaces,
            declared_length: declared,
            received_at: self.received_at,
        };
        Upload::begin(&request.cx, new).await
    }
}

/// What the uploader's script is told.
#[derive(Serialize)]
struct Added {
    document: DocumentId,
    /// Version number, from 1.
    number: i64,
    file_name: String,
    /// Bytes.
    size: u64,
    sha256: String,
    sm3: String,
    /// Sentences in the reader's language about what was changed or noticed.
    notes: Vec<String>,
}

impl Added {
    fn new(request: &Request, added: &DocumentAdded) -> Self {
        Self {
            document: added.document,
            number: added.number,
            file_name: added.file_name.clone(),
            size: added.size,
            sha256: added.digests.sha256_hex(),
            sm3: added.digests.sm3_hex(),
            notes: added.notes.iter().map(|note| request.say(note)).collect(),
        }
    }
}

async fn receive(
    uploads: &Uploads,
    request: &Request,
    headers: &HeaderMap,
    body: axum::extract::Request,
    target: Target,
) -> Response {
    let form = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("multipart/form-data"));
    let meter = Meter::default();
    let outcome = async {
        let _turn = admit(uploads, request, &target).await?;
        let body = body.map(|body| uploads.measured(body, &meter, form));
        if form {
            each_file(request, body, &target, &meter).await.map(Stored::ByForm)
        } else {
            from_body(request, headers, body.into_body(), &target).await.map(Stored::One)
        }
    };
    let outcome = outcome.await.map_err(|refused| refused.because(&meter));
    match outcome {
        Ok(Stored::One(added)) => (StatusCode::CREATED, Json(Added::new(request, &added))).into_response(),
        Ok(Stored::ByForm(count)) => back_to_the_page(request, Ok(count)).await,
        Err(refused) if form => back_to_the_page(request, Err(refused.error())).await,
        Err(refused) => refused.response(request),
    }
}

enum Stored {
    One(Box<DocumentAdded>),
    ByForm(usize),
}

/// Why an upload was not taken.
pub(super) enum Refused {
    Error(Error),
    TooSlow,
    TooMany,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl Refused {
    /// The reason that the meter knows: what the reader of a broken body says of it is not the reason.
    pub(super) fn because(self, meter: &Meter) -> Self {
        match (self, meter.broken()) {
            (Self::Error(Error::Rejected(_)), Some(Broken::TooSlow)) => Self::TooSlow,
            (Self::Error(Error::Rejected(_)), Some(Broken::TooMuchBeside)) => {
                Self::Error(Error::Rejected(Message::key("form_unreadable")))
            }
            (refused, _) => refused,
        }
    }

    pub(super) fn error(self) -> Error {
        match self {
            Self::Error(error) => error,
            Self::TooSlow => Error::Rejected(Message::key("upload_too_slow")),
            Self::TooMany => Error::Rejected(Message::key("uploads_too_many")),
        }
    }

    pub(super) fn response(self, request: &Request) -> Response {
        let status = match &self {
            Self::Error(_) => None,
            Self::TooSlow => Some(StatusCode::REQUEST_TIMEOUT),
            Self::TooMany => Some(StatusCode::TOO_MANY_REQUESTS),
        };
        let mut response = failed(request, &self.error());
        if let Some(status) = status {
            *response.status_mut() = status;
        }
        if status == Some(StatusCode::TOO_MANY_REQUESTS) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(AGAIN));
        }
        response
    }
}

/// Lets an upload in: authority first, then a turn.
async fn admit(uploads: &Uploads, request: &Request, target: &Target) -> Result<Turn, Refused> {
    document::admit(&request.cx, target.filing, &target.slot).await?;
    uploads.turn(request).await
}

async fn from_body(
    request: &Request,
    headers: &HeaderMap,
    body: Body,
    target: &Target,
) -> Result<Box<DocumentAdded>, Refused> {
    let name = headers
        .get("x-file-name")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| percent_encoding::percent_decode_str(value).decode_utf8().ok())
        .ok_or_else(|| Error::Rejected(Message::key("file_name_missing")))?;
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let mut upload = target.begin(request, &name, declared).await?;
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Error::Rejected(Message::key("upload_cut_off")))?;
        upload.write(&chunk).await?;
    }
    Ok(Box::new(upload.finish().await?))
}

/// The form without JavaScript ends on the page that it stood on, with one message.
async fn back_to_the_page(request: &Request, outcome: Result<usize, Error>) -> Response {
    let flash = match &outcome {
        Ok(count) => Flash {
            done: Some(request.lang.with("upload.added", &[("count", &count.to_string())])),
            ..Flash::default()
        },
        Err(error) => {
            let fail = request.fail(error);
            let detail = fail.fields.into_values().next();
            Flash { failed: Some(detail.unwrap_or(fail.message)), ..Flash::default() }
        }
    };
    if let Err(error) = request.session.insert(Flash::KEY, flash).await {
        tracing::warn!(%error, "a message could not be kept for the next page");
    }
    Redirect::to(local_path(&Done::to(request.back.clone()).to)).into_response()
}

/// Every chosen file of a form.
async fn each_file(
    request: &Request,
    body: axum::extract::Request,
    target: &Target,
    meter: &Meter,
) -> Result<usize, Refused> {
    use axum::extract::FromRequest;
    let unreadable = |_| Error::Rejected(Message::key("upload_cut_off"));
    let mut form = Multipart::from_request(body, &())
        .await
        .map_err(|_| Error::Rejected(Message::key("form_unreadable")))?;
    let mut count = 0;
    while let Some(mut field) = form.next_field().await.map_err(unreadable)? {
        let Some(name) = field.file_name().filter(|name| !name.is_empty()).map(str::to_owned) else {
            continue;
        };
        let mut upload = target.begin(request, &name, None).await?;
        while let Some(chunk) = field.chunk().await.map_err(unreadable)? {
            meter.of_file(chunk.len());
            upload.write(&chunk).await?;
        }
        upload.finish().await?;
        count += 1;
    }
    if count == 0 {
        return Err(Error::Rejected(Message::key("no_file_chosen")).into());
    }
    Ok(count)
}

pub(super) fn failed(request: &Request, error: &Error) -> Response {
    let fail = request.fail(error);
    let mut response = (app::request::status_of(fail.kind), Json(fail)).into_response();
    if let Error::Busy { retry_after } = error {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*retry_after));
    }
    response
}
