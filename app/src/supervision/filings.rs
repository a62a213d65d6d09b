//! `/supervision/filings`: everything that was submitted at least once.

use backend::{
    filing::{FilingListRow, Filter, Sort},
    market,
};
use domain::workflow::StageName;
use leptos::prelude::*;

use super::{as_of, companies::STAGES, noted, read_only};
use crate::{
    dossier, export,
    frame::Frame,
    lang::Lang,
    listing,
    page::signed_in_page,
    request::Request,
    ui::{
        Button, ButtonLink, Card, EmptyState, FilterBar, IconName, PageHead, RowLink, Rows, SearchInput,
        TableBox,
    },
};

/// `/supervision/filings`
pub fn filings() -> AnyView {
    signed_in_page(|request| async move {
        noted(&request, "supervision.filings", None).await?;
        let lang = request.lang;
        let found = market::filings(&request.cx, &filings_filter(&request)).await?;
        let (boards, cities) = listing::boards_and_cities(&request)?;
        let title = lang.t("nav.market_filings");
        let over = as_of(&request).await?;
        let asked = request.query("q").to_owned();
        let late = vec![("1".to_owned(), lang.t("supervision.only_late"))];
        let selects = [
            listing::select(&request, "stage", lang.t("supervision.stage"), listing::stages(lang, STAGES)),
            listing::select(&request, "board", lang.t("supervision.board"), boards),
            listing::select(&request, "city", lang.t("supervision.city"), cities),
            listing::select(&request, "overdue", lang.t("supervision.limit"), late),
        ];
        let [name_head, due_head, updated_head] = [
            listing::sort_head(&request, lang.t("supervision.company"), "name", "updated", false, false),
            listing::sort_head(&request, lang.t("supervision.limit"), "due", "updated", false, true),
            listing::sort_head(&request, lang.t("supervision.updated"), "updated", "updated", true, true),
        ];
        let sheet = export::link(&request);
        let pages = listing::pages(&request, &found);
        let body = if found.rows.is_empty() {
            view! { <EmptyState title=lang.t("supervision.no_filing") icon=IconName::File>{lang.t("supervision.no_match_why")}</EmptyState> }.into_any()
        } else {
            let rows: Vec<_> = found.rows.iter().map(|filing| row(lang, filing)).collect();
            view! {
                <TableBox label=title.clone() rows=Rows::Two>
                    <thead><tr>
                        {name_head}
                        <th scope="col" class="hide-phone">{lang.t("supervision.board")}</th>
                        <th scope="col">{lang.t("supervision.stage")}</th>
                        {due_head}
                        {updated_head}
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </TableBox>
            }
            .into_any()
        };
        Ok(Frame::new(&title).above(lang.t("nav.overview"), "/supervision").show(&request, view! {
            <PageHead title=title.clone() over=over extra=read_only(&request) />
            <FilterBar action="/supervision/filings" label=lang.t("listing.filter")>
                <SearchInput name="q" label=lang.t("supervision.search_company") value=asked placeholder=lang.t("supervision.search_company") />
                {selects}
                <Button>{lang.t("listing.apply")}</Button>
                <ButtonLink href="/supervision/filings">{lang.t("listing.reset")}</ButtonLink>
                {sheet}
            </FilterBar>
            <Card flush=true foot=pages>{body}</Card>
        }))
    })
}

/// What the address asks for.
pub(crate) fn filings_filter(request: &Request) -> Filter {
    Filter {
        search: request.query("q").to_owned(),
        stage: StageName::from_name(request.query("stage")),
        board: request.query("board").to_owned(),
        city: request.query("city").to_owned(),
        overdue: request.query("overdue") == "1",
        sort: Sort::from_name(request.query("sort")),
        paging: listing::paging(request, 20),
    }
}

fn row(lang: Lang, filing: &FilingListRow) -> impl IntoView + use<> {
    let href = format!("/supervision/filings/{}", filing.id);
    let (name, city) = (filing.org_name.clone(), filing.org_city.clone());
    let board = dossier::text(lang, &filing.board_name);
    let stage = dossier::stage_tag(lang, filing.stage);
    let clock = filing.clock.as_ref().map(|clock| dossier::clock(lang, filing.stage, clock));
    let updated = lang.moment(filing.updated_at);
    view! {
        <tr>
            <td><RowLink href=href>{name}</RowLink><small>{city}</small></td>
            <td class="hide-phone">{board}</td>
            <td>{stage}</td>
            <td class="hide-phone">{clock}</td>
            <td class="nowrap hide-phone">{updated}</td>
        </tr>
    }
}
