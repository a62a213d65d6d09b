//! `guxin seed --demo`: an empty instance becomes a lively market of invented companies, all made through the use
//! cases on a clock that runs through the last months.

use std::{io::Write as _, process::ExitCode, sync::Arc};

use anyhow::{Context as _, bail};
use backend::{
    Services,
    chance::{Clock, Random},
};
use clap::Args;
use serde_json::json;

use super::{Format, folder_lock::FolderLock, instance, print};
use crate::config::Instance;

/// What to seed.
#[derive(Args, Debug)]
pub(crate) struct Seed {
    #[command(flatten)]
    instance: Instance,
    /// Seed the demonstration; required, so that nobody fills a production instance by mistake.
    #[arg(long, required = true)]
    demo: bool,
    /// Print the demonstration accounts only, without touching any data.
    #[arg(long)]
    print_accounts: bool,
    /// Print as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(options: &Seed) -> ExitCode {
    if options.print_accounts {
        return print(&accounts(options.json));
    }
    let format = Format::of(options.json);
    format.block_on(async {
        let _lock = FolderLock::take(&options.instance.data)?;
        clear_unfinished(&options.instance)?;
        let services = instance::open(&options.instance, options.demo, Clock::System, Random::System).await?;
        let services = Arc::new(services);
        refuse_unfinished(&services, &options.instance).await?;
        let seeded = if_empty(&services, &options.instance).await?;
        services.db.close().await;
        let words = if seeded {
            "demonstration data is in place"
        } else {
            "the instance is not empty; nothing was changed"
        };
        Ok(format.print(words, &json!({ "seeded": seeded })))
    })
}

/// Seeds an instance without organisations; answers whether it did.
pub(crate) async fn if_empty(services: &Arc<Services>, options: &Instance) -> anyhow::Result<bool> {
    if !backend::seed::is_empty(services).await? {
        return Ok(false);
    }
    let now = services.clock.now();
    let mut made = instance::open(options, true, Clock::standing(now), Random::System).await?;
    made.settings.demo = true;
    let err = &mut std::io::stderr();
    let _ = writeln!(err, "seeding the demonstration …");
    backend::seed::demo(Arc::new(made), now, backend::seed::ALL_COMPANIES, |done, all| {
        let _ = write!(std::io::stderr(), "\r  {done} / {all} steps");
    })
    .await?;
    let _ = writeln!(err, "\n{}", accounts(false));
    Ok(true)
}

/// Throws a demonstration away that an earlier start did not finish, so that this one can begin anew: where everything of
/// it lies in the data folder. Whoever calls this holds the folder's lock.
///
/// Nothing else can be lost: the note is only laid in an instance without accounts, and no server starts on one that has it.
pub(crate) fn clear_unfinished(options: &Instance) -> anyhow::Result<()> {
    let (data, objects) = (&options.data, options.data.join("objects"));
    let note = objects.join(backend::seed::UNFINISHED);
    if !keeps_everything_in_its_folder(options) || !note.try_exists()? {
        return Ok(());
    }
    let _ =
        writeln!(std::io::stderr(), "an earlier start did not finish the demonstration: it is begun anew");
    let clear = || -> std::io::Result<()> {
        for name in ["guxin.db", "guxin.db-wal", "guxin.db-shm", "ledger.key", "ledger.signer", "secrets.key"]
        {
            remove(std::fs::remove_file(data.join(name)))?;
        }
        for entry in std::fs::read_dir(&objects)? {
            let path = entry?.path();
            if !note.starts_with(&path) {
                remove(std::fs::remove_dir_all(path))?;
            }
        }
        // The note last: interrupted here, the next start goes on clearing.
        std::fs::remove_file(&note)
    };
    clear().with_context(|| format!("--data: {} could not be cleared", data.display()))
}

/// What is gone already is fine.
fn remove(removed: std::io::Result<()>) -> std::io::Result<()> {
    match removed {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn keeps_everything_in_its_folder(options: &Instance) -> bool {
    options.database.is_none() && options.s3_bucket.is_none()
}

/// Refuses to work on a part of a demonstration.
pub(crate) async fn refuse_unfinished(services: &Services, options: &Instance) -> anyhow::Result<()> {
    if !backend::seed::is_unfinished(&services.objects).await? {
        return Ok(());
    }
    let data = options.data.display();
    if keeps_everything_in_its_folder(options) {
        bail!(
            "--data: an earlier start did not finish the demonstration in {data}: run `guxin seed --demo --data {data}` \
             to begin it anew, or use another folder"
        );
    }
    bail!(
        "--data: an earlier start did not finish the demonstration of this instance. Empty its database{} and {data}, then \
         start again",
        if options.s3_bucket.is_some() { ", its bucket" } else { "" }
    )
}

fn accounts(json: bool) -> String {
    let accounts = backend::seed::accounts();
    if json {
        return serde_json::to_string_pretty(&accounts).map(|text| text + "\n").unwrap_or_default();
    }
    let mut out =
        String::from("demonstration accounts (password, then a time-based code made from the secret):\n");
    for account in accounts {
        out.push_str(&format!(
            "  {:<16} login {:<28} password {:<22} TOTP secret {}\n",
            account.role, account.login, account.password, account.totp_secret
        ));
    }
    out
}
