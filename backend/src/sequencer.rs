//! From the outbox to the ledger: one task per process, one working at a time per database.
//!
//! A use case commits its event beside the state; the sequencer gives waiting events their places, publishes the tree
//! and releases a signed checkpoint. Only then is an event *anchored* and a receipt handed out, so there is no promise
//! that could be broken. The steps of a batch, in [`head`]:
//!
//! 1. one transaction gives up to [`Options::batch`] rows their leaf indices, stages the new tiles and replaces the head
//!    by compare-and-swap on (epoch, size, root). Its commit is the **point of no return**;
//! 2. the tiles are published and read back, and the root is recomputed from what was read;
//! 3. the signer remembers (size, root), durably, and signs;
//! 4. one transaction stores the checkpoint and marks the rows anchored; while it holds the head's row the checkpoint is
//!    published, then it commits;
//! 5. when it is quiet, or enough has come together, what was published is synced, and only then the staged tiles are
//!    dropped.
//!
//! **Why publishing need not wait for the disk.** Until step 5 the database has every tile and the checkpoint, durably. A
//! power failure may take published files away; the next term begins by publishing everything staged again. So nothing that
//! a receipt rests on is only in a file that was not synced, and a receipt costs the syncs of its own transaction, of steps
//! 1 and 4 and of the signer's memory.
//!
//! **Why the signature comes after the commit.** Signing first would put the note into the head in step 1, but a process
//! that dies between the two leaves a signature over a batch that never was: after the restart the next batch is another
//! one (more rows wait by then), and the same size would have two roots. Committed first, (size, root) is decided by the
//! database before the key is touched, a restart finds the head larger than what is released, publishes the staged tiles
//! again and signs the *same* checkpoint: Ed25519 is deterministic, so even the note's bytes are the same. It also lets
//! the stored tiles be read back before they are vouched for.
//!
//! **Why the checkpoint is published inside the second transaction.** The head's row is locked, so a sequencer that was
//! slow while another took over cannot put an older checkpoint over a newer one. If the process dies between publishing
//! and committing, the restart publishes the same bytes once more. [`crate::witness`] publishes it again with the
//! witnesses' lines after the log's own, under the same lock and only while it is still the released one.
//!
//! Any error (a failed sync, a lost compare-and-swap, tiles that do not fit) drops everything known in memory; after a
//! pause the state is loaded from the database again. Nothing is retried on top of a state that an error left behind.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

mod anchored;
pub(crate) mod head;

pub use anchored::Anchored;

use crate::{
    args,
    cx::{Cx, Services},
    db::Leadership,
    error::Result,
    ledger_store::leaf,
    sql::statements,
};
use head::Head;

/// How the sequencer works.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Most events per batch.
    pub batch: u32,
    /// How long it waits for the bell before it looks anyway: events of other processes ring no bell here.
    pub tick: Duration,
    /// How long nothing must happen before what was published is made durable; at [`MOST_UNSETTLED`] it is not waited for.
    pub quiet: Duration,
    /// Pause after an error; doubled while errors repeat, up to five seconds.
    pub pause: Duration,
    /// Whether it waits until no other sequencer works on this database. Off only in tests, which show that two at a
    /// time are safe as well.
    pub alone: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            batch: 1024,
            tick: Duration::from_secs(1),
            quiet: Duration::from_millis(50),
            pause: Duration::from_millis(250),
            alone: true,
        }
    }
}

/// Most tiles that are published without being settled: bounds what a restart publishes again, and what is staged.
const MOST_UNSETTLED: usize = 512;

/// Longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How often whoever waits asks the database, too: the sequencer may be in another process and ring no bell here.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// How long the first look at the database is put off: most events are released, and told of, within it.
const AT_FIRST: Duration = Duration::from_millis(15);

/// Sequences until `stop` is cancelled; a batch under way is finished first. Runs as a task of the server; dropping the
/// future at any point is what a crash is, and safe.
pub async fn run(services: Arc<Services>, stop: CancellationToken) {
    run_with(services, Options::default(), stop).await;
}

/// [`run`], with other options.
pub async fn run_with(services: Arc<Services>, options: Options, stop: CancellationToken) {
    let cx = Cx::anonymous(services);
    let _end = End(&cx);
    let mut pause = options.pause;
    while !stop.is_cancelled() {
        let Err(error) = lead(&cx, &options, &stop, &mut || pause = options.pause).await else { return };
        metrics::counter!("ledger_sequencer_errors_total").increment(1);
        tracing::error!(error = %error, pause_ms = pause.as_millis(), "the sequencer stopped and will load its state again");
        cx.queue.set_stopped(Some(error.to_string()));
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Says that nobody sequences in this process any more, however that came about: told to stop, or a panic.
struct End<'c>(&'c Cx);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.queue.set_stopped(Some("its task has ended".to_owned()));
    }
}

/// Sequences everything that waits now, then returns the ledger's size; for seeding, commands and tests. Waits for a
/// sequencer that is at work elsewhere to do it instead.
///
/// # Errors
/// What would stop the sequencer.
pub async fn drain(cx: &Cx, options: &Options) -> Result<u64> {
    loop {
        let leadership = if options.alone { cx.db.lead(cx.signer.folder()).await? } else { None };
        if options.alone && leadership.is_none() {
            if count_waiting(cx).await? == 0 {
                return Ok(cx.ledger.checkpoint().await?.0.size);
            }
            tokio::time::sleep(LOOK_AGAIN).await;
            continue;
        }
        let mut head = Head::load(cx).await?;
        while head.grow(cx, options.batch).await? > 0 {
            if head.unsettled() >= MOST_UNSETTLED {
                head.settle(cx).await?;
            }
        }
        head.settle(cx).await?;
        count_waiting(cx).await?;
        return Ok(head.size());
    }
}

/// Waits until a published checkpoint covers an event, at most so long; answers its leaf index, or none when the time
/// is over first.
///
/// # Errors
/// [`crate::Error::NotFound`] when there is no such outbox row.
pub async fn await_anchored(cx: &Cx, outbox_seq: i64, timeout: Duration) -> Result<Option<u64>> {
    let look = async {
        let mut asked: Option<Instant> = None;
        let mut patience = AT_FIRST;
        loop {
            // Listening before looking: a bell between the two is not missed.
            let mut bell = std::pin::pin!(cx.anchored.notified());
            bell.as_mut().enable();
            if let Some(index) = cx.anchored.place(outbox_seq) {
                return Ok(Some(index));
            }
            if asked.is_some_and(|asked| asked.elapsed() >= patience) {
                patience = LOOK_AGAIN;
                if let Some(index) = leaf::of_seq(cx, outbox_seq).await?.anchored() {
                    return Ok(Some(index));
                }
                asked = None;
            }
            asked.get_or_insert_with(Instant::now);
            let _ = tokio::time::timeout(patience, bell).await;
        }
    };
    tokio::time::timeout(timeout, look).await.unwrap_or(Ok(None))
}

/// One term of leadership: ends well when `stop` is cancelled, badly on the first error. `well` is called after every
/// step that succeeded.
async fn lead(cx: &Cx, options: &Options, stop: &CancellationToken, well: &mut impl FnMut()) -> Result<()> {
    let mut leadership = match wait_for_leadership(cx, options, stop).await? {
        Turn::Over => return Ok(()),
        Turn::Ours(leadership) => leadership,
    };
    let mut head = Head::load(cx).await?;
    cx.queue.set_stopped(None);
    let mut counted = Instant::now();
    while !stop.is_cancelled() {
        let placed = head.grow(cx, options.batch).await?;
        if placed > 0 {
            well();
            cx.queue.fewer(placed);
        }
        if placed == 0 || counted.elapsed() >= options.tick {
            count_waiting(cx).await?;
            counted = Instant::now();
        }
        if head.unsettled() >= MOST_UNSETTLED {
            head.settle(cx).await?;
        }
        if placed > 0 {
            continue;
        }
        let wait = if head.unsettled() > 0 { options.quiet.min(options.tick) } else { options.tick };
        tokio::select! {
            () = stop.cancelled() => {}
            () = cx.outbox_bell.notified() => {}
            () = tokio::time::sleep(wait) => {
                head.settle(cx).await?;
                if let Some(held) = &mut leadership {
                    held.check().await?;
                }
            }
        }
    }
    head.settle(cx).await
}

enum Turn {
    /// With the lock, unless the options do without.
    Ours(Option<Leadership>),
    Over,
}

async fn wait_for_leadership(cx: &Cx, options: &Options, stop: &CancellationToken) -> Result<Turn> {
    if !options.alone {
        return Ok(Turn::Ours(None));
    }
    loop {
        if let Some(leadership) = cx.db.lead(cx.signer.folder()).await? {
            return Ok(Turn::Ours(Some(leadership)));
        }
        // Another process works; this one still turns submissions away when too many wait.
        cx.queue.set_stopped(None);
        count_waiting(cx).await?;
        tokio::select! {
            () = stop.cancelled() => return Ok(Turn::Over),
            () = tokio::time::sleep(options.tick) => {}
        }
    }
}

/// Counts what waits, up to just above the limit, and tells the queue.
async fn count_waiting(cx: &Cx) -> Result<u64> {
    let most = i64::try_from(cx.queue.limit()).unwrap_or(i64::MAX).saturating_add(1);
    let (waiting,): (i64,) = cx.db.read().one(WAITING, args![most]).await?;
    let waiting = u64::try_from(waiting).unwrap_or_default();
    cx.queue.counted(waiting);
    #[expect(clippy::cast_precision_loss, reason = "a gauge")]
    metrics::gauge!("ledger_waiting").set(waiting as f64);
    Ok(waiting)
}

statements! {
    WAITING = "SELECT COUNT(*) FROM (SELECT seq FROM outbox WHERE leaf_index IS NULL LIMIT $1) AS waiting";
}
