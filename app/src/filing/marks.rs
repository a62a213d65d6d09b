//! What every page about a filing shows in the same way: its stage, its road, its clock, its leaves, and the small
//! readings (ids from the address, form keys) that these pages share.

use std::str::FromStr;

use backend::filing::{ClockView, FilingHead};
use domain::workflow::StageName;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::{
    lang::Lang,
    request::Request,
    ui::{
        Clock, ClockState, ErrorSummary, Leaf, LeafPending, Link, Road, StateWords, Stop, StopState, Tag,
        Tone,
    },
};

/// A part of the page's address, read before anything is awaited.
#[must_use]
pub fn param<T: FromStr>(name: &str) -> Option<T> {
    use_params_map().with_untracked(|map| map.get(name)).and_then(|text| text.parse().ok())
}

/// A random key for a form that must act once, however often it is sent.
#[must_use]
pub fn form_key(request: &Request) -> String {
    request.cx.id().simple().to_string()
}

/// The mark of something journaled: its leaf, or that it waits for one.
#[must_use]
pub fn leaf(lang: Lang, index: Option<i64>) -> AnyView {
    match index.and_then(|index| u64::try_from(index).ok()) {
        Some(index) => {
            let label = lang.with("filing.leaf", &[("index", &index.to_string())]);
            view! { <Leaf index href=format!("/ledger/entries/{index}") label /> }.into_any()
        }
        None => view! { <LeafPending text=lang.t("filing.leaf_pending") /> }.into_any(),
    }
}

/// What a stage means, as a colour.
#[must_use]
pub const fn stage_tone(stage: StageName) -> Tone {
    match stage {
        StageName::Draft | StageName::Withdrawn => Tone::Plain,
        StageName::Attesting | StageName::Correction | StageName::Inquiry | StageName::Suspended => {
            Tone::Look
        }
        StageName::Submitted | StageName::Review | StageName::SecondReview => Tone::Info,
        StageName::Approved | StageName::Publicised | StageName::Listed => Tone::Ok,
        StageName::NotAccepted | StageName::Rejected => Tone::Bad,
    }
}

/// The stage's name.
#[must_use]
pub fn stage_name(lang: Lang, stage: StageName) -> String {
    lang.t(&format!("stage.{}", stage.name()))
}

/// The stage in a tag.
#[must_use]
pub fn stage_tag(lang: Lang, stage: StageName) -> AnyView {
    view! { <Tag tone=stage_tone(stage)>{stage_name(lang, stage)}</Tag> }.into_any()
}

/// A running clock: what is left, until when, and on a page of its own (`whole`) whose turn it is.
#[must_use]
pub fn clock(lang: Lang, view: &ClockView, whole: bool) -> AnyView {
    let reading = &view.reading;
    let state = match (reading.overdue, reading.paused, reading.remaining) {
        (true, ..) => ClockState::Overdue,
        (_, true, _) => ClockState::Paused,
        (_, _, ..=1) => ClockState::Soon,
        _ => ClockState::Running,
    };
    let due = reading
        .due
        .map(|day| lang.with("filing.clock.due", &[("day", &day.to_string())]))
        .unwrap_or_default();
    let turn =
        lang.t(if view.kind.is_exchanges() { "filing.clock.exchange" } else { "filing.clock.enterprise" });
    let left = reading.label(lang.0);
    if whole {
        let left = format!("{} {left}", view.kind.label(lang.0));
        let days = (reading.used, u32::from(view.limit_days));
        view! { <Clock state left due turn days /> }.into_any()
    } else {
        view! { <Clock state left due /> }.into_any()
    }
}

/// How a screen reader says the states of stops.
#[must_use]
pub fn state_words(lang: Lang) -> StateWords {
    StateWords::new(
        lang.t("filing.road.done"),
        lang.t("filing.road.now"),
        lang.t("filing.road.todo"),
        lang.t("filing.road.failed"),
    )
}

/// Where a filing is, with its clock under it.
#[must_use]
pub fn road(lang: Lang, filing: &FilingHead, running: Option<&ClockView>) -> AnyView {
    let at = filing.stage.road_step();
    let ended = matches!(filing.stage, StageName::NotAccepted | StageName::Rejected | StageName::Withdrawn);
    let stops = (0..7_u8)
        .map(|step| {
            let state = match step.cmp(&at) {
                std::cmp::Ordering::Less => StopState::Done,
                std::cmp::Ordering::Equal if ended => StopState::Failed,
                std::cmp::Ordering::Equal if filing.stage == StageName::Listed => StopState::Done,
                std::cmp::Ordering::Equal => StopState::Now,
                std::cmp::Ordering::Greater => StopState::Todo,
            };
            let label = if step == at && !matches!(filing.stage, StageName::Draft | StageName::Attesting) {
                stage_name(lang, filing.stage)
            } else {
                lang.t(&format!("road.step{step}"))
            };
            let note = match step {
                0 => Some(filing.created_at),
                2 => filing.first_submitted_at,
                _ => None,
            };
            Stop::new(label, state).note(note.map(|at| lang.day(at)))
        })
        .collect();
    match running {
        Some(running) => {
            let clock = clock(lang, running, true);
            view! { <Road label=lang.t("road.label") stops words=state_words(lang)>{clock}</Road> }.into_any()
        }
        None => view! { <Road label=lang.t("road.label") stops words=state_words(lang) /> }.into_any(),
    }
}

/// What a form got wrong, leading to its fields; nothing when it got nothing wrong.
#[must_use]
pub fn error_summary(request: &Request) -> AnyView {
    let errors = &request.flash.errors;
    if errors.is_empty() {
        return ().into_any();
    }
    let title = request.lang.with("filing.errors", &[("count", &errors.len().to_string())]);
    let errors =
        errors.iter().map(|(name, message)| Link::new(message.clone(), format!("#{name}"))).collect();
    view! { <ErrorSummary title errors /> }.into_any()
}
