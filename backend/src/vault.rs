//! What the database may hold only sealed: the secrets of time-based codes, which must be known to be checked and so
//! cannot be hashed, and the numbers of holders' documents. XChaCha20-Poly1305 with a key from a file beside the database, so that a copy of the database alone
//! gives no codes away. Called by [`crate::totp`] and [`crate::holder_register`]; `guxin secrets rotate` changes the key.
//!
//! A sealed value is `gxs1`, four bytes that name the key, a nonce of 24 bytes, and the ciphertext with its tag; whose
//! secret it is, is authenticated with it, so that a row cannot be given another person's. What has no such head is a
//! value from before and is sealed when it is used next.

use std::{
    fs, io,
    io::Write as _,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, ensure};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use sha2::{Digest, Sha256};

use crate::{
    chance::Random,
    error::{Error, Result},
};

/// The file's name in the data folder: one key a line, 64 hexadecimal digits; the first one seals, all of them open.
pub const FILE: &str = "secrets.key";
const HEAD: &[u8; 4] = b"gxs1";
const NONCE: usize = 24;
/// Most keys in the file: the one in use and those of rotations that are not finished.
const MAX_KEYS: usize = 8;

/// The keys of one instance. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    keys: Arc<[Key]>,
}

struct Key {
    name: [u8; 4],
    cipher: XChaCha20Poly1305,
}

/// A value as it was before it was sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened {
    pub secret: Vec<u8>,
    /// It was not sealed, or with an earlier key: seal it again.
    pub outdated: bool,
}

impl Vault {
    /// Reads the keys; an instance without the file gets one with a new key, mode 0600.
    ///
    /// # Errors
    /// When the file cannot be read or made, others may read it, or it does not hold keys.
    pub fn open(data: &Path, random: &Random) -> anyhow::Result<Self> {
        let path = data.join(FILE);
        if !path.try_exists()? {
            fs::create_dir_all(data).with_context(|| format!("creating {}", data.display()))?;
            write(&path, &[random.bytes()])?;
        }
        Ok(Self::of(&read(&path)?))
    }

    /// A vault without keys, which seals and opens nothing: for commands that only look.
    #[must_use]
    pub fn locked() -> Self {
        Self { keys: Arc::new([]) }
    }

    /// Puts a new key before the others in the file. A running server goes on with the old one until it is started
    /// again, and everything can still be opened.
    ///
    /// # Errors
    /// As [`Vault::open`]; and when the file holds too many keys already.
    pub fn rotate(data: &Path, random: &Random) -> anyhow::Result<Self> {
        let path = data.join(FILE);
        let mut seeds = read(&path)?;
        ensure!(
            seeds.len() < MAX_KEYS,
            "{} holds {MAX_KEYS} keys: finish the rotations before",
            path.display()
        );
        seeds.insert(0, random.bytes());
        write(&path, &seeds)?;
        Ok(Self::of(&seeds))
    }

    /// Leaves only the first key in the file: the others have nothing to open any more.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn forget_old(data: &Path) -> anyhow::Result<()> {
        let path = data.join(FILE);
        let seeds = read(&path)?;
        write(&path, &seeds[..1])
    }

    fn of(seeds: &[[u8; 32]]) -> Self {
        let key = |seed: &[u8; 32]| {
            let digest = Sha256::digest([b"guxin secrets key ".as_slice(), seed].concat());
            let mut name = [0; 4];
            name.copy_from_slice(&digest[..4]);
            Key { name, cipher: XChaCha20Poly1305::new(&(*seed).into()) }
        };
        Self { keys: seeds.iter().map(key).collect() }
    }

    /// Seals a secret of `owner`.
    ///
    /// # Errors
    /// Only when the secret is longer than the cipher takes.
    pub fn seal(&self, random: &Random, owner: &[u8], secret: &[u8]) -> Result<Vec<u8>> {
        let key = self.keys.first().ok_or_else(|| failed("no key"))?;
        let nonce: [u8; NONCE] = random.bytes();
        let sealed = key
            .cipher
            .encrypt(&XNonce::from(nonce), Payload { msg: secret, aad: owner })
            .map_err(|_| failed("sealing"))?;
        Ok([HEAD.as_slice(), &key.name, &nonce, &sealed].concat())
    }

    /// Opens what [`Vault::seal`] made for this `owner`, or takes what was never sealed as it is.
    ///
    /// # Errors
    /// Internal when no key of this instance opens it: the file is another instance's, or the row was changed.
    pub fn open_sealed(&self, owner: &[u8], stored: &[u8]) -> Result<Opened> {
        let Some(rest) = stored.strip_prefix(HEAD.as_slice()) else {
            return Ok(Opened { secret: stored.to_vec(), outdated: true });
        };
        let short = || failed("too short");
        let (name, rest) = rest.split_first_chunk::<4>().ok_or_else(short)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE>().ok_or_else(short)?;
        let (at, key) = self
            .keys
            .iter()
            .enumerate()
            .find(|(_, key)| key.name == *name)
            .ok_or_else(|| failed("no key of this instance has its name"))?;
        let secret = key
            .cipher
            .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: owner })
            .map_err(|_| failed("it was changed, or is somebody else's"))?;
        Ok(Opened { secret, outdated: at > 0 })
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vault({} keys)", self.keys.len())
    }
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opened {{ secret: .., outdated: {} }}", self.outdated)
    }
}

fn failed(why: &'static str) -> Error {
    Error::internal(anyhow::anyhow!("a sealed secret cannot be opened: {why} (see {FILE})"))
}

fn read(path: &PathBuf) -> anyhow::Result<Vec<[u8; 32]>> {
    let mode =
        fs::metadata(path).with_context(|| format!("reading {}", path.display()))?.permissions().mode()
            & 0o7777;
    ensure!(
        mode & 0o077 == 0,
        "{0} can be used by others (mode {mode:04o}): run `chmod 600 {0}`, and rotate the key if they may have read it",
        path.display()
    );
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let seeds = text
        .lines()
        .map(|line| {
            let mut seed = [0; 32];
            hex::decode_to_slice(line.trim(), &mut seed).map(|()| seed).map_err(|_| {
                anyhow::anyhow!(
                    "{} does not hold 64 hexadecimal digits a line: restore it from its backup",
                    path.display()
                )
            })
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    ensure!(!seeds.is_empty(), "{} is empty: restore it from its backup", path.display());
    Ok(seeds)
}

/// Replaces the file as a whole: a crash leaves the one before.
fn write(path: &Path, seeds: &[[u8; 32]]) -> anyhow::Result<()> {
    let make = || -> io::Result<()> {
        let fresh = path.with_extension("key.new");
        if fresh.try_exists()? {
            fs::remove_file(&fresh)?;
        }
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?;
        for seed in seeds {
            writeln!(file, "{}", hex::encode(seed))?;
        }
        file.sync_all()?;
        fs::rename(&fresh, path)?;
        fs::File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
    };
    make().with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a folder")
    }

    #[test]
    fn what_is_sealed_opens_for_its_owner_only() {
        let (folder, random) = (folder(), Random::seeded(1));
        let vault = Vault::open(folder.path(), &random).expect("keys");
        let sealed = vault.seal(&random, b"ann", b"secret").expect("sealed");
        assert!(!sealed.windows(6).any(|part| part == b"secret"));
        assert_ne!(
            sealed,
            vault.seal(&random, b"ann", b"secret").expect("sealed"),
            "the nonce is used twice"
        );
        let opened = vault.open_sealed(b"ann", &sealed).expect("opened");
        assert_eq!((opened.secret.as_slice(), opened.outdated), (b"secret".as_slice(), false));
        assert!(vault.open_sealed(b"bob", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            // A changed head is taken for a value from before, and gives no secret away either.
            assert!(
                vault
                    .open_sealed(b"ann", &changed)
                    .is_ok_and(|opened| opened.outdated && opened.secret == changed)
                    || vault.open_sealed(b"ann", &changed).is_err(),
                "byte {at}"
            );
        }
        for length in 4..sealed.len() {
            assert!(vault.open_sealed(b"ann", &sealed[..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn a_value_from_before_is_outdated() {
        let folder = folder();
        let vault = Vault::open(folder.path(), &Random::seeded(1)).expect("keys");
        let opened = vault.open_sealed(b"ann", b"12345678901234567890").expect("as it is");
        assert_eq!((opened.secret.len(), opened.outdated), (20, true));
    }

    #[test]
    fn a_rotation_opens_the_old_and_seals_with_the_new() {
        let (folder, random) = (folder(), Random::seeded(1));
        let old = Vault::open(folder.path(), &random).expect("keys");
        let sealed = old.seal(&random, b"ann", b"secret").expect("sealed");
        let both = Vault::rotate(folder.path(), &random).expect("rotated");
        let opened = both.open_sealed(b"ann", &sealed).expect("opened");
        assert_eq!((opened.secret.as_slice(), opened.outdated), (b"secret".as_slice(), true));
        let again = both.seal(&random, b"ann", &opened.secret).expect("sealed");
        assert!(!both.open_sealed(b"ann", &again).expect("opened").outdated);
        Vault::forget_old(folder.path()).expect("forgotten");
        let new = Vault::open(folder.path(), &random).expect("keys");
        assert!(new.open_sealed(b"ann", &again).is_ok() && new.open_sealed(b"ann", &sealed).is_err());
    }

    #[test]
    fn the_file_is_private_and_checked() {
        let folder = folder();
        let path = folder.path().join(FILE);
        Vault::open(folder.path(), &Random::seeded(1)).expect("keys");
        let mode = |path: &Path| fs::metadata(path).expect("the file").permissions().mode() & 0o7777;
        assert_eq!(mode(&path), 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("wider");
        let why = Vault::open(folder.path(), &Random::seeded(1)).expect_err("others can read it").to_string();
        assert!(why.contains("chmod 600"), "{why}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("narrow");
        for wrong in ["", "00\n", "zz\n"] {
            fs::write(&path, wrong).expect("written");
            assert!(Vault::open(folder.path(), &Random::seeded(1)).is_err(), "{wrong:?}");
        }
    }
}
