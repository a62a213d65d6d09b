use proptest::prelude::*;
use rstest::rstest;
use time::macros::date;

use super::{sheet::*, *};
use crate::reading::{Cell, Row, Sheet};

/// `|` parts cells; `_` is an empty one; `^` before a text merges it over that many columns and rows: `^2x1 持股情况`.
fn made(rows: &[&str]) -> Sheet {
    let cell = |(column, text): (usize, &str)| {
        let text = text.trim();
        let (span, text) = match text.strip_prefix('^').and_then(|rest| rest.split_once(' ')) {
            Some((span, text)) => {
                let (wide, high) = span.split_once('x').unwrap();
                ((wide.parse().unwrap(), high.parse().unwrap()), text)
            }
            None => ((1, 1), text),
        };
        let formula = text.starts_with('=');
        (text != "_" && !text.is_empty()).then(|| Cell {
            column: u32::try_from(column).unwrap(),
            text: text.trim_start_matches('=').to_owned(),
            formula,
            span,
            percent: false,
        })
    };
    let rows = rows
        .iter()
        .zip(1..)
        .map(|(row, number)| Row {
            number,
            hidden: row.starts_with('~'),
            cells: row.trim_start_matches('~').split('|').enumerate().filter_map(cell).collect(),
        })
        .filter(|row| !row.cells.is_empty())
        .collect();
    Sheet { name: "名册".into(), hidden: false, hidden_columns: vec![2], rows }
}

fn register(rows: &[&str]) -> Read {
    let sheet = made(rows);
    let heading = heading(&sheet).expect("a heading");
    let mapping = propose(&heading, &BTreeMap::new());
    read(&sheet, &heading, &mapping)
}

const HEAD: &str = "序号|股东姓名/名称|证件类型|证件号码|持股数量（股）|持股比例|股份性质";

#[test]
fn a_plain_register_is_read_with_what_should_be_known_of_it() {
    let found = register(&[
        "^7x1 股东名册",
        "公司名称：某某股份有限公司",
        HEAD,
        "1|张　三|居民身份证|110101199003070011|6,000,000|60%|自然人股",
        "~2|某某投资有限公司|统一社会信用代码|91310000564759688N|=4000000.0|=40%|法人股",
        "合计|_|_|_|10000000|100%|_",
        "制表人：李四|_|_|_|1|_|_",
    ]);
    assert_eq!(found.holders.len(), 2);
    let first = &found.holders[0];
    assert_eq!((first.name.as_str(), first.shares, first.percent), ("张三", Some(6_000_000), Some(600_000)));
    assert_eq!((first.sheet_row, first.kind.as_str()), (4, "自然人股"));
    assert_eq!(first.id_shown(), "110101********0011");
    assert_eq!(found.holders[1].id_shown(), "91310000564759688N", "a company's code is no secret");
    assert_eq!(found.total.as_ref().and_then(|total| total.shares), Some(10_000_000));
    assert_eq!(found.told.hidden_rows, [5]);
    assert_eq!(found.told.hidden_columns, ["C"]);
    assert_eq!(found.told.formulas, 2);
    assert_eq!(check(&found.holders, found.total.as_ref(), Filed::default()), []);
    assert!(!format!("{first:?}").contains("1101") && !format!("{first:?}").contains("张"));
}

#[test]
fn a_heading_of_two_rows_with_merged_cells_is_one_heading() {
    let rows = [
        "^6x1 截至基准日股东情况",
        "^1x2 序号|^1x2 股东|^2x1 证件|_|^2x1 持股情况|_",
        "_|_|证件类型|证件号码|股份数（万股）|占比",
        "1|甲公司|营业执照|91310000564759688N|1,200.5|0.6",
        "2|乙公司|营业执照|91310104MA1FRNWW80|800|0.4",
    ];
    let sheet = made(&rows);
    assert_eq!(heading_at(&sheet, 2), heading(&sheet), "named by its row it is the same");
    let found = register(&rows);
    let shares: Vec<_> = found.holders.iter().map(|holder| holder.shares).collect();
    assert_eq!(shares, [Some(12_005_000), Some(8_000_000)], "万股 are ten thousand each");
    let parts: Vec<_> = found.holders.iter().map(|holder| holder.percent).collect();
    assert_eq!(parts, [Some(600_000), Some(400_000)], "fractions that sum to one are percentages");
    assert_eq!(found.holders[0].sheet_row, 4);
}

#[test]
fn a_merged_name_speaks_for_its_rows_and_a_line_below_is_no_holder() {
    let found = register(&[
        "股东名称|出资额（万元）|出资比例|出资日期",
        "^1x2 甲公司|300|30%|2020-05-01",
        "_|700|70%|2021年3月2日",
        "备注：以上为认缴",
    ]);
    let rows: Vec<_> =
        found.holders.iter().map(|h| (h.name.as_str(), h.contributed, h.acquired_on)).collect();
    assert_eq!(
        rows,
        [
            ("甲公司", Some(300_000_000), Some(date!(2020 - 05 - 01))),
            ("甲公司", Some(700_000_000), Some(date!(2021 - 03 - 02))),
        ]
    );
}

#[test]
fn a_table_of_customers_is_no_register() {
    assert_eq!(heading(&made(&["序号|客户名称|销售额|账期", "1|甲公司|100|30"])), None);
    assert_eq!(heading(&made(&["公司名称：某某|截止日期：2026-10-20"])), None);
}

#[test]
fn what_a_person_said_of_a_heading_comes_before_the_words() {
    let sheet = made(&["投资方|实缴|折股|占股%", "甲公司|100|100|100%"]);
    let heading = heading_at(&sheet, 1).unwrap();
    let by_words = propose(&heading, &BTreeMap::new());
    assert_eq!(by_words.0.get(&Column::Name), None);
    let said = [("投资方", Some(Column::Name)), ("折股", Some(Column::Shares)), ("实缴", None)];
    let remembered = said.map(|(label, column)| (key(label), column)).into();
    let mapping = propose(&heading, &remembered);
    assert_eq!(mapping.0.get(&Column::Name), Some(&0));
    assert_eq!(mapping.0.get(&Column::Shares), Some(&2));
    assert_eq!(mapping.0.get(&Column::Contributed), None, "not wanted is remembered too");
    assert_eq!(mapping.0.get(&Column::Percent), Some(&3));
}

fn said(problems: &[Problem]) -> Vec<String> {
    let place = |problem: &Problem| match (problem.holder, problem.column) {
        (holder, Some(column)) => format!("{holder:?} {} {:?}", column.name(), problem.severity),
        other => format!("{other:?}"),
    };
    problems.iter().map(place).collect()
}

#[test]
fn every_mistake_is_named_at_its_cell() {
    let found = register(&[
        HEAD,
        "1|甲|居民身份证|110101199003070012|100|10%|_",
        "2|_|居民身份证|11010119900307|200|20%|_",
        "3|乙|居民身份证|110101199003070011|三百|30%|_",
        "4|丙|居民身份证|110101199003070011|400|40%|_",
        "5|丁公司|统一社会信用代码|91350100M0001TGQXM|-5|1%|_",
        "6|甲|_|_|10|很多|_",
    ]);
    let problems = check(&found.holders, found.total.as_ref(), Filed::default());
    let rows = said(&problems);
    for expected in [
        "Some(0) id_number Warning",
        "Some(1) name Error",
        "Some(1) id_number Error",
        "Some(2) shares Error",
        "Some(3) id_number Error",
        "Some(4) id_number Warning",
        "Some(4) shares Error",
        "Some(5) percent Error",
        "Some(5) name Warning",
    ] {
        assert!(rows.iter().any(|row| row == expected), "{expected} in {rows:#?}");
    }
    assert!(problems.iter().all(|problem| !problem.message.zh.contains("19900307")));
    assert_eq!(found.holders[2].get(Column::Shares), "三百", "what was written comes back");
}

#[rstest]
#[case(Filed::default(), &[])]
#[case(Filed { shares: Some(1_000), capital: None }, &[])]
#[case(Filed { shares: Some(999), capital: Some(100_000) }, &["None shares Error"])]
#[case(Filed { shares: None, capital: Some(99_900) }, &["None shares Warning"])]
fn sums_are_held_against_the_form(#[case] filed: Filed, #[case] expected: &[&str]) {
    let found = register(&[
        "股东|证件号码|股数|比例",
        "甲公司|91310000564759688N|600|60%",
        "乙公司|91310104MA1FRNWW80|400|40%",
    ]);
    assert_eq!(said(&check(&found.holders, None, filed)), expected);
}

#[test]
fn percentages_and_the_line_of_totals_must_sum() {
    let rows = [
        "股东|证件号码|股数|比例",
        "甲公司|91310000564759688N|600|60%",
        "乙公司|91310104MA1FRNWW80|400|30%",
        "合计|_|1100|100%",
    ];
    let found = register(&rows);
    let rows = said(&check(&found.holders, found.total.as_ref(), Filed::default()));
    assert_eq!(rows, ["Some(1) percent Warning", "None percent Error", "None shares Error"]);
}

#[test]
fn more_holders_than_allowed_are_counted() {
    let holder = |n: usize| Holder {
        name: format!("股东{n}"),
        id_kind: "其他".into(),
        id_number: format!("A{n}"),
        shares: Some(10),
        ..Holder::default()
    };
    let many: Vec<Holder> = (0..201).map(holder).collect();
    assert_eq!(said(&check(&many, None, Filed::default())), ["None name Error"]);
    assert_eq!(check(&many[..200], None, Filed::default()), []);
}

proptest! {
    #[test]
    fn what_is_written_reads_back(shares in 1i64..9_000_000_000, parts in 0i64..1_000_000, fen in 0i64..9_000_000_000_000) {
        let mut holder = Holder::default();
        let there = Holder { shares: Some(shares), percent: Some(parts), contributed: Some(fen), ..Holder::default() };
        for column in [Column::Shares, Column::Percent, Column::Contributed] {
            holder.set(column, &Written::typed(&there.get(column)));
        }
        prop_assert_eq!(holder, there);
    }

    #[test]
    fn no_cell_is_too_strange(text in "\\PC{0,24}") {
        let mut holder = Holder::default();
        for column in Column::ALL {
            holder.set(column, &Written::typed(&text));
            let _ = holder.get(column);
        }
        let _ = check(&[holder.clone(), holder], None, Filed::default());
    }
}
