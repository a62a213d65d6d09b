//! Reading back what was just published, before it is signed: a public log died of one flipped bit between computing a
//! tile and storing it, and a signed root that the stored tiles do not lead to cannot be taken back.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use ledger::{
    Hash, Tile, Tree, bundle,
    merkle::{self, leaf_hash},
    tile::{Rank, changed, edge},
};

use super::{ABREAST, LedgerStore, from};
use crate::error::{Error, Result};

impl LedgerStore {
    /// Reads everything that the growth from `old_size` to `size` published from the store itself and makes sure that
    /// the entries hash to the leaves, the tiles to the tiles above them, and the right edge to `root`.
    ///
    /// # Errors
    /// [`Error::Internal`] that names the first tile in which something does not fit.
    pub(crate) async fn read_back(&self, old_size: u64, size: u64, root: Hash) -> Result<()> {
        let wanted: BTreeSet<Tile> = changed(old_size, size).chain(edge(size)).collect();
        let tiles: BTreeMap<Tile, Bytes> = stream::iter(wanted)
            .map(|tile| async move {
                let bytes = self.stored(&tile).await.map_err(|error| match error {
                    Error::NotFound => damaged(&tile, "is missing"),
                    other => other,
                })?;
                Ok::<_, Error>((tile, bytes))
            })
            .buffer_unordered(ABREAST)
            .try_collect()
            .await?;
        for (tile, bytes) in &tiles {
            check(tile, bytes, size, &tiles)?;
        }
        Tree::open(size, root, from(&tiles)).map_err(Error::internal)?;
        Ok(())
    }
}

/// Compares one tile with the hashes that it leads to: a bundle with its leaves, a full tile with its parent.
fn check(tile: &Tile, bytes: &[u8], size: u64, tiles: &BTreeMap<Tile, Bytes>) -> Result<()> {
    match tile.rank() {
        Rank::Entries => {
            let entries = bundle::entries(bytes).map_err(|_| damaged(tile, "is not an entry bundle"))?;
            let leaves: Vec<u8> = entries.iter().flat_map(|entry| leaf_hash(entry).0).collect();
            let hashes =
                Tile::at(Rank::Level(0), tile.index(), size).and_then(|leaf_tile| tiles.get(&leaf_tile));
            if hashes.is_some_and(|hashes| *hashes == leaves) {
                Ok(())
            } else {
                Err(damaged(tile, "does not hash to its leaves"))
            }
        }
        Rank::Level(level) if tile.is_full() => {
            let (hashes, _) = bytes.as_chunks::<32>();
            let hashes: Vec<Hash> = hashes.iter().copied().map(Hash).collect();
            let parent = Tile::at(Rank::Level(level + 1), tile.index() / 256, size)
                .and_then(|parent| tiles.get(&parent));
            let at = usize::try_from(tile.index() % 256 * 32).map_err(Error::internal)?;
            let expected = parent.and_then(|parent| parent.get(at..at + 32));
            if hashes.len() == 256 && expected == Some(&merkle::root(&hashes).0) {
                Ok(())
            } else {
                Err(damaged(tile, "does not lead to the tile above it"))
            }
        }
        // A partial tile is part of the edge, which is checked against the root.
        Rank::Level(_) => Ok(()),
    }
}

fn damaged(tile: &Tile, how: &str) -> Error {
    Error::internal(anyhow::anyhow!("reading back the published ledger: {tile} {how}"))
}
