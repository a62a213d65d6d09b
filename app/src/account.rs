//! `/account`: who one is here, and everything one proves it with: password, passkeys, time-based code, sessions,
//! tokens of the JSON API. Enrolment of the first second factor is in [`enrol`].

use backend::{passkey, person, session, token};
use leptos::prelude::*;

mod enrol;
mod factors;
mod password;
mod sessions;
mod tokens;

pub use enrol::*;
pub use factors::*;
pub use password::*;
pub use sessions::*;
pub use tokens::*;

use crate::{
    form::errors,
    frame::Frame,
    islands::Scripts,
    page::signed_in_page,
    ui::{Card, DescriptionList, Fact, PageHead},
};

/// `/account`
pub fn account() -> AnyView {
    signed_in_page(|request| async move {
        let lang = request.lang;
        let actor = request.cx.actor()?.clone();
        let own = person::own_factors(&request.cx).await?;
        let keys = passkey::list(&request.cx).await?;
        let current = request.session.id();
        let open = session::list(&request.cx, current.as_ref()).await?;
        let api = token::list(&request.cx).await?;
        let fresh = request.shown_once("token").await;
        Ok(Frame::new(&lang.t("account.title")).show(&request, view! {
            <PageHead title=lang.t("account.title") lead=lang.t("account.lead") />
            {errors(&request, &["old", "new", "again", "name", "days"])}
            <div class="cols">
                <div class="stack">
                    {passkeys_card(&request, &keys)}
                    {totp_card(&request, &own)}
                    {sessions_card(&request, &open)}
                    {tokens_card(&request, &api, fresh)}
                </div>
                <div class="stack">
                    <Card title=lang.t("account.person")>
                        <DescriptionList>
                            <Fact term=lang.t("account.name")>{actor.name.clone()}</Fact>
                            <Fact term=lang.t("account.login")>{own.login.clone()}</Fact>
                            <Fact term=lang.t("account.role")>{lang.t(&format!("role.{}", actor.role.name()))}</Fact>
                            <Fact term=lang.t("account.organisation")>{actor.org_name.clone()}</Fact>
                        </DescriptionList>
                    </Card>
                    {password_card(&request)}
                </div>
            </div>
            <Scripts />
        }))
    })
}
