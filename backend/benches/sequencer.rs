//! How fast events become provable: throughput and latency of the sequencer on SQLite with 1, 64, 256 and 1,024 events
//! outstanding, against appending the same entries to a file with one `fdatasync` per batch of as many, and against a hash
//! chain in SQLite with one commit per batch (WAL, synchronous=FULL), in the same run and on the same disk. Every event is a
//! transaction of its own, and its client waits until the published checkpoint covers it; `backlog` is the sequencer alone on
//! events that already wait. Both sides take turns, and the figures are medians over the rounds. Prints one JSON object.
//!
//! Syncs are counted apart from the clock: the program runs itself once more under `strace -c`, for as many clients, and once
//! with none, which is what opening a new instance costs. Without strace the counts are null.
//!
//! `cargo bench -p backend --bench sequencer`; `GUXIN_BENCH_ROUNDS` (default 5) and `GUXIN_BENCH_SECONDS`, the length of
//! each round (default 2).

use std::{
    fs::File,
    io::Write as _,
    ops::Range,
    path::Path,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use backend::{
    Cx, Services, args,
    chance::{Clock, Random},
    db::{Db, DbOptions},
    faults::Faults,
    journal::{self, Record},
    ledger_store::LedgerStore,
    objects::Objects,
    queue::Queue,
    reading::{Limits, Reader},
    sequencer::{self, Options},
    settings::Settings,
    signer::LogSigner,
    vault::Vault,
};
use domain::{
    calendar::Calendar,
    id::OrgId,
    rule_pack::{RulePack, RulePackVersions},
};
use ledger::EntryKind;
use sqlx::{
    ConnectOptions as _, Connection as _,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tempfile::TempDir;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;

/// Where real disks are: a folder of the build, not the system's temporary one, which may be memory.
const FOLDER: &str = env!("CARGO_TARGET_TMPDIR");
/// Set for the run that only counts: how many clients.
const COUNTED: &str = "GUXIN_BENCH_COUNTED";
/// Events of the backlog.
const BACKLOG: usize = 8_192;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setting = |name, otherwise| std::env::var(name).map_or(Ok(otherwise), |text| text.parse::<u32>());
    if let Ok(outstanding) = std::env::var(COUNTED) {
        return counted(outstanding.parse()?).await;
    }
    let rounds = setting("GUXIN_BENCH_ROUNDS", 5)?;
    let length = Duration::from_secs(setting("GUXIN_BENCH_SECONDS", 2)?.into());
    let mut parts = Vec::new();
    let opening = syncs(0)?.map(|(_, calls)| calls);
    for outstanding in [1, 64, 256, 1_024] {
        let mut part = with_clients(outstanding, rounds, length).await?;
        if let (Some((events, calls)), Some(opening)) = (syncs(outstanding)?, opening) {
            part["syncs_per_event"] = per(calls.saturating_sub(opening), events).into();
        }
        parts.push(part);
    }
    let report = serde_json::json!({
        "bench": "sequencer", "database": "sqlite", "rounds": rounds, "clients": parts, "backlog": backlog(rounds).await?,
    });
    #[expect(clippy::print_stdout, reason = "its output")]
    {
        println!("{report:#}");
    }
    Ok(())
}

/// So many clients, each with one event outstanding at a time.
async fn with_clients(
    outstanding: usize,
    rounds: u32,
    length: Duration,
) -> anyhow::Result<serde_json::Value> {
    let folder = TempDir::new_in(FOLDER)?;
    let cx = open(folder.path()).await?;
    let org = organisation(&cx).await?;
    let stop = CancellationToken::new();
    let task = tokio::spawn(sequencer::run(Arc::clone(cx.services()), stop.clone()));
    record(&cx, org, 1).await?;

    let (mut events, mut batches) = (0, 0);
    let [mut rates, mut raws, mut chains, mut ratios, mut chain_ratios, mut p50s, mut p99s] =
        [const { Vec::new() }; 7];
    for _ in 0..rounds {
        let before = checkpoints(&cx).await?;
        let begin = Instant::now();
        let mut waits = round(&cx, org, outstanding, length).await?;
        let rate = per_second(waits.len(), begin.elapsed());
        batches += checkpoints(&cx).await? - before;
        let range = events..events + waits.len();
        let raw = append(&cx, folder.path(), outstanding, range.clone()).await?;
        let chained = chain(&cx, folder.path(), outstanding, range).await?;
        chain_ratios.push(rate / chained);
        chains.push(chained);
        events += waits.len();
        waits.sort_unstable();
        let percentile =
            |n: usize| waits.get((waits.len() * n / 100).min(waits.len() - 1)).map_or(0.0, millis);
        p50s.push(percentile(50));
        p99s.push(percentile(99));
        ratios.push(rate / raw);
        rates.push(rate);
        raws.push(raw);
    }
    stop.cancel();
    task.await?;
    cx.db.close().await;
    Ok(serde_json::json!({
        "outstanding": outstanding, "events": events, "batches": batches,
        "events_per_second": median(rates), "p50_ms": median(p50s), "p99_ms": median(p99s),
        "raw_append_per_second": median(raws), "chain_per_second": median(chains), "ratio": median(ratios),
        "ratio_to_chain": median(chain_ratios),
    }))
}

/// How long each event of one round waited.
async fn round(cx: &Cx, org: OrgId, outstanding: usize, length: Duration) -> anyhow::Result<Vec<Duration>> {
    let begin = Instant::now();
    let clients: Vec<_> = (0..outstanding)
        .map(|_| {
            let cx = cx.clone();
            tokio::spawn(async move {
                let mut waits = Vec::new();
                while begin.elapsed() < length {
                    let sent = Instant::now();
                    let seq = record(&cx, org, 1).await?;
                    let anchored = sequencer::await_anchored(&cx, seq, Duration::from_secs(60)).await?;
                    anyhow::ensure!(anchored.is_some(), "an event was not anchored within a minute");
                    waits.push(sent.elapsed());
                }
                anyhow::Ok(waits)
            })
        })
        .collect();
    let mut waits = Vec::new();
    for client in clients {
        waits.extend(client.await??);
    }
    Ok(waits)
}

/// A short run for counting: so many clients, and on standard output how many events they had.
async fn counted(outstanding: usize) -> anyhow::Result<()> {
    let folder = TempDir::new_in(FOLDER)?;
    let cx = open(folder.path()).await?;
    let org = organisation(&cx).await?;
    let stop = CancellationToken::new();
    let task = tokio::spawn(sequencer::run(Arc::clone(cx.services()), stop.clone()));
    record(&cx, org, 1).await?;
    let events =
        if outstanding == 0 { 0 } else { round(&cx, org, outstanding, Duration::from_secs(1)).await?.len() };
    stop.cancel();
    task.await?;
    cx.db.close().await;
    #[expect(clippy::print_stdout, reason = "its output")]
    {
        println!("{events}");
    }
    Ok(())
}

/// This program once more under strace: how many events it had, and how often it asked the disk to sync.
fn syncs(outstanding: usize) -> anyhow::Result<Option<(usize, usize)>> {
    let summary = tempfile::NamedTempFile::new_in(FOLDER)?;
    let traced = Command::new("strace")
        .args(["-f", "-c", "-U", "calls,name", "-e", "trace=fsync,fdatasync,sync_file_range,msync", "-o"])
        .arg(summary.path())
        .arg(std::env::current_exe()?)
        .env(COUNTED, outstanding.to_string())
        .output();
    let Ok(traced) = traced else { return Ok(None) };
    anyhow::ensure!(traced.status.success(), "counting: {}", String::from_utf8_lossy(&traced.stderr));
    let events = String::from_utf8(traced.stdout)?.trim().parse()?;
    // Lines "12 fdatasync", and one "34 total" at the end.
    let text = std::fs::read_to_string(summary.path())?;
    let total = text.lines().filter_map(|line| line.trim().strip_suffix("total")).next_back();
    let calls = total.map_or(Ok(0), |calls| calls.trim().parse())?;
    Ok(Some((events, calls)))
}

#[expect(clippy::cast_precision_loss, reason = "a figure")]
fn per(calls: usize, events: usize) -> f64 {
    (calls as f64 / events.max(1) as f64 * 1e3).round() / 1e3
}

async fn checkpoints(cx: &Cx) -> anyhow::Result<i64> {
    let (count,): (i64,) = cx.db.read().one("SELECT COUNT(*) FROM ledger_checkpoint", args![]).await?;
    Ok(count)
}

/// The sequencer alone: everything waits when it begins.
async fn backlog(rounds: u32) -> anyhow::Result<serde_json::Value> {
    let folder = TempDir::new_in(FOLDER)?;
    let cx = open(folder.path()).await?;
    let org = organisation(&cx).await?;
    let options = Options::default();
    let batch = usize::try_from(options.batch)?;
    let mut events = 0;
    let [mut rates, mut raws, mut ratios] = [const { Vec::new() }; 3];
    for _ in 0..rounds {
        for _ in 0..BACKLOG / 256 {
            record(&cx, org, 256).await?;
        }
        let begin = Instant::now();
        sequencer::drain(&cx, &options).await?;
        let rate = per_second(BACKLOG, begin.elapsed());
        let raw = append(&cx, folder.path(), batch, events..events + BACKLOG).await?;
        events += BACKLOG;
        ratios.push(rate / raw);
        rates.push(rate);
        raws.push(raw);
    }
    cx.db.close().await;
    Ok(serde_json::json!({
        "batch": batch, "events": BACKLOG, "events_per_second": median(rates),
        "raw_append_per_second": median(raws), "ratio": median(ratios),
    }))
}

/// The comparison: the same entries, each after its length, one `fdatasync` per batch. Answers entries per second.
async fn append(cx: &Cx, folder: &Path, batch: usize, range: Range<usize>) -> anyhow::Result<f64> {
    let entries = cx.ledger.entries(u64::try_from(range.start)?, u64::try_from(range.len())?).await?;
    let mut file = File::create(folder.join("raw"))?;
    let begin = Instant::now();
    for chunk in entries.chunks(batch) {
        let mut bytes = Vec::new();
        for entry in chunk {
            bytes.extend_from_slice(&u16::try_from(entry.len())?.to_be_bytes());
            bytes.extend_from_slice(entry);
        }
        file.write_all(&bytes)?;
        file.sync_data()?;
    }
    Ok(per_second(entries.len(), begin.elapsed()))
}

/// The second comparison: the same entries in a table of SQLite, each with the hash over itself and the hash before it, one
/// durable commit per batch. What a home-made tamper-evident log would be. Answers entries per second.
async fn chain(cx: &Cx, folder: &Path, batch: usize, range: Range<usize>) -> anyhow::Result<f64> {
    let entries = cx.ledger.entries(u64::try_from(range.start)?, u64::try_from(range.len())?).await?;
    let path = folder.join("chain.db");
    let mut db = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .connect()
        .await?;
    sqlx::query("CREATE TABLE IF NOT EXISTS chain (seq INTEGER PRIMARY KEY, entry BLOB NOT NULL, hash BLOB NOT NULL) STRICT")
        .execute(&mut db)
        .await?;
    let mut last = [0; 32];
    let begin = Instant::now();
    for chunk in entries.chunks(batch) {
        let mut tx = db.begin().await?;
        for entry in chunk {
            last = ledger::merkle::leaf_hash(&[last.as_slice(), entry].concat()).0;
            sqlx::query("INSERT INTO chain (entry, hash) VALUES ($1, $2)")
                .bind(entry.as_slice())
                .bind(last.as_slice())
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
    }
    let rate = per_second(entries.len(), begin.elapsed());
    db.close().await?;
    Ok(rate)
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    let (low, high) = (figures.len().saturating_sub(1) / 2, figures.len() / 2);
    let at = |n: usize| figures.get(n).copied().unwrap_or_default();
    (at(low) + at(high)) / 2.0
}

#[expect(clippy::cast_precision_loss, reason = "a figure")]
fn per_second(count: usize, took: Duration) -> f64 {
    (count as f64 / took.as_secs_f64()).round()
}

fn millis(took: &Duration) -> f64 {
    (took.as_secs_f64() * 1e5).round() / 100.0
}

async fn open(folder: &Path) -> anyhow::Result<Cx> {
    let settings = Settings::for_tests();
    let objects = Objects::folder(folder)?;
    let signer = LogSigner::open(folder, &settings.ledger_origin, &Random::System)?;
    Ok(Cx::anonymous(Arc::new(Services {
        db: Db::open(&DbOptions::sqlite(&folder.join("guxin.db"))).await?,
        ledger: LedgerStore::new(objects.clone(), signer.verifier_key()),
        objects,
        signer,
        vault: Vault::open(folder, &Random::System)?,
        queue: Queue::default(),
        faults: Faults::default(),
        clock: Clock::System,
        random: Random::System,
        settings,
        calendar: Calendar::builtin().clone(),
        packs: RulePackVersions::new(vec![RulePack::listing().clone()])
            .map_err(|e| anyhow::anyhow!("{e:?}"))?,
        outbox_bell: Arc::new(Notify::new()),
        anchored: Arc::default(),
        intake_bell: Arc::new(Notify::new()),
        hashing: Arc::new(Semaphore::new(2)),
        reader: Reader::new("guxin".into(), Limits::default(), 1),
        attempts: Default::default(),
    })))
}

async fn organisation(cx: &Cx) -> anyhow::Result<OrgId> {
    let id = OrgId(cx.id());
    let mut tx = cx.db.begin().await?;
    tx.run(
        "INSERT INTO organisation (id, ledger_name, kind, name, credit_code, standing, created_at, updated_at)
         VALUES ($1, 'org-bench', 'enterprise', 'bench', '-', 'active', 0, 0)",
        args![id],
    )
    .await?;
    tx.commit().await?;
    Ok(id)
}

/// So many events in one transaction; answers the last one's number.
async fn record(cx: &Cx, org: OrgId, count: usize) -> backend::Result<i64> {
    let mut tx = cx.db.begin().await?;
    let mut seq = 0;
    for _ in 0..count {
        let mut event = Record::new(EntryKind::Evidence, "evidence.deposited", "evidence", cx.id(), 1, org);
        event.digests.insert("sha-256".into(), hex::encode(cx.random.bytes::<32>()));
        event.digests.insert("sm3".into(), hex::encode(cx.random.bytes::<32>()));
        seq = journal::record(&mut tx, cx, event).await?;
    }
    cx.commit(tx).await?;
    Ok(seq)
}
