//! Signing in: password, second factor, and out again. Where somebody wanted to go travels along as a local path.
//! Enrolment of a first second factor is in `account::enrol`.

use backend::{
    Error,
    sign_in::{self, SignInStep},
};
use leptos::prelude::*;

mod demo;
mod second_factor;
mod step_up;

pub use second_factor::*;
pub use step_up::*;

use crate::{
    fail::Fail,
    form::{Typed, errors, hidden},
    frame::Frame,
    islands::Scripts,
    page::page,
    passkey::{Ceremony, PasskeyButton, PasskeyWords},
    request::{Done, Request, encode, local_path},
    ui::{Button, ButtonKind, Card, MainWidth, TextField, TextKind},
};

/// Where to go after a step of signing in.
#[must_use]
pub fn after(step: SignInStep, next: &str) -> String {
    let next = wanted(next);
    match step {
        SignInStep::NeedsSecondFactor { .. } => with_next("/login/second-factor", next),
        SignInStep::MustEnrol { .. } => with_next("/account/enrol", next),
        SignInStep::Done => if next.is_empty() { "/home" } else { next }.to_owned(),
    }
}

/// A local path to come back to; nothing for the doors themselves and for what is not ours.
pub(crate) fn wanted(next: &str) -> &str {
    let path = local_path(next);
    // Enrolling one more factor is a page like others; enrolling the first is a door.
    let enrolling = path.starts_with("/account/enrol") && !path.contains("with=");
    let door = path == "/" || path.starts_with("/login") || path.starts_with(PATH) || enrolling;
    if door { "" } else { path }
}

pub(crate) fn with_next(page: &str, next: &str) -> String {
    if next.is_empty() { page.to_owned() } else { format!("{page}?next={}", encode(next)) }
}

/// `/login`
pub fn login() -> AnyView {
    page(|request| async move {
        if let Some(signed_in) = backend::session::signed_in(&request.session).await?
            && let Ok(step) = sign_in::pending(&request.cx, &signed_in).await
        {
            leptos_axum::redirect(local_path(&after(step, request.query("next"))));
            return Ok(().into_any());
        }
        let lang = request.lang;
        let accounts = demo::accounts(&request)?;
        let next = wanted(request.query("next")).to_owned();
        let words = PasskeyWords::new(lang, lang.t("sign_in.with_passkey"));
        let typed = Typed::of(&request);
        let login = login_typed(&request);
        let (next, next_again) = (hidden("next", &next), hidden("next", &next));
        let (columns, width) =
            if accounts.is_some() { ("cols even", MainWidth::Page) } else { ("gate", MainWidth::Narrow) };
        Ok(Frame::new(&lang.t("sign_in.title")).width(width).show(&request, view! {
            <div class=columns>
                <div class="gate">
                    <h1>{lang.t("sign_in.title")}</h1>
                    {errors(&request, &["login", "password"])}
                    <Card>
                        <form class="form" id="sign-in" method="post" action="/do/session/begin">
                            {next}
                            <TextField name="login" label=lang.t("sign_in.login") value=login required=true first=true
                                autocomplete="username webauthn" error=typed.error("login") />
                            <TextField name="password" label=lang.t("sign_in.password") kind=TextKind::Password required=true
                                autocomplete="current-password" error=typed.error("password") />
                            <Button kind=ButtonKind::Primary wide=true>{lang.t("sign_in.next")}</Button>
                        </form>
                        <p class="or">{lang.t("sign_in.or")}</p>
                        <form id="passkey-sign-in">{next_again}</form>
                        <PasskeyButton words ceremony=Ceremony::Sign start="/do/passkey/start-sign-in".to_owned()
                            finish="/do/passkey/finish-sign-in".to_owned() form="passkey-sign-in".to_owned() primary=false />
                    </Card>
                    <p class="small dim">
                        {lang.t("sign_in.no_account")} " " <a href="/register">{lang.t("nav.register")}</a>
                    </p>
                </div>
                {accounts}
            </div>
            <Scripts />
        }))
    })
}

/// What was typed, or the account chosen from the demonstration's table.
fn login_typed(request: &Request) -> String {
    let chosen = if request.cx.settings.demo { request.query("login") } else { "" };
    request.flash.value("login", chosen)
}

/// Password accepted: a new session that may present a second factor, or enrol one.
#[server(prefix = "/do", endpoint = "session/begin", name = BeginSession)]
pub async fn begin_session(
    login: String,
    password: String,
    #[server(default)] next: String,
) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async {
        let step = sign_in::sign_in(&request.cx, &login, &password, request.client_address()).await?;
        backend::session::begin(&request.session, step.signed_in, &request.agent()).await?;
        Ok(Done::to(after(step.next, &next)))
    };
    request.finish(outcome.await, &[("login", &login)]).await
}

/// Signs out.
#[server(prefix = "/do", endpoint = "session/end", name = EndSession)]
pub async fn end_session() -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = backend::session::end(&request.session).await;
    request.finish(outcome.map(|()| Done::to("/login")), &[]).await
}

/// What the session has proved and what is missing, for the pages in the middle of signing in.
pub(crate) async fn step(request: &Request) -> Result<(backend::session::SignedIn, SignInStep), Error> {
    let signed_in = backend::session::signed_in(&request.session).await?.ok_or(Error::SignedOut)?;
    let step = sign_in::pending(&request.cx, &signed_in).await?;
    Ok((signed_in, step))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(SignInStep::Done, "", "/home")]
    #[case(SignInStep::Done, "/filings/1?x=1", "/filings/1?x=1")]
    #[case(SignInStep::Done, "//evil.example", "/home")]
    #[case(SignInStep::Done, "/login?next=/login", "/home")]
    #[case(SignInStep::Done, "/step-up?next=/review", "/home")]
    #[case(SignInStep::Done, "/account/enrol?with=totp", "/account/enrol?with=totp")]
    #[case(SignInStep::MustEnrol { passkey: true }, "/review", "/account/enrol?next=/review")]
    #[case(SignInStep::NeedsSecondFactor { totp: true, passkey: false }, "https://evil.example", "/login/second-factor")]
    fn the_way_back_survives_and_never_leaves_the_site(
        #[case] step: SignInStep,
        #[case] next: &str,
        #[case] expected: &str,
    ) {
        assert_eq!(after(step, next), expected);
    }
}
