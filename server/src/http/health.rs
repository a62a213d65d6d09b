//! `/healthz` (the process runs), `/readyz` (it can serve: database, objects, ledger, sequencer, signer) and `/metrics`. Load
//! balancers and operators ask; nobody needs to sign in, so what is wrong is said in one word and the reason is in the log.

use std::time::Duration;

use axum::{
    Router,
    extract::State as Extract,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use backend::Error;

use super::State;

/// A part that takes longer is not ready; whoever asks should not have to wait to learn that.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
}

/// 200 `ready`, or 503 `not ready: PART…`.
async fn ready(Extract(state): Extract<State>) -> impl IntoResponse {
    let (database, objects, signer) = tokio::join!(database(&state), objects(&state), signer(&state));
    let failing: Vec<&str> = [database, objects, sequencer(&state), signer].into_iter().flatten().collect();
    let no_store = [(header::CACHE_CONTROL, "no-store")];
    if failing.is_empty() {
        (StatusCode::OK, no_store, "ready\n".to_owned())
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, no_store, format!("not ready: {}\n", failing.join(", ")))
    }
}

async fn database(state: &State) -> Option<&'static str> {
    let answer = tokio::time::timeout(PATIENCE, state.services.db.ping()).await;
    match answer {
        Ok(Ok(())) => return None,
        Ok(Err(error)) => tracing::error!(%error, "not ready: the database does not answer"),
        Err(_) => tracing::error!("not ready: the database does not answer in time"),
    }
    Some("database")
}

/// Reads the published checkpoint: what is in the object store, and the least that the ledger must have.
async fn objects(state: &State) -> Option<&'static str> {
    let anonymous = state.anonymous();
    let answer = tokio::time::timeout(PATIENCE, backend::ledger_store::checkpoint_text(&anonymous)).await;
    match answer {
        Ok(Ok(_)) => None,
        Ok(Err(Error::NotFound)) => {
            tracing::error!("not ready: no checkpoint is published");
            Some("ledger")
        }
        Ok(Err(error)) => {
            tracing::error!(%error, "not ready: the object store does not answer");
            Some("objects")
        }
        Err(_) => {
            tracing::error!("not ready: the object store does not answer in time");
            Some("objects")
        }
    }
}

fn sequencer(state: &State) -> Option<&'static str> {
    let why = state.services.queue.stopped()?;
    tracing::error!(why, "not ready: the sequencer stands still");
    Some("sequencer")
}

/// Filings are taken in while it is away, and anchored once it is back.
async fn signer(state: &State) -> Option<&'static str> {
    match tokio::time::timeout(PATIENCE, state.services.signer.standing()).await {
        Ok(Ok(_)) => return None,
        Ok(Err(error)) => tracing::error!(%error, "not ready: the log's signer cannot be asked"),
        Err(_) => tracing::error!("not ready: the log's signer does not answer in time"),
    }
    Some("signer")
}

async fn metrics(Extract(state): Extract<State>) -> String {
    state.metrics.map(|handle| handle.render()).unwrap_or_default()
}
