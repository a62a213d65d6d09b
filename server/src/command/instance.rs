//! Builds an instance's services from its options: [`open`] for whoever works on it (`serve`, `seed`, `secrets rotate`),
//! [`open_to_read`] for `ledger fsck` and `drill`, which only look.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use backend::{
    Services,
    chance::{Clock, Random},
    db::Db,
    faults::Faults,
    key_change,
    ledger_store::LedgerStore,
    objects::Objects,
    queue::Queue,
    reading::{Limits, Reader},
    settings::Settings,
    sign_in::attempts::Attempts,
    signer::LogSigner,
    vault::Vault,
};
use domain::{
    calendar::Calendar,
    rule_pack::{RulePack, RulePackVersions},
};
use tokio::sync::{Notify, Semaphore};

use crate::config::Instance;

/// Opens everything an instance runs on.
///
/// # Errors
/// Which part could not be opened, and why.
pub(crate) async fn open(
    options: &Instance,
    demo: bool,
    clock: Clock,
    random: Random,
) -> anyhow::Result<Services> {
    let settings = options.settings(demo).map_err(anyhow::Error::msg)?;
    std::fs::create_dir_all(&options.data)
        .with_context(|| format!("--data: {} cannot be used", options.data.display()))?;
    let db = Db::open(&options.database()).await?;
    let objects = match options.bucket()? {
        Some(bucket) => Objects::s3(&bucket, &options.data)?,
        None => Objects::folder(&options.data)?,
    };
    let signer = match &options.signer {
        Some(socket) => LogSigner::connect(socket, &options.data, &settings.ledger_origin, true).await?,
        None => LogSigner::open(&options.data, &settings.ledger_origin, &random)?,
    };
    let vault = Vault::open(&options.data, &random)?;
    let reader = reader(options)?;
    let services = assemble(Parts { settings, db, objects, signer, vault, clock, random, reader })?;
    answers(options, &services).await?;
    let keys = key_change::load(&services.ledger, &services.signer).await;
    keys.map_err(|error| anyhow::anyhow!("the log's keys could not be read: {error}"))?;
    Ok(services)
}

/// Opens an instance for reading only. Nothing is made and nothing is written, and the keys for sealed values stay closed.
///
/// # Errors
/// When there is no instance, or a part of it cannot be read.
pub(crate) async fn open_to_read(options: &Instance) -> anyhow::Result<Services> {
    let settings = options.settings(false).map_err(anyhow::Error::msg)?;
    must_exist(options)?;
    let signer = match &options.signer {
        Some(socket) => LogSigner::connect(socket, &options.data, &settings.ledger_origin, false).await?,
        None => LogSigner::existing(&options.data, &settings.ledger_origin)?,
    };
    let db = Db::open_to_read(&options.database()).await?;
    let objects = match options.bucket()? {
        Some(bucket) => Objects::s3_to_read(&bucket, &options.data)?,
        None => Objects::folder_to_read(&options.data)?,
    };
    let (vault, clock, random) = (Vault::locked(), Clock::System, Random::System);
    let reader = reader(options)?;
    let services = assemble(Parts { settings, db, objects, signer, vault, clock, random, reader })?;
    answers(options, &services).await?;
    // A list that does not hold is what `fsck` is there to name; it goes on with the key at hand.
    if let Err(error) = key_change::load(&services.ledger, &services.signer).await {
        tracing::warn!(%error, "the log's keys could not be read");
    }
    Ok(services)
}

/// Refuses a data folder that is not there: for commands that have no business making one.
pub(crate) fn must_exist(options: &Instance) -> anyhow::Result<()> {
    let data = &options.data;
    anyhow::ensure!(data.is_dir(), "--data: there is no folder {}", data.display());
    Ok(())
}

/// Makes sure that a bucket answers, before somebody's upload finds out that it does not.
async fn answers(options: &Instance, services: &Services) -> anyhow::Result<()> {
    let Some(bucket) = &options.s3_bucket else { return Ok(()) };
    match services.ledger.checkpoint_text().await {
        Ok(_) | Err(backend::Error::NotFound) => Ok(()),
        Err(error) => anyhow::bail!(
            "--s3-bucket: `{bucket}` at {} cannot be read; see --s3-endpoint, --s3-region, --s3-access-key and --s3-secret-key: {error}",
            options.s3_endpoint.as_deref().unwrap_or("AWS")
        ),
    }
}

/// What differs between working on an instance and looking at it.
struct Parts {
    settings: Settings,
    db: Db,
    objects: Objects,
    signer: LogSigner,
    vault: Vault,
    clock: Clock,
    random: Random,
    reader: Reader,
}

fn assemble(parts: Parts) -> anyhow::Result<Services> {
    let Parts { settings, db, objects, signer, vault, clock, random, reader } = parts;
    let packs = RulePackVersions::new(vec![RulePack::listing().clone()])
        .map_err(|errors| anyhow::anyhow!("the rule packs do not fit together: {errors:?}"))?;
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    Ok(Services {
        db,
        ledger: LedgerStore::new(objects.clone(), signer.verifier_key()),
        objects,
        signer,
        vault,
        queue: Queue::default(),
        faults: Faults::default(),
        attempts: Arc::new(Attempts::default()),
        clock,
        random,
        settings,
        calendar: Calendar::builtin().clone(),
        packs,
        outbox_bell: Arc::new(Notify::new()),
        anchored: Arc::default(),
        intake_bell: Arc::new(Notify::new()),
        hashing: Arc::new(Semaphore::new(cores)),
        reader,
    })
}

/// Reading processes are this program again, unless another is named.
fn reader(options: &Instance) -> anyhow::Result<Reader> {
    let program = match &options.reading_program {
        Some(program) => program.clone(),
        None => std::env::current_exe().context("cannot tell where this program is")?,
    };
    let limits = Limits {
        time: Duration::from_secs(options.reading_seconds),
        memory_bytes: options.reading_memory_mb.saturating_mul(1 << 20),
        ..Limits::default()
    };
    Ok(Reader::new(program, limits, options.readings_at_once))
}
