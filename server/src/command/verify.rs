//! `guxin verify FILE [--document FILE] [--vkey VKEY] [--keys FILE] [--policy FILE]`: checks a receipt, a `.tlog-proof` or an evidence
//! bundle with no database, no network and no configuration. Exit status 0: every step holds; 1: one does not, and which; 2: a
//! file could not be read.

use std::{
    fmt::Write as _,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use ledger::{
    Digester, Digests,
    key::VerifierKey,
    log_keys::LogKeys,
    policy::{Judged, Policy},
    proof::{Proof, ProofError},
    receipt::{Receipt, Trust},
    report::{Outcome, Report},
};
use serde::Serialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Format, print};

mod bundle;

/// What to verify, and against what.
#[derive(Args, Debug)]
pub(crate) struct Verify {
    /// Receipt (.json), proof (.tlog-proof) or evidence bundle (.zip).
    #[arg(value_name = "RECEIPT")]
    receipt: PathBuf,
    /// A document that the receipt should cover.
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
    /// The log's verifier key as text, or a file that holds it. Without it the key named in the receipt is used,
    /// which shows that the receipt is consistent but not whose it is.
    #[arg(long, value_name = "VKEY")]
    vkey: Option<String>,
    /// The list of all keys that the log had, as it serves it under /ledger/keys. With --vkey among them, what another key of
    /// the list signed in its time holds as well; by itself the list vouches for nothing.
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// A policy (C2SP tlog-policy): which logs are accepted and whose cosignatures a checkpoint must carry to be final.
    /// The log's own is served under /ledger/policy; take yours from somebody you trust.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Print the report as one JSON object.
    #[arg(long)]
    json: bool,
}

/// What the policy says about the checkpoint in the file.
#[derive(Debug, Serialize)]
struct Vouched {
    /// Whether the quorum holds.
    is_final: bool,
    /// Witnesses that cosigned, with POSIX seconds.
    present: Vec<(String, u64)>,
    /// Witnesses of the policy that did not.
    missing: Vec<String>,
    /// Why the checkpoint could not be judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// A receipt is at most a few megabytes; more is no receipt.
const MAX_RECEIPT_BYTES: u64 = 32 << 20;

pub(crate) fn run(options: &Verify) -> ExitCode {
    match bundle::looks_like_one(&options.receipt) {
        Err(message) => return Format::of(options.json).complain(&message),
        Ok(true) => return bundle::run(options),
        Ok(false) => {}
    }
    match check(options) {
        Err(message) => Format::of(options.json).complain(&message),
        Ok((report, vouched)) => {
            let text = if options.json {
                in_json(&report, vouched.as_ref()) + "\n"
            } else {
                in_words(&report, vouched.as_ref())
            };
            let is_good = report.is_valid() && vouched.as_ref().is_none_or(|vouched| vouched.is_final);
            match print(&text) {
                ExitCode::SUCCESS if is_good => ExitCode::SUCCESS,
                ExitCode::SUCCESS => ExitCode::from(1),
                failed => failed,
            }
        }
    }
}

fn check(options: &Verify) -> Result<(Report, Option<Vouched>), String> {
    let receipt = read_bounded(&options.receipt)?;
    let document = options.document.as_deref().map(digests_of).transpose()?;
    let vkey = options.vkey.as_deref().map(key_text).transpose()?;
    let policy = options.policy.as_deref().map(read_policy).transpose()?;
    // A policy that names one log says whose key to go by.
    let named = match policy.as_ref().map(Policy::logs) {
        Some([log]) => Some(log.key.to_string()),
        _ => None,
    };
    let vkey = vkey.or(named);
    let keys = options.keys.as_deref().map(|path| read_keys(path, vkey.as_deref())).transpose()?;
    let trust = Trust { vkey: vkey.as_deref(), keys: keys.as_ref(), witnesses: &[] };
    let vouched = policy.map(|policy| vouch(&receipt, &policy, &trust));
    Ok((ledger::receipt::verify_trusting(&receipt, document.as_ref(), &trust), vouched))
}

fn read_keys(path: &Path, vkey: Option<&str>) -> Result<LogKeys, String> {
    if vkey.is_none() {
        return Err(
            "--keys: a list of keys vouches for nothing by itself; give the key that you trust with --vkey"
                .to_owned(),
        );
    }
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("--keys: {}: {error}", path.display()))?;
    text.parse().map_err(|error| format!("--keys: {}: {error}", path.display()))
}

fn read_policy(path: &Path) -> Result<Policy, String> {
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("--policy: {}: {error}", path.display()))?;
    text.parse().map_err(|error| format!("--policy: {}: {error}", path.display()))
}

/// Counts the cosignatures on the checkpoint of the file's own proof; those of attestations are checked with theirs.
fn vouch(file: &[u8], policy: &Policy, trust: &Trust<'_>) -> Vouched {
    let judge = || -> Result<Judged, String> {
        let text = match Receipt::parse(file) {
            Ok(receipt) => receipt.proof,
            Err(_) => String::from_utf8_lossy(file).into_owned(),
        };
        let proof: Proof = text.parse().map_err(|error: ProofError| error.to_string())?;
        let vkey = trust.vkey.map(|vkey| vkey.trim().parse::<VerifierKey>().map_err(|e| e.to_string()));
        let log = vkey.transpose()?;
        // The key of the checkpoint's time, where the chain leads from the trusted key to it; the policy need not name it then.
        let signed = trust.keys.filter(|keys| log.as_ref().is_some_and(|log| keys.term(log).is_some()));
        let signed = signed.and_then(|keys| keys.of(&proof.checkpoint).ok());
        let opened = match signed.filter(|signed| Some(*signed) != log.as_ref()) {
            Some(signed) => policy.for_log(signed).open(&proof.checkpoint, Some(signed)),
            None => policy.open(&proof.checkpoint, log.as_ref()),
        };
        opened.map_err(|error| error.to_string())
    };
    match judge() {
        Ok(Judged { present, missing, is_final, .. }) => Vouched { is_final, present, missing, error: None },
        Err(error) => {
            Vouched { is_final: false, present: Vec::new(), missing: Vec::new(), error: Some(error) }
        }
    }
}

fn read_bounded(path: &Path) -> Result<Vec<u8>, String> {
    let say = |error: io::Error| format!("{}: {error}", path.display());
    let mut bytes = Vec::new();
    File::open(path).map_err(say)?.take(MAX_RECEIPT_BYTES).read_to_end(&mut bytes).map_err(say)?;
    Ok(bytes)
}

fn digests_of(path: &Path) -> Result<Digests, String> {
    let say = |error: io::Error| format!("--document: {}: {error}", path.display());
    let mut file = File::open(path).map_err(say)?;
    let mut digester = Digester::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer).map_err(say)? {
            0 => return Ok(digester.finish()),
            n => digester.update(buffer.get(..n).unwrap_or_default()),
        }
    }
}

/// A verifier key contains `+` and no path does, so text and file cannot be confused.
pub(super) fn key_text(given: &str) -> Result<String, String> {
    if given.contains('+') && !Path::new(given).exists() {
        return Ok(given.trim().to_owned());
    }
    std::fs::read_to_string(given)
        .map(|text| text.trim().to_owned())
        .map_err(|error| format!("--vkey: {given}: {error}"))
}

fn in_json(report: &Report, vouched: Option<&Vouched>) -> String {
    let mut report = serde_json::json!(report);
    if let (Some(vouched), Some(members)) = (vouched, report.as_object_mut()) {
        members.insert("policy".to_owned(), serde_json::json!(vouched));
    }
    report.to_string()
}

fn in_words(report: &Report, vouched: Option<&Vouched>) -> String {
    let mut out = String::new();
    for step in &report.steps {
        let _ = writeln!(out, "{}  {}: {}", mark(step.outcome), step.code, step.detail);
    }
    if let Some(vouched) = vouched {
        policy_in_words(&mut out, vouched);
    }
    let _ = match report.first_failure() {
        Some(step) => writeln!(out, "NOT verified: step `{}` failed", step.code),
        None if vouched.is_some_and(|vouched| !vouched.is_final) => {
            writeln!(out, "NOT verified: the policy does not hold")
        }
        None => writeln!(out, "verified"),
    };
    out
}

fn mark(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "ok     ",
        Outcome::Failed => "FAILED ",
        Outcome::Skipped => "skipped",
    }
}

fn policy_in_words(out: &mut String, vouched: &Vouched) {
    for (name, seconds) in &vouched.present {
        let time = OffsetDateTime::from_unix_timestamp(i64::try_from(*seconds).unwrap_or_default())
            .ok()
            .and_then(|time| time.format(&Rfc3339).ok())
            .unwrap_or_else(|| seconds.to_string());
        let _ = writeln!(out, "ok       witness: {name} cosigned at {time}");
    }
    for name in &vouched.missing {
        let _ = writeln!(out, "missing  witness: {name}");
    }
    let _ = match &vouched.error {
        Some(error) => writeln!(out, "FAILED   policy: {error}"),
        None if vouched.is_final => writeln!(out, "ok       policy: the checkpoint is final"),
        None => writeln!(out, "FAILED   policy: not enough witnesses have cosigned"),
    };
}
