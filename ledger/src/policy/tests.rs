use super::*;
use crate::{cosignature::Cosigner, key::Signer, merkle::leaf_hash};
use proptest::prelude::*;
use rstest::rstest;

fn log() -> Signer {
    Signer::from_seed("log.example/guxin", &[7; 32]).unwrap()
}

fn witness(n: u8) -> Cosigner {
    Cosigner::from_seed(&format!("w{n}.example"), &[n; 32]).unwrap()
}

fn vkey(n: u8) -> String {
    witness(n).verifier_key().to_string()
}

/// A checkpoint with the cosignatures of these witnesses.
fn checkpoint(cosigners: &[u8]) -> String {
    let checkpoint =
        Checkpoint { origin: log().name().to_owned(), size: 1, root: leaf_hash(b"a single entry") };
    let note = checkpoint.sign(&log()).unwrap();
    let text = checkpoint.to_string();
    cosigners
        .iter()
        .fold(note, |note, n| note.with(witness(*n).cosign(&text, 1000 + u64::from(*n))))
        .to_string()
}

fn three_of_four() -> Policy {
    let witnesses: Vec<_> =
        (1..=4).map(|n| (format!("w{n}"), Party { key: witness(n).verifier_key(), url: None })).collect();
    Policy::threshold(&log().verifier_key(), &witnesses, safe_quorum(4)).unwrap()
}

#[rstest]
#[case(0, 0)]
#[case(1, 1)]
#[case(2, 2)]
#[case(3, 3)]
#[case(4, 3)]
#[case(5, 4)]
#[case(7, 5)]
fn any_two_quorums_share_an_honest_witness(#[case] witnesses: usize, #[case] quorum: usize) {
    assert_eq!(safe_quorum(witnesses), quorum);
    let liars = witnesses.saturating_sub(1) / 3;
    assert!(witnesses == 0 || 2 * quorum > witnesses + liars);
}

#[rstest]
#[case(&[], false)]
#[case(&[1, 2], false)]
#[case(&[1, 2, 4], true)]
#[case(&[4, 3, 2, 1], true)]
// The same witness three times is one witness; a stranger is none.
#[case(&[1, 1, 1], false)]
#[case(&[1, 2, 9], false)]
fn three_of_four_must_cosign(#[case] cosigners: &[u8], #[case] is_final: bool) {
    let judged = three_of_four().open(&checkpoint(cosigners), None).unwrap();
    assert_eq!(judged.is_final, is_final);
    assert_eq!(judged.present.len() + judged.missing.len(), 4);
    for n in 1..=4 {
        let name = format!("w{n}");
        let time = 1000 + u64::from(n);
        assert_eq!(cosigners.contains(&n), judged.present.contains(&(name.clone(), time)));
        assert_eq!(!cosigners.contains(&n), judged.missing.contains(&name));
    }
}

#[test]
fn two_levels_of_groups_as_in_the_specification() {
    let mut text = format!("# two organisations\nlog {}\n\n", log().verifier_key());
    for (n, name) in (1..).zip(["X1", "X2", "X3", "Y1", "Y2", "Y3"]) {
        text.push_str(&format!("\twitness {name}  {} https://{name}.example/ \n", vkey(n)));
    }
    text.push_str("group X 2 X1 X2 X3\ngroup Y any Y1 Y2 Y3\ngroup both all X Y\nquorum both\n");
    let policy: Policy = text.parse().unwrap();
    assert_eq!(policy.witnesses()[3].1.url.as_deref(), Some("https://Y1.example/"));
    let is_final = |cosigners: &[u8]| policy.open(&checkpoint(cosigners), None).unwrap().is_final;
    assert!(is_final(&[1, 3, 5]));
    assert!(!is_final(&[1, 2, 3]));
    assert!(!is_final(&[1, 4, 5, 6]));
    assert_eq!(policy.to_string().parse::<Policy>().unwrap(), policy);
}

#[test]
fn the_logs_signature_is_required() {
    let policy = three_of_four();
    let other = Signer::from_seed("log.example/guxin", &[8; 32]).unwrap().verifier_key();
    let note = checkpoint(&[1, 2, 3]);
    assert!(policy.open(&note, Some(&log().verifier_key())).unwrap().is_final);
    assert_eq!(policy.open(&note, Some(&other)), Err(NoteError::Unsigned.into()));

    let text = note.split_inclusive('\n').take(3).collect::<String>();
    let unsigned = (1..=3).fold(Note::new(&text).unwrap(), |note, n| note.with(witness(n).cosign(&text, 1)));
    assert_eq!(policy.open(&unsigned.to_string(), None), Err(NoteError::Unsigned.into()));
    let forged = unsigned.with(log().sign(&text)).with(witness(4).cosign("other\n", 1));
    assert!(matches!(
        policy.open(&forged.to_string(), None),
        Err(CheckpointError::Note(NoteError::Signature(_)))
    ));
}

#[test]
fn without_witnesses_and_without_logs() {
    let none: Policy = "quorum none\n".parse().unwrap();
    assert_eq!(none.open(&checkpoint(&[]), None), Err(NoteError::Unsigned.into()));
    let judged = none.open(&checkpoint(&[1]), Some(&log().verifier_key())).unwrap();
    assert!(judged.is_final && judged.present.is_empty() && judged.missing.is_empty());
    assert_eq!(Policy::threshold(&log().verifier_key(), &[], 0).unwrap().logs().len(), 1);
    let error = Policy::threshold(&log().verifier_key(), &[], 3).unwrap_err();
    assert_eq!(error, PolicyError { line: 2, problem: Problem::Words("group <name> all|any|<k> <name>...") });
}

#[rstest]
#[case("", 1, Problem::NoQuorum)]
#[case("# nothing\n\n", 3, Problem::NoQuorum)]
#[case("quorum none\nquorum none\n", 2, Problem::SecondQuorum)]
#[case("quorum w\n", 1, Problem::Unknown("w".into()))]
#[case("quorum\n", 1, Problem::Words("quorum <name>"))]
#[case("Quorum none\n", 1, Problem::Keyword("Quorum".into()))]
#[case("quorum none\r\n", 1, Problem::Text)]
#[case("log x\nquorum none\n", 1, Problem::Key(KeyError::Format))]
#[case("log\nquorum none\n", 1, Problem::Words("log <vkey> [<url>]"))]
#[case("log {log}\nlog {log} https://a b\nquorum none\n", 2, Problem::Words("log <vkey> [<url>]"))]
#[case("log {log}\n\nlog {log}\nquorum none\n", 3, Problem::DuplicateKey)]
#[case("log {1}\nquorum none\n", 1, Problem::KeyType("log"))]
#[case("witness a {log}\nquorum a\n", 1, Problem::KeyType("witness"))]
#[case("witness a {1}\nwitness b {1}\nquorum a\n", 2, Problem::DuplicateKey)]
#[case("witness a {1}\nwitness a {2}\nquorum a\n", 2, Problem::Taken("a".into()))]
#[case("witness none {1}\nquorum none\n", 1, Problem::Taken("none".into()))]
#[case("witness a {1}\ngroup a any a\nquorum a\n", 2, Problem::Taken("a".into()))]
#[case("witness a {1}\ngroup g any a b\nwitness b {2}\nquorum g\n", 2, Problem::Unknown("b".into()))]
#[case("witness a {1}\ngroup g any a a\nquorum g\n", 2, Problem::Member("a".into()))]
#[case("witness a {1}\ngroup g any a\ngroup h any a\nquorum g\n", 3, Problem::Member("a".into()))]
#[case("witness a {1}\ngroup g any none\nquorum g\n", 2, Problem::Unknown("none".into()))]
#[case("witness a {1}\ngroup g 0 a\nquorum g\n", 2, Problem::Threshold { given: "0".into(), members: 1 })]
#[case("witness a {1}\ngroup g 2 a\nquorum g\n", 2, Problem::Threshold { given: "2".into(), members: 1 })]
#[case("witness a {1}\ngroup g 01 a\nquorum g\n", 2, Problem::Threshold { given: "01".into(), members: 1 })]
#[case("witness a {1}\ngroup g any\nquorum g\n", 2, Problem::Words("group <name> all|any|<k> <name>..."))]
fn errors_name_the_line(#[case] text: &str, #[case] line: usize, #[case] problem: Problem) {
    let text = text
        .replace("{log}", &log().verifier_key().to_string())
        .replace("{1}", &vkey(1))
        .replace("{2}", &vkey(2));
    assert_eq!(text.parse::<Policy>(), Err(PolicyError { line, problem }));
}

#[test]
fn the_same_key_under_another_name_is_a_duplicate() {
    let renamed = Cosigner::from_seed("other.example", &[1; 32]).unwrap().verifier_key();
    let text = format!("witness a {}\nwitness b {renamed}\ngroup g 2 a b\nquorum g\n", vkey(1));
    assert_eq!(text.parse::<Policy>(), Err(PolicyError { line: 2, problem: Problem::DuplicateKey }));
}

proptest! {
    #[test]
    fn exactly_the_threshold_decides(n in 1u8..8, least in 1usize..8, mask: u8) {
        prop_assume!(least <= usize::from(n));
        let witnesses: Vec<_> =
            (1..=n).map(|i| (format!("w{i}"), Party { key: witness(i).verifier_key(), url: None })).collect();
        let policy = Policy::threshold(&log().verifier_key(), &witnesses, least).unwrap();
        let cosigners: Vec<u8> = (1..=n).filter(|i| mask & (1 << (i - 1)) != 0).collect();
        let judged = policy.open(&checkpoint(&cosigners), None).unwrap();
        prop_assert_eq!(judged.is_final, cosigners.len() >= least);
        prop_assert_eq!(policy.to_string().parse::<Policy>().unwrap(), policy);
    }

    #[test]
    fn arbitrary_text_never_panics(text in any::<String>()) {
        let _ = text.parse::<Policy>();
    }

    #[test]
    fn arbitrary_lines_never_panic(
        lines in prop::collection::vec("(log|witness|group|quorum|#)( [a-c1-3]| any| all| none| KEY){0,5}", 0..8)
    ) {
        let text = lines.join("\n").replace("KEY", &vkey(1));
        if let Ok(policy) = text.parse::<Policy>() {
            prop_assert_eq!(policy.to_string().parse::<Policy>().unwrap(), policy);
        }
    }
}
