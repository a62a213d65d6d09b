//! The holder register as files, beside its page: the template, and the register as it stands. What is in them and who may
//! have them is the use case's; here are only the responses.

use app::{filing::holders::csv, request::Request};
use axum::{
    Extension, Router,
    extract::Path,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use backend::holder_register;
use domain::{id::FilingId, media::Kind};

use super::{State, download::attachment, upload::failed};

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/filings/{filing}/holders/template.xlsx", get(template))
        .route("/filings/{filing}/holders.xlsx", get(workbook))
        .route("/filings/{filing}/holders.csv", get(comma_separated))
}

async fn template(Extension(request): Extension<Request>, Path(filing): Path<FilingId>) -> Response {
    let made = holder_register::template(&request.cx, filing).await;
    answer(
        &request,
        made,
        Kind::Xlsx.media_type(),
        &request.lang.pick("股东名册模板.xlsx", "holder-register-template.xlsx"),
    )
}

async fn workbook(Extension(request): Extension<Request>, Path(filing): Path<FilingId>) -> Response {
    let made = holder_register::export(&request.cx, filing).await;
    answer(
        &request,
        made,
        Kind::Xlsx.media_type(),
        &request.lang.pick("股东名册.xlsx", "holder-register.xlsx"),
    )
}

async fn comma_separated(Extension(request): Extension<Request>, Path(filing): Path<FilingId>) -> Response {
    let made = csv(&request, filing).await.map(|table| table.to_csv());
    let name = request.lang.pick("股东名册.csv", "holder-register.csv");
    answer(&request, made, "text/csv; charset=utf-8; header=present", &name)
}

fn answer(
    request: &Request,
    made: backend::Result<Vec<u8>>,
    media_type: &'static str,
    name: &str,
) -> Response {
    let bytes = match made {
        Ok(bytes) => bytes,
        Err(error) => return failed(request, &error),
    };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CONTENT_DISPOSITION, attachment(&backend::document::disposition(name)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}
