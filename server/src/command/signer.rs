//! `guxin signer serve|key --config signer.toml`: the log's signer in a process of its own. Needs no instance of the platform, no database
//! and no site.

use std::{path::PathBuf, process::ExitCode};

use backend::{chance::Random, signer::AtHand};
use clap::{Args, Subcommand};

use super::{Format, print, serve::asked_to_stop};
use crate::{
    signer::{self, Config, SignerProcess, config},
    telemetry,
};

#[derive(Args, Debug)]
#[command(after_help = format!("An example of signer.toml:\n\n{}", config::EXAMPLE))]
pub(crate) struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve: sign checkpoints that extend what was signed before, over a Unix socket.
    Serve(Serve),
    /// Print the log's verifier key; makes the key when there is none.
    Key(Key),
}

#[derive(Args, Debug)]
struct Serve {
    /// Configuration (TOML); `guxin signer --help` shows an example.
    #[arg(long, env = "GUXIN_SIGNER_CONFIG", value_name = "FILE")]
    config: PathBuf,
    /// Log as JSON lines (production) instead of text.
    #[arg(long, env = "GUXIN_LOG_JSON", default_value_t = false)]
    log_json: bool,
    /// What to log, in the syntax of tracing's EnvFilter.
    #[arg(long, env = "GUXIN_LOG", value_name = "FILTER", default_value = "info,hyper=warn")]
    log: String,
}

#[derive(Args, Debug)]
struct Key {
    /// Configuration (TOML); `guxin signer --help` shows an example.
    #[arg(long, env = "GUXIN_SIGNER_CONFIG", value_name = "FILE")]
    config: PathBuf,
}

pub(crate) fn run(options: Options) -> ExitCode {
    match options.command {
        Command::Serve(options) => match telemetry::start_logging(&options.log, options.log_json) {
            Err(message) => Format::Words.complain(&message),
            Ok(()) => Format::Words.block_on(serve(options)),
        },
        Command::Key(options) => match key(&options) {
            Err(error) => Format::Words.complain(&format!("{error:#}")),
            Ok(vkey) => print(&format!("{vkey}\n")),
        },
    }
}

fn key(options: &Key) -> anyhow::Result<String> {
    let config = Config::read(&options.config)?;
    let signer = AtHand::make(&config.data, &config.origin, config.key()?, config.next()?, &Random::System)?;
    Ok(signer.verifier_key().to_string())
}

async fn serve(options: Serve) -> anyhow::Result<ExitCode> {
    let config = Config::read(&options.config)?;
    let process = SignerProcess::open(&config)?;
    let listener = signer::listen(&config)?;
    tracing::info!(socket = %config.socket.display(), vkey = %process.vkey(), "signing");
    axum::serve(listener, process.router()).with_graceful_shutdown(asked_to_stop()).await?;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}
