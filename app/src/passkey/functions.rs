//! The server functions behind the button: options first, judgement second. The pending challenge waits in the
//! session and is good once.

use leptos::prelude::*;

use crate::fail::Fail;

/// Options for a new passkey of the signed-in person.
#[server(prefix = "/do", endpoint = "passkey/start-registration", name = StartPasskeyRegistration)]
pub async fn start_passkey_registration() -> Result<String, Fail> {
    use backend::{passkey, session};
    let request = crate::request::Request::here()?;
    let outcome = async {
        let (options, pending) = passkey::start_registration(&request.cx).await?;
        session::keep_registration(&request.session, &pending).await?;
        Ok(options.to_string())
    };
    request.answer(outcome.await)
}

/// Stores the new passkey under its name. Whoever has only now got a second factor is signed in by it.
#[server(prefix = "/do", endpoint = "passkey/finish-registration", name = FinishPasskeyRegistration)]
pub async fn finish_passkey_registration(
    name: String,
    response: String,
    #[server(default)] next: String,
) -> Result<String, Fail> {
    use backend::{
        Error,
        error::Message,
        passkey,
        session::{self, SignedIn},
        sign_in::{self, SignInStep},
    };
    use domain::actor::Assurance;
    let request = crate::request::Request::here()?;
    let outcome = async {
        let pending = session::take_registration(&request.session).await?;
        let pending = pending.ok_or_else(|| Error::Rejected(Message::key("passkey.expired")))?;
        let signed_in = session::signed_in(&request.session).await?.ok_or(Error::SignedOut)?;
        let before = sign_in::pending(&request.cx, &signed_in).await?;
        passkey::finish_registration(&request.cx, &pending, &name, &response).await?;
        if let SignInStep::MustEnrol { .. } = before {
            // The ceremony verified the person and proved the key: asking for it again at once would prove no more.
            let proven_at = Some(domain::moment::to_micros(request.cx.now()));
            let signed_in = SignedIn { assurance: Assurance::Passkey, proven_at, ..signed_in };
            session::begin(&request.session, signed_in, &request.agent()).await?;
            let step = sign_in::pending(&request.cx, &signed_in).await?;
            return Ok(crate::sign_in::after(step, &next));
        }
        session::renew(&request.session).await?;
        request.tell(request.lang.t("passkey.added")).await;
        Ok("/account".to_owned())
    };
    request.answer(outcome.await)
}

/// Options for signing in: of the person whose password was right, else of whoever the authenticator names.
#[server(prefix = "/do", endpoint = "passkey/start-sign-in", name = StartPasskeySignIn)]
pub async fn start_passkey_sign_in() -> Result<String, Fail> {
    use backend::{passkey, session};
    let request = crate::request::Request::here()?;
    let outcome = async {
        let person = session::signed_in(&request.session).await?.map(|signed_in| signed_in.person);
        let (options, challenge) = passkey::start_sign_in(&request.cx, person).await?;
        session::keep_challenge(&request.session, &challenge).await?;
        Ok(options.to_string())
    };
    request.answer(outcome.await)
}

/// Judges the signature; the session gets a new id and answers where to go.
#[server(prefix = "/do", endpoint = "passkey/finish-sign-in", name = FinishPasskeySignIn)]
pub async fn finish_passkey_sign_in(
    response: String,
    #[server(default)] next: String,
) -> Result<String, Fail> {
    use backend::{Error, error::Message, session, sign_in};
    let request = crate::request::Request::here()?;
    let outcome = async {
        let challenge = session::take_challenge(&request.session).await?;
        let challenge = challenge.ok_or_else(|| Error::Rejected(Message::key("passkey.expired")))?;
        let known = session::signed_in(&request.session).await?.filter(|_| challenge.person.is_some());
        let step = match known {
            Some(signed_in) => {
                sign_in::second_factor_passkey(&request.cx, &signed_in, &challenge, &response).await?
            }
            None => {
                sign_in::sign_in_passkey(&request.cx, &challenge, &response, request.client_address()).await?
            }
        };
        session::begin(&request.session, step.signed_in, &request.agent()).await?;
        Ok(crate::sign_in::after(step.next, &next))
    };
    request.answer(outcome.await)
}
