//! `guxin drill tamper --data DIR` alters one thing after the other on a copy of the instance, has it checked each time and
//! says what was found and where. Of the instance itself it only replaces the last drill's report, which the operator's
//! page shows; it can run beside the server on SQLite, and on PostgreSQL while nobody is connected to the database.
//! Exit status 0: everything was found; 1: something was not; 2: it could not run.

use std::{io::Write as _, process::ExitCode, sync::Arc};

use anyhow::Context as _;
use backend::{Cx, drill};
use clap::{Args, Subcommand};

use super::{Format, instance, print};
use crate::config::Instance;

#[derive(Args, Debug)]
pub(crate) struct Drill {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Alter rows, objects and ledger of a copy, and see whether the checks find it. Exit status 0: all found; 1: not all;
    /// 2: could not run.
    Tamper(Box<Tamper>),
}

#[derive(Args, Debug)]
struct Tamper {
    #[command(flatten)]
    instance: Instance,
    /// Print the report as one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(options: Drill) -> ExitCode {
    let Command::Tamper(options) = options.command;
    Format::of(options.json).block_on(tamper(*options))
}

async fn tamper(options: Tamper) -> anyhow::Result<ExitCode> {
    let services = instance::open_to_read(&options.instance).await?;
    let cx = Cx::anonymous(Arc::new(services));
    let folder = tempfile::TempDir::new().context("a temporary folder for the copy")?;
    let report = drill::run(&cx, &options.instance.database(), folder.path(), &mut |step, done, all| {
        let _ = write!(std::io::stderr(), "\r  {step}: {done} / {all}        ");
    })
    .await;
    let _ = writeln!(std::io::stderr());
    let report = report?;
    drill::keep(&cx, &report).context("the report for the operator's page")?;
    let text = if options.json { serde_json::to_string(&report)? + "\n" } else { report.to_string() };
    Ok(match print(&text) {
        ExitCode::SUCCESS if !report.all_found => ExitCode::from(1),
        printed => printed,
    })
}
