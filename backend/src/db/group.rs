//! Group commit on SQLite: write transactions that wait for each other share one outer transaction, and so one sync.
//!
//! SQLite has one writer. A transaction that begins while others wait for the same lock would commit and sync alone, and
//! the disk's sync would be the speed limit of the whole platform. Here each of them runs, one after the other, in a
//! savepoint of a common transaction. [`Member::commit`] hands the connection to the next one and **returns only when the
//! common transaction is durable**; the group is closed after those that waited when its first member was done, so nobody
//! waits for latecomers and a lone transaction commits at once as it always did. PostgreSQL groups its commits itself.
//!
//! * A member that fails or is dropped (an error, a cancelled request, a panic) loses its savepoint only, before the next
//!   one runs. If the common transaction fails, every member is told so and nobody is acknowledged.
//! * Other connections see committed data only, so nothing that is not durable is visible outside the group. A member does
//!   see what earlier members wrote. What it *acknowledges* on top of that becomes durable with it, or not at all: a
//!   use case that repeats an earlier answer commits before it does. What it *refuses* because of it must not be answered earlier either: a uniqueness conflict with a sibling says "this was
//!   done", so [`Member::settle`] waits until that is true; when the group fails, the conflict is an internal error.
//! * An error after which SQLite may have rolled back everything by itself (disk full, I/O, out of memory) fails the group.
//! * The commit of a group runs in a task of its own: no member's cancellation can take it away from the others.
//!
//! The sequencer does not share ([`Group::begin`] with `alone`): its first commit is the point of no return and its second
//! is made after something was published, so neither may fail for a stranger's reason or be held up by others. Nor does
//! whoever publishes a checkpoint while holding the head's row.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use sqlx::{Sqlite, SqliteConnection, SqlitePool, Transaction};
use tokio::sync::{Mutex, OwnedMutexGuard, watch};

use crate::error::{Error, Result};

/// How long a transaction waits for its turn.
const WAIT: Duration = Duration::from_secs(15);
/// Most transactions that share a commit: bounds how long the first waits for the last.
const MOST: usize = 1024;

/// The writing side of a SQLite database.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pool: SqlitePool,
    /// Whoever holds it has the connection; the others stand in line, first come, first served.
    seat: Arc<Mutex<Seat>>,
    waiting: Arc<AtomicUsize>,
}

#[derive(Debug, Default)]
struct Seat {
    open: Option<Open>,
    /// Groups so far: a closing task must not close a later one.
    number: u64,
}

/// A common transaction that goes on.
#[derive(Debug)]
struct Open {
    tx: Transaction<'static, Sqlite>,
    outcome: watch::Sender<Option<Result<(), String>>>,
    /// Those that are done and wait for the outcome.
    done: usize,
    savepoint: Savepoint,
    broken: bool,
}

/// The savepoint of whoever has, or had, the connection last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Savepoint {
    /// The first member needs none.
    None,
    /// A member is at work in it, or left it behind without committing.
    Working,
    /// Its member has committed. It goes when the next one is made, in the same call, or with the common commit.
    Kept,
    /// That call was made and did not return: taking back "the savepoint" now could hit a member that has committed.
    Unknown,
}

/// One write transaction on SQLite.
#[derive(Debug)]
pub struct Member {
    group: Group,
    /// Whether it shares its commit with nobody, those that come after it included.
    alone: bool,
    /// None once it is over.
    seat: Option<OwnedMutexGuard<Seat>>,
}

impl Group {
    pub(super) fn new(pool: SqlitePool) -> Self {
        Self { pool, seat: Arc::default(), waiting: Arc::default() }
    }

    pub(super) fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    /// Waits for its turn; `alone` closes the group that is open and shares with nobody.
    pub(super) async fn begin(&self, alone: bool) -> Result<Member> {
        let seat = {
            let _waits = Waits::new(&self.waiting);
            tokio::time::timeout(WAIT, Arc::clone(&self.seat).lock_owned())
                .await
                .map_err(|_| Error::Busy { retry_after: 2 })?
        };
        // From here on dropping the member puts things right, also when this future is dropped.
        let mut member = Member { group: self.clone(), alone, seat: Some(seat) };
        let seat = member.seat()?;
        if let Some(open) = &mut seat.open {
            if open.tidy().await && !alone && open.done < MOST {
                let kept = open.savepoint == Savepoint::Kept;
                open.savepoint = Savepoint::Unknown;
                let make = if kept { "RELEASE member; SAVEPOINT member" } else { "SAVEPOINT member" };
                open.execute(make).await?;
                open.savepoint = Savepoint::Working;
                return Ok(member);
            }
            if let Some(open) = seat.open.take() {
                open.close(self.pool.clone()).await;
            }
        }
        let tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        seat.number += 1;
        seat.open = Some(Open {
            tx,
            outcome: watch::Sender::new(None),
            done: 0,
            savepoint: Savepoint::None,
            broken: false,
        });
        Ok(member)
    }

    /// Closes a group after those that wait now.
    fn close_after_those_waiting(&self, number: u64) {
        let (line, pool) = (Arc::clone(&self.seat).lock_owned(), self.pool.clone());
        tokio::spawn(async move {
            let mut seat = line.await;
            if seat.number == number
                && let Some(mut open) = seat.open.take()
            {
                open.tidy().await;
                open.close(pool).await;
            }
        });
    }
}

impl Open {
    async fn execute(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        let done = sqlx::query(sql).execute(&mut *self.tx).await;
        self.broken |= done.is_err();
        done.map(|_| ())
    }

    /// Takes back what a member that did not commit left behind; answers whether others may go on.
    async fn tidy(&mut self) -> bool {
        self.broken |= self.savepoint == Savepoint::Unknown;
        if self.savepoint == Savepoint::Working && !self.broken {
            // Fails when a member was dropped while its savepoint was being taken back: the group is given up then.
            let _ = self.execute("ROLLBACK TO member").await.is_ok()
                && self.execute("RELEASE member").await.is_ok();
            self.savepoint = Savepoint::None;
        }
        !self.broken
    }

    /// Commits, and tells every member. In a task of its own, which goes on when the caller is dropped.
    async fn close(mut self, pool: SqlitePool) {
        let closing = tokio::spawn(async move {
            // The last committed member's. It also finds out whether there is still a transaction that can be committed.
            if self.savepoint == Savepoint::Kept && !self.broken {
                let _ = self.execute("RELEASE member").await;
            }
            let Self { tx, outcome, broken, .. } = self;
            let ended = if broken {
                let _ = tx.rollback().await;
                Err("the common transaction broke".to_owned())
            } else {
                tx.commit().await.map_err(|error| error.to_string())
            };
            if ended.is_err() {
                replace(&pool).await;
            }
            outcome.send_replace(Some(ended));
        });
        // A panic drops the outcome, and every member hears of that.
        let _ = closing.await;
    }
}

impl Member {
    fn seat(&mut self) -> Result<&mut Seat> {
        match &mut self.seat {
            Some(seat) => Ok(seat),
            None => Err(over()),
        }
    }

    fn open(&mut self) -> Result<&mut Open> {
        self.seat()?.open.as_mut().filter(|open| !open.broken).ok_or_else(over)
    }

    /// The connection to run a statement on.
    pub(super) fn connection(&mut self) -> Result<&mut SqliteConnection> {
        Ok(&mut *self.open()?.tx)
    }

    /// Looks at what a statement came to. See the module about what is done with a conflict and a broken transaction.
    pub(super) async fn look<T>(&mut self, done: Result<T, sqlx::Error>) -> Result<T> {
        let error = match done {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        if !is_harmless(&error) {
            self.open()?.broken = true;
        } else if matches!(&error, sqlx::Error::Database(db) if db.is_unique_violation()) {
            self.settle().await?;
        }
        Err(error.into())
    }

    /// Gives up, and returns when what earlier members wrote is durable. Alone it goes on.
    async fn settle(&mut self) -> Result<()> {
        if self.open()?.done == 0 {
            return Ok(());
        }
        let outcome = self.open()?.outcome.subscribe();
        self.seat = None;
        wait(outcome).await
    }

    /// Returns when it is durable.
    pub(super) async fn commit(mut self) -> Result<()> {
        let (alone, others) = (self.alone, self.group.waiting.load(Ordering::Relaxed) > 0);
        let number = self.seat()?.number;
        let open = self.open()?;
        if open.done == 0 && (alone || !others) {
            let alone = self.seat()?.open.take().ok_or_else(over)?;
            let ended = alone.tx.commit().await;
            if ended.is_err() {
                replace(&self.group.pool).await;
            }
            return Ok(ended?);
        }
        if open.savepoint == Savepoint::Working {
            open.savepoint = Savepoint::Kept;
        }
        open.done += 1;
        let (first, outcome) = (open.done == 1, open.outcome.subscribe());
        if first {
            self.group.close_after_those_waiting(number);
        }
        // Not through `drop`, which takes a member's work back.
        self.seat = None;
        wait(outcome).await
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        if let Some(seat) = &mut self.seat
            && seat.open.as_ref().is_some_and(|open| open.done == 0 && !open.broken)
        {
            // Nobody else's work is in it: dropping the transaction rolls it back. Otherwise its savepoint is taken back by
            // whoever comes next, at the latest by the closing task. A broken one is ended by whoever comes next, too.
            seat.open = None;
        }
    }
}

/// Another connection for the one whose transaction broke. SQLite may have rolled back by itself (a full disk, a failed sync),
/// and sqlx would count a transaction for ever whose end SQLite refuses: nothing could be begun on it again.
async fn replace(pool: &SqlitePool) {
    if let Ok(connection) = pool.acquire().await
        && let Err(error) = connection.close().await
    {
        tracing::warn!(%error, "a connection to the database could not be closed");
    }
}

async fn wait(mut outcome: watch::Receiver<Option<Result<(), String>>>) -> Result<()> {
    let ended = match outcome.wait_for(Option::is_some).await {
        Ok(ended) => ended.clone(),
        Err(_) => None,
    };
    match ended {
        Some(Ok(())) => Ok(()),
        Some(Err(why)) => Err(Error::internal(anyhow::anyhow!("the group's commit: {why}"))),
        None => Err(Error::internal(anyhow::anyhow!("the group's commit was cut off"))),
    }
}

/// Errors that leave the transaction as it was before the statement: a rule of the schema, a statement that is not
/// understood, a value that is not what the program expects.
fn is_harmless(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => {
            let code: Option<u32> = error.code().and_then(|code| code.parse().ok());
            code.is_some_and(|extended| matches!(extended & 0xff, 1 | 19 | 20))
        }
        sqlx::Error::RowNotFound
        | sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::ColumnIndexOutOfBounds { .. }
        | sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::Decode(_)
        | sqlx::Error::Encode(_) => true,
        _ => false,
    }
}

fn over() -> Error {
    Error::internal(anyhow::anyhow!("the transaction is over"))
}

/// Counts who stands in line, also when one leaves it.
struct Waits<'g>(&'g AtomicUsize);

impl<'g> Waits<'g> {
    fn new(waiting: &'g AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
