//! The public ledger as an outsider reads it: nothing but HTTP and the `ledger` crate, no database, no trust.

use ::ledger::{
    checkpoint::Checkpoint,
    key::VerifierKey,
    merkle,
    proof::Proof,
    tile::{Rank, Tile},
    tree,
};

use crate::{Client, Platform, Who, on_both};

async fn key(client: &mut Client) -> VerifierKey {
    let answer = client.get("/ledger/vkey").await;
    assert!(answer.status.is_success());
    answer.text().trim().parse().expect("a verifier key")
}

async fn checkpoint(client: &mut Client) -> Checkpoint {
    let key = key(client).await;
    let answer = client.get("/ledger/checkpoint").await;
    Checkpoint::open(&answer.text(), &key, &[]).expect("the log's signature holds").checkpoint
}

async fn tiles(client: &mut Client, wanted: &[Tile]) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut found = std::collections::BTreeMap::new();
    for tile in wanted {
        let answer = client.get(&format!("/ledger/{}", tile.path())).await;
        assert!(answer.status.is_success(), "{}: {}", tile.path(), answer.status);
        found.insert(tile.path(), answer.body.to_vec());
    }
    found
}

on_both! {
    async fn its_tiles_make_the_signed_root(platform: Platform) {
        let mut client = platform.client(Who::Anonymous);
        let checkpoint = checkpoint(&mut client).await;
        assert!(checkpoint.size > 100, "the market has a history: {}", checkpoint.size);
        let mut leaves = Vec::new();
        let bundles: Vec<Tile> =
            (0..checkpoint.size.div_ceil(256)).filter_map(|index| Tile::at(Rank::Entries, index, checkpoint.size)).collect();
        let bytes = tiles(&mut client, &bundles).await;
        for bundle in &bundles {
            let bundle = bytes.get(&bundle.path()).expect("fetched");
            leaves.extend(::ledger::bundle::entries(bundle).expect("a bundle").into_iter().map(merkle::leaf_hash));
        }
        assert_eq!(leaves.len() as u64, checkpoint.size);
        assert_eq!(merkle::root(&leaves), checkpoint.root);
    }

    async fn every_proof_verifies_and_none_fits_another_entry(platform: Platform) {
        let mut client = platform.client(Who::Anonymous);
        let key = key(&mut client).await;
        let size = checkpoint(&mut client).await.size;
        let mut entries: Vec<Vec<u8>> = Vec::new();
        for index in [0, 1, size / 2, size - 1] {
            let text = client.get(&format!("/ledger/proof/{index}.tlog-proof")).await.text();
            let proof: Proof = text.parse().expect("a proof");
            assert_eq!(proof.index, index);
            let entry = proof.extra.clone().expect("its entry");
            proof.verify(&entry, &key, &[]).expect("the entry is in the log");
            if let Some(other) = entries.last() {
                assert!(proof.verify(other, &key, &[]).is_err(), "the proof of {index} fits another entry");
            }
            entries.push(entry);
        }
    }

    async fn grows_consistently(platform: Platform) {
        let mut client = platform.client(Who::Anonymous);
        let old = checkpoint(&mut client).await;
        let upload = format!("/filings/{}/slots/audit_report/documents", platform.known.draft);
        let answer = platform.client(Who::OtherEnterprise).upload(&upload, "a.pdf", crate::upload::pdf("growth")).await;
        assert!(answer.status.is_success(), "{}", answer.text());
        platform.anchor().await;
        let new = checkpoint(&mut client).await;
        assert_eq!(new.size, old.size + 1);
        let wanted = tree::consistency_tiles(old.size, new.size).expect("sizes in order");
        let bytes = tiles(&mut client, &wanted).await;
        let proof = tree::consistency_proof(old.size, new.size, |tile| bytes.get(&tile.path()).cloned().ok_or("missing"))
            .expect("a proof");
        merkle::verify_consistency(old.size, new.size, &proof, old.root, new.root).expect("nothing was rewritten");
    }
}

#[tokio::test]
async fn answers_say_how_long_they_keep() {
    let platform = Platform::sqlite().await;
    let mut client = platform.client(Who::Anonymous);
    let size = checkpoint(&mut client).await.size;
    let tile = Tile::at(Rank::Level(0), 0, size).expect("the first tile").path();
    for (path, cache, media_type) in [
        ("/ledger/checkpoint".to_owned(), "public, max-age=1", "text/plain; charset=utf-8"),
        ("/ledger/vkey".to_owned(), "public, max-age=1", "text/plain; charset=utf-8"),
        (format!("/ledger/{tile}"), "public, max-age=31536000, immutable", "application/octet-stream"),
        ("/ledger/proof/0.tlog-proof".to_owned(), "public, max-age=1", "text/plain; charset=utf-8"),
    ] {
        let answer = client.get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("cache-control"), cache, "{path}");
        assert_eq!(answer.header("content-type"), media_type, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert!(answer.headers.get("set-cookie").is_none(), "{path} sets a cookie");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let platform = Platform::sqlite().await;
    let mut client = platform.client(Who::Anonymous);
    let size = checkpoint(&mut client).await.size;
    for path in [
        format!("/ledger/proof/{size}.tlog-proof"),
        "/ledger/proof/0".to_owned(),
        "/ledger/proof/-1.tlog-proof".to_owned(),
        "/ledger/proof/99999999999999999999.tlog-proof".to_owned(),
        "/ledger/tile/0/999".to_owned(),
        "/ledger/tile/0/x001/000".to_owned(),
        "/ledger/tile/../checkpoint".to_owned(),
        "/ledger/tile/..%2f..%2fblobs".to_owned(),
        "/ledger/tile/0/000.p/0".to_owned(),
        "/ledger/tile/".to_owned(),
    ] {
        let answer = client.get(&path).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
        assert!(!answer.header("cache-control").contains("immutable"), "{path}: keeps that it is missing");
    }
}
