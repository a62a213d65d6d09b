//! The body of an upload on its way in, measured. Three things that a slot's size limit does not bound:
//!
//! * **how slow** it comes: below a floor, averaged over a window, it is given up, so that nobody holds connections with a
//!   byte a minute. Only time spent waiting for the sender counts, not our own hashing and writing, and not the first while;
//! * **what a form carries beside its files**: other fields, headers, what stands before the first boundary;
//! * **how far a form's parser reads ahead**: it would take all that has arrived into memory; here it gets one piece at a
//!   time.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures::Stream;
use tokio::time::{Instant, Sleep};

/// Bytes of a form that belong to no file.
const BESIDE_FILES: u64 = 1 << 20;

/// How slow an upload may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Bytes a second; 0 for none.
    pub floor: u64,
    /// Time of waiting before it is judged for the first time.
    pub grace: Duration,
    /// Time of waiting over which it is averaged.
    pub window: Duration,
}

/// Why a body broke off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Broken {
    /// The connection is gone.
    Off,
    TooSlow,
    /// More than [`BESIDE_FILES`].
    TooMuchBeside,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Off => "the body broke off",
            Self::TooSlow => "the body came too slowly",
            Self::TooMuchBeside => "the form carries too much beside its files",
        })
    }
}

impl std::error::Error for Broken {}

/// What is known about a body while others read it. Cheap to clone; clones share it.
#[derive(Clone, Debug, Default)]
pub(in crate::http) struct Meter(Arc<Seen>);

#[derive(Debug, Default)]
struct Seen {
    broken: Mutex<Option<Broken>>,
    /// Bytes that were recognised as a file's.
    of_files: AtomicU64,
}

impl Meter {
    /// The same body, measured. `form` is one whose files stand among other fields.
    pub(in crate::http) fn measure(&self, body: Body, pace: Pace, form: bool) -> Body {
        Body::from_stream(Measured {
            body: body.into_data_stream(),
            meter: self.clone(),
            waiting: Waiting::new(pace),
            alarm: Box::pin(tokio::time::sleep(Duration::ZERO)),
            beside: form.then_some(BESIDE_FILES),
            taken: 0,
            gave: false,
        })
    }

    /// So many bytes were a file's.
    pub(in crate::http) fn of_file(&self, bytes: usize) {
        self.0.of_files.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Why the body broke off, if it did: what its reader reports has lost the reason.
    pub(in crate::http) fn broken(&self) -> Option<Broken> {
        *self.0.broken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Measured {
    body: BodyDataStream,
    meter: Meter,
    waiting: Waiting,
    alarm: Pin<Box<Sleep>>,
    beside: Option<u64>,
    taken: u64,
    /// The last poll gave a piece: whoever reads ahead is sent away once, to use it first.
    gave: bool,
}

impl Measured {
    fn fail(&self, why: Broken) -> Poll<Option<Result<Bytes, Broken>>> {
        *self.meter.0.broken.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
        Poll::Ready(Some(Err(why)))
    }
}

impl Stream for Measured {
    type Item = Result<Bytes, Broken>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if std::mem::take(&mut this.gave) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let of_files = this.meter.0.of_files.load(Ordering::Relaxed);
        if this.beside.is_some_and(|most| this.taken.saturating_sub(of_files) > most) {
            return this.fail(Broken::TooMuchBeside);
        }
        match Pin::new(&mut this.body).poll_next(cx) {
            Poll::Ready(Some(Ok(piece))) => {
                if !this.waiting.ends(Instant::now(), piece.len() as u64) {
                    return this.fail(Broken::TooSlow);
                }
                this.taken += piece.len() as u64;
                this.gave = true;
                Poll::Ready(Some(Ok(piece)))
            }
            Poll::Ready(Some(Err(_))) => this.fail(Broken::Off),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                // Without a floor there is nothing to wake up for.
                if this.waiting.pace.floor == 0 {
                    return Poll::Pending;
                }
                let Some(look) = this.waiting.goes_on(Instant::now()) else {
                    return this.fail(Broken::TooSlow);
                };
                this.alarm.as_mut().reset(look);
                // Leaves the waker; an alarm that rings already is heard at the next poll.
                if this.alarm.as_mut().poll(cx).is_ready() {
                    cx.waker().wake_by_ref();
                }
                Poll::Pending
            }
        }
    }
}

/// Counts the time spent waiting for the sender and judges what came in it. Told the time, so that it can be tested.
struct Waiting {
    pace: Pace,
    /// Waiting until the next judgement; the first is not one.
    until: Duration,
    judges: bool,
    waited: Duration,
    bytes: u64,
    /// Since when it waits, while it does.
    since: Option<Instant>,
}

impl Waiting {
    fn new(pace: Pace) -> Self {
        Self { pace, until: pace.grace, judges: false, waited: Duration::ZERO, bytes: 0, since: None }
    }

    /// A piece came. Answers whether it came fast enough.
    fn ends(&mut self, now: Instant, bytes: u64) -> bool {
        self.bytes += bytes;
        if let Some(since) = self.since.take() {
            self.waited += now.saturating_duration_since(since);
        }
        self.judge()
    }

    /// Nothing is there. Answers when to look again, or that it comes too slowly.
    fn goes_on(&mut self, now: Instant) -> Option<Instant> {
        let since = *self.since.get_or_insert(now);
        let due = since + self.until.saturating_sub(self.waited);
        if now < due {
            return Some(due);
        }
        self.waited += now.saturating_duration_since(since);
        self.since = Some(now);
        self.judge().then(|| now + self.until)
    }

    fn judge(&mut self) -> bool {
        if self.pace.floor == 0 || self.waited < self.until {
            return true;
        }
        let wanted = u128::from(self.pace.floor) * self.waited.as_millis() / 1000;
        let fast = !self.judges || u128::from(self.bytes) >= wanted;
        (self.waited, self.bytes, self.until, self.judges) = (Duration::ZERO, 0, self.pace.window, true);
        fast
    }
}

#[cfg(test)]
mod tests {
    use super::{Broken, Meter, Pace, Waiting};
    use axum::body::Body;
    use bytes::Bytes;
    use futures::{StreamExt, stream};
    use std::{convert::Infallible, time::Duration};
    use tokio::time::Instant;

    const PACE: Pace = Pace { floor: 1_000, grace: Duration::from_secs(10), window: Duration::from_secs(10) };

    /// Somebody sends a piece of this size every so many seconds: after how many seconds it is given up.
    fn given_up(pace: Pace, bytes: u64, every: u64, pieces: u32) -> Option<u64> {
        let mut waiting = Waiting::new(pace);
        let begin = Instant::now();
        let mut now = begin;
        for _ in 0..pieces {
            let comes = now + Duration::from_secs(every);
            loop {
                let Some(look) = waiting.goes_on(now) else { return Some((now - begin).as_secs()) };
                if look >= comes {
                    break;
                }
                now = look;
            }
            now = comes;
            if !waiting.ends(now, bytes) {
                return Some((now - begin).as_secs());
            }
        }
        None
    }

    #[test]
    fn below_the_floor_it_is_given_up_after_grace_and_window() {
        assert_eq!(given_up(PACE, 900, 1, 100), Some(20));
        assert_eq!(given_up(PACE, 1_000, 1, 100), None, "the floor itself");
        assert_eq!(given_up(PACE, 0, 3_600, 1), Some(20), "silence");
        assert_eq!(given_up(PACE, 12_000, 9, 50), None, "a pause is made up for by what comes after it");
        assert_eq!(given_up(PACE, 1_000_000, 25, 50), Some(20), "but not one that is longer than the window");
        assert_eq!(given_up(Pace { floor: 0, ..PACE }, 1, 60, 100), None, "without a floor");
    }

    #[test]
    fn our_own_slowness_is_not_the_senders() {
        let (mut waiting, begin) = (Waiting::new(PACE), Instant::now());
        for minute in 0..60 {
            assert!(waiting.ends(begin + Duration::from_secs(60 * minute), 1), "nobody waited");
        }
    }

    /// Bytes that came through, and why it broke off.
    async fn read(body: Body, form: bool) -> (usize, Option<Broken>) {
        let meter = Meter::default();
        let mut pieces = meter.measure(body, PACE, form).into_data_stream();
        let mut read = 0;
        while let Some(Ok(piece)) = pieces.next().await {
            read += piece.len();
        }
        (read, meter.broken())
    }

    #[tokio::test]
    async fn silence_is_given_up_by_itself() {
        let pace = Pace { floor: 1_000, grace: Duration::from_millis(20), window: Duration::from_millis(20) };
        let silent = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
        let meter = Meter::default();
        let mut pieces = meter.measure(silent, pace, false).into_data_stream();
        let waited = tokio::time::timeout(Duration::from_secs(20), pieces.next()).await;
        assert!(waited.is_ok_and(|piece| piece.is_some_and(|piece| piece.is_err())));
        assert_eq!(meter.broken(), Some(Broken::TooSlow));
    }

    #[tokio::test]
    async fn what_is_no_files_is_bounded_and_files_are_not() {
        let pieces = || {
            Body::from_stream(stream::iter(
                (0..64).map(|_| Ok::<_, Infallible>(Bytes::from(vec![b'x'; 64 << 10]))),
            ))
        };
        assert_eq!(read(pieces(), true).await, ((1 << 20) + (64 << 10), Some(Broken::TooMuchBeside)));
        let meter = Meter::default();
        let mut body = meter.measure(pieces(), PACE, true).into_data_stream();
        while let Some(piece) = body.next().await {
            meter.of_file(piece.unwrap().len());
        }
        assert_eq!(meter.broken(), None);
    }

    #[tokio::test]
    async fn a_lost_connection_is_said() {
        let body =
            Body::from_stream(stream::iter([Ok(Bytes::from("half")), Err(std::io::Error::other("gone"))]));
        assert_eq!(read(body, false).await, (4, Some(Broken::Off)));
    }
}
