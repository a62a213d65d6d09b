//! The security headers on every answer, found by walking over every route; and what the pages' policy forbids is not
//! in the pages.

use crate::{Answer, Platform, Who, matrix::targets, surface};

/// On every answer, whatever made it.
fn everywhere(path: &str, answer: &Answer) -> Vec<String> {
    let policy = answer.header("content-security-policy");
    let mut wrong = Vec::new();
    let mut expect = |good: bool, what: &str| {
        if !good {
            wrong.push(format!("{path} ({}): {what}", answer.status));
        }
    };
    expect(policy.contains("frame-ancestors 'none'"), "frame-ancestors");
    // A download is sandboxed; `default-src 'none'` covers objects there, and no document has a base.
    let sandboxed = policy.starts_with("sandbox") && policy.contains("default-src 'none'");
    expect(sandboxed || policy.contains("object-src 'none'"), "object-src");
    expect(sandboxed || policy.contains("base-uri 'none'"), "base-uri");
    expect(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "unsafe sources");
    expect(answer.header("strict-transport-security").contains("max-age=63072000"), "HSTS");
    expect(answer.header("x-content-type-options") == "nosniff", "nosniff");
    expect(answer.header("referrer-policy") == "same-origin", "referrer policy");
    expect(answer.header("cross-origin-opener-policy") == "same-origin", "COOP");
    expect(answer.header("permissions-policy").contains("camera=()"), "permissions policy");
    let public = path.starts_with("/ledger/");
    let resource = answer.header("cross-origin-resource-policy");
    expect(resource == "same-origin" || public && resource == "cross-origin", "CORP");
    expect(
        answer.header("server").is_empty() && answer.header("x-powered-by").is_empty(),
        "tells what it runs on",
    );
    wrong
}

/// What is asked of a page.
fn page(path: &str, answer: &Answer) -> Vec<String> {
    let mut wrong = Vec::new();
    let policy = answer.header("content-security-policy");
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap_or_default();
    let text = answer.text();
    if nonce.len() < 16 {
        wrong.push(format!("{path}: no nonce in {policy}"));
    }
    if !answer.header("cache-control").contains("no-store") {
        wrong.push(format!("{path}: may be stored"));
    }
    for tag in tags(&text) {
        if tag.contains(" style=") {
            wrong.push(format!("{path}: inline style in <{tag}>"));
        }
        if attributes(tag).any(|name| name.starts_with("on") && name.len() > 2) {
            wrong.push(format!("{path}: inline handler in <{tag}>"));
        }
        let inline = tag.starts_with("script")
            && !tag.contains(" src=")
            && !tag.contains("application/")
            && !tag.contains("speculationrules");
        if inline && !tag.contains(nonce) {
            wrong.push(format!("{path}: a script without the nonce: <{tag}>"));
        }
        if tag == "style" || tag.starts_with("style ") {
            wrong.push(format!("{path}: a style element"));
        }
    }
    wrong
}

/// What stands between `<` and `>`.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<')
        .skip(1)
        .filter_map(|rest| rest.split('>').next())
        .filter(|tag| tag.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// Names of a tag's attributes; values in quotes are skipped.
fn attributes(tag: &str) -> impl Iterator<Item = &str> {
    tag.split('"')
        .step_by(2)
        .flat_map(str::split_whitespace)
        .filter_map(|part| part.split_once('=').map(|(name, _)| name))
}

#[tokio::test]
async fn stand_on_every_route() {
    let platform = Platform::sqlite().await;
    let mut wrong = Vec::new();
    let mut pages_seen = 0;
    let pages = surface::pages();
    let mut routes = pages.clone();
    routes.extend(surface::raw_routes().into_iter().map(|(_, path)| path));
    routes.extend(surface::api_routes());
    routes.extend(["/api/v1/no-such-route".to_owned()]);
    routes.extend(["/no-such-page", "/pkg/guxin.css", "/filings/not-an-id"].map(str::to_owned));
    for route in routes {
        let path = if route.contains("{*function}") {
            "/do/no/such".to_owned()
        } else {
            targets::fill(&route, &platform.known.submitted)
        };
        for who in [
            Who::Anonymous,
            Who::OwnerSubmitted,
            Who::EngagedSigner,
            Who::Reviewer,
            Who::Operator,
            Who::Supervisor,
        ] {
            let answer = platform.read(who, &path).await;
            wrong.extend(everywhere(&path, &answer));
            if answer.header("content-type").starts_with("text/html") && !answer.status.is_redirection() {
                pages_seen += 1;
                wrong.extend(page(&path, &answer));
            }
            if pages.contains(&route) && !answer.header("cache-control").contains("no-store") {
                wrong.push(format!("{path} as {who:?}: may be stored"));
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert_eq!(wrong, Vec::<String>::new());
    assert!(pages_seen > 20, "only {pages_seen} pages were seen");
}

#[tokio::test]
async fn stand_on_answers_to_posts() {
    let platform = Platform::sqlite().await;
    let mut wrong = Vec::new();
    for path in surface::functions() {
        for who in [Who::Anonymous, Who::Supervisor] {
            let mut client = platform.client(who);
            wrong.extend(everywhere(&path, &client.call(&path, &[]).await));
            wrong.extend(everywhere(&path, &client.submit("/home", &path, &[]).await));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[tokio::test]
async fn every_page_has_a_nonce_of_its_own() {
    let platform = Platform::sqlite().await;
    let mut client = platform.client(Who::Anonymous);
    let one = client.get("/login").await.header("content-security-policy").to_owned();
    let two = client.get("/login").await.header("content-security-policy").to_owned();
    assert_ne!(one, two);
}
