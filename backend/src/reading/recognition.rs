//! Recognises the text of pictures with tesseract and its model for simplified Chinese, where both are installed: scanned
//! pages, photographs, certificates. Bounded by pages, by time per page and by what is left of the whole file's time, so that a
//! long scan is read in part instead of not at all.

use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

use domain::{
    media::Kind,
    reading::{Line, Page, Reading, TextSource},
};

use super::{
    layout::{self, Frame, Gaps, Piece},
    limits::Limits,
    picture,
    problem::{Limit, Problem},
    tool::{Said, TESSERACT},
};

const MODEL: &str = "chi_sim";
/// The resolution that the model was trained for.
const DPI: u32 = 300;
/// The edges of recognised words are rough: a blank cannot be told from none.
const GAPS: Gaps = Gaps { blank: 1.0, widest: 1.2 };
/// Words below this confidence (0 to 100) are noise of stamps and borders when they hold a single character.
const NOISE: f32 = 25.0;

/// Recognises the pages of one file, as many as there is time for.
pub(super) struct Recogniser<'a> {
    limits: &'a Limits,
    begun: Instant,
    left: usize,
    here: Option<bool>,
}

impl<'a> Recogniser<'a> {
    pub(super) fn new(limits: &'a Limits, begun: Instant) -> Self {
        Self { limits, begun, left: limits.recognised_pages, here: None }
    }

    /// The lines of a page of this size in points that `render` draws at a resolution; none when recognition is not
    /// installed, or there is no time or memory for this page.
    pub(super) fn page(
        &mut self,
        render: impl FnOnce(u32) -> Result<Vec<u8>, Problem>,
        (width, height): (f32, f32),
    ) -> Option<Vec<Line>> {
        let time = self.turn()?;
        let dpi = (50..=DPI)
            .rev()
            .step_by(10)
            .find(|dpi| points(width, *dpi) * points(height, *dpi) <= self.limits.pixels)?;
        let picture = render(dpi).ok()?;
        let (wide, high) =
            (f64::from(width) * f64::from(dpi) / 72.0, f64::from(height) * f64::from(dpi) / 72.0);
        self.recognise("stdin", picture, dpi, time, (wide, high)).ok()?
    }

    /// The lines of a picture in a file.
    fn picture(&mut self, path: &str, wide: u64, high: u64) -> Result<Option<Vec<Line>>, Problem> {
        let Some(time) = self.turn() else { return Ok(None) };
        #[expect(clippy::cast_precision_loss, reason = "pictures have fewer dots than that")]
        let size = (wide as f64, high as f64);
        self.recognise(path, Vec::new(), DPI, time, size)
    }

    /// Whether one more page may be recognised, and how long it may take.
    fn turn(&mut self) -> Option<Duration> {
        // Nine tenths, so that what was read can still be handed over.
        let left = (self.limits.time * 9 / 10).saturating_sub(self.begun.elapsed());
        if self.left == 0 || left < Duration::from_secs(2) || !self.is_here() {
            return None;
        }
        self.left -= 1;
        Some(left.min(self.limits.page_time))
    }

    fn is_here(&mut self) -> bool {
        self.limits.programs && *self.here.get_or_insert_with(is_here)
    }

    fn recognise(
        &self,
        source: &str,
        picture: Vec<u8>,
        dpi: u32,
        time: Duration,
        size: (f64, f64),
    ) -> Result<Option<Vec<Line>>, Problem> {
        let dpi = dpi.to_string();
        let arguments = [source, "stdout", "-l", MODEL, "--psm", "3", "--dpi", &dpi, "tsv"];
        match TESSERACT.run(&arguments, picture, self.limits.output_bytes, time)? {
            Said::Output(output) => Ok(Some(lines(&String::from_utf8_lossy(&output), size))),
            Said::TooSlow | Said::Failed(_) => Ok(None),
            Said::Starved => Err(Problem::Limit { limit: Limit::Memory { bytes: self.limits.memory_bytes } }),
        }
    }
}

/// Reads a photograph or a scan that is a picture file.
pub(super) fn read(path: &Path, kind: Kind, limits: &Limits, begun: Instant) -> Result<Reading, Problem> {
    let (wide, high) = picture::size(path, kind)?;
    let found = wide * high;
    if found > limits.pixels {
        return Err(Problem::Limit { limit: Limit::Pixels { found, most: limits.pixels } });
    }
    let path = path.to_str().ok_or(Problem::Damaged { kind })?;
    let page = match Recogniser::new(limits, begun).picture(path, wide, high)? {
        Some(lines) => Page { number: 1, source: TextSource::Recognised, lines },
        None => Page { number: 1, source: TextSource::None, lines: Vec::new() },
    };
    Ok(Reading { kind, pages: vec![page], sheets: Vec::new(), page_count: 1 })
}

/// Whether this machine can recognise Chinese.
pub(super) fn is_here() -> bool {
    let listed = TESSERACT
        .is_here()
        .then(|| TESSERACT.run(&["--list-langs"], Vec::new(), 64 << 10, Duration::from_secs(10)));
    matches!(listed, Some(Ok(Said::Output(output)))
        if String::from_utf8_lossy(&output).lines().any(|line| line.trim() == MODEL))
}

/// Length in points as a number of dots.
fn points(length: f32, dpi: u32) -> u64 {
    let dots = (f64::from(length.max(0.0)) * f64::from(dpi) / 72.0).ceil();
    format!("{dots:.0}").parse().unwrap_or(u64::MAX)
}

/// Tesseract's table of words: level, page, block, paragraph, line, word, left, top, width, height, confidence, text.
fn lines(table: &str, (wide, high): (f64, f64)) -> Vec<Line> {
    let mut found: BTreeMap<[u32; 3], Vec<Piece>> = BTreeMap::new();
    for row in table.lines().skip(1) {
        let columns: Vec<&str> = row.split('\t').collect();
        let [level, _, block, paragraph, line, _, left, top, width, height, confidence, text] = columns[..]
        else {
            continue;
        };
        let number = |text: &str| text.parse::<f32>().unwrap_or(0.0);
        let text = text.trim();
        if level != "5" || text.is_empty() {
            continue;
        }
        if number(confidence) < NOISE && text.chars().count() == 1 && !text.chars().all(layout::is_ideograph)
        {
            continue;
        }
        let (left, top) = (number(left), number(top));
        let frame = Frame { left, top, right: left + number(width), bottom: top + number(height) };
        let place = [block, paragraph, line].map(|text| text.parse().unwrap_or(0));
        found.entry(place).or_default().extend(between_rules(text, frame));
    }
    let mut lines: Vec<Vec<Piece>> = found.into_values().collect();
    straighten(&mut lines);
    #[expect(clippy::cast_possible_truncation, reason = "places on a page need no more digits")]
    layout::lines(lines.into_iter().flatten().collect(), (wide as f32, high as f32), &GAPS)
}

/// The ruling lines of tables are recognised as `|`, alone or at the edges of words.
fn between_rules(text: &str, frame: Frame) -> Vec<Piece> {
    let count = |text: &str| f32::from(u16::try_from(text.chars().count()).unwrap_or(u16::MAX));
    let step = (frame.right - frame.left) / count(text).max(1.0);
    let (mut pieces, mut left) = (Vec::new(), frame.left);
    for (at, part) in text.split('|').enumerate() {
        let right = left + step * count(part);
        let frame = Frame { left, right, ..frame };
        // An empty part after a line is kept: it hands the line on to the next word.
        if at > 0 || !part.is_empty() {
            pieces.push(Piece { text: part.to_owned(), frame, upright: frame, ruled: at > 0 });
        }
        left = right + step;
    }
    pieces
}

/// Gives the words of each line one height and one middle, and takes out how much the page hangs. The boxes of single
/// words are as rough as the scan; that words are on one line is what tesseract knows best.
fn straighten(lines: &mut [Vec<Piece>]) {
    let slopes = lines.iter().filter_map(|line| {
        let (first, last) = (line.first()?.frame, line.last()?.frame);
        let across = last.left - first.left;
        let slope = (last.middle() - first.middle()) / across;
        // Long enough to tell, and not a line of something else.
        (across > 8.0 * first.height() && slope.abs() < 0.1).then_some(slope)
    });
    let slope = median(slopes).unwrap_or(0.0);
    for line in lines {
        let upright =
            |piece: &Piece| piece.frame.middle() - slope * f32::midpoint(piece.frame.left, piece.frame.right);
        let middle = median(line.iter().map(upright)).unwrap_or(0.0);
        let half = median(line.iter().map(|piece| piece.frame.height())).unwrap_or(0.0) / 2.0;
        for piece in line {
            (piece.upright.top, piece.upright.bottom) = (middle - half, middle + half);
        }
    }
}

fn median(values: impl Iterator<Item = f32>) -> Option<f32> {
    let mut values: Vec<f32> = values.collect();
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied()
}
