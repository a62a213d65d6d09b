//! Submitted versions: the list in the workspace, and one version as it was frozen. Nothing of it can be changed.

use backend::filing::{SlotView, VersionView, Workspace};
use domain::id::FilingId;
use leptos::prelude::*;

use super::{
    desk::over,
    fields,
    marks::{leaf, param},
    materials::{attested, content},
};
use crate::{
    frame::Frame,
    lang::Lang,
    page::signed_in_page,
    request::Request,
    ui::{
        ButtonLink, Callout, CalloutKind, Card, DescriptionList, Digest, EmptyState, Fact, FactsLayout,
        IconName, PageHead, RowLink, TableBox,
    },
};

/// The view of the workspace.
#[must_use]
pub fn list(request: &Request, workspace: &Workspace) -> AnyView {
    let lang = request.lang;
    let id = workspace.filing.id;
    if workspace.versions.is_empty() {
        return view! {
            <Card><EmptyState title=lang.t("filing.versions.none") icon=IconName::Archive>{lang.t("filing.versions.none_why")}</EmptyState></Card>
        }
        .into_any();
    }
    let rows: Vec<AnyView> = workspace
        .versions
        .iter()
        .rev()
        .map(|version| {
            let name = named(lang, version.number);
            view! {
                <tr>
                    <td>
                        <RowLink href=format!("/filings/{id}/versions/{}", version.number)>{name}</RowLink>
                        <small>{lang.with("filing.versions.documents", &[("count", &version.documents.to_string())])}</small>
                    </td>
                    <td>{lang.second(version.submitted_at)}<small>{version.submitted_by.clone()}</small></td>
                    <td class="hide-phone"><Digest algorithm="sha-256" value=version.manifest_sha256.clone() /></td>
                    <td class="fit">{leaf(lang, version.leaf_index)}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    view! {
        <Card title=lang.t("filing.versions.title") note=lang.t("filing.versions.note") flush=true>
            <TableBox label=lang.t("filing.versions.title")>
                <thead>
                    <tr>
                        <th scope="col">{lang.t("filing.versions.version")}</th>
                        <th scope="col">{lang.t("filing.versions.submitted")}</th>
                        <th scope="col" class="hide-phone">{lang.t("filing.versions.manifest")}</th>
                        <th scope="col">{lang.t("filing.versions.leaf")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </TableBox>
        </Card>
    }
    .into_any()
}

/// "第 2 次提交"
#[must_use]
pub fn named(lang: Lang, number: i64) -> String {
    lang.with("filing.versions.named", &[("number", &number.to_string())])
}

/// `/filings/{id}/versions/{n}`
pub fn version() -> AnyView {
    let (id, number): (Option<FilingId>, Option<i64>) = (param("id"), param("n"));
    signed_in_page(move |request| async move {
        let (id, number) = id.zip(number).ok_or(backend::Error::NotFound)?;
        let workspace = backend::filing::version(&request.cx, id, number).await?;
        let frozen = workspace
            .versions
            .iter()
            .find(|version| version.number == number)
            .cloned()
            .ok_or(backend::Error::NotFound)?;
        let lang = request.lang;
        let title = named(lang, number);
        let over = over(lang, &workspace);
        let mark = leaf(lang, frozen.leaf_index);
        let main =
            view! { {documents(lang, &workspace)} {fields::facts(lang, &workspace.sections)} }.into_any();
        let side = manifest(lang, &workspace, &frozen);
        let actions = view! { <ButtonLink href=format!("/filings/{id}/receipt?version={number}")>{lang.t("filing.receipt.title")}</ButtonLink> };
        Ok(Frame::new(&title)
            .above(lang.t("filing.list.title"), "/filings")
            .above(lang.t("filing.kind"), format!("/filings/{id}?view=versions"))
            .show(
                &request,
                view! {
                    <PageHead title=title.clone() over=over extra=mark actions=actions.into_any() />
                    <Callout kind=CalloutKind::Info><p>{lang.t("filing.versions.frozen")}</p></Callout>
                    <div class="cols">
                        <div class="stack">{main}</div>
                        <div class="stack">{side}</div>
                    </div>
                },
            ))
    })
}

/// What the ledger entry of a version binds.
#[must_use]
pub fn manifest(lang: Lang, workspace: &Workspace, version: &VersionView) -> AnyView {
    let filing = &workspace.filing;
    let submitted = format!("{} {}", lang.second(version.submitted_at), version.submitted_by);
    let received = lang.second(version.received_at);
    let (sha256, sm3) = (version.manifest_sha256.clone(), version.manifest_sm3.clone());
    let pack = lang.with("filing.pack", &[("version", &filing.pack_version)]);
    let pack_sha256 = filing.pack_sha256.clone();
    view! {
        <Card title=lang.t("filing.versions.manifest")>
            <DescriptionList layout=FactsLayout::Stacked>
                <Fact term=lang.t("filing.versions.submitted")>{submitted}</Fact>
                <Fact term=lang.t("filing.versions.received")>{received}</Fact>
                <Fact term=lang.t("filing.versions.manifest_sha256")><code>{sha256}</code></Fact>
                <Fact term=lang.t("filing.versions.manifest_sm3")><code>{sm3}</code></Fact>
                <Fact term=pack><code>{pack_sha256}</code></Fact>
            </DescriptionList>
        </Card>
    }
    .into_any()
}

/// The documents of a version with both digests and what the firms said.
#[must_use]
pub fn documents(lang: Lang, workspace: &Workspace) -> AnyView {
    let rows: Vec<AnyView> = workspace
        .slots
        .iter()
        .filter(|slot| !slot.documents.is_empty())
        .map(|slot| document_row(lang, workspace, slot))
        .collect();
    let count: usize = workspace.slots.iter().map(|slot| slot.documents.len()).sum();
    let title = lang.with("filing.versions.documents", &[("count", &count.to_string())]);
    view! {
        <Card title flush=true>
            <TableBox label=lang.t("filing.view.materials")>
                <thead>
                    <tr>
                        <th scope="col" class="n hide-phone">"#"</th>
                        <th scope="col">{lang.t("filing.materials.slot")}</th>
                        <th scope="col">{lang.t("filing.materials.files")}</th>
                        <th scope="col" class="hide-phone">{lang.t("filing.materials.attested")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </TableBox>
        </Card>
    }
    .into_any()
}

fn document_row(lang: Lang, workspace: &Workspace, slot: &SlotView) -> AnyView {
    let files: Vec<AnyView> = slot
        .documents
        .iter()
        .map(|document| {
            view! {
                <div class="slot-file">
                    <a class="file-name" href=content(document) download=document.file_name.clone()>{document.file_name.clone()}</a>
                    <div class="file-meta">
                        <span>{lang.bytes(document.size)}</span>
                        <span>{lang.with("filing.file.version", &[("number", &document.number.to_string())])}</span>
                        <Digest algorithm="sha-256" value=document.sha256.clone() />
                        <Digest algorithm="sm3" value=document.sm3.clone() />
                    </div>
                </div>
            }
            .into_any()
        })
        .collect();
    view! {
        <tr>
            <td class="n hide-phone">{slot.number}</td>
            <td>{lang.pick(&slot.name.zh, &slot.name.en)}</td>
            <td>{files}</td>
            <td class="hide-phone">{attested(lang, workspace, slot)}</td>
        </tr>
    }
    .into_any()
}
