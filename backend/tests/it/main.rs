//! The backend's use cases on both databases. Every test runs twice, on SQLite and on PostgreSQL
//! (`make test` starts a private cluster and sets `GUXIN_TEST_DATABASE_URL`); a missing database fails the test
//! and says so, it never skips.

mod access_record;
mod cast;
mod document;
mod engagement;
mod evidence;
mod fact;
mod filing;
mod fsck;
mod group_commit;
mod holder_register;
mod identity;
mod intake;
mod key_change;
mod market;
mod organisation;
mod passkey;
mod person;
mod presence;
mod reading;
mod receipt;
mod review;
mod sequencer;
mod session;
mod sign_in;
mod signer;
mod sql;
mod stopwatch;
mod supervision;
mod totp;
mod world;

pub use world::World;

/// Runs each test on SQLite and on PostgreSQL.
#[macro_export]
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($world:ident: World) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            $(#[$meta])*
            async fn story($world: $crate::World) $body
            #[tokio::test]
            async fn sqlite() {
                story($crate::World::sqlite().await).await;
            }
            #[tokio::test]
            async fn postgres() {
                story($crate::World::postgres().await).await;
            }
        }
    )*};
}
