//! 一次确认: everything that the documents of a filing gave, on one page with one button: where the files lie, the values read from
//! them with their places, what the documents disagree on, what none of them says, and the firms that they name. Ticks can be
//! taken off; what is uncertain is chosen and never preselected. Nothing of it holds before the button is pressed.

use std::collections::BTreeMap;

use backend::{
    Error,
    engagement::{Found, Proposed},
    fact::{FieldProposal, Proposals, Shown, SourceView},
    filing::{FieldInput, FieldView, Workspace},
    finding::FindingView,
    intake::IntakeView,
};
use domain::id::{FilingId, OrgId};
use leptos::prelude::*;

use super::{
    fields, findings,
    proposal::{at, place},
};
use crate::{
    fail::Fail,
    lang::Lang,
    page::Shown as Page,
    request::{Done, Request},
    ui::{Button, ButtonKind, Callout, CalloutKind, Card, TableBox, Tag, Tone},
};

/// Below this the slot of a file is worth a look before it counts.
const LOOK: u8 = 85;

/// The view.
///
/// # Errors
/// As reading proposals and firms.
pub async fn view(request: &Request, workspace: &Workspace, found: &[FindingView]) -> Page {
    let lang = request.lang;
    let id = workspace.filing.id;
    let proposals = backend::fact::proposals(&request.cx, id).await?;
    let firms = if workspace.allowed.engage {
        backend::engagement::named(&request.cx, id).await?
    } else {
        Vec::new()
    };
    let files = backend::intake::list(&request.cx, id).await?;
    let sorted = Sorted::of(workspace, &proposals);
    let waiting = (proposals.waiting > 0).then(|| {
        let said = lang.with("fact.waiting", &[("count", &proposals.waiting.to_string())]);
        view! { <Callout kind=CalloutKind::Look title=said><p class="small">{lang.t("filing.confirm.waiting")}</p></Callout> }
    });
    let contradictions = findings::line(lang, id, found)
        .map(|line| view! { <Card title=lang.t("finding.title")>{line}</Card> });
    let cards = view! {
        {materials(lang, workspace, &files)}
        {typed(request, &sorted)}
        {disputed(lang, &sorted)}
        {agreed(lang, &sorted)}
        {named(lang, workspace, &firms)}
    }
    .into_any();
    Ok(view! {
        <form class="stack" method="post" action="/do/filing/confirm" id="confirm">
            <input type="hidden" name="filing" value=id.to_string() />
            {waiting}
            {contradictions}
            {cards}
            {buttons(lang, workspace)}
        </form>
    }
    .into_any())
}

/// The form's fields by what there is to do about them.
struct Sorted<'a> {
    /// Empty, and the documents agree.
    agreed: Vec<(&'a FieldView, &'a FieldProposal)>,
    /// The documents disagree, are hard to read, or say something else than stands in the form.
    disputed: Vec<(&'a FieldView, &'a FieldProposal)>,
    /// Asked for, empty, and no document says it.
    typed: Vec<&'a FieldView>,
}

impl<'a> Sorted<'a> {
    fn of(workspace: &'a Workspace, proposals: &'a Proposals) -> Self {
        let mut sorted = Self { agreed: Vec::new(), disputed: Vec::new(), typed: Vec::new() };
        for field in workspace.sections.iter().flat_map(|section| &section.fields) {
            let proposal = proposals.fields.iter().find(|proposal| proposal.field == field.id);
            match proposal {
                Some(proposal) if proposal.value == field.value => {}
                Some(proposal) if field.value.is_empty() && proposal.unambiguous => {
                    sorted.agreed.push((field, proposal));
                }
                // What stands in the form was put there by somebody: it is asked about only when the documents are sure.
                Some(proposal) if field.value.is_empty() || proposal.unambiguous => {
                    sorted.disputed.push((field, proposal));
                }
                Some(_) => {}
                None if field.required && field.value.is_empty() => sorted.typed.push(field),
                None => {}
            }
        }
        sorted
    }
}

/// Where the files lie: those that were sorted with less confidence in sight, the rest a press away.
fn materials(lang: Lang, workspace: &Workspace, files: &[IntakeView]) -> AnyView {
    let line = |number: u16, slot: String, name: String, why: Option<String>| {
        view! { <li><span class="strong">{format!("{number} {slot}")}</span> " · " {name} {why.map(|why| view! { <span class="file-why">{why}</span> })}</li> }.into_any()
    };
    let (mut certain, mut look) = (Vec::new(), Vec::new());
    for slot in &workspace.slots {
        for document in &slot.documents {
            let sorted =
                files.iter().find(|file| file.document == Some(document.id) && !file.verdict.by_hand);
            let name = lang.pick(&slot.name.zh, &slot.name.en);
            match sorted.filter(|file| file.confidence < LOOK) {
                Some(file) => {
                    let why = file.verdict.reasons.first().map(|reason| reason.get(lang.0).to_owned());
                    look.push(line(slot.number, name, document.file_name.clone(), why));
                }
                None => certain.push(line(slot.number, name, document.file_name.clone(), None)),
            }
        }
    }
    let count = (certain.len() + look.len()).to_string();
    let open = files.iter().filter(|file| file.state == domain::intake::State::Unsure).count();
    let open = (open > 0).then(|| {
        let said = lang.with("filing.confirm.questions", &[("count", &open.to_string())]);
        view! { <p><a href=format!("/filings/{}#intake", workspace.filing.id)>{said}</a></p> }
    });
    let look = (!look.is_empty()).then(|| {
        view! { <p class="small">{lang.t("filing.confirm.look")}</p><ul class="todo-list">{look}</ul> }
    });
    let certain = (!certain.is_empty()).then(|| {
        let title = lang.with("filing.confirm.sorted", &[("count", &certain.len().to_string())]);
        view! { <details class="small"><summary>{title}</summary><ul class="todo-list">{certain}</ul></details> }
    });
    view! {
        <Card title=lang.with("filing.confirm.materials", &[("count", &count)])>
            <div class="stack tight">{open} {look} {certain}</div>
        </Card>
    }
    .into_any()
}

/// What no document says and the application asks for.
fn typed(request: &Request, sorted: &Sorted<'_>) -> Option<AnyView> {
    (!sorted.typed.is_empty()).then(|| {
        let lang = request.lang;
        let controls: Vec<AnyView> = sorted
            .typed
            .iter()
            .map(|field| view! { <div>{version(field)} {fields::control(request, field)}</div> }.into_any())
            .collect();
        let title = lang.with("filing.confirm.typed", &[("count", &controls.len().to_string())]);
        view! { <Card title=title note=lang.t("filing.confirm.typed_why")><div class="confirm-grid">{controls}</div></Card> }
            .into_any()
    })
}

/// The version that a value is decided on: what somebody else saves meanwhile is a conflict and not lost.
fn version(field: &FieldView) -> AnyView {
    view! { <input type="hidden" name=format!("versions[{}]", field.id) value=field.version.to_string() /> }
        .into_any()
}

fn disputed(lang: Lang, sorted: &Sorted<'_>) -> Option<AnyView> {
    (!sorted.disputed.is_empty()).then(|| {
        let rows: Vec<AnyView> = sorted
            .disputed
            .iter()
            .map(|(field, proposal)| {
                let label = lang.pick(&field.label.zh, &field.label.en);
                let mut choices: Vec<AnyView> = Vec::new();
                let mut seen: Vec<&str> = Vec::new();
                for source in proposal.sources.iter().take(1).chain(&proposal.disagreeing) {
                    if !seen.contains(&source.value.as_str()) {
                        seen.push(&source.value);
                        choices.push(choice(lang, field, source, seen.len()));
                    }
                }
                let stands = (!field.value.is_empty()).then(|| {
                    let said = lang.with("filing.confirm.stands", &[("value", &fields::shown(lang, field))]);
                    view! { <p class="small dim">{said}</p> }
                });
                view! { <fieldset class="field" id=format!("choose-{}", field.id)><legend>{label}</legend>{version(field)}{stands}<div class="choices">{choices}</div></fieldset> }
                    .into_any()
            })
            .collect();
        let title = lang.with("filing.confirm.disputed", &[("count", &rows.len().to_string())]);
        view! { <Card title=title note=lang.t("filing.confirm.disputed_why")><div class="confirm-grid">{rows}</div></Card> }.into_any()
    })
}

fn choice(lang: Lang, field: &FieldView, source: &SourceView, at: usize) -> AnyView {
    let id = format!("choose-{}-{at}", field.id);
    let value = fields::shown(lang, &FieldView { value: source.value.clone(), ..field.clone() });
    view! {
        <div class="choice">
            <input type="radio" id=id.clone() name=format!("adopt[{}]", field.id) value=source.value.clone() />
            <label for=id>{value}</label>
            <span class="help">{place(lang, source)}</span>
        </div>
    }
    .into_any()
}

fn agreed(lang: Lang, sorted: &Sorted<'_>) -> Option<AnyView> {
    (!sorted.agreed.is_empty()).then(|| {
        let rows: Vec<AnyView> = sorted
            .agreed
            .iter()
            .map(|(field, proposal)| {
                let id = format!("adopt-{}", field.id);
                let value =
                    fields::shown(lang, &FieldView { value: proposal.value.clone(), ..(*field).clone() });
                let from = proposal.sources.first().map(|source| place(lang, source));
                view! {
                    <tr data-field=field.id.clone()>
                        <td class="fit"><input type="checkbox" id=id.clone() name=format!("adopt[{}]", field.id) value=proposal.value.clone() checked=true />{version(field)}</td>
                        <td class="confirm-label"><label for=id>{lang.pick(&field.label.zh, &field.label.en)}</label></td>
                        <td><span class="strong">{value}</span> " " <span class="small">{from}</span></td>
                    </tr>
                }
                .into_any()
            })
            .collect();
        let title = lang.with("filing.confirm.agreed", &[("count", &rows.len().to_string())]);
        view! {
            <Card title=title note=lang.t("filing.confirm.agreed_why") flush=true>
                <TableBox label=lang.t("filing.confirm.values")><tbody>{rows}</tbody></TableBox>
            </Card>
        }
        .into_any()
    })
}

fn named(lang: Lang, workspace: &Workspace, firms: &[Proposed]) -> Option<AnyView> {
    (!firms.is_empty()).then(|| {
        let rows: Vec<AnyView> = firms.iter().map(|firm| one(lang, workspace, firm)).collect();
        let title = lang.with("filing.confirm.firms", &[("count", &rows.len().to_string())]);
        view! { <Card title=title note=lang.t("filing.confirm.firms_why")><div class="choices" id="firms">{rows}</div></Card> }
            .into_any()
    })
}

fn one(lang: Lang, workspace: &Workspace, firm: &Proposed) -> AnyView {
    let kind = lang.t(&format!("org_kind.{}", firm.kind.name()));
    let slots: Vec<String> = workspace
        .slots
        .iter()
        .filter(|slot| firm.slots.contains(&slot.id))
        .map(|slot| format!("{} {}", slot.number, lang.pick(&slot.name.zh, &slot.name.en)))
        .collect();
    let slots = slots.join(&lang.pick("、", ", "));
    let from = at(lang, (firm.document, firm.number, &firm.file_name), &firm.place, &firm.name);
    let search = format!(
        "/filings/{}?view=firms&kind={}&q={}#engage",
        workspace.filing.id,
        firm.kind.name(),
        crate::request::encode(&firm.name)
    );
    let (name, doubt) = match &firm.found {
        Found::Firm { name, sure: true, .. } => (name.clone(), None),
        Found::Firm { name, .. } => {
            (name.clone(), Some(lang.with("filing.confirm.unsure", &[("name", &firm.name)])))
        }
        Found::OtherCode { name, credit_code, printed, .. } => (
            name.clone(),
            Some(
                lang.with("filing.confirm.other_code", &[("printed", printed), ("registered", credit_code)]),
            ),
        ),
        Found::Nobody => (firm.name.clone(), Some(lang.t("filing.confirm.nobody"))),
    };
    let doubt = doubt.map(|doubt| view! { <span class="amber">{doubt}</span> });
    let control = match firm.firm() {
        Some(org) => {
            let id = format!("firm-{org}");
            view! {
                <input type="checkbox" id=id.clone() name="firms[]" value=org.to_string() checked=firm.is_sure() />
                <label for=id>{name} " " <Tag tone=Tone::Plain>{kind}</Tag></label>
            }
            .into_any()
        }
        None => view! {
            <span aria-hidden="true"></span>
            <span>{name} " " <Tag tone=Tone::Plain>{kind}</Tag> " " <a class="small" href=search>{lang.t("filing.confirm.search")}</a></span>
        }
        .into_any(),
    };
    view! { <div class="choice">{control}<span class="help">{slots} " · " {from} " " {doubt}</span></div> }
        .into_any()
}

fn buttons(lang: Lang, workspace: &Workspace) -> AnyView {
    let send = workspace.allowed.request_attestation;
    let why = lang.t(if send { "filing.confirm.send_why" } else { "filing.confirm.save_why" });
    let kind = if send { ButtonKind::Plain } else { ButtonKind::Primary };
    let send = send.then(|| {
        view! { <Button kind=ButtonKind::Primary name="then" value="send">{lang.t("filing.confirm.send")}</Button> }
    });
    // Enter in a text presses the first button of a form: the one that sends nothing to anybody.
    view! {
        <Card>
            <p class="small">{why}</p>
            <div class="actions"><Button kind=kind>{lang.t("filing.confirm.save")}</Button> {send}</div>
        </Card>
    }
    .into_any()
}

/// Does what the page showed: takes the ticked and chosen values over, saves what was typed, engages the ticked firms, and sends
/// the filing to them when nothing else is missing.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "filing/confirm")]
pub async fn confirm_filing(
    filing: String,
    #[server(default)] adopt: BTreeMap<String, String>,
    #[server(default)] fields: BTreeMap<String, String>,
    #[server(default)] versions: BTreeMap<String, i64>,
    #[server(default)] firms: Vec<String>,
    #[server(default)] then: String,
) -> Result<(), Fail> {
    let request = Request::here()?;
    let version = |field: &str| versions.get(field).copied().unwrap_or_default();
    let shown = adopt
        .iter()
        .map(|(field, value)| (field.clone(), Shown { value: value.clone(), version: version(field) }))
        .collect();
    let inputs: Vec<FieldInput> = fields
        .iter()
        .filter(|(_, raw)| !raw.trim().is_empty())
        .map(|(field, raw)| FieldInput { field: field.clone(), raw: raw.clone(), expected: version(field) })
        .collect();
    let outcome = async {
        let id: FilingId = filing.parse().map_err(|_| Error::NotFound)?;
        let firms = firms
            .iter()
            .map(|firm| firm.parse::<OrgId>().map_err(|_| Error::NotFound))
            .collect::<backend::Result<Vec<_>>>()?;
        let confirmed = Confirmed { shown, inputs, firms, send: then == "send" };
        confirmed.carry_out(&request, id).await
    };
    let outcome = outcome.await;
    let typed: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    request.finish(outcome, &typed).await
}

struct Confirmed {
    shown: BTreeMap<String, Shown>,
    inputs: Vec<FieldInput>,
    firms: Vec<OrgId>,
    send: bool,
}

impl Confirmed {
    /// Step by step, each durable by itself: what went before a step that is refused stays, and the page then shows what is left.
    async fn carry_out(self, request: &Request, id: FilingId) -> backend::Result<Done> {
        let (cx, lang) = (&request.cx, request.lang);
        let mut saves = backend::fact::adopt_shown(cx, id, &self.shown).await?;
        if !self.inputs.is_empty() {
            let typed = backend::filing::save_fields(cx, id, &self.inputs).await?;
            saves.saved.extend(typed.saved);
            for (field, message) in typed.errors.0 {
                saves.errors.add(&field, message);
            }
        }
        let engaged = backend::engagement::engage_named(cx, id, &self.firms).await?;
        super::acts::checked(&saves)?;
        let counts = [("fields", saves.saved.len().to_string()), ("firms", engaged.to_string())];
        let counts = counts.each_ref().map(|(name, count)| (*name, count.as_str()));
        if !self.send {
            return Ok(Done::to(format!("/filings/{id}?view=confirm"))
                .saying(lang.with("filing.confirm.saved", &counts)));
        }
        let workspace = backend::filing::workspace(cx, id).await?;
        if !workspace.completeness.is_ready_for_attestation() {
            return Ok(
                Done::to(format!("/filings/{id}")).saying(lang.with("filing.confirm.saved_left", &counts))
            );
        }
        if let Some(slot) = alone(&workspace) {
            return Ok(Done::to(format!("/filings/{id}?view=firms&kind={slot}#engage"))
                .saying(lang.with("filing.confirm.saved_firms", &counts)));
        }
        backend::filing::request_attestation(cx, id).await?;
        Ok(Done::to(format!("/filings/{id}?view=firms")).saying(lang.with("filing.confirm.sent", &counts)))
    }
}

/// The kind of firm of a slot that has to be attested and that nobody is engaged for.
fn alone(workspace: &Workspace) -> Option<&'static str> {
    let engaged = |slot: &str| {
        workspace.engagements.iter().any(|one| {
            matches!(one.status.as_str(), "invited" | "accepted") && one.slots.iter().any(|id| id == slot)
        })
    };
    let unattested = &workspace.completeness.unattested_slots;
    unattested.iter().find(|slot| !engaged(slot.id.as_str())).map(|slot| slot.signer.name())
}
