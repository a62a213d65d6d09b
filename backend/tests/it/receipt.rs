//! Receipts: ready once anchored, verified with the offline check, for the right readers, and as a PDF.

use std::path::Path;

use backend::{Error, receipt, sequencer};
use domain::{id::FilingId, locale::Locale, rule_pack::RulePack};
use ledger::{
    Digests,
    checkpoint::Checkpoint,
    manifest::Manifest,
    merkle::leaf_hash,
    proof::Proof,
    receipt::{Receipt, verify},
    statement::Statement,
};

use crate::{
    World,
    cast::{Cast, opened, pdf},
    on_both,
    review::submitted,
};

on_both! {
    async fn a_receipt_is_handed_out_once_anchored_and_holds_offline(world: World) {
        let cast = Cast::of(&world).await;
        let cx = &cast.enterprise;
        let (id, outcome) = submitted(&cast).await;
        assert!(matches!(receipt::file(cx, id, 1).await, Err(Error::Busy { .. })), "no promise before it is anchored");
        sequencer::drain(&world.anonymous(), &sequencer::Options::default()).await.unwrap();

        let bytes = receipt::file(cx, id, 1).await.unwrap();
        let vkey = world.services.signer.verifier_key().to_string();
        let good = verify(&bytes, Some(&Digests::of(&pdf("audit_report"))), Some(&vkey));
        assert!(good.is_valid(), "{good:?}");
        assert!(!verify(&bytes, Some(&Digests::of(b"another file")), Some(&vkey)).is_valid());
        let parsed = Receipt::parse(&bytes).unwrap();
        assert_eq!(parsed.attestations.len(), 7);
        let forged = String::from_utf8(bytes.clone()).unwrap().replace("申请书", "申请本").into_bytes();
        assert!(forged != bytes && !verify(&forged, None, Some(&vkey)).is_valid());

        for reader in [&cast.reviewer, &cast.supervisor, &cast.lawyer] {
            assert_eq!(receipt::file(reader, id, 1).await.unwrap(), bytes);
        }
        for (reader, filing, number) in [(&cast.stranger, id, 1), (cx, id, 2), (cx, FilingId(world.anonymous().id()), 1)] {
            assert!(matches!(receipt::file(reader, filing, number).await, Err(Error::NotFound)));
            assert!(matches!(receipt::pdf(reader, filing, number, Locale::Zh).await, Err(Error::NotFound)));
        }
        let draft = opened(cx).await;
        assert!(matches!(receipt::file(cx, draft, 1).await, Err(Error::NotFound)));

        for locale in [Locale::Zh, Locale::En] {
            let made = receipt::pdf(cx, id, 1, locale).await.unwrap();
            assert!(made.starts_with(b"%PDF-") && made.len() < 2_000_000, "{} bytes", made.len());
            says_what_the_receipt_says(&world, &made, &parsed, id, locale);
            if let Ok(folder) = std::env::var("GUXIN_KEEP_PDF") {
                std::fs::write(format!("{folder}/receipt-{}.pdf", locale.tag()), &made).unwrap();
            }
        }
        assert_eq!(outcome.number, 1);
    }
}

/// Every place, digest, document and firm of the receipt file stands on the sheet, as another program reads it; and the
/// QR code leads to the leaf.
fn says_what_the_receipt_says(world: &World, pdf: &[u8], receipt: &Receipt, id: FilingId, locale: Locale) {
    let text = said(pdf);
    let says = |what: &str| assert!(text.contains(&squeezed(what)), "{locale:?}: no “{what}” in {text}");

    let proof: Proof = receipt.proof.parse().unwrap();
    let checkpoint =
        Checkpoint::open(&proof.checkpoint, &world.services.signer.verifier_key(), &[]).unwrap().checkpoint;
    let manifest = Manifest::parse(receipt.manifest.as_deref().unwrap()).unwrap();
    let pack = RulePack::listing();
    says(locale.pick("申报回执", "Filing receipt"));
    says("苏州示例智造股份有限公司");
    says("91310000564759688N");
    says(&id.to_string());
    says(&format!(
        "{} {} · SHA-256 {}",
        manifest.rule_pack.id,
        manifest.rule_pack.version,
        short(&manifest.rule_pack.sha256)
    ));
    says(&receipt.log.origin);
    says(&format!("{}{}", locale.pick("叶序号", "Leaf index"), proof.index));
    says(&hex::encode(leaf_hash(receipt.entry.as_bytes()).0));
    says(&format!("{}{}", locale.pick("检查点大小", "Checkpoint size"), checkpoint.size));
    says(&hex::encode(checkpoint.root.0));
    says(&world.services.signer.verifier_key().to_string());
    assert!(manifest.documents.len() > 10, "{:?}", manifest.documents);
    let name = |slot: &str| {
        pack.slot(slot).map(|slot| format!("{}. {}", slot.number, slot.name.get(locale))).unwrap()
    };
    for document in &manifest.documents {
        let size = domain::media::size_label(document.size);
        // One row of the table, cell by cell.
        says(&format!("{}{}{size}{}", name(&document.slot), document.name, short(&document.sha256)));
    }
    says(locale.pick("尚未登记见证方", "no witness is registered"));
    let firms = ["示例证券股份有限公司", "示例会计师事务所（特殊普通合伙）", "示例律师事务所"];
    for attestation in &receipt.attestations {
        let slot = Statement::parse(&attestation.statement).unwrap().slot;
        let rows = firms.map(|firm| squeezed(&format!("{firm}{}2026-11-02", name(&slot))));
        assert!(rows.iter().any(|row| text.contains(row)), "{locale:?}: no attestation of {slot} in {text}");
    }

    let public = &world.services.settings.public_url;
    assert_eq!(scanned(pdf), format!("{public}/ledger/entries/{}", proof.index));
}

/// All of a PDF's text, as another program reads it.
pub(crate) fn said(pdf: &[u8]) -> String {
    squeezed(&String::from_utf8(poppler("pdftotext", &["-raw"], kept(pdf).path())).unwrap())
}

fn kept(pdf: &[u8]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pdf).unwrap();
    file
}

/// Without blanks and line breaks: where a line is broken is the sheet's business.
pub(crate) fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn short(digest: &[u8; 32]) -> String {
    let text = hex::encode(digest);
    format!("{}…{}", &text[..12], &text[56..])
}

/// What one of poppler's programs prints about a PDF.
fn poppler(program: &str, options: &[&str], pdf: &Path) -> Vec<u8> {
    let mut command = std::process::Command::new(program);
    command.args(options).arg(pdf);
    if program == "pdftotext" {
        command.arg("-");
    }
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}; scripts/setup.sh test installs it"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The first page as a picture, and what a scanner finds on it.
fn scanned(pdf: &[u8]) -> String {
    let file = kept(pdf);
    // The right third, where the code stands: scanning is slow without optimisation.
    let part = ["-x", "1200", "-y", "0", "-W", "454", "-H", "2339"];
    let whole = ["-gray", "-r", "200", "-f", "1", "-l", "1"];
    let picture = poppler("pdftoppm", &[&whole[..], &part[..]].concat(), file.path());
    // PGM: "P5", width, height, 255, then a byte for each point.
    let mut parts = picture.splitn(4, u8::is_ascii_whitespace);
    let mut word = || std::str::from_utf8(parts.next().unwrap()).unwrap().to_owned();
    assert_eq!(word(), "P5");
    let (width, height): (usize, usize) = (word().parse().unwrap(), word().parse().unwrap());
    let points = &picture[picture.len() - width * height..];
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| points[y * width + x]);
    let codes = image.detect_grids();
    assert_eq!(codes.len(), 1, "one QR code on the first page");
    codes[0].decode().unwrap().1
}
