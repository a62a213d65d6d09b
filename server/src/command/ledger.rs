//! `guxin ledger fsck --data DIR` reads the whole ledger, the outbox and the objects from the inside and says what does not
//! agree. It opens everything for reading only, so that it can run beside the server and on a copy that nobody may write
//! to, and makes nothing where there is nothing. `guxin ledger audit URL` reads a log from the outside, as anybody can.
//! `guxin ledger rotate-key --data DIR` gives the log a new key. Exit status 0: everything agrees; 1: something does not, and what; 2: it could not be read.

mod progress;
mod rotate_key;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context as _;
use backend::{
    Cx,
    ledger_audit::{self, Audit},
    remote_log::RemoteLog,
};
use clap::{Args, Subcommand};
use ledger::{checkpoint::Checkpoint, key::VerifierKey, log_keys::LogKeys};

use self::progress::Progress;
use super::{Format, instance, print};
use crate::config::Instance;

#[derive(Args, Debug)]
pub(crate) struct Ledger {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check tiles, entries, checkpoints, cosignatures, outbox, documents and access records against each other.
    Fsck(Box<Fsck>),
    /// Give the log a new key: both keys sign that the new one takes over, and the old secret is destroyed. Stop the server first.
    RotateKey(Box<rotate_key::Options>),
    /// Replay a log from its public tiles, like a monitor. Exit status 0: good; 1: something does not fit; 2: not reached.
    Audit(AuditOptions),
}

#[derive(Args, Debug)]
struct Fsck {
    #[command(flatten)]
    instance: Instance,
    /// Print the report as one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
struct AuditOptions {
    /// URL prefix of the log, e.g. https://guxin.example.cn/ledger
    url: String,
    /// The log's verifier key as text, or a file that holds it. Without it the key that the log itself serves is used,
    /// which shows that the log is consistent but not whose it is.
    #[arg(long, value_name = "VKEY")]
    vkey: Option<String>,
    /// Size at which to begin: what an earlier audit reached.
    #[arg(long, value_name = "SIZE", default_value_t = 0)]
    from: u64,
    /// A checkpoint that was kept from earlier; the log must still contain its tree.
    #[arg(long, value_name = "FILE")]
    known: Option<PathBuf>,
    /// The log is somebody else's: do not read its entries as this platform's.
    #[arg(long)]
    any_entries: bool,
    /// Print the report as one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(options: Ledger) -> ExitCode {
    match options.command {
        Command::Fsck(options) => Format::of(options.json).block_on(fsck(*options)),
        Command::RotateKey(options) => rotate_key::run(*options),
        Command::Audit(options) => Format::of(options.json).block_on(audit(options)),
    }
}

async fn fsck(options: Fsck) -> anyhow::Result<ExitCode> {
    let services = instance::open_to_read(&options.instance).await?;
    let cx = Cx::anonymous(Arc::new(services));
    let mut progress = Progress::on_stderr();
    let report =
        backend::fsck::run(&cx, &mut |what: &str, done: u64, all: u64| progress.tell(what, done, all)).await;
    progress.end();
    let report = report.map_err(|error| anyhow::anyhow!("{error}"))?;
    let text = if options.json { serde_json::to_string(&report)? + "\n" } else { report.to_string() };
    Ok(ended(&text, report.is_good()))
}

async fn audit(options: AuditOptions) -> anyhow::Result<ExitCode> {
    let log = RemoteLog::new(&options.url)?;
    let vkey = match &options.vkey {
        Some(given) => super::verify::key_text(given).map_err(anyhow::Error::msg)?,
        None => log.vkey_text().await?,
    };
    let key: VerifierKey = vkey.trim().parse().with_context(|| format!("the vkey {vkey}"))?;
    // One kept from before a change of the key is of the key before.
    let keys = if options.known.is_some() && !options.any_entries { log.keys().await? } else { None };
    let keys = keys.filter(|keys| keys.term(&key).is_some()).unwrap_or_else(|| LogKeys::only(key.clone()));
    let known = options.known.as_deref().map(|path| kept(path, &keys)).transpose()?;
    let audit = Audit { log: &log, key: &key, from: options.from, entries: !options.any_entries, known };
    let mut progress = Progress::on_stderr();
    let report = ledger_audit::run(&audit, &mut |done, all| progress.tell("entries", done, all)).await;
    progress.end();
    let report = report?;
    let text = if options.json { serde_json::to_string(&report)? + "\n" } else { report.to_string() };
    Ok(ended(&text, report.is_good()))
}

fn kept(path: &Path, keys: &LogKeys) -> anyhow::Result<Checkpoint> {
    let text = std::fs::read_to_string(path).with_context(|| format!("--known: {}", path.display()))?;
    let opened = keys.open(&text, &[]).with_context(|| format!("--known: {}", path.display()))?;
    Ok(opened.checkpoint)
}

/// Prints a report; its verdict is the exit status.
fn ended(report: &str, is_good: bool) -> ExitCode {
    match print(report) {
        ExitCode::SUCCESS if !is_good => ExitCode::from(1),
        printed => printed,
    }
}
