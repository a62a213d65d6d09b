//! A digest of every table, to show that nothing changed.

use std::collections::BTreeMap;

use backend::{args, db::Engine};

use crate::Platform;

/// What reading may change: sessions and tokens are touched, supervisors' reading is recorded.
pub(crate) const TOUCHED_BY_READING: [&str; 4] = ["access_chain", "access_record", "api_token", "session"];

/// Digest of the contents of every table, by table.
pub(crate) async fn of(platform: &Platform) -> BTreeMap<String, String> {
    let mut state = BTreeMap::new();
    for table in tables() {
        let digest = digest(platform, &table).await;
        state.insert(table, digest);
    }
    state
}

/// The tables whose contents differ.
pub(crate) fn changed(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<String> {
    before
        .iter()
        .filter(|(table, digest)| after.get(*table) != Some(digest))
        .map(|(table, _)| table.clone())
        .collect()
}

/// The tables that differ although reading may not touch them.
pub(crate) fn changed_beyond_reading(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
) -> Vec<String> {
    changed(before, after).into_iter().filter(|table| !TOUCHED_BY_READING.contains(&table.as_str())).collect()
}

async fn digest(platform: &Platform, table: &str) -> String {
    let reader = platform.services.db.read();
    match platform.services.db.engine() {
        Engine::Postgres => {
            let sql =
                format!("SELECT COALESCE(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {table} t");
            reader.one::<(String,)>(sql.leak(), args![]).await.expect("a digest").0
        }
        Engine::Sqlite => {
            let columns: Vec<(String,)> = reader
                .all(format!("SELECT name FROM pragma_table_info('{table}')").leak(), args![])
                .await
                .expect("columns");
            let row: Vec<String> = columns.iter().map(|(name,)| format!("quote(\"{name}\")")).collect();
            let sql = format!(
                "SELECT COALESCE(group_concat(line, '|'), '') FROM (SELECT {} AS line FROM {table} ORDER BY 1)",
                row.join("||','||")
            );
            reader.one::<(String,)>(sql.leak(), args![]).await.expect("contents").0
        }
    }
}

/// Every table that the migrations make.
fn tables() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations/sqlite");
    let mut tables = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the migrations").flatten() {
        let text = std::fs::read_to_string(entry.path()).expect("a migration");
        tables.extend(text.lines().filter_map(|line| {
            let name = line.trim().strip_prefix("CREATE TABLE ")?;
            Some(name.split([' ', '(']).next()?.to_owned())
        }));
    }
    assert!(tables.len() > 20, "the migrations were not read: {tables:?}");
    tables.sort();
    tables
}
