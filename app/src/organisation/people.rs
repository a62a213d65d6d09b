//! The people of an organisation: list, invitation (its link shown once), disabling and re-admitting, roles, reset of
//! lost second factors. Used by the organisation itself and by the operator.

use backend::{
    Error,
    error::Message,
    invitation::{self, DAYS, Invite},
    organisation::OrganisationPage,
    person::{self, PersonLine},
};
use domain::{
    actor::{OrgKind, Role},
    id::{OrgId, UserId},
};
use leptos::prelude::*;
use uuid::Uuid;

use crate::{
    fail::Fail,
    form::{Typed, hidden},
    lang::Lang,
    list,
    request::{Done, Request, local_path},
    ui::{
        Button, ButtonKind, Callout, CalloutKind, Card, Choice, SelectField, TableBox, Tag, TextField, Tone,
        Width,
    },
};

/// Name under which the link of an invitation waits for the next page.
const LINK: &str = "invitation";

/// The people, and what may be done about them.
pub(crate) async fn people_card(
    request: &Request,
    page: &OrganisationPage,
    back: &str,
) -> Result<AnyView, Error> {
    let lang = request.lang;
    let org = &page.organisation;
    let people = person::list(&request.cx, org.id, request.query("q"), list::paging(request)).await?;
    let manage = page.may.manage_people;
    let own = request.cx.actor()?.user;
    let rows = people
        .rows
        .iter()
        .map(|line| person_row(lang, line, org.kind, manage && line.id != own, back))
        .collect_view();
    let pages = if people.pages() > 1 { list::pager(request, &people) } else { None };
    let fresh = request.shown_once(LINK).await.map(|path| {
        let link = format!("{}{path}", request.cx.settings.public_url.trim_end_matches('/'));
        let text = lang.with("people.link_once", &[("days", &DAYS.to_string())]);
        view! {
            <Callout kind=CalloutKind::Look title=lang.t("people.link")>
                <p>{text}</p>
                <code class="code-block">{link}</code>
            </Callout>
        }
    });
    let invite = manage.then(|| {
        let form = invite_form(request, org.id, org.kind, back);
        view! { <Card title=lang.t("people.invite") note=lang.t("people.invite_help")>{form}</Card> }
    });
    let rows = rows.into_any();
    let note = lang.with("people.count", &[("count", &lang.number(people.total))]);
    Ok(view! {
        {fresh}
        <Card title=lang.t("people.title") id="people" note flush=true>
            <TableBox label=lang.t("people.title")>
                <thead>
                    <tr>
                        <th scope="col">{lang.t("account.name")}</th>
                        <th scope="col">{lang.t("account.role")}</th>
                        <th scope="col" class="hide-phone">{lang.t("people.factors")}</th>
                        <th scope="col" class="fit"><span class="said">{lang.t("people.actions")}</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </TableBox>
            {pages}
        </Card>
        {invite}
    }
    .into_any())
}

fn person_row(lang: Lang, line: &PersonLine, kind: OrgKind, manage: bool, back: &str) -> AnyView {
    let role = if manage && line.active {
        let roles = roles(lang, kind, line.role);
        let options = roles
            .into_iter()
            .map(|role| view! { <option value=role.value selected=role.selected>{role.text}</option> })
            .collect_view();
        view! {
            <form class="row" method="post" action="/do/person/change-role">
                {target(line, back)}
                <select class="input medium" name="role" aria-label=lang.t("account.role")>{options}</select>
                <Button kind=ButtonKind::Quiet small=true>{lang.t("people.change_role")}</Button>
            </form>
        }
        .into_any()
    } else {
        lang.t(&format!("role.{}", line.role.name())).into_any()
    };
    let state = (!line.active).then(|| view! { <Tag tone=Tone::Bad>{lang.t("people.disabled")}</Tag> });
    view! {
        <tr>
            <td>{line.name.clone()} " " {state}<small class="mono">{line.login.clone()}</small></td>
            <td>{role}</td>
            <td class="hide-phone">{factors(lang, line)}</td>
            <td class="fit">{manage.then(|| person_actions(lang, line, back))}</td>
        </tr>
    }
    .into_any()
}

/// What the person signs in with.
pub(crate) fn factors(lang: Lang, line: &PersonLine) -> String {
    match (line.has_totp, line.passkeys) {
        (false, 0) => lang.t("people.factors_none"),
        (true, 0) => lang.t("enrol.totp"),
        (false, count) => lang.with("people.passkeys", &[("count", &count.to_string())]),
        (true, count) => format!(
            "{} · {}",
            lang.t("enrol.totp"),
            lang.with("people.passkeys", &[("count", &count.to_string())])
        ),
    }
}

/// The forms of one person: each carries the version that it is about.
pub(crate) fn person_actions(lang: Lang, line: &PersonLine, back: &str) -> AnyView {
    let (address, word) = if line.active {
        ("/do/person/disable", lang.t("people.disable"))
    } else {
        ("/do/person/enable", lang.t("people.enable"))
    };
    let reset = (line.active && (line.has_totp || line.passkeys > 0)).then(|| {
        view! {
            <details>
                <summary>{lang.t("people.reset")}</summary>
                <form class="stack tight" method="post" action="/do/person/reset-second-factor">
                    {target(line, back)}
                    <p class="small">{lang.t("people.reset_sure")}</p>
                    <Button kind=ButtonKind::Danger small=true>{lang.t("people.reset")}</Button>
                </form>
            </details>
        }
    });
    view! {
        <div class="row">
            <form method="post" action=address>
                {target(line, back)}
                <Button kind=ButtonKind::Quiet small=true>{word}</Button>
            </form>
            {reset}
        </div>
    }
    .into_any()
}

fn target(line: &PersonLine, back: &str) -> impl IntoView + use<> {
    let (id, version, back) = (
        hidden("person", &line.id.to_string()),
        hidden("version", &line.version.to_string()),
        hidden("back", back),
    );
    view! { {id} {version} {back} }
}

fn roles(lang: Lang, kind: OrgKind, chosen: Role) -> Vec<Choice> {
    Role::ALL
        .into_iter()
        .filter(|role| role.belongs_in(kind))
        .map(|role| {
            Choice::new(role.name(), lang.t(&format!("role.{}", role.name()))).selected(role == chosen)
        })
        .collect()
}

fn invite_form(request: &Request, org: OrgId, kind: OrgKind, back: &str) -> AnyView {
    let lang = request.lang;
    let typed = Typed::of(request);
    let chosen = Role::from_name(&typed.value("role", ""));
    let usual = Role::ALL.into_iter().find(|role| role.belongs_in(kind)).unwrap_or(Role::Preparer);
    let roles = roles(lang, kind, chosen.unwrap_or(usual));
    let (org, back) = (hidden("organisation", &org.to_string()), hidden("back", back));
    view! {
        <form class="form grow" method="post" action="/do/invitation/issue" id="invite">
            {org}
            {back}
                <TextField name="person_name" label=lang.t("account.name") value=typed.value("person_name", "") maxlength=60 required=true error=typed.error("person_name") />
                <TextField name="login" label=lang.t("account.login") value=typed.value("login", "") help=lang.t("register.login_help") maxlength=64
                    required=true error=typed.error("login") />
                <SelectField name="role" label=lang.t("account.role") options=roles width=Width::Medium error=typed.error("role") />
            <div><Button>{lang.t("people.invite_make")}</Button></div>
        </form>
    }
    .into_any()
}

fn role_named(name: &str) -> Result<Role, Error> {
    Role::from_name(name).ok_or_else(|| Error::field("role", "person.role"))
}

/// Invites a person; the next page shows the link once.
#[server(prefix = "/do", endpoint = "invitation/issue", name = IssueInvitation)]
pub async fn issue_invitation(
    organisation: Uuid,
    person_name: String,
    login: String,
    #[server(default)] role: String,
    back: String,
) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async {
        let invite = Invite { name: person_name.clone(), login: login.clone(), role: role_named(&role)? };
        let issued =
            invitation::invite(&request.cx, OrgId(organisation), &invite).await.map_err(in_this_form)?;
        request.show_once(LINK, &format!("/invite/{}", issued.token)).await?;
        Ok(Done::to(format!("{}#people", local_path(&back))))
    };
    request.finish(outcome.await, &[("person_name", &person_name), ("login", &login), ("role", &role)]).await
}

/// The use case calls the person's name `name`; on these pages that is the organisation's.
fn in_this_form(error: Error) -> Error {
    match error {
        Error::Invalid(mut errors) => {
            if let Some(message) = errors.0.remove("name") {
                errors.0.insert("person_name".to_owned(), message);
            }
            Error::Invalid(errors)
        }
        other => other,
    }
}

/// Disables an account.
#[server(prefix = "/do", endpoint = "person/disable", name = DisablePerson)]
pub async fn disable_person(person: Uuid, version: i64, back: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = person::disable(&request.cx, UserId(person), version).await;
    request.finish(outcome.map(|()| Done::to(back).saying(request.lang.t("people.was_disabled"))), &[]).await
}

/// Re-admits a disabled account.
#[server(prefix = "/do", endpoint = "person/enable", name = EnablePerson)]
pub async fn enable_person(person: Uuid, version: i64, back: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = person::enable(&request.cx, UserId(person), version).await;
    request.finish(outcome.map(|()| Done::to(back).saying(request.lang.t("people.was_enabled"))), &[]).await
}

/// Changes a person's role.
#[server(prefix = "/do", endpoint = "person/change-role", name = ChangeRole)]
pub async fn change_role(person: Uuid, version: i64, role: String, back: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async {
        // The row has no place for a field's error: say it on top.
        let role = role_named(&role).map_err(|_| Error::Rejected(Message::key("person.role")))?;
        person::change_role(&request.cx, UserId(person), version, role).await?;
        Ok(Done::to(back).saying(request.lang.t("people.role_changed")))
    };
    request.finish(outcome.await, &[]).await
}

/// Removes a person's lost second factors.
#[server(prefix = "/do", endpoint = "person/reset-second-factor", name = ResetSecondFactor)]
pub async fn reset_second_factor(person: Uuid, version: i64, back: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = person::reset_second_factor(&request.cx, UserId(person), version).await;
    request.finish(outcome.map(|()| Done::to(back).saying(request.lang.t("people.was_reset"))), &[]).await
}
