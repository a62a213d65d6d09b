//! Second factors on the account page: passkeys and the time-based code.

use backend::{
    Error,
    passkey::{self, PasskeyLine},
    person::Factors,
    session, totp,
};
use leptos::prelude::*;
use uuid::Uuid;

use crate::{
    fail::Fail,
    form::hidden,
    passkey::{Ceremony, PasskeyButton, PasskeyWords},
    request::{Done, Request},
    ui::{Button, ButtonKind, ButtonLink, Card, EmptyState, IconName, TableBox, Tag, TextField, Tone, Width},
};

/// The person's passkeys with their forms, and the form for one more.
pub(super) fn passkeys_card(request: &Request, keys: &[PasskeyLine]) -> AnyView {
    let lang = request.lang;
    let rows = keys
        .iter()
        .map(|key| {
            let used = key.last_used_at.map_or_else(|| lang.t("account.never"), |at| lang.moment(at));
            let (id, label) = (key.id.to_string(), lang.t("account.passkey_name"));
            view! {
                <tr>
                    <td>
                        <form class="row" method="post" action="/do/passkey/rename">
                            {hidden("id", &id)}
                            <input class="input medium" name="name" value=key.name.clone() aria-label=label maxlength="40" required />
                            <Button kind=ButtonKind::Quiet small=true>{lang.t("account.rename")}</Button>
                        </form>
                    </td>
                    <td class="hide-phone">{lang.day(key.created_at)}</td>
                    <td class="hide-phone">{used}</td>
                    <td class="fit">
                        <details>
                            <summary>{lang.t("account.remove")}</summary>
                            <form class="stack tight" method="post" action="/do/passkey/remove">
                                {hidden("id", &id)}
                                <p class="small">{lang.t("account.passkey_remove_sure")}</p>
                                <Button kind=ButtonKind::Danger small=true>{lang.t("account.remove")}</Button>
                            </form>
                        </details>
                    </td>
                </tr>
            }
        })
        .collect_view();
    let list = if keys.is_empty() {
        view! {
            <EmptyState title=lang.t("account.passkeys_none") icon=IconName::Key>{lang.t("account.passkeys_why")}</EmptyState>
        }
        .into_any()
    } else {
        view! {
            <TableBox label=lang.t("account.passkeys")>
                <thead>
                    <tr>
                        <th scope="col">{lang.t("account.passkey_name")}</th>
                        <th scope="col" class="hide-phone">{lang.t("account.added")}</th>
                        <th scope="col" class="hide-phone">{lang.t("account.used")}</th>
                        <th scope="col"><span class="said">{lang.t("account.remove")}</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </TableBox>
        }
        .into_any()
    };
    view! {
        <Card title=lang.t("account.passkeys") id="passkeys" note=lang.t("account.passkeys_note") flush=true
            foot=add_passkey(request, "/account", false)>
            {list}
        </Card>
    }
    .into_any()
}

/// Name and button of a new passkey; also on the enrolment page.
pub(super) fn add_passkey(request: &Request, next: &str, primary: bool) -> AnyView {
    let lang = request.lang;
    let words = PasskeyWords::new(lang, lang.t("account.passkey_add"));
    let next = hidden("next", next);
    view! {
        <div class="stack tight">
            <form class="form" id="new-passkey">
                {next}
                <TextField name="name" id="passkey-name" label=lang.t("account.passkey_new_name") value=lang.t("account.passkey_default")
                    help=lang.t("account.passkey_name_help") maxlength=40 width=Width::Medium required=true />
            </form>
            <PasskeyButton words ceremony=Ceremony::Register start="/do/passkey/start-registration".to_owned()
                finish="/do/passkey/finish-registration".to_owned() form="new-passkey".to_owned() primary=primary />
            <noscript><p class="small">{lang.t("passkey.no_script")}</p></noscript>
        </div>
    }
    .into_any()
}

/// Whether a time-based code is set up, and what can be done about it.
pub(super) fn totp_card(request: &Request, own: &Factors) -> AnyView {
    let lang = request.lang;
    let (tone, state) =
        if own.totp { (Tone::Ok, "account.totp_on") } else { (Tone::Plain, "account.totp_off") };
    let action = if own.totp { lang.t("account.totp_replace") } else { lang.t("account.totp_set_up") };
    let remove = (own.totp && own.passkeys > 0).then(|| {
        view! {
            <form method="post" action="/do/totp/remove">
                <Button kind=ButtonKind::Quiet>{lang.t("account.remove")}</Button>
            </form>
        }
    });
    view! {
        <Card title=lang.t("account.totp") id="totp" extra=view! { <Tag tone>{lang.t(state)}</Tag> }.into_any()>
            <p class="dim">{lang.t("account.totp_why")}</p>
            <div class="actions">
                <ButtonLink href="/account/enrol?with=totp">{action}</ButtonLink>
                {remove}
            </div>
        </Card>
    }
    .into_any()
}

/// Gives a passkey another name.
#[server(prefix = "/do", endpoint = "passkey/rename", name = RenamePasskey)]
pub async fn rename_passkey(id: Uuid, name: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = passkey::rename(&request.cx, id, &name).await;
    let done = outcome.map(|()| Done::to("/account#passkeys").saying(request.lang.t("account.renamed")));
    request.finish(done, &[]).await
}

/// Removes a passkey.
#[server(prefix = "/do", endpoint = "passkey/remove", name = RemovePasskey)]
pub async fn remove_passkey(id: Uuid) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async {
        passkey::remove(&request.cx, id).await?;
        session::renew(&request.session).await?;
        Ok::<_, Error>(Done::to("/account#passkeys").saying(request.lang.t("account.passkey_removed")))
    };
    request.finish(outcome.await, &[]).await
}

/// Removes the time-based code; a passkey remains.
#[server(prefix = "/do", endpoint = "totp/remove", name = RemoveTotp)]
pub async fn remove_totp() -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async {
        totp::remove(&request.cx).await?;
        session::renew(&request.session).await?;
        Ok::<_, Error>(Done::to("/account#totp").saying(request.lang.t("account.totp_removed")))
    };
    request.finish(outcome.await, &[]).await
}
