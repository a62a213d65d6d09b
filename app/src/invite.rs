//! `/invite/{token}`: an invited person sets a password; the second factor follows.

use backend::{Error, error::FieldErrors, error::Message, invitation, session};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::{
    fail::Fail,
    form::{Typed, errors, hidden},
    frame::Frame,
    page::page,
    request::{Done, Request},
    sign_in::after,
    ui::{
        Button, ButtonKind, ButtonLink, Card, DescriptionList, EmptyState, Fact, IconName, MainWidth,
        TextField, TextKind,
    },
};

/// `/invite/{token}`
pub fn page_invite() -> AnyView {
    let token = use_params_map().read_untracked().get("token").unwrap_or_default();
    page(|request| async move {
        let lang = request.lang;
        let title = lang.t("invite.title");
        let invited = match invitation::look_up(&request.cx, &token).await {
            Ok(invited) => invited,
            // The person holds a link that once was good: say what to do, not that there is no page.
            Err(Error::NotFound) => {
                crate::request::set_status(http::StatusCode::NOT_FOUND);
                return Ok(Frame::new(&title).show(&request, view! {
                    <EmptyState title=lang.t("invite.gone_title") icon=IconName::Link
                        actions=view! { <ButtonLink href="/login">{lang.t("nav.login")}</ButtonLink> }.into_any()>
                        {lang.t("invite.gone")}
                    </EmptyState>
                }));
            }
            Err(error) => return Err(error),
        };
        let typed = Typed::of(&request);
        let token = hidden("token", &token);
        let heading = title.clone();
        Ok(Frame::new(&title).width(MainWidth::Narrow).show(&request, view! {
            <div class="gate">
                <h1>{heading}</h1>
                <p class="lead">{lang.with("invite.lead", &[("organisation", &invited.org_name)])}</p>
                {errors(&request, &["password", "again"])}
                <Card>
                    <DescriptionList>
                        <Fact term=lang.t("account.organisation")>{invited.org_name.clone()}</Fact>
                        <Fact term=lang.t("account.name")>{invited.name.clone()}</Fact>
                        <Fact term=lang.t("account.role")>{lang.t(&format!("role.{}", invited.role.name()))}</Fact>
                        <Fact term=lang.t("account.login")>{invited.login.clone()}</Fact>
                        <Fact term=lang.t("invite.until")>{lang.moment(invited.expires_at)}</Fact>
                    </DescriptionList>
                </Card>
                <Card>
                    <form class="form" method="post" action="/do/invitation/accept">
                        {token}
                        <TextField name="password" label=lang.t("invite.password") kind=TextKind::Password help=lang.t("account.password_help")
                            autocomplete="new-password" required=true error=typed.error("password") />
                        <TextField name="again" label=lang.t("account.password_again") kind=TextKind::Password autocomplete="new-password"
                            required=true error=typed.error("again") />
                        <Button kind=ButtonKind::Primary wide=true>{lang.t("invite.accept")}</Button>
                    </form>
                </Card>
            </div>
        }))
    })
}

/// Makes the account and begins a session that may enrol a second factor.
#[server(prefix = "/do", endpoint = "invitation/accept", name = AcceptInvitation)]
pub async fn accept_invitation(token: String, password: String, again: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async {
        if password != again {
            return Err(Error::Invalid(FieldErrors::one("again", Message::key("password.again"))));
        }
        let step = invitation::accept(&request.cx, &token, &password).await?;
        session::begin(&request.session, step.signed_in, &request.agent()).await?;
        Ok(Done::to(after(step.next, "")))
    };
    request.finish(outcome.await, &[]).await
}
