use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

#[rstest]
#[case(r#"a == "yes""#, true)]
#[case(r#"a != "yes""#, false)]
#[case(r#"n > 199"#, true)]
#[case("n >= 200.5", false)]
#[case("n < 1000", true)] // as numbers, not as texts
#[case("m == -12.5", true)]
#[case(r#"d >= "2026-01-01""#, true)]
#[case(r#"a in ["no", "yes"]"#, true)]
#[case(r#"a in ["no"]"#, false)]
#[case(r#"not a == "no" and n == 200"#, true)]
#[case(r#"a == "no" or n == 200"#, true)]
#[case(r#"a == "no" and n == 200 or d == "2026-11-02""#, true)] // and binds closer
#[case(r#"a == "no" and (n == 200 or d == "2026-11-02")"#, false)]
#[case(r#"missing == "x""#, false)]
#[case(r#"missing != "x""#, false)]
#[case(r#"not missing == "x""#, false)]
#[case(r#"empty != "x""#, false)]
#[case(r#"missing == "x" or a == "yes""#, true)]
#[case(r#"not (missing == "x" and a == "no")"#, true)]
fn holds(#[case] text: &str, #[case] expected: bool) {
    let values = fields(&[("a", "yes"), ("n", "200"), ("m", "-12.50"), ("d", "2026-11-02"), ("empty", "")]);
    assert_eq!(Condition::parse(text).unwrap().holds(&values), expected);
}

#[rstest]
#[case("", 0)]
#[case("a", 1)]
#[case("a = \"x\"", 2)]
#[case("a == yes", 5)]
#[case("a == \"x", 5)]
#[case("a == \"x\" b == 1", 9)]
#[case("(a == 1", 7)]
#[case("a in 1", 5)]
#[case("a in [1", 7)]
#[case("and == 1", 0)]
#[case("a == 1.23456", 5)]
fn errors_point_at_the_place(#[case] text: &str, #[case] offset: usize) {
    let error = Condition::parse(text).unwrap_err();
    assert_eq!(error.offset, offset, "{error}");
    assert!(!error.zh.is_empty() && error.en.contains("Example"));
}

#[test]
fn depth_is_bounded() {
    let text = format!("{}a == 1{}", "(".repeat(5_000), ")".repeat(5_000));
    assert!(Condition::parse(&text).unwrap_err().en.contains("deep"));
}

#[test]
fn names_its_fields() {
    let condition = Condition::parse(r#"x == 1 and (y in ["a"] or not z != "b")"#).unwrap();
    assert_eq!(condition.fields(), ["x", "y", "z"]);
}

proptest! {
    #[test]
    fn never_panics(text in "[a-c0-9 ()\\[\\]\"=<>!,.-]{0,60}|\\PC{0,40}") {
        if let Ok(condition) = Condition::parse(&text) {
            let _ = condition.holds(&fields(&[("a", "1"), ("b", "x")]));
        }
    }
}
