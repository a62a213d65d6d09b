//! What a person says about files of the intake: where they belong, that they are not needed, that the last step was a
//! mistake. Each is a plain form: post, redirect, get.

use backend::{
    Error,
    error::Message,
    intake::{self, Wanted},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

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

/// One part of a file as its form sends it; a line that nobody filled in is none.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PartInput {
    #[serde(default)]
    pub first: String,
    #[serde(default)]
    pub last: String,
    #[serde(default)]
    pub slot: String,
}

/// Cuts a file that holds several documents into its parts.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "intake/split")]
pub async fn split_file(file: String, #[server(default)] parts: Vec<PartInput>) -> Result<(), Fail> {
    let request = Request::here()?;
    let typed: Vec<(String, String)> = parts
        .iter()
        .enumerate()
        .flat_map(|(at, part)| {
            [
                (format!("{file}-first-{at}"), part.first.clone()),
                (format!("{file}-last-{at}"), part.last.clone()),
            ]
        })
        .collect();
    let outcome = async {
        let wanted =
            parts.iter().filter(|part| !part.first.trim().is_empty() || !part.last.trim().is_empty());
        let wanted: Vec<Wanted> = wanted.map(read).collect::<backend::Result<_>>()?;
        let count = intake::split(&request.cx, parsed(&file)?, &wanted).await?;
        let said = request.lang.with("intake.was_split", &[("count", &count.to_string())]);
        Ok(Done::to(format!("{}#intake", request.back)).saying(said))
    }
    .await;
    let typed: Vec<(&str, &str)> =
        typed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    request.finish(outcome, &typed).await
}

/// A part of one page may name it once.
fn read(part: &PartInput) -> backend::Result<Wanted> {
    let page = |text: &str, other: &str| {
        let text = if text.trim().is_empty() { other } else { text };
        text.trim().parse::<u32>().map_err(|_| Error::Rejected(Message::key("pages_unreadable")))
    };
    Ok(Wanted {
        first: page(&part.first, &part.last)?,
        last: page(&part.last, &part.first)?,
        slot: part.slot.clone(),
    })
}
