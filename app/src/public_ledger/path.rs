//! The way from a leaf to the root, level by level. The picture on the page and the computation in the browser both
//! walk it; whether it is right is `ledger`'s to say.

use ledger::{
    Hash,
    merkle::{leaf_hash, node_hash},
    proof::Proof,
};

use crate::ui::PathStep;

/// One hashing on the way up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// Supplied by the proof.
    pub sibling: Hash,
    /// It stands left of ours.
    pub sibling_left: bool,
    /// Hash of the two together.
    pub parent: Hash,
}

/// Every hashing from the entry in the proof's `extra` line upwards, in a tree of `size` leaves (RFC 9162 §2.1.3.2).
#[must_use]
pub fn levels(proof: &Proof, size: u64) -> Vec<Level> {
    let (mut at, mut last) = (proof.index, size.saturating_sub(1));
    let mut hash = leaf_hash(proof.extra.as_deref().unwrap_or_default());
    let mut out = Vec::new();
    for sibling in &proof.hashes {
        let sibling_left = at & 1 == 1 || at == last;
        if sibling_left {
            hash = node_hash(*sibling, hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(hash, *sibling);
        }
        at >>= 1;
        last >>= 1;
        out.push(Level { sibling: *sibling, sibling_left, parent: hash });
    }
    out
}

/// A hash in hexadecimal.
#[must_use]
pub fn hex(hash: Hash) -> String {
    use std::fmt::Write as _;
    hash.0.iter().fold(String::with_capacity(64), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// As the picture draws it.
#[must_use]
pub fn drawn(levels: &[Level]) -> Vec<PathStep> {
    levels
        .iter()
        .map(|level| PathStep {
            sibling: hex(level.sibling),
            sibling_left: level.sibling_left,
            parent: hex(level.parent),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::merkle::root;

    /// The proof of one of `size` entries, from the definition in RFC 6962 and not from the code under test.
    fn proof(index: u64, size: u64) -> (Proof, Hash) {
        fn walk(leaves: &[Hash], index: usize) -> Vec<Hash> {
            if leaves.len() < 2 {
                return Vec::new();
            }
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            let (mut below, sibling) = if index < left.len() {
                (walk(left, index), right)
            } else {
                (walk(right, index - left.len()), left)
            };
            below.push(root(sibling));
            below
        }
        let entries: Vec<Vec<u8>> = (0..size).map(|at| at.to_be_bytes().to_vec()).collect();
        let leaves: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        let at = usize::try_from(index).expect("small");
        let hashes = walk(&leaves, at);
        (Proof { extra: Some(entries[at].clone()), index, hashes, checkpoint: String::new() }, root(&leaves))
    }

    #[test]
    fn the_last_level_is_the_root_for_every_leaf_of_small_trees() {
        for size in 1..=33 {
            for index in 0..size {
                let (proof, root) = proof(index, size);
                let levels = levels(&proof, size);
                let top = levels.last().map_or_else(|| leaf_hash(&index.to_be_bytes()), |level| level.parent);
                assert_eq!(top, root, "{index} of {size}");
            }
        }
    }

    #[test]
    fn the_sibling_stands_on_the_side_that_the_tree_gives_it() {
        let sides = |index, size| {
            levels(&proof(index, size).0, size).iter().map(|l| l.sibling_left).collect::<Vec<_>>()
        };
        assert_eq!(sides(0, 2), [false]);
        assert_eq!(sides(1, 2), [true]);
        assert_eq!(sides(4, 5), [true]);
        assert_eq!(sides(2, 4), [false, true]);
    }
}
