//! `GET /api/v1/me`: whom the token speaks for.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    answer::{self, Answer},
    caller::Caller,
    problem::Failures,
};

/// The token's person and organisation.
#[derive(Serialize, ToSchema)]
pub(super) struct Me {
    /// Role in the organisation, from the person's account: `preparer`, `org_admin`, `signer`, `firm_admin`,
    /// `reviewer`, `second_reviewer`, `operator`, `supervisor`.
    #[schema(example = "preparer")]
    role: String,
    /// Organisation id.
    organisation: uuid::Uuid,
    /// Its name, as registered.
    #[schema(example = "金陵示例科技股份有限公司")]
    organisation_name: String,
    /// Its kind, as registered.
    #[schema(example = "enterprise")]
    organisation_kind: String,
    /// Its standing with the exchange today: `unverified`, `good`, `warned`, `limited`, `refused`, `closed`.
    #[schema(example = "good")]
    standing: String,
}

/// Whom the token speaks for.
///
/// Any valid token.
#[utoipa::path(get, path = "/me", tag = "token", responses((status = 200, body = Me), Failures))]
pub(super) async fn me(caller: Caller) -> Answer {
    let actor = caller.cx.actor()?;
    let me = Me {
        role: actor.role.name().to_owned(),
        organisation: actor.org.0,
        organisation_name: actor.org_name.clone(),
        organisation_kind: actor.org_kind.name().to_owned(),
        standing: actor.standing.name().to_owned(),
    };
    answer::json(&caller.headers, &me)
}
