//! What the benchmarks of the server stand on: the real binary with the demonstration in it, somebody signed in, a
//! process to compare it with, and the figures. `pages` and `upload` use it; each prints one JSON object.
//!
//! Server and peer are processes of their own with the same runtime, and this process sends both the same requests, so
//! that the load generator costs both sides of a ratio the same.

use std::{fs, path::Path};

use tempfile::TempDir;

pub(crate) mod figures;
/// The tests' client: it signs in through the real forms.
#[path = "../../tests/it/kill/http.rs"]
mod http;
pub(crate) mod peer;
/// The tests' ports.
#[path = "../../tests/it/port.rs"]
mod port;
/// The tests' server process.
#[path = "../../tests/it/kill/process.rs"]
mod process;

use http::Http;
use process::Process;

/// Where real disks are: a folder of the build, not the system's temporary one, which may be memory.
const FOLDER: &str = env!("CARGO_TARGET_TMPDIR");

/// A folder on the disk that is measured.
pub(crate) fn folder() -> anyhow::Result<TempDir> {
    Ok(TempDir::new_in(FOLDER)?)
}

/// An instance's folder with the whole demonstration on SQLite; every server that is measured starts on a copy, so
/// that each begins with the same.
pub(crate) struct Demonstration(TempDir);

impl Demonstration {
    pub(crate) async fn make() -> anyhow::Result<Self> {
        let folder = folder()?;
        instance(folder.path()).seed().await;
        let demonstration = Self(folder);
        // The first server reads all documents; the readings stay with the demonstration.
        let first = Product::start(&demonstration).await?;
        first.settle().await?;
        Ok(Self(first.end().await))
    }
}

fn instance(folder: &Path) -> Process {
    Process::new(folder, &format!("sqlite:{}", folder.join("guxin.db").display()))
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&target)?;
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

/// `guxin serve` on loopback. Killed when it is dropped, and its folder with it.
pub(crate) struct Product {
    process: Process,
    http: Http,
    pub(crate) pid: u32,
    // After the process, so that nothing writes into it any more.
    folder: TempDir,
}

impl Product {
    pub(crate) async fn start(demonstration: &Demonstration) -> anyhow::Result<Self> {
        let folder = folder()?;
        copy(demonstration.0.path(), folder.path())?;
        let mut process = instance(folder.path());
        process.start().await;
        let pid = process.pid().ok_or_else(|| anyhow::anyhow!("the server ended: {}", process.log()))?;
        let product = Self { http: Http::new(process.url()), process, pid, folder };
        product.settle().await?;
        Ok(product)
    }

    /// Ends the server; what it stored goes with the folder.
    pub(crate) async fn end(mut self) -> TempDir {
        self.process.kill().await;
        self.folder
    }

    pub(crate) fn url(&self) -> String {
        self.process.url()
    }

    /// The session's cookie of a demonstration account.
    pub(crate) async fn sign_in(&self, role: &str) -> anyhow::Result<String> {
        let account = backend::seed::accounts()
            .into_iter()
            .find(|account| account.role == role)
            .ok_or_else(|| anyhow::anyhow!("the demonstration has no {role}"))?;
        Ok(self.http.sign_in(account.login, account.password, account.totp_secret).await)
    }

    /// A page's text.
    pub(crate) async fn page(&self, cookie: &str, path: &str) -> anyhow::Result<String> {
        let (status, bytes) =
            self.http.get(Some(cookie), path).await.map_err(|_| anyhow::anyhow!("no answer from {path}"))?;
        anyhow::ensure!(status.is_success(), "{path}: {status}");
        Ok(String::from_utf8(bytes)?)
    }

    /// The id of the first filing that this page links to below `prefix`.
    pub(crate) async fn first_filing(
        &self,
        cookie: &str,
        page: &str,
        prefix: &str,
    ) -> anyhow::Result<uuid::Uuid> {
        let text = self.page(cookie, page).await?;
        text.split(&format!("href=\"{prefix}"))
            .skip(1)
            .find_map(|rest| rest.get(..36)?.parse().ok())
            .ok_or_else(|| anyhow::anyhow!("{page} links to no filing"))
    }

    /// Sends a file as the uploader's script does; answers the document's id.
    pub(crate) async fn upload(
        &self,
        cookie: &str,
        path: &str,
        bytes: bytes::Bytes,
    ) -> anyhow::Result<String> {
        let answer = self.http.upload(cookie, path, bytes).await;
        let (status, answer) = answer.map_err(|_| anyhow::anyhow!("no answer from {path}"))?;
        anyhow::ensure!(status == reqwest::StatusCode::CREATED, "{path}: {status} {answer}");
        Ok(answer["document"].as_str().unwrap_or_default().to_owned())
    }

    /// Waits until what goes on in the background is over, so that one sample does not run on into the next: the ledger
    /// catches up, and documents are read.
    pub(crate) async fn settle(&self) -> anyhow::Result<()> {
        figures::rest(self.pid).await
    }
}

/// The runtime of the load generator: one thread, which leaves the rest of the machine to the server.
pub(crate) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

/// A number from the environment.
pub(crate) fn setting(name: &str, otherwise: u32) -> anyhow::Result<u32> {
    match std::env::var(name) {
        Ok(text) => text.parse().map_err(|_| anyhow::anyhow!("{name}={text} is not a number")),
        Err(_) => Ok(otherwise),
    }
}
