//! `/supervision/filings/{id}`: a filing as it was submitted, in any of its versions, with everything that led to it.

use backend::{Error, filing as filings, market};
use domain::id::FilingId;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{as_of, noted, read_only};
use crate::{
    dossier, evidence,
    frame::Frame,
    page::signed_in_page,
    ui::{Callout, CalloutKind, PageHead, Tab, Tabs},
};

/// `/supervision/filings/{id}`
pub fn filing() -> AnyView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    signed_in_page(|request| async move {
        let id: FilingId = id.parse().map_err(|_| Error::NotFound)?;
        noted(&request, "supervision.filing", Some(id.0)).await?;
        let lang = request.lang;
        let asked = request.query_number("version");
        let space = match asked {
            Some(number) => market::filing_version(&request.cx, id, number).await?,
            None => market::filing(&request.cx, id).await?,
        };
        let changes = filings::changes(&request.cx, id).await?;
        let signatures = filings::signatures(&request.cx, id).await?;
        let head = &space.filing;
        let name = head.org_name.clone();
        let board = dossier::text(lang, &head.board_name);
        let over = as_of(&request).await?;
        let lead = format!("{board} · {} {}", dossier::text(lang, &head.pack_title), head.pack_version);
        let extra = view! { {read_only(&request)} {dossier::stage_tag(lang, head.stage)} };
        let view = request.query("view").to_owned();
        let tabs = ["", "documents", "attestations", "versions", "review", "timeline"]
            .into_iter()
            .map(|tab| {
                let name = if tab.is_empty() { "fields" } else { tab };
                Tab::new(
                    lang.t(&format!("supervision.tab.{name}")),
                    request.with_query(&[("view", tab)]),
                    view == tab,
                )
            })
            .collect();
        let older = asked.map(|number| {
            let text = lang.with("supervision.older", &[("number", &number.to_string())]);
            let newest = request.with_query(&[("version", "")]);
            view! { <Callout kind=CalloutKind::Look title=text><p><a href=newest>{lang.t("supervision.newest_version")}</a></p></Callout> }
        });
        let body = match view.as_str() {
            "documents" => dossier::slots(lang, &space.slots, |document| {
                format!("/supervision/documents/{}/{}", document.id, document.number)
            }),
            "attestations" => dossier::attestations(lang, &space.slots, &signatures),
            "versions" => {
                let versions = dossier::versions(lang, &space.versions, &changes, |number| {
                    request.with_query(&[("version", &number.to_string()), ("view", "")])
                });
                view! { {evidence::of_shown(lang, &space.versions, head.id, asked)} {versions} }.into_any()
            }
            "review" => {
                let items = dossier::items(lang, &space.review_items, &space.slots);
                let decisions = dossier::decisions(lang, &space.decisions);
                view! { {decisions} {items} }.into_any()
            }
            "timeline" => dossier::timeline(lang, &space.timeline),
            _ => dossier::sections(lang, &space.sections),
        };
        let road = dossier::road(lang, head.stage, space.clock.as_ref());
        let company = format!("/supervision/companies/{}", head.org);
        Ok(Frame::new(&board)
            .above(lang.t("nav.overview"), "/supervision")
            .above(lang.t("nav.market_filings"), "/supervision/filings")
            .above(name.clone(), company)
            .show(
                &request,
                view! {
                    <PageHead title=name.clone() over=over lead=lead extra=extra.into_any() />
                    {road}
                    {older}
                    <Tabs label=lang.t("supervision.tabs") tabs=tabs />
                    <div class="stack">{body}</div>
                },
            ))
    })
}
