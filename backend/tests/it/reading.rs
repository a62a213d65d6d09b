//! What the readers find in files, and what they refuse: the clean pack against its truth, files made here with everything
//! that Word and Excel hide, and hostile ones. No process and no database; server/tests has the limits of the process.

use std::{collections::BTreeMap, fs, path::Path};

use backend::reading::{Limit, Limits, Problem, read};
use domain::{
    media::{Active, Kind},
    reading::{Reading, TextSource},
};
use serde_json::Value;
use tempfile::TempDir;

mod made;

/// Reads bytes as a file of this kind.
fn read_bytes(kind: Kind, bytes: &[u8]) -> Result<Reading, Problem> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, bytes).unwrap();
    read(&path, kind, &Limits::default())
}

fn limit(outcome: Result<Reading, Problem>) -> Limit {
    match outcome {
        Err(Problem::Limit { limit }) => limit,
        other => panic!("{other:?}"),
    }
}

fn clean() -> (Value, std::path::PathBuf) {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../end2end/fixtures");
    let truth = fs::read_to_string(fixtures.join("clean.truth.json")).unwrap();
    (serde_json::from_str(&truth).unwrap(), fixtures.join("clean"))
}

/// Facts by the names under which `fact_pages` has them: `holders[0].name`.
fn facts(prefix: &str, value: &Value, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                facts(&name, value, found);
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                facts(&format!("{prefix}[{at}]"), value, found);
            }
        }
        // Amounts and days are written in many ways; names, codes and numbers of reports in one.
        Value::String(text) if !is_day(text) => {
            found.insert(prefix.to_owned(), text.clone());
        }
        _ => {}
    }
}

fn is_day(text: &str) -> bool {
    text.len() == 10 && text.bytes().filter(|byte| *byte == b'-').count() == 2
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[test]
fn facts_of_the_clean_pack_stand_on_their_pages() {
    found_on_their_pages(&Limits::default());
}

#[test]
fn facts_are_found_without_the_machines_programs_too() {
    let limits = Limits { programs: false, ..Limits::default() };
    found_on_their_pages(&limits);
    let picture = clean().1.join("04 证照及章程/高新技术企业证书.png");
    let reading = read(&picture, Kind::Png, &limits).unwrap();
    assert_eq!(reading.pages[0].source, TextSource::None, "and it is said what was not read");
    let scan = made::scan(&clean().1.join("04 证照及章程/营业执照（正本）.jpg"));
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("scan"), scan).unwrap();
    let reading = read(&folder.path().join("scan"), Kind::Pdf, &limits).unwrap();
    assert_eq!((reading.pages.len(), reading.page_count), (1, 1));
    assert_eq!(reading.pages[0].source, TextSource::None);
}

fn found_on_their_pages(limits: &Limits) {
    let (truth, folder) = clean();
    let (mut asked, mut missing) = (0, Vec::new());
    for file in truth["files"].as_array().unwrap() {
        let path = file["path"].as_str().unwrap();
        let kind = Kind::from_name(file["kind"].as_str().unwrap()).unwrap();
        if file["text_layer"] != Value::Bool(true) || kind == Kind::Xlsx {
            continue;
        }
        let reading = read(&folder.join(path), kind, limits).unwrap();
        // Without poppler a page with a large picture counts as one that was not read, whatever text stands beside it.
        let all = reading.pages.iter().all(|page| page.source == TextSource::Layer);
        assert!(all || !limits.programs, "{path}");
        assert_eq!(reading.pages.len(), usize::try_from(reading.page_count).unwrap(), "{path}");
        let mut known = BTreeMap::new();
        facts("", &file["facts"], &mut known);
        for (name, pages) in file["fact_pages"].as_object().unwrap() {
            let Some(text) = known.get(name) else { continue };
            let pages: Vec<u32> = match pages.as_array() {
                Some(pages) => {
                    pages.iter().map(|page| u32::try_from(page.as_u64().unwrap()).unwrap()).collect()
                }
                None => (1..=reading.page_count).collect(),
            };
            asked += 1;
            if !pages.iter().any(|page| squeezed(&reading.page_text(*page)).contains(&squeezed(text))) {
                missing.push(format!("{path}: {name} = {text}"));
            }
        }
    }
    assert!(asked > 100, "{asked} facts were asked for");
    assert_eq!(missing, Vec::<String>::new(), "of {asked} facts");
}

#[test]
fn a_register_is_read_cell_by_cell() {
    let (_, folder) = clean();
    let reading =
        read(&folder.join("03 其他文件/3-1 股东名册.xlsx"), Kind::Xlsx, &Limits::default()).unwrap();
    let rows = &reading.sheets[0].rows;
    assert_eq!(rows[0].cells[0].span, (7, 1), "the title spans the table");
    let first = rows.iter().find(|row| row.number == 6).unwrap();
    let texts: Vec<&str> = first.cells.iter().map(|cell| cell.text.as_str()).collect();
    assert_eq!(texts[4..6], ["12600000", "0.42"]);
    assert!(first.cells[5].formula && first.cells[5].percent && !first.cells[4].formula);
}

#[test]
fn words_have_places_and_rows_of_tables_are_lines() {
    let (_, folder) = clean();
    let reading =
        read(&folder.join("01 申请文件/1-1 挂牌申请书.pdf"), Kind::Pdf, &Limits::default()).unwrap();
    let row = reading.pages[0].lines.iter().find(|line| line.text.starts_with("公司名称")).unwrap();
    assert_eq!(row.words.len(), 4, "{}", row.text);
    let lefts: Vec<u16> = row.words.iter().map(|word| word.area.unwrap().left).collect();
    assert!(lefts.is_sorted() && lefts[0] > 1_000 && lefts[3] < 9_000, "{lefts:?}");
    let name = row.words[1].area.unwrap();
    assert!(name.height > row.words[0].area.unwrap().height, "the name runs over two lines");
}

#[test]
fn word_documents_show_what_people_see() {
    let reading = read_bytes(Kind::Docx, &made::word(made::DOCUMENT)).unwrap();
    let pages: Vec<Vec<&str>> =
        reading.pages.iter().map(|page| page.lines.iter().map(|line| line.text.as_str()).collect()).collect();
    assert_eq!(
        pages,
        [
            vec![
                "页眉：某某公司",
                "推荐挂牌协议书",
                "甲方：某某公司\t乙方：ＡＢＣ公司",
                "盖章处",
                "文本框所在段落"
            ],
            vec!["名称\t金额", "股本 内表\t30,000,000"],
            vec!["第三页 & 结尾"],
        ]
    );
    assert_eq!(reading.pages[1].lines[1].words.len(), 2);
    assert_eq!(reading.page_count, 3);
}

#[test]
fn workbooks_show_what_people_see_and_mark_what_they_do_not() {
    let reading = read_bytes(Kind::Xlsx, &made::workbook()).unwrap();
    let [shown, hidden] = reading.sheets.as_slice() else { panic!("{:?}", reading.sheets) };
    assert_eq!(
        (shown.name.as_str(), shown.hidden, hidden.name.as_str(), hidden.hidden),
        ("名册", false, "旧", true)
    );
    let row = |number: u32| shown.rows.iter().find(|row| row.number == number).unwrap();
    assert_eq!((row(1).cells[0].text.as_str(), row(1).cells[0].span), ("股东名册", (3, 2)));
    let third = row(3);
    assert!(third.hidden && !row(4).hidden);
    let texts: Vec<(u32, &str)> = third.cells.iter().map(|cell| (cell.column, cell.text.as_str())).collect();
    assert_eq!(texts, [(0, "某某"), (1, "2026-11-01"), (2, "0.3"), (25, "TRUE")]);
    assert!(third.cells[2].percent && third.cells[2].formula);
    assert_eq!(row(4).cells[0].text, "富文本", "pieces are joined, their readings left out");
}

#[test]
fn an_office_file_that_unpacks_without_end_is_left_alone() {
    let bytes = made::word_of(&[("word/document.xml", &vec![b' '; 200 << 20])]);
    assert!(bytes.len() < 1 << 20);
    assert!(matches!(limit(read_bytes(Kind::Docx, &bytes)), Limit::Unpacked { .. }));
}

#[test]
fn names_that_climb_reach_nothing() {
    let part = made::DOCUMENT.as_bytes();
    let relations = made::relations("officeDocument", "../../../../word/document.xml");
    let parts: &[(&str, &[u8])] = &[
        ("_rels/.rels", relations.as_bytes()),
        ("word/document.xml", part),
        ("../../evil.sh", b"#!/bin/sh"),
    ];
    let reading = read_bytes(Kind::Docx, &made::archive(parts)).unwrap();
    assert!(reading.page_text(1).contains("推荐挂牌协议书"));
    let elsewhere = made::relations("officeDocument", "/etc/passwd");
    let outcome = read_bytes(Kind::Docx, &made::archive(&[("_rels/.rels", elsewhere.as_bytes())]));
    assert_eq!(outcome, Err(Problem::Damaged { kind: Kind::Docx }));
}

#[test]
fn entities_do_not_expand() {
    let bomb = r#"<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
        <w:document><w:body><w:p><w:r><w:t>前&b;后&#x4E2D;</w:t></w:r></w:p></w:body></w:document>"#;
    let reading = read_bytes(Kind::Docx, &made::word(bomb)).unwrap();
    assert_eq!(reading.page_text(1), "前后中");
}

#[test]
fn damaged_files_say_so() {
    for kind in Kind::ALL {
        assert_eq!(
            read_bytes(kind, b"%PDF-1.7 but nothing else"),
            Err(Problem::Damaged { kind }),
            "{kind:?}"
        );
    }
    let whole = made::word(made::DOCUMENT);
    assert_eq!(read_bytes(Kind::Docx, &whole[..whole.len() / 2]), Err(Problem::Damaged { kind: Kind::Docx }));
}

#[test]
fn a_pdf_of_ten_thousand_pages_or_objects_is_not_read() {
    assert!(matches!(
        limit(read_bytes(Kind::Pdf, &made::pdf(10_000, 0, &[]))),
        Limit::Pages { found: 10_000, most: 2_000 }
    ));
    let limit = limit(read_bytes(Kind::Pdf, &made::pdf(1, 10_000, &[])));
    assert!(matches!(limit, Limit::Objects { found, most: 5_200 } if found >= 10_000), "{limit:?}");
    let many = read_bytes(Kind::Pdf, &made::pdf(500, 0, &[])).unwrap();
    assert_eq!((many.pages.len(), many.page_count), (400, 500), "the rest is only counted");
    assert_eq!(many.page_text(400), "Page 400");
}

#[test]
fn what_hides_in_compressed_objects_is_found() {
    for (object, active) in [
        ("<< /S /JavaScript /JS (app.alert\\(1\\)) >>", Active::JavaScript),
        ("<< /Type /Filespec /EF << /F 9 0 R >> /Sub /EmbeddedFile >>", Active::EmbeddedFile),
        ("<< /S /Launch /F (cmd.exe) >>", Active::Launch),
    ] {
        let bytes = made::pdf(1, 0, &[object]);
        assert_eq!(domain::media::inspect(Kind::Pdf, 1 << 30, &bytes), Ok(Kind::Pdf), "not in the open");
        assert_eq!(read_bytes(Kind::Pdf, &bytes), Err(Problem::ActiveContent { active }));
    }
}

#[test]
fn a_picture_that_unpacks_to_a_gigabyte_is_not_unpacked() {
    let limit = limit(read_bytes(Kind::Png, &made::png_header(40_000, 30_000)));
    assert!(matches!(limit, Limit::Pixels { found: 1_200_000_000, .. }), "{limit:?}");
}

#[test]
fn pictures_are_recognised() {
    let (_, folder) = clean();
    let reading =
        read(&folder.join("04 证照及章程/高新技术企业证书.png"), Kind::Png, &Limits::default()).unwrap();
    let page = &reading.pages[0];
    assert_eq!(
        page.source,
        TextSource::Recognised,
        "tesseract with chi_sim is missing: scripts/setup.sh test installs both"
    );
    let text = squeezed(&reading.page_text(1));
    for expected in ["GR202432000017", "传感科技股份有限公司", "2024年11月19日"] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    assert!(page.lines.iter().flat_map(|line| &line.words).all(|word| word.area.is_some()));
}

#[test]
fn a_scanned_page_is_recognised_and_a_stamp_is_no_text() {
    let scan = made::scan(&clean().1.join("04 证照及章程/营业执照（正本）.jpg"));
    let reading = read_bytes(Kind::Pdf, &scan).unwrap();
    assert_eq!(reading.pages[0].source, TextSource::Recognised, "scripts/setup.sh test installs tesseract");
    assert!(squeezed(&reading.page_text(1)).contains("91320100MA00001112"));
}
