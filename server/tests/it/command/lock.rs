//! One process at a time works on a data folder.

use std::fs;

use super::{Server, run};
use crate::port;

#[tokio::test]
async fn a_second_server_harms_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_str().expect("text").to_owned();
    let first = Server::start(folder.path(), &[]).await;
    // What the first is receiving.
    let upload = folder.path().join("spool/upload");
    fs::write(&upload, "half a document").expect("a file");

    let listen = format!("127.0.0.1:{}", port::free());
    for arguments in [
        &["serve", "--data", &data, "--listen", &listen][..],
        &["serve", "--demo", "--data", &data, "--listen", &listen],
        &["seed", "--demo", "--data", &data],
        &["secrets", "rotate", "--data", &data],
    ] {
        let said = run(arguments.iter().copied());
        assert_eq!(said.status, 2, "{said:?}");
        let process = format!("process {}", first.child.id());
        assert!(said.err.contains("--data: ") && said.err.contains(&process), "{said:?}");
    }
    assert!(upload.exists(), "the first one's upload is gone");
    assert!(first.is_ready().await);
    let url = format!("http://localhost:{}", first.port);
    let looked = run(["ledger", "fsck", "--data", &data, "--public-url", &url]);
    assert_eq!(looked.status, 0, "looking is allowed: {looked:?}");

    // The lock goes with the process, even with one that was killed.
    drop(first);
    Server::start(folder.path(), &[]).await;
    assert!(!upload.exists(), "what a killed server left is cleared away");
}

#[tokio::test]
async fn a_port_in_use_is_said_before_anything_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let listen = taken.local_addr().expect("an address").to_string();
    let data = folder.path().join("data");
    let said = run(["serve", "--demo", "--data", data.to_str().expect("text"), "--listen", &listen]);
    assert_eq!(said.status, 2, "{said:?}");
    assert!(said.err.contains("--listen: ") && said.err.contains(&listen), "{said:?}");
    assert!(!data.join("guxin.db").exists());
}
