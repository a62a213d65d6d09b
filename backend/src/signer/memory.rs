//! What a signer remembers: the last checkpoint that it signed, and where its key changed. Both are on disk before a signature
//! that they are about leaves.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use ledger::{checkpoint::Checkpoint, key::VerifierKey, merkle};

use crate::durable;

/// The file that remembers what was signed last.
const MEMORY_FILE: &str = "ledger.signer";
/// The file that says at which size the next key takes over.
const CHANGE_FILE: &str = "ledger.change";

/// The signer's memory in its folder.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    folder: PathBuf,
    origin: String,
}

/// Where the key changes: the checkpoint of this size is signed by both keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Border {
    pub(super) size: u64,
    pub(super) new: VerifierKey,
}

impl Memory {
    pub(super) fn new(folder: &Path, origin: &str) -> Self {
        Self { folder: folder.to_owned(), origin: origin.to_owned() }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.join(MEMORY_FILE)
    }

    pub(super) fn last(&self) -> anyhow::Result<Checkpoint> {
        let path = self.path();
        let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let last: Checkpoint = text.parse().with_context(|| format!("{} is damaged", path.display()))?;
        ensure!(
            last.origin == self.origin,
            "{} belongs to the log {}, but this instance is configured as {} (--ledger-origin)",
            path.display(),
            last.origin,
            self.origin
        );
        Ok(last)
    }

    pub(super) fn write(&self, checkpoint: &Checkpoint) -> anyhow::Result<()> {
        durable::replace(&self.path(), checkpoint.to_string().as_bytes())
    }

    /// A memory for a key that never signed.
    pub(super) fn begin(&self) -> anyhow::Result<()> {
        let (origin, root) = (self.origin.clone(), merkle::empty_root());
        self.write(&Checkpoint { origin, size: 0, root })
    }

    pub(super) fn border(&self) -> anyhow::Result<Option<Border>> {
        let path = self.folder.join(CHANGE_FILE);
        if !path.try_exists()? {
            return Ok(None);
        }
        let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let read = || {
            let (size, new) = text.strip_suffix('\n')?.split_once(' ')?;
            Some(Border { size: size.parse().ok()?, new: new.parse().ok()? })
        };
        Ok(Some(read().with_context(|| format!("{} is damaged", path.display()))?))
    }

    pub(super) fn set_border(&self, border: &Border) -> anyhow::Result<()> {
        let text = format!("{} {}\n", border.size, border.new);
        durable::replace(&self.folder.join(CHANGE_FILE), text.as_bytes())
    }

    pub(super) fn clear_border(&self) -> anyhow::Result<()> {
        durable::remove(&self.folder.join(CHANGE_FILE))
    }
}
