//! `/review`: what waits for the exchange, the most urgent first.

use backend::{
    filing::FilingListRow,
    review::{QueueFilter, queue as read},
};
use domain::workflow::StageName;
use leptos::prelude::*;

use crate::{
    dossier, export,
    frame::Frame,
    lang::Lang,
    listing,
    page::signed_in_page,
    request::Request,
    ui::{
        Button, ButtonLink, Card, EmptyState, FilterBar, IconName, PageHead, RowLink, Rows, SearchInput, Tab,
        TableBox, Tabs, Tag, Tone,
    },
};

/// The tabs, in the order of the road.
const TABS: [StageName; 8] = [
    StageName::Submitted,
    StageName::Review,
    StageName::SecondReview,
    StageName::Approved,
    StageName::Publicised,
    StageName::Correction,
    StageName::Inquiry,
    StageName::Suspended,
];

/// `/review`
pub fn queue() -> AnyView {
    signed_in_page(|request| async move {
        let lang = request.lang;
        let filter = queue_filter(&request);
        let stage = filter.stage;
        let found = read(&request.cx, &filter).await?;
        let count = |of: StageName| {
            found.stages.iter().find(|(stage, _)| *stage == of).map_or(0, |(_, count)| *count)
        };
        let waiting: i64 =
            TABS.iter().filter(|stage| stage.is_with_exchange()).map(|stage| count(*stage)).sum();
        let tab = |text: String, name: &str, current: bool, count: i64| {
            Tab::new(text, request.with_query(&[("stage", name), ("page", "")]), current)
                .count(count.unsigned_abs())
        };
        let mut tabs = vec![tab(lang.t("review.tab.all"), "", stage.is_none(), waiting)];
        tabs.extend(TABS.iter().map(|of| {
            tab(lang.t(&format!("review.tab.{}", of.name())), of.name(), stage == Some(*of), count(*of))
        }));
        let (boards, cities) = listing::boards_and_cities(&request)?;
        let late_only = vec![("1".to_owned(), lang.t("supervision.only_late"))];
        let selects = vec![
            listing::select(&request, "board", lang.t("supervision.board"), boards),
            listing::select(&request, "city", lang.t("supervision.city"), cities),
            listing::select(&request, "overdue", lang.t("supervision.limit"), late_only),
        ];
        let title = lang.t("nav.review");
        let label = title.clone();
        let asked = request.query("q").to_owned();
        let kept = stage.map(|stage| view! { <input type="hidden" name="stage" value=stage.name() /> });
        let late = (found.overdue > 0).then(|| {
            let word = lang.with("supervision.kpi.overdue", &[("count", &lang.number(found.overdue))]);
            let href = request.with_query(&[("overdue", "1"), ("page", "")]);
            view! { <a href=href><Tag tone=Tone::Bad>{word}</Tag></a> }
        });
        let sheet = export::link(&request);
        let pages = listing::pages(&request, &found.page);
        let body = if found.page.rows.is_empty() {
            view! { <EmptyState title=lang.t("review.empty") icon=IconName::CheckCircle>{lang.t("review.empty_why")}</EmptyState> }.into_any()
        } else {
            let rows: Vec<_> = found.page.rows.iter().map(|filing| row(lang, filing)).collect();
            view! {
                <TableBox label=label rows=Rows::Two>
                    <thead><tr>
                        <th scope="col">{lang.t("supervision.company")}</th>
                        <th scope="col" aria-sort="ascending">{lang.t("supervision.limit")}</th>
                        <th scope="col">{lang.t("supervision.stage")}</th>
                        <th scope="col" class="hide-phone">{lang.t("supervision.board")}</th>
                        <th scope="col" class="hide-tablet">{lang.t("supervision.city")}</th>
                        <th scope="col" class="hide-phone">{lang.t("dossier.submitted_at")}</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </TableBox>
            }
            .into_any()
        };
        Ok(Frame::new(&title).show(&request, view! {
            <PageHead title=title.clone() lead=lang.t("review.lead") extra=late.into_any() />
            <Tabs label=lang.t("review.tabs") tabs=tabs />
            <FilterBar action="/review" label=lang.t("listing.filter")>
                {kept}
                <SearchInput name="q" label=lang.t("supervision.search_company") value=asked placeholder=lang.t("supervision.search_company") />
                {selects}
                <Button>{lang.t("listing.apply")}</Button>
                <ButtonLink href="/review">{lang.t("listing.reset")}</ButtonLink>
                {sheet}
            </FilterBar>
            <Card flush=true foot=pages>{body}</Card>
        }))
    })
}

/// What the address asks for.
pub(crate) fn queue_filter(request: &Request) -> QueueFilter {
    QueueFilter {
        search: request.query("q").to_owned(),
        stage: StageName::from_name(request.query("stage")),
        board: request.query("board").to_owned(),
        city: request.query("city").to_owned(),
        overdue: request.query("overdue") == "1",
        paging: listing::paging(request, 20),
    }
}

fn row(lang: Lang, filing: &FilingListRow) -> impl IntoView + use<> {
    let href = format!("/review/{}", filing.id);
    let (name, city) = (filing.org_name.clone(), filing.org_city.clone());
    let versions = lang.with("supervision.versions_count", &[("count", &filing.submissions.to_string())]);
    let board = dossier::text(lang, &filing.board_name);
    let stage = dossier::stage_tag(lang, filing.stage);
    let late = filing.clock.as_ref().is_some_and(|clock| clock.reading.overdue);
    let clock = match &filing.clock {
        Some(clock) => dossier::clock(lang, filing.stage, clock),
        None => view! { <span class="dim">{lang.t("review.no_clock")}</span> }.into_any(),
    };
    let submitted = filing.submitted_at.map(|at| lang.moment(at));
    view! {
        <tr class=if late { "bad" } else { "" }>
            <td><RowLink href=href>{name}</RowLink><small>{versions}</small></td>
            <td>{clock}</td>
            <td>{stage}</td>
            <td class="hide-phone">{board}</td>
            <td class="hide-tablet">{city}</td>
            <td class="nowrap hide-phone">{submitted}</td>
        </tr>
    }
}
