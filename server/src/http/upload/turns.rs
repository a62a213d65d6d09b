//! How many uploads one person may have under way. The uploader sends every chosen file at once; those beyond the limit wait
//! their turn with nothing of them read, so that one account cannot occupy the disk and every connection. Only when far
//! more wait than anybody chooses is one refused.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::id::UserId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Uploads of one person that may wait.
const WAITING: usize = 60;

/// The lanes of one server, one per person who uploads. Cheap to clone; clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Turns {
    at_once: usize,
    lanes: Arc<Mutex<HashMap<UserId, Lane>>>,
}

#[derive(Debug)]
struct Lane {
    free: Arc<Semaphore>,
    /// Under way or waiting.
    present: usize,
}

/// The right to upload, as long as it lives.
#[derive(Debug)]
pub(crate) struct Turn {
    // Before the place, so that the lane is not gone while it is still used.
    _permit: OwnedSemaphorePermit,
    _place: Place,
}

/// A place in somebody's lane.
#[derive(Debug)]
struct Place {
    user: UserId,
    turns: Turns,
}

impl Turns {
    /// So many at once per person.
    pub(crate) fn new(at_once: usize) -> Self {
        Self { at_once: at_once.max(1), lanes: Arc::default() }
    }

    /// Waits for a turn; none when too many wait already.
    pub(crate) async fn take(&self, user: UserId) -> Option<Turn> {
        let (free, place) = self.enter(user)?;
        // Closed by nobody.
        let permit = free.acquire_owned().await.ok()?;
        Some(Turn { _permit: permit, _place: place })
    }

    fn enter(&self, user: UserId) -> Option<(Arc<Semaphore>, Place)> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = lanes
            .entry(user)
            .or_insert_with(|| Lane { free: Arc::new(Semaphore::new(self.at_once)), present: 0 });
        if lane.present >= self.at_once + WAITING {
            return None;
        }
        lane.present += 1;
        Some((Arc::clone(&lane.free), Place { user, turns: self.clone() }))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut lanes = self.turns.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = lanes.get_mut(&self.user) {
            lane.present -= 1;
            if lane.present == 0 {
                lanes.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Turns, WAITING};
    use domain::id::UserId;
    use futures::{FutureExt, stream::FuturesUnordered};
    use uuid::Uuid;

    #[tokio::test]
    async fn so_many_at_once_some_wait_and_more_are_refused() {
        let (turns, me, other) = (Turns::new(2), UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let first = turns.take(me).await.unwrap();
        let second = turns.take(me).await.unwrap();
        let waiting: FuturesUnordered<_> = (0..WAITING).map(|_| Box::pin(turns.take(me))).collect();
        let mut waiting: Vec<_> = waiting.into_iter().collect();
        assert!(waiting.iter_mut().all(|one| one.now_or_never().is_none()), "they wait");
        assert!(turns.take(me).await.is_none(), "one too many");
        assert!(turns.take(other).await.is_some(), "somebody else's lane is another");

        drop(first);
        let third = waiting.remove(0).await.unwrap();
        assert!(waiting[0].as_mut().now_or_never().is_none());
        // Who gives up waiting leaves no place behind.
        drop(waiting);
        drop((second, third));
        assert!(turns.lanes.lock().unwrap().is_empty());
    }
}
