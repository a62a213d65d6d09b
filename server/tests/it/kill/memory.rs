//! What the people of the killed-server story remember of the server's answers: everything that was acknowledged, and what
//! was tried without an answer.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::workflow::StageName;
use uuid::Uuid;

/// The steps from draft to listing, each by the person whose it is.
pub(super) const STEPS: [&str; 10] = [
    "engage",
    "take_on",
    "request_attestation",
    "attest",
    "submit",
    "accept",
    "recommend",
    "approve",
    "publicise",
    "list",
];

/// Everything that was acknowledged, and what was tried without an answer.
#[derive(Default)]
pub(super) struct Memory(Mutex<Remembered>);

#[derive(Default)]
pub(super) struct Remembered {
    /// Document, version, SHA-256.
    pub(super) uploads: Vec<(Uuid, i64, String)>,
    /// Per slot: the document that gets ever new versions.
    pub(super) first: BTreeMap<&'static str, Uuid>,
    /// Per field: the last value that was acknowledged with its version.
    pub(super) fields: BTreeMap<&'static str, (String, i64)>,
    /// Per submission key: its filing and, when the answer arrived, the version's number.
    pub(super) submissions: BTreeMap<String, (Uuid, Option<i64>)>,
    /// Receipts as files.
    pub(super) receipts: Vec<Vec<u8>>,
    /// Signed checkpoints as they were served.
    pub(super) checkpoints: Vec<String>,
    /// Per filing that goes the whole way from draft to listing: how far it was acknowledged to have come.
    pub(super) ways: BTreeMap<Uuid, Way>,
}

/// One filing's way from draft to listing.
#[derive(Clone, Debug, Default)]
pub(super) struct Way {
    /// Steps with an answer, by name.
    pub(super) done: BTreeSet<String>,
    /// Steps whose answer was lost: each was carried out once or not at all.
    pub(super) tried: BTreeSet<String>,
    /// The furthest stage that an answer led to.
    pub(super) stage: Option<StageName>,
    /// Engagements that a firm accepted, with the firm's number.
    pub(super) accepted: BTreeSet<(usize, Uuid)>,
    /// Slots whose attestation was acknowledged.
    pub(super) attested: BTreeSet<String>,
    /// The submission's key and version.
    pub(super) submitted: Option<(String, i64)>,
    /// The enterprise code, from the first look after the listing on.
    pub(super) code: Option<String>,
}

impl Remembered {
    pub(super) fn saw(&mut self, checkpoint: String) {
        if self.checkpoints.last() != Some(&checkpoint) {
            self.checkpoints.push(checkpoint);
        }
    }
}

impl Memory {
    pub(super) fn get(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A run that acknowledged nothing shows nothing.
    pub(super) fn assert_worth_it(&self, runs: u32) {
        let memory = self.get();
        let runs = runs as usize;
        eprintln!(
            "acknowledged: {} uploads, {} submissions, {} receipts, {} checkpoints, {} fields",
            memory.uploads.len(),
            memory.submissions.values().filter(|(_, number)| number.is_some()).count(),
            memory.receipts.len(),
            memory.checkpoints.len(),
            memory.fields.len()
        );
        // A busy machine uploads little in the moments that it lives; two were there before the first.
        assert!(
            memory.uploads.len() >= (runs / 5).max(3),
            "too few uploads were acknowledged to show anything"
        );
        assert!(memory.receipts.len() >= runs, "too few receipts were handed out to show anything");
        assert!(!memory.fields.is_empty(), "nothing typed was acknowledged");
        let mut steps: BTreeMap<&str, usize> = BTreeMap::new();
        for step in memory.ways.values().flat_map(|way| way.done.iter().chain(&way.tried)) {
            *steps.entry(step.split(' ').next().unwrap_or_default()).or_default() += 1;
        }
        let lost: usize = memory.ways.values().map(|way| way.tried.len()).sum();
        eprintln!("steps on the way to listing: {steps:?}, of them without an answer: {lost}");
        for step in STEPS {
            assert!(steps.contains_key(step), "nobody came as far as to {step}: {steps:?}");
        }
    }
}
