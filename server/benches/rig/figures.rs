//! From what was measured to what is reported: rates, percentiles, processor time, and the median over the rounds.

use std::time::{Duration, Instant};

use serde_json::{Map, Value};

/// The kernel counts processor time of processes in hundredths of a second, whatever its own clock (`USER_HZ`).
const TICKS_PER_SECOND: f64 = 100.0;
/// As many in a second are a clock that looks around, not work.
const IDLE_TICKS: u64 = 2;

/// A sample that is being taken.
pub(crate) struct Begun {
    at: Instant,
    pid: u32,
    ticks: u64,
}

/// One sample: how long it took, the waits of everything in it, and the processor time of the process that served it
/// with the processes that it started.
#[derive(Debug)]
pub(crate) struct Sample {
    took: Duration,
    waits: Vec<Duration>,
    processor: f64,
}

/// Begins a sample of what the process does. The process is at rest.
pub(crate) fn begin(pid: u32) -> anyhow::Result<Begun> {
    Ok(Begun { ticks: ticks(pid)?, at: Instant::now(), pid })
}

impl Begun {
    /// Whether the sample has lasted this long.
    pub(crate) fn lasted(&self, length: Duration) -> bool {
        self.at.elapsed() >= length
    }

    /// So much processor time was used until now.
    fn processor(&self) -> anyhow::Result<f64> {
        Ok(seconds(ticks(self.pid)? - self.ticks))
    }

    /// Ends it; `waits` is how long each request or file took.
    pub(crate) fn end(self, mut waits: Vec<Duration>) -> anyhow::Result<Sample> {
        let took = self.at.elapsed();
        anyhow::ensure!(!waits.is_empty(), "nothing was measured");
        waits.sort_unstable();
        Ok(Sample { took, waits, processor: self.processor()? })
    }

    /// As [`end`](Self::end), but counts the processor time until the process is at rest: what goes on after the last
    /// answer is part of what was asked for.
    pub(crate) async fn end_at_rest(self, mut waits: Vec<Duration>) -> anyhow::Result<Sample> {
        let took = self.at.elapsed();
        anyhow::ensure!(!waits.is_empty(), "nothing was measured");
        waits.sort_unstable();
        rest(self.pid).await?;
        Ok(Sample { took, waits, processor: self.processor()? })
    }
}

impl Sample {
    #[expect(clippy::cast_precision_loss, reason = "a figure")]
    fn count(&self) -> f64 {
        self.waits.len() as f64
    }

    /// Of what was counted, per second.
    pub(crate) fn rate(&self) -> f64 {
        self.count() / self.took.as_secs_f64()
    }

    fn percentile(&self, n: usize) -> f64 {
        let at = (self.waits.len() * n / 100).min(self.waits.len() - 1);
        self.waits.get(at).map_or(0.0, |wait| wait.as_secs_f64() * 1e3)
    }

    /// Milliseconds of processor time for each.
    fn processor(&self) -> f64 {
        self.processor * 1e3 / self.count()
    }
}

/// The median of each figure over the rounds.
pub(crate) fn summary(rounds: &[Sample]) -> Map<String, Value> {
    let over = |figure: fn(&Sample) -> f64| median(rounds.iter().map(figure).collect());
    Map::from_iter([
        ("per_second".to_owned(), rounded(over(Sample::rate))),
        ("p50_ms".to_owned(), rounded(over(|sample| sample.percentile(50)))),
        ("p99_ms".to_owned(), rounded(over(|sample| sample.percentile(99)))),
        ("processor_ms".to_owned(), rounded(over(Sample::processor))),
    ])
}

/// The median of the rounds' own ratios: both sides of each were measured one right after the other.
pub(crate) fn ratio(product: &[Sample], peer: &[Sample]) -> Value {
    rounded(median(product.iter().zip(peer).map(|(product, peer)| product.rate() / peer.rate()).collect()))
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    let (low, high) = (figures.len().saturating_sub(1) / 2, figures.len() / 2);
    let at = |n: usize| figures.get(n).copied().unwrap_or_default();
    (at(low) + at(high)) / 2.0
}

/// Four significant digits: the fifth is noise.
fn rounded(figure: f64) -> Value {
    if figure == 0.0 {
        return figure.into();
    }
    let unit = 10_f64.powf(figure.abs().log10().floor() - 3.0);
    // Dividing by a power of ten leaves digits behind; printing and reading takes them off.
    format!("{:.6}", (figure / unit).round() * unit).parse::<f64>().unwrap_or(figure).into()
}

/// Waits until a process has used next to no processor time for a second and has no children that work: what it does
/// in the background is over.
pub(crate) async fn rest(pid: u32) -> anyhow::Result<()> {
    let mut before = ticks(pid)?;
    for _ in 0..600 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = ticks(pid)?;
        if now - before <= IDLE_TICKS && !has_children(pid)? {
            return Ok(());
        }
        before = now;
    }
    anyhow::bail!("process {pid} did not come to rest within ten minutes")
}

/// Processor time that a process and its ended children have used so far, user and system, in ticks (proc(5), fields 14
/// to 17).
fn ticks(pid: u32) -> anyhow::Result<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name in brackets may hold blanks.
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields = rest.split_whitespace().skip(14 - 3).take(4).map(str::parse::<u64>);
    fields.sum::<Result<u64, _>>().map_err(|error| anyhow::anyhow!("{stat}: {error}"))
}

fn has_children(pid: u32) -> anyhow::Result<bool> {
    for task in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end while its neighbours are listed.
        let children = std::fs::read_to_string(task?.path().join("children")).unwrap_or_default();
        if !children.trim().is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

#[expect(clippy::cast_precision_loss, reason = "a figure")]
fn seconds(ticks: u64) -> f64 {
    ticks as f64 / TICKS_PER_SECOND
}
