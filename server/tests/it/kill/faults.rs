//! Faults of the disk, of the clock and of operation, one at a time at every place where they can come while a filing is sent
//! back, submitted and sequenced: the call that is due is carried out no more (SIGKILL), fails (EIO, ENOSPC), or the power goes
//! and takes with it what was not synced. After each one the server is started again, or goes on, and everything that was
//! acknowledged is held against it as in the story of the killed server (SECURITY.md, I1 to I8).
//!
//! Without `GUXIN_FAULTS` a few places of each kind are tried, which is part of every test run. `make faults` sets it to `all`,
//! or to one kind's name, tries every place, and writes what was tried into docs/RELIABILITY.md.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use backend::{chance::Random, db::DbOptions};
use tempfile::TempDir;

use super::{
    cast, check,
    http::Lost,
    memory::Memory,
    process::Process,
    shim::{Action, Calls, Shim},
    story::Story,
};

/// A kind of fault: its name for `ONLY=`, what it is, which calls, and the places of a short run.
struct Kind {
    name: &'static str,
    calls: Calls,
    action: Action,
    few: &'static [u64],
}

const KINDS: [Kind; 11] = [
    kind("kill-sync", Calls::Sync, Action::Kill, &[4]),
    kind("kill-rename", Calls::Rename, Action::Kill, &[2]),
    kind("kill-write", Calls::Write, Action::Kill, &[7]),
    kind("io-sync", Calls::Sync, Action::FailIo, &[3]),
    kind("io-rename", Calls::Rename, Action::FailIo, &[3]),
    kind("io-write", Calls::Write, Action::FailIo, &[5]),
    kind("full-write", Calls::Write, Action::FailSpace, &[9]),
    kind("full-rename", Calls::Rename, Action::FailSpace, &[1]),
    kind("power-sync", Calls::Sync, Action::Drop, &[9, 14]),
    kind("power-rename", Calls::Rename, Action::Drop, &[4]),
    kind("torn-sync", Calls::Sync, Action::Tear, &[10]),
];

const fn kind(name: &'static str, calls: Calls, action: Action, few: &'static [u64]) -> Kind {
    Kind { name, calls, action, few }
}

/// Most places of one kind: a round that has more does not come to its end.
const MOST: u64 = 2_000;
/// After the answer the sequencer goes on: what it published is settled when it is quiet.
const AFTERWARDS: Duration = Duration::from_millis(400);

/// What one kind came to.
#[derive(Default, serde::Serialize)]
struct Tried {
    kind: &'static str,
    /// 1: every place; 3: every third.
    every: usize,
    places: u64,
    acknowledged: u64,
    refused: u64,
    lost_answers: u64,
    slowest_back_ms: u128,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_at_any_place_loses_nothing() {
    let chosen = std::env::var("GUXIN_FAULTS").ok();
    let is_chosen = |name: &str| chosen.as_deref().is_none_or(|chosen| chosen == "all" || chosen == name);
    let mut tried = Vec::new();
    // One market for a few places; a whole run goes on for so long that each kind has its own.
    let mut shared = None;
    for kind in KINDS.iter().filter(|kind| is_chosen(kind.name)) {
        let mut bench = match shared.take() {
            Some(bench) => bench,
            None => Bench::open().await,
        };
        tried.push(bench.run(kind, chosen.is_none()).await);
        if chosen.is_none() {
            shared = Some(bench);
        } else {
            bench.end().await;
        }
    }
    if let Some(bench) = shared {
        bench.end().await;
    }
    if is_chosen("clock") {
        tried.push(clock().await);
    }
    if is_chosen("two-servers") {
        tried.push(two_servers(if chosen.is_none() { 2 } else { 20 }).await);
    }
    if is_chosen("backup") {
        tried.push(backup().await);
    }
    assert!(!tried.is_empty(), "no kind of fault has this name: {chosen:?}");
    if let Ok(path) = std::env::var("GUXIN_FAULTS_RESULTS") {
        std::fs::write(path, serde_json::to_vec_pretty(&tried).expect("JSON")).expect("the results");
    }
}

/// An instance under the shim, with people at work.
struct Bench {
    process: Process,
    shim: Shim,
    story: Story,
    memory: Arc<Memory>,
    folder: TempDir,
    _around: TempDir,
}

impl Bench {
    async fn open() -> Self {
        let (folder, around) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
        let database = DbOptions::sqlite(&folder.path().join("guxin.db"));
        let cast = cast::market(folder.path(), &database, 2).await;
        let shim = Shim::new(around.path(), folder.path());
        let memory = Arc::new(Memory::default());
        let mut process = Process::new(folder.path(), &database.url);
        process.surround(shim.around());
        process.start().await;
        let cast = Arc::new(cast.signed_in(&process).await);
        let story =
            Story::new(&process, cast, Arc::clone(&memory), u64::from_le_bytes(Random::System.bytes()));
        story.begin().await;
        Self { process, shim, story, memory, folder, _around: around }
    }

    /// One kind at every place, or at a few.
    async fn run(&mut self, kind: &Kind, few: bool) -> Tried {
        let every = std::env::var("GUXIN_FAULTS_STEP").ok().and_then(|step| step.parse().ok()).unwrap_or(1);
        let mut tried = Tried { kind: kind.name, every, ..Tried::default() };
        let places: Box<dyn Iterator<Item = u64>> =
            if few { Box::new(kind.few.iter().copied()) } else { Box::new((1..MOST).step_by(every)) };
        for place in places {
            self.shim.arm(kind.calls, kind.action, place);
            let ended = self.round().await;
            tokio::time::sleep(AFTERWARDS).await;
            let fired = self.shim.has_fired();
            self.shim.disarm();
            if !fired {
                assert!(
                    matches!(ended, Ended::Acknowledged),
                    "{} {place}: nothing failed, and yet {ended:?}",
                    kind.name
                );
                assert!(few || place > 1, "{}: such a call never comes", kind.name);
                break;
            }
            tried.places += 1;
            match ended {
                Ended::Acknowledged => tried.acknowledged += 1,
                Ended::Refused => tried.refused += 1,
                Ended::Lost => tried.lost_answers += 1,
            }
            if kind.action.ends_the_process() {
                self.process.gone().await;
                self.process.start().await;
            } else {
                // It goes on by itself, without a restart.
                self.until_accepted(kind.name, place).await;
            }
            let (back, _) = check::everything_new(&self.process, &self.story, &self.memory).await;
            if kind.action.ends_the_process() {
                tried.slowest_back_ms = tried.slowest_back_ms.max(back.as_millis());
            }
            let report = self.process.fsck().await;
            assert!(report.sound, "{} {place}: {}", kind.name, report.text);
            eprintln!("{} {place}: {ended:?}", kind.name);
        }
        tried
    }

    /// Sends back, submits, fetches the receipt. A defect that an answer shows is a refusal here: what it came to is checked.
    async fn round(&self) -> Ended {
        let desk = self.story.desk();
        match tokio::spawn(async move { desk.round(0).await }).await {
            Ok(Ok(())) => Ended::Acknowledged,
            Ok(Err(Lost)) => Ended::Lost,
            Err(_) => Ended::Refused,
        }
    }

    async fn until_accepted(&self, name: &str, place: u64) {
        for _ in 0..8 {
            if matches!(self.round().await, Ended::Acknowledged) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        panic!("{name} {place}: nothing is accepted any more: {}", self.process.log());
    }

    async fn end(mut self) {
        check::everything_ever(&self.process, &self.story, &self.memory).await;
        self.process.kill().await;
    }
}

#[derive(Clone, Copy, Debug)]
enum Ended {
    Acknowledged,
    Refused,
    Lost,
}

/// The clock jumps an hour ahead, back behind where it was, and to the right time again.
async fn clock() -> Tried {
    let mut tried = Tried { kind: "clock", every: 1, ..Tried::default() };
    let mut bench = Bench::open().await;
    for seconds in [600, -3_600, 0, 900, -900] {
        bench.shim.turn_clock(seconds);
        assert!(matches!(bench.round().await, Ended::Acknowledged), "{seconds} s: {}", bench.process.log());
        tried.places += 1;
        tried.acknowledged += 1;
        check::everything_new(&bench.process, &bench.story, &bench.memory).await;
        let report = bench.process.fsck().await;
        assert!(report.sound, "clock {seconds}: {}", report.text);
    }
    bench.process.kill().await;
    bench.process.start().await;
    check::everything_new(&bench.process, &bench.story, &bench.memory).await;
    bench.end().await;
    tried
}

/// A second server on the same folder, while people are at work: it is refused, and nobody notices.
async fn two_servers(rounds: u64) -> Tried {
    let mut tried = Tried { kind: "two-servers", every: 1, ..Tried::default() };
    let bench = Bench::open().await;
    let url = DbOptions::sqlite(&bench.folder.path().join("guxin.db")).url;
    for round in 0..rounds {
        let second = Process::new(bench.folder.path(), &url);
        let (status, ended) = tokio::join!(second.refused(), bench.round());
        assert_eq!(status, Some(2), "round {round}: a second server on one folder");
        assert!(matches!(ended, Ended::Acknowledged), "round {round}: {ended:?}");
        tried.places += 1;
        tried.acknowledged += 1;
        check::everything_new(&bench.process, &bench.story, &bench.memory).await;
        let report = bench.process.fsck().await;
        assert!(report.sound, "round {round}: {}", report.text);
    }
    bench.end().await;
    tried
}

/// Yesterday's database under today's log: nothing is signed, the checkpoint stands, and with the right database again work
/// goes on.
async fn backup() -> Tried {
    let mut tried = Tried { kind: "backup", every: 1, places: 1, ..Tried::default() };
    let mut bench = Bench::open().await;
    bench.process.kill().await;
    let files = ["guxin.db", "guxin.db-wal", "guxin.db-shm"].map(|name| bench.folder.path().join(name));
    let copied = || -> BTreeMap<_, _> {
        files.iter().filter_map(|path| Some((path, std::fs::read(path).ok()?))).collect()
    };
    let restore = |copies: &BTreeMap<&std::path::PathBuf, Vec<u8>>| {
        for path in &files {
            let _ = std::fs::remove_file(path);
        }
        for (path, bytes) in copies {
            std::fs::write(path, bytes).expect("restored");
        }
    };
    let yesterday = copied();
    bench.process.start().await;
    assert!(matches!(bench.round().await, Ended::Acknowledged));
    bench.process.kill().await;
    let today = copied();
    let checkpoint = bench.folder.path().join("objects/ledger/checkpoint");
    let published = std::fs::read(&checkpoint).expect("a checkpoint");

    restore(&yesterday);
    bench.process.start_until("/healthz").await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let ready = reqwest::get(format!("{}/readyz", bench.process.url())).await.expect("an answer");
    assert!(!ready.status().is_success(), "an older database is worked on");
    assert!(bench.process.log().contains("older than the log"), "{}", bench.process.log());
    assert_eq!(std::fs::read(&checkpoint).expect("a checkpoint"), published, "something was signed");
    assert!(!bench.process.fsck().await.sound, "fsck finds nothing in an older database");
    tried.refused += 1;
    bench.process.kill().await;

    restore(&today);
    bench.process.start().await;
    check::everything_new(&bench.process, &bench.story, &bench.memory).await;
    let report = bench.process.fsck().await;
    assert!(report.sound, "{}", report.text);
    bench.end().await;
    tried
}
