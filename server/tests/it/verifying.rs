//! docs/VERIFYING.md, command by command, against a log that is served over HTTP: what the page promises to a court expert
//! works as it is written there.

use std::{fs, path::Path, process::Command};

use tempfile::TempDir;

use crate::{Platform, Who, witness::Served};

const PAGE: &str = include_str!("../../../docs/VERIFYING.md");
const ADDRESS: &str = "https://guxin.example.cn";

/// A block of commands with what stands behind its fence.
struct Block {
    tags: String,
    text: String,
}

fn blocks() -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for line in PAGE.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(tags)) => open = Some(Block { tags: tags.to_owned(), text: String::new() }),
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(block), None) => block.text.push_str(&format!("{line}\n")),
            (None, None) => {}
        }
    }
    found
}

/// What the filer hands over, and a program of this name to run.
async fn papers(platform: &Platform) -> TempDir {
    let target = &platform.known.submitted;
    let mut owner = platform.client(Who::OwnerSubmitted);
    let folder = TempDir::new().expect("a folder");
    for (name, path) in [
        ("receipt.json", format!("/filings/{}/versions/1/receipt.json", target.filing)),
        ("document.pdf", format!("/documents/{}/versions/1/content", target.document)),
        ("evidence.zip", format!("/filings/{}/versions/1/evidence.zip", target.filing)),
    ] {
        let answer = owner.get(&path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        fs::write(folder.path().join(name), &answer.body).expect("a file");
    }
    let programs = folder.path().join("programs");
    fs::create_dir(&programs).expect("a folder");
    let binary =
        std::env::var("GUXIN_TEST_BINARY").unwrap_or_else(|_| env!("CARGO_BIN_EXE_guxin").to_owned());
    std::os::unix::fs::symlink(binary, programs.join("guxin")).expect("a link");
    folder
}

fn run(block: &Block, url: &str, folder: &Path) -> (i32, String) {
    let path = format!("{}:{}", folder.join("programs").display(), std::env::var("PATH").expect("a path"));
    let mut command = Command::new("bash");
    command.args(["-euo", "pipefail", "-c", &block.text.replace(ADDRESS, url)]);
    command.current_dir(folder).env("PATH", path).env("NO_PROXY", "*").env("no_proxy", "*");
    let output = command.output().expect("bash");
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap_or(-1), said)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_of_the_page_does_what_it_says() {
    let platform = Platform::sqlite().await;
    // The page is there as soon as the site is built: the file is put together from the site's parts.
    let package = platform.folder.path().join("site/pkg");
    fs::write(
        package.join("guxin.js"),
        "export function hydrate() {}\nexport { initSync, __wbg_init as default };\n",
    )
    .expect("a file");
    fs::write(package.join("guxin.wasm"), b"\0asm").expect("a file");
    let folder = papers(&platform).await;
    let served = Served::new(platform.router.clone()).await;
    let (url, place) = (served.url(), folder.path().to_owned());
    let ran = tokio::task::spawn_blocking(move || {
        let mut ran = 0;
        for block in blocks().into_iter().filter(|block| block.tags != "sh tools") {
            let expected = match block.tags.as_str() {
                "sh" => 0,
                "sh status=1" => 1,
                other => panic!("a block `{other}` that nobody runs:\n{}", block.text),
            };
            let (status, said) = run(&block, &url, &place);
            assert_eq!(status, expected, "{}\n{said}", block.text);
            ran += 1;
        }
        ran
    })
    .await
    .expect("no command failed");
    assert!(ran >= 8, "only {ran} blocks were found");
    let tools = blocks().into_iter().filter(|block| block.tags == "sh tools").count();
    assert_eq!(tools, 1, "the block that scripts/conformance.sh runs");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_bundle_fails_and_the_part_is_named() {
    let platform = Platform::sqlite().await;
    let folder = papers(&platform).await;
    let whole = fs::read(folder.path().join("evidence.zip")).expect("a bundle");
    let served = Served::new(platform.router.clone()).await;
    let document = fs::read(folder.path().join("document.pdf")).expect("a document");
    let at = whole.windows(document.len()).position(|window| window == document).expect("stored as it is");
    let place = folder.path().to_owned();
    tokio::task::spawn_blocking(move || {
        let verify = |bytes: &[u8]| {
            fs::write(place.join("changed.zip"), bytes).expect("a file");
            let text = "guxin verify changed.zip\n".to_owned();
            run(&Block { tags: String::new(), text }, &served.url(), &place)
        };
        let (status, said) = verify(&whole);
        assert_eq!(status, 0, "{said}");
        assert!(said.contains("own_key"), "whose key it is goes unsaid: {said}");
        // A byte in a stored document: the container's own sum speaks first, and names the file.
        let mut changed = whole.clone();
        changed[at + document.len() / 2] ^= 1;
        let (status, said) = verify(&changed);
        assert_eq!(status, 1, "{said}");
        assert!(said.contains("NOT verified: `documents/audit_report/"), "{said}");
        // Half a file, and none of ours.
        let (status, said) = verify(&whole[..whole.len() / 2]);
        assert_eq!(status, 1, "{said}");
        let (status, said) = verify(b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
        assert_eq!(status, 1, "{said}");
        assert!(said.contains("bundle.json"), "{said}");
    })
    .await
    .expect("no check failed");
}
