//! Asking the witnesses, in the background: after every released checkpoint each active witness gets the consistency proof
//! from what it cosigned last, and its verified line is stored and published.
//!
//! One witness never waits for another, and nothing waits for any of them. While one is being asked newer checkpoints may be
//! released: it is asked about the newest one next, so a slow witness skips some and a fast one skips none that stands for
//! longer than its answer takes. What is known of each is in the database; after a restart it goes on from there.
//!
//! **Publishing.** The checkpoint with the witnesses' lines replaces the plain one under the head row's lock and only while
//! that size is still the released one: the discipline of [`crate::sequencer`], so an older checkpoint never takes the place
//! of a newer one.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use ledger::{
    key::VerifierKey,
    note::Note,
    witness::{AnswerError, Request, cosignature, size},
};
use reqwest::{Client, StatusCode};
use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    args,
    cx::{Cx, Services},
    error::{Error, Result},
    remote_log::{self, root_cause},
    sql::statements,
};

/// How the witnesses are asked.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How long one answer may take.
    pub timeout: Duration,
    /// How long it waits for the bell before it looks anyway.
    pub tick: Duration,
    /// Pause after a failure; doubled while failures repeat.
    pub pause: Duration,
    /// Longest pause.
    pub longest_pause: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            tick: Duration::from_secs(5),
            pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(300),
        }
    }
}

/// Longest answer read, in bytes: some signature lines.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// Times that one witness is asked in a row: it may have to tell its size first.
const ATTEMPTS: usize = 3;

/// How long the leader waits for a witness before it signs without having compared.
const COMPARING: Duration = Duration::from_secs(2);

/// Why a witness did not cosign.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Not reached, or no answer in time.
    #[error("unreachable: {0}")]
    Unreachable(String),
    /// It does not know this log: its operator has to register the log's vkey.
    #[error("unknown_log: ")]
    UnknownLog,
    /// It refused, with a status.
    #[error("refused: {0}")]
    Refused(String),
    /// Its cosignature is not one of the registered key over this checkpoint, or the answer is none at all.
    #[error("answer: {0}")]
    Answer(#[from] AnswerError),
    /// It has cosigned a larger tree than this database knows: the database is older than the log.
    #[error("ahead: {0}")]
    Ahead(u64),
    /// It says that it cosigned another tree of this size: somebody signed two histories, or it is mistaken.
    #[error("fork: {0}")]
    Fork(u64),
    /// Ours.
    #[error("own: {0}")]
    Own(#[from] Error),
}

/// Whom to ask, and about what.
#[derive(Clone, Debug, sqlx::FromRow)]
struct Due {
    id: Uuid,
    name: String,
    vkey: String,
    url: String,
    /// What it cosigned last, as far as the log knows.
    known: i64,
    failures: i64,
    size: i64,
    note: String,
}

/// Asks until `stop` is cancelled. Runs as a task of the server; dropping the future at any point is safe.
pub async fn run(services: Arc<Services>, options: Options, stop: CancellationToken) {
    let cx = Cx::anonymous(services);
    let client = match remote_log::client(options.timeout) {
        Ok(client) => client,
        Err(error) => {
            tracing::error!(error = %format!("{error:#}"), "witnesses cannot be asked");
            return;
        }
    };
    let mut round =
        Round { cx, client, options, asking: JoinSet::new(), busy: HashSet::new(), rest: HashMap::new() };
    let mut first = true;
    loop {
        // Listening before looking: a bell between the two is not missed.
        let anchored = Arc::clone(&round.cx.anchored);
        let mut bell = std::pin::pin!(anchored.notified());
        bell.as_mut().enable();
        if let Err(error) = round.begin(first).await {
            tracing::warn!(%error, "the witnesses could not be asked");
        } else {
            first = false;
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = bell => {}
            Some(done) = round.asking.join_next() => round.settle(done),
            () = tokio::time::sleep(options.tick) => {}
        }
    }
}

/// Asks every witness that is due, once, and waits for all; answers how many cosigned. For commands and tests.
///
/// # Errors
/// The database's; a witness that fails is none.
pub async fn once(cx: &Cx, options: Options) -> Result<usize> {
    let client = remote_log::client(options.timeout).map_err(Error::Internal)?;
    let due: Vec<Due> = cx.db.read().all(DUE, args![]).await?;
    let asked = due.iter().map(|due| attend(cx, &client, due));
    Ok(futures::future::join_all(asked).await.into_iter().filter(|cosigned| *cosigned).count())
}

struct Round {
    cx: Cx,
    client: Client,
    options: Options,
    asking: JoinSet<(Uuid, i64, bool)>,
    busy: HashSet<Uuid>,
    /// Until when a witness that failed is left alone.
    rest: HashMap<Uuid, Instant>,
}

impl Round {
    async fn begin(&mut self, first: bool) -> Result<()> {
        if first {
            // A crash may have published the plain checkpoint again.
            let released: Option<(i64,)> = self.cx.db.read().maybe(RELEASED, args![]).await?;
            if let Some((size,)) = released {
                publish(&self.cx, size).await?;
            }
        }
        let due: Vec<Due> = self.cx.db.read().all(DUE, args![]).await?;
        for due in due {
            let resting = self.rest.get(&due.id).is_some_and(|until| Instant::now() < *until);
            if resting || !self.busy.insert(due.id) {
                continue;
            }
            let (cx, client) = (self.cx.clone(), self.client.clone());
            self.asking.spawn(async move {
                let cosigned = attend(&cx, &client, &due).await;
                (due.id, due.failures, cosigned)
            });
        }
        Ok(())
    }

    fn settle(&mut self, done: Result<(Uuid, i64, bool), tokio::task::JoinError>) {
        match done {
            Ok((id, _, true)) => {
                self.busy.remove(&id);
                self.rest.remove(&id);
            }
            Ok((id, failures, false)) => {
                self.busy.remove(&id);
                let doubled = u32::try_from(failures).unwrap_or(u32::MAX).min(16);
                let pause = self.options.pause.saturating_mul(1 << doubled).min(self.options.longest_pause);
                self.rest.insert(id, Instant::now() + pause);
            }
            Err(error) => {
                // Which one it was is not known any more: all are free again.
                tracing::error!(%error, "asking a witness ended badly");
                self.busy.clear();
            }
        }
    }
}

/// Asks one witness, writes down what came of it, and publishes its line.
async fn attend(cx: &Cx, client: &Client, due: &Due) -> bool {
    let outcome = ask(cx, client, due).await;
    let name = due.name.clone();
    let outcome = match outcome {
        Ok((line, time)) => keep(cx, due, &line, time).await.map_err(Failure::from),
        Err(failure) => Err(failure),
    };
    match outcome {
        Ok(()) => {
            metrics::counter!("ledger_cosignatures_total", "witness" => name).increment(1);
            true
        }
        Err(failure) => {
            metrics::counter!("ledger_witness_failures_total", "witness" => name).increment(1);
            tracing::warn!(witness = %due.name, size = due.size, failure = %failure, "a witness did not cosign");
            if let Err(error) = note_failure(cx, due, &failure).await {
                tracing::warn!(%error, "a witness's failure could not be written down");
            }
            false
        }
    }
}

async fn ask(cx: &Cx, client: &Client, due: &Due) -> Result<(String, u64), Failure> {
    let number = |size: i64| u64::try_from(size).map_err(|error| Failure::Own(Error::internal(error)));
    let key: VerifierKey = due.vkey.parse().map_err(Error::internal)?;
    let note: Note = due.note.parse().map_err(Error::internal)?;
    let to = number(due.size)?;
    let mut old = number(due.known)?.min(to);
    for _ in 0..ATTEMPTS {
        let proof = cx.ledger.consistency_within(old, to, to).await?;
        let body = Request { old, proof, checkpoint: due.note.clone() }.to_string();
        let sent = client.post(format!("{}/add-checkpoint", due.url)).body(body).send().await;
        let answer = sent.map_err(|error| Failure::Unreachable(root_cause(&error)))?;
        let status = answer.status();
        let read = remote_log::body(answer, MAX_ANSWER_BYTES).await;
        let text = match read {
            Ok(Some(bytes)) => String::from_utf8(bytes.into()).map_err(|_| AnswerError::Format)?,
            Ok(None) => return Err(AnswerError::Format.into()),
            Err(error) => return Err(Failure::Unreachable(root_cause(&error))),
        };
        match status {
            StatusCode::OK => {
                let (line, time) = cosignature(&text, note.text(), &key)?;
                return Ok((line.to_string(), time));
            }
            StatusCode::CONFLICT => match size(&text)? {
                same if same == old && old == to => return Err(Failure::Fork(same)),
                larger if larger > to => return Err(ahead(cx, larger).await?),
                theirs => old = theirs,
            },
            StatusCode::NOT_FOUND => return Err(Failure::UnknownLog),
            status => {
                let why: String = text.lines().next().unwrap_or_default().chars().take(200).collect();
                return Err(Failure::Refused(format!("{} {why}", status.as_u16()).trim_end().to_owned()));
            }
        }
    }
    Err(Failure::Refused("409".to_owned()))
}

/// A witness has a larger tree than the one it was asked about: released meanwhile, or unknown to this database.
async fn ahead(cx: &Cx, larger: u64) -> Result<Failure, Failure> {
    let released = cx.ledger.checkpoint().await?.0.size;
    Ok(if larger <= released { Failure::Refused("409".to_owned()) } else { Failure::Ahead(larger) })
}

/// Compares the database with what the witnesses have seen, before the first signature of a term: a failover or an older
/// backup may have taken the database back behind what is in the world, with the signer's own memory along with it.
///
/// Each active witness is offered the released checkpoint again as the next after itself: who has just that cosigns it once
/// more, everybody else answers with its own size. One that cannot be reached, does not answer in time or answers anything
/// else blocks nothing. One that lies about its size can stop the log, visibly; the operator ends it then.
///
/// # Errors
/// Naming the witness that has cosigned a larger tree, or another one of the same size.
pub(crate) async fn check_not_behind(cx: &Cx, note: &str, released: u64) -> Result<()> {
    let witnesses: Vec<(String, String)> = cx.db.read().all(ACTIVE, args![]).await?;
    if witnesses.is_empty() {
        return Ok(());
    }
    let client = remote_log::client(COMPARING).map_err(Error::Internal)?;
    let body = Request { old: released, proof: Vec::new(), checkpoint: note.to_owned() }.to_string();
    let asked = witnesses.iter().map(|(name, url)| {
        let sent = client.post(format!("{url}/add-checkpoint")).body(body.clone()).send();
        async move { (name, last_size(sent, released).await) }
    });
    for (name, last) in futures::future::join_all(asked).await {
        let seen = match last {
            Ok(None) => continue,
            Ok(Some(theirs)) if theirs > released => format!("a ledger of {theirs} entries"),
            Ok(Some(theirs)) if theirs == released => format!("another ledger of {theirs} entries"),
            Ok(Some(_)) => continue,
            Err(why) => {
                tracing::warn!(witness = %name, why, "a witness could not be compared with");
                continue;
            }
        };
        return Err(Error::internal(anyhow::anyhow!(
            "the witness {name} has cosigned {seen}, the database released {released}: the database was taken back, or the \
             witness is mistaken. Nothing is signed until the newer database is restored or the witness is ended"
        )));
    }
    Ok(())
}

/// What a witness says that it has instead of the checkpoint that it was offered; none when it has just that.
async fn last_size(
    sent: impl Future<Output = reqwest::Result<reqwest::Response>>,
    released: u64,
) -> Result<Option<u64>, String> {
    let answer = sent.await.map_err(|error| root_cause(&error))?;
    match answer.status() {
        StatusCode::OK => Ok(None),
        StatusCode::CONFLICT => {
            let read =
                remote_log::body(answer, MAX_ANSWER_BYTES).await.map_err(|error| root_cause(&error))?;
            let text = read.and_then(|bytes| String::from_utf8(bytes.into()).ok()).unwrap_or_default();
            size(&text).map(Some).map_err(|error| error.to_string())
        }
        // With an empty proof for the same size only the root can be wrong; later drafts of tlog-witness say it so.
        StatusCode::UNPROCESSABLE_ENTITY => Ok(Some(released)),
        status => Err(status.to_string()),
    }
}

/// Stores a verified line, and publishes it.
async fn keep(cx: &Cx, due: &Due, line: &str, time: u64) -> Result<()> {
    let time = i64::try_from(time).map_err(Error::internal)?;
    let mut tx = cx.db.begin().await?;
    tx.run(KEEP, args![due.size, due.id, line, time, cx.now()]).await?;
    tx.run(COSIGNED, args![due.id, due.size, cx.now()]).await?;
    tx.commit().await?;
    publish(cx, due.size).await
}

async fn note_failure(cx: &Cx, due: &Due, failure: &Failure) -> Result<()> {
    let mut tx = cx.db.begin().await?;
    tx.run(FAILED, args![due.id, cx.now(), failure.to_string()]).await?;
    tx.commit().await
}

/// Publishes the checkpoint of this size with the lines that there are, if it is still the released one.
async fn publish(cx: &Cx, size: i64) -> Result<()> {
    let mut tx = cx.db.begin_alone().await?;
    // Holds the head's row: a newer checkpoint is published before this or after it, never under it.
    let Some((note,)) = tx.maybe::<(String,)>(HOLD, args![size]).await? else { return Ok(()) };
    let lines: Vec<(String,)> = tx.all(LINES, args![size]).await?;
    if lines.is_empty() {
        return Ok(());
    }
    let text = lines.iter().fold(note, |text, (line,)| text + line + "\n");
    cx.ledger.put_checkpoint(&text).await?;
    tx.commit().await
}

statements! {
    ACTIVE = "SELECT name, url FROM witness WHERE ended_at IS NULL ORDER BY added_at, id";
    RELEASED = "SELECT published_size FROM ledger_head WHERE id = 1 AND note <> ''";
    DUE = "SELECT w.id, w.name, w.vkey, w.url, w.size AS known, w.failures, h.published_size AS size, h.note
        FROM witness w JOIN ledger_head h ON h.id = 1
        WHERE w.ended_at IS NULL AND h.note <> '' AND h.published_size > 0 AND NOT EXISTS (
            SELECT 1 FROM cosignature s WHERE s.size = h.published_size AND s.witness_id = w.id)";
    KEEP = "INSERT INTO cosignature (size, witness_id, line, time, received_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (size, witness_id) DO NOTHING";
    COSIGNED = "UPDATE witness SET size = $2, cosigned_at = $3, asked_at = $3, failures = 0, error = NULL
        WHERE id = $1 AND size <= $2";
    FAILED = "UPDATE witness SET asked_at = $2, failures = failures + 1, error = $3 WHERE id = $1";
    HOLD = "UPDATE ledger_head SET updated_at = updated_at WHERE id = 1 AND published_size = $1 AND note <> '' RETURNING note";
    LINES = "SELECT s.line FROM cosignature s JOIN witness w ON w.id = s.witness_id
        WHERE s.size = $1 AND w.ended_at IS NULL ORDER BY w.added_at, w.id";
}
