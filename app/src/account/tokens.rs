//! Tokens of the JSON API: made, shown once, revoked.

use backend::token::{self, MAX_DAYS, TokenLine};
use domain::id::TokenId;
use leptos::prelude::*;
use uuid::Uuid;

use crate::{
    fail::Fail,
    form::{Typed, hidden},
    request::{Done, Request},
    ui::{Button, ButtonKind, Callout, CalloutKind, Card, TableBox, TextField, TextKind, Width},
};

/// The tokens, the form for one more, and a fresh one in clear.
pub(super) fn tokens_card(request: &Request, live: &[TokenLine], fresh: Option<String>) -> AnyView {
    let lang = request.lang;
    let rows = live
        .iter()
        .map(|line| {
            let used = line.last_used_at.map_or_else(|| lang.t("account.never"), |at| lang.moment(at));
            view! {
                <tr>
                    <td>{line.name.clone()}</td>
                    <td class="hide-phone">{lang.day(line.created_at)}</td>
                    <td>{lang.day(line.expires_at)}</td>
                    <td class="hide-phone">{used}</td>
                    <td class="fit">
                        <form method="post" action="/do/token/revoke">
                            {hidden("id", &line.id.to_string())}
                            <Button kind=ButtonKind::Quiet small=true>{lang.t("account.token_revoke")}</Button>
                        </form>
                    </td>
                </tr>
            }
        })
        .collect_view();
    let list = (!live.is_empty()).then(|| {
        view! {
            <TableBox label=lang.t("account.tokens")>
                <thead>
                    <tr>
                        <th scope="col">{lang.t("account.token_name")}</th>
                        <th scope="col" class="hide-phone">{lang.t("account.token_created")}</th>
                        <th scope="col">{lang.t("account.token_expires")}</th>
                        <th scope="col" class="hide-phone">{lang.t("account.used")}</th>
                        <th scope="col"><span class="said">{lang.t("account.token_revoke")}</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </TableBox>
        }
    });
    let fresh = fresh.map(|secret| {
        view! {
            <Callout kind=CalloutKind::Look title=lang.t("account.token_fresh")>
                <p>{lang.t("account.token_once")}</p>
                <code class="code-block">{secret}</code>
            </Callout>
        }
    });
    let typed = Typed::of(request);
    let form = view! {
        <form class="form" method="post" action="/do/token/create">
            <TextField name="name" label=lang.t("account.token_name") help=lang.t("account.token_name_help") maxlength=60 width=Width::Medium
                value=typed.value("name", "") required=true error=typed.error("name") />
            <TextField name="days" label=lang.t("account.token_days") kind=TextKind::Number unit=lang.t("account.days")
                help=lang.with("account.token_days_help", &[("max", &MAX_DAYS.to_string())]) value=typed.value("days", "90") required=true
                error=typed.error("days") width=Width::Short />
            <div><Button>{lang.t("account.token_create")}</Button></div>
        </form>
    };
    view! {
        <Card title=lang.t("account.tokens") id="tokens" note=lang.t("account.tokens_note") flush=true foot=form.into_any()>
            {fresh}
            {list}
        </Card>
    }
    .into_any()
}

/// Makes a token; the account page shows it once.
#[server(prefix = "/do", endpoint = "token/create", name = CreateToken)]
pub async fn create_token(name: String, days: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async {
        let created = token::create(&request.cx, &name, days.trim().parse().unwrap_or(0)).await?;
        request.show_once("token", &created.secret).await?;
        Ok(Done::to("/account#tokens"))
    };
    request.finish(outcome.await, &[("name", &name), ("days", &days)]).await
}

/// Revokes a token.
#[server(prefix = "/do", endpoint = "token/revoke", name = RevokeToken)]
pub async fn revoke_token(id: Uuid) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = token::revoke(&request.cx, TokenId(id)).await;
    let done = outcome.map(|()| Done::to("/account#tokens").saying(request.lang.t("account.token_revoked")));
    request.finish(done, &[]).await
}
