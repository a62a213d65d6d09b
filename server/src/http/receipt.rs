//! Receipts of submitted versions, as the file that `guxin verify` reads and as a PDF for people.

use app::request::Request;
use axum::{
    Extension, Router,
    extract::Path,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::id::FilingId;

use super::{
    State,
    download::{attachment, recorded},
    upload::failed,
};

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/filings/{filing}/versions/{number}/receipt.json", get(file))
        .route("/filings/{filing}/versions/{number}/receipt.pdf", get(pdf))
}

async fn file(
    Extension(request): Extension<Request>,
    Path((filing, number)): Path<(FilingId, i64)>,
) -> Response {
    let made = async {
        recorded(&request, "supervision.receipt", filing.0).await?;
        backend::receipt::file(&request.cx, filing, number).await
    };
    answer(&request, made.await, "application/json", &format!("guxin-receipt-{filing}-{number}.json"))
}

async fn pdf(
    Extension(request): Extension<Request>,
    Path((filing, number)): Path<(FilingId, i64)>,
) -> Response {
    let made = async {
        recorded(&request, "supervision.receipt", filing.0).await?;
        backend::receipt::pdf(&request.cx, filing, number, request.lang.0).await
    };
    answer(&request, made.await, "application/pdf", &format!("guxin-receipt-{filing}-{number}.pdf"))
}

fn answer(
    request: &Request,
    made: backend::Result<Vec<u8>>,
    media_type: &'static str,
    name: &str,
) -> Response {
    match made {
        Ok(bytes) => served(bytes, media_type, name),
        Err(error) => failed(request, &error),
    }
}

fn served(bytes: Vec<u8>, media_type: &'static str, name: &str) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CONTENT_DISPOSITION, attachment(&backend::document::disposition(name)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}
