//! The classifier's data: which words speak for which slot. A TOML file per kind of filing, read with the same errors
//! that name their line as rule packs. It stands apart from the pack because it only proposes: a pack is pinned by filings and never edited
//! after its release, while wordings are learnt all the time.

use std::sync::LazyLock;

use crate::{
    rule_pack::{RulePack, SlotId},
    source_error::{Problem, SourceError},
    toml_source::{At, Report, Table, Unique},
    transcript::fold,
};

/// The bundled cues for listing applications.
pub const LISTING: &str = include_str!("../../data/classifier/listing-2026.1.toml");

/// Cues for one kind of filing.
#[derive(Clone, Debug)]
pub struct Cues {
    /// The kind of filing, as [`RulePack::id`].
    pub id: String,
    /// `year.number`.
    pub version: String,
    pub(super) contents: Vec<String>,
    pub(super) drafts: Vec<String>,
    pub(super) ambiguous: Vec<String>,
    pub(super) slots: Vec<SlotCues>,
}

/// Cues for one slot.
#[derive(Clone, Debug)]
pub(super) struct SlotCues {
    pub(super) slot: SlotId,
    /// Longest first, so that the most specific title speaks.
    pub(super) titles: Vec<String>,
    pub(super) names: Vec<String>,
    pub(super) phrases: Vec<String>,
    pub(super) not: Vec<String>,
    pub(super) annex: bool,
}

impl Cues {
    /// Reads a file of cues.
    ///
    /// # Errors
    /// Everything that is wrong, with its line.
    pub fn parse(text: &str) -> Result<Self, Vec<SourceError>> {
        let (mut report, document) = Report::parse(text);
        let mut root = Table::root(&document);
        let id = root.text("id", &mut report).map_or_else(String::new, |at| at.value);
        let version = root.text("version", &mut report).map_or_else(String::new, |at| at.value);
        let contents = folded(root.texts("contents", &mut report));
        let drafts = folded(root.texts("drafts", &mut report));
        let ambiguous = folded(root.texts("ambiguous", &mut report));
        let mut seen = Unique::default();
        let tables = root.tables("slot", &mut report);
        if tables.is_empty() {
            report.add(0, "", Problem::Missing { key: "slot".to_owned() });
        }
        let slots = tables.into_iter().filter_map(|table| slot(table, &mut seen, &mut report)).collect();
        root.finish(&mut report);
        report.finish(Self { id, version, contents, drafts, ambiguous, slots })
    }

    /// The bundled cues for a pack; those for listings when there are none of its own, since most documents recur.
    #[must_use]
    pub fn for_pack(_pack: &RulePack) -> &'static Self {
        Self::bundled()
    }

    pub(super) fn bundled() -> &'static Self {
        static CUES: LazyLock<Cues> = LazyLock::new(|| Cues::parse(LISTING).expect("bundled cues"));
        &CUES
    }
}

fn folded(texts: Vec<At<String>>) -> Vec<String> {
    texts.into_iter().map(|at| fold(&at.value)).collect()
}

fn slot(mut table: Table<'_, '_>, seen: &mut Unique, report: &mut Report<'_>) -> Option<SlotCues> {
    let at = table.text("id", report);
    let id = at.and_then(|At { value, offset }| {
        seen.check("id", &value, offset, &table.path, report);
        let id = SlotId::new(&value);
        if id.is_none() {
            report.add(offset, &table.path, Problem::BadId { value });
        }
        id
    });
    let mut titles = folded(table.texts("titles", report));
    titles.sort_by_key(|title| std::cmp::Reverse(title.chars().count()));
    let names = folded(table.texts("names", report));
    let phrases = folded(table.texts("phrases", report));
    let not = folded(table.texts("not", report));
    let annex = table.boolean("annex", report).unwrap_or(false);
    table.finish(report);
    Some(SlotCues { slot: id?, titles, names, phrases, not, annex })
}
