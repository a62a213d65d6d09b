//! A plain client over TCP: forms, data and uploads as browsers send them, and signing in through the real forms. The
//! story of the killed server asks with it, and so do the benchmarks.

use std::time::Duration;

use backend::chance::Clock;
use reqwest::{Body, Client, Response, StatusCode, header};

/// A client that never follows a redirect. Where a `cookie` is asked for, it is the session's pair `name=value`, or
/// empty for somebody who has none.
#[derive(Clone)]
pub(super) struct Http {
    client: Client,
    url: String,
}

/// The answer did not arrive whole.
#[derive(Debug)]
pub(super) struct Lost;

impl From<reqwest::Error> for Lost {
    fn from(_: reqwest::Error) -> Self {
        Self
    }
}

impl Http {
    /// For the server at this URL, which has no path.
    pub(super) fn new(url: String) -> Self {
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(20))
            .build()
            .expect("a client");
        Self { client, url }
    }

    /// Signs in with password and the code of this moment; answers the session's cookie.
    pub(super) async fn sign_in(&self, login: &str, password: &str, totp_secret: &str) -> String {
        let answer = self
            .form("", "/do/session/begin", &[("login", login), ("password", password)])
            .await
            .expect("an answer");
        let cookie = session(&answer);
        let code = backend::seed::current_code(totp_secret, Clock::System.now()).expect("a code");
        let answer =
            self.form(&cookie, "/do/session/second-factor", &[("code", &code)]).await.expect("an answer");
        assert_eq!(location(&answer), "/home", "{login} is not signed in");
        session(&answer)
    }

    pub(super) async fn get(&self, cookie: Option<&str>, path: &str) -> Result<(StatusCode, Vec<u8>), Lost> {
        let mut request = self.client.get(format!("{}{path}", self.url));
        if let Some(cookie) = cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let answer = request.send().await?;
        Ok((answer.status(), answer.bytes().await?.to_vec()))
    }

    /// The JSON API with a person's token.
    pub(super) async fn api(&self, token: &str, path: &str) -> Result<serde_json::Value, Lost> {
        let request = self.client.get(format!("{}/api/v1{path}", self.url));
        let answer = request.header(header::AUTHORIZATION, format!("Bearer {token}")).send().await?;
        let (status, bytes) = (answer.status(), answer.bytes().await?);
        assert_eq!(status, StatusCode::OK, "{path}: {}", String::from_utf8_lossy(&bytes));
        Ok(serde_json::from_slice(&bytes).expect("JSON"))
    }

    /// The address that people and passkeys know.
    pub(super) fn origin(&self) -> &str {
        &self.url
    }

    pub(super) async fn form(
        &self,
        cookie: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Result<Response, Lost> {
        self.post(cookie, path, fields, "text/html").await
    }

    /// As an island: the answer is data.
    pub(super) async fn call(
        &self,
        cookie: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Result<(StatusCode, serde_json::Value), Lost> {
        data(self.post(cookie, path, fields, "application/json").await?).await
    }

    async fn post(
        &self,
        cookie: &str,
        path: &str,
        fields: &[(&str, &str)],
        accept: &str,
    ) -> Result<Response, Lost> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut request = self
            .client
            .post(format!("{}{path}", self.url))
            .header(header::ACCEPT, accept)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            // Where a refused form would lead back to.
            .header(header::REFERER, format!("{}/rules", self.url))
            .body(body);
        if !cookie.is_empty() {
            request = request.header(header::COOKIE, cookie);
        }
        Ok(request.send().await?)
    }

    pub(super) async fn upload(
        &self,
        cookie: &str,
        path: &str,
        bytes: impl Into<Body>,
    ) -> Result<(StatusCode, serde_json::Value), Lost> {
        let answer = self
            .client
            .post(format!("{}{path}", self.url))
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .header("x-file-name", "upload.pdf")
            .body(bytes)
            .send()
            .await?;
        data(answer).await
    }
}

async fn data(answer: Response) -> Result<(StatusCode, serde_json::Value), Lost> {
    let status = answer.status();
    Ok((status, serde_json::from_slice(&answer.bytes().await?).unwrap_or_default()))
}

/// Where the answer sends the browser to; empty when nowhere.
pub(super) fn location(answer: &Response) -> &str {
    answer.headers().get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn session(answer: &Response) -> String {
    let cookie = answer.headers().get(header::SET_COOKIE).expect("a session").to_str().expect("text");
    cookie.split(';').next().unwrap_or_default().to_owned()
}
