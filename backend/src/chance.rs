//! The two things that make a run different from the last: the clock and randomness. Both are parameters, so
//! that tests replay and the demonstration data has a plausible past.

use std::sync::{Arc, Mutex};

use rand::{Rng, SeedableRng, rngs::StdRng};
use time::OffsetDateTime;
use uuid::{Builder, Uuid};

/// What time it is.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands until it is moved; for tests and for seeding.
    Manual(Arc<Mutex<OffsetDateTime>>),
}

impl Clock {
    /// A clock standing at a moment.
    #[must_use]
    pub fn standing(at: OffsetDateTime) -> Self {
        Self::Manual(Arc::new(Mutex::new(at)))
    }

    /// Now, UTC, whole microseconds (what the databases keep).
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        let at = match self {
            #[expect(clippy::disallowed_methods, reason = "the one place where the machine's clock is read")]
            Self::System => OffsetDateTime::now_utc(),
            Self::Manual(at) => *at.lock().unwrap_or_else(std::sync::PoisonError::into_inner),
        };
        domain::moment::from_micros(domain::moment::to_micros(at))
    }

    /// Moves a standing clock; the machine's clock does not move.
    pub fn set(&self, to: OffsetDateTime) {
        if let Self::Manual(at) = self {
            *at.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = to;
        }
    }

    /// Moves a standing clock on.
    pub fn advance(&self, by: time::Duration) {
        self.set(self.now() + by);
    }
}

/// Where random bytes come from.
#[derive(Clone, Debug)]
pub enum Random {
    /// The operating system.
    System,
    /// A repeatable stream; for tests and for seeding.
    Seeded(Arc<Mutex<StdRng>>),
}

impl Random {
    /// A repeatable stream.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// Fills an array.
    ///
    /// # Panics
    /// When the operating system has no randomness to give: nothing safe can be done then.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        match self {
            Self::System => getrandom::fill(&mut out).expect("the operating system gives randomness"),
            Self::Seeded(rng) => {
                rng.lock().unwrap_or_else(std::sync::PoisonError::into_inner).fill_bytes(&mut out);
            }
        }
        out
    }

    /// A UUID v7 for a moment.
    #[must_use]
    pub fn id(&self, at: OffsetDateTime) -> Uuid {
        let millis = u64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }
}
