//! A browser's view of the router: keeps cookies, sends the headers that browsers send, reads the whole answer.

use std::collections::BTreeMap;

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header, request::Builder},
};
use tower::ServiceExt as _;

/// Where the tests' instance says it is reached.
pub(crate) const ORIGIN: &str = "http://localhost:3000";

/// One browser.
#[derive(Clone)]
pub(crate) struct Client {
    router: Router,
    pub cookies: BTreeMap<String, String>,
}

/// A whole answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// The body broke off before its end.
    pub broken: bool,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("not JSON ({e}): {}", self.text()))
    }

    /// A header as text, empty when missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Path and query that the answer sends the browser to, without the origin.
    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// Status, with the place a redirect leads to: what a matrix shows.
    pub fn outcome(&self) -> String {
        match self.location() {
            "" => self.status.as_u16().to_string(),
            to => format!("{}→{}", self.status.as_u16(), to.split('?').next().unwrap_or_default()),
        }
    }
}

impl Client {
    pub fn new(router: Router) -> Self {
        Self { router, cookies: BTreeMap::new() }
    }

    pub fn with_cookies(router: Router, cookies: BTreeMap<String, String>) -> Self {
        Self { router, cookies }
    }

    /// The server that it talks to.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Sends a request as it is, plus cookies, and keeps the cookies of the answer.
    pub async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            let value = cookies.join("; ").parse().expect("cookies are header text");
            request.headers_mut().insert(header::COOKIE, value);
        }
        let response = self.router.clone().oneshot(request).await.expect("the router answers");
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let text = cookie.to_str().expect("a cookie is text");
            let (name, value) =
                text.split(';').next().and_then(|pair| pair.split_once('=')).expect("name=value");
            if value.is_empty() || text.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let (body, broken) = match to_bytes(body, 256 << 20).await {
            Ok(bytes) => (bytes, false),
            Err(_) => (Bytes::new(), true),
        };
        Answer { status: parts.status, headers: parts.headers, body, broken }
    }

    /// Opens a page.
    pub async fn get(&mut self, path: &str) -> Answer {
        let request = Request::builder()
            .method(Method::GET)
            .uri(path)
            .header(header::HOST, "localhost:3000")
            .header(header::ACCEPT, "text/html,application/xhtml+xml")
            .header("sec-fetch-site", "none")
            .body(Body::empty())
            .expect("a request");
        self.send(request).await
    }

    /// Asks the JSON API as a program does.
    pub async fn ask(&mut self, path: &str, token: Option<&str>) -> Answer {
        let mut request = Request::builder()
            .method(Method::GET)
            .uri(path)
            .header(header::HOST, "localhost:3000")
            .header(header::ACCEPT, "application/json");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        self.send(request.body(Body::empty()).expect("a request")).await
    }

    /// Posts a plain form that stands on `page`, as a browser without JavaScript does.
    pub async fn submit(&mut self, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(form(page, action, "text/html").body(encoded(fields)).expect("a request")).await
    }

    /// Calls a server function as an island does: the answer is data.
    pub async fn call(&mut self, action: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(form("/home", action, "application/json").body(encoded(fields)).expect("a request")).await
    }

    /// Sends a file into a slot as the uploader's script does.
    pub async fn upload(&mut self, path: &str, name: &str, bytes: impl Into<Body>) -> Answer {
        let name =
            percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).to_string();
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::HOST, "localhost:3000")
            .header(header::ORIGIN, ORIGIN)
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header("sec-fetch-site", "same-origin")
            .header("x-file-name", name)
            .body(bytes.into())
            .expect("a request");
        self.send(request).await
    }
}

fn form(page: &str, action: &str, accept: &str) -> Builder {
    Request::builder()
        .method(Method::POST)
        .uri(action)
        .header(header::HOST, "localhost:3000")
        .header(header::ORIGIN, ORIGIN)
        .header(header::REFERER, format!("{ORIGIN}{page}"))
        .header(header::ACCEPT, accept)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
}

fn encoded(fields: &[(&str, &str)]) -> Body {
    Body::from(form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish())
}
