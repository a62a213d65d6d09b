//! `guxin verify` on a real receipt, on one that was changed, and on what is none.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::{Said, run};
use crate::{Platform, Who};

/// A receipt with its document and the log's key, as somebody would have them at home.
struct Papers {
    folder: TempDir,
}

impl Papers {
    async fn new() -> Self {
        let platform = Platform::sqlite().await;
        let target = &platform.known.submitted;
        let mut owner = platform.client(Who::OwnerSubmitted);
        let papers = Self { folder: TempDir::new().expect("a folder") };
        for (name, path) in [
            ("receipt.json", format!("/filings/{}/versions/1/receipt.json", target.filing)),
            ("audit.pdf", format!("/documents/{}/versions/1/content", target.document)),
            ("vkey", "/ledger/vkey".to_owned()),
            ("leaf.tlog-proof", "/ledger/proof/3.tlog-proof".to_owned()),
        ] {
            let answer = owner.get(&path).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            fs::write(papers.path(name), &answer.body).expect("a file");
        }
        papers
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Asks in words and in JSON, and makes sure that both say the same.
    fn verify(&self, receipt: &str, more: &[&str]) -> (Said, Said) {
        let receipt = self.path(receipt);
        let more: Vec<String> = more.iter().map(|part| self.of(part)).collect();
        let arguments =
            || ["verify", receipt.to_str().expect("text")].into_iter().chain(more.iter().map(String::as_str));
        let (words, json) = (run(arguments()), run(arguments().chain(["--json"])));
        assert_eq!(words.status, json.status, "{words:?} {json:?}");
        (words, json)
    }

    /// `@name` is a file of these papers.
    fn of(&self, part: &str) -> String {
        match part.strip_prefix('@') {
            Some(name) => self.path(name).to_str().expect("text").to_owned(),
            None => part.to_owned(),
        }
    }
}

fn change(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).expect("text");
    assert!(text.contains(from), "{from} is not in {text}");
    fs::write(path, text.replacen(from, to, 1)).expect("changed");
}

#[tokio::test]
async fn says_good_wrong_and_could_not() {
    let papers = Papers::new().await;
    for (receipt, more) in [
        ("receipt.json", &["--vkey", "@vkey", "--document", "@audit.pdf"][..]),
        ("receipt.json", &[]),
        ("leaf.tlog-proof", &["--vkey", "@vkey"]),
    ] {
        let (words, json) = papers.verify(receipt, more);
        assert_eq!(words.status, 0, "{words:?}");
        assert!(words.out.ends_with("\nverified\n") && words.err.is_empty(), "{words:?}");
        assert_eq!(json.json()["verdict"], "valid");
    }

    // Another document than the receipt's.
    fs::write(papers.path("other.pdf"), "not the one").expect("a file");
    let (words, json) = papers.verify("receipt.json", &["--document", "@other.pdf"]);
    assert_eq!(words.status, 1, "{words:?}");
    assert!(words.out.contains("NOT verified: step `document.unknown` failed"), "{words:?}");
    assert_eq!(json.json()["verdict"], "invalid");
    let failed: Vec<String> = json.json()["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .filter(|step| step["outcome"] == "failed")
        .map(|step| step["code"].to_string())
        .collect();
    assert_eq!(failed, ["\"document.unknown\""]);

    // Another log's key, and a receipt in which one digit was changed.
    let text = fs::read_to_string(papers.path("receipt.json")).expect("text");
    fs::write(papers.path("changed.json"), &text).expect("a file");
    change(&papers.path("changed.json"), "company_overview", "company_0verview");
    let (words, json) = papers.verify("changed.json", &["--vkey", "@vkey"]);
    assert_eq!(words.status, 1, "{words:?}");
    assert_eq!(json.json()["verdict"], "invalid");
    assert_eq!(papers.verify("receipt.json", &["--vkey", "example.com/foo+c5e5ce43+AaBbCcDd"]).0.status, 1);

    for (receipt, more, names) in [
        ("missing.json", &[][..], "missing.json"),
        ("receipt.json", &["--document", "@missing.pdf"], "--document"),
        ("receipt.json", &["--vkey", "@missing.vkey"], "--vkey"),
        ("receipt.json", &["--colour", "red"], "--colour"),
    ] {
        let (words, json) = papers.verify(receipt, more);
        assert_eq!(words.status, 2, "{words:?}");
        assert!(words.out.is_empty() && words.err.contains(names), "{words:?}");
        assert!(json.json()["error"].as_str().is_some_and(|error| error.contains(names)), "{json:?}");
    }
}
