//! A witness that mirrors the platform's log over HTTP, what it notices, and a monitor that replays it.

use std::path::{Path, PathBuf};

use backend::{
    ledger_audit::{self, Audit, AuditReport},
    remote_log::RemoteLog,
};
use ledger::{
    Tile,
    checkpoint::Checkpoint,
    key::{Signer, VerifierKey},
    tile::Rank,
};
use server::witness::Witness;
use time::Duration;
use tower_http::services::ServeDir;

use super::{Served, Site, log::site_for};
use crate::{Client, Platform};

/// The published ledger's folder, served as files: what a mirror or a liar may do with it.
fn files(folder: &Path) -> axum::Router {
    axum::Router::new().fallback_service(ServeDir::new(folder))
}

fn published(platform: &Platform) -> PathBuf {
    platform.folder.path().join("objects/ledger")
}

fn key(platform: &Platform) -> VerifierKey {
    platform.services.signer.verifier_key()
}

pub(super) async fn health(witness: &Witness) -> serde_json::Value {
    Client::new(witness.router()).get("/healthz").await.json()
}

fn mirrored(platform: &Platform, served: &Served) -> Site {
    site_for(platform, "mirror.example", &format!("url = \"{}/ledger\"\nmirror = true\n", served.url()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mirror_holds_everything_and_serves_it() {
    let platform = Platform::sqlite().await;
    let served = Served::new(platform.router.clone()).await;
    let site = mirrored(&platform, &served);
    let witness = site.open();
    witness.watch_once().await;
    let health = health(&witness).await;
    let size = platform.services.ledger.checkpoint().await.expect("a checkpoint").0.size;
    assert_eq!(
        (health["alarms"].clone(), health["logs"][0]["mirrored"].clone()),
        (0.into(), size.into()),
        "{health}"
    );
    // The log is gone; a monitor reads the mirror instead and finds the same tree.
    drop(served);
    let name = health["logs"][0]["name"].as_str().expect("a name");
    let mirror = Served::new(witness.router()).await;
    let report = audit(&platform, &format!("{}/mirror/{name}", mirror.url()), 0, true).await;
    assert!(report.is_good() && report.entries == size, "{report}");
    let beyond = Client::new(witness.router()).get(&format!("/mirror/{name}/tile/0/x001/000")).await;
    assert_eq!(beyond.status.as_u16(), 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_withholds_raises_an_alarm_after_some_minutes_and_a_mended_one_clears_it() {
    let platform = Platform::sqlite().await;
    let copy = tempfile::TempDir::new().expect("a folder");
    copy_folder(&published(&platform), copy.path());
    let served = Served::new(axum::Router::new().nest("/ledger", files(copy.path()))).await;
    let site = mirrored(&platform, &served);
    let witness = site.open();
    let bundles = copy.path().join("tile/entries");
    let hidden = copy.path().join("hidden");
    std::fs::rename(&bundles, &hidden).expect("withheld");
    witness.watch_once().await;
    let first = health(&witness).await;
    assert_eq!(first["alarms"], 0, "not yet: {first}");
    assert!(first["logs"][0]["error"].as_str().is_some_and(|why| why.contains("not served")), "{first}");
    site.clock.advance(Duration::minutes(11));
    witness.watch_once().await;
    let second = health(&witness).await;
    assert_eq!(
        (second["alarms"].clone(), second["logs"][0]["withheld"].clone()),
        (1.into(), true.into()),
        "{second}"
    );
    assert!(Client::new(witness.router()).get("/").await.text().contains("未提供已签名的内容"));
    std::fs::rename(&hidden, &bundles).expect("given back");
    witness.watch_once().await;
    let third = health(&witness).await;
    assert_eq!(
        (third["alarms"].clone(), third["logs"][0]["error"].clone()),
        (0.into(), serde_json::Value::Null),
        "{third}"
    );
}

/// The log's own key signs another history of another size: only the tiles can show it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_with_two_histories_of_different_sizes_is_found_by_its_own_tiles() {
    let platform = Platform::sqlite().await;
    let seed =
        backend::durable::read_seed(&platform.folder.path().join("ledger.key")).expect("the log's key");
    let signer = Signer::from_seed(platform.services.signer.origin(), &seed).expect("the log's key");
    let (honest, note) = platform.services.ledger.checkpoint().await.expect("a checkpoint");
    // What was cosigned: the honest log.
    let served = Served::new(platform.router.clone()).await;
    let site = site_for(&platform, "watch.example", &format!("url = \"{}/ledger\"\n", served.url()));
    let witness = site.open();
    let body = ledger::witness::Request { old: 0, proof: Vec::new(), checkpoint: note.clone() }.to_string();
    let post =
        axum::http::Request::post("/add-checkpoint").body(axum::body::Body::from(body)).expect("a request");
    assert!(Client::new(witness.router()).send(post).await.status.is_success());
    witness.watch_once().await;
    assert_eq!(health(&witness).await["alarms"], 0);
    let address = served.address;
    drop(served);
    // What is published now: a larger tree whose beginning is another.
    let entries: Vec<_> = (0..honest.size + 5).map(|index| format!("forged {index}")).collect();
    let forged = ledger::Tree::empty().append(&entries).expect("a tree");
    let folder = tempfile::TempDir::new().expect("a folder");
    for (tile, bytes) in &forged.tiles {
        let path = folder.path().join(tile.path());
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, bytes).expect("written");
    }
    let checkpoint =
        Checkpoint { origin: honest.origin.clone(), size: honest.size + 5, root: forged.tree.root() };
    let signed = checkpoint.sign(&signer).expect("signed").to_string();
    std::fs::write(folder.path().join("checkpoint"), &signed).expect("written");
    let router = axum::Router::new().nest("/ledger", files(folder.path()));
    let _served = again(address, router).await;
    witness.watch_once().await;
    let health = health(&witness).await;
    assert_eq!(
        (health["alarms"].clone(), health["logs"][0]["forked"].clone()),
        (1.into(), true.into()),
        "{health}"
    );
    let name = health["logs"][0]["name"].as_str().expect("a name");
    let mut client = Client::new(witness.router());
    assert_eq!(client.get(&format!("/logs/{name}/evidence/contradiction.txt")).await.text(), signed);
    assert!(client.get(&format!("/logs/{name}/evidence/cosigned.txt")).await.text().starts_with(&note));
}

/// The same port once it is free.
pub(super) async fn again(address: std::net::SocketAddr, router: axum::Router) -> Served {
    for _ in 0..100 {
        match tokio::net::TcpListener::bind(address).await {
            Ok(listener) => {
                drop(listener);
                return Served::at(address, router).await;
            }
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
        }
    }
    panic!("the port is not free");
}

async fn audit(platform: &Platform, url: &str, from: u64, entries: bool) -> AuditReport {
    let log = RemoteLog::new(url).expect("an address");
    let audit = Audit { log: &log, key: &key(platform), from, entries, known: None };
    ledger_audit::run(&audit, &mut |_, _| {}).await.expect("read")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_monitor_finds_nothing_on_a_sound_log_and_names_what_was_changed_on_a_copy() {
    let platform = Platform::sqlite().await;
    let served = Served::new(platform.router.clone()).await;
    let url = format!("{}/ledger", served.url());
    let size = platform.services.ledger.checkpoint().await.expect("a checkpoint").0.size;
    for from in [0, 1, size / 2, size] {
        let report = audit(&platform, &url, from, true).await;
        assert!(report.is_good() && report.entries == size - from, "from {from}: {report}");
    }
    let beyond = audit(&platform, &url, size + 1, true).await;
    assert!(!beyond.is_good(), "{beyond}");

    let last = |rank| Tile::at(rank, (size - 1) / 256, size).expect("the last tile").path();
    let (bundle, leaves) = (last(Rank::Entries), last(Rank::Level(0)));
    let cases: [(&str, &str, fn(&mut Vec<u8>)); 5] = [
        (&bundle, "checkpoint", |bytes| bytes[40] ^= 1),
        (&bundle, "tile/entries/", |bytes| {
            bytes.pop();
        }),
        (&leaves, "tile/0/", |bytes| bytes[0] ^= 1),
        ("checkpoint", "checkpoint", |bytes| {
            let end = bytes.len() - 3;
            bytes[end] = if bytes[end] == b'A' { b'B' } else { b'A' }
        }),
        (&bundle, "log", Vec::clear),
    ];
    for (file, place, change) in cases {
        let copy = tempfile::TempDir::new().expect("a folder");
        copy_folder(&published(&platform), copy.path());
        let path = copy.path().join(file);
        let mut bytes = std::fs::read(&path).expect("a file");
        change(&mut bytes);
        if bytes.is_empty() {
            std::fs::remove_file(&path).expect("removed")
        } else {
            std::fs::write(&path, bytes).expect("changed")
        }
        let served = Served::new(files(copy.path())).await;
        let report = audit(&platform, &served.url(), 0, true).await;
        assert!(report.findings.iter().any(|finding| finding.place.starts_with(place)), "{file}: {report}");
    }
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_folder(&path, &target)
        } else {
            std::fs::copy(&path, &target).map(drop).expect("a copy")
        }
    }
}
