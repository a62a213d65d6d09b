//! `guxin drill tamper` on the small market: it alters a copy, says what was found and where, and leaves the instance as it was;
//! the operator's page shows the report.

use std::{fs, path::Path};

use serde_json::Value;

use super::{Said, fsck::files, guxin, run};
use crate::{Platform, Who, on_both};

/// Drills the instance that a configuration file describes.
fn drill(platform: &Platform, more: &[&str]) -> Said {
    let config = platform.folder.path().with_extension("toml");
    let data = platform.folder.path().to_str().expect("text");
    fs::write(&config, format!("data = {data:?}\ndatabase = {:?}\n", platform.database.url)).expect("a file");
    let said = guxin(["drill", "tamper", "--config", config.to_str().expect("text")])
        .args(more)
        .output()
        .expect("the binary starts");
    fs::remove_file(config).expect("removed");
    Said::of(said)
}

fn outcome<'a>(report: &'a Value, alteration: &str) -> &'a Value {
    let all = report["alterations"].as_array().expect("a list");
    all.iter().find(|one| one["alteration"] == alteration).expect("it was tried")
}

/// What a drill must find on any instance: which check says so, and the place that it names.
fn assert_found(report: &Value, alteration: &str, check: &str) {
    let one = outcome(report, alteration);
    assert_eq!(one["found"], true, "{one}");
    let by = one["by"].as_array().expect("a list").iter().find(|by| by["check"] == check);
    let (place, named) =
        (one["place"].as_str().expect("a place"), by.expect("this check noticed")["place"].as_str());
    let named = named.expect("a place");
    // Objects are named below the ledger's prefix.
    let same = place == named || place.strip_prefix("ledger/") == Some(named);
    assert!(same || alteration == "entry_bundle" && named.starts_with("entry "), "{one}");
}

on_both! {
    async fn everything_that_the_checks_cover_is_found_and_named(platform: Platform) {
        let folder = platform.folder.path();
        let mut operator = platform.client(Who::Operator);
        // A look at the market, for a record of access to alter.
        assert_eq!(platform.client(Who::Supervisor).get("/supervision").await.status, 200);
        let empty = operator.get("/admin/drill").await;
        assert!(empty.status == 200 && empty.text().contains("guxin drill tamper"), "{}", empty.text());
        // PostgreSQL copies a database only while nobody is connected.
        platform.services.db.close().await;
        let before = files(folder);
        let json = drill(&platform, &["--json"]);
        let report = json.json();
        for (alteration, check) in [
            ("manifest", "receipts"),
            ("document", "documents"),
            ("tile", "tiles"),
            ("entry_bundle", "entries"),
            ("checkpoint", "head"),
            ("checkpoint_history", "checkpoints"),
            ("outbox_entry", "outbox"),
            ("access_record", "access_records"),
        ] {
            assert_found(&report, alteration, check);
        }
        // The verdict is what the list says, whichever way.
        let list = report["alterations"].as_array().expect("a list");
        let missed = list.iter().filter(|one| !one["place"].is_null() && one["found"] == false).count();
        assert_eq!((json.status, &report["all_found"]), (i32::from(missed > 0), &(missed == 0).into()), "{json:?}");
        assert!(outcome(&report, "cosignature")["place"].is_null(), "the market has no witnesses");

        let mut after = files(folder);
        let kept = folder.join("drill.json");
        assert!(after.remove(&kept.display().to_string()).is_some(), "the report is kept");
        assert_eq!(after, before, "nothing else was touched");
        let words = drill(&platform, &[]);
        assert_eq!(words.status, json.status, "{words:?}");
        assert!(words.out.contains("alterations found") && words.out.contains("altered: ledger/checkpoint"), "{words:?}");
    }
}

#[tokio::test]
async fn the_operators_page_shows_the_last_drill_to_the_operator_alone() {
    let platform = Platform::sqlite().await;
    let said = drill(&platform, &[]);
    assert!(said.status < 2, "{said:?}");
    let page = platform.client(Who::Operator).get("/admin/drill").await;
    let text = page.text();
    for word in ["ledger/tile/0/000", "账本哈希块", "哈希块重算", "无此类数据"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    assert_eq!(platform.client(Who::Reviewer).get("/admin/drill").await.status, 403);
    // A report that another version wrote is none.
    fs::write(platform.folder.path().join("drill.json"), "{}").expect("written");
    let page = platform.client(Who::Operator).get("/admin/drill").await;
    assert!(page.status == 200 && page.text().contains("尚未做过演练"), "{}", page.text());
}

#[tokio::test]
async fn an_instance_that_is_wrong_to_begin_with_is_not_drilled() {
    let platform = Platform::sqlite().await;
    let tile = platform.folder.path().join("objects/ledger/checkpoint");
    fs::write(&tile, "nobody signed this").expect("changed");
    let said = drill(&platform, &["--json"]);
    assert_eq!(said.status, 2, "{said:?}");
    assert!(said.json()["error"].as_str().is_some_and(|error| error.contains("checkpoint")), "{said:?}");
    assert!(!platform.folder.path().join("drill.json").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_with_somebody_connected_says_what_to_do() {
    let platform = Platform::postgres().await;
    let said = drill(&platform, &["--json"]);
    assert_eq!(said.status, 2, "{said:?}");
    assert!(said.json()["error"].as_str().is_some_and(|error| error.contains("stop the server")), "{said:?}");
}

#[test]
fn a_mistyped_folder_is_said_and_not_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = folder.path().join("dtaa");
    let said = run(["drill", "tamper", "--data", missing.to_str().expect("text")]);
    assert_eq!(said.status, 2, "{said:?}");
    assert!(said.err.contains("--data") && !Path::new(&missing).exists(), "{said:?}");
}
