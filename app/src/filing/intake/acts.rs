//! What a person says about files of the intake: where they belong, that they are not needed, that the last step was a
//! mistake. Each is a plain form: post, redirect, get.

use backend::{Error, intake};
use leptos::prelude::*;

use crate::{
    fail::Fail,
    request::{Done, Request},
};

fn parsed<T: std::str::FromStr>(text: &str) -> backend::Result<T> {
    text.parse().map_err(|_| Error::NotFound)
}

async fn finish(request: &Request, outcome: backend::Result<()>, said: &str) -> Result<(), Fail> {
    let outcome = outcome.map(|()| Done::to(format!("{}#intake", request.back)).saying(request.lang.t(said)));
    request.finish(outcome, &[]).await
}

/// Puts a file into a slot.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "intake/place")]
pub async fn place_file(file: String, #[server(default)] slot: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async { intake::place(&request.cx, parsed(&file)?, &slot).await }.await;
    finish(&request, outcome, "intake.was_placed").await
}

/// Moves a document to another slot.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "document/move")]
pub async fn move_document(document: String, #[server(default)] slot: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async { intake::relocate(&request.cx, parsed(&document)?, &slot).await }.await;
    let outcome = outcome.map(|()| {
        Done::to(format!("{}#slot-{slot}", request.back)).saying(request.lang.t("intake.was_moved"))
    });
    request.finish(outcome, &[]).await
}

/// Puts a file aside.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "intake/set-aside")]
pub async fn set_file_aside(file: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async { intake::set_aside(&request.cx, parsed(&file)?).await }.await;
    finish(&request, outcome, "intake.was_set_aside").await
}

/// Puts a file back from aside.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "intake/put-back")]
pub async fn put_file_back(file: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async { intake::put_back(&request.cx, parsed(&file)?).await }.await;
    finish(&request, outcome, "intake.was_put_back").await
}

/// Takes the last step about a file back.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "intake/undo")]
pub async fn undo_file(file: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async { intake::undo(&request.cx, parsed(&file)?).await }.await;
    finish(&request, outcome, "intake.was_undone").await
}
