//! Registrations from one address: so many, then a message that says when to come back, with the form as it was typed.

use std::net::SocketAddr;

use axum::{body::Body, extract::ConnectInfo, http::Request};

use crate::{Answer, Client, Platform, client::ORIGIN};

/// Sends the form from this address.
async fn register(client: &mut Client, address: &str, number: usize) -> Answer {
    let name = format!("苏州限速第{number}股份有限公司");
    let fields = [
        ("kind", "enterprise"),
        ("name", &name),
        ("credit_code", &format!("9100000010000{number:03}00")),
        ("city", "苏州市"),
        ("legal_representative", "王一"),
        ("contact_name", "王一"),
        ("contact_phone", "0512-88001234"),
        ("person_name", "王一"),
        ("login", &format!("many{number}@example.cn")),
        ("password", "a-long-enough-password-7"),
        ("again", "a-long-enough-password-7"),
        ("accept_rules", "on"),
    ];
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let mut request = Request::builder()
        .method("POST")
        .uri("/do/organisation/register")
        .header("host", "localhost:3000")
        .header("origin", ORIGIN)
        .header("referer", format!("{ORIGIN}/register"))
        .header("accept", "text/html")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(form))
        .expect("a request");
    let address: SocketAddr = format!("{address}:4711").parse().expect("an address");
    request.extensions_mut().insert(ConnectInfo(address));
    client.send(request).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_one_address_are_limited_and_nothing_typed_is_lost() {
    let platform = Platform::sqlite().await;
    let browser = || Client::new(platform.router.clone());
    for number in 0..10 {
        let answer = register(&mut browser(), "203.0.113.7", number).await;
        assert!(answer.status.is_redirection() && answer.location() != "/register", "{number}: {answer:?}");
    }
    let mut client = browser();
    let answer = register(&mut client, "203.0.113.7", 10).await;
    assert!(answer.status.is_redirection() && answer.location() == "/register", "{answer:?}");
    let page = client.get("/register").await.text();
    assert!(page.contains("请约 10 分钟后再提交"), "the page says when to come back");
    assert!(
        page.contains("苏州限速第10股份有限公司") && page.contains("many10@example.cn"),
        "what was typed is there"
    );

    // Others are not held up, and later it goes on.
    let other = register(&mut browser(), "203.0.113.8", 11).await;
    assert_ne!(other.location(), "/register");
    platform.services.clock.advance(time::Duration::minutes(10));
    let again = register(&mut browser(), "203.0.113.7", 10).await;
    assert_ne!(again.location(), "/register", "{}", again.text());
}
