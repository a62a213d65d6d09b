//! The log's key and its memory. The sequencer asks it for a signature over a checkpoint; nobody else does, and the
//! secret never leaves this module.
//!
//! Two files in the data folder. `ledger.key` (mode 0600) is the Ed25519 seed, 64 hexadecimal digits, made on the first
//! start. `ledger.signer` is the body of the last checkpoint that was signed (origin, size, root): it is replaced and
//! synced *before* a signature leaves, so a database restored from an older backup, or a second one grown from the same
//! key, cannot make this log contradict itself. A larger tree is signed only with a proof that it extends the remembered
//! one; the same tree may be signed again, which gives the same bytes, since Ed25519 has no randomness.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, ensure};
use ledger::{
    Hash,
    checkpoint::Checkpoint,
    key::{Signer, VerifierKey},
    merkle,
};
use tokio::sync::Mutex;

use crate::{
    chance::Random,
    durable,
    error::{Error, Result},
};

/// The file that holds the seed.
const KEY_FILE: &str = "ledger.key";
/// The file that remembers what was signed last.
const MEMORY_FILE: &str = "ledger.signer";

/// The log's key with its memory. Cheap to clone; clones share the memory.
#[derive(Clone)]
pub struct LogSigner {
    key: Arc<Signer>,
    memory: Arc<Memory>,
}

/// Why the signer does not sign. None of these mends itself: the operations manual says what to look at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Another log's checkpoint.
    #[error("the signer signs for {own}, this checkpoint is of {other}")]
    Origin { own: String, other: String },
    /// Smaller than what was signed before.
    #[error(
        "the signer has signed size {signed} and does not go back to {asked}: the database is older than the log"
    )]
    Back { signed: u64, asked: u64 },
    /// The same size with another root, or a larger tree that does not contain the signed one.
    #[error(
        "the signer has signed another tree of size {signed}: size {asked} with root {root} would be a fork"
    )]
    Fork { signed: u64, asked: u64, root: String },
}

impl LogSigner {
    /// Opens the key of a data folder, or makes it in a folder that has none. `origin` names the log.
    ///
    /// # Errors
    /// Naming the file and what to do: permissions wider than 0600, a key without its memory or the reverse, files of
    /// another log, or the file system's own error.
    pub fn open(data: &Path, origin: &str, random: &Random) -> anyhow::Result<Self> {
        // Before anything is made: files that carry a name which is none could never be opened again.
        Signer::from_seed(origin, &[0; 32]).with_context(|| format!("--ledger-origin: `{origin}`"))?;
        fs::create_dir_all(data).with_context(|| format!("creating {}", data.display()))?;
        let (key, memory) = Self::files(data, origin);
        if !key.try_exists()? {
            match memory.last() {
                Ok(last) => ensure!(
                    last.size == 0,
                    "{} is missing, but {} says that it signed {} entries: restore the key from its backup",
                    key.display(),
                    memory.path.display(),
                    last.size
                ),
                // The memory first: a key without one is refused below.
                Err(_) if !memory.path.try_exists()? => memory.write(&empty(origin))?,
                Err(error) => return Err(error),
            }
            durable::make_seed(&key, &random.bytes())?;
        }
        Self::existing(data, origin)
    }

    /// Opens the key of a data folder that has one, and writes nothing.
    ///
    /// # Errors
    /// As [`LogSigner::open`], and when there is no key.
    pub fn existing(data: &Path, origin: &str) -> anyhow::Result<Self> {
        let (key, memory) = Self::files(data, origin);
        ensure!(
            key.try_exists()?,
            "--data: {} is not the folder of an instance: it has no {}",
            data.display(),
            KEY_FILE
        );
        durable::check_private(&key)?;
        ensure!(
            memory.path.try_exists()?,
            "{0} is missing beside {1}: without it the log could contradict itself. Restore it from the newest backup, \
             or write the first three lines of the last published checkpoint into it",
            memory.path.display(),
            key.display()
        );
        memory.last()?;
        let seed = durable::read_seed(&key)?;
        let signer =
            Signer::from_seed(origin, &seed).with_context(|| format!("--ledger-origin: `{origin}`"))?;
        Ok(Self { key: Arc::new(signer), memory: Arc::new(memory) })
    }

    fn files(data: &Path, origin: &str) -> (PathBuf, Memory) {
        let path = data.join(MEMORY_FILE);
        (data.join(KEY_FILE), Memory { path, origin: origin.to_owned(), turn: Mutex::new(()) })
    }

    /// The same key with a memory in another folder, as far as it has come now: for a copy of an instance that stands still
    /// while the original goes on. The key itself is not written anywhere.
    ///
    /// # Errors
    /// When the memory cannot be read, or not be written there.
    pub fn remembering_in(&self, folder: &Path) -> anyhow::Result<Self> {
        let memory = Memory {
            path: folder.join(MEMORY_FILE),
            origin: self.memory.origin.clone(),
            turn: Mutex::new(()),
        };
        memory.write(&self.memory.last()?)?;
        Ok(Self { key: Arc::clone(&self.key), memory: Arc::new(memory) })
    }

    /// The public key, as text the vkey that readers of the log trust.
    #[must_use]
    pub fn verifier_key(&self) -> VerifierKey {
        self.key.verifier_key()
    }

    /// The public key as text, `name+id+base64`: what readers of the log trust, and `/ledger/vkey` serves.
    #[must_use]
    pub fn vkey(&self) -> String {
        self.verifier_key().to_string()
    }

    /// The log's origin, which is the key's name.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.key.name()
    }

    /// The data folder that holds the two files.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.memory.path.parent().unwrap_or(Path::new("."))
    }

    /// What was signed last; size 0 for a new key.
    ///
    /// # Errors
    /// When the memory cannot be read.
    pub async fn last(&self) -> Result<Checkpoint> {
        let memory = Arc::clone(&self.memory);
        blocking(move || memory.last()).await
    }

    /// Signs a checkpoint; answers the signed note. `extends` is the consistency proof from the remembered checkpoint
    /// ([`LogSigner::last`]) to this one, empty when they are the same or the memory is of size 0.
    ///
    /// # Errors
    /// [`Error::Internal`] around a [`Refusal`], or when the memory cannot be made durable.
    pub async fn sign(&self, checkpoint: &Checkpoint, extends: &[Hash]) -> Result<String> {
        let _turn = self.memory.turn.lock().await;
        // Read anew each time: another process of the same installation may have signed in between.
        let last = self.last().await?;
        judge(&last, checkpoint, extends).map_err(Error::internal)?;
        if last != *checkpoint {
            let (memory, checkpoint) = (Arc::clone(&self.memory), checkpoint.clone());
            blocking(move || memory.write(&checkpoint)).await?;
        }
        Ok(checkpoint.sign(&self.key).map_err(Error::internal)?.to_string())
    }
}

impl fmt::Debug for LogSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogSigner({}, seed redacted)", self.key.name())
    }
}

/// Whether `next` may be signed after `last`.
fn judge(last: &Checkpoint, next: &Checkpoint, extends: &[Hash]) -> Result<(), Refusal> {
    if last.origin != next.origin {
        return Err(Refusal::Origin { own: last.origin.clone(), other: next.origin.clone() });
    }
    if next.size < last.size {
        return Err(Refusal::Back { signed: last.size, asked: next.size });
    }
    merkle::verify_consistency(last.size, next.size, extends, last.root, next.root)
        .map_err(|_| Refusal::Fork { signed: last.size, asked: next.size, root: hex::encode(next.root.0) })
}

fn empty(origin: &str) -> Checkpoint {
    Checkpoint { origin: origin.to_owned(), size: 0, root: merkle::empty_root() }
}

/// The file that remembers the last signed checkpoint.
struct Memory {
    path: PathBuf,
    origin: String,
    /// One signature at a time.
    turn: Mutex<()>,
}

impl Memory {
    fn last(&self) -> anyhow::Result<Checkpoint> {
        let text =
            fs::read_to_string(&self.path).with_context(|| format!("reading {}", self.path.display()))?;
        let last: Checkpoint = text.parse().with_context(|| format!("{} is damaged", self.path.display()))?;
        ensure!(
            last.origin == self.origin,
            "{} belongs to the log {}, but this instance is configured as {} (--ledger-origin)",
            self.path.display(),
            last.origin,
            self.origin
        );
        Ok(last)
    }

    fn write(&self, checkpoint: &Checkpoint) -> anyhow::Result<()> {
        durable::replace(&self.path, checkpoint.to_string().as_bytes())
    }
}

/// File work off the async threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> anyhow::Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?.map_err(Error::Internal)
}
