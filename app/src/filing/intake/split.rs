//! The form that cuts a file into its documents: the pages that were noticed, each with its slot, and lines for more. Without a
//! script there is one line more than parts; a line that stays empty is none.

use backend::{filing::SlotView, intake::IntakeView};
use domain::media::Kind;
use leptos::prelude::*;

use crate::{lang::Lang, request::Request, ui::Button};

/// Lines for a file of which nothing was noticed.
const LINES: usize = 3;

/// The form; nothing for what has one page, or is no PDF.
pub(super) fn form(request: &Request, slots: &[SlotView], file: &IntakeView) -> Option<AnyView> {
    let lang = request.lang;
    let verdict = &file.verdict;
    let is_pdf = Kind::from_file_name(&file.file_name) == Some(Kind::Pdf);
    if !is_pdf || verdict.pages < 2 || !file.kept {
        return None;
    }
    let noticed = verdict.parts.len();
    let lines: Vec<AnyView> = (0..(noticed + 1).max(LINES))
        .map(|at| {
            let part = verdict.parts.get(at);
            let page = |which: &str, found: Option<u32>| {
                let stored = found.map(|page| page.to_string()).unwrap_or_default();
                request.flash.value(&format!("{}-{which}-{at}", file.id), &stored)
            };
            let first = page("first", part.map(|part| part.first));
            let last = page("last", part.map(|part| part.last));
            line(lang, slots, at, (first, last), part.map(|part| part.slot.as_str()).unwrap_or_default())
        })
        .collect();
    let pages = verdict.pages.to_string();
    let why = if noticed > 1 {
        lang.with("intake.split.why", &[("pages", &pages), ("count", &noticed.to_string())])
    } else {
        lang.with("intake.split.any", &[("pages", &pages)])
    };
    let (id, open) = (file.id.to_string(), noticed > 1);
    Some(
        view! {
            <details class="split small" open=open>
                <summary>{lang.t("intake.split.title")}<span class="said">{file.file_name.clone()}</span></summary>
                <form class="stack tight" method="post" action="/do/intake/split">
                    <input type="hidden" name="file" value=id />
                    <p class="dim">{why}</p>
                    {lines}
                    <div class="actions"><Button small=true>{lang.t("intake.split.now")}</Button></div>
                </form>
            </details>
        }
        .into_any(),
    )
}

fn line(lang: Lang, slots: &[SlotView], at: usize, (first, last): (String, String), slot: &str) -> AnyView {
    let part = lang.with("intake.split.part", &[("number", &(at + 1).to_string())]);
    let page = |name: &str, key: &str, value: String| {
        view! {
            <input class="input page" type="text" inputmode="numeric" name=format!("parts[{at}][{name}]") value=value aria-label=format!("{part} {}", lang.t(key)) maxlength="5" />
        }
        .into_any()
    };
    let options: Vec<AnyView> = slots
        .iter()
        .filter(|slot| slot.formats.contains(&Kind::Pdf))
        .map(|choice| {
            let text = format!("{} {}", choice.number, lang.pick(&choice.name.zh, &choice.name.en));
            let selected = choice.id.as_str() == slot;
            view! { <option value=choice.id.to_string() selected=selected>{text}</option> }.into_any()
        })
        .collect();
    let (from, to) = (page("first", "intake.split.first", first), page("last", "intake.split.last", last));
    view! {
        <div class="row">
            <span>{part.clone()}</span>
            {from} "–" {to}
            <select class="input" name=format!("parts[{at}][slot]") aria-label=part>
                <option value="">{lang.t("intake.split.auto")}</option>
                {options}
            </select>
        </div>
    }
    .into_any()
}
