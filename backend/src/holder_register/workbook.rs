//! The register as a workbook: an empty one to fill in ([`template`]) and the one that is kept ([`export`]). Both have the
//! headings that the import knows, so what leaves can come back. Numbers of people leave masked; a masked number that comes
//! back is recognised by its holder.

use domain::{
    calendar::china_date,
    holder_register::{Column, Holder},
    id::FilingId,
};
use rust_xlsxwriter::{
    DataValidation, DataValidationRule, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder,
    Workbook, Worksheet, XlsxError,
};

use super::{own, read};
use crate::{
    cx::Cx,
    error::{Error, Result},
};

/// Rows for which the template checks what is typed.
const CHECKED: u32 = 300;
/// Rows above the headings.
const HEAD: u32 = 4;
/// What the template offers as kinds of documents.
const ID_KINDS: [&str; 5] = ["居民身份证", "统一社会信用代码", "护照", "港澳居民来往内地通行证", "其他"];
const KINDS: [&str; 5] = ["自然人", "境内法人", "合伙企业", "私募基金", "员工持股平台"];

const NOTES: [&str; 9] = [
    "一行一名股东；从第 6 行起填写，不要改动第 5 行的表头。列可以增减，导入时可重新指定。",
    "股东姓名/名称：与证件、营业执照完全一致。",
    "证件号码：自然人填 18 位居民身份证号码，机构填 18 位统一社会信用代码。本列为文本格式，粘贴时请选“只粘贴值”，以免末几位变成 0。",
    "持股数量：整数股。表头写“万股”的，按万股读取。",
    "持股比例：百分数，各行合计应为 100%。",
    "认缴出资额：以元为单位；表头写“万元”的，按万元读取。没有可留空。",
    "取得日期：写成 2026-10-20。没有可留空。",
    "合计行可有可无；“合计”写在前三列之一，导入时用来核对。",
    "平台只显示脱敏后的证件号码；导出的名册也已脱敏，重新导入时按姓名对应回原号码。",
];

/// An empty register of the filing's company, to be filled in.
///
/// # Errors
/// Not found for everybody but the enterprise's people.
pub async fn template(cx: &Cx, filing: FilingId) -> Result<Vec<u8>> {
    let row = own(cx, filing).await?;
    let (name, code) = (row.org_name.as_str(), row.org_credit_code.as_str());
    let example = |values: [&str; 9]| {
        let mut holder = Holder::default();
        for (column, value) in Column::ALL.into_iter().zip(values) {
            holder.set(column, &domain::holder_register::Written::typed(value));
        }
        holder
    };
    let examples = [
        example([
            "示例：张某某",
            "自然人",
            "居民身份证",
            "110101199003070011",
            "6000000",
            "60%",
            "6000000",
            "2020-05-01",
            "",
        ]),
        example([
            "示例：某某投资有限公司",
            "境内法人",
            "统一社会信用代码",
            "91310000564759688N",
            "4000000",
            "40%",
            "4000000",
            "2021-03-02",
            "",
        ]),
    ];
    let make = || -> std::result::Result<Vec<u8>, XlsxError> {
        let mut book = Book::new(cx)?;
        let sheet = book.sheet("股东名册", name, code, "")?;
        validations(sheet)?;
        let sheet = book.sheet("填写示例", name, code, "")?;
        for (row, holder) in (HEAD + 1..).zip(&examples) {
            line(sheet, row, holder, &holder.id_number)?;
        }
        let sheet = book.workbook.add_worksheet().set_name("填表说明")?;
        sheet.set_column_width(0, 110)?;
        let wrap = Format::new().set_text_wrap();
        for (row, note) in (0..).zip(NOTES) {
            sheet.write_string_with_format(row, 0, format!("{}. {note}", row + 1), &wrap)?;
        }
        book.workbook.save_to_buffer()
    };
    make().map_err(Error::internal)
}

/// The filing's register as it stands.
///
/// # Errors
/// Not found for everybody but the enterprise's people, and when there is no register.
pub async fn export(cx: &Cx, filing: FilingId) -> Result<Vec<u8>> {
    let row = own(cx, filing).await?;
    let register = read(cx, filing).await?;
    let import = register.imports.first().ok_or(Error::NotFound)?;
    let day = china_date(domain::moment::from_micros(import.at)).to_string();
    let make = || -> std::result::Result<Vec<u8>, XlsxError> {
        let mut book = Book::new(cx)?;
        let sheet = book.sheet("股东名册", &row.org_name, &row.org_credit_code, &day)?;
        let mut total = Holder { name: "合计".into(), ..Holder::default() };
        let mut at = HEAD + 1;
        for row in &register.rows {
            line(sheet, at, &row.holder, &row.id_shown)?;
            let add = |sum: Option<i64>, part: Option<i64>| {
                part.map(|part| sum.unwrap_or(0).saturating_add(part)).or(sum)
            };
            total.shares = add(total.shares, row.holder.shares);
            total.percent = add(total.percent, row.holder.percent);
            total.contributed = add(total.contributed, row.holder.contributed);
            at += 1;
        }
        line(sheet, at, &total, "")?;
        book.workbook.save_to_buffer()
    };
    make().map_err(Error::internal)
}

/// A workbook that says when it was made by the platform's clock.
struct Book {
    workbook: Workbook,
}

impl Book {
    fn new(cx: &Cx) -> std::result::Result<Self, XlsxError> {
        let mut workbook = Workbook::new();
        let made = ExcelDateTime::from_timestamp(cx.now().unix_timestamp())?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
        Ok(Self { workbook })
    }

    /// A sheet with its head.
    fn sheet(
        &mut self,
        title: &str,
        name: &str,
        code: &str,
        day: &str,
    ) -> std::result::Result<&mut Worksheet, XlsxError> {
        let sheet = self.workbook.add_worksheet().set_name(title)?;
        let last = u16::try_from(Column::ALL.len() - 1).unwrap_or(0);
        let big = Format::new().set_bold().set_font_size(14).set_align(FormatAlign::Center);
        sheet.merge_range(0, 0, 0, last, title, &big)?;
        sheet.write_string(1, 0, format!("公司名称：{name}"))?;
        sheet.write_string(2, 0, format!("统一社会信用代码：{code}"))?;
        sheet.write_string(3, 0, format!("截止日期：{day}"))?;
        let head = Format::new().set_bold().set_border(FormatBorder::Thin).set_align(FormatAlign::Center);
        for (at, column) in (0u16..).zip(Column::ALL) {
            sheet.write_string_with_format(HEAD, at, column.label().zh, &head)?;
            let (width, format) = look(column);
            sheet.set_column_width(at, width)?;
            sheet.set_column_format(at, &Format::new().set_num_format(format))?;
        }
        sheet.set_freeze_panes(HEAD + 1, 1)?;
        Ok(sheet)
    }
}

/// How wide a column is, and how its cells show a number; text for what is no number, or long ones would be rounded.
fn look(column: Column) -> (f64, &'static str) {
    match column {
        Column::Name => (36.0, "@"),
        Column::IdNumber => (24.0, "@"),
        Column::Kind | Column::IdKind => (20.0, "@"),
        Column::Shares => (18.0, "#,##0"),
        Column::Percent => (12.0, "0.00##%"),
        Column::Contributed => (22.0, "#,##0.00"),
        Column::AcquiredOn => (14.0, "@"),
        Column::Note => (24.0, "@"),
    }
}

/// One row: numbers as numbers, so that the workbook can count with them.
#[expect(
    clippy::cast_precision_loss,
    reason = "shares, percentages and amounts of a company are far below 2^53"
)]
fn line(sheet: &mut Worksheet, row: u32, holder: &Holder, id: &str) -> std::result::Result<(), XlsxError> {
    for (at, column) in (0u16..).zip(Column::ALL) {
        let number = match column {
            Column::Shares => holder.shares.map(|shares| shares as f64),
            Column::Percent => holder.percent.map(|parts| parts as f64 / 1_000_000.0),
            Column::Contributed => holder.contributed.map(|fen| fen as f64 / 100.0),
            _ => None,
        };
        let format = Format::new().set_num_format(look(column).1);
        match number {
            Some(number) => sheet.write_number_with_format(row, at, number, &format)?,
            None if column == Column::IdNumber => sheet.write_string_with_format(row, at, id, &format)?,
            None => sheet.write_string_with_format(row, at, holder.get(column), &format)?,
        };
    }
    Ok(())
}

/// What the template lets people choose, and what it does not let them type.
fn validations(sheet: &mut Worksheet) -> std::result::Result<(), XlsxError> {
    let (first, last) = (HEAD + 1, HEAD + CHECKED);
    for (at, column) in (0u16..).zip(Column::ALL) {
        let rule = match column {
            // Only offered: other kinds exist.
            Column::Kind => DataValidation::new().allow_list_strings(&KINDS)?.show_error_message(false),
            Column::IdKind => DataValidation::new().allow_list_strings(&ID_KINDS)?.show_error_message(false),
            Column::Shares => DataValidation::new()
                .allow_whole_number(DataValidationRule::GreaterThan(0))
                .set_error_message("请填写整数股数。")?,
            _ => continue,
        };
        sheet.add_data_validation(first, at, last, at, &rule)?;
    }
    Ok(())
}
