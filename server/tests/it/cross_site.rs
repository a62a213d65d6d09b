//! Another site's page makes a signed-in browser send requests: nothing that can change anything accepts them.
//! And nothing here sends the browser away to another site.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use rstest::rstest;

use crate::{Platform, Who, client::ORIGIN, matrix::targets::upload_path, people, state, surface};

/// A POST as a form on another site makes it.
fn foreign(path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::HOST, "localhost:3000")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "text/html");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from("a=b")).expect("a request")
}

#[rstest]
#[case::told_by_the_browser(&[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")])]
#[case::a_sibling_of_the_same_site(&[("sec-fetch-site", "same-site"), ("origin", "http://other.localhost:3000")])]
#[case::an_old_browser(&[("origin", "https://evil.example")])]
#[case::a_sandboxed_frame(&[("sec-fetch-site", "cross-site"), ("origin", "null")])]
#[tokio::test]
async fn other_sites_cannot_post(#[case] headers: &[(&str, &str)]) {
    let platform = Platform::sqlite().await;
    let before = state::of(&platform).await;
    let mut client = platform.client(Who::OwnerAttesting);
    let mut paths = surface::functions();
    paths.push(upload_path(platform.known.attesting.filing));
    for path in paths {
        let answer = client.send(foreign(&path, headers)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}: {}", answer.text());
    }
    assert_eq!(state::changed(&before, &state::of(&platform).await), Vec::<String>::new());
}

#[rstest]
#[tokio::test]
async fn next_never_leads_away(
    #[values(
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "/home\r\nSet-Cookie: stolen=1",
        "http:evil.example"
    )]
    next: &str,
) {
    let platform = Platform::sqlite().await;
    let mut client = platform.client(Who::Anonymous);
    let credentials = Who::Reviewer.credentials().expect("credentials");
    let page = format!(
        "/login?next={}",
        percent_encoding::utf8_percent_encode(next, percent_encoding::NON_ALPHANUMERIC)
    );
    let shown = client.get(&page).await;
    let carried: Vec<String> = shown
        .text()
        .split("name=\"next\"")
        .skip(1)
        .filter_map(|rest| rest.split('>').next().map(str::to_owned))
        .filter(|input| input.contains("evil.example"))
        .collect();
    assert_eq!(carried, Vec::<String>::new(), "the form carries the address on");
    let answer = client
        .submit(
            &page,
            "/do/session/begin",
            &[("login", &credentials.login), ("password", &credentials.password), ("next", next)],
        )
        .await;
    stays(&answer);
    let code =
        backend::seed::current_code(&credentials.totp_secret, platform.services.clock.now()).expect("a code");
    let answer = client.submit(&page, "/do/session/second-factor", &[("code", &code), ("next", next)]).await;
    stays(&answer);
    assert!(answer.status.is_redirection(), "signed in: {}", answer.text());
}

#[tokio::test]
async fn a_foreign_referer_leads_home() {
    let platform = Platform::sqlite().await;
    for referer in ["https://evil.example/trap", "//evil.example", "https://evil.example//evil.example"] {
        let mut client = platform.client(Who::Anonymous);
        let credentials =
            people::Credentials { login: "x".into(), password: "y".into(), totp_secret: String::new() };
        let request = Request::builder()
            .method(Method::POST)
            .uri("/do/session/begin")
            .header(header::HOST, "localhost:3000")
            .header(header::ORIGIN, ORIGIN)
            .header("sec-fetch-site", "same-origin")
            .header(header::REFERER, referer)
            .header(header::ACCEPT, "text/html")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!("login={}&password={}", credentials.login, credentials.password)))
            .expect("a request");
        stays(&client.send(request).await);
    }
}

/// A redirect, if any, stays on this site and brings no foreign cookie.
fn stays(answer: &crate::Answer) {
    let to = answer.location();
    assert!(
        to.is_empty() || to.starts_with('/') && !to.starts_with("//") && !to.contains('\\'),
        "leads to {to}"
    );
    assert!(!answer.headers.contains_key("stolen"), "a header was injected");
    assert!(
        answer
            .headers
            .get_all(header::SET_COOKIE)
            .iter()
            .all(|value| !value.to_str().unwrap_or_default().starts_with("stolen")),
        "a cookie was injected"
    );
}
