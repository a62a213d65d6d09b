//! When a request arrived: stamped before anything else happens to it and before its body is read, because what is
//! received at the last minute must not look late for having been large or having waited. Uploads, submissions and
//! replies write it down as `received_at`, apart from when they were carried out.

use axum::{
    extract::{Request, State as Extract},
    http::Extensions,
    middleware::Next,
    response::Response,
};
use time::OffsetDateTime;

use super::State;

/// In the request's extensions.
#[derive(Clone, Copy, Debug)]
struct Arrival(OffsetDateTime);

/// The outermost layer.
pub(crate) async fn stamp(Extract(state): Extract<State>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(Arrival(state.services.clock.now()));
    next.run(request).await
}

/// When the request arrived; `now` for one that did not pass the layer.
pub(crate) fn of(extensions: &Extensions, now: OffsetDateTime) -> OffsetDateTime {
    extensions.get::<Arrival>().map_or(now, |arrival| arrival.0)
}
