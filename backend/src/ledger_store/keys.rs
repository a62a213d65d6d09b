//! With which keys the published ledger is read: for a log of our own all that it ever had, each for its own sizes; for a copy of
//! somebody else's those that its configuration names. The list of our own is an object beside the checkpoint, `ledger/keys`.

use std::sync::{Arc, PoisonError, RwLock};

use ledger::{
    checkpoint::{Checkpoint, CheckpointError, Examined, Opened},
    key::VerifierKey,
    log_keys::LogKeys,
};
use object_store::path::Path as Key;

use super::LedgerStore;
use crate::{
    cx::Cx,
    error::{Error, Result},
    objects::Objects,
};

/// Whose signature is good.
#[derive(Debug)]
pub(super) enum Trusted {
    Own(RwLock<Arc<LogKeys>>),
    /// The current key first.
    AnyOf(Vec<VerifierKey>, Arc<LogKeys>),
}

impl Trusted {
    pub(super) fn own(key: VerifierKey) -> Self {
        Self::Own(RwLock::new(Arc::new(LogKeys::only(key))))
    }

    fn keys(&self) -> Arc<LogKeys> {
        match self {
            Self::Own(keys) => Arc::clone(&keys.read().unwrap_or_else(PoisonError::into_inner)),
            Self::AnyOf(_, first) => Arc::clone(first),
        }
    }

    pub(super) fn open(&self, note: &str) -> Result<Opened, CheckpointError> {
        self.each(|key| Checkpoint::open(note, key, &[]), |keys| keys.open(note, &[]))
    }

    pub(super) fn examine(&self, note: &str) -> Result<Examined, CheckpointError> {
        self.each(|key| Checkpoint::examine(note, key, &[]), |keys| keys.examine(note, &[]))
    }

    fn each<T>(
        &self,
        one: impl Fn(&VerifierKey) -> Result<T, CheckpointError>,
        all: impl Fn(&LogKeys) -> Result<T, CheckpointError>,
    ) -> Result<T, CheckpointError> {
        let Self::AnyOf(keys, first) = self else { return all(&self.keys()) };
        // What the first key says against it is the error worth telling.
        keys.iter().find_map(|key| one(key).ok()).map_or_else(|| all(first), Ok)
    }
}

/// What `/ledger/keys` serves: every key that the log had, with the proofs of its changes.
#[must_use]
pub fn keys_text(cx: &Cx) -> String {
    cx.ledger.keys().to_string()
}

impl LedgerStore {
    /// A copy of somebody's log, signed by any of these keys, the current one first; none without a key.
    #[must_use]
    pub fn of_any(objects: Objects, keys: &[VerifierKey]) -> Option<Self> {
        let first = Arc::new(LogKeys::only(keys.first()?.clone()));
        let trusted = Arc::new(Trusted::AnyOf(keys.to_vec(), first));
        Some(Self { objects, trusted, cache: Arc::default() })
    }

    /// All keys that the log had.
    #[must_use]
    pub fn keys(&self) -> Arc<LogKeys> {
        self.trusted.keys()
    }

    /// The key that signs now; `to_string()` is the vkey that `/ledger/vkey` serves.
    #[must_use]
    pub fn verifier_key(&self) -> VerifierKey {
        self.keys().current().clone()
    }

    /// The published list of keys as it is stored; none before the first change.
    ///
    /// # Errors
    /// The store's; [`Error::Internal`] when the list does not hold.
    pub(crate) async fn stored_keys(&self) -> Result<Option<LogKeys>> {
        let bytes = match self.objects.get(&keys_key()).await {
            Ok(bytes) => bytes,
            Err(Error::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        let text = String::from_utf8_lossy(&bytes);
        let keys = text.parse();
        let keys =
            keys.map_err(|e| Error::internal(anyhow::Error::new(e).context("the published ledger/keys")))?;
        Ok(Some(keys))
    }

    /// Reads the published list again. It must lead on from the keys that are known already.
    pub(crate) async fn load_keys(&self) -> Result<()> {
        let Trusted::Own(known) = &*self.trusted else { return Ok(()) };
        let Some(stored) = self.stored_keys().await? else { return Ok(()) };
        let mut known = known.write().unwrap_or_else(PoisonError::into_inner);
        if stored.term(known.current()).is_none() {
            return Err(Error::internal(anyhow::anyhow!(
                "ledger/keys does not name the key {}: key and ledger do not belong together",
                known.current()
            )));
        }
        if stored.links().len() >= known.links().len() {
            *known = Arc::new(stored);
        }
        Ok(())
    }

    /// Publishes a longer list of keys, and goes by it from now on.
    pub(crate) async fn put_keys(&self, keys: LogKeys) -> Result<()> {
        self.objects.put(&keys_key(), keys.to_string().into_bytes()).await?;
        if let Trusted::Own(known) = &*self.trusted {
            *known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
        }
        Ok(())
    }
}

pub(crate) fn keys_key() -> Key {
    Key::from("ledger/keys")
}
