//! A bounded memory of tiles. What stands under a tile's path never changes, so nothing is ever invalidated; when the
//! bound is reached the oldest go first. `fsck` and the sequencer's reading back go past it on purpose.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use ledger::Tile;

/// Most bytes kept.
const CAPACITY: usize = 16 << 20;

#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    tiles: HashMap<Tile, Bytes>,
    order: VecDeque<Tile>,
    bytes: usize,
}

impl Cache {
    pub(super) fn get(&self, tile: &Tile) -> Option<Bytes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).tiles.get(tile).cloned()
    }

    pub(super) fn put(&self, tile: Tile, bytes: Bytes) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.bytes += bytes.len();
        match kept.tiles.insert(tile, bytes) {
            Some(old) => kept.bytes -= old.len(),
            None => kept.order.push_back(tile),
        }
        while kept.bytes > CAPACITY {
            let Some(oldest) = kept.order.pop_front() else { return };
            let gone = kept.tiles.remove(&oldest).map_or(0, |bytes| bytes.len());
            kept.bytes -= gone;
        }
    }
}

#[cfg(test)]
mod tests {
    use ledger::tile::{Rank, Tile};

    use super::*;

    #[test]
    fn it_stays_within_its_bound_and_forgets_the_oldest() {
        let cache = Cache::default();
        let tile = |index| Tile::at(Rank::Level(0), index, 1 << 20).expect("a tile of a large tree");
        let piece = Bytes::from(vec![7; 1 << 20]);
        for index in 0..40 {
            cache.put(tile(index), piece.clone());
            cache.put(tile(index), piece.clone());
        }
        let kept = cache.0.lock().expect("nobody panicked");
        assert_eq!((kept.bytes, kept.tiles.len(), kept.order.len()), (CAPACITY, 16, 16));
        drop(kept);
        assert!(cache.get(&tile(23)).is_none());
        assert_eq!(cache.get(&tile(24)), Some(piece));
    }
}
