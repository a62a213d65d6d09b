//! The commands of the binary `guxin` and everything that it serves. Each command lives in its own file below
//! `command`; `http` is the router. A library so that tests drive the router without a socket.

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use command::Format;

mod command;
mod config;
pub mod http;
pub mod signer;
mod telemetry;
pub mod witness;

/// 股信: the filing platform of a regional equity exchange.
#[derive(Debug, Parser)]
#[command(name = "guxin", version, about, max_term_width = 100)]
struct Guxin {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the platform. An empty data folder becomes a working instance.
    Serve(config::Serve),
    /// Bring the database's schema up to date, and stop.
    Migrate(command::migrate::Migrate),
    /// Fill an empty instance with demonstration data, made through the use cases.
    Seed(command::seed::Seed),
    /// Verify a receipt or a .tlog-proof offline. Exit status 0: good, 1: checked and wrong, 2: could not check.
    Verify(command::verify::Verify),
    /// Look after the ledger.
    Ledger(command::ledger::Ledger),
    /// Rehearse what must never happen, on a copy.
    Drill(command::drill::Drill),
    /// Be an independent witness of a log, on a machine of your own.
    Witness(command::witness::Options),
    /// Keep the log's key in a process of its own.
    Signer(command::signer::Options),
    /// Look after the key for what the database holds sealed.
    Secrets(command::secrets::Secrets),
    /// Read documents as the platform does, and print what was found. For finding out why a file is not understood.
    #[command(hide = true)]
    ReadDocument(command::read_document::ReadDocument),
    /// Print the OpenAPI description of the JSON API.
    Openapi,
    /// Print the page docs/WORKFLOW.md from the state machine.
    Workflow,
}

/// Runs the command line.
#[must_use]
pub fn run() -> ExitCode {
    // What went wrong with the options is told in the form that was asked for, so far as that can be known.
    let format = Format::of(std::env::args_os().any(|arg| arg == "--json"));
    // A file gives defaults; the environment and the command line win over it.
    let matches = match config::with_file_defaults(Guxin::command(), std::env::args_os()) {
        Ok(command) => command.try_get_matches(),
        Err(message) => return format.complain(&message),
    };
    let guxin = match matches.and_then(|matches| Guxin::from_arg_matches(&matches)) {
        Ok(guxin) => guxin,
        Err(error) if error.use_stderr() && format == Format::Json => {
            return format.complain(error.to_string().trim_end().trim_start_matches("error: "));
        }
        Err(error) => error.exit(),
    };
    match guxin.command {
        Command::Serve(options) => command::serve::run(options),
        Command::Migrate(options) => command::migrate::run(&options),
        Command::Seed(options) => command::seed::run(&options),
        Command::Verify(options) => command::verify::run(&options),
        Command::Ledger(options) => command::ledger::run(options),
        Command::Drill(options) => command::drill::run(options),
        Command::Witness(options) => command::witness::run(options),
        Command::Signer(options) => command::signer::run(options),
        Command::Secrets(options) => command::secrets::run(options),
        Command::ReadDocument(options) => command::read_document::run(options),
        Command::Openapi => command::print(&http::api::description()),
        Command::Workflow => command::print(&domain::workflow::page()),
    }
}
