//! A whole folder as an office leaves it, handed in the way the page's script does and judged by its truth file
//! (`end2end/fixtures/messy.truth.json`): pictures without names, copies, drafts, a paper of another company, files that
//! nobody can open. What is asserted is read from the pages, as a person would. The real reading process recognises the scans, which
//! takes a minute; on SQLite only, since what the databases do differently is told by the backend's tests.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use backend::{args, fact, intake::job};
use domain::id::FilingId;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{Client, Platform, Who, client::ORIGIN};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../end2end/fixtures")
}

/// Every file below a folder with its path in it, as a browser walks it.
fn walk(folder: &Path, above: &str, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = format!("{above}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            walk(&entry.path(), &format!("{path}/"), found);
        } else {
            found.push((path, fs::read(entry.path()).unwrap()));
        }
    }
}

async fn sent(
    client: &mut Client,
    method: &str,
    path: &str,
    kind: &str,
    offset: Option<u64>,
    body: Vec<u8>,
) -> Value {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "localhost:3000")
        .header(header::ORIGIN, ORIGIN)
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, kind)
        .header("sec-fetch-site", "same-origin");
    if let Some(offset) = offset {
        request = request.header("upload-offset", offset);
    }
    let answer = client.send(request.body(Body::from(body)).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK, "{method} {path}: {}", answer.text());
    answer.json()
}

/// Announces the files, sends what is wanted and lets the platform read, sort and compare all of it.
async fn hand_in(platform: &Platform, owner: &mut Client, filing: &str, files: &[(String, Vec<u8>)]) {
    let address = format!("/filings/{filing}/intake");
    let announced: Vec<Value> = files
        .iter()
        .map(|(path, bytes)| {
            json!({ "path": path, "size": bytes.len(), "sha256": hex::encode(Sha256::digest(bytes)) })
        })
        .collect();
    let body = json!({ "files": announced }).to_string().into_bytes();
    let answer = sent(owner, "POST", &address, "application/json", None, body).await;
    for (reply, (_, bytes)) in answer["files"].as_array().unwrap().iter().zip(files) {
        if reply["to_do"] == "send" {
            let url = reply["url"].as_str().unwrap();
            let here = sent(owner, "PATCH", url, "application/partial-upload", Some(0), bytes.clone()).await;
            assert_eq!(here["complete"], true, "{here}");
        }
    }
    let cx = platform.cx();
    job::work(&cx).await.unwrap();
    fact::study(&cx).await.unwrap();
    let page = owner.ask(&address, None).await.json();
    assert_eq!((page["working"].as_u64(), page["failed"].as_u64()), (Some(0), Some(0)), "{page}");
}

/// What stands between `before` and the next quotation mark, at every place.
fn quoted<'a>(page: &'a str, before: &str) -> Vec<&'a str> {
    page.split(before).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// Paths in their slots, and the state of every file that is in none.
fn standing(page: &str) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let mut placed = BTreeMap::new();
    for row in page.split("<tr id=\"slot-").skip(1) {
        let (slot, rest) = row.split_once('"').unwrap();
        let row = rest.split("</tr>").next().unwrap();
        for path in quoted(row, "data-path=\"") {
            placed.insert(path.to_owned(), slot.to_owned());
        }
    }
    let mut others = BTreeMap::new();
    for row in page.split("<li id=\"intake-").skip(1) {
        let row = row.split('>').next().unwrap();
        let (path, state) = (quoted(row, "data-path=\"")[0], quoted(row, "data-state=\"")[0]);
        assert!(quoted(row, "data-confidence=\"")[0].parse::<u8>().is_ok(), "{row}");
        others.insert(path.to_owned(), state.to_owned());
    }
    (placed, others)
}

/// Each finding's rule with everything that is said about it.
fn findings(page: &str) -> Vec<(String, String)> {
    page.split("data-rule=\"")
        .skip(1)
        .map(|block| {
            let (rule, rest) = block.split_once('"').unwrap();
            (rule.to_owned(), rest.to_owned())
        })
        .collect()
}

fn texts(value: &Value) -> BTreeSet<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// A filing of the company that the folder is about, open to be filled.
async fn opened(platform: &Platform, owner: &mut Client, company: &Value) -> String {
    let text = |key: &str| company[key].as_str().unwrap().to_owned();
    let cx = platform.cx();
    let mut tx = cx.db.begin().await.unwrap();
    let written = tx
        .run(
            "UPDATE organisation SET name = $1, credit_code = $2, legal_representative = $3
                WHERE id = (SELECT org_id FROM filing WHERE id = $4)",
            args![text("name"), text("credit_code"), text("legal_representative"), platform.known.draft],
        )
        .await
        .unwrap();
    assert_eq!(written, 1);
    tx.commit().await.unwrap();
    let fields = [("open_key", "a-messy-folder"), ("board", "growth")];
    let answer = owner.submit("/filings/new", "/do/filing/open", &fields).await;
    let filing = answer.location().trim_start_matches("/filings/").to_owned();
    assert!(filing.parse::<FilingId>().is_ok(), "{}: {}", answer.outcome(), answer.text());
    filing
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_messy_folder_is_sorted_and_judged_as_its_truth_file_says() {
    let platform = Platform::sqlite().await;
    let truth: Value =
        serde_json::from_slice(&fs::read(fixtures().join("messy.truth.json")).unwrap()).unwrap();
    let mut owner = platform.client(Who::OtherEnterprise);
    let filing = opened(&platform, &mut owner, &truth["company"]).await;
    let mut files = Vec::new();
    walk(&fixtures().join("messy"), "", &mut files);
    assert_eq!(files.len(), truth["files"].as_array().unwrap().len(), "the fixture is whole");
    hand_in(&platform, &mut owner, &filing, &files).await;
    owner.submit(&format!("/filings/{filing}"), "/do/fact/adopt-all", &[("filing", &filing)]).await;

    let page = owner.get(&format!("/filings/{filing}?view=materials")).await.text();
    let (placed, others) = standing(&page);
    for (path, slot) in &placed {
        let wanted = texts(&truth["slots"][slot]["files"]);
        assert!(wanted.contains(path.as_str()), "{path} silently went to {slot}");
    }
    // What is right and not placed is a question at least, and of this folder very few are left.
    let wanted: BTreeSet<&str> =
        truth["slots"].as_object().unwrap().values().flat_map(|slot| texts(&slot["files"])).collect();
    let asked: Vec<&&str> = wanted.iter().filter(|path| !placed.contains_key(**path)).collect();
    assert!(
        asked.iter().all(|path| others.get(**path).is_some_and(|state| state == "unsure")),
        "{asked:?} {others:?}"
    );
    assert!(asked.len() <= 2, "{asked:?}");
    for (path, state) in [
        ("完税证明.pdf", "set_aside"),
        ("扫描件003(1).pdf", "set_aside"),
        ("说明书（初稿，别用）.docx", "set_aside"),
        ("推荐协议-加密.pdf", "held"),
        ("挂牌协议(电子版).pdf", "held"),
        ("附件3.pdf", "held"),
        ("全体董事承诺 盖章.pdf", "held"),
    ] {
        assert_eq!(others.get(path).map(String::as_str), Some(state), "{path}");
    }

    let page = owner.get(&format!("/filings/{filing}?view=findings")).await.text();
    let found = findings(&page);
    let rules: BTreeSet<&str> = found.iter().map(|(rule, _)| rule.as_str()).collect();
    let expected: Vec<&Value> = truth["expected_findings"].as_array().unwrap().iter().collect();
    let types: BTreeSet<&str> = expected.iter().filter_map(|one| one["type"].as_str()).collect();
    let missed: Vec<&&str> = types.iter().filter(|rule| !rules.contains(**rule)).collect();
    assert!(missed.is_empty(), "{missed:?} not found; found {rules:?}");
    let surplus: Vec<&(String, String)> =
        found.iter().filter(|(rule, _)| !types.contains(rule.as_str())).collect();
    assert!(surplus.len() <= 1, "{surplus:#?}");
    for innocent in truth["must_not_flag"].as_array().unwrap() {
        for path in texts(&innocent["files"]) {
            for (rule, said) in found.iter().filter(|(_, said)| said.contains(path)) {
                let meant =
                    expected.iter().any(|one| one["type"] == **rule && texts(&one["files"]).contains(path));
                assert!(meant, "{rule} flags {path}: {said}");
            }
        }
    }
    let missing: Vec<&String> =
        found.iter().filter(|(rule, _)| rule == "missing_slot").map(|(_, said)| said).collect();
    assert!(matches!(missing[..], [one] if one.contains("全体董事承诺")), "{missing:#?}");
}
