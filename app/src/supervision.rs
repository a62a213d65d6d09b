//! The supervisors' pages: everything that was submitted, read-only, from the market down to one version of one
//! document and the leaf that proves it. Each page first writes down who is about to read what; when that cannot be
//! written, nothing is read.

use backend::Result;
use domain::actor::OrgKind;
use leptos::prelude::*;
use uuid::Uuid;

use crate::{
    request::Request,
    ui::{Tag, Tone},
};

mod access;
mod companies;
mod company;
mod document;
mod filing;
mod filings;
mod overview;

pub use {
    access::access, companies::companies, company::company, document::document, filing::filing,
    filings::filings, overview::overview,
};

pub(crate) use {
    access::{access_filter, what_name},
    companies::companies_filter,
    filings::filings_filter,
};

/// Writes the access record; only then may the page read.
async fn noted(request: &Request, what: &str, subject: Option<Uuid>) -> Result<()> {
    backend::access_record::note(&request.cx, what, subject, &request.path).await
}

/// The enterprises' pages show a supervisor what was submitted, too: reading there is recorded like reading here.
pub(crate) async fn noted_beside(request: &Request) -> Result<()> {
    let mut parts = request.path.split('/').skip(1);
    if parts.next() != Some("filings") || request.cx.actor()?.org_kind != OrgKind::Regulator {
        return Ok(());
    }
    match parts.next().and_then(|id| id.parse().ok()) {
        Some(id) => noted(request, "supervision.filing", Some(id)).await,
        None => noted(request, "supervision.filings", None).await,
    }
}

/// Anybody may read a leaf. It is also the end of the way that a supervisor looks through, down from the market, and
/// recorded as the rest of it.
pub(crate) async fn leaf_noted(request: &Request) -> Result<()> {
    match request.actor() {
        Some(actor) if actor.org_kind == OrgKind::Regulator => noted(request, "supervision.leaf", None).await,
        _ => Ok(()),
    }
}

/// 只读, beside the title of every page here.
fn read_only(request: &Request) -> AnyView {
    let word = request.lang.t("supervision.read_only");
    view! { <Tag tone=Tone::Info>{word}</Tag> }.into_any()
}

/// "截至 … · 账本规模 …", over the title: what is shown is as of now, and the ledger says up to where it is proven.
async fn as_of(request: &Request) -> Result<String> {
    let lang = request.lang;
    let now = domain::moment::to_micros(request.cx.now());
    let size = match request.cx.ledger.checkpoint().await {
        Ok((checkpoint, _)) => i64::try_from(checkpoint.size).unwrap_or(i64::MAX),
        Err(backend::Error::NotFound) => 0,
        Err(error) => return Err(error),
    };
    Ok(lang.with("supervision.as_of", &[("time", &lang.moment(now)), ("size", &lang.number(size))]))
}
