//! Where one is signed in, and ending that.

use backend::session::{self, SessionLine};
use leptos::prelude::*;

use crate::{
    fail::Fail,
    form::hidden,
    request::{Done, Request},
    ui::{Button, ButtonKind, Card, TableBox, Tag, Tone},
};

/// The sessions with their buttons.
pub(super) fn sessions_card(request: &Request, open: &[SessionLine]) -> AnyView {
    let lang = request.lang;
    let rows = open
        .iter()
        .map(|line| {
            let end = if line.current {
                view! { <Tag tone=Tone::Ok>{lang.t("account.session_this")}</Tag> }.into_any()
            } else {
                view! {
                    <form method="post" action="/do/session/end-one">
                        {hidden("handle", &line.handle)}
                        <Button kind=ButtonKind::Quiet small=true>{lang.t("account.session_end")}</Button>
                    </form>
                }
                .into_any()
            };
            view! {
                <tr>
                    <td title=line.agent.clone()>{browser(&line.agent).unwrap_or_else(|| lang.t("account.session_unknown"))}</td>
                    <td class="hide-phone nowrap">{lang.moment(line.created_at)}</td>
                    <td class="hide-phone nowrap">{lang.moment(line.seen_at)}</td>
                    <td class="fit">{end}</td>
                </tr>
            }
        })
        .collect_view();
    let others = (open.len() > 1).then(|| {
        view! {
            <form method="post" action="/do/session/end-others">
                <Button small=true>{lang.t("account.sessions_end_others")}</Button>
            </form>
        }
    });
    view! {
        <Card title=lang.t("account.sessions") id="sessions" note=lang.t("account.sessions_note") flush=true extra=others.into_any()>
            <TableBox label=lang.t("account.sessions")>
                <thead>
                    <tr>
                        <th scope="col">{lang.t("account.session_browser")}</th>
                        <th scope="col" class="hide-phone">{lang.t("account.session_since")}</th>
                        <th scope="col" class="hide-phone">{lang.t("account.session_seen")}</th>
                        <th scope="col"><span class="said">{lang.t("account.session_end")}</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </TableBox>
        </Card>
    }
    .into_any()
}

/// Browser and system in a word: what a person recognises in a User-Agent.
fn browser(agent: &str) -> Option<String> {
    // Order matters: everybody claims to be the ones further down.
    let name = [
        ("Edg/", "Edge"),
        ("MicroMessenger", "微信"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]
    .into_iter()
    .find_map(|(sign, name)| agent.contains(sign).then_some(name))?;
    let system = [
        ("HarmonyOS", "HarmonyOS"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]
    .into_iter()
    .find_map(|(sign, name)| agent.contains(sign).then_some(name));
    Some(system.map_or_else(|| name.to_owned(), |system| format!("{name} · {system}")))
}

/// Ends one session.
#[server(prefix = "/do", endpoint = "session/end-one", name = EndOneSession)]
pub async fn end_one_session(handle: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = session::end_one(&request.cx, &handle).await;
    let done =
        outcome.map(|()| Done::to("/account#sessions").saying(request.lang.t("account.session_ended")));
    request.finish(done, &[]).await
}

/// Ends all sessions but this one.
#[server(prefix = "/do", endpoint = "session/end-others", name = EndOtherSessions)]
pub async fn end_other_sessions() -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = session::end_others(&request.cx, request.session.id().as_ref()).await;
    let done = outcome.map(|count| {
        let said = request.lang.with("account.sessions_ended", &[("count", &count.to_string())]);
        Done::to("/account#sessions").saying(said)
    });
    request.finish(done, &[]).await
}

#[cfg(test)]
mod tests {
    use super::browser;

    #[test]
    fn a_browser_is_named_by_its_own_sign_not_by_those_it_imitates() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0";
        assert_eq!(browser(edge).as_deref(), Some("Edge · Windows"));
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";
        assert_eq!(browser(phone).as_deref(), Some("Safari · iPhone"));
        assert_eq!(browser("curl/8.0"), None);
    }
}
