//! The dock of the workspace: how much is done, when it was saved, and the one next action of this stage.

use backend::filing::Workspace;
use domain::workflow::StageName;
use leptos::prelude::*;

use super::presence;
use crate::{
    lang::Lang,
    request::Request,
    ui::{Button, ButtonKind, ButtonLink, Dock, DockActions, DockMeter, DockNote},
};

/// The dock.
#[must_use]
pub fn dock(request: &Request, workspace: &Workspace) -> AnyView {
    let lang = request.lang;
    let counted = &workspace.completeness;
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    let meter = workspace.allowed.edit.then(|| {
        let left = counted.total.saturating_sub(counted.done);
        let said = if left == 0 { lang.t("filing.dock.complete") } else { lang.with("filing.dock.left", &[("count", &left.to_string())]) };
        view! { <DockMeter done=number(counted.done) total=number(counted.total) label=lang.t("filing.dock.meter")>{said}</DockMeter> }
    });
    let saved = lang.with("filing.dock.saved", &[("time", &lang.second(workspace.filing.updated_at))]);
    let others = presence::place(workspace);
    let (note, action) = next(lang, workspace, request.query("view"));
    let note = note.map(|note| view! { <DockNote>{note}</DockNote> });
    view! {
        <Dock label=lang.t("filing.dock.label")>
            {meter}
            <DockNote><span id="saved-at" aria-live="polite">{saved}</span> {others}</DockNote>
            {note}
            <DockActions>{action}</DockActions>
        </Dock>
    }
    .into_any()
}

/// What comes next, in words and as a button.
fn next(lang: Lang, workspace: &Workspace, view: &str) -> (Option<String>, AnyView) {
    let filing = &workspace.filing;
    let id = filing.id;
    let allowed = workspace.allowed;
    let missing = &workspace.completeness;
    let link = |href: String, key: &str| {
        let text = lang.t(key);
        view! { <ButtonLink href kind=ButtonKind::Primary>{text}</ButtonLink> }.into_any()
    };
    if allowed.reply {
        return (None, link(format!("/filings/{id}#reply"), "filing.next.reply"));
    }
    if allowed.submit {
        if missing.is_complete() {
            let key = if filing.stage == StageName::Correction {
                "filing.next.resubmit"
            } else {
                "filing.next.submit"
            };
            return (None, link(format!("/filings/{id}/submit"), key));
        }
        if let Some(field) = missing.field_errors.first() {
            return (None, link(format!("/filings/{id}?view=fields#{}", field.field), "filing.next.mend"));
        }
        if let Some(field) = missing.missing_fields.first() {
            // What documents say is confirmed on one page, together with what they do not say.
            if workspace.slots.iter().any(|slot| !slot.documents.is_empty()) {
                // On that page its own buttons are the next step.
                if view == "confirm" {
                    return (Some(lang.t("filing.next.confirm_here")), ().into_any());
                }
                return (None, link(format!("/filings/{id}?view=confirm"), "filing.next.confirm"));
            }
            return (None, link(format!("/filings/{id}?view=fields#{}", field.id), "filing.next.fields"));
        }
        if let Some(slot) = missing.slot_errors.first() {
            return (None, link(format!("/filings/{id}#slot-{}", slot.slot), "filing.next.mend"));
        }
        if let Some(slot) = missing.missing_slots.first() {
            return (None, link(format!("/filings/{id}#slot-{}", slot.id), "filing.next.slots"));
        }
        let engaged = |slot: &str| {
            workspace.engagements.iter().any(|one| {
                matches!(one.status.as_str(), "invited" | "accepted") && one.slots.iter().any(|id| id == slot)
            })
        };
        if let Some(slot) = missing.unattested_slots.iter().find(|slot| !engaged(slot.id.as_str())) {
            return (
                None,
                link(
                    format!("/filings/{id}?view=firms&kind={}#engage", slot.signer.name()),
                    "filing.next.engage",
                ),
            );
        }
        if allowed.request_attestation {
            let form = view! {
                <form method="post" action="/do/filing/request-attestation">
                    <input type="hidden" name="filing" value=id.to_string() />
                    <Button kind=ButtonKind::Primary>{lang.t("filing.next.attest")}</Button>
                </form>
            };
            return (None, form.into_any());
        }
        return (Some(lang.t("filing.next.wait_firms")), ().into_any());
    }
    let receipt = (filing.submissions > 0).then(|| view! { <ButtonLink href=format!("/filings/{id}/receipt")>{lang.t("filing.receipt.title")}</ButtonLink> });
    let note = (filing.stage.is_with_exchange() || filing.stage == StageName::Suspended)
        .then(|| lang.t("filing.next.wait_exchange"));
    (note, receipt.into_any())
}
