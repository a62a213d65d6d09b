//! `GET /api/v1/market`: the public figures, the same as on the landing page. Companies by name are for supervisors
//! ([`super::companies`]): the exchange publishes no list of them yet.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    answer::{self, Answer},
    caller::Anybody,
    problem::PublicFailures,
};

/// Figures of the market, counted when asked.
#[derive(Debug, Serialize, ToSchema)]
struct Market {
    /// Enterprises whose real name the exchange has verified.
    #[schema(example = 120)]
    companies: i64,
    /// Listed companies: those that have an enterprise code.
    #[schema(example = 31)]
    listed: i64,
    /// Submitted versions of filings.
    #[schema(example = 264)]
    submissions: i64,
    /// Events that a published checkpoint of the ledger covers.
    #[schema(example = 5120)]
    anchored: i64,
}

/// The market in figures.
#[utoipa::path(get, path = "/market", tag = "market", security(()),
    responses((status = 200, body = Market), PublicFailures))]
pub(super) async fn market(anybody: Anybody) -> Answer {
    let counts = backend::market::public_counts(&anybody.cx).await?;
    let body = Market {
        companies: counts.companies,
        listed: counts.listed,
        submissions: counts.submissions,
        anchored: counts.anchored,
    };
    answer::json(&anybody.headers, &body)
}
