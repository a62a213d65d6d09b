//! The working-day clock: what is left, whose turn it is, one pip for each day of the allowance.

use leptos::prelude::*;

use super::{Icon, IconName, Words, words::classes};

/// How the clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockState {
    /// Days are left.
    Running,
    /// The last day or two.
    Soon,
    /// The allowance is used up.
    Overdue,
    /// Stopped by 补正, 问询 or 中止.
    Paused,
    /// Settled.
    Done,
}

impl ClockState {
    fn class(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Soon => "soon",
            Self::Overdue => "overdue",
            Self::Paused => "paused",
            Self::Done => "done",
        }
    }

    fn icon(self) -> IconName {
        match self {
            Self::Running | Self::Soon => IconName::Clock,
            Self::Overdue => IconName::Alert,
            Self::Paused => IconName::Pause,
            Self::Done => IconName::CheckCircle,
        }
    }
}

/// A working-day countdown.
#[component]
pub fn Clock(
    /// How it stands.
    state: ClockState,
    /// What is left: "剩 3 个工作日".
    #[prop(into)]
    left: String,
    /// The day it ends: "截止 2026-11-27".
    #[prop(optional, into)]
    due: Words,
    /// Whose turn it is: "轮到 交易中心初审".
    #[prop(optional, into)]
    turn: Words,
    /// Days used and days allowed; no pips above 20 days.
    #[prop(optional)]
    days: Option<(u32, u32)>,
) -> impl IntoView {
    let pips = days.filter(|(_, allowed)| (1..=20).contains(allowed)).map(|(used, allowed)| {
        let pips = (0..allowed)
            .map(|day| {
                let class = if day < used { "pip used" } else { "pip" };
                view! { <rect class=class x=(day * 9).to_string() y="2.5" width="6" height="7" rx="1" /> }
            })
            .collect_view();
        view! { <svg class="pips" viewBox=format!("-1 0 {} 12", allowed * 9 - 1) aria-hidden="true">{pips}</svg> }
    });
    view! {
        <span class=classes(&["clock", state.class()])>
            <Icon name=state.icon() />
            <span class="clock-left">{left}</span>
            {pips}
            {due.get().map(|due| view! { <span>{due}</span> })}
            {turn.get().map(|turn| view! { <span class="turn">{turn}</span> })}
        </span>
    }
}
