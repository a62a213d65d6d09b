//! What an upload needs to know about a PDF without parsing it: whether its end is there, whether it is encrypted,
//! and whether it names scripts, programs or attachments.

use super::{Active, sniff::find};

/// Readers look for the end marker in the last 1,024 bytes (ISO 32000-1, annex H).
const END_WINDOW: usize = 1024;

/// Whether the end marker stands at the end, after which only blanks may follow (some scanners pad with zeros).
pub(super) fn is_complete(tail: &[u8]) -> bool {
    let padding = tail.iter().rev().take_while(|byte| byte.is_ascii_whitespace() || **byte == 0).count();
    let body = &tail[..tail.len() - padding];
    find(&body[body.len().saturating_sub(END_WINDOW)..], b"%%EOF").is_some()
}

/// Whether a trailer in these bytes has an `/Encrypt` entry: a reference (`12 0 R`) or a dictionary.
pub(super) fn is_encrypted(bytes: &[u8]) -> bool {
    const NAME: &[u8] = b"/Encrypt";
    let mut rest = bytes;
    while let Some(at) = find(rest, NAME) {
        rest = &rest[at + NAME.len()..];
        let mut value = rest.iter().copied().skip_while(u8::is_ascii_whitespace).take(24);
        match value.next() {
            Some(b'<') if value.next() == Some(b'<') => return true,
            Some(b'0'..=b'9') => {
                let reference: Vec<u8> = value.skip_while(u8::is_ascii_digit).collect();
                let words: Vec<&[u8]> =
                    reference.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
                let is_number = |word: &[u8]| word.iter().all(u8::is_ascii_digit);
                if words.len() >= 2 && is_number(words[0]) && words[1].starts_with(b"R") {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

/// Reads every name object (`/Name`) of a byte stream, with `#xx` escapes undone, and remembers the ones that mean
/// trouble. `/JS` alone is no sign: three bytes occur by chance in any large picture, and an action that runs
/// a script has to name `/JavaScript` as well.
#[derive(Debug, Default)]
pub(super) struct NameScan {
    name: Option<Vec<u8>>,
    active: Option<Active>,
}

/// Longer names are of no interest (ISO 32000 allows 127 bytes; `/EmbeddedFiles` escaped throughout has 39).
const MAX_NAME: usize = 64;

impl NameScan {
    pub(super) const fn active(&self) -> Option<Active> {
        self.active
    }

    pub(super) fn update(&mut self, mut chunk: &[u8]) {
        while self.active.is_none() {
            let Some(name) = &mut self.name else {
                let Some(slash) = chunk.iter().position(|byte| *byte == b'/') else { return };
                self.name = Some(Vec::with_capacity(16));
                chunk = &chunk[slash + 1..];
                continue;
            };
            let regular =
                |byte: u8| !byte.is_ascii_whitespace() && byte != 0 && !b"()<>[]{}/%".contains(&byte);
            let room = MAX_NAME - name.len();
            let end = chunk.iter().take(room).position(|byte| !regular(*byte));
            let taken = end.unwrap_or(chunk.len().min(room));
            name.extend_from_slice(&chunk[..taken]);
            chunk = &chunk[taken..];
            if end.is_none() && name.len() < MAX_NAME {
                return;
            }
            self.active = meaning(&unescape(name));
            self.name = None;
        }
    }
}

/// What these bytes of a PDF name that runs or carries files: for parts that are compressed in the file, once they are
/// unpacked.
#[must_use]
pub fn active_content(bytes: &[u8]) -> Option<Active> {
    let mut scan = NameScan::default();
    scan.update(bytes);
    // A name at the very end has no delimiter behind it yet.
    scan.update(b" ");
    scan.active()
}

fn meaning(name: &[u8]) -> Option<Active> {
    match name {
        b"JavaScript" => Some(Active::JavaScript),
        b"Launch" => Some(Active::Launch),
        b"EmbeddedFile" | b"EmbeddedFiles" => Some(Active::EmbeddedFile),
        b"RichMedia" => Some(Active::RichMedia),
        _ => None,
    }
}

fn unescape(name: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some((byte, after)) = rest.split_first() {
        let escaped = after
            .get(..2)
            .filter(|_| *byte == b'#')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escaped {
            Some(value) => {
                plain.push(value);
                rest = &after[2..];
            }
            None => {
                plain.push(*byte);
                rest = after;
            }
        }
    }
    plain
}
