//! Write transactions on SQLite that wait for each other share a commit: none is acknowledged before it is durable, and
//! one that fails takes nobody with it.

use std::time::Duration;

use backend::{
    Error, Result, args,
    db::{Db, DbOptions, Tx},
    error::Conflict,
};
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// Long enough for a task to get as far as it can.
const MOMENT: Duration = Duration::from_millis(100);

async fn database() -> (TempDir, Db) {
    let folder = TempDir::new().expect("a folder");
    let db = Db::open(&DbOptions::sqlite(&folder.path().join("guxin.db"))).await.expect("a database");
    let mut tx = db.begin().await.expect("a transaction");
    tx.run("CREATE TABLE mark (name TEXT NOT NULL UNIQUE) STRICT", args![]).await.expect("a table");
    tx.commit().await.expect("durable");
    (folder, db)
}

async fn write(tx: &mut Tx, name: &str) -> Result<u64> {
    tx.run("INSERT INTO mark (name) VALUES ($1)", args![name]).await
}

async fn visible(db: &Db) -> Vec<String> {
    let rows: Vec<(String,)> =
        db.read().all("SELECT name FROM mark ORDER BY name", args![]).await.expect("rows");
    rows.into_iter().map(|(name,)| name).collect()
}

/// A transaction that stands in line now.
async fn next(db: &Db) -> JoinHandle<Tx> {
    let db = db.clone();
    let waits = tokio::spawn(async move { db.begin().await.expect("its turn") });
    tokio::time::sleep(MOMENT).await;
    assert!(!waits.is_finished(), "one at a time");
    waits
}

/// `first` is written and wants to be committed, the one that waited has its turn.
async fn two(db: &Db) -> (JoinHandle<Result<()>>, Tx) {
    let mut first = db.begin().await.expect("a transaction");
    write(&mut first, "first").await.expect("written");
    let second = next(db).await;
    let first = tokio::spawn(first.commit());
    (first, second.await.expect("its turn"))
}

async fn is_pending<T>(task: &JoinHandle<T>) -> bool {
    tokio::time::sleep(MOMENT).await;
    !task.is_finished()
}

#[tokio::test]
async fn nobody_is_acknowledged_before_the_common_commit() {
    let (_folder, db) = database().await;
    let (first, mut second) = two(&db).await;
    write(&mut second, "second").await.expect("written");
    assert!(is_pending(&first).await && visible(&db).await.is_empty(), "not durable, not visible");
    second.commit().await.expect("durable");
    first.await.expect("no panic").expect("durable");
    assert_eq!(visible(&db).await, ["first", "second"]);
}

#[tokio::test]
async fn one_that_gives_up_takes_back_only_its_own() {
    let (_folder, db) = database().await;
    let (first, mut second) = two(&db).await;
    write(&mut second, "second").await.expect("written");
    let third = next(&db).await;
    drop(second);
    let mut third = third.await.expect("its turn");
    write(&mut third, "third").await.expect("written");
    third.commit().await.expect("durable");
    first.await.expect("no panic").expect("durable");
    assert_eq!(visible(&db).await, ["first", "third"]);

    // The last of a group as well, and one that is cancelled while it waits.
    let mut fourth = db.begin().await.expect("a transaction");
    write(&mut fourth, "fourth").await.expect("written");
    let (fifth, sixth) = (next(&db).await, next(&db).await);
    sixth.abort();
    let fourth = tokio::spawn(fourth.commit());
    let mut fifth = fifth.await.expect("its turn");
    write(&mut fifth, "fifth").await.expect("written");
    drop(fifth);
    fourth.await.expect("no panic").expect("durable");
    assert_eq!(visible(&db).await, ["first", "fourth", "third"]);
}

#[tokio::test]
async fn a_conflict_with_a_sibling_is_told_when_the_sibling_is_durable() {
    let (_folder, db) = database().await;
    let mut first = db.begin().await.expect("a transaction");
    write(&mut first, "first").await.expect("written");
    let (second, third) = (next(&db).await, next(&db).await);
    let first = tokio::spawn(first.commit());
    let mut second = second.await.expect("its turn");
    let second = tokio::spawn(async move { write(&mut second, "first").await });
    let third = third.await.expect("its turn");
    assert!(is_pending(&second).await && !first.is_finished(), "the sibling is not durable yet");
    third.commit().await.expect("durable");
    let refused = second.await.expect("no panic");
    assert!(matches!(refused, Err(Error::Conflict(Conflict::Taken))), "{refused:?}");
    first.await.expect("no panic").expect("durable");
    assert_eq!(visible(&db).await, ["first"]);
}

#[tokio::test]
async fn when_the_common_transaction_is_lost_everybody_is_told() {
    let (_folder, db) = database().await;
    let (first, mut second) = two(&db).await;
    // What SQLite does by itself when the disk is full.
    second.run("ROLLBACK", args![]).await.expect("rolled back");
    second.commit().await.expect_err("lost");
    first.await.expect("no panic").expect_err("lost");
    assert!(visible(&db).await.is_empty());
    let mut again = db.begin().await.expect("a transaction");
    write(&mut again, "again").await.expect("written");
    again.commit().await.expect("durable");
    assert_eq!(visible(&db).await, ["again"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_with_some_that_fail() {
    let (_folder, db) = database().await;
    let tasks: Vec<_> = (0..300)
        .map(|n| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut tx = db.begin().await?;
                // Every third name is used three times.
                let name = if n % 3 == 0 { n % 100 } else { n };
                write(&mut tx, &format!("{name:03}")).await?;
                if n % 7 == 0 {
                    return Ok(None);
                }
                tx.commit().await.map(|()| Some(name))
            })
        })
        .collect();
    let mut acknowledged = Vec::new();
    for task in tasks {
        match task.await.expect("no panic") {
            Ok(name) => acknowledged.extend(name.map(|name| format!("{name:03}"))),
            Err(error) => assert!(matches!(error, Error::Conflict(Conflict::Taken)), "{error}"),
        }
    }
    acknowledged.sort();
    assert_eq!(visible(&db).await, acknowledged);
}
