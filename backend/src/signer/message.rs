//! What server and signer say to each other, as JSON over the socket; docs/SIGNER.md tells it for people.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ledger::{Hash, checkpoint::Checkpoint, key_change::KeyChange, note::Signature};
use serde::{Deserialize, Serialize};

use super::{Asked, Standing};

/// Longest request or answer, in bytes: a proof of 63 hashes, and an entry with its own.
pub const MAX_MESSAGE_BYTES: usize = 512 * 1024;

/// `GET /standing`, answered.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandingMessage {
    /// The three lines of the checkpoint that was signed last.
    pub last: String,
    /// The vkey.
    pub key: String,
    /// The vkey that takes over, while the key changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// `POST /sign`, asked. The answer is the signed note, as text.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignMessage {
    /// The three lines to sign.
    pub checkpoint: String,
    /// The consistency proof from the checkpoint that was signed last to this one, base64.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extends: Vec<String>,
    /// A tlog-proof of the entry that changes the key, its checkpoint without signatures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
}

/// `POST /prepare`, asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrepareMessage {
    /// Number of the change, from 1.
    pub number: u64,
}

/// `POST /prepare`, answered.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeMessage {
    /// The number.
    pub number: u64,
    /// The vkey until then.
    pub old: String,
    /// The vkey from then on.
    pub new: String,
    /// The old key's signature line over the statement.
    pub old_line: String,
    /// The new key's.
    pub new_line: String,
}

/// Any refusal (409) or failure (500).
#[derive(Debug, Serialize, Deserialize)]
pub struct ErrorMessage {
    /// In words.
    pub error: String,
}

impl StandingMessage {
    /// As it is sent.
    #[must_use]
    pub fn of(standing: &Standing) -> Self {
        Self {
            last: standing.last.to_string(),
            key: standing.key.to_string(),
            next: standing.next.as_ref().map(ToString::to_string),
        }
    }

    /// As it is meant.
    ///
    /// # Errors
    /// When a part cannot be read.
    pub fn read(&self) -> anyhow::Result<Standing> {
        let next = self.next.as_deref().map(str::parse).transpose()?;
        Ok(Standing { last: self.last.parse()?, key: self.key.parse()?, next })
    }
}

impl SignMessage {
    /// As it is sent.
    #[must_use]
    pub fn of(asked: &Asked) -> Self {
        Self {
            checkpoint: asked.checkpoint.to_string(),
            extends: asked.extends.iter().map(|hash| STANDARD.encode(hash.0)).collect(),
            change: asked.change.as_ref().map(ToString::to_string),
        }
    }

    /// As it is meant.
    ///
    /// # Errors
    /// When a part cannot be read.
    pub fn read(&self) -> anyhow::Result<Asked> {
        let checkpoint: Checkpoint = self.checkpoint.parse()?;
        let extends = self.extends.iter().map(|text| hash(text)).collect::<anyhow::Result<_>>()?;
        let change = self.change.as_deref().map(str::parse).transpose()?;
        Ok(Asked { checkpoint, extends, change })
    }
}

impl ChangeMessage {
    /// As it is sent.
    #[must_use]
    pub fn of(change: &KeyChange) -> Self {
        let (old_line, new_line) = change.lines();
        Self {
            number: change.number(),
            old: change.old().to_string(),
            new: change.new_key().to_string(),
            old_line: old_line.to_string(),
            new_line: new_line.to_string(),
        }
    }

    /// As it is meant, both signatures verified.
    ///
    /// # Errors
    /// When a part cannot be read or does not verify.
    pub fn read(&self) -> anyhow::Result<KeyChange> {
        let line = |text: &str| Ok::<Signature, anyhow::Error>(text.parse()?);
        let (old, new) = (self.old.parse()?, self.new.parse()?);
        Ok(KeyChange::new(self.number, old, new, line(&self.old_line)?, line(&self.new_line)?)?)
    }
}

fn hash(text: &str) -> anyhow::Result<Hash> {
    let bytes = STANDARD.decode(text)?;
    let bytes: [u8; 32] = bytes.try_into().map_err(|_| anyhow::anyhow!("a hash does not have 32 bytes"))?;
    Ok(Hash(bytes))
}
