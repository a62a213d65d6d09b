//! Identifiers. Each noun has its own type, so that an organisation's id can never be passed where a
//! filing's is meant. Values are UUID v7 made by the backend; the text form is the plain UUID.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::from_str(text).map(Self)
            }
        }
        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )*};
}

ids! {
    /// An organisation: enterprise, firm, exchange or authority.
    OrgId,
    /// A person's account.
    UserId,
    /// One filing (a listing application, say) through its whole life.
    FilingId,
    /// One document in a slot; its versions have numbers.
    DocumentId,
    /// One file of the intake, before and after it became a document.
    IntakeId,
    /// A firm's engagement for some slots of a filing.
    EngagementId,
    /// One attestation (or refusal to attest) by a firm's signer.
    AttestationId,
    /// A sanction against an organisation.
    SanctionId,
    /// A passkey.
    CredentialId,
    /// A bearer token of the JSON API.
    TokenId,
    /// A witness of the ledger.
    WitnessId,
}
