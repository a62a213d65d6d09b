//! `guxin ledger fsck`: looks at the instance that the options name, says what is wrong with it, and writes nothing.

use std::{collections::BTreeMap, fs, path::Path};

use sha2::{Digest as _, Sha256};

use super::{Said, guxin, run};
use crate::{Platform, on_both};

/// Every file below a folder with the digest of its content, but the two that SQLite lays beside a database to read it.
pub(super) fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).expect("a folder").flatten() {
            let (path, name) = (entry.path(), entry.path().display().to_string());
            if path.is_dir() {
                found.insert(name, "folder".to_owned());
                folders.push(path);
            } else if !name.ends_with("-wal") && !name.ends_with("-shm") {
                found.insert(name, hex::encode(Sha256::digest(fs::read(&path).expect("a file"))));
            }
        }
    }
    found
}

/// Checks the instance that a configuration file describes.
fn fsck(platform: &Platform, more: &[&str]) -> Said {
    let config = platform.folder.path().with_extension("toml");
    let data = platform.folder.path().to_str().expect("text");
    let text = format!("data = {data:?}\ndatabase = {:?}\n", platform.database.url);
    fs::write(&config, text).expect("a file");
    let said = guxin(["ledger", "fsck", "--config", config.to_str().expect("text")])
        .args(more)
        .output()
        .expect("the binary starts");
    fs::remove_file(config).expect("removed");
    Said::of(said)
}

on_both! {
    async fn it_says_good_and_wrong_and_writes_nothing(platform: Platform) {
        let folder = platform.folder.path();
        let (before, size) = (files(folder), platform.cx().ledger.checkpoint().await.expect("a checkpoint").0.size);
        let words = fsck(&platform, &[]);
        assert_eq!(words.status, 0, "{words:?}");
        assert!(words.out.starts_with(&format!("ledger of {size} entries")) && words.out.contains("documents"), "{words:?}");
        let json = fsck(&platform, &["--json"]);
        assert_eq!((json.status, &json.json()["sound"]), (0, &true.into()), "{json:?}");
        assert_eq!(json.json()["size"], size, "the file's database was checked, not another");
        assert_eq!(files(folder), before);

        let document = files(&folder.join("objects/blobs")).into_iter().find(|(_, digest)| digest != "folder").expect("a document").0;
        let mut bytes = fs::read(&document).expect("a document");
        bytes[20] ^= 1;
        fs::write(&document, bytes).expect("changed");
        let before = files(folder);
        let words = fsck(&platform, &[]);
        assert_eq!(words.status, 1, "{words:?}");
        assert!(words.out.contains("1 wrong") && words.out.contains("first: blobs/sha256/"), "{words:?}");
        let json = fsck(&platform, &["--json"]);
        assert_eq!((json.status, &json.json()["sound"]), (1, &false.into()), "{json:?}");
        assert_eq!(json.json()["checks"]["documents"]["wrong"], 1);
        assert_eq!(files(folder), before);
    }

    async fn a_changed_attestation_and_a_line_that_nobody_signed_end_with_1(platform: Platform) {
        let mut tx = platform.services.db.begin().await.expect("a transaction");
        let statement = "UPDATE attestation SET statement = statement || ' '
            WHERE id = (SELECT id FROM attestation ORDER BY id LIMIT 1)";
        assert_eq!(tx.run(statement, Vec::new()).await.expect("changed"), 1);
        tx.commit().await.expect("durable");
        let published = platform.folder.path().join("objects/ledger/checkpoint");
        let text = fs::read_to_string(&published).expect("a checkpoint");
        fs::write(&published, text + "junk\n").expect("changed");
        let json = fsck(&platform, &["--json"]);
        assert_eq!((json.status, &json.json()["sound"]), (1, &false.into()), "{json:?}");
        let told = json.json();
        let checks = &told["checks"];
        assert!(checks["records"]["first"]["place"].as_str().is_some_and(|place| place.starts_with("attestation ")), "{json:?}");
        assert_eq!(checks["records"]["first"]["what"], "the statement was changed: its ledger entry carries other digests");
        assert_eq!(checks["cosignatures"]["first"]["place"], "ledger/checkpoint line 6");
        let wrong = |check: &str| checks[check]["wrong"] != 0;
        assert!(["head", "entries", "outbox", "history", "documents"].iter().all(|check| !wrong(check)), "{json:?}");
        // How far it is goes to standard error, a line per tenth where that is no terminal.
        for check in ["entries", "history", "records", "access_records", "documents"] {
            let lines = json.err.lines().filter(|line| line.trim_start().starts_with(&format!("{check}:"))).count();
            assert!((1..=11).contains(&lines), "{check}: {}", json.err);
        }
    }

    async fn an_instance_that_cannot_be_read_is_not_one_that_is_wrong(platform: Platform) {
        let folder = platform.folder.path();
        fs::rename(folder.join("objects"), folder.join("elsewhere")).expect("moved");
        let before = files(folder);
        let said = fsck(&platform, &["--json"]);
        assert_eq!(said.status, 2, "{said:?}");
        assert!(said.json()["error"].as_str().is_some_and(|error| error.contains("objects")), "{said:?}");
        assert_eq!(files(folder), before);
    }
}

#[test]
fn a_mistyped_folder_is_said_and_not_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = folder.path().join("dtaa");
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).expect("a folder");
    for data in [&missing, &empty] {
        let data = data.to_str().expect("text");
        let words = run(["ledger", "fsck", "--data", data]);
        assert_eq!(words.status, 2, "{words:?}");
        assert!(
            words.out.is_empty() && words.err.contains("--data") && words.err.contains(data),
            "{words:?}"
        );
        let json = run(["ledger", "fsck", "--data", data, "--json"]);
        assert_eq!(json.status, 2);
        assert!(json.json()["error"].as_str().is_some_and(|error| error.contains(data)), "{json:?}");
        let rotate = run(["secrets", "rotate", "--data", missing.to_str().expect("text"), "--json"]);
        assert_eq!(rotate.status, 2, "{rotate:?}");
        assert!(rotate.json()["error"].as_str().is_some_and(|error| error.contains("--data")), "{rotate:?}");
    }
    assert!(!missing.exists() && fs::read_dir(&empty).expect("a folder").next().is_none());
}

#[tokio::test]
async fn a_schema_of_another_version_is_said_and_not_changed() {
    let platform = Platform::sqlite().await;
    let mut tx = platform.services.db.begin().await.expect("a transaction");
    let last = "DELETE FROM _sqlx_migrations WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)";
    tx.run(last, Vec::new()).await.expect("an older schema");
    tx.commit().await.expect("durable");
    platform.services.db.close().await;
    let before = files(platform.folder.path());
    let said = fsck(&platform, &[]);
    assert_eq!(said.status, 2, "{said:?}");
    assert!(said.err.contains("--database") && said.err.contains("guxin migrate"), "{said:?}");
    assert_eq!(files(platform.folder.path()), before);
}
