//! What people see: pages, components, islands and the server functions behind forms. Pages are rendered on the
//! server and exist only there; an island is the part of a page that reacts in the browser.

// Views are deep types; the two attributes keep the compiler calm.
#![recursion_limit = "512"]
// Components and islands own their props: the macros take them by value.
#![allow(clippy::needless_pass_by_value)]

#[cfg(feature = "ssr")]
rust_i18n::i18n!("locales", fallback = "zh-CN");

mod call;
pub mod engagement;
pub mod fail;
pub mod filing;
pub mod passkey;
pub mod styleguide;
pub mod ui;
pub mod verify;
pub mod words;

#[cfg(feature = "ssr")]
pub mod account;
#[cfg(feature = "ssr")]
pub mod admin;
#[cfg(feature = "ssr")]
mod dossier;
#[cfg(feature = "ssr")]
mod evidence;
#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
pub mod form;
#[cfg(feature = "ssr")]
pub mod frame;
#[cfg(feature = "ssr")]
pub mod home;
#[cfg(feature = "ssr")]
pub mod invite;
#[cfg(feature = "ssr")]
pub mod islands;
#[cfg(feature = "ssr")]
pub mod kept;
#[cfg(feature = "ssr")]
pub mod lang;
#[cfg(feature = "ssr")]
pub mod list;
#[cfg(feature = "ssr")]
mod listing;
#[cfg(feature = "ssr")]
pub mod look;
#[cfg(feature = "ssr")]
pub mod organisation;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod public_ledger;
#[cfg(feature = "ssr")]
pub mod register;
#[cfg(feature = "ssr")]
pub mod request;
#[cfg(feature = "ssr")]
pub mod review;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
pub mod rules;
#[cfg(feature = "ssr")]
pub mod sign_in;
#[cfg(feature = "ssr")]
pub mod source;
#[cfg(feature = "ssr")]
pub mod supervision;
