//! A copy of an instance's database for whoever wants to change it without changing the instance. SQLite writes one while
//! others go on working. PostgreSQL copies a database only while nobody is connected to it: from a server that is stopped,
//! or from a backup that was restored beside it. The statements here are each one engine's and so not in the register.

use std::{path::Path, str::FromStr};

use anyhow::{Context as _, bail, ensure};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, PgConnection, SqliteConnection, postgres::PgConnectOptions,
};

use super::{
    Db, DbOptions,
    open::{self, Kind, MAIN},
};
use crate::chance::Random;

/// A copy, and how to be rid of it.
#[derive(Debug)]
pub struct DbCopy {
    pub db: Db,
    /// On PostgreSQL: whom to ask, and the copy's name. A SQLite copy goes with its folder.
    server: Option<(PgConnectOptions, String)>,
}

impl DbCopy {
    /// Copies the database that these options lead to; `folder` is where a SQLite copy goes.
    ///
    /// # Errors
    /// When it cannot be read or not be copied, and what to do about it.
    pub async fn make(options: &DbOptions, folder: &Path, random: &Random) -> anyhow::Result<Self> {
        let (options, server) = match open::kind(&options.url)? {
            Kind::Sqlite => (sqlite(options, folder).await?, None),
            Kind::Postgres => {
                let name = format!("guxin_drill_{}", hex::encode(random.bytes::<6>()));
                let (options, admin) = postgres(options, &name).await?;
                (options, Some((admin, name)))
            }
        };
        let copy = match Db::open(&options).await {
            Ok(db) => Self { db, server },
            Err(error) => {
                if let Some((admin, name)) = server {
                    drop_database(&admin, &name).await?;
                }
                return Err(error);
            }
        };
        Ok(copy)
    }

    /// Closes the copy and removes it.
    ///
    /// # Errors
    /// When PostgreSQL keeps it: its name is in the message.
    pub async fn remove(self) -> anyhow::Result<()> {
        self.db.close().await;
        match self.server {
            Some((admin, name)) => drop_database(&admin, &name).await,
            None => Ok(()),
        }
    }
}

async fn sqlite(options: &DbOptions, folder: &Path) -> anyhow::Result<DbOptions> {
    // Not query_only as other readers are: VACUUM INTO counts as writing, although it writes another file.
    let connect = open::sqlite_options(options)?.read_only(true);
    let file = connect.get_filename().to_owned();
    let copy = folder.join("guxin.db");
    let target = copy.to_str().context("the temporary folder's name is not text")?;
    let unusable = || format!("{MAIN}: {} cannot be copied to {}", file.display(), folder.display());
    let mut connection = SqliteConnection::connect_with(&connect).await.with_context(unusable)?;
    sqlx::query("VACUUM INTO $1").bind(target).execute(&mut connection).await.with_context(unusable)?;
    connection.close().await?;
    Ok(DbOptions { url: format!("sqlite:{target}"), supervision_url: None, ..options.clone() })
}

async fn postgres(options: &DbOptions, name: &str) -> anyhow::Result<(DbOptions, PgConnectOptions)> {
    let connect = PgConnectOptions::from_str(&options.url)
        .with_context(|| format!("{MAIN}: the URL is not understood"))?
        .disable_statement_logging();
    let source = connect.get_database().unwrap_or_else(|| connect.get_username()).to_owned();
    ensure!(
        source.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c)),
        "{MAIN}: the database's name `{source}` has signs that cannot be copied"
    );
    let admin = connect.database("postgres");
    let mut connection = PgConnection::connect_with(&admin)
        .await
        .with_context(|| format!("{MAIN}: copying `{source}` needs the database `postgres` beside it"))?;
    let sql = format!("CREATE DATABASE {name} TEMPLATE \"{source}\"");
    let made = sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await;
    connection.close().await?;
    if let Err(error) = made {
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .unwrap_or_default()
            .into_owned();
        match code.as_str() {
            // object_in_use
            "55006" => bail!(
                "{MAIN}: PostgreSQL copies a database only while nobody is connected to it: stop the server, or restore a \
                 backup into a database of its own and name that one"
            ),
            // insufficient_privilege
            "42501" => bail!("{MAIN}: copying `{source}` needs a role with CREATEDB that owns it"),
            _ => return Err(error).with_context(|| format!("{MAIN}: `{source}` cannot be copied")),
        }
    }
    // The last part of the path is the database; whatever follows a question mark stays.
    let (url, query) =
        options.url.split_once('?').map_or((options.url.as_str(), None), |(a, b)| (a, Some(b)));
    let scheme = url.find("://").map_or(0, |at| at + 3);
    let base = url[scheme..].find('/').map_or(url, |at| &url[..scheme + at]);
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let url = format!("{base}/{name}{query}");
    Ok((DbOptions { url, supervision_url: None, ..options.clone() }, admin))
}

async fn drop_database(admin: &PgConnectOptions, name: &str) -> anyhow::Result<()> {
    let drop = async {
        let mut connection = PgConnection::connect_with(admin).await?;
        sqlx::query(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")))
            .execute(&mut connection)
            .await?;
        connection.close().await
    };
    drop.await
        .with_context(|| format!("the copy `{name}` is still on the PostgreSQL server: drop it by hand"))
}
