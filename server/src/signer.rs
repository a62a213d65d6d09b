//! The log's signer as a server of its own, `guxin signer serve`: it holds the key and the memory of what was signed last, and lets the
//! platform have nothing but signatures that agree with it. It shares nothing with the platform but a Unix socket; whoever takes over
//! the platform can have the log go on, and cannot have it contradict itself.
//!
//! HTTP over the socket: `GET /standing`, `POST /sign`, `POST /prepare`, `POST /finish` ([`backend::signer::message`]). One question
//! at a time is answered, after the disk has it.

use std::{
    fs::{File, Permissions, TryLockError},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use backend::{
    chance::Random,
    signer::{
        AtHand, Failure,
        message::{
            ChangeMessage, ErrorMessage, MAX_MESSAGE_BYTES, PrepareMessage, SignMessage, StandingMessage,
        },
    },
};
use tokio::net::UnixListener;
use tower_http::{catch_panic::CatchPanicLayer, timeout::TimeoutLayer};

pub mod config;

pub use config::Config;

/// Reads `unix:PATH`, for the option that names a signer.
///
/// # Errors
/// A message for the option.
pub fn address(text: &str) -> Result<PathBuf, String> {
    match text.strip_prefix("unix:") {
        Some(path) if !path.is_empty() => Ok(path.into()),
        _ => Err("expected `unix:` and the path of the signer's socket".to_owned()),
    }
}

/// A running signer. Cheap to clone.
#[derive(Clone)]
pub struct SignerProcess(Arc<Parts>);

struct Parts {
    signer: AtHand,
    /// Held as long as the process lives: two signers with one memory could contradict each other.
    _lock: File,
}

impl SignerProcess {
    /// Opens a signer that was made with `guxin signer key`.
    ///
    /// # Errors
    /// A missing or readable key, a damaged memory, another signer at work in the folder.
    pub fn open(config: &Config) -> anyhow::Result<Self> {
        anyhow::ensure!(
            config.data.is_dir(),
            "`data`: there is no folder {}: `guxin signer key` makes it with the key",
            config.data.display()
        );
        let lock = lock(&config.data)?;
        let signer = AtHand::at(&config.data, &config.origin, config.key()?, config.next()?)?;
        Ok(Self(Arc::new(Parts { signer, _lock: lock })))
    }

    /// The vkey.
    #[must_use]
    pub fn vkey(&self) -> String {
        self.0.signer.verifier_key().to_string()
    }

    /// What is answered over the socket.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/standing", get(standing))
            .route("/sign", post(sign))
            .route("/prepare", post(prepare))
            .route("/finish", post(finish))
            .layer(DefaultBodyLimit::max(MAX_MESSAGE_BYTES))
            .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, Duration::from_secs(30)))
            .layer(CatchPanicLayer::new())
            .with_state(self.clone())
    }

    async fn with<T: Send + 'static, E: From<anyhow::Error> + Send + 'static>(
        self,
        work: impl FnOnce(&AtHand) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let done = tokio::task::spawn_blocking(move || work(&self.0.signer)).await;
        done.unwrap_or_else(|error| Err(anyhow::Error::new(error).into()))
    }
}

/// Listens at a path, with these permissions from the first moment; what an earlier signer left there is replaced.
///
/// # Errors
/// Naming the path.
pub fn listen(config: &Config) -> anyhow::Result<UnixListener> {
    let (path, mode) = (&config.socket, config.mode()?);
    let mut fresh = path.clone().into_os_string();
    fresh.push(".new");
    let fresh = PathBuf::from(fresh);
    let bind = || {
        let _ = std::fs::remove_file(&fresh);
        let listener = UnixListener::bind(&fresh)?;
        // Nobody knows the name until it has its mode.
        std::fs::set_permissions(&fresh, Permissions::from_mode(mode))?;
        std::fs::rename(&fresh, path)?;
        Ok::<_, std::io::Error>(listener)
    };
    bind().with_context(|| format!("`socket`: cannot listen at {}", path.display()))
}

fn lock(folder: &Path) -> anyhow::Result<File> {
    let path = folder.join("signer.lock");
    let file = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            anyhow::bail!("another signer works in {}: stop it first", folder.display())
        }
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("locking {}", path.display())),
    }
}

async fn standing(State(signer): State<SignerProcess>) -> Response {
    match signer.with(AtHand::standing).await {
        Ok(standing) => Json(StandingMessage::of(&standing)).into_response(),
        Err(error) => failed(&error),
    }
}

async fn sign(State(signer): State<SignerProcess>, Json(message): Json<SignMessage>) -> Response {
    let asked = match message.read() {
        Ok(asked) => asked,
        Err(error) => return said(StatusCode::BAD_REQUEST, &error),
    };
    let size = asked.checkpoint.size;
    match signer.with(move |signer| signer.sign(&asked)).await {
        Ok(note) => {
            tracing::info!(signer.size = size, "signed");
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], note).into_response()
        }
        Err(Failure::Refused(refusal)) => {
            tracing::error!(signer.size = size, why = %refusal, "refused");
            said(StatusCode::CONFLICT, &refusal.into())
        }
        Err(Failure::Failed(error)) => failed(&error),
    }
}

async fn prepare(State(signer): State<SignerProcess>, Json(message): Json<PrepareMessage>) -> Response {
    match signer.with(move |signer| signer.prepare(message.number, &Random::System)).await {
        Ok(change) => {
            tracing::warn!(old = %change.old(), new = %change.new_key(), "a change of the key is prepared");
            Json(ChangeMessage::of(&change)).into_response()
        }
        Err(error) => failed(&error),
    }
}

async fn finish(State(signer): State<SignerProcess>) -> Response {
    match signer.clone().with(AtHand::finish).await {
        Ok(()) => {
            tracing::warn!(key = %signer.vkey(), "a change of the key is finished");
            Json(serde_json::json!({})).into_response()
        }
        Err(error) => failed(&error),
    }
}

fn failed(error: &anyhow::Error) -> Response {
    tracing::error!(error = %format!("{error:#}"), "the signer failed");
    said(StatusCode::INTERNAL_SERVER_ERROR, error)
}

/// The platform's operator sees this: it names files of the signer's folder and no secret.
fn said(status: StatusCode, error: &anyhow::Error) -> Response {
    (status, Json(ErrorMessage { error: format!("{error:#}") })).into_response()
}
