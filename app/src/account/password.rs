//! Changing one's own password.

use backend::{Error, error::FieldErrors, person, session};
use leptos::prelude::*;

use crate::{
    fail::Fail,
    form::Typed,
    request::{Done, Request},
    ui::{Button, Card, TextField, TextKind},
};

/// The form.
pub(super) fn password_card(request: &Request) -> AnyView {
    let lang = request.lang;
    let typed = Typed::of(request);
    view! {
        <Card title=lang.t("account.password") id="password">
            <form class="form" method="post" action="/do/person/change-password">
                <TextField name="old" label=lang.t("account.password_old") kind=TextKind::Password required=true
                    autocomplete="current-password" error=typed.error("old") />
                <TextField name="new" label=lang.t("account.password_new") kind=TextKind::Password required=true
                    autocomplete="new-password" help=lang.t("account.password_help") error=typed.error("new") />
                <TextField name="again" label=lang.t("account.password_again") kind=TextKind::Password required=true
                    autocomplete="new-password" error=typed.error("again") />
                <div><Button>{lang.t("account.password_change")}</Button></div>
            </form>
        </Card>
    }
    .into_any()
}

/// Changes the password: this session gets a new id, all others end.
#[server(prefix = "/do", endpoint = "person/change-password", name = ChangePassword)]
pub async fn change_password(old: String, new: String, again: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async {
        if new != again {
            let message = backend::error::Message::key("password.again");
            return Err(Error::Invalid(FieldErrors::one("again", message)));
        }
        person::change_password(&request.cx, &old, &new, request.session.id().as_ref()).await?;
        session::renew(&request.session).await?;
        Ok(Done::to("/account").saying(request.lang.t("account.password_changed")))
    };
    request.finish(outcome.await, &[]).await
}
