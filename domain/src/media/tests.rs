use proptest::prelude::*;
use rstest::rstest;

use super::*;

const LIMIT: u64 = 10 << 20;

fn pdf(body: &str) -> Vec<u8> {
    format!(
        "%PDF-1.7\n1 0 obj\n<< {body} >>\nendobj\ntrailer\n<< /Size 2 /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"
    )
    .into_bytes()
}

/// A JPEG with a thumbnail (itself a JPEG with an end marker) in its header.
fn jpg() -> Vec<u8> {
    let thumbnail = [0xFF, 0xD8, 0xFF, 0xDA, 0, 2, 1, 2, 0xFF, 0xD9];
    let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xE1, 0, 2 + 10];
    bytes.extend(thumbnail);
    bytes.extend([0xFF, 0xC0, 0, 4, 9, 9, 0xFF, 0xDA, 0, 3, 7]);
    bytes.extend([1, 2, 0xFF, 0x00, 3, 0xFF, 0xD3, 4, 5, 6, 7, 8, 0xFF, 0xD9]);
    bytes
}

fn png() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR0123456789abc0000".to_vec();
    bytes.extend(b"\0\0\0\0IEND\xae\x42\x60\x82");
    bytes
}

/// A ZIP of stored, empty parts with these names.
fn zip(names: &[&str], flags: u16, comment: &str) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for name in names {
        let offset = u32::try_from(bytes.len()).unwrap();
        let length = u16::try_from(name.len()).unwrap();
        bytes.extend(b"PK\x03\x04\x14\0");
        bytes.extend(flags.to_le_bytes());
        bytes.extend([0; 18]);
        bytes.extend(length.to_le_bytes());
        bytes.extend([0; 2]);
        bytes.extend(name.as_bytes());
        directory.extend(b"PK\x01\x02\x14\0\x14\0");
        directory.extend(flags.to_le_bytes());
        directory.extend([0; 18]);
        directory.extend(length.to_le_bytes());
        directory.extend([0; 12]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let offset = u32::try_from(bytes.len()).unwrap();
    let count = u16::try_from(names.len()).unwrap();
    let length = u32::try_from(directory.len()).unwrap();
    bytes.extend(directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend(count.to_le_bytes());
    bytes.extend(count.to_le_bytes());
    bytes.extend(length.to_le_bytes());
    bytes.extend(offset.to_le_bytes());
    bytes.extend(u16::try_from(comment.len()).unwrap().to_le_bytes());
    bytes.extend(comment.as_bytes());
    bytes
}

const DOCX: &[&str] = &["[Content_Types].xml", "_rels/.rels", "word/document.xml"];
const XLSX: &[&str] = &["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"];

fn good(kind: Kind) -> Vec<u8> {
    match kind {
        Kind::Pdf => pdf("/Type /Catalog"),
        Kind::Docx => zip(DOCX, 0, ""),
        Kind::Xlsx => zip(XLSX, 0, ""),
        Kind::Jpg => jpg(),
        Kind::Png => png(),
    }
}

fn compound(stream: &str) -> Vec<u8> {
    let mut bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    bytes.resize(1024, 0);
    bytes.extend(stream.encode_utf16().flat_map(u16::to_le_bytes));
    bytes.resize(4096, 0);
    bytes
}

#[test]
fn good_files_pass_and_every_other_declaration_is_named() {
    for kind in Kind::ALL {
        assert_eq!(inspect(kind, LIMIT, &good(kind)), Ok(kind));
        for declared in Kind::ALL.into_iter().filter(|declared| *declared != kind) {
            let problem = inspect(declared, LIMIT, &good(kind)).unwrap_err();
            assert_eq!(problem, Problem::WrongType { declared, found: Found::Accepted(kind) });
            assert!(problem.message(Locale::Zh).contains(kind.name()));
        }
    }
}

#[test]
fn every_proper_beginning_is_refused() {
    for kind in Kind::ALL {
        let whole = good(kind);
        // Blanks after the end marker of a PDF may be missing.
        let end = whole.len() - usize::from(kind == Kind::Pdf);
        for length in 0..end {
            let problem = inspect(kind, LIMIT, &whole[..length]).unwrap_err();
            assert!(
                matches!(problem.code(), "media.truncated" | "media.wrong_type") || length == 0,
                "{kind:?} cut at {length}: {problem:?}"
            );
            if length >= 16 {
                assert_eq!(problem, Problem::Truncated { kind }, "{kind:?} cut at {length}");
            }
        }
    }
}

#[rstest]
#[case("/Encrypt 12 0 R", true)]
#[case("/Encrypt\n<< /Filter /Standard >>", true)]
#[case("/Encrypt<</V 4>>", true)]
#[case("/EncryptMetadata true", false)]
#[case("(see /Encrypt for details)", false)]
fn encrypted_pdf(#[case] body: &str, #[case] encrypted: bool) {
    let verdict = inspect(Kind::Pdf, LIMIT, &pdf(body));
    let expected = if encrypted { Err(Problem::Encrypted { kind: Kind::Pdf }) } else { Ok(Kind::Pdf) };
    assert_eq!(verdict, expected);
}

#[rstest]
#[case("/S /JavaScript /JS (app.alert(1))", Some(Active::JavaScript))]
#[case("/S /J#61va#53cript", Some(Active::JavaScript))]
#[case("/S/Launch/F(cmd.exe)", Some(Active::Launch))]
#[case("/Names << /EmbeddedFiles 4 0 R >>", Some(Active::EmbeddedFile))]
#[case("/Type/EmbeddedFile", Some(Active::EmbeddedFile))]
#[case("/Subtype /RichMedia", Some(Active::RichMedia))]
#[case("/JavaScriptX /Launcher /JS /#4z", None)]
#[case("(JavaScript) Launch", None)]
fn active_pdf(#[case] body: &str, #[case] active: Option<Active>) {
    let verdict = inspect(Kind::Pdf, LIMIT, &pdf(body));
    assert_eq!(verdict, active.map_or(Ok(Kind::Pdf), |active| Err(Problem::ActiveContent { active })));
}

#[test]
fn active_content_is_found_in_the_middle_of_a_large_file() {
    let mut bytes = b"%PDF-1.4\n".to_vec();
    bytes.resize(600 << 10, b' ');
    bytes.extend(b"<< /S /JavaScript >>");
    bytes.resize(1300 << 10, b' ');
    bytes.extend(b"startxref\n9\n%%EOF");
    let verdict = inspect(Kind::Pdf, LIMIT, &bytes);
    assert_eq!(verdict, Err(Problem::ActiveContent { active: Active::JavaScript }));
}

#[test]
fn pdf_readers_tolerances_are_ours() {
    let mut leading = vec![b'\n'; 100];
    leading.extend(pdf("/Type /Catalog"));
    assert_eq!(inspect(Kind::Pdf, LIMIT, &leading), Ok(Kind::Pdf));
    let mut padded = pdf("/Type /Catalog");
    padded.resize(padded.len() + 5_000, 0);
    assert_eq!(inspect(Kind::Pdf, LIMIT, &padded), Ok(Kind::Pdf));
    let mut cut = pdf("/Type /Catalog");
    cut.extend(vec![b'x'; 2_000]);
    assert_eq!(inspect(Kind::Pdf, LIMIT, &cut), Err(Problem::Truncated { kind: Kind::Pdf }));
}

#[test]
fn what_phones_append_to_a_picture_is_ignored() {
    let mut bytes = jpg();
    bytes.extend(b"MotionPhoto\xff\xda\0\x08ftypmp42");
    assert_eq!(inspect(Kind::Jpg, LIMIT, &bytes), Ok(Kind::Jpg));
    let mut bytes = png();
    bytes.extend([0; 64]);
    assert_eq!(inspect(Kind::Png, LIMIT, &bytes), Ok(Kind::Png));
}

#[rstest]
#[case(&["[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"], Problem::Macro { kind: Kind::Docx })]
#[case(&["[Content_Types].xml", "word/document.xml", "word\\VBAPROJECT.BIN"], Problem::Macro { kind: Kind::Docx })]
#[case(&["[Content_Types].xml", "xl/workbook.bin"], Problem::WrongType { declared: Kind::Docx, found: Found::OtherOffice })]
#[case(&["OFD.xml", "Doc_0/Document.xml"], Problem::WrongType { declared: Kind::Docx, found: Found::Ofd })]
#[case(&["a.txt"], Problem::WrongType { declared: Kind::Docx, found: Found::Zip })]
fn parts_decide(#[case] names: &[&str], #[case] problem: Problem) {
    assert_eq!(inspect(Kind::Docx, LIMIT, &zip(names, 0, "")), Err(problem));
}

#[test]
fn a_macro_file_renamed_to_pdf_is_named_for_what_it_is() {
    let bytes = zip(&["[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"], 0, "");
    let problem = inspect(Kind::Pdf, LIMIT, &bytes).unwrap_err();
    assert_eq!(problem, Problem::WrongType { declared: Kind::Pdf, found: Found::MacroOffice });
    assert!(!problem.message(Locale::Zh).contains("改为 .docx"), "that would be refused next");
}

#[test]
fn encrypted_office_files() {
    let encrypted = Err(Problem::Encrypted { kind: Kind::Docx });
    assert_eq!(inspect(Kind::Docx, LIMIT, &compound("EncryptedPackage")), encrypted);
    assert_eq!(inspect(Kind::Docx, LIMIT, &zip(DOCX, 1, "")), encrypted);
    let legacy = Err(Problem::WrongType { declared: Kind::Docx, found: Found::LegacyOffice });
    assert_eq!(inspect(Kind::Docx, LIMIT, &compound("WordDocument")), legacy);
}

#[test]
fn a_comment_after_the_directory_is_fine() {
    assert_eq!(inspect(Kind::Xlsx, LIMIT, &zip(XLSX, 0, &"x".repeat(65_000))), Ok(Kind::Xlsx));
}

#[rstest]
#[case(b"Rar!\x1a\x07\x01\0", Found::Rar)]
#[case(b"7z\xbc\xaf\x27\x1c", Found::SevenZip)]
#[case(b"\x1f\x8b\x08", Found::Gzip)]
#[case(b"GIF89a", Found::Gif)]
#[case(b"II*\0", Found::Tiff)]
#[case(b"RIFF\0\0\0\0WEBPVP8 ", Found::Webp)]
#[case(b"\0\0\0\x18ftypheic\0\0\0\0", Found::Heic)]
#[case(b"{\\rtf1", Found::Rtf)]
#[case(b"\xef\xbb\xbf\n<!DOCTYPE HTML>", Found::Html)]
#[case(b"\x7fELF", Found::Executable)]
#[case(b"hello", Found::Unknown)]
#[case(b"MZ is how this text begins", Found::Unknown)]
fn what_came_is_named(#[case] bytes: &[u8], #[case] found: Found) {
    let problem = inspect(Kind::Pdf, LIMIT, bytes).unwrap_err();
    assert_eq!(problem, Problem::WrongType { declared: Kind::Pdf, found });
}

#[test]
fn polyglots_are_refused_for_what_else_they_are() {
    let mut archive_behind = pdf("/Type /Catalog");
    archive_behind.extend(zip(&["setup.exe"], 0, "%%EOF"));
    let refused = Err(Problem::WrongType { declared: Kind::Pdf, found: Found::Zip });
    assert_eq!(inspect(Kind::Pdf, LIMIT, &archive_behind), refused);

    let mut page_before = b"<html><script>alert(1)</script>\n".to_vec();
    page_before.extend(pdf("/Type /Catalog"));
    let refused = Err(Problem::WrongType { declared: Kind::Pdf, found: Found::Html });
    assert_eq!(inspect(Kind::Pdf, LIMIT, &page_before), refused);

    let mut picture = jpg();
    picture.extend(pdf("/Type /Catalog"));
    let refused = Err(Problem::WrongType { declared: Kind::Pdf, found: Found::Accepted(Kind::Jpg) });
    assert_eq!(inspect(Kind::Pdf, LIMIT, &picture), refused);
}

#[test]
fn unpacked_parts_are_looked_through() {
    assert_eq!(active_content(b"<< /S /JavaScript /JS (x) >>"), Some(Active::JavaScript));
    assert_eq!(active_content(b"/Names << /EmbeddedFiles"), Some(Active::EmbeddedFile));
    assert_eq!(active_content(b"<< /Type /Page /Contents 4 0 R >>"), None);
}

#[test]
fn the_limit_stops_an_upload_early() {
    let mut inspector = Inspector::new(Kind::Pdf, 10);
    assert_eq!(inspector.update(b"%PDF-1.7\n"), Ok(()));
    assert_eq!(inspector.update(b"more"), Err(Problem::TooLarge { max_bytes: 10 }));
    assert_eq!(inspector.finish(), Err(Problem::TooLarge { max_bytes: 10 }));
}

#[test]
fn names_and_types() {
    let allowed = [Kind::Pdf, Kind::Jpg];
    assert_eq!(declared("营业执照.JPEG", &allowed), Ok(Kind::Jpg));
    for name in ["章程.docx", "章程.doc", "章程"] {
        let problem = declared(name, &allowed).unwrap_err();
        assert_eq!(problem.code(), "media.extension");
        assert!(problem.message(Locale::Zh).contains("PDF、JPG"));
    }
    for kind in Kind::ALL {
        assert_eq!(Kind::from_name(kind.name()), Some(kind));
        assert_eq!(Kind::from_media_type(&format!("{}; q=1", kind.media_type())), Some(kind));
        assert_eq!(Kind::from_file_name(&format!("x.{}", kind.name().to_uppercase())), Some(kind));
        assert_eq!(sniff(&good(kind)), Some(kind));
    }
    assert_eq!(sniff(b"hello"), None);
}

#[rstest]
#[case(0, "0 B")]
#[case(1023, "1023 B")]
#[case(1024, "1 KB")]
#[case(50 << 20, "50 MB")]
#[case((50 << 20) + 1, "50.1 MB")]
#[case(3 << 30, "3 GB")]
fn sizes(#[case] bytes: u64, #[case] label: &str) {
    assert_eq!(size_label(bytes), label);
}

#[test]
fn messages_in_both_languages() {
    let problems = [
        Problem::Extension { extension: "doc".to_owned(), allowed: vec![Kind::Pdf, Kind::Docx] },
        Problem::Extension { extension: String::new(), allowed: vec![Kind::Pdf] },
        Problem::Empty,
        Problem::TooLarge { max_bytes: 50 << 20 },
        Problem::WrongType { declared: Kind::Pdf, found: Found::Accepted(Kind::Jpg) },
        Problem::WrongType { declared: Kind::Docx, found: Found::LegacyOffice },
        Problem::WrongType { declared: Kind::Pdf, found: Found::Unknown },
        Problem::Encrypted { kind: Kind::Pdf },
        Problem::Encrypted { kind: Kind::Xlsx },
        Problem::Truncated { kind: Kind::Png },
        Problem::ActiveContent { active: Active::JavaScript },
        Problem::Macro { kind: Kind::Docx },
    ];
    let shown: Vec<String> = problems
        .iter()
        .map(|problem| {
            format!(
                "{}\n  {}\n  {}",
                problem.code(),
                problem.message(Locale::Zh),
                problem.message(Locale::En)
            )
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"));
}

proptest! {
    #[test]
    fn pieces_of_any_size_give_the_same_verdict(
        kind in 0usize..5, declared in 0usize..5, flip in any::<u16>(), value in any::<u8>(),
        cuts in prop::collection::vec(1usize..40, 1..30),
    ) {
        let (kind, declared) = (Kind::ALL[kind], Kind::ALL[declared]);
        let mut bytes = good(kind);
        let at = usize::from(flip) % bytes.len();
        bytes[at] = value;
        let mut inspector = Inspector::new(declared, LIMIT);
        let mut rest = bytes.as_slice();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() { break; }
            let (piece, after) = rest.split_at(rest.len().min(*cut));
            prop_assert!(inspector.update(piece).is_ok());
            rest = after;
        }
        prop_assert_eq!(inspector.finish(), inspect(declared, LIMIT, &bytes));
    }

    #[test]
    fn arbitrary_bytes_never_panic(
        start in 0usize..5, junk in prop::collection::vec(any::<u8>(), 0..400), declared in 0usize..5,
    ) {
        let mut bytes = good(Kind::ALL[start]);
        bytes.truncate(bytes.len() / 2);
        bytes.extend(&junk);
        bytes.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
        bytes.extend(&junk);
        let _ = inspect(Kind::ALL[declared], LIMIT, &bytes);
        let _ = inspect(Kind::ALL[declared], LIMIT, &junk);
        let _ = sniff(&junk);
    }
}
