//! Title lines: large, centred or first, short, and near the top. What a document calls itself is the best evidence of
//! what it is; the same words in its body are not.

use super::cues::Cues;
use crate::{
    reading::Area,
    transcript::{Row, Transcript, find_similar},
};

/// Rows looked at on a page.
const ROWS: usize = 9;
/// A longer line is a sentence.
const LENGTH: usize = 64;
/// A page with fewer rows is a cover, and the title may be repeated on the next.
const COVER: usize = 14;

/// A line that may be the title.
#[derive(Clone, Debug)]
pub(super) struct Title {
    pub(super) text: String,
    pub(super) page: u32,
    pub(super) area: Option<Area>,
    /// 0 to 1: how much it looks like one.
    pub(super) weight: f32,
    recognised: bool,
}

/// A slot's cue in a title.
#[derive(Clone, Debug)]
pub(super) struct TitleMatch {
    /// Index of the slot in the cues.
    pub(super) slot: usize,
    pub(super) cue: String,
    /// 0 to 1: 1 when the line says nothing else.
    pub(super) fit: f32,
    pub(super) title: Title,
}

/// The lines of the first page, and of the second when the first is a cover, that look like titles.
pub(super) fn titles(transcript: &Transcript) -> Vec<Title> {
    let Some(first) = transcript.rows.first().map(|row| row.page) else { return Vec::new() };
    let mut titles = page_titles(transcript, first);
    let rows = transcript.rows.iter().filter(|row| row.page == first).count();
    if rows < COVER && transcript.rows.iter().any(|row| row.page == first + 1) {
        titles.extend(
            page_titles(transcript, first + 1)
                .into_iter()
                .map(|title| Title { weight: title.weight * 0.8, ..title }),
        );
    }
    titles
}

/// As [`titles`], for one page.
pub(super) fn page_titles(transcript: &Transcript, page: u32) -> Vec<Title> {
    let rows: Vec<&Row> = transcript.rows.iter().filter(|row| row.page == page).collect();
    let body = median_height(transcript);
    let recognised = transcript.is_recognised(page);
    let mut titles: Vec<Title> = Vec::new();
    let mut previous: Option<(usize, f32)> = None;
    // Text laid over a picture, such as an emblem, comes before the title.
    let rows_looked_at = if recognised { ROWS + 4 } else { ROWS };
    for (index, row) in rows.iter().take(rows_looked_at).enumerate() {
        let text = row.text();
        let length = text.chars().count();
        let sentence = length > LENGTH || text.ends_with(['。', ';', ',']) || text.starts_with("(本页无正文");
        if sentence || length < 2 {
            if row.area.is_none() && length > LENGTH {
                break;
            }
            continue;
        }
        let weight = match row.area {
            Some(area) => placed_weight(area, body, index),
            None if index < 4 => 1.0,
            None => 0.75,
        };
        let weight = if text.ends_with(':') { weight * 0.3 } else { weight };
        if weight <= 0.0 {
            continue;
        }
        // A title that is wrapped is one title.
        if let Some((last, height)) = previous
            && last + 1 == index
            && let (Some(area), Some(earlier)) = (row.area, titles.last())
            && (f32::from(area.height) - height).abs() < height * 0.2
        {
            let joined = Title {
                text: format!("{}{text}", earlier.text),
                weight: earlier.weight.max(weight),
                ..earlier.clone()
            };
            titles.push(joined);
        }
        previous = row.area.map(|area| (index, f32::from(area.height)));
        titles.push(Title { text, page, area: row.area, weight, recognised });
    }
    titles
}

fn placed_weight(area: Area, body: f32, index: usize) -> f32 {
    let large = f32::from(area.height) >= body * 1.22;
    let centre = i32::from(area.left) + i32::from(area.width) / 2;
    let centred = (centre - 5_000).abs() < 600 && area.left > 1_450;
    match (large, centred) {
        (true, true) => 1.0,
        (true, false) if area.top < 4_500 => 0.85,
        (false, true) if area.top < 4_500 => 0.85,
        _ if index == 0 => 0.7,
        _ => 0.0,
    }
}

fn median_height(transcript: &Transcript) -> f32 {
    let mut heights: Vec<u16> =
        transcript.rows.iter().filter_map(|row| row.area).map(|area| area.height).collect();
    heights.sort_unstable();
    heights.get(heights.len() / 2).map_or(0.0, |height| f32::from(*height))
}

/// The slots that a title names. Where the cue of one contains the cue of another, only the longer one speaks: a
/// 推荐挂牌协议 is not a 挂牌协议.
pub(super) fn matches(cues: &Cues, title: &Title) -> Vec<TitleMatch> {
    let mut found: Vec<TitleMatch> = Vec::new();
    for (slot, cue) in
        cues.slots.iter().enumerate().flat_map(|(slot, cues)| cues.titles.iter().map(move |cue| (slot, cue)))
    {
        let fit = fit(&title.text, cue, title.recognised);
        if fit > 0.0 {
            found.push(TitleMatch { slot, cue: cue.clone(), fit, title: title.clone() });
        }
    }
    let cues: Vec<String> = found.iter().map(|found| found.cue.clone()).collect();
    found.retain(|own| {
        !cues.iter().any(|other| other.len() > own.cue.len() && other.contains(own.cue.as_str()))
    });
    found
}

/// How well a line is the title that the cue names.
pub(super) fn fit(text: &str, cue: &str, recognised: bool) -> f32 {
    let text = strip(text);
    if text == cue {
        return 1.0;
    }
    if text.ends_with(cue) {
        return 0.95;
    }
    let (length, whole) = (cue.chars().count(), text.chars().count().max(1));
    #[allow(clippy::cast_precision_loss, reason = "a few dozen characters")]
    let share = length as f32 / whole as f32;
    if text.contains(cue) {
        return if share >= 0.5 { 0.75 } else { 0.0 };
    }
    if recognised && length >= 4 {
        let tail: String = text.chars().skip(whole.saturating_sub(length + 1)).collect();
        if find_similar(&tail, cue).is_some() {
            return if share >= 0.6 { 0.9 } else { 0.8 };
        }
    }
    0.0
}

/// Without quotation marks, and without the note in brackets that follows some titles.
fn strip(text: &str) -> &str {
    let mut text = text.trim_matches(['《', '》', '"', ':', '-', '.']);
    while let Some(open) = text.rfind('(')
        && text.ends_with(')')
        && open > 0
    {
        text = text[..open].trim_end_matches(['》', '"']);
    }
    text
}
