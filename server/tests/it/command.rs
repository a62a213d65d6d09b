//! The commands through the real binary: exit status 0 for good, 1 for checked and wrong, 2 for could not; the same in
//! JSON for programs; and errors that name the option to look at.

mod binary;
mod drill;
mod fsck;
mod lock;
mod options;
mod seed;
mod shutdown;
mod signer;
mod token;
mod verify;

pub(crate) use binary::{Said, Server, guxin, run};

use server::http::api;

#[test]
fn the_api_is_described_as_the_snapshot_says() {
    let said = run(["openapi"]);
    assert_eq!(said.status, 0, "{said:?}");
    // What the function answers is pinned by a snapshot (`surface`).
    assert_eq!(said.out, api::description());
    assert_eq!(said.json()["openapi"], "3.1.0");
}

#[test]
fn the_workflow_is_printed_as_the_documentation_has_it() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/WORKFLOW.md");
    let said = run(["workflow"]);
    assert_eq!((said.status, said.out), (0, std::fs::read_to_string(page).expect("the page")));
}

#[test]
fn a_schema_is_made_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("new/data");
    let data = data.to_str().expect("text");
    let first = run(["migrate", "--data", data]);
    assert_eq!(first.status, 0, "{first:?}");
    let version = run(["migrate", "--data", data, "--json"]);
    assert_eq!(version.status, 0, "{version:?}");
    let number = version.json()["schema_version"].as_i64().expect("a number");
    assert!(number >= 10 && first.out.contains(&format!("version {number}\n")), "{first:?}");
}
