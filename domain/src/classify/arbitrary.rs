//! Readings of any shape: whatever a hostile or broken file makes the reader say, the rules answer and do not panic.

use std::collections::BTreeMap;

use proptest::prelude::*;
use time::macros::date;

use super::{Sorted, classify, set_aside};
use crate::{
    fact,
    finding::{FiledDocument, Filing, findings},
    media,
    reading::{Area, Cell, Line, Page, Reading, Row, Sheet, TextSource, Word},
    rule_pack::RulePack,
};

fn text() -> impl Strategy<Value = String> {
    // Words of the trade in any order, between anything else.
    let words = prop::sample::select(vec![
        "审计报告",
        "甲方：",
        "乙方（推荐机构）：",
        "股东名册",
        "股东姓名",
        "持股数",
        "持股比例",
        "证件号码",
        "有限公司",
        "（有限合伙）",
        "会计师事务所",
        "注册资本",
        "万元",
        "3,000",
        "100%",
        "42.00%",
        "12,600,000",
        "法定代表人",
        "2026年6月30日",
        "二〇二六年",
        "资产总计",
        "单位：万元",
        "合计",
        "91320100MA00001112",
        "110101199003070011",
        "〔2026〕第1号",
        "报告编码：",
        "同意",
        "总数的",
        "承诺书",
        "签字",
        "：",
        "____",
        "住所",
        "整体变更为股份",
        "评估基准日",
        "ZL202010000001.X",
        "第一条",
        "号",
        "（",
        "）",
    ]);
    prop_oneof![
        prop::collection::vec(words, 0..6).prop_map(|words| words.concat()),
        "\\PC{0,24}",
        "[0-9.,()%年月日-]{0,20}",
    ]
}

fn area() -> impl Strategy<Value = Option<Area>> {
    prop::option::of(
        (any::<u16>(), any::<u16>(), any::<u16>(), any::<u16>())
            .prop_map(|(left, top, width, height)| Area { left, top, width, height }),
    )
}

fn line() -> impl Strategy<Value = Line> {
    let word = (text(), area()).prop_map(|(text, area)| Word { text, area });
    (text(), area(), prop::collection::vec(word, 0..5)).prop_map(|(text, area, words)| Line {
        text,
        area,
        words,
    })
}

fn page() -> impl Strategy<Value = Page> {
    let source = prop::sample::select(vec![TextSource::Layer, TextSource::Recognised, TextSource::None]);
    (0u32..5, source, prop::collection::vec(line(), 0..14)).prop_map(|(number, source, lines)| Page {
        number,
        source,
        lines,
    })
}

fn sheet() -> impl Strategy<Value = Sheet> {
    let cell = (0u32..900, text(), any::<bool>()).prop_map(|(column, text, percent)| Cell {
        column,
        text,
        formula: false,
        span: (1, 1),
        percent,
    });
    let row = (any::<u32>(), prop::collection::vec(cell, 0..7)).prop_map(|(number, cells)| Row {
        number,
        hidden: false,
        cells,
    });
    prop::collection::vec(row, 0..8).prop_map(|rows| Sheet {
        name: String::new(),
        hidden: false,
        hidden_columns: Vec::new(),
        rows,
    })
}

prop_compose! {
    fn reading()(pages in prop::collection::vec(page(), 0..4), sheets in prop::collection::vec(sheet(), 0..2)) -> Reading {
        Reading { kind: media::Kind::Pdf, page_count: 4, pages, sheets }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_reading_makes_a_rule_panic(first in reading(), second in reading(), path in "\\PC{0,20}") {
        let pack = RulePack::listing();
        let one = classify(pack, &path, 1, Some(&first));
        let two = classify(pack, "2.pdf", 1, Some(&second));
        let files = [
            Sorted { path: &path, sha256: &[1; 32], classification: &one, reading: Some(&first) },
            Sorted { path: "2.pdf", sha256: &[2; 32], classification: &two, reading: Some(&second) },
        ];
        let _ = set_aside(&files, None, None);
        let mut documents = Vec::new();
        for slot in &pack.slots {
            let facts = fact::facts(&slot.id, &first);
            for fact in &facts {
                prop_assert!(fact.confidence <= 100);
            }
            documents.push(FiledDocument { document: slot.id.as_str().to_owned(), file_name: String::new(), slot: slot.id.clone(), facts, read: true });
        }
        let pairs: Vec<_> = documents.iter().map(|document| (document.slot.clone(), document.facts.clone())).collect();
        let fields: BTreeMap<String, String> = fact::fill(pack, &pairs).into_iter().map(|proposal| (proposal.field, proposal.value)).collect();
        // Every proposal is what the field would keep.
        for (id, value) in &fields {
            let field = pack.field(id).unwrap();
            prop_assert_eq!(&crate::field::normalise(field, value).unwrap().value, value);
        }
        let _ = findings(pack, date!(2026 - 11 - 05), &Filing { fields: &fields, documents: &documents, held: &[] });
    }
}
