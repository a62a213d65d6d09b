//! `/verify`: a receipt and, if at hand, the document, checked by the reader's own browser. Nothing is uploaded; the
//! same code runs in `guxin verify`, which the page names for readers without scripts.

pub(crate) mod browser;
pub mod island;
#[cfg(feature = "ssr")]
mod page;
pub mod words;

#[cfg(feature = "ssr")]
pub use page::verify;
