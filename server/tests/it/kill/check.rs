//! Holds the restarted server against everything that its earlier lives acknowledged.

use std::{collections::BTreeMap, time::Duration};

use ledger::{checkpoint::Checkpoint, key::VerifierKey, merkle, tile::Tile, tree};
use reqwest::StatusCode;
use sha2::{Digest as _, Sha256};

use super::{
    http::Http,
    memory::{Memory, Way},
    process::Process,
    story::{Desk, FIELDS, Story},
};

/// What was acknowledged since the last check, and that work goes on. Answers how long after its start the server
/// had accepted something from everybody, and counts for the log.
pub(super) async fn everything_new(process: &Process, story: &Story, memory: &Memory) -> (Duration, String) {
    let desk = story.desk();
    // I7 first: somebody submits as soon as the server answers.
    for number in 0..story.cast.submitters.len() {
        let before = accepted(memory);
        desk.round(number).await.expect("the server answers");
        assert!(accepted(memory) > before, "nothing is accepted after the restart: {}", process.log());
    }
    let back = process.since_start();
    let (uploads, submissions, receipts, checkpoints) = {
        let memory = memory.get();
        (
            memory.uploads.clone(),
            memory.submissions.clone(),
            memory.receipts.clone(),
            memory.checkpoints.clone(),
        )
    };
    let http = Http::new(process.url());
    let recent = |len: usize| len.saturating_sub(40);
    uploads_hold(&http, story, &uploads[recent(uploads.len())..]).await;
    // Every key is asked again: with its answer or without, it stands for one version.
    let mut numbers = BTreeMap::new();
    for (key, (filing, acknowledged)) in &submissions {
        let person =
            story.cast.submitters.iter().find(|person| person.filing == *filing).expect("a submitter");
        if acknowledged.is_some() && !key.ends_with(['0', '1']) {
            continue;
        }
        if acknowledged.is_none() {
            // Whether it was made or not: from here on it makes its own version or names it.
            desk.send_back(person).await.expect("the server answers");
        }
        let one = desk.submit(person, key).await.expect("the server answers");
        let two = desk.submit(person, key).await.expect("the server answers");
        if one.is_some() {
            assert_eq!(one, two, "one key made two submissions");
        }
        if acknowledged.is_some() {
            assert_eq!(one, *acknowledged, "the acknowledged submission {key} is gone or another");
        }
        let now = one.or(two);
        if let Some(number) = now {
            let earlier = numbers.insert((*filing, number), key.clone());
            assert_eq!(earlier, None, "two keys share version {number}");
        }
        match now {
            Some(number) => {
                memory.get().submissions.insert(key.clone(), (*filing, Some(number)));
            }
            // Never made, and the stage does not allow it now: it will not be tried again.
            None => {
                memory.get().submissions.remove(key);
            }
        }
    }
    fields_hold(&http, story, memory).await;
    // What has just arrived and what goes on; all of them at the end.
    ways_hold(&desk, memory, 3).await;
    log_holds(&http, &receipts[recent(receipts.len())..], &checkpoints[recent(checkpoints.len())..]).await;
    let counts = format!(
        "{} uploads, {} submissions, {} receipts, {} checkpoints",
        uploads.len(),
        submissions.len(),
        receipts.len(),
        checkpoints.len()
    );
    (back, counts)
}

/// Everything, from the first life on.
pub(super) async fn everything_ever(process: &Process, story: &Story, memory: &Memory) {
    let http = Http::new(process.url());
    ways_hold(&story.desk(), memory, usize::MAX).await;
    let (receipts, checkpoints) = {
        let memory = memory.get();
        (memory.receipts.clone(), memory.checkpoints.clone())
    };
    log_holds(&http, &receipts, &checkpoints).await;
}

fn accepted(memory: &Memory) -> usize {
    memory.get().submissions.values().filter(|(_, number)| number.is_some()).count()
}

/// I5: what was acknowledged can be fetched and has its hash.
async fn uploads_hold(http: &Http, story: &Story, uploads: &[(uuid::Uuid, i64, String)]) {
    for (document, number, sha256) in uploads {
        let path = format!("/documents/{document}/versions/{number}/content");
        let (status, bytes) =
            http.get(Some(&story.cast.author.cookie), &path).await.expect("the server answers");
        assert_eq!(status, StatusCode::OK, "{path}");
        assert_eq!(&hex::encode(Sha256::digest(&bytes)), sha256, "{path}");
    }
}

/// What was typed and acknowledged is there, unless something typed later is.
async fn fields_hold(http: &Http, story: &Story, memory: &Memory) {
    let author = &story.cast.author;
    let filing = author.filing.to_string();
    for field in FIELDS {
        let Some((value, version)) = memory.get().fields.get(field).cloned() else { continue };
        // A version that never was: the answer says what is stored.
        let fields = [("filing", filing.as_str()), ("field", field), ("value", "x"), ("version", "-1")];
        let (_, answer) =
            http.call(&author.cookie, "/do/filing/save-field", &fields).await.expect("the server answers");
        assert_eq!(answer["outcome"], "conflict", "{answer}");
        let stored = answer["version"].as_i64().expect("a version");
        assert!(stored >= version, "{field}: version {version} was acknowledged, {stored} is stored");
        assert!(stored > version || answer["theirs"] == value, "{field}: {answer} instead of {value}");
    }
}

/// The newest `most` filings on their way to listing stand where they were acknowledged to stand, or further; what firms
/// said counts, and no step can be done a second time (I2).
async fn ways_hold(desk: &Desk, memory: &Memory, most: usize) {
    let drafts = &desk.cast.drafts;
    let ways: Vec<(uuid::Uuid, Way)> =
        drafts.iter().filter_map(|id| Some((*id, memory.get().ways.get(id)?.clone()))).collect();
    for (filing, way) in ways.into_iter().rev().take(most) {
        let now = desk.stands(filing).await.expect("the server answers");
        assert!(way.stage.is_none_or(|stage| now.stage >= stage), "{filing}: {:?}, after {way:?}", now.stage);
        for slot in &way.attested {
            assert!(now.is_attested(slot), "{filing}: the attestation of {slot} is gone: {way:?}");
        }
        for (number, engagement) in &way.accepted {
            let signer = &desk.cast.firms[*number].signer;
            let id = engagement.to_string();
            let (status, answer) = desk
                .http
                .call(&signer.cookie, "/do/engagement/accept", &[("engagement", &id)])
                .await
                .expect("an answer");
            assert_eq!(status, StatusCode::CONFLICT, "{filing}: {engagement} is taken on twice: {answer}");
        }
        if let Some((key, number)) = &way.submitted {
            let applicant = desk.cast.applicant.about(filing);
            let again = desk.submit(&applicant, key).await.expect("the server answers");
            assert_eq!(again, Some(*number), "{filing}: the acknowledged submission is gone or another");
        }
        if way.done.contains("list") {
            assert!(now.code.is_some(), "{filing} was listed and has no code");
            let code = way.code.clone().or_else(|| now.code.clone());
            assert_eq!(now.code, code, "{filing}: another code");
            memory.get().ways.entry(filing).or_default().code = code;
        }
    }
}

/// I1 and I3: receipts verify offline, and every checkpoint ever seen is a prefix of today's log.
async fn log_holds(http: &Http, receipts: &[Vec<u8>], checkpoints: &[String]) {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    let vkey = text(http.get(None, "/ledger/vkey").await.expect("an answer").1).trim().to_owned();
    let key: VerifierKey = vkey.parse().expect("a verifier key");
    let note = text(http.get(None, "/ledger/checkpoint").await.expect("an answer").1);
    let now = Checkpoint::open(&note, &key, &[]).expect("signed").checkpoint;
    let mut known: BTreeMap<u64, Checkpoint> = BTreeMap::new();
    let mut seen = checkpoints.to_vec();
    for receipt in receipts {
        let report = ledger::receipt::verify(receipt, None, Some(&vkey));
        assert!(report.is_valid(), "a receipt no longer verifies: {report:?}");
        let receipt = ledger::receipt::Receipt::parse(receipt).expect("a receipt");
        let proof: ledger::proof::Proof = receipt.proof.parse().expect("a proof");
        seen.push(proof.checkpoint);
    }
    for note in seen {
        let checkpoint = Checkpoint::open(&note, &key, &[]).expect("signed").checkpoint;
        let earlier = known.insert(checkpoint.size, checkpoint.clone());
        assert!(
            earlier.is_none_or(|earlier| earlier == checkpoint),
            "two roots for size {}",
            checkpoint.size
        );
    }
    let mut tiles: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for (size, old) in known {
        assert!(size <= now.size, "the log went back from {size} to {}", now.size);
        for tile in tree::consistency_tiles(size, now.size).expect("sizes in order") {
            if !tiles.contains_key(&tile.path()) {
                let bytes = fetch(http, &tile).await;
                tiles.insert(tile.path(), bytes);
            }
        }
        let proof =
            tree::consistency_proof(size, now.size, |tile| tiles.get(&tile.path()).cloned().ok_or("missing"))
                .expect("a proof");
        merkle::verify_consistency(size, now.size, &proof, old.root, now.root)
            .expect("history was rewritten");
    }
}

async fn fetch(http: &Http, tile: &Tile) -> Vec<u8> {
    let path = format!("/ledger/{}", tile.path());
    let (status, bytes) = http.get(None, &path).await.expect("an answer");
    assert_eq!(status, StatusCode::OK, "{path}");
    bytes
}
