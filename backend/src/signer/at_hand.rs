//! The signer itself: the key, its memory, and the rules. It works inside the server for a key in the data folder, and inside
//! `guxin signer serve` for a key that is kept apart; both are this code. Everything here waits for the disk.
//!
//! **A change of the key** goes in four steps, each of which can be repeated. [`AtHand::prepare`] makes the next key, and both keys sign
//! that one takes over from the other. Once the entry that says so is in a tree, the checkpoint of that tree is asked for with a proof of
//! it: the border is written down, and both keys sign. What is larger is signed by the next key alone, which has by then been put in the
//! place of the old one ([`AtHand::finish`]): the retired secret is gone.

use std::{
    fs,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context, ensure};
use ledger::{
    Entry, Hash,
    checkpoint::Checkpoint,
    key::{Signer, VerifierKey},
    key_change::KeyChange,
    merkle,
    note::Note,
    proof::Proof,
};

use super::{
    Asked, Failure, Refusal, Standing,
    memory::{Border, Memory},
    secret::{Place, Secret},
};
use crate::chance::Random;

/// A key, its memory and where both are kept.
pub struct AtHand {
    origin: String,
    places: Places,
    memory: Memory,
    /// One signature at a time.
    ring: Mutex<Ring>,
}

/// Where the keys are.
#[derive(Clone, Debug)]
struct Places {
    key: Place,
    /// None for a token whose next key is not named yet.
    next: Option<Place>,
}

struct Ring {
    key: Secret,
    next: Option<Secret>,
    border: Option<Border>,
}

impl Ring {
    /// The border, if the checkpoint there was signed.
    fn passed(&self, last: &Checkpoint) -> Option<u64> {
        self.border.as_ref().map(|border| border.size).filter(|size| last.size >= *size)
    }
}

impl AtHand {
    /// Opens the signer of a folder, with the key where `key` says and a change's next key where `next` says; makes the key when there
    /// is none and never was one.
    ///
    /// # Errors
    /// As [`LogSigner::open`].
    pub fn make(
        folder: &Path,
        origin: &str,
        key: Place,
        next: Option<Place>,
        random: &Random,
    ) -> anyhow::Result<Self> {
        // Before anything is made: files that carry a name which is none could never be opened again.
        Signer::from_seed(origin, &[0; 32]).with_context(|| format!("--ledger-origin: `{origin}`"))?;
        fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
        let memory = Memory::new(folder, origin);
        if !key.exists()? {
            match memory.last() {
                Ok(last) => ensure!(
                    last.size == 0,
                    "{key} is missing, but {} says that it signed {} entries: restore the key from its backup",
                    memory.path().display(),
                    last.size
                ),
                // The memory first: a key without one is refused when it is opened.
                Err(_) if !memory.path().try_exists()? => memory.begin()?,
                Err(error) => return Err(error),
            }
            key.make(random)?;
        }
        Self::at(folder, origin, key, next)
    }

    /// Opens the signer of a folder that has one, and writes nothing.
    ///
    /// # Errors
    /// As [`LogSigner::existing`].
    pub fn at(folder: &Path, origin: &str, key: Place, next: Option<Place>) -> anyhow::Result<Self> {
        let next = next.or_else(|| key.next());
        Self::open(origin, Places { key, next }, Memory::new(folder, origin))
    }

    /// Opens a key that is there.
    fn open(origin: &str, places: Places, memory: Memory) -> anyhow::Result<Self> {
        ensure!(
            memory.path().try_exists()?,
            "{0} is missing beside {1}: without it the log could contradict itself. Restore it from the newest backup, \
             or write the first three lines of the last published checkpoint into it",
            memory.path().display(),
            places.key
        );
        memory.last()?;
        let key = places.key.open(origin)?;
        let next = match &places.next {
            Some(next) if next.exists()? => Some(next.open(origin)?),
            _ => None,
        };
        let border = memory.border()?;
        // A border that this key has behind it: the process ended between the two last steps.
        let border = border.filter(|border| border.new != key.verifier_key());
        if let Some(border) = &border {
            ensure!(
                next.as_ref().is_some_and(|next| next.verifier_key() == border.new),
                "the key {} was to take over at size {}, but it is not {}: restore it from its backup, or name its place \
                 (`next` in the signer's configuration)",
                border.new,
                border.size,
                places.next.as_ref().map_or_else(|| "named".to_owned(), |next| format!("at {next}"))
            );
        }
        Ok(Self { origin: origin.to_owned(), places, memory, ring: Mutex::new(Ring { key, next, border }) })
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key's name.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The public key; the old one until a change of the key is finished.
    #[must_use]
    pub fn verifier_key(&self) -> VerifierKey {
        self.ring().key.verifier_key()
    }

    /// What was signed last, and with which keys it goes on.
    ///
    /// # Errors
    /// When the memory cannot be read.
    pub fn standing(&self) -> anyhow::Result<Standing> {
        let ring = self.ring();
        Ok(Standing {
            // Read anew each time: another process of the same installation may have signed in between.
            last: self.memory.last()?,
            key: ring.key.verifier_key(),
            next: ring
                .next
                .as_ref()
                .map(Secret::verifier_key)
                .filter(|next| *next != ring.key.verifier_key()),
        })
    }

    /// Signs a checkpoint; answers the signed note.
    ///
    /// # Errors
    /// A [`Refusal`], or the failure to make the memory durable.
    pub fn sign(&self, asked: &Asked) -> Result<String, Failure> {
        let mut ring = self.ring();
        let Asked { checkpoint, extends, change } = asked;
        let last = self.memory.last()?;
        judge(&last, checkpoint, extends)?;
        if ring.passed(&last).is_some_and(|border| checkpoint.size > border) {
            self.take_over(&mut ring)?;
        }
        let at_border = match (ring.passed(&last), change) {
            (Some(border), _) => border == checkpoint.size,
            (None, Some(proof)) => {
                let new = proven(&ring, proof, &last, checkpoint)?;
                let border = Border { size: checkpoint.size, new };
                self.memory.set_border(&border)?;
                ring.border = Some(border);
                true
            }
            (None, None) => false,
        };
        if last != *checkpoint {
            self.memory.write(checkpoint)?;
        }
        let text = checkpoint.to_string();
        let note = Note::new(&text).map_err(anyhow::Error::new)?.with(ring.key.sign(&text)?);
        let note = match &ring.next {
            Some(next) if at_border => note.with(next.sign(&text)?),
            _ => note,
        };
        Ok(note.to_string())
    }

    /// Makes the next key, unless there is one, and has both sign the change with this number.
    ///
    /// # Errors
    /// When a key cannot be made or used, or a change is under way whose checkpoint is signed already.
    pub fn prepare(&self, number: u64, random: &Random) -> anyhow::Result<KeyChange> {
        let mut ring = self.ring();
        let last = self.memory.last()?;
        ensure!(ring.passed(&last).is_none(), "a change of the key is not finished yet");
        let place = self.places.next.as_ref().context(
            "the key is in a token, and the signer's configuration does not name the place of the next one (`next`)",
        )?;
        if ring.next.is_none() {
            if !place.exists()? {
                place.make(random)?;
            }
            ring.next = Some(place.open(&self.origin)?);
        }
        ensure!(
            ring.next.as_ref().is_some_and(|next| next.verifier_key() != ring.key.verifier_key()),
            "{place} is the key already: name it as `key` in the signer's configuration, and another place as `next`"
        );
        let next = ring.next.as_ref().context("there is no next key")?;
        let (old, new) = (ring.key.verifier_key(), next.verifier_key());
        let text = KeyChange::statement(number, &old, &new);
        Ok(KeyChange::new(number, old, new, ring.key.sign(&text)?, next.sign(&text)?)?)
    }

    /// Ends a change whose checkpoint is signed: the next key is the key from now on, and the old secret is gone. Nothing to do is
    /// fine.
    ///
    /// # Errors
    /// The file system's.
    pub fn finish(&self) -> anyhow::Result<()> {
        let mut ring = self.ring();
        match ring.passed(&self.memory.last()?) {
            Some(_) => self.take_over(&mut ring),
            None => Ok(()),
        }
    }

    fn take_over(&self, ring: &mut Ring) -> anyhow::Result<()> {
        let next = ring.next.clone().context("there is no next key")?;
        let place = self.places.next.as_ref().context("the next key has no place")?;
        if self.places.key.replace_by(place)? {
            // In this order: a border whose new key is the key already is known to be behind.
            self.memory.clear_border()?;
            ring.next = None;
        }
        ring.key = next;
        ring.border = None;
        Ok(())
    }
}

/// Whether `next` may be signed after `last`.
fn judge(last: &Checkpoint, next: &Checkpoint, extends: &[Hash]) -> Result<(), Refusal> {
    if last.origin != next.origin {
        return Err(Refusal::Origin { own: last.origin.clone(), other: next.origin.clone() });
    }
    if next.size < last.size {
        return Err(Refusal::Back { signed: last.size, asked: next.size });
    }
    merkle::verify_consistency(last.size, next.size, extends, last.root, next.root)
        .map_err(|_| Refusal::Fork { signed: last.size, asked: next.size, root: hex::encode(next.root.0) })
}

/// The key that takes over, once it is shown that the tree says so and the signed one did not yet.
fn proven(ring: &Ring, proof: &Proof, last: &Checkpoint, next: &Checkpoint) -> Result<VerifierKey, Refusal> {
    let refuse = |why: &str| Refusal::Change { why: why.to_owned() };
    let bytes = proof.extra.as_deref().ok_or_else(|| refuse("the entry is missing"))?;
    let entry = Entry::parse(bytes).map_err(|error| refuse(&error.to_string()))?;
    let change = KeyChange::read(&entry, &next.origin)
        .ok_or_else(|| refuse("the entry does not change the log's key"))?
        .map_err(|error| refuse(&error.to_string()))?;
    let prepared = ring.next.as_ref().map(Secret::verifier_key);
    if *change.old() != ring.key.verifier_key() || Some(change.new_key()) != prepared.as_ref() {
        return Err(refuse("it is not the change that was prepared here"));
    }
    if proof.index < last.size {
        return Err(refuse("a checkpoint with this entry was signed by the old key alone"));
    }
    proof.verify_inclusion(bytes, next).map_err(|error| refuse(&error.to_string()))?;
    Ok(change.new_key().clone())
}
