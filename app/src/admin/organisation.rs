//! `/admin/organisations/{id}`: the record, the decision on its real name, measures and their lifting, its people.
//! Every form carries the version that was read, so that two operators cannot decide past each other.

use backend::{
    Error,
    organisation::{self, OrganisationPage, standing},
};
use domain::{
    access::action,
    actor::Standing,
    id::{OrgId, SanctionId},
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use uuid::Uuid;

use crate::{
    fail::Fail,
    form::{Typed, errors, hidden},
    frame::Frame,
    organisation::{history_card, people_card, record_card, sanctions_card, standing_tag},
    page::signed_in_page,
    request::{Done, Request},
    ui::{Button, ButtonKind, Card, Choice, ChoiceField, PageHead, TextArea},
};

/// The inputs of the page in order.
const INPUTS: &[&str] = &["note", "standing", "reason", "lift_reason", "person_name", "login", "role"];

/// `/admin/organisations/{id}`
pub fn organisation_page() -> AnyView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    signed_in_page(|request| async move {
        // Supervisors have pages of their own, where their reading is recorded.
        request.cx.permit_own::<action::WorkQueue>()?;
        let lang = request.lang;
        let id: OrgId = id.parse().map_err(|_| Error::NotFound)?;
        let page = organisation::page(&request.cx, id).await?;
        let people = people_card(&request, &page, &format!("/admin/organisations/{id}")).await?;
        let record = &page.organisation;
        let extra = standing_tag(lang, record.standing);
        Ok(Frame::new(&record.name).above(lang.t("nav.organisations"), "/admin/organisations").show(&request, view! {
            <PageHead title=record.name.clone() over=lang.t(&format!("org_kind.{}", record.kind.name())) extra />
            {errors(&request, INPUTS)}
            <div class="cols">
                <div class="stack">
                    {page.may.verify.then(|| verification_card(&request, &page))}
                    {record_card(lang, record)}
                    {people}
                </div>
                <div class="stack">
                    {page.may.sanction.then(|| sanction_card(&request, &page))}
                    {sanctions_card(lang, &page.sanctions)}
                    {page.may.sanction.then(|| lift_cards(&request, &page))}
                    {history_card(lang, &page.events)}
                </div>
            </div>
        }))
    })
}

fn about(page: &OrganisationPage) -> (impl IntoView + use<>, impl IntoView + use<>) {
    let org = &page.organisation;
    (hidden("organisation", &org.id.to_string()), hidden("version", &org.version.to_string()))
}

/// Verify or refuse, with a note.
fn verification_card(request: &Request, page: &OrganisationPage) -> AnyView {
    let lang = request.lang;
    let typed = Typed::of(request);
    let (id, version) = about(page);
    let stored = page.organisation.verification_note.clone().unwrap_or_default();
    let refusable = page.organisation.standing == Standing::Unverified;
    view! {
        <Card title=lang.t("admin.verify_title") id="verify" note=lang.t("admin.verify_note")>
            <form class="form" method="post" action="/do/organisation/verify">
                {id}
                {version}
                <p>{lang.t("admin.verify_lead")}</p>
                <TextArea name="note" label=lang.t("admin.note") help=lang.t("admin.note_help") value=typed.value("note", &stored) rows=3
                    maxlength=2000 error=typed.error("note") />
                <div class="actions">
                    <Button kind=ButtonKind::Primary>{lang.t("admin.verify")}</Button>
                    {refusable.then(|| view! {
                        <Button kind=ButtonKind::Danger formaction="/do/organisation/refuse">{lang.t("admin.refuse")}</Button>
                    })}
                </div>
            </form>
        </Card>
    }
    .into_any()
}

/// Warn, limit or close.
fn sanction_card(request: &Request, page: &OrganisationPage) -> AnyView {
    let lang = request.lang;
    let typed = Typed::of(request);
    let (id, version) = about(page);
    let verified = page.organisation.verified_at.is_some();
    let chosen = typed.value("standing", "");
    let choices = [Standing::Warned, Standing::Limited, Standing::Closed]
        .into_iter()
        .map(|standing| {
            let name = standing.name();
            Choice::new(name, lang.t(&format!("admin.sanction.{name}")))
                .help(lang.t(&format!("admin.sanction_help.{name}")))
                .selected(chosen == name)
                .disabled(!verified && standing != Standing::Closed)
        })
        .collect::<Vec<_>>();
    view! {
        <Card title=lang.t("admin.sanction_title") id="sanction">
            <details open=!chosen.is_empty()>
                <summary>{lang.t("admin.sanction_open")}</summary>
                <form class="form" method="post" action="/do/organisation/sanction">
                    {id}
                    {version}
                    <ChoiceField name="standing" label=lang.t("admin.sanction_which") choices error=typed.error("standing") required=true />
                    <TextArea name="reason" label=lang.t("admin.reason") help=lang.t("admin.reason_help") value=typed.value("reason", "") rows=3
                        maxlength=2000 required=true error=typed.error("reason") />
                    <div><Button kind=ButtonKind::Danger>{lang.t("admin.sanction_do")}</Button></div>
                </form>
            </details>
        </Card>
    }
    .into_any()
}

/// One form for each measure that is not lifted.
fn lift_cards(request: &Request, page: &OrganisationPage) -> AnyView {
    let lang = request.lang;
    let typed = Typed::of(request);
    page.sanctions
        .iter()
        .filter(|sanction| sanction.lifted_at.is_none())
        .map(|sanction| {
            let (id, version) = about(page);
            let measure = hidden("sanction", &sanction.id.to_string());
            let field = format!("lift-{}", sanction.id);
            // What was typed belongs to this measure's form only.
            let reason = typed.value(&field, "");
            let title = lang.with(
                "admin.lift_title",
                &[("measure", &lang.t(&format!("standing.{}", sanction.standing.name()))), ("day", &lang.day(sanction.decided_at))],
            );
            view! {
                <Card title>
                    <form class="form" method="post" action="/do/organisation/lift">
                        {id}
                        {version}
                        {measure}
                        <TextArea name="lift_reason" id=field label=lang.t("admin.lift_reason") value=reason rows=2 maxlength=2000 required=true />
                        <div><Button>{lang.t("admin.lift")}</Button></div>
                    </form>
                </Card>
            }
        })
        .collect_view()
        .into_any()
}

fn back_to(organisation: Uuid) -> Done {
    Done::to(format!("/admin/organisations/{organisation}"))
}

/// Confirms the real name.
#[server(prefix = "/do", endpoint = "organisation/verify", name = VerifyOrganisation)]
pub async fn verify_organisation(organisation: Uuid, version: i64, note: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = standing::verify(&request.cx, OrgId(organisation), version, &note).await;
    let done = outcome.map(|()| back_to(organisation).saying(request.lang.t("admin.verified")));
    request.finish(done, &[("note", &note)]).await
}

/// Refuses verification with a note that the organisation reads.
#[server(prefix = "/do", endpoint = "organisation/refuse", name = RefuseOrganisation)]
pub async fn refuse_organisation(organisation: Uuid, version: i64, note: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = standing::refuse(&request.cx, OrgId(organisation), version, &note).await;
    let done = outcome.map(|()| back_to(organisation).saying(request.lang.t("admin.refused")));
    request.finish(done, &[("note", &note)]).await
}

/// Takes a measure with its reason.
#[server(prefix = "/do", endpoint = "organisation/sanction", name = SanctionOrganisation)]
pub async fn sanction_organisation(
    organisation: Uuid,
    version: i64,
    #[server(default)] standing: String,
    reason: String,
) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async {
        let to = Standing::from_name(&standing)
            .ok_or_else(|| Error::field("standing", "organisation.sanction"))?;
        standing::sanction(&request.cx, OrgId(organisation), version, to, &reason).await?;
        Ok(back_to(organisation).saying(request.lang.t("admin.sanctioned")))
    };
    request.finish(outcome.await, &[("standing", &standing), ("reason", &reason)]).await
}

/// Lifts a measure with the reason.
#[server(prefix = "/do", endpoint = "organisation/lift", name = LiftSanction)]
pub async fn lift_sanction(
    organisation: Uuid,
    version: i64,
    sanction: Uuid,
    lift_reason: String,
) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome =
        standing::lift(&request.cx, OrgId(organisation), version, SanctionId(sanction), &lift_reason).await;
    let done = outcome.map(|()| back_to(organisation).saying(request.lang.t("admin.lifted")));
    request.finish(done, &[(&format!("lift-{sanction}"), &lift_reason)]).await
}
