//! `/filings/{id}/receipt`: where a submitted version stands in the ledger, and the receipt to keep. The page waits for
//! the checkpoint as long as a person would; when that is not enough it says so and looks again by itself.

use std::time::Duration;

use backend::filing::{VersionView, Workspace};
use domain::{id::FilingId, stopwatch::Stopwatch};
use leptos::prelude::*;
use leptos_meta::Meta;

use super::{
    desk::over,
    marks::{leaf, param},
    versions::{documents, manifest, named},
};
use crate::{
    evidence,
    frame::Frame,
    lang::Lang,
    page::signed_in_page,
    request::Request,
    ui::{
        ButtonKind, ButtonLink, Card, CheckState, DescriptionList, EmptyState, Fact, IconName, PageHead,
        Verdict,
    },
};

/// Longest wait for the checkpoint before the page is shown without it.
const WAIT: Duration = Duration::from_millis(1_800);

/// `/filings/{id}/receipt`; `?version=` names an earlier submission.
pub fn receipt() -> AnyView {
    let id: Option<FilingId> = param("id");
    signed_in_page(move |request| async move {
        let id = id.ok_or(backend::Error::NotFound)?;
        let current = backend::filing::workspace(&request.cx, id).await?;
        let lang = request.lang;
        if current.filing.submissions == 0 {
            return Ok(nothing_yet(&request, &current));
        }
        let number = request.query_number("version").unwrap_or(current.filing.submissions);
        backend::filing::anchored(&request.cx, id, number, WAIT).await?;
        let workspace = backend::filing::version(&request.cx, id, number).await?;
        let version = workspace
            .versions
            .iter()
            .find(|version| version.number == number)
            .cloned()
            .ok_or(backend::Error::NotFound)?;
        let title = lang.t("filing.receipt.title");
        let anchored = version.anchored_at.is_some();
        let over = over(lang, &workspace);
        let (mark, actions, verdict) =
            (leaf(lang, version.leaf_index), downloads(lang, id, &version), verdict(lang, &version));
        let read = backend::stopwatch::of_version(&request.cx, id, number).await?;
        let taken = read.map(|read| stopwatch(lang, read));
        let main = view! { {facts(lang, &version)} {taken} {documents(lang, &workspace)} }.into_any();
        let evidence = anchored.then(|| evidence::card(lang, &format!("/filings/{id}/versions/{number}")));
        let side =
            view! { {evidence} {manifest(lang, &workspace, &version)} {how(lang, id, &version)} }.into_any();
        let again = (!anchored).then(|| view! { <Meta http_equiv="refresh" content="2" /> });
        Ok(Frame::new(&title)
            .above(lang.t("filing.list.title"), "/filings")
            .above(lang.t("filing.kind"), format!("/filings/{id}"))
            .show(&request, view! {
                {again}
                <PageHead title=format!("{title} · {}", named(lang, number)) over=over extra=mark actions=actions />
                {verdict}
                <div class="cols">
                    <div class="stack">{main}</div>
                    <div class="stack">{side}</div>
                </div>
            }))
    })
}

fn nothing_yet(request: &Request, workspace: &Workspace) -> AnyView {
    let lang = request.lang;
    let id = workspace.filing.id;
    let title = lang.t("filing.receipt.title");
    let actions = view! { <ButtonLink href=format!("/filings/{id}") kind=ButtonKind::Primary>{lang.t("filing.submit.back")}</ButtonLink> };
    Frame::new(&title).above(lang.t("filing.list.title"), "/filings").show(request, view! {
        <PageHead title=title.clone() over=over(lang, workspace) />
        <Card><EmptyState title=lang.t("filing.receipt.none") icon=IconName::Ledger actions=actions.into_any()>{lang.t("filing.receipt.none_why")}</EmptyState></Card>
    })
}

fn downloads(lang: Lang, id: FilingId, version: &VersionView) -> AnyView {
    if version.anchored_at.is_none() {
        return ().into_any();
    }
    let base = format!("/filings/{id}/versions/{}", version.number);
    view! {
        <ButtonLink href=format!("{base}/receipt.json") icon=IconName::Download download="receipt.json">{lang.t("filing.receipt.json")}</ButtonLink>
        <ButtonLink href=format!("{base}/receipt.pdf") icon=IconName::Download kind=ButtonKind::Primary download="receipt.pdf">{lang.t("filing.receipt.pdf")}</ButtonLink>
    }
    .into_any()
}

fn verdict(lang: Lang, version: &VersionView) -> AnyView {
    match version.leaf_index.filter(|_| version.anchored_at.is_some()) {
        Some(index) => {
            let title = lang.with("filing.receipt.anchored", &[("index", &index.to_string())]);
            view! { <Verdict state=CheckState::Ok title>{lang.t("filing.receipt.anchored_why")}</Verdict> }.into_any()
        }
        None => view! {
            <Verdict state=CheckState::Pending title=lang.t("filing.receipt.pending")>{lang.t("filing.receipt.pending_why")}</Verdict>
        }
        .into_any(),
    }
}

fn facts(lang: Lang, version: &VersionView) -> AnyView {
    let index = version.leaf_index.map(|index| {
        let (href, text) = (format!("/ledger/entries/{index}"), format!("#{index}"));
        view! { <Fact term=lang.t("filing.receipt.index")><a href=href>{text}</a></Fact> }
    });
    let anchored = version.anchored_at.map(|at| {
        let at = lang.second(at);
        view! { <Fact term=lang.t("filing.receipt.published")>{at}</Fact> }
    });
    let took = version.anchored_at.map(|at| {
        let millis = (at - version.submitted_at).max(0) / 1_000;
        let took = format!("{}.{:02} s", millis / 1_000, millis % 1_000 / 10);
        view! { <Fact term=lang.t("filing.receipt.took")>{took}</Fact> }
    });
    let (received, submitted, count) =
        (lang.second(version.received_at), lang.second(version.submitted_at), version.documents);
    view! {
        <Card title=lang.t("filing.receipt.facts")>
            <DescriptionList>
                {index}
                <Fact term=lang.t("filing.versions.received")>{received}</Fact>
                <Fact term=lang.t("filing.versions.submitted")>{submitted}</Fact>
                {anchored}
                {took}
                <Fact term=lang.t("filing.submit.documents")>{count}</Fact>
            </DescriptionList>
        </Card>
    }
    .into_any()
}

/// How long it took, in the four parts that add up to the whole.
fn stopwatch(lang: Lang, read: Stopwatch) -> AnyView {
    let parts = [
        ("active", read.active),
        ("machine", read.machine),
        ("firms_took", read.firms),
        ("away", read.away),
        ("elapsed", read.elapsed()),
    ];
    let facts: Vec<AnyView> = parts
        .into_iter()
        .map(|(key, micros)| {
            let said = lang.duration(micros);
            view! { <Fact term=lang.t(&format!("filing.receipt.{key}"))><span data-stopwatch=key>{said}</span></Fact> }
                .into_any()
        })
        .collect();
    view! {
        <Card title=lang.t("filing.receipt.stopwatch")>
            <DescriptionList>{facts}</DescriptionList>
            <p class="small dim">{lang.t("filing.receipt.stopwatch_why")}</p>
        </Card>
    }
    .into_any()
}

fn how(lang: Lang, id: FilingId, version: &VersionView) -> AnyView {
    let now = version.anchored_at.map(|_| {
        let href = format!("/verify?receipt=/filings/{id}/versions/{}/receipt.json", version.number);
        view! { <p><ButtonLink href small=true icon=IconName::Shield>{lang.t("filing.receipt.verify_now")}</ButtonLink></p> }
    });
    view! {
        <Card title=lang.t("filing.receipt.how")>
            <div class="stack tight small">
                {now}
                <p><a href="/verify">{lang.t("filing.receipt.how_browser")}</a></p>
                <p>{lang.t("filing.receipt.how_offline")}</p>
                <code>"guxin verify receipt.json"</code>
                <p class="dim">{lang.t("filing.submit.not_text")}</p>
            </div>
        </Card>
    }
    .into_any()
}
