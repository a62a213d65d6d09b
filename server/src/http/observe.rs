//! One log line and one metric per request: id, method, route, status, milliseconds. Neither query nor body, since
//! both may hold personal data.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    http::HeaderValue,
    middleware::Next,
    response::Response,
};

/// Wraps every request.
pub(crate) async fn each_request(request: Request, next: Next) -> Response {
    let id = hex_id();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let began = Instant::now();
    let mut response = next.run(request).await;
    let elapsed = began.elapsed();
    let status = response.status().as_u16();
    metrics::histogram!("guxin_http_request_seconds", "method" => method.to_string(), "status" => status.to_string())
        .record(elapsed.as_secs_f64());
    tracing::info!(
        http.request_id = %id,
        http.method = %method,
        http.route = route.as_deref().unwrap_or(&path),
        http.status = status,
        http.milliseconds = elapsed.as_millis(),
        "request"
    );
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

fn hex_id() -> String {
    backend::chance::Random::System.bytes::<8>().iter().map(|byte| format!("{byte:02x}")).collect()
}
