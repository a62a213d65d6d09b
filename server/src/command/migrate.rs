//! `guxin migrate`: the schema, and nothing else.

use std::process::ExitCode;

use anyhow::Context as _;
use backend::db::{Db, SUPERVISION_ROLE};
use clap::Args;
use serde_json::json;

use super::{Format, print};
use crate::config::Instance;

/// Which database.
#[derive(Args, Debug)]
pub(crate) struct Migrate {
    #[command(flatten)]
    instance: Instance,
    /// Print the SQL that makes the role for --supervision-database (PostgreSQL), without touching any data.
    #[arg(long)]
    print_supervision_role: bool,
    /// Print the outcome as one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(options: &Migrate) -> ExitCode {
    if options.print_supervision_role {
        return print(SUPERVISION_ROLE);
    }
    let (instance, format) = (&options.instance, Format::of(options.json));
    format.block_on(async {
        std::fs::create_dir_all(&instance.data)
            .with_context(|| format!("--data: {} cannot be used", instance.data.display()))?;
        let db = Db::open(&instance.database()).await?;
        let version = db.schema_version().await?;
        db.close().await;
        Ok(format.print(
            &format!("the schema is up to date: version {version}"),
            &json!({ "schema_version": version }),
        ))
    })
}
