//! Charts that stand on a table: the numbers are in the page, the picture is drawn from them.

use leptos::prelude::*;

use super::{Tone, Words};

/// One row of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// What is counted.
    pub label: String,
    /// How much; drawn in proportion to the largest.
    pub value: f64,
    /// The number as it is read: "1,904".
    pub text: String,
    /// A remark at the end of the row: "93.6%".
    pub note: Words,
    /// Where the list behind the number is.
    pub href: Words,
    /// What it means, when it is not ordinary.
    pub tone: Tone,
}

impl Bar {
    /// A row without a link.
    pub fn new(label: impl Into<String>, value: f64, text: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            value,
            text: text.into(),
            note: Words::default(),
            href: Words::default(),
            tone: Tone::Info,
        }
    }

    /// The same row with a remark at its end.
    #[must_use]
    pub fn note(mut self, note: impl Into<Words>) -> Self {
        self.note = note.into();
        self
    }

    /// The same row leading to the list behind it.
    #[must_use]
    pub fn href(mut self, href: impl Into<Words>) -> Self {
        self.href = href.into();
        self
    }

    /// The same row in another tone.
    #[must_use]
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }
}

fn largest(bars: &[Bar]) -> f64 {
    bars.iter().map(|bar| bar.value).fold(0.0, f64::max).max(f64::MIN_POSITIVE)
}

/// A table whose last column is drawn: label, number, bar.
#[component]
pub fn BarChart(
    /// What the table shows.
    #[prop(into)]
    caption: String,
    /// The rows.
    bars: Vec<Bar>,
) -> impl IntoView {
    let most = largest(&bars);
    let rows = bars
        .into_iter()
        .map(|bar| {
            let width = format!("{:.2}", (bar.value / most * 100.0).clamp(0.0, 100.0));
            let label = match bar.href.get() {
                Some(href) => view! { <a href=href>{bar.label}</a> }.into_any(),
                None => bar.label.into_any(),
            };
            let class = if bar.tone == Tone::Plain { "plain" } else { bar.tone.class() };
            view! {
                <tr class=class>
                    <th scope="row">{label}</th>
                    <td class="n">{bar.text}</td>
                    <td>
                        <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                            <rect class="bar-ground" width="100" height="10" />
                            <rect class="bar-fill" width=width height="10" />
                        </svg>
                    </td>
                    {bar.note.get().map(|note| view! { <td class="rest">{note}</td> })}
                </tr>
            }
        })
        .collect_view();
    view! {
        <table class="bars">
            <caption class="said">{caption}</caption>
            <tbody>{rows}</tbody>
        </table>
    }
}

/// A series over time as columns; its table folds out under it.
#[component]
pub fn ColumnChart(
    /// What the table shows.
    #[prop(into)]
    caption: String,
    /// Names of the two columns of the table.
    heads: (String, String),
    /// The values, oldest first.
    bars: Vec<Bar>,
    /// Opens the table: "看表格".
    #[prop(into)]
    table_word: String,
) -> impl IntoView {
    let most = largest(&bars);
    let ends = bars.first().zip(bars.last()).map(|(first, last)| (first.label.clone(), last.label.clone()));
    let rows = bars
        .iter()
        .map(|bar| view! { <tr><th scope="row">{bar.label.clone()}</th><td class="n">{bar.text.clone()}</td></tr> })
        .collect_view();
    let count = bars.len();
    let columns = bars
        .into_iter()
        .enumerate()
        .map(|(at, bar)| {
            let height = (bar.value / most * 96.0).clamp(0.0, 96.0);
            let class = if at + 1 == count { "col last" } else { "col" };
            view! {
                <rect class=class x=format!("{}.15", at) y=format!("{:.2}", 100.0 - height) width="0.7" height=format!("{height:.2}")>
                    <title>{format!("{} {}", bar.label, bar.text)}</title>
                </rect>
            }
        })
        .collect_view();
    view! {
        <figure class="columns">
            <svg viewBox=format!("0 0 {} 100", count.max(1)) preserveAspectRatio="none" aria-hidden="true">
                {columns}
                <line class="axis" x1="0" x2=count.to_string() y1="100" y2="100" />
            </svg>
            {ends.map(|(first, last)| view! { <div class="ends" aria-hidden="true"><span>{first}</span><span>{last}</span></div> })}
            <details class="small">
                <summary>{table_word}</summary>
                <table class="table">
                    <caption>{caption}</caption>
                    <thead><tr><th scope="col">{heads.0}</th><th scope="col" class="n">{heads.1}</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </details>
        </figure>
    }
}
