//! Pages set by hand, with the words as `pdftotext` and tesseract find them.

use super::{Frame, Gaps, Piece, lines};

const GAPS: Gaps = Gaps { blank: 0.2, widest: 0.55 };

/// Text of this height with its left edge and its middle; characters are as wide as they are high, Latin half as wide.
fn set(text: &str, left: f32, middle: f32, size: f32) -> Piece {
    let width: f32 = text.chars().map(|c| if c.is_ascii() { 0.5 } else { 1.0 }).sum::<f32>() * size;
    let frame = Frame { left, top: middle - size / 2.0, right: left + width, bottom: middle + size / 2.0 };
    Piece { text: text.to_owned(), frame, upright: frame, ruled: false }
}

fn texts(pieces: Vec<Piece>) -> Vec<String> {
    lines(pieces, (595.0, 842.0), &GAPS).into_iter().map(|line| line.text).collect()
}

#[test]
fn a_row_whose_cell_wraps_into_two_lines_is_one_line() {
    let pieces = vec![
        set("公司名称", 100.0, 299.3, 10.5),
        set("南京某某传感科技股份有", 177.0, 291.4, 10.5),
        set("统一社会信用代码", 303.0, 299.3, 10.5),
        set("91320100MA00001112", 395.0, 299.3, 10.5),
        set("限公司", 177.0, 307.2, 10.5),
        set("法定代表人", 100.0, 328.3, 10.5),
        set("某某", 177.0, 328.3, 10.5),
    ];
    assert_eq!(
        texts(pieces),
        ["公司名称\t南京某某传感科技股份有限公司\t统一社会信用代码\t91320100MA00001112", "法定代表人\t某某"]
    );
}

#[test]
fn three_and_four_lines_wrap_as_well() {
    let wrapped = "经营范围包括传感器的研发制造销售仪器";
    for count in [3u8, 4] {
        let mut pieces: Vec<Piece> =
            (0..count).map(|n| set(wrapped, 177.0, 100.0 + 15.0 * f32::from(n), 10.5)).collect();
        pieces.push(set("主营业务", 100.0, 100.0 + 7.5 * f32::from(count - 1), 10.5));
        assert_eq!(texts(pieces), [format!("主营业务\t{}", wrapped.repeat(usize::from(count)))]);
    }
}

#[test]
fn rows_that_stand_close_stay_apart() {
    let mut pieces = Vec::new();
    for (n, (label, value)) in
        [("资产总计", "108,731,086.17"), ("负债合计", "54,002.10")].into_iter().enumerate()
    {
        let middle = 100.0 + 13.0 * f32::from(u8::try_from(n).unwrap());
        pieces.extend([set(label, 80.0, middle, 10.0), set(value, 300.0, middle, 10.0)]);
        pieces.push(set("98,000.00", 300.0 + 77.0, middle, 10.0));
    }
    assert_eq!(texts(pieces), ["资产总计\t108,731,086.17\t98,000.00", "负债合计\t54,002.10\t98,000.00"]);
}

#[test]
fn paragraphs_keep_their_lines() {
    let line = "根据《中华人民共和国公司法》及有关规定";
    let pieces = (0..3u8).map(|n| set(line, 80.0, 100.0 + 15.0 * f32::from(n), 10.5)).collect();
    assert_eq!(texts(pieces), [line; 3]);
}

#[test]
fn spread_titles_are_one_word_and_latin_keeps_its_blanks() {
    let title = ["审", "计", "报", "告"].into_iter().enumerate();
    let mut pieces: Vec<Piece> = title
        .map(|(n, text)| set(text, 200.0 + 40.0 * f32::from(u8::try_from(n).unwrap()), 60.0, 20.0))
        .collect();
    pieces.extend([
        set("Example", 80.0, 120.0, 10.0),
        set("Valley", 119.0, 120.0, 10.0),
        set("公司", 151.0, 120.0, 10.0),
    ]);
    pieces.extend([
        set("姓", 80.0, 140.0, 10.0),
        set("名", 110.0, 140.0, 10.0),
        set("某某", 200.0, 140.0, 10.0),
    ]);
    assert_eq!(texts(pieces), ["审计报告", "Example Valley公司", "姓名\t某某"]);
}

#[test]
fn blanks_between_chinese_are_kept_and_ruling_lines_part_cells() {
    let mut ruled = set("股份性质", 120.0, 120.0, 10.0);
    ruled.ruled = true;
    let pieces = vec![
        set("法定代表人：某某", 80.0, 100.0, 10.0),
        set("会计机构负责人：某某", 162.6, 100.0, 10.0),
        set("持股比例", 80.0, 120.0, 10.0),
        ruled,
        set("2026", 80.0, 140.0, 10.0),
        set("年", 102.5, 140.0, 10.0),
    ];
    assert_eq!(texts(pieces), ["法定代表人：某某 会计机构负责人：某某", "持股比例\t股份性质", "2026年"]);
}

#[test]
fn a_code_that_wraps_is_put_together_again() {
    let pieces = vec![
        set("苏州某某投资有限公司", 80.0, 100.0, 8.5),
        set("91320500MA000004X", 275.0, 94.0, 8.5),
        set("T", 308.0, 106.0, 8.5),
    ];
    assert_eq!(texts(pieces), ["苏州某某投资有限公司\t91320500MA000004XT"]);
}

#[test]
fn areas_are_shares_of_the_page() {
    let found = lines(vec![set("公司", 59.5, 84.2, 10.0)], (595.0, 842.0), &GAPS);
    let area = found[0].words[0].area.unwrap();
    assert_eq!((area.left, area.top, area.width, area.height), (1000, 941, 336, 118));
    assert_eq!(found[0].area, Some(area));
}
