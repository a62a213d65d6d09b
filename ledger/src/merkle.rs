//! The Merkle tree of RFC 6962 §2.1 over SHA-256: hashing, and checking proofs.
//!
//! Nothing here knows how hashes are stored: `tree` makes proofs from tiles, the verifier only needs this page. Sizes and indices
//! are leaf counts up to [`MAX_SIZE`].

use sha2::{Digest as _, Sha256};
use std::fmt;

/// Largest tree handled, 2^62 leaves: far beyond use, and small enough that no arithmetic on sizes can overflow.
pub const MAX_SIZE: u64 = 1 << 62;

/// A node of the tree, or its root: 32 bytes of SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash(pub [u8; 32]);

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MerkleError {
    /// Index not below the size, sizes in the wrong order, or beyond [`MAX_SIZE`].
    #[error("index or size out of range")]
    OutOfRange,
    /// The proof has more or fewer hashes than the tree's shape asks for.
    #[error("the proof has the wrong number of hashes")]
    ProofLength,
    /// The hashes do not lead to the root.
    #[error("the proof does not lead to the root hash")]
    RootMismatch,
}

/// `H(0x00 || entry)`.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update([0]).chain_update(entry).finalize().into())
}

/// `H(0x01 || left || right)`.
#[must_use]
pub fn node_hash(left: Hash, right: Hash) -> Hash {
    Hash(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
}

/// Root of the tree without leaves: the hash of nothing.
#[must_use]
pub fn empty_root() -> Hash {
    Hash(Sha256::digest([]).into())
}

/// Root over leaf hashes (or over the roots of equally high complete subtrees).
#[must_use]
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(root(left), root(right))
        }
    }
}

/// Checks that the leaf with hash `leaf` stands at `index` of the tree with `size` leaves and root `root` (RFC 9162 §2.1.3.2).
///
/// # Errors
/// Any [`MerkleError`].
pub fn verify_inclusion(
    index: u64,
    size: u64,
    leaf: Hash,
    proof: &[Hash],
    root: Hash,
) -> Result<(), MerkleError> {
    if index >= size || size > MAX_SIZE {
        return Err(MerkleError::OutOfRange);
    }
    let (mut at, mut last) = (index, size - 1);
    let mut hash = leaf;
    for sibling in proof {
        if last == 0 {
            return Err(MerkleError::ProofLength);
        }
        if at & 1 == 1 || at == last {
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
    }
    if last != 0 {
        Err(MerkleError::ProofLength)
    } else if hash != root {
        Err(MerkleError::RootMismatch)
    } else {
        Ok(())
    }
}

/// Checks that the tree (`old_size`, `old_root`) is a prefix of (`new_size`, `new_root`) (RFC 9162 §2.1.4.2).
/// From the empty tree and between equal sizes the proof is empty, and the roots must still be the right ones.
///
/// # Errors
/// Any [`MerkleError`].
pub fn verify_consistency(
    old_size: u64,
    new_size: u64,
    proof: &[Hash],
    old_root: Hash,
    new_root: Hash,
) -> Result<(), MerkleError> {
    if old_size > new_size || new_size > MAX_SIZE {
        return Err(MerkleError::OutOfRange);
    }
    if old_size == 0 || old_size == new_size {
        let expected = if old_size == 0 { empty_root() } else { new_root };
        return if !proof.is_empty() {
            Err(MerkleError::ProofLength)
        } else if old_root != expected || (new_size == 0 && new_root != empty_root()) {
            Err(MerkleError::RootMismatch)
        } else {
            Ok(())
        };
    }
    let (mut at, mut last) = (old_size - 1, new_size - 1);
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    // A complete old tree is itself the first node of the path, and the proof leaves it out.
    let (seed, rest) = if old_size.is_power_of_two() {
        (old_root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or(MerkleError::ProofLength)?;
        (*first, rest)
    };
    let (mut old, mut new) = (seed, seed);
    for sibling in rest {
        if last == 0 {
            return Err(MerkleError::ProofLength);
        }
        if at & 1 == 1 || at == last {
            old = node_hash(*sibling, old);
            new = node_hash(*sibling, new);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            new = node_hash(new, *sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    if last != 0 {
        Err(MerkleError::ProofLength)
    } else if old != old_root || new != new_root {
        Err(MerkleError::RootMismatch)
    } else {
        Ok(())
    }
}

/// A complete subtree: the `index`-th of 2^`height` leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) height: u32,
    pub(crate) index: u64,
}

/// Leaves `start..end` that form one subtree of some tree: `start` is a multiple of the next power of two of its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u64,
    pub(crate) end: u64,
}

impl Span {
    /// The complete subtrees it consists of, largest (leftmost) first.
    pub(crate) fn nodes(self) -> Vec<Node> {
        let (mut start, mut nodes) = (self.start, Vec::new());
        while start < self.end {
            let height = (self.end - start).ilog2();
            nodes.push(Node { height, index: start >> height });
            start += 1 << height;
        }
        nodes
    }

    fn split(self) -> (Self, Self) {
        let middle = self.start + (1 << (self.end - self.start - 1).ilog2());
        (Self { start: self.start, end: middle }, Self { start: middle, end: self.end })
    }
}

/// Root of a [`Span`] from the hashes of its [`Span::nodes`].
pub(crate) fn fold(nodes: &[Hash]) -> Hash {
    nodes.iter().rev().copied().reduce(|right, left| node_hash(left, right)).unwrap_or_else(empty_root)
}

/// PATH(m, D\[n\]) of RFC 6962 §2.1.1: the spans whose roots are the inclusion proof, from the leaf's sibling upwards.
pub(crate) fn inclusion_spans(index: u64, size: u64) -> Result<Vec<Span>, MerkleError> {
    if index >= size || size > MAX_SIZE {
        return Err(MerkleError::OutOfRange);
    }
    let (mut span, mut spans) = (Span { start: 0, end: size }, Vec::new());
    while span.end - span.start > 1 {
        let (left, right) = span.split();
        let (inside, sibling) = if index < right.start { (left, right) } else { (right, left) };
        spans.push(sibling);
        span = inside;
    }
    spans.reverse();
    Ok(spans)
}

/// Which leaves each hash of [`crate::tree::inclusion_proof`] stands for, from the leaf's sibling upwards.
///
/// # Errors
/// [`MerkleError::OutOfRange`].
pub fn inclusion_ranges(index: u64, size: u64) -> Result<Vec<std::ops::Range<u64>>, MerkleError> {
    Ok(inclusion_spans(index, size)?.into_iter().map(|span| span.start..span.end).collect())
}

/// Which leaves each hash of [`crate::tree::consistency_proof`] stands for.
///
/// # Errors
/// [`MerkleError::OutOfRange`].
pub fn consistency_ranges(old: u64, new: u64) -> Result<Vec<std::ops::Range<u64>>, MerkleError> {
    Ok(consistency_spans(old, new)?.into_iter().map(|span| span.start..span.end).collect())
}

/// PROOF(m, D\[n\]) of RFC 6962 §2.1.2; empty from size 0 and between equal sizes.
pub(crate) fn consistency_spans(old: u64, new: u64) -> Result<Vec<Span>, MerkleError> {
    if old > new || new > MAX_SIZE {
        return Err(MerkleError::OutOfRange);
    }
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let (mut span, mut spans) = (Span { start: 0, end: new }, Vec::new());
    while span.end != old {
        let (left, right) = span.split();
        let (inside, sibling) = if old <= right.start { (left, right) } else { (right, left) };
        spans.push(sibling);
        span = inside;
    }
    if span.start != 0 {
        spans.push(span);
    }
    spans.reverse();
    Ok(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(n: u64) -> Vec<Hash> {
        (0..n).map(|i| leaf_hash(&i.to_be_bytes())).collect()
    }

    fn span_root(leaves: &[Hash], span: Span) -> Hash {
        root(&leaves[usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap()])
    }

    #[test]
    fn rfc6962_reference_vectors() {
        // The test data of the Certificate Transparency reference implementation: eight leaves and the root at each size.
        let data = [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ];
        let roots = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let leaves: Vec<_> = data.iter().map(|d| leaf_hash(&hex::decode(d).unwrap())).collect();
        for (size, expected) in roots.iter().enumerate() {
            assert_eq!(hex::encode(root(&leaves[..size]).0), *expected, "size {size}");
        }
    }

    #[test]
    fn every_inclusion_proof_of_small_trees() {
        for size in 1..=40 {
            let leaves = leaves(size);
            let tree = root(&leaves);
            for index in 0..size {
                let proof: Vec<_> = inclusion_spans(index, size)
                    .unwrap()
                    .into_iter()
                    .map(|s| span_root(&leaves, s))
                    .collect();
                let leaf = leaves[usize::try_from(index).unwrap()];
                assert_eq!(verify_inclusion(index, size, leaf, &proof, tree), Ok(()), "{index} of {size}");
                assert!(verify_inclusion(index, size, leaf_hash(b"other"), &proof, tree).is_err());
                for wrong in (0..size).filter(|i| *i != index) {
                    assert!(
                        verify_inclusion(wrong, size, leaf, &proof, tree).is_err(),
                        "{index} shown as {wrong} of {size}"
                    );
                }
                let longer = [proof.as_slice(), &[tree]].concat();
                assert!(verify_inclusion(index, size, leaf, &longer, tree).is_err());
                if let Some((_, shorter)) = proof.split_last() {
                    assert_eq!(
                        verify_inclusion(index, size, leaf, shorter, tree),
                        Err(MerkleError::ProofLength)
                    );
                }
            }
        }
    }

    #[test]
    fn every_consistency_proof_of_small_trees() {
        for new in 0..=40 {
            let leaves = leaves(new);
            for old in 0..=new {
                let proof: Vec<_> =
                    consistency_spans(old, new).unwrap().into_iter().map(|s| span_root(&leaves, s)).collect();
                let old_root = root(&leaves[..usize::try_from(old).unwrap()]);
                let new_root = root(&leaves);
                assert_eq!(
                    verify_consistency(old, new, &proof, old_root, new_root),
                    Ok(()),
                    "{old} -> {new}"
                );
                let other = leaf_hash(b"other");
                assert!(verify_consistency(old, new, &proof, other, new_root).is_err(), "{old} -> {new}");
                if old > 0 {
                    assert!(verify_consistency(old, new, &proof, old_root, other).is_err(), "{old} -> {new}");
                }
                let longer = [proof.as_slice(), &[other]].concat();
                assert!(verify_consistency(old, new, &longer, old_root, new_root).is_err(), "{old} -> {new}");
                for at in 0..proof.len() {
                    let mut changed = proof.clone();
                    changed[at] = other;
                    assert!(
                        verify_consistency(old, new, &changed, old_root, new_root).is_err(),
                        "{old} -> {new}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_largest_sizes_do_not_overflow() {
        for (index, size) in [(0, MAX_SIZE), (MAX_SIZE - 1, MAX_SIZE), (MAX_SIZE - 2, MAX_SIZE - 1)] {
            let spans = inclusion_spans(index, size).unwrap();
            assert!(spans.len() <= 62);
            let proof = vec![empty_root(); spans.len()];
            // Right shape, wrong hashes: the walk goes all the way up.
            assert_eq!(
                verify_inclusion(index, size, empty_root(), &proof, empty_root()),
                Err(MerkleError::RootMismatch)
            );
        }
        let spans = consistency_spans(MAX_SIZE - 1, MAX_SIZE).unwrap();
        let proof = vec![empty_root(); spans.len()];
        let result = verify_consistency(MAX_SIZE - 1, MAX_SIZE, &proof, empty_root(), empty_root());
        assert_eq!(result, Err(MerkleError::RootMismatch));
        assert_eq!(inclusion_spans(0, MAX_SIZE + 1), Err(MerkleError::OutOfRange));
        assert_eq!(
            verify_inclusion(0, u64::MAX, empty_root(), &[], empty_root()),
            Err(MerkleError::OutOfRange)
        );
        assert_eq!(verify_inclusion(0, 0, empty_root(), &[], empty_root()), Err(MerkleError::OutOfRange));
    }
}
