//! The directory at the end of a ZIP file, as far as an upload needs it: the names of the parts and whether they
//! are encrypted. Unpacks nothing; limits on unpacking are for the sandboxed reader.

use super::{Found, Kind};

/// Whether the directory could be read.
pub(super) enum Archive {
    Read(Entries),
    /// No end record, or it points outside the file: the rest is missing.
    Incomplete,
}

/// Part names in lower case, and whether any part is encrypted.
#[derive(Debug, Default)]
pub(super) struct Entries {
    names: Vec<String>,
    encrypted: bool,
}

const END_RECORD: usize = 22;
const DIRECTORY_RECORD: usize = 46;

/// Reads the directory from the last bytes of a file of `size` bytes.
pub(super) fn read(tail: &[u8], size: u64) -> Archive {
    let Some(end) = end_record(tail) else { return Archive::Incomplete };
    let record = &tail[end..];
    let (length, offset) = (u64::from(u32_at(record, 12)), u64::from(u32_at(record, 16)));
    let tail_start = size - tail.len() as u64;
    let end_at = tail_start + end as u64;
    if offset + length > end_at {
        return Archive::Incomplete;
    }
    // It ends where the end record begins, also when something was put before the archive and all offsets are wrong.
    let before_end = usize::try_from(length).ok().and_then(|length| end.checked_sub(length));
    // A directory longer than the tail is read from its first whole record in it.
    let start = if let Some(start) = before_end.filter(|start| tail[*start..].starts_with(b"PK\x01\x02")) {
        start
    } else if offset >= tail_start {
        usize::try_from(offset - tail_start).unwrap_or(end)
    } else {
        super::sniff::find(&tail[..end], b"PK\x01\x02").unwrap_or(end)
    };
    Archive::Read(entries(&tail[start..end]))
}

/// The last end record whose comment fits into the file. Bytes after the comment are tolerated.
fn end_record(tail: &[u8]) -> Option<usize> {
    let last = tail.len().checked_sub(END_RECORD)?;
    (0..=last).rev().find(|at| {
        tail[*at..].starts_with(b"PK\x05\x06")
            && at + END_RECORD + usize::from(u16_at(&tail[*at..], 20)) <= tail.len()
    })
}

fn entries(mut directory: &[u8]) -> Entries {
    let mut entries = Entries::default();
    while directory.len() >= DIRECTORY_RECORD && directory.starts_with(b"PK\x01\x02") {
        let [name, extra, comment] = [28, 30, 32].map(|at| usize::from(u16_at(directory, at)));
        entries.encrypted |= u16_at(directory, 8) & 1 == 1;
        let Some(bytes) = directory.get(DIRECTORY_RECORD..DIRECTORY_RECORD + name) else { break };
        entries.names.push(String::from_utf8_lossy(bytes).replace('\\', "/").to_lowercase());
        let Some(rest) = directory.get(DIRECTORY_RECORD + name + extra + comment..) else { break };
        directory = rest;
    }
    entries
}

impl Entries {
    fn has(&self, test: impl Fn(&str) -> bool) -> bool {
        self.names.iter().any(|name| test(name))
    }

    /// What the parts make of it.
    pub(super) fn found(&self) -> Found {
        if self.has(|name| name == "word/document.xml") {
            Found::Accepted(Kind::Docx)
        } else if self.has(|name| name == "xl/workbook.xml") {
            Found::Accepted(Kind::Xlsx)
        } else if self.has(|name| name == "ofd.xml") {
            Found::Ofd
        } else if self.has(|name| name == "[content_types].xml") {
            // Word writes word/document2.xml in rare cases; the folder decides then.
            if self.has(|name| name.starts_with("word/document")) {
                Found::Accepted(Kind::Docx)
            } else {
                Found::OtherOffice
            }
        } else {
            Found::Zip
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    pub(super) const fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// A VBA project, whatever folder it hides in, or an Excel 4 macro sheet.
    pub(super) fn has_macros(&self) -> bool {
        self.has(|name| name.ends_with("vbaproject.bin") || name.starts_with("xl/macrosheets/"))
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |pair| u16::from_le_bytes([pair[0], pair[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}
