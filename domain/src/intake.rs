//! The intake: files that an enterprise hands in as a folder, an archive or one by one, until each lies in its slot.
//! Here stand the states that a file goes through, what a folder's path may look like, which files are only litter of
//! an operating system, and what of a file's name is worth remembering. `backend::intake` runs it.

use serde::{Deserialize, Serialize};

use crate::file_name;

/// Most files that one filing takes in and has not let go.
pub const MAX_FILES: usize = 1_000;
/// Folders inside folders.
const MAX_DEPTH: usize = 20;
/// Bytes of a whole path.
const MAX_PATH: usize = 1_000;

/// How one file of the intake stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Announced; no byte has come.
    Expected,
    /// Some bytes are here.
    Receiving,
    /// All bytes are here; nobody has looked yet.
    Received,
    /// Being inspected and read.
    Reading,
    /// A document in its slot.
    Placed,
    /// Somebody has to say where it belongs.
    Unsure,
    /// Not needed: a duplicate, a draft that another replaces, or put aside by a person.
    SetAside,
    /// Cannot be taken as it is: encrypted, active, empty, or not what its name says.
    Held,
    /// The platform could not finish; handing it in again tries again.
    Failed,
    /// An archive whose files stand beside it.
    Unpacked,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 10] = [
        Self::Expected,
        Self::Receiving,
        Self::Received,
        Self::Reading,
        Self::Placed,
        Self::Unsure,
        Self::SetAside,
        Self::Held,
        Self::Failed,
        Self::Unpacked,
    ];

    /// The name in the database, in answers and in locale keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Expected => "expected",
            Self::Receiving => "receiving",
            Self::Received => "received",
            Self::Reading => "reading",
            Self::Placed => "placed",
            Self::Unsure => "unsure",
            Self::SetAside => "set_aside",
            Self::Held => "held",
            Self::Failed => "failed",
            Self::Unpacked => "unpacked",
        }
    }

    /// Reads [`Self::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Bytes are still missing: the same file handed in again goes on where it broke off.
    #[must_use]
    pub const fn is_arriving(self) -> bool {
        matches!(self, Self::Expected | Self::Receiving)
    }

    /// The platform is at work on it; whoever watches looks again shortly.
    #[must_use]
    pub const fn is_working(self) -> bool {
        matches!(self, Self::Received | Self::Reading)
    }
}

/// Where a file stood in its folder: parts made safe one by one, joined with `/`. `None` when the path climbs out of its
/// folder, is absolute, too deep or too long.
#[must_use]
pub fn path(raw: &str) -> Option<String> {
    if raw.starts_with(['/', '\\']) || raw.as_bytes().get(1) == Some(&b':') {
        return None;
    }
    let mut parts = Vec::new();
    for part in raw.split(['/', '\\']) {
        match part.trim() {
            "" | "." => {}
            ".." => return None,
            // What a name must not have is left out; the name with its dot in front tells litter.
            part if part.starts_with('.') => parts.push(format!(".{}", file_name::normalise(part).name)),
            part => parts.push(file_name::normalise(part).name),
        }
    }
    let path = parts.join("/");
    (!parts.is_empty() && parts.len() <= MAX_DEPTH && path.len() <= MAX_PATH).then_some(path)
}

/// The last part of a path.
#[must_use]
pub fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Left behind by an operating system or an editor: set aside without a word too many.
#[must_use]
pub fn is_litter(path: &str) -> bool {
    let lower = path.to_lowercase();
    let name = name_of(&lower);
    let folder = lower.split('/').any(|part| matches!(part, "__macosx" | ".git" | ".svn" | "$recycle.bin"));
    folder
        || matches!(name, ".ds_store" | "thumbs.db" | "ehthumbs.db" | "desktop.ini" | ".localized")
        || name.starts_with("~$")
        || name.starts_with("._")
        || name.starts_with(".~lock.")
        || (name.starts_with('~') && is_temporary(name))
}

fn is_temporary(name: &str) -> bool {
    matches!(file_name::extension(name).as_str(), "tmp" | "temp" | "bak")
}

/// Whether the name says that it is an archive to be unpacked.
#[must_use]
pub fn is_archive(name: &str) -> bool {
    file_name::extension(name) == "zip"
}

/// Names that scanners, telephones and editors give by themselves: they say nothing about what a file is.
const NAMELESS: &[&str] = &[
    "扫描件",
    "扫描",
    "扫描文件",
    "微信图片",
    "图片",
    "照片",
    "截图",
    "新建文档",
    "新建文本文档",
    "文档",
    "附件",
    "资料",
    "未命名",
    "新建microsoftword文档",
    "新建microsoftexcel工作表",
    "img",
    "image",
    "scan",
    "doc",
    "document",
    "file",
    "dsc",
    "mmexport",
    "screenshot",
    "untitled",
];

/// What the names of the same paper have in common from one time to the next: letters without digits, marks and the words
/// that only tell versions apart. `None` when nothing tells one paper from another.
#[must_use]
pub fn name_key(name: &str) -> Option<String> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_lowercase();
    let mut key: String = stem.chars().filter(|c| c.is_alphabetic()).collect();
    for word in [
        "盖章版",
        "盖章",
        "签字版",
        "签章",
        "扫描版",
        "最终版",
        "终稿",
        "定稿",
        "最终",
        "正本",
        "副本",
        "final",
        "copy",
        "年度",
        "年",
        "月",
        "日",
    ] {
        key = key.replace(word, "");
    }
    // Two characters of Chinese tell a paper; of Latin letters it takes a word, since two are some office's numbering.
    let weight: usize = key.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    (weight >= 4 && !NAMELESS.contains(&key.as_str())).then_some(key)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[test]
    fn names_of_states_are_read_back() {
        for state in State::ALL {
            assert_eq!(State::from_name(state.name()), Some(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
        assert_eq!(State::from_name("lost"), None);
    }

    #[rstest]
    #[case("03 其他文件/3-1 股东名册.xlsx", Some("03 其他文件/3-1 股东名册.xlsx"))]
    #[case("a\\b\\章程.pdf", Some("a/b/章程.pdf"))]
    #[case("./a//b.pdf", Some("a/b.pdf"))]
    #[case("推荐/.DS_Store", Some("推荐/.DS_Store"))]
    #[case("a/../b.pdf", None)]
    #[case("../b.pdf", None)]
    #[case("/etc/passwd", None)]
    #[case("C:\\x.pdf", None)]
    #[case("", None)]
    fn paths(#[case] raw: &str, #[case] expected: Option<&str>) {
        assert_eq!(path(raw).as_deref(), expected);
    }

    #[rstest]
    #[case(".DS_Store", true)]
    #[case("推荐/.DS_Store", true)]
    #[case("Thumbs.db", true)]
    #[case("desktop.ini", true)]
    #[case("~$新建文档(2).docx", true)]
    #[case("~WRL0003.tmp", true)]
    #[case("__MACOSX/a/._章程.pdf", true)]
    #[case("审计报告.pdf", false)]
    #[case("~审计报告.pdf", false)]
    #[case("desktop.ini.pdf", false)]
    fn litter(#[case] path: &str, #[case] expected: bool) {
        assert_eq!(is_litter(path), expected, "{path}");
    }

    #[rstest]
    #[case("审计报告（2025年度）盖章版(1).pdf", Some("审计报告"))]
    #[case("3-1 股东名册.xlsx", Some("股东名册"))]
    #[case("2026 股东名册 终稿.xlsx", Some("股东名册"))]
    #[case("扫描件003(1).pdf", None)]
    #[case("微信图片_20261021093015.jpg", None)]
    #[case("PG2022-0063.pdf", None)]
    #[case("audit report 2026.pdf", Some("auditreport"))]
    #[case("1.pdf", None)]
    fn what_a_name_is_known_by(#[case] name: &str, #[case] expected: Option<&str>) {
        assert_eq!(name_key(name).as_deref(), expected);
    }

    proptest! {
        #[test]
        fn a_path_never_leaves_its_folder(raw in "[a./\\\\ 审\u{200b}:]{0,40}") {
            if let Some(path) = path(&raw) {
                prop_assert!(!path.starts_with('/') && !path.contains('\\'));
                prop_assert!(path.split('/').all(|part| !part.is_empty() && part != "." && part != ".."));
                prop_assert!(path.len() <= MAX_PATH);
            }
        }
    }
}
