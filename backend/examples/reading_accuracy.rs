//! How well documents are read: `cargo run --release -p backend --example reading_accuracy -- FOLDER TRUTH.json`. Reads the
//! documents of a pack with and without the machine's programs and prints, for each reader and kind of file, how many facts of
//! the truth file stand on the page that it names, how many pairs of neighbouring characters both readers found, and
//! pages a second. docs/READING.md has the figures of the sample packs.

use std::{
    collections::{BTreeMap, HashMap},
    io::Write as _,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use backend::reading::{Limits, read};
use domain::{media::Kind, reading::Reading};
use serde_json::Value;

#[derive(Default)]
struct Score {
    files: usize,
    pages: usize,
    asked: usize,
    found: usize,
    pairs: usize,
    shared: usize,
    reference: usize,
    time: Duration,
}

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = arguments.next().context("usage: reading_accuracy FOLDER TRUTH.json")?;
    let truth = arguments.next().context("usage: reading_accuracy FOLDER TRUTH.json")?;
    let truth: Value = serde_json::from_slice(&std::fs::read(truth)?)?;
    let mut scores: BTreeMap<(String, &str), Score> = BTreeMap::new();
    for file in truth["files"].as_array().context("the truth file lists no files")? {
        let refused = file["slot"].as_str().is_some_and(|slot| slot.starts_with("reject:"));
        let path = file["path"].as_str().context("a file without a path")?;
        let Some(kind) = file["kind"].as_str().and_then(Kind::from_name).filter(|_| !refused) else {
            continue;
        };
        let layer = if file["text_layer"] == Value::Bool(true) { "text" } else { "picture" };
        let mut reference = HashMap::new();
        for (reader, programs) in [("programs", true), ("plain", false)] {
            let limits = Limits { programs, ..Limits::default() };
            let begun = Instant::now();
            let Ok(reading) = read(&folder.join(path), kind, &limits) else { continue };
            let score = scores.entry((format!("{} {layer}", kind.name()), reader)).or_default();
            score.time += begun.elapsed();
            score.files += 1;
            score.pages += reading.pages.len();
            let (asked, found) = facts_found(file, &reading);
            score.asked += asked;
            score.found += found;
            let pairs = pairs(&reading);
            if programs {
                reference.clone_from(&pairs);
            }
            score.pairs += pairs.values().sum::<usize>();
            score.reference += reference.values().sum::<usize>();
            score.shared +=
                pairs.iter().map(|(pair, n)| n.min(reference.get(pair).unwrap_or(&0))).sum::<usize>();
        }
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "kind\treader\tfiles\tpages\tfacts\tpairs found\tpairs right\tpages/s")?;
    for ((kind, reader), score) in scores {
        let share = |part: usize, whole: usize| ratio(part, whole) * 100.0;
        writeln!(
            out,
            "{kind}\t{reader}\t{}\t{}\t{}/{}\t{:.2} %\t{:.2} %\t{:.1}",
            score.files,
            score.pages,
            score.found,
            score.asked,
            share(score.shared, score.reference),
            share(score.shared, score.pairs),
            ratio(score.pages, 1) / score.time.as_secs_f64()
        )?;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// How many facts that are written in one way only (names, codes, numbers of reports) the file has, and how many of them
/// stand on a page that the truth names.
fn facts_found(file: &Value, reading: &Reading) -> (usize, usize) {
    let mut known = BTreeMap::new();
    facts("", &file["facts"], &mut known);
    let (mut asked, mut found) = (0, 0);
    for (name, pages) in file["fact_pages"].as_object().into_iter().flatten() {
        let Some(text) = known.get(name) else { continue };
        let pages: Vec<u32> = match pages.as_array() {
            Some(pages) => pages.iter().filter_map(|page| u32::try_from(page.as_u64()?).ok()).collect(),
            None => (1..=reading.page_count).collect(),
        };
        asked += 1;
        found +=
            usize::from(pages.iter().any(|page| squeezed(&reading.page_text(*page)).contains(text.as_str())));
    }
    (asked, found)
}

fn facts(prefix: &str, value: &Value, known: &mut BTreeMap<String, String>) {
    let is_day = |text: &str| text.len() == 10 && text.bytes().filter(|byte| *byte == b'-').count() == 2;
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                facts(&name, value, known);
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                facts(&format!("{prefix}[{at}]"), value, known);
            }
        }
        Value::String(text) if !is_day(text) => {
            known.insert(prefix.to_owned(), squeezed(text));
        }
        _ => {}
    }
}

/// Pairs of neighbouring characters, and how often each occurs.
fn pairs(reading: &Reading) -> HashMap<(char, char), usize> {
    let mut pairs = HashMap::new();
    for page in &reading.pages {
        let text: Vec<char> = squeezed(&reading.page_text(page.number)).chars().collect();
        for pair in text.windows(2) {
            *pairs.entry((pair[0], pair[1])).or_default() += 1;
        }
    }
    pairs
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
