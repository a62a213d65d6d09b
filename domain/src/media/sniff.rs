//! What the first bytes of a file say it is.

use super::{Found, Kind};

/// The accepted format that the beginning of a file looks like. Word and Excel are told apart only when one of
/// their parts is named early; otherwise `None` (an [`super::Inspector`] reads the directory at the end as well).
#[must_use]
pub fn sniff(head: &[u8]) -> Option<Kind> {
    match found(head) {
        Found::Accepted(kind) => Some(kind),
        Found::Zip => office_part(head),
        _ => None,
    }
}

/// A part name of Word or Excel anywhere in these bytes.
fn office_part(bytes: &[u8]) -> Option<Kind> {
    if contains(bytes, b"word/") {
        Some(Kind::Docx)
    } else if contains(bytes, b"xl/") {
        Some(Kind::Xlsx)
    } else {
        None
    }
}

/// Reads signatures only. OOXML is [`Found::Zip`] here.
pub(super) fn found(head: &[u8]) -> Found {
    let starts = |signature: &[u8]| head.starts_with(signature);
    // PDF readers accept the header anywhere in the first 1,024 bytes, and scanners' software makes use of it. Only
    // after the others, so that an archive that contains such bytes is not taken for a PDF.
    if starts(b"\x89PNG\r\n\x1a\n") {
        Found::Accepted(Kind::Png)
    } else if starts(b"\xff\xd8\xff") {
        Found::Accepted(Kind::Jpg)
    } else if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") {
        Found::Zip
    } else if starts(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        Found::LegacyOffice
    } else if starts(b"Rar!\x1a\x07") {
        Found::Rar
    } else if starts(b"7z\xbc\xaf\x27\x1c") {
        Found::SevenZip
    } else if starts(b"\x1f\x8b") {
        Found::Gzip
    } else if starts(b"GIF8") {
        Found::Gif
    } else if starts(b"II*\0") || starts(b"MM\0*") {
        Found::Tiff
    } else if starts(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        Found::Webp
    } else if head.get(4..8) == Some(b"ftyp")
        && head
            .get(8..12)
            .is_some_and(|brand| matches!(brand, b"heic" | b"heix" | b"hevc" | b"mif1" | b"msf1" | b"avif"))
    {
        Found::Heic
    } else if starts(b"{\\rtf") {
        Found::Rtf
    } else if starts(b"\x7fELF") || is_dos_program(head) {
        Found::Executable
    } else if is_html(head) {
        // Before PDF: a page of the web with a PDF behind its first lines is made to be shown as a page.
        Found::Html
    } else if contains(&head[..head.len().min(1024)], b"%PDF-") {
        Found::Accepted(Kind::Pdf)
    } else if starts(b"BM") && head.get(6..10) == Some(&[0; 4]) {
        Found::Bmp
    } else {
        Found::Unknown
    }
}

fn is_dos_program(head: &[u8]) -> bool {
    // Two letters alone would catch texts that begin with MZ.
    head.starts_with(b"MZ") && head.len() >= 64 && head[..64].contains(&0)
}

fn is_html(head: &[u8]) -> bool {
    let start: Vec<u8> = head
        .iter()
        .copied()
        .skip_while(|byte| byte.is_ascii_whitespace() || matches!(byte, 0xEF | 0xBB | 0xBF))
        .take(15)
        .map(|byte| byte.to_ascii_lowercase())
        .collect();
    start.starts_with(b"<!doctype html") || start.starts_with(b"<html") || start.starts_with(b"<?xml")
}

/// Whether `needle` occurs in `bytes`.
pub(super) fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    find(bytes, needle).is_some()
}

/// Where `needle` first occurs.
pub(super) fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}
