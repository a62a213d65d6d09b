//! A whole receipt, and every way we know of to falsify it.

use super::*;
use crate::{
    EntryKind, HashRef, Timestamp, Tree,
    cosignature::Cosigner,
    key::Signer,
    manifest::{Document, RulePack},
    note::Note,
    report::Verdict,
    testing::SoftwareAuthenticator,
    tree,
};
use proptest::prelude::*;
use rstest::rstest;
use std::collections::BTreeMap;

const ORIGIN: &str = "guxin.example/ledger";
const SITE: &str = "http://localhost:3000";

/// Some ninety events around ours, so that the proofs have hashes.
struct World {
    signer: Signer,
    leaves: Vec<Vec<u8>>,
}

impl World {
    fn new() -> Self {
        let leaves = (0..90)
            .map(|i| entry(EntryKind::Registration, &format!("org-{i}"), "x", 1).to_bytes().unwrap())
            .collect();
        Self { signer: Signer::from_seed(ORIGIN, &[7; 32]).unwrap(), leaves }
    }

    fn vkey(&self) -> String {
        self.signer.verifier_key().to_string()
    }

    fn add(&mut self, entry: &Entry) -> u64 {
        self.leaves.push(entry.to_bytes().unwrap());
        self.leaves.len() as u64 - 1
    }

    fn proof(&self, index: u64, with_entry: bool) -> Proof {
        let growth = Tree::empty().append(&self.leaves).unwrap();
        let tiles: BTreeMap<_, _> = growth.tiles.into_iter().collect();
        let size = growth.tree.size();
        let hashes = tree::inclusion_proof(index, size, |tile| tiles.get(tile).cloned().ok_or(())).unwrap();
        let checkpoint = Checkpoint { origin: ORIGIN.into(), size, root: growth.tree.root() };
        let checkpoint = checkpoint.sign(&self.signer).unwrap().to_string();
        let extra = with_entry.then(|| self.leaves[usize::try_from(index).unwrap()].clone());
        Proof { extra, index, hashes, checkpoint }
    }

    fn text(&self, index: u64) -> String {
        String::from_utf8(self.leaves[usize::try_from(index).unwrap()].clone()).unwrap()
    }
}

fn entry(kind: EntryKind, org: &str, object: &str, version: u64) -> Entry {
    Entry::new(kind, Timestamp::from_unix_micros(1_763_800_200_123_456).unwrap(), org, object, version)
}

fn listed(slot: &str, name: &str) -> Document {
    let Digests { sha256, sm3 } = Digests::of(name.as_bytes());
    Document {
        slot: slot.into(),
        name: name.into(),
        sha256,
        sm3,
        size: name.len() as u64,
        media_type: "application/pdf".into(),
    }
}

fn document(name: &str) -> Digests {
    Digests::of(name.as_bytes())
}

fn manifest(documents: Vec<Document>) -> Manifest {
    let rule_pack = RulePack { id: "listing".into(), version: "2025.1".into(), sha256: [4; 32] };
    Manifest::new("filing-19", 2, rule_pack, HashRef([5; 32]), documents).unwrap()
}

fn statement(decision: Decision, documents: &[&str]) -> Statement {
    let documents = documents.iter().map(|name| document(name));
    Statement::new(decision, "filing-19", "5-1", "firm-03", documents, None, &[0xab; 16]).unwrap()
}

fn attest(world: &mut World, statement: &Statement, change: impl Fn(Entry) -> Entry) -> (Attestation, u64) {
    let mut passkey = SoftwareAuthenticator::from_seed(&[1; 32]);
    let text = statement.to_text().unwrap();
    let signed = passkey.assert("localhost", SITE, &Statement::challenge(&text));
    let head = entry(EntryKind::Attestation, &statement.firm, &statement.filing, 2);
    let index = world.add(&change(Entry {
        refs: Some(statement.references(passkey.public_key())),
        ..head.with_digests(&statement.digests().unwrap())
    }));
    let attestation = Attestation {
        statement: text,
        public_key: passkey.public_key().to_bytes(),
        authenticator_data: signed.authenticator_data,
        client_data_json: signed.client_data_json,
        signature: signed.signature,
        rp_id: "localhost".into(),
        origin: SITE.into(),
        entry: world.text(index),
        proof: String::new(),
    };
    (attestation, index)
}

fn receipt_with(world: &mut World, statements: &[Statement], change: impl Fn(Entry) -> Entry) -> Receipt {
    let manifest = manifest(vec![
        listed("5-1", "审计报告.pdf"),
        listed("5-1", "审计报告附注.pdf"),
        listed("1-1", "申请书.pdf"),
    ]);
    let mut attestations: Vec<_> =
        statements.iter().map(|statement| attest(world, statement, &change)).collect();
    let index = world.add(
        &entry(EntryKind::Submission, "org-19", "filing-19", 2).with_digests(&manifest.digests().unwrap()),
    );
    for (attestation, index) in &mut attestations {
        attestation.proof = world.proof(*index, true).to_string();
    }
    let attestations = attestations.into_iter().map(|(attestation, _)| attestation).collect();
    let proof = world.proof(index, false).to_string();
    Receipt::new(
        &world.signer.verifier_key(),
        world.text(index),
        Some(manifest.to_text().unwrap()),
        attestations,
        proof,
    )
}

fn receipt(world: &mut World) -> Receipt {
    let statements = [
        statement(Decision::Attest, &["审计报告.pdf", "审计报告附注.pdf"]),
        statement(Decision::Decline, &["审计报告.pdf"]),
    ];
    receipt_with(world, &statements, |entry| entry)
}

fn codes(report: &Report) -> Vec<&'static str> {
    report.steps.iter().map(|step| step.code).collect()
}

fn check(receipt: &Receipt, name: Option<&str>, vkey: Option<&str>) -> Report {
    verify(&receipt.to_bytes().unwrap(), name.map(document).as_ref(), vkey)
}

#[test]
fn a_good_receipt_verifies_step_by_step() {
    let mut world = World::new();
    let receipt = receipt(&mut world);
    let report = check(&receipt, Some("审计报告.pdf"), Some(&world.vkey()));
    assert_eq!(
        codes(&report),
        [
            "format.receipt",
            "checkpoint.pinned_key",
            "inclusion.included",
            "manifest.matches",
            "attestation.attested",
            "attestation.declined",
            "document.found"
        ]
    );
    assert!(report.is_valid() && report.first_failure().is_none());
    assert_eq!(report.steps[2].params["index"], "92");
    assert_eq!(report.steps[4].number, Some(1));
    let found = report.steps.last().unwrap();
    assert_eq!((found.params["slot"].as_str(), found.params["name"].as_str()), ("5-1", "审计报告.pdf"));
    assert!(found.detail.contains("审计报告.pdf") && found.detail_zh.contains("《审计报告.pdf》"));

    let own = check(&receipt, None, None);
    assert_eq!((own.verdict, own.steps[1].code), (Verdict::Valid, "checkpoint.own_key"));
    assert_eq!(own.steps.last().unwrap().outcome, Outcome::Skipped);

    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["format"], "guxin-report/v1");
    assert_eq!(
        (&json["verdict"], &json["steps"][0]["id"], &json["steps"][0]["outcome"]),
        (&"valid".into(), &"format".into(), &"ok".into())
    );
}

#[test]
fn any_flipped_byte_is_noticed() {
    let mut world = World::new();
    let bytes =
        receipt_with(&mut world, &[statement(Decision::Attest, &["审计报告.pdf"])], |entry| entry)
            .to_bytes()
            .unwrap();
    let document = document("审计报告.pdf");
    // Pinned and not: without a pinned key the receipt's own key is under attack as well.
    for (at, _) in bytes.iter().enumerate() {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        let report = verify(&changed, Some(&document), None);
        assert!(!report.is_valid(), "byte {at}");
        assert!(report.first_failure().is_some(), "byte {at}");
    }
    assert!(verify(&bytes, Some(&document), Some(&world.vkey())).is_valid());
}

#[test]
fn a_document_that_was_not_filed() {
    let mut world = World::new();
    let receipt = receipt(&mut world);
    let report = check(&receipt, Some("另一份文件.pdf"), None);
    assert_eq!(
        (report.verdict, report.first_failure().unwrap().code),
        (Verdict::Invalid, "document.unknown")
    );
    let half = Digests { sm3: [0; 32], ..document("申请书.pdf") };
    let report = verify(&receipt.to_bytes().unwrap(), Some(&half), None);
    assert_eq!(report.first_failure().unwrap().code, "document.sm3_differs");
    assert_eq!(report.first_failure().unwrap().params["name"], "申请书.pdf");
}

#[test]
fn the_pinned_key_decides() {
    let mut world = World::new();
    let receipt = receipt(&mut world);
    let stranger = Signer::from_seed(ORIGIN, &[8; 32]).unwrap();
    let report = check(&receipt, None, Some(&stranger.verifier_key().to_string()));
    assert_eq!(codes(&report)[1..4], ["checkpoint.other_key", "not_reached", "manifest.matches"]);
    assert_eq!(
        check(&receipt, None, Some("nonsense")).first_failure().unwrap().code,
        "checkpoint.key_unreadable"
    );

    // A whole log forged under another key, which the receipt then names: only pinning notices.
    let mut forged = World { signer: stranger, ..World::new() };
    let forged = self::receipt(&mut forged);
    assert!(check(&forged, None, None).is_valid());
    assert_eq!(
        check(&forged, None, Some(&world.vkey())).first_failure().unwrap().code,
        "checkpoint.other_key"
    );
    let half_forged = Receipt { log: receipt.log, ..forged };
    assert_eq!(check(&half_forged, None, None).first_failure().unwrap().code, "checkpoint.refused");
}

fn corrupted(change: impl Fn(&mut Receipt, &World)) -> Report {
    let mut world = World::new();
    let mut receipt = receipt(&mut world);
    change(&mut receipt, &world);
    check(&receipt, Some("审计报告.pdf"), Some(&world.vkey()))
}

#[rstest]
#[case::unreadable_entry(corrupted(|r, _| r.entry.push(' ')), "format.unreadable")]
#[case::unreadable_proof(corrupted(|r, _| r.proof.insert(0, 'x')), "format.unreadable")]
#[case::other_origin(corrupted(|r, _| r.log.origin.push('x')), "checkpoint.refused")]
#[case::unsigned(corrupted(|r, _| r.proof = r.proof.replace("\u{2014} guxin", "\u{2014} other")), "checkpoint.refused")]
#[case::other_size(corrupted(|r, _| r.proof = r.proof.replace("\n93\n", "\n94\n")), "checkpoint.refused")]
#[case::other_index(corrupted(|r, _| r.proof = r.proof.replace("index 92", "index 91")), "inclusion.refused")]
#[case::beyond_the_tree(corrupted(|r, _| r.proof = r.proof.replace("index 92", "index 93")), "inclusion.refused")]
#[case::other_entry_in_extra(corrupted(|r, w| r.proof = Proof { extra: Some(w.leaves[0].clone()), ..r.proof.parse().unwrap() }.to_string()), "inclusion.refused")]
#[case::later_time(corrupted(|r, _| r.entry = r.entry.replace("123456Z", "123457Z")), "inclusion.refused")]
#[case::proof_of_another_entry(corrupted(|r, w| r.proof = w.proof(3, false).to_string()), "inclusion.refused")]
#[case::manifest_left_out(corrupted(|r, _| r.manifest = None), "manifest.missing")]
#[case::manifest_unreadable(corrupted(|r, _| r.manifest = Some("{}".into())), "manifest.differs")]
#[case::document_left_out(corrupted(|r, _| r.manifest = Some(manifest(vec![listed("5-1", "审计报告.pdf")]).to_text().unwrap())), "manifest.differs")]
#[case::other_name(corrupted(|r, _| r.manifest = r.manifest.take().map(|m| m.replace("申请书.pdf", "承诺函.pdf"))), "manifest.differs")]
fn what_is_falsified_is_named(#[case] report: Report, #[case] code: &str) {
    assert_eq!(report.first_failure().map(|step| step.code), Some(code), "{report:#?}");
    assert_eq!(report.verdict, Verdict::Invalid);
    // What stands in a manifest that is not the log's own says nothing about the document.
    if code.starts_with("manifest.") {
        assert_eq!(report.steps.last().unwrap().code, "not_reached");
    }
}

#[rstest]
#[case(corrupted(|r, _| r.attestations[0].statement = r.attestations[1].statement.clone()), "challenge")]
#[case(corrupted(|r, _| r.attestations[0].statement.push(' ')), "statement")]
#[case(corrupted(|r, _| r.attestations[0].public_key.push(0)), "credential")]
#[case(corrupted(|r, _| r.attestations[0].signature = r.attestations[1].signature.clone()), "signature")]
#[case(corrupted(|r, _| r.attestations[0].public_key = SoftwareAuthenticator::from_seed(&[2; 32]).public_key().to_bytes()), "signature")]
#[case(corrupted(|r, _| r.attestations[0].rp_id = "guxin.example".into()), "rp_id")]
#[case(corrupted(|r, _| r.attestations[0].origin = "https://localhost:3000".into()), "origin")]
#[case(corrupted(|r, _| r.attestations[0].entry = r.attestations[1].entry.clone()), "entry")]
#[case(corrupted(|r, _| r.attestations[0].entry = r.entry.clone()), "entry")]
#[case(corrupted(|r, _| r.attestations[0].entry.clear()), "entry")]
#[case(corrupted(|r, _| r.attestations[0].proof = r.attestations[1].proof.clone()), "proof")]
#[case(corrupted(|r, _| r.attestations[0].proof.clear()), "proof")]
#[case(corrupted(|r, w| r.attestations[0].proof = w.proof(3, false).to_string()), "proof")]
// A forger's own passkey signs a copy of the statement: the ledger's entry names the firm's.
#[case(corrupted(|r, _| {
    let mut forger = SoftwareAuthenticator::from_seed(&[2; 32]);
    let attestation = &mut r.attestations[0];
    let signed = forger.assert("localhost", SITE, &Statement::challenge(&attestation.statement));
    attestation.public_key = forger.public_key().to_bytes();
    attestation.authenticator_data = signed.authenticator_data;
    attestation.client_data_json = signed.client_data_json;
    attestation.signature = signed.signature;
}), "entry")]
fn a_falsified_attestation_is_named(#[case] report: Report, #[case] step: &str) {
    let failed = report.first_failure().unwrap();
    assert_eq!(
        (failed.code, failed.params["step"].as_str(), failed.number),
        ("attestation.refused", step, Some(1)),
        "{failed:#?}"
    );
    assert!(!failed.detail_zh.contains("编码"), "every step has its Chinese name");
}

#[test]
fn an_attestation_of_other_documents_or_another_slot() {
    let refused_documents = |statements: &[Statement]| {
        let mut world = World::new();
        let receipt = receipt_with(&mut world, statements, |entry| entry);
        let report = check(&receipt, None, None);
        report
            .first_failure()
            .is_some_and(|step| step.params.get("step").is_some_and(|step| step == "documents"))
    };
    assert!(refused_documents(&[statement(Decision::Attest, &["审计报告.pdf", "另一份.pdf"])]));
    assert!(refused_documents(&[statement(Decision::Attest, &["申请书.pdf"])]), "it lies in another slot");
    let other =
        Statement { filing: "filing-20".into(), ..statement(Decision::Attest, &["审计报告.pdf"]) };
    assert!(refused_documents(&[other]));
    assert!(!refused_documents(&[statement(Decision::Attest, &["审计报告.pdf"])]));
}

#[test]
fn an_entry_that_leaves_out_the_passkey_does_not_anchor_the_statement() {
    let mut world = World::new();
    let receipt = receipt_with(&mut world, &[statement(Decision::Attest, &["审计报告.pdf"])], |entry| {
        Entry { refs: None, ..entry }
    });
    let report = check(&receipt, None, None);
    assert_eq!(report.first_failure().unwrap().params["step"], "entry");
}

#[test]
fn a_bare_proof() {
    let mut world = World::new();
    let index =
        world.add(&entry(EntryKind::Evidence, "org-19", "evidence-1", 1).with_digests(&document("照片.jpg")));
    let file = world.proof(index, true).to_string();
    let vkey = world.vkey();
    let report = verify(file.as_bytes(), Some(&document("照片.jpg")), Some(&vkey));
    assert_eq!(
        codes(&report),
        [
            "format.tlog_proof",
            "checkpoint.pinned_key",
            "inclusion.included",
            "manifest.none",
            "document.in_entry"
        ]
    );
    assert!(report.is_valid());
    assert_eq!(report.steps[2].params["kind"], "evidence");
    let first = |document: Option<&Digests>, vkey: Option<&str>, file: &str| {
        verify(file.as_bytes(), document, vkey).first_failure().map(|step| step.code)
    };
    assert_eq!(first(None, Some(&vkey), &file), None);
    assert_eq!(first(None, Some(&format!("{vkey}\n")), &file), None, "a key pasted with its line end");
    assert_eq!(first(Some(&document("别的.jpg")), Some(&vkey), &file), Some("document.unknown"));
    assert_eq!(first(None, None, &file), Some("checkpoint.key_missing"));
    let without = world.proof(index, false).to_string();
    assert_eq!(first(None, Some(&vkey), &without), Some("format.unreadable"));
    for at in 0..file.len() {
        let mut changed = file.clone().into_bytes();
        changed[at] ^= 1 << (at % 8);
        assert!(!verify(&changed, None, Some(&vkey)).is_valid(), "byte {at}");
    }
}

#[test]
fn events_without_a_manifest_have_receipts_too() {
    let mut world = World::new();
    let index = world.add(&entry(EntryKind::Acceptance, "exchange", "filing-19", 2));
    let (key, text) = (world.signer.verifier_key(), world.text(index));
    let receipt = Receipt::new(&key, text, None, vec![], world.proof(index, false).to_string());
    let report = check(&receipt, None, Some(&world.vkey()));
    assert_eq!((report.verdict, report.steps[3].code), (Verdict::Valid, "manifest.none"));
    assert_eq!(check(&receipt, Some("x"), None).first_failure().unwrap().code, "document.unknown");
}

#[test]
fn known_witnesses_must_verify() {
    let mut world = World::new();
    let mut receipt = receipt(&mut world);
    let witness = Cosigner::from_seed("witness.example", &[20; 32]).unwrap();
    let mut proof: Proof = receipt.proof.parse().unwrap();
    let note: Note = proof.checkpoint.parse().unwrap();
    let line = witness.cosign(note.text(), 1_763_800_201);
    let mut wrong = line.clone();
    wrong.signature[0] ^= 1;
    let mut with = |line| {
        proof.checkpoint = note.clone().with(line).to_string();
        receipt.proof = proof.to_string();
        receipt.to_bytes().unwrap()
    };
    let keys = [witness.verifier_key()];
    assert!(verify_with_witnesses(&with(line), None, None, &keys).is_valid());
    let bad = with(wrong);
    assert_eq!(
        verify_with_witnesses(&bad, None, None, &keys).first_failure().unwrap().code,
        "checkpoint.refused"
    );
    assert!(
        verify(&bad, None, None).is_valid(),
        "a stranger's line says nothing to one who does not know the key"
    );
}

#[test]
fn the_limits_hold() {
    let mut world = World::new();
    let mut receipt = receipt(&mut world);
    receipt.attestations = vec![receipt.attestations[0].clone(); crate::receipt::MAX_ATTESTATIONS + 1];
    assert_eq!(receipt.to_bytes(), Err(crate::receipt::ReceiptError::TooLong));
    let large = vec![b' '; crate::receipt::MAX_RECEIPT_BYTES + 1];
    assert_eq!(verify(&large, None, None).first_failure().unwrap().code, "format.unreadable");
    let other = Receipt { format: "guxin-receipt/v2".into(), attestations: vec![], ..receipt };
    assert_eq!(other.to_bytes(), Err(crate::receipt::ReceiptError::Format));
}

proptest! {
    #[test]
    fn arbitrary_files_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), vkey in any::<Option<String>>()) {
        prop_assert!(!verify(&bytes, None, vkey.as_deref()).is_valid());
        let proof = [HEADER.as_bytes(), &bytes].concat();
        prop_assert!(!verify(&proof, None, vkey.as_deref()).is_valid());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn cutting_and_splicing_never_panics_or_passes(from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>(), middle in "[ -~]{0,30}") {
        let bytes = receipt(&mut World::new()).to_bytes().unwrap();
        let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
        let changed = [&bytes[..from.min(to)], middle.as_bytes(), &bytes[from.max(to)..]].concat();
        prop_assert_eq!(verify(&changed, None, None).is_valid(), changed == bytes);
    }
}
