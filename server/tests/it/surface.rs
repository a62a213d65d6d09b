//! The public surface as snapshots: pages, other routes, server functions, the JSON API's description. A change of
//! any of them is meant, or it fails here.

use std::{collections::BTreeSet, fs, path::Path};

use server::http;

/// Every page's address, as the router knows them (`{id}`), in the site's order.
pub(crate) fn pages() -> Vec<String> {
    http::pages().iter().map(|listing| listing.path().to_owned()).collect()
}

/// Every route that is no page: method and address, read from the sources, since a router cannot list itself.
pub(crate) fn raw_routes() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/http");
    let mut routes = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("the sources").flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "rs") {
            collect(&entry.path(), &mut routes);
        }
    }
    collect(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/http.rs")), &mut routes);
    routes.into_iter().collect()
}

fn collect(file: &Path, routes: &mut BTreeSet<(String, String)>) {
    let text = fs::read_to_string(file).expect("a source");
    for part in text.split(".route(").skip(1) {
        let Some((path, handler)) = part.trim_start().strip_prefix('"').and_then(|rest| rest.split_once('"'))
        else {
            panic!("{}: a route whose address is not a literal", file.display());
        };
        let handler = handler.trim_start_matches([',', ' ', '\n']);
        let method =
            ["post", "patch"].into_iter().find(|method| handler.starts_with(method)).unwrap_or("get");
        let method = method.to_uppercase();
        routes.insert((method, path.to_owned()));
    }
}

/// Every route of the JSON API, as its own description has them.
pub(crate) fn api_routes() -> Vec<String> {
    let description: serde_json::Value = serde_json::from_str(&http::api::description()).expect("JSON");
    let paths = description["paths"].as_object().expect("paths");
    assert!(
        paths.values().all(|methods| methods.as_object().is_some_and(|m| m.keys().eq(["get"]))),
        "the API reads only"
    );
    paths.keys().map(|path| format!("/api/v1{path}")).collect()
}

/// Every server function's address.
pub(crate) fn functions() -> Vec<String> {
    let all: BTreeSet<String> =
        leptos::server_fn::axum::server_fn_paths().map(|(path, method)| format!("{method} {path}")).collect();
    all.into_iter()
        .map(|line| {
            let path = line
                .strip_prefix("POST ")
                .unwrap_or_else(|| panic!("{line}: only POST, so that no GET mutates"));
            assert!(path.starts_with("/do/"), "{path} lies outside /do/, where nothing would serve it");
            path.to_owned()
        })
        .collect()
}

#[test]
fn pages_are_these() {
    insta::assert_snapshot!(pages().join("\n"));
}

#[test]
fn other_routes_are_these() {
    let lines: Vec<String> =
        raw_routes().into_iter().map(|(method, path)| format!("{method:<6}{path}")).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn server_functions_are_these() {
    insta::assert_snapshot!(functions().join("\n"));
}

#[test]
fn the_api_is_described_as_this() {
    insta::assert_snapshot!(http::api::description());
}
