//! What bounds an upload beside the slot's limit: who sends it is asked before anything of it is read, it may not trickle,
//! a form carries little beside its files, and one person has only so many under way.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use bytes::Bytes;
use futures::{StreamExt, stream};
use server::http::{Pace, State, UploadLimits};
use tokio::sync::oneshot;

use crate::{Client, Platform, Who, state, upload::pdf};

const FORM: &str = "multipart/form-data; boundary=cut";

/// The platform's router with other limits.
fn limited(platform: &Platform, limits: UploadLimits) -> Router {
    let state =
        State::new(Arc::clone(&platform.services), platform.folder.path().join("site"), None, Vec::new());
    server::http::router(state.with_upload_limits(limits)).expect("the router")
}

fn owner(platform: &Platform, router: Router) -> Client {
    Client::with_cookies(router, platform.known.cookies[Who::OtherEnterprise.name()].clone())
}

fn slot(platform: &Platform) -> String {
    format!("/filings/{}/slots/audit_report/documents", platform.known.draft)
}

fn page(platform: &Platform) -> String {
    format!("/filings/{}", platform.known.draft)
}

/// A plain form's request with this body.
fn form(platform: &Platform, body: Body) -> Request<Body> {
    Request::builder()
        .method("POST")
        .uri(slot(platform))
        .header("host", "localhost:3000")
        .header("origin", crate::client::ORIGIN)
        .header("sec-fetch-site", "same-origin")
        .header("referer", format!("{}{}", crate::client::ORIGIN, page(platform)))
        .header("accept", "text/html")
        .header("content-type", FORM)
        .body(body)
        .expect("a request")
}

/// So many pieces of 64 kB, and how many of them were taken.
fn pieces(many: usize) -> (Body, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&taken);
    let head = Bytes::from("--cut\r\nContent-Disposition: form-data; name=\"remark\"\r\n\r\n");
    let rest = stream::iter(0..many).map(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        Bytes::from(vec![b'x'; 64 << 10])
    });
    let body = stream::iter([head]).chain(rest).map(Ok::<_, std::convert::Infallible>);
    (Body::from_stream(body), taken)
}

#[tokio::test]
async fn nothing_is_read_of_what_nobody_may_send() {
    let platform = Platform::sqlite().await;
    for who in [Who::Anonymous, Who::PasswordOnly, Who::ForeignFirm, Who::Supervisor] {
        let (body, taken) = pieces(200);
        let answer = platform.client(who).send(form(&platform, body)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{who:?}: {}", answer.text());
        assert_eq!(taken.load(Ordering::SeqCst), 0, "{who:?}: pieces were read");
    }
}

#[tokio::test]
async fn a_form_carries_little_beside_its_files() {
    let platform = Platform::sqlite().await;
    let before = state::of(&platform).await;
    let (body, taken) = pieces(2_000);
    let mut client = platform.client(Who::OtherEnterprise);
    let answer = client.send(form(&platform, body)).await;
    assert_eq!(answer.location(), page(&platform));
    let taken = taken.load(Ordering::SeqCst);
    assert!((16..=20).contains(&taken), "{taken} pieces of 64 kB were read");
    assert!(client.get(&page(&platform)).await.text().contains("表单无法读取"));
    assert_eq!(state::changed_beyond_reading(&before, &state::of(&platform).await), Vec::<String>::new());

    // A file of many times that passes.
    let mut bytes = pdf("large");
    bytes.splice(9..9, format!("% {}\n", "x".repeat(97)).repeat(60_000).into_bytes());
    let mut parts = vec![Bytes::from(
        "--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"large.pdf\"\r\nContent-Type: application/pdf\r\n\r\n",
    )];
    parts.extend(bytes.chunks(64 << 10).map(Bytes::copy_from_slice));
    parts.push(Bytes::from("\r\n--cut--\r\n"));
    let body = Body::from_stream(stream::iter(parts).map(Ok::<_, std::convert::Infallible>));
    client.send(form(&platform, body)).await;
    assert!(client.get(&page(&platform)).await.text().contains("large.pdf"), "it was stored");
}

/// A kilobyte now and then, for ever.
fn trickle() -> Body {
    Body::from_stream(stream::repeat(()).then(|()| async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Ok::<_, std::convert::Infallible>(Bytes::from(vec![b'x'; 1_000]))
    }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trickle_is_given_up_with_a_message() {
    let platform = Platform::sqlite().await;
    let before = state::of(&platform).await;
    let pace = Pace { floor: 500_000, grace: Duration::from_millis(50), window: Duration::from_millis(100) };
    let router = limited(&platform, UploadLimits { pace, at_once: 6 });
    let mut client = owner(&platform, router);
    let answer = client.upload(&slot(&platform), "a.pdf", trickle()).await;
    assert_eq!(answer.status, StatusCode::REQUEST_TIMEOUT, "{}", answer.text());
    assert!(
        answer.json()["message"].as_str().is_some_and(|said| said.contains("网络过慢")),
        "{}",
        answer.text()
    );
    client.send(form(&platform, trickle())).await;
    let shown = client.get(&page(&platform)).await.text();
    assert!(shown.contains("网络过慢"), "the page of the form says it too");
    let english = client.upload(&format!("{}?lang=en", slot(&platform)), "a.pdf", trickle()).await;
    assert!(english.text().contains("too slowly"), "{}", english.text());
    assert_eq!(state::changed_beyond_reading(&before, &state::of(&platform).await), Vec::<String>::new());
    let spool = std::fs::read_dir(platform.folder.path().join("spool")).expect("a spool").count();
    assert_eq!(spool, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_person_has_so_many_under_way_and_more_wait() {
    let platform = Platform::sqlite().await;
    let router = limited(&platform, UploadLimits { at_once: 1, ..UploadLimits::default() });
    let (go, gone) = oneshot::channel::<()>();
    let held = Body::from_stream(stream::once(async {
        gone.await.expect("told to go on");
        Ok::<_, std::convert::Infallible>(Bytes::from(pdf("first")))
    }));
    let (path, mut client) = (slot(&platform), owner(&platform, router));
    let mut other = client.clone();
    let first = {
        let path = path.clone();
        tokio::spawn(async move { client.upload(&path, "first.pdf", held).await })
    };
    // The first has its turn once its file is in the spool.
    let spool = platform.folder.path().join("spool");
    while std::fs::read_dir(&spool).expect("a spool").count() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let taken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&taken);
    let body = Body::from_stream(stream::once(async move {
        count.fetch_add(1, Ordering::SeqCst);
        Ok::<_, std::convert::Infallible>(Bytes::from(pdf("second")))
    }));
    let second = tokio::spawn(async move { other.upload(&path, "second.pdf", body).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(taken.load(Ordering::SeqCst), 0, "the second is read before its turn");
    go.send(()).expect("it waits");
    for upload in [first, second] {
        let answer = upload.await.expect("an answer");
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    }
}
