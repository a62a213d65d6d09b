//! Who waits for a receipt hears of it here: a bell, and the places of the events that this process released last, so that
//! a thousand who wait do not ask the database a thousand times at every release.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use tokio::sync::{Notify, futures::Notified};

/// Most places kept; whoever comes later asks the database.
const KEPT: usize = 16_384;

/// The events that this process's sequencer released last.
#[derive(Debug, Default)]
pub struct Anchored {
    bell: Notify,
    recent: Mutex<Recent>,
}

#[derive(Debug, Default)]
struct Recent {
    places: HashMap<i64, u64>,
    order: VecDeque<i64>,
}

impl Anchored {
    /// Rings after the next release.
    pub fn notified(&self) -> Notified<'_> {
        self.bell.notified()
    }

    /// The leaf index of an outbox row, if it is among the last ones.
    pub(super) fn place(&self, seq: i64) -> Option<u64> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).places.get(&seq).copied()
    }

    /// Tells everybody. `placed` are outbox rows with their leaf indices, covered by a published checkpoint.
    pub(super) fn released(&self, placed: impl IntoIterator<Item = (i64, u64)>) {
        {
            let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            for (seq, index) in placed {
                recent.places.insert(seq, index);
                recent.order.push_back(seq);
            }
            while recent.order.len() > KEPT {
                if let Some(oldest) = recent.order.pop_front() {
                    recent.places.remove(&oldest);
                }
            }
        }
        self.bell.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_the_last_ones_and_no_more() {
        let anchored = Anchored::default();
        for seq in 0..40_000_u32 {
            anchored.released([(seq.into(), u64::from(seq) + 7)]);
        }
        assert_eq!(anchored.place(39_999), Some(40_006));
        assert_eq!(anchored.place(40_000 - 16_384), Some(40_000 - 16_384 + 7));
        assert_eq!(anchored.place(40_000 - 16_385), None);
        let recent = anchored.recent.lock().expect("nobody panicked");
        assert_eq!((recent.places.len(), recent.order.len()), (KEPT, KEPT));
    }
}
