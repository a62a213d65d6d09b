//! The JSON API as a program uses it. Who may read what stands in the matrix; here is what an answer says, that lists
//! can be walked to their end, that proofs hold, and that reading leaves the traces that it must.

use std::collections::BTreeSet;

use ::ledger::{checkpoint::Checkpoint, merkle::leaf_hash, proof::Proof};
use axum::http::{Method, Request, StatusCode};
use backend::{access_record, args};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{Answer, Client, Platform, Who, on_both, surface};

const FILING: &str = "/api/v1/filings";

fn ids(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().expect("items");
    items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}

/// Every id of a list, two by two.
async fn walked(platform: &Platform, who: Who, path: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut address = format!("{path}&limit=2");
    loop {
        let answer = platform.read(who, &address).await;
        assert_eq!(answer.status, StatusCode::OK, "{address}: {}", answer.text());
        let list = answer.json();
        all.extend(ids(&list));
        let Some(next) = list["next_cursor"].as_str() else { return all };
        assert_eq!(ids(&list).len(), 2, "a part before the last is not full");
        address = format!("{path}&limit=2&cursor={next}");
    }
}

async fn records(platform: &Platform) -> Vec<(String, String)> {
    let sql = "SELECT what, path FROM access_record ORDER BY seq";
    platform.cx().db.read().all(sql, args![]).await.expect("records")
}

on_both! {
    async fn lists_are_walked_to_their_end(platform: Platform) {
        for who in [Who::Supervisor, Who::Reviewer, Who::EngagedSigner, Who::OwnerSubmitted] {
            for sort in ["updated", "created", "due", "name"] {
                let whole = ids(&platform.read(who, &format!("{FILING}?sort={sort}&limit=100")).await.json());
                let found = walked(&platform, who, &format!("{FILING}?sort={sort}")).await;
                assert_eq!(found, whole, "{who:?} by {sort}");
                assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), found.len(), "{who:?} by {sort}: twice");
            }
        }
        for sort in ["name", "submitted", "code"] {
            let whole = ids(&platform.read(Who::Supervisor, &format!("/api/v1/companies?sort={sort}&limit=100")).await.json());
            assert!(whole.len() > 5, "the market has companies");
            assert_eq!(walked(&platform, Who::Supervisor, &format!("/api/v1/companies?sort={sort}")).await, whole, "by {sort}");
        }
    }

    async fn the_list_of_filings_is_the_pages_list(platform: Platform) {
        use backend::filing::{Filter, Sort, list};
        for who in [Who::OwnerSubmitted, Who::EngagedSigner, Who::Reviewer, Who::Supervisor] {
            let login = who.credentials().expect("credentials").login;
            let cx = crate::people::cx_of(&platform.services, &login).await;
            for sort in Sort::ALL {
                let filter = Filter { sort, paging: backend::page::Paging { page: 1, size: 100 }, ..Filter::default() };
                let page: Vec<String> = list(&cx, &filter).await.expect("a list").rows.iter().map(|row| row.id.to_string()).collect();
                let address = format!("{FILING}?limit=100&sort={}", sort.name());
                assert_eq!(ids(&platform.read(who, &address).await.json()), page, "{who:?} by {sort:?}");
            }
        }
        let owner = platform.read(Who::OwnerSubmitted, &format!("{FILING}?stage=submitted")).await.json();
        assert_eq!(ids(&owner), [platform.known.submitted.filing.to_string()]);
        assert_eq!(ids(&platform.read(Who::OwnerSubmitted, &format!("{FILING}?stage=listed")).await.json()), Vec::<String>::new());
        let name = owner["items"][0]["enterprise"]["name"].as_str().expect("a name").to_owned();
        let asked: String = form_urlencoded::Serializer::new(String::new()).append_pair("q", &name).finish();
        assert_eq!(ids(&platform.read(Who::Supervisor, &format!("{FILING}?{asked}")).await.json()), ids(&owner));
    }

    async fn a_filing_says_what_it_is_and_what_is_missing(platform: Platform) {
        let path = format!("{FILING}/{}", platform.known.attesting.filing);
        let draft = platform.read(Who::OwnerAttesting, &path).await.json();
        assert_eq!((draft["stage"].as_str(), draft["live"].as_bool()), (Some("attesting"), Some(true)));
        assert_eq!(draft["missing"]["complete"], false);
        assert!(draft["missing"]["attestations"].as_array().is_some_and(|slots| !slots.is_empty()), "{draft}");
        let path = format!("{FILING}/{}", platform.known.submitted.filing);
        let seen = platform.read(Who::Reviewer, &path).await.json();
        assert_eq!((seen["stage"].as_str(), seen["live"].as_bool()), (Some("submitted"), Some(false)));
        assert_eq!(seen["missing"]["complete"], true, "{}", seen["missing"]);
        assert_eq!((seen["rule_pack"]["id"].as_str(), seen["submissions"].as_i64()), (Some("listing"), Some(1)));
        let in_slots: usize = seen["slots"].as_array().expect("slots").iter().map(|slot| slot["documents"].as_array().expect("documents").len()).sum();
        let listed = platform.read(Who::Reviewer, &format!("{path}/documents")).await.json();
        assert_eq!(listed["items"].as_array().map(Vec::len), Some(in_slots));
        let versions = platform.read(Who::Reviewer, &format!("{path}/versions")).await.json();
        assert_eq!(versions["items"][0]["documents"].as_u64(), Some(in_slots as u64));
        let version = platform.read(Who::Reviewer, &format!("{path}/versions/1")).await.json();
        assert_eq!(version["files"], listed["items"]);
        assert_eq!(version["manifest"], versions["items"][0]["manifest"]);
    }

    async fn a_supervisors_reading_is_recorded_first(platform: Platform) {
        let before = records(&platform).await.len();
        let known = &platform.known.submitted;
        let reads = [
            ("supervision.filings", FILING.to_owned()),
            ("supervision.filing", format!("{FILING}/{}", known.filing)),
            ("supervision.filing", format!("{FILING}/{}/documents", known.filing)),
            ("supervision.filing", format!("{FILING}/{}/versions", known.filing)),
            ("supervision.filing", format!("{FILING}/{}/versions/1", known.filing)),
            ("supervision.receipt", format!("{FILING}/{}/versions/1/receipt", known.filing)),
            ("supervision.document", format!("/api/v1/documents/{}", known.document)),
            ("supervision.download", format!("/api/v1/documents/{}/versions/1/content", known.document)),
            ("supervision.companies", "/api/v1/companies".to_owned()),
            ("supervision.company", format!("/api/v1/companies/{}", known.org)),
            ("supervision.access", "/api/v1/access-records".to_owned()),
        ];
        for (_, path) in &reads {
            assert_eq!(platform.read(Who::Supervisor, path).await.status, StatusCode::OK, "{path}");
        }
        let wanted: Vec<(String, String)> = reads.iter().map(|(what, path)| ((*what).to_owned(), path.clone())).collect();
        assert_eq!(records(&platform).await[before..], wanted);
        // An answer that the program has already is a reading all the same.
        let (_, path) = &reads[1];
        let tag = platform.read(Who::Supervisor, path).await.header("etag").to_owned();
        let answer = conditional(&platform, Who::Supervisor, path, &tag).await;
        assert_eq!((answer.status, answer.body.len()), (StatusCode::NOT_MODIFIED, 0));
        assert_eq!(records(&platform).await.len(), before + reads.len() + 2);
        // Nobody else's reading is.
        for (_, path) in &reads {
            platform.read(Who::Reviewer, path).await;
        }
        assert_eq!(records(&platform).await.len(), before + reads.len() + 2);
        let cx = crate::people::cx_of(&platform.services, &Who::Supervisor.credentials().expect("credentials").login).await;
        let filter = access_record::Filter { what: "supervision.download".into(), ..access_record::Filter::default() };
        assert_eq!(access_record::list(&cx, &filter).await.expect("a list").total, 1);
    }

    async fn access_records_are_walked_although_each_step_adds_one(platform: Platform) {
        for _ in 0..5 {
            platform.read(Who::Supervisor, "/supervision/companies").await;
        }
        let mut seen = Vec::new();
        let mut address = "/api/v1/access-records?limit=2".to_owned();
        loop {
            let list = platform.read(Who::Supervisor, &address).await.json();
            seen.extend(list["items"].as_array().expect("items").iter().map(|item| item["seq"].as_i64().expect("a number")));
            match list["next_cursor"].as_str() {
                Some(next) => address = format!("/api/v1/access-records?limit=2&cursor={next}"),
                None => break,
            }
        }
        let first = seen[0];
        assert_eq!(seen, (1..=first).rev().collect::<Vec<_>>(), "left out or given twice");
    }
}

async fn conditional(platform: &Platform, who: Who, path: &str, tag: &str) -> Answer {
    let request = Request::get(path)
        .header("host", "localhost:3000")
        .header("authorization", format!("Bearer {}", platform.known.tokens[who.name()]))
        .header("if-none-match", tag)
        .body(axum::body::Body::empty())
        .expect("a request");
    Client::new(platform.router.clone()).send(request).await
}

#[tokio::test]
async fn receipts_and_documents_are_the_pages_own() {
    let platform = Platform::sqlite().await;
    let known = &platform.known.submitted;
    let page = platform
        .read(Who::OwnerSubmitted, &format!("/filings/{}/versions/1/receipt.json", known.filing))
        .await;
    let receipt =
        platform.read(Who::OwnerSubmitted, &format!("{FILING}/{}/versions/1/receipt", known.filing)).await;
    assert_eq!(receipt.body, page.body);
    let report = ::ledger::receipt::verify(&receipt.body, None, None);
    assert!(report.first_failure().is_none(), "{:?}", report.first_failure());

    let history =
        platform.read(Who::OwnerSubmitted, &format!("/api/v1/documents/{}", known.document)).await.json();
    let version = &history["versions"][0];
    let content = platform.read(Who::OwnerSubmitted, version["content"].as_str().expect("an address")).await;
    assert_eq!(Some(content.body.len() as u64), version["size"].as_u64());
    assert_eq!(
        Some(hex::encode(Sha256::digest(&content.body)).as_str()),
        version["digests"]["sha-256"].as_str()
    );
    assert!(content.header("content-disposition").starts_with("attachment"));
    assert!(content.header("content-security-policy").starts_with("sandbox"));
    let again = conditional(
        &platform,
        Who::OwnerSubmitted,
        version["content"].as_str().expect("an address"),
        content.header("etag"),
    )
    .await;
    assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
}

#[tokio::test]
async fn the_ledger_proves_what_it_says() {
    let platform = Platform::sqlite().await;
    let checkpoint = platform.read(Who::Anonymous, "/api/v1/ledger/checkpoint").await.json();
    let key = platform.read(Who::Anonymous, "/ledger/vkey").await.text().trim().parse().expect("a key");
    let opened =
        Checkpoint::open(checkpoint["note"].as_str().expect("a note"), &key, &[]).expect("signed").checkpoint;
    assert_eq!(checkpoint["size"].as_u64(), Some(opened.size));
    let known = &platform.known.submitted;
    let versions =
        platform.read(Who::OwnerSubmitted, &format!("{FILING}/{}/versions", known.filing)).await.json();
    let version = &versions["items"][0];
    let index = version["leaf_index"].as_u64().expect("anchored");
    for digest in ["sha-256", "sm3"] {
        let digest = version["manifest"][digest].as_str().expect("a digest");
        let found =
            platform.read(Who::Anonymous, &format!("/api/v1/ledger/entries?digest={digest}")).await.json();
        assert_eq!(found["items"][0]["index"].as_u64(), Some(index));
    }
    let entry = platform.read(Who::Anonymous, &format!("/api/v1/ledger/entries/{index}")).await.json();
    assert_eq!(entry["digests"]["sha-256"], version["manifest"]["sha-256"]);
    let text = entry["text"].as_str().expect("the entry");
    assert_eq!(entry["leaf_hash"].as_str(), Some(hex::encode(leaf_hash(text.as_bytes()).0).as_str()));
    let proof = platform.read(Who::Anonymous, &format!("/api/v1/ledger/entries/{index}/proof")).await.json();
    let parsed: Proof = proof["tlog_proof"].as_str().expect("a file").parse().expect("a proof");
    parsed.verify(text.as_bytes(), &key, &[]).expect("it holds");
    assert_eq!(proof["leaf_hash"], entry["leaf_hash"]);
    assert_eq!(proof["tree_size"], checkpoint["size"]);
    assert_eq!(proof["hashes"].as_array().map(Vec::len), Some(parsed.hashes.len()));
    let beyond = platform.read(Who::Anonymous, &format!("/api/v1/ledger/entries/{}", opened.size)).await;
    assert_eq!(beyond.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn failures_are_problem_documents() {
    let platform = Platform::sqlite().await;
    let nobody = Uuid::nil();
    for (path, status, code) in [
        (format!("{FILING}?stages=draft"), 422, "invalid"),
        (format!("{FILING}?stage=finished"), 422, "invalid"),
        (format!("{FILING}?limit=0"), 422, "invalid"),
        (format!("{FILING}?limit=101"), 422, "invalid"),
        (format!("{FILING}?cursor=x"), 422, "invalid"),
        (format!("{FILING}/not-an-id"), 404, "not_found"),
        (format!("{FILING}/{nobody}"), 404, "not_found"),
        (format!("{FILING}/{nobody}/versions/one"), 404, "not_found"),
        ("/api/v1/ledger/entries?digest=00".to_owned(), 422, "invalid"),
        ("/api/v1/ledger/entries/18446744073709551616".to_owned(), 404, "not_found"),
        ("/api/v1/companies".to_owned(), 403, "denied"),
        ("/api/v1/nothing".to_owned(), 404, "not_found"),
    ] {
        let answer = platform.read(Who::OwnerSubmitted, &path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.text());
        assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
        let problem = answer.json();
        assert_eq!(problem["code"], code, "{path}");
        assert_eq!(problem["type"], format!("urn:guxin:problem:{code}"));
        assert_eq!(problem["status"], status);
        assert!(
            ["title", "detail"]
                .iter()
                .all(|name| problem[*name].as_str().is_some_and(|text| !text.is_empty())),
            "{problem}"
        );
    }
    let due = platform.read(Who::Reviewer, &format!("{FILING}?sort=due&limit=1")).await.json();
    let path = format!("{FILING}?sort=name&cursor={}", due["next_cursor"].as_str().expect("more than one"));
    let answer = platform.read(Who::Reviewer, &path).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["errors"]["cursor"].is_string()),
        (422, true),
        "{}",
        answer.text()
    );
    let post = Request::builder()
        .method(Method::POST)
        .uri(FILING)
        .body(axum::body::Body::empty())
        .expect("a request");
    let answer = Client::new(platform.router.clone()).send(post).await;
    assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str()), (405, Some("method_not_allowed")));
}

#[tokio::test]
async fn only_a_live_token_speaks() {
    let platform = Platform::sqlite().await;
    // A browser's session is nothing here: other sites could use it.
    let answer = platform.client(Who::OwnerSubmitted).get("/api/v1/me").await;
    assert_eq!((answer.status, answer.header("www-authenticate")), (StatusCode::UNAUTHORIZED, "Bearer"));
    let token = platform.known.tokens[Who::OwnerSubmitted.name()].clone();
    let mut client = Client::new(platform.router.clone());
    assert_eq!(client.ask("/api/v1/me", Some(&token)).await.json()["role"], "org_admin");
    for wrong in ["guxin_", "nothing", &token[..token.len() - 1]] {
        assert_eq!(client.ask("/api/v1/me", Some(wrong)).await.status, StatusCode::UNAUTHORIZED, "{wrong}");
    }
    let cx = crate::people::cx_of(&platform.services, "company4@demo.guxin.example").await;
    let line = backend::token::list(&cx).await.expect("tokens").remove(0);
    backend::token::revoke(&cx, line.id.into()).await.expect("revoked");
    assert_eq!(client.ask("/api/v1/me", Some(&token)).await.status, StatusCode::UNAUTHORIZED);
    assert!(client.cookies.is_empty(), "a program gets no session");
}

#[test]
fn every_field_and_parameter_is_explained() {
    let api: Value = serde_json::from_str(&server::http::api::description()).expect("JSON");
    let schemas = api["components"]["schemas"].as_object().expect("schemas");
    let mut silent = Vec::new();
    for (name, schema) in schemas {
        let parts = schema["allOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
        if schema["description"].is_null() && !name.starts_with("List_") {
            silent.push(name.clone());
        }
        for (field, property) in parts.iter().filter_map(|part| part["properties"].as_object()).flatten() {
            // A reference is explained where it leads.
            let told = property["description"].is_string()
                || property["$ref"].is_string()
                || property["oneOf"].is_array();
            if !told {
                silent.push(format!("{name}.{field}"));
            }
        }
    }
    for (path, methods) in api["paths"].as_object().expect("paths") {
        let get = &methods["get"];
        if get["summary"].is_null() || get["tags"].is_null() {
            silent.push(path.clone());
        }
        for parameter in get["parameters"].as_array().into_iter().flatten() {
            if parameter["description"].as_str().is_none_or(str::is_empty) {
                silent.push(format!("{path}?{}", parameter["name"]));
            }
        }
    }
    assert_eq!(silent, Vec::<String>::new());
}

#[test]
fn the_manual_has_a_line_for_every_route() {
    let manual =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/API.md")).expect("docs/API.md");
    let lines: Vec<&str> = manual.lines().filter(|line| line.contains("curl")).collect();
    let missing: Vec<String> = surface::api_routes()
        .into_iter()
        .filter(|route| {
            // `{filing}` stands as `$FILING`.
            let mut shown = route.clone();
            for part in route.split('/').filter(|part| part.starts_with('{')) {
                shown = shown.replace(part, &format!("${}", part.trim_matches(['{', '}']).to_uppercase()));
            }
            let end = |line: &&str| {
                line.split_once(&shown)
                    .is_some_and(|(_, rest)| !rest.starts_with('/') && !rest.starts_with('-'))
            };
            !lines.iter().any(|line| end(&line))
        })
        .collect();
    assert_eq!(missing, Vec::<String>::new(), "without a line with curl in docs/API.md");
}
