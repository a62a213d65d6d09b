//! How large a picture is, from its header alone: what decides whether it is unpacked at all. A few kilobytes of PNG can
//! unpack to gigabytes.

use std::{
    fs::File,
    io::{BufReader, Read, Seek, SeekFrom},
    path::Path,
};

use domain::media::Kind;

use super::problem::Problem;

/// Width and height in dots.
pub(super) fn size(path: &Path, kind: Kind) -> Result<(u64, u64), Problem> {
    let found = File::open(path).ok().and_then(|file| {
        let mut source = BufReader::new(file);
        match kind {
            Kind::Png => png(&mut source),
            Kind::Jpg => jpeg(&mut source),
            Kind::Pdf | Kind::Docx | Kind::Xlsx => None,
        }
    });
    found.filter(|(wide, high)| *wide > 0 && *high > 0).ok_or(Problem::Damaged { kind })
}

/// The first chunk of a PNG is IHDR, with both as its first words.
fn png(source: &mut impl Read) -> Option<(u64, u64)> {
    let mut head = [0; 24];
    source.read_exact(&mut head).ok()?;
    let word = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    (&head[12..16] == b"IHDR").then(|| (u64::from(word(16)), u64::from(word(20))))
}

/// The frame header of a JPEG stands behind segments of any length, thumbnails among them.
fn jpeg(source: &mut (impl Read + Seek)) -> Option<(u64, u64)> {
    let mut two = [0; 2];
    source.read_exact(&mut two).ok()?;
    loop {
        let mut byte = [0; 1];
        source.read_exact(&mut byte).ok()?;
        if byte[0] != 0xFF {
            return None;
        }
        while byte[0] == 0xFF {
            source.read_exact(&mut byte).ok()?;
        }
        source.read_exact(&mut two).ok()?;
        let length = u16::from_be_bytes(two);
        match byte[0] {
            // Frames of every coding; C4, C8 and CC are tables.
            0xC0..=0xCF if !matches!(byte[0], 0xC4 | 0xC8 | 0xCC) => {
                let mut frame = [0; 5];
                source.read_exact(&mut frame).ok()?;
                let word = |at: usize| u64::from(u16::from_be_bytes([frame[at], frame[at + 1]]));
                return Some((word(3), word(1)));
            }
            0xD8..=0xDA => return None,
            _ => {
                source.seek(SeekFrom::Current(i64::from(length) - 2)).ok()?;
            }
        }
    }
}
