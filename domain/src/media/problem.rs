//! Why an upload is refused, in words that the person at the other end can act on.

use serde::{Deserialize, Serialize};

use super::{Kind, labels, size_label};
use crate::locale::Locale;

/// What a file's bytes say it is. Wider than [`Kind`], so that a refusal can name what came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// An accepted format, but not the one the name claims.
    Accepted(Kind),
    /// `.doc`, `.xls`, `.wps`, `.et`: the binary formats before OOXML.
    LegacyOffice,
    /// `.xlsb`, `.pptx` and other OOXML.
    OtherOffice,
    /// Word or Excel with macros.
    MacroOffice,
    /// 版式文档 GB/T 33190.
    Ofd,
    Zip,
    Rar,
    SevenZip,
    Gzip,
    Gif,
    Bmp,
    Tiff,
    Webp,
    /// HEIC and AVIF, as phones take pictures.
    Heic,
    Rtf,
    Html,
    Executable,
    /// Nothing known.
    Unknown,
}

/// Something in a file that runs or carries other files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Active {
    JavaScript,
    /// Starts a program.
    Launch,
    /// Carries files inside.
    EmbeddedFile,
    /// Plays media or Flash.
    RichMedia,
}

/// Why an upload is refused. Checked in this order, so that the root cause is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Problem {
    /// The name has no extension of an accepted format.
    Extension { extension: String, allowed: Vec<Kind> },
    /// No bytes.
    Empty,
    /// More bytes than the slot takes.
    TooLarge { max_bytes: u64 },
    /// The bytes are not what the extension says.
    WrongType { declared: Kind, found: Found },
    /// Needs a password, or restricts what may be done with it.
    Encrypted { kind: Kind },
    /// The end is missing.
    Truncated { kind: Kind },
    /// A PDF with something that runs or carries files.
    ActiveContent { active: Active },
    /// An Office file with macros.
    Macro { kind: Kind },
}

impl Problem {
    /// Stable code for locale files and the API.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Extension { .. } => "media.extension",
            Self::Empty => "media.empty",
            Self::TooLarge { .. } => "media.too_large",
            Self::WrongType { .. } => "media.wrong_type",
            Self::Encrypted { .. } => "media.encrypted",
            Self::Truncated { .. } => "media.truncated",
            Self::ActiveContent { .. } => "media.active_content",
            Self::Macro { .. } => "media.macro",
        }
    }

    /// Values for the message, by name.
    #[must_use]
    pub fn params(&self, locale: Locale) -> Vec<(&'static str, String)> {
        match self {
            Self::Extension { extension, allowed } => {
                vec![("extension", extension.clone()), ("allowed", labels(allowed, locale))]
            }
            Self::Empty => vec![],
            Self::TooLarge { max_bytes } => vec![("max", size_label(*max_bytes))],
            Self::WrongType { declared, found } => vec![
                ("declared", declared.label(locale).to_owned()),
                ("found", found.label(locale).to_owned()),
            ],
            Self::Encrypted { kind } | Self::Truncated { kind } | Self::Macro { kind } => {
                vec![("kind", kind.label(locale).to_owned())]
            }
            Self::ActiveContent { active } => vec![("active", active.label(locale).to_owned())],
        }
    }

    /// What is wrong and what to do.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match locale {
            // A full-width bracket brings its own space.
            Locale::Zh => self.zh().replace("） ", "）"),
            Locale::En => self.en(),
        }
    }

    fn zh(&self) -> String {
        let locale = Locale::Zh;
        match self {
            Self::Extension { extension, allowed } if extension.is_empty() => {
                format!("文件没有扩展名。此处只收 {}，请补上扩展名后重新上传。", labels(allowed, locale))
            }
            Self::Extension { extension, allowed } => {
                format!("不收“.{extension}”文件。此处只收 {}，请转换后重新上传。", labels(allowed, locale))
            }
            Self::Empty => "文件是空的（0 字节）。请确认原文件能打开，再重新上传。".to_owned(),
            Self::TooLarge { max_bytes } => {
                format!("文件超过上限 {}。请压缩或拆分后重新上传。", size_label(*max_bytes))
            }
            Self::WrongType { declared, found: Found::Accepted(kind) } => format!(
                "扩展名是 {}，内容却是 {}。请把扩展名改为 .{} 后重新上传。",
                declared.label(locale),
                kind.label(locale),
                kind.name()
            ),
            Self::WrongType { declared, found: Found::Unknown } => format!(
                "扩展名是 {}，内容却不是。文件可能已损坏，请确认能打开，再重新上传。",
                declared.label(locale)
            ),
            Self::WrongType { declared, found } => format!(
                "扩展名是 {}，内容却是{}。请用原软件另存为 {} 后重新上传。",
                declared.label(locale),
                found.label(locale),
                declared.label(locale)
            ),
            Self::Encrypted { kind: Kind::Pdf } => {
                "PDF 设有密码或权限限制，审核人员无法处理。请去掉密码，或用“打印为 PDF”另存后重新上传。"
                    .to_owned()
            }
            Self::Encrypted { kind } => {
                format!("{} 文件设有打开密码。请取消密码后重新上传。", kind.label(locale))
            }
            Self::Truncated { kind } => format!(
                "{} 文件不完整，结尾缺失，多为下载或传送中断。请重新获取完整文件后上传。",
                kind.label(locale)
            ),
            Self::ActiveContent { active } => format!(
                "PDF 含有{}，出于安全不能接收。请用“打印为 PDF”另存后重新上传。",
                active.label(locale)
            ),
            Self::Macro { kind } => {
                format!("文件含有宏，出于安全不能接收。请另存为不含宏的 {} 后重新上传。", kind.label(locale))
            }
        }
    }

    fn en(&self) -> String {
        let locale = Locale::En;
        match self {
            Self::Extension { extension, allowed } if extension.is_empty() => format!(
                "The file has no extension. This slot takes {}: add the extension and upload it again.",
                labels(allowed, locale)
            ),
            Self::Extension { extension, allowed } => format!(
                "“.{extension}” files are not taken. This slot takes {}: convert it and upload it again.",
                labels(allowed, locale)
            ),
            Self::Empty => {
                "The file is empty (0 bytes). Check that the original opens and upload it again.".to_owned()
            }
            Self::TooLarge { max_bytes } => format!(
                "The file is larger than {}. Compress or split it and upload it again.",
                size_label(*max_bytes)
            ),
            Self::WrongType { declared, found: Found::Accepted(kind) } => format!(
                "The extension says {}, the content is {}. Change the extension to .{} and upload it again.",
                declared.label(locale),
                kind.label(locale),
                kind.name()
            ),
            Self::WrongType { declared, found: Found::Unknown } => format!(
                "The extension says {}, the content is something else. The file may be damaged: check that it opens and upload it again.",
                declared.label(locale)
            ),
            Self::WrongType { declared, found } => format!(
                "The extension says {}, the content is {}. Save it as {} in its own program and upload it again.",
                declared.label(locale),
                found.label(locale),
                declared.label(locale)
            ),
            Self::Encrypted { kind: Kind::Pdf } => {
                "The PDF has a password or restricted permissions, so reviewers cannot work with it. Remove them, or print it to a new PDF, and upload it again."
                    .to_owned()
            }
            Self::Encrypted { kind } => format!(
                "The {} file needs a password to open. Remove it and upload the file again.",
                kind.label(locale)
            ),
            Self::Truncated { kind } => format!(
                "The {} file is incomplete: its end is missing, usually from a broken download. Get the whole file and upload it again.",
                kind.label(locale)
            ),
            Self::ActiveContent { active } => format!(
                "The PDF contains {}, which is not taken for safety. Print it to a new PDF and upload that.",
                active.label(locale)
            ),
            Self::Macro { kind } => format!(
                "The file contains macros, which are not taken for safety. Save it as {} without macros and upload it again.",
                kind.label(locale)
            ),
        }
    }
}

impl Found {
    /// The name people know it by.
    #[must_use]
    pub const fn label(self, locale: Locale) -> &'static str {
        match self {
            Self::Accepted(kind) => kind.label(locale),
            Self::LegacyOffice => locale.pick(
                "旧版 Office 或 WPS 文件（doc、xls、wps、et）",
                "an old Office or WPS file (doc, xls, wps, et)",
            ),
            Self::OtherOffice => locale.pick("其他 Office 文件", "another kind of Office file"),
            Self::MacroOffice => locale.pick("含宏的 Office 文件", "an Office file with macros"),
            Self::Ofd => locale.pick("OFD 版式文件", "an OFD document"),
            Self::Zip => locale.pick("ZIP 压缩包", "a ZIP archive"),
            Self::Rar => locale.pick("RAR 压缩包", "a RAR archive"),
            Self::SevenZip => locale.pick("7z 压缩包", "a 7z archive"),
            Self::Gzip => locale.pick("gzip 压缩包", "a gzip archive"),
            Self::Gif => locale.pick("GIF 图片", "a GIF picture"),
            Self::Bmp => locale.pick("BMP 图片", "a BMP picture"),
            Self::Tiff => locale.pick("TIFF 图片", "a TIFF picture"),
            Self::Webp => locale.pick("WebP 图片", "a WebP picture"),
            Self::Heic => locale.pick("HEIC 照片", "a HEIC photo"),
            Self::Rtf => locale.pick("RTF 文档", "an RTF document"),
            Self::Html => locale.pick("网页", "a web page"),
            Self::Executable => locale.pick("可执行程序", "a program"),
            Self::Unknown => locale.pick("无法识别的内容", "unknown content"),
        }
    }
}

impl Active {
    /// What it is, to stand inside a sentence.
    #[must_use]
    pub const fn label(self, locale: Locale) -> &'static str {
        match self {
            Self::JavaScript => locale.pick("脚本（JavaScript）", "a script (JavaScript)"),
            Self::Launch => locale.pick("启动程序的动作", "an action that starts a program"),
            Self::EmbeddedFile => locale.pick("附件", "attached files"),
            Self::RichMedia => locale.pick("富媒体", "rich media"),
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message(Locale::En))
    }
}

impl std::error::Error for Problem {}
