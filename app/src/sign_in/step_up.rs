//! `/step-up`: the second factor once more, before something that binds an organisation. Whoever pressed such a button
//! with an old sign-in comes here, and goes back to the form with everything typed still in it.

use backend::{
    Error,
    sign_in::{self, SignInStep},
};
use leptos::prelude::*;

use super::{demo, wanted, with_next};
use crate::{
    fail::Fail,
    form::{Typed, errors, hidden},
    frame::Frame,
    islands::Scripts,
    page::signed_in_page,
    passkey::{Ceremony, PasskeyButton, PasskeyWords},
    request::{Done, Request, local_path},
    ui::{Button, ButtonKind, ButtonLink, Card, MainWidth, TextField, TextKind},
};

/// Its address.
pub const PATH: &str = "/step-up";

/// The address that leads here and back.
pub(crate) fn address(back: &str) -> String {
    with_next(PATH, wanted(back))
}

/// `/step-up`
pub fn page_step_up() -> AnyView {
    signed_in_page(|request| async move {
        let signed_in = backend::session::signed_in(&request.session).await?.ok_or(Error::SignedOut)?;
        let next = wanted(request.query("next")).to_owned();
        let back = if next.is_empty() { "/home".to_owned() } else { next.clone() };
        let SignInStep::NeedsSecondFactor { totp, passkey } = sign_in::again(&request.cx, &signed_in).await?
        else {
            leptos_axum::redirect(local_path(&back));
            return Ok(().into_any());
        };
        let lang = request.lang;
        let hint = demo::code(&request).await?;
        let typed = Typed::of(&request);
        let code = totp.then(|| {
            let next = hidden("next", &next);
            view! {
                <form class="form" method="post" action="/do/session/step-up">
                    {next}
                    <TextField name="code" label=lang.t("second_factor.code") kind=TextKind::OneTime help=lang.t("second_factor.help")
                        autocomplete="one-time-code" maxlength=7 required=true error=typed.error("code") />
                    {hint.map(|code| view! { <p class="small">{lang.with("second_factor.demo", &[("code", &code)])}</p> })}
                    <Button kind=ButtonKind::Primary wide=true>{lang.t("second_factor.confirm")}</Button>
                </form>
            }
        });
        let key = passkey.then(|| {
            let next = hidden("next", &next);
            let words = PasskeyWords::new(lang, lang.t("second_factor.with_passkey"));
            view! {
                <form id="passkey-step-up">{next}</form>
                <PasskeyButton words ceremony=Ceremony::Sign start="/do/passkey/start-sign-in".to_owned()
                    finish="/do/passkey/finish-sign-in".to_owned() form="passkey-step-up".to_owned() primary=!totp />
                <Scripts />
            }
        });
        let minutes = request.cx.settings.step_up_minutes.to_string();
        Ok(Frame::new(&lang.t("step_up.title")).width(MainWidth::Narrow).show(
            &request,
            view! {
                <div class="gate">
                    <h1>{lang.t("step_up.title")}</h1>
                    <p class="lead">{lang.with("step_up.lead", &[("minutes", &minutes)])}</p>
                    {errors(&request, &["code"])}
                    <Card>
                        {code}
                        {(totp && passkey).then(|| view! { <p class="or">{lang.t("sign_in.or")}</p> })}
                        {key}
                    </Card>
                    <p><ButtonLink href=back kind=ButtonKind::Quiet>{lang.t("step_up.back")}</ButtonLink></p>
                </div>
            },
        ))
    })
}

/// Checks the code; the session gets a new id. The form that waits has its input when its page is opened again.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "session/step-up", name = StepUp)]
pub async fn step_up(code: String, #[server(default)] next: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async {
        // Before the second factor there is nothing to step up from.
        request.actor().ok_or(Error::SignedOut)?;
        let signed_in = backend::session::signed_in(&request.session).await?.ok_or(Error::SignedOut)?;
        let step = sign_in::second_factor_totp(&request.cx, &signed_in, &code).await?;
        backend::session::begin(&request.session, step.signed_in, &request.agent()).await?;
        let next = wanted(&next);
        Ok(Done::to(if next.is_empty() { "/home" } else { next }))
    };
    request.finish(outcome.await, &[]).await
}
