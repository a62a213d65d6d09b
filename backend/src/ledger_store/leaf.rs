//! From an event to its leaf: which index an outbox row, an object's history or a hash has on the ledger. Reads the
//! everyday pool; the proof itself is made by [`super::LedgerStore::proof`].

use crate::{args, cx::Cx, error::Result, sql::statements};

/// One event and its place.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Leaf {
    /// The outbox row's number.
    pub seq: i64,
    /// `filing:<uuid>` and the like.
    pub object: String,
    /// Name of the event, a key of the locale files below `event.`.
    pub kind: String,
    /// RFC 6962's hash of the entry.
    pub leaf_hash: Vec<u8>,
    /// From 0; none while it waits.
    pub leaf_index: Option<i64>,
    /// Microseconds since the epoch; set once a published checkpoint covers it.
    pub anchored_at: Option<i64>,
}

impl Leaf {
    /// The index, once a published checkpoint covers it: only then can it be proven.
    #[must_use]
    pub fn anchored(&self) -> Option<u64> {
        self.anchored_at.and(self.leaf_index).and_then(|index| u64::try_from(index).ok())
    }
}

/// The leaf of an outbox row.
///
/// # Errors
/// [`crate::Error::NotFound`] when there is no such row.
pub async fn of_seq(cx: &Cx, outbox_seq: i64) -> Result<Leaf> {
    cx.db.read().one(BY_SEQ, args![outbox_seq]).await
}

/// The leaf at an index.
///
/// # Errors
/// [`crate::Error::NotFound`] beyond the log's end.
pub async fn at_index(cx: &Cx, index: u64) -> Result<Leaf> {
    let index = i64::try_from(index).map_err(|_| crate::Error::NotFound)?;
    cx.db.read().one(BY_INDEX, args![index]).await
}

/// The leaf of an entry with this hash.
///
/// # Errors
/// [`crate::Error::NotFound`] when no entry has it.
pub async fn of_hash(cx: &Cx, leaf_hash: &[u8]) -> Result<Leaf> {
    cx.db.read().one(BY_HASH, args![leaf_hash]).await
}

/// The history of an object (`filing:<uuid>`), oldest first.
///
/// # Errors
/// The database's.
pub async fn of_object(cx: &Cx, object: &str) -> Result<Vec<Leaf>> {
    cx.db.read().all(BY_OBJECT, args![object]).await
}

/// The newest anchored leaves below an index, newest first; `before` none begins at the end.
///
/// # Errors
/// The database's.
pub async fn newest(cx: &Cx, before: Option<u64>, limit: u32) -> Result<Vec<Leaf>> {
    let before = before.and_then(|index| i64::try_from(index).ok()).unwrap_or(i64::MAX);
    cx.db.read().all(NEWEST, args![before, limit]).await
}

statements! {
    BY_SEQ = "SELECT seq, object, kind, leaf_hash, leaf_index, anchored_at FROM outbox WHERE seq = $1";
    BY_INDEX = "SELECT seq, object, kind, leaf_hash, leaf_index, anchored_at FROM outbox WHERE leaf_index = $1";
    BY_HASH = "SELECT seq, object, kind, leaf_hash, leaf_index, anchored_at FROM outbox WHERE leaf_hash = $1
        ORDER BY seq LIMIT 1";
    BY_OBJECT = "SELECT seq, object, kind, leaf_hash, leaf_index, anchored_at FROM outbox WHERE object = $1 ORDER BY seq";
    NEWEST = "SELECT seq, object, kind, leaf_hash, leaf_index, anchored_at FROM outbox
        WHERE leaf_index < $1 AND anchored_at IS NOT NULL ORDER BY leaf_index DESC LIMIT $2";
}
