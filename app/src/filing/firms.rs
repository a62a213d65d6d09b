//! 中介: the firms engaged for a filing and what they answered, and engaging another one. Slots are preselected by
//! what a kind of firm signs and nobody has been engaged for.

use backend::filing::{EngagementView, Workspace};
use domain::actor::OrgKind;
use leptos::prelude::*;

use super::marks::leaf;
use crate::{
    lang::Lang,
    page::Shown,
    request::Request,
    ui::{
        Button, ButtonKind, Card, Choice, ChoiceField, EmptyState, FilterBar, FilterSelect, IconName, Pick,
        SearchInput, Tag, TextArea, Tone,
    },
};

/// Kinds of firms that a filing may need.
const KINDS: [OrgKind; 4] = [OrgKind::Sponsor, OrgKind::AccountingFirm, OrgKind::LawFirm, OrgKind::Valuer];

/// The view.
///
/// # Errors
/// As reading the candidates.
pub async fn view(request: &Request, workspace: &Workspace) -> Shown {
    let lang = request.lang;
    let rows: Vec<AnyView> =
        workspace.engagements.iter().map(|one| engagement(lang, workspace, one)).collect();
    let list = if rows.is_empty() {
        view! { <EmptyState title=lang.t("filing.firms.none") icon=IconName::People>{lang.t("filing.firms.none_why")}</EmptyState> }.into_any()
    } else {
        view! { <ul class="firms">{rows}</ul> }.into_any()
    };
    let choose = if workspace.allowed.engage { choose(request, workspace).await? } else { ().into_any() };
    Ok(view! {
        <div class="cols even">
            <Card title=lang.t("filing.firms.engaged_title") flush=true>{list}</Card>
            {choose}
        </div>
    }
    .into_any())
}

/// How an engagement stands.
#[must_use]
pub fn status(lang: Lang, status: &str) -> AnyView {
    let tone = match status {
        "accepted" => Tone::Ok,
        "invited" => Tone::Look,
        "declined" => Tone::Bad,
        _ => Tone::Plain,
    };
    let word = lang.t(&format!("filing.firms.status.{status}"));
    view! { <Tag tone>{word}</Tag> }.into_any()
}

fn engagement(lang: Lang, workspace: &Workspace, one: &EngagementView) -> AnyView {
    let kind = lang.t(&format!("org_kind.{}", one.firm_kind.name()));
    let slots: Vec<AnyView> = workspace
        .slots
        .iter()
        .filter(|slot| one.slots.iter().any(|id| id == slot.id.as_str()))
        .map(|slot| {
            let said = slot.attestations.iter().find(|said| said.firm == one.firm && said.superseded_at.is_none());
            let mark = said.map(|said| {
                let key = if said.decision == "attest" { "filing.state.attested" } else { "filing.attest.declined_short" };
                view! { " " {lang.t(key)} " " {leaf(lang, said.leaf_index)} }
            });
            let href = format!("/filings/{}#slot-{}", workspace.filing.id, slot.id);
            view! { <li><a href=href>{format!("{} {}", slot.number, lang.pick(&slot.name.zh, &slot.name.en))}</a>{mark}</li> }.into_any()
        })
        .collect();
    let when = match (one.status.as_str(), one.answered_at) {
        ("invited", _) | (_, None) => {
            lang.with("filing.firms.invited_at", &[("time", &lang.moment(one.invited_at))])
        }
        (_, Some(at)) => lang.with("filing.firms.answered_at", &[("time", &lang.moment(at))]),
    };
    let reason = (!one.reason.is_empty()).then(
        || view! { <p class="small">{lang.with("filing.firms.reason", &[("reason", &one.reason)])}</p> },
    );
    let live = matches!(one.status.as_str(), "invited" | "accepted");
    let end = (workspace.allowed.engage && live).then(|| {
        view! {
            <details class="small">
                <summary>{lang.t("filing.firms.end")}</summary>
                <form class="stack tight" method="post" action="/do/engagement/end">
                    <input type="hidden" name="filing" value=workspace.filing.id.to_string() />
                    <input type="hidden" name="engagement" value=one.id.to_string() />
                    <TextArea name="reason" id=format!("end-{}", one.id) label=lang.t("filing.firms.end_reason") help=lang.t("filing.firms.end_why") rows=2 maxlength=2000 optional=lang.t("filing.optional") />
                    <div class="actions"><Button kind=ButtonKind::Danger small=true>{lang.t("filing.firms.end_yes")}</Button></div>
                </form>
            </details>
        }
    });
    view! {
        <li>
            <div class="row"><b>{one.firm_name.clone()}</b> {status(lang, &one.status)}</div>
            <small>{kind} " · " {when}</small>
            <ul class="todo-list">{slots}</ul>
            {reason}
            {end}
        </li>
    }
    .into_any()
}

async fn choose(request: &Request, workspace: &Workspace) -> Shown {
    let lang = request.lang;
    let id = workspace.filing.id;
    let free = |slot: &str| {
        !workspace.engagements.iter().any(|one| {
            matches!(one.status.as_str(), "invited" | "accepted") && one.slots.iter().any(|id| id == slot)
        })
    };
    // The kind asked for, or the first one that has a slot without a firm.
    let asked = OrgKind::from_name(request.query("kind")).filter(|kind| kind.is_firm());
    let first = KINDS
        .into_iter()
        .find(|kind| workspace.slots.iter().any(|slot| slot.signs == Some(*kind) && free(slot.id.as_str())));
    let Some(kind) = asked.or(first) else {
        return Ok(view! { <Card title=lang.t("filing.firms.engage") id="engage"><p class="dim">{lang.t("filing.firms.all_engaged")}</p></Card> }.into_any());
    };
    let slots: Vec<_> = workspace.slots.iter().filter(|slot| slot.signs == Some(kind)).collect();
    let slot = slots.first().map(|slot| slot.id.to_string()).unwrap_or_default();
    let firms = backend::engagement::candidates(&request.cx, id, &slot, request.query("q")).await?;
    let chosen = request.flash.value("firm", "");
    let kinds = KINDS
        .into_iter()
        .map(|one| Choice::new(one.name(), lang.t(&format!("org_kind.{}", one.name()))).selected(one == kind))
        .collect();
    let firm_choices: Vec<Choice> = firms
        .iter()
        .map(|firm| {
            let engagements =
                lang.with("filing.firms.engagements", &[("count", &firm.engagements.to_string())]);
            Choice::new(firm.id.to_string(), firm.name.clone())
                .help(format!("{} · {engagements}", firm.city))
                .selected(firm.id.to_string() == chosen || firms.len() == 1)
        })
        .collect();
    let slot_choices: Vec<Choice> = slots
        .iter()
        .map(|slot| {
            let free = free(slot.id.as_str());
            let choice = Choice::new(
                slot.id.to_string(),
                format!("{} {}", slot.number, lang.pick(&slot.name.zh, &slot.name.en)),
            );
            let choice =
                choice.selected(free && (slot.required || !slot.documents.is_empty())).disabled(!free);
            if free { choice } else { choice.help(lang.t("filing.firms.taken")) }
        })
        .collect();
    let search = request.query("q").to_owned();
    let flash = &request.flash;
    let (firm_error, slots_error, note_error) =
        (flash.error("firm"), flash.error("slots"), flash.error("note"));
    let note = flash.value("note", "");
    let form = if firm_choices.is_empty() {
        view! { <EmptyState title=lang.t("filing.firms.no_match") icon=IconName::Search>{lang.t("filing.firms.no_match_why")}</EmptyState> }.into_any()
    } else {
        view! {
            <div class="card-in">
                <form class="form" method="post" action="/do/engagement/engage">
                    <input type="hidden" name="filing" value=id.to_string() />
                    <ChoiceField name="firm" label=lang.t("filing.firms.firm") choices=firm_choices required=true error=firm_error />
                    <ChoiceField name="slots[]" label=lang.t("filing.firms.slots") choices=slot_choices pick=Pick::Many error=slots_error />
                    <TextArea name="note" label=lang.t("filing.firms.note") help=lang.t("filing.firms.note_help") value=note rows=3 maxlength=2000 optional=lang.t("filing.optional") error=note_error />
                    <div class="actions"><Button kind=ButtonKind::Primary>{lang.t("filing.firms.engage")}</Button></div>
                </form>
            </div>
        }
        .into_any()
    };
    Ok(view! {
        <Card title=lang.t("filing.firms.engage") id="engage" flush=true>
            <FilterBar action=format!("/filings/{id}") label=lang.t("filing.firms.search")>
                <input type="hidden" name="view" value="firms" />
                <FilterSelect name="kind" label=lang.t("filing.firms.kind") options=kinds />
                <SearchInput name="q" label=lang.t("filing.firms.search") value=search placeholder=lang.t("filing.firms.search") />
                <Button>{lang.t("filing.list.apply")}</Button>
            </FilterBar>
            {form}
        </Card>
    }
    .into_any())
}
