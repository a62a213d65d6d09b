//! What a handler is called with: the token's person, the address's parameters, the query. Each of them answers with
//! a problem document when it cannot be had, so that no route has a framework's plain text for an error.

use axum::{
    extract::{FromRequestParts, OriginalUri, Path, Query},
    http::{HeaderMap, request::Parts},
};
use backend::{
    Cx, Error,
    error::{FieldErrors, Message},
};
use domain::{
    access::Denied,
    actor::{Assurance, OrgKind},
};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::problem::Failure;
use crate::http::State;

/// A program with a valid token.
pub(super) struct Caller {
    pub(super) cx: Cx,
    /// For the access record.
    path: String,
    /// For `If-None-Match`.
    pub(super) headers: HeaderMap,
}

impl Caller {
    /// The address asked for, without its query.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// A supervisor's reading is recorded before it happens, and does not happen when it cannot be recorded.
    pub(super) async fn noted(&self, what: &str, subject: Option<Uuid>) -> backend::Result<()> {
        if self.cx.actor()?.org_kind == OrgKind::Regulator {
            backend::access_record::note(&self.cx, what, subject, &self.path).await?;
        }
        Ok(())
    }
}

impl FromRequestParts<State> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Failure> {
        let cx = parts.extensions.get::<Cx>().cloned().ok_or(Error::SignedOut)?;
        if !cx.actor()?.is_fully_signed_in() {
            // Whose role asks for a passkey and has none yet is no further with a token.
            return Err(Error::Denied(Denied::Assurance(Assurance::Passkey)).into());
        }
        Ok(Self { cx, path: path(parts), headers: parts.headers.clone() })
    }
}

/// The whole address, also within the nested router.
fn path(parts: &Parts) -> String {
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
    uri.path().to_owned()
}

/// Anybody, with or without a token.
pub(super) struct Anybody {
    pub(super) cx: Cx,
    pub(super) headers: HeaderMap,
    /// Whose token came with the request, for the access record only.
    reader: Option<Cx>,
    path: String,
}

impl Anybody {
    /// Whatever a supervisor's program reads of a leaf is recorded, as the leaf's page is; others leave no record.
    pub(super) async fn noted_leaf(&self) -> backend::Result<()> {
        let Some(reader) = &self.reader else { return Ok(()) };
        if reader.actor()?.org_kind == OrgKind::Regulator {
            backend::access_record::note(reader, "supervision.leaf", None, &self.path).await?;
        }
        Ok(())
    }
}

impl FromRequestParts<State> for Anybody {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Failure> {
        let reader = parts.extensions.get::<Cx>().filter(|cx| cx.maybe_actor().is_some()).cloned();
        Ok(Self { cx: state.anonymous(), headers: parts.headers.clone(), reader, path: path(parts) })
    }
}

/// The address's parameters. What is no id is no object's address.
pub(super) struct Address<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<State> for Address<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Failure> {
        let Path(value) = Path::from_request_parts(parts, state).await.map_err(|_| Error::NotFound)?;
        Ok(Self(value))
    }
}

/// The query's parameters. An unknown name is an error: a mistyped filter would silently give everything.
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<State> for Asked<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Failure> {
        let Query(value) = Query::from_request_parts(parts, state).await.map_err(|rejection| {
            let text = rejection.body_text();
            Error::Invalid(FieldErrors::one("query", Message::Said(text.clone(), text)))
        })?;
        Ok(Self(value))
    }
}
