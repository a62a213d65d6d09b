//! Counts the queries of one use case or of one whole process, so that a test can hold every page to a fixed number and
//! an N+1 shows at once. Costs one thread-local lookup and one addition per query.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

static ALL: AtomicU32 = AtomicU32::new(0);

/// Every query of this process so far: for pages, whose parts are loaded by tasks of their own. Only a difference means
/// something, and only while nobody else asks.
#[must_use]
pub fn all() -> u32 {
    ALL.load(Ordering::Relaxed)
}

tokio::task_local! {
    static COUNT: Arc<AtomicU32>;
}

/// Runs a future and tells how many queries it sent.
pub async fn queries<T>(work: impl Future<Output = T>) -> (T, u32) {
    let count = Arc::new(AtomicU32::new(0));
    let out = COUNT.scope(Arc::clone(&count), work).await;
    (out, count.load(Ordering::Relaxed))
}

/// Called by every query.
pub(super) fn one_more() {
    ALL.fetch_add(1, Ordering::Relaxed);
    let _ = COUNT.try_with(|count| count.fetch_add(1, Ordering::Relaxed));
}
