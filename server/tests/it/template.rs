//! The market that every test starts from: ten companies with a filing in every kind of stage, every actor signed in.
//! Seeding takes seconds and each test runs in a process of its own, so it is made once per build of this binary and
//! copied; the folder's name holds the binary's age and size, so a stale one is never used.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use backend::{Cx, args, db::DbOptions, sequencer};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime, macros::datetime};
use uuid::Uuid;

use crate::{
    Client, Who,
    people::{give_code, give_password},
    platform,
};

/// Monday afternoon in China.
pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-02 08:00 UTC);
/// One filing in every kind of stage.
pub(crate) const COMPANIES: usize = 10;
/// The fewest with which both targets exist.
pub(crate) const FEW_COMPANIES: usize = 5;

/// What tests know of the market.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Known {
    /// Being attested, never submitted.
    pub attesting: Target,
    /// Submitted, waiting for acceptance.
    pub submitted: Target,
    /// The draft of the demonstration's own enterprise.
    pub draft: Uuid,
    /// Cookies of every actor, by name.
    pub cookies: BTreeMap<String, BTreeMap<String, String>>,
    /// Bearer tokens of everybody who is fully signed in, by name.
    pub tokens: BTreeMap<String, String>,
}

/// The objects of one tenant that others try to reach.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Target {
    pub org: Uuid,
    pub person: Uuid,
    pub filing: Uuid,
    pub document: Uuid,
    /// The accountant's engagement.
    pub engagement: Uuid,
    /// Somebody's on the audit report.
    pub attestation: Uuid,
    /// Of the filing and of the organisation, for forms that name what they were made from.
    pub version: i64,
    pub org_version: i64,
}

/// Which database a template is for.
#[derive(Clone, Debug)]
pub(crate) enum On {
    Sqlite,
    /// URL of the test cluster.
    Postgres(String),
}

/// A template: its folder and, on PostgreSQL, the database to copy.
pub(crate) struct Template {
    pub folder: PathBuf,
    pub database: Option<String>,
    pub known: Known,
}

/// The template for this build and database; made when it is not there yet.
pub(crate) async fn get(on: &On, companies: usize) -> Template {
    let base = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let build = build();
    let name = match on {
        On::Sqlite => format!("market-{build}-{companies}-sqlite"),
        On::Postgres(url) => format!("market-{build}-{companies}-postgres-{:x}", crc(url)),
    };
    let folder = base.join(&name);
    let lock = fs::File::create(base.join("market.lock")).expect("a lock file");
    lock.lock().expect("the lock");
    let database = match on {
        On::Sqlite => None,
        On::Postgres(_) => Some(format!("guxin_market_{}_{companies}", build.replace('-', "_"))),
    };
    if !folder.join("known.json").exists() {
        forget_old(base, &build);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        let options = match (on, &database) {
            (On::Postgres(url), Some(name)) => {
                platform::create_database(url, name, None).await;
                platform::postgres_options(url, name)
            }
            _ => DbOptions::sqlite(&folder.join("guxin.db")),
        };
        let known = make(&folder, &options, companies).await;
        fs::write(folder.join("known.json"), serde_json::to_vec(&known).expect("JSON")).expect("a file");
    }
    let known = fs::read(folder.join("known.json")).expect("a file");
    Template { known: serde_json::from_slice(&known).expect("JSON"), folder, database }
}

async fn make(folder: &Path, options: &DbOptions, companies: usize) -> Known {
    let services = platform::services(folder, options, NOW, 20_261_102).await;
    backend::seed::demo(Arc::clone(&services), NOW, companies, |_, _| ())
        .await
        .expect("the market is seeded");
    let cx = Cx::anonymous(Arc::clone(&services));
    sequencer::drain(&cx, &sequencer::Options::default()).await.expect("the ledger catches up");
    for who in Who::ALL {
        who.enrol(&services).await;
    }
    // A code is good once; those who have just confirmed one need the next.
    services.clock.set(NOW + Duration::minutes(2));
    let known = Known {
        attesting: target(&cx, "company3@demo.guxin.example").await,
        submitted: target(&cx, "company4@demo.guxin.example").await,
        draft: filing_of(&cx, "enterprise@demo.guxin.example").await,
        cookies: sign_in_all(&services).await,
        tokens: make_tokens(&services).await,
    };
    services.db.close().await;
    known
}

async fn sign_in_all(services: &Arc<backend::Services>) -> BTreeMap<String, BTreeMap<String, String>> {
    let router = platform::router(services, Path::new("/nonexistent"));
    let mut cookies = BTreeMap::new();
    for who in Who::ALL {
        let mut client = Client::new(router.clone());
        if let Some(credentials) = who.credentials() {
            let answer = give_password(&mut client, &credentials).await;
            assert_eq!(answer.location(), "/login/second-factor", "{who:?}: {}", answer.text());
            if who != Who::PasswordOnly {
                let answer = give_code(&mut client, &credentials, services.clock.now()).await;
                assert_eq!(answer.location(), "/home", "{who:?}: {}", answer.text());
            }
        }
        cookies.insert(who.name().to_owned(), client.cookies);
    }
    cookies
}

async fn make_tokens(services: &Arc<backend::Services>) -> BTreeMap<String, String> {
    let mut tokens = BTreeMap::new();
    for who in Who::signed_in() {
        let login = who.credentials().expect("credentials").login;
        let cx = crate::people::cx_of(services, &login).await;
        let made = backend::token::create(&cx, "test", 30).await.expect("a token");
        tokens.insert(who.name().to_owned(), made.secret);
    }
    tokens
}

pub(crate) async fn filing_of(cx: &Cx, login: &str) -> Uuid {
    let (filing,): (Uuid,) = cx
        .db
        .read()
        .one(
            "SELECT f.id FROM filing f JOIN person p ON p.org_id = f.org_id WHERE p.login = $1",
            args![login],
        )
        .await
        .expect("the company has a filing");
    filing
}

async fn target(cx: &Cx, login: &str) -> Target {
    let (org, person): (Uuid, Uuid) = cx
        .db
        .read()
        .one("SELECT org_id, id FROM person WHERE login = $1", args![login])
        .await
        .expect("the company is registered");
    let filing = filing_of(cx, login).await;
    let (document,): (Uuid,) = cx
        .db
        .read()
        .one("SELECT id FROM document WHERE filing_id = $1 AND slot = 'audit_report'", args![filing])
        .await
        .expect("an audit report");
    let (engagement,): (Uuid,) = cx
        .db
        .read()
        .one(
            "SELECT e.id FROM engagement e JOIN person p ON p.org_id = e.firm_id WHERE e.filing_id = $1 AND p.login = $2",
            args![filing, "accountant@demo.guxin.example"],
        )
        .await
        .expect("the accountant is engaged");
    let attestations: Vec<(Uuid,)> = cx
        .db
        .read()
        .all(
            "SELECT id FROM attestation WHERE filing_id = $1 AND slot = 'audit_report' ORDER BY outbox_seq",
            args![filing],
        )
        .await
        .expect("attestations");
    // A filing that is being attested may have none yet: then nobody finds it, like a stranger.
    let attestation = attestations.first().map_or_else(Uuid::nil, |(id,)| *id);
    let (version, org_version): (i64, i64) = cx
        .db
        .read()
        .one(
            "SELECT f.version, o.version FROM filing f JOIN organisation o ON o.id = f.org_id WHERE f.id = $1",
            args![filing],
        )
        .await
        .expect("versions");
    Target { org, person, filing, document, engagement, attestation, version, org_version }
}

/// Size and age of the running binary.
fn build() -> String {
    let binary = std::env::current_exe().and_then(fs::metadata).expect("the test binary");
    let modified =
        binary.modified().expect("a time").duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    format!("{:x}-{:x}", binary.len(), modified.as_millis())
}

/// Templates of earlier builds go, once nobody can be testing with them any more.
fn forget_old(base: &Path, build: &str) {
    let Ok(entries) = fs::read_dir(base) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let age = entry
            .metadata()
            .and_then(|data| data.modified())
            .ok()
            .and_then(|at| at.elapsed().ok())
            .unwrap_or_default();
        if name.starts_with("market-")
            && !name.contains(build)
            && age > std::time::Duration::from_secs(86_400)
        {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn crc(text: &str) -> u32 {
    text.bytes().fold(2_166_136_261, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(16_777_619))
}
