//! The public ledger for people: `/ledger` with its size, checkpoint and newest entries, a page for every entry that shows
//! why it cannot have been changed, every checkpoint that was released, and how one of them leads to another. Anybody may read
//! it; it shows nothing that is not on the ledger.

mod checkpoints;
mod consistency;
mod entry;
mod keys;
mod overview;
pub mod path;
mod recompute;
pub(crate) mod witnesses;

pub use checkpoints::checkpoints;
pub use consistency::consistency;
pub use entry::entry;
pub use overview::overview;
pub use witnesses::witnesses;
