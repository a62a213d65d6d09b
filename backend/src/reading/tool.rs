//! Programs of others that read better than we could: poppler for PDF, tesseract for pictures. Both are optional; who
//! calls them asks first. They run inside the reading process's limits and die with its group.

use std::{
    io::{Read, Write},
    os::unix::process::ExitStatusExt as _,
    path::PathBuf,
    process::{Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use super::problem::{Limit, Problem};

/// Where programs are looked for, whatever the caller's own path is.
pub(super) const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// A program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tool(&'static str);

/// Text and places of a PDF's own text.
pub(super) const PDFTOTEXT: Tool = Tool("pdftotext");
/// Number of pages and what else a PDF says about itself.
pub(super) const PDFINFO: Tool = Tool("pdfinfo");
/// Which pictures stand on which page.
pub(super) const PDFIMAGES: Tool = Tool("pdfimages");
/// A page as a picture.
pub(super) const PDFTOPPM: Tool = Tool("pdftoppm");
/// Characters of a picture.
pub(super) const TESSERACT: Tool = Tool("tesseract");

/// SIGXCPU, the signal at the end of the processor time that a process may use.
const CPU_TIME: i32 = 24;

/// What a program said, or how it ended without.
pub(super) enum Said {
    Output(Vec<u8>),
    /// It failed; what it wrote to standard error, cut short.
    Failed(String),
    /// It took longer than it may.
    TooSlow,
    /// It got no more memory.
    Starved,
}

impl Tool {
    /// Where the machine has it, if it does.
    fn place(self) -> Option<PathBuf> {
        std::env::split_paths(PATH).map(|folder| folder.join(self.0)).find(|place| place.is_file())
    }

    /// Whether the machine has it.
    pub(super) fn is_here(self) -> bool {
        self.place().is_some()
    }

    /// Runs it with these arguments, feeding it `input`.
    ///
    /// # Errors
    /// The limit on output, when it prints more than `most` bytes.
    pub(super) fn run(
        self,
        arguments: &[&str],
        input: Vec<u8>,
        most: u64,
        time: Duration,
    ) -> Result<Said, Problem> {
        let begun = Instant::now();
        let Some(place) = self.place() else { return Ok(Said::Failed(format!("there is no {}", self.0))) };
        let child = Command::new(place)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = match child {
            Ok(child) => child,
            Err(error) => return Ok(Said::Failed(error.to_string())),
        };
        let (Some(mut stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Ok(Said::Failed("no pipes".to_owned()));
        };
        // A program that stops reading closes its end, and one that is killed does: none of these threads outlives it.
        std::thread::spawn(move || stdin.write_all(&input));
        let (say, said) = mpsc::channel();
        let complaint = std::thread::spawn(move || {
            let mut stderr = stderr;
            let complaint = capture(&mut stderr, 4 << 10);
            // Read on, or a program with much to complain about would die of the closed pipe.
            let _ = std::io::copy(&mut stderr, &mut std::io::sink());
            complaint
        });
        std::thread::spawn(move || say.send(capture(stdout, most + 1)));
        let left = time.saturating_sub(begun.elapsed());
        let output = said.recv_timeout(left);
        if output.is_err() {
            let _ = child.kill();
        }
        let ended = child.wait();
        let Ok(output) = output else { return Ok(Said::TooSlow) };
        if output.len() as u64 > most {
            return Err(Problem::Limit { limit: Limit::Output { bytes: most } });
        }
        let Ok(status) = ended else { return Ok(Said::Failed("gone".to_owned())) };
        if status.success() {
            return Ok(Said::Output(output));
        }
        if status.signal() == Some(CPU_TIME) {
            return Ok(Said::TooSlow);
        }
        let complaint = complaint.join().unwrap_or_default();
        let complaint = String::from_utf8_lossy(&complaint).into_owned();
        // What C++ and poppler say before they abort.
        let starved = ["bad_alloc", "Out of memory", "memory exhausted", "length_error"];
        if status.signal().is_some() && starved.iter().any(|words| complaint.contains(words)) {
            return Ok(Said::Starved);
        }
        Ok(Said::Failed(complaint))
    }
}

/// Everything up to `most` bytes; the rest stays in the pipe, whose closing ends the writer.
fn capture(source: impl Read, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = source.take(most).read_to_end(&mut bytes);
    bytes
}
