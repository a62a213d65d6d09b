//! `/filings/{id}`: the workspace of one filing. Head, road and what the exchange asked stand on top; below it one of
//! seven views with an address each: materials, what is to be confirmed, fields, findings, firms, progress, versions.

use backend::{filing::Workspace, finding::FindingView};
use domain::{id::FilingId, workflow::StageName};
use leptos::prelude::*;

use super::{
    confirm,
    dock::dock,
    fields, findings, firms,
    marks::{error_summary, param, road},
    materials, progress, reply, todo, versions,
};
use crate::{
    frame::Frame,
    islands::Scripts,
    lang::Lang,
    page::signed_in_page,
    request::Request,
    ui::{Button, ButtonKind, ButtonLink, Dialog, PageHead, Tab, Tabs},
};

/// The views of the workspace, as they stand in the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    Materials,
    Confirm,
    Fields,
    Findings,
    Firms,
    Progress,
    Versions,
}

impl View {
    const ALL: [Self; 7] = [
        Self::Materials,
        Self::Confirm,
        Self::Fields,
        Self::Findings,
        Self::Firms,
        Self::Progress,
        Self::Versions,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Materials => "materials",
            Self::Confirm => "confirm",
            Self::Fields => "fields",
            Self::Findings => "findings",
            Self::Firms => "firms",
            Self::Progress => "progress",
            Self::Versions => "versions",
        }
    }

    fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|view| view.name() == name).unwrap_or(Self::Materials)
    }
}

/// `/filings/{id}`
pub fn desk() -> AnyView {
    let id: Option<FilingId> = param("id");
    signed_in_page(move |request| async move {
        let id = id.ok_or(backend::Error::NotFound)?;
        let workspace = backend::filing::workspace(&request.cx, id).await?;
        let view = View::from_name(request.query("view"));
        let found =
            if workspace.allowed.edit { backend::finding::list(&request.cx, id).await? } else { Vec::new() };
        let body = match view {
            View::Materials => {
                beside(&request, &workspace, &found, materials::view(&request, &workspace).await?)
            }
            // Readers have nothing to confirm.
            View::Confirm if workspace.allowed.edit => confirm::view(&request, &workspace, &found).await?,
            View::Confirm => fields::view(&request, &workspace).await?,
            View::Fields => beside(&request, &workspace, &found, fields::view(&request, &workspace).await?),
            View::Findings => findings::view(&request, &workspace, &found),
            View::Firms => firms::view(&request, &workspace).await?,
            View::Progress => progress::view(&request, &workspace),
            View::Versions => versions::list(&request, &workspace),
        };
        let lang = request.lang;
        let filing = &workspace.filing;
        let title = lang.t("filing.kind");
        let summary = error_summary(&request);
        let over = over(lang, &workspace);
        let actions = actions(&request, &workspace);
        let asked =
            view! { {question(&request, &workspace)} {reply::items(&request, &workspace)} }.into_any();
        let road = road(lang, filing, workspace.clock.as_ref());
        let tabs = tabs(lang, &workspace, &found, view);
        Ok(Frame::new(&title)
            .above(lang.t("filing.list.title"), "/filings")
            .dock(dock(&request, &workspace))
            .show(
                &request,
                view! {
                    {summary}
                    <PageHead title=title.clone() over=over actions=actions />
                    {road}
                    {asked}
                    <Tabs label=lang.t("filing.view.label") tabs=tabs />
                    {body}
                    <Scripts />
                },
            ))
    })
}

/// Company · board · version of the rule pack.
pub(super) fn over(lang: Lang, workspace: &Workspace) -> String {
    let filing = &workspace.filing;
    let board = lang.pick(&filing.board_name.zh, &filing.board_name.en);
    let pack = lang.with("filing.pack", &[("version", &filing.pack_version)]);
    let code = filing.org_code.as_ref().map(|code| format!(" · {code}")).unwrap_or_default();
    format!("{} · {board} · {pack}{code}", filing.org_name)
}

/// The view with what has to be dealt with beside it.
fn beside(request: &Request, workspace: &Workspace, found: &[FindingView], main: AnyView) -> AnyView {
    match todo::card(request.lang, workspace, found) {
        Some(side) => {
            view! { <div class="cols"><div class="stack">{main}</div><div class="stack">{side}</div></div> }
                .into_any()
        }
        None => main,
    }
}

fn tabs(lang: Lang, workspace: &Workspace, found: &[FindingView], current: View) -> Vec<Tab> {
    let id = workspace.filing.id;
    let missing = &workspace.completeness;
    View::ALL
        .into_iter()
        // Readers have nothing to compare before it is submitted; reviewers read the explanations on their own page.
        .filter(|view| !matches!(view, View::Findings | View::Confirm) || workspace.allowed.edit)
        .map(|view| {
            let href = if view == View::Materials {
                format!("/filings/{id}")
            } else {
                format!("/filings/{id}?view={}", view.name())
            };
            let tab = Tab::new(lang.t(&format!("filing.view.{}", view.name())), href, view == current);
            let count = match view {
                View::Materials => missing.missing_slots.len() + missing.slot_errors.len(),
                View::Fields => missing.missing_fields.len() + missing.field_errors.len(),
                View::Firms => workspace.engagements.iter().filter(|one| one.status == "invited").count(),
                View::Findings => findings::open(found),
                View::Progress | View::Confirm => 0,
                View::Versions => workspace.versions.len(),
            };
            let count = u64::try_from(count).unwrap_or_default();
            // What is missing is of interest while it can be mended.
            let shown = count > 0 && (view == View::Versions || workspace.allowed.edit);
            if shown { tab.count(count) } else { tab }
        })
        .collect()
}

fn actions(request: &Request, workspace: &Workspace) -> AnyView {
    let lang = request.lang;
    let id = workspace.filing.id;
    let receipt = (workspace.filing.submissions > 0)
        .then(|| view! { <ButtonLink href=format!("/filings/{id}/receipt")>{lang.t("filing.receipt.title")}</ButtonLink> });
    let recall = workspace.allowed.recall_attestation.then(|| {
        view! {
            <form method="post" action="/do/filing/recall-attestation">
                <input type="hidden" name="filing" value=id.to_string() />
                <Button>{lang.t("filing.act.recall")}</Button>
            </form>
        }
    });
    let withdraw = workspace
        .allowed
        .withdraw
        .then(|| view! { <ButtonLink href=format!("/filings/{id}?confirm=withdraw#withdraw")>{lang.t("filing.act.withdraw")}</ButtonLink> });
    view! { {receipt} {recall} {withdraw} }.into_any()
}

/// The question before something that cannot be undone.
fn question(request: &Request, workspace: &Workspace) -> AnyView {
    if request.query("confirm") != "withdraw" || !workspace.allowed.withdraw {
        return ().into_any();
    }
    let lang = request.lang;
    let id = workspace.filing.id;
    let text = lang.t(if workspace.filing.stage == StageName::Draft {
        "filing.act.withdraw_draft"
    } else {
        "filing.act.withdraw_why"
    });
    let buttons = view! {
        <ButtonLink href=format!("/filings/{id}")>{lang.t("filing.cancel")}</ButtonLink>
        <form method="post" action="/do/filing/withdraw">
            <input type="hidden" name="filing" value=id.to_string() />
            <Button kind=ButtonKind::Danger>{lang.t("filing.act.withdraw_yes")}</Button>
        </form>
    };
    view! {
        <Dialog id="withdraw" title=lang.t("filing.act.withdraw") close=lang.t("filing.cancel") open=true actions=buttons.into_any()>
            <p>{text}</p>
        </Dialog>
    }
    .into_any()
}
