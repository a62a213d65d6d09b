//! The commands of `guxin`. They read options, call the backend and choose the exit status:
//! 0 = good, 1 = checked and wrong, 2 = could not do it.

use std::{io::Write as _, process::ExitCode};

pub(crate) mod drill;
pub(crate) mod folder_lock;
pub(crate) mod instance;
pub(crate) mod ledger;
pub(crate) mod migrate;
pub(crate) mod read_document;
pub(crate) mod secrets;
pub(crate) mod seed;
pub(crate) mod serve;
pub(crate) mod signer;
pub(crate) mod verify;
pub(crate) mod witness;

/// How a command answers on standard output: in words for a person, or as one JSON object for a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Words,
    Json,
}

impl Format {
    /// What `--json` asks for.
    pub(crate) fn of(json: bool) -> Self {
        if json { Self::Json } else { Self::Words }
    }

    /// The same answer either way.
    pub(crate) fn print(self, words: &str, json: &serde_json::Value) -> ExitCode {
        match self {
            Self::Words => print(&format!("{words}\n")),
            Self::Json => print(&format!("{json}\n")),
        }
    }

    /// Says what is wrong and ends with status 2: on standard error for whoever looks, and for a program as
    /// `{"error": "…"}` where it reads the answer.
    pub(crate) fn complain(self, message: &str) -> ExitCode {
        let _ = writeln!(std::io::stderr(), "guxin: {message}");
        if self == Self::Json {
            let _ = writeln!(std::io::stdout(), "{}", serde_json::json!({ "error": message }));
        }
        ExitCode::from(2)
    }

    /// Runs async work to its end.
    pub(crate) fn block_on(self, work: impl Future<Output = anyhow::Result<ExitCode>>) -> ExitCode {
        let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return self.complain(&format!("cannot start: {error}")),
        };
        match runtime.block_on(work) {
            Ok(code) => code,
            Err(error) => self.complain(&format!("{error:#}")),
        }
    }
}

/// Writes a result to standard output.
pub(crate) fn print(text: &str) -> ExitCode {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        // The reader closed the pipe: nothing to complain about.
        Err(_) => ExitCode::from(2),
    }
}
