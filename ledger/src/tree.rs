//! The log as a growing tree: its right edge in memory, new tiles when it grows, proofs from tiles.
//!
//! The sequencer opens a [`Tree`] from the stored edge, appends a batch, stores what [`Growth`] holds, and keeps the new tree only
//! once that is durable: appending never changes the old value. Tiles are fetched through a closure, so this works alike over a map of
//! prefetched bytes, a folder or a test; [`inclusion_tiles`] and [`consistency_tiles`] say beforehand what will be asked for.

use crate::{
    Hash, Tile,
    bundle::{self, BundleError},
    merkle::{self, MAX_SIZE, MerkleError, Node, Span, fold},
    tile::{self, FULL_WIDTH, Rank},
};
use std::collections::BTreeMap;

/// Why a tree cannot be opened or grown, or a proof not made. `E` is the error of the fetching closure.
#[derive(Debug, thiserror::Error)]
pub enum TreeError<E> {
    /// A tile could not be fetched.
    #[error("{tile} could not be read")]
    Fetch {
        /// Which one.
        tile: Tile,
        /// Why.
        #[source]
        source: E,
    },
    /// A tile has another length than its width asks for.
    #[error("{0} has the wrong length")]
    Length(Tile),
    /// A bundle is not well formed, or an entry is too long.
    #[error("{tile}: {source}")]
    Bundle {
        /// The bundle read or to be written.
        tile: Tile,
        /// What is wrong with it.
        source: BundleError,
    },
    /// An entry's bytes do not hash to the leaf that the tree holds.
    #[error("entry {0} is not the one that was hashed into the tree")]
    Entry(u64),
    /// The tiles lead to another root than the one expected: something stored was changed.
    #[error("the stored tiles do not lead to the expected root hash")]
    Root,
    /// Index or size out of range.
    #[error(transparent)]
    Range(#[from] MerkleError),
}

/// The right edge of a tree: everything needed to let it grow and to know its root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    /// The hashes of the partial tile at each level; `levels[l].len() == (size >> 8 * l) % 256`.
    levels: Vec<Vec<Hash>>,
    /// The bytes of the partial entry bundle.
    bundle: Vec<u8>,
}

/// What appending gives: the larger tree, and the tiles and bundles to store for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Growth {
    /// The tree after appending.
    pub tree: Tree,
    /// Every tile and bundle that is new or wider than before ([`tile::changed`]), with its bytes.
    pub tiles: Vec<(Tile, Vec<u8>)>,
}

impl Tree {
    /// The tree without entries.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Restores the edge of a tree of `size` leaves from its partial tiles ([`tile::edge`]) and checks it against `root` and the partial
    /// bundle against its leaf hashes.
    ///
    /// # Errors
    /// Any [`TreeError`]; [`TreeError::Root`] and [`TreeError::Entry`] mean that stored bytes are not what was signed.
    pub fn open<E>(
        size: u64,
        root: Hash,
        fetch: impl FnMut(&Tile) -> Result<Vec<u8>, E>,
    ) -> Result<Self, TreeError<E>> {
        let tree = Self::restore(size, fetch)?;
        if tree.root() == root { tree.checked() } else { Err(TreeError::Root) }
    }

    /// As [`Tree::open`] without a root to compare with: for a monitor that begins in the middle of somebody's log. What the edge is worth
    /// shows when it has grown into a signed root, since only the true edge grows into that.
    ///
    /// # Errors
    /// As [`Tree::open`], without [`TreeError::Root`].
    pub fn begin_at<E>(
        size: u64,
        fetch: impl FnMut(&Tile) -> Result<Vec<u8>, E>,
    ) -> Result<Self, TreeError<E>> {
        Self::restore(size, fetch)?.checked()
    }

    fn restore<E>(
        size: u64,
        mut fetch: impl FnMut(&Tile) -> Result<Vec<u8>, E>,
    ) -> Result<Self, TreeError<E>> {
        if size > MAX_SIZE {
            return Err(MerkleError::OutOfRange.into());
        }
        let mut tree = Self { size, levels: Vec::new(), bundle: Vec::new() };
        for rank in tile::ranks(size) {
            let partial = Tile::at(rank, tile::count(rank, size) / 256, size);
            let bytes = match partial {
                Some(tile) => fetch(&tile).map_err(|source| TreeError::Fetch { tile, source })?,
                None => Vec::new(),
            };
            match (rank, partial) {
                (Rank::Entries, _) => tree.bundle = bytes,
                (Rank::Level(_), Some(tile)) => tree.levels.push(hashes(&bytes, tile)?),
                (Rank::Level(_), None) => tree.levels.push(Vec::new()),
            }
        }
        Ok(tree)
    }

    /// The partial bundle against its leaf hashes.
    fn checked<E>(self) -> Result<Self, TreeError<E>> {
        let Some(tile) = Tile::at(Rank::Entries, self.size / 256, self.size) else { return Ok(self) };
        let entries = bundle::entries(&self.bundle).map_err(|source| TreeError::Bundle { tile, source })?;
        let leaves = &self.levels[0];
        if entries.len() != leaves.len() {
            return Err(TreeError::Length(tile));
        }
        let wrong = entries.iter().zip(leaves).position(|(entry, leaf)| merkle::leaf_hash(entry) != *leaf);
        match wrong {
            Some(at) => Err(TreeError::Entry(self.size - self.size % 256 + at as u64)),
            None => Ok(self),
        }
    }

    /// Number of entries.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Root hash; for the empty tree the hash of nothing.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut nodes = Vec::new();
        for level in self.levels.iter().rev() {
            // The bits of the width, high to low, are the complete subtrees inside the partial tile.
            let mut rest = level.as_slice();
            while !rest.is_empty() {
                let (subtree, after) = rest.split_at(1 << rest.len().ilog2());
                nodes.push(merkle::root(subtree));
                rest = after;
            }
        }
        fold(&nodes)
    }

    /// Appends entries and returns the larger tree with every tile and bundle to store for it. `self` stays as it is, so that a failed
    /// transaction needs no undoing.
    ///
    /// # Errors
    /// An entry longer than 65,535 bytes, or a tree larger than 2^62.
    pub fn append<B: AsRef<[u8]>>(
        &self,
        entries: &[B],
    ) -> Result<Growth, TreeError<std::convert::Infallible>> {
        let size = self.size.saturating_add(entries.len() as u64);
        if size > MAX_SIZE {
            return Err(MerkleError::OutOfRange.into());
        }
        let mut tree = self.clone();
        let mut tiles = Vec::new();
        for entry in entries {
            let entry = entry.as_ref();
            let place = (Rank::Entries, tree.size / 256);
            bundle::push(&mut tree.bundle, entry)
                .map_err(|source| TreeError::Bundle { tile: full(place), source })?;
            tree.size += 1;
            if tree.size.is_multiple_of(256) {
                tiles.push((full(place), std::mem::take(&mut tree.bundle)));
            }
            tree.push(0, merkle::leaf_hash(entry), &mut tiles);
        }
        // The partial tiles that this growth widened; full ones were put out when they filled up.
        for tile in tile::changed(self.size, size).filter(|tile| !tile.is_full()) {
            let bytes = match tile.rank() {
                Rank::Entries => tree.bundle.clone(),
                Rank::Level(level) => {
                    tree.levels[usize::from(level)].iter().flat_map(|hash| hash.0).collect()
                }
            };
            tiles.push((tile, bytes));
        }
        Ok(Growth { tree, tiles })
    }

    fn push(&mut self, level: u8, hash: Hash, tiles: &mut Vec<(Tile, Vec<u8>)>) {
        let at = usize::from(level);
        if self.levels.len() == at {
            self.levels.push(Vec::with_capacity(usize::from(FULL_WIDTH)));
        }
        self.levels[at].push(hash);
        if self.levels[at].len() == usize::from(FULL_WIDTH) {
            let hashes = std::mem::take(&mut self.levels[at]);
            let index = (self.size >> (8 * u32::from(level) + 8)) - 1;
            tiles.push((full((Rank::Level(level), index)), hashes.iter().flat_map(|hash| hash.0).collect()));
            self.push(level + 1, merkle::root(&hashes), tiles);
        }
    }
}

/// The full tile at a place that has just filled up.
fn full((rank, index): (Rank, u64)) -> Tile {
    Tile::at(rank, index, MAX_SIZE)
        .expect("a place inside a tree of at most 2^62 leaves is full in the largest one")
}

fn hashes<E>(bytes: &[u8], tile: Tile) -> Result<Vec<Hash>, TreeError<E>> {
    let (chunks, rest) = bytes.as_chunks::<32>();
    if rest.is_empty() && chunks.len() == usize::from(tile.width()) {
        Ok(chunks.iter().copied().map(Hash).collect())
    } else {
        Err(TreeError::Length(tile))
    }
}

/// The tiles that [`inclusion_proof`] will fetch.
///
/// # Errors
/// [`MerkleError::OutOfRange`].
pub fn inclusion_tiles(index: u64, size: u64) -> Result<Vec<Tile>, MerkleError> {
    Ok(tiles_of(&merkle::inclusion_spans(index, size)?, size))
}

/// The tiles that [`consistency_proof`] will fetch.
///
/// # Errors
/// [`MerkleError::OutOfRange`].
pub fn consistency_tiles(old_size: u64, new_size: u64) -> Result<Vec<Tile>, MerkleError> {
    Ok(tiles_of(&merkle::consistency_spans(old_size, new_size)?, new_size))
}

/// Proof that the entry at `index` is in the tree of `size` leaves, from the leaf's sibling upwards. The tiles are trusted here: whoever
/// hands the proof out checks it against the signed root with [`merkle::verify_inclusion`], as a reader will.
///
/// # Errors
/// Index out of range, a tile that cannot be fetched or has the wrong length.
pub fn inclusion_proof<E>(
    index: u64,
    size: u64,
    fetch: impl FnMut(&Tile) -> Result<Vec<u8>, E>,
) -> Result<Vec<Hash>, TreeError<E>> {
    roots_of(&merkle::inclusion_spans(index, size)?, size, fetch)
}

/// Proof that the tree of `old_size` leaves is a prefix of the one of `new_size`; empty from size 0 and between equal sizes.
///
/// # Errors
/// Sizes in the wrong order, a tile that cannot be fetched or has the wrong length.
pub fn consistency_proof<E>(
    old_size: u64,
    new_size: u64,
    fetch: impl FnMut(&Tile) -> Result<Vec<u8>, E>,
) -> Result<Vec<Hash>, TreeError<E>> {
    roots_of(&merkle::consistency_spans(old_size, new_size)?, new_size, fetch)
}

/// Where a complete subtree is found: the tile, and the range of hashes in it whose root it is.
fn place(node: Node, size: u64) -> Option<(Tile, std::ops::Range<usize>)> {
    let level = u8::try_from(node.height / 8).ok()?;
    let first = node.index << (node.height % 8);
    let offset = usize::try_from(first % 256).ok()?;
    let tile = Tile::at(Rank::Level(level), first / 256, size)?;
    Some((tile, offset..offset + (1 << (node.height % 8))))
}

fn tiles_of(spans: &[Span], size: u64) -> Vec<Tile> {
    let mut tiles: Vec<_> =
        spans.iter().flat_map(|span| span.nodes()).filter_map(|node| Some(place(node, size)?.0)).collect();
    tiles.sort_unstable();
    tiles.dedup();
    tiles
}

fn roots_of<E>(
    spans: &[Span],
    size: u64,
    mut fetch: impl FnMut(&Tile) -> Result<Vec<u8>, E>,
) -> Result<Vec<Hash>, TreeError<E>> {
    let mut fetched = BTreeMap::new();
    for tile in tiles_of(spans, size) {
        let bytes = fetch(&tile).map_err(|source| TreeError::Fetch { tile, source })?;
        fetched.insert(tile, hashes(&bytes, tile)?);
    }
    let root = |node| {
        let (tile, range) = place(node, size).ok_or(MerkleError::OutOfRange)?;
        let hashes =
            fetched.get(&tile).and_then(|hashes| hashes.get(range)).ok_or(TreeError::Length(tile))?;
        Ok(merkle::root(hashes))
    };
    spans
        .iter()
        .map(|span| Ok(fold(&span.nodes().into_iter().map(root).collect::<Result<Vec<_>, TreeError<E>>>()?)))
        .collect()
}

#[cfg(test)]
mod tests;
