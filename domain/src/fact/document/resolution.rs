//! What a resolution of shareholders says of its meeting and votes.
//! Called by [`super::gather`].

use super::super::{FactKey as Key, gather::Gatherer, value};

pub(super) fn resolution(gatherer: &mut Gatherer<'_>) {
    let transcript = gatherer.transcript;
    for row in transcript.rows.iter().take(6) {
        let text = row.text();
        let Some(end) =
            ["股东会", "股东大会"].iter().filter_map(|word| text.rfind(word).map(|at| at + word.len())).max()
        else {
            continue;
        };
        if text[end..].starts_with("决议") || text[end..].starts_with("会议决议") {
            let start = text.find("20").filter(|at| text[..*at].contains("公司") || *at == 0).unwrap_or(0);
            let meeting = &text[start..end];
            gatherer.add(
                Key::Meeting,
                meeting.to_owned(),
                &(row.range.start + start..row.range.start + end),
                90,
            );
            break;
        }
    }
    for range in transcript.find_all("同意").collect::<Vec<_>>() {
        let window = transcript.after(range.end, 60);
        let Some(at) = window
            .find("总数的")
            .map(|at| at + "总数的".len())
            .or_else(|| window.find("表决权的").map(|at| at + "表决权的".len()))
        else {
            continue;
        };
        // The votes against follow; this clause ends before them.
        if window[..at].contains("反对") {
            continue;
        }
        if let Some((parts, length)) = value::percent(&window[at..])
            && parts <= 1_000_000
        {
            let start = range.end + at;
            gatherer.add(Key::VotesFor, value::percent_text(parts), &(start..start + length), 86);
        }
    }
}
