//! SIGTERM: what is under way ends well or is refused, nothing acknowledged is lost, and the process ends with status 0.

use std::{
    process::ExitStatus,
    time::{Duration, Instant},
};

use backend::chance::Clock;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{Server, run};
use crate::{
    Client, Platform, Who,
    people::{give_code, give_password},
    upload::pdf,
};

/// The market's folder with a session that is good now; the database is closed.
struct Instance {
    platform: Platform,
    cookie: String,
}

impl Instance {
    async fn new() -> Self {
        let platform = Platform::sqlite().await;
        let (services, router) = platform.changed(|services| services.clock = Clock::System);
        let credentials = Who::OtherEnterprise.credentials().expect("an account");
        let mut client = Client::new(router);
        give_password(&mut client, &credentials).await;
        let answer = give_code(&mut client, &credentials, services.clock.now()).await;
        assert_eq!(answer.location(), "/home", "{}", answer.text());
        let cookie: Vec<String> =
            client.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        services.db.close().await;
        Self { cookie: cookie.join("; "), platform }
    }

    async fn start(&self, more: &[&str]) -> Server {
        Server::start(self.platform.folder.path(), &[&["--demo"], more].concat()).await
    }

    /// A connection over which half a document was sent, and the other half.
    async fn half_an_upload(&self, server: &Server) -> (TcpStream, Vec<u8>) {
        let port = server.port;
        let bytes = pdf(&"x".repeat(300_000));
        let (first, rest) = bytes.split_at(bytes.len() / 2);
        let head = format!(
            "POST /filings/{}/slots/audit_report/documents HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: http://localhost:{port}\r\n\
             Sec-Fetch-Site: same-origin\r\nCookie: {}\r\nX-File-Name: a.pdf\r\nContent-Type: application/octet-stream\r\n\
             Content-Length: {}\r\n\r\n",
            self.platform.known.draft,
            self.cookie,
            bytes.len()
        );
        let mut connection = TcpStream::connect(("127.0.0.1", port)).await.expect("it listens");
        connection.write_all(head.as_bytes()).await.expect("sent");
        connection.write_all(first).await.expect("sent");
        // Under way once its file is in the spool.
        let begun = Instant::now();
        while self.spooled() == 0 {
            assert!(begun.elapsed() < Duration::from_secs(20), "the upload was not begun");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        (connection, rest.to_vec())
    }

    fn spooled(&self) -> usize {
        std::fs::read_dir(self.platform.folder.path().join("spool")).expect("a spool").count()
    }

    /// Size of the ledger, of an instance in which nothing is wrong.
    fn ledger_size(&self) -> u64 {
        let said =
            run(["ledger", "fsck", "--json", "--data", self.platform.folder.path().to_str().expect("text")]);
        assert_eq!(said.status, 0, "{said:?}");
        said.json()["size"].as_u64().expect("a size")
    }
}

async fn end_of(server: &mut Server, within: Duration) -> ExitStatus {
    let asked = Instant::now();
    loop {
        if let Some(status) = server.child.try_wait().expect("a status") {
            return status;
        }
        assert!(asked.elapsed() < within, "it still runs");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_under_way_ends_well_and_is_anchored() {
    let instance = Instance::new().await;
    let before = instance.ledger_size();
    let mut server = instance.start(&[]).await;
    let (mut connection, rest) = instance.half_an_upload(&server).await;
    server.terminate();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(TcpStream::connect(("127.0.0.1", server.port)).await.is_err(), "it takes new connections");
    assert!(server.child.try_wait().expect("a status").is_none(), "it did not wait for the upload");
    connection.write_all(&rest).await.expect("it still reads");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    assert!(end_of(&mut server, Duration::from_secs(20)).await.success());
    assert_eq!(instance.spooled(), 0);

    // Its event waits for whoever sequences next, or is on the ledger already.
    let size = instance.ledger_size();
    assert!((before..=before + 1).contains(&size));
    let mut again = instance.start(&[]).await;
    let started = Instant::now();
    while instance.ledger_size() <= before {
        assert!(started.elapsed() < Duration::from_secs(20), "what was acknowledged is not on the ledger");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    again.terminate();
    assert!(end_of(&mut again, Duration::from_secs(20)).await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_never_ends_is_cut_off() {
    let instance = Instance::new().await;
    let before = instance.ledger_size();
    let mut server = instance.start(&["--shutdown-seconds", "1"]).await;
    let (_connection, _rest) = instance.half_an_upload(&server).await;
    server.terminate();
    assert!(end_of(&mut server, Duration::from_secs(15)).await.success());
    assert_eq!(instance.ledger_size(), before, "half a document is not one");
    // What it left in the spool goes at the next start, if it left anything.
    let again = instance.start(&[]).await;
    assert_eq!(instance.spooled(), 0);
    drop(again);
}
