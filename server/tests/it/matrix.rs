//! Who gets what: every page, every other route and every server function, asked by every actor for objects of two
//! tenants, as one table that a person can read; and the rules that no table may break.

mod functions;
pub(crate) mod targets;

use std::collections::BTreeMap;

use axum::http::StatusCode;
use backend::db::Engine;

use crate::{Answer, Platform, Who, state, surface, template::Target};
use functions::{Function, Reach};

/// Everybody may see these, and nothing else.
pub(crate) const PUBLIC: &[&str] = &[
    "/",
    "/api/v1/ledger/checkpoint",
    "/api/v1/ledger/entries",
    "/api/v1/ledger/entries/{index}",
    "/api/v1/ledger/entries/{index}/proof",
    "/api/v1/market",
    "/api/v1/openapi.json",
    "/healthz",
    "/invite/{token}",
    "/ledger",
    "/ledger/checkpoint",
    "/ledger/checkpoint/{size}",
    "/ledger/checkpoints",
    "/ledger/consistency",
    "/ledger/entries/{index}",
    "/ledger/keys",
    "/ledger/policy",
    "/ledger/proof/{file}",
    "/ledger/tile/{*path}",
    "/ledger/vkey",
    "/ledger/witnesses",
    "/login",
    "/metrics",
    "/readyz",
    "/register",
    "/rules",
    "/styleguide",
    "/verify",
    "/verify/guxin-verify.html",
];

/// Strangers to the tenant.
const STRANGERS: [Who; 2] = [Who::OtherEnterprise, Who::ForeignFirm];

/// One line of the table: what, on which target, and each actor's outcome.
struct Line {
    what: String,
    outcomes: Vec<String>,
}

fn table(lines: &[Line]) -> String {
    let width = lines.iter().map(|line| line.what.len()).max().unwrap_or_default();
    let mut out = format!("{:width$}", "");
    for who in Who::ALL {
        out.push_str(&format!("  {:<18}", who.name()));
    }
    for line in lines {
        out.push_str(&format!("\n{:width$}", line.what));
        for outcome in &line.outcomes {
            out.push_str(&format!("  {outcome:<18}"));
        }
    }
    out.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// Pages and raw GET routes, in one list without doubles.
pub(crate) fn readable() -> Vec<String> {
    let mut paths = surface::pages();
    paths.extend(surface::raw_routes().into_iter().filter(|(method, _)| method == "GET").map(|(_, path)| {
        // The API's routes are read from a file that is nested below its prefix.
        if path == "/openapi.json" { format!("/api/v1{path}") } else { path }
    }));
    paths.extend(surface::api_routes());
    paths.sort();
    paths.dedup();
    paths
}

#[tokio::test]
async fn reading() {
    let platform = Platform::sqlite().await;
    let mut lines = Vec::new();
    let mut broken = Vec::new();
    for (name, target) in [("attesting", &platform.known.attesting), ("submitted", &platform.known.submitted)]
    {
        for route in readable() {
            let path = targets::fill(&route, target);
            if !route.contains('{') && name != "attesting" {
                continue;
            }
            let mut outcomes = Vec::new();
            for who in Who::ALL {
                let answer = platform.read(who, &path).await;
                broken.extend(
                    wrong_reading(&route, who, name, &answer)
                        .map(|why| format!("{route} [{name}] as {who:?}: {why}")),
                );
                outcomes.push(answer.outcome());
            }
            let what = if !route.contains('{') { route } else { format!("{route} [{name}]") };
            lines.push(Line { what, outcomes });
        }
    }
    assert_eq!(broken, Vec::<String>::new());
    insta::assert_snapshot!(table(&lines));
}

/// Why an answer breaks a rule that holds whatever the table says.
fn wrong_reading(route: &str, who: Who, target: &str, answer: &Answer) -> Option<String> {
    let status = answer.status;
    let public = PUBLIC.contains(&route);
    let problem = answer.header("content-type") == "application/problem+json";
    if route.starts_with("/api/v1") && !status.is_success() && !problem {
        return Some("a failure of the API that is no problem document".to_owned());
    }
    // The same rules hold for the API's routes as for the pages'.
    let (api, route) = route.strip_prefix("/api/v1").map_or((false, route), |rest| (true, rest));
    if status.is_server_error() {
        return Some(format!("{status}: {}", answer.text().chars().take(300).collect::<String>()));
    }
    if matches!(who, Who::Anonymous | Who::PasswordOnly) && status.is_success() && !public {
        // In the middle of signing in a person may enrol a factor and look after the own account.
        let own = who == Who::PasswordOnly
            && (route.starts_with("/account") || route == "/login/second-factor" || route == "/home");
        return (!own).then(|| "a page for the signed in is shown".to_owned());
    }
    let tenants = ["/filings/{", "/documents/{", "/engagements/{", "/attestations/{"];
    if STRANGERS.contains(&who) && tenants.iter().any(|prefix| route.starts_with(prefix)) {
        return (status != StatusCode::NOT_FOUND).then(|| format!("a stranger gets {status}"));
    }
    let supervision = route.starts_with("/supervision")
        || api && ["/companies", "/access-records"].iter().any(|prefix| route.starts_with(prefix));
    if supervision
        && who != Who::Supervisor
        && status.is_success()
        && !(who == Who::Operator
            && ["/supervision/access", "/supervision/access.csv", "/access-records"].contains(&route))
    {
        return Some("only supervisors look through the market".to_owned());
    }
    let exchange = route.starts_with("/review") || route.starts_with("/admin");
    let staff = matches!(who, Who::Reviewer | Who::SecondReviewer | Who::Operator);
    if exchange && !staff && status.is_success() {
        return Some("only the exchange works here".to_owned());
    }
    // What was never submitted is the enterprise's own.
    let outside = staff || who == Who::Supervisor;
    if target == "attesting"
        && outside
        && tenants.iter().any(|prefix| route.starts_with(prefix))
        && status.is_success()
    {
        return Some("a private draft is shown".to_owned());
    }
    None
}

#[test]
fn every_server_function_has_a_row() {
    let known = functions::all();
    let missing: Vec<String> = surface::functions()
        .into_iter()
        .filter(|path| !known.iter().any(|function| function.path == path))
        .collect();
    assert_eq!(missing, Vec::<String>::new(), "server functions without a row in matrix/functions.rs");
    let gone: Vec<&str> = known
        .iter()
        .map(|function| function.path)
        .filter(|path| !surface::functions().iter().any(|there| there == path))
        .collect();
    assert_eq!(gone, Vec::<&str>::new(), "rows for server functions that are no more");
}

#[tokio::test]
async fn writing_on_sqlite() {
    writing(Engine::Sqlite).await;
}

#[tokio::test]
async fn writing_on_postgres() {
    writing(Engine::Postgres).await;
}

/// Both databases give the same table.
async fn writing(engine: Engine) {
    let mut world = World::new(engine).await;
    let mut lines = Vec::new();
    let mut broken = Vec::new();
    for function in &functions::all() {
        for name in ["attesting", "submitted"] {
            if function.reach != Reach::Tenant && name != "attesting" {
                continue;
            }
            let mut outcomes = Vec::new();
            for who in Who::ALL {
                let (answer, changed) = world.call(function, name, who).await;
                broken.extend(
                    wrong_writing(function, who, &answer, &changed).map(|why| {
                        format!("{} [{name}] as {who:?}: {why}: {}", function.path, answer.text())
                    }),
                );
                outcomes.push(answer.outcome());
            }
            let what = if function.reach == Reach::Tenant {
                format!("{} [{name}]", function.path)
            } else {
                function.path.to_owned()
            };
            lines.push(Line { what, outcomes });
        }
    }
    assert_eq!(broken, Vec::<String>::new());
    insta::assert_snapshot!("writing", table(&lines));
}

/// Why an answer breaks a rule that holds whatever the table says.
fn wrong_writing(function: &Function, who: Who, answer: &Answer, changed: &[String]) -> Option<String> {
    let status = answer.status;
    if status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE {
        return Some(status.to_string());
    }
    if answer.text().contains("\"message\":\"\"") {
        return Some("the arguments were not understood: mend the row in matrix/functions.rs".to_owned());
    }
    let beyond: Vec<&String> =
        changed.iter().filter(|table| !state::TOUCHED_BY_READING.contains(&table.as_str())).collect();
    // A wrong password is counted, whoever gives it.
    let counted = function.reach == Reach::Account && beyond.iter().all(|table| *table == "person");
    if !status.is_success() && function.reach != Reach::Door && !beyond.is_empty() && !counted {
        return Some(format!("{status}, and yet it changed {beyond:?}"));
    }
    if who == Who::Supervisor
        && function.reach != Reach::Account
        && function.reach != Reach::Door
        && !beyond.is_empty()
    {
        return Some(format!("a supervisor changed {beyond:?}"));
    }
    match function.reach {
        Reach::Door => None,
        // Mostly 401; what is nonsense before anybody is asked for may be called that.
        _ if who == Who::Anonymous => (!status.is_client_error()).then(|| "nobody is signed in".to_owned()),
        Reach::Account => None,
        _ if who == Who::PasswordOnly => {
            status.is_success().then(|| "the second factor is missing".to_owned())
        }
        Reach::Organisation => None,
        Reach::Tenant if STRANGERS.contains(&who) => {
            (status != StatusCode::NOT_FOUND).then(|| format!("a stranger gets {status}"))
        }
        Reach::Tenant => None,
        Reach::Exchange => {
            let staff = matches!(who, Who::Reviewer | Who::SecondReviewer | Who::Operator);
            (!staff && status.is_success()).then(|| "only the exchange does that".to_owned())
        }
    }
}

/// A platform that is replaced whenever a call changed it, so that the order of calls does not matter.
struct World {
    engine: Engine,
    platform: Platform,
    before: BTreeMap<String, String>,
}

impl World {
    async fn new(engine: Engine) -> Self {
        let platform = match engine {
            Engine::Sqlite => Platform::sqlite().await,
            Engine::Postgres => Platform::postgres().await,
        };
        let before = state::of(&platform).await;
        Self { engine, platform, before }
    }

    async fn call(&mut self, function: &Function, target: &str, who: Who) -> (Answer, Vec<String>) {
        let target: Target = match target {
            "attesting" => self.platform.known.attesting.clone(),
            _ => self.platform.known.submitted.clone(),
        };
        let fields = targets::fields(function.fields, &target);
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = self.platform.client(who).call(function.path, &fields).await;
        let after = state::of(&self.platform).await;
        let changed = state::changed(&self.before, &after);
        let touched_only = changed.iter().all(|table| state::TOUCHED_BY_READING.contains(&table.as_str()));
        let of_sessions =
            matches!(function.reach, Reach::Door | Reach::Account) && answer.status.is_success();
        if touched_only && !of_sessions {
            // Somebody was seen, nothing more: the next actor finds the same platform.
            self.before = after;
        } else if !changed.is_empty() {
            *self = Self::new(self.engine).await;
        }
        (answer, changed)
    }
}

/// The functions that act for tenants, organisations or the exchange: none of them is a supervisor's.
pub(crate) fn tenant_functions() -> impl Iterator<Item = Function> {
    functions::all().into_iter().filter(|function| !matches!(function.reach, Reach::Door | Reach::Account))
}
