//! The public ledger for people: `/ledger` with its size, checkpoint and newest entries, and a page for every entry
//! that shows why it cannot have been changed. Anybody may read it; it shows nothing that is not on the ledger.

#[cfg(feature = "ssr")]
mod entry;
pub mod island;
#[cfg(feature = "ssr")]
mod overview;
pub mod path;
#[cfg(feature = "ssr")]
pub(crate) mod witnesses;

#[cfg(feature = "ssr")]
pub use {entry::entry, overview::overview, witnesses::witnesses};
