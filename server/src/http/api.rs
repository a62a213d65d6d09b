//! The JSON API, `/api/v1`: for programs, with bearer tokens; never with the session's cookie, so no other site can
//! use it through a browser. It reads; what changes something is done by people on the pages. Each handler documents
//! itself (utoipa), calls one use case with the token's person as actor, and answers in the types of its module:
//! the contract is theirs, not the backend's.

#![allow(unused_qualifications, reason = "utoipa's macro writes them")]

use axum::{Json, Router, http::Method};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Described,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::State;

mod access_records;
mod answer;
mod caller;
mod companies;
mod document;
mod filing;
mod filings;
mod ledger;
mod market;
mod me;
mod problem;
mod schema;
mod versions;

pub(crate) use problem::problem;

/// Where the API lives.
const PREFIX: &str = "/api/v1";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Guxin API",
        description = "Reading interface of the filing platform of a regional equity exchange.\n\n\
            Send `Authorization: Bearer guxin_…`; a person makes tokens on the page /account, and a token reads what \
            its person may read today. What is nobody's business answers 404, as on the pages. What supervisors read \
            is written into the access record before they read it.\n\n\
            Times are whole microseconds since 1970-01-01T00:00:00Z, days are dates in China (`2026-11-02`), sizes are \
            bytes, digests lower-case hexadecimal. Lists go on with `cursor`: give the `next_cursor` of the answer \
            before, with the same other parameters. Errors are problem details (RFC 9457). Answers carry an `ETag`."
    ),
    modifiers(&Bearer),
    security(("token" = [])),
    tags(
        (name = "filings", description = "Filings, their submitted versions and their receipts."),
        (name = "documents", description = "Documents: history, digests, content."),
        (name = "ledger", description = "The public ledger. No token is needed."),
        (name = "market", description = "Figures for everybody; the market for supervisors."),
        (name = "token", description = "The token itself.")
    )
)]
struct Description;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, api: &mut Described) {
        let scheme = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        api.components.get_or_insert_default().add_security_scheme("token", scheme);
    }
}

fn described() -> (Router<State>, Described) {
    let (router, mut description) = OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(me::me))
        .routes(routes!(filings::filings))
        .routes(routes!(filing::filing))
        .routes(routes!(filing::documents))
        .routes(routes!(versions::versions))
        .routes(routes!(versions::version))
        .routes(routes!(versions::receipt))
        .routes(routes!(document::document))
        .routes(routes!(document::content))
        .routes(routes!(ledger::checkpoint))
        .routes(routes!(ledger::entries))
        .routes(routes!(ledger::entry))
        .routes(routes!(ledger::proof))
        .routes(routes!(market::market))
        .routes(routes!(companies::companies))
        .routes(routes!(companies::company))
        .routes(routes!(access_records::access_records))
        .split_for_parts();
    description.servers = Some(vec![utoipa::openapi::Server::new(PREFIX)]);
    (router, description)
}

/// The routes below [`PREFIX`], with the description of exactly these.
pub(crate) fn routes() -> Router<State> {
    let (router, description) = described();
    router
        .route("/openapi.json", axum::routing::get(move || async move { Json(description) }))
        .fallback(|| async { problem(&backend::Error::NotFound) })
        .method_not_allowed_fallback(|method: Method| async move { problem::method_not_allowed(&method) })
}

/// The description as text, for `guxin openapi` and the snapshot.
pub fn description() -> String {
    described().1.to_pretty_json().map(|text| text + "\n").unwrap_or_default()
}
