//! A witness as a server of its own, `guxin witness serve`: a regulator, a notary or a professional body runs it on its own
//! machine. It cosigns a log's checkpoint (C2SP tlog-witness v1.0.0) only when a proof shows that the log has grown from what
//! it cosigned before, keeps every entry where it is a mirror, and says on a page of its own what it saw.
//!
//! It shares nothing with the platform: no database, no account, no key. [`memory`] is what makes it worth something: it is on
//! disk before an answer leaves.

use std::{
    fs::{File, TryLockError},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use anyhow::Context as _;
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    middleware::from_fn,
    routing::{get, post},
};
use backend::{chance::Clock, durable, mirror::Mirror, remote_log::RemoteLog};
use ledger::{
    Hash,
    cosignature::Cosigner,
    key::VerifierKey,
    witness::{KnownLog, MAX_REQUEST_BYTES},
};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::Notify;
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer, timeout::TimeoutLayer};

use crate::http::{headers, observe};

pub mod config;
mod history;
mod memory;
mod page;
mod served;
mod submission;
mod watch;

pub use config::Config;
pub use watch::Health;

use history::History;
use memory::Memory;

/// A running witness. Cheap to clone.
#[derive(Clone)]
pub struct Witness(Arc<Parts>);

/// What a witness consists of; only its own modules look inside.
pub struct Parts {
    config: Config,
    cosigner: Cosigner,
    clock: Clock,
    known: Vec<KnownLog>,
    logs: Vec<Log>,
    history: History,
    metrics: Option<PrometheusHandle>,
    /// Held as long as the process lives: two witnesses with one memory could contradict each other.
    _lock: File,
}

/// One log that is witnessed.
struct Log {
    config: config::Log,
    keys: Vec<VerifierKey>,
    /// What was cosigned last; one request at a time compares and replaces it.
    memory: Mutex<Memory>,
    /// The log's own address, where it is known.
    remote: Option<RemoteLog>,
    mirror: Option<Mirror>,
    health: RwLock<Health>,
    /// The last pair of checkpoints that was found to be of one history: cosigned size, published size and root.
    compared: Mutex<Option<Pair>>,
    /// Rung after a cosignature: the log is looked at without waiting for the next round.
    news: Notify,
}

type Pair = (u64, u64, Hash);

impl std::ops::Deref for Witness {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Log {
    fn health(&self) -> Health {
        self.health.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_health(&self, change: impl FnOnce(&mut Health)) {
        change(&mut self.health.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn compared(&self) -> Option<Pair> {
        *self.compared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_compared(&self, pair: Pair) {
        *self.compared.lock().unwrap_or_else(PoisonError::into_inner) = Some(pair);
    }
}

/// The key's file below the data folder.
#[must_use]
pub fn key_path(config: &Config) -> PathBuf {
    config.data.join("witness.key")
}

/// Reads the witness's key.
///
/// # Errors
/// When there is none, or others can read it.
pub fn cosigner(config: &Config) -> anyhow::Result<Cosigner> {
    let path = key_path(config);
    anyhow::ensure!(
        path.try_exists()?,
        "{} does not exist: `guxin witness key` makes it and prints the vkey to register. If there was one, restore it from its backup",
        path.display()
    );
    durable::check_private(&path)?;
    Cosigner::from_seed(&config.name, &durable::read_seed(&path)?).context("`name` is not a key's name")
}

impl Witness {
    /// Opens the witness's folder.
    ///
    /// # Errors
    /// A missing or readable key, another witness at work in the folder, a damaged memory, an address that is none.
    pub fn open(config: Config, clock: Clock, metrics: Option<PrometheusHandle>) -> anyhow::Result<Self> {
        let cosigner = cosigner(&config)?;
        let lock = lock(&config)?;
        let history = History::open(&config.data)?;
        let (mut known, mut logs) = (Vec::new(), Vec::new());
        for log in &config.logs {
            let keys = log.keys()?;
            let folder = config.folder_of(&log.origin);
            let memory = Memory::open(&folder, &log.origin, &cosigner.verifier_key())?;
            let remote = log.url.as_deref().map(RemoteLog::new).transpose()?;
            let mirror = log.mirror.then(|| Mirror::open(&folder.join("mirror"), &keys)).transpose()?;
            let health = Health { forked: memory.is_stopped(), ..Health::default() };
            known.push(KnownLog { origin: log.origin.clone(), keys: keys.clone() });
            logs.push(Log {
                config: log.clone(),
                keys,
                memory: Mutex::new(memory),
                remote,
                mirror,
                health: RwLock::new(health),
                compared: Mutex::new(None),
                news: Notify::new(),
            });
        }
        let parts = Parts { config, cosigner, clock, known, logs, history, metrics, _lock: lock };
        Ok(Self(Arc::new(parts)))
    }

    /// The vkey that logs register.
    #[must_use]
    pub fn vkey(&self) -> String {
        self.cosigner.verifier_key().to_string()
    }

    /// Everything that is served. A reverse proxy ends TLS.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/", get(page::overview))
            .route("/witness.css", get(page::style))
            .route("/vkey", get(served::vkey))
            .route("/healthz", get(served::health))
            .route("/metrics", get(served::metrics))
            .route("/add-checkpoint", post(submission::add_checkpoint))
            .route("/logs/{log}/evidence/{file}", get(served::evidence))
            .route("/mirror/{log}/checkpoint", get(served::mirrored_checkpoint))
            .route("/mirror/{log}/keys", get(served::mirrored_keys))
            .route("/mirror/{log}/tile/{*path}", get(served::mirrored_tile))
            .layer(DefaultBodyLimit::max(MAX_REQUEST_BYTES))
            .layer(CompressionLayer::new().br(true).gzip(true))
            .layer(from_fn(headers::everywhere))
            .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, Duration::from_secs(30)))
            .layer(CatchPanicLayer::new())
            .layer(from_fn(observe::each_request))
            .with_state(self.clone())
    }

    /// Follows the logs whose address is known, until told to stop: dropping the future is always safe.
    pub async fn watch(&self) {
        watch::all(self).await;
    }

    /// Looks at every log that has an address once, as [`Self::watch`] does again and again.
    pub async fn watch_once(&self) {
        watch::once(self).await;
    }

    /// The log with this origin.
    fn log(&self, origin: &str) -> Option<&Log> {
        self.logs.iter().find(|log| log.config.origin == origin)
    }

    /// The log that is served under this name.
    fn log_named(&self, name: &str) -> Option<&Log> {
        self.logs.iter().find(|log| config::folder_name(&log.config.origin) == name)
    }
}

fn lock(config: &Config) -> anyhow::Result<File> {
    let path = config.data.join("lock");
    let file = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            anyhow::bail!("another witness works in {}: stop it first", config.data.display())
        }
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("locking {}", path.display())),
    }
}
