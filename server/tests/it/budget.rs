//! How many statements each page sends to the database: a fixed number that does not grow with what the page shows.
//! Every page that an actor can open is opened twice, on a market as it is and on one in which everything is there ten
//! times; the counts must be equal and within the page's limit. The counter is the process's: nextest gives each test one.

use std::collections::BTreeMap;

use backend::{args, db::count};

use crate::{Platform, Who, matrix::targets, surface};

/// Most statements per page, the session's and the actor's own included. A page without a limit fails.
const LIMITS: &[(&str, u32)] = &[
    ("/", 4),
    ("/account", 7),
    ("/admin/drill", 3),
    ("/admin/organisations", 6),
    ("/admin/organisations/new", 3),
    ("/admin/organisations/{id}", 7),
    ("/admin/people", 4),
    ("/admin/rule-packs", 4),
    ("/admin/rule-packs/{id}/{version}", 4),
    ("/admin/witnesses", 5),
    ("/documents/{document}/versions/{number}/source", 8),
    ("/engagements", 6),
    ("/engagements/{id}", 14),
    ("/filings", 8),
    ("/filings/new", 3),
    // Two of them are the intake's, five the findings'.
    ("/filings/{id}", 22),
    ("/filings/{id}/documents/{document}", 9),
    ("/filings/{id}/holders", 9),
    ("/filings/{id}/receipt", 30),
    ("/filings/{id}/submit", 15),
    ("/filings/{id}/versions/{n}", 15),
    ("/ledger", 5),
    ("/ledger/checkpoints", 8),
    ("/ledger/consistency", 9),
    ("/ledger/entries/{index}", 10),
    ("/ledger/witnesses", 6),
    ("/login", 0),
    ("/login/second-factor", 5),
    ("/organisation", 7),
    ("/register", 3),
    ("/review", 7),
    ("/review/{id}", 19),
    ("/rules", 3),
    ("/step-up", 5),
    ("/styleguide", 3),
    ("/supervision", 16),
    ("/supervision/access", 7),
    ("/supervision/companies", 8),
    ("/supervision/companies/{id}", 11),
    ("/supervision/documents/{id}/{number}", 20),
    ("/supervision/filings", 8),
    ("/supervision/filings/{id}", 20),
    ("/verify", 3),
];

/// Copies of every row beside the row itself.
const COPIES: i64 = 9;

/// A table to multiply: which rows, and the columns that a copy may not share with its original. `t` is the row, `k`
/// the copy's number.
const TABLES: &[(&str, &[(&str, &str)])] = &[
    ("organisation", &[("id", "id"), ("ledger_name", "text"), ("credit_code", "text"), ("code", "text")]),
    ("person", &[("id", "id"), ("login", "text")]),
    ("sanction", &[("id", "id")]),
    ("passkey", &[("id", "id"), ("credential_id", "bytes")]),
    ("session", &[("id_hash", "bytes")]),
    ("api_token", &[("id", "id"), ("token_hash", "bytes")]),
    ("invitation", &[("token_hash", "bytes")]),
    (
        "outbox",
        &[("seq", "number"), ("idempotency_key", "text"), ("leaf_index", "null"), ("anchored_at", "null")],
    ),
    ("event", &[("seq", "number"), ("outbox_seq", "number")]),
    ("filing", &[("id", "id"), ("open_key", "text")]),
    ("intake_file", &[("id", "id")]),
    ("holder_register", &[("number", "number")]),
    ("holder", &[("number", "number")]),
    ("filing_version", &[("number", "number"), ("idempotency_key", "text")]),
    ("document", &[("id", "id")]),
    ("document_version", &[("document_id", "id")]),
    ("document_reading", &[("document_id", "id")]),
    ("filing_version_document", &[("document_id", "id")]),
    ("engagement", &[("id", "id")]),
    ("engagement_slot", &[("engagement_id", "id")]),
    ("attestation", &[("id", "id")]),
    ("filing_version_attestation", &[("attestation_id", "id")]),
    ("review_item", &[("id", "id")]),
    ("decision", &[("id", "id")]),
    ("access_record", &[("seq", "number")]),
    ("witness", &[("id", "id"), ("name", "text"), ("vkey", "text")]),
];

/// Everything ten times: the same parents, so that each list and each object's children grow alike.
async fn multiply(platform: &Platform) {
    let mut tx = platform.services.db.begin().await.expect("a transaction");
    for (table, own) in TABLES {
        let columns: Vec<(String,)> = tx
            .all(format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid").leak(), args![])
            .await
            .expect("columns");
        let names: Vec<&str> = columns.iter().map(|(name,)| name.as_str()).collect();
        let values: Vec<String> = names
            .iter()
            .map(|name| match own.iter().find(|(column, _)| column == name).map(|(_, kind)| *kind) {
                Some("id") => format!("unhex(substr(hex(t.{name}), 1, 28) || printf('%04x', 40000 + k.n))"),
                Some("bytes") => format!("CAST(t.{name} || printf('%04x', k.n) AS BLOB)"),
                Some("text") => format!("t.{name} || '-' || k.n"),
                Some("null") => "NULL".to_owned(),
                Some("number") => format!("t.{name} + k.n * 1000000"),
                _ => format!("t.{name}"),
            })
            .collect();
        let sql = format!(
            "INSERT INTO {table} ({}) WITH RECURSIVE k (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < {COPIES})
             SELECT {} FROM {table} t, k WHERE true",
            names.join(", "),
            values.join(", ")
        );
        let made = tx.run(sql.leak(), args![]).await.unwrap_or_else(|error| panic!("{table}: {error}"));
        assert!(made % 9 == 0, "{table}");
    }
    tx.commit().await.expect("committed");
}

/// Statements per page and actor, for the pages that open.
async fn counts(platform: &Platform) -> BTreeMap<(String, &'static str), u32> {
    let mut found = BTreeMap::new();
    for route in surface::pages() {
        let path = targets::fill(&route, &platform.known.submitted);
        for who in Who::ALL {
            let mut client = platform.client(who);
            let before = count::all();
            let answer = client.get(&path).await;
            let queries = count::all() - before;
            assert!(!answer.status.is_server_error(), "{path} as {who:?}: {}", answer.text());
            if answer.status.is_success() {
                found.insert((route.clone(), who.name()), queries);
            }
        }
    }
    found
}

#[tokio::test]
async fn every_page_keeps_to_its_number_of_statements() {
    let platform = Platform::sqlite().await;
    // What happens once per session (it is touched, a text is shown once) is over before the counting.
    counts(&platform).await;
    let once = counts(&platform).await;
    multiply(&platform).await;
    let ten_times = counts(&platform).await;
    let grown: Vec<String> = once
        .iter()
        .filter(|(page, count)| ten_times.get(*page) != Some(count))
        .map(|((route, who), count)| {
            format!(
                "{route} as {who}: {count}, with ten times the rows {:?}",
                ten_times.get(&(route.clone(), who))
            )
        })
        .collect();
    assert_eq!(grown, Vec::<String>::new());
    let mut most: BTreeMap<&str, u32> = BTreeMap::new();
    for ((route, _), count) in &once {
        let most = most.entry(route).or_default();
        *most = (*most).max(*count);
    }
    assert!(most.values().any(|count| *count > 5), "nothing is counted: {most:?}");
    let limits: BTreeMap<&str, u32> = LIMITS.iter().copied().collect();
    let over: Vec<String> = most
        .iter()
        .filter(|(route, count)| limits.get(*route).is_none_or(|limit| *count > limit))
        .map(|(route, count)| format!("{route}: {count} of {:?}", limits.get(route)))
        .collect();
    assert_eq!(over, Vec::<String>::new(), "statements and limits");
    let unused: Vec<&&str> = limits.keys().filter(|route| !most.contains_key(*route)).collect();
    assert!(unused.is_empty(), "limits for pages that nobody opened: {unused:?}");
}
