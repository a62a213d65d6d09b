//! The published ledger: tiles, entry bundles and the checkpoint, as objects under `ledger/` in C2SP's layout, so that
//! the folder itself is a log that other people's tools can read.
//!
//! The sequencer writes here; the routes under `/ledger/`, receipts and `fsck` read. Reading needs no database: a proof
//! is made from published tiles alone and checked before it is handed out. Lookups by event are in [`leaf`].

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use ledger::{
    Hash, Tile, bundle,
    checkpoint::{Checkpoint, Examined},
    key::VerifierKey,
    proof::Proof,
    tile::{FULL_WIDTH, Rank},
    tree::{self, TreeError},
};
use object_store::path::Path as Key;

mod cache;
pub mod history;
mod keys;
pub mod leaf;
pub mod lookup;
mod read_back;

use crate::{
    cx::Cx,
    error::{Error, Result},
    objects::Objects,
};
use cache::Cache;
use keys::Trusted;
pub use keys::keys_text;

/// Objects that are fetched or written side by side.
const ABREAST: usize = 8;

/// The published ledger. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LedgerStore {
    objects: Objects,
    trusted: Arc<Trusted>,
    cache: Arc<Cache>,
}

/// The published checkpoint, verbatim: what `/ledger/checkpoint` serves.
///
/// # Errors
/// As [`LedgerStore::checkpoint_text`].
pub async fn checkpoint_text(cx: &Cx) -> Result<String> {
    cx.ledger.checkpoint_text().await
}

/// What `/ledger/tile/…` serves; `path` begins with `tile/`.
///
/// # Errors
/// As [`LedgerStore::tile_bytes`].
pub async fn tile_bytes(cx: &Cx, path: &str) -> Result<Bytes> {
    cx.ledger.tile_bytes(path).await
}

/// A proof file (`.tlog-proof`) for a leaf of the published ledger, with the entry in its `extra` line.
///
/// # Errors
/// As [`LedgerStore::proof`].
pub async fn proof_text(cx: &Cx, leaf_index: u64) -> Result<String> {
    Ok(cx.ledger.proof(leaf_index).await?.to_string())
}

impl LedgerStore {
    /// The ledger of the log with this key, in these objects; [`crate::key_change::load`] reads which keys it had before.
    #[must_use]
    pub fn new(objects: Objects, log: VerifierKey) -> Self {
        Self { objects, trusted: Arc::new(Trusted::own(log)), cache: Arc::default() }
    }

    /// The same ledger in other objects, with nothing remembered of these.
    #[must_use]
    pub fn in_objects(&self, objects: Objects) -> Self {
        Self { objects, trusted: Arc::clone(&self.trusted), cache: Arc::default() }
    }

    /// The published checkpoint, verbatim.
    ///
    /// # Errors
    /// [`Error::NotFound`] before the sequencer's first start.
    pub async fn checkpoint_text(&self) -> Result<String> {
        let bytes = self.objects.get(&checkpoint_key()).await?;
        // One damaged byte makes one line wrong, and no more than that: a replacement character verifies nowhere.
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The published checkpoint with its text, its signature checked. Lines in it that are no signature lines are left out:
    /// what a witness's line came to is no reason to stop serving a log that is sound, and a proof with such a line in it
    /// would be refused by whoever reads it. [`Self::published`] has them all.
    ///
    /// # Errors
    /// [`Error::NotFound`] before the first start, [`Error::Internal`] when what is stored was not signed by this log.
    pub async fn checkpoint(&self) -> Result<(Checkpoint, String)> {
        let text = self.checkpoint_text().await?;
        if let Ok(opened) = self.trusted.open(&text) {
            return Ok((opened.checkpoint, text));
        }
        let examined = self.examined(&text).await?;
        Ok((examined.checkpoint, examined.sound.to_string()))
    }

    /// Whether this is a checkpoint of this log, under one of its keys.
    pub(crate) async fn is_own(&self, note: &str) -> bool {
        self.examined(note).await.is_ok()
    }

    /// The published checkpoint with its text as it is stored, for showing it.
    ///
    /// # Errors
    /// As [`Self::checkpoint`].
    pub async fn published(&self) -> Result<(Checkpoint, String)> {
        let text = self.checkpoint_text().await?;
        Ok((self.examined(&text).await?.checkpoint, text))
    }

    async fn examined(&self, text: &str) -> Result<Examined> {
        let looked = match self.trusted.examine(text) {
            Ok(examined) => return Ok(examined),
            Err(error) => error,
        };
        // Perhaps another process of this instance has changed the key since this one read the list.
        self.load_keys().await?;
        self.trusted.examine(text).map_err(|_| {
            Error::internal(anyhow::Error::new(looked).context("the published ledger/checkpoint"))
        })
    }

    /// The bytes of a tile or entry bundle to serve. `path` is the part below the log's prefix, `tile/…`; only the one
    /// canonical spelling of an existing tile is found. A partial tile that was cleared away after it filled up is cut
    /// from the wider one, so an address that once worked goes on working.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn tile_bytes(&self, path: &str) -> Result<Bytes> {
        let tile: Tile = path.parse().map_err(|_| Error::NotFound)?;
        let (released, _) = self.checkpoint().await?;
        self.cut(&tile, released.size).await
    }

    /// The entry at an index.
    ///
    /// # Errors
    /// [`Error::NotFound`] beyond the published checkpoint.
    pub async fn entry(&self, index: u64) -> Result<Vec<u8>> {
        self.entries(index, 1).await?.pop().ok_or(Error::NotFound)
    }

    /// Up to `count` entries from an index on, fewer at the end of the log.
    ///
    /// # Errors
    /// When a bundle cannot be read.
    pub async fn entries(&self, first: u64, count: u64) -> Result<Vec<Vec<u8>>> {
        let size = self.checkpoint().await?.0.size;
        let end = first.saturating_add(count).min(size);
        let width = u64::from(FULL_WIDTH);
        let mut out = Vec::new();
        for bundle_index in first / width..end.div_ceil(width) {
            let Some(tile) = Tile::at(Rank::Entries, bundle_index, size) else { continue };
            let bytes = self.fetch(&tile).await?;
            let entries = bundle::entries(&bytes).map_err(|e| wrong(&tile, e))?;
            let indexed = (bundle_index * width..).zip(entries);
            out.extend(indexed.filter(|(at, _)| (first..end).contains(at)).map(|(_, entry)| entry.to_vec()));
        }
        Ok(out)
    }

    /// A proof that the entry at `index` is in the published checkpoint's tree; it has been verified.
    ///
    /// # Errors
    /// [`Error::NotFound`] beyond the published checkpoint, [`Error::Internal`] when the stored tiles do not prove it.
    pub async fn proof(&self, index: u64) -> Result<Proof> {
        let (released, text) = self.checkpoint().await?;
        self.proof_in(index, &released, text).await
    }

    /// As [`Self::proof`], in the tree of another released checkpoint with its signed text: an older one may have the
    /// cosignatures that the newest still waits for.
    ///
    /// # Errors
    /// As [`Self::proof`].
    pub async fn proof_in(&self, index: u64, released: &Checkpoint, text: String) -> Result<Proof> {
        if index >= released.size {
            return Err(Error::NotFound);
        }
        let place =
            Tile::at(Rank::Entries, index / u64::from(FULL_WIDTH), released.size).ok_or(Error::NotFound)?;
        let bytes = self.fetch(&place).await?;
        let entries = bundle::entries(&bytes).map_err(|e| wrong(&place, e))?;
        let at = usize::try_from(index % u64::from(FULL_WIDTH)).map_err(Error::internal)?;
        let entry = entries.get(at).ok_or(Error::NotFound)?.to_vec();
        let tiles =
            self.gather(tree::inclusion_tiles(index, released.size).map_err(Error::internal)?).await?;
        let hashes = tree::inclusion_proof(index, released.size, from(&tiles)).map_err(Error::internal)?;
        let proof = Proof { extra: Some(entry.clone()), index, hashes, checkpoint: text };
        proof.verify_inclusion(&entry, released).map_err(|e| {
            Error::internal(anyhow::Error::new(e).context(format!("leaf {index} of the published ledger")))
        })?;
        Ok(proof)
    }

    /// A proof that the tree of `from` leaves is a prefix of the one of `to`, from published tiles.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the sizes are not in order within the published checkpoint.
    pub async fn consistency(&self, from: u64, to: u64) -> Result<Vec<Hash>> {
        let released = self.checkpoint().await?.0.size;
        if from > to || to > released {
            return Err(Error::NotFound);
        }
        self.consistency_within(from, to, released).await
    }

    /// As [`Self::consistency`], from the tiles of a tree of `stored` leaves that need not be released yet.
    pub(crate) async fn consistency_within(&self, from: u64, to: u64, stored: u64) -> Result<Vec<Hash>> {
        let wanted = tree::consistency_tiles(from, to).map_err(Error::internal)?;
        let tiles: BTreeMap<Tile, Bytes> = stream::iter(wanted)
            .map(|tile| async move { Ok::<_, Error>((tile, self.cut(&tile, stored).await?)) })
            .buffer_unordered(ABREAST)
            .try_collect()
            .await?;
        tree::consistency_proof(from, to, self::from(&tiles)).map_err(Error::internal)
    }

    /// Writes a tile or bundle, durably; the same again is fine.
    pub(crate) async fn put_tile(&self, tile: &Tile, bytes: Vec<u8>) -> Result<()> {
        self.objects.put(&tile_key(tile), bytes).await
    }

    /// Writes a tile or bundle that the caller still has: durable once [`Self::settle`] returned.
    pub(crate) async fn put_tile_hastily(&self, tile: &Tile, bytes: Vec<u8>) -> Result<()> {
        self.objects.put_hastily(&tile_key(tile), bytes).await
    }

    /// As [`Self::put_tile_hastily`], the published checkpoint.
    pub(crate) async fn put_checkpoint_hastily(&self, note: &str) -> Result<()> {
        self.objects.put_hastily(&checkpoint_key(), note.as_bytes().to_vec()).await
    }

    /// Makes these tiles and the published checkpoint durable.
    pub(crate) async fn settle(&self, tiles: &[Tile]) -> Result<()> {
        let keys: Vec<Key> = tiles.iter().map(tile_key).chain([checkpoint_key()]).collect();
        self.objects.settle(&keys).await
    }

    /// Replaces the published checkpoint.
    pub(crate) async fn put_checkpoint(&self, note: &str) -> Result<()> {
        self.objects.put(&checkpoint_key(), note.as_bytes().to_vec()).await
    }

    /// A tile from the store, never from memory.
    pub(crate) async fn stored(&self, tile: &Tile) -> Result<Bytes> {
        self.objects.get(&tile_key(tile)).await
    }

    /// Removes the partial tiles of places that filled up when the tree grew.
    pub(crate) async fn clear_partial(&self, old_size: u64, size: u64) -> Result<()> {
        let filled = ledger::tile::changed(old_size, size)
            .filter(|tile| tile.is_full() && Tile::at(tile.rank(), tile.index(), old_size).is_some());
        for tile in filled {
            let folder = Key::from(format!("ledger/{}.p", tile.path()));
            let partial: Vec<_> = self.objects.list(&folder).try_collect().await?;
            for (key, _) in partial {
                self.objects.remove(&key).await?;
            }
        }
        Ok(())
    }

    /// A tile as it is stored in a tree of `size` leaves, cut to the asked width.
    async fn cut(&self, tile: &Tile, size: u64) -> Result<Bytes> {
        let stored = Tile::at(tile.rank(), tile.index(), size).ok_or(Error::NotFound)?;
        if stored.width() < tile.width() {
            return Err(Error::NotFound);
        }
        let bytes = self.fetch(&stored).await?;
        if stored == *tile {
            return Ok(bytes);
        }
        match narrow(tile, &bytes) {
            Some(length) => Ok(bytes.slice(..length)),
            None => Err(wrong(&stored, bundle::BundleError::Truncated(0))),
        }
    }

    /// A tile, from memory if it was read before: what stands under a path never changes. A partial tile that was
    /// cleared away since the caller read the checkpoint is cut from the full one.
    async fn fetch(&self, tile: &Tile) -> Result<Bytes> {
        if let Some(bytes) = self.cache.get(tile) {
            return Ok(bytes);
        }
        let bytes = match self.stored(tile).await {
            Err(Error::NotFound) if !tile.is_full() => {
                let full = self.stored(&tile.full()).await?;
                let length =
                    narrow(tile, &full).ok_or_else(|| wrong(tile, bundle::BundleError::Truncated(0)))?;
                full.slice(..length)
            }
            other => other?,
        };
        self.cache.put(*tile, bytes.clone());
        Ok(bytes)
    }

    async fn gather(&self, tiles: Vec<Tile>) -> Result<BTreeMap<Tile, Bytes>> {
        stream::iter(tiles)
            .map(|tile| async move { Ok((tile, self.fetch(&tile).await?)) })
            .buffer_unordered(ABREAST)
            .try_collect()
            .await
    }
}

/// Length in bytes of the narrower tile at the front of a wider one of the same place.
pub(crate) fn narrow(tile: &Tile, wide: &[u8]) -> Option<usize> {
    let width = usize::from(tile.width());
    let length = match tile.rank() {
        Rank::Level(_) => width * 32,
        Rank::Entries => bundle::entries(wide).ok()?.get(..width)?.iter().map(|entry| entry.len() + 2).sum(),
    };
    (length <= wide.len()).then_some(length)
}

/// A closure over fetched tiles, as `ledger::tree` wants it.
fn from(tiles: &BTreeMap<Tile, Bytes>) -> impl FnMut(&Tile) -> Result<Vec<u8>, Missing> {
    |tile| tiles.get(tile).map(|bytes| bytes.to_vec()).ok_or(Missing)
}

/// A tile that was not fetched beforehand; cannot happen as long as `ledger` asks for what it announced.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the tile was not fetched")]
struct Missing;

fn wrong(tile: &Tile, error: bundle::BundleError) -> Error {
    Error::internal(TreeError::<Missing>::Bundle { tile: *tile, source: error })
}

pub(crate) fn checkpoint_key() -> Key {
    Key::from("ledger/checkpoint")
}

pub(crate) fn tile_key(tile: &Tile) -> Key {
    Key::from(format!("ledger/{}", tile.path()))
}
