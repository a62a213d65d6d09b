//! The table of slots: what belongs there, which files lie there, who attested them, and how it stands. Every action
//! is a plain form; the island around the upload only adds progress, cancelling and dropping files on the row.

use backend::{
    filing::{AttestationView, DocumentView, EngagementView, SlotView, Workspace},
    intake::IntakeView,
};
use domain::{media, rule_pack::Requirement};
use leptos::prelude::*;

use super::{
    intake,
    marks::leaf,
    upload::{SlotUpload, UploadWords},
};
use crate::{
    evidence,
    lang::Lang,
    page::Shown,
    request::Request,
    ui::{Button, Card, FileField, TableBox, Tag, Tone},
};

/// The view of materials: the intake for those who may change the filing, and the table of slots.
///
/// # Errors
/// When the filing's rule pack is not installed.
pub async fn view(request: &Request, workspace: &Workspace) -> Shown {
    let id = workspace.filing.id;
    let ours = request.actor().is_some_and(|actor| actor.org == workspace.filing.org);
    let files = if ours { backend::intake::list(&request.cx, id).await? } else { Vec::new() };
    let intake = workspace.allowed.edit.then(|| intake::card(request, workspace, &files));
    let table = table(request, workspace, &files)?;
    Ok(view! { {intake} {table} }.into_any())
}

fn table(request: &Request, workspace: &Workspace, files: &[IntakeView]) -> Shown {
    let lang = request.lang;
    let filing = &workspace.filing;
    let pack = request.cx.pack(&filing.pack_id, &filing.pack_version)?;
    let applies = |slot: &SlotView| slot.required || !slot.documents.is_empty();
    let asked = workspace.slots.iter().filter(|slot| applies(slot)).count();
    let there = workspace.slots.iter().filter(|slot| !slot.documents.is_empty()).count();
    let title =
        lang.with("filing.materials.title", &[("done", &there.to_string()), ("total", &asked.to_string())]);
    let note = if workspace.allowed.edit { lang.t("filing.materials.drop") } else { String::new() };
    let rows: Vec<AnyView> = workspace
        .slots
        .iter()
        .map(|slot| {
            let asked_never = pack
                .slot(slot.id.as_str())
                .is_some_and(|slot| matches!(slot.requirement, Requirement::When(_)));
            row(lang, workspace, slot, files, asked_never)
        })
        .collect();
    Ok(view! {
        <Card title note flush=true>
            <TableBox label=lang.t("filing.view.materials")>
                <thead>
                    <tr>
                        <th scope="col" class="n hide-phone">"#"</th>
                        <th scope="col">{lang.t("filing.materials.slot")}</th>
                        <th scope="col">{lang.t("filing.materials.files")}</th>
                        <th scope="col" class="hide-phone">{lang.t("filing.materials.attested")}</th>
                        <th scope="col">{lang.t("filing.materials.state")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </TableBox>
        </Card>
    }
    .into_any())
}

fn row(
    lang: Lang,
    workspace: &Workspace,
    slot: &SlotView,
    files: &[IntakeView],
    conditional: bool,
) -> AnyView {
    let wrong: Vec<AnyView> = workspace
        .completeness
        .slot_errors
        .iter()
        .filter(|error| error.slot == slot.id.as_str())
        .map(|error| view! { <small class="red">{error.message(lang.0)}</small> }.into_any())
        .collect();
    let state = if wrong.is_empty() {
        state(lang, slot, conditional)
    } else {
        (Tone::Bad, lang.t("filing.state.wrong"))
    };
    let asked =
        workspace.review_items.iter().any(|item| item.slot == slot.id.as_str() && item.answered_at.is_none());
    let class = if asked { "look" } else { "" };
    let attested = attested(lang, workspace, slot);
    let (tone, word) = state;
    view! {
        <tr id=format!("slot-{}", slot.id) class=class data-slot=slot.id.to_string()>
            <td class="n hide-phone">{slot.number}</td>
            <td>
                {lang.pick(&slot.name.zh, &slot.name.en)}
                <small class="hide-phone">{lang.pick(&slot.help.zh, &slot.help.en)}</small>
            </td>
            <td class="slot-files">
                {documents(lang, workspace, slot, files)}
                {wrong}
            </td>
            <td class="hide-phone">{attested}</td>
            <td class="fit"><Tag tone>{word}</Tag></td>
        </tr>
    }
    .into_any()
}

/// How a slot stands, in one word.
fn state(lang: Lang, slot: &SlotView, conditional: bool) -> (Tone, String) {
    if !slot.documents.is_empty() {
        return match (slot.signs.is_some(), slot.attested) {
            (true, true) => (Tone::Ok, lang.t("filing.state.attested")),
            (true, false) => (Tone::Look, lang.t("filing.state.unattested")),
            (false, _) => (Tone::Ok, lang.t("filing.state.complete")),
        };
    }
    match (slot.required, conditional) {
        (true, _) => (Tone::Plain, lang.t("filing.state.missing")),
        (false, true) => (Tone::Plain, lang.t("filing.state.not_asked")),
        (false, false) => (Tone::Plain, lang.t("filing.state.optional")),
    }
}

fn documents(lang: Lang, workspace: &Workspace, slot: &SlotView, files: &[IntakeView]) -> AnyView {
    let edit = workspace.allowed.edit;
    let id = workspace.filing.id;
    let room = slot.documents.len() < usize::from(slot.max_files);
    let mut add = (edit && room).then(|| {
        let action = if slot.documents.is_empty() { "filing.upload.add" } else { "filing.upload.another" };
        upload(lang, slot, format!("/filings/{id}/slots/{}/documents", slot.id), action)
    });
    // One more file is asked for at the end of the last one's line.
    let last = slot.documents.last().map(|document| document.id);
    let documents: Vec<AnyView> = slot
        .documents
        .iter()
        .map(|document| {
            let more = (Some(document.id) == last).then(|| add.take()).flatten();
            file(lang, workspace, slot, document, files, more)
        })
        .collect();
    let nothing = (documents.is_empty() && !edit).then(|| view! { <span class="dim">"—"</span> });
    let removed = (edit && !slot.removed.is_empty()).then(|| removed(lang, slot));
    // The register's own page is the enterprise's: whoever reads the filing reads its document.
    let holders = (edit && slot.id.as_str() == backend::holder_register::SLOT).then(|| {
        view! { <a class="small" href=format!("/filings/{id}/holders")>{lang.t("filing.materials.holders")}</a> }
    });
    view! { {documents} {nothing} {add} {removed} {holders} }.into_any()
}

/// One file: its name opens it, the small line says what it is, and what can be done with it. Its digests are a press
/// away, on the version's page.
fn file(
    lang: Lang,
    workspace: &Workspace,
    slot: &SlotView,
    document: &DocumentView,
    files: &[IntakeView],
    more: Option<AnyView>,
) -> AnyView {
    let id = workspace.filing.id;
    let version = lang.with("filing.file.version", &[("number", &document.number.to_string())]);
    let editing = workspace.allowed.edit.then(|| {
        view! {
            <form method="post" action="/do/document/remove">
                <input type="hidden" name="document" value=document.id.to_string() />
                <button class="link" type="submit">
                    {lang.t("filing.file.remove")}
                    <span class="said">{document.file_name.clone()}</span>
                </button>
            </form>
        }
    });
    let replace = workspace.allowed.edit.then(|| {
        upload(
            lang,
            slot,
            format!("/filings/{id}/slots/{}/documents?replaces={}", slot.id, document.id),
            "filing.upload.replace",
        )
    });
    let sorted = files.iter().find(|file| file.document == Some(document.id));
    let reason = sorted.map(|file| intake::reason(lang, file));
    let path = sorted.map(|file| file.path.clone());
    let confidence = sorted.map(|file| file.confidence.to_string());
    let moving = workspace.allowed.edit.then(|| {
        intake::move_form(
            lang,
            &workspace.slots,
            &document.id.to_string(),
            &document.file_name,
            slot.id.as_str(),
        )
    });
    view! {
        <div class="slot-file" data-path=path data-confidence=confidence>
            <a class="file-name" href=content(document) download=document.file_name.clone()>{document.file_name.clone()}</a>
            {reason}
            <div class="file-meta">
                <span>{lang.bytes(document.size)}</span>
                <a href=format!("/filings/{id}/documents/{}", document.id)>{version}</a>
                {document.leaf_index.map(|index| leaf(lang, Some(index)))}
                {replace}
                {editing}
                {moving}
                {more}
            </div>
        </div>
    }
    .into_any()
}

/// Address of a document's bytes.
#[must_use]
pub fn content(document: &DocumentView) -> String {
    format!("/documents/{}/versions/{}/content", document.id, document.number)
}

/// The form for files: plain inside a fold, with the island around it.
fn upload(lang: Lang, slot: &SlotView, url: String, action: &'static str) -> AnyView {
    let formats = media::labels(&slot.formats, lang.0);
    let limit = media::size_label(slot.max_bytes);
    let help = lang.with("filing.upload.help", &[("formats", &formats), ("limit", &limit)]);
    // A full slot takes no more: what is dropped there replaces its one file.
    let adds = action != "filing.upload.replace";
    let drops = adds || slot.max_files == 1;
    let multiple = adds && slot.max_files > 1;
    let name = lang.pick(&slot.name.zh, &slot.name.en);
    // One input per slot, and one per document that can be replaced.
    let field = match url.split_once("?replaces=") {
        Some((_, document)) => format!("file-{document}"),
        None => format!("file-{}", slot.id),
    };
    let label = lang.t(action);
    let words = UploadWords {
        choose: label.clone(),
        cancel: lang.t("filing.upload.cancel"),
        retry: lang.t("filing.upload.retry"),
        dismiss: lang.t("filing.upload.dismiss"),
        waiting: lang.t("filing.upload.waiting"),
        checking: lang.t("filing.upload.checking"),
        done: lang.t("filing.upload.done"),
        cancelled: lang.t("filing.upload.cancelled"),
        lost: lang.t("filing.upload.lost"),
        too_large: lang.with("filing.upload.too_large", &[("limit", &limit)]),
        signed_out: lang.t("filing.upload.signed_out"),
        sign_in: lang.t("filing.save.sign_in"),
        name,
    };
    let (target, accept) = (url.clone(), slot.accept.clone());
    view! {
        <SlotUpload url=url anchor=format!("slot-{}", slot.id) accept=slot.accept.clone() multiple=multiple max_bytes=slot.max_bytes drops=drops quiet=!slot.documents.is_empty() words=words>
            <details>
                <summary class="small">{label.clone()}</summary>
                <form class="stack tight" method="post" action=target enctype="multipart/form-data">
                    <FileField name="file" id=field label=label.clone() accept=accept help=help multiple=multiple required=true />
                    <div class="actions"><Button small=true>{lang.t("filing.upload.send")}</Button></div>
                </form>
            </details>
        </SlotUpload>
    }
    .into_any()
}

/// Files taken out, which can be put back.
fn removed(lang: Lang, slot: &SlotView) -> AnyView {
    let rows: Vec<AnyView> = slot
        .removed
        .iter()
        .map(|document| {
            let when = lang.moment(document.removed_at.unwrap_or_default());
            view! {
                <li>
                    <a href=content(document)>{document.file_name.clone()}</a>
                    <small>{lang.with("filing.file.removed_at", &[("time", &when)])}</small>
                    <form method="post" action="/do/document/restore">
                        <input type="hidden" name="document" value=document.id.to_string() />
                        <button class="link" type="submit">{lang.t("filing.file.restore")}</button>
                    </form>
                </li>
            }
            .into_any()
        })
        .collect();
    let title = lang.with("filing.file.removed", &[("count", &slot.removed.len().to_string())]);
    view! { <details class="small"><summary class="dim">{title}</summary><ul class="removed">{rows}</ul></details> }.into_any()
}

/// Who has to say something about a slot, and what was said.
pub(super) fn attested(lang: Lang, workspace: &Workspace, slot: &SlotView) -> AnyView {
    let Some(signs) = slot.signs else { return view! { <span class="dim">"—"</span> }.into_any() };
    let engaged: Option<&EngagementView> = workspace.engagements.iter().find(|one| {
        matches!(one.status.as_str(), "invited" | "accepted")
            && one.slots.iter().any(|id| id == slot.id.as_str())
    });
    let kind = lang.t(&format!("org_kind.{}", signs.name()));
    let Some(said) = slot.attestations.first() else {
        return match engaged {
            Some(one) => {
                let key =
                    if one.status == "invited" { "filing.attest.invited" } else { "filing.attest.waiting" };
                view! { {one.firm_name.clone()}<small>{lang.t(key)}</small> }.into_any()
            }
            None if workspace.allowed.engage => {
                let href =
                    format!("/filings/{}?view=firms&kind={}#engage", workspace.filing.id, signs.name());
                view! { <a href=href>{lang.with("filing.attest.engage", &[("kind", &kind)])}</a> }.into_any()
            }
            None => view! { <span class="dim">{kind}</span> }.into_any(),
        };
    };
    spoken(lang, said, workspace.live)
}

fn spoken(lang: Lang, said: &AttestationView, live: bool) -> AnyView {
    let superseded = said.superseded_at.filter(|_| live);
    let state = match (said.decision.as_str(), superseded) {
        (_, Some(_)) => {
            view! { <small class="amber">{lang.t("filing.attest.superseded")}</small> }.into_any()
        }
        ("attest", None) => {
            view! { <small>{said.signer_name.clone()}" · "{lang.day(said.signed_at)}</small> }.into_any()
        }
        (_, None) => {
            let text = lang.with("filing.attest.declined", &[("reason", &said.reason)]);
            view! { <small class="red">{text}</small> }.into_any()
        }
    };
    let proof = said
        .leaf_index
        .map(|_| evidence::links(lang, &format!("/attestations/{}", said.id), &said.firm_name));
    view! { {said.firm_name.clone()} {state} {leaf(lang, said.leaf_index)} {proof} }.into_any()
}
