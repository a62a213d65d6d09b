//! What the forms of the register do: take a workbook over, go back to an earlier import, save a row, take it out and put it
//! back. Each is a plain form: post, redirect, get.

// One argument per input of the form: that is how server functions read forms.
#![allow(clippy::too_many_arguments)]

use std::collections::BTreeMap;

use backend::{
    Error,
    holder_register::{self, At, Chosen},
};
use domain::{
    holder_register::{Column, Mapping},
    id::FilingId,
};
use leptos::prelude::*;

use super::{address, edit};
use crate::{
    fail::Fail,
    request::{Done, Request},
};

fn parsed<T: std::str::FromStr>(text: &str) -> backend::Result<T> {
    text.parse().map_err(|_| Error::NotFound)
}

/// Takes a workbook over as the register.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "holder-register/import")]
pub async fn import_holders(
    filing: String,
    document: String,
    number: i64,
    sheet: usize,
    heading: u32,
    expected: i64,
    #[server(default)] columns: BTreeMap<String, u32>,
) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async {
        let id: FilingId = parsed(&filing)?;
        let mapping =
            columns.iter().filter_map(|(name, at)| Some((name.parse::<Column>().ok()?, *at))).collect();
        let chosen = Chosen {
            document: Some(parsed(&document)?),
            number: Some(number),
            sheet: Some(sheet),
            heading: Some(heading),
            mapping: Some(Mapping(mapping)),
        };
        let number = holder_register::import(&request.cx, id, &chosen, expected).await?;
        let said = request.lang.with("holder.was_imported", &[("number", &number.to_string())]);
        Ok(Done::to(address(id)).saying(said))
    }
    .await;
    request.finish(outcome, &[]).await
}

/// Goes back to an earlier import.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "holder-register/restore")]
pub async fn restore_holders(filing: String, number: i64, expected: i64) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async {
        let id: FilingId = parsed(&filing)?;
        holder_register::restore(&request.cx, id, number, expected).await?;
        let said = request.lang.with("holder.was_restored", &[("number", &number.to_string())]);
        Ok(Done::to(address(id)).saying(said))
    }
    .await;
    request.finish(outcome, &[]).await
}

/// Saves one row; without an `ordinal` it is a new one.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "holder/save")]
pub async fn save_holder(
    filing: String,
    number: i64,
    #[server(default)] ordinal: String,
    #[server(default)] version: String,
    #[server(default)] name: String,
    #[server(default)] kind: String,
    #[server(default)] id_kind: String,
    #[server(default)] id_number: String,
    #[server(default)] shares: String,
    #[server(default)] percent: String,
    #[server(default)] contributed: String,
    #[server(default)] acquired_on: String,
    #[server(default)] note: String,
) -> Result<(), Fail> {
    let request = Request::here()?;
    let cells = [name, kind, id_kind, id_number, shares, percent, contributed, acquired_on, note];
    let typed: Vec<(Column, String)> = Column::ALL.into_iter().zip(cells).collect();
    let outcome = async {
        let id: FilingId = parsed(&filing)?;
        let at = At {
            number,
            ordinal: if ordinal.is_empty() { None } else { Some(parsed(&ordinal)?) },
            version: version.parse().unwrap_or_default(),
        };
        let ordinal = holder_register::save(&request.cx, id, at, &typed).await?;
        Ok(Done::to(edit::shown(id, &request.back, ordinal)).saying(request.lang.t("holder.was_saved")))
    }
    .await;
    // A number of a person's document is not kept in a session: it is typed again.
    let kept: Vec<(&str, &str)> = typed
        .iter()
        .filter(|(column, _)| *column != Column::IdNumber)
        .map(|(column, text)| (column.name(), text.as_str()))
        .collect();
    request.finish(outcome, &kept).await
}

/// Takes a row out.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "holder/remove")]
pub async fn remove_holder(filing: String, number: i64, ordinal: i64, version: i64) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome =
        async { holder_register::remove(&request.cx, parsed(&filing)?, number, ordinal, version).await }
            .await;
    let outcome =
        outcome.map(|()| Done::to(request.back.clone()).saying(request.lang.t("holder.was_removed")));
    request.finish(outcome, &[]).await
}

/// Puts a row back.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "holder/put-back")]
pub async fn put_holder_back(filing: String, number: i64, ordinal: i64, version: i64) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome =
        async { holder_register::put_back(&request.cx, parsed(&filing)?, number, ordinal, version).await }
            .await;
    let outcome =
        outcome.map(|()| Done::to(request.back.clone()).saying(request.lang.t("holder.was_put_back")));
    request.finish(outcome, &[]).await
}
