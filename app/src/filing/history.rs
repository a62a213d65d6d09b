//! `/filings/{id}/documents/{document}`: every version of one document, with digests and leaves, and the submissions
//! that contain it. The address serves whoever may read the filing.

use domain::id::{DocumentId, FilingId};
use leptos::prelude::*;

use super::marks::{leaf, param};
use crate::{
    evidence,
    frame::Frame,
    page::signed_in_page,
    ui::{ButtonLink, Callout, CalloutKind, Card, Digest, PageHead, TableBox},
};

/// `/filings/{id}/documents/{document}`
pub fn history() -> AnyView {
    let (filing, document): (Option<FilingId>, Option<DocumentId>) = (param("id"), param("document"));
    signed_in_page(move |request| async move {
        let (id, document) = filing.zip(document).ok_or(backend::Error::NotFound)?;
        let history = backend::document::versions(&request.cx, document).await?;
        if history.filing != id {
            return Err(backend::Error::NotFound);
        }
        let lang = request.lang;
        let title = history.versions.first().map(|version| version.file_name.clone()).unwrap_or_default();
        let slot = lang.pick(&history.slot_name.zh, &history.slot_name.en);
        let removed = history.removed_at.map(|at| {
            let text = lang.with("filing.file.removed_at", &[("time", &lang.moment(at))]);
            view! { <Callout kind=CalloutKind::Look><p>{text}</p></Callout> }
        });
        let rows: Vec<AnyView> = history
            .versions
            .iter()
            .map(|version| {
                let used: Vec<AnyView> = version
                    .used_in
                    .iter()
                    .map(|number| {
                        view! { <a href=format!("/filings/{id}/versions/{number}")>{super::versions::named(lang, *number)}</a>" " }.into_any()
                    })
                    .collect();
                let href = format!("/documents/{document}/versions/{}/content", version.number);
                let evidence = version.anchored_at.map(|_| {
                    let what = lang.with("filing.file.version", &[("number", &version.number.to_string())]);
                    evidence::links(lang, &format!("/documents/{document}/versions/{}", version.number), &what)
                });
                view! {
                    <tr>
                        <td>
                            {lang.with("filing.file.version", &[("number", &version.number.to_string())])}
                            <small>{version.file_name.clone()}" · "{lang.bytes(version.size)}</small>
                        </td>
                        <td class="hide-phone">{lang.second(version.uploaded_at)}<small>{version.uploaded_by.clone()}</small></td>
                        <td class="hide-phone">
                            <Digest algorithm="sha-256" value=version.sha256.clone() />
                            <Digest algorithm="sm3" value=version.sm3.clone() />
                        </td>
                        <td class="hide-phone">{used}</td>
                        <td class="fit">{leaf(lang, version.leaf_index)}</td>
                        <td>
                            <div class="row">
                                <ButtonLink href download=version.file_name.clone() small=true>{lang.t("filing.file.download")}</ButtonLink>
                                {evidence}
                            </div>
                        </td>
                    </tr>
                }
                .into_any()
            })
            .collect();
        let over = format!("{} · {slot}", history.org_name);
        Ok(Frame::new(&title)
            .above(lang.t("filing.list.title"), "/filings")
            .above(lang.t("filing.kind"), format!("/filings/{id}"))
            .show(&request, view! {
                <PageHead title=title.clone() over=over />
                {removed}
                <Card title=lang.t("filing.file.history") note=lang.t("filing.file.history_note") flush=true>
                    <TableBox label=lang.t("filing.file.history")>
                        <thead>
                            <tr>
                                <th scope="col">{lang.t("filing.versions.version")}</th>
                                <th scope="col" class="hide-phone">{lang.t("filing.file.uploaded")}</th>
                                <th scope="col" class="hide-phone">{lang.t("filing.file.digests")}</th>
                                <th scope="col" class="hide-phone">{lang.t("filing.file.used_in")}</th>
                                <th scope="col">{lang.t("filing.versions.leaf")}</th>
                                <th scope="col"><span class="said">{lang.t("filing.file.download")}</span></th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </TableBox>
                </Card>
            }))
    })
}
