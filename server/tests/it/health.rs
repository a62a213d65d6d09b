//! `/readyz` says the truth: each part that an instance needs is taken away, and it is that part which is named.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use axum::Router;
use backend::{
    faults::{Fault, Faults, Point},
    queue::Queue,
    sequencer::{self, Options},
};
use tokio_util::sync::CancellationToken;

use crate::{Client, Platform, on_both};

const QUICK: Options = Options {
    batch: 64,
    tick: Duration::from_millis(10),
    quiet: Duration::from_millis(10),
    pause: Duration::from_millis(10),
    alone: true,
};

async fn ready(router: &Router) -> (u16, String) {
    let answer = Client::new(router.clone()).get("/readyz").await;
    assert_eq!(answer.header("cache-control"), "no-store");
    (answer.status.as_u16(), answer.text())
}

/// Asks until the answer is this one.
async fn becomes(router: &Router, status: u16, text: &str) {
    for _ in 0..500 {
        if ready(router).await == (status, text.to_owned()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never {status} {text:?}, but {:?}", ready(router).await);
}

on_both! {
    async fn a_sequencer_that_fails_is_named_until_it_works_again(platform: Platform) {
        // 0: passes, 1: fails, 2: panics.
        let mode = Arc::new(AtomicU8::new(1));
        let faults = {
            let mode = Arc::clone(&mode);
            Faults::when(move |point| match (point, mode.load(Ordering::SeqCst)) {
                (Point::Loaded, 1) => Fault::Fail,
                (Point::Loaded, 2) => panic!("a defect of the sequencer"),
                _ => Fault::Pass,
            })
        };
        let (services, router) = platform.changed(|services| {
            services.faults = faults;
            services.queue = Queue::default();
        });
        let stop = CancellationToken::new();
        let task = tokio::spawn(sequencer::run_with(Arc::clone(&services), QUICK, stop.clone()));
        becomes(&router, 503, "not ready: sequencer\n").await;
        mode.store(0, Ordering::SeqCst);
        becomes(&router, 200, "ready\n").await;
        stop.cancel();
        task.await.expect("it ends");
        assert_eq!(ready(&router).await, (503, "not ready: sequencer\n".to_owned()), "nobody sequences any more");

        mode.store(2, Ordering::SeqCst);
        let (services, router) = platform.changed(|changed| {
            changed.faults = services.faults.clone();
            changed.queue = Queue::default();
        });
        assert_eq!(ready(&router).await, (200, "ready\n".to_owned()));
        let panicked = tokio::spawn(sequencer::run_with(services, QUICK, CancellationToken::new())).await;
        assert!(panicked.is_err_and(|error| error.is_panic()));
        assert_eq!(ready(&router).await, (503, "not ready: sequencer\n".to_owned()));
    }

    async fn a_database_that_is_gone_is_named(platform: Platform) {
        assert_eq!(ready(&platform.router).await, (200, "ready\n".to_owned()));
        platform.services.db.close().await;
        assert_eq!(ready(&platform.router).await, (503, "not ready: database\n".to_owned()));
    }
}

#[tokio::test]
async fn objects_that_cannot_be_read_are_named() {
    let platform = Platform::sqlite().await;
    let checkpoint = platform.folder.path().join("objects/ledger/checkpoint");
    let text = fs::read(&checkpoint).expect("a checkpoint");
    fs::remove_file(&checkpoint).expect("removed");
    assert_eq!(ready(&platform.router).await, (503, "not ready: ledger\n".to_owned()));
    // A symbolic link to itself can be neither read nor said to be missing.
    std::os::unix::fs::symlink(&checkpoint, &checkpoint).expect("a loop");
    assert_eq!(ready(&platform.router).await, (503, "not ready: objects\n".to_owned()));
    platform.services.db.close().await;
    assert_eq!(ready(&platform.router).await, (503, "not ready: database, objects\n".to_owned()));
    fs::remove_file(&checkpoint).expect("removed");
    fs::write(&checkpoint, text).expect("put back");
    assert_eq!(ready(&platform.router).await, (503, "not ready: database\n".to_owned()));
}
