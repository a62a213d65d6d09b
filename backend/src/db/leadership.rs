//! Who may sequence. One holder at a time, so that several servers on one database do not work against each other; it is
//! for efficiency only, since the compare-and-swap of the ledger's head is what keeps two of them from forking the log.
//!
//! PostgreSQL: a session-level advisory lock on a connection of its own, gone with the session. SQLite: a lock on a file
//! beside the database, gone with the process. The statement here is PostgreSQL's alone and so not in the register.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::Path,
};

use sqlx::{Connection, PgConnection};

use super::{Db, Writer};
use crate::error::{Error, Result};

/// The key of the advisory lock; such locks belong to one database, so it need not differ between instances.
const KEY: i64 = 0x6775_7869_6e01;

/// The right to sequence, as long as it lives.
#[derive(Debug)]
pub struct Leadership(Lock);

#[derive(Debug)]
enum Lock {
    /// The lock is the open file's.
    File {
        _open: File,
    },
    Session(Box<PgConnection>),
}

impl Db {
    /// Asks for the right to sequence without waiting; none while another process or task has it. `folder` is the data
    /// folder, where SQLite's lock file lies.
    ///
    /// # Errors
    /// When the database or the folder cannot be reached.
    pub async fn lead(&self, folder: &Path) -> Result<Option<Leadership>> {
        match &self.write {
            Writer::Sqlite(_) => {
                let path = folder.join("ledger.lock");
                let open = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
                match open.try_lock() {
                    Ok(()) => Ok(Some(Leadership(Lock::File { _open: open }))),
                    Err(TryLockError::WouldBlock) => Ok(None),
                    Err(TryLockError::Error(error)) => Err(error.into()),
                }
            }
            Writer::Pg(pool) => {
                // Detached, so that the pool never hands a connection with the lock to somebody else.
                let mut session = pool.acquire().await?.detach();
                let held: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
                    .bind(KEY)
                    .fetch_one(&mut session)
                    .await?;
                if held {
                    return Ok(Some(Leadership(Lock::Session(Box::new(session)))));
                }
                session.close().await?;
                Ok(None)
            }
        }
    }
}

impl Leadership {
    /// Makes sure that it is still held.
    ///
    /// # Errors
    /// When PostgreSQL's session is gone, and the lock with it.
    pub async fn check(&mut self) -> Result<()> {
        match &mut self.0 {
            Lock::File { .. } => Ok(()),
            Lock::Session(session) => session.ping().await.map_err(Error::internal),
        }
    }
}
