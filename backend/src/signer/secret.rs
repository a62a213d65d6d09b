//! A secret key wherever it is kept: its seed in a file of mode 0600, or in a token that never gives it away. [`Place`] says where,
//! as the configuration writes it.

use std::{
    fs,
    path::{Path, PathBuf},
    str::FromStr,
};

use anyhow::Context as _;
use ledger::{
    key::{Signer, VerifierKey},
    note::Signature,
};

use super::token::{Token, TokenPlace};
use crate::{chance::Random, durable};

/// The file that holds the seed, unless another is named.
const KEY_FILE: &str = "ledger.key";

/// Where a log's key is kept: `file:PATH`, or a PKCS #11 URI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// An Ed25519 seed, 64 hexadecimal digits in a file of mode 0600.
    File(PathBuf),
    /// A key that a token keeps.
    Token(TokenPlace),
}

/// A key that can sign.
#[derive(Clone)]
pub(super) enum Secret {
    // Boxed: it is many times as large as the other.
    Seed(Box<Signer>),
    Token(Token),
}

impl Place {
    /// The usual file in a data folder.
    #[must_use]
    pub fn in_folder(data: &Path) -> Self {
        Self::File(data.join(KEY_FILE))
    }

    /// Whether there is a key.
    pub(super) fn exists(&self) -> anyhow::Result<bool> {
        match self {
            Self::File(path) => Ok(path.try_exists()?),
            Self::Token(place) => place.exists(),
        }
    }

    /// Makes the key; never replaces one.
    pub(super) fn make(&self, random: &Random) -> anyhow::Result<()> {
        match self {
            Self::File(path) => durable::make_seed(path, &random.bytes()),
            Self::Token(place) => place.make(random),
        }
    }

    /// Opens the key of the log with this origin.
    pub(super) fn open(&self, origin: &str) -> anyhow::Result<Secret> {
        match self {
            Self::Token(place) => Ok(Secret::Token(place.open(origin)?)),
            Self::File(path) => {
                durable::check_private(path)?;
                let seed = durable::read_seed(path)?;
                let signer = Signer::from_seed(origin, &seed);
                let signer = signer.with_context(|| format!("--ledger-origin: `{origin}`"))?;
                Ok(Secret::Seed(Box::new(signer)))
            }
        }
    }

    /// Where the next key is made, unless the configuration names a place: beside the file. A token's key has no such place.
    pub(super) fn next(&self) -> Option<Self> {
        match self {
            Self::Token(_) => None,
            Self::File(path) => {
                let mut name = path.clone().into_os_string();
                name.push(".next");
                Some(Self::File(name.into()))
            }
        }
    }

    /// Puts the key of `next` in this place, and with that destroys the one that was here. Answers whether it did: what is in a token
    /// stays where it is, and the configuration has to name it.
    pub(super) fn replace_by(&self, next: &Self) -> anyhow::Result<bool> {
        match (self, next) {
            (Self::File(path), Self::File(next)) => {
                fs::rename(next, path).with_context(|| {
                    format!("putting {} in the place of {}", next.display(), path.display())
                })?;
                durable::sync_parent(path)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Token(place) => write!(f, "{place}"),
        }
    }
}

impl FromStr for Place {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        match text.split_once(':') {
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            Some(("pkcs11", _)) => Ok(Self::Token(text.parse()?)),
            _ => anyhow::bail!("`{text}` is no place for a key: expected `file:PATH` or `pkcs11:…`"),
        }
    }
}

impl Secret {
    pub(super) fn verifier_key(&self) -> VerifierKey {
        match self {
            Self::Seed(signer) => signer.verifier_key(),
            Self::Token(token) => token.verifier_key(),
        }
    }

    /// A signature line over a note's text. What a token makes is checked before it leaves.
    pub(super) fn sign(&self, text: &str) -> anyhow::Result<Signature> {
        let line = match self {
            Self::Seed(signer) => return Ok(signer.sign(text)),
            Self::Token(token) => token.sign(text)?,
        };
        anyhow::ensure!(
            self.verifier_key().has_signed(text, &line),
            "the token made a signature that does not verify"
        );
        Ok(line)
    }
}
