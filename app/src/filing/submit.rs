//! `/filings/{id}/submit`: what will be anchored, what that proves and what it does not, and the one button. The form
//! carries a random key: sent twice, it submits once.

use backend::{
    Error,
    filing::{Submission, Workspace},
};
use domain::{id::FilingId, workflow::StageName};
use leptos::prelude::*;

use super::{
    desk::over,
    fields,
    marks::{form_key, param},
    versions::documents,
};
use crate::{
    fail::Fail,
    frame::Frame,
    lang::Lang,
    page::signed_in_page,
    request::{Done, Request},
    ui::{
        Button, ButtonKind, ButtonLink, Callout, CalloutKind, Card, CheckField, EmptyState, IconName,
        PageHead, StatList,
    },
};

/// `/filings/{id}/submit`
pub fn submit() -> AnyView {
    let id: Option<FilingId> = param("id");
    signed_in_page(move |request| async move {
        let id = id.ok_or(Error::NotFound)?;
        let workspace = backend::filing::workspace(&request.cx, id).await?;
        let lang = request.lang;
        let title = lang.t(if workspace.filing.stage == StageName::Correction {
            "filing.next.resubmit"
        } else {
            "filing.next.submit"
        });
        let body = if workspace.allowed.submit && workspace.completeness.is_complete() {
            ready(&request, &workspace)
        } else {
            not_ready(lang, &workspace)
        };
        let over = over(lang, &workspace);
        Ok(Frame::new(&title)
            .above(lang.t("filing.list.title"), "/filings")
            .above(lang.t("filing.kind"), format!("/filings/{id}"))
            .show(
                &request,
                view! {
                    <PageHead title=title.clone() over=over lead=lang.t("filing.submit.lead") />
                    {body}
                },
            ))
    })
}

fn ready(request: &Request, workspace: &Workspace) -> AnyView {
    let lang = request.lang;
    let id = workspace.filing.id;
    let key = request.flash.value("key", &form_key(request));
    let files: usize = workspace.slots.iter().map(|slot| slot.documents.len()).sum();
    let signed = workspace.slots.iter().filter(|slot| slot.attested).count();
    let given = workspace
        .sections
        .iter()
        .flat_map(|section| &section.fields)
        .filter(|field| !field.value.is_empty())
        .count();
    let stats = vec![
        (lang.t("filing.submit.documents"), files.to_string()),
        (lang.t("filing.submit.fields"), given.to_string()),
        (lang.t("filing.submit.attestations"), signed.to_string()),
        (lang.t("filing.submit.pack"), workspace.filing.pack_version.clone()),
    ];
    let warnings: Vec<AnyView> = workspace
        .completeness
        .warnings
        .iter()
        .map(|warning| {
            let text = warning.message(lang.0);
            view! { <Callout kind=CalloutKind::Look><p>{text}</p></Callout> }.into_any()
        })
        .collect();
    let error = request.flash.error("declared");
    let id = id.to_string();
    let back = format!("/filings/{id}");
    view! {
        <Card><StatList stats /></Card>
        {warnings}
        <div class="cols">
            <div class="stack">{documents(lang, workspace)} {fields::facts(lang, &workspace.sections)}</div>
            <div class="stack">
                <Callout kind=CalloutKind::Proven title=lang.t("filing.submit.proves")><p>{lang.t("filing.submit.proves_text")}</p></Callout>
                <Callout title=lang.t("filing.submit.not")><p>{lang.t("filing.submit.not_text")}</p></Callout>
                <Card title=lang.t("filing.submit.confirm")>
                    <form class="form" method="post" action="/do/filing/submit">
                        <input type="hidden" name="filing" value=id />
                        <input type="hidden" name="key" value=key />
                        <CheckField name="declared" required=true error=error>{lang.t("filing.submit.declare")}</CheckField>
                        <div class="actions">
                            <Button kind=ButtonKind::Primary>{lang.t("filing.submit.now")}</Button>
                            <ButtonLink href=back>{lang.t("filing.submit.back")}</ButtonLink>
                        </div>
                        <p class="small dim">{lang.t("filing.submit.after")}</p>
                    </form>
                </Card>
            </div>
        </div>
    }
    .into_any()
}

fn not_ready(lang: Lang, workspace: &Workspace) -> AnyView {
    let id = workspace.filing.id;
    let left = workspace.completeness.total.saturating_sub(workspace.completeness.done);
    let (title, why) = if workspace.allowed.submit {
        (
            lang.t("filing.submit.incomplete"),
            lang.with("filing.submit.incomplete_why", &[("count", &left.to_string())]),
        )
    } else {
        (lang.t("filing.submit.done"), lang.t("filing.submit.done_why"))
    };
    let actions = view! { <ButtonLink href=format!("/filings/{id}") kind=ButtonKind::Primary>{lang.t("filing.submit.back")}</ButtonLink> };
    view! { <Card><EmptyState title icon=IconName::File actions=actions.into_any()>{why}</EmptyState></Card> }
        .into_any()
}

/// Submits, or resubmits after correction, exactly once per key.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "filing/submit")]
pub async fn submit_filing(
    filing: String,
    key: String,
    #[server(default)] declared: String,
) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = async {
        let id: FilingId = filing.parse().map_err(|_| Error::NotFound)?;
        if declared.is_empty() {
            return Err(Error::field("declared", "declaration_missing"));
        }
        match backend::filing::submit(&request.cx, id, &key, request.received_at).await? {
            Submission::Done(made) => Ok(Done::to(format!("/filings/{id}/receipt?version={}", made.number))),
            missing @ Submission::Missing(_) => Err(missing.done().err().unwrap_or(Error::NotFound)),
        }
    }
    .await;
    request.finish(outcome, &[("key", &key)]).await
}
