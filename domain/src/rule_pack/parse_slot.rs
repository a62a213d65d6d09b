//! Reads the `[[slot]]` tables of a rule pack.

use super::{
    Check, Party, Slot, SlotId,
    parse::{Pending, requirement, unique_id},
};
use crate::{
    actor::OrgKind,
    media,
    source_error::Problem,
    text::Text,
    toml_source::{Report, Table, Unique},
};

/// One gibibyte: above this an upload over a browser is no longer sensible.
const MAX_BYTES: u64 = 1 << 30;
/// Kinds of firm that can attest a slot.
const SIGNERS: &[&str] = &["sponsor", "accounting_firm", "law_firm", "valuer"];

pub(super) fn slots(
    root: &mut Table<'_, '_>,
    pending: &mut Vec<Pending>,
    report: &mut Report<'_>,
) -> Vec<Slot> {
    let (mut ids, mut numbers) = (Unique::default(), Unique::default());
    let tables = root.tables("slot", report);
    if tables.is_empty() {
        report.add(0, "", Problem::Missing { key: "slot".to_owned() });
    }
    tables.into_iter().filter_map(|table| slot(table, &mut ids, &mut numbers, pending, report)).collect()
}

fn slot(
    mut table: Table<'_, '_>,
    ids: &mut Unique,
    numbers: &mut Unique,
    pending: &mut Vec<Pending>,
    report: &mut Report<'_>,
) -> Option<Slot> {
    let id = SlotId::new(&unique_id(&mut table, ids, report));
    let number = table.integer("number", 1, 999, report).and_then(|n| u16::try_from(n).ok());
    if let Some(number) = number {
        numbers.check("number", &number.to_string(), table.offset, &table.path, report);
    }
    let name = Text::read(&mut table, "name", report).unwrap_or_default();
    let help = Text::read(&mut table, "help", report).unwrap_or_default();
    let from = table.words("from", Party::NAMES, Party::from_name, report);
    let signer = |name: &str| OrgKind::from_name(name).filter(|kind| kind.is_firm());
    let signs = table.word("signs", SIGNERS, signer, report);
    let requirement = requirement(&mut table, pending, report);
    let formats = table.words("formats", media::Kind::NAMES, media::Kind::from_name, report);
    if !table.has("formats") {
        report.add(table.offset, &table.path, Problem::Missing { key: "formats".to_owned() });
    } else if formats.is_empty() {
        report.add(table.offset, &table.path, Problem::Empty { key: "formats".to_owned() });
    }
    let max_megabytes = table.integer("max_megabytes", 1, MAX_BYTES >> 20, report).unwrap_or(1);
    let max_files = table.integer("max_files", 1, 100, report).unwrap_or(1);
    let cues = table.texts("cues", report).into_iter().map(|at| at.value).collect();
    let checks = table.words("checks", Check::NAMES, Check::from_name, report);
    table.finish(report);
    Some(Slot {
        id: id?,
        number: number?,
        name,
        help,
        from,
        signs,
        requirement,
        formats,
        max_bytes: max_megabytes << 20,
        max_files: u16::try_from(max_files).unwrap_or(1),
        cues,
        checks,
    })
}
