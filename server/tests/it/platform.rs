//! One test's platform: a copy of the market, its services, its router and its browsers.

use std::{fs, path::Path, sync::Arc};

use axum::Router;
use backend::{
    Cx, Services,
    chance::{Clock, Random},
    db::{Db, DbOptions},
    faults::Faults,
    ledger_store::LedgerStore,
    objects::Objects,
    queue::Queue,
    reading::{Limits, Reader},
    sequencer,
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
use time::{Duration, OffsetDateTime};
use tokio::sync::{Notify, Semaphore};

use crate::{
    Answer, Client, Who,
    template::{self, COMPANIES, Known, NOW, On},
};

/// A platform of its own for one test.
pub(crate) struct Platform {
    pub services: Arc<Services>,
    pub router: Router,
    pub known: Known,
    /// How its database is reached.
    pub database: DbOptions,
    /// Removed with the platform.
    pub folder: TempDir,
}

impl Platform {
    pub async fn sqlite() -> Self {
        Self::open(&On::Sqlite, COMPANIES).await
    }

    /// A market with fewer companies, on SQLite.
    pub async fn with_companies(companies: usize) -> Self {
        Self::open(&On::Sqlite, companies).await
    }

    /// # Panics
    /// Without a PostgreSQL to test on: a missing database is a failure, never a skip.
    pub async fn postgres() -> Self {
        let url = std::env::var("GUXIN_TEST_DATABASE_URL")
            .expect("GUXIN_TEST_DATABASE_URL is not set: run `make test`, which starts a private PostgreSQL");
        Self::open(&On::Postgres(url), COMPANIES).await
    }

    async fn open(on: &On, companies: usize) -> Self {
        let template = template::get(on, companies).await;
        let folder = TempDir::new().expect("a temporary folder");
        copy(&template.folder, folder.path());
        let options = match (on, &template.database) {
            (On::Postgres(url), Some(source)) => {
                let name = format!("guxin_{}", hex::encode(Random::System.bytes::<8>()));
                create_database(url, &name, Some(source)).await;
                postgres_options(url, &name)
            }
            _ => DbOptions::sqlite(&folder.path().join("guxin.db")),
        };
        // Two minutes after the market's last moment, when everybody signed in; identifiers differ from the seed's.
        let services = services(folder.path(), &options, NOW + Duration::minutes(3), 7).await;
        let site = folder.path().join("site");
        fs::create_dir_all(site.join("pkg")).expect("a folder");
        fs::write(site.join("pkg/guxin.css"), "body{}").expect("a file");
        let router = router(&services, &site);
        Self { services, router, known: template.known, database: options, folder }
    }

    /// A browser in which this actor is signed in.
    pub fn client(&self, who: Who) -> Client {
        let cookies = self.known.cookies.get(who.name()).cloned().unwrap_or_default();
        Client::with_cookies(self.router.clone(), cookies)
    }

    /// Reads an address as this actor: a page with the session's cookie, the JSON API with the actor's token.
    pub async fn read(&self, who: Who, path: &str) -> Answer {
        if path.starts_with("/api/") {
            let token = self.known.tokens.get(who.name()).map(String::as_str);
            Client::new(self.router.clone()).ask(path, token).await
        } else {
            self.client(who).get(path).await
        }
    }

    /// The same platform, changed by `change`; the database is shared.
    pub fn changed(&self, change: impl FnOnce(&mut Services)) -> (Arc<Services>, Router) {
        let mut services = (*self.services).clone();
        change(&mut services);
        let services = Arc::new(services);
        let router = router(&services, &self.folder.path().join("site"));
        (services, router)
    }

    /// A context without a person, to look into the database.
    pub fn cx(&self) -> Cx {
        Cx::anonymous(Arc::clone(&self.services))
    }

    /// Anchors everything that waits, as the sequencer's task does in the background.
    pub async fn anchor(&self) {
        sequencer::drain(&self.cx(), &sequencer::Options::default()).await.expect("the ledger catches up");
    }
}

/// Opens everything a platform runs on; the clock stands at `at`.
pub(crate) async fn services(
    folder: &Path,
    database: &DbOptions,
    at: OffsetDateTime,
    seed: u64,
) -> Arc<Services> {
    let db = Db::open(database).await.expect("the schema migrates");
    let settings = Settings { demo: true, ..Settings::for_tests() };
    let objects = Objects::folder(folder).expect("an object folder");
    let signer = LogSigner::open(folder, &settings.ledger_origin, &Random::seeded(7)).expect("a log key");
    let ledger = LedgerStore::new(objects.clone(), signer.verifier_key());
    backend::key_change::load(&ledger, &signer).await.expect("the log's keys");
    Arc::new(Services {
        db,
        ledger,
        objects,
        signer,
        vault: Vault::open(folder, &Random::seeded(8)).expect("keys"),
        queue: Queue::default(),
        faults: Faults::default(),
        attempts: Attempts::default().into(),
        clock: Clock::standing(at),
        random: Random::seeded(seed),
        settings,
        calendar: Calendar::builtin().clone(),
        packs: RulePackVersions::new(vec![RulePack::listing().clone()]).expect("one pack"),
        outbox_bell: Arc::new(Notify::new()),
        anchored: Arc::default(),
        intake_bell: Arc::new(Notify::new()),
        hashing: Arc::new(Semaphore::new(2)),
        reader: Reader::new(env!("CARGO_BIN_EXE_guxin").into(), Limits::default(), 1),
    })
}

/// The real router.
pub(crate) fn router(services: &Arc<Services>, site: &Path) -> Router {
    let state = server::http::State::new(Arc::clone(services), site.to_owned(), None, Vec::new());
    server::http::router(state).expect("the router")
}

pub(crate) fn postgres_options(url: &str, name: &str) -> DbOptions {
    let (base, _) = url.rsplit_once('/').expect("a database name in the URL");
    DbOptions { url: format!("{base}/{name}"), supervision_url: None, connections: 4 }
}

/// Makes a database, empty or as a copy.
pub(crate) async fn create_database(url: &str, name: &str, template: Option<&str>) {
    let mut admin = <sqlx::PgConnection as sqlx::Connection>::connect(url).await.expect("PostgreSQL answers");
    let source = template.map(|source| format!(" TEMPLATE {source}")).unwrap_or_default();
    for sql in [format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name}{source}")] {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut admin).await.expect("a database of its own");
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("the template").flatten() {
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            fs::create_dir_all(&target).expect("a folder");
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).expect("a copy");
        }
    }
}
