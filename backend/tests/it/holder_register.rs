//! Taking a register over from its workbook: proposed columns and remembered ones, numbers sealed and masked, imports that can be
//! gone back to, and rows that two people correct at once.

use std::{collections::BTreeMap, io::Write as _};

use backend::{
    Cx, Error, args,
    chance::Random,
    error::Conflict,
    holder_register::{self, At, Chosen, Preview, Previewed, SLOT},
    reading::{self, Limits, Outcome},
    vault::Vault,
};
use domain::{
    holder_register::{Column, Mapping, Severity},
    id::FilingId,
    media::Kind,
    reading::Reading,
};
use flate2::{Compression, write::DeflateEncoder};
use rust_xlsxwriter::Workbook;
use sha2::{Digest as _, Sha256};

use crate::{
    cast::{Cast, opened, upload},
    on_both,
};

const HEAD: [&str; 6] = ["股东姓名/名称", "证件类型", "证件号码", "持股数量（股）", "持股比例", "备注"];
const PERSON: &str = "110101199003070011";
const COMPANY: &str = "91310000564759688N";

/// A workbook with these rows under a title.
fn workbook(head: &[&str], rows: &[&[&str]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("名册").unwrap();
    sheet.write_string(0, 0, "股东名册").unwrap();
    for (row, cells) in (1..).zip(std::iter::once(&head).chain(rows)) {
        for (column, text) in (0..).zip(*cells) {
            sheet.write_string(row, column, *text).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

/// What the reading process would find in it.
fn read(bytes: &[u8]) -> Reading {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    reading::read(file.path(), Kind::Xlsx, &Limits::default()).unwrap()
}

/// Lays a workbook into the slot, with its reading beside it.
async fn filed(cx: &Cx, id: FilingId, name: &str, bytes: &[u8]) {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    serde_json::to_writer(&mut encoder, &Outcome::Read(read(bytes))).unwrap();
    let kept = encoder.finish().unwrap();
    let file = format!("{}.json", hex::encode(Sha256::digest(bytes)));
    for version in [reading::VERSION.to_string(), format!("{}-plain", reading::VERSION)] {
        let key = object_store::path::Path::from_iter(["readings", &version, &file]);
        cx.objects.put(&key, kept.clone()).await.unwrap();
    }
    upload(cx, id, SLOT, name, bytes).await.unwrap();
}

async fn previewed(cx: &Cx, id: FilingId, chosen: &Chosen) -> Preview {
    match holder_register::preview(cx, id, chosen).await.unwrap() {
        Previewed::Read(read) => *read,
        other => panic!("{other:?}"),
    }
}

/// What the page's form would send.
fn seen(preview: &Preview) -> Chosen {
    Chosen {
        document: Some(preview.workbook.document),
        number: Some(preview.workbook.number),
        sheet: Some(preview.sheet),
        heading: preview.heading.as_ref().map(|heading| heading.first),
        mapping: Some(preview.mapping.clone()),
    }
}

async fn taken_over(cx: &Cx, id: FilingId, expected: i64) -> i64 {
    let preview = previewed(cx, id, &Chosen::default()).await;
    holder_register::import(cx, id, &seen(&preview), expected).await.unwrap()
}

fn cells(changes: &[(Column, &str)]) -> Vec<(Column, String)> {
    changes.iter().map(|(column, text)| (*column, (*text).to_owned())).collect()
}

const GOOD: &[&[&str]] = &[
    &["张三", "居民身份证", PERSON, "6000", "60%", ""],
    &["某某投资有限公司", "统一社会信用代码", COMPANY, "4000", "40%", ""],
    &["合计", "", "", "10000", "100%", ""],
];

on_both! {
    async fn a_register_is_seen_taken_over_and_kept_masked(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        assert!(matches!(holder_register::preview(cx, id, &Chosen::default()).await, Ok(Previewed::Nothing)));
        filed(cx, id, "名册.xlsx", &workbook(&HEAD, GOOD)).await;
        let preview = previewed(cx, id, &Chosen::default()).await;
        assert_eq!((preview.holders.len(), preview.total_shares, preview.problems.len()), (2, Some(10_000), 0));
        assert_eq!(preview.holders[0].id_shown, "110101********0011");
        assert!(preview.holders.iter().all(|row| row.holder.id_number.is_empty()), "no page is given the number");
        assert!(holder_register::read(cx, id).await.unwrap().imports.is_empty(), "looking writes nothing");

        assert_eq!(holder_register::import(cx, id, &seen(&preview), 0).await.unwrap(), 1);
        let register = holder_register::read(cx, id).await.unwrap();
        let names: Vec<_> = register.rows.iter().map(|row| (row.holder.name.as_str(), row.holder.shares)).collect();
        assert_eq!(names, [("张三", Some(6_000)), ("某某投资有限公司", Some(4_000))]);
        assert_eq!((register.rows[0].id_shown.as_str(), register.rows[1].id_shown.as_str()), ("110101********0011", COMPANY));
        assert_eq!((register.problems.len(), register.rows[0].holder.sheet_row), (0, 3));
        assert_eq!((register.imports[0].holders, register.imports[0].by.as_str()), (2, "王一"));

        // In the database it is sealed.
        let rows: Vec<(Vec<u8>,)> =
            cx.db.read().all("SELECT id_sealed FROM holder ORDER BY ordinal", args![]).await.unwrap();
        assert!(rows.iter().all(|(sealed,)| sealed.starts_with(b"gxs1")), "sealed");
        assert!(!rows[0].0.windows(6).any(|part| part == b"110101"));
        // A new key opens and seals all of it again.
        let mut services = (**cx.services()).clone();
        services.vault = Vault::rotate(world.folder.path(), &Random::seeded(9)).unwrap();
        let rotated = Cx::anonymous(services.into()).with_actor(cx.actor().unwrap().clone());
        assert_eq!(holder_register::seal_all(&rotated).await.unwrap(), 2);
        assert_eq!(holder_register::seal_all(&rotated).await.unwrap(), 0);
        assert_eq!(holder_register::read(&rotated, id).await.unwrap().rows[0].id_shown, "110101********0011");
    }

    async fn nobody_but_the_enterprise_sees_it(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        filed(cx, id, "名册.xlsx", &workbook(&HEAD, GOOD)).await;
        let preview = previewed(cx, id, &Chosen::default()).await;
        taken_over(cx, id, 0).await;
        let at = At { number: 1, ordinal: Some(1), version: 1 };
        for other in [&cast.stranger, &cast.accountant, &cast.reviewer, &cast.supervisor] {
            assert!(matches!(holder_register::read(other, id).await, Err(Error::NotFound)));
            assert!(matches!(holder_register::preview(other, id, &Chosen::default()).await, Err(Error::NotFound)));
            assert!(matches!(holder_register::export(other, id).await, Err(Error::NotFound)));
            assert!(matches!(holder_register::template(other, id).await, Err(Error::NotFound)));
            assert!(matches!(holder_register::import(other, id, &seen(&preview), 1).await, Err(Error::NotFound)));
            assert!(matches!(holder_register::restore(other, id, 1, 1).await, Err(Error::NotFound)));
            assert!(matches!(holder_register::save(other, id, at, &cells(&[(Column::Note, "x")])).await, Err(Error::NotFound)));
            assert!(matches!(holder_register::remove(other, id, 1, 1, 1).await, Err(Error::NotFound)));
        }
        assert_eq!(holder_register::read(cx, id).await.unwrap().imports.len(), 1);
    }

    async fn columns_are_chosen_and_remembered_for_the_next_workbook(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        let head = ["投资方", "证件号码", "折股", "股数", "占比", "备注"];
        let rows: &[&[&str]] = &[&["张三", PERSON, "6000", "1", "60%", ""], &["李四", "", "4000", "1", "40%", ""]];
        filed(cx, id, "一.xlsx", &workbook(&head, rows)).await;
        let first = previewed(cx, id, &Chosen { heading: Some(2), ..Chosen::default() }).await;
        assert_eq!(first.mapping.0.get(&Column::Shares), Some(&3), "by the words");
        assert!(!first.mapping.0.contains_key(&Column::Name) && !first.remembered);
        let mapping = BTreeMap::from([(Column::Name, 0), (Column::IdNumber, 1), (Column::Shares, 2), (Column::Percent, 4)]);
        let chosen = Chosen { mapping: Some(Mapping(mapping)), ..seen(&first) };
        holder_register::import(cx, id, &chosen, 0).await.unwrap();
        assert_eq!(holder_register::read(cx, id).await.unwrap().rows[0].holder.shares, Some(6_000));

        // The next filing's workbook with such headings is understood as it was said.
        let next = opened(cx).await;
        filed(cx, next, "二.xlsx", &workbook(&head, &[rows[1], rows[0]])).await;
        let second = previewed(cx, next, &Chosen { heading: Some(2), ..Chosen::default() }).await;
        assert_eq!(second.mapping.0.get(&Column::Name), Some(&0));
        assert_eq!(second.mapping.0.get(&Column::Shares), Some(&2));
        assert!(second.remembered && !second.mapping.0.contains_key(&Column::Note), "{:?}", second.mapping);
        // Nobody else's are.
        let other = opened(&cast.stranger).await;
        filed(&cast.stranger, other, "三.xlsx", &workbook(&head, rows)).await;
        let theirs = previewed(&cast.stranger, other, &Chosen { heading: Some(2), ..Chosen::default() }).await;
        assert!(!theirs.remembered && theirs.mapping.0.get(&Column::Shares) == Some(&3));
    }

    async fn imports_are_kept_and_a_late_one_is_told(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        filed(cx, id, "名册.xlsx", &workbook(&HEAD, GOOD)).await;
        let preview = previewed(cx, id, &Chosen::default()).await;
        assert_eq!(taken_over(cx, id, 0).await, 1);
        // Another tab that saw none: nothing happens but that it is told.
        let late = holder_register::import(cx, id, &seen(&preview), 0).await;
        assert!(matches!(late, Err(Error::Conflict(Conflict::Stale))), "{late:?}");
        let old = Chosen { number: Some(7), ..seen(&preview) };
        assert!(matches!(holder_register::import(cx, id, &old, 1).await, Err(Error::Conflict(Conflict::Stale))));

        let at = At { number: 1, ordinal: Some(1), version: 1 };
        holder_register::save(cx, id, at, &cells(&[(Column::Name, "张三丰")])).await.unwrap();
        assert_eq!(holder_register::import(cx, id, &seen(&preview), 1).await.unwrap(), 2);
        assert_eq!(holder_register::read(cx, id).await.unwrap().rows[0].holder.name, "张三");
        assert!(matches!(holder_register::restore(cx, id, 1, 1).await, Err(Error::Conflict(Conflict::Stale))));
        assert!(matches!(holder_register::restore(cx, id, 9, 2).await, Err(Error::NotFound)));
        assert_eq!(holder_register::restore(cx, id, 1, 2).await.unwrap(), 3);
        let register = holder_register::read(cx, id).await.unwrap();
        assert_eq!((register.rows[0].holder.name.as_str(), register.rows[0].id_shown.as_str()), ("张三丰", "110101********0011"));
        assert_eq!((register.imports.len(), register.imports[0].restored_from), (3, Some(1)));
        // A row of an import that is history cannot be corrected.
        let history = At { number: 2, ordinal: Some(1), version: 1 };
        let saved = holder_register::save(cx, id, history, &cells(&[(Column::Note, "x")])).await;
        assert!(matches!(saved, Err(Error::Conflict(Conflict::Stale))));
    }

    async fn rows_are_corrected_and_two_people_lose_nothing(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        let rows: &[&[&str]] = &[
            &["张三", "居民身份证", "110101199003070012", "六千", "60%", ""],
            &["某某投资有限公司", "统一社会信用代码", COMPANY, "4000", "40%", ""],
        ];
        filed(cx, id, "名册.xlsx", &workbook(&HEAD, rows)).await;
        taken_over(cx, id, 0).await;
        let register = holder_register::read(cx, id).await.unwrap();
        let wrong: Vec<_> = register.problems.iter().map(|p| (p.holder, p.column, p.severity)).collect();
        assert!(wrong.contains(&(Some(0), Some(Column::Shares), Severity::Error)), "{wrong:?}");
        assert!(wrong.contains(&(Some(0), Some(Column::IdNumber), Severity::Warning)), "{wrong:?}");
        assert_eq!(register.rows[0].holder.get(Column::Shares), "六千", "what was written is there");

        let at = At { number: 1, ordinal: Some(1), version: 1 };
        let refused = holder_register::save(cx, id, at, &cells(&[(Column::Shares, "很多")])).await;
        let Err(Error::Invalid(errors)) = refused else { panic!("{refused:?}") };
        assert!(errors.0.contains_key("shares"));
        let mended = [(Column::Shares, "6,000"), (Column::IdNumber, PERSON)];
        holder_register::save(cx, id, at, &cells(&mended)).await.unwrap();
        assert_eq!(holder_register::read(cx, id).await.unwrap().problems.len(), 0);

        // A colleague who still has the old row is told who was first; the same words again are no quarrel.
        let late = holder_register::save(cx, id, at, &cells(&[(Column::Shares, "5000")])).await;
        let Err(Error::Invalid(errors)) = late else { panic!("{late:?}") };
        assert!(format!("{errors:?}").contains("王一"), "{errors:?}");
        holder_register::save(cx, id, at, &cells(&[(Column::Shares, "6000")])).await.unwrap();
        // An empty number keeps what nobody is shown.
        let second = At { version: 2, ..at };
        holder_register::save(cx, id, second, &cells(&[(Column::Note, "创始人"), (Column::IdNumber, "")])).await.unwrap();
        let register = holder_register::read(cx, id).await.unwrap();
        assert_eq!((register.rows[0].id_shown.as_str(), register.rows[0].holder.note.as_str()), ("110101********0011", "创始人"));

        // Added, taken out, put back.
        let new = At { number: 1, ordinal: None, version: 0 };
        let ordinal = holder_register::save(cx, id, new, &cells(&[(Column::Name, "王五"), (Column::Shares, "10")])).await.unwrap();
        assert_eq!(ordinal, 3);
        assert!(matches!(holder_register::save(cx, id, new, &cells(&[(Column::Shares, "10")])).await, Err(Error::Invalid(_))));
        holder_register::remove(cx, id, 1, 3, 1).await.unwrap();
        assert!(matches!(holder_register::remove(cx, id, 1, 3, 1).await, Err(Error::Conflict(Conflict::Stale))));
        let register = holder_register::read(cx, id).await.unwrap();
        assert_eq!((register.rows.len(), register.removed.len(), register.imports[0].holders), (2, 1, 2));
        holder_register::put_back(cx, id, 1, 3, 2).await.unwrap();
        assert_eq!(holder_register::read(cx, id).await.unwrap().rows.len(), 3);
    }

    async fn the_template_is_understood_and_what_is_exported_comes_back(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        let template = read(&holder_register::template(cx, id).await.unwrap());
        let names: Vec<_> = template.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
        assert_eq!(names, ["股东名册", "填写示例", "填表说明"]);
        for sheet in &template.sheets[..2] {
            let heading = domain::holder_register::sheet::heading(sheet).expect("a heading");
            let mapping = domain::holder_register::sheet::propose(&heading, &BTreeMap::new());
            assert_eq!(mapping.0.len(), Column::ALL.len(), "every column is known by its heading");
        }
        assert!(matches!(holder_register::export(cx, id).await, Err(Error::NotFound)), "nothing to export");

        filed(cx, id, "名册.xlsx", &workbook(&HEAD, GOOD)).await;
        taken_over(cx, id, 0).await;
        let exported = holder_register::export(cx, id).await.unwrap();
        let text = format!("{:?}", read(&exported));
        assert!(text.contains("110101********0011") && !text.contains(PERSON), "numbers leave masked");
        assert!(text.contains(COMPANY));
        let workbooks = holder_register::read(cx, id).await.unwrap().workbooks;
        backend::document::remove(cx, workbooks[0].document).await.unwrap();
        filed(cx, id, "导出.xlsx", &exported).await;
        let preview = previewed(cx, id, &Chosen::default()).await;
        assert!(preview.problems.is_empty(), "a masked number is known by its holder: {:?}", preview.problems);
        assert_eq!(holder_register::import(cx, id, &seen(&preview), 1).await.unwrap(), 2);
        let register = holder_register::read(cx, id).await.unwrap();
        assert_eq!(register.problems.len(), 0);
        assert_eq!((register.rows[0].holder.percent, register.rows[0].holder.shares), (Some(600_000), Some(6_000)));
    }
}
