//! The witness protocol without its network: C2SP tlog-witness v1.0.0, `add-checkpoint`.
//!
//! `guxin witness serve` reads a [`Request`], [`Request::open`]s it with the keys of the logs it knows, [`Submitted::judge`]s it against
//! the checkpoint it cosigned last, stores the new one and only then signs with [`crate::cosignature::Cosigner`]. The log's side writes
//! the same request and reads the answer with [`cosignature`] and [`size`].

use crate::{
    Hash,
    checkpoint::{Checkpoint, parse_decimal, parse_hash},
    key::VerifierKey,
    merkle::{self, MerkleError, empty_root},
    note::{MAX_NOTE_BYTES, Note, NoteError, Signature},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::{fmt, str::FromStr};

/// Most proof lines of a request: "the client MUST NOT send more than 63".
pub const MAX_PROOF_LINES: usize = 63;
/// Longest request read, in bytes: a note and a full proof of 45 bytes a line.
pub const MAX_REQUEST_BYTES: usize = MAX_NOTE_BYTES + 4096;
/// The media type of the answer to an old size that is not the witness's.
pub const SIZE_MEDIA_TYPE: &str = "text/x.tlog.size";

/// The body of `POST <submission prefix>/add-checkpoint`, nothing verified yet. As text the body itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Size of the checkpoint that the proof starts from: what the client believes that the witness cosigned last.
    pub old: u64,
    /// Consistency proof from [`Request::old`] to the checkpoint.
    pub proof: Vec<Hash>,
    /// The signed note, verbatim.
    pub checkpoint: String,
}

/// A log that a witness is configured with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownLog {
    /// The first line of its checkpoints.
    pub origin: String,
    /// The keys it may sign with; one is enough.
    pub keys: Vec<VerifierKey>,
}

/// A request whose checkpoint a known log signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// What the log states.
    pub checkpoint: Checkpoint,
    /// The note's text with its final newline, extension lines included: what is cosigned.
    pub text: String,
    request: Request,
}

/// What a witness answers instead of a cosignature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not old size, proof lines, empty line and checkpoint.
    #[error("the request is not an old size line, at most 63 proof lines, an empty line and a checkpoint")]
    Malformed,
    /// "The old size MUST be equal to or lower than the checkpoint size."
    #[error("the old size is larger than the checkpoint's")]
    OldSize,
    /// None of the signatures is of a key that is trusted for this origin, or one does not verify.
    #[error("no trusted key of this log signed the checkpoint: {0}")]
    Signature(NoteError),
    /// The witness is not configured for this log.
    #[error("the log `{0}` is not known here")]
    UnknownOrigin(String),
    /// The old size is not that of the checkpoint that was cosigned last, which has this size.
    #[error("the last cosigned checkpoint has size {0}")]
    Stale(u64),
    /// The same size as the one cosigned last, and another root: two histories, both signed by the log.
    #[error("another tree of size {0} was cosigned before")]
    Fork(u64),
    /// The consistency proof does not verify.
    #[error("the consistency proof does not verify: {0}")]
    Proof(MerkleError),
}

impl Refusal {
    /// The HTTP status of the specification. An equal size with another root is 409 in v1.0.0; clients of later drafts, which say 422,
    /// take it for a refusal all the same.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed | Self::OldSize => 400,
            Self::Signature(_) => 403,
            Self::UnknownOrigin(_) => 404,
            Self::Stale(_) | Self::Fork(_) => 409,
            Self::Proof(_) => 422,
        }
    }

    /// A word for metrics and records.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::OldSize => "old_size",
            Self::Signature(_) => "signature",
            Self::UnknownOrigin(_) => "unknown_origin",
            Self::Stale(_) => "stale",
            Self::Fork(_) => "fork",
            Self::Proof(_) => "proof",
        }
    }
}

impl Request {
    /// Finds the log by its origin and checks its signature.
    ///
    /// # Errors
    /// [`Refusal::Malformed`], [`Refusal::UnknownOrigin`], [`Refusal::Signature`] or [`Refusal::OldSize`].
    pub fn open(self, logs: &[KnownLog]) -> Result<Submitted, Refusal> {
        let note: Note = self.checkpoint.parse().map_err(|_| Refusal::Malformed)?;
        let checkpoint = Checkpoint::with_extensions(note.text()).map_err(|_| Refusal::Malformed)?;
        let log = logs
            .iter()
            .find(|log| log.origin == checkpoint.origin)
            .ok_or_else(|| Refusal::UnknownOrigin(checkpoint.origin.clone()))?;
        note.verify(&log.keys.iter().collect::<Vec<_>>()).map_err(Refusal::Signature)?;
        if self.old > checkpoint.size {
            return Err(Refusal::OldSize);
        }
        Ok(Submitted { checkpoint, text: note.text().to_owned(), request: self })
    }
}

impl Submitted {
    /// Whether the checkpoint may be cosigned after `last`, the one that was cosigned last (none: never). The caller compares and stores
    /// as one step, or two requests at a time could roll the witness back.
    ///
    /// # Errors
    /// [`Refusal::Stale`], [`Refusal::Fork`] or [`Refusal::Proof`].
    pub fn judge(&self, last: Option<&Checkpoint>) -> Result<(), Refusal> {
        let (size, root) = last.map_or((0, empty_root()), |last| (last.size, last.root));
        if self.request.old != size {
            return Err(Refusal::Stale(size));
        }
        if self.contradicts(last) {
            return Err(Refusal::Fork(size));
        }
        let new = &self.checkpoint;
        merkle::verify_consistency(size, new.size, &self.request.proof, root, new.root)
            .map_err(Refusal::Proof)
    }

    /// Whether this checkpoint and `last` cannot both be of one append-only log, whatever the request says beside it. Both are signed,
    /// so together they are evidence.
    #[must_use]
    pub fn contradicts(&self, last: Option<&Checkpoint>) -> bool {
        last.is_some_and(|last| last.size == self.checkpoint.size && last.root != self.checkpoint.root)
    }

    /// The signed note as it was sent.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.request.checkpoint
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{}", STANDARD.encode(hash.0)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

impl FromStr for Request {
    type Err = Refusal;

    fn from_str(body: &str) -> Result<Self, Refusal> {
        if body.len() > MAX_REQUEST_BYTES {
            return Err(Refusal::Malformed);
        }
        // The head has no empty line; the checkpoint after the first one does.
        let (head, checkpoint) = body.split_once("\n\n").ok_or(Refusal::Malformed)?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).and_then(parse_decimal);
        let old = old.ok_or(Refusal::Malformed)?;
        let mut proof = Vec::new();
        for line in lines {
            if proof.len() == MAX_PROOF_LINES {
                return Err(Refusal::Malformed);
            }
            proof.push(parse_hash(line).ok_or(Refusal::Malformed)?);
        }
        Ok(Self { old, proof, checkpoint: checkpoint.to_owned() })
    }
}

/// Why an answer is of no use to the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Not signature lines, or not a size.
    #[error("the answer is not what the protocol asks for")]
    Format,
    /// No line is of the witness's registered key.
    #[error("the answer is not signed with the registered key of {0}")]
    OtherKey(String),
    /// A line of the registered key does not verify over this checkpoint.
    #[error("the cosignature of {0} does not verify")]
    Signature(String),
}

/// Reads the answer 200: the signature line of the key `witness` over `text`, a checkpoint's signed text, and its POSIX seconds. Lines of
/// other keys are ignored; of several with this key the first counts.
///
/// # Errors
/// Any [`AnswerError`].
pub fn cosignature(answer: &str, text: &str, witness: &VerifierKey) -> Result<(Signature, u64), AnswerError> {
    let lines = answer.strip_suffix('\n').ok_or(AnswerError::Format)?;
    if answer.len() > MAX_NOTE_BYTES {
        return Err(AnswerError::Format);
    }
    for line in lines.split('\n') {
        let line: Signature = line.parse().map_err(|_| AnswerError::Format)?;
        if line.name != witness.name() || line.key_id != witness.key_id() {
            continue;
        }
        return match witness.verify(text, &line.signature) {
            Some(Some(time)) => Ok((line, time)),
            _ => Err(AnswerError::Signature(witness.name().to_owned())),
        };
    }
    Err(AnswerError::OtherKey(witness.name().to_owned()))
}

/// Reads the answer 409: the size that the witness cosigned last.
///
/// # Errors
/// [`AnswerError::Format`].
pub fn size(answer: &str) -> Result<u64, AnswerError> {
    answer.strip_suffix('\n').and_then(parse_decimal).ok_or(AnswerError::Format)
}

#[cfg(test)]
mod tests;
