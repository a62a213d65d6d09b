//! One figure, what it is, how it moves.

use leptos::prelude::*;

use super::{Tone, Words, words::classes};

/// A row of [`Kpi`]s.
#[component]
pub fn KpiRow(
    /// The figures.
    children: Children,
) -> impl IntoView {
    view! { <div class="kpis">{children()}</div> }
}

/// One figure.
#[component]
pub fn Kpi(
    /// What it is.
    #[prop(into)]
    label: String,
    /// The figure with its unit.
    #[prop(into)]
    value: String,
    /// How it compares: "+126 本月".
    #[prop(optional, into)]
    note: Words,
    /// What the figure means, when it is not ordinary.
    #[prop(optional)]
    tone: Tone,
    /// Where the list behind the figure is.
    #[prop(optional, into)]
    href: Words,
    /// The last values, oldest first; at least two draw a line.
    #[prop(optional)]
    spark: Vec<f64>,
) -> impl IntoView {
    let label = match href.get() {
        Some(href) => view! { <a href=href>{label}</a> }.into_any(),
        None => label.into_any(),
    };
    view! {
        <div class=classes(&["kpi", tone.class()])>
            <span class="kpi-label">{label}</span>
            <Sparkline values=spark />
            <span class="kpi-value">{value}</span>
            {note.get().map(|note| view! { <span class="kpi-note">{note}</span> })}
        </div>
    }
}

/// A small line of values; decoration, because the figure stands beside it.
#[component]
pub fn Sparkline(
    /// Oldest first; fewer than two draw nothing.
    values: Vec<f64>,
) -> impl IntoView {
    let points = points(&values);
    points.last().copied().map(|(x, y)| {
        let line = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ");
        view! {
            <svg class="spark" viewBox="0 0 72 24" aria-hidden="true">
                <polyline points=line />
                <circle cx=format!("{x:.1}") cy=format!("{y:.1}") r="2" />
            </svg>
        }
    })
}

/// Places of the values in a 72 by 24 field, 3 units clear of its edges; empty when there is no line to draw.
fn points(values: &[f64]) -> Vec<(f64, f64)> {
    if values.len() < 2 || values.iter().any(|value| !value.is_finite()) {
        return Vec::new();
    }
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let span = if high > low { high - low } else { 1.0 };
    let mut x = 2.0;
    #[expect(clippy::cast_precision_loss, reason = "a sparkline has tens of values")]
    let step = 68.0 / (values.len() - 1) as f64;
    values
        .iter()
        .map(|value| {
            let point = (x, if high > low { 21.0 - (value - low) / span * 18.0 } else { 12.0 });
            x += step;
            point
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::points;

    #[test]
    fn a_line_stays_in_its_field_and_a_flat_one_in_the_middle() {
        let line = points(&[3.0, 9.0, 6.0]);
        assert_eq!(line[0], (2.0, 21.0));
        assert_eq!(line[1], (36.0, 3.0));
        assert!((line[2].0 - 70.0).abs() < 1e-9);
        assert!(points(&[5.0, 5.0]).iter().all(|(_, y)| (*y - 12.0).abs() < 1e-9));
        assert!(points(&[1.0]).is_empty());
        assert!(points(&[1.0, f64::NAN]).is_empty());
    }
}
