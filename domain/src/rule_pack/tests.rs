use rstest::rstest;
use sha2::{Digest, Sha256};
use time::macros::date;

use super::*;
use crate::locale::Locale;

#[test]
fn the_bundled_pack_has_the_twenty_three_slots() {
    let pack = RulePack::listing();
    let numbers: Vec<u16> = pack.slots.iter().map(|slot| slot.number).collect();
    assert_eq!(numbers, (1..=23).collect::<Vec<u16>>());
    assert_eq!(pack.slots_signed_by(OrgKind::Sponsor).count(), 5);
    for (slot, kind) in [
        ("audit_report", OrgKind::AccountingFirm),
        ("legal_opinion", OrgKind::LawFirm),
        ("asset_valuation", OrgKind::Valuer),
        ("due_diligence_report", OrgKind::Sponsor),
    ] {
        assert_eq!(pack.slot(slot).unwrap().signs, Some(kind));
    }
    assert!(pack.slot("shareholder_register").unwrap().formats.contains(&media::Kind::Xlsx));
    assert!(pack.source.zh.contains("未公开") && pack.source.en.contains("not published"));
    assert_eq!((pack.clocks.acceptance, pack.clocks.review), (5, 10));
}

#[test]
fn boards_and_the_choice_of_boards_agree() {
    let pack = RulePack::listing();
    let FieldKind::Choice { options } = &pack.field("board").unwrap().kind else { panic!("a choice") };
    let offered: Vec<(&str, &Text)> = options.iter().map(|o| (o.value.as_str(), &o.label)).collect();
    let boards: Vec<(&str, &Text)> = pack.boards.iter().map(|b| (b.id.as_str(), &b.name)).collect();
    assert_eq!(offered, boards);
    assert_eq!(pack.board("growth").unwrap().name.zh, "成长板");
}

#[test]
fn every_section_has_fields_and_every_placeholder_is_a_valid_value() {
    let pack = RulePack::listing();
    for section in &pack.sections {
        assert!(pack.fields_in(&section.id).count() > 0, "{}", section.id);
    }
    for field in &pack.fields {
        let words = matches!(field.kind, FieldKind::CreditCode | FieldKind::Choice { .. });
        let Some(placeholder) = field.placeholder.as_ref().filter(|_| !words) else { continue };
        for text in [&placeholder.zh, &placeholder.en] {
            crate::field::normalise(field, text).unwrap();
        }
    }
}

#[test]
fn the_hash_is_of_the_exact_bytes() {
    let pack = RulePack::listing();
    assert_eq!(pack.sha256().as_slice(), Sha256::digest(LISTING_2026_2.as_bytes()).as_slice());
    let other = RulePack::parse(&format!("{LISTING_2026_2}\n")).unwrap();
    assert_ne!(other.sha256_hex(), pack.sha256_hex());
}

#[test]
fn a_pack_survives_json() {
    let pack = RulePack::listing();
    let json = serde_json::to_string(pack).unwrap();
    assert!(json.contains("\"effective_from\":\"2026-01-01\""));
    assert_eq!(&serde_json::from_str::<RulePack>(&json).unwrap(), pack);
}

#[test]
fn accept_attribute() {
    let licence = RulePack::listing().slot("business_licence").unwrap();
    assert_eq!(licence.accept(), ".jpg,.jpeg,image/jpeg,.png,image/png,.pdf,application/pdf");
}

/// The smallest pack that parses.
const SMALL: &str = r#"id = "small"
version = "2026.1"
title = { zh = "小", en = "Small" }
source = { zh = "试", en = "Trial" }
effective_from = 2026-01-01
effective_until = 2026-06-30
clocks = { acceptance = 5, review = 10, correction = 10, inquiry_reply = 10 }

[[section]]
id = "main"
title = { zh = "主", en = "Main" }

[[field]]
id = "has_it"
section = "main"
kind = "choice"
required = true
label = { zh = "有无", en = "Has it" }
options = [
  { value = "yes", label = { zh = "有", en = "Yes" } },
  { value = "no", label = { zh = "无", en = "No" } },
]

[[slot]]
id = "paper"
number = 1
name = { zh = "材料", en = "Paper" }
help = { zh = "说明", en = "Help" }
from = ["enterprise"]
required = 'has_it == "yes"'
formats = ["pdf"]
max_megabytes = 10
max_files = 1
"#;

#[rstest]
#[case(date!(2025 - 12 - 31), false)]
#[case(date!(2026 - 01 - 01), true)]
#[case(date!(2026 - 06 - 30), true)]
#[case(date!(2026 - 07 - 01), false)]
fn effective_days(#[case] day: Date, #[case] expected: bool) {
    assert_eq!(RulePack::parse(SMALL).unwrap().effective_on(day), expected);
}

#[test]
fn versions_follow_each_other() {
    let first = RulePack::parse(SMALL).unwrap();
    let later = SMALL
        .replace("2026.1", "2026.2")
        .replace("effective_until = 2026-06-30\n", "")
        .replace("2026-01-01", "2026-07-01");
    let second = RulePack::parse(&later).unwrap();
    let versions = RulePackVersions::new(vec![second, first]).unwrap();
    let on = |day| versions.effective_on("small", day).map(|pack| pack.version.as_str());
    assert_eq!(on(date!(2026 - 06 - 30)), Some("2026.1"));
    assert_eq!(on(date!(2026 - 07 - 01)), Some("2026.2"));
    assert_eq!(on(date!(2025 - 07 - 01)), None);
    assert_eq!(versions.version("small", "2026.1").unwrap().version, "2026.1");
    assert_eq!(versions.iter().count(), 2);
}

#[test]
fn overlapping_versions_are_refused() {
    let first = RulePack::parse(SMALL).unwrap();
    let second =
        RulePack::parse(&SMALL.replace("2026.1", "2026.2").replace("2026-01-01", "2026-06-30")).unwrap();
    let errors = RulePackVersions::new(vec![first.clone(), second]).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].code(), "source.overlap");
    let twice = RulePackVersions::new(vec![first.clone(), first]).unwrap_err();
    assert_eq!(twice[0].code(), "source.duplicate");
}

fn errors_of(text: &str) -> String {
    let errors = RulePack::parse(text).unwrap_err();
    let mut shown = String::new();
    for error in &errors {
        for locale in [Locale::Zh, Locale::En] {
            shown.push_str(&error.message(locale));
            shown.push('\n');
        }
    }
    shown
}

#[test]
fn every_error_is_collected_with_its_line() {
    insta::assert_snapshot!(errors_of(include_str!("testdata/broken.toml")));
}

#[test]
fn syntax_errors_stand_alone() {
    let text = SMALL.replace("number = 1", "number = ").replace("\"Paper\" }", "\"Paper }");
    insta::assert_snapshot!(errors_of(&text));
}

#[test]
fn an_empty_text_names_what_is_missing() {
    insta::assert_snapshot!(errors_of(""));
}

mod never_panics {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Removing, doubling or damaging any line gives a pack or errors, and every error names a real line.
        #[test]
        fn on_damaged_packs(line in 0usize..40, junk in "[a-z=\\[\\]{}\"' 0-9.]{0,12}", how in 0u8..3) {
            let mut lines: Vec<&str> = SMALL.lines().collect();
            let at = line % lines.len();
            match how {
                0 => { lines.remove(at); }
                1 => lines.insert(at, lines[at]),
                _ => lines[at] = &junk,
            }
            let text = lines.join("\n");
            if let Err(errors) = RulePack::parse(&text) {
                prop_assert!(!errors.is_empty());
                for error in errors {
                    prop_assert!(error.line >= 1 && error.line <= lines.len() + 1);
                    prop_assert!(!error.message(Locale::Zh).is_empty());
                }
            }
        }
    }
}
