//! Two sources side by side, with what differs marked: contradictions, redlines, replies.

use leptos::prelude::*;

use super::{Tone, Words, words::classes};

/// A piece of a text that is the same in both sources, or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// Differs from the other source.
    pub marked: bool,
}

/// Most words compared one by one; beyond it only the ends that agree are left unmarked.
const WORD_BY_WORD: usize = 600;

/// Words as a reader compares them: a whole number or Latin word, or one Chinese character. Half a
/// number marked would read as a different number.
fn words(text: &str) -> Vec<&str> {
    let run = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | ',' | '%');
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = if run(first) {
            rest.find(|letter| !run(letter)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (word, after) = rest.split_at(end);
        words.push(word);
        rest = after;
    }
    words
}

/// Splits two texts into pieces and marks the words that differ.
pub fn differing(left: &str, right: &str) -> (Vec<Piece>, Vec<Piece>) {
    let (a, b) = (words(left), words(right));
    let (mut keep_a, mut keep_b) = (vec![false; a.len()], vec![false; b.len()]);
    let head = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let tail = a[head..].iter().rev().zip(b[head..].iter().rev()).take_while(|(x, y)| x == y).count();
    let (end_a, end_b) = (a.len() - tail, b.len() - tail);
    keep_a[..head].fill(true);
    keep_b[..head].fill(true);
    keep_a[end_a..].fill(true);
    keep_b[end_b..].fill(true);
    if end_a - head <= WORD_BY_WORD && end_b - head <= WORD_BY_WORD {
        common(&a[head..end_a], &b[head..end_b], &mut keep_a[head..end_a], &mut keep_b[head..end_b]);
    }
    (pieces(&a, &keep_a), pieces(&b, &keep_b))
}

/// Marks the words of a longest common subsequence as kept.
fn common(a: &[&str], b: &[&str], keep_a: &mut [bool], keep_b: &mut [bool]) {
    let width = b.len() + 1;
    let mut longest = vec![0_u16; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i * width + j] = if a[i] == b[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        if a[i] == b[j] {
            keep_a[i] = true;
            keep_b[j] = true;
            i += 1;
            j += 1;
        } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
}

fn pieces(words: &[&str], keep: &[bool]) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for (word, keep) in words.iter().zip(keep) {
        match out.last_mut() {
            Some(piece) if piece.marked != *keep => piece.text.push_str(word),
            _ => out.push(Piece { text: (*word).to_owned(), marked: !keep }),
        }
    }
    out
}

/// One of the two sources: where it comes from and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Document and place: "公司章程 第 3 页".
    pub place: String,
    /// Where the place opens.
    pub href: Words,
    /// What it says.
    pub text: String,
}

impl Source {
    /// A source without a link.
    pub fn new(place: impl Into<String>, text: impl Into<String>) -> Self {
        Self { place: place.into(), href: Words::default(), text: text.into() }
    }

    /// The same source opening its place.
    #[must_use]
    pub fn href(mut self, href: impl Into<Words>) -> Self {
        self.href = href.into();
        self
    }
}

/// Two sources side by side. Values are short and bold; `long` sets running text.
#[component]
pub fn CompareTwo(
    /// The one.
    left: Source,
    /// The other.
    right: Source,
    /// Running text.
    #[prop(optional)]
    long: bool,
) -> impl IntoView {
    let (left_pieces, right_pieces) = differing(&left.text, &right.text);
    let side = |source: Source, pieces: Vec<Piece>| {
        let place = match source.href.get() {
            Some(href) => view! { <a href=href>{source.place}</a> }.into_any(),
            None => source.place.into_any(),
        };
        let text = pieces
            .into_iter()
            .map(|piece| {
                if piece.marked {
                    view! { <mark>{piece.text}</mark> }.into_any()
                } else {
                    piece.text.into_any()
                }
            })
            .collect_view();
        view! { <div><dt>{place}</dt><dd>{text}</dd></div> }
    };
    view! {
        <dl class=classes(&["compare", if long { "long" } else { "" }])>
            {side(left, left_pieces)} {side(right, right_pieces)}
        </dl>
    }
}

/// Something found: a title, the sources, one line why, what can be done.
#[component]
pub fn Finding(
    /// Bad stops, Look does not.
    #[prop(optional)]
    tone: Tone,
    /// What was found.
    #[prop(into)]
    title: String,
    /// Why: rule, arithmetic, place.
    #[prop(optional, into)]
    why: Words,
    /// Buttons.
    #[prop(optional)]
    actions: Option<AnyView>,
    /// The sources.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <article class=classes(&["finding", tone.class()])>
            <h3>{title}</h3>
            {children.map(|children| children())}
            {why.get().map(|why| view! { <p class="why">{why}</p> })}
            {actions.map(|actions| view! { <div class="actions">{actions}</div> })}
        </article>
    }
}

#[cfg(test)]
mod tests {
    use super::differing;

    fn shown(text: &str, other: &str) -> String {
        differing(text, other)
            .0
            .iter()
            .map(|p| if p.marked { format!("[{}]", p.text) } else { p.text.clone() })
            .collect()
    }

    #[test]
    fn marks_only_what_differs() {
        assert_eq!(shown("3,000.00 万元", "2,800.00 万元"), "[3,000.00] 万元");
        assert_eq!(shown("同样", "同样"), "同样");
        assert_eq!(shown("甲乙丙丁", "甲丙丁戊"), "甲[乙]丙丁");
        assert_eq!(shown("共 3,000 万股", "共 2,800 万股"), "共 [3,000] 万股");
        assert_eq!(shown("", "多"), "");
        assert_eq!(shown("多", ""), "[多]");
    }

    #[test]
    fn nothing_is_lost_or_invented() {
        let (left, right) = differing("注册资本人民币 3,000 万元整", "注册资本为 2,800 万元");
        assert_eq!(left.iter().map(|p| p.text.as_str()).collect::<String>(), "注册资本人民币 3,000 万元整");
        assert_eq!(right.iter().map(|p| p.text.as_str()).collect::<String>(), "注册资本为 2,800 万元");
    }
}
