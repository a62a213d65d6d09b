//! One process at a time works on a data folder: a second one would throw away the uploads that the first is still
//! receiving, and sign with a key whose memory the first keeps. `serve`, `seed` and `secrets rotate` hold the lock as long
//! as they run; `ledger fsck`, which only looks, does without. Several servers on one *database* are fine: each has a
//! folder of its own.
//!
//! The lock is the open file's and goes with the process, however it ends.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read as _, Seek as _, Write as _},
    path::Path,
};

use anyhow::{Context as _, bail};

/// The file's name in the data folder; it holds the number of the process that works there, for people.
const FILE: &str = "guxin.lock";

/// The right to work on a data folder, as long as it lives.
#[derive(Debug)]
pub(crate) struct FolderLock {
    _open: File,
}

impl FolderLock {
    /// Takes the folder, which is made when it is not there.
    ///
    /// # Errors
    /// When another process has it, or the folder cannot be used.
    pub(crate) fn take(data: &Path) -> anyhow::Result<Self> {
        let unusable = || format!("--data: {} cannot be used", data.display());
        std::fs::create_dir_all(data).with_context(unusable)?;
        // Not truncated before it is ours: who has it is written there.
        let path = data.join(FILE);
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .with_context(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = file.read_to_string(&mut holder);
                let holder = holder.trim();
                let process = if holder.is_empty() { String::new() } else { format!(" (process {holder})") };
                bail!(
                    "--data: another guxin{process} works on {}: stop it first, or give this one a folder of its own",
                    data.display()
                );
            }
            Err(TryLockError::Error(error)) => return Err(error).with_context(unusable),
        }
        let write = |file: &mut File| -> std::io::Result<()> {
            file.set_len(0)?;
            file.rewind()?;
            writeln!(file, "{}", std::process::id())
        };
        write(&mut file).with_context(unusable)?;
        Ok(Self { _open: file })
    }
}

#[cfg(test)]
mod tests {
    use super::FolderLock;

    #[test]
    fn one_at_a_time_and_again_after_the_first_went() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("new/data");
        let first = FolderLock::take(&data).unwrap();
        let why = FolderLock::take(&data).unwrap_err().to_string();
        assert!(why.starts_with("--data: ") && why.contains(&std::process::id().to_string()), "{why}");
        assert!(FolderLock::take(&folder.path().join("another")).is_ok());
        drop(first);
        FolderLock::take(&data).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "not a folder").unwrap();
        for data in [file.join("below"), file] {
            let why = format!("{:#}", FolderLock::take(&data).unwrap_err());
            assert!(why.starts_with("--data: ") && why.contains("file"), "{why}");
        }
    }
}
