//! Why a file was not read, in words that the person who uploaded it can act on. Made in the reading process and
//! printed there as JSON, or made by [`super::Reader`] when that process was ended; shown beside the document.

use domain::{
    locale::Locale,
    media::{Active, Kind},
};
use serde::{Deserialize, Serialize};

/// Why there is no reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Problem {
    /// A limit ended the reading; the rest of the platform never noticed.
    Limit { limit: Limit },
    /// The bytes do not hold together.
    Damaged { kind: Kind },
    /// Needs a password. Uploads refuse this already; a password hidden in a compressed part shows only here.
    Encrypted { kind: Kind },
    /// A PDF whose compressed parts hold something that runs or carries files.
    ActiveContent { active: Active },
}

/// What there was too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Limit {
    /// Seconds on the clock.
    Time { seconds: u64 },
    /// Bytes of memory.
    Memory { bytes: u64 },
    /// Bytes of text found.
    Output { bytes: u64 },
    /// Pages of a PDF.
    Pages { found: u64, most: u64 },
    /// Objects of a PDF, far more than its pages account for.
    Objects { found: u64, most: u64 },
    /// Bytes that an Office file unpacks to.
    Unpacked { bytes: u64 },
    /// Cells of a workbook.
    Cells { most: u64 },
    /// Points of a picture.
    Pixels { found: u64, most: u64 },
}

impl Problem {
    /// Stable code for the API and for figures.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Limit { limit } => limit.code(),
            Self::Damaged { .. } => "reading.damaged",
            Self::Encrypted { .. } => "reading.encrypted",
            Self::ActiveContent { .. } => "reading.active_content",
        }
    }

    /// What is wrong and what to do.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match self {
            Self::Limit { limit } => limit.message(locale),
            Self::Damaged { kind } => {
                let kind = kind.label(locale);
                match locale {
                    Locale::Zh => format!(
                        "{kind} 文件内部已损坏，系统无法读取其中的内容。请用原软件打开确认，另存后重新上传。"
                    ),
                    Locale::En => format!(
                        "The {kind} file is damaged inside, so its content could not be read. Open it in its own program, save it again and upload that."
                    ),
                }
            }
            Self::Encrypted { kind } => domain::media::Problem::Encrypted { kind: *kind }.message(locale),
            Self::ActiveContent { active } => {
                domain::media::Problem::ActiveContent { active: *active }.message(locale)
            }
        }
    }
}

impl Limit {
    const fn code(self) -> &'static str {
        match self {
            Self::Time { .. } => "reading.limit.time",
            Self::Memory { .. } => "reading.limit.memory",
            Self::Output { .. } => "reading.limit.output",
            Self::Pages { .. } => "reading.limit.pages",
            Self::Objects { .. } => "reading.limit.objects",
            Self::Unpacked { .. } => "reading.limit.unpacked",
            Self::Cells { .. } => "reading.limit.cells",
            Self::Pixels { .. } => "reading.limit.pixels",
        }
    }

    fn message(self, locale: Locale) -> String {
        match locale {
            Locale::Zh => self.zh(),
            Locale::En => self.en(),
        }
    }

    fn zh(self) -> String {
        let size = domain::media::size_label;
        match self {
            Self::Time { seconds } => format!(
                "读取此文件超过 {seconds} 秒，已停止，未提取内容。文件已保存，可手工填写；也可拆分或另存为较简单的文件后重新上传。"
            ),
            Self::Memory { bytes } => format!(
                "读取此文件所需内存超过 {}，已停止，未提取内容。文件已保存，可手工填写；也可降低图片分辨率或拆分后重新上传。",
                size(bytes)
            ),
            Self::Output { bytes } => format!(
                "此文件的文字超过 {}，已停止读取。文件已保存，可手工填写；如内容有误，请拆分后重新上传。",
                size(bytes)
            ),
            Self::Pages { found, most } => {
                format!(
                    "此 PDF 共 {found} 页，超过 {most} 页的读取上限。请只保留申报所需的页，拆分后重新上传。"
                )
            }
            Self::Objects { found, most } => format!(
                "此 PDF 内部有 {found} 个对象，按其页数最多应有 {most} 个，结构异常，未读取。请用“打印为 PDF”另存后重新上传。"
            ),
            Self::Unpacked { bytes } => format!(
                "此文件解压后超过 {}，远大于正常文档，未读取。请用原软件打开，另存后重新上传。",
                size(bytes)
            ),
            Self::Cells { most } => {
                format!("此工作簿的单元格超过 {most} 个，未读取。请删去无关的工作表和空行后重新上传。")
            }
            Self::Pixels { found, most } => format!(
                "此图片有 {} 万像素，超过 {} 万像素的上限，未识别。请缩小图片后重新上传。",
                found / 10_000,
                most / 10_000
            ),
        }
    }

    fn en(self) -> String {
        let size = domain::media::size_label;
        match self {
            Self::Time { seconds } => format!(
                "Reading this file took more than {seconds} seconds and was stopped; nothing was taken from it. The file is kept: fill the fields by hand, or split it or save it in a simpler form and upload that."
            ),
            Self::Memory { bytes } => format!(
                "Reading this file needed more than {} of memory and was stopped; nothing was taken from it. The file is kept: fill the fields by hand, or reduce its pictures or split it and upload that.",
                size(bytes)
            ),
            Self::Output { bytes } => format!(
                "This file holds more than {} of text and was not read to its end. The file is kept: fill the fields by hand, or split it and upload that.",
                size(bytes)
            ),
            Self::Pages { found, most } => format!(
                "This PDF has {found} pages; at most {most} are read. Keep only the pages that the filing needs, split it and upload that."
            ),
            Self::Objects { found, most } => format!(
                "This PDF has {found} objects where its pages account for at most {most}; it was not read. Print it to a new PDF and upload that."
            ),
            Self::Unpacked { bytes } => format!(
                "This file unpacks to more than {}, far more than a document does; it was not read. Open it in its own program, save it again and upload that.",
                size(bytes)
            ),
            Self::Cells { most } => format!(
                "This workbook has more than {most} cells; it was not read. Remove sheets and rows that are not needed and upload it again."
            ),
            Self::Pixels { found, most } => format!(
                "This picture has {} megapixels; at most {} are recognised. Make it smaller and upload it again.",
                found / 1_000_000,
                most / 1_000_000
            ),
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message(Locale::En))
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::{
        locale::Locale,
        media::{Active, Kind},
    };

    use super::{Limit, Problem};

    #[test]
    fn every_problem_says_what_to_do_in_both_languages() {
        let limits = [
            Limit::Time { seconds: 180 },
            Limit::Memory { bytes: 512 << 20 },
            Limit::Output { bytes: 16 << 20 },
            Limit::Pages { found: 10_000, most: 2_000 },
            Limit::Objects { found: 10_004, most: 5_200 },
            Limit::Unpacked { bytes: 128 << 20 },
            Limit::Cells { most: 500_000 },
            Limit::Pixels { found: 1_200_000_000, most: 64_000_000 },
        ];
        let mut problems: Vec<Problem> = limits.map(|limit| Problem::Limit { limit }).into();
        problems.push(Problem::Damaged { kind: Kind::Docx });
        problems.push(Problem::Encrypted { kind: Kind::Pdf });
        problems.push(Problem::ActiveContent { active: Active::Launch });
        let codes: BTreeSet<&str> = problems.iter().map(Problem::code).collect();
        assert_eq!(codes.len(), problems.len());
        for problem in problems {
            let (zh, en) = (problem.message(Locale::Zh), problem.message(Locale::En));
            assert!(zh.contains("重新上传") && zh.ends_with('。'), "{zh}");
            assert!(en.to_lowercase().contains("upload") && en.ends_with('.'), "{en}");
            let text = serde_json::to_string(&problem).unwrap();
            assert_eq!(serde_json::from_str::<Problem>(&text).unwrap(), problem);
        }
    }
}
