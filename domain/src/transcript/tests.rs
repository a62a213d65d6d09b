use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::{media, reading::Word};

fn word(text: &str, left: u16, top: u16, width: u16, height: u16) -> Word {
    Word { text: text.to_owned(), area: Some(Area { left, top, width, height }) }
}

fn line(words: Vec<Word>) -> Line {
    let text = words.iter().map(|word| word.text.as_str()).collect();
    Line { text, area: words.first().and_then(|word| word.area), words }
}

fn page(number: u32, lines: Vec<Line>) -> Page {
    Page { number, source: TextSource::Layer, lines }
}

fn reading(pages: Vec<Page>) -> Reading {
    let page_count = u32::try_from(pages.len()).unwrap();
    Reading { kind: media::Kind::Pdf, pages, sheets: Vec::new(), page_count }
}

#[rstest]
#[case("２０２６年　１１月", "2026年11月")]
#[case("⼤连〈有限合伙）", "大连(有限合伙)")]
#[case("《章程》：“公司”", "《章程》:\"公司\"")]
fn folding_brings_spellings_together(#[case] text: &str, #[case] folded: &str) {
    assert_eq!(fold(text), folded);
}

#[test]
fn a_phrase_is_found_across_a_line_break_and_shown_where_it_is() {
    let reading = reading(vec![page(
        1,
        vec![
            line(vec![word("本所接受甲乙公司的委托，出具本法律", 1000, 2000, 6000, 120)]),
            line(vec![word("意见书。", 1000, 2300, 1200, 120)]),
        ],
    )]);
    let transcript = Transcript::of(&reading);
    let found = transcript.find_all("法律意见书").next().unwrap();
    let place = transcript.place(&found);
    let area = place.area.unwrap();
    assert_eq!((place.page, area.top, area.height), (1, 2000, 420));
}

#[test]
fn a_wrapped_cell_is_read_as_one_value() {
    let reading = reading(vec![page(
        1,
        vec![
            line(vec![word("公司名称", 1775, 3492, 705, 124)]),
            line(vec![word("甲地精密机械股份有", 2972, 3399, 1940, 124)]),
            line(vec![word("代码", 5088, 3492, 500, 124)]),
            line(vec![word("限公司", 2972, 3586, 529, 124)]),
            line(vec![word("法定代表人", 1686, 3837, 881, 124), word("张三", 2972, 3837, 529, 124)]),
        ],
    )]);
    let transcript = Transcript::of(&reading);
    let label = transcript.find_all("公司名称").next().unwrap();
    let (row, cell) = transcript.locate(label.start).unwrap();
    let value: String =
        transcript.value_right_of(row, cell).unwrap().iter().map(|cell| cell.text.as_str()).collect();
    assert_eq!(value, "甲地精密机械股份有限公司");
}

#[test]
fn running_heads_and_contents_do_not_interrupt_the_text() {
    let head = || line(vec![word("某某公司章程", 1000, 380, 2000, 100)]);
    let reading = reading(vec![
        page(1, vec![head(), line(vec![word("第一章总则........3", 1000, 1400, 7000, 124)])]),
        page(
            2,
            vec![
                head(),
                line(vec![word("正文", 1000, 1400, 700, 124)]),
                line(vec![word("第2页", 4500, 9525, 700, 100)]),
            ],
        ),
    ]);
    let transcript = Transcript::of(&reading);
    assert_eq!(transcript.text, "正文");
    assert_eq!(transcript.running, ["某某公司章程"]);
}

#[rstest]
#[case("部新技术企业证书", "高新技术企业证书", true)]
#[case("我们审 计了", "我们审计了", true)]
#[case("股东名册", "法律意见书", false)]
#[case("章程", "规程", false)]
fn misread_phrases_are_found_and_others_are_not(
    #[case] text: &str,
    #[case] phrase: &str,
    #[case] found: bool,
) {
    assert_eq!(find_similar(text, phrase).is_some(), found);
}

proptest! {
    #[test]
    fn similar_ranges_lie_within_the_text(text in "[甲乙丙丁a-c]{0,30}", phrase in "[甲乙丙丁a-c]{1,12}") {
        if let Some(range) = find_similar(&text, &phrase) {
            prop_assert!(text.get(range.clone()).is_some());
        }
    }

    #[test]
    fn folding_is_idempotent(text in "\\PC{0,60}") {
        prop_assert_eq!(fold(&fold(&text)), fold(&text));
    }
}
