//! How many events wait for the sequencer, and whether it runs: two cheap answers that every request may ask for.
//!
//! The number is the sequencer's last count, at most a second old, plus the commits and less the batches since, so
//! asking costs no query. It bounds the queue:
//! above the limit new submissions are turned away with a time to come back ([`crate::Cx::pressure`]) instead of
//! being promised what cannot be kept.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use crate::error::{Error, Result};

/// Most events that may wait, unless configured otherwise.
pub const DEFAULT_LIMIT: u64 = 100_000;
/// Seconds after which someone who was turned away may try again.
const RETRY_AFTER: u32 = 5;

/// The events that are committed but not on the ledger yet. Cheap to clone; clones share the number.
#[derive(Clone, Debug)]
pub struct Queue(Arc<State>);

#[derive(Debug)]
struct State {
    waiting: AtomicU64,
    limit: u64,
    stopped: Mutex<Option<String>>,
}

impl Default for Queue {
    fn default() -> Self {
        Self::with_limit(DEFAULT_LIMIT)
    }
}

impl Queue {
    /// A queue that accepts at most so many waiting events.
    #[must_use]
    pub fn with_limit(limit: u64) -> Self {
        Self(Arc::new(State { waiting: AtomicU64::new(0), limit, stopped: Mutex::new(None) }))
    }

    /// The limit.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.0.limit
    }

    /// About how many wait.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.0.waiting.load(Ordering::Relaxed)
    }

    /// Whether one more may be submitted.
    ///
    /// # Errors
    /// [`Error::Busy`] when more than the limit wait.
    pub fn check(&self) -> Result<()> {
        if self.waiting() > self.0.limit { Err(Error::Busy { retry_after: RETRY_AFTER }) } else { Ok(()) }
    }

    /// Why the sequencer of this process stands still, if it does; for `/readyz` and the operator's page.
    #[must_use]
    pub fn stopped(&self) -> Option<String> {
        self.0.stopped.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// After a commit that wrote to the outbox.
    pub(crate) fn one_more(&self) {
        self.0.waiting.fetch_add(1, Ordering::Relaxed);
    }

    /// After a batch.
    pub(crate) fn fewer(&self, by: u64) {
        // Another process's commits were not counted here, so it may seem to be more than all.
        let _ = self
            .0
            .waiting
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |waiting| Some(waiting.saturating_sub(by)));
    }

    /// After a count.
    pub(crate) fn counted(&self, waiting: u64) {
        self.0.waiting.store(waiting, Ordering::Relaxed);
    }

    /// After the sequencer started or stopped.
    pub(crate) fn set_stopped(&self, why: Option<String>) {
        metrics::gauge!("ledger_sequencer_stopped").set(if why.is_some() { 1.0 } else { 0.0 });
        *self.0.stopped.lock().unwrap_or_else(PoisonError::into_inner) = why;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_commits_batches_and_counts() {
        let queue = Queue::with_limit(3);
        (0..4).for_each(|_| queue.one_more());
        assert!(matches!(queue.check(), Err(Error::Busy { .. })));
        queue.fewer(1);
        assert!(queue.check().is_ok(), "the limit itself is allowed");
        queue.fewer(9);
        assert_eq!(queue.waiting(), 0, "others' events are not counted twice");
        queue.counted(7);
        assert_eq!((queue.waiting(), queue.check().is_err()), (7, true));
    }
}
