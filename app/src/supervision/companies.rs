//! `/supervision/companies`: every registered enterprise, with its last submitted filing.

use backend::market::{CompanyFilter, CompanyRow, CompanySort, companies as read};
use domain::workflow::StageName;
use leptos::prelude::*;

use super::{as_of, noted, read_only};
use crate::{
    dossier, export,
    frame::Frame,
    lang::Lang,
    listing,
    page::signed_in_page,
    request::Request,
    ui::{
        Button, ButtonLink, Card, EmptyState, FilterBar, IconName, PageHead, RowLink, Rows, SearchInput,
        TableBox, Tag, Tone,
    },
};

/// Stages that a submitted filing can be in.
pub(super) const STAGES: &[StageName] = &[
    StageName::Submitted,
    StageName::Correction,
    StageName::Review,
    StageName::Inquiry,
    StageName::SecondReview,
    StageName::Suspended,
    StageName::Approved,
    StageName::Publicised,
    StageName::Listed,
    StageName::NotAccepted,
    StageName::Rejected,
    StageName::Withdrawn,
];

/// `/supervision/companies`
pub fn companies() -> AnyView {
    signed_in_page(|request| async move {
        noted(&request, "supervision.companies", None).await?;
        let lang = request.lang;
        let found = read(&request.cx, &companies_filter(&request)).await?;
        let (boards, cities) = listing::boards_and_cities(&request)?;
        let title = lang.t("nav.companies");
        let over = as_of(&request).await?;
        let asked = request.query("q").to_owned();
        let selects = [
            listing::select(&request, "city", lang.t("supervision.city"), cities),
            listing::select(&request, "board", lang.t("supervision.board"), boards),
            listing::select(&request, "stage", lang.t("supervision.stage"), listing::stages(lang, STAGES)),
        ];
        let heads = [
            listing::sort_head(&request, lang.t("supervision.company"), "name", "name", false, false),
            listing::sort_head(&request, lang.t("supervision.code"), "code", "name", false, true),
            listing::sort_head(&request, lang.t("dossier.submitted_at"), "submitted", "name", true, true),
        ];
        let [name_head, code_head, submitted_head] = heads;
        let sheet = export::link(&request);
        let pages = listing::pages(&request, &found);
        let body = if found.rows.is_empty() {
            view! { <EmptyState title=lang.t("supervision.no_company") icon=IconName::Building>{lang.t("supervision.no_match_why")}</EmptyState> }.into_any()
        } else {
            let rows: Vec<_> = found.rows.iter().map(|company| row(lang, company)).collect();
            view! {
                <TableBox label=title.clone() rows=Rows::Two>
                    <thead><tr>
                        {name_head}
                        {code_head}
                        <th scope="col" class="hide-phone">{lang.t("supervision.city")}</th>
                        <th scope="col" class="hide-tablet">{lang.t("supervision.board")}</th>
                        <th scope="col">{lang.t("supervision.stage")}</th>
                        {submitted_head}
                        <th scope="col" class="n hide-phone">{lang.t("supervision.filings_count")}</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </TableBox>
            }
            .into_any()
        };
        Ok(Frame::new(&title).above(lang.t("nav.overview"), "/supervision").show(&request, view! {
            <PageHead title=title.clone() over=over extra=read_only(&request) />
            <FilterBar action="/supervision/companies" label=lang.t("listing.filter")>
                <SearchInput name="q" label=lang.t("supervision.search_company") value=asked placeholder=lang.t("supervision.search_company") />
                {selects}
                <Button>{lang.t("listing.apply")}</Button>
                <ButtonLink href="/supervision/companies">{lang.t("listing.reset")}</ButtonLink>
                {sheet}
            </FilterBar>
            <Card flush=true foot=pages>{body}</Card>
        }))
    })
}

/// What the address asks for.
pub(crate) fn companies_filter(request: &Request) -> CompanyFilter {
    CompanyFilter {
        search: request.query("q").to_owned(),
        city: request.query("city").to_owned(),
        board: request.query("board").to_owned(),
        stage: StageName::from_name(request.query("stage")),
        sort: CompanySort::from_name(request.query("sort")),
        paging: listing::paging(request, 20),
    }
}

fn row(lang: Lang, company: &CompanyRow) -> impl IntoView + use<> {
    let href = format!("/supervision/companies/{}", company.id);
    let (name, credit_code) = (company.name.clone(), company.credit_code.clone());
    let code = company.code.clone().unwrap_or_else(|| "—".to_owned());
    let city = dossier::text(lang, &company.city_name);
    let board = company.board.as_ref().map(|board| dossier::text(lang, board));
    let stage = match company.stage {
        Some(stage) => dossier::stage_tag(lang, stage),
        None => view! { <span class="dim">{lang.t("supervision.no_filing")}</span> }.into_any(),
    };
    let submitted = company.submitted_at.map_or_else(|| "—".to_owned(), |at| lang.day(at));
    let filings = lang.number(company.filings);
    let standing = standing_tag(lang, company.standing);
    view! {
        <tr>
            <td><RowLink href=href>{name}</RowLink><small><code>{credit_code}</code> " " {standing}</small></td>
            <td class="hide-phone"><code>{code}</code></td>
            <td class="hide-phone">{city}</td>
            <td class="hide-tablet">{board}</td>
            <td>{stage}</td>
            <td class="nowrap hide-phone">{submitted}</td>
            <td class="n hide-phone">{filings}</td>
        </tr>
    }
}

/// A standing in a word; good standing goes without saying.
pub(super) fn standing_tag(lang: Lang, standing: domain::actor::Standing) -> Option<AnyView> {
    use domain::actor::Standing;
    let tone = match standing {
        Standing::Good => return None,
        Standing::Unverified => Tone::Plain,
        Standing::Warned | Standing::Limited => Tone::Look,
        Standing::Refused | Standing::Closed => Tone::Bad,
    };
    let word = lang.t(&format!("standing.{}", standing.name()));
    Some(view! { <Tag tone=tone>{word}</Tag> }.into_any())
}
