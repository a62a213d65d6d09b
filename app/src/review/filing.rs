//! `/review/{id}`: a filing before those who decide about it.

use backend::{
    Error,
    filing::{self as filings, Workspace},
};
use domain::{
    access::{Facts, action, may},
    id::FilingId,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::panel;
use crate::{
    dossier, evidence,
    filing::findings,
    frame::Frame,
    page::signed_in_page,
    request::Request,
    ui::{Callout, CalloutKind, Card, DescriptionList, Digest, Fact, FactsLayout, PageHead, Tab, Tabs},
};

/// `/review/{id}`
pub fn filing() -> AnyView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    signed_in_page(|request| async move {
        let actor = request.cx.actor()?;
        if !may::<action::WorkQueue>(actor, &Facts::own(actor)) {
            return Err(Error::NotFound);
        }
        let id: FilingId = id.parse().map_err(|_| Error::NotFound)?;
        let lang = request.lang;
        let asked = request.query_number("version");
        let space = match asked {
            Some(number) => filings::version(&request.cx, id, number).await?,
            None => filings::workspace(&request.cx, id).await?,
        };
        let changes = filings::changes(&request.cx, id).await?;
        let signatures = filings::signatures(&request.cx, id).await?;
        let explanations = backend::finding::explanations(&request.cx, id).await?;
        let head = &space.filing;
        let name = head.org_name.clone();
        let board = dossier::text(lang, &head.board_name);
        let extra = dossier::stage_tag(lang, head.stage);
        let view = request.query("view").to_owned();
        let tabs: Vec<Tab> = ["", "documents", "attestations", "versions", "review", "timeline"]
            .into_iter()
            .map(|tab| {
                let key = if tab.is_empty() { "fields" } else { tab };
                let text = lang.t(&format!("supervision.tab.{key}"));
                Tab::new(text, request.with_query(&[("view", tab), ("do", "")]), view == tab)
            })
            .collect();
        let older = asked.map(|number| {
            let text = lang.with("supervision.older", &[("number", &number.to_string())]);
            let newest = request.with_query(&[("version", "")]);
            view! { <Callout kind=CalloutKind::Look title=text><p><a href=newest>{lang.t("supervision.newest_version")}</a></p></Callout> }
        });
        let body = match view.as_str() {
            "documents" => dossier::slots(lang, &space.slots, |_| String::new()),
            "attestations" => dossier::attestations(lang, &space.slots, &signatures),
            "versions" => {
                let versions = dossier::versions(lang, &space.versions, &changes, |number| {
                    request.with_query(&[("version", &number.to_string()), ("view", ""), ("do", "")])
                });
                view! { {evidence::of_shown(lang, &space.versions, head.id, asked)} {versions} }.into_any()
            }
            "review" => {
                let items = dossier::items(lang, &space.review_items, &space.slots);
                let decisions = dossier::decisions(lang, &space.decisions);
                let none = space.decisions.is_empty() && space.review_items.is_empty();
                let none = none.then(|| view! { <p class="dim">{lang.t("review.no_decision")}</p> });
                view! { {none} {decisions} {items} }.into_any()
            }
            "timeline" => dossier::timeline(lang, &space.timeline),
            _ => dossier::sections(lang, &space.sections),
        };
        let road = dossier::road(lang, head.stage, space.clock.as_ref());
        let open = panel::form(&request, &space);
        let facts = facts(&request, &space);
        let panel = panel::panel(&request, &space);
        let explained = findings::explained(lang, &explanations);
        Ok(Frame::new(&name).above(lang.t("nav.review"), "/review").show(
            &request,
            view! {
                <PageHead title=name.clone() over=board extra=extra />
                {road}
                {older}
                <div class="cols">
                    <div class="stack">
                        {open}
                        <Tabs label=lang.t("supervision.tabs") tabs=tabs />
                        {body}
                        {explained}
                    </div>
                    <div class="stack sticky-side">{panel}{facts}</div>
                </div>
            },
        ))
    })
}

fn facts(request: &Request, space: &Workspace) -> AnyView {
    let lang = request.lang;
    let head = &space.filing;
    let pack = format!("{} {}", dossier::text(lang, &head.pack_title), head.pack_version);
    let hash = head.pack_sha256.clone();
    let (code, city) = (head.org_credit_code.clone(), head.org_city.clone());
    let submitted = head.first_submitted_at.map(|at| lang.moment(at));
    let versions = head.submissions.to_string();
    let newest = space.versions.last().map(|version| dossier::leaf(lang, version.leaf_index));
    view! {
        <Card title=lang.t("review.facts")>
            <DescriptionList layout=FactsLayout::Stacked>
                <Fact term=lang.t("supervision.credit_code")><code>{code}</code></Fact>
                <Fact term=lang.t("supervision.city")>{city}</Fact>
                <Fact term=lang.t("review.first_submitted")>{submitted}</Fact>
                <Fact term=lang.t("dossier.versions")>{versions} " " {newest}</Fact>
                <Fact term=lang.t("ledger.rule_pack")>{pack} " " <Digest value=hash /></Fact>
            </DescriptionList>
        </Card>
    }
    .into_any()
}
