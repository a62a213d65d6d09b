//! C2SP tlog-witness as the specification words it, and what it leaves to a witness: restarts, races, evidence.

use std::collections::BTreeMap;

use axum::{body::Body, http::Request as HttpRequest};
use ledger::{
    Tile, Tree,
    checkpoint::Checkpoint,
    key::{Signer, VerifierKey},
    note::Note,
    tree,
    witness::{Request, cosignature, size},
};
use server::witness::Witness;

use super::Site;
use crate::{Answer, Client};

const ORIGIN: &str = "log.example/one";

fn signer() -> Signer {
    Signer::from_seed(ORIGIN, &[7; 32]).expect("a key")
}

fn site() -> Site {
    let vkey = signer().verifier_key();
    Site::new("witness.example/w", &format!("[[log]]\norigin = \"{ORIGIN}\"\nvkey = \"{vkey}\"\n"))
}

/// A log of `size` entries; logs with different names have different entries.
fn log(name: &str, size: u64) -> (Checkpoint, BTreeMap<Tile, Vec<u8>>) {
    let entries: Vec<_> = (0..size).map(|index| format!("{name} {index}")).collect();
    let growth = Tree::empty().append(&entries).expect("a tree");
    let root = growth.tree.root();
    (Checkpoint { origin: ORIGIN.into(), size, root }, growth.tiles.into_iter().collect())
}

fn request(name: &str, old: u64, new: u64) -> Request {
    let (checkpoint, tiles) = log(name, new);
    let proof =
        tree::consistency_proof(old, new, |tile| tiles.get(tile).cloned().ok_or(())).expect("a proof");
    Request { old, proof, checkpoint: checkpoint.sign(&signer()).expect("signed").to_string() }
}

async fn submit(witness: &Witness, request: &Request) -> Answer {
    let post = HttpRequest::post("/add-checkpoint").body(Body::from(request.to_string())).expect("a request");
    Client::new(witness.router()).send(post).await
}

async fn vkey(witness: &Witness) -> VerifierKey {
    Client::new(witness.router()).get("/vkey").await.text().trim().parse().expect("a vkey")
}

#[tokio::test]
async fn it_cosigns_what_grows_and_goes_on_after_a_restart() {
    let site = site();
    let witness = site.open();
    let key = vkey(&witness).await;
    let mut at = 0;
    for next in [1, 1, 5, 300] {
        let asked = request("a", at, next);
        let answer = submit(&witness, &asked).await;
        assert_eq!(answer.status.as_u16(), 200, "{at} -> {next}: {}", answer.text());
        let note: Note = asked.checkpoint.parse().expect("a note");
        let (line, time) = cosignature(&answer.text(), note.text(), &key).expect("its cosignature");
        assert_eq!(time, 1_796_090_400, "the witness's own clock");
        assert!(note.with(line).verify(&[&key, &signer().verifier_key()]).is_ok());
        at = next;
    }
    // A second process on the same folder is refused; after the first is gone the state is as it was.
    let second = Witness::open(site.config.clone(), site.clock.clone(), None).err().expect("refused");
    assert!(second.to_string().contains("another witness"), "{second}");
    drop(witness);
    let again = site.open();
    assert_eq!(vkey(&again).await, key);
    let stale = submit(&again, &request("a", 5, 301)).await;
    assert_eq!((stale.status.as_u16(), stale.header("content-type")), (409, "text/x.tlog.size"));
    assert_eq!(size(&stale.text()), Ok(300));
    assert_eq!(submit(&again, &request("a", 300, 301)).await.status.as_u16(), 200);
}

#[tokio::test]
async fn what_is_refused_changes_nothing() {
    let site = site();
    let witness = site.open();
    assert_eq!(submit(&witness, &request("a", 0, 4)).await.status.as_u16(), 200);
    let foreign = Signer::from_seed("log.example/two", &[7; 32]).expect("a key");
    let (mut other, _) = log("a", 4);
    other.origin = "log.example/two".into();
    let unknown =
        Request { checkpoint: other.sign(&foreign).expect("signed").to_string(), ..request("a", 4, 4) };
    let stranger = Signer::from_seed(ORIGIN, &[8; 32]).expect("a key");
    let unsigned = Request {
        checkpoint: log("a", 5).0.sign(&stranger).expect("signed").to_string(),
        ..request("a", 4, 5)
    };
    let cases = [
        (unknown, 404),
        (unsigned, 403),
        (Request { old: 6, ..request("a", 4, 5) }, 400),
        (Request { proof: Vec::new(), ..request("a", 4, 6) }, 422),
        (Request { proof: request("a", 3, 6).proof, ..request("a", 4, 6) }, 422),
        (Request { proof: request("b", 4, 6).proof, ..request("a", 4, 6) }, 422),
        (request("a", 0, 6), 409),
    ];
    for (asked, status) in cases {
        let answer = submit(&witness, &asked).await;
        assert_eq!(answer.status.as_u16(), status, "{asked}\n{}", answer.text());
    }
    for garbage in [&b""[..], b"\xff\xfe", b"old 4\n", b"old 4\n\nhello\n"] {
        let post = HttpRequest::post("/add-checkpoint").body(Body::from(garbage)).expect("a request");
        assert_eq!(Client::new(witness.router()).send(post).await.status.as_u16(), 400);
    }
    assert_eq!(submit(&witness, &request("a", 4, 6)).await.status.as_u16(), 200);
    let page = Client::new(witness.router()).get("/").await.text();
    assert!(page.contains(ORIGIN) && page.contains("已见证") && page.contains("一致性证明不成立"), "{page}");
    assert!(!page.contains("log.example/two"), "strangers write nothing into the history");
}

/// The race of the specification: with both checked against size 4 the witness must not go back from 9 to 6.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_once_exactly_one_wins_each_step() {
    let site = site();
    let witness = site.open();
    assert_eq!(submit(&witness, &request("a", 0, 4)).await.status.as_u16(), 200);
    let sizes: Vec<u64> = (5..25).collect();
    let answers = futures::future::join_all(sizes.iter().map(|new| {
        let (witness, asked) = (witness.clone(), request("a", 4, *new));
        async move { tokio::spawn(async move { submit(&witness, &asked).await }).await.expect("answered") }
    }))
    .await;
    let won: Vec<u64> = sizes
        .iter()
        .zip(&answers)
        .filter(|(_, answer)| answer.status.is_success())
        .map(|(size, _)| *size)
        .collect();
    assert_eq!(won.len(), 1, "{won:?}");
    for answer in answers.iter().filter(|answer| !answer.status.is_success()) {
        assert_eq!((answer.status.as_u16(), size(&answer.text())), (409, Ok(won[0])));
    }
}

#[tokio::test]
async fn two_histories_are_kept_as_evidence_and_end_the_cosigning() {
    let site = site();
    let witness = site.open();
    assert_eq!(submit(&witness, &request("a", 0, 4)).await.status.as_u16(), 200);
    let mut client = Client::new(witness.router());
    assert_eq!(client.get("/healthz").await.json()["alarms"], 0);
    // The same size with another root, even behind a wrong old size.
    let forked = submit(&witness, &Request { old: 2, ..request("b", 4, 4) }).await;
    assert_eq!((forked.status.as_u16(), size(&forked.text())), (409, Ok(4)));
    accused(&witness).await;
    drop((client, witness));
    // Everything holds after a restart, too.
    accused(&site.open()).await;
}

async fn accused(witness: &Witness) {
    let mut client = Client::new(witness.router());
    let health = client.get("/healthz").await.json();
    assert_eq!((health["alarms"].clone(), health["status"].clone()), (1.into(), "alarm".into()));
    let honest = submit(witness, &request("a", 4, 9)).await;
    assert_eq!(honest.status.as_u16(), 403, "not even the honest history goes on: {}", honest.text());
    let page = client.get("/").await.text();
    assert!(page.contains("出现两份互相抵触的检查点"), "{page}");
    let name = health["logs"][0]["name"].as_str().expect("a name");
    for (file, history) in [("cosigned.txt", "a"), ("contradiction.txt", "b")] {
        let kept = client.get(&format!("/logs/{name}/evidence/{file}")).await.text();
        let opened = Checkpoint::open(&kept, &signer().verifier_key(), &[]).expect("signed by the log");
        assert_eq!(opened.checkpoint, log(history, 4).0);
    }
    assert_eq!(client.get(&format!("/logs/{name}/evidence/cosigned")).await.status.as_u16(), 404);
}

#[tokio::test]
async fn its_answers_carry_the_security_headers_and_the_page_speaks_english() {
    let site = site();
    let mut client = Client::new(site.open().router());
    for path in ["/", "/witness.css", "/vkey", "/healthz", "/metrics", "/nowhere"] {
        let answer = client.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
    }
    let page = client.get("/?lang=en").await.text();
    assert!(page.contains("<html lang=\"en\"") && page.contains("Witness of the ledger"), "{page}");
    assert!(!page.contains("witnessing."), "a text is missing: {page}");
    assert!(!client.get("/").await.text().contains("witnessing."), "a text is missing");
}
