//! Recomputes an entry's proof in the reader's browser: from the entry's bytes to the root, and the signature over it.

use ledger::{checkpoint::Checkpoint, key::VerifierKey, merkle::leaf_hash, proof::Proof};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::path::{hex, levels};
use crate::ui::{Card, CheckState, CheckStep, CheckSteps, Tag, Tone};

/// Fixed texts of the computation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "crate::words::Texts")]
pub struct Words {
    pub title: String,
    pub local: String,
    pub all_good: String,
    pub not_good: String,
    pub computing: String,
    pub entry: String,
    /// With the number of hashes at `{}`.
    pub path: String,
    pub root: String,
    pub signature: String,
    pub each: String,
    pub left: String,
    pub right: String,
    pub ok: String,
    pub failed: String,
    pub pending: String,
}

crate::words::from_texts!(Words {
    title,
    local,
    all_good,
    not_good,
    computing,
    entry,
    path,
    root,
    signature,
    each,
    left,
    right,
    ok,
    failed,
    pending,
});

/// What came out.
struct Outcome {
    steps: Vec<CheckStep>,
    good: bool,
    levels: Vec<(bool, String)>,
}

fn compute(words: &Words, file: &str, vkey: &str) -> Outcome {
    let step = |title: &str, good: bool, detail: String| {
        let (state, said) =
            if good { (CheckState::Ok, &words.ok) } else { (CheckState::Failed, &words.failed) };
        CheckStep::new(title, state, said.clone()).detail(detail)
    };
    let proof: Proof = match file.parse() {
        Ok(proof) => proof,
        Err(error) => {
            let steps = vec![step(&words.entry, false, format!("{error}"))];
            return Outcome { steps, good: false, levels: Vec::new() };
        }
    };
    let entry = proof.extra.clone().unwrap_or_default();
    let mut steps = vec![step(
        &words.entry,
        true,
        format!("SHA-256(00 ‖ {} B) = {}", entry.len(), hex(leaf_hash(&entry))),
    )];
    let opened = vkey
        .parse::<VerifierKey>()
        .map_err(|error| error.to_string())
        .and_then(|key| Checkpoint::open(&proof.checkpoint, &key, &[]).map_err(|error| error.to_string()));
    // Without the key's word for it there is still a size to walk by: the text's own.
    let stated = proof.checkpoint.split("\n\n").next().map(|text| format!("{text}\n"));
    let checkpoint = match &opened {
        Ok(opened) => Some(opened.checkpoint.clone()),
        Err(_) => stated.and_then(|text| text.parse().ok()),
    };
    let mut shown = Vec::new();
    if let Some(checkpoint) = &checkpoint {
        let walked = levels(&proof, checkpoint.size);
        let top = walked.last().map_or_else(|| leaf_hash(&entry), |level| level.parent);
        shown = walked.iter().map(|level| (level.sibling_left, hex(level.parent))).collect();
        let path = words.path.replace("{}", &walked.len().to_string());
        steps.push(step(&path, proof.verify_inclusion(&entry, checkpoint).is_ok(), hex(top)));
        steps.push(step(&words.root, top == checkpoint.root, hex(checkpoint.root)));
    }
    steps.push(match &opened {
        Ok(opened) => step(&words.signature, true, opened.checkpoint.origin.clone()),
        Err(why) => step(&words.signature, false, why.clone()),
    });
    let good = steps.iter().all(|step| step.state == CheckState::Ok);
    Outcome { steps, good, levels: shown }
}

/// The card beside the picture. It waits until it runs in a browser: a result from the server would prove nothing.
#[island]
pub fn Recompute(
    /// Texts in the reader's language.
    words: Words,
    /// The proof file with the entry in it, as anybody can download it.
    proof: String,
    /// The log's key.
    vkey: String,
) -> impl IntoView {
    let here = RwSignal::new(false);
    Effect::new(move |_| here.set(true));
    let view = move || {
        if !here.get() {
            let waiting = [
                words.entry.clone(),
                words.path.replace("{}", "n"),
                words.root.clone(),
                words.signature.clone(),
            ]
            .map(|title| CheckStep::new(title, CheckState::Pending, words.pending.clone()));
            let label = words.title.clone();
            let computing = words.computing.clone();
            return view! {
                <Card title=words.title.clone() extra=view! { <Tag>{computing}</Tag> }.into_any()>
                    <CheckSteps label=label steps=waiting.to_vec() />
                </Card>
            }
            .into_any();
        }
        let outcome = compute(&words, &proof, &vkey);
        let (tone, word) = if outcome.good {
            (Tone::Ok, words.all_good.clone())
        } else {
            (Tone::Bad, words.not_good.clone())
        };
        let each = outcome
            .levels
            .into_iter()
            .map(|(left, parent)| {
                let side = if left { words.left.clone() } else { words.right.clone() };
                view! { <li>{side} " → " <code>{parent}</code></li> }
            })
            .collect_view();
        let (label, summary) = (words.title.clone(), words.each.clone());
        view! {
            <Card title=words.title.clone() extra=view! { <Tag tone=tone>{word}</Tag> }.into_any() note=words.local.clone()>
                <CheckSteps label=label steps=outcome.steps />
                <details class="small">
                    <summary>{summary}</summary>
                    <ol class="tiny">{each}</ol>
                </details>
            </Card>
        }
        .into_any()
    };
    view! { <div aria-live="polite">{view}</div> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::key::Signer;

    fn file(extra: &str) -> (String, String) {
        let signer = Signer::from_seed("log.example", &[7; 32]).expect("a seed");
        let leaf = leaf_hash(b"{\"v\":1}");
        let note = Checkpoint { origin: "log.example".into(), size: 1, root: leaf }
            .sign(&signer)
            .expect("signed")
            .to_string();
        let proof = Proof { extra: Some(extra.into()), index: 0, hashes: Vec::new(), checkpoint: note };
        (proof.to_string(), signer.verifier_key().to_string())
    }

    #[test]
    fn an_entry_that_was_changed_fails_at_the_root_and_not_at_the_signature() {
        let (good, key) = file("{\"v\":1}");
        assert!(compute(&Words::default(), &good, &key).good);
        let (changed, key) = file("{\"v\":2}");
        let states: Vec<_> =
            compute(&Words::default(), &changed, &key).steps.iter().map(|step| step.state).collect();
        assert_eq!(states, [CheckState::Ok, CheckState::Failed, CheckState::Failed, CheckState::Ok]);
    }

    #[test]
    fn another_key_and_no_proof_at_all_fail() {
        let (good, _) = file("{\"v\":1}");
        let other = Signer::from_seed("log.example", &[8; 32]).expect("a seed").verifier_key().to_string();
        assert!(!compute(&Words::default(), &good, &other).good);
        assert!(!compute(&Words::default(), "", &other).good);
        assert!(!compute(&Words::default(), &good, "").good);
    }
}
