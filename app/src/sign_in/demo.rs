//! What a demonstration instance shows at the door: accounts with their passwords and the codes of this moment.
//! Nothing of this exists elsewhere: the functions answer nothing unless the instance is a demonstration.

use backend::{Error, person, seed};
use leptos::prelude::*;

use crate::{
    request::Request,
    ui::{Card, TableBox, Tag, Tone},
};

/// The table of accounts.
pub(super) fn accounts(request: &Request) -> Result<Option<AnyView>, Error> {
    if !request.cx.settings.demo {
        return Ok(None);
    }
    let lang = request.lang;
    let mut rows = Vec::new();
    for account in seed::accounts() {
        let code = seed::current_code(account.totp_secret, request.cx.now())?;
        let choose = request.with_query(&[("login", account.login)]);
        let role = lang.t(&format!("sign_in.demo_roles.{}", account.role));
        rows.push(view! {
            <tr>
                <th scope="row" class="nowrap">{role}</th>
                <td><a class="mono" href=choose>{account.login}</a></td>
                <td class="mono nowrap">{account.password}</td>
                <td class="mono">{code}</td>
            </tr>
        });
    }
    if rows.is_empty() {
        return Ok(None);
    }
    Ok(Some(
        view! {
            <Card title=lang.t("sign_in.demo_title") flush=true
                extra=view! { <Tag tone=Tone::Look>{lang.t("sign_in.demo_tag")}</Tag> }.into_any()
                foot=view! { <span class="small dim">{lang.t("sign_in.demo_note")}</span> }.into_any()>
                <TableBox label=lang.t("sign_in.demo_title")>
                    <thead>
                        <tr>
                            <th scope="col">{lang.t("sign_in.demo_role")}</th>
                            <th scope="col">{lang.t("sign_in.login")}</th>
                            <th scope="col">{lang.t("sign_in.password")}</th>
                            <th scope="col">{lang.t("sign_in.demo_code")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </TableBox>
            </Card>
        }
        .into_any(),
    ))
}

/// The code of this moment for the person in the middle of signing in, when it is one of these accounts.
pub(super) async fn code(request: &Request) -> Result<Option<String>, Error> {
    if !request.cx.settings.demo {
        return Ok(None);
    }
    let login = person::own_factors(&request.cx).await?.login;
    let account = seed::accounts().into_iter().find(|account| account.login == login);
    account.map(|account| seed::current_code(account.totp_secret, request.cx.now())).transpose()
}
