use proptest::prelude::*;
use rstest::rstest;
use time::macros::date;

use super::*;

#[rstest]
#[case("2026年11月2日", Some("2026-11-02"))]
#[case("2026-06-30", Some("2026-06-30"))]
#[case("2016.05.11-2036.05.11", Some("2016-05-11"))]
#[case("二〇二六年十月二十一日", Some("2026-10-21"))]
#[case("二O二六年一月三十一日", Some("2026-01-31"))]
#[case("2026年13月1日", None)]
#[case("20261102", None)]
fn days_of_all_spellings(#[case] text: &str, #[case] day: Option<&str>) {
    assert_eq!(value::day(text).map(|(day, _)| day.to_string()).as_deref(), day);
}

#[rstest]
#[case("3,000万元", None, Some(3_000_000_000))]
#[case("人民币贰仟陆佰万元整", None, Some(2_600_000_000))]
#[case("¥38,100,000.00元", None, Some(3_810_000_000))]
#[case("壹亿贰仟万元整", None, Some(12_000_000_000))]
#[case("9,221.97", Some(4), Some(9_221_970_000))]
#[case("(1,234.50)", Some(0), Some(-123_450))]
#[case("-169,012.17", Some(0), Some(-16_901_217))]
#[case("3000", None, None)]
#[case("壹佰", None, None)]
fn amounts_of_all_spellings(#[case] text: &str, #[case] power: Option<u32>, #[case] fen: Option<i64>) {
    assert_eq!(money(text, power, true).map(|(fen, _)| fen), fen);
}

#[rstest]
#[case("某某审字[2026]第0188号", Some("某某审字〔2026〕第0188号"))]
#[case("某某审字(2026)0188号", Some("某某审字〔2026〕第0188号"))]
#[case("某某审字2026第0188号", None)]
fn numbers_of_reports(#[case] text: &str, #[case] number: Option<&str>) {
    assert_eq!(value::document_number(text).map(|(number, _)| number).as_deref(), number);
}

#[rstest]
#[case("2026年1-6月", Some("2026H1"))]
#[case("2025年度", Some("2025"))]
#[case("2026年9月30日", Some("2026Q3"))]
#[case("2025年3月15日", None)]
fn periods_of_all_spellings(#[case] text: &str, #[case] period: Option<&str>) {
    assert_eq!(value::period(text).map(|(period, _)| period.to_string()).as_deref(), period);
}

#[test]
fn a_period_reads_back_and_ends_on_the_last_day() {
    for text in ["2025", "2026H1", "2026Q1", "2024M2"] {
        let period: Period = text.parse().unwrap();
        assert_eq!(period.to_string(), text);
    }
    assert_eq!("2024M2".parse::<Period>().unwrap().end(), date!(2024 - 02 - 29));
    assert!("2026H3".parse::<Period>().is_err());
}

#[test]
fn rounding_to_hundredths_of_ten_thousand_is_no_difference() {
    assert!(agree(FactKey::Revenue, "79319539.57", "79319500.00"));
    assert!(!agree(FactKey::Revenue, "125125655.03", "152125700.00"));
    assert!(!agree(FactKey::Revenue, "79319539.57", "79319539.58"));
    assert!(!agree(FactKey::RegisteredCapital, "20000000.00", "20000100.00"));
}

proptest! {
    #[test]
    fn readers_of_values_never_read_beyond_the_text(text in "[0-9年月日,.()一二十〇万亿元拾佰仟壹贰%第号字〔〕A-Z-]{0,24}") {
        let ends = [
            day(&text).map(|read| read.1),
            money(&text, Some(4), false).map(|read| read.1),
            value::percent(&text).map(|read| read.1),
            value::whole(&text).map(|read| read.1),
            value::period(&text).map(|read| read.1),
            value::document_number(&text).map(|read| read.1),
            value::credit_code(&text).map(|read| read.1),
            value::resident_id(&text).map(|read| read.1),
            value::person(&text).map(|read| read.1),
        ];
        for end in ends.into_iter().flatten() {
            prop_assert!(text.is_char_boundary(end));
        }
    }

    #[test]
    fn an_amount_in_yuan_reads_as_itself(fen in 0i64..1_000_000_000_000) {
        let printed = crate::field::money_label(fen, crate::locale::Locale::Zh).replace(' ', "");
        prop_assert_eq!(money(&printed, None, true).map(|read| read.0), Some(fen));
    }
}

fn lines(texts: &[&str]) -> Reading {
    use crate::reading::{Line, Page, TextSource, Word};
    let line = |text: &&str| {
        let words = text.split('\t').map(|cell| Word { text: cell.to_owned(), area: None }).collect();
        Line { text: (*text).to_owned(), area: None, words }
    };
    let page = Page { number: 1, source: TextSource::Layer, lines: texts.iter().map(line).collect() };
    Reading { kind: crate::media::Kind::Docx, pages: vec![page], sheets: Vec::new(), page_count: 1 }
}

fn slot(id: &str) -> SlotId {
    SlotId::new(id).unwrap()
}

fn value_of(facts: &[Fact], key: FactKey) -> Option<&str> {
    facts.iter().find(|fact| fact.key == key).map(|fact| fact.value.as_str())
}

#[test]
fn an_agreement_tells_its_parties_apart() {
    let reading = lines(&[
        "推荐挂牌服务合同",
        "甲方：如皋云帆机电有限责任公司",
        "统一社会信用代码：91320682MA1MABCD0X",
        "法定代表人：严谨之",
        "乙方（推荐机构）：南通启航投资咨询有限公司",
        "统一社会信用代码：91320600MA1NABCD6E",
        "法定代表人：顾望",
        "甲乙双方就推荐挂牌事宜达成如下协议。",
    ]);
    let facts = facts(&slot("recommendation_agreement"), &reading);
    assert_eq!(value_of(&facts, FactKey::CompanyName), Some("如皋云帆机电有限责任公司"));
    assert_eq!(value_of(&facts, FactKey::LegalRepresentative), Some("严谨之"));
    assert_eq!(value_of(&facts, FactKey::Sponsor), Some("南通启航投资咨询有限公司"));
    assert_eq!(value_of(&facts, FactKey::SponsorCreditCode), Some("91320600MA1NABCD6E"));
}

#[test]
fn figures_under_a_stacked_header_keep_their_periods() {
    use crate::reading::{Line, Page, TextSource, Word};
    let cell = |text: &str, left: u16, top: u16| Line {
        text: text.to_owned(),
        area: Some(Area { left, top, width: 900, height: 110 }),
        words: vec![Word { text: text.to_owned(), area: Some(Area { left, top, width: 900, height: 110 }) }],
    };
    let lines = vec![
        cell("2026年6月30日/2026", 3_700, 1_267),
        cell("项目", 1_300, 1_343),
        cell("2025年12月31日/2025年度", 5_600, 1_343),
        cell("2024年12月31日/2024年度", 7_600, 1_343),
        cell("年1-6月", 3_700, 1_419),
        cell("营业收入（万元）", 1_300, 1_640),
        cell("4,170.65", 3_700, 1_640),
        cell("7,931.95", 5_600, 1_640),
        cell("6,820.89", 7_600, 1_640),
    ];
    let page = Page { number: 1, source: TextSource::Layer, lines };
    let reading =
        Reading { kind: crate::media::Kind::Pdf, pages: vec![page], sheets: Vec::new(), page_count: 1 };
    let facts = facts(&slot("recommendation_opinion"), &reading);
    let revenue: Vec<(String, &str)> = facts
        .iter()
        .filter(|fact| fact.key == FactKey::Revenue)
        .filter_map(|fact| Some((fact.period?.to_string(), fact.value.as_str())))
        .collect();
    let expected = [("2026H1", "41706500.00"), ("2025", "79319500.00"), ("2024", "68208900.00")];
    for (period, value) in expected {
        assert!(revenue.contains(&(period.to_owned(), value)), "{revenue:?}");
    }
}
