//! One file of the intake that a person has to look at: where it might belong, why it cannot be taken, or why it lies
//! aside. Every answer is a plain form.

use backend::{filing::SlotView, intake::IntakeView};
use domain::intake::State;
use leptos::prelude::*;

use super::{slot_select, split};
use crate::{
    lang::Lang,
    request::Request,
    ui::{Button, KeyHint},
};

/// Proposals that are worth a button.
const PROPOSALS: usize = 3;

/// A file whose slot is not certain: proposals as buttons, every slot in a list, or aside.
pub(super) fn question(request: &Request, slots: &[SlotView], file: &IntakeView, first: bool) -> AnyView {
    let lang = request.lang;
    let id = file.id.to_string();
    let proposals: Vec<AnyView> = file
        .verdict
        .candidates
        .iter()
        .filter_map(|candidate| slots.iter().find(|slot| slot.id == candidate.slot))
        .take(PROPOSALS)
        .enumerate()
        .map(|(at, slot)| {
            let name = format!("{} {}", slot.number, lang.pick(&slot.name.zh, &slot.name.en));
            // Digits answer the first question; the next one is the first after that.
            let key = first.then(|| (at + 1).to_string());
            let hint = key.clone().map(|keys| view! { <KeyHint keys /> });
            view! {
                <button class="button small" type="submit" name="slot" value=slot.id.to_string() data-key=key>
                    {hint} {name} <span class="said">{file.file_name.clone()}</span>
                </button>
            }
            .into_any()
        })
        .collect();
    let proposed = (!proposals.is_empty()).then(|| {
        view! {
            <form class="row" method="post" action="/do/intake/place">
                <input type="hidden" name="file" value=id.clone() />
                {proposals}
            </form>
        }
    });
    let label = lang.with("intake.move_to", &[("name", &file.file_name)]);
    let choose = file.kept.then(|| {
        view! {
            <form class="row" method="post" action="/do/intake/place">
                <input type="hidden" name="file" value=id.clone() />
                {slot_select(lang, slots, &label, "")}
                <Button small=true>{lang.t("intake.put_in")}</Button>
            </form>
        }
    });
    view! {
        <li class="intake-file look" id=format!("intake-{id}") data-path=file.path.clone() data-state=file.state.name() data-confidence=file.confidence.to_string()>
            {head(lang, file)}
            {proposed}
            {split::form(request, slots, file)}
            <div class="row">{choose} {act(lang, "/do/intake/set-aside", file, "intake.not_needed")}</div>
        </li>
    }
    .into_any()
}

/// A file that cannot be taken as it is.
pub(super) fn held(lang: Lang, file: &IntakeView) -> AnyView {
    view! {
        <li class="intake-file bad" id=format!("intake-{}", file.id) data-path=file.path.clone() data-state=file.state.name() data-confidence=file.confidence.to_string()>
            {head(lang, file)}
            <div class="row">{act(lang, "/do/intake/set-aside", file, "intake.understood")}</div>
        </li>
    }
    .into_any()
}

/// A file whose bytes are not all here: dropping it again goes on.
pub(super) fn broken(lang: Lang, file: &IntakeView) -> AnyView {
    let so_far = lang
        .with("intake.so_far", &[("received", &lang.bytes(file.received)), ("size", &lang.bytes(file.size))]);
    view! {
        <li class="intake-file" id=format!("intake-{}", file.id) data-path=file.path.clone() data-state=file.state.name() data-confidence=file.confidence.to_string()>
            <div><span class="file-name">{file.file_name.clone()}</span> <small>{so_far}</small></div>
            <div class="row">{act(lang, "/do/intake/set-aside", file, "intake.not_needed")}</div>
        </li>
    }
    .into_any()
}

/// A file that is not needed, which can be put back while its content is here.
pub(super) fn aside(lang: Lang, file: &IntakeView) -> AnyView {
    let back = (file.state == State::SetAside && (file.kept || file.verdict.before.is_some()))
        .then(|| act(lang, "/do/intake/put-back", file, "intake.put_back"));
    view! {
        <li class="intake-file" id=format!("intake-{}", file.id) data-path=file.path.clone() data-state=file.state.name() data-confidence=file.confidence.to_string()>
            {head(lang, file)}
            <div class="row">{back}</div>
        </li>
    }
    .into_any()
}

/// Name, folder, size; then the reasons and what stands against it.
fn head(lang: Lang, file: &IntakeView) -> AnyView {
    let folder = file.path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
    let place = match folder {
        Some(folder) => format!("{folder} · {}", lang.bytes(file.size)),
        None => lang.bytes(file.size),
    };
    let reasons: Vec<AnyView> = file
        .verdict
        .reasons
        .iter()
        .map(|reason| view! { <span class="file-why">{reason.get(lang.0).to_owned()}</span> }.into_any())
        .collect();
    let clueless = (file.state == State::Unsure && reasons.is_empty() && file.verdict.problem.is_none())
        .then(|| view! { <span class="file-why">{lang.t("intake.no_clue")}</span> });
    let problem = file
        .verdict
        .problem
        .as_ref()
        .map(|problem| view! { <span class="error">{problem.get(lang.0).to_owned()}</span> });
    view! {
        <div>
            <span class="file-name">{file.file_name.clone()}</span> <small>{place}</small>
            {reasons}
            {clueless}
            {problem}
        </div>
    }
    .into_any()
}

/// One press about one file.
pub(super) fn act(lang: Lang, action: &'static str, file: &IntakeView, key: &str) -> AnyView {
    view! {
        <form method="post" action=action>
            <input type="hidden" name="file" value=file.id.to_string() />
            <button class="link" type="submit">{lang.t(key)} <span class="said">{file.file_name.clone()}</span></button>
        </form>
    }
    .into_any()
}
