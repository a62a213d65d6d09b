//! All keys that a log has had, and from which size to which each of them signed: what `/ledger/keys` publishes for ever.
//!
//! A term begins and ends with a checkpoint that two keys signed, the first that contains the [`KeyChange`]. That checkpoint
//! with the proof of the entry is a link, a `.tlog-proof` file that needs nothing else; a reader who trusts any one key of the
//! chain can follow it both ways. What a chain cannot show: whether somebody who stole a retired key signed a tree of the past with
//! it. A retired secret is therefore destroyed, and witnesses' lines say what was seen at the time.

use crate::{
    Entry,
    checkpoint::{Checkpoint, CheckpointError, Examined, Opened, parse_decimal},
    key::{KeyError, VerifierKey},
    key_change::{KeyChange, KeyChangeError},
    merkle::MerkleError,
    note::NoteError,
    proof::{HEADER as PROOF, Proof, ProofError},
};
use std::{fmt, str::FromStr};

/// First line of the text.
pub const HEADER: &str = "guxin-log-keys/v1";
/// Most changes read.
pub const MAX_CHANGES: usize = 1000;

/// A log's keys, oldest first, every link between them verified. As text what [`LogKeys::from_str`] reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogKeys {
    terms: Vec<Term>,
    links: Vec<Proof>,
}

/// One key's time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The key.
    pub key: VerifierKey,
    /// Size of the first checkpoint that it signed; 0 for the first key.
    pub from: u64,
    /// Size of the last checkpoint that it signed, which the next key signed too; none for the current key.
    pub until: Option<u64>,
    /// Index of the entry that brought the key; none for the first key.
    pub entry: Option<u64>,
}

impl Term {
    /// A key of which nothing else is known.
    pub(crate) fn always(key: VerifierKey) -> Self {
        Self { key, from: 0, until: None, entry: None }
    }

    /// Whether the key signs a checkpoint of this size.
    #[must_use]
    pub fn covers(&self, size: u64) -> bool {
        size >= self.from && self.until.is_none_or(|until| size <= until)
    }
}

/// Why a text or a link is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogKeysError {
    /// Not what [`LogKeys`] writes for the links in it.
    #[error("not a list of a log's keys")]
    Format,
    /// The first key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A link's file.
    #[error("the link is not readable: {0}")]
    Proof(#[from] ProofError),
    /// The proof does not carry its entry, or it changes no key of this log.
    #[error("the link does not carry a change of the log's key")]
    Entry,
    /// What the entry says.
    #[error(transparent)]
    Change(#[from] KeyChangeError),
    /// The change is not the next of this log.
    #[error("the link is not the next: it is change {0}, or takes over from another key")]
    Order(u64),
    /// A key that the log had before.
    #[error("the new key was a key of this log before")]
    Reused,
    /// The checkpoint, which both keys must have signed.
    #[error("the link's checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The entry is not in the checkpoint's tree.
    #[error("the link's entry: {0}")]
    Inclusion(#[from] MerkleError),
    /// Too many.
    #[error("more than {MAX_CHANGES} changes of a key")]
    TooMany,
}

impl LogKeys {
    /// A log that never changed its key.
    #[must_use]
    pub fn only(key: VerifierKey) -> Self {
        Self { terms: vec![Term::always(key)], links: Vec::new() }
    }

    /// The key that signs now.
    #[must_use]
    pub fn current(&self) -> &VerifierKey {
        // Never empty: `only` makes one and nothing takes one out.
        &self.terms[self.terms.len() - 1].key
    }

    /// All of them, oldest first.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The proofs of the changes, oldest first; one less than there are keys.
    #[must_use]
    pub fn links(&self) -> &[Proof] {
        &self.links
    }

    /// The term of a key.
    #[must_use]
    pub fn term(&self, key: &VerifierKey) -> Option<&Term> {
        self.terms.iter().find(|term| term.key == *key)
    }

    /// All keys in a line, the current one first, each former one with the size after an at sign up to which it is good: what a reader
    /// who takes the keys from here hands to [`crate::receipt::verify`].
    #[must_use]
    pub fn accepted(&self) -> String {
        let words: Vec<_> = self
            .terms
            .iter()
            .rev()
            .map(|Term { key, until, .. }| match until {
                Some(until) => format!("{key}@{until}"),
                None => key.to_string(),
            })
            .collect();
        words.join(" ")
    }

    /// The newest key that signs a checkpoint of this size.
    #[must_use]
    pub fn at(&self, size: u64) -> &VerifierKey {
        let last = self.terms.iter().rev().find(|term| term.from <= size);
        last.map_or_else(|| self.current(), |term| &term.key)
    }

    /// The keys with one more change, everything about it verified.
    ///
    /// # Errors
    /// [`LogKeysError`].
    pub fn with(mut self, link: Proof) -> Result<Self, LogKeysError> {
        if self.links.len() == MAX_CHANGES {
            return Err(LogKeysError::TooMany);
        }
        let bytes = link.extra.as_deref().ok_or(LogKeysError::Entry)?;
        let entry = Entry::parse(bytes).map_err(|_| LogKeysError::Entry)?;
        let change = KeyChange::read(&entry, self.current().name()).ok_or(LogKeysError::Entry)??;
        let number = self.links.len() as u64 + 1;
        if change.number() != number || change.old() != self.current() {
            return Err(LogKeysError::Order(change.number()));
        }
        if self.terms.iter().any(|term| term.key.same_key(change.new_key())) {
            return Err(LogKeysError::Reused);
        }
        let checkpoint = Checkpoint::open(&link.checkpoint, change.old(), &[])?.checkpoint;
        Checkpoint::open(&link.checkpoint, change.new_key(), &[])?;
        link.verify_inclusion(bytes, &checkpoint)?;
        let size = checkpoint.size;
        let at = self.terms.len() - 1;
        // A change belongs to the time of the key that it ends, so that times never run backwards.
        if link.index < self.terms[at].from {
            return Err(LogKeysError::Order(number));
        }
        self.terms[at].until = Some(size);
        let key = change.new_key().clone();
        self.terms.push(Term { key, from: size, until: None, entry: Some(link.index) });
        self.links.push(link);
        Ok(self)
    }

    /// Opens a checkpoint with the key that signs checkpoints of its size.
    ///
    /// # Errors
    /// As [`Checkpoint::open`].
    pub fn open(&self, note: &str, witnesses: &[VerifierKey]) -> Result<Opened, CheckpointError> {
        Checkpoint::open(note, self.of(note)?, witnesses)
    }

    /// Looks at a checkpoint line by line, with the key that signs checkpoints of its size.
    ///
    /// # Errors
    /// As [`Checkpoint::examine`].
    pub fn examine(&self, note: &str, witnesses: &[VerifierKey]) -> Result<Examined, CheckpointError> {
        Checkpoint::examine(note, self.of(note)?, witnesses)
    }

    /// The newest key that signs checkpoints of the size that this one states. Nothing is verified.
    ///
    /// # Errors
    /// [`CheckpointError`] when it states none.
    pub fn of(&self, note: &str) -> Result<&VerifierKey, CheckpointError> {
        stated_size(note).map(|size| self.at(size))
    }

    /// Whether this log's key, current or retired, has this name and id.
    #[must_use]
    pub fn knows(&self, name: &str, key_id: [u8; 4]) -> bool {
        self.terms.iter().any(|term| term.key.name() == name && term.key.key_id() == key_id)
    }
}

/// The size that a checkpoint states, nothing verified.
///
/// # Errors
/// [`CheckpointError`] when it is none.
pub(crate) fn stated_size(note: &str) -> Result<u64, CheckpointError> {
    // A damaged signature line must not hide the size: only the text before the lines is read.
    let (text, _) = note.split_once("\n\n").ok_or(NoteError::Format)?;
    Ok(format!("{text}\n").parse::<Checkpoint>()?.size)
}

impl fmt::Display for LogKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        for Term { key, from, until, .. } in &self.terms {
            match until {
                Some(until) => writeln!(f, "{key} {from} {until}")?,
                None => writeln!(f, "{key} {from} -")?,
            }
        }
        self.links.iter().try_for_each(|link| write!(f, "\n{link}"))
    }
}

impl FromStr for LogKeys {
    type Err = LogKeysError;

    /// The sizes in the first lines are for people; what counts are the links, and both must agree.
    fn from_str(text: &str) -> Result<Self, LogKeysError> {
        // The newline before the empty line before a link was the last of what stands before it.
        let begin = format!("\n\n{PROOF}\n");
        let mut parts = text.strip_suffix('\n').ok_or(LogKeysError::Format)?.split(begin.as_str());
        let mut lines = parts.next().unwrap_or_default().split('\n');
        if lines.next() != Some(HEADER) {
            return Err(LogKeysError::Format);
        }
        let stated = lines.map(stated_term).collect::<Option<Vec<_>>>().ok_or(LogKeysError::Format)?;
        let first = stated.first().ok_or(LogKeysError::Format)?;
        let mut keys = Self::only(first.0.parse()?);
        for link in parts {
            keys = keys.with(format!("{PROOF}\n{link}\n").parse()?)?;
        }
        let same = |(term, stated): (&Term, &(&str, u64, Option<u64>))| {
            stated.0.parse() == Ok(term.key.clone()) && (stated.1, stated.2) == (term.from, term.until)
        };
        let agree = stated.len() == keys.terms.len() && keys.terms.iter().zip(&stated).all(same);
        if agree { Ok(keys) } else { Err(LogKeysError::Format) }
    }
}

/// `vkey from until`, with a dash where there is no end.
fn stated_term(line: &str) -> Option<(&str, u64, Option<u64>)> {
    let (key, sizes) = line.split_once(' ')?;
    let (from, until) = sizes.split_once(' ')?;
    let until = if until == "-" { None } else { Some(parse_decimal(until)?) };
    Some((key, parse_decimal(from)?, until))
}

#[cfg(test)]
mod tests;
