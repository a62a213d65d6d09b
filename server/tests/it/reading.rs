//! The reading process from outside: its limits are really hit, what it started is really gone, and what was read once is
//! not read again.

use std::{
    fs,
    io::Write as _,
    os::unix::{
        fs::PermissionsExt as _,
        process::{CommandExt as _, ExitStatusExt as _},
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use backend::{
    objects::Objects,
    reading::{Limit, Limits, Outcome, Problem, Reader},
};
use domain::{locale::Locale, media::Kind};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::Platform;

fn guxin() -> PathBuf {
    env!("CARGO_BIN_EXE_guxin").into()
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../end2end/fixtures/clean").join(name)
}

/// A Word file with this much text in one paragraph.
fn word(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("made.docx");
    let mut writer = ZipWriter::new(fs::File::create(&path).unwrap());
    writer.start_file("word/document.xml", SimpleFileOptions::default()).unwrap();
    write!(writer, "<w:document><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>")
        .unwrap();
    writer.finish().unwrap();
    path
}

/// A program in place of the reading process.
fn script(folder: &Path, body: &str) -> PathBuf {
    let path = folder.join("reader.sh");
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn limits(seconds: u64) -> Limits {
    Limits { time: Duration::from_secs(seconds), ..Limits::default() }
}

fn problem(outcome: Outcome) -> Problem {
    match outcome {
        Outcome::Unread(problem) => problem,
        Outcome::Read(reading) => panic!("{} pages were read", reading.pages.len()),
    }
}

/// Whether a process still runs; one that only waits to be noticed does not.
fn runs(id: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.trim_start().starts_with('Z'))
}

fn gone(ids: &str) {
    let begun = Instant::now();
    for id in ids.split_whitespace() {
        while runs(id) {
            assert!(begun.elapsed() < Duration::from_secs(5), "process {id} is still there");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Waits until the script has told its own number and its child's.
async fn told(path: &Path) -> String {
    loop {
        let ids = fs::read_to_string(path).unwrap_or_default();
        if ids.split_whitespace().count() == 2 {
            return ids;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Starts something that never ends, as a parser in a loop would, and tells both numbers.
fn endless(folder: &Path) -> (PathBuf, PathBuf) {
    let ids = folder.join("ids");
    let body = format!("sleep 600 &\necho $$ $! > '{0}.new'\nmv '{0}.new' '{0}'\nwait", ids.display());
    (script(folder, &body), ids)
}

#[tokio::test]
async fn a_document_is_read_in_a_process_of_its_own() {
    let reader = Reader::new(guxin(), limits(60), 2);
    let outcome = reader.read_file(&fixture("01 申请文件/1-1 挂牌申请书.pdf"), Kind::Pdf).await.unwrap();
    let Outcome::Read(reading) = outcome else { panic!("{outcome:?}") };
    assert_eq!(reading.page_count, 2);
    assert!(reading.page_text(1).contains("股权挂牌申请书"));
}

#[tokio::test]
async fn the_time_limit_ends_the_process_and_what_it_started() {
    let folder = TempDir::new().unwrap();
    let (program, ids) = endless(folder.path());
    let reader = Reader::new(program, limits(1), 1);
    let outcome =
        problem(reader.read_file(&fixture("01 申请文件/1-1 挂牌申请书.pdf"), Kind::Pdf).await.unwrap());
    assert_eq!(outcome, Problem::Limit { limit: Limit::Time { seconds: 1 } });
    assert!(
        outcome.message(Locale::Zh).contains("超过 1 秒") && outcome.message(Locale::En).contains("1 second")
    );
    gone(&fs::read_to_string(ids).unwrap());
}

#[tokio::test]
async fn a_reading_that_is_given_up_leaves_nothing_behind() {
    let folder = TempDir::new().unwrap();
    let (program, ids) = endless(folder.path());
    let reader = Reader::new(program, limits(60), 1);
    let task = tokio::spawn(async move { reader.read_file(Path::new("/dev/null"), Kind::Pdf).await });
    let ids = told(&ids).await;
    task.abort();
    assert!(task.await.is_err());
    gone(&ids);
}

#[tokio::test]
async fn the_memory_limit_is_named() {
    let folder = TempDir::new().unwrap();
    let path = word(folder.path(), &"字".repeat(40 << 20));
    let limits = Limits { memory_bytes: 300 << 20, unpacked_bytes: 1 << 30, ..limits(120) };
    let outcome = problem(Reader::new(guxin(), limits, 1).read_file(&path, Kind::Docx).await.unwrap());
    assert_eq!(outcome, Problem::Limit { limit: Limit::Memory { bytes: 300 << 20 } });
    assert!(outcome.message(Locale::Zh).contains("300 MB"));
}

#[tokio::test]
async fn the_output_limit_is_named() {
    let folder = TempDir::new().unwrap();
    let path = word(folder.path(), &"字".repeat(10_000));
    let limits = Limits { output_bytes: 1_000, ..limits(60) };
    let outcome =
        problem(Reader::new(guxin(), limits.clone(), 1).read_file(&path, Kind::Docx).await.unwrap());
    assert_eq!(outcome, Problem::Limit { limit: Limit::Output { bytes: 1_000 } });
    // Also when it never stops talking.
    let program = script(folder.path(), "exec yes");
    let outcome = problem(Reader::new(program, limits, 1).read_file(&path, Kind::Docx).await.unwrap());
    assert_eq!(outcome, Problem::Limit { limit: Limit::Output { bytes: 1_000 } });
}

#[tokio::test]
async fn the_reading_process_gets_nothing_of_the_servers_environment() {
    let folder = TempDir::new().unwrap();
    let seen = folder.path().join("seen");
    let program = script(folder.path(), &format!("env > '{}'\nexit 2", seen.display()));
    let outcome = Reader::new(program, limits(30), 1).read_file(Path::new("/dev/null"), Kind::Pdf).await;
    assert!(
        matches!(outcome, Err(backend::Error::Internal(_))),
        "it refused, which is nobody's file's fault"
    );
    let seen = fs::read_to_string(seen).unwrap();
    let mut names: Vec<&str> =
        seen.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
    names.sort_unstable();
    names.retain(|name| !["PWD", "SHLVL", "_", "OLDPWD"].contains(name));
    assert_eq!(names, ["LANG", "MALLOC_ARENA_MAX", "OMP_THREAD_LIMIT", "PATH"]);
}

#[tokio::test]
async fn only_so_many_read_at_a_time() {
    let folder = TempDir::new().unwrap();
    let now = folder.path().join("now");
    fs::create_dir(&now).unwrap();
    let counts = folder.path().join("counts");
    let body = format!(
        "touch '{0}'/$$\nls '{0}' | wc -l >> '{1}'\nsleep 0.3\nrm '{0}'/$$\nexit 2",
        now.display(),
        counts.display()
    );
    let reader = Reader::new(script(folder.path(), &body), limits(60), 2);
    let all = (0..6).map(|_| reader.read_file(Path::new("/dev/null"), Kind::Pdf));
    futures::future::join_all(all).await;
    let counts: Vec<usize> =
        fs::read_to_string(counts).unwrap().lines().map(|line| line.trim().parse().unwrap()).collect();
    assert_eq!(counts.len(), 6);
    assert!(counts.iter().all(|count| *count <= 2), "{counts:?}");
}

#[test]
fn no_reading_outlives_its_server() {
    let limits = serde_json::to_string(&limits(120)).unwrap();
    // A pipe that nobody writes to: the process waits in it for a document that never ends.
    let folder = TempDir::new().unwrap();
    let endless = folder.path().join("endless.docx");
    assert!(Command::new("mkfifo").arg(&endless).status().unwrap().success());
    let mut process = Command::new(guxin())
        .args(["read-document", "--confined", &limits, "--kind", "docx", "--"])
        .arg(&endless)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        // Of its own, as the server starts it: ending the group must not end this test.
        .process_group(0)
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(500));
    assert!(process.try_wait().unwrap().is_none(), "it reads");
    drop(process.stdin.take());
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = process.try_wait().unwrap() {
            break status;
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "it reads on without its server");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(status.signal(), Some(9));
}

#[tokio::test]
async fn a_stored_file_is_read_once() {
    let platform = Platform::sqlite().await;
    let services = &platform.services;
    let bytes = fs::read(fixture("01 申请文件/1-2 股权简称及股权代码的申请.docx")).unwrap();
    let sha256 = Sha256::digest(&bytes);
    services.objects.put(&Objects::blob_key(&sha256), bytes.clone()).await.unwrap();
    let reader = Reader::new(guxin(), limits(60), 1);
    let first = reader.read_blob(services, &sha256, Kind::Docx).await.unwrap();
    assert!(matches!(&first, Outcome::Read(reading) if reading.page_text(1).contains("股权简称")));
    let spool = platform.folder.path().join("spool");
    assert_eq!(fs::read_dir(&spool).unwrap().count(), 0, "the copy is gone");

    // A reader that cannot read answers from what is kept.
    let idle = Reader::new("/nonexistent".into(), limits(60), 1);
    assert_eq!(idle.read_blob(services, &sha256, Kind::Docx).await.unwrap(), first);

    // What is kept was damaged: it is read again.
    let kept = platform.folder.path().join("objects/readings");
    for version in fs::read_dir(&kept).unwrap().flatten() {
        for file in fs::read_dir(version.path()).unwrap().flatten() {
            fs::write(file.path(), b"not deflated").unwrap();
        }
    }
    assert!(idle.read_blob(services, &sha256, Kind::Docx).await.is_err());
    assert_eq!(reader.read_blob(services, &sha256, Kind::Docx).await.unwrap(), first);

    // Bytes that are not those that were stored are read by nobody.
    let other = Sha256::digest(b"something else");
    services.objects.put(&Objects::blob_key(&other), bytes).await.unwrap();
    assert!(matches!(reader.read_blob(services, &other, Kind::Docx).await, Err(backend::Error::Internal(_))));
    let missing = Sha256::digest(b"never stored");
    assert!(matches!(reader.read_blob(services, &missing, Kind::Docx).await, Err(backend::Error::NotFound)));
    assert_eq!(fs::read_dir(&spool).unwrap().count(), 0);
}
