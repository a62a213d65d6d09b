//! The intake's routes. A page announces files in JSON and sends the bytes that are wanted in pieces: `PATCH` with the offset
//! in `Upload-Offset`, as the draft of resumable uploads (draft-ietf-httpbis-resumable-upload) appends, so that a piece
//! that breaks off keeps what arrived. Without a script the same address takes a plain form. Waiting pages ask `GET`.
//!
//! As with uploads into a slot, nothing of a body is read before its sender may change the filing and has a turn, and then it is
//! measured: below the slowest pace it is given up, and what came of a piece is kept all the same.

use app::request::{Flash, Request, local_path};
use axum::{
    Extension, Json, Router,
    body::Body,
    extract::{DefaultBodyLimit, FromRequest, Multipart, Path, State as Extract},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, patch, post},
};
use backend::{
    error::{Error, Message, Result},
    intake::{self, Announced, Began, Progress, Receiving, Reply},
};
use domain::id::{FilingId, IntakeId};
use futures::{StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};

use super::{
    State,
    upload::{Broken, Meter, Refused, Turn, Uploads, failed},
};

/// Bytes of an announcement: a thousand paths of the longest kind.
const ANNOUNCEMENT: usize = 2 << 20;
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/filings/{filing}/intake", post(hand_in))
        .route("/filings/{filing}/intake/{file}", patch(append))
        // The use cases count; a second limit here would only cut their message off.
        .layer(DefaultBodyLimit::disable())
        .route("/filings/{filing}/intake", get(progress))
}

/// What a script announces.
#[derive(Deserialize)]
struct Announcement {
    files: Vec<AnnouncedFile>,
}

#[derive(Deserialize)]
struct AnnouncedFile {
    path: String,
    size: u64,
    /// Hexadecimal.
    sha256: String,
}

/// What the script is to do with each file, in the order of the announcement.
#[derive(Serialize)]
struct Answer {
    files: Vec<AnsweredFile>,
}

#[derive(Serialize)]
#[serde(tag = "to_do", rename_all = "snake_case")]
enum AnsweredFile {
    /// Send the bytes from `offset` on to `url`.
    Send {
        url: String,
        offset: u64,
    },
    Known {
        said: String,
    },
    Litter,
    Refused {
        said: String,
    },
}

impl AnsweredFile {
    fn new(request: &Request, filing: FilingId, reply: Reply) -> Self {
        let said = |text: &domain::text::Text| text.get(request.lang.0).to_owned();
        match reply {
            Reply::Send { file, offset } => {
                Self::Send { url: format!("/filings/{filing}/intake/{file}"), offset }
            }
            Reply::Known { said: text } => Self::Known { said: said(&text) },
            Reply::Litter => Self::Litter,
            Reply::Refused { said: text } => Self::Refused { said: said(&text) },
        }
    }
}

/// `POST /filings/{filing}/intake`
async fn hand_in(
    Extract(state): Extract<State>,
    Extension(request): Extension<Request>,
    Path(filing): Path<FilingId>,
    headers: HeaderMap,
    body: axum::extract::Request,
) -> Response {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let form = kind.starts_with("multipart/form-data");
    let meter = Meter::default();
    let turn = async {
        intake::admit(&request.cx, filing).await?;
        state.uploads.turn(&request).await
    };
    let turn = turn.await;
    if form {
        let body = body.map(|body| state.uploads.measured(body, &meter, true));
        let outcome = async {
            let _turn = turn?;
            Ok(each_file(&request, filing, body, &meter).await)
        };
        return back_to_the_page(&request, outcome.await, &meter).await;
    }
    let answer = async {
        let _turn = turn?;
        let body = state.uploads.measured(body.into_body(), &meter, false);
        announced(&request, filing, body).await.map_err(|error| Refused::from(error).because(&meter))
    };
    match answer.await {
        Ok(answer) => Json(answer).into_response(),
        Err(refused) => refused.response(&request),
    }
}

async fn announced(request: &Request, filing: FilingId, body: Body) -> Result<Answer> {
    let unreadable = || Error::Rejected(Message::key("form_unreadable"));
    let bytes = axum::body::to_bytes(body, ANNOUNCEMENT).await.map_err(|_| unreadable())?;
    let announcement: Announcement = serde_json::from_slice(&bytes).map_err(|_| unreadable())?;
    let files = announcement
        .files
        .into_iter()
        .map(|file| {
            let mut sha256 = [0; 32];
            hex::decode_to_slice(&file.sha256, &mut sha256).map_err(|_| unreadable())?;
            Ok(Announced { path: file.path, size: file.size, sha256 })
        })
        .collect::<Result<Vec<_>>>()?;
    let replies = intake::announce(&request.cx, filing, &files, request.received_at).await?;
    let files = replies.into_iter().map(|reply| AnsweredFile::new(request, filing, reply)).collect();
    Ok(Answer { files })
}

/// Where a file's bytes end by now.
#[derive(Serialize)]
struct Here {
    offset: u64,
    /// Nothing is missing any more.
    complete: bool,
}

/// `PATCH /filings/{filing}/intake/{file}`
async fn append(
    Extract(state): Extract<State>,
    Extension(request): Extension<Request>,
    Path((filing, file)): Path<(FilingId, IntakeId)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let offset = headers.get(OFFSET).and_then(|value| value.to_str().ok()?.parse().ok());
    let taken = async {
        let offset = offset.ok_or_else(|| Error::Rejected(Message::key("offset_missing")))?;
        intake::admit(&request.cx, filing).await?;
        let turn = state.uploads.turn(&request).await?;
        let taken = match Receiving::begin(&request.cx, filing, file, offset).await? {
            Began::Complete => (StatusCode::OK, Here { offset, complete: true }),
            Began::At(offset) => (StatusCode::CONFLICT, Here { offset, complete: false }),
            // A task of its own: a connection that goes takes its handler with it, and what came would be lost.
            Began::Ready(receiving) => {
                let taking = piece(*receiving, state.uploads.clone(), body, turn);
                tokio::spawn(taking).await.map_err(Error::internal)??
            }
        };
        Ok::<_, Refused>(taken)
    };
    match taken.await {
        Ok((status, here)) => {
            let offset = HeaderValue::from(here.offset);
            (status, [(OFFSET, offset)], Json(here)).into_response()
        }
        Err(refused) => refused.response(&request),
    }
}

async fn piece(
    mut receiving: Receiving,
    uploads: Uploads,
    body: Body,
    _turn: Turn,
) -> Result<(StatusCode, Here), Refused> {
    let meter = Meter::default();
    let mut chunks = uploads.measured(body, &meter, false).into_data_stream();
    // A body that breaks off is no error of the file: what came is kept, and the answer nobody reads says so.
    while let Some(Ok(chunk)) = chunks.next().await {
        receiving.write(&chunk).await?;
    }
    let (offset, complete) = receiving.finish().await?;
    if meter.broken() == Some(Broken::TooSlow) {
        return Err(Refused::TooSlow);
    }
    Ok((StatusCode::OK, Here { offset, complete }))
}

/// `GET /filings/{filing}/intake`
async fn progress(Extension(request): Extension<Request>, Path(filing): Path<FilingId>) -> Response {
    match intake::progress(&request.cx, filing).await {
        Ok(progress) => Json::<Progress>(progress).into_response(),
        Err(error) => failed(&request, &error),
    }
}

/// The form without JavaScript, every chosen file or archive of it: back to the page with one message.
async fn back_to_the_page(
    request: &Request,
    outcome: Result<(usize, Option<Error>), Refused>,
    meter: &Meter,
) -> Response {
    let (count, error) = match outcome {
        Ok((count, error)) => (count, error.map(|error| Refused::from(error).because(meter).error())),
        Err(refused) => (0, Some(refused.error())),
    };
    let done = (count > 0).then(|| request.lang.with("intake.received", &[("count", &count.to_string())]));
    let failed = error.map(|error| {
        let fail = request.fail(&error);
        fail.fields.into_values().next().unwrap_or(fail.message)
    });
    let flash = Flash { done, failed, ..Flash::default() };
    if let Err(error) = request.session.insert(Flash::KEY, flash).await {
        tracing::warn!(%error, "a message could not be kept for the next page");
    }
    Redirect::to(local_path(&request.back)).into_response()
}

/// Takes what it can: how many files came, and what was wrong with the first that did not.
async fn each_file(
    request: &Request,
    filing: FilingId,
    body: axum::extract::Request,
    meter: &Meter,
) -> (usize, Option<Error>) {
    let Ok(mut form) = Multipart::from_request(body, &()).await else {
        return (0, Some(Error::Rejected(Message::key("form_unreadable"))));
    };
    let (mut count, mut left_out, mut wrong) = (0, 0, None);
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => break,
            Err(_) => {
                wrong.get_or_insert(Error::Rejected(Message::key("upload_cut_off")));
                break;
            }
        };
        let Some(name) = field.file_name().filter(|name| !name.is_empty()).map(str::to_owned) else {
            continue;
        };
        let field = field.inspect_ok(|chunk| meter.of_file(chunk.len()));
        if domain::intake::is_litter(&name) {
            // Its bytes are let go, but not unmeasured.
            let size =
                field.try_fold(0_u64, |size, chunk| async move { Ok(size + chunk.len() as u64) }).await;
            if let Err(error) =
                intake::leave_out(&request.cx, filing, &name, size.unwrap_or_default(), request.received_at)
                    .await
            {
                return (count, Some(error));
            }
            left_out += 1;
            continue;
        }
        match intake::receive_whole(&request.cx, filing, &name, request.received_at, field).await {
            Ok(()) => count += 1,
            // One bad file does not keep the others from arriving; authority is the same for all.
            Err(error @ Error::Rejected(_)) => {
                wrong.get_or_insert(error);
            }
            Err(error) => return (count, Some(error)),
        }
    }
    if count + left_out == 0 && wrong.is_none() {
        wrong = Some(Error::Rejected(Message::key("no_file_chosen")));
    }
    (count, wrong)
}
