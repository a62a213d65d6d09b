//! Looking at the logs from time to time and after every cosignature: does what a log publishes fit to what was cosigned, and
//! does it serve what it signed for? Where it is mirrored, everything is fetched, replayed and kept. Two things raise an
//! alarm: a log that **withholds** (a checkpoint whose entries cannot be had for some minutes) and a log that **forks**.

use std::{sync::PoisonError, time::Duration};

use backend::{
    mirror::{Mirror, MirrorError},
    remote_log::{RemoteError, RemoteLog},
};
use domain::moment;
use ledger::checkpoint::Checkpoint;

use super::{
    Log, Witness,
    history::{Event, MIRRORED},
    memory::{Last, Memory},
};

/// How a log looks from here. Times are microseconds since the epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Size of the checkpoint that the log publishes.
    pub published: Option<u64>,
    /// When the log was last read.
    pub looked_at: Option<i64>,
    /// Why the last look came to nothing.
    pub error: Option<String>,
    /// Since when the log publishes something larger than what was cosigned here.
    pub behind_since: Option<i64>,
    /// Size up to which the mirror is complete.
    pub mirrored: Option<u64>,
    /// Since when entries of a signed checkpoint could not be had.
    pub missing_since: Option<i64>,
    /// They are missing for too long.
    pub withheld: bool,
    /// There is evidence of two histories.
    pub forked: bool,
}

impl Health {
    /// How many alarms.
    #[must_use]
    pub fn alarms(&self) -> u32 {
        u32::from(self.withheld) + u32::from(self.forked)
    }
}

impl Log {
    /// Keeps evidence against the log and raises the alarm.
    pub(super) fn accuse(&self, memory: &mut Memory, before: &str, contradiction: &str) {
        let origin = &self.config.origin;
        tracing::error!(witness.origin = %origin, "the log signed two checkpoints that contradict each other: the evidence is kept, nothing more is cosigned");
        if let Err(error) = memory.keep_evidence(before, contradiction) {
            tracing::error!(witness.origin = %origin, error = %format!("{error:#}"), "the evidence could not be made durable");
        }
        self.set_health(|health| health.forked = true);
    }

    /// What was cosigned last.
    pub(super) fn last(&self) -> Option<Last> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).last().cloned()
    }
}

/// Watches every log that has an address; ends only when it is dropped.
pub(super) async fn all(witness: &Witness) {
    let each = witness.logs.iter().map(|log| async move {
        let Some(remote) = &log.remote else { return };
        let mut round = tokio::time::interval(Duration::from_secs(witness.config.poll_seconds));
        round.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! { _ = round.tick() => {}, () = log.news.notified() => {} }
            look(witness, log, remote).await;
        }
    });
    futures::future::join_all(each).await;
    // Without any address there is nothing to watch, and still nothing that ends.
    std::future::pending::<()>().await;
}

/// One round.
pub(super) async fn once(witness: &Witness) {
    for log in &witness.logs {
        if let Some(remote) = &log.remote {
            look(witness, log, remote).await;
        }
    }
}

async fn look(witness: &Witness, log: &Log, remote: &RemoteLog) {
    let now = moment::to_micros(witness.clock.now());
    let outcome = examine(witness, log, remote, now).await;
    let limit =
        i64::try_from(witness.config.withheld_after_minutes).unwrap_or(i64::MAX).saturating_mul(60_000_000);
    let now = moment::to_micros(witness.clock.now());
    log.set_health(|health| {
        health.looked_at = Some(now);
        health.error = outcome.as_ref().err().map(ToString::to_string);
        let missing = outcome.is_err() && (log.mirror.is_some() || health.published.is_none());
        health.missing_since = missing.then(|| health.missing_since.unwrap_or(now));
        health.withheld = health.missing_since.is_some_and(|since| now - since >= limit);
    });
    if let Err(error) = outcome {
        tracing::warn!(witness.origin = %log.config.origin, error = %error, "the log could not be followed");
    }
    report(log);
}

async fn examine(witness: &Witness, log: &Log, remote: &RemoteLog, now: i64) -> Result<(), MirrorError> {
    let (published, note) = remote.checkpoint(&log.keys).await?;
    if published.origin != log.config.origin {
        let what = format!("is of the log {}", published.origin);
        return Err(RemoteError::Wrong { place: "checkpoint".to_owned(), what }.into());
    }
    let last = log.last();
    log.set_health(|health| {
        let behind = published.size > last.as_ref().map_or(0, |last| last.checkpoint.size);
        health.published = Some(published.size);
        health.behind_since = behind.then(|| health.behind_since.unwrap_or(now));
    });
    if let Some(last) = &last {
        compare(log, remote, last, &published, &note).await?;
    }
    let Some(mirror) = &log.mirror else { return Ok(()) };
    // The larger of both: what was cosigned must be served, too.
    let (to, note) = match last {
        Some(last) if last.checkpoint.size > published.size => (last.checkpoint, last.note),
        _ => (published, note),
    };
    mirror_to(witness, log, remote, mirror, &to, &note).await
}

/// Two histories? Asked of the log's own tiles, once per pair of sizes that is new.
async fn compare(
    log: &Log,
    remote: &RemoteLog,
    last: &Last,
    published: &Checkpoint,
    note: &str,
) -> Result<(), RemoteError> {
    let pair = (last.checkpoint.size, published.size, published.root);
    if log.compared() == Some(pair) {
        return Ok(());
    }
    let (old, new) = if last.checkpoint.size <= published.size {
        (&last.checkpoint, published)
    } else {
        (published, &last.checkpoint)
    };
    if remote.is_consistent(old, new).await? {
        log.set_compared(pair);
    } else {
        let mut memory = log.memory.lock().unwrap_or_else(PoisonError::into_inner);
        log.accuse(&mut memory, &last.note, note);
    }
    Ok(())
}

async fn mirror_to(
    witness: &Witness,
    log: &Log,
    remote: &RemoteLog,
    mirror: &Mirror,
    to: &Checkpoint,
    note: &str,
) -> Result<(), MirrorError> {
    let known = mirror.checkpoint().await?;
    if known.as_ref().is_none_or(|(known, _)| known.size < to.size) {
        mirror.follow(remote, to, note).await?;
        let at = moment::to_micros(witness.clock.now());
        let event = Event { at, origin: log.config.origin.clone(), size: to.size, what: MIRRORED.to_owned() };
        witness.history.add(event);
    }
    log.set_health(|health| health.mirrored = Some(to.size));
    Ok(())
}

fn report(log: &Log) {
    let (health, origin) = (log.health(), log.config.origin.clone());
    let gauge = |name: &'static str, value: u64| {
        #[expect(clippy::cast_precision_loss, reason = "a gauge")]
        metrics::gauge!(name, "origin" => origin.clone()).set(value as f64);
    };
    gauge("guxin_witness_forked", u64::from(health.forked));
    gauge("guxin_witness_withheld", u64::from(health.withheld));
    gauge("guxin_witness_published_size", health.published.unwrap_or_default());
    gauge("guxin_witness_mirrored_size", health.mirrored.unwrap_or_default());
    gauge("guxin_witness_cosigned_size", log.last().map_or(0, |last| last.checkpoint.size));
}
