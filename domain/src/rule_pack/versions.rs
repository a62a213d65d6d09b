//! All versions of all rule packs, and which of them is in force on a day. A filing pins the version it was made
//! under, so old versions are never removed.

use time::Date;

use super::{Problem, RulePack, RulePackError};

/// Versions in order of pack and effective date, without overlaps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RulePackVersions {
    packs: Vec<RulePack>,
}

impl RulePackVersions {
    /// Puts versions together.
    ///
    /// # Errors
    /// Every pair of versions of one pack that is in force on the same day, and every version given twice. The
    /// line is 1: the error is between files, not within one.
    pub fn new(mut packs: Vec<RulePack>) -> Result<Self, Vec<RulePackError>> {
        packs.sort_by(|a, b| (&a.id, a.effective_from).cmp(&(&b.id, b.effective_from)));
        let mut errors = Vec::new();
        for (index, later) in packs.iter().enumerate() {
            for earlier in packs[..index].iter().filter(|earlier| earlier.id == later.id) {
                let problem = if earlier.version == later.version {
                    Problem::Duplicate {
                        key: "version".to_owned(),
                        value: later.version.clone(),
                        first_line: 1,
                    }
                } else if earlier.effective_on(later.effective_from) {
                    Problem::Overlap {
                        version: earlier.version.clone(),
                        other: later.version.clone(),
                        from: later.effective_from.to_string(),
                    }
                } else {
                    continue;
                };
                errors.push(RulePackError { line: 1, column: 1, path: later.id.clone(), problem });
            }
        }
        if errors.is_empty() { Ok(Self { packs }) } else { Err(errors) }
    }

    /// The version of `id` in force on `day` (a date in China).
    #[must_use]
    pub fn effective_on(&self, id: &str, day: Date) -> Option<&RulePack> {
        self.packs.iter().find(|pack| pack.id == id && pack.effective_on(day))
    }

    /// One version, in force or not: what a filing pinned.
    #[must_use]
    pub fn version(&self, id: &str, version: &str) -> Option<&RulePack> {
        self.packs.iter().find(|pack| pack.id == id && pack.version == version)
    }

    /// Every version.
    pub fn iter(&self) -> impl Iterator<Item = &RulePack> {
        self.packs.iter()
    }
}
