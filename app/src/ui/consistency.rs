//! Two trees that share their hashes, drawn: below the few hashes, above the two roots that follow from them.

use leptos::prelude::*;

/// One of the hashes at the bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// The leaves below it: "256–511".
    pub text: String,
    /// Part of the old tree, and so of both.
    pub old: bool,
}

/// Hashes drawn at most; the ones in the middle are counted instead.
const DRAWN: usize = 6;
const WIDE: i32 = 112;
const APART: i32 = 132;
const UP: i32 = 120;

/// Where the boxes of the bottom row stand, and the two roots.
fn places(count: usize) -> (Vec<i32>, i32, i32) {
    let count = i32::try_from(count).unwrap_or(1);
    let across = ((count - 1) * APART).max(2 * APART);
    let first = (across - (count - 1) * APART) / 2;
    ((0..count).map(|at| first + at * APART).collect(), across / 4, across - across / 4)
}

/// The first and the last ones, and between them a box that counts what is left out.
fn shortened(pieces: Vec<Shared>, more: &str) -> Vec<Shared> {
    if pieces.len() <= DRAWN {
        return pieces;
    }
    let head = DRAWN / 2;
    let left = pieces.len() - DRAWN + 1;
    let cut = &pieces[head..head + left];
    let counted =
        Shared { text: more.replace("{}", &left.to_string()), old: cut.iter().all(|piece| piece.old) };
    let tail = pieces[head + left..].to_vec();
    pieces[..head].iter().cloned().chain([counted]).chain(tail).collect()
}

/// What makes an old tree the beginning of a new one. Say the same in words beside it; the picture is unsaid.
#[component]
pub fn ConsistencyPicture(
    /// What the picture shows.
    #[prop(into)]
    label: String,
    /// Name of the old root: "1,024 条时".
    #[prop(into)]
    old: String,
    /// Name of the new root.
    #[prop(into)]
    new: String,
    /// The hashes from left to right.
    pieces: Vec<Shared>,
    /// "另 13 个", with `{}` for the number of hashes not drawn.
    #[prop(into)]
    more: String,
) -> impl IntoView {
    let pieces = shortened(pieces, &more);
    let (at, old_x, new_x) = places(pieces.len());
    let line = |from: i32, to: i32, on: bool| {
        view! { <line class=if on { "on" } else { "" } x1=from.to_string() y1="-16" x2=to.to_string() y2=(16 - UP).to_string() /> }
    };
    let lines: Vec<_> = at
        .iter()
        .zip(&pieces)
        .flat_map(|(x, piece)| {
            let to_old = piece.old.then(|| line(*x, old_x, true));
            to_old.into_iter().chain([line(*x, new_x, false)])
        })
        .collect();
    let node = |x: i32, y: i32, text: String, class: &'static str| {
        view! {
            <g class=class>
                <rect x=(x - WIDE / 2).to_string() y=(y - 16).to_string() width=WIDE.to_string() height="32" rx="4" />
                <text x=x.to_string() y=y.to_string()>{text}</text>
            </g>
        }
    };
    let bottom: Vec<_> = at
        .iter()
        .zip(&pieces)
        .map(|(x, piece)| node(*x, 0, piece.text.clone(), if piece.old { "on" } else { "" }))
        .collect();
    let right = at.last().copied().unwrap_or_default().max(new_x) + WIDE / 2 + 8;
    let left = at.first().copied().unwrap_or_default().min(old_x) - WIDE / 2 - 8;
    let view_box = format!("{left} {} {} {}", -UP - 24, right - left, UP + 48);
    view! {
        <svg class="path" viewBox=view_box role="img" aria-label=label>
            {lines}
            {node(old_x, -UP, old, "end")}
            {node(new_x, -UP, new, "end")}
            {bottom}
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(count: usize, old: usize) -> Vec<Shared> {
        (0..count).map(|at| Shared { text: at.to_string(), old: at < old }).collect()
    }

    #[test]
    fn many_hashes_keep_both_ends_and_are_counted_in_the_middle() {
        let drawn = shortened(pieces(12, 3), "+{}");
        let texts: Vec<&str> = drawn.iter().map(|piece| piece.text.as_str()).collect();
        assert_eq!(texts, ["0", "1", "2", "+7", "10", "11"]);
        assert!(!drawn[3].old && shortened(pieces(12, 12), "+{}")[3].old);
        assert_eq!(shortened(pieces(6, 3), "+{}").len(), 6);
    }

    #[test]
    fn boxes_do_not_overlap() {
        for count in 1..=DRAWN {
            let (at, old, new) = places(count);
            assert!(new - old >= APART && at.windows(2).all(|pair| pair[1] - pair[0] >= APART), "{count}");
        }
    }
}
