//! A log that changed its key twice, what a reader makes of it, and what does not pass for a change.

use super::*;
use crate::{
    Digests, EntryKind, Timestamp, Tree,
    key::Signer,
    note::Note,
    receipt::{Receipt, Trust, verify, verify_trusting},
    report::Report,
    tree,
};
use std::collections::BTreeMap;

const ORIGIN: &str = "log.example/guxin";

fn signer(seed: u8) -> Signer {
    Signer::from_seed(ORIGIN, &[seed; 32]).unwrap()
}

fn change(number: u64, old: u8, new: u8) -> KeyChange {
    let (old, new) = (signer(old), signer(new));
    let text = KeyChange::statement(number, &old.verifier_key(), &new.verifier_key());
    KeyChange::new(number, old.verifier_key(), new.verifier_key(), old.sign(&text), new.sign(&text)).unwrap()
}

/// Ten events, a change from key 1 to key 2 (index 10), ten events, a change from key 2 to key 3 (index 21), ten events.
fn leaves() -> Vec<Vec<u8>> {
    let time = Timestamp::from_unix_micros(1_763_800_200_123_456).unwrap();
    let event = |n: usize| {
        Entry::new(EntryKind::Evidence, time, "org-1", &format!("evidence:{n}"), 1)
            .with_digests(&Digests::of(b"document"))
            .to_bytes()
            .unwrap()
    };
    let changed = |change: &KeyChange| {
        let mut entry = Entry::new(EntryKind::KeyChange, time, "org-1", "log:0", change.number());
        entry.refs = Some(change.refs());
        entry.to_bytes().unwrap()
    };
    let mut leaves: Vec<_> = (0..10).map(event).collect();
    leaves.push(changed(&change(1, 1, 2)));
    leaves.extend((10..20).map(event));
    leaves.push(changed(&change(2, 2, 3)));
    leaves.extend((20..30).map(event));
    leaves
}

/// The entry at `index` in the tree of the first `size` entries, signed by these keys.
fn proof(leaves: &[Vec<u8>], index: usize, size: usize, keys: &[u8]) -> Proof {
    let growth = Tree::empty().append(&leaves[..size]).unwrap();
    let tiles: BTreeMap<_, _> = growth.tiles.into_iter().collect();
    let of = |tile: &crate::Tile| tiles.get(tile).cloned().ok_or(());
    let hashes = tree::inclusion_proof(index as u64, size as u64, of).unwrap();
    let text = Checkpoint { origin: ORIGIN.into(), size: size as u64, root: growth.tree.root() }.to_string();
    let note = keys.iter().fold(Note::new(&text).unwrap(), |note, key| note.with(signer(*key).sign(&text)));
    Proof { extra: Some(leaves[index].clone()), index: index as u64, hashes, checkpoint: note.to_string() }
}

fn first() -> LogKeys {
    LogKeys::only(signer(1).verifier_key())
}

/// The first change is the last entry of the checkpoint that both signed; after the second one three more went in.
fn keys() -> LogKeys {
    let leaves = leaves();
    first().with(proof(&leaves, 10, 11, &[1, 2])).unwrap().with(proof(&leaves, 21, 25, &[2, 3])).unwrap()
}

#[test]
fn the_times_follow_from_the_links_and_the_text_says_them() {
    let keys = keys();
    let times: Vec<_> = keys.terms().iter().map(|term| (term.from, term.until, term.entry)).collect();
    assert_eq!(times, [(0, Some(11), None), (11, Some(25), Some(10)), (25, None, Some(21))]);
    assert_eq!(*keys.current(), signer(3).verifier_key());
    for (size, key) in [(0, 1), (10, 1), (11, 2), (24, 2), (25, 3), (1_000_000, 3)] {
        assert_eq!(*keys.at(size), signer(key).verifier_key(), "{size}");
    }
    let text = keys.to_string();
    assert!(text.starts_with(&format!("guxin-log-keys/v1\n{} 0 11\n", signer(1).verifier_key())), "{text}");
    assert!(
        text.contains(&format!("\n{} 25 -\n\nc2sp.org/tlog-proof@v1\n", signer(3).verifier_key())),
        "{text}"
    );
    assert_eq!(text.parse::<LogKeys>().unwrap(), keys);
    assert_eq!(first().to_string().parse::<LogKeys>().unwrap(), first());
}

#[test]
fn a_text_that_says_other_times_or_keys_is_refused() {
    let text = keys().to_string();
    for (from, to) in [
        (" 0 11\n", " 0 12\n"),
        (" 25 -\n", " 25 99\n"),
        (&*format!("{} 11 25\n", signer(2).verifier_key()), ""),
        ("guxin-log-keys/v1", "guxin-log-keys/v2"),
        ("index 10\n", "index 9\n"),
    ] {
        assert!(text.replacen(from, to, 1).parse::<LogKeys>().is_err(), "{from}");
        assert_ne!(text.replacen(from, to, 1), text, "{from}");
    }
    for cut in (0..text.len()).step_by(7) {
        assert!(text.get(..cut).is_none_or(|text| text.parse::<LogKeys>().is_err()), "{cut}");
    }
    // The first key is what the chain begins with: another one does not lead on.
    let other = signer(9).verifier_key().to_string();
    assert!(text.replace(&signer(1).verifier_key().to_string(), &other).parse::<LogKeys>().is_err());
}

#[test]
fn what_is_no_change_of_the_key_is_refused() {
    let leaves = leaves();
    let refused = |link: Proof| first().with(link).unwrap_err();
    // Only one of the two signed the checkpoint.
    for alone in [1, 2] {
        assert!(matches!(refused(proof(&leaves, 10, 11, &[alone])), LogKeysError::Checkpoint(_)), "{alone}");
    }
    assert_eq!(refused(proof(&leaves, 9, 11, &[1, 2])), LogKeysError::Entry);
    assert_eq!(refused(proof(&leaves, 21, 25, &[2, 3])), LogKeysError::Order(2));
    let mut elsewhere = proof(&leaves, 10, 11, &[1, 2]);
    elsewhere.index = 9;
    assert!(matches!(refused(elsewhere), LogKeysError::Inclusion(_)));
    let bare = Proof { extra: None, ..proof(&leaves, 10, 11, &[1, 2]) };
    assert_eq!(refused(bare), LogKeysError::Entry);
    // Back to a key that was retired.
    let mut back = leaves;
    let time = Timestamp::from_unix_micros(1_763_800_200_123_456).unwrap();
    let mut entry = Entry::new(EntryKind::KeyChange, time, "org-1", "log:0", 3);
    entry.refs = Some(change(3, 3, 1).refs());
    back.push(entry.to_bytes().unwrap());
    let at = back.len();
    assert_eq!(keys().with(proof(&back, at - 1, at, &[3, 1])).unwrap_err(), LogKeysError::Reused);
}

fn code(report: &Report) -> &'static str {
    report.first_failure().map_or(report.steps[1].code, |step| step.code)
}

/// A receipt of the event at `index`, with a checkpoint of `size` that `key` signed.
fn receipt(index: usize, size: usize, key: u8) -> Vec<u8> {
    let leaves = leaves();
    let proof = proof(&leaves, index, size, &[key]);
    let entry = String::from_utf8(leaves[index].clone()).unwrap();
    Receipt::new(&signer(key).verifier_key(), entry, None, Vec::new(), proof.to_string()).to_bytes().unwrap()
}

#[test]
fn a_receipt_under_a_retired_key_holds_in_its_time_for_whoever_trusts_any_key_of_the_chain() {
    let (keys, early) = (keys(), receipt(3, 9, 1));
    let with = |file: &[u8], seed: u8, keys: Option<&LogKeys>| {
        let vkey = signer(seed).verifier_key().to_string();
        verify_trusting(file, None, &Trust { vkey: Some(&vkey), keys, witnesses: &[] })
    };
    // The key that it names itself goes on being good.
    assert_eq!(
        code(&verify(&early, None, Some(&signer(1).verifier_key().to_string()))),
        "checkpoint.pinned_key"
    );
    assert_eq!(code(&with(&early, 1, Some(&keys))), "checkpoint.pinned_key");
    // The current key alone does not know it; with the chain it does, and so does the one between.
    assert_eq!(code(&with(&early, 3, None)), "checkpoint.other_key");
    assert_eq!(code(&with(&early, 3, Some(&keys))), "checkpoint.chained_key");
    assert_eq!(code(&with(&early, 2, Some(&keys))), "checkpoint.chained_key");
    // Whoever kept the first key is led forward.
    assert_eq!(code(&with(&receipt(28, 32, 3), 1, Some(&keys))), "checkpoint.chained_key");
    // A chain vouches for nothing by itself, nor to somebody whose key is no part of it.
    assert_eq!(code(&with(&early, 9, Some(&keys))), "checkpoint.other_key");
    let nobody = verify_trusting(&early, None, &Trust { keys: Some(&keys), ..Trust::default() });
    assert_eq!(code(&nobody), "checkpoint.own_key");
    // A retired key that goes on signing, and a new one that signs the past.
    for (file, seed) in
        [(receipt(3, 12, 1), 1), (receipt(3, 12, 1), 3), (receipt(3, 9, 2), 3), (receipt(3, 24, 3), 3)]
    {
        let report = with(&file, seed, Some(&keys));
        assert_eq!(code(&report), "checkpoint.refused");
        assert!(report.first_failure().unwrap().detail.contains("signed for the log at sizes"));
    }
}

#[test]
fn whoever_takes_all_keys_from_one_source_needs_no_chain() {
    let accepted = keys().accepted();
    let words: Vec<_> = accepted.split(' ').collect();
    assert_eq!(words[0], signer(3).verifier_key().to_string());
    assert_eq!(words[2], format!("{}@11", signer(1).verifier_key()));
    let with = |file: &[u8]| code(&verify(file, None, Some(&accepted)));
    for (size, key) in [(9, 1), (11, 1), (11, 2), (24, 2), (25, 2), (32, 3)] {
        assert_eq!(with(&receipt(3, size, key)), "checkpoint.pinned_key", "{size} {key}");
    }
    for (size, key) in [(12, 1), (26, 2), (32, 2)] {
        assert_eq!(with(&receipt(3, size, key)), "checkpoint.refused", "{size} {key}");
    }
    assert_eq!(with(&receipt(3, 9, 9)), "checkpoint.other_key");
    let leaves = leaves();
    for (size, key) in [(9, 1), (24, 2), (32, 3)] {
        assert_eq!(with(proof(&leaves, 3, size, &[key]).to_string().as_bytes()), "checkpoint.pinned_key");
    }
    assert_eq!(with(proof(&leaves, 3, 12, &[1]).to_string().as_bytes()), "checkpoint.refused");
    for none in ["", " ", "x@5", "@", &format!("{accepted} x")] {
        assert_eq!(code(&verify(&receipt(3, 9, 1), None, Some(none))), "checkpoint.key_unreadable", "{none}");
    }
}

#[test]
fn a_bare_proof_is_checked_with_the_key_of_its_size() {
    let (keys, leaves) = (keys(), leaves());
    let with = |proof: Proof, seed: u8| {
        let vkey = signer(seed).verifier_key().to_string();
        let trust = Trust { vkey: Some(&vkey), keys: Some(&keys), witnesses: &[] };
        let report = verify_trusting(proof.to_string().as_bytes(), None, &trust);
        code(&report)
    };
    assert_eq!(with(proof(&leaves, 3, 9, &[1]), 3), "checkpoint.chained_key");
    assert_eq!(with(proof(&leaves, 3, 9, &[1]), 1), "checkpoint.pinned_key");
    assert_eq!(with(proof(&leaves, 3, 11, &[1, 2]), 1), "checkpoint.pinned_key");
    assert_eq!(with(proof(&leaves, 3, 11, &[1, 2]), 3), "checkpoint.chained_key");
    assert_eq!(with(proof(&leaves, 3, 12, &[1]), 3), "checkpoint.refused");
    assert_eq!(with(proof(&leaves, 3, 12, &[9]), 3), "checkpoint.refused");
    let bare = proof(&leaves, 3, 9, &[1]).to_string();
    assert_eq!(code(&verify(bare.as_bytes(), None, None)), "checkpoint.key_missing");
}

#[test]
fn checkpoints_are_opened_and_looked_at_with_the_key_of_their_size() {
    let (keys, leaves) = (keys(), leaves());
    let note = |size, signers: &[u8]| proof(&leaves, 3, size, signers).checkpoint;
    for (size, key) in [(9, 1), (11, 2), (24, 2), (32, 3)] {
        assert_eq!(keys.open(&note(size, &[key]), &[]).unwrap().checkpoint.size, size as u64);
        assert_eq!(keys.examine(&note(size, &[key]), &[]).unwrap().wrong, []);
    }
    assert!(keys.open(&note(24, &[1]), &[]).is_err() && keys.open(&note(9, &[3]), &[]).is_err());
    assert!(keys.examine(&note(24, &[1]), &[]).is_err());
    // What is damaged after the log's own line hides nothing.
    let damaged = note(24, &[2]) + "\u{2014} nonsense\n";
    assert!(keys.open(&damaged, &[]).is_err());
    assert_eq!(keys.examine(&damaged, &[]).unwrap().wrong.len(), 1);
    assert!(keys.knows(ORIGIN, signer(1).verifier_key().key_id()) && !keys.knows(ORIGIN, [0; 4]));
}
