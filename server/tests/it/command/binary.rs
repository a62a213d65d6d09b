//! The binary `guxin` as a person or a script starts it: arguments in, exit status and both outputs out.

use std::{
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use crate::port;

/// A command line of the binary of this build (`GUXIN_TEST_BINARY` names another), without the environment's options.
pub(crate) fn guxin<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let binary =
        std::env::var("GUXIN_TEST_BINARY").unwrap_or_else(|_| env!("CARGO_BIN_EXE_guxin").to_owned());
    let mut command = Command::new(binary);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("GUXIN_")) {
        command.env_remove(name);
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Said {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    pub fn of(output: Output) -> Self {
        Self {
            status: output.status.code().expect("it ended by itself"),
            out: String::from_utf8(output.stdout).expect("text"),
            err: String::from_utf8(output.stderr).expect("text"),
        }
    }

    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("not JSON ({e}): {self:?}"))
    }
}

/// Runs to the end.
pub(crate) fn run<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Said {
    Said::of(guxin(arguments).output().expect("the binary starts"))
}

/// A server on a port of its own; killed when it is dropped.
pub(crate) struct Server {
    pub child: Child,
    pub port: u16,
}

impl Server {
    /// Starts it on this folder and waits until it is ready.
    pub async fn start(data: &Path, more: &[&str]) -> Self {
        let port = port::free();
        let (listen, url) = (format!("127.0.0.1:{port}"), format!("http://localhost:{port}"));
        let data = data.to_str().expect("text");
        let child = guxin(["serve", "--data", data, "--listen", &listen, "--public-url", &url])
            .args(more)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let mut server = Self { child, port };
        let started = Instant::now();
        while !server.is_ready().await {
            let ended = server.child.try_wait().expect("a status");
            assert!(
                ended.is_none() && started.elapsed() < Duration::from_secs(60),
                "not ready, ended: {ended:?}"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        server
    }

    pub async fn is_ready(&self) -> bool {
        let ready = format!("http://localhost:{}/readyz", self.port);
        reqwest::get(&ready).await.is_ok_and(|answer| answer.status().is_success())
    }

    /// Asks it to stop, as a service manager does.
    pub fn terminate(&self) {
        let number = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &number]).status().expect("kill runs");
        assert!(sent.success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
