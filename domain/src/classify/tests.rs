use rstest::rstest;

use super::*;
use crate::{
    media,
    reading::{Line, Page, TextSource, Word},
};

fn lines(texts: &[&str]) -> Vec<Line> {
    let line = |text: &&str| {
        let words = text.split('\t').map(|cell| Word { text: cell.to_owned(), area: None }).collect();
        Line { text: (*text).to_owned(), area: None, words }
    };
    texts.iter().map(line).collect()
}

fn docx(texts: &[&str]) -> Reading {
    let page = Page { number: 1, source: TextSource::Layer, lines: lines(texts) };
    Reading { kind: media::Kind::Docx, pages: vec![page], sheets: Vec::new(), page_count: 1 }
}

fn slot_of(classification: &Classification) -> Option<&str> {
    match &classification.verdict {
        Verdict::Slot { slot } => Some(slot.as_str()),
        _ => None,
    }
}

#[rstest]
#[case("资料/.DS_Store", Ignored::System)]
#[case("__MACOSX/._章程.pdf", Ignored::System)]
#[case("~$申请书.docx", Ignored::Temporary)]
#[case("~WRL0003.tmp", Ignored::Temporary)]
#[case("desktop.ini", Ignored::System)]
fn what_systems_leave_behind_is_ignored(#[case] path: &str, #[case] why: Ignored) {
    let classification = classify(RulePack::listing(), path, 10, None);
    assert_eq!(classification.verdict, Verdict::Ignore { why });
    assert!(!classification.reasons.is_empty());
}

#[test]
fn the_bundled_cues_name_slots_of_the_bundled_pack() {
    let cues = Cues::parse(LISTING).unwrap();
    let known: Vec<&str> = RulePack::listing().slots.iter().map(|slot| slot.id.as_str()).collect();
    let named: Vec<&str> = cues.slots.iter().map(|cues| cues.slot.as_str()).collect();
    assert_eq!(named, known);
}

#[test]
fn errors_of_cues_name_their_line() {
    let errors =
        Cues::parse("id = \"x\"\nversion = \"2026.1\"\n[[slot]]\nid = \"audit\"\ntitels = [\"审计报告\"]\n")
            .unwrap_err();
    assert_eq!((errors[0].line, errors.len()), (5, 1));
}

#[test]
fn a_name_alone_is_a_proposal() {
    let classification = classify(RulePack::listing(), "审计报告.pdf", 10, None);
    let Verdict::Unsure { candidates } = classification.verdict else { panic!("sure of a name") };
    assert_eq!(candidates[0].slot.as_str(), "audit_report");
}

#[test]
fn a_title_shared_by_several_kinds_is_settled_by_the_text() {
    let company = docx(&[
        "承诺书",
        "某某股权交易中心：",
        "本公司郑重承诺：所报材料真实、准确、完整。",
        "特此承诺。",
        "承诺人：甲乙机械股份有限公司（盖章）",
    ]);
    let sponsor = docx(&[
        "承诺书",
        "某某股权交易中心：",
        "本机构具备推荐机构会员资格，本机构已对企业充分尽职调查，有充分理由确信其符合条件，并持续督导。",
    ]);
    assert_eq!(
        slot_of(&classify(RulePack::listing(), "1.docx", 1, Some(&company))),
        Some("commitment_company")
    );
    assert_eq!(
        slot_of(&classify(RulePack::listing(), "2.docx", 1, Some(&sponsor))),
        Some("sponsor_commitment")
    );
}
