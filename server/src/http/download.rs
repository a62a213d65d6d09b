//! Downloads, as SECURITY.md asks: an attachment with its own name, the stored type, no sniffing, a sandbox, and
//! the bytes re-hashed on their way out: a tampered object is cut off before its end and reported.

use app::request::Request;
use axum::{
    Extension, Router,
    body::Body,
    extract::Path,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use backend::document::Download;
use domain::{actor::OrgKind, id::DocumentId};

use super::{State, upload::failed};

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/documents/{document}/versions/{number}/content", get(content))
        .route("/documents/{document}/versions/{number}/pages/{page}", get(page))
}

/// A page as a picture, for the page that shows where a value stands.
async fn page(
    Extension(request): Extension<Request>,
    Path((document, number, page)): Path<(DocumentId, i64, u32)>,
) -> Response {
    let drawn = async {
        recorded(&request, "supervision.document", document.0).await?;
        backend::source::picture(&request.cx, document, number, page).await
    };
    let picture = match drawn.await {
        Ok(picture) => picture,
        Err(error) => return failed(&request, &error),
    };
    let mut response = Body::from(picture).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/png"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

async fn content(
    Extension(request): Extension<Request>,
    Path((document, number)): Path<(DocumentId, i64)>,
) -> Response {
    match open(&request, document, number).await {
        Ok(download) => served(download),
        Err(error) => failed(&request, &error),
    }
}

async fn open(request: &Request, document: DocumentId, number: i64) -> backend::Result<Download> {
    recorded(request, "supervision.download", document.0).await?;
    backend::document::download(&request.cx, document, number).await
}

/// A supervisor's reading is recorded before it happens, and does not happen when it cannot be recorded.
pub(super) async fn recorded(request: &Request, what: &str, subject: uuid::Uuid) -> backend::Result<()> {
    if request.cx.actor()?.org_kind == OrgKind::Regulator {
        backend::access_record::note(&request.cx, what, Some(subject), &request.path).await?;
    }
    Ok(())
}

/// The response to a download, with every header that keeps it a mere file.
pub(super) fn served(download: Download) -> Response {
    let mut response = Body::from_stream(download.body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(download.size));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'"),
    );
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(download.media_type));
    headers.insert(header::CONTENT_DISPOSITION, attachment(&download.disposition));
    response
}

/// `Content-Disposition` as the use case phrased it.
pub(super) fn attachment(disposition: &str) -> HeaderValue {
    HeaderValue::from_str(disposition).unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}
