//! A filing as others than the enterprise read it: the exchange's reviewers and the supervisors see the same dossier,
//! each on a page of their own. These are parts of those pages; they ask nothing and decide nothing.

mod content;
mod history;
mod progress;

pub(crate) use {
    content::{attestations, sections, slots, value},
    history::{decisions, items, timeline, versions},
    progress::{clock, leaf, road, stage_tag, text},
};
