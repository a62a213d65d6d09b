//! Holding a bundle's files against each other and against the receipt, file by file.

use super::{
    ATTESTATION, CHECKPOINT, DOCUMENTS, ENTRY, INDEX, Index, Kind, MANIFEST, PROOF, RECEIPT, SUMS, VKEY,
    attestation_path, document_paths, number, sums,
};
use crate::{
    Digests, Entry, canonical,
    key::VerifierKey,
    manifest::Manifest,
    merkle::leaf_hash,
    proof::Proof,
    receipt::{self, Attestation, Receipt, Trust},
    report::{Outcome, StepId},
    statement::Statement,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// A file as it lies in the bundle at hand.
#[derive(Clone, Debug)]
pub struct Content {
    /// Length in bytes.
    pub size: u64,
    /// Digests of the bytes that are there.
    pub digests: Digests,
    /// The bytes themselves; documents need not be held in memory.
    pub bytes: Option<Vec<u8>>,
}

impl Content {
    /// A file held in memory.
    #[must_use]
    pub fn of(bytes: Vec<u8>) -> Self {
        Self { size: bytes.len() as u64, digests: Digests::of(&bytes), bytes: Some(bytes) }
    }
}

/// What became of one part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// The file's name in the bundle.
    pub part: String,
    /// How the check ended.
    pub outcome: Outcome,
    /// What was found.
    pub detail: String,
}

/// Checks a bundle against what the caller trusts; without a key the one that the bundle names itself is used, which the result says. Every file that is wrong is named; nothing stops at the first.
#[must_use]
pub fn verify(files: &BTreeMap<String, Content>, trust: &Trust<'_>) -> Vec<Part> {
    let mut check = Check { files, parts: Vec::new() };
    let index = match check.bytes(INDEX).map(Index::parse) {
        Some(Ok(index)) => index,
        Some(Err(error)) => {
            check.failed(INDEX, error.to_string());
            return check.parts;
        }
        None => {
            check.failed(INDEX, "is missing: this is no evidence bundle");
            return check.parts;
        }
    };
    check.listed(&index);
    check.summed();
    check.proven(&index, trust);
    check.parts
}

struct Check<'f> {
    files: &'f BTreeMap<String, Content>,
    parts: Vec<Part>,
}

impl<'f> Check<'f> {
    fn bytes(&self, path: &str) -> Option<&'f [u8]> {
        self.files.get(path)?.bytes.as_deref()
    }

    fn say(&mut self, part: &str, outcome: Outcome, detail: impl Into<String>) {
        self.parts.push(Part { part: part.to_owned(), outcome, detail: detail.into() });
    }

    fn ok(&mut self, part: &str, detail: impl Into<String>) {
        self.say(part, Outcome::Ok, detail);
    }

    fn failed(&mut self, part: &str, detail: impl Into<String>) {
        self.say(part, Outcome::Failed, detail);
    }

    /// Every file is the one that the index lists, and no other is there.
    fn listed(&mut self, index: &Index) {
        let before = self.parts.len();
        for file in &index.files {
            match self.files.get(&file.path) {
                None => self.failed(&file.path, "is missing"),
                Some(found) if found.digests != (Digests { sha256: file.sha256, sm3: file.sm3 }) => {
                    self.failed(&file.path, "is not the file that bundle.json lists");
                }
                Some(found) if found.size != file.size => self.failed(&file.path, "has another length"),
                Some(_) => {}
            }
        }
        for path in self.files.keys().filter(|path| *path != INDEX && *path != SUMS) {
            if index.files.binary_search_by(|file| file.path.as_str().cmp(path)).is_err() {
                self.failed(path, "is not listed in bundle.json");
            }
        }
        if self.parts.len() == before {
            self.ok(INDEX, format!("{} files, each with its size, SHA-256 and SM3", index.files.len()));
        }
    }

    fn summed(&mut self) {
        let others = self.files.iter().filter(|(path, _)| *path != SUMS);
        let expected = sums(others.map(|(path, content)| (path.as_str(), content.digests.sha256)));
        match self.bytes(SUMS) {
            Some(found) if found == expected.as_bytes() => self.ok(SUMS, "agrees with the files"),
            Some(_) => self.failed(SUMS, "does not agree with the files"),
            None => self.failed(SUMS, "is missing"),
        }
    }

    /// The receipt holds, and what is not the receipt is what the receipt says.
    fn proven(&mut self, index: &Index, trust: &Trust<'_>) {
        let Some(bytes) = self.bytes(RECEIPT) else {
            self.failed(RECEIPT, "is missing");
            return;
        };
        for step in receipt::verify_trusting(bytes, None, trust).steps {
            // Documents are compared one by one below.
            if step.id != StepId::Document {
                self.say(RECEIPT, step.outcome, format!("{}: {}", step.code, step.detail));
            }
        }
        let Ok(receipt) = Receipt::parse(bytes) else { return };
        let Ok(proof) = receipt.proof.parse::<Proof>() else { return };
        let Ok(entry) = Entry::parse(receipt.entry.as_bytes()) else { return };
        self.copy(ENTRY, &receipt.entry);
        self.copy(PROOF, &receipt.proof);
        self.copy(CHECKPOINT, &proof.checkpoint);
        self.copy(VKEY, &format!("{}\n", receipt.log.vkey));
        let expected = number(index.kind, proof.index, leaf_hash(receipt.entry.as_bytes()));
        if index.number == expected {
            self.ok(INDEX, format!("{expected} is the number of this leaf"));
        } else {
            self.failed(INDEX, format!("the number is {expected}, not {}", index.number));
        }
        match index.kind {
            Kind::Version => self.version(&receipt),
            Kind::Document => self.documents(|_, digests| entry.has_digests(digests), 1),
            Kind::Attestation => self.attestation(&receipt),
        }
    }

    fn copy(&mut self, path: &str, expected: &str) {
        match self.bytes(path) {
            Some(found) if found == expected.as_bytes() => self.ok(path, "is the receipt's own"),
            Some(_) => self.failed(path, "is not what the receipt has"),
            None => self.failed(path, "is missing"),
        }
    }

    fn version(&mut self, receipt: &Receipt) {
        let Some(text) = &receipt.manifest else { return };
        self.copy(MANIFEST, text);
        let Ok(manifest) = Manifest::parse(text) else { return };
        for (at, attestation) in receipt.attestations.iter().enumerate() {
            let slot = Statement::parse(&attestation.statement).map(|s| s.slot).unwrap_or_default();
            if let Ok(text) = canonical::to_string(attestation) {
                self.copy(&attestation_path(at, &slot), &text);
            }
        }
        let places = document_paths(&manifest);
        let expected: BTreeMap<&str, Digests> =
            places.iter().map(|(path, document)| (path.as_str(), document.digests())).collect();
        self.documents(|path, digests| expected.get(path) == Some(digests), expected.len());
    }

    fn attestation(&mut self, receipt: &Receipt) {
        let Some(bytes) = self.bytes(ATTESTATION) else {
            self.failed(ATTESTATION, "is missing");
            return;
        };
        let attestation = match canonical::from_slice::<Attestation>(bytes) {
            Ok(attestation) if attestation.entry == receipt.entry => attestation,
            Ok(_) => return self.failed(ATTESTATION, "is recorded by another entry than the receipt's"),
            Err(error) => return self.failed(ATTESTATION, error.to_string()),
        };
        let Ok(log) = receipt.log.vkey.parse::<VerifierKey>() else { return };
        match receipt::verify_attestation(&attestation, &log) {
            Err(step) => self.failed(ATTESTATION, format!("{}: {}", step.code, step.detail)),
            Ok(statement) => {
                self.ok(ATTESTATION, "the passkey's signature, its entry and the entry's proof hold");
                let most = statement.documents.len();
                // A reader who may not have a document gets the bundle without it: fewer are no failure.
                let here = self.files.keys().filter(|path| path.starts_with(DOCUMENTS)).count().min(most);
                self.documents(|_, digests| statement.documents.contains(digests), here);
                if here < most {
                    let left = format!("{here} of the {most} documents that were signed are in this bundle");
                    self.say(DOCUMENTS, Outcome::Skipped, left);
                }
            }
        }
    }

    /// Each document is one that the ledger knows, and there are as many as there should be.
    fn documents(&mut self, known: impl Fn(&str, &Digests) -> bool, count: usize) {
        let mut good = 0;
        for (path, content) in self.files.iter().filter(|(path, _)| path.starts_with(DOCUMENTS)) {
            if known(path, &content.digests) {
                good += 1;
            } else {
                self.failed(path, "is not a document that the ledger entry covers");
            }
        }
        if good == count {
            self.ok(DOCUMENTS, format!("{good} documents have the digests that were recorded"));
        } else {
            self.failed(DOCUMENTS, format!("{good} of {count} documents are there"));
        }
    }
}
