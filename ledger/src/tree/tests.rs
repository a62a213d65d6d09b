//! The tree against another implementation of RFC 6962, against the definition of its tiles, and against damaged storage.

use super::*;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;
use std::{cell::RefCell, collections::BTreeSet};

type Store = BTreeMap<Tile, Vec<u8>>;

fn entries(range: std::ops::Range<u64>) -> Vec<Vec<u8>> {
    range.map(|i| format!("entry number {i}").into_bytes()).collect()
}

/// A log grown in the given batches, with everything ever published for it.
fn grown(batches: &[u64]) -> (Tree, Store) {
    let (mut tree, mut store) = (Tree::empty(), Store::new());
    for batch in batches {
        let growth = tree.append(&entries(tree.size()..tree.size() + batch)).unwrap();
        let named: BTreeSet<_> = growth.tiles.iter().map(|(tile, _)| *tile).collect();
        assert_eq!(named, tile::changed(tree.size(), growth.tree.size()).collect::<BTreeSet<_>>());
        assert_eq!(named.len(), growth.tiles.len(), "no tile twice");
        store.extend(growth.tiles);
        tree = growth.tree;
    }
    (tree, store)
}

fn oracle(size: u64) -> MemoryBackedTree<Sha256, Vec<u8>> {
    let mut oracle = MemoryBackedTree::new();
    entries(0..size).into_iter().for_each(|entry| oracle.push(entry));
    oracle
}

fn bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

fn from(store: &Store) -> impl Fn(&Tile) -> Result<Vec<u8>, String> {
    |tile| store.get(tile).cloned().ok_or_else(|| tile.path())
}

#[test]
fn tiles_are_what_the_specification_defines() {
    // MTH(D[(n * 256 + i) * 256**l : (n * 256 + i + 1) * 256**l]), over three levels.
    let size = 66_000;
    let (tree, store) = grown(&[1, 254, 1, 65_279, 1, 464]);
    let leaves: Vec<_> = entries(0..size).iter().map(|entry| merkle::leaf_hash(entry)).collect();
    assert_eq!(tree.size(), size);
    assert_eq!(tree.root(), merkle::root(&leaves));
    let last: Vec<_> = tile::changed(0, size).collect();
    assert_eq!(last.iter().filter(|tile| tile.rank() == Rank::Level(2)).count(), 1);
    for tile in last {
        let first = usize::try_from(tile.index() * 256).unwrap();
        let expected = match tile.rank() {
            Rank::Level(level) => {
                let step = 256usize.pow(level.into());
                let hash = |i| merkle::root(&leaves[i * step..(i + 1) * step]);
                bytes(&(first..first + usize::from(tile.width())).map(hash).collect::<Vec<_>>())
            }
            Rank::Entries => {
                let mut bundle = Vec::new();
                for entry in entries(first as u64..first as u64 + u64::from(tile.width())) {
                    bundle::push(&mut bundle, &entry).unwrap();
                }
                bundle
            }
        };
        assert_eq!(store[&tile], expected, "{tile}");
    }
    assert_eq!(Tree::open(size, tree.root(), from(&store)).unwrap(), tree);
}

#[test]
fn every_small_tree_agrees_with_another_implementation() {
    let (mut tree, mut store) = (Tree::empty(), Store::new());
    for size in 1..=40u64 {
        let growth = tree.append(&entries(size - 1..size)).unwrap();
        store.extend(growth.tiles);
        tree = growth.tree;
        let oracle = oracle(size);
        assert_eq!(tree.root().0, <[u8; 32]>::from(*oracle.root().as_bytes()));
        for index in 0..size {
            let proof = inclusion_proof(index, size, from(&store)).unwrap();
            assert_eq!(
                bytes(&proof),
                oracle.prove_inclusion(usize::try_from(index).unwrap()).as_bytes(),
                "{index} of {size}"
            );
        }
        for old in 1..=size {
            let proof = consistency_proof(old, size, from(&store)).unwrap();
            let added = usize::try_from(size - old).unwrap();
            assert_eq!(bytes(&proof), oracle.prove_consistency(added).as_bytes(), "{old} -> {size}");
        }
    }
}

#[test]
fn the_empty_tree() {
    let tree = Tree::empty();
    assert_eq!((tree.size(), tree.root()), (0, merkle::empty_root()));
    let never = |_: &Tile| -> Result<Vec<u8>, ()> { panic!("the empty tree has no tiles") };
    assert_eq!(Tree::open(0, merkle::empty_root(), never).unwrap(), tree);
    assert!(matches!(Tree::open(0, Hash([1; 32]), never), Err(TreeError::Root)));
    assert_eq!(tree.append::<&[u8]>(&[]).unwrap(), Growth { tree: tree.clone(), tiles: vec![] });
    assert!(matches!(inclusion_proof(0, 0, never), Err(TreeError::Range(MerkleError::OutOfRange))));
    assert_eq!(consistency_proof(0, 0, never).unwrap(), []);
    assert_eq!(consistency_proof(0, 5, never).unwrap(), []);
}

#[test]
fn an_entry_that_is_too_long_changes_nothing() {
    let (tree, _) = grown(&[3]);
    let before = tree.clone();
    let result = tree.append(&[vec![1], vec![0; 65_536]]);
    assert!(matches!(result, Err(TreeError::Bundle { source: BundleError::EntryTooLong(65_536), .. })));
    assert_eq!(tree, before);
}

#[test]
fn damaged_storage_is_noticed_when_the_tree_is_opened() {
    let (tree, store) = grown(&[700]);
    let open = |store: &Store| Tree::open(700, tree.root(), from(store));
    for tile in tile::edge(700) {
        let good = &store[&tile];
        for at in (0..good.len()).step_by(7) {
            let mut damaged = store.clone();
            damaged.get_mut(&tile).unwrap()[at] ^= 1;
            let error = open(&damaged).unwrap_err();
            match tile.rank() {
                Rank::Level(_) => assert!(matches!(error, TreeError::Root), "{tile} at {at}: {error}"),
                Rank::Entries => assert!(
                    matches!(
                        error,
                        TreeError::Entry(512..700) | TreeError::Bundle { .. } | TreeError::Length(_)
                    ),
                    "{tile} at {at}: {error}"
                ),
            }
        }
        let mut shorter = store.clone();
        shorter.get_mut(&tile).unwrap().pop();
        assert!(open(&shorter).is_err(), "{tile}");
        let mut missing = store.clone();
        missing.remove(&tile);
        assert!(
            matches!(open(&missing), Err(TreeError::Fetch { tile: named, source }) if named == tile && source == tile.path())
        );
    }
    // A whole entry missing at the end of the bundle, as an old copy would have it.
    let mut old = store.clone();
    old.insert(
        Tile::at(Rank::Entries, 2, 700).unwrap(),
        store[&Tile::at(Rank::Entries, 2, 700).unwrap()][..100].to_vec(),
    );
    assert!(open(&old).is_err());
    // The first wrong entry is named.
    let place = Tile::at(Rank::Entries, 2, 700).unwrap();
    let mut changed = store.clone();
    let at = 18 * 5 + 4;
    changed.get_mut(&place).unwrap()[at] ^= 1;
    assert!(matches!(open(&changed), Err(TreeError::Entry(517))));
    // Tiles of another size of the same log.
    assert!(matches!(Tree::open(700, grown(&[699]).0.root(), from(&store)), Err(TreeError::Root)));
}

#[test]
fn a_tile_of_the_wrong_length_gives_no_proof() {
    let (_, mut store) = grown(&[300]);
    let tile = Tile::at(Rank::Level(0), 1, 300).unwrap();
    store.get_mut(&tile).unwrap().pop();
    assert!(
        matches!(inclusion_proof(299, 300, from(&store)), Err(TreeError::Length(named)) if named == tile)
    );
}

#[test]
fn proofs_in_the_largest_tree_ask_for_few_tiles() {
    let last = MAX_SIZE - 1;
    assert!(inclusion_tiles(0, last).unwrap().len() <= 16);
    assert!(consistency_tiles(last - 1, last).unwrap().len() <= 16);
    let zeroes = |tile: &Tile| Ok::<_, ()>(vec![0; 32 * usize::from(tile.width())]);
    assert!(inclusion_proof(last - 1, last, zeroes).unwrap().len() <= 62);
    assert_eq!(inclusion_tiles(0, u64::MAX), Err(MerkleError::OutOfRange));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn batches_do_not_matter_and_proofs_verify(
        batches in prop::collection::vec(prop_oneof![Just(0u64), 1..5u64, 200..300u64, 250..1000u64], 1..6),
        index in any::<prop::sample::Index>(),
        old in any::<prop::sample::Index>(),
    ) {
        let (tree, store) = grown(&batches);
        let size = tree.size();
        let (whole, whole_store) = grown(&[size]);
        prop_assert_eq!(&tree, &whole);
        // Growing in steps leaves older partial tiles behind and the same final ones.
        prop_assert!(whole_store.iter().all(|(tile, bytes)| store.get(tile) == Some(bytes)));
        prop_assert_eq!(&Tree::open(size, tree.root(), from(&store)).unwrap(), &tree);
        let oracle = oracle(size);
        prop_assert_eq!(tree.root().0, <[u8; 32]>::from(*oracle.root().as_bytes()));

        if size > 0 {
            let index = index.index(usize::try_from(size).unwrap());
            let asked = RefCell::new(BTreeSet::new());
            let fetch = |tile: &Tile| { asked.borrow_mut().insert(*tile); from(&whole_store)(tile) };
            let proof = inclusion_proof(index as u64, size, fetch).unwrap();
            prop_assert_eq!(asked.take(), inclusion_tiles(index as u64, size).unwrap().into_iter().collect());
            let expected = oracle.prove_inclusion(index);
            prop_assert_eq!(bytes(&proof), expected.as_bytes());
            let leaf = merkle::leaf_hash(&entries(index as u64..index as u64 + 1)[0]);
            prop_assert_eq!(merkle::verify_inclusion(index as u64, size, leaf, &proof, tree.root()), Ok(()));

            let old = 1 + old.index(usize::try_from(size).unwrap()) as u64;
            let old_root = grown(&[old]).0.root();
            let proof = consistency_proof(old, size, fetch).unwrap();
            prop_assert_eq!(asked.take(), consistency_tiles(old, size).unwrap().into_iter().collect());
            let expected = oracle.prove_consistency(usize::try_from(size - old).unwrap());
            prop_assert_eq!(bytes(&proof), expected.as_bytes());
            prop_assert_eq!(merkle::verify_consistency(old, size, &proof, old_root, tree.root()), Ok(()));
        }
    }

    #[test]
    fn hostile_proofs_never_pass_or_panic(
        index in 0..1u64 << 62, size in 0..=1u64 << 62,
        proof in prop::collection::vec(any::<[u8; 32]>().prop_map(Hash), 0..70),
    ) {
        let root = Hash([9; 32]);
        prop_assert!(merkle::verify_inclusion(index, size, Hash([1; 32]), &proof, root).is_err());
        prop_assert!(merkle::verify_consistency(index, size, &proof, Hash([1; 32]), root).is_err());
    }
}

#[test]
fn a_monitor_begins_in_the_middle_and_only_the_true_edge_grows_into_the_root() {
    let (whole, _) = grown(&[1000]);
    for size in [0, 1, 255, 256, 257, 999, 1000] {
        let (begun, store) = grown(&[size]);
        let edge = Tree::begin_at(size, from(&store)).unwrap();
        assert_eq!(edge, begun);
        assert_eq!(edge.append(&entries(size..1000)).unwrap().tree.root(), whole.root(), "{size}");
    }
    let (_, mut store) = grown(&[600]);
    let leaves = Tile::at(Rank::Level(0), 2, 600).unwrap();
    store.get_mut(&leaves).unwrap()[0] ^= 1;
    assert!(matches!(Tree::begin_at(600, from(&store)), Err(TreeError::Entry(512))));
    let above = Tile::at(Rank::Level(1), 0, 600).unwrap();
    let (_, mut store) = grown(&[600]);
    store.get_mut(&above).unwrap()[0] ^= 1;
    let edge = Tree::begin_at(600, from(&store)).unwrap();
    assert_ne!(edge.append(&entries(600..1000)).unwrap().tree.root(), whole.root());
}
