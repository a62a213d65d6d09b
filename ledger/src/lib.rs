//! The tamper-evident ledger: what is written to it, how it is hashed and signed, and how anyone checks it.
//!
//! Pure by rule: no I/O, no async, no clock, no randomness. The sequencer in `backend` feeds it bytes and stores what it
//! returns; the browser's verifier and `guxin verify` call [`receipt::verify`] on the same code. Formats are those of C2SP
//! (tlog-tiles, signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof), so that tools which nobody here wrote can read them.
//!
//! From the inside out: [`canonical`] JSON -> [`entry`] -> [`merkle`] hashes -> [`tile`]s and [`bundle`]s of a [`tree`] ->
//! a [`checkpoint`] in a signed [`note`], perhaps with the [`cosignature`]s of [`witness`]es that a [`policy`] counts -> a [`proof`]. The log's key changes by a [`key_change`] entry, and [`log_keys`] says which signed what. On the filing's side: [`digest`]s of documents ->
//! a [`manifest`], a firm's [`statement`] under a WebAuthn [`assertion`] -> a [`receipt`], whose check is a [`report`]; the documents beside it make an [`evidence`] bundle.

pub mod assertion;
pub mod bundle;
pub mod canonical;
mod cbor;
pub mod checkpoint;
pub mod cose;
pub mod cosignature;
pub mod digest;
pub mod entry;
pub mod evidence;
pub mod key;
pub mod key_change;
pub mod log_keys;
pub mod manifest;
mod members;
pub mod merkle;
pub mod note;
pub mod policy;
pub mod proof;
pub mod receipt;
pub mod report;
pub mod statement;
#[cfg(any(test, feature = "software-authenticator"))]
pub mod testing;
pub mod tile;
pub mod timestamp;
pub mod tree;
mod verify;
pub mod witness;

pub use digest::{Digester, Digests, HashRef};
pub use entry::{Entry, EntryKind};
pub use merkle::Hash;
pub use tile::Tile;
pub use timestamp::Timestamp;
pub use tree::Tree;
