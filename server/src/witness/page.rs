//! The witness's page: what it saw and when, how far each log is ahead, what it refused, and, above all, an alarm when there
//! is one. Plain HTML in the house's style, Chinese unless `?lang=en` asks otherwise; no script, no cookie, no account.

use app::{
    lang::Lang,
    ui::{
        Callout, CalloutKind, Card, DescriptionList, EmptyState, Fact, IconName, LanguageLink, Main, NavItem,
        PageHead, PublicShell, ShellWords, TableBox, Tag, Tone,
    },
};
use axum::{
    extract::{RawQuery, State},
    http::{HeaderName, header},
    response::{Html, IntoResponse, Response},
};
use domain::{locale::Locale, moment};
use leptos::{prelude::*, reactive::owner::Owner};

use super::{
    Log, Witness, config,
    history::{COSIGNED, Event, MIRRORED},
    memory::{CONTRADICTION, COSIGNED_BEFORE},
};

/// The house's sheets that the page needs, as one.
const STYLE: &str = concat!(
    include_str!("../../../style/tokens.css"),
    include_str!("../../../style/base.css"),
    include_str!("../../../style/layout.css"),
    include_str!("../../../style/components/icon.css"),
    include_str!("../../../style/components/tag.css"),
    include_str!("../../../style/components/card.css"),
    include_str!("../../../style/components/table.css"),
    include_str!("../../../style/components/message.css"),
    include_str!("../../../style/components/list.css"),
    include_str!("../../../style/components/digest.css"),
);

/// The page loads its own style sheet and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'";

pub(super) async fn style() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (headers, STYLE).into_response()
}

pub(super) async fn overview(State(witness): State<Witness>, RawQuery(query): RawQuery) -> Response {
    let english = query.as_deref().is_some_and(|query| query.split('&').any(|pair| pair == "lang=en"));
    let lang = Lang(if english { Locale::En } else { Locale::Zh });
    let body = Owner::new_root(None).with(|| view(&witness, lang).to_html());
    let title = lang.t("witnessing.title");
    let page = format!(
        "<!DOCTYPE html><html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title><link rel=\"stylesheet\" href=\"/witness.css\"></head><body>{body}</body></html>",
        lang.0.tag()
    );
    let headers =
        [(header::CACHE_CONTROL, "no-store"), (HeaderName::from_static("content-security-policy"), POLICY)];
    (headers, Html(page)).into_response()
}

fn view(witness: &Witness, lang: Lang) -> AnyView {
    let words = ShellWords {
        brand: lang.t("brand"),
        skip: lang.t("frame.skip"),
        nav: lang.t("frame.nav"),
        menu: lang.t("frame.menu"),
    };
    let links = vec![NavItem::new(lang.t("witnessing.title"), "/", true)];
    let (tag, name) = if lang.0 == Locale::Zh { ("en", "English") } else { ("zh-CN", "中文") };
    let tools = view! { <LanguageLink href=format!("/?lang={tag}") lang=tag text=name label=lang.t("frame.language") /> };
    let foot = view! { <span>{witness.config.operator.clone()}</span> };
    let alarms = witness.logs.iter().map(|log| alarm(lang, log)).collect_view();
    let logs = witness.logs.iter().map(|log| log_card(witness, lang, log)).collect_view();
    let (over, vkey) = (witness.config.name.clone(), witness.vkey());
    let newest = history(lang, &witness.history.newest());
    // Whoever gave no name is known by the key's.
    let operator = Some(&witness.config.operator).filter(|name| !name.is_empty()).unwrap_or(&over);
    let lead = lang.with("witnessing.lead", &[("operator", operator)]);
    view! {
        <PublicShell words links tools=tools.into_any() foot=foot.into_any()>
            <Main>
                <PageHead title=lang.t("witnessing.title") over=over lead=lead />
                {alarms}
                {logs}
                {newest}
                <Card title=lang.t("witnessing.key")>
                    <div class="stack tight">
                        <pre class="code-block">{vkey}</pre>
                        <p class="small dim">{lang.t("witnessing.key_why")}</p>
                    </div>
                </Card>
            </Main>
        </PublicShell>
    }
    .into_any()
}

fn alarm(lang: Lang, log: &Log) -> AnyView {
    let health = log.health();
    let origin = log.config.origin.clone();
    let name = config::folder_name(&origin);
    let forked = health.forked.then(|| {
        let before = format!("/logs/{name}/evidence/{COSIGNED_BEFORE}");
        let after = format!("/logs/{name}/evidence/{CONTRADICTION}");
        view! {
            <Callout kind=CalloutKind::Bad title=lang.with("witnessing.forked", &[("log", &origin)])>
                <p>{lang.t("witnessing.forked_why")}</p>
                <p>
                    <a href=before>{lang.t("witnessing.forked_before")}</a> " "
                    <a href=after>{lang.t("witnessing.forked_after")}</a>
                </p>
            </Callout>
        }
    });
    let withheld = health.withheld.then(|| {
        let since = health.missing_since.map(|at| lang.second(at)).unwrap_or_default();
        view! {
            <Callout kind=CalloutKind::Bad title=lang.with("witnessing.withheld", &[("log", &origin)])>
                <p>{lang.with("witnessing.withheld_why", &[("since", &since)])}</p>
                <p class="mono small">{health.error.clone()}</p>
            </Callout>
        }
    });
    view! { {forked} {withheld} }.into_any()
}

fn log_card(witness: &Witness, lang: Lang, log: &Log) -> AnyView {
    let health = log.health();
    let last = log.last();
    let number = move |size: u64| lang.number(i64::try_from(size).unwrap_or(i64::MAX));
    let unknown = move || lang.t("witnessing.not_yet");
    let cosigned = last.as_ref().map_or_else(unknown, |last| number(last.checkpoint.size));
    let when = last.as_ref().and_then(|last| last.time).map_or_else(unknown, |seconds| {
        lang.second(i64::try_from(seconds).unwrap_or_default().saturating_mul(1_000_000))
    });
    let root = last.as_ref().map(|last| hex::encode(last.checkpoint.root.0));
    let state = if health.alarms() > 0 {
        view! { <Tag tone=Tone::Bad>{lang.t("witnessing.state_alarm")}</Tag> }
    } else if health.error.is_some() {
        view! { <Tag tone=Tone::Look>{lang.t("witnessing.state_error")}</Tag> }
    } else if health.behind_since.is_some() {
        view! { <Tag tone=Tone::Look>{lang.t("witnessing.state_behind")}</Tag> }
    } else {
        view! { <Tag tone=Tone::Ok>{lang.t("witnessing.state_good")}</Tag> }
    };
    let published = log.remote.is_some().then(|| {
        let lag = health.published.map(|published| {
            published.saturating_sub(last.as_ref().map_or(0, |last| last.checkpoint.size))
        });
        let waiting = health.behind_since.map(|since| {
            let seconds = (moment::to_micros(witness.clock.now()) - since) / 1_000_000;
            lang.with("witnessing.lag_since", &[("seconds", &lang.number(seconds))])
        });
        view! {
            <Fact term=lang.t("witnessing.published")>{health.published.map_or_else(unknown, number)}</Fact>
            <Fact term=lang.t("witnessing.lag")>{lag.map_or_else(unknown, number)} " " {waiting}</Fact>
            <Fact term=lang.t("witnessing.looked_at")>{health.looked_at.map_or_else(unknown, |at| lang.second(at))}</Fact>
        }
    });
    let mirror = log.mirror.is_some().then(|| {
        let address = format!("/mirror/{}/checkpoint", config::folder_name(&log.config.origin));
        let (size, text) = (health.mirrored.map_or_else(unknown, number), address.clone());
        view! { <Fact term=lang.t("witnessing.mirror")>{size} " " <a href=address><code>{text}</code></a></Fact> }
    });
    let error =
        health.error.map(|error| view! { <Fact term=lang.t("witnessing.error")><code>{error}</code></Fact> });
    view! {
        <Card title=log.config.origin.clone() extra=state.into_any()>
            <DescriptionList>
                <Fact term=lang.t("witnessing.cosigned")>{cosigned}</Fact>
                <Fact term=lang.t("witnessing.cosigned_at")>{when}</Fact>
                {root.map(|root| view! { <Fact term=lang.t("ledger.root")><code>{root}</code></Fact> })}
                {published}
                {mirror}
                {error}
            </DescriptionList>
        </Card>
    }
    .into_any()
}

fn history(lang: Lang, events: &[Event]) -> AnyView {
    let title = lang.t("witnessing.history");
    if events.is_empty() {
        let none = lang.t("witnessing.history_none");
        return view! { <Card title=title><EmptyState title=none icon=IconName::Ledger>{lang.t("witnessing.history_none_why")}</EmptyState></Card> }
            .into_any();
    }
    let rows = events
        .iter()
        .map(|event| {
            let tone = match event.what.as_str() {
                COSIGNED => Tone::Ok,
                MIRRORED => Tone::Info,
                "stale" => Tone::Look,
                _ => Tone::Bad,
            };
            let what = lang.t(&format!("witnessing.what.{}", event.what));
            let size = lang.number(i64::try_from(event.size).unwrap_or(i64::MAX));
            view! {
                <tr>
                    <td class="nowrap">{lang.second(event.at)}</td>
                    <td class="hide-phone">{event.origin.clone()}</td>
                    <td class="n">{size}</td>
                    <td><Tag tone=tone>{what}</Tag></td>
                </tr>
            }
        })
        .collect_view()
        .into_any();
    view! {
        <Card title=title.clone() flush=true>
            <TableBox label=title>
                <thead>
                    <tr>
                        <th scope="col">{lang.t("ledger.time")}</th>
                        <th scope="col" class="hide-phone">{lang.t("witnessing.log")}</th>
                        <th scope="col" class="n">{lang.t("ledger.size")}</th>
                        <th scope="col">{lang.t("witnessing.outcome")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </TableBox>
        </Card>
    }
    .into_any()
}
