//! Witnesses, from both sides over real sockets: the protocol as a stranger speaks it, the platform's log cosigned by four
//! witnesses of its own kind, a mirror that follows and notices what a log withholds or forks, and a monitor.

mod key_change;
mod lines;
mod log;
mod protocol;
mod watching;

use std::net::SocketAddr;

use axum::Router;
use backend::chance::Clock;
use server::witness::{Config, Witness, key_path};
use tempfile::TempDir;
use time::macros::datetime;
use tokio::task::JoinHandle;

/// A server on a port of its own; stops when it is dropped.
pub(super) struct Served {
    pub(super) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Served {
    pub(super) async fn new(router: Router) -> Self {
        Self::at("127.0.0.1:0".parse().expect("an address"), router).await
    }

    pub(super) async fn at(address: SocketAddr, router: Router) -> Self {
        let listener = tokio::net::TcpListener::bind(address).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let task = tokio::spawn(async move { axum::serve(listener, service).await.expect("served") });
        Self { address, task }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A witness's folder with a key, and its configuration.
pub(super) struct Site {
    pub(super) folder: TempDir,
    pub(super) config: Config,
    pub(super) clock: Clock,
}

impl Site {
    /// `logs` are the `[[log]]` tables.
    pub(super) fn new(name: &str, logs: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        let text = format!(
            "name = \"{name}\"\noperator = \"示例监管局\"\npoll_seconds = 3600\nwithheld_after_minutes = 10\ndata = \"{}\"\n{logs}",
            folder.path().display()
        );
        let config = Config::parse(&text).expect("a configuration");
        let seed = <sha2::Sha256 as sha2::Digest>::digest(name).into();
        backend::durable::make_seed(&key_path(&config), &seed).expect("a key");
        Self { folder, config, clock: Clock::standing(datetime!(2026-12-01 02:00 UTC)) }
    }

    pub(super) fn open(&self) -> Witness {
        Witness::open(self.config.clone(), self.clock.clone(), None).expect("a witness")
    }
}
