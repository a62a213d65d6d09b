//! What happens to a file once its bytes are all here: an archive is unpacked; anything else is hashed and inspected in one
//! pass, compared with what was announced, moved to its content address, and sorted. Called by [`super::job`] with the
//! authority of the person who handed it in.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use domain::{
    classify::{Aside, Candidate, Ignored, Verdict as Seen, classify},
    finding::Held,
    id::IntakeId,
    intake::{self, State},
    media::{self, Inspector, Kind},
    reading::Reading,
};
use ledger::{Digester, Digests};
use tokio::task::spawn_blocking;

use super::{
    Change, FileRow, Verdict,
    announce::{New, largest, spoken},
    correction, litter, place, same_as, text,
    unpack::{self, Contents},
    unread, words,
};
use crate::{
    args,
    cx::Cx,
    document::keep,
    error::{Error, Result},
    filing::{self, FilingRow, bytes32},
    objects::Objects,
    reading::{Outcome, Problem},
    sql::statements,
};

/// Most bytes of all files of one archive.
pub(super) const MAX_UNPACKED: u64 = 1 << 30;
/// Bytes hashed and inspected at a time.
const BLOCK: usize = 1 << 20;

/// Deals with one file that is all here. `cx` acts for the person who handed it in.
///
/// # Errors
/// Only the platform's own; what is wrong with the file is written beside it.
pub(super) async fn arrive(cx: &Cx, mut file: FileRow) -> Result<()> {
    let filing = filing::find(cx.db.read(), cx, file.filing()).await?;
    if file.sm3.is_none() {
        if intake::is_archive(&file.file_name) {
            return open(cx, file, &filing).await;
        }
        if !keep_content(cx, &mut file, &filing).await? {
            return Ok(());
        }
    }
    sort(cx, file, &filing).await
}

/// Hashes, inspects and keeps the content; false when it cannot be taken, which is written down then.
async fn keep_content(cx: &Cx, file: &mut FileRow, filing: &FilingRow) -> Result<bool> {
    let place = cx.objects.intake_path(file.id);
    let declared = match media::declared(&file.file_name, &Kind::ALL) {
        Ok(kind) => kind,
        Err(problem) => return held(cx, file, &problem).await,
    };
    let most = largest(filing.pack(cx)?, &file.file_name).unwrap_or_default();
    let path = place.clone();
    let inspected =
        spawn_blocking(move || inspect(&path, declared, most)).await.map_err(Error::internal)??;
    let (digests, kind) = match inspected {
        Ok(good) => good,
        Err(problem) => return held(cx, file, &problem).await,
    };
    if file.sha256.as_deref().is_some_and(|announced| announced != digests.sha256) {
        tokio::fs::remove_file(&place).await?;
        let verdict = Verdict {
            problem: Some(text(
                "收到的内容与登记时的摘要不一致，可能在上传时被修改。请重新拖入此文件。",
                "What arrived has another digest than was announced; it may have changed meanwhile. Drop the file again.",
            )),
            ..Verdict::default()
        };
        file.store_alone(cx, Change::bare(State::Failed, &verdict)).await?;
        return Ok(false);
    }
    if let Some(twin) = twin(cx, file, &digests).await? {
        tokio::fs::remove_file(&place).await?;
        let verdict = Verdict {
            problem: Some(same_as(&twin)),
            held: Some(Held::Aside { aside: Aside::Duplicate { of: twin } }),
            ..Verdict::default()
        };
        file.store_alone(cx, Change::bare(State::SetAside, &verdict)).await?;
        return Ok(false);
    }
    // Before the transaction: a row never names bytes that are not durable.
    cx.objects.adopt(&place, &Objects::blob_key(&digests.sha256)).await?;
    let mut tx = cx.db.begin().await?;
    keep::write_blob(&mut tx, cx, &digests, file.size(), kind).await?;
    tx.swap(CONTENT, args![digests.sha256, digests.sm3, cx.now(), file.id, file.version]).await?;
    tx.commit().await?;
    file.sha256 = Some(digests.sha256.to_vec());
    file.sm3 = Some(digests.sm3.to_vec());
    file.version += 1;
    Ok(true)
}

/// Why an inspection found a file wanting, kept with the file so that its owner can act on it.
async fn held(cx: &Cx, file: &mut FileRow, problem: &media::Problem) -> Result<bool> {
    let verdict = Verdict {
        problem: Some(spoken(problem)),
        held: Some(Held::Problem { problem: problem.clone() }),
        ..Verdict::default()
    };
    file.store_alone(cx, Change::bare(State::Held, &verdict)).await?;
    Ok(false)
}

/// The path or slot name of the same content elsewhere in this filing.
async fn twin(cx: &Cx, file: &FileRow, digests: &Digests) -> Result<Option<String>> {
    let found: Option<(String,)> =
        cx.db.read().maybe(TWIN, args![file.filing_id, digests.sha256, file.id]).await?;
    Ok(found.map(|(name,)| name))
}

/// One pass over a file: both digests and the verdict of the inspection.
fn inspect(path: &Path, declared: Kind, most: u64) -> Result<Result<(Digests, Kind), media::Problem>> {
    let mut file = File::open(path)?;
    let (mut digester, mut inspector) = (Digester::new(), Inspector::new(declared, most));
    let mut block = vec![0; BLOCK];
    loop {
        let n = file.read(&mut block)?;
        if n == 0 {
            break;
        }
        let chunk = block.get(..n).unwrap_or_default();
        digester.update(chunk);
        if let Err(problem) = inspector.update(chunk) {
            return Ok(Err(problem));
        }
    }
    Ok(inspector.finish().map(|kind| (digester.finish(), kind)))
}

/// An archive: its files stand beside it afterwards, each waiting its turn.
async fn open(cx: &Cx, mut file: FileRow, filing: &FilingRow) -> Result<()> {
    let (unpacking, id) = (cx.clone(), file.id);
    let quota = cx.settings.filing_quota_bytes.min(MAX_UNPACKED);
    let contents =
        spawn_blocking(move || unpack::unpack(&unpacking, id, quota)).await.map_err(Error::internal)??;
    match contents {
        Err(problem) => {
            let verdict = Verdict { problem: Some(problem), ..Verdict::default() };
            file.store_alone(cx, Change::bare(State::Held, &verdict)).await
        }
        Ok(contents) => {
            let archive: PathBuf = cx.objects.intake_path(file.id);
            stand_beside(cx, file, filing, contents).await?;
            tokio::fs::remove_file(archive).await?;
            cx.intake_bell.notify_one();
            Ok(())
        }
    }
}

async fn stand_beside(cx: &Cx, mut file: FileRow, filing: &FilingRow, contents: Contents) -> Result<()> {
    let received_at = domain::moment::from_micros(file.received_at);
    let folder = file.path.rsplit_once('.').map_or(file.path.as_str(), |(stem, _)| stem).to_owned();
    let mut tx = cx.db.begin().await?;
    for entry in &contents.files {
        // Deeper than a path may be once the archive's own name stands before it: then without that name.
        let path = intake::path(&format!("{folder}/{}", entry.path)).unwrap_or_else(|| entry.path.clone());
        let name = domain::file_name::normalise(intake::name_of(&path)).name;
        let new = New {
            id: IntakeId(entry.id),
            filing: filing.filing(),
            path: &path,
            name: &name,
            size: entry.size,
            sha256: None,
        };
        let state = if entry.problem.is_some() { State::Held } else { State::Received };
        let verdict = Verdict { problem: entry.problem.clone(), ..Verdict::default() };
        new.insert_with(&mut tx, cx, state, received_at, Some(file.intake()), &verdict).await?;
    }
    let count = contents.files.len();
    let mut reasons = vec![text(format!("已解开，共 {count} 个文件。"), format!("Unpacked: {count} files."))];
    let litter = contents.litter.len();
    if litter > 0 {
        reasons.push(text(
            format!("另有 {litter} 个系统临时文件未取出。"),
            format!("{litter} system files were left out."),
        ));
    }
    // Where it stood: beside the archive's other files.
    let left_out: Vec<(String, u64)> = contents
        .litter
        .iter()
        .map(|(path, size)| {
            (intake::path(&format!("{folder}/{path}")).unwrap_or_else(|| path.clone()), *size)
        })
        .collect();
    let (pack, id) = (filing.pack(cx)?, file.intake());
    litter::note(&mut tx, cx, pack, filing.filing(), &left_out, Some(id), received_at).await?;
    let verdict = Verdict { reasons, ..Verdict::default() };
    file.store(&mut tx, cx, Change::bare(State::Unpacked, &verdict)).await?;
    tx.commit().await
}

/// What the file says; none when the platform itself could not read it, which is no fault of the file.
async fn read(cx: &Cx, file: &FileRow) -> Result<Result<Option<Reading>, Problem>> {
    let (Some(sha256), Some(kind)) = (&file.sha256, Kind::from_file_name(&file.file_name)) else {
        return Ok(Ok(None));
    };
    match cx.reader.read_blob(cx.services(), sha256, kind).await {
        Ok(Outcome::Read(reading)) => Ok(Ok(Some(reading))),
        Ok(Outcome::Unread(problem)) => Ok(Err(problem)),
        Err(error) => {
            tracing::warn!(file = %file.id, %error, "a file could not be read; its name must do");
            Ok(Ok(None))
        }
    }
}

/// Finds the slot, and puts the file there when there is no doubt.
async fn sort(cx: &Cx, mut file: FileRow, filing: &FilingRow) -> Result<()> {
    let pack = filing.pack(cx)?;
    let (reading, unread) = match read(cx, &file).await? {
        Ok(reading) => (reading, None),
        // What the inspection from outside could not see: the same answer as if it had.
        Err(Problem::Encrypted { kind }) => {
            held(cx, &mut file, &media::Problem::Encrypted { kind }).await?;
            return Ok(());
        }
        Err(Problem::ActiveContent { active }) => {
            held(cx, &mut file, &media::Problem::ActiveContent { active }).await?;
            return Ok(());
        }
        Err(problem) => (None, Some(unread(&problem))),
    };
    let seen = classify(pack, &file.path, file.size(), reading.as_ref());
    let wanted = file.verdict()?.wanted;
    let mut verdict = Verdict {
        reasons: seen.reasons.into_iter().map(|reason| reason.text).chain(unread).collect(),
        candidates: seen.runner_up.into_iter().collect(),
        pages: reading.as_ref().map_or(0, |reading| reading.page_count),
        ..Verdict::default()
    };
    let learned = correction::of(cx, filing, &file.file_name).await?;
    let slot = match seen.verdict {
        Seen::Ignore { why } => {
            verdict.held = (why != Ignored::Contents).then_some(Held::Ignored);
            return file.store_alone(cx, Change::bare(State::SetAside, &verdict)).await;
        }
        Seen::Slot { slot } => Some(slot),
        // One file is one document: which part goes where is for a person to say.
        Seen::Split { parts } => {
            verdict.candidates = correction::candidates(&parts);
            verdict.parts = parts;
            None
        }
        Seen::Unsure { candidates } => {
            verdict.candidates = candidates;
            None
        }
    };
    // Who cut it out of a file said where it belongs.
    let said = wanted.as_deref().and_then(|slot| pack.slot(slot)).map(|slot| (slot.id.clone(), 100));
    let chosen = match said {
        Some(said) => {
            verdict.by_hand = true;
            Some(said)
        }
        None => correction::weigh(&mut verdict, slot, seen.confidence, learned),
    };
    let Some((slot, confidence)) = chosen else {
        return file.store_alone(cx, Change::bare(State::Unsure, &verdict)).await;
    };
    match place::settle(cx, file.clone(), slot.as_str(), confidence, verdict.clone()).await {
        Ok(()) => Ok(()),
        // Its slot is full, or takes another format: a person chooses, unless the rest of the folder makes room.
        Err(Error::Rejected(message)) => {
            verdict.problem = Some(words(&message));
            verdict.candidates.retain(|candidate| candidate.slot != slot);
            verdict.candidates.insert(0, Candidate { slot, confidence });
            file.store_alone(cx, Change { slot: "", ..Change::bare(State::Unsure, &verdict) }).await
        }
        Err(error) => Err(error),
    }
}

/// Both digests of a file whose content is kept.
pub(super) fn digests_of(file: &FileRow) -> Result<Digests> {
    match (&file.sha256, &file.sm3) {
        (Some(sha256), Some(sm3)) => Ok(Digests { sha256: bytes32(sha256)?, sm3: bytes32(sm3)? }),
        _ => Err(Error::internal(anyhow::anyhow!("intake file {} has no content yet", file.id))),
    }
}

statements! {
    CONTENT = "UPDATE intake_file SET sha256 = $1, sm3 = $2, updated_at = $3, version = version + 1
        WHERE id = $4 AND version = $5";
    TWIN = "SELECT v.file_name FROM document d
            JOIN document_version v ON v.document_id = d.id AND v.number = d.latest
            WHERE d.filing_id = $1 AND d.removed_at IS NULL AND v.sha256 = $2
        UNION ALL
        SELECT i.path FROM intake_file i
            WHERE i.filing_id = $1 AND i.sha256 = $2 AND i.sm3 IS NOT NULL AND i.id <> $3 AND i.state <> 'placed'
        LIMIT 1";
}
