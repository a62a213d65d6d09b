//! The path from one leaf to the root of the ledger, drawn: what a verifier hashes, step by step.

use leptos::prelude::*;

use super::digest::abbreviate;

/// One level of an inclusion proof, from the leaf upwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathStep {
    /// Hash that the proof supplies.
    pub sibling: String,
    /// It stands left of ours.
    pub sibling_left: bool,
    /// Hash of the two together.
    pub parent: String,
}

/// Levels drawn at most; the ones in the middle are counted instead.
const DRAWN: usize = 4;
const ROW: i32 = 72;
const WIDE: i32 = 112;
const APART: i32 = 132;

struct Node {
    x: i32,
    y: i32,
    text: String,
    class: &'static str,
}

struct Drawing {
    nodes: Vec<Node>,
    lines: Vec<(i32, i32, i32, i32, bool)>,
}

/// Lays out leaf, siblings and parents; the parent stands half-way between its two children.
fn draw(leaf: &str, steps: &[PathStep], more: impl Fn(usize) -> String) -> Drawing {
    let (low, high) =
        if steps.len() > DRAWN { (DRAWN / 2, steps.len() - DRAWN / 2) } else { (steps.len(), steps.len()) };
    let mut drawing = Drawing { nodes: Vec::new(), lines: Vec::new() };
    let (mut x, mut y) = (0, 0);
    drawing.nodes.push(Node { x, y, text: leaf.to_owned(), class: "end" });
    for (at, step) in steps.iter().enumerate() {
        if at >= low && at < high {
            if at == low {
                drawing.lines.push((x, y, x, y - ROW, true));
                y -= ROW;
                drawing.nodes.push(Node { x, y, text: more(high - low), class: "on" });
            }
            continue;
        }
        let away = if step.sibling_left { -APART } else { APART };
        let up = y - ROW;
        drawing.nodes.push(Node { x: x + away, y, text: abbreviate(&step.sibling), class: "" });
        drawing.lines.push((x + away, y, x + away / 2, up, false));
        drawing.lines.push((x, y, x + away / 2, up, true));
        x += away / 2;
        y = up;
        let last = at + 1 == steps.len();
        drawing.nodes.push(Node {
            x,
            y,
            text: abbreviate(&step.parent),
            class: if last { "end" } else { "on" },
        });
    }
    drawing
}

/// The way from a leaf to the root. Say the same in words beside it; the picture is unsaid.
#[component]
pub fn LedgerPath(
    /// What the picture shows.
    #[prop(into)]
    label: String,
    /// "#128406"
    #[prop(into)]
    leaf: String,
    /// The proof from the leaf upwards; the last parent is the root.
    steps: Vec<PathStep>,
    /// "另 13 层", with `{}` for the number of levels not drawn.
    #[prop(into)]
    more: String,
) -> impl IntoView {
    let drawing = draw(&leaf, &steps, |count| more.replace("{}", &count.to_string()));
    let left = drawing.nodes.iter().map(|node| node.x).min().unwrap_or(0) - WIDE / 2 - 8;
    let right = drawing.nodes.iter().map(|node| node.x).max().unwrap_or(0) + WIDE / 2 + 8;
    let top = drawing.nodes.iter().map(|node| node.y).min().unwrap_or(0) - 24;
    let view_box = format!("{left} {top} {} {}", right - left, 24 - top);
    let lines = drawing
        .lines
        .into_iter()
        .map(|(x1, y1, x2, y2, on)| {
            view! {
                <line class=if on { "on" } else { "" } x1=x1.to_string() y1=(y1 - 16).to_string() x2=x2.to_string() y2=(y2 + 16).to_string() />
            }
        })
        .collect_view();
    let nodes = drawing
        .nodes
        .into_iter()
        .map(|node| {
            view! {
                <g class=node.class>
                    <rect x=(node.x - WIDE / 2).to_string() y=(node.y - 16).to_string() width=WIDE.to_string() height="32" rx="4" />
                    <text x=node.x.to_string() y=node.y.to_string()>{node.text}</text>
                </g>
            }
        })
        .collect_view();
    view! { <svg class="path" viewBox=view_box role="img" aria-label=label>{lines}{nodes}</svg> }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(count: usize) -> Vec<PathStep> {
        (0..count)
            .map(|at| PathStep {
                sibling: format!("s{at}"),
                sibling_left: at % 2 == 0,
                parent: format!("p{at}"),
            })
            .collect()
    }

    #[test]
    fn a_long_path_keeps_both_ends_and_counts_the_middle() {
        let drawing = draw("#7", &steps(17), |count| format!("+{count}"));
        let texts: Vec<&str> = drawing.nodes.iter().map(|node| node.text.as_str()).collect();
        assert_eq!(texts, ["#7", "s0", "p0", "s1", "p1", "+13", "s15", "p15", "s16", "p16"]);
        assert_eq!(drawing.nodes.last().map(|node| node.class), Some("end"));
    }

    #[test]
    fn a_short_path_is_drawn_whole() {
        assert_eq!(draw("#0", &steps(3), |_| String::new()).nodes.len(), 7);
        assert_eq!(draw("#0", &[], |_| String::new()).nodes.len(), 1);
    }
}
