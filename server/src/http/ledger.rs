//! The public ledger, in C2SP's layout (tlog-tiles): anybody reads it, nothing here touches the database's writer.

use axum::{
    Router,
    extract::{Path, State as Extract},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use backend::Error;

use super::State;

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/ledger/checkpoint", get(checkpoint))
        .route("/ledger/checkpoint/{size}", get(released))
        .route("/ledger/vkey", get(vkey))
        .route("/ledger/keys", get(keys))
        .route("/ledger/policy", get(policy))
        .route("/ledger/tile/{*path}", get(tile))
        .route("/ledger/proof/{file}", get(proof))
}

const TEXT: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";
/// A tile never changes once it is published.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// A checkpoint is replaced within seconds.
const SHORT: &str = "public, max-age=1";

async fn checkpoint(Extract(state): Extract<State>) -> Response {
    answer(backend::ledger_store::checkpoint_text(&state.anonymous()).await, TEXT, SHORT)
}

/// An earlier checkpoint. It stays what it is, but may still gain cosignatures.
async fn released(Extract(state): Extract<State>, Path(size): Path<String>) -> Response {
    // Only the one spelling that the checkpoint itself has.
    let Some(size) = size.parse::<u64>().ok().filter(|number| number.to_string() == size) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let found = backend::ledger_store::history::released(&state.anonymous(), size).await;
    answer(found.map(|released| released.note), TEXT, SHORT)
}

async fn vkey(Extract(state): Extract<State>) -> Response {
    answer(Ok(format!("{}\n", state.services.ledger.verifier_key())), TEXT, SHORT)
}

/// Every key that the log had, with the proofs of its changes.
async fn keys(Extract(state): Extract<State>) -> Response {
    answer(Ok(backend::ledger_store::keys_text(&state.anonymous())), TEXT, SHORT)
}

/// The policy by which a checkpoint is final, as a file (C2SP tlog-policy); there is none while too few witnesses are active.
async fn policy(Extract(state): Extract<State>) -> Response {
    answer(backend::witness::policy_text(&state.anonymous()).await, TEXT, SHORT)
}

async fn tile(Extract(state): Extract<State>, Path(path): Path<String>) -> Response {
    let found = backend::ledger_store::tile_bytes(&state.anonymous(), &format!("tile/{path}")).await;
    answer(found.map(|bytes| bytes.to_vec()), BYTES, FOREVER)
}

async fn proof(Extract(state): Extract<State>, Path(file): Path<String>) -> Response {
    let Some(index) = file.strip_suffix(".tlog-proof").and_then(|index| index.parse().ok()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    answer(backend::ledger_store::proof_text(&state.anonymous(), index).await, TEXT, SHORT)
}

// Public by purpose: other origins may read it, so that anyone's page can verify.
fn answer(
    found: Result<impl IntoResponse, Error>,
    media_type: &'static str,
    cache: &'static str,
) -> Response {
    match found {
        Ok(body) => (
            [
                (header::CONTENT_TYPE, media_type),
                (header::CACHE_CONTROL, cache),
                (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
                (header::HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
            ],
            body,
        )
            .into_response(),
        Err(Error::NotFound) => StatusCode::NOT_FOUND.into_response(),
        Err(Error::Busy { retry_after }) => {
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, retry_after.to_string())])
                .into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the ledger could not be read");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
