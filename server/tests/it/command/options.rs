//! Options that cannot be used: the message names the option, shows no password, and is JSON for whoever asked for JSON.

use std::fs;

use rstest::rstest;

use super::run;
use crate::port;

/// Runs in words and in JSON; answers the message, which must be the same.
fn refused(arguments: &[&str]) -> String {
    let words = run(arguments.iter().copied());
    assert_eq!(words.status, 2, "{words:?}");
    assert!(words.out.is_empty(), "{words:?}");
    if arguments[0] != "serve" {
        let json = run(arguments.iter().copied().chain(["--json"]));
        assert_eq!(json.status, 2, "{json:?}");
        let error = json.json()["error"].as_str().expect("an error").to_owned();
        assert!(words.err.contains(&error), "{words:?} {json:?}");
    }
    words.err
}

#[rstest]
#[case::of_another_kind(&["--database", "mysql://localhost/guxin"], "--database")]
#[case::malformed(&["--database", "postgres://u:s3cret@localhost:port/guxin"], "--database")]
#[case::nobody_there(&["--database", "postgres://u:s3cret@127.0.0.1:1/guxin"], "--database")]
#[case::no_such_folder(&["--database", "sqlite:/nonexistent/guxin.db"], "--database")]
#[case::supervision_without_postgres(&["--supervision-database", "postgres://u:s3cret@localhost/guxin"], "--supervision-database")]
#[case::unknown(&["--colour", "red"], "--colour")]
#[case::too_many(&["--session-hours", "99"], "--session-hours")]
#[case::no_such_file(&["--config", "/nonexistent/guxin.toml"], "--config")]
fn a_database_that_cannot_be_used_is_named(#[case] options: &[&str], #[case] names: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_str().expect("text");
    let said = refused(&[&["migrate", "--data", data], options].concat());
    assert!(said.contains(names), "{said}");
    assert!(!said.contains("s3cret"), "{said}");
}

#[test]
fn a_supervision_database_that_cannot_be_reached_is_named() {
    let url = std::env::var("GUXIN_TEST_DATABASE_URL")
        .expect("GUXIN_TEST_DATABASE_URL is not set: run `make test`, which starts a private PostgreSQL");
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_str().expect("text");
    for supervision in ["postgres://reader:s3cret@127.0.0.1:1/guxin", "sqlite:other.db"] {
        let arguments =
            ["migrate", "--data", data, "--database", &url, "--supervision-database", supervision];
        let said = refused(&arguments);
        assert!(said.contains("--supervision-database") && !said.contains("s3cret"), "{said}");
    }
}

#[test]
fn a_data_folder_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, "not a folder").expect("a file");
    let file = file.to_str().expect("text");
    let listen = format!("127.0.0.1:{}", port::free());
    for arguments in [
        &["migrate", "--data", file][..],
        &["seed", "--demo", "--data", file],
        &["serve", "--listen", &listen, "--data", file],
        &["ledger", "fsck", "--data", file],
        &["secrets", "rotate", "--data", file],
    ] {
        let said = refused(arguments);
        assert!(said.contains("--data") && said.contains(file), "{said}");
    }
}

#[rstest]
#[case::no_name(&["--ledger-origin", "an exchange"], "--ledger-origin")]
#[case::no_url(&["--public-url", "exchange"], "--public-url")]
#[case::bucket_without_keys(&["--s3-bucket", "papers"], "--s3-access-key")]
#[case::bucket_without_secret(&["--s3-bucket", "papers", "--s3-access-key", "k"], "--s3-secret-key")]
#[case::keys_without_bucket(&["--s3-access-key", "k", "--s3-secret-key", "s3cret"], "--s3-bucket")]
#[case::endpoint_is_no_url(&["--s3-bucket", "b", "--s3-access-key", "k", "--s3-secret-key", "s3cret", "--s3-endpoint", "minio:9000"], "--s3-endpoint")]
#[case::endpoint_is_away(&["--s3-bucket", "b", "--s3-access-key", "k", "--s3-secret-key", "s3cret", "--s3-endpoint", "http://127.0.0.1:1"], "--s3-endpoint")]
fn options_of_an_instance_are_named(#[case] options: &[&str], #[case] names: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_str().expect("text");
    let listen = format!("127.0.0.1:{}", port::free());
    let said = refused(&[&["serve", "--data", data, "--listen", &listen], options].concat());
    assert!(said.contains(names), "{said}");
    assert!(!said.contains("s3cret"), "{said}");
    assert!(
        names != "--ledger-origin" || !folder.path().join("ledger.signer").exists(),
        "a log with that name was begun"
    );
}
