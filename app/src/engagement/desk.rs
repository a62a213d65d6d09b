//! `/engagements/{id}`: the filing's facts, this firm's slots with the documents to read, and what the firm decides
//! about each. A document that changes afterwards undoes the attestation, and the page says so.

use backend::{
    engagement::EngagementPage,
    filing::{SlotView, Workspace},
};
use domain::{
    access::{Facts, action, may},
    actor::Role,
    id::EngagementId,
};
use leptos::prelude::*;

use super::sign::{SignSlot, SignWords};
use crate::{
    filing::{
        fields,
        firms::status,
        marks::{error_summary, leaf, param, road, stage_tag},
        materials::content,
    },
    frame::Frame,
    islands::Scripts,
    lang::Lang,
    page::signed_in_page,
    request::Request,
    ui::{
        Button, ButtonKind, Callout, CalloutKind, Card, DescriptionList, Digest, EmptyState, Fact,
        FactsLayout, IconName, PageHead, Tag, TextArea, Tone,
    },
};

/// `/engagements/{id}`
pub fn desk() -> AnyView {
    let id: Option<EngagementId> = param("id");
    signed_in_page(move |request| async move {
        let id = id.ok_or(backend::Error::NotFound)?;
        let page = backend::engagement::read(&request.cx, id).await?;
        let lang = request.lang;
        let filing = &page.workspace.filing;
        let signs = request.cx.actor()?.role == Role::Signer;
        let enrolled = !signs || !backend::passkey::list(&request.cx).await?.is_empty();
        let accepted = page.engagement.status == "accepted";
        let board = lang.pick(&filing.board_name.zh, &filing.board_name.en);
        let over = format!(
            "{} · {board} · {}",
            lang.t("filing.kind"),
            lang.with("filing.pack", &[("version", &filing.pack_version)])
        );
        let extra =
            view! { {status(lang, &page.engagement.status)} {stage_tag(lang, filing.stage)} }.into_any();
        let summary = error_summary(&request);
        let road = road(lang, filing, page.workspace.clock.as_ref());
        let answer = answer(&request, &page)?;
        let enrol = (accepted && !enrolled).then(|| {
            view! {
                <Callout kind=CalloutKind::Look title=lang.t("engagement.enrol")>
                    <p>{lang.t("engagement.enrol_why")} " " <a href="/account">{lang.t("frame.account")}</a></p>
                </Callout>
            }
        });
        let slots: Vec<AnyView> = page
            .workspace
            .slots
            .iter()
            .filter(|slot| page.engagement.slots.iter().any(|id| id == slot.id.as_str()))
            .map(|slot| card(&request, &page, slot, accepted && enrolled))
            .collect();
        let side = view! { {facts(lang, &page)} {asked(lang, &page.workspace)} }.into_any();
        let values = fields::facts(lang, &page.workspace.sections);
        let title = filing.org_name.clone();
        Ok(Frame::new(&title).above(lang.t("engagement.inbox.title"), "/engagements").show(
            &request,
            view! {
                {summary}
                <PageHead title=title.clone() over=over extra=extra />
                {road}
                {answer}
                {enrol}
                <div class="cols">
                    <div class="stack">{slots}</div>
                    <div class="stack">{side}</div>
                </div>
                <details>
                    <summary>{lang.t("engagement.all_fields")}</summary>
                    {values}
                </details>
                <Scripts />
            },
        ))
    })
}

/// Taking the engagement on, or not.
fn answer(request: &Request, page: &EngagementPage) -> backend::Result<AnyView> {
    let lang = request.lang;
    let actor = request.cx.actor()?;
    let facts = Facts { engaged: true, ..Facts::own(actor) };
    if page.engagement.status != "invited"
        || !actor.org_kind.is_firm()
        || !may::<action::AnswerEngagement>(actor, &facts)
    {
        return Ok(().into_any());
    }
    let id = page.engagement.id.to_string();
    let id_again = id.clone();
    let error = request.flash.error("reason");
    let open = error.is_some();
    let reason = request.flash.value("reason", "");
    let note = (!page.engagement.note.is_empty())
        .then(|| view! { <p class="answer">{page.engagement.note.clone()}</p> }.into_any());
    Ok(view! {
        <Card title=lang.t("engagement.answer.title")>
            <div class="stack tight">
                <p>{lang.t("engagement.answer.why")}</p>
                {note}
                <form method="post" action="/do/engagement/accept">
                    <input type="hidden" name="engagement" value=id />
                    <Button kind=ButtonKind::Primary>{lang.t("engagement.answer.accept")}</Button>
                </form>
                <details open=open>
                    <summary>{lang.t("engagement.answer.decline")}</summary>
                    <form class="stack tight" method="post" action="/do/engagement/decline">
                        <input type="hidden" name="engagement" value=id_again />
                        <TextArea name="reason" label=lang.t("engagement.answer.reason") help=lang.t("engagement.answer.reason_help") value=reason error=error rows=3 maxlength=2000 required=true />
                        <div class="actions"><Button kind=ButtonKind::Danger>{lang.t("engagement.answer.decline")}</Button></div>
                    </form>
                </details>
            </div>
        </Card>
    }
    .into_any())
}

fn facts(lang: Lang, page: &EngagementPage) -> AnyView {
    let filing = &page.workspace.filing;
    let code = filing.org_credit_code.clone();
    let board = lang.pick(&filing.board_name.zh, &filing.board_name.en);
    let invited = lang.moment(page.engagement.invited_at);
    let city = filing.org_city.clone();
    let note = page.engagement.note.clone();
    let note =
        (!note.is_empty()).then(|| view! { <Fact term=lang.t("filing.firms.note")>{note}</Fact> }.into_any());
    view! {
        <Card title=lang.t("engagement.facts")>
            <DescriptionList layout=FactsLayout::Stacked>
                <Fact term=lang.t("engagement.code")><code>{code}</code></Fact>
                <Fact term=lang.t("engagement.city")>{city}</Fact>
                <Fact term=lang.t("filing.list.board")>{board}</Fact>
                <Fact term=lang.t("engagement.inbox.invited")>{invited}</Fact>
                {note}
            </DescriptionList>
        </Card>
    }
    .into_any()
}

/// What the exchange asked about this firm's slots.
fn asked(lang: Lang, workspace: &Workspace) -> Option<AnyView> {
    let items: Vec<AnyView> = workspace
        .review_items
        .iter()
        .filter(|item| item.answered_at.is_none())
        .map(|item| view! { <li class="asked">{item.reason.clone()}</li> }.into_any())
        .collect();
    (!items.is_empty())
        .then(|| view! { <Card title=lang.t("engagement.asked")><ul>{items}</ul></Card> }.into_any())
}

fn card(request: &Request, page: &EngagementPage, slot: &SlotView, can_sign: bool) -> AnyView {
    let lang = request.lang;
    let mine: Vec<_> = slot.attestations.iter().filter(|said| said.firm == page.engagement.firm).collect();
    let current = mine.iter().find(|said| said.superseded_at.is_none());
    let (tone, word) = match current.map(|said| said.decision.as_str()) {
        Some("attest") => (Tone::Ok, lang.t("filing.state.attested")),
        Some(_) => (Tone::Bad, lang.t("filing.attest.declined_short")),
        None if slot.documents.is_empty() => (Tone::Plain, lang.t("filing.state.missing")),
        None => (Tone::Look, lang.t("filing.state.unattested")),
    };
    let extra = view! { <Tag tone>{word}</Tag> }.into_any();
    let said = current.map(|said| {
        let key =
            if said.decision == "attest" { "engagement.said.attested" } else { "engagement.said.declined" };
        let text = lang.with(key, &[("signer", &said.signer_name), ("time", &lang.second(said.signed_at))]);
        let reason = said.reason.clone();
        let mark = leaf(lang, said.leaf_index);
        let kind = if said.decision == "attest" { CalloutKind::Proven } else { CalloutKind::Bad };
        view! { <Callout kind><p>{text} " " {mark}</p><p>{reason}</p></Callout> }.into_any()
    });
    let superseded = (current.is_none() && !mine.is_empty()).then(|| {
        view! { <Callout kind=CalloutKind::Look><p>{lang.t("engagement.said.superseded")}</p></Callout> }
            .into_any()
    });
    let files: Vec<AnyView> = slot
        .documents
        .iter()
        .map(|document| {
            view! {
                <div class="slot-file">
                    <a class="file-name" href=content(document) download=document.file_name.clone()>{document.file_name.clone()}</a>
                    <div class="file-meta">
                        <span>{lang.bytes(document.size)}</span>
                        <a href=format!("/filings/{}/documents/{}", page.workspace.filing.id, document.id)>{lang.with("filing.file.version", &[("number", &document.number.to_string())])}</a>
                        <Digest algorithm="sha-256" value=document.sha256.clone() />
                        <Digest algorithm="sm3" value=document.sm3.clone() />
                        {document.leaf_index.map(|index| leaf(lang, Some(index)))}
                    </div>
                </div>
            }
            .into_any()
        })
        .collect();
    let files = if files.is_empty() {
        view! { <EmptyState title=lang.t("engagement.no_files") icon=IconName::File>{lang.t("engagement.no_files_why")}</EmptyState> }.into_any()
    } else {
        files.into_any()
    };
    // Deciding again is possible: the later word counts.
    let sign = (can_sign && page.workspace.allowed.attest && !slot.documents.is_empty()).then(|| {
        let island = view! {
            <SignSlot filing=page.workspace.filing.id.to_string() material=slot.id.to_string() again=current.is_some() words=words(lang) />
        };
        let noscript = lang.t("engagement.sign.script");
        view! { {island} <noscript><p class="small dim">{noscript}</p></noscript> }.into_any()
    });
    let title = format!("{} {}", slot.number, lang.pick(&slot.name.zh, &slot.name.en));
    let help = lang.pick(&slot.help.zh, &slot.help.en);
    view! {
        <Card title id=format!("slot-{}", slot.id) extra=extra>
            <div class="stack tight">
                <p class="small dim">{help}</p>
                {files}
                {superseded}
                {said}
                {sign}
            </div>
        </Card>
    }
    .into_any()
}

fn words(lang: Lang) -> SignWords {
    SignWords {
        attest: lang.t("engagement.sign.attest"),
        attest_again: lang.t("engagement.sign.attest_again"),
        decline: lang.t("engagement.sign.decline"),
        reason: lang.t("engagement.sign.reason"),
        reason_help: lang.t("engagement.sign.reason_help"),
        go_on: lang.t("engagement.sign.go_on"),
        cancel: lang.t("filing.cancel"),
        what: lang.t("engagement.sign.what"),
        statement: lang.t("engagement.sign.statement"),
        sign: lang.t("engagement.sign.sign"),
        busy: lang.t("engagement.sign.busy"),
        unsupported: lang.t("engagement.sign.unsupported"),
        cancelled: lang.t("engagement.sign.cancelled"),
        unreachable: lang.t("engagement.sign.unreachable"),
    }
}
