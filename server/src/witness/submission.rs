//! `POST /add-checkpoint`: the one question a witness answers. Judging, storing and signing are one step per log, on a thread
//! that may wait for the disk; a client that hangs up changes nothing about it.

use std::sync::PoisonError;

use axum::{
    body::Bytes,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::moment;
use ledger::witness::{Refusal, Request, SIZE_MEDIA_TYPE, Submitted};

use super::{
    Log, Witness,
    history::{COSIGNED, Event, STOPPED},
};

/// What became of a request.
enum Outcome {
    Cosigned(String),
    Refused(Refusal),
    /// There is evidence against the log.
    Stopped,
    /// The memory could not be made durable.
    Failed(anyhow::Error),
}

pub(super) async fn add_checkpoint(State(witness): State<Witness>, body: Bytes) -> Response {
    let submitted = std::str::from_utf8(&body)
        .map_err(|_| Refusal::Malformed)
        .and_then(str::parse::<Request>)
        .and_then(|request| request.open(&witness.known));
    let submitted = match submitted {
        Ok(submitted) => submitted,
        Err(refusal) => {
            // Anybody can send these: counted, and no more.
            metrics::counter!("guxin_witness_requests_total", "outcome" => refusal.code()).increment(1);
            return answer(Outcome::Refused(refusal));
        }
    };
    let (origin, size) = (submitted.checkpoint.origin.clone(), submitted.checkpoint.size);
    let working = witness.clone();
    let outcome = tokio::task::spawn_blocking(move || match working.log(&submitted.checkpoint.origin) {
        Some(log) => decide(&working, log, &submitted),
        None => Outcome::Refused(Refusal::UnknownOrigin(submitted.checkpoint.origin.clone())),
    })
    .await
    .unwrap_or_else(|error| Outcome::Failed(error.into()));
    let what = match &outcome {
        Outcome::Cosigned(_) => COSIGNED,
        Outcome::Refused(refusal) => refusal.code(),
        Outcome::Stopped => STOPPED,
        Outcome::Failed(_) => "failed",
    };
    metrics::counter!("guxin_witness_requests_total", "outcome" => what).increment(1);
    let at = moment::to_micros(witness.clock.now());
    witness.history.add(Event { at, origin: origin.clone(), size, what: what.to_owned() });
    tracing::info!(witness.origin = %origin, witness.size = size, witness.outcome = what, "checkpoint submitted");
    if let (Outcome::Cosigned(_), Some(log)) = (&outcome, witness.log(&origin)) {
        log.news.notify_one();
    }
    answer(outcome)
}

fn decide(witness: &Witness, log: &Log, submitted: &Submitted) -> Outcome {
    let mut memory = log.memory.lock().unwrap_or_else(PoisonError::into_inner);
    if memory.is_stopped() {
        return Outcome::Stopped;
    }
    let last = memory.last().cloned();
    let before = last.as_ref().map(|last| &last.checkpoint);
    if submitted.contradicts(before) {
        let note = last.as_ref().map_or("", |last| &last.note);
        log.accuse(&mut memory, note, submitted.note());
    }
    if let Err(refusal) = submitted.judge(before) {
        return Outcome::Refused(refusal);
    }
    let time = u64::try_from(witness.clock.now().unix_timestamp()).unwrap_or_default();
    let line = witness.cosigner.cosign(&submitted.text, time);
    match memory.remember(&submitted.checkpoint, submitted.note(), &line, time) {
        Ok(()) => Outcome::Cosigned(format!("{line}\n")),
        Err(error) => Outcome::Failed(error),
    }
}

fn answer(outcome: Outcome) -> Response {
    let text = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    match outcome {
        Outcome::Cosigned(line) => (text, line).into_response(),
        Outcome::Refused(refusal @ (Refusal::Stale(size) | Refusal::Fork(size))) => {
            (status(&refusal), [(header::CONTENT_TYPE, SIZE_MEDIA_TYPE)], format!("{size}\n")).into_response()
        }
        Outcome::Refused(refusal) => (status(&refusal), text, format!("{refusal}\n")).into_response(),
        Outcome::Stopped => {
            let why = "this log signed two checkpoints that contradict each other; nothing more of it is cosigned here\n";
            (StatusCode::FORBIDDEN, text, why).into_response()
        }
        Outcome::Failed(error) => {
            tracing::error!(error = %format!("{error:#}"), "a checkpoint was not cosigned");
            (StatusCode::INTERNAL_SERVER_ERROR, text, "the witness could not store the checkpoint\n")
                .into_response()
        }
    }
}

fn status(refusal: &Refusal) -> StatusCode {
    StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST)
}
