//! Named points at which a test stops the sequencer, as a crash would: in production nothing is listening and each
//! point costs one comparison. Only the sequencer calls [`Faults::at`]; only tests build anything but the default.

use std::{fmt, sync::Arc};

use tokio::sync::Notify;

use crate::error::{Error, Result};

/// Between which two steps of the sequencer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Point {
    /// The head and its staged tiles are read, nothing is done yet.
    Loaded,
    /// Tiles are staged and the head is replaced, but not committed.
    Staged,
    /// The batch is committed: the point of no return.
    Committed,
    /// One tile or bundle is in the object store; reached once per tile.
    TilePut,
    /// All tiles are published and were read back.
    ReadBack,
    /// The signer has remembered and signed.
    Signed,
    /// The release is written but not committed, the checkpoint not yet published.
    Releasing,
    /// The checkpoint is in the object store, the release not yet committed.
    CheckpointPut,
    /// The release is committed; nobody has been told.
    Released,
    /// What was published is durable; the staged copies are still there.
    Settled,
}

impl Point {
    /// All of them, in the order in which a batch passes them.
    pub const ALL: [Self; 10] = [
        Self::Loaded,
        Self::Staged,
        Self::Committed,
        Self::TilePut,
        Self::ReadBack,
        Self::Signed,
        Self::Releasing,
        Self::CheckpointPut,
        Self::Released,
        Self::Settled,
    ];
}

/// What happens at a point.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Nothing.
    Pass,
    /// The step before it reports an error.
    Fail,
    /// Nothing ever again: the test drops the task here, which leaves what a killed process leaves.
    Hang,
    /// Nothing until the bell rings: a process that was slow while others went on.
    Wait(Arc<Notify>),
}

/// The listener. The default lets everything pass.
#[derive(Clone, Default)]
pub struct Faults(Option<Arc<dyn Fn(Point) -> Fault + Send + Sync>>);

impl Faults {
    /// Asks `decide` at every point.
    #[must_use]
    pub fn when(decide: impl Fn(Point) -> Fault + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(decide)))
    }

    /// Passes a point, or not.
    ///
    /// # Errors
    /// [`Error::Internal`] when the listener says [`Fault::Fail`].
    pub async fn at(&self, point: Point) -> Result<()> {
        let Some(decide) = &self.0 else { return Ok(()) };
        match decide(point) {
            Fault::Pass => Ok(()),
            Fault::Fail => Err(Error::internal(anyhow::anyhow!("fault injected at {point:?}"))),
            Fault::Hang => std::future::pending().await,
            Fault::Wait(bell) => {
                bell.notified().await;
                Ok(())
            }
        }
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Faults(listening)" } else { "Faults(none)" })
    }
}
