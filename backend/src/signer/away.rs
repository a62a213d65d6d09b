//! A signer in a process of its own, `guxin signer serve`, reached through its Unix socket. This side holds no secret: it knows the
//! log's vkey, which it pinned when it first spoke to the signer, so that the server starts and takes filings in while the signer is away.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{PoisonError, RwLock},
    time::Duration,
};

use anyhow::{Context as _, ensure};
use ledger::{key::VerifierKey, key_change::KeyChange};
use reqwest::{Client, StatusCode};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Asked, Failure, Standing,
    message::{ChangeMessage, ErrorMessage, MAX_MESSAGE_BYTES, PrepareMessage, SignMessage, StandingMessage},
};
use crate::{
    durable,
    remote_log::{body, root_cause},
};

/// The file in the data folder that pins the signer's vkey.
const PIN_FILE: &str = "ledger.vkey";
/// How long one answer may take: a disk that syncs slowly, or a token.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The signer behind a socket.
pub(super) struct Away {
    client: Client,
    socket: PathBuf,
    /// None for whoever only looks at the instance.
    pin: Option<PathBuf>,
    key: RwLock<VerifierKey>,
    /// Why it could not be asked the last time.
    absent: RwLock<Option<String>>,
}

impl Away {
    /// The signer of the log `origin`, whose vkey is pinned in `data`. Asks it only where nothing is pinned yet, and with `pins` keeps
    /// what it says.
    pub(super) async fn open(socket: &Path, data: &Path, origin: &str, pins: bool) -> anyhow::Result<Self> {
        let pin = data.join(PIN_FILE);
        // A connection for each question: a signer that was restarted is not asked over the old one's.
        let client = Client::builder().unix_socket(socket.to_owned()).pool_max_idle_per_host(0);
        let client = client.no_proxy().timeout(TIMEOUT).build()?;
        let pinned = pin.try_exists()?;
        let key: VerifierKey = if pinned {
            let text = fs::read_to_string(&pin).with_context(|| format!("reading {}", pin.display()))?;
            text.trim().parse().with_context(|| format!("{} is damaged", pin.display()))?
        } else {
            let standing = standing(&client).await;
            let first =
                || format!("--signer: {} must answer once before an instance can start", socket.display());
            standing.with_context(first)?.key
        };
        ensure!(
            key.name() == origin,
            "--signer: the signer's log is {}, but this instance is configured as {origin} (--ledger-origin)",
            key.name()
        );
        if pins && !pinned {
            durable::replace(&pin, format!("{key}\n").as_bytes())?;
        }
        let pin = pins.then_some(pin);
        Ok(Self { client, socket: socket.to_owned(), pin, key: RwLock::new(key), absent: RwLock::default() })
    }

    pub(super) fn verifier_key(&self) -> VerifierKey {
        self.key.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Another key is the log's now, as a chain from the pinned one has shown.
    pub(super) fn follow(&self, key: &VerifierKey) -> anyhow::Result<()> {
        if self.verifier_key() != *key {
            if let Some(pin) = &self.pin {
                durable::replace(pin, format!("{key}\n").as_bytes())?;
            }
            *self.key.write().unwrap_or_else(PoisonError::into_inner) = key.clone();
        }
        Ok(())
    }

    pub(super) async fn standing(&self) -> anyhow::Result<Standing> {
        let asked = standing(&self.client).await;
        let standing = self.noted(asked)?;
        ensure!(
            standing.key.name() == self.verifier_key().name(),
            "{}: its log is {}",
            self.place(),
            standing.key.name()
        );
        Ok(standing)
    }

    pub(super) async fn sign(&self, asked: &Asked) -> Result<String, Failure> {
        let note = match post(&self.client, "sign", &SignMessage::of(asked)).await {
            Err(Failure::Failed(error)) => self.noted(Err(error))?,
            other => other?,
        };
        Ok(String::from_utf8(note).map_err(anyhow::Error::new).with_context(|| self.place())?)
    }

    pub(super) async fn prepare(&self, number: u64) -> anyhow::Result<KeyChange> {
        let change = async {
            let answer = post(&self.client, "prepare", &PrepareMessage { number }).await?;
            anyhow::Ok(serde_json::from_slice::<ChangeMessage>(&answer)?.read()?)
        };
        change.await.with_context(|| self.place())
    }

    pub(super) async fn finish(&self) -> anyhow::Result<()> {
        let finished = post(&self.client, "finish", &serde_json::json!({})).await;
        finished.map(|_| ()).with_context(|| self.place())
    }

    /// Whether it could be asked, for whoever looks after the platform.
    fn noted<T>(&self, asked: anyhow::Result<T>) -> anyhow::Result<T> {
        metrics::gauge!("ledger_signer_up").set(if asked.is_ok() { 1.0 } else { 0.0 });
        let asked = asked.with_context(|| self.place());
        *self.absent.write().unwrap_or_else(PoisonError::into_inner) =
            asked.as_ref().err().map(|error| format!("{error:#}"));
        asked
    }

    pub(super) fn absent(&self) -> Option<String> {
        self.absent.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn place(&self) -> String {
        format!("the signer at {}", self.socket.display())
    }
}

async fn standing(client: &Client) -> anyhow::Result<Standing> {
    let message: StandingMessage = get(client, "standing").await?;
    message.read()
}

async fn get<T: DeserializeOwned>(client: &Client, path: &str) -> anyhow::Result<T> {
    let answer = client.get(url(path)).send().await.map_err(|error| unreachable(&error))?;
    ensure!(answer.status() == StatusCode::OK, "answered {}", answer.status());
    let bytes = body(answer, MAX_MESSAGE_BYTES).await?.context("answered too much")?;
    Ok(serde_json::from_slice(&bytes)?)
}

async fn post(client: &Client, path: &str, message: &impl Serialize) -> Result<Vec<u8>, Failure> {
    let text = serde_json::to_vec(message).map_err(anyhow::Error::new)?;
    let asked = client.post(url(path)).header("content-type", "application/json").body(text).send().await;
    let answer = asked.map_err(|error| unreachable(&error))?;
    let status = answer.status();
    let bytes = body(answer, MAX_MESSAGE_BYTES).await.map_err(anyhow::Error::new)?;
    let bytes = bytes.context("answered too much")?;
    if status == StatusCode::OK {
        return Ok(bytes.to_vec());
    }
    let said =
        serde_json::from_slice::<ErrorMessage>(&bytes).map_or_else(|_| status.to_string(), |said| said.error);
    Err(if status == StatusCode::CONFLICT {
        Failure::Refused(super::Refusal::Said { why: said })
    } else {
        anyhow::anyhow!(said).into()
    })
}

/// The host is only a name in the request: the socket is where it goes.
fn url(path: &str) -> String {
    format!("http://signer/{path}")
}

fn unreachable(error: &reqwest::Error) -> anyhow::Error {
    anyhow::anyhow!("does not answer: {}", root_cause(error))
}
