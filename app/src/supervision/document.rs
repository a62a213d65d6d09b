//! `/supervision/documents/{id}/{n}`: one version of one document: what it is, who uploaded it, where it was used,
//! who attested it, and where the ledger has it.

use backend::{Error, document::DocumentVersionView, filing as filings, market};
use domain::id::DocumentId;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{as_of, noted, read_only};
use crate::{
    dossier, evidence,
    frame::Frame,
    lang::Lang,
    page::signed_in_page,
    ui::{
        ButtonKind, ButtonLink, Card, DescriptionList, Fact, IconName, Link, PageHead, RowLink, Rows,
        TableBox, Tag, Tone,
    },
};

/// `/supervision/documents/{id}/{n}`
pub fn document() -> AnyView {
    let (id, number) = {
        let params = use_params_map();
        let params = params.read_untracked();
        (params.get("id").unwrap_or_default(), params.get("number").unwrap_or_default())
    };
    signed_in_page(|request| async move {
        let id: DocumentId = id.parse().map_err(|_| Error::NotFound)?;
        let number: i64 = number.parse().map_err(|_| Error::NotFound)?;
        noted(&request, "supervision.document", Some(id.0)).await?;
        let lang = request.lang;
        let found = market::document(&request.cx, id).await?;
        let version =
            found.versions.iter().find(|version| version.number == number).ok_or(Error::NotFound)?;
        let signatures = filings::signatures(&request.cx, found.filing).await?;
        let space = market::filing(&request.cx, found.filing).await?;
        let name = version.file_name.clone();
        let slot = dossier::text(lang, &found.slot_name);
        let over = as_of(&request).await?;
        let lead = format!(
            "{} · {slot} · {}",
            found.org_name,
            lang.with("dossier.version", &[("number", &number.to_string())])
        );
        let content = format!("/documents/{id}/versions/{number}/content");
        let filing = Link::new(found.org_name.clone(), format!("/supervision/filings/{}", found.filing));
        let mark = dossier::leaf(lang, version.anchored_at.and(version.leaf_index));
        let facts = facts(lang, version, &filing.href);
        let signed: Vec<_> = signatures
            .into_iter()
            .filter(|signature| signature.documents.contains(&version.sha256))
            .collect();
        let mut slots: Vec<_> =
            space.slots.into_iter().filter(|candidate| candidate.id.to_string() == found.slot).collect();
        slots.iter_mut().for_each(|slot| {
            slot.attestations
                .retain(|attestation| signed.iter().any(|signature| signature.attestation == attestation.id));
        });
        let attestations = dossier::attestations(lang, &slots, &signed);
        let others = versions(lang, id, number, &found.versions);
        let proof =
            version.anchored_at.map(|_| evidence::card(lang, &format!("/documents/{id}/versions/{number}")));
        let removed = found.removed_at.map(|at| {
            let word = lang.with("supervision.removed", &[("day", &lang.day(at))]);
            view! { <Tag tone=Tone::Look>{word}</Tag> }
        });
        let extra = view! { {read_only(&request)} {removed} {mark} };
        let actions = view! {
            <ButtonLink href="/verify" icon=IconName::Shield>{lang.t("nav.verify")}</ButtonLink>
            <ButtonLink href=content kind=ButtonKind::Primary icon=IconName::Download>{lang.t("dossier.download")}</ButtonLink>
        };
        Ok(Frame::new(&name)
            .above(lang.t("nav.market_filings"), "/supervision/filings")
            .above(filing.text, filing.href)
            .show(&request, view! {
                <PageHead title=name.clone() over=over lead=lead extra=extra.into_any() actions=actions.into_any() />
                <div class="cols">
                    <Card title=lang.t("supervision.facts")>{facts}</Card>
                    <div class="stack">
                        {proof}
                        <Card title=lang.t("supervision.document_versions") flush=true>{others}</Card>
                    </div>
                </div>
                {attestations}
            }))
    })
}

fn facts(lang: Lang, version: &DocumentVersionView, filing: &str) -> AnyView {
    let kind = version.kind.map_or_else(|| version.media_type.clone(), |kind| kind.label(lang.0).to_owned());
    let used: Vec<_> = version
        .used_in
        .iter()
        .map(|number| {
            let word = lang.with("dossier.version", &[("number", &number.to_string())]);
            view! { <a href=format!("{filing}?version={number}")>{word}</a> " " }
        })
        .collect();
    let (sha256, sm3) = (version.sha256.clone(), version.sm3.clone());
    let size = format!("{}（{} B）", lang.bytes(version.size), version.size);
    let who = version.uploaded_by.clone();
    let (uploaded, received) = (lang.second(version.uploaded_at), lang.second(version.received_at));
    let find = format!("/ledger?q={}", version.sha256);
    view! {
        <DescriptionList>
            <Fact term="SHA-256"><code>{sha256}</code></Fact>
            <Fact term="SM3"><code>{sm3}</code></Fact>
            <Fact term=lang.t("supervision.format")>{kind}</Fact>
            <Fact term=lang.t("supervision.size")>{size}</Fact>
            <Fact term=lang.t("supervision.uploaded_by")>{who}</Fact>
            <Fact term=lang.t("supervision.uploaded_at")>{uploaded}</Fact>
            <Fact term=lang.t("supervision.received_at")>{received}</Fact>
            <Fact term=lang.t("supervision.used_in")>{used}</Fact>
            <Fact term=lang.t("nav.ledger")><a href=find>{lang.t("supervision.find_digest")}</a></Fact>
        </DescriptionList>
    }
    .into_any()
}

fn versions(lang: Lang, id: DocumentId, here: i64, versions: &[DocumentVersionView]) -> AnyView {
    let rows: Vec<_> = versions
        .iter()
        .map(|version| {
            let name = lang.with("dossier.version", &[("number", &version.number.to_string())]);
            let href = format!("/supervision/documents/{id}/{}", version.number);
            let name = if version.number == here {
                view! { <b>{name}</b> }.into_any()
            } else {
                view! { <RowLink href=href>{name}</RowLink> }.into_any()
            };
            let (when, file) = (lang.moment(version.uploaded_at), version.file_name.clone());
            let mark = dossier::leaf(lang, version.anchored_at.and(version.leaf_index));
            view! { <tr><td>{name}<small>{file}</small></td><td class="nowrap">{when}</td><td class="fit">{mark}</td></tr> }
        })
        .collect();
    view! { <TableBox label=lang.t("supervision.document_versions") rows=Rows::Two><tbody>{rows}</tbody></TableBox> }.into_any()
}
