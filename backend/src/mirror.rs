//! A copy of somebody's log: every entry and tile, taken over only after they were replayed up to a signed root. A witness
//! with `mirror = true` keeps one per log, since a cosignature says "consistent with what I saw" and not "I hold the data".
//!
//! The copy lies in a folder in the layout of tlog-tiles and is served from there; its checkpoint is the last one that was
//! replayed completely, so what is served always fits together.

use std::path::Path;

use anyhow::Context as _;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use ledger::{Tile, Tree, checkpoint::Checkpoint, key::VerifierKey, tile::edge};

use crate::{
    error::{Error, Result},
    ledger_store::LedgerStore,
    objects::Objects,
    remote_log::{RemoteError, RemoteLog},
};

/// Files that are written side by side.
const ABREAST: usize = 8;

/// A copy of the log with these keys. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Mirror {
    store: LedgerStore,
}

/// Why a copy did not follow.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// The log.
    #[error(transparent)]
    Log(#[from] RemoteError),
    /// The copy itself.
    #[error("the mirror's own folder: {0}")]
    Own(#[from] Error),
}

impl Mirror {
    /// The copy in a folder, which is made when it is missing, of a log that signs with any of these keys.
    ///
    /// # Errors
    /// When the folder cannot be made, or there is no key.
    pub fn open(folder: &Path, log: &[VerifierKey]) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let store = LedgerStore::of_any(Objects::folder(folder)?, log).context("a log without a key")?;
        Ok(Self { store })
    }

    /// The checkpoint up to which the copy is complete, with its text; none before the first.
    ///
    /// # Errors
    /// When it cannot be read, or was not signed by the log.
    pub async fn checkpoint(&self) -> Result<Option<(Checkpoint, String)>> {
        match self.store.checkpoint().await {
            Ok(found) => Ok(Some(found)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What is served under `checkpoint`.
    ///
    /// # Errors
    /// [`Error::NotFound`] before the first.
    pub async fn checkpoint_text(&self) -> Result<String> {
        self.store.checkpoint_text().await
    }

    /// What is served under `keys`.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the log has no such list.
    pub async fn keys_text(&self) -> Result<String> {
        Ok(self.store.stored_keys().await?.ok_or(Error::NotFound)?.to_string())
    }

    /// What is served under `tile/…`.
    ///
    /// # Errors
    /// [`Error::NotFound`] for tiles beyond the copy's checkpoint.
    pub async fn tile_bytes(&self, path: &str) -> Result<Bytes> {
        self.store.tile_bytes(path).await
    }

    /// Fetches, checks and keeps everything up to a checkpoint that the log signed; answers how many entries were new.
    /// Nothing counts before the last step, so it may be stopped anywhere.
    ///
    /// # Errors
    /// [`MirrorError::Log`] when the log cannot be read, withholds, or serves something else than it signed for.
    pub async fn follow(&self, log: &RemoteLog, to: &Checkpoint, note: &str) -> Result<u64, MirrorError> {
        let (size, tree) = match self.checkpoint().await? {
            Some((known, _)) if known.size > to.size => return Ok(0),
            Some((known, _)) => (known.size, self.edge_of(&known).await?),
            None => (0, Tree::empty()),
        };
        let mut replay = log.resume(tree, to);
        while let Some(step) = replay.next(u64::MAX).await? {
            stream::iter(step.tiles)
                .map(|(tile, bytes)| async move { self.store.put_tile(&tile, bytes).await })
                .buffer_unordered(ABREAST)
                .try_collect::<()>()
                .await?;
        }
        // From the disk and not from memory: what is vouched for is what is served.
        self.store.read_back(size, to.size, to.root).await?;
        // Which keys signed what belongs to the log as much as its tiles. Logs of other makes have no such list.
        if let Ok(Some(keys)) = log.keys().await {
            self.store.put_keys(keys).await?;
        }
        self.store.put_checkpoint(note).await?;
        self.store.clear_partial(size, to.size).await?;
        Ok(to.size - size)
    }

    async fn edge_of(&self, known: &Checkpoint) -> Result<Tree> {
        let mut tiles = std::collections::BTreeMap::new();
        for tile in edge(known.size) {
            tiles.insert(tile, self.store.stored(&tile).await?);
        }
        let fetch = |tile: &Tile| tiles.get(tile).map(|bytes| bytes.to_vec()).ok_or(Error::NotFound);
        Tree::open(known.size, known.root, fetch).map_err(Error::internal)
    }
}
