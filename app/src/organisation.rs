//! Organisations as their own people see them (`/organisation`): the record, what verification means next, the
//! correction, the people and the measures. The record's parts are shared with the exchange's administration.

use backend::organisation::{self, Organisation, OrganisationPage, register::Particulars};
use domain::actor::Standing;
use leptos::prelude::*;

mod people;
mod record;

pub use people::*;
pub(crate) use record::*;

use crate::{
    fail::Fail,
    form::{errors, hidden},
    frame::Frame,
    page::signed_in_page,
    register::{check_digit_warning, particulars},
    request::{Done, Request},
    ui::{Button, ButtonKind, ButtonLink, Callout, CalloutKind, Card, Fieldset, PageHead},
};

/// The inputs of the page in order.
const INPUTS: &[&str] = &[
    "name",
    "credit_code",
    "legal_representative",
    "city",
    "contact_name",
    "contact_phone",
    "person_name",
    "login",
    "role",
];

/// `/organisation`
pub fn organisation() -> AnyView {
    signed_in_page(|request| async move {
        let lang = request.lang;
        let id = request.cx.actor()?.org;
        let page = organisation::page(&request.cx, id).await?;
        let people = people_card(&request, &page, "/organisation").await?;
        let record = &page.organisation;
        let extra = standing_tag(lang, record.standing);
        Ok(Frame::new(&lang.t("organisation.title")).show(&request, view! {
            <PageHead title=record.name.clone() over=lang.t(&format!("org_kind.{}", record.kind.name())) extra />
            {errors(&request, INPUTS)}
            {what_next(&request, &page)}
            <div class="cols">
                <div class="stack">
                    {page.may.edit.then(|| correction(&request, record))}
                    {people}
                </div>
                <div class="stack">
                    {record_card(lang, record)}
                    {sanctions_card(lang, &page.sanctions)}
                    {history_card(lang, &page.events)}
                </div>
            </div>
        }))
    })
}

/// What the standing means and what to do next; the rules when they wait for acceptance.
fn what_next(request: &Request, page: &OrganisationPage) -> AnyView {
    let lang = request.lang;
    let record = &page.organisation;
    let (kind, key) = match record.standing {
        Standing::Unverified => (CalloutKind::Look, "unverified"),
        Standing::Refused => (CalloutKind::Bad, "refused"),
        Standing::Good => (CalloutKind::Proven, "good"),
        Standing::Warned => (CalloutKind::Look, "warned"),
        Standing::Limited => (CalloutKind::Look, "limited"),
        Standing::Closed => (CalloutKind::Bad, "closed"),
    };
    let note = record
        .verification_note
        .clone()
        .filter(|note| record.standing == Standing::Refused && !note.is_empty());
    let about = (record.standing != Standing::Good).then(|| {
        let title = lang.t(&format!("standing.{key}"));
        let text = lang.t(&format!("organisation.next.{key}"));
        let note =
            note.map(|note| view! { <p>{lang.with("organisation.refused_because", &[("note", &note)])}</p> });
        view! { <Callout kind title><p>{text}</p>{note}</Callout> }
    });
    let suspect = (record.credit_code_suspect && page.may.edit).then(|| {
        view! { <Callout kind=CalloutKind::Look><p>{lang.t("organisation.code_suspect")}</p></Callout> }
    });
    let rules = page.may.accept_rules.then(|| {
        view! {
            <Callout kind=CalloutKind::Look title=lang.t("rules.ask_title")>
                <p>{lang.t("organisation.rules_wait")}</p>
                <p><ButtonLink href="/rules">{lang.t("organisation.rules_read")}</ButtonLink></p>
            </Callout>
        }
    });
    view! { {about} {suspect} {rules} }.into_any()
}

/// The form that corrects the registration before it is verified.
fn correction(request: &Request, record: &Organisation) -> AnyView {
    let lang = request.lang;
    let stored = Particulars {
        name: record.name.clone(),
        credit_code: record.credit_code.clone(),
        city: record.city.clone(),
        legal_representative: record.legal_representative.clone(),
        contact_name: record.contact_name.clone(),
        contact_phone: record.contact_phone.clone(),
    };
    let warning = record.credit_code_suspect.then(|| lang.t("organisation.code_suspect"));
    let fields = particulars(request, &stored, warning);
    let version = hidden("version", &record.version.to_string());
    view! {
        <Card title=lang.t("organisation.correct") note=lang.t("organisation.correct_note") id="correct">
            <form class="form" method="post" action="/do/organisation/correct">
                {version}
                <Fieldset legend=lang.t("register.organisation")>{fields}</Fieldset>
                <div class="actions"><Button kind=ButtonKind::Primary>{lang.t("organisation.correct_send")}</Button></div>
            </form>
        </Card>
    }
    .into_any()
}

/// Corrects the own organisation's registration.
#[server(prefix = "/do", endpoint = "organisation/correct", name = CorrectOrganisation)]
pub async fn correct_organisation(
    version: i64,
    name: String,
    credit_code: String,
    city: String,
    legal_representative: String,
    contact_name: String,
    contact_phone: String,
) -> Result<(), Fail> {
    let request = Request::here()?;
    let form = Particulars { name, credit_code, city, legal_representative, contact_name, contact_phone };
    let outcome = organisation::correct(&request.cx, version, &form).await.map(|expected| {
        let said = request.lang.t("organisation.corrected");
        Done::to("/organisation").saying(match expected {
            Some(expected) => format!("{said} {}", check_digit_warning(request.lang, expected)),
            None => said,
        })
    });
    let typed = [
        ("name", form.name.as_str()),
        ("credit_code", &form.credit_code),
        ("city", &form.city),
        ("legal_representative", &form.legal_representative),
        ("contact_name", &form.contact_name),
        ("contact_phone", &form.contact_phone),
    ];
    request.finish(outcome, &typed).await
}
