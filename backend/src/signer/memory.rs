//! What a signer remembers: the last checkpoint that it signed, and where its key changed. Both are on disk before a signature
//! that they are about leaves.
//!
//! What was signed is added to the end of a file, three lines and an empty one each time: one sync of a few bytes instead of
//! the three that replacing a file costs, and every receipt waits for it. The last whole record counts. One that a crash cut
//! off was never synced, so nothing was signed on it. A file with three lines and nothing else is a whole record, too: that is
//! what an operator writes who restores it by hand.

use std::{
    fs,
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use ledger::{checkpoint::Checkpoint, key::VerifierKey, merkle};

use crate::durable;

/// The file that remembers what was signed last.
const MEMORY_FILE: &str = "ledger.signer";
/// What stands behind each record.
const END: &str = "\n\n";
/// From here on the file begins anew with one record.
const LONGEST: u64 = 64 << 10;
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
        let last: Checkpoint =
            last_record(&text).parse().with_context(|| format!("{} is damaged", path.display()))?;
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
        let (path, record) = (self.path(), format!("{checkpoint}\n"));
        let add = || -> std::io::Result<bool> {
            if !path.try_exists()? {
                return Ok(false);
            }
            let mut file = fs::File::options().read(true).append(true).open(&path)?;
            let length = file.metadata()?.len();
            let mut end = [0; END.len()];
            if !(END.len() as u64..LONGEST).contains(&length) {
                return Ok(false);
            }
            file.seek(SeekFrom::End(-(END.len() as i64)))?;
            file.read_exact(&mut end)?;
            if end != END.as_bytes() {
                return Ok(false);
            }
            file.write_all(record.as_bytes())?;
            file.sync_data()?;
            Ok(true)
        };
        if add().with_context(|| format!("making {} durable", path.display()))? {
            return Ok(());
        }
        durable::replace(&path, record.as_bytes())
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

/// The last record that is whole.
fn last_record(text: &str) -> &str {
    let Some((whole, _)) = text.rsplit_once(END) else { return text };
    let at = whole.rfind(END).map_or(0, |at| at + END.len());
    // With the last line's own end.
    text.get(at..=whole.len()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint(size: u64) -> Checkpoint {
        Checkpoint { origin: "example.com/log".into(), size, root: ledger::Hash([7; 32]) }
    }

    #[test]
    fn the_last_whole_record_counts() {
        let folder = tempfile::tempdir().expect("a folder");
        let memory = Memory::new(folder.path(), "example.com/log");
        memory.begin().expect("a memory");
        for size in 1..2_000 {
            memory.write(&checkpoint(size)).expect("written");
            assert_eq!(memory.last().expect("read"), checkpoint(size));
        }
        assert!(fs::metadata(memory.path()).expect("a file").len() < LONGEST + 200, "it begins anew");

        // Cut off anywhere in the last record: the one before it. The next one is written all the same.
        let whole = fs::read(memory.path()).expect("read");
        let record = checkpoint(1_999).to_string().len() + 1;
        for cut in 1..=record {
            fs::write(memory.path(), &whole[..whole.len() - cut]).expect("cut");
            assert_eq!(memory.last().expect("read"), checkpoint(1_998), "{cut} bytes cut off");
            memory.write(&checkpoint(5_000)).expect("written");
            assert_eq!(memory.last().expect("read"), checkpoint(5_000), "{cut} bytes cut off");
        }

        // As an operator writes it, and as it was before records were added.
        fs::write(memory.path(), checkpoint(9).to_string()).expect("written");
        assert_eq!(memory.last().expect("read"), checkpoint(9));
        memory.write(&checkpoint(10)).expect("written");
        assert_eq!(memory.last().expect("read"), checkpoint(10));
        fs::write(memory.path(), "something else\n\n").expect("written");
        assert!(memory.last().is_err());
    }
}
