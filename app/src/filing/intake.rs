//! The intake on the workspace's view of materials: where a folder is dropped, what the platform made of each file, and the
//! questions that only a person can answer. [`card`] is that part of the page, [`acts`] are its forms, [`reason`] is the line
//! under a file in its slot. Sending is a script of its own (`public/intake.js`): walking folders, hashing and sending in
//! pieces are the browser's own machinery, and would cost the WebAssembly a tenth of its budget.

use backend::{
    filing::{SlotView, Workspace},
    intake::IntakeView,
};
use domain::{intake::State, locale::Locale};
use leptos::prelude::*;
use serde_json::json;

use crate::{
    lang::Lang,
    request::Request,
    ui::{Button, Card, FileField, Icon, IconName, Tag, Tone},
};

pub mod acts;
mod question;
mod split;

/// Texts that the script says, by their keys below `intake.`.
const SAID: [&str; 14] = [
    "hashing",
    "waiting",
    "sending",
    "sent",
    "cancelled",
    "lost",
    "signed_out",
    "sign_in",
    "cancel",
    "retry",
    "dismiss",
    "all",
    "working",
    "refresh",
];

/// The card, for those who may change the filing.
#[must_use]
pub fn card(request: &Request, workspace: &Workspace, files: &[IntakeView]) -> AnyView {
    let lang = request.lang;
    let id = workspace.filing.id;
    let of = |state: State| files.iter().filter(move |file| file.state == state);
    // The folder that is still to be compared counts as one more.
    let comparing = files.iter().any(|file| file.comparing);
    let working = files.iter().filter(|file| file.state.is_working()).count() + usize::from(comparing);
    let unsure: Vec<AnyView> = of(State::Unsure)
        .enumerate()
        .map(|(at, file)| question::question(request, &workspace.slots, file, at == 0))
        .collect();
    let held: Vec<AnyView> =
        of(State::Held).chain(of(State::Failed)).map(|file| question::held(lang, file)).collect();
    let broken: Vec<AnyView> = files
        .iter()
        .filter(|file| file.state.is_arriving())
        .map(|file| question::broken(lang, file))
        .collect();
    let aside: Vec<AnyView> =
        of(State::Unpacked).chain(of(State::SetAside)).map(|file| question::aside(lang, file)).collect();
    let extra = tags(lang, files, working);
    view! {
        <div id="intake" class="intake" data-intake=format!("/filings/{id}/intake") data-next=format!("/filings/{id}?view=confirm") data-working=working.to_string() data-words=words(lang)>
            <Card title=lang.t("intake.title") note=lang.t("intake.note") extra=extra>
                {drop_zone(lang, &format!("/filings/{id}/intake"))}
                <div class="intake-live" data-live="" aria-live="polite"></div>
                {waits(lang, working)}
                {group(lang, "intake.unsure", unsure)}
                {group(lang, "intake.held", held)}
                {group(lang, "intake.broken", broken)}
                {folded(lang, aside)}
            </Card>
        </div>
        <script defer src="/intake.js"></script>
    }
    .into_any()
}

fn tags(lang: Lang, files: &[IntakeView], working: usize) -> AnyView {
    let placed = files.iter().filter(|file| file.state == State::Placed).count();
    let tag = |tone: Tone, key: &'static str, count: usize| {
        (count > 0).then(|| view! { <Tag tone>{lang.with(key, &[("count", &count.to_string())])}</Tag> })
    };
    view! { {tag(Tone::Ok, "intake.placed", placed)} {tag(Tone::Info, "intake.reading", working)} }.into_any()
}

/// Where things are dropped; inside it the plain form, which the script replaces with two buttons.
fn drop_zone(lang: Lang, url: &str) -> AnyView {
    let label = lang.t("intake.choose");
    view! {
        <div class="drop slim" data-drop="">
            <Icon name=IconName::Folder />
            <div class="grow">
                <p>{lang.t("intake.drop")}</p>
                <p class="small dim">{lang.t("intake.drop_why")}</p>
            </div>
            <div class="row" data-pick="" hidden=true>
                <label class="button small">
                    {lang.t("intake.folder")}
                    <input class="said" type="file" multiple=true data-folder="" />
                </label>
                <label class="button small">
                    {lang.t("intake.files")}
                    <input class="said" type="file" multiple=true />
                </label>
            </div>
            <form class="row" method="post" action=url.to_owned() enctype="multipart/form-data" data-plain="">
                <FileField name="file" id="intake-files" label=label multiple=true required=true />
                <Button small=true>{lang.t("filing.upload.send")}</Button>
            </form>
        </div>
    }
    .into_any()
}

/// Without a script the page looks again by itself while the platform is at work.
fn waits(lang: Lang, working: usize) -> Option<AnyView> {
    (working > 0).then(|| {
        let said = lang.with("intake.reading_now", &[("count", &working.to_string())]);
        view! {
            <noscript><meta http-equiv="refresh" content="3" /></noscript>
            <p class="small dim" data-waits="">{said}</p>
        }
        .into_any()
    })
}

fn group(lang: Lang, key: &str, rows: Vec<AnyView>) -> Option<AnyView> {
    (!rows.is_empty()).then(|| {
        let title = lang.with(key, &[("count", &rows.len().to_string())]);
        view! { <section class="intake-group"><h3>{title}</h3><ul class="intake-files">{rows}</ul></section> }
            .into_any()
    })
}

fn folded(lang: Lang, rows: Vec<AnyView>) -> Option<AnyView> {
    (!rows.is_empty()).then(|| {
        let title = lang.with("intake.aside", &[("count", &rows.len().to_string())]);
        view! { <details class="small"><summary class="dim">{title}</summary><ul class="intake-files">{rows}</ul></details> }
            .into_any()
    })
}

/// Why a document lies in its slot, how sure that is, and what takes the last step back.
#[must_use]
pub fn reason(lang: Lang, file: &IntakeView) -> AnyView {
    let why = file.verdict.reasons.first().map(|reason| reason.get(lang.0).to_owned());
    let moved = file.verdict.before.is_some();
    let sure = if moved {
        lang.t("intake.by_hand")
    } else {
        lang.with("intake.confidence", &[("percent", &file.confidence.to_string())])
    };
    let line = match why {
        Some(why) if !moved => format!("{why} · {sure}"),
        _ => sure,
    };
    let undo = moved.then(|| question::act(lang, "/do/intake/undo", file, "intake.undo"));
    view! { <div class="file-why">{line} {undo}</div> }.into_any()
}

/// The form that moves a document to another slot.
#[must_use]
pub fn move_form(lang: Lang, slots: &[SlotView], document: &str, name: &str, current: &str) -> AnyView {
    let label = lang.with("intake.move_to", &[("name", name)]);
    view! {
        <details class="move">
            <summary class="small">{lang.t("intake.move")}<span class="said">{name.to_owned()}</span></summary>
            <form class="row" method="post" action="/do/document/move">
                <input type="hidden" name="document" value=document.to_owned() />
                {slot_select(lang, slots, &label, current)}
                <Button small=true>{lang.t("intake.move_now")}</Button>
            </form>
        </details>
    }
    .into_any()
}

/// All slots to choose from.
fn slot_select(lang: Lang, slots: &[SlotView], label: &str, current: &str) -> AnyView {
    let options: Vec<AnyView> = slots
        .iter()
        .filter(|slot| slot.id.as_str() != current)
        .map(|slot| {
            let text = format!("{} {}", slot.number, lang.pick(&slot.name.zh, &slot.name.en));
            view! { <option value=slot.id.to_string()>{text}</option> }.into_any()
        })
        .collect();
    // Nothing is chosen beforehand: pressing the button by mistake must not put a paper anywhere.
    view! {
        <select class="input" name="slot" aria-label=label.to_owned() required=true>
            <option value="">{lang.t("intake.choose_slot")}</option>
            {options}
        </select>
    }
    .into_any()
}

/// What the script says, in the reader's language.
fn words(lang: Lang) -> String {
    let mut words: serde_json::Map<String, serde_json::Value> =
        SAID.iter().map(|key| ((*key).to_owned(), json!(lang.t(&format!("intake.js.{key}"))))).collect();
    words.insert("lang".into(), json!(if lang.0 == Locale::Zh { "zh" } else { "en" }));
    serde_json::Value::Object(words).to_string()
}
