//! Small files that must survive a crash and, for keys, must not be readable by others: the log's key and its memory, a
//! witness's key and what it cosigned last. A file is replaced whole or not at all, and is on disk when the call returns.

use std::{
    ffi::OsString,
    fs,
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};

/// Replaces a file's content; after a crash there is the old content or the new.
///
/// # Errors
/// When the file system cannot promise that; nothing may be acknowledged then.
pub fn replace(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let write = || -> io::Result<()> {
        let fresh = beside(path);
        let mut file = fs::File::create(&fresh)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&fresh, path)?;
        sync_parent(path)
    };
    write().with_context(|| format!("making {} durable", path.display()))
}

/// Refuses a key that others can read.
///
/// # Errors
/// Naming the file and what to do.
pub fn check_private(key: &Path) -> anyhow::Result<()> {
    let mode = fs::metadata(key)?.permissions().mode() & 0o7777;
    ensure!(
        mode & 0o077 == 0,
        "{0} can be used by others (mode {mode:04o}): run `chmod 600 {0}`, and replace the key if they may have read it",
        key.display()
    );
    Ok(())
}

/// Writes a new seed, 64 hexadecimal digits in a file of mode 0600, so that a half-written key can never be found and an
/// existing one never be replaced.
///
/// # Errors
/// Naming the file, also when it is there already.
pub fn make_seed(key: &Path, seed: &[u8; 32]) -> anyhow::Result<()> {
    let make = || -> io::Result<()> {
        let fresh = beside(key);
        if fresh.try_exists()? {
            fs::remove_file(&fresh)?;
        }
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?;
        writeln!(file, "{}", hex::encode(seed))?;
        file.sync_all()?;
        fs::hard_link(&fresh, key)?;
        fs::remove_file(&fresh)?;
        sync_parent(key)
    };
    make().with_context(|| format!("creating {}", key.display()))
}

/// Reads what [`make_seed`] wrote.
///
/// # Errors
/// Naming the file and what to do.
pub fn read_seed(key: &Path) -> anyhow::Result<[u8; 32]> {
    let text = fs::read_to_string(key).with_context(|| format!("reading {}", key.display()))?;
    let mut seed = [0; 32];
    hex::decode_to_slice(text.trim_end(), &mut seed).map_err(|_| {
        anyhow::anyhow!("{} does not hold 64 hexadecimal digits: restore it from its backup", key.display())
    })?;
    Ok(seed)
}

/// Removes a file for good; one that is not there is fine.
///
/// # Errors
/// The file system's.
pub fn remove(path: &Path) -> anyhow::Result<()> {
    let remove = || match fs::remove_file(path) {
        Ok(()) => sync_parent(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    };
    remove().with_context(|| format!("removing {}", path.display()))
}

/// `name.new` in the same folder.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().map_or_else(OsString::new, OsString::from);
    name.push(".new");
    path.with_file_name(name)
}

pub(crate) fn sync_parent(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    fs::File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_private_and_made_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let key = folder.path().join("witness.key");
        make_seed(&key, &[7; 32]).expect("made");
        check_private(&key).expect("private");
        assert_eq!(read_seed(&key).expect("read"), [7; 32]);
        assert!(make_seed(&key, &[8; 32]).is_err());
        assert_eq!(read_seed(&key).expect("read"), [7; 32]);
        fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).expect("wider");
        assert!(check_private(&key).expect_err("refused").to_string().contains("chmod 600"));
    }

    #[test]
    fn replacing_leaves_nothing_beside() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state");
        for content in ["one", "two"] {
            replace(&path, content.as_bytes()).expect("replaced");
            assert_eq!(fs::read_to_string(&path).expect("read"), content);
        }
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }
}
