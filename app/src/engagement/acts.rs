//! Accepting and declining an engagement: plain forms.

use backend::Error;
use leptos::prelude::*;

use crate::{
    fail::Fail,
    request::{Done, Request},
};

/// The firm takes the engagement on.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "engagement/accept")]
pub async fn accept_engagement(engagement: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async {
        let id = engagement.parse().map_err(|_| Error::NotFound)?;
        backend::engagement::accept(&request.cx, id).await?;
        Ok(Done::to(format!("/engagements/{id}")).saying(request.lang.t("engagement.accepted")))
    }
    .await;
    request.finish(outcome, &[]).await
}

/// The firm does not take it on, and says why.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "engagement/decline")]
pub async fn decline_engagement(engagement: String, #[server(default)] reason: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async {
        let id = engagement.parse().map_err(|_| Error::NotFound)?;
        backend::engagement::decline(&request.cx, id, &reason).await?;
        Ok(Done::to("/engagements").saying(request.lang.t("engagement.declined")))
    }
    .await;
    request.finish(outcome, &[("reason", &reason)]).await
}
