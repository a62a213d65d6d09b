//! Findings about files that could not be placed, and about slots that stay empty. A file that is held for a reason is
//! the cause; that its slot is empty then says nothing new.

use super::{Held, HeldFile, Rule, Severity, Source, examination::Examination};
use crate::{classify::Aside, media, rule_pack::SlotId};

/// Adds what is known of held files, then the slots that are missing.
pub(super) fn examine(examination: &mut Examination<'_>) {
    let held = examination.filing.held;
    for file in held {
        match &file.held {
            Held::Problem { problem } => refused(examination, file, problem),
            Held::Aside { aside } => set_aside(examination, file, aside),
            Held::Ignored => {}
        }
    }
    ignored(examination, held);
    missing(examination);
}

fn source(file: &HeldFile) -> Source {
    Source { document: file.path.clone(), slot: None, field: None, place: None, said: file.path.clone() }
}

fn slots(file: &HeldFile) -> Vec<&SlotId> {
    file.slot.iter().collect()
}

fn refused(examination: &mut Examination<'_>, file: &HeldFile, problem: &media::Problem) {
    let path = &file.path;
    let (rule, message, advice) = match problem {
        media::Problem::Encrypted { .. } => (
            Rule::EncryptedPdf,
            (
                format!("《{path}》需要密码才能打开，审核人员无法阅读"),
                format!("“{path}” needs a password; reviewers cannot read it"),
            ),
            ("请去掉密码后重新上传，或另存一份不加密的文件。", "Remove the password and upload it again."),
        ),
        media::Problem::ActiveContent { .. } => (
            Rule::ActiveContent,
            (
                format!("《{path}》含脚本或内嵌文件等活动内容，已暂存，没有归入材料"),
                format!("“{path}” contains a script or embedded files; it is held and not filed"),
            ),
            ("请用“打印为 PDF”另存一份后重新上传。", "Print it to a new PDF and upload that."),
        ),
        media::Problem::WrongType { .. } | media::Problem::Macro { .. } => (
            Rule::TypeMismatch,
            (
                format!("《{path}》的实际格式与扩展名不符，或带有宏"),
                format!("“{path}” is not the format that its name says, or has macros"),
            ),
            (
                "请用原程序另存为 PDF 或不带宏的 docx、xlsx 后重新上传。",
                "Save it as PDF, or as docx or xlsx without macros, and upload it again.",
            ),
        ),
        media::Problem::Empty => (
            Rule::EmptyFile,
            (
                format!("《{path}》为 0 字节，复制时可能中断"),
                format!("“{path}” has no bytes; copying was probably interrupted"),
            ),
            ("请从原处重新复制并上传。", "Copy it again from where it came and upload it."),
        ),
        media::Problem::Truncated { .. }
        | media::Problem::TooLarge { .. }
        | media::Problem::Extension { .. } => (
            Rule::UnreadableFile,
            (
                format!("《{path}》不完整、过大或格式不受理，没有归入材料"),
                format!("“{path}” is incomplete, too large or of a format that is not taken"),
            ),
            (
                "请重新导出后上传；过大的扫描件请降低分辨率。",
                "Export it again; lower the resolution of large scans.",
            ),
        ),
    };
    examination.add(rule, Severity::Error, &[path], message, advice, vec![source(file)], &slots(file));
}

fn set_aside(examination: &mut Examination<'_>, file: &HeldFile, aside: &Aside) {
    let path = &file.path;
    match aside {
        Aside::Duplicate { of } => {
            let other = Source {
                document: of.clone(),
                slot: file.slot.clone(),
                field: None,
                place: None,
                said: of.clone(),
            };
            examination.add(
                Rule::DuplicateFile,
                Severity::Warning,
                &[path, of],
                (
                    format!("《{path}》与《{of}》内容完全相同，只保留后者"),
                    format!("“{path}” is the same file as “{of}”; the latter is kept"),
                ),
                (
                    "如本应是另一份材料，请找到正确的文件上传；否则无须处理。",
                    "If another document was meant, upload that one; otherwise nothing is to do.",
                ),
                vec![other, source(file)],
                &slots(file),
            );
        }
        Aside::Superseded { by } => {
            let other = Source {
                document: by.clone(),
                slot: file.slot.clone(),
                field: None,
                place: None,
                said: by.clone(),
            };
            examination.add(
                Rule::SupersededDraft,
                Severity::Info,
                &[path, by],
                (
                    format!("《{path}》是作废的稿子，以《{by}》为准"),
                    format!("“{path}” is a draft; “{by}” is the finished one"),
                ),
                ("如相反，请把两份对调。", "Swap them if it is the other way round."),
                vec![other, source(file)],
                &slots(file),
            );
        }
        Aside::OtherCompany { name, code } => {
            examination.add(
                Rule::WrongCompany,
                Severity::Error,
                &[path, name, code],
                (
                    format!("《{path}》是另一家公司的材料：{name}（{code}）"),
                    format!("“{path}” belongs to another company: {name} ({code})"),
                ),
                ("请换成本企业的同类材料。", "Replace it with the company's own."),
                vec![source(file)],
                &slots(file),
            );
        }
    }
}

/// Files that are named in one finding.
const NAMED: usize = 12;

fn ignored(examination: &mut Examination<'_>, held: &[HeldFile]) {
    let files: Vec<&HeldFile> = held.iter().filter(|file| file.held == Held::Ignored).collect();
    if files.is_empty() {
        return;
    }
    let count = files.len();
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    // A folder of a version control has thousands; a dozen names tell what kind of files they are.
    let (named, more) = paths.split_at(count.min(NAMED));
    let (zh_more, en_more) = if more.is_empty() { ("", "") } else { (" 等", " and others") };
    examination.add(
        Rule::IgnoredSystemFiles,
        Severity::Info,
        &paths,
        (
            format!("{count} 个系统或临时文件未收入：{}{zh_more}", named.join("、")),
            format!("{count} system or temporary files were left out: {}{en_more}", named.join(", ")),
        ),
        ("无须处理。", "Nothing is to do."),
        files.iter().take(NAMED).map(|file| source(file)).collect(),
        &[],
    );
}

fn missing(examination: &mut Examination<'_>) {
    let pack = examination.pack;
    for slot in &pack.slots {
        if !slot.requirement.applies(examination.filing.fields)
            || examination.documents(slot.id.as_str()).next().is_some()
        {
            continue;
        }
        let same = |file: &&HeldFile| file.slot.as_ref() == Some(&slot.id);
        let explained =
            examination.filing.held.iter().filter(same).any(
                |file| matches!(&file.held, Held::Problem { problem } if *problem != media::Problem::Empty),
            );
        if explained {
            continue;
        }
        let (number, zh, en) = (slot.number, &slot.name.zh, &slot.name.en);
        let held = examination.filing.held.iter().filter(same).map(source).collect();
        examination.add(
            Rule::MissingSlot,
            Severity::Error,
            &[slot.id.as_str()],
            (format!("缺少第 {number} 项材料：{zh}"), format!("Document {number} is missing: {en}")),
            ("请上传这项材料。", "Upload it."),
            held,
            &[&slot.id],
        );
    }
}
