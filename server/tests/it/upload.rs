//! Files that are not what they should be, sent as a browser sends them: each is refused with a message that the
//! person can act on, in the reader's language, and nothing of it stays.

use std::fs;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use bytes::Bytes;
use domain::id::DocumentId;
use futures::stream;
use rstest::rstest;
use sha2::{Digest as _, Sha256};

use crate::{Answer, Client, Platform, Who, on_both, state};

/// A small valid PDF with this text in it.
pub(crate) fn pdf(text: &str) -> Vec<u8> {
    with_body(text, "")
}

fn with_body(text: &str, trailer: &str) -> Vec<u8> {
    let body = format!(
        "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n\
         2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n\
         3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>\nendobj\n% {text}\n"
    );
    let table = body.len();
    format!("{body}xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 4 /Root 1 0 R {trailer}>>\nstartxref\n{table}\n%%EOF\n")
        .into_bytes()
}

fn slot(platform: &Platform, slot: &str) -> String {
    format!("/filings/{}/slots/{slot}/documents", platform.known.draft)
}

/// The owner of the draft.
fn owner(platform: &Platform) -> Client {
    platform.client(Who::OtherEnterprise)
}

/// Files that wait in the spool.
fn spooled(platform: &Platform) -> usize {
    fs::read_dir(platform.folder.path().join("spool")).expect("a spool").count()
}

/// The message of a refusal.
fn message(answer: &Answer) -> String {
    answer.json()["message"].as_str().unwrap_or_default().to_owned()
}

/// A body that says how long it is and then sends this much in small pieces.
fn pieces(bytes: Vec<u8>) -> Body {
    let chunks: Vec<Result<Bytes, std::io::Error>> =
        bytes.chunks(64 << 10).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    Body::from_stream(stream::iter(chunks))
}

#[rstest]
#[case::wrong_type("a.pdf", b"PK\x03\x04 not a pdf".to_vec(), "PDF", "PDF")]
#[case::a_program("a.pdf", b"MZ\x90\x00 program".to_vec(), "PDF", "PDF")]
#[case::unaccepted_extension("a.exe", pdf("x"), ".exe", ".exe")]
#[case::no_extension("report", pdf("x"), "扩展名", "extension")]
#[case::another_slots_format("a.docx", pdf("x"), "docx", "docx")]
#[case::empty("a.pdf", Vec::new(), "空", "empty")]
#[case::truncated("a.pdf", pdf("x")[..150].to_vec(), "不完整", "incomplete")]
#[case::encrypted("a.pdf", with_body("x", "/Encrypt 9 0 R "), "密", "password")]
#[case::runs_code("a.pdf", pdf("<< /S /JavaScript /JS (app.alert(1)) >>"), "JavaScript", "JavaScript")]
#[tokio::test]
async fn are_refused(#[case] name: &str, #[case] bytes: Vec<u8>, #[case] zh: &str, #[case] en: &str) {
    let platform = Platform::sqlite().await;
    let before = state::of(&platform).await;
    let path = slot(&platform, "audit_report");
    let mut client = owner(&platform);
    let answer = client.upload(&path, name, bytes.clone()).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text());
    assert!(message(&answer).contains(zh), "{} does not say {zh}", message(&answer));
    let answer = client.upload(&format!("{path}?lang=en"), name, bytes).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        message(&answer).to_lowercase().contains(&en.to_lowercase()),
        "{} does not say {en}",
        message(&answer)
    );
    assert!(
        message(&answer).is_ascii() || message(&answer).contains('“'),
        "not English: {}",
        message(&answer)
    );
    assert_eq!(state::changed_beyond_reading(&before, &state::of(&platform).await), Vec::<String>::new());
    assert_eq!(spooled(&platform), 0, "something was left in the spool");
}

#[rstest]
#[case::announced(true)]
#[case::unannounced(false)]
#[tokio::test]
async fn are_refused_when_too_large(#[case] announced: bool) {
    let platform = Platform::sqlite().await;
    let before = state::of(&platform).await;
    let mut bytes = pdf("large");
    bytes.resize((50 << 20) + 1, b' ');
    let path = slot(&platform, "legal_opinion");
    let body = if announced { Body::from(bytes) } else { pieces(bytes) };
    let answer = owner(&platform).upload(&path, "a.pdf", body).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text());
    assert!(message(&answer).contains("上限"), "{}", message(&answer));
    assert_eq!(state::changed_beyond_reading(&before, &state::of(&platform).await), Vec::<String>::new());
    assert_eq!(spooled(&platform), 0, "something was left in the spool");
}

#[tokio::test]
async fn that_break_off_leave_nothing() {
    let platform = Platform::sqlite().await;
    let before = state::of(&platform).await;
    let broken =
        stream::iter([Ok(Bytes::from(pdf("half"))), Err(std::io::Error::other("the connection is gone"))]);
    let answer =
        owner(&platform).upload(&slot(&platform, "audit_report"), "a.pdf", Body::from_stream(broken)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text());
    assert!(message(&answer).contains("没有传完"), "{}", message(&answer));
    assert_eq!(state::changed_beyond_reading(&before, &state::of(&platform).await), Vec::<String>::new());
    assert_eq!(spooled(&platform), 0, "something was left in the spool");
}

#[rstest]
#[case::path_parts("../../etc/审计报告.pdf", "审计报告.pdf")]
#[case::windows_path("C:\\Users\\me\\审计报告.pdf", "审计报告.pdf")]
#[case::control_characters("审计\u{0}报告\r\n.pdf", "审计报告.pdf")]
#[case::reversed("审计\u{202e}fdp.pdf", "审计fdp.pdf")]
#[tokio::test]
async fn get_safe_names(#[case] sent: &str, #[case] kept: &str) {
    let platform = Platform::sqlite().await;
    let mut client = owner(&platform);
    let answer = client.upload(&slot(&platform, "audit_report"), sent, pdf(sent)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    let added = answer.json();
    assert_eq!(added["file_name"], kept);
    assert!(!added["notes"].as_array().expect("notes").is_empty(), "the person is told what was changed");
    let document = added["document"].as_str().expect("an id");
    let download = client.get(&format!("/documents/{document}/versions/1/content")).await;
    let disposition = download.header("content-disposition").to_owned();
    assert!(disposition.starts_with("attachment"), "{disposition}");
    assert!(!disposition.contains("..") && !disposition.contains('\\'), "{disposition}");
}

#[tokio::test]
async fn with_a_name_that_is_missing_or_nonsense_are_refused() {
    let platform = Platform::sqlite().await;
    let before = state::of(&platform).await;
    for name in [None, Some("%ff%fe.pdf")] {
        let mut request = Request::builder()
            .method("POST")
            .uri(slot(&platform, "audit_report"))
            .header("host", "localhost:3000")
            .header("sec-fetch-site", "same-origin");
        if let Some(name) = name {
            request = request.header("x-file-name", name);
        }
        let answer = owner(&platform).send(request.body(Body::from(pdf("x"))).expect("a request")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text());
        assert!(!message(&answer).is_empty());
    }
    assert_eq!(state::changed_beyond_reading(&before, &state::of(&platform).await), Vec::<String>::new());
}

on_both! {
    async fn twice_the_same_are_stored_once(platform: Platform) {
        let mut client = owner(&platform);
        let path = slot(&platform, "audit_report");
        let bytes = pdf("once");
        let answer = client.upload(&path, "a.pdf", bytes.clone()).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        let added = answer.json();
        assert_eq!(added["sha256"], hex::encode(Sha256::digest(&bytes)));
        assert_eq!(added["size"], bytes.len());
        let before = state::of(&platform).await;
        let again = client.upload(&path, "b.pdf", bytes.clone()).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", again.text());
        assert!(message(&again).contains("相同"), "{}", message(&again));
        assert_eq!(state::changed_beyond_reading(&before, &state::of(&platform).await), Vec::<String>::new());
        assert_eq!(spooled(&platform), 0);

        // Elsewhere it is a note, not a refusal.
        let elsewhere = client.upload(&slot(&platform, "legal_opinion"), "a.pdf", bytes).await;
        assert_eq!(elsewhere.status, StatusCode::CREATED, "{}", elsewhere.text());
        assert!(!elsewhere.json()["notes"].as_array().expect("notes").is_empty());
    }

    async fn into_what_is_not_theirs_are_refused(platform: Platform) {
        let before = state::of(&platform).await;
        let draft = platform.known.draft;
        let nobody = DocumentId::from(uuid::Uuid::nil());
        let attesting = platform.known.attesting.filing;
        let wanted = [
            (Who::OtherEnterprise, format!("/filings/{draft}/slots/no_such_slot/documents"), StatusCode::UNPROCESSABLE_ENTITY),
            (Who::OtherEnterprise, format!("/filings/{draft}/slots/audit_report/documents?replaces={}", nobody.0), StatusCode::NOT_FOUND),
            (Who::OtherEnterprise, format!("/filings/{attesting}/slots/audit_report/documents"), StatusCode::NOT_FOUND),
            (Who::ForeignFirm, format!("/filings/{attesting}/slots/audit_report/documents"), StatusCode::NOT_FOUND),
            (Who::EngagedSigner, format!("/filings/{attesting}/slots/audit_report/documents"), StatusCode::FORBIDDEN),
            (Who::OwnerSubmitted, format!("/filings/{}/slots/audit_report/documents", platform.known.submitted.filing), StatusCode::FORBIDDEN),
            (Who::Anonymous, format!("/filings/{draft}/slots/audit_report/documents"), StatusCode::UNAUTHORIZED),
            (Who::PasswordOnly, format!("/filings/{draft}/slots/audit_report/documents"), StatusCode::FORBIDDEN),
        ];
        for (who, path, status) in wanted {
            let answer = platform.client(who).upload(&path, "a.pdf", pdf("theirs")).await;
            assert_eq!(answer.status, status, "{who:?} {path}: {}", answer.text());
            assert!(!message(&answer).is_empty(), "{who:?} {path}: says nothing");
        }
        assert_eq!(state::changed_beyond_reading(&before, &state::of(&platform).await), Vec::<String>::new());
        assert_eq!(spooled(&platform), 0);
    }

    async fn by_form_come_back_to_the_page_with_a_message(platform: Platform) {
        let page = format!("/filings/{}", platform.known.draft);
        for (bytes, class) in [(pdf("form"), true), (Vec::new(), false)] {
            let mut client = owner(&platform);
            let before = state::of(&platform).await;
            let answer = client.send(multipart(&slot(&platform, "audit_report"), &page, "form.pdf", &bytes)).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
            assert_eq!(answer.location(), page);
            let shown = client.get(&page).await.text();
            assert!(!class || shown.contains("form.pdf"), "the page lists what was stored");
            if !class {
                assert!(shown.contains("空"), "the page says why");
                let changed = state::changed_beyond_reading(&before, &state::of(&platform).await);
                assert_eq!(changed, Vec::<String>::new());
            }
            if class {
                // The next round begins without it.
                let id = document_of(&platform, "form.pdf").await;
                let gone = client.call("/do/document/remove", &[("document", &id)]).await;
                assert!(gone.status.is_success(), "{}", gone.text());
            }
        }
    }
}

async fn document_of(platform: &Platform, name: &str) -> String {
    let (id,): (uuid::Uuid,) = platform
        .services
        .db
        .read()
        .one("SELECT document_id FROM document_version WHERE file_name = $1", backend::args![name])
        .await
        .expect("the document is there");
    id.to_string()
}

/// The same upload as a plain form sends it.
fn multipart(path: &str, page: &str, name: &str, bytes: &[u8]) -> Request<Body> {
    let mut body = format!(
        "--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/pdf\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--cut--\r\n");
    Request::builder()
        .method("POST")
        .uri(path)
        .header("host", "localhost:3000")
        .header("origin", crate::client::ORIGIN)
        .header("sec-fetch-site", "same-origin")
        .header("referer", format!("{}{page}", crate::client::ORIGIN))
        .header("accept", "text/html")
        .header("content-type", "multipart/form-data; boundary=cut")
        .body(Body::from(body))
        .expect("a request")
}
