//! What the forms of the workspace do: save all fields, take documents out and put them back, send to the firms and
//! take back, withdraw, engage and end. Each is a plain form: post, redirect, get.

use std::collections::BTreeMap;

use backend::{
    Error,
    error::{FieldErrors, Message},
    filing::{FieldInput, FieldSave, FieldsSave},
};
use domain::{
    id::{FilingId, OrgId},
    locale::Locale,
};
use leptos::prelude::*;

use crate::{
    fail::Fail,
    lang::Lang,
    request::{Done, Request},
};

fn parsed<T: std::str::FromStr>(text: &str) -> backend::Result<T> {
    text.parse().map_err(|_| Error::NotFound)
}

/// Saves every field of the form. Good values are stored even when others are wrong.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "filing/save-fields")]
pub async fn save_fields(
    filing: String,
    #[server(default)] fields: BTreeMap<String, String>,
    #[server(default)] versions: BTreeMap<String, i64>,
) -> Result<(), Fail> {
    let request = Request::here()?;
    let inputs: Vec<FieldInput> = fields
        .iter()
        .map(|(field, raw)| FieldInput {
            field: field.clone(),
            raw: raw.clone(),
            expected: versions.get(field).copied().unwrap_or_default(),
        })
        .collect();
    let outcome = save_all(&request, &filing, &inputs).await;
    let typed: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    request.finish(outcome, &typed).await
}

async fn save_all(request: &Request, filing: &str, inputs: &[FieldInput]) -> backend::Result<Done> {
    let filing: FilingId = parsed(filing)?;
    let result = backend::filing::save_fields(&request.cx, filing, inputs).await?;
    checked(&result)?;
    Ok(Done::to(format!("/filings/{filing}?view=fields")).saying(request.lang.t("filing.save.all_saved")))
}

/// Whether all of a form was stored; else what was not and why, somebody else's value included.
pub(super) fn checked(result: &FieldsSave) -> backend::Result<()> {
    let mut errors = result.errors.clone();
    for save in result.conflicts() {
        if let FieldSave::Conflict { field, theirs, by, at, .. } = save {
            errors.add(
                field,
                both(|lang| {
                    let time = lang.moment(*at);
                    lang.with(
                        "filing.save.conflict_plain",
                        &[("person", by), ("time", &time), ("theirs", theirs)],
                    )
                }),
            );
        }
    }
    errors.check()
}

/// A message in both languages.
fn both(say: impl Fn(Lang) -> String) -> Message {
    Message::Said(say(Lang(Locale::Zh)), say(Lang(Locale::En)))
}

/// Takes a document out of its slot.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "document/remove")]
pub async fn remove_document(document: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async { backend::document::remove(&request.cx, parsed(&document)?).await }.await;
    let outcome =
        outcome.map(|()| Done::to(request.back.clone()).saying(request.lang.t("filing.file.was_removed")));
    request.finish(outcome, &[]).await
}

/// Puts a removed document back.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "document/restore")]
pub async fn restore_document(document: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async { backend::document::restore(&request.cx, parsed(&document)?).await }.await;
    let outcome =
        outcome.map(|()| Done::to(request.back.clone()).saying(request.lang.t("filing.file.was_restored")));
    request.finish(outcome, &[]).await
}

/// Sends the filing to its firms.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "filing/request-attestation")]
pub async fn request_attestation(filing: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async { backend::filing::request_attestation(&request.cx, parsed(&filing)?).await }.await;
    let outcome =
        outcome.map(|()| Done::to(format!("/filings/{filing}")).saying(request.lang.t("filing.act.sent")));
    request.finish(outcome, &[]).await
}

/// Takes the filing back from its firms.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "filing/recall-attestation")]
pub async fn recall_attestation(filing: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async { backend::filing::recall_attestation(&request.cx, parsed(&filing)?).await }.await;
    let outcome = outcome
        .map(|()| Done::to(format!("/filings/{filing}")).saying(request.lang.t("filing.act.recalled")));
    request.finish(outcome, &[]).await
}

/// Takes the application back for good.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "filing/withdraw")]
pub async fn withdraw(filing: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async { backend::filing::withdraw(&request.cx, parsed(&filing)?).await }.await;
    let outcome = outcome
        .map(|()| Done::to(format!("/filings/{filing}")).saying(request.lang.t("filing.act.withdrawn")));
    request.finish(outcome, &[]).await
}

/// Engages a firm for slots.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "engagement/engage")]
pub async fn engage(
    filing: String,
    #[server(default)] firm: String,
    #[server(default)] slots: Vec<String>,
    #[server(default)] note: String,
) -> Result<(), Fail> {
    let request = Request::here()?;
    let chosen = firm.parse::<OrgId>().map_err(|_| {
        let message = both(|lang| lang.t("filing.firms.choose_one"));
        Error::Invalid(FieldErrors::one("firm", message))
    });
    let outcome = async {
        backend::engagement::engage(&request.cx, parsed(&filing)?, chosen?, &slots, &note).await?;
        Ok(Done::to(format!("/filings/{filing}?view=firms")).saying(request.lang.t("filing.firms.engaged")))
    }
    .await;
    request.finish(outcome, &[("firm", &firm), ("note", &note)]).await
}

/// Ends an engagement.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "engagement/end")]
pub async fn end_engagement(
    filing: String,
    engagement: String,
    #[server(default)] reason: String,
) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async { backend::engagement::end(&request.cx, parsed(&engagement)?, &reason).await }.await;
    let outcome = outcome.map(|()| {
        Done::to(format!("/filings/{filing}?view=firms")).saying(request.lang.t("filing.firms.ended"))
    });
    request.finish(outcome, &[]).await
}
