//! Opening an archive: bounded in files, bytes and ratio, no archive inside an archive, nothing that climbs out of its
//! folder, no links, no passwords. Names are read as their writer meant them: in UTF-8 where the archive says so or the
//! bytes are, else in GBK, which Chinese archivers write. Blocking; called by [`super::arrival`].

use std::{
    fs::{self, File},
    io::{BufReader, Read, Write},
};

use domain::{file_name, intake, media, text::Text};
use encoding_rs::GBK;
use uuid::Uuid;
use zip::{ZipArchive, read::ZipFile};

use super::text;
use crate::{cx::Cx, error::Result};

/// Files in one archive.
const MAX_ENTRIES: usize = intake::MAX_FILES;
/// An entry that unpacks to more than this many times its packed size, once it is larger than [`SMALL`], is a trap.
const MAX_RATIO: u64 = 200;
const SMALL: u64 = 1 << 20;

/// One file that came out.
#[derive(Debug)]
pub(super) struct Unpacked {
    /// Names its bytes among the intake's files.
    pub(super) id: Uuid,
    pub(super) path: String,
    pub(super) size: u64,
    /// It stayed in the archive, and why.
    pub(super) problem: Option<Text>,
}

/// What an archive held.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) files: Vec<Unpacked>,
    /// Left behind by operating systems: path and size.
    pub(super) litter: Vec<(String, u64)>,
}

/// Unpacks the archive at `id` into files of the intake, together at most `most` bytes. `Err` within is about the archive
/// as a whole: nothing of it stays then.
pub(super) fn unpack(cx: &Cx, id: Uuid, most: u64) -> Result<Result<Contents, Text>> {
    let file = File::open(cx.objects.intake_path(id))?;
    let Ok(mut archive) = ZipArchive::new(BufReader::new(file)) else {
        return Ok(Err(text(
            "压缩包已损坏或不是 ZIP 格式，无法打开。请重新压缩为 ZIP，或直接拖入文件夹。",
            "The archive is damaged or not a ZIP. Pack it again as a ZIP, or drop the folder itself.",
        )));
    };
    if archive.len() > MAX_ENTRIES {
        return Ok(Err(text(
            format!("压缩包内有 {} 个文件，超过 {MAX_ENTRIES} 个的上限。请分批上传。", archive.len()),
            format!(
                "The archive has {} files; at most {MAX_ENTRIES} are taken at once. Send it in parts.",
                archive.len()
            ),
        )));
    }
    let mut contents = Contents::default();
    let mut left = most;
    for at in 0..archive.len() {
        let outcome = archive
            .by_index_raw(at)
            .map(|entry| Entry::of(&entry))
            .map_err(|_| damaged())
            .and_then(|entry| entry.judged(left));
        match outcome {
            Ok(Judged::Folder) => {}
            Ok(Judged::Litter { path, size }) => contents.litter.push((path, size)),
            Ok(Judged::Stays { path, size, problem }) => {
                contents.files.push(Unpacked { id: cx.id(), path, size, problem: Some(problem) });
            }
            Ok(Judged::File { path, size }) => {
                let id = cx.id();
                let written = archive
                    .by_index(at)
                    .map_err(|_| damaged())
                    .and_then(|mut entry| write(&mut entry, cx, id, size.min(left)));
                match written {
                    Ok(size) => {
                        left -= size;
                        contents.files.push(Unpacked { id, path, size, problem: None });
                    }
                    Err(problem) => return Ok(Err(forget(cx, &contents, Some(id), problem))),
                }
            }
            Err(problem) => return Ok(Err(forget(cx, &contents, None, problem))),
        }
    }
    Ok(Ok(contents))
}

/// Nothing of a refused archive stays.
fn forget(cx: &Cx, contents: &Contents, last: Option<Uuid>, problem: Text) -> Text {
    for id in contents.files.iter().map(|file| file.id).chain(last) {
        // What cannot be removed now is swept at the next start.
        let _ = fs::remove_file(cx.objects.intake_path(id));
    }
    problem
}

/// Writes one entry; more bytes than its head announced are a lie of the archive.
fn write(entry: &mut impl Read, cx: &Cx, id: Uuid, most: u64) -> Result<u64, Text> {
    let mut run = || -> std::io::Result<u64> {
        let mut file = File::create_new(cx.objects.intake_path(id))?;
        let size = std::io::copy(&mut entry.take(most + 1), &mut file)?;
        file.flush()?;
        file.sync_data()?;
        Ok(size)
    };
    match run() {
        Ok(size) if size <= most => Ok(size),
        Ok(_) => Err(bomb()),
        Err(_) => Err(damaged()),
    }
}

/// What an entry's head says.
struct Entry {
    name: String,
    packed: u64,
    size: u64,
    folder: bool,
    link: bool,
    encrypted: bool,
}

/// What becomes of an entry.
enum Judged {
    Folder,
    Litter { path: String, size: u64 },
    File { path: String, size: u64 },
    Stays { path: String, size: u64, problem: Text },
}

impl Entry {
    fn of<R: Read>(entry: &ZipFile<'_, R>) -> Self {
        let extra = entry.extra_data().unwrap_or_default();
        Self {
            name: decoded(entry.name_raw(), entry.flags().as_u16() & UTF8 != 0, &extra),
            packed: entry.compressed_size(),
            size: entry.size(),
            folder: entry.is_dir(),
            link: entry.is_symlink(),
            encrypted: entry.encrypted(),
        }
    }

    /// `left` bytes may still be unpacked.
    fn judged(self, left: u64) -> Result<Judged, Text> {
        if self.folder {
            return Ok(Judged::Folder);
        }
        let climbs = intake::path(&self.name).is_none();
        let path = intake::path(&self.name).unwrap_or_else(|| file_name::normalise(&self.name).name);
        if intake::is_litter(&path) {
            return Ok(Judged::Litter { path, size: self.size });
        }
        if self.size > left || self.size > SMALL && self.size / MAX_RATIO > self.packed {
            return Err(bomb());
        }
        let problem = if climbs {
            Some(text(
                "压缩包内此文件的路径指向文件夹之外，未取出。请用正常文件夹重新压缩。",
                "This file's path in the archive leads out of its folder, so it was left there. Pack an ordinary folder.",
            ))
        } else if self.link {
            Some(text(
                "这是指向其他文件的链接，未取出。请放入文件本身。",
                "This is a link to another file, so it was left there. Put in the file itself.",
            ))
        } else if self.encrypted {
            Some(text(
                "压缩包设有密码，未取出。请去掉密码后重新压缩。",
                "The archive has a password, so this file was left there. Pack it without one.",
            ))
        } else if is_archive(&path) {
            Some(text(
                "压缩包里的压缩包不再拆开。请解压后把文件夹拖入。",
                "An archive inside an archive is not opened. Unpack it and drop the folder.",
            ))
        } else {
            None
        };
        let size = self.size;
        Ok(match problem {
            Some(problem) => Judged::Stays { path, size, problem },
            None => Judged::File { path, size },
        })
    }
}

/// Names are in UTF-8: bit 11 of the general purpose flags (APPNOTE 4.4.4).
const UTF8: u16 = 1 << 11;

fn is_archive(path: &str) -> bool {
    matches!(file_name::extension(path).as_str(), "zip" | "rar" | "7z" | "gz" | "tar" | "tgz" | "bz2" | "xz")
}

/// A name as its writer meant it.
fn decoded(raw: &[u8], utf8: bool, extra: &[u8]) -> String {
    if let Some(name) = unicode_path(raw, extra) {
        return name;
    }
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) if utf8 => String::from_utf8_lossy(raw).into_owned(),
        Err(_) => GBK.decode_without_bom_handling(raw).0.into_owned(),
    }
}

/// The Info-ZIP Unicode path (0x7075, APPNOTE 4.6.9), when it belongs to this name: version, CRC-32 of the name, UTF-8.
fn unicode_path(raw: &[u8], mut extra: &[u8]) -> Option<String> {
    while let [a, b, c, d, rest @ ..] = extra {
        let (id, length) = (u16::from_le_bytes([*a, *b]), usize::from(u16::from_le_bytes([*c, *d])));
        let (field, after) = rest.split_at_checked(length)?;
        if let (0x7075, [1, crc @ ..]) = (id, field) {
            let (crc, name) = crc.split_at_checked(4)?;
            let meant = crc32fast::hash(raw).to_le_bytes() == crc;
            return meant.then(|| String::from_utf8(name.to_vec()).ok()).flatten();
        }
        extra = after;
    }
    None
}

fn damaged() -> Text {
    text(
        "压缩包中有损坏的内容，未解开。请重新压缩，或直接拖入文件夹。",
        "Something in the archive is damaged, so it was not unpacked. Pack it again, or drop the folder itself.",
    )
}

fn bomb() -> Text {
    let most = media::size_label(super::arrival::MAX_UNPACKED);
    text(
        format!("压缩包解开后过大（上限 {most}）或压缩比异常，未解开。请只压缩申报所需的文件。"),
        format!(
            "The archive unpacks to too much (at most {most}) or at an unusual ratio, so it was not unpacked. Pack only what the filing needs."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::{decoded, unicode_path};

    #[test]
    fn names_are_read_as_they_were_meant() {
        let gbk = encoding_rs::GBK.encode("03 其他/股东名册.xlsx").0.into_owned();
        assert_eq!(decoded(&gbk, false, &[]), "03 其他/股东名册.xlsx");
        assert_eq!(decoded("章程.pdf".as_bytes(), true, &[]), "章程.pdf");
        // Archivers of macOS write UTF-8 and do not say so.
        assert_eq!(decoded("营业执照.jpg".as_bytes(), false, &[]), "营业执照.jpg");
    }

    #[test]
    fn a_unicode_path_counts_only_for_its_own_name() {
        let (raw, name) = (b"????.pdf", "审计报告.pdf");
        let field = |of: &[u8]| {
            let mut field = vec![0x75, 0x70];
            field.extend(u16::try_from(5 + name.len()).unwrap().to_le_bytes());
            field.push(1);
            field.extend(crc32fast::hash(of).to_le_bytes());
            field.extend(name.as_bytes());
            field
        };
        assert_eq!(unicode_path(raw, &field(raw)).as_deref(), Some(name));
        assert_eq!(unicode_path(raw, &field(b"other")), None);
        assert_eq!(unicode_path(raw, &field(raw)[..9]), None);
    }
}
