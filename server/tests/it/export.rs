//! Lists as files for a spreadsheet: the page's filter, whole, harmless, and recorded when a supervisor takes one.

use axum::http::StatusCode;
use backend::args;

use crate::{Platform, Who, on_both};

/// Rows of a file, its head included; no cell of the demonstration's data holds a line break.
fn rows(body: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(body).expect("UTF-8");
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark, so that Excel reads Chinese right");
    assert!(text.ends_with("\r\n"), "RFC 4180 ends lines with CR LF");
    text.split("\r\n").filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

async fn records(platform: &Platform) -> Vec<(String, String)> {
    let sql = "SELECT what, path FROM access_record ORDER BY seq";
    platform.cx().db.read().all(sql, args![]).await.expect("records")
}

on_both! {
    async fn hold_what_the_page_lists(platform: Platform) {
        let answer = platform.read(Who::OwnerSubmitted, "/filings.csv").await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8; header=present");
        assert!(answer.header("content-disposition").contains("filings-2026-11-02.csv"), "{}", answer.header("content-disposition"));
        assert_eq!(answer.header("cache-control"), "private, no-store");
        let own = rows(&answer.body);
        assert_eq!(own.len(), 2, "{own:?}");
        assert!(own[0].starts_with("申请编号,企业名称,统一社会信用代码"), "{}", own[0]);
        assert!(own[1].starts_with(&platform.known.submitted.filing.to_string()) && own[1].contains("2026-1"), "{}", own[1]);
        let none = platform.read(Who::OwnerSubmitted, "/filings.csv?stage=listed").await;
        assert_eq!(rows(&none.body).len(), 1, "the filter of the page does not hold");
        let english = platform.read(Who::OwnerSubmitted, "/filings.csv?lang=en").await;
        assert!(rows(&english.body)[0].starts_with("Filing,Company,"));

        let queue = platform.read(Who::Reviewer, "/review.csv").await;
        let waiting = backend::review::queue(
            &crate::people::cx_of(&platform.services, &Who::Reviewer.credentials().expect("credentials").login).await,
            &backend::review::QueueFilter::default(),
        ).await.expect("the queue").page.total;
        assert_eq!(rows(&queue.body).len() as i64, waiting + 1);
        let market = rows(&platform.read(Who::Supervisor, "/supervision/filings.csv").await.body);
        let listed = rows(&platform.read(Who::Supervisor, "/supervision/filings.csv?stage=listed").await.body);
        assert!(listed.len() > 1 && listed.len() < market.len(), "{} of {}", listed.len(), market.len());
        let companies = rows(&platform.read(Who::Supervisor, "/supervision/companies.csv?sort=code").await.body);
        assert_eq!(companies.len(), crate::template::COMPANIES + 1);
    }

    async fn are_recorded_before_a_supervisor_has_them(platform: Platform) {
        let before = records(&platform).await.len();
        let paths = ["/filings.csv", "/supervision/filings.csv", "/supervision/companies.csv", "/supervision/access.csv"];
        let mut last = Vec::new();
        for path in paths {
            last = platform.read(Who::Supervisor, path).await.body.to_vec();
        }
        let wanted: Vec<(String, String)> = paths.iter().map(|path| ("supervision.export".to_owned(), (*path).to_owned())).collect();
        assert_eq!(records(&platform).await[before..], wanted);
        assert!(rows(&last)[1].contains("/supervision/access.csv"), "the export of the record does not show itself: {}", rows(&last)[1]);
        platform.read(Who::OwnerSubmitted, "/filings.csv").await;
        assert_eq!(records(&platform).await.len(), before + paths.len());
    }
}

#[tokio::test]
async fn stand_on_the_page_with_its_filter() {
    let platform = Platform::sqlite().await;
    for (who, page, link) in [
        (
            Who::OwnerSubmitted,
            "/filings?q=a%26b&stage=submitted&page=2",
            "/filings.csv?q=a%26b&amp;stage=submitted",
        ),
        (Who::Reviewer, "/review?overdue=1", "/review.csv?overdue=1"),
        (Who::Supervisor, "/supervision/filings?sort=due", "/supervision/filings.csv?sort=due"),
        (Who::Supervisor, "/supervision/companies", "/supervision/companies.csv"),
        (
            Who::Operator,
            "/supervision/access?what=supervision.filing",
            "/supervision/access.csv?what=supervision.filing",
        ),
    ] {
        let text = platform.read(who, page).await.text();
        assert!(text.contains(&format!("href=\"{link}\"")), "{page} has no link {link}");
    }
}

#[tokio::test]
async fn do_not_calculate_on_somebodys_desk() {
    let platform = Platform::sqlite().await;
    let mut tx = platform.services.db.begin().await.expect("a transaction");
    let name = "=HYPERLINK(\"https://evil.example\",\"点此\")";
    tx.run(
        "UPDATE organisation SET name = $1, credit_code = '913200007140654321' WHERE id = $2",
        args![name, platform.known.submitted.org],
    )
    .await
    .expect("a name");
    tx.commit().await.expect("committed");
    let market = rows(&platform.read(Who::Supervisor, "/supervision/filings.csv").await.body);
    let row = market.iter().find(|row| row.contains("evil.example")).expect("the company");
    assert!(
        row.contains(",\"'=HYPERLINK(\"\"https://evil.example\"\",\"\"点此\"\")\",'913200007140654321,"),
        "{row}"
    );
}
