//! The decisions behind the forms of `/review/{id}`. Each names the version of the filing that its page showed.

use backend::{
    Error,
    error::FieldErrors,
    review::{self, Item},
};
use domain::id::FilingId;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    fail::Fail,
    request::{Done, Request},
};

/// One row of a correction or an inquiry, as the form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Id of a slot, or empty for the filing as a whole.
    #[serde(default)]
    pub slot: String,
    #[serde(default)]
    pub reason: String,
}

/// Decides: `decision` is the name of an action of the panel.
#[server(prefix = "/do", endpoint = "review/decide", name = ReviewDecide)]
pub async fn review_decide(
    decision: String,
    filing: String,
    version: i64,
    #[server(default)] opinion: String,
) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = decided(&request, &decision, &filing, version, &opinion).await;
    request.finish(outcome, &[("opinion", &opinion)]).await
}

async fn decided(
    request: &Request,
    decision: &str,
    filing: &str,
    at: i64,
    opinion: &str,
) -> backend::Result<Done> {
    let (cx, lang) = (&request.cx, request.lang);
    let id: FilingId = filing.parse().map_err(|_| Error::NotFound)?;
    let done = Done::to(format!("/review/{id}"));
    match decision {
        "accept" => review::accept(cx, id, at, opinion).await?,
        "refuse" => review::refuse_acceptance(cx, id, at, opinion).await?,
        "recommend" => review::recommend(cx, id, at, opinion).await?,
        "approve" => review::approve(cx, id, at, opinion).await?,
        "send_back" => review::send_back(cx, id, at, opinion).await?,
        "reject" => review::reject(cx, id, at, opinion).await?,
        "suspend" => review::suspend(cx, id, at, opinion).await?,
        "resume" => review::resume(cx, id, at, opinion).await?,
        "publicise" => review::publicise(cx, id, at).await?,
        "list" => {
            let code = review::list(cx, id, at).await?;
            return Ok(done.saying(lang.with("review.done.list", &[("code", &code)])));
        }
        _ => return Err(Error::NotFound),
    }
    Ok(done.saying(lang.t(&format!("review.done.{decision}"))))
}

/// Asks for corrections (`correct`) or answers (`inquire`), item by item. Rows left blank do not count.
#[server(prefix = "/do", endpoint = "review/ask", name = ReviewAsk)]
pub async fn review_ask(
    decision: String,
    filing: String,
    version: i64,
    #[server(default)] items: Vec<Asked>,
) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = asked(&request, &decision, &filing, version, &items).await;
    let typed: Vec<(String, &str)> = items
        .iter()
        .enumerate()
        .flat_map(|(at, row)| {
            [
                (format!("items.{at}.slot"), row.slot.as_str()),
                (format!("items.{at}.reason"), row.reason.as_str()),
            ]
        })
        .collect();
    let typed: Vec<(&str, &str)> = typed.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    request.finish(outcome, &typed).await
}

async fn asked(
    request: &Request,
    decision: &str,
    filing: &str,
    at: i64,
    rows: &[Asked],
) -> backend::Result<Done> {
    let (cx, lang) = (&request.cx, request.lang);
    let id: FilingId = filing.parse().map_err(|_| Error::NotFound)?;
    let (places, items) = filled(rows);
    let outcome = match decision {
        "correct" => review::return_for_correction(cx, id, at, &items).await,
        "inquire" => review::inquire(cx, id, at, &items).await,
        _ => Err(Error::NotFound),
    };
    match outcome {
        Ok(()) => Ok(Done::to(format!("/review/{id}")).saying(lang.t(&format!("review.done.{decision}")))),
        Err(Error::Invalid(errors)) => Err(Error::Invalid(back_in_place(errors, &places))),
        Err(error) => Err(error),
    }
}

/// The rows that say something, and where each stood in the form.
fn filled(rows: &[Asked]) -> (Vec<usize>, Vec<Item>) {
    rows.iter()
        .enumerate()
        .filter(|(_, row)| !row.slot.is_empty() || !row.reason.trim().is_empty())
        .map(|(at, row)| (at, Item { slot: row.slot.clone(), reason: row.reason.clone() }))
        .unzip()
}

/// Errors about the n-th item become errors about the row that the person filled in.
fn back_in_place(errors: FieldErrors, places: &[usize]) -> FieldErrors {
    let mut out = FieldErrors::default();
    for (name, message) in errors.0 {
        let parts: Vec<&str> = name.split('.').collect();
        let row = match parts.as_slice() {
            ["items", at, field] => {
                at.parse().ok().and_then(|at: usize| places.get(at)).map(|row| format!("items.{row}.{field}"))
            }
            _ => None,
        };
        out.add(row.as_deref().unwrap_or(&name), message);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use backend::error::Message;

    #[test]
    fn an_error_goes_to_the_row_that_was_filled_in() {
        let row = |slot: &str, reason: &str| Asked { slot: slot.into(), reason: reason.into() };
        let (places, items) = filled(&[row("", " "), row("charter", ""), row("", ""), row("", "缺第 3 页")]);
        assert_eq!((places.as_slice(), items.len()), ([1, 3].as_slice(), 2));
        let errors = FieldErrors::one("items.0.reason", Message::Said("请写明".into(), "Say".into()));
        let moved = back_in_place(errors, &places);
        assert_eq!(moved.0.keys().collect::<Vec<_>>(), ["items.1.reason"]);
    }
}
