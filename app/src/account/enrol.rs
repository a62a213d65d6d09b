//! `/account/enrol`: the first second factor after an account was made, or another time-based code later. The secret
//! waits in the session, so a mistyped code does not mean scanning again.

use backend::{
    Error,
    error::Message,
    person,
    session::{self, SignedIn},
    sign_in::SignInStep,
    totp,
};
use domain::actor::Assurance;
use leptos::prelude::*;

use super::factors::add_passkey;
use crate::{
    fail::Fail,
    form::{Typed, errors, hidden},
    frame::Frame,
    islands::Scripts,
    page::page,
    request::{Done, Request, local_path},
    sign_in::{after, step, wanted},
    ui::{Button, ButtonKind, Callout, Card, TextField, TextKind},
};

/// `/account/enrol`
pub fn enrol() -> AnyView {
    page(|request| async move {
        let (_, step) = step(&request).await?;
        let lang = request.lang;
        let next = wanted(request.query("next")).to_owned();
        // Signed in already and not here for another code: nothing to do.
        let another = request.query("with") == "totp" && request.actor().is_some();
        let passkey_only = match step {
            SignInStep::MustEnrol { passkey } => passkey,
            SignInStep::Done if another => false,
            step => {
                leptos_axum::redirect(local_path(&after(step, &next)));
                return Ok(().into_any());
            }
        };
        person::own_factors(&request.cx).await?.may_change(&request.cx)?;
        let code = if passkey_only { None } else { Some(totp_form(&request, &next).await?) };
        let key = (!another).then(|| {
            let add = add_passkey(&request, &next, passkey_only);
            view! {
                <Card title=lang.t("enrol.passkey") note=lang.t("enrol.passkey_note")>
                    <p class="dim">{lang.t("enrol.passkey_why")}</p>
                    {add}
                </Card>
                <Scripts />
            }
        });
        let columns = if code.is_some() && key.is_some() { "cols even" } else { "stack" };
        let why = passkey_only.then(
            || view! { <Callout title=lang.t("enrol.must_title")><p>{lang.t("enrol.must")}</p></Callout> },
        );
        Ok(Frame::new(&lang.t("enrol.title")).above(lang.t("account.title"), "/account").show(
            &request,
            view! {
                <div class="gate">
                    <h1>{lang.t("enrol.title")}</h1>
                    <p class="lead">{lang.t("enrol.lead")}</p>
                    {errors(&request, &["code"])}
                    {why}
                    <div class=columns>{code} {key}</div>
                </div>
            },
        ))
    })
}

async fn totp_form(request: &Request, next: &str) -> Result<AnyView, Error> {
    let lang = request.lang;
    let waiting = session::totp_secret(&request.session).await?;
    let enrolment = match waiting {
        Some(secret) => totp::resume(&request.cx, &secret).await?,
        None => {
            let enrolment = totp::start(&request.cx).await?;
            session::keep_totp_secret(&request.session, &enrolment.secret).await?;
            enrolment
        }
    };
    let spaced: Vec<String> = enrolment
        .secret
        .as_bytes()
        .chunks(4)
        .map(|chunk| String::from_utf8_lossy(chunk).into_owned())
        .collect();
    let typed = Typed::of(request);
    let next = hidden("next", next);
    Ok(view! {
        <Card title=lang.t("enrol.totp") note=lang.t("enrol.totp_note")>
            <ol class="stack tight">
                <li>{lang.t("enrol.totp_scan")}</li>
                <li>{lang.t("enrol.totp_confirm")}</li>
            </ol>
            <div class="qr" inner_html=enrolment.qr_svg role="img" aria-label=lang.t("enrol.qr")></div>
            <p class="small dim">{lang.t("enrol.secret")}</p>
            <code class="code-block">{spaced.join(" ")}</code>
            <form class="form" method="post" action="/do/totp/confirm">
                {next}
                <TextField name="code" label=lang.t("second_factor.code") kind=TextKind::OneTime help=lang.t("second_factor.help")
                    autocomplete="one-time-code" maxlength=7 required=true error=typed.error("code") />
                <Button kind=ButtonKind::Primary wide=true>{lang.t("enrol.confirm")}</Button>
            </form>
        </Card>
    }
    .into_any())
}

/// Proves the waiting secret with a code and keeps it. The code that proved it counts as the second factor of this
/// session: asking for the next one would only cost half a minute.
#[server(prefix = "/do", endpoint = "totp/confirm", name = ConfirmTotp)]
pub async fn confirm_totp(code: String, #[server(default)] next: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async {
        let secret = session::totp_secret(&request.session).await?;
        let secret = secret.ok_or_else(|| Error::Rejected(Message::key("second_factor.expired")))?;
        totp::confirm(&request.cx, &secret, &code).await?;
        let (signed_in, _) = step(&request).await?;
        let assurance = signed_in.assurance.max(Assurance::Totp);
        let proven_at = Some(domain::moment::to_micros(request.cx.now()));
        session::begin(&request.session, SignedIn { assurance, proven_at, ..signed_in }, &request.agent())
            .await?;
        let (_, step) = step(&request).await?;
        let to = if request.actor().is_some() { "/account#totp".to_owned() } else { after(step, &next) };
        Ok(Done::to(to).saying(request.lang.t("enrol.totp_done")))
    };
    request.finish(outcome.await, &[]).await
}
