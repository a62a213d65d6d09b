//! What only a look at the whole folder shows: copies, drafts beside their finished version, and documents about
//! another company.

use std::collections::BTreeMap;

use super::{Aside, Cues, Sorted, Verdict};
use crate::{
    fact::{self, Subject},
    rule_pack::SlotId,
    transcript::{Transcript, fold},
};

/// Which files of a folder are copies, superseded drafts or about another company than the one with `credit_code` or
/// `company_name` (either may be unknown; then the folder's majority decides). Answers by index into `files`.
#[must_use]
pub fn set_aside(
    files: &[Sorted<'_>],
    company_name: Option<&str>,
    credit_code: Option<&str>,
) -> Vec<(usize, Aside)> {
    let mut aside: BTreeMap<usize, Aside> = BTreeMap::new();
    copies(files, &mut aside);
    others(files, company_name, credit_code, &mut aside);
    drafts(files, &mut aside);
    aside.into_iter().collect()
}

/// Whether any document of a folder is about a company of this name, and whether any is about one with this code. Where none
/// is, the folder is another company's altogether, and its majority is the better measure for [`set_aside`].
#[must_use]
pub fn is_about(files: &[Sorted<'_>], company_name: &str, credit_code: &str) -> (bool, bool) {
    let (subjects, name) = (subjects(files), fold(company_name));
    let mut known = subjects.iter().flatten();
    let named = known.clone().filter_map(|subject| subject.name.as_deref()).any(|found| fold(found) == name);
    (named, known.any(|subject| subject.code.as_deref() == Some(credit_code)))
}

/// Whom each file is about, as far as it has a slot and was read.
fn subjects(files: &[Sorted<'_>]) -> Vec<Option<Subject>> {
    files.iter().map(|file| Some(fact::subject(slot(file)?, file.reading?))).collect()
}

fn slot<'a>(file: &'a Sorted<'_>) -> Option<&'a SlotId> {
    match &file.classification.verdict {
        Verdict::Slot { slot } => Some(slot),
        Verdict::Unsure { candidates } => candidates.first().map(|candidate| &candidate.slot),
        Verdict::Split { .. } | Verdict::Ignore { .. } => None,
    }
}

fn is_ignored(file: &Sorted<'_>) -> bool {
    matches!(file.classification.verdict, Verdict::Ignore { .. })
}

/// Of equal files the one whose path is least by this stays: copies are called `… (1)` and `… - 副本`.
#[must_use]
pub fn plainness(path: &str) -> (bool, usize, &str) {
    (path.contains("副本") || path.contains("复制"), path.chars().count(), path)
}

/// Of equal files the one with the plainest name stays.
fn copies(files: &[Sorted<'_>], aside: &mut BTreeMap<usize, Aside>) {
    let mut same: BTreeMap<&[u8; 32], Vec<usize>> = BTreeMap::new();
    for (index, file) in files.iter().enumerate().filter(|(_, file)| !is_ignored(file)) {
        same.entry(file.sha256).or_default().push(index);
    }
    for group in same.into_values().filter(|group| group.len() > 1) {
        let Some(kept) = group.iter().copied().min_by_key(|index| plainness(files[*index].path)) else {
            continue;
        };
        for index in group.into_iter().filter(|index| *index != kept) {
            aside.insert(index, Aside::Duplicate { of: files[kept].path.to_owned() });
        }
    }
}

/// Documents that are about somebody else. The company that a document merely mentions does not count, only the one it
/// is about; and where codes can be compared, names are not: recognised names are unreliable.
fn others(
    files: &[Sorted<'_>],
    company_name: Option<&str>,
    credit_code: Option<&str>,
    aside: &mut BTreeMap<usize, Aside>,
) {
    let subjects = subjects(files);
    let known = subjects.iter().flatten();
    let code = credit_code
        .map(str::to_owned)
        .or_else(|| majority(known.clone().filter_map(|subject| subject.code.clone())));
    let name = company_name.map(fold).or_else(|| {
        majority(
            known
                .filter(|subject| !subject.recognised)
                .filter_map(|subject| subject.name.as_deref().map(fold)),
        )
    });
    for (index, subject) in subjects.iter().enumerate() {
        let Some(subject) = subject.as_ref().filter(|_| !aside.contains_key(&index)) else { continue };
        let foreign = match (&subject.code, &code) {
            (Some(found), Some(expected)) => found != expected,
            _ => match (&subject.name, &name) {
                (Some(found), Some(expected)) if !subject.recognised => {
                    let found = fold(found);
                    found != *expected && !is_former(&found, expected)
                }
                _ => false,
            },
        };
        // A document in which the company stands is hers, or at least not to be thrown out unasked.
        let mentioned = files[index].reading.is_some_and(|reading| {
            let text = Transcript::of(reading).text;
            [&code, &name].into_iter().flatten().any(|own| text.contains(own.as_str()))
        });
        if foreign && !mentioned {
            let found = Aside::OtherCompany {
                name: subject.name.clone().unwrap_or_default(),
                code: subject.code.clone().unwrap_or_default(),
            };
            aside.insert(index, found);
        }
    }
}

/// A company keeps its trade name when it converts: 某某科技有限公司 is the former 某某科技股份有限公司.
fn is_former(found: &str, expected: &str) -> bool {
    let core = |name: &str| {
        let mut core = name.to_owned();
        for part in ["股份有限公司", "有限责任公司", "有限公司", "集团", "江苏", "省", "市"]
        {
            core = core.replace(part, "");
        }
        core
    };
    let (found, expected) = (core(found), core(expected));
    let tail = |text: &str| text.chars().rev().take(4).collect::<String>();
    found == expected || (found.chars().count() >= 4 && tail(&found) == tail(&expected))
}

/// The value said most often; none when two are said equally often.
fn majority(values: impl Iterator<Item = String>) -> Option<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    let mut ranked: Vec<(String, usize)> = counts.into_iter().collect();
    ranked.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    match ranked.as_slice() {
        [(_, first), (_, second), ..] if first == second => None,
        [(value, _), ..] => Some(value.clone()),
        [] => None,
    }
}

/// A file whose name says that it is a draft gives way to a finished one of the same slot, and only then.
fn drafts(files: &[Sorted<'_>], aside: &mut BTreeMap<usize, Aside>) {
    let words = &Cues::bundled().drafts;
    let is_draft = |file: &Sorted<'_>| {
        let name = fold(file.path.rsplit(['/', '\\']).next().unwrap_or_default()).to_lowercase();
        words.iter().any(|word| name.contains(word.as_str()))
    };
    let finished: Vec<usize> = (0..files.len())
        .filter(|index| {
            !aside.contains_key(index) && !is_draft(&files[*index]) && slot(&files[*index]).is_some()
        })
        .collect();
    for (index, file) in files.iter().enumerate() {
        if aside.contains_key(&index) || !is_draft(file) {
            continue;
        }
        let Some(own) = slot(file) else { continue };
        if let Some(by) = finished.iter().find(|other| slot(&files[**other]) == Some(own)) {
            aside.insert(index, Aside::Superseded { by: files[*by].path.to_owned() });
        }
    }
}
