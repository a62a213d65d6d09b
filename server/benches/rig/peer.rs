//! The process that a benchmark compares the server with: the benchmark's own binary, started again, which serves a
//! router on loopback with the runtime and the listener of `guxin serve`. It ends when the benchmark does.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use axum::Router;
use tokio::net::TcpListener;

/// First argument of a process that is to be the peer; the second is its folder.
const ROLE: &str = "be-the-peer";

/// The folder to work in, in a process that is the peer.
pub(crate) fn asked() -> Option<PathBuf> {
    let mut args = std::env::args_os().skip(1);
    (args.next()? == ROLE).then(|| args.next().map(PathBuf::from)).flatten()
}

/// Serves until standard input ends, which it does when the benchmark ends, however that happens.
pub(crate) fn serve(router: Router) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        #[expect(clippy::print_stdout, reason = "how the benchmark learns the address")]
        {
            println!("{}", listener.local_addr()?);
        }
        let mut end = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
        let app = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::select! {
            served = axum::serve(listener, app).into_future() => served?,
            _ = &mut end => {}
        }
        Ok(())
    })
}

/// The running peer.
pub(crate) struct Peer {
    child: Child,
    pub(crate) url: String,
}

impl Peer {
    pub(crate) fn start(folder: &Path) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(ROLE)
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().ok_or_else(|| anyhow::anyhow!("the peer has no output"))?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        // As the server is asked: by name.
        let port = line.trim().rsplit(':').next().unwrap_or_default();
        Ok(Self { url: format!("http://localhost:{port}"), child })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
