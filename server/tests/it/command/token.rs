//! The log's key in a token (PKCS #11), with the real binary and SoftHSM2: made there, signing, changed; and what is wrong with a token is
//! named without its PIN.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::{
    Said, Server, guxin, run,
    signer::{Signer, good, text},
};

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
