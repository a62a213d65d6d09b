//! The offline check of a receipt or a bare `.tlog-proof`, step by step.
//!
//! Never panics and never stops early without saying so: what cannot be checked after a failure is reported as not reached. Public
//! through [`crate::receipt::verify`].

use crate::{
    Digests, Entry,
    assertion::{self, Assertion, Expected},
    checkpoint::{Checkpoint, parse_decimal},
    cose::CoseKey,
    key::VerifierKey,
    log_keys::{LogKeys, Term, stated_size},
    manifest::Manifest,
    proof::{HEADER, Proof, ProofError},
    receipt::{Attestation, Receipt},
    report::{Finding, Outcome, Report, Step, StepId},
    statement::{Decision, Statement},
};

/// Checks a receipt (`guxin-receipt/v1`) or a tlog-proof with the entry in its `extra` line.
///
/// `document` is the document at hand, if one is to be checked too. `vkey` is the log's verifier key as the caller trusts it; without
/// it a receipt is checked against the key it names itself, which the report says, and a bare proof cannot be checked.
#[must_use]
pub fn verify(file: &[u8], document: Option<&Digests>, vkey: Option<&str>) -> Report {
    verify_with_witnesses(file, document, vkey, &[])
}

/// As [`verify`], and a line of one of `witnesses` on a checkpoint must verify as well. How many are enough is not judged here.
#[must_use]
pub fn verify_with_witnesses(
    file: &[u8],
    document: Option<&Digests>,
    vkey: Option<&str>,
    witnesses: &[VerifierKey],
) -> Report {
    verify_trusting(file, document, &Trust { vkey, keys: None, witnesses })
}

/// What the reader trusts and knows about a log.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trust<'a> {
    /// The log's verifier key; or all that it had, as [`LogKeys::accepted`] writes them, for whoever trusts the source of that list.
    pub vkey: Option<&'a str>,
    /// All keys that the log had. They vouch for nothing by themselves: with `vkey` among them, the others are accepted as well, each
    /// for its own time.
    pub keys: Option<&'a LogKeys>,
    /// Keys of witnesses.
    pub witnesses: &'a [VerifierKey],
}

/// As [`verify_with_witnesses`], for a log that may have changed its key.
#[must_use]
pub fn verify_trusting(file: &[u8], document: Option<&Digests>, trust: &Trust<'_>) -> Report {
    let is_proof = file.starts_with(HEADER.as_bytes());
    let steps = match if is_proof { Case::from_proof(file) } else { Case::from_receipt(file) } {
        Ok(case) => case.check(document, trust),
        Err(why) => {
            let rest = [StepId::Checkpoint, StepId::Inclusion, StepId::Manifest, StepId::Document];
            std::iter::once(Finding::Unreadable { why }.step(StepId::Format))
                .chain(rest.map(|id| Finding::NotReached.step(id)))
                .collect()
        }
    };
    Report::new(steps)
}

/// Keys with spaces between them, each with or without the size after an at sign up to which it is good: [`LogKeys::accepted`].
fn terms(text: &str) -> Result<Vec<Term>, Finding> {
    let mut terms = Vec::new();
    for word in text.split_whitespace() {
        let limited = word.rsplit_once('@').and_then(|(vkey, size)| Some((vkey, parse_decimal(size)?)));
        let (vkey, until) = limited.map_or((word, None), |(vkey, size)| (vkey, Some(size)));
        let key =
            vkey.parse().map_err(|e: crate::key::KeyError| Finding::KeyUnreadable { why: e.to_string() })?;
        terms.push(Term { until, ..Term::always(key) });
    }
    if terms.is_empty() { Err(Finding::KeyUnreadable { why: "it is empty".to_owned() }) } else { Ok(terms) }
}

/// Why a key is the one to check with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// The reader gave it.
    Pinned,
    /// Changes of the log's key lead from the one that the reader gave to this one.
    Chained,
    /// The receipt names it and the reader gave none.
    Named,
}

/// A checkpoint that this key signed in its time.
fn open(note: &str, term: &Term, witnesses: &[VerifierKey]) -> Result<Checkpoint, String> {
    let checkpoint = Checkpoint::open(note, &term.key, witnesses).map_err(|e| e.to_string())?.checkpoint;
    in_time(checkpoint.size, term)?;
    Ok(checkpoint)
}

fn in_time(size: u64, term: &Term) -> Result<(), String> {
    if term.covers(size) {
        return Ok(());
    }
    let until = term.until.map_or_else(String::new, |until| format!(" to {until}"));
    Err(format!(
        "it is of size {size}, but the key signed for the log at sizes from {}{until} only",
        term.from
    ))
}

/// A file taken apart, still unverified.
struct Case {
    receipt: Option<Receipt>,
    entry_bytes: Vec<u8>,
    entry: Entry,
    proof: Proof,
}

impl Case {
    fn from_receipt(file: &[u8]) -> Result<Self, String> {
        let receipt = Receipt::parse(file).map_err(|e| e.to_string())?;
        let entry_bytes = receipt.entry.clone().into_bytes();
        let entry = Entry::parse(&entry_bytes).map_err(|e| e.to_string())?;
        let proof = receipt.proof.parse().map_err(|e: ProofError| e.to_string())?;
        Ok(Self { receipt: Some(receipt), entry_bytes, entry, proof })
    }

    fn from_proof(file: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(file).map_err(|_| "not UTF-8".to_owned())?;
        let proof: Proof = text.parse().map_err(|e: ProofError| e.to_string())?;
        let entry_bytes = proof.extra.clone().ok_or("the proof does not carry its entry")?;
        let entry = Entry::parse(&entry_bytes).map_err(|e| e.to_string())?;
        Ok(Self { receipt: None, entry_bytes, entry, proof })
    }

    fn check(&self, document: Option<&Digests>, trust: &Trust<'_>) -> Vec<Step> {
        let format = if self.receipt.is_some() { Finding::Receipt } else { Finding::TlogProof };
        let mut steps = vec![format.step(StepId::Format)];

        let key = self.log_key(trust);
        let (finding, opened) = match &key {
            Err(finding) => (finding.clone(), None),
            Ok((term, how)) => match open(&self.proof.checkpoint, term, trust.witnesses) {
                Err(why) => (Finding::CheckpointRefused { why }, None),
                Ok(checkpoint) => {
                    let (origin, size) = (checkpoint.origin.clone(), checkpoint.size);
                    let finding = match how {
                        How::Pinned => Finding::Pinned { origin, size },
                        How::Chained => Finding::Chained { origin, size },
                        How::Named => Finding::OwnKey { origin, size },
                    };
                    (finding, Some(checkpoint))
                }
            },
        };
        steps.push(finding.step(StepId::Checkpoint));
        let inclusion = opened.map_or(Finding::NotReached, |checkpoint| self.inclusion(&checkpoint));
        steps.push(inclusion.step(StepId::Inclusion));

        let (finding, manifest) = self.manifest();
        let manifest_step = finding.step(StepId::Manifest);
        let manifest_failed = manifest_step.outcome == Outcome::Failed;
        steps.push(manifest_step);

        let attestations = self.receipt.iter().flat_map(|receipt| &receipt.attestations);
        for (at, attestation) in attestations.enumerate() {
            let finding = match (&key, &manifest) {
                (Ok((term, _)), Some(manifest)) => {
                    check_attestation(attestation, manifest, term, trust.witnesses)
                        .unwrap_or_else(|finding| finding)
                }
                (Ok(_), None) if !manifest_failed => {
                    refused("documents", "there is no manifest with its documents")
                }
                _ => Finding::NotReached,
            };
            steps.push(Step { number: Some(at + 1), ..finding.step(StepId::Attestation) });
        }

        let finding = match document {
            None => Finding::DocumentNotGiven,
            Some(_) if manifest_failed => Finding::NotReached,
            Some(document) => self.document(document, manifest.as_ref()),
        };
        steps.push(finding.step(StepId::Document));
        steps
    }

    /// The key to check with, its time as far as that is known, and why this one.
    fn log_key(&self, trust: &Trust<'_>) -> Result<(Term, How), Finding> {
        let mut given = trust.vkey.map(terms).transpose()?.unwrap_or_default();
        // A chain that no trusted key is part of says nothing.
        let keys = trust.keys.filter(|keys| given.iter().any(|given| keys.term(&given.key).is_some()));
        let term = |key: &VerifierKey| keys.and_then(|keys| keys.term(key)).cloned();
        for given in &mut given {
            *given = term(&given.key).unwrap_or_else(|| given.clone());
        }
        let Some(receipt) = &self.receipt else {
            let size = stated_size(&self.proof.checkpoint).unwrap_or_default();
            // Two keys sign where their times meet; the one that was given is as good, and the older one where both were.
            let own = given.iter().rev().find(|given| given.covers(size)).cloned();
            let other = || Some((term(keys?.at(size))?, How::Chained));
            let own = own.map(|own| (own, How::Pinned));
            return own
                .or_else(other)
                .or_else(|| Some((given.first()?.clone(), How::Pinned)))
                .ok_or(Finding::KeyMissing);
        };
        let named: VerifierKey = receipt
            .log
            .vkey
            .parse()
            .map_err(|e: crate::key::KeyError| Finding::KeyUnreadable { why: e.to_string() })?;
        let own = given.iter().find(|given| given.key == named).cloned();
        let found = match (own, term(&named)) {
            (Some(own), _) => (own, How::Pinned),
            (None, Some(chained)) => (chained, How::Chained),
            (None, None) if trust.vkey.is_none() => (Term::always(named.clone()), How::Named),
            (None, None) => return Err(Finding::OtherKey),
        };
        if named.name() != receipt.log.origin {
            return Err(Finding::CheckpointRefused {
                why: "the receipt's origin is not the name of its key".to_owned(),
            });
        }
        Ok(found)
    }

    fn inclusion(&self, checkpoint: &Checkpoint) -> Finding {
        if self.proof.extra.as_ref().is_some_and(|extra| *extra != self.entry_bytes) {
            return Finding::NotIncluded { why: "the proof carries another entry".to_owned() };
        }
        match self.proof.verify_inclusion(&self.entry_bytes, checkpoint) {
            Ok(()) => Finding::Included {
                index: self.proof.index,
                kind: serde_json::to_value(self.entry.kind)
                    .ok()
                    .and_then(|k| Some(k.as_str()?.to_owned()))
                    .unwrap_or_default(),
                time: self.entry.time.to_string(),
            },
            Err(error) => Finding::NotIncluded { why: error.to_string() },
        }
    }

    fn manifest(&self) -> (Finding, Option<Manifest>) {
        let Some(receipt) = &self.receipt else { return (Finding::ManifestNone, None) };
        let Some(text) = &receipt.manifest else {
            let needed = self.entry.kind == crate::EntryKind::Submission;
            return (if needed { Finding::ManifestMissing } else { Finding::ManifestNone }, None);
        };
        match Manifest::parse(text) {
            Err(error) => (Finding::ManifestDiffers { why: error.to_string() }, None),
            Ok(manifest) if !manifest.is_text_anchored_by(text, &self.entry) => {
                let why = "digests or rule pack are not those of the entry".to_owned();
                (Finding::ManifestDiffers { why }, None)
            }
            Ok(manifest) => {
                let (filing, version, documents) =
                    (manifest.filing.clone(), manifest.version, manifest.documents.len());
                (Finding::ManifestMatches { filing, version, documents }, Some(manifest))
            }
        }
    }

    /// Without a manifest the document may still be the very subject of the entry (a document, a piece of evidence).
    fn document(&self, document: &Digests, manifest: Option<&Manifest>) -> Finding {
        let listed = manifest.map_or(&[][..], |manifest| &manifest.documents);
        let same = |d: &&crate::manifest::Document| d.sha256 == document.sha256;
        if let Some(found) = listed.iter().find(|d| d.digests() == *document) {
            Finding::DocumentFound { slot: found.slot.clone(), name: found.name.clone() }
        } else if let Some(found) = listed.iter().find(same) {
            Finding::DocumentSm3Differs { slot: found.slot.clone(), name: found.name.clone() }
        } else if manifest.is_none() && self.entry.has_digests(document) {
            Finding::DocumentInEntry
        } else {
            Finding::DocumentUnknown
        }
    }
}

fn refused(step: &'static str, why: &(impl ToString + ?Sized)) -> Finding {
    Finding::AttestationRefused { step, why: why.to_string() }
}

/// Checks one attestation by itself: the passkey's signature over the statement, the ledger entry that records both, and that the
/// entry is on the log. Which documents it should be about is for the caller to compare.
///
/// # Errors
/// The step that does not hold.
pub fn verify_attestation(attestation: &Attestation, log: &VerifierKey) -> Result<Statement, Step> {
    let any_time = Term::always(log.clone());
    signed_statement(attestation, &any_time, &[]).map_err(|finding| finding.step(StepId::Attestation))
}

fn check_attestation(
    attestation: &Attestation,
    manifest: &Manifest,
    log: &Term,
    witnesses: &[VerifierKey],
) -> Result<Finding, Finding> {
    let statement = signed_statement(attestation, log, witnesses)?;
    let listed = |signed: &Digests| {
        manifest.documents.iter().any(|d| d.slot == statement.slot && d.digests() == *signed)
    };
    if statement.filing != manifest.filing || !statement.documents.iter().all(listed) {
        return Err(refused("documents", "it is about documents that are not in this slot of the manifest"));
    }
    let (firm, slot, documents) = (statement.firm, statement.slot, statement.documents.len());
    Ok(match statement.decision {
        Decision::Attest => Finding::Attested { firm, slot, documents },
        Decision::Decline => Finding::Declined { firm, slot, documents },
    })
}

/// The statement, once its signature, its entry and the entry's proof hold.
fn signed_statement(
    attestation: &Attestation,
    log: &Term,
    witnesses: &[VerifierKey],
) -> Result<Statement, Finding> {
    let statement = Statement::parse(&attestation.statement).map_err(|e| refused("statement", &e))?;
    let credential = CoseKey::parse(&attestation.public_key).map_err(|e| refused("credential", &e))?;
    let assertion = Assertion {
        authenticator_data: &attestation.authenticator_data,
        client_data_json: &attestation.client_data_json,
        signature: &attestation.signature,
    };
    let challenge = Statement::challenge(&attestation.statement);
    let expected = Expected {
        challenge: &challenge,
        rp_id: &attestation.rp_id,
        origins: &[attestation.origin.as_str()],
    };
    assertion::verify(&credential, &assertion, &expected).map_err(|e| refused(e.step(), &e))?;

    let bytes = attestation.entry.as_bytes();
    let entry = Entry::parse(bytes).map_err(|e| refused("entry", &e))?;
    if !statement.is_text_anchored_by(&attestation.statement, &entry, &credential) {
        return Err(refused("entry", "its ledger entry names another statement, firm or passkey"));
    }
    let proof: Proof = attestation.proof.parse().map_err(|e: ProofError| refused("proof", &e))?;
    if proof.extra.as_deref().is_some_and(|extra| extra != bytes) {
        return Err(refused("proof", "the proof carries another entry"));
    }
    let opened = proof.verify(bytes, &log.key, witnesses).map_err(|e| refused("proof", &e))?;
    in_time(opened.checkpoint.size, log).map_err(|why| refused("proof", &why))?;
    Ok(statement)
}

#[cfg(test)]
mod tests;
