//! The server as the world sees it: every test drives the real router, with cookies and headers as a browser sends
//! them, over a small market made by the demonstration's seed. Nothing here looks into handlers; what the database
//! holds is asked only to show that something did **not** change.
//!
//! SQLite always; the tests under [`on_both!`] run on PostgreSQL as well and fail, saying so, where
//! `GUXIN_TEST_DATABASE_URL` is missing.

// Tests read better with their own habits; the product's lints hold for the product.
#![allow(dead_code, unreachable_pub, unused_qualifications, clippy::all, clippy::pedantic)]

mod api;
mod arrival;
mod budget;
mod client;
mod command;
mod cross_site;
mod download;
mod export;
mod headers;
mod health;
mod holder_register;
mod intake_limits;
mod kept;
mod kill;
mod ledger;
mod locale;
mod look;
mod matrix;
mod measures;
mod pack;
mod people;
mod platform;
mod port;
mod pressure;
mod read_only;
mod reading;
mod register;
mod session;
mod signer;
mod state;
mod step_up;
mod supervision;
mod supervision_role;
mod surface;
mod template;
mod upload;
mod upload_limits;
mod verifying;
mod witness;

pub(crate) use client::{Answer, Client};
pub(crate) use people::Who;
pub(crate) use platform::Platform;

/// Runs each test on SQLite and on PostgreSQL.
#[macro_export]
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($platform:ident: Platform) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            $(#[$meta])*
            async fn story($platform: $crate::Platform) $body
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                story($crate::Platform::sqlite().await).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                story($crate::Platform::postgres().await).await;
            }
        }
    )*};
}
