use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::{
    locale::Locale,
    rule_pack::{Requirement, RulePack},
    text::Text,
};

fn definition(kind: FieldKind) -> FieldDefinition {
    FieldDefinition {
        id: "it".to_owned(),
        section: "main".to_owned(),
        label: Text { zh: "字段".to_owned(), en: "Field".to_owned() },
        help: None,
        kind,
        requirement: Requirement::Required,
        max_length: 60,
        placeholder: None,
    }
}

fn read(kind: FieldKind, raw: &str) -> Result<String, &'static str> {
    normalise(&definition(kind), raw).map(|read| read.value).map_err(|error| error.code())
}

const MONEY: FieldKind = FieldKind::Money { signed: false };
const SIGNED: FieldKind = FieldKind::Money { signed: true };

#[rstest]
#[case("3,000.00 万元", "30000000.00")]
#[case("30000000元", "30000000.00")]
#[case("３，０００万元", "30000000.00")]
#[case("３０００．５万", "30005000.00")]
#[case("人民币3000万元整", "30000000.00")]
#[case("¥30,000,000.00", "30000000.00")]
#[case("￥１２．３４", "12.34")]
#[case("1.5亿元", "150000000.00")]
#[case("1.2亿", "120000000.00")]
#[case("2千万", "20000000.00")]
#[case("3百万元", "3000000.00")]
#[case("0", "0.00")]
#[case("0.1", "0.10")]
#[case("68208895.18", "68208895.18")]
#[case("6820.889518万元", "68208895.18")]
#[case("3000,0000", "30000000.00")]
fn money(#[case] raw: &str, #[case] canonical: &str) {
    assert_eq!(read(MONEY, raw).as_deref(), Ok(canonical));
}

#[rstest]
#[case("三千万", "field.money")]
#[case("3000美元", "field.money")]
#[case("1,23", "field.money")]
#[case("1.2.3", "field.money")]
#[case("万元", "field.money")]
#[case(".5", "field.money")]
#[case("0.001元", "field.below_fen")]
#[case("0.0000001万元", "field.below_fen")]
#[case("-5", "field.negative")]
#[case("100000000000000000元", "field.too_large")]
#[case("999999999999999999亿元", "field.too_large")]
fn money_errors(#[case] raw: &str, #[case] code: &str) {
    assert_eq!(read(MONEY, raw), Err(code));
}

#[rstest]
#[case("-123.45", "-123.45")]
#[case("(123.45)", "-123.45")]
#[case("（1,234.00）万元", "-12340000.00")]
#[case("-¥5", "-5.00")]
#[case("−0.01", "-0.01")]
#[case("-0", "0.00")]
fn losses(#[case] raw: &str, #[case] canonical: &str) {
    assert_eq!(read(SIGNED, raw).as_deref(), Ok(canonical));
}

#[test]
fn fen_and_back() {
    assert_eq!(fen("30000000.00"), Some(3_000_000_000));
    assert_eq!(fen("3000万"), None);
    assert_eq!(yuan(-5), "-0.05");
    assert_eq!(yuan(i64::MIN), "-92233720368547758.08");
    assert_eq!(money_label(3_000_000_000, Locale::Zh), "30,000,000.00 元");
    assert_eq!(money_label(-123_456, Locale::En), "CNY -1,234.56");
    assert_eq!(money_label(99, Locale::Zh), "0.99 元");
}

#[rstest]
#[case("2026-11-02")]
#[case("2026年11月2日")]
#[case("2026 年 11 月 2 日")]
#[case("2026/11/2")]
#[case("2026.11.02")]
#[case("20261102")]
#[case("２０２６－１１－０２")]
#[case("2026年11月2号")]
fn dates(#[case] raw: &str) {
    assert_eq!(read(FieldKind::Date, raw).as_deref(), Ok("2026-11-02"));
}

#[rstest]
#[case("2026-02-29")]
#[case("2026-13-01")]
#[case("26-11-02")]
#[case("11/2/2026")]
#[case("2026年11月")]
#[case("1899-12-31")]
#[case("2026-11-02T00:00")]
#[case("今天")]
fn date_errors(#[case] raw: &str) {
    assert_eq!(read(FieldKind::Date, raw), Err("field.date"));
}

#[rstest]
#[case(FieldKind::Shares, "30,000,000股", Ok("30000000"))]
#[case(FieldKind::Shares, "3000万股", Ok("30000000"))]
#[case(FieldKind::Shares, "1.5", Err("field.not_whole"))]
#[case(FieldKind::Shares, "-1", Err("field.negative"))]
#[case(FieldKind::Shares, "若干", Err("field.number"))]
#[case(FieldKind::Shares, "99999999999999999999", Err("field.too_large"))]
#[case(FieldKind::Count, "１２ 人", Ok("12"))]
#[case(FieldKind::Count, "007", Ok("7"))]
#[case(FieldKind::Percent, "12.50%", Ok("12.5"))]
#[case(FieldKind::Percent, "１００％", Ok("100"))]
#[case(FieldKind::Percent, "0", Ok("0"))]
#[case(FieldKind::Percent, "100.01", Err("field.percent"))]
#[case(FieldKind::Percent, "-1", Err("field.percent"))]
#[case(FieldKind::Percent, "1.23456", Err("field.percent"))]
#[case(FieldKind::Phone, "138 0000 0000", Ok("13800000000"))]
#[case(FieldKind::Phone, "+86-138-0000-0000", Ok("13800000000"))]
#[case(FieldKind::Phone, "（025）8000 0000", Ok("025-80000000"))]
#[case(FieldKind::Phone, "02580000000", Ok("025-80000000"))]
#[case(FieldKind::Phone, "0512-80000000转801", Ok("0512-80000000-801"))]
#[case(FieldKind::Phone, "400-800-0000", Ok("4008000000"))]
#[case(FieldKind::Phone, "12345", Err("field.phone"))]
#[case(FieldKind::Phone, "-", Err("field.phone"))]
#[case(FieldKind::Phone, "()", Err("field.phone"))]
#[case(FieldKind::Phone, "电话", Err("field.phone"))]
#[case(FieldKind::Phone, "11100000000", Err("field.phone"))]
#[case(FieldKind::Email, "Name@Example.COM", Ok("Name@example.com"))]
#[case(FieldKind::Email, "name＠example.com", Ok("name@example.com"))]
#[case(FieldKind::Email, "name@localhost", Err("field.email"))]
#[case(FieldKind::Email, "a b@example.com", Err("field.email"))]
#[case(FieldKind::Email, "@example.com", Err("field.email"))]
#[case(FieldKind::CreditCode, "91310000564759688n", Ok("91310000564759688N"))]
#[case(FieldKind::CreditCode, "9131", Err("credit_code.length"))]
#[case(FieldKind::Text, "  示例\u{200B}科技 \t（集团）\n公司\u{202E} ", Ok("示例科技 （集团） 公司"))]
#[case(FieldKind::LongText, "\r\n第一行 \r\n\r\n 第二行\u{0}\n", Ok("第一行\n\n第二行"))]
fn others(#[case] kind: FieldKind, #[case] raw: &str, #[case] expected: Result<&str, &'static str>) {
    assert_eq!(read(kind, raw), expected.map(str::to_owned));
}

#[rstest]
#[case("growth", Ok("growth"))]
#[case(" 成长板 ", Ok("growth"))]
#[case("growth board", Ok("growth"))]
#[case("创业板", Err("field.choice"))]
fn choices(#[case] raw: &str, #[case] expected: Result<&str, &str>) {
    let board = RulePack::listing().field("board").unwrap();
    let read = normalise(board, raw);
    assert_eq!(read.as_ref().map(|read| read.value.as_str()).map_err(FieldError::code), expected);
}

#[test]
fn length_counts_characters_not_bytes() {
    assert!(read(FieldKind::Text, &"字".repeat(60)).is_ok());
    let error = normalise(&definition(FieldKind::Text), &"字".repeat(61)).unwrap_err();
    assert_eq!(
        error.params(),
        [("field", "it".to_owned()), ("max", "60".to_owned()), ("found", "61".to_owned())]
    );
}

#[test]
fn blank_is_canonical_for_every_kind() {
    for field in &RulePack::listing().fields {
        let read = normalise(field, " \u{3000}\u{200B}\n").unwrap();
        assert_eq!(read, Normalised { value: String::new(), warning: None });
    }
}

#[test]
fn messages_in_both_languages() {
    let cases = [
        (FieldKind::Text, "字".repeat(61)),
        (FieldKind::CreditCode, "9131".to_owned()),
        (FieldKind::CreditCode, "9131000056475968ON".to_owned()),
        (MONEY, "三千万".to_owned()),
        (MONEY, "0.001".to_owned()),
        (MONEY, "-5".to_owned()),
        (MONEY, "1000000000亿".to_owned()),
        (FieldKind::Shares, "x".to_owned()),
        (FieldKind::Shares, "0.5".to_owned()),
        (FieldKind::Percent, "101".to_owned()),
        (FieldKind::Date, "x".to_owned()),
        (FieldKind::Phone, "x".to_owned()),
        (FieldKind::Email, "x".to_owned()),
        (RulePack::listing().field("has_valuation").unwrap().kind.clone(), "x".to_owned()),
    ];
    let mut shown = Vec::new();
    for (kind, raw) in cases {
        let error = normalise(&definition(kind), &raw).unwrap_err();
        shown.push(format!(
            "{}\n  {}\n  {}",
            error.code(),
            error.message(Locale::Zh),
            error.message(Locale::En)
        ));
    }
    let warning =
        normalise(&definition(FieldKind::CreditCode), "91350100M0001TGQXM").unwrap().warning.unwrap();
    shown.push(format!(
        "{}\n  {}\n  {}",
        warning.code(),
        warning.message(Locale::Zh),
        warning.message(Locale::En)
    ));
    insta::assert_snapshot!(shown.join("\n"));
}

fn any_kind() -> impl Strategy<Value = FieldKind> {
    let board = RulePack::listing().field("board").unwrap().kind.clone();
    prop::sample::select(vec![
        FieldKind::Text,
        FieldKind::LongText,
        FieldKind::CreditCode,
        MONEY,
        SIGNED,
        FieldKind::Shares,
        FieldKind::Count,
        FieldKind::Date,
        FieldKind::Percent,
        FieldKind::Phone,
        FieldKind::Email,
        board,
    ])
}

proptest! {
    #[test]
    fn canonical_values_are_fixed_points(
        kind in any_kind(),
        raw in "[-+（(0-9０-９,，. 年月日/万亿千百元股人%％@a-z转)）]{0,24}|\\PC{0,30}",
    ) {
        let field = definition(kind);
        if let Ok(once) = normalise(&field, &raw) {
            prop_assert_eq!(normalise(&field, &once.value), Ok(once));
        }
    }

    #[test]
    fn every_amount_survives(value in any::<i64>()) {
        prop_assert_eq!(fen(&yuan(value)), Some(value));
        let typed = money_label(value, Locale::Zh);
        let canonical = read(SIGNED, &typed).unwrap();
        prop_assert_eq!(fen(&canonical), Some(value));
    }

    #[test]
    fn every_day_survives_every_spelling(offset in 0i64..100_000) {
        let day = time::macros::date!(1900 - 01 - 01) + time::Duration::days(offset);
        let (y, m, d) = (day.year(), u8::from(day.month()), day.day());
        for typed in [day.to_string(), format!("{y}年{m}月{d}日"), format!("{y}/{m}/{d}"), format!("{y}{m:02}{d:02}")] {
            let canonical = read(FieldKind::Date, &typed);
            prop_assert_eq!(canonical, Ok(day.to_string()));
        }
        prop_assert_eq!(iso_date(&day.to_string()), Some(day));
    }
}
