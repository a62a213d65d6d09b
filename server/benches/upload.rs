//! What an upload costs: 50 files of 10 MB and 1,000 of 100 kB into a filing of the real server over loopback, six at a
//! time as a browser sends them, until each is acknowledged. Against hashing the same bytes with the same digests in
//! one pass, writing them to the same disk and syncing file and folder, by six threads; and against a plain handler
//! that does this behind the same HTTP. Sampled in turns in one run; the figures are medians over the rounds. Prints one
//! JSON object.
//!
//! `cargo bench -p server --bench upload`; `GUXIN_BENCH_ROUNDS` (default 5).

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    routing::post,
};
use backend::chance::Random;
use futures::{StreamExt as _, future::try_join_all};
use ledger::{Digester, Digests};
use tokio::task::spawn_blocking;

#[allow(dead_code, reason = "each benchmark uses its part")]
mod rig;

use rig::{
    Demonstration, Product,
    figures::{self, Sample},
    peer::{self, Peer},
};

/// How many files there are of which size, in bytes.
const SETS: [(usize, usize); 2] = [(50, 10_000_000), (1_000, 100_000)];
/// Slots of the draft that take a PDF of that size, one document each: as many uploads as a browser has connections.
const SLOTS: [&str; 6] = [
    "audit_report",
    "legal_opinion",
    "due_diligence_report",
    "recommendation_opinion",
    "articles_of_association",
    "listing_agreement",
];
/// Bytes hashed and written at a time.
const BLOCK: usize = 1 << 20;

fn main() -> anyhow::Result<()> {
    if let Some(folder) = peer::asked() {
        return peer::serve(handler(folder));
    }
    let report = rig::block_on(compare())?;
    #[expect(clippy::print_stdout, reason = "its output")]
    {
        println!("{report:#}");
    }
    Ok(())
}

async fn compare() -> anyhow::Result<serde_json::Value> {
    let rounds = rig::setting("GUXIN_BENCH_ROUNDS", 5)?;
    let folder = rig::folder()?;
    let [raw, shelf] = ["raw", "shelf"].map(|name| folder.path().join(name));
    for folder in [&raw, &shelf] {
        fs::create_dir(folder)?;
    }
    let demonstration = Demonstration::make().await?;
    let peer = Peer::start(&shelf)?;
    let handler = Handler::new(&peer)?;
    let first: Vec<Bytes> = SLOTS.iter().map(|_| Paper::new(1_000).copy()).collect();
    let mut sets = Vec::new();
    for (count, size) in SETS {
        let paper = Paper::new(size);
        let (mut ours, mut plain, mut disk) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            let files: Vec<Bytes> = (0..count).map(|_| paper.copy()).collect();
            // A server of its own for each round: what a filing may store is limited, and a round begins like the last.
            let product = Product::start(&demonstration).await?;
            let filing = Filing::open(&product, &first).await?;
            ours.push(filing.take(&product, &files).await?);
            product.end().await;
            // Connections are there before anything counts, as the first documents have made them for the server.
            handler.take(&first).await?;
            plain.push(handler.take(&files).await?);
            clear(&shelf)?;
            disk.push(write_all(&raw, &files)?);
            clear(&raw)?;
        }
        sets.push(serde_json::json!({
            "files": count, "bytes": size,
            "product": figures::summary(&ours), "handler": figures::summary(&plain), "disk": figures::summary(&disk),
            "ratio_to_disk": figures::ratio(&ours, &disk), "ratio_to_handler": figures::ratio(&ours, &plain),
        }));
    }
    Ok(serde_json::json!({
        "bench": "upload", "database": "sqlite", "rounds": rounds, "at_a_time": SLOTS.len(), "sets": sets,
    }))
}

/// Files of one size that are all different: a PDF around bytes that do not compress, as scanned pages are.
struct Paper {
    before: &'static [u8],
    stream: Vec<u8>,
    after: &'static [u8],
}

impl Paper {
    fn new(size: usize) -> Self {
        let before = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n2 0 obj\n<< >>\nstream\n";
        let after = b"\nendstream\nendobj\nxref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 3 /Root 1 0 R >>\nstartxref\n9\n%%EOF\n";
        let random = Random::seeded(20_261_102);
        let length = size - before.len() - after.len();
        let mut stream = Vec::with_capacity(size);
        while stream.len() < length {
            stream.extend_from_slice(&random.bytes::<4096>());
        }
        stream.truncate(length);
        Self { before, stream, after }
    }

    /// One more of them.
    fn copy(&self) -> Bytes {
        let mut bytes = [self.before, &self.stream, self.after].concat();
        let word: [u8; 16] = Random::System.bytes();
        if let Some(place) = bytes.get_mut(self.before.len()..self.before.len() + word.len()) {
            place.copy_from_slice(&word);
        }
        bytes.into()
    }
}

/// The next file, for whoever is free.
struct Next<'a> {
    files: &'a [Bytes],
    next: AtomicUsize,
}

impl<'a> Next<'a> {
    fn new(files: &'a [Bytes]) -> Self {
        Self { files, next: AtomicUsize::new(0) }
    }

    fn file(&self) -> Option<(usize, &'a Bytes)> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.files.get(number).map(|file| (number, file))
    }
}

/// The demonstration's draft: every file becomes the next version of the document in one of its slots.
struct Filing {
    cookie: String,
    places: Vec<String>,
}

impl Filing {
    /// Signs in and puts a first document into each slot.
    async fn open(product: &Product, first: &[Bytes]) -> anyhow::Result<Self> {
        let cookie = product.sign_in("enterprise").await?;
        let filing = product.first_filing(&cookie, "/filings", "/filings/").await?;
        let first = SLOTS.iter().zip(first).map(|(slot, file)| {
            let (place, cookie) = (format!("/filings/{filing}/slots/{slot}/documents"), &cookie);
            async move {
                let document = product.upload(cookie, &place, file.clone()).await?;
                anyhow::Ok(format!("{place}?replaces={document}"))
            }
        });
        // At the same time, so that as many connections are open.
        let places = try_join_all(first).await?;
        product.settle().await?;
        Ok(Self { cookie, places })
    }

    async fn take(&self, product: &Product, files: &[Bytes]) -> anyhow::Result<Sample> {
        let next = Next::new(files);
        let begun = figures::begin(product.pid)?;
        let lanes = self.places.iter().map(|place| async {
            let mut waits = Vec::new();
            while let Some((_, file)) = next.file() {
                let sent = Instant::now();
                product.upload(&self.cookie, place, file.clone()).await?;
                waits.push(sent.elapsed());
            }
            anyhow::Ok(waits)
        });
        let waits = try_join_all(lanes).await?.concat();
        begun.end_at_rest(waits).await
    }
}

/// The client of the plain handler.
struct Handler {
    client: reqwest::Client,
    url: String,
    pid: u32,
}

impl Handler {
    fn new(peer: &Peer) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self { client, url: format!("{}/", peer.url), pid: peer.pid() })
    }

    async fn take(&self, files: &[Bytes]) -> anyhow::Result<Sample> {
        let next = Next::new(files);
        let begun = figures::begin(self.pid)?;
        let lanes = SLOTS.iter().map(|_| async {
            let mut waits = Vec::new();
            while let Some((_, file)) = next.file() {
                let sent = Instant::now();
                let answer = self.client.post(&self.url).body(file.clone()).send().await?;
                let status = answer.status();
                let text = answer.text().await?;
                anyhow::ensure!(status == StatusCode::CREATED, "the plain handler: {status} {text}");
                waits.push(sent.elapsed());
            }
            anyhow::Ok(waits)
        });
        let waits = try_join_all(lanes).await?.concat();
        begun.end(waits)
    }
}

/// The disk itself: as many threads, no HTTP, no database.
fn write_all(folder: &Path, files: &[Bytes]) -> anyhow::Result<Sample> {
    let next = Next::new(files);
    let waits = Mutex::new(Vec::new());
    let begun = figures::begin(std::process::id())?;
    thread::scope(|scope| {
        let threads: Vec<_> = SLOTS
            .iter()
            .map(|_| {
                scope.spawn(|| {
                    while let Some((number, file)) = next.file() {
                        let sent = Instant::now();
                        write_one(folder, number, file)?;
                        waits.lock().unwrap_or_else(PoisonError::into_inner).push(sent.elapsed());
                    }
                    anyhow::Ok(())
                })
            })
            .collect();
        threads.into_iter().try_for_each(|thread| match thread.join() {
            Ok(written) => written,
            Err(_) => anyhow::bail!("a thread panicked"),
        })
    })?;
    begun.end(waits.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Takes the files out of a folder, between two samples.
fn clear(folder: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        fs::remove_file(entry?.path())?;
    }
    Ok(())
}

fn write_one(folder: &Path, number: usize, bytes: &[u8]) -> anyhow::Result<Digests> {
    let mut file = File::create_new(folder.join(number.to_string()))?;
    let mut digester = Digester::new();
    for block in bytes.chunks(BLOCK) {
        digester.update(block);
        file.write_all(block)?;
    }
    file.sync_all()?;
    File::open(folder)?.sync_all()?;
    Ok(digester.finish())
}

/// Where the plain handler puts files, and how many there are.
struct Shelf {
    folder: PathBuf,
    files: AtomicUsize,
}

/// The peer: the same bytes through the same HTTP, hashed, written and synced in the most direct way, and nothing
/// else.
fn handler(folder: PathBuf) -> Router {
    Router::new()
        .route("/", post(keep))
        .layer(DefaultBodyLimit::disable())
        .with_state(Arc::new(Shelf { folder, files: AtomicUsize::new(0) }))
}

async fn keep(
    State(shelf): State<Arc<Shelf>>,
    body: Body,
) -> Result<(StatusCode, String), (StatusCode, String)> {
    kept(&shelf, body)
        .await
        .map(|digests| (StatusCode::CREATED, format!("{} {}\n", digests.sha256_hex(), digests.sm3_hex())))
        .map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

async fn kept(shelf: &Shelf, body: Body) -> anyhow::Result<Digests> {
    let number = shelf.files.fetch_add(1, Ordering::Relaxed);
    let path = shelf.folder.join(number.to_string());
    let folder = shelf.folder.clone();
    let mut work = spawn_blocking(move || anyhow::Ok((File::create_new(path)?, Digester::new()))).await??;
    let mut chunks = body.into_data_stream();
    let mut block = Vec::with_capacity(BLOCK);
    loop {
        let chunk = chunks.next().await.transpose()?;
        let last = chunk.is_none();
        block.extend_from_slice(&chunk.unwrap_or_default());
        if block.len() >= BLOCK || last {
            let (mut file, mut digester) = work;
            let full = std::mem::replace(&mut block, Vec::with_capacity(BLOCK));
            work = spawn_blocking(move || {
                digester.update(&full);
                file.write_all(&full)?;
                anyhow::Ok((file, digester))
            })
            .await??;
        }
        if last {
            break;
        }
    }
    let (file, digester) = work;
    spawn_blocking(move || {
        file.sync_all()?;
        File::open(&folder)?.sync_all()?;
        Ok(digester.finish())
    })
    .await?
}
