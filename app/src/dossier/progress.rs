//! Where a filing is: road, clock, stage and leaf.

use backend::filing::ClockView;
use domain::{clock::ClockKind, text::Text, workflow::StageName};
use leptos::prelude::*;

use crate::{
    lang::Lang,
    ui::{Clock, ClockState, Leaf, LeafPending, Road, StateWords, Stop, StopState, Tag, Tone},
};

/// A text of the rule pack in the reader's language.
pub(crate) fn text(lang: Lang, text: &Text) -> String {
    text.get(lang.0).to_owned()
}

/// The mark of an event, or that it is on its way to the ledger.
pub(crate) fn leaf(lang: Lang, index: Option<i64>) -> AnyView {
    match index.and_then(|index| u64::try_from(index).ok()) {
        Some(index) => {
            let label = lang.with("ledger.leaf_label", &[("index", &index.to_string())]);
            view! { <Leaf index=index href=format!("/ledger/entries/{index}") label=label /> }.into_any()
        }
        None => view! { <LeafPending text=lang.t("dossier.anchoring") /> }.into_any(),
    }
}

/// A stage in a word, in the colour of what it means.
pub(crate) fn stage_tag(lang: Lang, stage: StageName) -> AnyView {
    let tone = match stage {
        StageName::Listed | StageName::Approved | StageName::Publicised => Tone::Ok,
        StageName::Correction | StageName::Inquiry | StageName::Suspended => Tone::Look,
        StageName::NotAccepted | StageName::Rejected => Tone::Bad,
        StageName::Withdrawn | StageName::Draft => Tone::Plain,
        _ => Tone::Info,
    };
    let word = lang.t(&format!("stage.{}", stage.name()));
    view! { <Tag tone=tone>{word}</Tag> }.into_any()
}

/// The working-day clock of a stage.
pub(crate) fn clock(lang: Lang, stage: StageName, view: &ClockView) -> AnyView {
    let reading = &view.reading;
    let state = match (reading.overdue, reading.paused, reading.remaining) {
        (true, ..) => ClockState::Overdue,
        (_, true, _) => ClockState::Paused,
        (.., ..=2) => ClockState::Soon,
        _ => ClockState::Running,
    };
    let due = reading.due.map(|due| lang.with("dossier.due", &[("day", &due.to_string())]));
    let turn = match (view.kind, stage) {
        (_, StageName::Suspended) => "nobody",
        (ClockKind::Acceptance, _) => "acceptance",
        (ClockKind::Review, StageName::SecondReview) => "second_review",
        (ClockKind::Review, _) => "review",
        (ClockKind::Correction, _) => "correction",
        (ClockKind::InquiryReply, _) => "inquiry_reply",
    };
    let days = (reading.used, u32::from(view.limit_days));
    view! { <Clock state=state left=reading.label(lang.0) due=due turn=lang.t(&format!("dossier.turn.{turn}")) days=days /> }
        .into_any()
}

/// The road of seven stops, with the clock under it.
pub(crate) fn road(lang: Lang, stage: StageName, running: Option<&ClockView>) -> AnyView {
    let here = usize::from(stage.road_step());
    let failed = matches!(stage, StageName::NotAccepted | StageName::Rejected | StageName::Withdrawn);
    let stops = (0..7)
        .map(|step| {
            let state = match step.cmp(&here) {
                std::cmp::Ordering::Less => StopState::Done,
                std::cmp::Ordering::Equal if stage == StageName::Listed => StopState::Done,
                std::cmp::Ordering::Equal if failed => StopState::Failed,
                std::cmp::Ordering::Equal => StopState::Now,
                std::cmp::Ordering::Greater => StopState::Todo,
            };
            let stop = Stop::new(lang.t(&format!("road.step{step}")), state);
            if step == here { stop.note(lang.t(&format!("stage.{}", stage.name()))) } else { stop }
        })
        .collect();
    let t = |key: &str| lang.t(&format!("dossier.stop.{key}"));
    let words = StateWords::new(t("done"), t("now"), t("todo"), t("failed"));
    let clock = running.map(|running| clock(lang, stage, running));
    view! { <Road label=lang.t("road.label") stops=stops words=words>{clock}</Road> }.into_any()
}
