//! `/login/second-factor`: a code from the authenticator app or a passkey, whichever the person has.

use backend::sign_in::{self, SignInStep};
use leptos::prelude::*;

use super::{after, demo, step, wanted};
use crate::{
    fail::Fail,
    form::{Typed, errors, hidden},
    frame::Frame,
    islands::Scripts,
    page::page,
    passkey::{Ceremony, PasskeyButton, PasskeyWords},
    request::{Done, Request, local_path},
    ui::{Button, ButtonKind, Card, MainWidth, TextField, TextKind},
};

/// `/login/second-factor`
pub fn second_factor() -> AnyView {
    page(|request| async move {
        let (_, step) = step(&request).await?;
        let next = wanted(request.query("next")).to_owned();
        let SignInStep::NeedsSecondFactor { totp, passkey } = step else {
            leptos_axum::redirect(local_path(&after(step, &next)));
            return Ok(().into_any());
        };
        let lang = request.lang;
        let hint = demo::code(&request).await?;
        let typed = Typed::of(&request);
        let code = totp.then(|| {
            let next = hidden("next", &next);
            view! {
                <form class="form" method="post" action="/do/session/second-factor">
                    {next}
                    <TextField name="code" label=lang.t("second_factor.code") kind=TextKind::OneTime help=lang.t("second_factor.help")
                        autocomplete="one-time-code" maxlength=7 required=true first=true error=typed.error("code") />
                    {hint.map(|code| view! { <p class="small">{lang.with("second_factor.demo", &[("code", &code)])}</p> })}
                    <Button kind=ButtonKind::Primary wide=true>{lang.t("second_factor.confirm")}</Button>
                </form>
            }
        });
        let key = passkey.then(|| {
            let next = hidden("next", &next);
            let words = PasskeyWords::new(lang, lang.t("second_factor.with_passkey"));
            view! {
                <form id="passkey-second-factor">{next}</form>
                <PasskeyButton words ceremony=Ceremony::Sign start="/do/passkey/start-sign-in".to_owned()
                    finish="/do/passkey/finish-sign-in".to_owned() form="passkey-second-factor".to_owned() primary=!totp />
                <Scripts />
            }
        });
        Ok(Frame::new(&lang.t("second_factor.title")).width(MainWidth::Narrow).show(&request, view! {
            <div class="gate">
                <h1>{lang.t("second_factor.title")}</h1>
                <p class="lead">{lang.t(if passkey && !totp { "second_factor.lead_passkey" } else { "second_factor.lead" })}</p>
                {errors(&request, &["code"])}
                <Card>
                    {code}
                    {(totp && passkey).then(|| view! { <p class="or">{lang.t("sign_in.or")}</p> })}
                    {key}
                </Card>
                <form class="row" method="post" action="/do/session/end">
                    <span class="small dim">{lang.t("second_factor.lost")}</span>
                    <Button kind=ButtonKind::Quiet small=true>{lang.t("second_factor.other_account")}</Button>
                </form>
            </div>
        }))
    })
}

/// Checks the code; the session gets a new id.
#[server(prefix = "/do", endpoint = "session/second-factor", name = PresentSecondFactor)]
pub async fn present_second_factor(code: String, #[server(default)] next: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async {
        let (signed_in, _) = step(&request).await?;
        let step = sign_in::second_factor_totp(&request.cx, &signed_in, &code).await?;
        backend::session::begin(&request.session, step.signed_in, &request.agent()).await?;
        Ok(Done::to(after(step.next, &next)))
    };
    request.finish(outcome.await, &[]).await
}
