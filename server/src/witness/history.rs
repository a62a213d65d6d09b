//! What a witness did, newest first, for its page: kept in a file of one JSON object a line, which is cut when it grows. Only
//! what a known log signed is written down, so that strangers cannot fill the disk; what they send is counted in metrics.
//! Losing the end of it loses a line on a page and nothing else: it is not synced.

use std::{
    collections::VecDeque,
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

/// Lines that are shown and read back after a restart.
const SHOWN: usize = 100;
/// Length at which the file becomes the old one.
const MOST_BYTES: u64 = 4 << 20;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Event {
    /// Microseconds since the epoch.
    pub(super) at: i64,
    pub(super) origin: String,
    /// Size of the checkpoint.
    pub(super) size: u64,
    /// [`Refusal::code`](ledger::witness::Refusal::code), or one of the words below.
    pub(super) what: String,
}

/// A checkpoint was cosigned.
pub(super) const COSIGNED: &str = "cosigned";
/// A mirror is complete up to a checkpoint.
pub(super) const MIRRORED: &str = "mirrored";
/// Refused because of earlier evidence.
pub(super) const STOPPED: &str = "stopped";

/// The lines.
#[derive(Debug)]
pub(super) struct History {
    path: PathBuf,
    newest: Mutex<VecDeque<Event>>,
}

impl History {
    pub(super) fn open(data: &Path) -> anyhow::Result<Self> {
        let path = data.join("history.jsonl");
        let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
        let text = read(&path.with_extension("jsonl.1")) + &read(&path);
        let newest = text.lines().rev().filter_map(|line| serde_json::from_str(line).ok()).take(SHOWN);
        Ok(Self { newest: Mutex::new(newest.collect()), path })
    }

    pub(super) fn add(&self, event: Event) {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = self.append(&event) {
            tracing::warn!(%error, "the witness's history could not be written");
        }
        newest.push_front(event);
        newest.truncate(SHOWN);
    }

    fn append(&self, event: &Event) -> anyhow::Result<()> {
        if fs::metadata(&self.path).is_ok_and(|file| file.len() > MOST_BYTES) {
            fs::rename(&self.path, self.path.with_extension("jsonl.1"))?;
        }
        let mut file = fs::OpenOptions::new().create(true).append(true).open(&self.path)?;
        file.write_all((serde_json::to_string(event)? + "\n").as_bytes())?;
        Ok(())
    }

    /// Newest first.
    pub(super) fn newest(&self) -> Vec<Event> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_lines_are_there_after_a_restart() {
        let folder = tempfile::tempdir().expect("a folder");
        let history = History::open(folder.path()).expect("empty");
        for size in 0..150 {
            history.add(Event { at: 1, origin: "log".into(), size, what: COSIGNED.into() });
        }
        let shown = history.newest();
        assert_eq!((shown.len(), shown[0].size, shown[99].size), (SHOWN, 149, 50));
        assert_eq!(History::open(folder.path()).expect("again").newest(), shown);
    }
}
