//! `guxin signer` and `guxin ledger rotate-key` as an operator runs them: the key, a server beside it, a signer that is killed, and a key
//! that changes.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::{Server, guxin, run};
use crate::{Platform, Who};

/// A folder for the signer with its configuration; killed when it is dropped.
pub(super) struct Signer {
    folder: TempDir,
    child: Option<Child>,
}

impl Signer {
    pub(super) fn new(origin: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        let signer = Self { folder, child: None };
        let (data, socket) = (signer.path("data"), signer.path("signer.sock"));
        let text = format!("origin = \"{origin}\"\ndata = {data:?}\nsocket = {socket:?}\n");
        fs::write(signer.path("signer.toml"), text).expect("a file");
        signer
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn config(&self) -> String {
        self.path("signer.toml").to_str().expect("text").to_owned()
    }

    pub(super) fn address(&self) -> String {
        format!("unix:{}", self.path("signer.sock").display())
    }

    fn start(&mut self) {
        self.start_with(|_| ());
    }

    pub(super) fn start_with(&mut self, prepare: impl FnOnce(&mut std::process::Command)) {
        let _ = fs::remove_file(self.path("signer.sock"));
        let mut command = guxin(["signer", "serve", "--config", &self.config()]);
        prepare(&mut command);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.child = Some(child.expect("the binary starts"));
        let started = Instant::now();
        while !self.path("signer.sock").exists() {
            assert!(started.elapsed() < Duration::from_secs(20), "it does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// SIGKILL.
    pub(super) fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().expect("killed");
        child.wait().expect("ended");
    }
}

impl Drop for Signer {
    fn drop(&mut self) {
        if self.child.is_some() {
            self.kill();
        }
    }
}

#[track_caller]
pub(super) fn good<'a>(arguments: impl IntoIterator<Item = &'a str>) -> String {
    let said = run(arguments);
    assert_eq!(said.status, 0, "{said:?}");
    said.out
}

pub(super) fn text(path: &Path) -> &str {
    path.to_str().expect("text")
}

#[test]
fn the_key_is_made_once_and_a_configuration_that_cannot_be_used_is_named() {
    let signer = Signer::new("log.example/guxin");
    let said = run(["signer", "serve", "--config", &signer.config()]);
    assert!(said.status == 2 && said.err.contains("guxin signer key"), "{said:?}");
    let vkey = good(["signer", "key", "--config", &signer.config()]);
    assert!(vkey.starts_with("log.example/guxin+"), "{vkey}");
    assert_eq!(good(["signer", "key", "--config", &signer.config()]), vkey);
    let mode = fs::metadata(signer.path("data/ledger.key")).expect("a key").permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);

    fs::remove_file(signer.path("data/ledger.signer")).expect("lost");
    let said = run(["signer", "serve", "--config", &signer.config()]);
    assert!(said.status == 2 && said.err.contains("ledger.signer is missing"), "{said:?}");
    let said = run(["signer", "key", "--config", "/nonexistent/signer.toml"]);
    assert!(said.status == 2 && said.err.contains("--config"), "{said:?}");
    let said = run(["migrate", "--signer", "/run/signer.sock", "--data", text(signer.folder.path())]);
    assert!(said.status == 2 && said.err.contains("--signer") && said.err.contains("unix:"), "{said:?}");
}

#[tokio::test]
async fn a_server_starts_without_its_signer_once_it_knows_it_and_waits_for_it() {
    let mut signer = Signer::new("localhost/ledger");
    good(["signer", "key", "--config", &signer.config()]);
    let data = TempDir::new().expect("a folder");
    let said = run(["ledger", "fsck", "--data", text(data.path()), "--signer", &signer.address()]);
    assert!(said.status == 2 && said.err.contains("must answer once"), "{said:?}");
    signer.start();
    let more = ["--signer", &signer.address()].map(ToOwned::to_owned);
    let more: Vec<&str> = more.iter().map(String::as_str).collect();
    let mut server = Server::start(data.path(), &more).await;
    assert!(!data.path().join("ledger.key").exists(), "the server has no key");
    assert!(!data.path().join("ledger.signer").exists());

    // Killed in the middle of whatever it does, started again: its memory is what it signed.
    for _ in 0..3 {
        signer.kill();
        signer.start();
        let started = Instant::now();
        while !server.is_ready().await {
            assert!(started.elapsed() < Duration::from_secs(30), "not ready again");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    server.terminate();
    assert!(server.child.wait().expect("ended").success());
    let said = run(["ledger", "fsck", "--data", text(data.path()), "--signer", &signer.address()]);
    assert_eq!(said.status, 0, "{said:?}");
    // A server that keeps the key itself now would be a second signer with a key of its own.
    let said = run(["ledger", "fsck", "--data", text(data.path())]);
    assert_eq!(said.status, 2, "{said:?}");
}

#[tokio::test]
async fn a_receipt_from_before_a_change_of_the_key_verifies_with_the_list() {
    let platform = Platform::sqlite().await;
    let mut owner = platform.client(Who::OwnerSubmitted);
    let papers = TempDir::new().expect("a folder");
    let keep = |name: &str, bytes: &[u8]| {
        let path = papers.path().join(name);
        fs::write(&path, bytes).expect("a file");
        path.to_str().expect("text").to_owned()
    };
    let filing = platform.known.submitted.filing;
    let receipt = owner.get(&format!("/filings/{filing}/versions/1/receipt.json")).await.body;
    let receipt = keep("receipt.json", &receipt);
    let bundle = owner.get(&format!("/filings/{filing}/versions/1/evidence.zip")).await;
    assert_eq!(bundle.status, 200);
    let bundle = keep("evidence.zip", &bundle.body);
    let old = keep("old", &owner.get("/ledger/vkey").await.body);
    let proof = keep("3.tlog-proof", &owner.get("/ledger/proof/3.tlog-proof").await.body);
    platform.services.db.close().await;

    let data = text(platform.folder.path()).to_owned();
    let rotated = run(["ledger", "rotate-key", "--data", &data, "--json"]);
    assert_eq!(rotated.status, 0, "{rotated:?}");
    let rotated = rotated.json();
    assert_eq!(rotated["old"].as_str().map(|key| format!("{key}\n")), fs::read_to_string(&old).ok());
    let new = rotated["new"].as_str().expect("a key").to_owned();
    let keys = platform.folder.path().join("objects/ledger/keys");
    let keys = text(&keys).to_owned();

    for file in [&receipt, &bundle, &proof] {
        good(["verify", file, "--vkey", &old]);
        good(["verify", file, "--vkey", &old, "--keys", &keys]);
        assert_eq!(run(["verify", file, "--vkey", &new]).status, 1, "{file}");
        let said = good(["verify", file, "--vkey", &new, "--keys", &keys]);
        assert!(said.contains("checkpoint.chained_key"), "{said}");
    }
    let policy = keep("policy", format!("log {new}\nquorum none\n").as_bytes());
    assert_eq!(run(["verify", &receipt, "--policy", &policy]).status, 1);
    good(["verify", &receipt, "--policy", &policy, "--keys", &keys]);
    let said = run(["verify", &receipt, "--keys", &keys]);
    assert!(said.status == 2 && said.err.contains("--vkey"), "{said:?}");
    let cut = fs::read_to_string(&keys).expect("a list").replace("index ", "index 1");
    let cut = keep("cut", cut.as_bytes());
    let said = run(["verify", &receipt, "--vkey", &new, "--keys", &cut]);
    assert!(said.status == 2 && said.err.contains("--keys"), "{said:?}");

    // The instance goes on under the new key, inside and outside nothing is wrong.
    let server = Server::start(platform.folder.path(), &["--demo"]).await;
    let url = format!("http://localhost:{}/ledger", server.port);
    for key in [&new, &old] {
        good(["ledger", "audit", &url, "--vkey", key]);
    }
    let said = run(["ledger", "rotate-key", "--data", &data]);
    assert!(said.status == 2 && said.err.contains("process"), "while a server works: {said:?}");
    drop(server);
    let url = format!("http://localhost:{}", 3000);
    good(["ledger", "fsck", "--data", &data, "--public-url", &url]);
    assert!(good(["ledger", "rotate-key", "--data", &data]).contains("docs/SIGNER.md"));
    good(["verify", &receipt, "--vkey", &old, "--keys", &keys]);
}
