//! Looks through a PDF's objects without building a document from them: how many there are for its pages, and whether what
//! is compressed names something that runs or carries files. Uploads look only at what stands there in the open.

use std::io::Read as _;

use domain::media::{self, Kind};
use flate2::read::ZlibDecoder;

use crate::reading::problem::{Limit, Problem};

/// Objects that a document may have beside those of its pages: fonts, outlines, forms.
const BESIDE: u64 = 5_000;
/// Objects that a page may have: pieces of text that are tagged for reading aloud are one object each.
const PER_PAGE: u64 = 200;
/// Bytes that one object stream may unpack to, and all of them together.
const STREAM: u64 = 16 << 20;
const STREAMS: u64 = 128 << 20;
/// How far from an object's beginning its dictionary ends.
const DICTIONARY: usize = 1 << 10;

/// Refuses what a document has no business with.
pub(super) fn check(path: &str, pages: u32) -> Result<(), Problem> {
    let bytes = std::fs::read(path).map_err(|_| Problem::Damaged { kind: Kind::Pdf })?;
    let most = BESIDE + PER_PAGE * u64::from(pages);
    let mut left = STREAMS;
    let mut found = 0;
    for object in objects(&bytes) {
        found += 1;
        if let Some(stream) = ObjectStream::of(object) {
            found += stream.count;
            let mut unpacked = Vec::new();
            // Damage further on does not hide what comes before it.
            let _ = ZlibDecoder::new(stream.data).take(STREAM.min(left)).read_to_end(&mut unpacked);
            left -= unpacked.len() as u64;
            if let Some(active) = media::active_content(&unpacked) {
                return Err(Problem::ActiveContent { active });
            }
        }
        if found > most {
            break;
        }
    }
    if found > most {
        // Counted on to the end, for the message.
        let found = found.max(objects(&bytes).count() as u64);
        return Err(Problem::Limit { limit: Limit::Objects { found, most } });
    }
    Ok(())
}

/// What follows each `obj`: the object, and the rest of the file behind it.
fn objects(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let next = at + bytes.get(at..)?.windows(3).position(|three| three == b"obj")?;
            at = next + 3;
            // `12 0 obj`, not `endobj`.
            let before = &bytes[next.saturating_sub(3)..next];
            if matches!(before, [.., b'0'..=b'9', blank] if blank.is_ascii_whitespace()) {
                return Some(&bytes[at..]);
            }
        }
    })
}

/// A stream that holds other objects (ISO 32000-1, 7.5.7).
struct ObjectStream<'a> {
    count: u64,
    data: &'a [u8],
}

impl<'a> ObjectStream<'a> {
    fn of(object: &'a [u8]) -> Option<Self> {
        let head = &object[..object.len().min(DICTIONARY)];
        let end = find(head, b"stream")?;
        let dictionary = &head[..end];
        if find(dictionary, b"endobj").is_some() || find(dictionary, b"/ObjStm").is_none() {
            return None;
        }
        let count = find(dictionary, b"/N").map_or(0, |at| number(&dictionary[at + 2..]));
        let data = &object[end + 6..];
        let blank = data.iter().take(2).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        Some(Self { count, data: &data[blank..] })
    }
}

fn number(bytes: &[u8]) -> u64 {
    let digits =
        bytes.iter().skip_while(|byte| byte.is_ascii_whitespace()).take_while(|byte| byte.is_ascii_digit());
    digits.take(9).fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::{ObjectStream, objects};

    #[test]
    fn objects_are_counted_by_their_beginnings() {
        let file = b"%PDF-1.5\n1 0 obj\n<< >>\nendobj\n2 0 obj << /Type /ObjStm /N 12 /First 80 >>stream\r\nx\nendstream endobj";
        let found: Vec<_> = objects(file).collect();
        assert_eq!(found.len(), 2);
        assert!(ObjectStream::of(found[0]).is_none(), "its own dictionary ends before the next one's");
        let stream = ObjectStream::of(found[1]).unwrap();
        assert_eq!((stream.count, stream.data), (12, b"x\nendstream endobj".as_slice()));
    }
}
