//! Stands in for compile-time checking: every registered statement is prepared on both migrated databases.

use crate::on_both;

on_both! {
    async fn every_statement_is_understood(world: World) {
        let mut wrong = Vec::new();
        for (name, sql) in backend::sql::all() {
            if let Err(error) = world.services.db.prepare(sql).await {
                wrong.push(format!("{name}: {error:#}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

#[test]
fn every_module_with_statements_is_in_the_register() {
    let registered: std::collections::BTreeSet<&str> = backend::sql::all()
        .into_iter()
        .filter_map(|(name, _)| name.rsplit_once("::").map(|(module, _)| module))
        .collect();
    let mut missing = Vec::new();
    visit(
        std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")),
        "backend",
        &mut |module, text| {
            if text.contains("statements! {")
                && !text.contains("macro_rules! statements")
                && !registered.contains(module)
            {
                missing.push(module.to_owned());
            }
        },
    );
    assert!(missing.is_empty(), "add to backend/src/sql.rs: {missing:?}");
}

fn visit(folder: &std::path::Path, module: &str, see: &mut impl FnMut(&str, &str)) {
    for entry in std::fs::read_dir(folder).expect("the source folder").flatten() {
        let path = entry.path();
        let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or_default().to_owned();
        if path.is_dir() {
            visit(&path, &format!("{module}::{stem}"), see);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let name =
                if stem == "lib" || stem == "mod" { module.to_owned() } else { format!("{module}::{stem}") };
            see(&name, &std::fs::read_to_string(&path).expect("a source file"));
        }
    }
}
