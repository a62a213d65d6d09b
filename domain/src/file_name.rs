//! Makes an uploaded file's name safe to store, show and give back in a download, and says what it changed. Names
//! come from strangers' computers: they carry paths, control characters, direction overrides that make
//! `fdp.exe` look like a PDF, decomposed characters from macOS, and names that Windows cannot open. Called once per
//! upload; the storage address of a document never depends on its name.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::{half_width, locale::Locale};

/// Bytes in UTF-8 that most file systems take, less room for a version suffix.
pub const MAX_BYTES: usize = 200;
/// A longer extension is part of the name, not a type.
const MAX_EXTENSION_BYTES: usize = 16;
/// Given to files whose name has nothing left.
const UNNAMED: &str = "未命名";

/// Something that was changed. Ordered as applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A folder in front was dropped.
    Path,
    /// Control, zero-width or direction characters were dropped.
    Invisible,
    /// Characters were composed (NFC).
    Composed,
    /// Characters that Windows forbids became `_`.
    Forbidden,
    /// Blanks were trimmed or joined, or dots at either end dropped.
    Trimmed,
    /// A device name of Windows (`CON`, `LPT1` ...) got a `_` in front.
    Reserved,
    /// Cut to [`MAX_BYTES`]; the extension stays.
    Shortened,
    /// Nothing was left of the name itself.
    Unnamed,
}

/// A safe name and what it took to get there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Normalised {
    /// At most [`MAX_BYTES`] bytes, never empty, without path separators.
    pub name: String,
    /// Empty when the name was fine.
    pub changes: Vec<Change>,
}

impl Change {
    /// Stable code for locale files and the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Path => "file_name.path",
            Self::Invisible => "file_name.invisible",
            Self::Composed => "file_name.composed",
            Self::Forbidden => "file_name.forbidden",
            Self::Trimmed => "file_name.trimmed",
            Self::Reserved => "file_name.reserved",
            Self::Shortened => "file_name.shortened",
            Self::Unnamed => "file_name.unnamed",
        }
    }

    /// What was done, in one short sentence.
    #[must_use]
    pub const fn message(self, locale: Locale) -> &'static str {
        match self {
            Self::Path => locale.pick("已去掉文件夹路径。", "The folder was left out."),
            Self::Invisible => locale.pick("已去掉不可见字符。", "Invisible characters were left out."),
            Self::Composed => {
                locale.pick("已统一字符编码形式。", "Characters were brought into composed form.")
            }
            Self::Forbidden => locale.pick(
                "已将不能用于文件名的符号替换为“_”。",
                "Symbols that file names cannot have became “_”.",
            ),
            Self::Trimmed => locale.pick("已去掉多余的空格或句点。", "Extra blanks or dots were left out."),
            Self::Reserved => locale.pick(
                "名称是 Windows 保留字，已在前面加“_”。",
                "The name is reserved by Windows and got “_” in front.",
            ),
            Self::Shortened => locale.pick("名称过长，已截短。", "The name was too long and was shortened."),
            Self::Unnamed => locale.pick(
                "名称无有效字符，已命名为“未命名”。",
                "Nothing was left of the name; it is now “未命名” (unnamed).",
            ),
        }
    }
}

/// Normalises a file name as a browser or an archive sent it. The extension keeps its spelling.
#[must_use]
pub fn normalise(raw: &str) -> Normalised {
    let mut name = raw.to_owned();
    let mut changes = Vec::new();
    let mut step = |change: Change, name: &mut String, next: String| {
        if next != *name {
            changes.push(change);
            *name = next;
        }
    };

    // Invisible characters first: one inside `..\u{200B}/` must not hide a path.
    let next = name.chars().filter(|c| !is_invisible(*c)).collect();
    step(Change::Invisible, &mut name, next);
    // Composition may make new characters, so it stands before every rule about single ones.
    let next = name.nfc().collect();
    step(Change::Composed, &mut name, next);
    let next = name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    step(Change::Path, &mut name, next);
    let next = name.chars().map(|c| if is_forbidden(c) { '_' } else { c }).collect();
    step(Change::Forbidden, &mut name, next);
    let next = trim(&name);
    step(Change::Trimmed, &mut name, next);

    let (stem, extension) = split(&name);
    let next = if stem.is_empty() { join(UNNAMED, extension) } else { name.clone() };
    step(Change::Unnamed, &mut name, next);
    let next = if is_reserved(&name) { format!("_{name}") } else { name.clone() };
    step(Change::Reserved, &mut name, next);
    let next = shorten(&name);
    step(Change::Shortened, &mut name, next);
    Normalised { name, changes }
}

/// The extension in lower case, without its dot; empty when there is none.
#[must_use]
pub fn extension(name: &str) -> String {
    split(name).1.to_lowercase()
}

fn is_invisible(c: char) -> bool {
    // Tabs and line breaks are control characters too, and so are C1 codes. Tag characters and variation selectors
    // of the supplementary plane can carry hidden text; ideographic variation selectors live there too and are
    // given up with them: the character before stays.
    c.is_control()
        || half_width::is_invisible(c)
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

const fn is_forbidden(c: char) -> bool {
    matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '\u{FFFD}')
}

fn trim(name: &str) -> String {
    let words: Vec<&str> = name.split(char::is_whitespace).filter(|word| !word.is_empty()).collect();
    let joined = words.join(" ");
    // Windows drops dots and blanks at the end; a dot in front hides a file elsewhere. But `.pdf` alone keeps its dot,
    // so that the type survives and the name is seen to be missing.
    let ends = |c: char| c == '.' || c == ' ';
    let tail_trimmed = joined.trim_end_matches(ends);
    let body = tail_trimmed.trim_start_matches(ends);
    let only_extension = tail_trimmed.len() > body.len()
        && !body.contains('.')
        && crate::media::Kind::from_extension(body).is_some();
    let trimmed = if only_extension { format!(".{body}") } else { body.to_owned() };
    // `name .pdf` is a typing error that breaks sorting.
    let (stem, extension) = split(&trimmed);
    join(stem.trim_end_matches(ends), extension)
}

/// Name and extension (without the dot). A name that is all extension has an empty stem.
fn split(name: &str) -> (&str, &str) {
    match name.rsplit_once('.') {
        Some((stem, extension))
            if !extension.is_empty()
                && extension.len() <= MAX_EXTENSION_BYTES
                && extension.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            (stem, extension)
        }
        _ => (name, ""),
    }
}

fn join(stem: &str, extension: &str) -> String {
    if extension.is_empty() { stem.to_owned() } else { format!("{stem}.{extension}") }
}

/// Device names of Windows, with any extension: `nul.pdf` opens the null device.
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    if matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$") {
        return true;
    }
    let mut chars = stem.chars();
    let prefix: String = chars.by_ref().take(3).collect();
    let digit = chars.next().is_some_and(|c| matches!(c, '0'..='9' | '¹' | '²' | '³'));
    matches!(prefix.as_str(), "COM" | "LPT") && digit && chars.next().is_none()
}

fn shorten(name: &str) -> String {
    if name.len() <= MAX_BYTES {
        return name.to_owned();
    }
    let (stem, extension) = split(name);
    let room = MAX_BYTES - if extension.is_empty() { 0 } else { extension.len() + 1 };
    let mut end = room.min(stem.len());
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    // The cut may uncover a blank or a dot at the end, or make a short last part look like an extension.
    trim(&join(stem[..end].trim_end_matches([' ', '.']), extension))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("审计报告（2025年度）.pdf", "审计报告（2025年度）.pdf", &[])]
    #[case("../../etc/passwd", "passwd", &[Change::Path])]
    #[case("C:\\Users\\某某\\Desktop\\章程.PDF", "章程.PDF", &[Change::Path])]
    #[case("报告\u{202E}fdp.exe", "报告fdp.exe", &[Change::Invisible])]
    #[case("a\u{0}b\r\nc.pdf", "abc.pdf", &[Change::Invisible])]
    #[case("..\u{200B}/x.pdf", "x.pdf", &[Change::Invisible, Change::Path])]
    #[case("cafe\u{301}.pdf", "café.pdf", &[Change::Composed])]
    #[case("a<b>:c?.pdf", "a_b__c_.pdf", &[Change::Forbidden])]
    #[case("  股东 \u{3000} 名册 .xlsx", "股东 名册.xlsx", &[Change::Trimmed])]
    #[case("报告.pdf. . ", "报告.pdf", &[Change::Trimmed])]
    #[case(".htaccess", "htaccess", &[Change::Trimmed])]
    #[case(".pdf", "未命名.pdf", &[Change::Unnamed])]
    #[case("", "未命名", &[Change::Unnamed])]
    #[case("///", "未命名", &[Change::Path, Change::Unnamed])]
    #[case("..", "未命名", &[Change::Trimmed, Change::Unnamed])]
    #[case("con", "_con", &[Change::Reserved])]
    #[case("NUL.tar.pdf", "_NUL.tar.pdf", &[Change::Reserved])]
    #[case("lpt1.pdf", "_lpt1.pdf", &[Change::Reserved])]
    #[case("com¹.pdf", "_com¹.pdf", &[Change::Reserved])]
    #[case("console.pdf", "console.pdf", &[])]
    #[case("COM10.pdf", "COM10.pdf", &[])]
    fn names(#[case] raw: &str, #[case] name: &str, #[case] changes: &[Change]) {
        let normalised = normalise(raw);
        assert_eq!(normalised.name, name);
        assert_eq!(normalised.changes, changes);
    }

    #[test]
    fn long_names_are_cut_at_a_character_and_keep_their_type() {
        let normalised = normalise(&format!("{}.pdf", "审".repeat(100)));
        assert_eq!(normalised.changes, [Change::Shortened]);
        assert_eq!(normalised.name, format!("{}.pdf", "审".repeat(65)));
        let plain = normalise(&"长".repeat(100));
        assert_eq!(plain.name.len(), 198);
    }

    #[rstest]
    #[case("a.PDF", "pdf")]
    #[case("a.tar.gz", "gz")]
    #[case("a", "")]
    #[case("2026.11.2 的决议", "")]
    fn extensions(#[case] name: &str, #[case] expected: &str) {
        assert_eq!(extension(name), expected);
    }

    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "\\PC{0,12}",
            Just("../".to_owned()),
            Just("\\".to_owned()),
            Just("\u{202E}".to_owned()),
            Just("\u{0}".to_owned()),
            Just("CON".to_owned()),
            Just("e\u{301}".to_owned()),
            Just(". ".to_owned()),
            Just(".pdf".to_owned()),
            "[审计报告 .]{0,90}",
        ];
        prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn the_result_is_always_safe(raw in hostile()) {
            let Normalised { name, changes } = normalise(&raw);
            prop_assert!(!name.is_empty() && name.len() <= MAX_BYTES);
            let unsafe_char = |c: char| is_invisible(c) || is_forbidden(c) || c == '/' || c == '\\';
            prop_assert!(!name.contains(unsafe_char));
            prop_assert!(!name.starts_with(['.', ' ']) && !name.ends_with(['.', ' ']));
            prop_assert!(!is_reserved(&name));
            prop_assert_eq!(changes.is_empty(), name == raw);
        }

        #[test]
        fn normalising_twice_changes_nothing(raw in hostile()) {
            let once = normalise(&raw);
            prop_assert_eq!(normalise(&once.name), Normalised { name: once.name.clone(), changes: vec![] });
        }

        #[test]
        fn the_type_survives(stem in hostile(), kind in 0usize..5) {
            let extension = crate::media::Kind::ALL[kind].name();
            let normalised = normalise(&format!("{stem}.{extension}"));
            prop_assert_eq!(super::extension(&normalised.name), extension);
        }
    }
}
