//! Supervisors' pages through the role that `guxin migrate --print-supervision-role` makes: everything can be read.

use backend::db::{self, Db, DbOptions};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::{
    Client, Platform, Who,
    command::run,
    matrix::targets,
    surface::{self, api_routes},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_role_suffices_for_every_page() {
    let platform = Platform::postgres().await;
    let said = run(["migrate", "--print-supervision-role", "--data", "/nonexistent"]);
    assert_eq!((said.status, said.out.as_str()), (0, db::SUPERVISION_ROLE));
    let mut owner = PgConnection::connect(&platform.database.url).await.expect("the owner signs in");
    sqlx::raw_sql(AssertSqlSafe(said.out)).execute(&mut owner).await.expect("the role is made");
    // A role of this test's own, since roles belong to the whole cluster.
    let name = format!("reader_{}", hex::encode(platform.services.random.bytes::<6>()));
    let member = format!(
        "CREATE ROLE {name} LOGIN PASSWORD 'reader' IN ROLE guxin_supervision; ALTER ROLE {name} SET role = guxin_supervision"
    );
    sqlx::raw_sql(AssertSqlSafe(member)).execute(&mut owner).await.expect("a member");
    let (_, host) = platform.database.url.rsplit_once('@').expect("a user in the URL");
    let supervision_url = Some(format!("postgres://{name}:reader@{host}"));
    let db = Db::open(&DbOptions { supervision_url, ..platform.database.clone() }).await.expect("opened");
    let (_, router) = platform.changed(|services| services.db = db);

    let cookies = platform.known.cookies[Who::Supervisor.name()].clone();
    let token = platform.known.tokens[Who::Supervisor.name()].clone();
    let mut read = 0;
    for target in [&platform.known.attesting, &platform.known.submitted] {
        for route in surface::pages() {
            let path = targets::fill(&route, target);
            let answer = Client::with_cookies(router.clone(), cookies.clone()).get(&path).await;
            assert!(!answer.status.is_server_error(), "{path}: {}", answer.text());
            read += usize::from(answer.status.is_success());
        }
        for route in api_routes() {
            let path = targets::fill(&route, target);
            let answer = Client::new(router.clone()).ask(&path, Some(&token)).await;
            assert!(!answer.status.is_server_error(), "{path}: {}", answer.text());
            read += usize::from(answer.status.is_success());
        }
    }
    assert!(read > 30, "only {read} pages were read");
}
