//! What bounds the intake's bodies: as uploads into a slot, they are asked for authority and a turn before anything is read, and may
//! not trickle. A piece that is given up keeps what came. Files of the system are told of, also when a plain form brings them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use bytes::Bytes;
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use server::http::{Pace, State, UploadLimits};
use sha2::{Digest as _, Sha256};

use crate::{Client, Platform, Who, client::ORIGIN, upload::pdf};

fn intake(platform: &Platform) -> String {
    format!("/filings/{}/intake", platform.known.draft)
}

fn request(method: &str, path: &str, kind: &str, offset: Option<u64>, body: Body) -> Request<Body> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost:3000")
        .header("origin", ORIGIN)
        .header("sec-fetch-site", "same-origin")
        .header("accept", "application/json")
        .header("content-type", kind);
    if let Some(offset) = offset {
        request = request.header("upload-offset", offset);
    }
    request.body(body).expect("a request")
}

/// A kilobyte now and then, and how many were taken.
fn trickle() -> (Body, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&taken);
    let body = stream::repeat(()).then(move |()| {
        let count = Arc::clone(&count);
        async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            count.fetch_add(1, Ordering::SeqCst);
            Ok::<_, std::convert::Infallible>(Bytes::from(vec![b'x'; 1_000]))
        }
    });
    (Body::from_stream(body), taken)
}

/// The address of a file that was announced.
async fn announced(client: &mut Client, platform: &Platform, path: &str, bytes: &[u8]) -> String {
    let file = json!({ "path": path, "size": bytes.len(), "sha256": hex::encode(Sha256::digest(bytes)) });
    let body = json!({ "files": [file] }).to_string();
    let answer = client.send(request("POST", &intake(platform), "application/json", None, body.into())).await;
    let answer: Value = answer.json();
    assert_eq!(answer["files"][0]["to_do"], "send", "{answer}");
    answer["files"][0]["url"].as_str().expect("an address").to_owned()
}

#[tokio::test]
async fn nothing_is_read_of_what_nobody_may_hand_in() {
    let platform = Platform::sqlite().await;
    let mut owner = platform.client(Who::OtherEnterprise);
    let url = announced(&mut owner, &platform, "审计报告.pdf", &pdf("waits")).await;
    for who in [Who::Anonymous, Who::PasswordOnly, Who::ForeignFirm, Who::Supervisor] {
        for (method, path, kind, offset) in [
            ("POST", intake(&platform), "application/json", None),
            ("POST", intake(&platform), "multipart/form-data; boundary=cut", None),
            ("PATCH", url.clone(), "application/partial-upload", Some(0)),
        ] {
            let (body, taken) = trickle();
            let answer = platform.client(who).send(request(method, &path, kind, offset, body)).await;
            assert_eq!(taken.load(Ordering::SeqCst), 0, "{who:?} {method} {kind}: {}", answer.text());
            assert!(!answer.status.is_success(), "{who:?} {method} {kind}: {}", answer.status);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_piece_that_trickles_is_given_up_and_keeps_what_came() {
    let platform = Platform::sqlite().await;
    let pace = Pace { floor: 500_000, grace: Duration::from_millis(50), window: Duration::from_millis(100) };
    let state =
        State::new(Arc::clone(&platform.services), platform.folder.path().join("site"), None, Vec::new());
    let limits = UploadLimits { pace, at_once: 6 };
    let router = server::http::router(state.with_upload_limits(limits)).expect("the router");
    let cookies = platform.known.cookies[Who::OtherEnterprise.name()].clone();
    let mut owner = Client::with_cookies(router, cookies);
    let bytes = vec![b'x'; 1_000_000];
    let url = announced(&mut owner, &platform, "慢.pdf", &bytes).await;
    let answer = owner.send(request("PATCH", &url, "application/partial-upload", Some(0), trickle().0)).await;
    assert_eq!(answer.status, StatusCode::REQUEST_TIMEOUT, "{}", answer.text());
    assert!(
        answer.json()["message"].as_str().is_some_and(|said| said.contains("网络过慢")),
        "{}",
        answer.text()
    );
    // Announced again: it goes on where the line gave out.
    let body = json!({ "files": [{ "path": "慢.pdf", "size": bytes.len(), "sha256": hex::encode(Sha256::digest(&bytes)) }] });
    let again = owner
        .send(request("POST", &intake(&platform), "application/json", None, body.to_string().into()))
        .await;
    let offset = again.json()["files"][0]["offset"].as_u64();
    assert!(offset.is_some_and(|offset| offset > 0 && offset < 1_000_000), "{}", again.text());
    // An announcement may not trickle either.
    let answer = owner.send(request("POST", &intake(&platform), "application/json", None, trickle().0)).await;
    assert_eq!(answer.status, StatusCode::REQUEST_TIMEOUT, "{}", answer.text());
}

#[tokio::test]
async fn system_files_of_a_plain_form_are_told_of() {
    let platform = Platform::sqlite().await;
    let mut owner = platform.client(Who::OtherEnterprise);
    let part = |name: &str, bytes: &[u8]| {
        let head =
            format!("--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
        [head.as_bytes(), bytes, b"\r\n"].concat()
    };
    let body =
        [part("Thumbs.db", b"system"), part("KX-77.pdf", &pdf("form")), b"--cut--\r\n".to_vec()].concat();
    let kind = "multipart/form-data; boundary=cut";
    owner.send(request("POST", &intake(&platform), kind, None, body.into())).await;
    let page = owner.get(&format!("/filings/{}", platform.known.draft)).await.text();
    let row = page.split("<li ").find(|row| row.contains("data-path=\"Thumbs.db\"")).expect("it is told of");
    assert!(row.contains("data-state=\"set_aside\"") && row.contains("操作系统"), "{row}");
    let progress = owner.ask(&intake(&platform), None).await.json();
    assert_eq!(
        (progress["working"].as_u64(), progress["set_aside"].as_u64()),
        (Some(1), Some(1)),
        "{progress}"
    );
}
