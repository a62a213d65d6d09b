//! Supervisors' reads cannot write, whatever statement the application sends: on SQLite because of how the file is opened,
//! on PostgreSQL because of the role that signs in.

use backend::{
    Error, args,
    db::{self, Db, DbOptions},
};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::{World, on_both};

/// Statements that change something, each in a way that would succeed for somebody who may.
const WRITES: [&str; 4] = [
    "UPDATE organisation SET name = name RETURNING version",
    "DELETE FROM access_record RETURNING seq",
    "INSERT INTO sanction SELECT * FROM sanction WHERE 1 = 0 RETURNING 1",
    "CREATE TABLE mine (id BIGINT)",
];

on_both! {
    async fn the_supervisors_side_reads_and_does_not_write(world: World) {
        for reader in [world.services.db.supervision(), world.services.db.read()] {
            let (people,): (i64,) = reader.one("SELECT COUNT(*) FROM person", args![]).await.unwrap();
            assert_eq!(people, 0);
            for sql in WRITES {
                let answer = reader.maybe::<(i64,)>(sql, args![]).await;
                assert!(matches!(answer, Err(Error::Internal(_))), "{sql}: {answer:?}");
            }
        }
    }
}

#[tokio::test]
async fn the_role_of_postgresql_may_select_and_nothing_else() {
    let world = World::postgres().await;
    let mut owner = PgConnection::connect(&world.database.url).await.unwrap();
    // Twice: after an upgrade it is run again.
    for _ in 0..2 {
        sqlx::raw_sql(db::SUPERVISION_ROLE).execute(&mut owner).await.unwrap();
    }
    let password = hex::encode(world.services.random.bytes::<8>());
    let set = format!("ALTER ROLE guxin_supervision PASSWORD '{password}'");
    sqlx::raw_sql(AssertSqlSafe(set)).execute(&mut owner).await.unwrap();
    sqlx::raw_sql("CREATE TABLE later (id BIGINT)").execute(&mut owner).await.unwrap();

    let (_, host) = world.database.url.rsplit_once('@').expect("a user in the URL");
    let url = format!("postgres://guxin_supervision:{password}@{host}");
    let opened =
        Db::open(&DbOptions { supervision_url: Some(url.clone()), ..world.database.clone() }).await.unwrap();
    let (who,): (String,) =
        opened.supervision().one("SELECT CAST(current_user AS TEXT)", args![]).await.unwrap();
    assert_eq!(who, "guxin_supervision");
    for sql in WRITES {
        assert!(opened.supervision().maybe::<(i64,)>(sql, args![]).await.is_err(), "{sql}");
    }

    // Not only because the transaction is read-only: the role itself may not.
    let mut role = PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("SET default_transaction_read_only = off").execute(&mut role).await.unwrap();
    let secrets = [
        "SELECT password FROM person",
        "SELECT * FROM session",
        "SELECT * FROM api_token",
        "SELECT * FROM invitation",
    ];
    for sql in WRITES.into_iter().chain(secrets) {
        let error = sqlx::raw_sql(sql).execute(&mut role).await.unwrap_err();
        let code = error.as_database_error().and_then(|error| error.code().map(std::borrow::Cow::into_owned));
        // insufficient_privilege
        assert_eq!(code.as_deref(), Some("42501"), "{sql}: {error}");
    }
    for sql in ["SELECT name, login FROM person", "SELECT * FROM filing", "SELECT * FROM later"] {
        sqlx::raw_sql(sql).execute(&mut role).await.unwrap();
    }
}
