use super::*;
use crate::{Tile, Tree, cosignature::Cosigner, key::Signer, tree};
use proptest::prelude::*;
use rstest::rstest;
use std::collections::BTreeMap;

const ORIGIN: &str = "log.example/guxin";

fn signer() -> Signer {
    Signer::from_seed(ORIGIN, &[7; 32]).unwrap()
}

fn logs() -> Vec<KnownLog> {
    let other = Signer::from_seed("other.example", &[8; 32]).unwrap();
    vec![
        KnownLog { origin: "other.example".into(), keys: vec![other.verifier_key()] },
        KnownLog { origin: ORIGIN.into(), keys: vec![signer().verifier_key()] },
    ]
}

fn witness() -> Cosigner {
    Cosigner::from_seed("witness.example/w1", &[3; 32]).unwrap()
}

fn entries(size: u64) -> Vec<String> {
    (0..size).map(|index| format!("entry {index}")).collect()
}

fn checkpoint(size: u64) -> Checkpoint {
    let root = Tree::empty().append(&entries(size)).unwrap().tree.root();
    Checkpoint { origin: ORIGIN.into(), size, root }
}

fn proof(old: u64, new: u64) -> Vec<Hash> {
    let tiles: BTreeMap<Tile, _> = Tree::empty().append(&entries(new)).unwrap().tiles.into_iter().collect();
    tree::consistency_proof(old, new, |tile| tiles.get(tile).cloned().ok_or(())).unwrap()
}

fn request(old: u64, new: u64) -> Request {
    let checkpoint = checkpoint(new).sign(&signer()).unwrap().to_string();
    Request { old, proof: proof(old, new), checkpoint }
}

fn judge(request: &Request, last: Option<&Checkpoint>) -> Result<(), Refusal> {
    let read: Request = request.to_string().parse()?;
    assert_eq!(read, *request);
    read.open(&logs())?.judge(last)
}

/// The request of the specification, with hashes of the right length.
#[test]
fn the_specifications_example_is_read() {
    let body = "old 20852014\n\
        PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\
        jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n\
        5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n\
        /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\
        \n\
        example.com/behind-the-sofa\n\
        20852163\n\
        CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\
        \n\
        \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
    let request: Request = body.parse().unwrap();
    assert_eq!((request.old, request.proof.len()), (20_852_014, 4));
    assert_eq!(request.to_string(), body);
    let refusal = request.open(&logs()).unwrap_err();
    assert_eq!((refusal.status(), refusal.code()), (404, "unknown_origin"));
}

#[test]
fn a_log_that_grows_is_cosigned() {
    let mut last = None;
    for (old, new) in [(0, 1), (1, 1), (1, 3), (3, 300), (300, 301)] {
        let submitted = request(old, new).open(&logs()).unwrap();
        assert_eq!(submitted.judge(last.as_ref()), Ok(()), "{old} -> {new}");
        let answer = format!("{}\n", witness().cosign(&submitted.text, 1_700_000_000));
        let key = witness().verifier_key();
        let (line, time) = cosignature(&answer, &submitted.text, &key).unwrap();
        assert_eq!(time, 1_700_000_000);
        let note: Note = submitted.note().parse().unwrap();
        assert_eq!(note.with(line).verify(&[&key]).unwrap().len(), 1);
        last = Some(submitted.checkpoint);
    }
}

#[test]
fn each_refusal_has_the_specifications_status() {
    let last = checkpoint(5);
    let refusal = |request: &Request| {
        let refusal = judge(request, Some(&last)).unwrap_err();
        (refusal.status(), refusal)
    };
    // Not the size cosigned last; larger than the checkpoint; smaller than what was cosigned.
    assert_eq!(refusal(&request(0, 7)), (409, Refusal::Stale(5)));
    assert_eq!(refusal(&request(3, 4)), (409, Refusal::Stale(5)));
    assert_eq!(refusal(&Request { old: 8, ..request(5, 7) }), (400, Refusal::OldSize));
    // Proofs: none, of other sizes, one hash too many, and one where there must be none.
    assert_eq!(refusal(&Request { proof: Vec::new(), ..request(5, 7) }).0, 422);
    assert_eq!(refusal(&Request { proof: proof(4, 7), ..request(5, 7) }).0, 422);
    let long = [proof(5, 7), vec![Hash([0; 32])]].concat();
    assert_eq!(refusal(&Request { proof: long, ..request(5, 7) }).0, 422);
    let first = Request { proof: vec![Hash([0; 32])], ..request(0, 7) };
    assert_eq!(judge(&first, None), Err(Refusal::Proof(MerkleError::ProofLength)));
    // Two histories of one size.
    let forked = Checkpoint { root: Hash([9; 32]), ..checkpoint(5) };
    let forked =
        Request { old: 5, proof: Vec::new(), checkpoint: forked.sign(&signer()).unwrap().to_string() };
    assert_eq!(refusal(&forked), (409, Refusal::Fork(5)));
    let hidden = Request { old: 2, ..forked }.open(&logs()).unwrap();
    assert_eq!(hidden.judge(Some(&last)), Err(Refusal::Stale(5)));
    assert!(hidden.contradicts(Some(&last)), "a fork is seen behind a wrong old size, too");
    // Signed by nobody known; by the right key over another text; by another log's key.
    let stranger = Signer::from_seed(ORIGIN, &[9; 32]).unwrap();
    let unsigned =
        Request { checkpoint: checkpoint(7).sign(&stranger).unwrap().to_string(), ..request(5, 7) };
    assert_eq!(refusal(&unsigned), (403, Refusal::Signature(NoteError::Unsigned)));
    let body = checkpoint(7).to_string();
    let forged = Note::new(&body).unwrap().with(signer().sign("other\n")).to_string();
    assert_eq!(refusal(&Request { checkpoint: forged, ..request(5, 7) }).0, 403);
    let other = Signer::from_seed("other.example", &[8; 32]).unwrap();
    let foreign = Note::new(&body).unwrap().with(other.sign(&body)).to_string();
    assert_eq!(refusal(&Request { checkpoint: foreign, ..request(5, 7) }).0, 403);
}

#[test]
fn extension_lines_are_cosigned_as_they_stand() {
    let text = format!("{}a line that this witness does not know\n", checkpoint(2));
    let note = Note::new(&text).unwrap().with(signer().sign(&text)).to_string();
    let submitted = Request { old: 0, proof: Vec::new(), checkpoint: note }.open(&logs()).unwrap();
    assert_eq!(submitted.judge(None), Ok(()));
    assert_eq!(submitted.text, text);
}

#[rstest]
#[case("")]
#[case("old 0\n\n")]
#[case("old 0\nlog.example/guxin\n")]
#[case("old\n\nx\n")]
#[case("old 01\n\nx\n")]
#[case("old +1\n\nx\n")]
#[case("old -1\n\nx\n")]
#[case("old 18446744073709551616\n\nx\n")]
#[case("old  0\n\nx\n")]
#[case("Old 0\n\nx\n")]
#[case("old 0\r\n\r\nx\n")]
#[case("old 1\nnot base64\n\nx\n")]
#[case("old 1\nKgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\nx\n")]
#[case("\nold 0\n\nx\n")]
fn other_bodies_are_malformed(#[case] body: &str) {
    let refused = body.parse::<Request>().and_then(|request| request.open(&logs())).unwrap_err();
    assert_eq!(refused, Refusal::Malformed, "{body:?}");
}

#[test]
fn at_most_63_proof_lines_are_read() {
    let many = |lines| Request { proof: vec![Hash([1; 32]); lines], ..request(1, 2) }.to_string();
    assert!(many(63).parse::<Request>().is_ok());
    assert_eq!(many(64).parse::<Request>(), Err(Refusal::Malformed));
}

#[test]
fn an_answer_must_be_signed_by_the_registered_key() {
    let (text, key) = (checkpoint(2).to_string(), witness().verifier_key());
    let line = |seed: u8, text: &str| {
        Cosigner::from_seed("witness.example/w1", &[seed; 32]).unwrap().cosign(text, 5).to_string()
    };
    let good = line(3, &text);
    assert!(cosignature(&format!("{}\n{good}\n", line(4, &text)), &text, &key).is_ok());
    let other = AnswerError::OtherKey("witness.example/w1".into());
    assert_eq!(cosignature(&format!("{}\n", line(4, &text)), &text, &key), Err(other));
    let wrong = AnswerError::Signature("witness.example/w1".into());
    assert_eq!(cosignature(&format!("{}\n", line(3, "other\n")), &text, &key), Err(wrong));
    for answer in ["", "\n", "sorry\n", &good, "\u{2014} w AAAA\n"] {
        assert_eq!(cosignature(answer, &text, &key), Err(AnswerError::Format), "{answer:?}");
    }
}

#[test]
fn a_size_is_a_line_of_its_own() {
    assert_eq!(size("20852014\n"), Ok(20_852_014));
    for answer in ["", "\n", "5", "05\n", "5\n\n", " 5\n", "-5\n"] {
        assert_eq!(size(answer), Err(AnswerError::Format), "{answer:?}");
    }
}

proptest! {
    #[test]
    fn honest_growth_is_cosigned_and_any_other_history_is_not(old in 0u64..80, grown in 0u64..80, flip: prop::sample::Index) {
        let (last, new) = (checkpoint(old), old + grown);
        let last = (old > 0).then_some(&last);
        prop_assert_eq!(judge(&request(old, new), last), Ok(()));
        // A witness that saw another tree of the old size refuses the same request.
        if old > 0 {
            let mut other = checkpoint(old);
            other.root.0[flip.index(32)] ^= 1;
            prop_assert!(judge(&request(old, new), Some(&other)).is_err());
        }
    }

    #[test]
    fn a_changed_hash_of_the_proof_is_noticed(old in 1u64..60, grown in 1u64..60, at: prop::sample::Index, bit in 0usize..256) {
        let mut request = request(old, old + grown);
        prop_assume!(!request.proof.is_empty());
        let at = at.index(request.proof.len());
        request.proof[at].0[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(matches!(judge(&request, Some(&checkpoint(old))), Err(Refusal::Proof(_))));
    }

    #[test]
    fn arbitrary_bodies_never_panic(body in any::<String>()) {
        let _ = body.parse::<Request>().map(|request| request.open(&logs()));
        let _ = cosignature(&body, &body, &witness().verifier_key());
        let _ = size(&body);
    }

    #[test]
    fn bodies_that_almost_fit_never_panic(
        body in "old [0-9]{1,20}\n([A-Za-z0-9+/]{43}=\n){0,3}\n(log.example/guxin\n)?[0-9]{1,20}\n[A-Za-z0-9+/]{43}=\n\n\u{2014} log.example/guxin [A-Za-z0-9+/]{91}=\n"
    ) {
        if let Ok(request) = body.parse::<Request>() {
            prop_assert_eq!(request.to_string(), body);
            prop_assert!(request.open(&logs()).is_err());
        }
    }
}
