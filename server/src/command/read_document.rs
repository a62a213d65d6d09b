//! `guxin read-document FILE…`: reads documents as the platform does and prints each reading as a line of JSON, or with
//! `--text` as text per page. With `--confined` it is the reading process itself, which [`backend::reading::Reader`] starts:
//! that reads one file within limits which it first sets for good, and prints the outcome for its parent.

use std::{
    fmt::Write as _,
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use backend::reading::{self, Limits, Outcome, Reader};
use clap::Args;
use domain::{locale::Locale, media::Kind, reading::Reading};

use super::{Format, print};

/// What to read, and how to show it.
#[derive(Args, Debug)]
pub(crate) struct ReadDocument {
    /// Documents.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// What they are, whatever their names say: pdf, docx, xlsx, jpg or png.
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Option<Kind>,
    /// Print text per page instead of JSON.
    #[arg(long)]
    text: bool,
    /// Without poppler and tesseract, also where they are installed.
    #[arg(long)]
    plain: bool,
    /// Be the reading process, with these limits (JSON).
    #[arg(long, value_name = "LIMITS", hide = true)]
    confined: Option<String>,
    /// As the reading process: draw this page as PNG instead of reading.
    #[arg(long, value_name = "PAGE", hide = true, requires = "confined")]
    draw: Option<u32>,
    /// As the reading process: cut these pages (2-5) out as a PDF instead of reading.
    #[arg(long, value_name = "FIRST-LAST", hide = true, requires = "confined", value_parser = range)]
    cut: Option<(u32, u32)>,
}

fn range(text: &str) -> Result<(u32, u32), String> {
    let parts = text.split_once('-').and_then(|(first, last)| first.parse().ok().zip(last.parse().ok()));
    parts.ok_or_else(|| "a range like 2-5".to_owned())
}

fn kind(name: &str) -> Result<Kind, String> {
    Kind::from_name(name).ok_or_else(|| format!("one of {}", Kind::NAMES.join(", ")))
}

pub(crate) fn run(options: ReadDocument) -> ExitCode {
    match &options.confined {
        Some(limits) => confined(&options, limits),
        None => Format::Words.block_on(read(options)),
    }
}

/// The reading process: no runtime, no configuration, one file.
fn confined(options: &ReadDocument, limits: &str) -> ExitCode {
    let limits: Limits = match serde_json::from_str(limits) {
        Ok(limits) => limits,
        Err(error) => return Format::Words.complain(&format!("--confined: {error}")),
    };
    let ([file], Some(kind)) = (options.files.as_slice(), options.kind) else {
        return Format::Words.complain("--confined reads one file of a --kind");
    };
    if let Err(error) = reading::confine(&limits) {
        return Format::Words.complain(&format!("--confined: the limits cannot be set: {error}"));
    }
    reading::end_with_parent();
    if let Some(page) = options.draw {
        return made(reading::draw(file, kind, page, &limits));
    }
    if let Some((first, last)) = options.cut {
        return made(reading::cut(file, first, last, &limits));
    }
    let outcome = match reading::read(file, kind, &limits) {
        Ok(reading) => Outcome::Read(reading),
        Err(problem) => Outcome::Unread(problem),
    };
    match serde_json::to_string(&outcome) {
        Ok(text) => print(&text),
        Err(error) => Format::Words.complain(&error.to_string()),
    }
}

/// What was made goes out as it is; why there is nothing, as JSON.
fn made(made: Result<Vec<u8>, reading::Problem>) -> ExitCode {
    let bytes = match made.map_or_else(|problem| serde_json::to_vec(&problem), Ok) {
        Ok(bytes) => bytes,
        Err(error) => return Format::Words.complain(&error.to_string()),
    };
    match std::io::stdout().lock().write_all(&bytes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => Format::Words.complain(&error.to_string()),
    }
}

/// For people: every file through a reading process, as the platform does it.
async fn read(options: ReadDocument) -> anyhow::Result<ExitCode> {
    let limits = Limits { programs: !options.plain, ..Limits::default() };
    let reader = Reader::new(std::env::current_exe()?, limits, 1);
    let mut status = ExitCode::SUCCESS;
    for file in &options.files {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let Some(kind) = options.kind.or_else(|| Kind::from_file_name(&name)) else {
            status = Format::Words.complain(&format!("{}: name its --kind", file.display()));
            continue;
        };
        // The reading process has another working directory.
        let outcome = reader.read_file(&std::path::absolute(file)?, kind).await?;
        if matches!(outcome, Outcome::Unread(_)) {
            status = ExitCode::from(1);
        }
        let shown =
            if options.text { in_words(file, &outcome) } else { serde_json::to_string(&outcome)? + "\n" };
        if print(&shown) != ExitCode::SUCCESS {
            return Ok(ExitCode::from(2));
        }
    }
    Ok(status)
}

fn in_words(file: &Path, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Unread(problem) => {
            format!(
                "{}\n  {}\n  {}\n",
                file.display(),
                problem.message(Locale::Zh),
                problem.message(Locale::En)
            )
        }
        Outcome::Read(reading) => text(file, reading),
    }
}

/// Cells are parted by tabs; `=` marks what a formula made and `%` a percentage.
fn text(file: &Path, reading: &Reading) -> String {
    let mut out =
        format!("{}: {} pages, {} sheets\n", file.display(), reading.page_count, reading.sheets.len());
    for page in &reading.pages {
        let _ =
            writeln!(out, "--- page {} ({:?})\n{}", page.number, page.source, reading.page_text(page.number));
    }
    for sheet in &reading.sheets {
        let _ = writeln!(out, "--- sheet {}{}", sheet.name, if sheet.hidden { " (hidden)" } else { "" });
        for row in &sheet.rows {
            let cells = row.cells.iter().map(|cell| {
                let (formula, percent) =
                    (if cell.formula { "=" } else { "" }, if cell.percent { "%" } else { "" });
                format!("{formula}{}{percent}", cell.text)
            });
            let hidden = if row.hidden { " (hidden)" } else { "" };
            let _ = writeln!(out, "{}{hidden}\t{}", row.number, cells.collect::<Vec<_>>().join("\t"));
        }
    }
    out
}
