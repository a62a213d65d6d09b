//! The verifier's report: every step, its outcome, and a sentence for people in Chinese and English.
//!
//! Built by [`crate::receipt::verify`]; shown by the browser's verifier, printed by `guxin verify`, and given to machines as JSON. The
//! sentences live here, beside the facts they state, because the offline program and the WASM have no locale files.

use serde::Serialize;
use std::collections::BTreeMap;

/// What was checked, step by step, in a fixed order: format, checkpoint, inclusion, manifest, each attestation, document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// `guxin-report/v1`.
    pub format: &'static str,
    /// Whether no step failed.
    pub verdict: Verdict,
    /// The steps in order.
    pub steps: Vec<Step>,
}

/// The answer in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything that was asked for was checked and is right.
    Valid,
    /// At least one step failed.
    Invalid,
}

/// Which check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepId {
    /// The file can be read.
    Format,
    /// The log signed the checkpoint.
    Checkpoint,
    /// The entry is in the log.
    Inclusion,
    /// The manifest is the one in the entry.
    Manifest,
    /// A firm's statement is signed, anchored, and about documents of the manifest.
    Attestation,
    /// The document at hand is in the manifest.
    Document,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Checked and right.
    Ok,
    /// Checked and wrong, or not checkable though asked for.
    Failed,
    /// Not asked for, or pointless after an earlier failure.
    Skipped,
}

/// One step of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Which check.
    pub id: StepId,
    /// For attestations which one, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<usize>,
    /// How it ended.
    pub outcome: Outcome,
    /// What was found: a stable name such as `document.found`.
    pub code: &'static str,
    /// The facts in the sentences, by name.
    pub params: BTreeMap<&'static str, String>,
    /// One sentence in English.
    pub detail: String,
    /// The same in Chinese.
    pub detail_zh: String,
}

impl Report {
    pub(crate) fn new(steps: Vec<Step>) -> Self {
        let failed = steps.iter().any(|step| step.outcome == Outcome::Failed);
        Self {
            format: "guxin-report/v1",
            verdict: if failed { Verdict::Invalid } else { Verdict::Valid },
            steps,
        }
    }

    /// Whether the verdict is [`Verdict::Valid`].
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.verdict == Verdict::Valid
    }

    /// The first step that failed.
    #[must_use]
    pub fn first_failure(&self) -> Option<&Step> {
        self.steps.iter().find(|step| step.outcome == Outcome::Failed)
    }
}

/// What a step found. Names and ids come from the file under test: whoever shows them escapes them.
#[derive(Clone, Debug)]
pub(crate) enum Finding {
    Receipt,
    TlogProof,
    Unreadable { why: String },
    Pinned { origin: String, size: u64 },
    Chained { origin: String, size: u64 },
    OwnKey { origin: String, size: u64 },
    KeyMissing,
    KeyUnreadable { why: String },
    OtherKey,
    CheckpointRefused { why: String },
    Included { index: u64, kind: String, time: String },
    NotIncluded { why: String },
    ManifestMatches { filing: String, version: u64, documents: usize },
    ManifestDiffers { why: String },
    ManifestMissing,
    ManifestNone,
    Attested { firm: String, slot: String, documents: usize },
    Declined { firm: String, slot: String, documents: usize },
    AttestationRefused { step: &'static str, why: String },
    DocumentFound { slot: String, name: String },
    DocumentInEntry,
    DocumentUnknown,
    DocumentSm3Differs { slot: String, name: String },
    DocumentNotGiven,
    NotReached,
}

impl Finding {
    pub(crate) fn step(self, id: StepId) -> Step {
        let (outcome, code, params) = self.facts();
        let (detail, detail_zh) = self.sentences();
        // One by one: collecting would bring a sort of its own into the browser's module.
        let mut named = BTreeMap::new();
        for (name, value) in params {
            named.insert(name, value);
        }
        Step { id, number: None, outcome, code, params: named, detail, detail_zh }
    }

    fn facts(&self) -> (Outcome, &'static str, Vec<(&'static str, String)>) {
        use Outcome::{Failed, Ok, Skipped};
        match self {
            Self::Receipt => (Ok, "format.receipt", vec![]),
            Self::TlogProof => (Ok, "format.tlog_proof", vec![]),
            Self::Unreadable { why } => (Failed, "format.unreadable", vec![("why", why.clone())]),
            Self::Pinned { origin, size } => {
                (Ok, "checkpoint.pinned_key", vec![("origin", origin.clone()), ("size", size.to_string())])
            }
            Self::Chained { origin, size } => {
                (Ok, "checkpoint.chained_key", vec![("origin", origin.clone()), ("size", size.to_string())])
            }
            Self::OwnKey { origin, size } => {
                (Ok, "checkpoint.own_key", vec![("origin", origin.clone()), ("size", size.to_string())])
            }
            Self::KeyMissing => (Failed, "checkpoint.key_missing", vec![]),
            Self::KeyUnreadable { why } => (Failed, "checkpoint.key_unreadable", vec![("why", why.clone())]),
            Self::OtherKey => (Failed, "checkpoint.other_key", vec![]),
            Self::CheckpointRefused { why } => (Failed, "checkpoint.refused", vec![("why", why.clone())]),
            Self::Included { index, kind, time } => (
                Ok,
                "inclusion.included",
                vec![("index", index.to_string()), ("kind", kind.clone()), ("time", time.clone())],
            ),
            Self::NotIncluded { why } => (Failed, "inclusion.refused", vec![("why", why.clone())]),
            Self::ManifestMatches { filing, version, documents } => (
                Ok,
                "manifest.matches",
                vec![
                    ("filing", filing.clone()),
                    ("version", version.to_string()),
                    ("documents", documents.to_string()),
                ],
            ),
            Self::ManifestDiffers { why } => (Failed, "manifest.differs", vec![("why", why.clone())]),
            Self::ManifestMissing => (Failed, "manifest.missing", vec![]),
            Self::ManifestNone => (Skipped, "manifest.none", vec![]),
            Self::Attested { firm, slot, documents } => (
                Ok,
                "attestation.attested",
                vec![("firm", firm.clone()), ("slot", slot.clone()), ("documents", documents.to_string())],
            ),
            Self::Declined { firm, slot, documents } => (
                Ok,
                "attestation.declined",
                vec![("firm", firm.clone()), ("slot", slot.clone()), ("documents", documents.to_string())],
            ),
            Self::AttestationRefused { step, why } => {
                (Failed, "attestation.refused", vec![("step", (*step).to_owned()), ("why", why.clone())])
            }
            Self::DocumentFound { slot, name } => {
                (Ok, "document.found", vec![("slot", slot.clone()), ("name", name.clone())])
            }
            Self::DocumentInEntry => (Ok, "document.in_entry", vec![]),
            Self::DocumentUnknown => (Failed, "document.unknown", vec![]),
            Self::DocumentSm3Differs { slot, name } => {
                (Failed, "document.sm3_differs", vec![("slot", slot.clone()), ("name", name.clone())])
            }
            Self::DocumentNotGiven => (Skipped, "document.not_given", vec![]),
            Self::NotReached => (Skipped, "not_reached", vec![]),
        }
    }

    /// English and Chinese.
    fn sentences(&self) -> (String, String) {
        let fixed = |en: &str, zh: &str| (en.to_owned(), zh.to_owned());
        match self {
            Self::Receipt => fixed("The file is a well-formed receipt.", "回执格式正确。"),
            Self::TlogProof => fixed("The file is a well-formed proof.", "证明文件格式正确。"),
            Self::Unreadable { why } => (
                format!("The file is not a receipt or proof that can be read: {why}."),
                "文件不是可识别的回执或证明文件。".to_owned(),
            ),
            Self::Pinned { origin, size } => (
                format!("The checkpoint of {origin} at {size} entries is signed by the key that you gave."),
                format!("账本 {origin} 的检查点（共 {size} 条记录）签名有效，公钥由核验人指定。"),
            ),
            Self::Chained { origin, size } => (
                format!(
                    "The checkpoint of {origin} at {size} entries is signed by the key of its time, which changes of the log's key link to the one that you gave."
                ),
                format!(
                    "账本 {origin} 的检查点（共 {size} 条记录）签名有效，由当时的账本密钥签署，经密钥变更记录与核验人指定的公钥相连。"
                ),
            ),
            Self::OwnKey { origin, size } => (
                format!(
                    "The checkpoint of {origin} at {size} entries is signed by the key named in the receipt itself: compare that key with the one the exchange publishes."
                ),
                format!(
                    "账本 {origin} 的检查点（共 {size} 条记录）签名有效；公钥取自回执本身，请与交易场所公布的公钥核对。"
                ),
            ),
            Self::KeyMissing => fixed(
                "No log key was given, so the checkpoint's signature cannot be checked.",
                "未提供账本公钥，无法核验检查点签名。",
            ),
            Self::KeyUnreadable { why } => {
                (format!("The log key cannot be read: {why}."), "账本公钥无法识别。".to_owned())
            }
            Self::OtherKey => fixed(
                "The receipt names another log key than the one you gave.",
                "回执所载账本公钥与核验人指定的公钥不一致。",
            ),
            Self::CheckpointRefused { why } => {
                (format!("The checkpoint is not validly signed: {why}."), "检查点签名核验不通过。".to_owned())
            }
            Self::Included { index, kind, time } => (
                format!("The entry ({kind}, {time}) is in the log at index {index}."),
                format!("该事项（{time}）已登记在账本，记录序号 {index}。"),
            ),
            Self::NotIncluded { why } => (
                format!("The entry is not shown to be in the log: {why}."),
                "未能证明该事项已登记在账本。".to_owned(),
            ),
            Self::ManifestMatches { filing, version, documents } => (
                format!(
                    "The manifest of filing {filing}, version {version}, with {documents} documents is the one in the log."
                ),
                format!("申报 {filing} 第 {version} 版的文件清单（{documents} 份）与账本记录一致。"),
            ),
            Self::ManifestDiffers { why } => (
                format!("The manifest is not the one in the log: {why}."),
                "文件清单与账本记录不一致。".to_owned(),
            ),
            Self::ManifestMissing => {
                fixed("The receipt of a submission has no manifest.", "提交申报的回执缺少文件清单。")
            }
            Self::ManifestNone => fixed("The file has no manifest.", "文件中没有文件清单，未核验此项。"),
            Self::Attested { firm, slot, documents } => (
                format!(
                    "{firm} attested {documents} document(s) in slot {slot}; its signature is valid and in the log."
                ),
                format!("{firm} 已对 {slot} 项下 {documents} 份文件出具鉴证，签名有效，已登记在账本。"),
            ),
            Self::Declined { firm, slot, documents } => (
                format!(
                    "{firm} declined to attest {documents} document(s) in slot {slot}; its signature is valid and in the log."
                ),
                format!("{firm} 已声明不予鉴证 {slot} 项下 {documents} 份文件，签名有效，已登记在账本。"),
            ),
            Self::AttestationRefused { step, why } => (
                format!("The attestation does not hold: {why}."),
                format!("机构鉴证核验不通过（{}）。", step_zh(step)),
            ),
            Self::DocumentFound { slot, name } => (
                format!("The document is “{name}” in slot {slot}: SHA-256 and SM3 agree."),
                format!("该文件即清单中 {slot} 项下的《{name}》，SHA-256 与 SM3 均一致。"),
            ),
            Self::DocumentInEntry => fixed(
                "The document is the one in the entry: SHA-256 and SM3 agree.",
                "该文件与账本记录一致，SHA-256 与 SM3 均相符。",
            ),
            Self::DocumentUnknown => fixed(
                "The document is not in what was filed, or was changed since.",
                "该文件不在申报范围内，或内容已被改动。",
            ),
            Self::DocumentSm3Differs { slot, name } => (
                format!("SHA-256 is that of “{name}” in slot {slot}, but SM3 is not."),
                format!("SHA-256 与 {slot} 项下的《{name}》一致，但 SM3 不一致。"),
            ),
            Self::DocumentNotGiven => fixed("No document was given.", "未提供文件，未核验此项。"),
            Self::NotReached => {
                fixed("Not checked, since an earlier step failed.", "前序步骤未通过，未核验此项。")
            }
        }
    }
}

/// The steps of [`crate::assertion::AssertionError::step`] and of the attestation's own check.
fn step_zh(step: &str) -> &'static str {
    match step {
        "statement" => "声明内容",
        "credential" => "通行密钥",
        "entry" => "账本记录",
        "proof" => "账本证明",
        "documents" => "所签文件",
        "challenge" => "签署内容",
        "client_data" | "type" | "authenticator_data" => "签署数据",
        "origin" | "cross_origin" | "rp_id" => "签署网站",
        "user_presence" | "user_verification" => "签署人验证",
        "backup_flags" => "密钥状态",
        "signature" => "签名",
        _ => "编码",
    }
}
