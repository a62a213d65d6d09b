//! The firm's pages: the inbox of engagements, and the desk of one engagement with the documents to read and the
//! decisions to sign. Signing stands in [`sign`] and is compiled for both sides: the passkey is in the browser.

pub mod sign;

#[cfg(feature = "ssr")]
pub mod acts;
#[cfg(feature = "ssr")]
pub mod desk;
#[cfg(feature = "ssr")]
pub mod inbox;
