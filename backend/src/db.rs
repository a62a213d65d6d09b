//! The seam between one SQL text and two databases. SQLite is the embedded default, PostgreSQL is production;
//! the URL chooses. Use cases see [`Tx`] (a write transaction) and [`Reader`] (cannot write, enforced below the
//! application); they bind [`Arg`]s and read rows by `FromRow`. No SQL lives here.

use std::path::Path;

use sqlx::{
    Connection, Database, FromRow, PgPool, Postgres, Sqlite, SqlitePool, Transaction, postgres::PgRow,
    sqlite::SqliteRow,
};

mod arg;
mod copy;
pub mod count;
mod group;
mod leadership;
mod open;
pub use arg::Arg;
pub use copy::DbCopy;
use group::Group;
pub use leadership::Leadership;
pub use open::SUPERVISION_ROLE;

use crate::error::{Error, Result};

/// A row type that both databases can fill. `#[derive(sqlx::FromRow)]` is enough.
pub trait Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// The database: a writing side and two reading sides.
#[derive(Clone, Debug)]
pub struct Db {
    write: Writer,
    read: Reader,
    supervision: Reader,
}

#[derive(Clone, Debug)]
enum Pool {
    Sqlite(SqlitePool),
    Pg(PgPool),
}

#[derive(Clone, Debug)]
enum Writer {
    Sqlite(Group),
    Pg(PgPool),
}

impl Writer {
    fn pool(&self) -> Pool {
        match self {
            Self::Sqlite(group) => Pool::Sqlite(group.pool().clone()),
            Self::Pg(pool) => Pool::Pg(pool.clone()),
        }
    }
}

/// Which database answers; for messages and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A pool whose connections cannot write: SQLite opens the file read-only with `query_only`, PostgreSQL sets
/// `default_transaction_read_only` (and, in production, logs in as a role that may only SELECT).
#[derive(Clone, Debug)]
pub struct Reader(Pool);

/// One write transaction. Dropped without [`Tx::commit`], it is rolled back.
#[derive(Debug)]
pub enum Tx {
    Sqlite(group::Member),
    Pg(Transaction<'static, Postgres>),
}

/// How to reach a database.
#[derive(Clone, Debug)]
pub struct DbOptions {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: String,
    /// A second PostgreSQL URL for supervision: a role with SELECT only, on a standby in production.
    pub supervision_url: Option<String>,
    /// Upper bound of connections per pool.
    pub connections: u32,
}

impl DbOptions {
    /// A SQLite file.
    #[must_use]
    pub fn sqlite(path: &Path) -> Self {
        Self { url: format!("sqlite:{}", path.display()), supervision_url: None, connections: 8 }
    }
}

impl Db {
    /// Which database answers.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.write {
            Writer::Sqlite(_) => Engine::Sqlite,
            Writer::Pg(_) => Engine::Postgres,
        }
    }

    /// The everyday reading side.
    #[must_use]
    pub fn read(&self) -> &Reader {
        &self.read
    }

    /// The supervisors' own reading side.
    #[must_use]
    pub fn supervision(&self) -> &Reader {
        &self.supervision
    }

    /// Begins a write transaction. SQLite takes its write lock at once, so a transaction never fails half way
    /// for want of it; those that wait for each other share a commit ([`group`]).
    ///
    /// # Errors
    /// When no connection can be had in time.
    pub async fn begin(&self) -> Result<Tx> {
        self.begin_as(false).await
    }

    /// Begins a write transaction that shares its commit with no other: for what is published while it is open.
    ///
    /// # Errors
    /// As [`Db::begin`].
    pub(crate) async fn begin_alone(&self) -> Result<Tx> {
        self.begin_as(true).await
    }

    async fn begin_as(&self, alone: bool) -> Result<Tx> {
        Ok(match &self.write {
            Writer::Sqlite(group) => Tx::Sqlite(group.begin(alone).await?),
            Writer::Pg(pool) => Tx::Pg(pool.begin().await?),
        })
    }

    /// Closes every connection; SQLite checkpoints its log.
    pub async fn close(&self) {
        for pool in [&self.write.pool(), &self.read.0, &self.supervision.0] {
            match pool {
                Pool::Sqlite(pool) => pool.close().await,
                Pool::Pg(pool) => pool.close().await,
            }
        }
    }

    /// Asks the database to plan a statement without running it; the test that stands in for compile-time
    /// checking uses it.
    ///
    /// # Errors
    /// The database's own message when the statement is not understood.
    pub async fn prepare(&self, sql: &'static str) -> anyhow::Result<()> {
        use sqlx::{Executor, SqlSafeStr};
        match &self.write.pool() {
            Pool::Sqlite(pool) => {
                pool.acquire().await?.prepare(sql.into_sql_str()).await?;
            }
            Pool::Pg(pool) => {
                pool.acquire().await?.prepare(sql.into_sql_str()).await?;
            }
        }
        Ok(())
    }

    /// One round trip, for `/readyz`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ping(&self) -> Result<()> {
        match &self.write.pool() {
            Pool::Sqlite(pool) => pool.acquire().await?.ping().await?,
            Pool::Pg(pool) => pool.acquire().await?.ping().await?,
        }
        Ok(())
    }
}

/// Binds the arguments in order.
fn bind<DB>(args: Vec<Arg>) -> Result<DB::Arguments>
where
    DB: Database,
    Arg: for<'q> sqlx::Encode<'q, DB> + sqlx::Type<DB>,
{
    use sqlx::Arguments;
    let mut bound = DB::Arguments::default();
    for arg in args {
        bound.add(arg).map_err(|e| Error::internal(anyhow::anyhow!("binding an argument: {e}")))?;
    }
    Ok(bound)
}

/// Runs the same call on whichever database it is.
macro_rules! on {
    ($target:expr, |$conn:ident, $db:ident| $call:expr) => {{
        count::one_more();
        match $target {
            Side::Sqlite($conn) => {
                type $db = Sqlite;
                $call
            }
            Side::Pg($conn) => {
                type $db = Postgres;
                $call
            }
        }
    }};
}

enum Side<S, P> {
    Sqlite(S),
    Pg(P),
}

/// Runs a call on a transaction's connection; SQLite's group wants to see every error.
macro_rules! within {
    ($tx:expr, |$conn:ident, $db:ident| $call:expr) => {{
        count::one_more();
        match $tx {
            Self::Sqlite(member) => {
                type $db = Sqlite;
                let $conn = member.connection()?;
                let done = $call;
                member.look(done).await?
            }
            Self::Pg(tx) => {
                type $db = Postgres;
                let $conn = &mut **tx;
                $call?
            }
        }
    }};
}

impl Tx {
    /// The one row that must be there.
    ///
    /// # Errors
    /// [`Error::NotFound`], or the database's failure as [`Error::Internal`].
    pub async fn one<T: Row>(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<T> {
        self.maybe(sql, args).await?.ok_or(Error::NotFound)
    }

    /// A row, if there is one.
    ///
    /// # Errors
    /// The database's failure as [`Error::Internal`].
    pub async fn maybe<T: Row>(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<Option<T>> {
        Ok(within!(self, |conn, Of| {
            sqlx::query_as_with::<Of, T, _>(sql, bind::<Of>(args)?).fetch_optional(conn).await
        }))
    }

    /// All rows.
    ///
    /// # Errors
    /// The database's failure as [`Error::Internal`].
    pub async fn all<T: Row>(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<Vec<T>> {
        Ok(within!(self, |conn, Of| {
            sqlx::query_as_with::<Of, T, _>(sql, bind::<Of>(args)?).fetch_all(conn).await
        }))
    }

    /// Writes; answers how many rows were touched.
    ///
    /// # Errors
    /// [`Error::Conflict`] when a uniqueness rule stands against it, else [`Error::Internal`].
    pub async fn run(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<u64> {
        Ok(within!(self, |conn, Of| {
            sqlx::query_with::<Of, _>(sql, bind::<Of>(args)?)
                .execute(conn)
                .await
                .map(|done| done.rows_affected())
        }))
    }

    /// Writes to exactly one row that the caller read at a certain version: none touched means that somebody
    /// else was first.
    ///
    /// # Errors
    /// [`Error::Conflict`] on a lost race.
    pub async fn swap(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<()> {
        match self.run(sql, args).await? {
            1 => Ok(()),
            _ => Err(Error::Conflict(crate::error::Conflict::Stale)),
        }
    }

    /// Makes it durable.
    ///
    /// # Errors
    /// When the database cannot promise that; the caller must not acknowledge anything then.
    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(member) => member.commit().await?,
            Self::Pg(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

impl Reader {
    fn side(&self) -> Side<&SqlitePool, &PgPool> {
        match &self.0 {
            Pool::Sqlite(pool) => Side::Sqlite(pool),
            Pool::Pg(pool) => Side::Pg(pool),
        }
    }

    /// The one row that must be there.
    ///
    /// # Errors
    /// [`Error::NotFound`], or the database's failure as [`Error::Internal`].
    pub async fn one<T: Row>(&self, sql: &'static str, args: Vec<Arg>) -> Result<T> {
        self.maybe(sql, args).await?.ok_or(Error::NotFound)
    }

    /// A row, if there is one.
    ///
    /// # Errors
    /// The database's failure as [`Error::Internal`].
    pub async fn maybe<T: Row>(&self, sql: &'static str, args: Vec<Arg>) -> Result<Option<T>> {
        Ok(on!(self.side(), |pool, Of| {
            sqlx::query_as_with::<Of, T, _>(sql, bind::<Of>(args)?).fetch_optional(pool).await?
        }))
    }

    /// All rows.
    ///
    /// # Errors
    /// The database's failure as [`Error::Internal`].
    pub async fn all<T: Row>(&self, sql: &'static str, args: Vec<Arg>) -> Result<Vec<T>> {
        Ok(on!(self.side(), |pool, Of| {
            sqlx::query_as_with::<Of, T, _>(sql, bind::<Of>(args)?).fetch_all(pool).await?
        }))
    }
}
