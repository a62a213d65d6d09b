//! The texts of the browser's verifier, and how a report becomes steps on the page. Sentences come from the report
//! itself; titles and verdicts come in from the page, in the reader's language.

use ledger::report::{Outcome, Report, Step, StepId};
use serde::{Deserialize, Serialize};

use crate::ui::{CheckState, CheckStep};

/// Longest sentence shown, in characters: the file under test may be made to fill the page.
const LONGEST: usize = 600;

/// Fixed texts of the verifier.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "crate::words::Texts")]
pub struct Words {
    /// Sentences of the report are wanted in Chinese.
    #[serde(serialize_with = "crate::words::switch")]
    pub chinese: bool,
    pub receipt: String,
    pub receipt_help: String,
    pub document: String,
    pub document_help: String,
    pub optional: String,
    pub vkey: String,
    pub vkey_help: String,
    pub steps: String,
    pub local: String,
    pub waiting: String,
    pub waiting_why: String,
    pub hashing: String,
    pub hashed: String,
    pub unreadable: String,
    pub good: String,
    pub good_document: String,
    pub good_own_key: String,
    pub proves: String,
    pub proves_no_document: String,
    pub proves_own_key: String,
    pub bad: String,
    /// What a failure means, with the failed step's title at `{}`.
    pub bad_why: String,
    pub ok: String,
    pub failed: String,
    pub skipped: String,
    pub format: String,
    pub checkpoint: String,
    pub inclusion: String,
    pub manifest: String,
    /// With the number of the attestation at `{}`.
    pub attestation: String,
    pub match_document: String,
}

crate::words::from_texts!(Words {
    chinese,
    receipt,
    receipt_help,
    document,
    document_help,
    optional,
    vkey,
    vkey_help,
    steps,
    local,
    waiting,
    waiting_why,
    hashing,
    hashed,
    unreadable,
    good,
    good_document,
    good_own_key,
    proves,
    proves_no_document,
    proves_own_key,
    bad,
    bad_why,
    ok,
    failed,
    skipped,
    format,
    checkpoint,
    inclusion,
    manifest,
    attestation,
    match_document,
});

impl Words {
    fn title(&self, step: &Step) -> String {
        match step.id {
            StepId::Format => self.format.clone(),
            StepId::Checkpoint => self.checkpoint.clone(),
            StepId::Inclusion => self.inclusion.clone(),
            StepId::Manifest => self.manifest.clone(),
            StepId::Attestation => self
                .attestation
                .replace("{}", &step.number.map_or_else(String::new, |number| number.to_string())),
            StepId::Document => self.match_document.clone(),
        }
    }

    /// The steps of a report, as the page shows them.
    pub(super) fn steps(&self, report: &Report) -> Vec<CheckStep> {
        report
            .steps
            .iter()
            .map(|step| {
                let (state, said) = match step.outcome {
                    Outcome::Ok => (CheckState::Ok, &self.ok),
                    Outcome::Failed => (CheckState::Failed, &self.failed),
                    Outcome::Skipped => (CheckState::Skipped, &self.skipped),
                };
                let detail = if self.chinese { &step.detail_zh } else { &step.detail };
                CheckStep::new(self.title(step), state, said.clone()).detail(plain(detail))
            })
            .collect()
    }

    /// The verdict in a line, and what it means.
    pub(super) fn verdict(&self, report: &Report) -> (CheckState, String, String) {
        if let Some(step) = report.first_failure() {
            return (CheckState::Failed, self.bad.clone(), self.bad_why.replace("{}", &self.title(step)));
        }
        let has = |code: &str| report.steps.iter().any(|step| step.code == code);
        if has("checkpoint.own_key") {
            return (CheckState::Ok, self.good_own_key.clone(), self.proves_own_key.clone());
        }
        if has("document.found") || has("document.in_entry") {
            return (CheckState::Ok, self.good_document.clone(), self.proves.clone());
        }
        (CheckState::Ok, self.good.clone(), self.proves_no_document.clone())
    }
}

/// A sentence that may quote the file under test: without control and direction characters, and not endless.
pub(super) fn plain(text: &str) -> String {
    let steering = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let mut out: String =
        text.chars().take(LONGEST).map(|c| if steering(c) { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(LONGEST).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_neither_steers_the_text_nor_fills_the_page() {
        assert_eq!(plain("a\u{202e}fdp.exe\n"), "a\u{fffd}fdp.exe\u{fffd}");
        assert_eq!(plain(&"长".repeat(5_000)).chars().count(), LONGEST + 1);
        assert_eq!(plain("审计报告（终稿）.pdf"), "审计报告（终稿）.pdf");
    }

    #[test]
    fn what_is_no_receipt_is_told_as_a_failure_of_the_first_step() {
        let words = Words {
            bad: "未通过".into(),
            bad_why: "「{}」一步".into(),
            format: "格式".into(),
            ..Words::default()
        };
        let report = ledger::receipt::verify(b"\xff\x00 not json", None, None);
        assert_eq!(words.verdict(&report), (CheckState::Failed, "未通过".into(), "「格式」一步".into()));
        assert_eq!(words.steps(&report)[0].state, CheckState::Failed);
        assert!(words.steps(&report)[1..].iter().all(|step| step.state == CheckState::Skipped));
    }
}
