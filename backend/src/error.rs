//! What a use case answers when it does not do what was asked. `app` turns it into words for a person and the
//! HTTP layer into a status; SQL text and paths stay in the log.

use std::collections::BTreeMap;

use domain::{access::Denied, locale::Locale, workflow::Refusal};

/// The result of every use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A message in both languages, or the key of one in the locale files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A key below `error.` with named parameters.
    Key(&'static str, Vec<(&'static str, String)>),
    /// Phrased where the rule lives: (zh-CN, en).
    Said(String, String),
}

impl Message {
    /// A key without parameters.
    #[must_use]
    pub const fn key(key: &'static str) -> Self {
        Self::Key(key, Vec::new())
    }

    /// The phrased text, when the message carries its own words.
    #[must_use]
    pub fn said(&self, locale: Locale) -> Option<&str> {
        match (self, locale) {
            (Self::Key(..), _) => None,
            (Self::Said(zh, _), Locale::Zh) => Some(zh),
            (Self::Said(_, en), Locale::En) => Some(en),
        }
    }
}

/// Which fields of a form are wrong, and why. Keys are the inputs' names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldErrors(pub BTreeMap<String, Message>);

impl FieldErrors {
    /// One wrong field.
    #[must_use]
    pub fn one(field: &str, message: Message) -> Self {
        Self(BTreeMap::from([(field.to_owned(), message)]))
    }

    /// Adds a wrong field; the first message about a field stays.
    pub fn add(&mut self, field: &str, message: Message) {
        self.0.entry(field.to_owned()).or_insert(message);
    }

    /// `Err(Invalid)` when anything was added.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that was added.
    pub fn check(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self)) }
    }
}

/// A lost race, readable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// Somebody changed it since it was read.
    Stale,
    /// The name, login or code is taken.
    Taken,
}

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("invalid input: {0:?}")]
    Invalid(FieldErrors),
    #[error("denied: {0}")]
    Denied(Denied),
    #[error("not signed in")]
    SignedOut,
    #[error("not found")]
    NotFound,
    #[error("conflict: {0:?}")]
    Conflict(Conflict),
    #[error("refused: {0}")]
    Refused(Refusal),
    /// Too much at once, or too often: try again after so many seconds.
    #[error("busy, retry after {retry_after} s")]
    Busy { retry_after: u32 },
    /// An attempt that a person can mend: wrong code, unreadable file …
    #[error("rejected: {0:?}")]
    Rejected(Message),
    #[error("internal: {0:#}")]
    Internal(anyhow::Error),
}

impl Error {
    /// Wraps a failure that is ours.
    #[must_use]
    pub fn internal(error: impl Into<anyhow::Error>) -> Self {
        Self::Internal(error.into())
    }

    /// One wrong field with a locale key.
    #[must_use]
    pub fn field(field: &str, key: &'static str) -> Self {
        Self::Invalid(FieldErrors::one(field, Message::key(key)))
    }
}

impl From<Denied> for Error {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Foreign => Self::NotFound,
            other => Self::Denied(other),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(db) if db.is_unique_violation() => Self::Conflict(Conflict::Taken),
            sqlx::Error::PoolTimedOut => Self::Busy { retry_after: 2 },
            _ => Self::Internal(error.into()),
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl From<object_store::Error> for Error {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::NotFound,
            other => Self::Internal(other.into()),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(error.into())
    }
}
