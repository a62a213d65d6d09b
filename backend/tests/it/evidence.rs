//! Certificates and bundles: for the right readers, the same bytes twice and after the ledger has grown, and nothing in a bundle can
//! be changed without being named.

use std::{collections::BTreeMap, io::Read as _};

use backend::{
    Cx, Error, args,
    evidence::{self, Subject},
    sequencer,
};
use domain::{
    id::{AttestationId, DocumentId, FilingId},
    locale::Locale,
};
use futures::TryStreamExt as _;
use ledger::{
    Digests,
    evidence::{Content, DOCUMENTS, Index, verify},
    proof::Proof,
    receipt::Trust,
    report::Outcome,
};
use uuid::Uuid;

use crate::{
    cast::{Cast, opened, pdf},
    on_both,
    review::submitted,
};

pub(crate) async fn packed(cx: &Cx, subject: Subject) -> Vec<u8> {
    let bundle = evidence::bundle(cx, subject).await.unwrap();
    let blocks: Vec<_> = bundle.body.try_collect().await.unwrap();
    let bytes = blocks.concat();
    assert_eq!(bytes.len() as u64, bundle.size);
    bytes
}

fn unpacked(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        files.insert(file.name().unwrap().into_owned(), bytes);
    }
    files
}

/// The parts that failed.
fn wrong(files: &BTreeMap<String, Vec<u8>>, vkey: &str) -> Vec<String> {
    let files = files.iter().map(|(path, bytes)| (path.clone(), Content::of(bytes.clone()))).collect();
    let failed = verify(&files, &Trust { vkey: Some(vkey), ..Trust::default() })
        .into_iter()
        .filter(|part| part.outcome == Outcome::Failed);
    failed.map(|part| part.part).collect()
}

async fn document_of(cx: &Cx, filing: FilingId, slot: &str) -> DocumentId {
    let sql = "SELECT id FROM document WHERE filing_id = $1 AND slot = $2";
    let (id,): (Uuid,) = cx.db.read().one(sql, args![filing, slot]).await.unwrap();
    DocumentId(id)
}

async fn attestation_of(cx: &Cx, filing: FilingId, slot: &str) -> AttestationId {
    let sql = "SELECT id FROM attestation WHERE filing_id = $1 AND slot = $2";
    let (id,): (Uuid,) = cx.db.read().one(sql, args![filing, slot]).await.unwrap();
    AttestationId(id)
}

on_both! {
    async fn bundles_hold_and_are_the_same_bytes_again(world: World) {
        let cast = Cast::of(&world).await;
        let cx = &cast.enterprise;
        let (id, _) = submitted(&cast).await;
        let version = Subject::Version(id, 1);
        assert!(matches!(evidence::bundle(cx, version).await, Err(Error::Busy { .. })), "no promise before it is anchored");
        sequencer::drain(&world.anonymous(), &sequencer::Options::default()).await.unwrap();
        let document = Subject::Document(document_of(cx, id, "audit_report").await, 1);
        let attestation = Subject::Attestation(attestation_of(cx, id, "audit_report").await);
        let vkey = world.services.signer.verifier_key().to_string();

        let mut before = Vec::new();
        for (subject, holds) in [(version, 21), (document, 1), (attestation, 1)] {
            let bytes = packed(cx, subject).await;
            assert_eq!(packed(&cast.supervisor, subject).await, bytes, "{subject:?}: not the same bytes for somebody else");
            let files = unpacked(&bytes);
            assert_eq!(wrong(&files, &vkey), Vec::<String>::new(), "{subject:?}");
            let documents: Vec<_> = files.keys().filter(|path| path.starts_with(DOCUMENTS)).collect();
            assert!(documents.len() >= holds, "{documents:?}");
            assert!(files.values().any(|bytes| *bytes == pdf("audit_report")));
            for name in ["README.txt", "certificate.pdf", "certificate.en.pdf", "receipt.json", "receipt.tlog-proof", "checkpoint", "vkey", "SHA256SUMS"] {
                assert!(files.contains_key(name), "{subject:?} has no {name}");
            }
            before.push((subject, bytes));
        }
        // The ledger grows; what was certified stays what it was.
        opened(cx).await;
        sequencer::drain(&world.anonymous(), &sequencer::Options::default()).await.unwrap();
        for (subject, bytes) in before {
            assert_eq!(packed(cx, subject).await, bytes, "{subject:?} changed when the ledger grew");
        }

        for reader in [&cast.stranger] {
            for subject in [version, document, attestation] {
                assert!(matches!(evidence::bundle(reader, subject).await, Err(Error::NotFound)));
                assert!(matches!(evidence::certificate(reader, subject, Locale::Zh).await, Err(Error::NotFound)));
            }
        }
        assert!(matches!(evidence::bundle(&world.anonymous(), version).await, Err(Error::SignedOut)));
    }

    async fn each_changed_file_of_a_bundle_is_named(world: World) {
        let cast = Cast::of(&world).await;
        let cx = &cast.enterprise;
        let (id, _) = submitted(&cast).await;
        sequencer::drain(&world.anonymous(), &sequencer::Options::default()).await.unwrap();
        let attestation = Subject::Attestation(attestation_of(cx, id, "audit_report").await);
        let vkey = world.services.signer.verifier_key().to_string();
        for subject in [Subject::Version(id, 1), attestation] {
            let files = unpacked(&packed(cx, subject).await);
            for path in files.keys() {
                let mut changed = files.clone();
                let bytes = changed.get_mut(path).unwrap();
                let at = bytes.len() / 2;
                bytes[at] ^= 1;
                let named = wrong(&changed, &vkey);
                // A changed list contradicts a file: one of the two is named, and the sums.
                let list = path == "bundle.json" && named.contains(&"SHA256SUMS".to_owned());
                assert!(list || named.contains(path), "{subject:?}: nobody noticed {path}, only {named:?}");
                let mut fewer = files.clone();
                fewer.remove(path);
                assert!(wrong(&fewer, &vkey).contains(path), "{subject:?}: nobody missed {path}");
                // Somebody who also rewrites the sums gets no further with anything that is evidence.
                let printed = path.ends_with(".pdf") || ["README.txt", "bundle.json", "SHA256SUMS"].contains(&path.as_str());
                if !printed {
                    assert!(!wrong(&summed_again(changed), &vkey).is_empty(), "{subject:?}: new sums hid {path}");
                }
            }
            let mut more = files.clone();
            more.insert("documents/audit_report/extra.pdf".into(), b"%PDF-".to_vec());
            assert!(!wrong(&more, &vkey).is_empty() && !wrong(&summed_again(more), &vkey).is_empty());
        }
        let files = unpacked(&packed(cx, attestation).await);
        let other = ledger::key::Signer::from_seed("localhost/ledger", &[9; 32]).unwrap().verifier_key().to_string();
        assert_eq!(wrong(&files, &other)[0], "receipt.json", "another log's key");
    }

    async fn a_certificate_says_where_when_who_and_what_it_does_not_prove(world: World) {
        let cast = Cast::of(&world).await;
        let cx = &cast.enterprise;
        let (id, _) = submitted(&cast).await;
        sequencer::drain(&world.anonymous(), &sequencer::Options::default()).await.unwrap();
        let audit = document_of(cx, id, "audit_report").await;
        let signed = attestation_of(cx, id, "audit_report").await;
        let digests = Digests::of(&pdf("audit_report"));
        for subject in [Subject::Version(id, 1), Subject::Document(audit, 1), Subject::Attestation(signed)] {
            let bundle = unpacked(&packed(cx, subject).await);
            for locale in [Locale::Zh, Locale::En] {
                let (number, bytes) = evidence::certificate(cx, subject, locale).await.unwrap();
                let text = crate::receipt::said(&bytes);
                let own = if locale == Locale::Zh { "certificate.pdf" } else { "certificate.en.pdf" };
                assert_eq!(bundle[own], bytes);
                let proof: Proof = String::from_utf8(bundle["receipt.tlog-proof"].clone()).unwrap().parse().unwrap();
                let index = Index::parse(&bundle["bundle.json"]).unwrap();
                assert_eq!(index.number, number);
                let mut says = vec![
                    number,
                    digests.sha256_hex(),
                    digests.sm3_hex(),
                    proof.index.to_string(),
                    "localhost/ledger".to_owned(),
                    world.services.signer.verifier_key().to_string(),
                    locale.pick("未测量其偏差", "its offset was not measured").to_owned(),
                    locale.pick("不证明什么", "What it does not prove").to_owned(),
                    locale.pick("在线诉讼规则第十七条", "Online Litigation Rules art. 17").to_owned(),
                    locale.pick("尚未登记见证方", "no witness is registered").to_owned(),
                    locale.pick("版本链", "Version chain").to_owned(),
                ];
                says.extend(proof.hashes.iter().map(|hash| hex::encode(hash.0)));
                says.extend(proof.checkpoint.lines().map(str::to_owned));
                if !matches!(subject, Subject::Attestation(_)) {
                    says.push("91310000564759688N".to_owned());
                    says.push("苏州示例智造股份有限公司".to_owned());
                }
                for what in says {
                    assert!(text.contains(&crate::receipt::squeezed(&what)), "{locale:?} {subject:?}: no “{what}” in {text}");
                }
                let raw = String::from_utf8_lossy(&bytes);
                assert!(raw.contains("pdfaid:part") && raw.contains("<pdfaid:conformance>U<"), "it is no PDF/A-2u");
                if let Ok(folder) = std::env::var("GUXIN_KEEP_PDF") {
                    std::fs::write(format!("{folder}/{}-{}.pdf", index.number, locale.tag()), &bytes).unwrap();
                }
            }
        }
    }
}

fn summed_again(mut files: BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let Ok(index) = Index::parse(&files["bundle.json"]) else { return files };
    let own = |path: &String| path == "bundle.json" || path == "SHA256SUMS";
    let listed = files.iter().filter(|(path, _)| !own(path)).map(|(path, bytes)| {
        ledger::evidence::File::new(path.clone(), bytes.len() as u64, &Digests::of(bytes))
    });
    let index = Index::new(index.number, index.kind, listed.collect()).to_text().unwrap();
    files.insert("bundle.json".into(), index.into_bytes());
    files.remove("SHA256SUMS");
    let summed = files.iter().map(|(path, bytes)| (path.as_str(), Digests::of(bytes).sha256));
    let sums = ledger::evidence::sums(summed);
    files.insert("SHA256SUMS".into(), sums.into_bytes());
    files
}
