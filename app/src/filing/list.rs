//! `/filings`: the organisation's own filings, with search, stage filter, order and paging.

use backend::{
    filing::{FilingListRow, Filter, Sort},
    page::{Page, Paging},
};
use domain::{
    access::{Facts, action, may},
    workflow::StageName,
};
use leptos::prelude::*;

use super::{
    marks::{clock, stage_name, stage_tag},
    new,
};
use crate::{
    export,
    frame::Frame,
    page::{Shown, signed_in_page},
    request::Request,
    ui::{
        Button, ButtonLink, Card, Choice, EmptyState, FilterBar, FilterSelect, IconName, Link, PageHead,
        Pager, RowLink, SearchInput, SortHead, Sorted, TableBox,
    },
};

/// `/filings`
pub fn list() -> AnyView {
    signed_in_page(|request| async move {
        let filter = filter(&request);
        let (stage, sort) = (filter.stage, filter.sort);
        let page = backend::filing::list(&request.cx, &filter).await?;
        let lang = request.lang;
        let narrowed = !filter.search.is_empty() || stage.is_some();
        let actor = request.cx.actor()?;
        let may_open = may::<action::OpenFiling>(actor, &Facts::own(actor));
        let empty = page.total == 0 && !narrowed;
        let body = if empty { first(&request, may_open)? } else { found(&request, page, sort) };
        // An empty list shows the same in its middle.
        let actions = (may_open && !empty).then(|| new::boards(&request)).transpose()?;
        let title = lang.t("filing.list.title");
        Ok(Frame::new(&title).show(
            &request,
            view! {
                <PageHead title=title.clone() over=actor.org_name.clone() actions=actions.into_any() />
                {body}
            },
        ))
    })
}

/// What the address asks for.
pub(crate) fn filter(request: &Request) -> Filter {
    Filter {
        search: request.query("q").to_owned(),
        stage: StageName::from_name(request.query("stage")),
        sort: Sort::from_name(request.query("sort")),
        paging: Paging::page(
            request.query_number("page").and_then(|page| u32::try_from(page).ok()).unwrap_or(1),
        ),
        ..Filter::default()
    }
}

/// Nothing yet: the one next action.
fn first(request: &Request, may_open: bool) -> Shown {
    let lang = request.lang;
    if may_open {
        let actions = new::boards(request)?;
        return Ok(view! {
            <Card>
                <EmptyState title=lang.t("filing.list.none") icon=IconName::File actions=actions>
                    {lang.t("filing.list.none_why")} " " <a href="/filings/new">{lang.t("filing.new.rules")}</a>
                </EmptyState>
            </Card>
        }
        .into_any());
    }
    Ok(view! {
        <Card>
            <EmptyState
                title=lang.t("filing.list.none")
                icon=IconName::File
                actions=view! { <ButtonLink href="/organisation">{lang.t("nav.organisation")}</ButtonLink> }.into_any()
            >
                {lang.t("filing.list.not_yet")}
            </EmptyState>
        </Card>
    }
    .into_any())
}

fn found(request: &Request, page: Page<FilingListRow>, sort: Sort) -> AnyView {
    let lang = request.lang;
    let stages = std::iter::once(Choice::new("", lang.t("filing.list.all")))
        .chain(StageName::ALL.into_iter().map(|stage| {
            Choice::new(stage.name(), stage_name(lang, stage))
                .selected(request.query("stage") == stage.name())
        }))
        .collect();
    let head = |key: &str, by: Sort, up: bool| {
        let sorted = (sort == by).then_some(if up { Sorted::Up } else { Sorted::Down });
        view! { <SortHead label=lang.t(key) href=request.with_query(&[("sort", by.name()), ("page", "")]) sorted /> }
    };
    let search = request.query("q").to_owned();
    let note = lang.with("filing.list.count", &[("count", &lang.number(page.total))]);
    let pager = pager(request, &page);
    let sheet = export::link(request);
    let heads = view! { {head("filing.list.clock", Sort::Due, true)} {head("filing.list.updated", Sort::Updated, false)} }.into_any();
    let rows: Vec<AnyView> = page.rows.iter().map(|filing| row(request, filing)).collect();
    let table = if rows.is_empty() {
        view! {
            <EmptyState title=lang.t("filing.list.no_match") icon=IconName::Search
                actions=view! { <ButtonLink href="/filings">{lang.t("filing.list.clear")}</ButtonLink> }.into_any()>
                {lang.t("filing.list.no_match_why")}
            </EmptyState>
        }
        .into_any()
    } else {
        view! {
            <TableBox label=lang.t("filing.list.title")>
                <thead>
                    <tr>
                        <th scope="col">{lang.t("filing.list.filing")}</th>
                        <th scope="col">{lang.t("filing.list.stage")}</th>
                        <th scope="col" class="hide-phone">{lang.t("filing.list.board")}</th>
                        {heads}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </TableBox>
        }
        .into_any()
    };
    view! {
        <Card title=lang.t("filing.list.card") note flush=true>
            <FilterBar action="/filings" label=lang.t("filing.list.filter")>
                <SearchInput name="q" label=lang.t("filing.list.search") value=search placeholder=lang.t("filing.list.search") />
                <FilterSelect name="stage" label=lang.t("filing.list.stage") options=stages />
                <Button>{lang.t("filing.list.apply")}</Button>
                {sheet}
            </FilterBar>
            {table}
            {pager}
        </Card>
    }
    .into_any()
}

fn row(request: &Request, filing: &FilingListRow) -> AnyView {
    let lang = request.lang;
    let number = if filing.submissions > 0 {
        lang.with("filing.submissions", &[("count", &filing.submissions.to_string())])
    } else {
        lang.with("filing.list.opened", &[("day", &lang.day(filing.created_at))])
    };
    let board = lang.pick(&filing.board_name.zh, &filing.board_name.en);
    let name = format!("{} · {board}", lang.t("filing.kind"));
    let overdue = filing.clock.as_ref().is_some_and(|clock| clock.reading.overdue);
    let running = filing
        .clock
        .as_ref()
        .map_or_else(|| view! { <span class="dim">"—"</span> }.into_any(), |view| clock(lang, view, false));
    view! {
        <tr class=if overdue { "bad" } else { "" }>
            <td>
                <RowLink href=format!("/filings/{}", filing.id)>{name}</RowLink>
                <small>{filing.org_name.clone()}" · "{number}</small>
            </td>
            <td>{stage_tag(lang, filing.stage)}</td>
            <td class="hide-phone">{board}</td>
            <td>{running}</td>
            <td class="fit">{lang.moment(filing.updated_at)}</td>
        </tr>
    }
    .into_any()
}

/// Which part of a list one sees, and the way to the others.
pub(crate) fn pager<T>(request: &Request, page: &Page<T>) -> AnyView {
    if page.total == 0 {
        return ().into_any();
    }
    let lang = request.lang;
    let first = i64::from(page.page - 1) * i64::from(page.size) + 1;
    let last = (first - 1 + i64::from(page.size)).min(page.total);
    let summary = lang.with(
        "filing.list.part",
        &[("first", &lang.number(first)), ("last", &lang.number(last)), ("total", &lang.number(page.total))],
    );
    let to =
        |number: u32, key: &str| Link::new(lang.t(key), request.with_query(&[("page", &number.to_string())]));
    let prev = (page.page > 1).then(|| to(page.page - 1, "filing.list.prev"));
    let next = (i64::from(page.page) < page.pages()).then(|| to(page.page + 1, "filing.list.next"));
    view! { <Pager label=lang.t("filing.list.pages") summary prev next /> }.into_any()
}
