//! Reading documents: from a file to [`Reading`], which the rules sort, take facts from and compare. Files are hostile until
//! read, so a process of its own reads each one: `guxin read-document --confined`, which limits itself before it opens the
//! file ([`confine`]) and which [`Reader`] ends with everything it started when the time is up. What it found is kept with the
//! objects and never read twice. Called by the background jobs of the workspace and by `guxin read-document`.

use std::{
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::Arc,
};

use domain::{media::Kind, reading::Reading};
use rustix::process::{Pid, Signal, kill_process_group};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    process::{Child, Command},
    sync::{OnceCell, Semaphore},
    task::spawn_blocking,
    time::timeout,
};

use crate::error::{Error, Result};

mod confine;
mod cut;
mod docx;
mod draw;
mod file;
mod layout;
mod limits;
mod package;
mod pdf;
mod picture;
mod problem;
mod recognition;
mod store;
mod tool;
mod xlsx;
mod xml;

pub use confine::{confine, end_with_parent};
pub use cut::cut;
pub use draw::{Drawn, draw};
pub use file::read;
pub use limits::Limits;
pub use problem::{Limit, Problem};
pub use store::VERSION;

/// What came of reading a file; what the reading process prints, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Read(Reading),
    Unread(Problem),
}

/// Starts reading processes, so many at a time. Clones share that number.
#[derive(Clone, Debug)]
pub struct Reader {
    program: PathBuf,
    limits: Limits,
    at_once: Arc<Semaphore>,
    recognises: Arc<OnceCell<bool>>,
    draws: Arc<OnceCell<bool>>,
}

/// What the reading process may say to standard error, for the log.
const COMPLAINT: u64 = 4 << 10;

impl Reader {
    /// Reads with `program`, the binary `guxin`, at most `at_once` files at a time.
    #[must_use]
    pub fn new(program: PathBuf, limits: Limits, at_once: usize) -> Self {
        Self {
            program,
            limits,
            at_once: Arc::new(Semaphore::new(at_once.max(1))),
            recognises: Arc::default(),
            draws: Arc::default(),
        }
    }

    /// Whether pictures are recognised on this machine; asked once. Where they are not, pages tell with
    /// [`domain::reading::TextSource::None`] that they were not read, and people are told why.
    ///
    /// # Errors
    /// When the question could not be asked.
    pub async fn recognises(&self) -> Result<bool> {
        let ask = || async { spawn_blocking(recognition::is_here).await.map_err(Error::internal) };
        self.recognises.get_or_try_init(ask).await.copied()
    }

    /// Reads a file. Waits its turn first.
    ///
    /// # Errors
    /// [`Error::Internal`] when the reading process cannot be started or says what is no outcome; everything that the
    /// file is to blame for is an [`Outcome`].
    pub async fn read_file(&self, path: &Path, kind: Kind) -> Result<Outcome> {
        let outcome = match self.run(path, kind, &[], &self.limits).await? {
            Some(answer) => self.outcome(&answer, kind)?,
            None => Outcome::Unread(Problem::Limit { limit: self.time() }),
        };
        metrics::counter!("guxin_readings_total", "outcome" => outcome.code()).increment(1);
        Ok(outcome)
    }

    /// Starts the process with a further task, if any, waits its turn and its end; none when its time was up.
    async fn run(&self, path: &Path, kind: Kind, task: &[&str], limits: &Limits) -> Result<Option<Answer>> {
        let _turn = self.at_once.acquire().await.map_err(Error::internal)?;
        let mut process = self.start(path, kind, task, limits)?;
        let answer = timeout(limits.time, process.answer(limits.output_bytes)).await.ok().transpose()?;
        process.end().await;
        Ok(answer)
    }

    fn start(&self, path: &Path, kind: Kind, task: &[&str], limits: &Limits) -> Result<Process> {
        let limits = serde_json::to_string(limits)?;
        let child = Command::new(&self.program)
            .args(["read-document", "--confined", &limits, "--kind", kind.name()])
            .args(task)
            .arg("--")
            .arg(path)
            // Nothing that the server was given reaches the reading process, its secrets least of all.
            .env_clear()
            .env("PATH", tool::PATH)
            .env("LANG", "C.UTF-8")
            // One core per reading, and no address space set aside for threads that would like their own heap.
            .env("OMP_THREAD_LIMIT", "1")
            .env("MALLOC_ARENA_MAX", "1")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        Ok(Process { group: Group(group), child })
    }

    /// What the answer means; how the process ended tells why there is none.
    fn outcome(&self, answer: &Answer, kind: Kind) -> Result<Outcome> {
        let most = self.limits.output_bytes;
        if answer.output.len() as u64 > most {
            return Ok(Outcome::Unread(Problem::Limit { limit: Limit::Output { bytes: most } }));
        }
        let complaint = String::from_utf8_lossy(&answer.complaint).into_owned();
        if answer.status.success() {
            return serde_json::from_slice(&answer.output).map_err(|error| {
                Error::Internal(anyhow::anyhow!("the reading process said nonsense: {error}"))
            });
        }
        tracing::info!(status = %answer.status, complaint, "a reading ended early");
        let memory = Problem::Limit { limit: Limit::Memory { bytes: self.limits.memory_bytes } };
        match end_of(answer.status) {
            End::CpuTime => Ok(Outcome::Unread(Problem::Limit { limit: self.time() })),
            // The kernel's choice when the machine itself runs out.
            End::Killed => Ok(Outcome::Unread(memory)),
            End::Aborted if complaint.contains("memory allocation of") => Ok(Outcome::Unread(memory)),
            // A bug in a reader that this file sets off: the file is not read, the log says why.
            End::Aborted | End::Panicked => Ok(Outcome::Unread(Problem::Damaged { kind })),
            End::Refused => Err(Error::Internal(anyhow::anyhow!("the reading process refused: {complaint}"))),
        }
    }

    fn time(&self) -> Limit {
        Limit::Time { seconds: self.limits.time.as_secs() }
    }
}

impl Outcome {
    /// Stable code for figures: `read`, or the problem's.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Read(_) => "read",
            Self::Unread(problem) => problem.code(),
        }
    }
}

/// What a reading process said, and how it ended.
struct Answer {
    output: Vec<u8>,
    complaint: Vec<u8>,
    status: ExitStatus,
}

/// How a process ended that gave no answer.
enum End {
    CpuTime,
    Killed,
    Aborted,
    Panicked,
    Refused,
}

fn end_of(status: ExitStatus) -> End {
    use std::os::unix::process::ExitStatusExt as _;
    let is = |signal: Signal| status.signal() == Some(signal.as_raw());
    if is(Signal::XCPU) {
        End::CpuTime
    } else if is(Signal::KILL) {
        End::Killed
    } else if status.signal().is_some() {
        End::Aborted
    } else if status.code() == Some(101) {
        End::Panicked
    } else {
        End::Refused
    }
}

/// A reading process and what it started. Dropping it, as when a request is given up, ends them all.
struct Process {
    // Before the child: the group is ended while its first member is still there, so that its number is nobody else's.
    group: Group,
    child: Child,
}

struct Group(Option<Pid>);

impl Group {
    fn end(&mut self) {
        if let Some(group) = self.0.take() {
            // Nothing left in it is as good.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}

impl Process {
    /// Everything that it says, at most one byte more than it may.
    async fn answer(&mut self, most: u64) -> Result<Answer> {
        let (stdout, stderr) = (self.child.stdout.take(), self.child.stderr.take());
        let (output, complaint) = tokio::join!(capture(stdout, most + 1), capture(stderr, COMPLAINT));
        let output = output?;
        if output.len() as u64 > most {
            // It would wait for a reader that has heard enough.
            self.group.end();
        }
        let status = self.child.wait().await?;
        Ok(Answer { output, complaint: complaint?, status })
    }

    /// Ends what is left of the group. The number of a group is not given to another while it has members, and one that has
    /// none is not given again so soon.
    async fn end(mut self) {
        self.group.end();
        let _ = self.child.wait().await;
    }
}

async fn capture(source: Option<impl AsyncRead + Unpin>, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(source) = source {
        source.take(most).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}
