//! The lists as CSV files, beside their pages: `/filings.csv` is `/filings` with the same query. What is in them and who
//! may have them is `app::export`'s; here is only the response.

use app::{export, request::Request};
use axum::{
    Extension, Router,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};

use super::{State, download::attachment, upload::failed};

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/filings.csv", get(filings))
        .route("/review.csv", get(queue))
        .route("/supervision/access.csv", get(access))
        .route("/supervision/companies.csv", get(companies))
        .route("/supervision/filings.csv", get(market_filings))
}

async fn filings(Extension(request): Extension<Request>) -> Response {
    answer(&request, export::filings(&request).await)
}

async fn queue(Extension(request): Extension<Request>) -> Response {
    answer(&request, export::queue(&request).await)
}

async fn access(Extension(request): Extension<Request>) -> Response {
    answer(&request, export::access(&request).await)
}

async fn companies(Extension(request): Extension<Request>) -> Response {
    answer(&request, export::companies(&request).await)
}

async fn market_filings(Extension(request): Extension<Request>) -> Response {
    answer(&request, export::market_filings(&request).await)
}

fn answer(request: &Request, made: backend::Result<export::Table>) -> Response {
    let table = match made {
        Ok(table) => table,
        Err(error) => return failed(request, &error),
    };
    let name = format!("{}-{}.csv", table.name, domain::calendar::china_date(request.cx.now()));
    let mut response = table.to_csv().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present"));
    headers.insert(header::CONTENT_DISPOSITION, attachment(&backend::document::disposition(&name)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}
