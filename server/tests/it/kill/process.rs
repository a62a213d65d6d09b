//! The real binary on a port and a folder of its own: started, killed, started again. The benchmarks run it, too.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use tokio::process::{Child, Command};

use super::port;

/// The binary of this build; `GUXIN_TEST_BINARY` names another, such as an installed release.
fn binary() -> String {
    std::env::var("GUXIN_TEST_BINARY").unwrap_or_else(|_| env!("CARGO_BIN_EXE_guxin").to_owned())
}

/// One instance.
pub(super) struct Process {
    folder: PathBuf,
    /// URL of the database.
    database: String,
    port: u16,
    child: Option<Child>,
    started: Instant,
    /// Environment of the server, not of its other commands.
    around: Vec<(&'static str, PathBuf)>,
}

/// What `guxin ledger fsck` said.
pub(super) struct Fsck {
    pub(super) sound: bool,
    pub(super) text: String,
}

impl Process {
    pub(super) fn new(folder: &Path, database: &str) -> Self {
        Self {
            folder: folder.to_owned(),
            database: database.to_owned(),
            port: port::free(),
            child: None,
            started: Instant::now(),
            around: Vec::new(),
        }
    }

    /// Starts the server with these variables from now on.
    pub(super) fn surround(&mut self, around: Vec<(&'static str, PathBuf)>) {
        self.around = around;
    }

    pub(super) fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(binary());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("GUXIN_")) {
            command.env_remove(name);
        }
        command
            .kill_on_drop(true)
            .env("GUXIN_PUBLIC_URL", self.url())
            .env("GUXIN_DATA", &self.folder)
            .env("GUXIN_DATABASE", &self.database);
        command
    }

    /// Fills the empty folder with the demonstration, which takes longer than a start may.
    pub(super) async fn seed(&self) {
        let output = self.command().args(["seed", "--demo"]).output().await.expect("the binary starts");
        assert!(output.status.success(), "not seeded: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Its process id while it runs.
    pub(super) fn pid(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
    }

    /// Starts it and waits until it can serve.
    pub(super) async fn start(&mut self) {
        self.start_until("/readyz").await;
    }

    /// Starts it and waits until this address answers well: `/healthz` does before there is a ledger to work on.
    pub(super) async fn start_until(&mut self, address: &str) {
        self.started = Instant::now();
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("server.log"))
            .expect("a log file");
        let child = self
            .command()
            .args(["serve", "--demo", "--log", "info", "--listen", &format!("127.0.0.1:{}", self.port)])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .envs(self.around.iter().map(|(name, value)| (name, value)))
            .spawn()
            .expect("the binary starts");
        self.child = Some(child);
        let ready = format!("{}{address}", self.url());
        loop {
            if let Ok(answer) = reqwest::get(&ready).await
                && answer.status().is_success()
            {
                return;
            }
            let ended = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten());
            assert!(ended.is_none(), "it ended at once ({ended:?}): {}", self.log());
            assert!(
                self.started.elapsed() < Duration::from_secs(60),
                "not ready after a minute: {}",
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Time since the last start began.
    pub(super) fn since_start(&self) -> Duration {
        self.started.elapsed()
    }

    /// Tries to serve beside another one; answers the status that it ends with.
    pub(super) async fn refused(&self) -> Option<i32> {
        let listen = format!("127.0.0.1:{}", self.port);
        let mut command = self.command();
        command.args(["serve", "--demo", "--listen", &listen]);
        let ended = tokio::time::timeout(Duration::from_secs(20), command.output()).await;
        ended.ok()?.expect("the binary starts").status.code()
    }

    /// Waits until it is gone by itself.
    pub(super) async fn gone(&mut self) {
        if let Some(mut child) = self.child.take() {
            tokio::time::timeout(Duration::from_secs(20), child.wait())
                .await
                .expect("it was killed")
                .expect("a child");
        }
    }

    /// SIGKILL: nothing of it runs on, not even a destructor.
    pub(super) async fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().await.expect("it was running");
        }
    }

    /// Checks the whole instance with the product's own command.
    pub(super) async fn fsck(&self) -> Fsck {
        let output =
            self.command().args(["ledger", "fsck", "--json"]).output().await.expect("the binary starts");
        let text =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        Fsck { sound: output.status.code() == Some(0), text }
    }

    /// The end of what it logged.
    pub(super) fn log(&self) -> String {
        let text = std::fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}
