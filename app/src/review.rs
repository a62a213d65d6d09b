//! The exchange's pages: the queue of what waits, and one filing with what this reader may decide about it.

pub mod decide;
mod filing;
mod panel;
mod queue;

pub(crate) use queue::queue_filter;
pub use {
    decide::{Asked, ReviewAsk, ReviewDecide, review_ask, review_decide},
    filing::filing,
    queue::queue,
};
