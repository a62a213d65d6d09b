//! How long a filing took, divided into what people did, what the machine did, what the firms did, and the rest. Computed the same
//! way for every filing, from moments that were written down when they happened; nobody switches this stopwatch on or off.
//!
//! The time from the first recorded act to the submission is cut at every act of the enterprise's people. Of each piece between two
//! acts, what firms attested in is the firms', what the platform received and read files in is the machine's, and the rest is
//! the people's, when it is no longer than [`PAUSE`]: longer than that, nobody was at it. A piece that lies wholly in work of firms or
//! machine shows somebody who did not wait, and is the people's. The four add up to the whole, to the microsecond.

use serde::Serialize;

use crate::locale::Locale;

/// Longest time between two acts that counts as work, in microseconds: five minutes, enough to read a page or look something up.
pub const PAUSE: i64 = 5 * 60 * 1_000_000;

/// From one moment to another, microseconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    pub from: i64,
    pub until: i64,
}

/// What was written down about one submission.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moments {
    /// Acts of the enterprise's people: what they opened, handed in, typed, confirmed, sent. The submission is the last.
    pub acts: Vec<i64>,
    /// The platform received or read files.
    pub machine: Vec<Span>,
    /// The filing was with its firms: from asking them to their last answer.
    pub firms: Vec<Span>,
}

/// Microseconds each; [`Stopwatch::elapsed`] is their sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stopwatch {
    pub active: i64,
    pub machine: i64,
    pub firms: i64,
    /// Nobody was at it.
    pub away: i64,
}

impl Stopwatch {
    /// From the first act to the submission.
    #[must_use]
    pub const fn elapsed(&self) -> i64 {
        self.active + self.machine + self.firms + self.away
    }

    /// Reads the moments up to `submitted`; nothing without an act before it.
    #[must_use]
    pub fn read(moments: &Moments, submitted: i64) -> Option<Self> {
        let mut acts: Vec<i64> = moments.acts.iter().copied().filter(|at| *at <= submitted).collect();
        acts.sort_unstable();
        acts.first()?;
        acts.push(submitted);
        let firms = joined(&moments.firms);
        // While firms attest, the filing waits for them, whatever the platform reads meanwhile.
        let busy = joined(&[moments.machine.as_slice(), &firms].concat());
        let mut read = Self::default();
        for pair in acts.windows(2) {
            let &[from, until] = pair else { continue };
            let piece = Span { from, until };
            let (with_firms, with_both) = (covered(&firms, piece), covered(&busy, piece));
            let rest = until - from - with_both;
            if rest == 0 && until - from <= PAUSE {
                read.active += until - from;
                continue;
            }
            read.firms += with_firms;
            read.machine += with_both - with_firms;
            if rest <= PAUSE {
                read.active += rest;
            } else {
                read.away += rest;
            }
        }
        Some(read)
    }
}

/// A length of time as people read it, exact enough for its size: `12.4 秒`, `3 分 05 秒`, `2 小时 07 分`, `4 天 03 小时`.
#[must_use]
pub fn spoken(micros: i64, locale: Locale) -> String {
    let tenths = (micros.max(0) + 50_000) / 100_000;
    let say = |zh: String, en: String| locale.pick(&zh, &en).to_owned();
    if tenths < 600 {
        let (whole, tenth) = (tenths / 10, tenths % 10);
        return say(format!("{whole}.{tenth} 秒"), format!("{whole}.{tenth} s"));
    }
    let seconds = (tenths + 5) / 10;
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match (days, hours) {
        (0, 0) => say(
            format!("{minutes} 分 {:02} 秒", seconds % 60),
            format!("{minutes} min {:02} s", seconds % 60),
        ),
        (0, _) => {
            say(format!("{hours} 小时 {:02} 分", minutes % 60), format!("{hours} h {:02} min", minutes % 60))
        }
        _ => say(format!("{days} 天 {:02} 小时", hours % 24), format!("{days} d {:02} h", hours % 24)),
    }
}

/// When a filing was with its firms, from what was written down: each time it was sent to them (`asked`) until the last of their
/// answers (`answered`) before it was taken back (`recalled`), sent again or submitted. Until it was taken back, when nobody answered.
#[must_use]
pub fn with_firms(asked: &[i64], recalled: &[i64], answered: &[i64], submitted: i64) -> Vec<Span> {
    asked
        .iter()
        .filter_map(|&from| {
            let back = recalled.iter().copied().filter(|at| *at > from).min();
            let next = asked.iter().copied().filter(|at| *at > from).min();
            let end = [back, next, Some(submitted)].into_iter().flatten().min()?;
            let last = answered.iter().copied().filter(|at| (from..=end).contains(at)).max();
            Some(Span { from, until: last.or(back.filter(|at| *at == end))? })
        })
        .collect()
}

/// The same time without overlaps, in order.
fn joined(spans: &[Span]) -> Vec<Span> {
    let mut spans: Vec<Span> = spans.iter().copied().filter(|span| span.from < span.until).collect();
    spans.sort_unstable();
    let mut out: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match out.last_mut() {
            Some(last) if span.from <= last.until => last.until = last.until.max(span.until),
            _ => out.push(span),
        }
    }
    out
}

/// How much of `piece` lies in spans that do not overlap.
fn covered(spans: &[Span], piece: Span) -> i64 {
    spans.iter().map(|span| (span.until.min(piece.until) - span.from.max(piece.from)).max(0)).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: i64 = 1_000_000;

    fn spans(seconds: &[(i64, i64)]) -> Vec<Span> {
        seconds.iter().map(|(from, until)| Span { from: from * SECOND, until: until * SECOND }).collect()
    }

    fn read(acts: &[i64], machine: &[(i64, i64)], firms: &[(i64, i64)], submitted: i64) -> [i64; 4] {
        let moments = Moments {
            acts: acts.iter().map(|at| at * SECOND).collect(),
            machine: spans(machine),
            firms: spans(firms),
        };
        let read = Stopwatch::read(&moments, submitted * SECOND).unwrap();
        [read.active, read.machine, read.firms, read.away].map(|micros| micros / SECOND)
    }

    #[test]
    fn vectors() {
        // active, machine, firms, away
        // Opened at 0, a folder handed in at 10, read from 10 to 25, confirmed at 45, submitted at 60.
        assert_eq!(read(&[0, 10, 45], &[(10, 20), (12, 25)], &[], 60), [45, 15, 0, 0]);
        // Sent to the firms at 30, their last answer at 4000; the person is back and submits twenty seconds later.
        assert_eq!(read(&[0, 30], &[], &[(30, 4_000)], 4_020), [50, 0, 3_970, 0]);
        // The firms answered at 100, but nobody looked until 10 000.
        assert_eq!(read(&[0, 30], &[], &[(30, 100)], 10_000), [30, 0, 70, 9_900]);
        // Five minutes between two acts are work, a second more is not.
        assert_eq!(read(&[0], &[], &[], 300), [300, 0, 0, 0]);
        assert_eq!(read(&[0], &[], &[], 301), [0, 0, 0, 301]);
        // Who types while the platform still reads does not wait for it.
        assert_eq!(read(&[0, 5, 8], &[(0, 20)], &[], 30), [18, 12, 0, 0]);
        // The platform reads a corrected document while the firms have the filing: the wait is for the firms.
        assert_eq!(read(&[0], &[(20, 40)], &[(10, 400)], 410), [20, 0, 390, 0]);
        // What happened after the submission is another version's.
        assert_eq!(read(&[0, 10, 99], &[(50, 80)], &[], 20), [20, 0, 0, 0]);
    }

    #[test]
    fn firms_have_it_until_their_last_answer() {
        let span = |from, until| Span { from, until };
        assert_eq!(with_firms(&[10], &[], &[20, 50, 90], 80), [span(10, 50)]);
        // Taken back before anybody answered, then sent again.
        assert_eq!(with_firms(&[10, 40], &[30], &[60], 80), [span(10, 30), span(40, 60)]);
        // Taken back and mended after two of three had answered.
        assert_eq!(with_firms(&[10, 40], &[35], &[20, 25, 70], 80), [span(10, 25), span(40, 70)]);
        // What was attested before counts still: nobody was waited for.
        assert_eq!(with_firms(&[10], &[], &[], 80), []);
    }

    #[test]
    fn lengths_in_words() {
        let said = |seconds: f64| {
            #[expect(clippy::cast_possible_truncation, reason = "small")]
            let micros = (seconds * 1e6) as i64;
            spoken(micros, Locale::Zh)
        };
        assert_eq!(said(0.0), "0.0 秒");
        assert_eq!(said(12.44), "12.4 秒");
        assert_eq!(said(59.96), "1 分 00 秒");
        assert_eq!(said(185.0), "3 分 05 秒");
        assert_eq!(said(7_620.0), "2 小时 07 分");
        assert_eq!(said(356_400.0), "4 天 03 小时");
        assert_eq!(spoken(185_000_000, Locale::En), "3 min 05 s");
    }

    #[test]
    fn without_an_act_there_is_nothing_to_read() {
        assert_eq!(Stopwatch::read(&Moments::default(), SECOND), None);
    }

    fn some_spans() -> impl Strategy<Value = Vec<Span>> {
        prop::collection::vec((0..5_000_i64, 0..2_000_i64), 0..8).prop_map(|pairs| {
            pairs
                .into_iter()
                .map(|(from, length)| Span { from: from * SECOND, until: (from + length) * SECOND })
                .collect()
        })
    }

    proptest! {
        #[test]
        fn the_parts_are_the_whole(
            acts in prop::collection::vec(0..5_000_i64, 1..12),
            machine in some_spans(),
            firms in some_spans(),
        ) {
            let acts: Vec<i64> = acts.into_iter().map(|at| at * SECOND).collect();
            let first = acts.iter().copied().min().unwrap();
            let submitted = 6_000 * SECOND;
            let read = Stopwatch::read(&Moments { acts, machine, firms }, submitted).unwrap();
            prop_assert_eq!(read.elapsed(), submitted - first);
            prop_assert!([read.active, read.machine, read.firms, read.away].iter().all(|part| *part >= 0));
        }
    }
}
