//! A small world for one test: a fresh database, a fresh folder, a standing clock and repeatable randomness.

use std::sync::Arc;

use backend::{
    Cx, Services,
    chance::{Clock, Random},
    db::{Db, DbOptions},
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
use tempfile::TempDir;
use time::macros::datetime;
use tokio::sync::{Notify, Semaphore};

/// One test's world.
pub struct World {
    pub services: Arc<Services>,
    /// Removed with the world.
    pub folder: TempDir,
    /// The options it was opened with, to open it again after a simulated crash.
    pub database: DbOptions,
}

impl World {
    pub async fn sqlite() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let database = DbOptions::sqlite(&folder.path().join("guxin.db"));
        Self::open(folder, database).await
    }

    pub async fn postgres() -> Self {
        let url = std::env::var("GUXIN_TEST_DATABASE_URL")
            .expect("GUXIN_TEST_DATABASE_URL is not set: run `make test`, which starts a private PostgreSQL");
        let name = format!("guxin_{}", hex::encode(Random::System.bytes::<8>()));
        let mut admin =
            <sqlx::PgConnection as sqlx::Connection>::connect(&url).await.expect("PostgreSQL answers");
        sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .execute(&mut admin)
            .await
            .expect("a database of its own");
        let (base, _) = url.rsplit_once('/').expect("a database name in the URL");
        let database = DbOptions { url: format!("{base}/{name}"), supervision_url: None, connections: 4 };
        Self::open(TempDir::new().expect("a temporary folder"), database).await
    }

    async fn open(folder: TempDir, database: DbOptions) -> Self {
        let services = services(&folder, &database, Faults::default(), 20_261_102).await;
        Self { services, folder, database }
    }

    /// The same database and folder, opened as a restarted process does: new connections, nothing in memory.
    /// `seed` makes its identifiers differ from those of the life before.
    pub async fn reopen(&self, faults: Faults, seed: u64) -> Arc<Services> {
        services(&self.folder, &self.database, faults, seed).await
    }

    /// Nobody signed in.
    pub fn anonymous(&self) -> Cx {
        Cx::anonymous(Arc::clone(&self.services))
    }
}

async fn services(folder: &TempDir, database: &DbOptions, faults: Faults, seed: u64) -> Arc<Services> {
    let db = Db::open(database).await.expect("the schema migrates");
    let settings = Settings::for_tests();
    let objects = Objects::folder(folder.path()).expect("an object folder");
    let signer =
        LogSigner::open(folder.path(), &settings.ledger_origin, &Random::seeded(7)).expect("a log key");
    let ledger = LedgerStore::new(objects.clone(), signer.verifier_key());
    key_change::load(&ledger, &signer).await.expect("the log's keys");
    Arc::new(Services {
        db,
        ledger,
        objects,
        signer,
        vault: Vault::open(folder.path(), &Random::seeded(8)).expect("keys"),
        queue: Queue::default(),
        faults,
        // A Monday morning in China.
        clock: Clock::standing(datetime!(2026-11-02 01:00 UTC)),
        random: Random::seeded(seed),
        settings,
        calendar: Calendar::builtin().clone(),
        packs: RulePackVersions::new(vec![RulePack::listing().clone()]).expect("one pack"),
        outbox_bell: Arc::new(Notify::new()),
        anchored: Arc::default(),
        intake_bell: Arc::new(Notify::new()),
        hashing: Arc::new(Semaphore::new(2)),
        reader: Reader::new("guxin".into(), Limits::default(), 1),
        attempts: Arc::new(Attempts::default()),
    })
}
