//! What a witness serves beside its page: its key, its health, its figures, evidence, and the mirrors in the layout of
//! tlog-tiles, so that everybody can read the log here when the log itself is silent.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use backend::Error;
use serde::Serialize;

use super::{Witness, config};

const TEXT: &str = "text/plain; charset=utf-8";

pub(super) async fn vkey(State(witness): State<Witness>) -> Response {
    public(format!("{}\n", witness.vkey()), TEXT, "public, max-age=60")
}

pub(super) async fn metrics(State(witness): State<Witness>) -> String {
    witness.metrics.as_ref().map(metrics_exporter_prometheus::PrometheusHandle::render).unwrap_or_default()
}

/// Status 200 as long as the process runs: restarting a witness does not mend a log. `alarms` is what to watch.
#[derive(Serialize)]
pub(super) struct HealthReport {
    status: &'static str,
    alarms: u32,
    logs: Vec<LogReport>,
}

#[derive(Serialize)]
struct LogReport {
    origin: String,
    /// The name of its mirror and evidence in addresses.
    name: String,
    cosigned: Option<u64>,
    published: Option<u64>,
    mirrored: Option<u64>,
    withheld: bool,
    forked: bool,
    error: Option<String>,
}

pub(super) async fn health(State(witness): State<Witness>) -> Json<HealthReport> {
    let logs: Vec<_> = witness
        .logs
        .iter()
        .map(|log| {
            let health = log.health();
            LogReport {
                origin: log.config.origin.clone(),
                name: config::folder_name(&log.config.origin),
                cosigned: log.last().map(|last| last.checkpoint.size),
                published: health.published,
                mirrored: health.mirrored,
                withheld: health.withheld,
                forked: health.forked,
                error: health.error,
            }
        })
        .collect();
    let alarms = witness.logs.iter().map(|log| log.health().alarms()).sum();
    Json(HealthReport { status: if alarms == 0 { "ok" } else { "alarm" }, alarms, logs })
}

pub(super) async fn evidence(
    State(witness): State<Witness>,
    Path((log, file)): Path<(String, String)>,
) -> Response {
    let found = witness
        .log_named(&log)
        .and_then(|log| log.memory.lock().unwrap_or_else(std::sync::PoisonError::into_inner).evidence(&file));
    found.map_or_else(|| StatusCode::NOT_FOUND.into_response(), |text| public(text, TEXT, "no-cache"))
}

pub(super) async fn mirrored_checkpoint(State(witness): State<Witness>, Path(log): Path<String>) -> Response {
    let Some(mirror) = witness.log_named(&log).and_then(|log| log.mirror.as_ref()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    found(mirror.checkpoint_text().await, TEXT, "public, max-age=1")
}

pub(super) async fn mirrored_keys(State(witness): State<Witness>, Path(log): Path<String>) -> Response {
    let Some(mirror) = witness.log_named(&log).and_then(|log| log.mirror.as_ref()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    found(mirror.keys_text().await, TEXT, "public, max-age=1")
}

pub(super) async fn mirrored_tile(
    State(witness): State<Witness>,
    Path((log, path)): Path<(String, String)>,
) -> Response {
    let Some(mirror) = witness.log_named(&log).and_then(|log| log.mirror.as_ref()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let bytes = mirror.tile_bytes(&format!("tile/{path}")).await;
    found(bytes, "application/octet-stream", "public, max-age=31536000, immutable")
}

fn found(
    found: backend::Result<impl IntoResponse>,
    media_type: &'static str,
    cache: &'static str,
) -> Response {
    match found {
        Ok(body) => public(body, media_type, cache),
        Err(Error::NotFound) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "the mirror could not be read");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Public by purpose: other origins may read it, so that anyone's page can verify.
fn public(body: impl IntoResponse, media_type: &'static str, cache: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, cache),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    (headers, body).into_response()
}
