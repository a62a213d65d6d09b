//! Supervisors read nothing unrecorded: every page, export, download and API route that shows them the market writes down
//! who reads what before it reads, and shows nothing when it cannot write it down.

use axum::http::StatusCode;
use backend::{args, db::Engine};
use uuid::Uuid;

use crate::{
    Platform, Who,
    matrix::{self, targets},
    on_both, surface,
    template::Target,
};

/// What a supervisor opens without a record: the own account and organisation, and what everybody may see.
const OWN: &[&str] = &[
    "/account",
    "/account/enrol",
    "/api/v1/me",
    "/home",
    "/login/second-factor",
    "/organisation",
    "/step-up",
];
/// Open to everybody, and yet recorded when a supervisor reads it.
const LEAVES: &[&str] =
    &["/api/v1/ledger/entries/{index}", "/api/v1/ledger/entries/{index}/proof", "/ledger/entries/{index}"];

/// Each supervision page: what its record says, and about which object.
const PAGES: &[(&str, &str, fn(&Target) -> Option<Uuid>)] = &[
    ("/supervision", "supervision.overview", |_| None),
    ("/supervision/companies", "supervision.companies", |_| None),
    ("/supervision/companies/{id}", "supervision.company", |target| Some(target.org)),
    ("/supervision/filings", "supervision.filings", |_| None),
    ("/supervision/filings/{id}", "supervision.filing", |target| Some(target.filing)),
    ("/supervision/documents/{id}/{number}", "supervision.document", |target| Some(target.document)),
    ("/supervision/access", "supervision.access", |_| None),
    ("/ledger/entries/{index}", "supervision.leaf", |_| None),
    ("/filings", "supervision.filings", |_| None),
    ("/filings/{id}", "supervision.filing", |target| Some(target.filing)),
];

async fn records(platform: &Platform) -> i64 {
    let (count,): (i64,) =
        platform.cx().db.read().one("SELECT COUNT(*) FROM access_record", args![]).await.expect("a count");
    count
}

#[derive(Debug, PartialEq, Eq, sqlx::FromRow)]
struct Newest {
    actor_name: String,
    what: String,
    subject_id: Option<Uuid>,
    path: String,
}

async fn newest(platform: &Platform) -> Newest {
    let sql = "SELECT actor_name, what, subject_id, path FROM access_record ORDER BY seq DESC LIMIT 1";
    platform.cx().db.read().one(sql, args![]).await.expect("a record")
}

/// From now on no access record can be written; everything else can.
async fn no_more_records(platform: &Platform) {
    let sql = match platform.services.db.engine() {
        Engine::Sqlite => {
            "CREATE TRIGGER no_more BEFORE INSERT ON access_record BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
        }
        Engine::Postgres => "ALTER TABLE access_record ADD CONSTRAINT no_more CHECK (false) NOT VALID",
    };
    let mut tx = platform.services.db.begin().await.expect("a transaction");
    tx.run(sql, args![]).await.expect("the fault is in place");
    tx.commit().await.expect("the fault is in place");
}

/// Every address that opens for a supervisor, and whether opening it left a record.
async fn opens(platform: &Platform) -> Vec<(String, String, bool)> {
    let mut found = Vec::new();
    for route in matrix::readable() {
        let path = targets::fill(&route, &platform.known.submitted);
        let before = records(platform).await;
        let answer = platform.read(Who::Supervisor, &path).await;
        if answer.status.is_success() {
            found.push((route, path, records(platform).await > before));
        }
    }
    found
}

on_both! {
    async fn each_page_leaves_its_record(platform: Platform) {
        let target = platform.known.submitted.clone();
        let name = crate::people::cx_of(&platform.services, &Who::Supervisor.credentials().expect("an account").login).await;
        let name = name.actor().expect("signed in").name.clone();
        for (route, what, subject) in PAGES {
            let path = targets::fill(route, &target);
            let before = records(&platform).await;
            // A query is not kept: it may hold what somebody looked for.
            let answer = platform.read(Who::Supervisor, &format!("{path}?lang=en")).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert_eq!(records(&platform).await, before + 1, "{path}");
            let expected = Newest { actor_name: name.clone(), what: (*what).into(), subject_id: subject(&target), path };
            assert_eq!(newest(&platform).await, expected);
        }
        let untold: Vec<String> = surface::pages()
            .into_iter()
            .filter(|page| page.starts_with("/supervision") && !PAGES.iter().any(|(route, ..)| route == page))
            .collect();
        assert_eq!(untold, Vec::<String>::new(), "supervision pages without a row here");
        // A leaf is everybody's: others leave no record.
        let before = records(&platform).await;
        for who in [Who::Anonymous, Who::OtherEnterprise, Who::Reviewer] {
            assert_eq!(platform.read(who, "/ledger/entries/0").await.status, StatusCode::OK);
            assert_eq!(platform.read(who, "/api/v1/ledger/entries/0").await.status, StatusCode::OK);
        }
        assert_eq!(records(&platform).await, before);
    }

    async fn nothing_is_shown_that_cannot_be_recorded(platform: Platform) {
        let opened = opens(&platform).await;
        let unrecorded: Vec<&str> = opened
            .iter()
            .filter(|(route, _, recorded)| !recorded && !OWN.contains(&route.as_str()) && !matrix::PUBLIC.contains(&route.as_str()))
            .map(|(route, ..)| route.as_str())
            .collect();
        assert_eq!(unrecorded, Vec::<&str>::new(), "shown to a supervisor without a record");
        let recorded: Vec<&(String, String, bool)> = opened.iter().filter(|(.., recorded)| *recorded).collect();
        for leaf in LEAVES {
            assert!(recorded.iter().any(|(route, ..)| route == leaf), "{leaf} leaves no record");
        }
        for kind in ["/supervision/filings/{id}", "/api/v1/filings/{filing}", "/supervision/filings.csv", "/documents/{document}/versions/{number}/content", "/filings/{filing}/versions/{number}/receipt.pdf", "/filings/{filing}/versions/{number}/evidence.zip", "/documents/{document}/versions/{number}/certificate.pdf", "/attestations/{attestation}/evidence.zip"] {
            assert!(recorded.iter().any(|(route, ..)| route == kind), "{kind} leaves no record");
        }

        no_more_records(&platform).await;
        let company: (String,) = platform.cx().db.read()
            .one("SELECT name FROM organisation WHERE id = $1", args![platform.known.submitted.org]).await.expect("a name");
        let before = records(&platform).await;
        for (route, path, _) in recorded {
            let answer = platform.read(Who::Supervisor, path).await;
            assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{route} is shown without a record");
            assert!(!answer.text().contains(&company.0), "{route} shows the company without a record");
            assert!(!answer.text().contains("the disk is full"), "{route} tells its insides");
        }
        assert_eq!(records(&platform).await, before);
        // Nobody else is held up.
        assert_eq!(platform.read(Who::Reviewer, "/review").await.status, StatusCode::OK);
        assert_eq!(platform.read(Who::Anonymous, "/ledger/entries/0").await.status, StatusCode::OK);
    }
}
