//! The server is killed with SIGKILL at random moments while enterprises upload, type, submit and resubmit, engage firms,
//! have them attest with passkeys, and the exchange sends back, accepts, decides and lists; then it is started again on
//! the same data. Everything that was ever acknowledged must still hold (SECURITY.md, I1 to I5), the record must be what
//! the ledger says (I6), and work must go on within seconds without anybody's help (I7).
//!
//! `RUNS` sets how often (50 on SQLite, 10 on PostgreSQL), `SEED` repeats the moments of an earlier run; both are printed.

mod cast;
mod check;
mod faults;
mod http;
mod memory;
mod process;
mod shim;
mod story;
mod way;

use std::{sync::Arc, time::Duration};

use backend::{chance::Random, db::DbOptions};
use tempfile::TempDir;

use crate::{
    platform::{create_database, postgres_options},
    port,
};
use memory::Memory;
use process::Process;
use story::Story;

/// From the start of the process to the first accepted submission.
const BACK_WITHIN: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_on_sqlite() {
    let folder = TempDir::new().expect("a temporary folder");
    let database = DbOptions::sqlite(&folder.path().join("guxin.db"));
    nothing_acknowledged_is_lost(&folder, &database, 50).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_on_postgres() {
    let folder = TempDir::new().expect("a temporary folder");
    let url = std::env::var("GUXIN_TEST_DATABASE_URL")
        .expect("GUXIN_TEST_DATABASE_URL is not set: run `make test`, which starts a private PostgreSQL");
    let name = format!("guxin_{}", hex::encode(Random::System.bytes::<8>()));
    create_database(&url, &name, None).await;
    nothing_acknowledged_is_lost(&folder, &postgres_options(&url, &name), 10).await;
}

async fn nothing_acknowledged_is_lost(folder: &TempDir, database: &DbOptions, runs: u32) {
    let runs: u32 = number("RUNS").map_or(runs, |runs| u32::try_from(runs).expect("a number of runs"));
    let seed = number("SEED").unwrap_or_else(|| u64::from_le_bytes(Random::System.bytes()));
    eprintln!("killing the server {runs} times; repeat with SEED={seed}");
    let random = Random::seeded(seed);

    let cast = cast::market(folder.path(), database, (runs as usize).div_ceil(5).max(2)).await;
    let memory = Arc::new(Memory::default());
    let mut process = Process::new(folder.path(), &database.url);
    process.start().await;
    let cast = Arc::new(cast.signed_in(&process).await);
    let story = Story::new(&process, cast, Arc::clone(&memory), seed);
    story.begin().await;

    for run in 0..runs {
        let bytes: [u8; 2] = random.bytes();
        let moment = Duration::from_millis(30 + u64::from(u16::from_le_bytes(bytes)) % 900);
        let tasks = story.tell();
        tokio::time::sleep(moment).await;
        process.kill().await;
        tasks.end().await;

        process.start().await;
        let (back, counts) = check::everything_new(&process, &story, &memory).await;
        // While it serves: an operator need not stop it to look.
        let report = process.fsck().await;
        assert!(report.sound, "run {run}, seed {seed}: {}", report.text);
        assert!(back < BACK_WITHIN, "run {run}, seed {seed}: a submission was accepted only after {back:?}");
        eprintln!("run {run}: killed after {moment:?}, back after {back:?}, {counts}");
    }
    // Whoever was interrupted so often still arrives.
    story.until_one_is_listed().await;
    check::everything_ever(&process, &story, &memory).await;
    let report = process.fsck().await;
    assert!(report.sound, "at the end, seed {seed}: {}", report.text);
    memory.assert_worth_it(runs);
    process.kill().await;
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}={text} is not a number")))
}
