//! Opening the pools: [`Db::open`] for whoever works on an instance, which brings the schema up to date, and
//! [`Db::open_to_read`] for whoever only looks, which writes nothing and makes nothing. An error names the option that the
//! URL came from and never shows the URL's password.

use std::{str::FromStr, time::Duration};

use anyhow::{Context as _, bail, ensure};
use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool, SqlitePool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{Db, DbOptions, Group, Pool, Reader, Writer};
use crate::error::{Error, Result};

static SQLITE: Migrator = sqlx::migrate!("../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../migrations/postgres");

/// How long a use case waits for a connection.
const WAIT: Duration = Duration::from_secs(15);
/// How long a database that is just starting is waited for.
const STARTING: Duration = Duration::from_secs(5);
const AGAIN: Duration = Duration::from_millis(200);

/// The option that a URL came from, for messages.
pub(super) const MAIN: &str = "--database";
const SUPERVISION: &str = "--supervision-database";

/// What the migrations' own table says about this database. Not in the register of statements: the table is sqlx's.
const APPLIED: &str = "SELECT version, success FROM _sqlx_migrations ORDER BY version";

impl Db {
    /// Opens the pools and brings the schema up to date.
    ///
    /// # Errors
    /// When a URL is not understood, a database cannot be reached, or a migration fails.
    pub async fn open(options: &DbOptions) -> anyhow::Result<Self> {
        match kind(&options.url)? {
            Kind::Sqlite => open_sqlite(options).await,
            Kind::Postgres => open_postgres(options).await,
        }
    }

    /// Opens an instance's database for reading only: every pool is one that cannot write, nothing is created, and the
    /// schema must be this program's already.
    ///
    /// # Errors
    /// As [`Db::open`], and when there is no database or its schema is of another version.
    pub async fn open_to_read(options: &DbOptions) -> anyhow::Result<Self> {
        let db = match kind(&options.url)? {
            Kind::Sqlite => {
                let pool = sqlite_to_read(options).await?;
                let reader = Reader(Pool::Sqlite(pool.clone()));
                Self { write: Writer::Sqlite(Group::new(pool)), read: reader.clone(), supervision: reader }
            }
            Kind::Postgres => {
                let pool = postgres_pool(&options.url, MAIN, options.connections, true).await?;
                let reader = Reader(Pool::Pg(pool.clone()));
                Self { write: Writer::Pg(pool), read: reader.clone(), supervision: reader }
            }
        };
        db.check_schema().await?;
        Ok(db)
    }

    /// Number of the newest migration that this database has.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn schema_version(&self) -> Result<i64> {
        Ok(self.applied().await?.last().map_or(0, |(version, _)| *version))
    }

    async fn applied(&self) -> Result<Vec<(i64, bool)>> {
        Ok(match &self.read.0 {
            Pool::Sqlite(pool) => sqlx::query_as(APPLIED).fetch_all(pool).await?,
            Pool::Pg(pool) => sqlx::query_as(APPLIED).fetch_all(pool).await?,
        })
    }

    async fn check_schema(&self) -> anyhow::Result<()> {
        let migrator = match self.read.0 {
            Pool::Sqlite(_) => &SQLITE,
            Pool::Pg(_) => &POSTGRES,
        };
        let known = migrator.iter().map(|migration| migration.version).max().unwrap_or_default();
        let applied = self.applied().await.map_err(|error| match error {
            Error::Internal(why) => why.context(format!("{MAIN}: this is not the database of an instance")),
            other => other.into(),
        })?;
        let version = applied.last().map_or(0, |(version, _)| *version);
        ensure!(
            version == known && applied.iter().all(|(_, success)| *success),
            "{MAIN}: the schema is of version {version}, this program's is {known}: {}",
            if version > known {
                "use the newer program"
            } else {
                "run `guxin migrate`, or start the server, first"
            }
        );
        Ok(())
    }
}

/// SQL that makes the role for `--supervision-database`, for whoever owns the database to run.
pub const SUPERVISION_ROLE: &str = include_str!("supervision_role.sql");

pub(super) enum Kind {
    Sqlite,
    Postgres,
}

pub(super) fn kind(url: &str) -> anyhow::Result<Kind> {
    if url.starts_with("sqlite:") {
        Ok(Kind::Sqlite)
    } else if is_postgres(url) {
        Ok(Kind::Postgres)
    } else {
        bail!("{MAIN}: the URL must begin with sqlite: or postgres://")
    }
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

pub(super) fn sqlite_options(options: &DbOptions) -> anyhow::Result<SqliteConnectOptions> {
    ensure!(
        options.supervision_url.is_none(),
        "{SUPERVISION}: this is for PostgreSQL; with SQLite supervisors read the same file through connections of their own"
    );
    Ok(SqliteConnectOptions::from_str(&options.url)
        .with_context(|| format!("{MAIN}: `{}` is not understood", options.url))?
        .busy_timeout(WAIT)
        .foreign_keys(true)
        .statement_cache_capacity(256)
        .disable_statement_logging())
}

/// Connections that cannot write, whatever the statement says.
fn read_only(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options.read_only(true).pragma("query_only", "on")
}

async fn open_sqlite(options: &DbOptions) -> anyhow::Result<Db> {
    let base = sqlite_options(options)?;
    let unusable = || format!("{MAIN}: {} cannot be opened", base.get_filename().display());
    let writer = base
        .clone()
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        // Indexes over random ids touch pages all over the file: the default 2 MB are read anew all the time.
        .pragma("cache_size", "-32768")
        // Copying the log back into the file costs two syncs, which whoever commits just then waits for: seldom, then.
        .pragma("wal_autocheckpoint", "8192");
    let write =
        SqlitePoolOptions::new().max_connections(1).connect_with(writer).await.with_context(unusable)?;
    SQLITE
        .run(&write)
        .await
        .with_context(|| format!("{MAIN}: the schema could not be brought up to date"))?;
    let reader = read_only(base.clone());
    let pool = |n| SqlitePoolOptions::new().max_connections(n).connect_with(reader.clone());
    Ok(Db {
        write: Writer::Sqlite(Group::new(write)),
        read: Reader(Pool::Sqlite(pool(options.connections).await.with_context(unusable)?)),
        supervision: Reader(Pool::Sqlite(
            pool(options.connections.div_ceil(2)).await.with_context(unusable)?,
        )),
    })
}

async fn sqlite_to_read(options: &DbOptions) -> anyhow::Result<SqlitePool> {
    let base = sqlite_options(options)?;
    let file = base.get_filename().to_owned();
    ensure!(file.is_file(), "{MAIN}: there is no file {}", file.display());
    let reader = read_only(base);
    let pool = |reader| SqlitePoolOptions::new().max_connections(options.connections).connect_with(reader);
    // SQLite wants its two helper files (-wal, -shm) beside the database, even to read. Where it may not lay them, nobody
    // may write the database either, and it can be read as something that does not change.
    match pool(reader.clone()).await {
        Ok(pool) if usable(&pool).await => Ok(pool),
        first => {
            let mut log = file.clone().into_os_string();
            log.push("-wal");
            let left = std::fs::metadata(log).is_ok_and(|log| log.len() > 0);
            let still = if left { None } else { pool(reader.immutable(true)).await.ok() };
            match (still, first.err()) {
                (Some(pool), _) if usable(&pool).await => Ok(pool),
                (_, Some(error)) => {
                    Err(error).with_context(|| format!("{MAIN}: {} cannot be read", file.display()))
                }
                _ => bail!("{MAIN}: {} cannot be read", file.display()),
            }
        }
    }
}

/// A connection is made without touching the file: only a query tells.
async fn usable(pool: &SqlitePool) -> bool {
    sqlx::query("SELECT COUNT(*) FROM sqlite_schema").execute(pool).await.is_ok()
}

async fn open_postgres(options: &DbOptions) -> anyhow::Result<Db> {
    let write = postgres_pool(&options.url, MAIN, options.connections, false).await?;
    POSTGRES
        .run(&write)
        .await
        .with_context(|| format!("{MAIN}: the schema could not be brought up to date"))?;
    let read = postgres_pool(&options.url, MAIN, options.connections, true).await?;
    let supervision = match &options.supervision_url {
        Some(url) => postgres_pool(url, SUPERVISION, options.connections, true).await?,
        None => postgres_pool(&options.url, MAIN, options.connections, true).await?,
    };
    Ok(Db {
        write: Writer::Pg(write),
        read: Reader(Pool::Pg(read)),
        supervision: Reader(Pool::Pg(supervision)),
    })
}

async fn postgres_pool(url: &str, option: &str, most: u32, read_only: bool) -> anyhow::Result<PgPool> {
    ensure!(is_postgres(url), "{option}: the URL must begin with postgres://");
    let mut connect = PgConnectOptions::from_str(url)
        .with_context(|| format!("{option}: the URL is not understood"))?
        .disable_statement_logging();
    if read_only {
        connect = connect.options([("default_transaction_read_only", "on")]);
    }
    // The pool would only say that it waited in vain.
    reach(&connect).await.with_context(|| {
        let (host, port) = (connect.get_host(), connect.get_port());
        let database = connect.get_database().unwrap_or_default();
        format!(
            "{option}: PostgreSQL at {host}:{port} does not let {} into database `{database}`",
            connect.get_username()
        )
    })?;
    PgPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(WAIT)
        .connect_with(connect)
        .await
        .with_context(|| format!("{option}: no connection could be had"))
}

/// One connection, made and closed again. A server that is being started is given a few seconds; one that says no has said
/// it.
async fn reach(options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let give_up = tokio::time::Instant::now() + STARTING;
    loop {
        let attempt = tokio::time::timeout(WAIT, PgConnection::connect_with(options));
        match attempt.await.unwrap_or(Err(sqlx::Error::PoolTimedOut)) {
            Ok(connection) => return connection.close().await,
            Err(error) if is_starting(&error) && tokio::time::Instant::now() < give_up => {
                tokio::time::sleep(AGAIN).await;
            }
            Err(error) => return Err(error),
        }
    }
}

fn is_starting(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
        // cannot_connect_now
        sqlx::Error::Database(error) => error.code().is_some_and(|code| code == "57P03"),
        _ => false,
    }
}
