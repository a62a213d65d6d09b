//! Files made for the tests of reading, as programs and attackers make them.

use std::{
    fmt::Write as _,
    io::{Cursor, Write as _},
    path::Path,
};

use flate2::{Compression, write::ZlibEncoder};
use zip::{ZipWriter, write::SimpleFileOptions};

/// A Word document with what people do not see: deletions, a moved paragraph, hidden text, the second form of a drawing.
pub(super) const DOCUMENT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<w:document xmlns:w="w" xmlns:mc="mc"><w:body>
<w:p><w:pPr><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr><w:r><w:t>推荐挂牌</w:t></w:r><w:del><w:r><w:t>补充</w:t><w:delText>作废</w:delText></w:r></w:del><w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r><w:r><w:t>协议书</w:t></w:r></w:p>
<w:moveFrom><w:r><w:t>移走的话</w:t></w:r></w:moveFrom>
<w:p><w:r><w:t>甲方：某某公司</w:t><w:tab/><w:t>乙方：ＡＢＣ公司</w:t></w:r></w:p>
<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>盖章处</w:t></w:r></w:p></w:txbxContent></mc:Choice>
<mc:Fallback><w:txbxContent><w:p><w:r><w:t>盖章处</w:t></w:r></w:p></w:txbxContent></mc:Fallback></mc:AlternateContent></w:r><w:r><w:t>文本框所在段落</w:t></w:r></w:p>
<w:p><w:r><w:br w:type="page"/></w:r></w:p>
<w:tbl><w:tr><w:tc><w:p><w:r><w:lastRenderedPageBreak/><w:t>名称</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>金额</w:t></w:r></w:p></w:tc></w:tr>
<w:tr><w:tc><w:p><w:r><w:t>股本</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>内表</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:tc><w:tc><w:p><w:r><w:t>30,000,000</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
<w:p><w:pPr><w:pageBreakBefore/></w:pPr><w:r><w:t xml:space="preserve">第三页 &amp; </w:t></w:r><w:r><w:t>结尾</w:t></w:r></w:p>
<w:sectPr/></w:body></w:document>"#;

const HEADER: &str = r#"<w:hdr xmlns:w="w"><w:p><w:r><w:t>页眉：某某公司</w:t></w:r></w:p></w:hdr>"#;

/// A part that relates its own to one other part.
pub(super) fn relations(role: &str, target: &str) -> String {
    format!(
        r#"<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{role}" Target="{target}"/></Relationships>"#
    )
}

/// A ZIP of these parts.
pub(super) fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A Word file with this document and a header.
pub(super) fn word(document: &str) -> Vec<u8> {
    let related = relations("header", "header1.xml");
    word_of(&[
        ("word/document.xml", document.as_bytes()),
        ("word/_rels/document.xml.rels", related.as_bytes()),
        ("word/header1.xml", if document == DOCUMENT { HEADER.as_bytes() } else { b"<w:hdr/>" }),
    ])
}

/// A Word file of these parts.
pub(super) fn word_of(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let root = relations("officeDocument", "word/document.xml");
    let mut all: Vec<(&str, &[u8])> =
        vec![("[Content_Types].xml", b"<Types/>"), ("_rels/.rels", root.as_bytes())];
    all.extend(parts);
    archive(&all)
}

/// A workbook with a hidden sheet and row, merged cells, a formula, a day, a percentage and text in pieces.
pub(super) fn workbook() -> Vec<u8> {
    let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let root = relations("officeDocument", "xl/workbook.xml");
    let related = format!(
        r#"<Relationships><Relationship Id="a" Type="{kind}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="b" Type="{kind}/worksheet" Target="/xl/worksheets/sheet2.xml"/><Relationship Id="c" Type="{kind}/styles" Target="styles.xml"/><Relationship Id="d" Type="{kind}/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#
    );
    let book = r#"<workbook xmlns:r="r"><sheets><sheet name="名册" sheetId="1" r:id="a"/><sheet name="旧" sheetId="2" state="veryHidden" r:id="b"/></sheets></workbook>"#;
    let styles = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="0.00%"/></numFmts><cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>"#;
    let strings = r#"<sst><si><t>股东名册</t></si><si><t>某某</t></si><si><r><t>富文</t></r><r><t>本</t></r><rPh><t>FUWENBEN</t></rPh></si></sst>"#;
    let sheet = r#"<worksheet><sheetData>
<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"/></row>
<row r="3" hidden="1"><c r="A3" t="s"><v>1</v></c><c r="B3" s="1"><v>46327</v></c><c r="C3" s="2"><f>0.1+0.2</f><v>0.30000000000000004</v></c><c r="Z3" t="b"><v>1</v></c></row>
<row r="4"><c r="A4" t="s"><v>2</v></c><c r="B4" t="inlineStr"><is><t>直接写入</t></is></c></row>
</sheetData><mergeCells><mergeCell ref="A1:C2"/></mergeCells></worksheet>"#;
    let hidden = r#"<worksheet><sheetData><row><c><v>7</v></c></row></sheetData></worksheet>"#;
    archive(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", related.as_bytes()),
        ("xl/styles.xml", styles.as_bytes()),
        ("xl/sharedStrings.xml", strings.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        ("xl/worksheets/sheet2.xml", hidden.as_bytes()),
    ])
}

/// A PDF of so many pages, each with its number on it; so many objects that no page needs; and objects in a compressed
/// object stream.
pub(super) fn pdf(pages: usize, idle: usize, compressed: &[&str]) -> Vec<u8> {
    let kids: Vec<String> = (0..pages).map(|page| format!("{} 0 R", 10 + 2 * page)).collect();
    let kids = kids.join(" ");
    let mut objects = vec![
        (1, b"<< /Type /Catalog /Pages 2 0 R >>".to_vec()),
        (2, format!("<< /Type /Pages /Count {pages} /Kids [{kids}] >>").into_bytes()),
        (3, b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_vec()),
    ];
    if !compressed.is_empty() {
        let heads: Vec<String> =
            compressed.iter().enumerate().map(|(at, _)| format!("{} {at}", 90_000 + at)).collect();
        let (heads, body) = (heads.join(" "), compressed.join(" "));
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(format!("{heads} {body}").as_bytes()).unwrap();
        let dictionary =
            format!("/Type /ObjStm /N {} /First {} /Filter /FlateDecode", compressed.len(), heads.len() + 1);
        objects.push((4, stream(&dictionary, &encoder.finish().unwrap())));
    }
    for page in 0..pages {
        let number = 10 + 2 * page;
        let head = format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R >> >> /Contents {} 0 R >>",
            number + 1
        );
        let text = format!("BT /F 12 Tf 72 700 Td (Page {}) Tj ET", page + 1);
        objects.push((number, head.into_bytes()));
        objects.push((number + 1, stream("", text.as_bytes())));
    }
    objects.extend((0..idle).map(|object| (100_000 + object, format!("<< /A {object} >>").into_bytes())));
    file(&objects)
}

fn stream(dictionary: &str, data: &[u8]) -> Vec<u8> {
    let head = format!("<< {dictionary} /Length {} >>\nstream\n", data.len());
    [head.as_bytes(), data, b"\nendstream"].concat()
}

/// A PDF of these objects, with the table that says where they are.
fn file(objects: &[(usize, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut table = String::from("xref\n0 1\n0000000000 65535 f \n");
    for (number, object) in objects {
        let _ = write!(table, "{number} 1\n{:010} 00000 n \n", bytes.len());
        bytes.extend(format!("{number} 0 obj\n").as_bytes());
        bytes.extend(object);
        bytes.extend(b"\nendobj\n");
    }
    let size = objects.iter().map(|(number, _)| number + 1).max().unwrap_or(1);
    let _ = write!(table, "trailer\n<< /Root 1 0 R /Size {size} >>\nstartxref\n{}\n%%EOF\n", bytes.len());
    bytes.extend(table.as_bytes());
    bytes
}

/// What a scanning program makes of a picture: a page that the JPEG fills, and a line of its own advertising.
pub(super) fn scan(picture: &Path) -> Vec<u8> {
    let jpeg = std::fs::read(picture).unwrap();
    let frame = jpeg.windows(2).position(|two| two[0] == 0xFF && matches!(two[1], 0xC0 | 0xC2)).unwrap();
    let word = |at: usize| usize::from(u16::from_be_bytes([jpeg[frame + at], jpeg[frame + at + 1]]));
    let (high, wide, components) = (word(5), word(7), jpeg[frame + 9]);
    let colours = if components == 1 { "/DeviceGray" } else { "/DeviceRGB" };
    let (width, height) = (595, 595 * high / wide);
    let content = format!(
        "q {width} 0 0 {height} 0 0 cm /I Do Q BT /F 8 Tf 20 10 Td (Scanned with Example Scanner) Tj ET"
    );
    let page = format!(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Resources << /XObject << /I 5 0 R >> /Font << /F 6 0 R >> >> /Contents 4 0 R >>"
    );
    let dictionary = format!(
        "/Type /XObject /Subtype /Image /Width {wide} /Height {high} /ColorSpace {colours} /BitsPerComponent 8 /Filter /DCTDecode"
    );
    file(&[
        (1, b"<< /Type /Catalog /Pages 2 0 R >>".to_vec()),
        (2, b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>".to_vec()),
        (3, page.into_bytes()),
        (4, stream("", content.as_bytes())),
        (5, stream(&dictionary, &jpeg)),
        (6, b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_vec()),
    ])
}

/// The beginning of a PNG of this size, which is all that is looked at before it is unpacked.
pub(super) fn png_header(wide: u32, high: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(wide.to_be_bytes());
    bytes.extend(high.to_be_bytes());
    bytes.extend([8, 0, 0, 0, 0]);
    bytes
}
