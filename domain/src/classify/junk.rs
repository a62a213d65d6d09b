//! Files that operating systems and programs leave in folders. Told by name alone, before anything is read or even
//! sent.

use super::Ignored;
use crate::text::Text;

/// Why a path is no document, or `None`.
pub(super) fn junk(path: &str) -> Option<(Ignored, Text)> {
    let lower = path.replace('\\', "/").to_lowercase();
    let name = lower.rsplit('/').next().unwrap_or_default();
    let system_folder = lower.split('/').any(|part| {
        matches!(
            part,
            "__macosx"
                | ".git"
                | ".svn"
                | "$recycle.bin"
                | "system volume information"
                | ".spotlight-v100"
                | ".trashes"
        )
    });
    let system_name = matches!(
        name,
        ".ds_store"
            | "thumbs.db"
            | "ehthumbs.db"
            | "desktop.ini"
            | ".localized"
            | ".directory"
            | "icon\r"
            | ".gitignore"
    );
    if system_folder || system_name || name.starts_with("._") {
        return Some((
            Ignored::System,
            Text {
                zh: "操作系统自动生成的文件，不是材料".to_owned(),
                en: "Made by the operating system; not a document".to_owned(),
            },
        ));
    }
    let owner_file = name.starts_with("~$") || name.starts_with(".~") || name.starts_with("~wr");
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let leftover = matches!(
        extension,
        "tmp" | "temp" | "bak" | "swp" | "lock" | "part" | "crdownload" | "download" | "log" | "lnk"
    );
    (owner_file || leftover).then(|| {
        (
            Ignored::Temporary,
            Text {
                zh: "办公软件或下载留下的临时文件，不是材料".to_owned(),
                en: "Left behind by a program; not a document".to_owned(),
            },
        )
    })
}
