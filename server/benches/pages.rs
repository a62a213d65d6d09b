//! What a page costs: the filing pages and the market's overview, signed in, from the real server over loopback,
//! against a process that answers the same requests with the same bytes and headers precomputed. Sampled in turns in one run; the
//! figures are medians over the rounds. Prints one JSON object.
//!
//! `cargo bench -p server --bench pages`; `GUXIN_BENCH_ROUNDS` (default 5) and `GUXIN_BENCH_MILLISECONDS`, the length of
//! each sample (default 1000).

use std::{
    collections::HashMap,
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::future::try_join_all;
use serde::{Deserialize, Serialize};

#[allow(dead_code, reason = "each benchmark uses its part")]
mod rig;

use rig::{
    Demonstration, Product,
    figures::{self, Sample},
    peer::{self, Peer},
};

/// What browsers accept over https, and nothing compressed.
const ENCODINGS: [&str; 2] = ["gzip, deflate, br, zstd", "identity"];
/// Requests outstanding at a time.
const OUTSTANDING: [usize; 2] = [1, 16];
/// Where the peer finds its answers.
const ANSWERS: &str = "answers.json";
/// Headers that belong to the connection or the moment; the peer's HTTP library writes its own.
const OF_THE_CONNECTION: [HeaderName; 4] =
    [header::DATE, header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION];

fn main() -> anyhow::Result<()> {
    if let Some(folder) = peer::asked() {
        return peer::serve(precomputed(&folder)?);
    }
    let report = rig::block_on(compare())?;
    #[expect(clippy::print_stdout, reason = "its output")]
    {
        println!("{report:#}");
    }
    Ok(())
}

/// A page, who opens it, and where it is.
struct Page {
    name: &'static str,
    cookie: String,
    path: String,
}

async fn compare() -> anyhow::Result<serde_json::Value> {
    let rounds = rig::setting("GUXIN_BENCH_ROUNDS", 5)?;
    let length = Duration::from_millis(rig::setting("GUXIN_BENCH_MILLISECONDS", 1000)?.into());
    let folder = rig::folder()?;
    let product = Product::start(&Demonstration::make().await?).await?;
    let pages = pages(&product).await?;
    let mut answers = Vec::new();
    for page in &pages {
        for accepts in ENCODINGS {
            answers.push(Answer::of(&product.url(), page, accepts).await?);
        }
    }
    fs::write(folder.path().join(ANSWERS), serde_json::to_vec(&answers)?)?;
    let peer = Peer::start(folder.path())?;

    let mut cases = Vec::new();
    for page in &pages {
        for accepts in ENCODINGS {
            for outstanding in OUTSTANDING {
                let ours = Load::new(product.url(), product.pid, page, accepts, outstanding)?;
                let theirs = Load::new(peer.url.clone(), peer.pid(), page, accepts, outstanding)?;
                let (mut served, mut repeated) = (Vec::new(), Vec::new());
                // Connections, caches and prepared statements are there before anything counts.
                ours.sample(length / 4).await?;
                theirs.sample(length / 4).await?;
                for _ in 0..rounds {
                    served.push(ours.sample(length).await?);
                    repeated.push(theirs.sample(length).await?);
                }
                let answer = answers.iter().find(|answer| answer.is_to(&page.path, accepts));
                let (encoding, bytes) =
                    answer.map_or(("", 0), |answer| (answer.encoding(), answer.body.len()));
                cases.push(serde_json::json!({
                    "page": page.name, "encoding": encoding, "bytes": bytes, "outstanding": outstanding,
                    "product": figures::summary(&served), "precomputed": figures::summary(&repeated),
                    "ratio": figures::ratio(&served, &repeated),
                }));
            }
        }
    }
    product.end().await;
    Ok(serde_json::json!({
        "bench": "pages", "database": "sqlite", "rounds": rounds, "milliseconds": u64::try_from(length.as_millis())?,
        "cases": cases,
    }))
}

/// The demonstration's draft as its owner sees it; a submitted filing and the overview as a supervisor sees them, whose
/// every reading is recorded durably before it is answered.
async fn pages(product: &Product) -> anyhow::Result<Vec<Page>> {
    let enterprise = product.sign_in("enterprise").await?;
    let supervisor = product.sign_in("regulator").await?;
    let draft = product.first_filing(&enterprise, "/filings", "/filings/").await?;
    let submitted =
        product.first_filing(&supervisor, "/supervision/filings", "/supervision/filings/").await?;
    let page = |name, cookie: &str, path| Page { name, cookie: cookie.to_owned(), path };
    Ok(vec![
        page("filing", &enterprise, format!("/filings/{draft}")),
        page("filing, supervised", &supervisor, format!("/supervision/filings/{submitted}")),
        page("overview", &supervisor, "/supervision".to_owned()),
    ])
}

fn request(client: &reqwest::Client, url: &str, page: &Page, accepts: &str) -> reqwest::RequestBuilder {
    client
        .get(format!("{url}{}", page.path))
        .header(header::COOKIE, &page.cookie)
        .header(header::ACCEPT, "text/html,application/xhtml+xml")
        .header(header::ACCEPT_ENCODING, accepts)
        .header("sec-fetch-site", "same-origin")
}

/// So many outstanding requests for one page of one process.
struct Load<'a> {
    client: reqwest::Client,
    url: String,
    pid: u32,
    page: &'a Page,
    accepts: &'static str,
    outstanding: usize,
}

impl<'a> Load<'a> {
    fn new(
        url: String,
        pid: u32,
        page: &'a Page,
        accepts: &'static str,
        outstanding: usize,
    ) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self { client, url, pid, page, accepts, outstanding })
    }

    async fn sample(&self, length: Duration) -> anyhow::Result<Sample> {
        let begun = figures::begin(self.pid)?;
        let readers = (0..self.outstanding).map(|_| async {
            let mut waits = Vec::new();
            while !begun.lasted(length) {
                let sent = Instant::now();
                let answer = request(&self.client, &self.url, self.page, self.accepts).send().await?;
                let status = answer.status();
                let bytes = answer.bytes().await?;
                anyhow::ensure!(
                    status.is_success() && !bytes.is_empty(),
                    "{}: {status}, {} bytes",
                    self.page.path,
                    bytes.len()
                );
                waits.push(sent.elapsed());
            }
            anyhow::Ok(waits)
        });
        let waits = try_join_all(readers).await?.concat();
        begun.end(waits)
    }
}

/// What the server answered once, for the peer to repeat.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Answer {
    path: String,
    accepts: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    async fn of(url: &str, page: &Page, accepts: &str) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let answer = request(&client, url, page, accepts).send().await?.error_for_status()?;
        let headers = answer
            .headers()
            .iter()
            .filter(|(name, _)| !OF_THE_CONNECTION.contains(name))
            .map(|(name, value)| Ok((name.to_string(), value.to_str()?.to_owned())))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let answer = Self {
            path: page.path.clone(),
            accepts: accepts.to_owned(),
            headers,
            body: answer.bytes().await?.to_vec(),
        };
        anyhow::ensure!(
            (answer.encoding() == "identity") == (accepts == "identity"),
            "{} is {}, although the reader accepts {accepts}",
            answer.path,
            answer.encoding()
        );
        Ok(answer)
    }

    fn is_to(&self, path: &str, accepts: &str) -> bool {
        self.path == path && self.accepts == accepts
    }

    fn encoding(&self) -> &str {
        let name = header::CONTENT_ENCODING.as_str();
        self.headers.iter().find(|(header, _)| header == name).map_or("identity", |(_, value)| value)
    }
}

/// Answers ready to be sent, by path and by what the reader accepts.
type Ready = HashMap<(String, String), (HeaderMap, Bytes)>;

/// The peer: looks the request up and answers.
fn precomputed(folder: &Path) -> anyhow::Result<Router> {
    let answers: Vec<Answer> = serde_json::from_slice(&fs::read(folder.join(ANSWERS))?)?;
    let mut ready = Ready::new();
    for answer in answers {
        let mut headers = HeaderMap::new();
        for (name, value) in &answer.headers {
            headers.append(HeaderName::try_from(name)?, HeaderValue::from_str(value)?);
        }
        ready.insert((answer.path, answer.accepts), (headers, Bytes::from(answer.body)));
    }
    Ok(Router::new().fallback(repeat).with_state(Arc::new(ready)))
}

async fn repeat(State(ready): State<Arc<Ready>>, request: Request) -> Response {
    let accepts = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let asked = (request.uri().path().to_owned(), accepts.unwrap_or_default().to_owned());
    match ready.get(&asked) {
        Some((headers, body)) => (headers.clone(), body.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
