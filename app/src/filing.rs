//! The enterprise's pages about its filings: the list, the workspace where a filing is prepared, submission, receipt
//! and submitted versions. Each page is a module below; [`marks`] holds what every page about a filing shows (stage,
//! road, clock, leaf) and serves the pages of firms, exchange and supervision as well. What reacts in the browser
//! stands in [`autosave`] and [`upload`] and is compiled for both sides.

pub mod autosave;
pub mod presence;
pub mod save;
pub mod upload;

#[cfg(feature = "ssr")]
pub mod acts;
#[cfg(feature = "ssr")]
pub mod confirm;
#[cfg(feature = "ssr")]
mod desk;
#[cfg(feature = "ssr")]
pub mod dock;
#[cfg(feature = "ssr")]
pub mod fields;
#[cfg(feature = "ssr")]
pub mod findings;
#[cfg(feature = "ssr")]
pub mod firms;
#[cfg(feature = "ssr")]
pub mod history;
#[cfg(feature = "ssr")]
pub mod holders;
#[cfg(feature = "ssr")]
pub mod intake;
#[cfg(feature = "ssr")]
pub mod list;
#[cfg(feature = "ssr")]
pub mod marks;
#[cfg(feature = "ssr")]
pub mod materials;
#[cfg(feature = "ssr")]
pub mod new;
#[cfg(feature = "ssr")]
pub mod progress;
#[cfg(feature = "ssr")]
pub mod proposal;
#[cfg(feature = "ssr")]
pub mod receipt;
#[cfg(feature = "ssr")]
pub mod reply;
#[cfg(feature = "ssr")]
pub mod submit;
#[cfg(feature = "ssr")]
pub mod todo;
#[cfg(feature = "ssr")]
pub mod versions;

#[cfg(feature = "ssr")]
pub use desk::desk;
