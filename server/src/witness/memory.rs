//! What a witness must never forget: the last checkpoint that it cosigned of a log, and the evidence that made it stop. One
//! folder per log:
//!
//! * `cosigned`: the log's signed note with the witness's own line, replaced whole and synced before an answer leaves;
//! * `evidence/`: two checkpoints, both signed by the log, that cannot be of one history. As long as they lie there the
//!   witness cosigns nothing of that log: somebody has to look at them and, with good reason, move the folder away.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use backend::durable;
use ledger::{
    checkpoint::Checkpoint,
    key::VerifierKey,
    note::{Note, NoteError, Signature},
};

/// The first of the two checkpoints in `evidence/`.
pub(super) const COSIGNED_BEFORE: &str = "cosigned.txt";
/// The second, which contradicts it.
pub(super) const CONTRADICTION: &str = "contradiction.txt";

/// One log's memory.
#[derive(Debug)]
pub(super) struct Memory {
    folder: PathBuf,
    last: Option<Last>,
    stopped: bool,
}

/// What was cosigned last.
#[derive(Clone, Debug)]
pub(super) struct Last {
    pub(super) checkpoint: Checkpoint,
    /// The log's note with the witness's line.
    pub(super) note: String,
    /// POSIX seconds in that line; none when another key of this witness made it.
    pub(super) time: Option<u64>,
}

impl Memory {
    /// Opens the folder, or makes it.
    ///
    /// # Errors
    /// When what is remembered cannot be read or was changed: without it the witness could contradict itself.
    pub(super) fn open(folder: &Path, origin: &str, own: &VerifierKey) -> anyhow::Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
        let path = folder.join("cosigned");
        let last = match fs::read_to_string(&path) {
            Ok(text) => Some(read(&text, origin, own).with_context(|| {
                format!("{} is damaged: restore it from the newest backup, never remove it", path.display())
            })?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(|| format!("reading {}", path.display())),
        };
        let stopped = folder.join("evidence").join(CONTRADICTION).try_exists()?;
        Ok(Self { folder: folder.to_owned(), last, stopped })
    }

    /// What was cosigned last, none before the first time.
    pub(super) fn last(&self) -> Option<&Last> {
        self.last.as_ref()
    }

    /// Whether there is evidence against the log.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Remembers a checkpoint with the cosignature that is about to leave; on disk when this returns.
    ///
    /// # Errors
    /// When it cannot be made durable; the cosignature must not leave then.
    pub(super) fn remember(
        &mut self,
        checkpoint: &Checkpoint,
        note: &str,
        line: &Signature,
        time: u64,
    ) -> anyhow::Result<()> {
        let note = format!("{note}{line}\n");
        durable::replace(&self.folder.join("cosigned"), note.as_bytes())?;
        self.last = Some(Last { checkpoint: checkpoint.clone(), note, time: Some(time) });
        Ok(())
    }

    /// Keeps two contradicting checkpoints and stops cosigning. The first pair is kept: more of them say nothing new.
    ///
    /// # Errors
    /// When it cannot be made durable; the witness stops all the same, until it is started again.
    pub(super) fn keep_evidence(&mut self, before: &str, contradiction: &str) -> anyhow::Result<()> {
        if self.stopped {
            return Ok(());
        }
        self.stopped = true;
        let folder = self.folder.join("evidence");
        fs::create_dir_all(&folder)?;
        fs::File::open(&self.folder)?.sync_all()?;
        durable::replace(&folder.join(COSIGNED_BEFORE), before.as_bytes())?;
        durable::replace(&folder.join(CONTRADICTION), contradiction.as_bytes())
    }

    /// One of the two files of the evidence.
    pub(super) fn evidence(&self, file: &str) -> Option<String> {
        let known = [COSIGNED_BEFORE, CONTRADICTION].contains(&file);
        known.then(|| fs::read_to_string(self.folder.join("evidence").join(file)).ok()).flatten()
    }
}

fn read(text: &str, origin: &str, own: &VerifierKey) -> anyhow::Result<Last> {
    let note: Note = text.parse()?;
    let checkpoint = Checkpoint::with_extensions(note.text())?;
    ensure!(checkpoint.origin == origin, "it is of the log {}", checkpoint.origin);
    let time = match note.verify(&[own]) {
        Ok(lines) => lines.first().and_then(|line| line.time),
        // The witness has a new key: what it saw stays what it saw.
        Err(NoteError::Unsigned) => None,
        Err(error) => return Err(error.into()),
    };
    Ok(Last { checkpoint, note: text.to_owned(), time })
}

#[cfg(test)]
mod tests {
    use ledger::{cosignature::Cosigner, key::Signer, merkle::leaf_hash};

    use super::*;

    fn witness(seed: u8) -> Cosigner {
        Cosigner::from_seed("witness.example", &[seed; 32]).expect("a key")
    }

    fn checkpoint() -> (Checkpoint, String) {
        let checkpoint = Checkpoint { origin: "log.example".into(), size: 1, root: leaf_hash(b"one") };
        let log = Signer::from_seed("log.example", &[7; 32]).expect("a key");
        let note = checkpoint.sign(&log).expect("signed").to_string();
        (checkpoint, note)
    }

    fn open(folder: &Path, seed: u8) -> anyhow::Result<Memory> {
        Memory::open(folder, "log.example", &witness(seed).verifier_key())
    }

    #[test]
    fn what_was_cosigned_is_there_after_a_restart() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut memory = open(folder.path(), 3).expect("empty");
        assert!(memory.last().is_none());
        let (checkpoint, note) = checkpoint();
        let line = witness(3).cosign(&checkpoint.to_string(), 99);
        memory.remember(&checkpoint, &note, &line, 99).expect("durable");
        let again = open(folder.path(), 3).expect("as it was");
        assert_eq!(
            again.last().map(|last| (last.checkpoint.clone(), last.time)),
            Some((checkpoint, Some(99)))
        );
        // A new key of the same witness goes on from there.
        assert_eq!(open(folder.path(), 4).expect("read").last().map(|last| last.time), Some(None));
    }

    #[test]
    fn a_changed_memory_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let (checkpoint, note) = checkpoint();
        let line = witness(3).cosign(&checkpoint.to_string(), 99);
        let mut memory = open(folder.path(), 3).expect("empty");
        memory.remember(&checkpoint, &note, &line, 99).expect("durable");
        let path = folder.path().join("cosigned");
        let text = fs::read_to_string(&path).expect("a file");
        for changed in [text.replace("log.example\n1\n", "log.example\n2\n"), String::new(), "x".into()] {
            fs::write(&path, changed).expect("written");
            let error = format!("{:#}", open(folder.path(), 3).expect_err("refused"));
            assert!(error.contains("damaged"), "{error}");
        }
    }

    #[test]
    fn evidence_stops_for_good() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut memory = open(folder.path(), 3).expect("empty");
        memory.keep_evidence("a", "b").expect("durable");
        memory.keep_evidence("c", "d").expect("the first pair stays");
        let again = open(folder.path(), 3).expect("read");
        assert!(again.is_stopped());
        assert_eq!(again.evidence(CONTRADICTION).as_deref(), Some("b"));
        assert_eq!(again.evidence("../cosigned"), None);
    }
}
