//! `guxin verify BUNDLE.zip`: opens the container, hashes every file in it and hands the rest to [`ledger::evidence::verify`].

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufReader, Read},
    path::Path,
    process::ExitCode,
};

use ledger::{
    Digester,
    evidence::{self, Content, DOCUMENTS, MAX_FILES, Part},
    receipt::Trust,
    report::Outcome,
};
use zip::ZipArchive;

use super::{Verify, Vouched, digests_of, key_text, mark, policy_in_words, read_keys, read_policy, vouch};
use crate::command::{Format, print};

/// What is no document is a few megabytes at most; more is no bundle of ours.
const MAX_TEXT_BYTES: u64 = 32 << 20;
/// Most bytes that a bundle may unpack to.
const MAX_BYTES: u64 = 64 << 30;

/// Whether the file begins as ZIP files do.
pub(super) fn looks_like_one(path: &Path) -> Result<bool, String> {
    let say = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut head = Vec::new();
    File::open(path).map_err(say)?.take(4).read_to_end(&mut head).map_err(say)?;
    Ok(head == b"PK\x03\x04" || head == b"PK\x05\x06")
}

pub(super) fn run(options: &Verify) -> ExitCode {
    match check(options) {
        Err(message) => Format::of(options.json).complain(&message),
        Ok((parts, vouched)) => {
            let is_good = parts.iter().all(|part| part.outcome != Outcome::Failed)
                && vouched.as_ref().is_none_or(|vouched| vouched.is_final);
            let text = if options.json {
                let verdict = if is_good { "valid" } else { "invalid" };
                let report = serde_json::json!({
                    "format": "guxin-bundle-report/v1", "verdict": verdict, "parts": parts, "policy": vouched,
                });
                report.to_string() + "\n"
            } else {
                in_words(&parts, vouched.as_ref())
            };
            match print(&text) {
                ExitCode::SUCCESS if is_good => ExitCode::SUCCESS,
                ExitCode::SUCCESS => ExitCode::from(1),
                failed => failed,
            }
        }
    }
}

fn check(options: &Verify) -> Result<(Vec<Part>, Option<Vouched>), String> {
    let vkey = options.vkey.as_deref().map(key_text).transpose()?;
    let policy = options.policy.as_deref().map(read_policy).transpose()?;
    let document = options.document.as_deref().map(digests_of).transpose()?;
    let named = match policy.as_ref().map(ledger::policy::Policy::logs) {
        Some([log]) => Some(log.key.to_string()),
        _ => None,
    };
    let vkey = vkey.or(named);
    let keys = options.keys.as_deref().map(|path| read_keys(path, vkey.as_deref())).transpose()?;
    let trust = Trust { vkey: vkey.as_deref(), keys: keys.as_ref(), witnesses: &[] };
    let (files, mut parts) = match open(&options.receipt)? {
        Ok(files) => (files, Vec::new()),
        Err(part) => (BTreeMap::new(), vec![part]),
    };
    if parts.is_empty() {
        parts = evidence::verify(&files, &trust);
    }
    if let Some(document) = document {
        let here =
            files.iter().find(|(path, content)| path.starts_with(DOCUMENTS) && content.digests == document);
        parts.push(match here {
            Some((path, _)) => part(path, Outcome::Ok, "is the document at hand"),
            None => part("--document", Outcome::Failed, "this document is not in the bundle"),
        });
    }
    let vouched = policy.map(|policy| {
        let receipt = files.get(evidence::RECEIPT).and_then(|content| content.bytes.as_deref());
        vouch(receipt.unwrap_or_default(), &policy, &trust)
    });
    Ok((parts, vouched))
}

fn part(part: &str, outcome: Outcome, detail: impl Into<String>) -> Part {
    Part { part: part.to_owned(), outcome, detail: detail.into() }
}

/// Every file with its digests; a container that cannot be read to its end is a part that failed, named as far as possible.
fn open(path: &Path) -> Result<Result<BTreeMap<String, Content>, Part>, String> {
    let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let wrong = |part_name: &str, why: String| Ok(Err(part(part_name, Outcome::Failed, why)));
    let mut archive = match ZipArchive::new(BufReader::new(file)) {
        Ok(archive) if archive.len() <= MAX_FILES => archive,
        Ok(_) => return wrong("the ZIP file", "has too many files".to_owned()),
        Err(error) => return wrong("the ZIP file", error.to_string()),
    };
    let (mut files, mut left) = (BTreeMap::new(), MAX_BYTES);
    for at in 0..archive.len() {
        let mut entry = match archive.by_index(at) {
            Ok(entry) => entry,
            Err(error) => return wrong(&format!("file {} of the ZIP", at + 1), error.to_string()),
        };
        let name = match entry.name() {
            Ok(name) => name.into_owned(),
            Err(error) => return wrong(&format!("file {} of the ZIP", at + 1), error.to_string()),
        };
        let kept = !name.starts_with(DOCUMENTS);
        match read(&mut entry, kept, &mut left) {
            Ok(content) => {
                files.insert(name, content);
            }
            Err(why) => return wrong(&name, why),
        }
    }
    Ok(Ok(files))
}

fn read(entry: &mut impl Read, kept: bool, left: &mut u64) -> Result<Content, String> {
    let (mut digester, mut bytes, mut buffer) = (Digester::new(), Vec::new(), vec![0; 1 << 20]);
    loop {
        let n = entry.read(&mut buffer).map_err(|error| error.to_string())?;
        let block = buffer.get(..n).unwrap_or_default();
        if block.is_empty() {
            break;
        }
        *left = left.checked_sub(n as u64).ok_or("unpacks to more than a bundle may hold")?;
        digester.update(block);
        if kept {
            bytes.extend_from_slice(block);
            if bytes.len() as u64 > MAX_TEXT_BYTES {
                return Err("is too long for this kind of file".to_owned());
            }
        }
    }
    Ok(Content { size: digester.length(), digests: digester.finish(), bytes: kept.then_some(bytes) })
}

fn in_words(parts: &[Part], vouched: Option<&Vouched>) -> String {
    let mut out = String::new();
    for Part { part, outcome, detail } in parts {
        out.push_str(&format!("{}  {part}: {detail}\n", mark(*outcome)));
    }
    if let Some(vouched) = vouched {
        policy_in_words(&mut out, vouched);
    }
    let failed = parts.iter().find(|part| part.outcome == Outcome::Failed);
    out.push_str(&match failed {
        Some(part) => format!("NOT verified: `{}` {}\n", part.part, part.detail),
        None if vouched.is_some_and(|vouched| !vouched.is_final) => {
            "NOT verified: the policy does not hold\n".to_owned()
        }
        None => "verified; certificate.pdf is a printout for reading, receipt.json is what was checked\n"
            .to_owned(),
    });
    out
}
