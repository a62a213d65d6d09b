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

use super::{Said, Server, guxin, run};
use crate::{Platform, Who};

/// A folder for the signer with its configuration.
struct Signer {
    folder: TempDir,
    child: Option<Child>,
}

impl Signer {
    fn new(origin: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        let signer = Self { folder, child: None };
        let (data, socket) = (signer.path("data"), signer.path("signer.sock"));
        let text = format!("origin = \"{origin}\"\ndata = {data:?}\nsocket = {socket:?}\n");
        fs::write(signer.path("signer.toml"), text).expect("a file");
        signer
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn config(&self) -> String {
        self.path("signer.toml").to_str().expect("text").to_owned()
    }

    fn address(&self) -> String {
        format!("unix:{}", self.path("signer.sock").display())
    }

    fn start(&mut self) {
        self.start_with(|_| ());
    }

    fn start_with(&mut self, prepare: impl FnOnce(&mut std::process::Command)) {
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
    fn kill(&mut self) {
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
fn good<'a>(arguments: impl IntoIterator<Item = &'a str>) -> String {
    let said = run(arguments);
    assert_eq!(said.status, 0, "{said:?}");
    said.out
}

fn text(path: &Path) -> &str {
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

/// A software token with its own configuration; nothing of the machine's own tokens is seen.
struct SoftHsm {
    folder: TempDir,
}

impl SoftHsm {
    /// # Panics
    /// Where it is missing, and says how to get it: never skips.
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let hsm = Self { folder };
        fs::create_dir(hsm.path("tokens")).expect("a folder");
        let text =
            format!("directories.tokendir = {}\nobjectstore.backend = file\n", hsm.path("tokens").display());
        fs::write(hsm.path("conf"), text).expect("a file");
        let made = std::process::Command::new("softhsm2-util")
            .args([
                "--init-token",
                "--free",
                "--label",
                "guxin test",
                "--pin",
                "s3cret",
                "--so-pin",
                "87654321",
            ])
            .env("SOFTHSM2_CONF", hsm.path("conf"))
            .output()
            .expect("softhsm2-util is missing: run scripts/setup.sh test");
        assert!(made.status.success(), "{made:?}");
        fs::write(hsm.path("pin"), "s3cret\n").expect("a file");
        fs::set_permissions(hsm.path("pin"), fs::Permissions::from_mode(0o600)).expect("private");
        hsm
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn module() -> String {
        let named = std::env::var("GUXIN_TEST_PKCS11_MODULE").ok();
        let usual = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so"];
        let found = usual.into_iter().find(|path| Path::new(path).exists()).map(ToOwned::to_owned);
        named.or(found).expect("SoftHSM2's module is not where Debian has it: set GUXIN_TEST_PKCS11_MODULE")
    }

    fn key(&self, object: &str) -> String {
        let (module, pin) = (Self::module(), self.path("pin"));
        format!(
            "pkcs11:token=guxin%20test;object={object}?module-path={module}&pin-source=file:{}",
            pin.display()
        )
    }

    /// Writes the signer's configuration: the key, and where the next one is.
    fn configure(&self, signer: &Signer, lines: &[(&str, &str)]) {
        let (data, socket) = (signer.path("data"), signer.path("signer.sock"));
        let mut text = format!("origin = \"localhost/ledger\"\ndata = {data:?}\nsocket = {socket:?}\n");
        for (name, object) in lines {
            text.push_str(&format!("{name} = \"{}\"\n", self.key(object)));
        }
        fs::write(signer.path("signer.toml"), text).expect("a file");
    }

    fn run<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Said {
        let output = guxin(arguments).env("SOFTHSM2_CONF", self.path("conf")).output();
        Said::of(output.expect("the binary starts"))
    }

    fn serve(&self, signer: &mut Signer) {
        signer.start_with(|command| {
            command.env("SOFTHSM2_CONF", self.path("conf"));
        });
    }
}

#[tokio::test]
async fn a_key_in_a_token_signs_and_changes() {
    let hsm = SoftHsm::new();
    let mut signer = Signer::new("localhost/ledger");
    hsm.configure(&signer, &[("key", "log-2026")]);
    let key = ["signer", "key", "--config", &signer.config()].map(ToOwned::to_owned);
    let key = || hsm.run(key.iter().map(String::as_str));
    let said = hsm.run(["signer", "serve", "--config", &signer.config()]);
    assert_eq!(said.status, 2, "before there is a key: {said:?}");
    let first = key();
    assert!(first.status == 0 && first.out.starts_with("localhost/ledger+"), "{first:?}");
    assert_eq!(key().out, first.out, "made once");
    assert!(!signer.path("data/ledger.key").exists(), "the secret is in the token and nowhere else");

    hsm.serve(&mut signer);
    let data = TempDir::new().expect("a folder");
    let address = signer.address();
    let options = [
        "--signer",
        &address,
        "--operator-login",
        "op@example.cn",
        "--operator-password",
        "correct horse battery",
    ];
    let server = Server::start(data.path(), &options).await;
    let url = format!("http://localhost:{}/ledger", server.port);
    good(["ledger", "audit", &url, "--vkey", first.out.trim()]);
    drop(server);

    // The next key needs a place of its own, which the configuration names.
    let rotate = ["ledger", "rotate-key", "--data", text(data.path()), "--signer", &address];
    let said = run(rotate);
    assert!(said.status == 2 && said.err.contains("`next`"), "{said:?}");
    signer.kill();
    hsm.configure(&signer, &[("key", "log-2026"), ("next", "log-2027")]);
    hsm.serve(&mut signer);
    let said = good(rotate);
    let second = said.lines().find_map(|line| line.strip_prefix("new ")).expect("a key").to_owned();
    assert_ne!(second, first.out.trim());
    let fsck = ["ledger", "fsck", "--data", text(data.path()), "--signer", &address];
    good(fsck);
    // As long as the configuration stays as it was, the new key signs; then it is named as the key, and the old object may go.
    signer.kill();
    hsm.serve(&mut signer);
    drop(Server::start(data.path(), &options).await);
    good(fsck);
    signer.kill();
    hsm.configure(&signer, &[("key", "log-2027")]);
    assert_eq!(key().out.trim(), second);
    hsm.serve(&mut signer);
    let server = Server::start(data.path(), &options).await;
    let url = format!("http://localhost:{}/ledger", server.port);
    for vkey in [first.out.trim(), &second] {
        good(["ledger", "audit", &url, "--vkey", vkey]);
    }
}

#[test]
fn what_is_wrong_with_a_token_is_named_and_its_pin_is_not() {
    let hsm = SoftHsm::new();
    let signer = Signer::new("localhost/ledger");
    let refused = |why: &str| {
        let said = hsm.run(["signer", "key", "--config", &signer.config()]);
        assert!(said.status == 2 && said.err.contains(why), "{why}: {said:?}");
        assert!(!said.err.contains("s3cret") && !said.err.contains("wr0ng"), "{said:?}");
    };
    hsm.configure(&signer, &[("key", "log")]);
    fs::set_permissions(hsm.path("pin"), fs::Permissions::from_mode(0o644)).expect("readable");
    refused("chmod 600");
    fs::set_permissions(hsm.path("pin"), fs::Permissions::from_mode(0o600)).expect("private");
    fs::write(hsm.path("pin"), "wr0ng").expect("a file");
    refused("logging in");
    fs::remove_file(hsm.path("pin")).expect("gone");
    refused("pin-source");
    let text = fs::read_to_string(signer.path("signer.toml")).expect("text");
    for (from, to, why) in [
        ("guxin%20test", "other", "label `other`"),
        (SoftHsm::module().as_str(), "/nonexistent/module.so", "module-path"),
        ("pin-source=file:", "pin-value=", "into a file"),
    ] {
        fs::write(signer.path("signer.toml"), text.replace(from, to)).expect("a file");
        refused(why);
    }
}
