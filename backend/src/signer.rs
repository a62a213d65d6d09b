//! The log's key and its memory. The sequencer asks it for a signature over a checkpoint; nobody else does, and the
//! secret never leaves this module.
//!
//! Two files in the data folder. `ledger.key` (mode 0600) is the Ed25519 seed, 64 hexadecimal digits, made on the first
//! start. `ledger.signer` is the body of the last checkpoint that was signed (origin, size, root): it is replaced and
//! synced *before* a signature leaves, so a database restored from an older backup, or a second one grown from the same
//! key, cannot make this log contradict itself. A larger tree is signed only with a proof that it extends the remembered
//! one; the same tree may be signed again, which gives the same bytes, since Ed25519 has no randomness.
//!
//! [`AtHand`] is that, in the server's own process or in `guxin signer serve`. [`LogSigner`] is what the server holds: the signer at hand,
//! the address of one in another process, or, for a copy of an instance, only what it would answer.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::ensure;
use ledger::{Hash, checkpoint::Checkpoint, key::VerifierKey, key_change::KeyChange, proof::Proof};

use crate::{
    chance::Random,
    error::{Error, Result},
};

mod at_hand;
mod away;
mod memory;
pub mod message;
mod secret;
mod token;

pub use at_hand::AtHand;
pub use secret::Place;

use away::Away;

/// The log's signer. Cheap to clone; clones share the memory.
#[derive(Clone)]
pub struct LogSigner {
    folder: PathBuf,
    origin: String,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    AtHand(Arc<AtHand>),
    Away(Arc<Away>),
    /// A copy: it says where the original stood and signs nothing.
    Copy(Arc<Standing>),
}

/// Where a signer stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What was signed last; size 0 for a new key.
    pub last: Checkpoint,
    /// The key; the old one until a change of the key is finished.
    pub key: VerifierKey,
    /// The key that takes over, while the key changes.
    pub next: Option<VerifierKey>,
}

/// What is to be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// The consistency proof from the checkpoint that was signed last, empty when they are the same or that is of size 0.
    pub extends: Vec<Hash>,
    /// A proof that the entry which changes the key is in this tree: then both keys sign.
    pub change: Option<Proof>,
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
    /// Not the change of the key that was prepared.
    #[error("the signer does not change its key: {why}")]
    Change { why: String },
    /// What a signer in another process said.
    #[error("{why}")]
    Said { why: String },
}

/// Why there is no signature.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// On principle.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Because something failed.
    #[error("{0:#}")]
    Failed(#[from] anyhow::Error),
}

impl LogSigner {
    /// Opens the key of a data folder, or makes it in a folder that has none. `origin` names the log.
    ///
    /// # Errors
    /// Naming the file and what to do: permissions wider than 0600, a key without its memory or the reverse, files of
    /// another log, or the file system's own error.
    pub fn open(data: &Path, origin: &str, random: &Random) -> anyhow::Result<Self> {
        let at_hand = AtHand::make(data, origin, Place::in_folder(data), None, random)?;
        Ok(Self::of(data, origin, Kind::AtHand(Arc::new(at_hand))))
    }

    /// Opens the key of a data folder that has one, and writes nothing.
    ///
    /// # Errors
    /// As [`LogSigner::open`], and when there is no key.
    pub fn existing(data: &Path, origin: &str) -> anyhow::Result<Self> {
        let key = Place::in_folder(data);
        ensure!(
            key.exists()?,
            "--data: {} is not the folder of an instance: it has no ledger.key",
            data.display()
        );
        let at_hand = AtHand::at(data, origin, key, None)?;
        Ok(Self::of(data, origin, Kind::AtHand(Arc::new(at_hand))))
    }

    /// The signer that another process serves at this socket; the data folder holds its vkey. With `pins` the vkey is kept there at the
    /// first contact.
    ///
    /// # Errors
    /// When it has never answered and does not now, or signs for another log.
    pub async fn connect(socket: &Path, data: &Path, origin: &str, pins: bool) -> anyhow::Result<Self> {
        ensure!(
            !Place::in_folder(data).exists()?,
            "--signer: {} has a ledger.key of its own: move it and ledger.signer to the signer's folder first, or the \
             log would have two signers",
            data.display()
        );
        let away = Away::open(socket, data, origin, pins).await?;
        Ok(Self::of(data, origin, Kind::Away(Arc::new(away))))
    }

    fn of(folder: &Path, origin: &str, kind: Kind) -> Self {
        Self { folder: folder.to_owned(), origin: origin.to_owned(), kind }
    }

    /// What stands in for the signer in a copy of an instance: it says where this one stands now, and signs nothing.
    ///
    /// # Errors
    /// When the signer cannot be asked.
    pub async fn standing_still(&self, folder: &Path) -> Result<Self> {
        let standing = self.standing().await?;
        Ok(Self::of(folder, &self.origin, Kind::Copy(Arc::new(standing))))
    }

    /// The public key, as text the vkey that readers of the log trust; the old one until a change of the key is finished.
    #[must_use]
    pub fn verifier_key(&self) -> VerifierKey {
        match &self.kind {
            Kind::AtHand(signer) => signer.verifier_key(),
            Kind::Away(signer) => signer.verifier_key(),
            Kind::Copy(standing) => standing.key.clone(),
        }
    }

    /// The public key as text, `name+id+base64`.
    #[must_use]
    pub fn vkey(&self) -> String {
        self.verifier_key().to_string()
    }

    /// The log's origin, which is the key's name.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The instance's data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Why a signer in another process could not be asked the last time, if it could not; for `/readyz` and the operator's page.
    #[must_use]
    pub fn absent(&self) -> Option<String> {
        match &self.kind {
            Kind::Away(signer) => signer.absent(),
            Kind::AtHand(_) | Kind::Copy(_) => None,
        }
    }

    /// Where the signer stands.
    ///
    /// # Errors
    /// When its memory cannot be read, or it does not answer.
    pub async fn standing(&self) -> Result<Standing> {
        match &self.kind {
            Kind::AtHand(signer) => {
                let signer = Arc::clone(signer);
                blocking(move || signer.standing()).await.map_err(Error::Internal)
            }
            Kind::Away(signer) => signer.standing().await.map_err(Error::Internal),
            Kind::Copy(standing) => Ok((**standing).clone()),
        }
    }

    /// What was signed last; size 0 for a new key.
    ///
    /// # Errors
    /// As [`LogSigner::standing`].
    pub async fn last(&self) -> Result<Checkpoint> {
        Ok(self.standing().await?.last)
    }

    /// Signs a checkpoint; answers the signed note. `extends` is the consistency proof from the remembered checkpoint
    /// ([`LogSigner::last`]) to this one, empty when they are the same or the memory is of size 0.
    ///
    /// # Errors
    /// [`Error::Internal`] around a [`Refusal`], or when the memory cannot be made durable.
    pub async fn sign(&self, checkpoint: &Checkpoint, extends: &[Hash]) -> Result<String> {
        self.sign_as(Asked { checkpoint: checkpoint.clone(), extends: extends.to_vec(), change: None }).await
    }

    /// As [`LogSigner::sign`], and where the tree changes the log's key with the proof of that.
    ///
    /// # Errors
    /// As [`LogSigner::sign`].
    pub async fn sign_as(&self, asked: Asked) -> Result<String> {
        let signed = match &self.kind {
            Kind::AtHand(signer) => {
                let signer = Arc::clone(signer);
                blocking(move || signer.sign(&asked)).await
            }
            Kind::Away(signer) => signer.sign(&asked).await,
            Kind::Copy(_) => Err(anyhow::anyhow!("a copy of an instance signs nothing").into()),
        };
        signed.map_err(|failure| match failure {
            Failure::Refused(refusal) => Error::internal(refusal),
            Failure::Failed(error) => Error::Internal(error),
        })
    }

    /// Makes the next key, unless there is one, and has both sign that it takes over.
    ///
    /// # Errors
    /// When a key cannot be made, or a change is under way whose checkpoint is signed already.
    pub async fn prepare(&self, number: u64, random: &Random) -> Result<KeyChange> {
        let prepared = match &self.kind {
            Kind::AtHand(signer) => {
                let (signer, random) = (Arc::clone(signer), random.clone());
                blocking(move || signer.prepare(number, &random)).await
            }
            Kind::Away(signer) => signer.prepare(number).await,
            Kind::Copy(_) => Err(anyhow::anyhow!("a copy of an instance has no key")),
        };
        prepared.map_err(Error::Internal)
    }

    /// Ends a change whose checkpoint is signed and published: the next key is the key, the old secret is gone.
    ///
    /// # Errors
    /// The file system's, or when the signer does not answer.
    pub async fn finish(&self) -> Result<()> {
        let finished = match &self.kind {
            Kind::AtHand(signer) => {
                let signer = Arc::clone(signer);
                blocking(move || signer.finish()).await
            }
            Kind::Away(signer) => signer.finish().await,
            Kind::Copy(_) => Ok(()),
        };
        finished.map_err(Error::Internal)
    }

    /// Another key is the log's now, as the published chain shows.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub(crate) fn follow(&self, key: &VerifierKey) -> Result<()> {
        match &self.kind {
            Kind::Away(signer) => signer.follow(key).map_err(Error::Internal),
            Kind::AtHand(_) | Kind::Copy(_) => Ok(()),
        }
    }
}

impl fmt::Debug for LogSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogSigner({}, seed redacted)", self.origin)
    }
}

impl fmt::Debug for AtHand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AtHand({}, secret redacted)", self.origin())
    }
}

/// File work off the async threads.
async fn blocking<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<anyhow::Error> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(anyhow::Error::new(error).into()),
    }
}
