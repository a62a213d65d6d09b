//! `guxin witness serve|key --config witness.toml`: an independent witness of somebody's log. Needs no instance of the
//! platform, no database and no site.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Context as _;
use backend::{
    chance::{Clock, Random},
    durable,
};
use clap::{Args, Subcommand};
use tokio::net::TcpListener;

use super::{Format, print, serve::asked_to_stop};
use crate::{
    telemetry,
    witness::{self, Config, Witness, config},
};

#[derive(Args, Debug)]
#[command(after_help = format!("An example of witness.toml:\n\n{}", config::EXAMPLE))]
pub(crate) struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve: cosign checkpoints that extend what was cosigned before, mirror, raise alarms. A reverse proxy ends TLS.
    Serve(Serve),
    /// Print the verifier key that logs register; makes the key when there is none.
    Key(Key),
}

#[derive(Args, Debug)]
struct Serve {
    /// Configuration (TOML); `guxin witness --help` shows an example.
    #[arg(long, env = "GUXIN_WITNESS_CONFIG", value_name = "FILE")]
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
    /// Configuration (TOML); `guxin witness --help` shows an example.
    #[arg(long, env = "GUXIN_WITNESS_CONFIG", value_name = "FILE")]
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
    std::fs::create_dir_all(&config.data)
        .with_context(|| format!("`data`: cannot create {}", config.data.display()))?;
    let path = witness::key_path(&config);
    if !path.try_exists()? {
        durable::make_seed(&path, &Random::System.bytes())?;
    }
    Ok(witness::cosigner(&config)?.verifier_key().to_string())
}

async fn serve(options: Serve) -> anyhow::Result<ExitCode> {
    let config = Config::read(&options.config)?;
    let (listen, deadline) = (config.listen, config.shutdown_seconds);
    let metrics = telemetry::start_metrics()?;
    let witness = Witness::open(config, Clock::System, Some(metrics))?;
    let listener =
        TcpListener::bind(listen).await.with_context(|| format!("`listen`: cannot listen on {listen}"))?;
    tracing::info!(listen = %listener.local_addr()?, vkey = %witness.vkey(), "witnessing");
    let app = witness.router().into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, app).with_graceful_shutdown(asked_to_stop());
    tokio::select! {
        served = server.into_future() => served?,
        () = witness.watch() => {}
        () = async { asked_to_stop().await; tokio::time::sleep(Duration::from_secs(deadline)).await } => {
            tracing::warn!(deadline, "requests still ran at the deadline and were cut off");
        }
    }
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}
