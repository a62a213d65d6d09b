//! Use cases and all input and output: database, objects, the sequencer, background jobs. `app` and `server`
//! call it with a [`Cx`]; it asks `domain` what is allowed and `ledger` how to write it down.
//!
//! One noun, one module: use cases on top, SQL below.

pub mod access_record;
pub mod attestation;
pub mod chance;
pub mod cx;
pub mod db;
pub mod document;
pub mod drill;
pub mod durable;
pub mod engagement;
pub mod error;
pub mod evidence;
pub mod fact;
pub mod faults;
pub mod filing;
pub mod finding;
pub mod fsck;
pub mod holder_register;
pub mod intake;
pub mod invitation;
pub mod journal;
pub mod key_change;
pub mod ledger_audit;
pub mod ledger_store;
pub mod market;
pub mod mirror;
pub mod objects;
pub mod organisation;
pub mod page;
pub mod passkey;
pub mod password;
pub mod person;
pub mod queue;
pub mod reading;
pub mod receipt;
pub mod remote_log;
pub mod review;
pub mod rule_pack;
pub mod seed;
pub mod sequencer;
pub mod session;
pub mod settings;
mod sheet;
pub mod sign_in;
pub mod signer;
pub mod source;
pub mod sql;
pub mod stopwatch;
pub mod token;
pub mod totp;
pub mod vault;
pub mod witness;

pub use cx::{Cx, Services};
pub use error::{Error, Result};
