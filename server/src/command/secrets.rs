//! `guxin secrets rotate --data DIR`: a new key for what the database holds sealed, everything sealed again with it, and
//! the old key forgotten. With the server stopped: it would go on with the key that is gone.

use std::{process::ExitCode, sync::Arc};

use backend::{
    Cx,
    chance::{Clock, Random},
    holder_register, totp,
    vault::Vault,
};
use clap::{Args, Subcommand};
use serde_json::json;

use super::{Format, folder_lock::FolderLock, instance};
use crate::config::Instance;

#[derive(Args, Debug)]
pub(crate) struct Secrets {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a new key, seal everything with it, and forget the old one. Stop the server first.
    Rotate(Rotate),
}

#[derive(Args, Debug)]
struct Rotate {
    #[command(flatten)]
    instance: Instance,
    /// Print the outcome as one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(options: Secrets) -> ExitCode {
    let Command::Rotate(options) = options.command;
    let (instance, format) = (options.instance, Format::of(options.json));
    format.block_on(async move {
        // A new key is for an instance that is there, not for a folder whose name was mistyped.
        instance::must_exist(&instance)?;
        let _lock = FolderLock::take(&instance.data)?;
        let mut services = instance::open(&instance, false, Clock::System, Random::System).await?;
        services.vault = Vault::rotate(&instance.data, &Random::System)?;
        let cx = Cx::anonymous(Arc::new(services));
        let failed = |error| anyhow::anyhow!("{error}");
        let sealed = totp::seal_all(&cx).await.map_err(failed)?
            + holder_register::seal_all(&cx).await.map_err(failed)?;
        // Only now: until here a crash leaves both keys, and this command can simply be run again.
        Vault::forget_old(&instance.data)?;
        cx.db.close().await;
        Ok(format.print(&format!("{sealed} secrets sealed with a new key"), &json!({ "sealed": sealed })))
    })
}
