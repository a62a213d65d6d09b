//! One PDF that holds several documents: a person says which pages are which, each part is cut out as a file of its own that
//! arrives like any other, and the whole is put aside, from where it can be put back.

use domain::{
    file_name,
    id::IntakeId,
    intake::{self, State},
    media::Kind,
};
use tokio::{fs::File, io::AsyncWriteExt as _};

use super::{Before, Change, FileRow, Verdict, announce::New, held, text, unread};
use crate::{
    cx::Cx,
    document::{rejected, unknown_slot},
    error::{Conflict, Error, Message, Result},
};

/// Parts of one file.
const MOST: usize = 20;

/// One part as somebody wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// From 1, inclusive.
    pub first: u32,
    pub last: u32,
    /// Empty: the platform finds its slot.
    pub slot: String,
}

/// Cuts a file into parts; answers how many.
///
/// # Errors
/// Rejected when the ranges overlap or lie outside the file, or it cannot be cut; a conflict when somebody decided on the
/// file meanwhile.
pub async fn split(cx: &Cx, file: IntakeId, parts: &[Wanted]) -> Result<usize> {
    // Asked before anything is cut, and again afterwards: cutting takes its time and holds nothing.
    let before = {
        let mut tx = cx.db.begin().await?;
        let (row, file) = held(&mut tx, cx, file).await?;
        check(&file, parts)?;
        for part in parts.iter().filter(|part| !part.slot.is_empty()) {
            row.pack(cx)?.slot(&part.slot).ok_or_else(unknown_slot)?;
        }
        file
    };
    let mut cut = Vec::new();
    for part in parts {
        match part_of(cx, &before, part).await {
            Ok(made) => cut.push(made),
            Err(error) => {
                forget(cx, &cut).await;
                return Err(error);
            }
        }
    }
    let written = write(cx, &before, parts, &cut).await;
    if written.is_err() {
        forget(cx, &cut).await;
    }
    written?;
    cx.intake_bell.notify_one();
    Ok(cut.len())
}

fn check(file: &FileRow, parts: &[Wanted]) -> Result<()> {
    let kept = file.sm3.is_some() && Kind::from_file_name(&file.file_name) == Some(Kind::Pdf);
    if !kept || !matches!(file.state()?, State::Unsure | State::SetAside) {
        return Err(Error::Conflict(Conflict::Stale));
    }
    let pages = file.verdict()?.pages;
    let mut sorted: Vec<&Wanted> = parts.iter().collect();
    sorted.sort_by_key(|part| part.first);
    let inside =
        |part: &&Wanted| part.first >= 1 && part.first <= part.last && (pages == 0 || part.last <= pages);
    if parts.is_empty() || parts.len() > MOST || !sorted.iter().all(inside) {
        return Err(rejected(
            format!("页码应在 1 至 {pages} 之间，起始页不大于结束页，最多 {MOST} 份。请修改后再拆分。"),
            format!("Pages run from 1 to {pages}, the first not after the last, in at most {MOST} parts."),
        ));
    }
    if sorted.windows(2).any(|two| two[1].first <= two[0].last) {
        return Err(rejected(
            "各份的页码不能重叠。请修改后再拆分。".into(),
            "The parts' pages must not overlap.".into(),
        ));
    }
    if parts.len() == 1 && pages > 0 && sorted[0].first == 1 && sorted[0].last == pages {
        return Err(rejected(
            "这一份就是整个文件，不需要拆分。请直接指定材料。".into(),
            "That part is the whole file; choose its slot instead.".into(),
        ));
    }
    Ok(())
}

/// A part that lies among the intake's files.
struct Cut {
    id: IntakeId,
    size: u64,
}

async fn part_of(cx: &Cx, file: &FileRow, part: &Wanted) -> Result<Cut> {
    let sha256 = file.sha256.as_deref().ok_or(Error::NotFound)?;
    // Fonts and pictures that several pages share go along with each part; more than twice the whole is nonsense.
    let most = 2 * file.size() + (1 << 20);
    let made = cx.reader.cut_blob(cx.services(), sha256, (part.first, part.last), most).await?;
    let bytes = made.map_err(|problem| {
        let why = unread(&problem);
        Error::Rejected(Message::Said(why.zh, why.en))
    })?;
    let id = IntakeId(cx.id());
    let mut file = File::create_new(cx.objects.intake_path(id.0)).await?;
    file.write_all(&bytes).await?;
    file.flush().await?;
    file.sync_data().await?;
    Ok(Cut { id, size: bytes.len() as u64 })
}

/// Nothing of a splitting that failed stays; what cannot be removed now is swept at the next start.
async fn forget(cx: &Cx, cut: &[Cut]) {
    for part in cut {
        let _ = tokio::fs::remove_file(cx.objects.intake_path(part.id.0)).await;
    }
}

async fn write(cx: &Cx, before: &FileRow, parts: &[Wanted], cut: &[Cut]) -> Result<()> {
    let mut tx = cx.db.begin().await?;
    let (row, mut file) = held(&mut tx, cx, before.intake()).await?;
    if file.version != before.version {
        return Err(Error::Conflict(Conflict::Stale));
    }
    let received_at = domain::moment::from_micros(file.received_at);
    for (part, made) in parts.iter().zip(cut) {
        let path = path(&file.path, part);
        let name = file_name::normalise(intake::name_of(&path)).name;
        let new = New {
            id: made.id,
            filing: row.filing(),
            path: &path,
            name: &name,
            size: made.size,
            sha256: None,
        };
        let wanted = Some(part.slot.clone()).filter(|slot| !slot.is_empty());
        let verdict = Verdict { wanted, ..Verdict::default() };
        new.insert_with(&mut tx, cx, State::Received, received_at, Some(file.intake()), &verdict).await?;
    }
    let count = cut.len();
    let mut verdict = file.verdict()?;
    verdict.before = Some(Before { state: State::Unsure, slot: String::new() });
    verdict.by_hand = true;
    verdict.problem = None;
    verdict.reasons.insert(
        0,
        text(
            format!("已按页拆为 {count} 份，原件保留在此。"),
            format!("Split by pages into {count} parts; the whole is kept here."),
        ),
    );
    file.store(&mut tx, cx, Change::bare(State::SetAside, &verdict)).await?;
    tx.commit().await
}

/// "推荐/合订本（第2-5页）.pdf"
fn path(whole: &str, part: &Wanted) -> String {
    let stem = whole.rsplit_once('.').map_or(whole, |(stem, _)| stem);
    let pages = if part.first == part.last {
        part.first.to_string()
    } else {
        format!("{}-{}", part.first, part.last)
    };
    let path = format!("{stem}（第{pages}页）.pdf");
    intake::path(&path).unwrap_or_else(|| format!("第{pages}页.pdf"))
}
