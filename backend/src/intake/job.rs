//! The work behind the intake: picks up each file that is all here, one or two at a time, with the authority of the person
//! who handed it in. What it is at stands in the database, so that a restart goes on where the last run stopped. Run by
//! `guxin serve`; tests call [`work`].

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use domain::{
    id::{FilingId, UserId},
    intake::State,
};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Change, FIND, FileRow, Verdict, arrival, folder, text};
use crate::{
    Services, args,
    cx::Cx,
    error::{Conflict, Error, Result},
    fact, session,
    sql::statements,
    stopwatch,
};

/// Files at a time.
const HANDS: usize = 2;
/// Looks by itself this often: a bell that rang in another process is not heard here.
const ROUND: Duration = Duration::from_secs(30);
/// Days after its last byte that a file which never became whole is let go.
const PATIENCE_DAYS: i64 = 7;

/// Works until told to stop.
pub async fn run(services: Arc<Services>, stop: CancellationToken) {
    let hands: Vec<_> = (0..HANDS).map(|_| tokio::spawn(hand(Arc::clone(&services), stop.clone()))).collect();
    for hand in hands {
        if let Err(error) = hand.await {
            tracing::error!(%error, "a worker of the intake ended badly");
        }
    }
}

/// One hand: files that came, then what lies in slots for what it says.
async fn hand(services: Arc<Services>, stop: CancellationToken) {
    let cx = Cx::anonymous(Arc::clone(&services));
    loop {
        if let Err(error) = work(&cx).await {
            tracing::warn!(%error, "the intake could not go on; it tries again");
        }
        if let Err(error) = fact::study(&cx).await {
            tracing::warn!(%error, "documents could not be read; they are tried again");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            // The bell wakes one hand; that one wakes the next when there is more than it can carry.
            () = services.intake_bell.notified() => {}
            () = tokio::time::sleep(ROUND) => {}
        }
    }
}

/// Deals with every file that is all here, then with the folders whose files all are; answers how many files.
///
/// # Errors
/// The database's. What is wrong with a file, or went wrong with it, is written beside it.
pub async fn work(cx: &Cx) -> Result<usize> {
    let mut done = 0;
    while let Some(file) = claim(cx).await? {
        // Another hand takes the next one meanwhile.
        cx.intake_bell.notify_one();
        let (id, filing, since) = (file.id, file.filing(), cx.now());
        if let Err(error) = dealt_with(cx, file).await {
            tracing::warn!(file = %id, %error, "a file of the intake could not be dealt with");
            failed(cx, id, &error).await?;
        }
        worked(cx, filing, since).await?;
        done += 1;
    }
    folder::compare(cx).await?;
    Ok(done)
}

/// Notes for the filing's stopwatch that the platform was at work.
async fn worked(cx: &Cx, filing: FilingId, since: OffsetDateTime) -> Result<()> {
    let mut tx = cx.db.begin().await?;
    stopwatch::machine(&mut tx, cx, filing, since).await?;
    tx.commit().await
}

/// Takes the next file that nobody is at.
async fn claim(cx: &Cx) -> Result<Option<FileRow>> {
    loop {
        let next: Option<(Uuid,)> = cx.db.read().maybe(NEXT, args![]).await?;
        let Some((id,)) = next else { return Ok(None) };
        let mut tx = cx.db.begin().await?;
        match tx.swap(CLAIM, args![cx.now(), id]).await {
            Ok(()) => {
                let file = tx.one(FIND, args![id]).await?;
                tx.commit().await?;
                return Ok(Some(file));
            }
            Err(Error::Conflict(Conflict::Stale)) => {}
            Err(error) => return Err(error),
        }
    }
}

async fn dealt_with(cx: &Cx, file: FileRow) -> Result<()> {
    match session::acting_for(cx, UserId(file.handed_in_by)).await? {
        Some(actor) => arrival::arrive(&cx.with_actor(actor).unattended(), file).await,
        None => Err(Error::SignedOut),
    }
}

async fn failed(cx: &Cx, id: Uuid, error: &Error) -> Result<()> {
    let Some(mut file) = cx.db.read().maybe::<FileRow>(FIND, args![id]).await? else { return Ok(()) };
    if !file.state()?.is_working() {
        return Ok(());
    }
    let said = match error {
        Error::SignedOut => text(
            "交来此文件的账号已停用，文件未归类。请由其他经办重新拖入。",
            "The account that handed this file in is closed, so it was not sorted. A colleague can drop it again.",
        ),
        Error::Denied(_) | Error::NotFound => text(
            "此申请当前不能修改材料，文件未放入。可修改时请重新拖入。",
            "This filing's documents cannot be changed now, so the file was not placed. Drop it again when they can.",
        ),
        _ => text(
            "系统处理此文件时出错，文件未丢失。请重新拖入；如仍出错，请联系交易中心。",
            "The platform failed on this file. Drop it again; if it fails again, tell the exchange.",
        ),
    };
    let verdict = Verdict { problem: Some(said), ..Verdict::default() };
    match file.store_alone(cx, Change::bare(State::Failed, &verdict)).await {
        Err(Error::Conflict(Conflict::Stale)) => Ok(()),
        other => other,
    }
}

/// After a start: what an earlier run was at waits again, and bytes that no row names are removed. Answers how many
/// files went.
///
/// # Errors
/// The database's, or the disk's.
pub async fn resume(cx: &Cx) -> Result<usize> {
    let mut tx = cx.db.begin().await?;
    tx.run(RESUME, args![cx.now()]).await?;
    tx.run(folder::RESUME, args![]).await?;
    tx.run(fact::RESUME, args![cx.now()]).await?;
    tx.commit().await?;
    let named: Vec<(Uuid,)> = cx.db.read().all(NAMED, args![]).await?;
    let named: BTreeSet<Uuid> = named.into_iter().map(|(id,)| id).collect();
    let mut removed = 0;
    for (id, path) in cx.objects.intake_files().await? {
        if !named.contains(&id) {
            tokio::fs::remove_file(path).await?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Lets go of files that never became whole; answers how many.
///
/// # Errors
/// The database's.
pub async fn expire(cx: &Cx) -> Result<usize> {
    let before = cx.now() - time::Duration::days(PATIENCE_DAYS);
    let mut tx = cx.db.begin().await?;
    let gone: Vec<(Uuid,)> = tx.all(EXPIRE, args![before]).await?;
    tx.commit().await?;
    for (id,) in &gone {
        match tokio::fs::remove_file(cx.objects.intake_path(*id)).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(gone.len())
}

statements! {
    NEXT = "SELECT id FROM intake_file WHERE state = 'received' ORDER BY created_at, id LIMIT 1";
    CLAIM = "UPDATE intake_file SET state = 'reading', updated_at = $1, version = version + 1
        WHERE id = $2 AND state = 'received'";
    RESUME = "UPDATE intake_file SET state = 'received', updated_at = $1, version = version + 1 WHERE state = 'reading'";
    /// Files whose bytes are not an object yet.
    NAMED = "SELECT id FROM intake_file WHERE state IN ('expected', 'receiving', 'received', 'reading', 'held')";
    EXPIRE = "DELETE FROM intake_file WHERE state IN ('expected', 'receiving') AND updated_at < $1 RETURNING id";
}
