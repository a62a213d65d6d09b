//! Tiles of the tree and bundles of entries as resources: which exist for a size, where they are served, how a path is read.
//!
//! C2SP tlog-tiles v0.1.0. A tile's content is made by `tree` and `bundle`; this module is only about names and shapes. The sequencer
//! publishes by these paths and the HTTP routes under `/ledger/` parse them.

use crate::merkle::MAX_SIZE;
use std::{fmt, str::FromStr};

/// Hashes in a full tile, entries in a full bundle.
pub const FULL_WIDTH: u16 = 256;

/// What a tile holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rank {
    /// Hashes of complete subtrees of 256^level leaves; level 0 holds leaf hashes. At most 7 for trees up to 2^62.
    Level(u8),
    /// The entries themselves, each with its length.
    Entries,
}

/// One tile or entry bundle. As text its path below the log's prefix: `tile/0/x001/x234/067`, `tile/entries/000.p/12`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tile {
    rank: Rank,
    index: u64,
    width: u16,
}

/// The text is not the path of a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the path of a tile")]
pub struct TilePathError;

impl Tile {
    /// The tile of this rank and index in a tree of `size` leaves, full or as wide as that size makes it; none if it would be empty.
    #[must_use]
    pub fn at(rank: Rank, index: u64, size: u64) -> Option<Self> {
        let count = count(rank, size);
        let before = index.checked_mul(u64::from(FULL_WIDTH))?;
        let width = u16::try_from(count.checked_sub(before)?.min(u64::from(FULL_WIDTH))).ok()?;
        (width > 0).then_some(Self { rank, index, width })
    }

    /// What it holds.
    #[must_use]
    pub fn rank(&self) -> Rank {
        self.rank
    }

    /// Its place among the tiles of its rank.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Hashes or entries in it, 1 to 256.
    #[must_use]
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Whether it is full: the only kind that never grows.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.width == FULL_WIDTH
    }

    /// The full tile of the same place, which may be served where the partial one is gone.
    #[must_use]
    pub fn full(&self) -> Self {
        Self { width: FULL_WIDTH, ..*self }
    }

    /// Path below the log's prefix, without a leading slash.
    #[must_use]
    pub fn path(&self) -> String {
        self.to_string()
    }
}

/// Hashes or entries of a rank in a tree of `size` leaves.
pub(crate) fn count(rank: Rank, size: u64) -> u64 {
    match rank {
        Rank::Level(level) => size.checked_shr(8 * u32::from(level)).unwrap_or(0),
        Rank::Entries => size,
    }
}

/// The ranks that hold anything in a tree of `size` leaves: entries, then levels upwards.
pub(crate) fn ranks(size: u64) -> impl Iterator<Item = Rank> {
    std::iter::once(Rank::Entries).chain((0..8).map(Rank::Level)).filter(move |rank| count(*rank, size) > 0)
}

/// Every tile and bundle that is new or wider in a tree of `new_size` leaves than in one of `old_size`: what has to be published when
/// the tree grows. Entry bundles come first, then level 0 upwards. Nothing when the sizes are equal or in the wrong order.
pub fn changed(old_size: u64, new_size: u64) -> impl Iterator<Item = Tile> {
    ranks(new_size).flat_map(move |rank| {
        let (old, new) = (count(rank, old_size), count(rank, new_size));
        let tiles = if old < new { old / 256..new.div_ceil(256) } else { 0..0 };
        tiles.filter_map(move |index| Tile::at(rank, index, new_size))
    })
}

/// The partial tiles of a tree of `size` leaves, its right edge: all that is needed to let it grow.
pub fn edge(size: u64) -> impl Iterator<Item = Tile> {
    ranks(size).filter_map(move |rank| Tile::at(rank, count(rank, size) / 256, size))
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rank {
            Rank::Level(level) => write!(f, "tile/{level}/")?,
            Rank::Entries => f.write_str("tile/entries/")?,
        }
        let mut groups = vec![self.index % 1000];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        for group in groups.iter().skip(1).rev() {
            write!(f, "x{group:03}/")?;
        }
        write!(f, "{:03}", groups[0])?;
        if self.is_full() { Ok(()) } else { write!(f, ".p/{}", self.width) }
    }
}

impl FromStr for Tile {
    type Err = TilePathError;

    /// Reads exactly the paths that [`Tile::path`] writes; any other spelling of a number is an error.
    fn from_str(path: &str) -> Result<Self, TilePathError> {
        let number = |digits: &str| -> Result<u64, TilePathError> {
            let plain = (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
            if plain { digits.parse().map_err(|_| TilePathError) } else { Err(TilePathError) }
        };
        let rest = path.strip_prefix("tile/").ok_or(TilePathError)?;
        let (rank, rest) = rest.split_once('/').ok_or(TilePathError)?;
        let rank = match rank {
            "entries" => Rank::Entries,
            level => Rank::Level(u8::try_from(number(level)?).ok().filter(|l| *l < 64).ok_or(TilePathError)?),
        };
        let (groups, width) = match rest.split_once(".p/") {
            Some((groups, width)) => (groups, u16::try_from(number(width)?).map_err(|_| TilePathError)?),
            None => (rest, FULL_WIDTH),
        };
        let mut index = 0u64;
        for group in groups.split('/') {
            let value = number(group.strip_prefix('x').unwrap_or(group))?;
            index = index.checked_mul(1000).and_then(|i| i.checked_add(value)).ok_or(TilePathError)?;
        }
        let tile = Self { rank, index, width };
        let in_range = (1..=FULL_WIDTH).contains(&width) && index <= MAX_SIZE / 256;
        if in_range && tile.path() == path { Ok(tile) } else { Err(TilePathError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("tile/0/x001/x234/067", Rank::Level(0), 1_234_067, 256)]
    #[case("tile/63/000", Rank::Level(63), 0, 256)]
    #[case("tile/1/273.p/17", Rank::Level(1), 273, 17)]
    #[case("tile/entries/x001/000.p/255", Rank::Entries, 1000, 255)]
    fn paths_of_the_specification(
        #[case] path: &str,
        #[case] rank: Rank,
        #[case] index: u64,
        #[case] width: u16,
    ) {
        let tile = Tile { rank, index, width };
        assert_eq!(tile.path(), path);
        assert_eq!(path.parse(), Ok(tile));
    }

    #[rstest]
    #[case("tile/0/67")]
    #[case("tile/00/067")]
    #[case("tile/64/067")]
    #[case("tile/0/001/067")]
    #[case("tile/0/x000/067")]
    #[case("tile/0/x001/x067")]
    #[case("tile/0/067.p/0")]
    #[case("tile/0/067.p/256")]
    #[case("tile/0/067.p/012")]
    #[case("tile/0/067.p/")]
    #[case("tile/0/067/")]
    #[case("tile/0/../067")]
    #[case("tile/-1/067")]
    #[case("tile/+1/067")]
    #[case("tile/data/067")]
    #[case("/tile/0/067")]
    #[case("tile/0/x999/x999/x999/x999/x999/x999/x999/999")]
    #[case("")]
    fn other_paths_are_refused(#[case] path: &str) {
        assert_eq!(path.parse::<Tile>(), Err(TilePathError));
    }

    #[test]
    fn the_specifications_example_of_70000_leaves() {
        let tiles: Vec<_> = changed(0, 70_000).collect();
        let of = |rank, full| {
            tiles
                .iter()
                .filter(|t| t.rank == rank && t.is_full() == full)
                .map(Tile::width)
                .collect::<Vec<_>>()
        };
        assert_eq!(of(Rank::Level(0), true).len(), 273);
        assert_eq!(of(Rank::Level(0), false), [112]);
        assert_eq!(of(Rank::Level(1), true).len(), 1);
        assert_eq!(of(Rank::Level(1), false), [17]);
        assert_eq!(of(Rank::Level(2), false), [1]);
        assert_eq!(of(Rank::Entries, true).len(), 273);
        assert_eq!(tiles.len(), 273 + 1 + 273 + 1 + 1 + 1 + 1);
        let paths: Vec<_> = changed(0, 256).map(|t| t.path()).collect();
        assert_eq!(paths, ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]);
    }

    #[test]
    fn the_empty_and_the_largest_tree() {
        assert_eq!(changed(0, 0).count(), 0);
        assert_eq!(edge(0).count(), 0);
        assert_eq!(edge(MAX_SIZE).map(|t| t.path()).collect::<Vec<_>>(), ["tile/7/000.p/64"]);
        let last: Vec<_> = changed(MAX_SIZE - 1, MAX_SIZE).collect();
        assert_eq!(last.len(), 9);
        assert!(last.iter().all(|t| t.path().parse() == Ok(*t)));
    }

    proptest! {
        #[test]
        fn paths_round_trip(rank in prop_oneof![Just(Rank::Entries), (0u8..64).prop_map(Rank::Level)], index in 0..=MAX_SIZE / 256, width in 1..=256u16) {
            let tile = Tile { rank, index, width };
            prop_assert_eq!(tile.path().parse(), Ok(tile));
        }

        #[test]
        fn growth_in_two_steps_ends_in_the_same_tiles(a in 0u64..70_000, b in 0u64..2_000, c in 0u64..2_000) {
            let (b, c) = (a + b, a + b + c);
            // What a reader of the largest tree finds: the widest version of each place.
            let widest = |steps: Vec<Tile>| -> std::collections::BTreeMap<_, _> {
                steps.into_iter().map(|t| ((t.rank, t.index), t.width)).collect()
            };
            let direct = widest(changed(a, c).collect());
            let stepwise = widest(changed(a, b).chain(changed(b, c)).collect());
            prop_assert_eq!(direct, stepwise);
            for tile in edge(c) {
                prop_assert!(!tile.is_full());
                prop_assert_eq!(Some(tile), Tile::at(tile.rank, tile.index, c));
            }
        }

        #[test]
        fn arbitrary_text_never_panics(text in "(tile/)?[0-9x/.pentris]{0,40}") {
            if let Ok(tile) = text.parse::<Tile>() {
                prop_assert_eq!(tile.path(), text);
            }
        }
    }
}
