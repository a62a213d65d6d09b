//! `/engagements`: what waits for this firm first, then everything else, with search, status and paging.

use backend::{
    engagement::{EngagementRow, InboxFilter},
    page::Paging,
};
use leptos::prelude::*;

use crate::{
    filing::{firms::status, list::pager, marks::stage_tag},
    frame::Frame,
    lang::Lang,
    page::signed_in_page,
    request::Request,
    ui::{
        Button, ButtonLink, Card, Choice, EmptyState, FilterBar, FilterSelect, IconName, PageHead, RowLink,
        SearchInput, Tab, TableBox, Tabs, Tag, Tone,
    },
};

const STATUSES: [&str; 4] = ["invited", "accepted", "declined", "ended"];

/// `/engagements`
pub fn inbox() -> AnyView {
    signed_in_page(|request| async move {
        let actor = request.cx.actor()?;
        if !actor.org_kind.is_firm() {
            return Err(backend::Error::NotFound);
        }
        let status =
            STATUSES.into_iter().find(|status| *status == request.query("status")).unwrap_or_default();
        let filter = InboxFilter {
            status: status.to_owned(),
            search: request.query("q").to_owned(),
            waiting: request.query("waiting") == "1",
            paging: Paging::page(
                request.query_number("page").and_then(|page| u32::try_from(page).ok()).unwrap_or(1),
            ),
        };
        let inbox = backend::engagement::inbox(&request.cx, &filter).await?;
        let lang = request.lang;
        let waits = u64::try_from(inbox.waiting + inbox.invited).unwrap_or_default();
        let tabs = vec![
            Tab::new(lang.t("engagement.inbox.all"), "/engagements", !filter.waiting),
            Tab::new(lang.t("engagement.inbox.waiting"), "/engagements?waiting=1", filter.waiting)
                .count(waits),
        ];
        let narrowed = filter.waiting || !filter.search.is_empty() || !filter.status.is_empty();
        let rows: Vec<AnyView> = inbox.page.rows.iter().map(|one| row(lang, one)).collect();
        let body = if rows.is_empty() { nothing(lang, narrowed) } else { table(lang, rows) };
        let bar = bar(&request, status, filter.waiting);
        let pager = pager(&request, &inbox.page);
        let note = lang.with("engagement.inbox.count", &[("count", &lang.number(inbox.page.total))]);
        let title = lang.t("engagement.inbox.title");
        let firm = actor.org_name.clone();
        Ok(Frame::new(&title).show(
            &request,
            view! {
                <PageHead title=title.clone() over=firm />
                <Tabs label=lang.t("engagement.inbox.filter") tabs=tabs />
                <Card title=lang.t("engagement.inbox.card") note=note flush=true>
                    {bar}
                    {body}
                    {pager}
                </Card>
            },
        ))
    })
}

fn bar(request: &Request, status: &str, waiting: bool) -> AnyView {
    let lang = request.lang;
    let choices = std::iter::once(Choice::new("", lang.t("filing.list.all")))
        .chain(STATUSES.into_iter().map(|one| {
            Choice::new(one, lang.t(&format!("filing.firms.status.{one}"))).selected(one == status)
        }))
        .collect();
    let search = request.query("q").to_owned();
    let kept = waiting.then(|| view! { <input type="hidden" name="waiting" value="1" /> });
    view! {
        <FilterBar action="/engagements" label=lang.t("engagement.inbox.filter")>
            {kept}
            <SearchInput name="q" label=lang.t("engagement.inbox.search") value=search placeholder=lang.t("engagement.inbox.search") />
            <FilterSelect name="status" label=lang.t("engagement.inbox.status") options=choices />
            <Button>{lang.t("filing.list.apply")}</Button>
        </FilterBar>
    }
    .into_any()
}

fn nothing(lang: Lang, narrowed: bool) -> AnyView {
    if narrowed {
        let actions =
            view! { <ButtonLink href="/engagements">{lang.t("filing.list.clear")}</ButtonLink> }.into_any();
        return view! {
            <EmptyState title=lang.t("engagement.inbox.no_match") icon=IconName::Search actions=actions>{lang.t("engagement.inbox.no_match_why")}</EmptyState>
        }
        .into_any();
    }
    let actions =
        view! { <ButtonLink href="/organisation">{lang.t("nav.organisation")}</ButtonLink> }.into_any();
    view! {
        <EmptyState title=lang.t("engagement.inbox.none") icon=IconName::Pen actions=actions>{lang.t("engagement.inbox.none_why")}</EmptyState>
    }
    .into_any()
}

fn table(lang: Lang, rows: Vec<AnyView>) -> AnyView {
    view! {
        <TableBox label=lang.t("engagement.inbox.title")>
            <thead>
                <tr>
                    <th scope="col">{lang.t("engagement.inbox.company")}</th>
                    <th scope="col" class="hide-phone">{lang.t("engagement.inbox.slots")}</th>
                    <th scope="col" class="hide-phone">{lang.t("filing.list.stage")}</th>
                    <th scope="col">{lang.t("engagement.inbox.status")}</th>
                    <th scope="col">{lang.t("engagement.inbox.to_do")}</th>
                    <th scope="col" class="hide-phone">{lang.t("engagement.inbox.invited")}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </TableBox>
    }
    .into_any()
}

fn row(lang: Lang, one: &EngagementRow) -> AnyView {
    let slots: Vec<String> = one.slots.iter().map(|slot| lang.pick(&slot.name.zh, &slot.name.en)).collect();
    let slots = slots.join(&lang.pick("、", ", "));
    let to_do = match (one.status.as_str(), one.waiting) {
        ("invited", _) => Some((Tone::Look, lang.t("engagement.inbox.answer"))),
        (_, 1..) => {
            Some((Tone::Look, lang.with("engagement.inbox.sign", &[("count", &one.waiting.to_string())])))
        }
        _ => None,
    };
    let to_do = to_do.map(|(tone, text)| view! { <Tag tone>{text}</Tag> });
    let name = one.org_name.clone();
    // A firm that declined or was taken out may not read the filing any more.
    let open = matches!(one.status.as_str(), "invited" | "accepted");
    let name = if open {
        view! { <RowLink href=format!("/engagements/{}", one.id)>{name}</RowLink> }.into_any()
    } else {
        view! { {name} }.into_any()
    };
    let reason = (!one.reason.is_empty()).then(|| view! { <small>{one.reason.clone()}</small> });
    view! {
        <tr>
            <td>{name}<small>{one.org_city.clone()}</small></td>
            <td class="hide-phone">{slots}</td>
            <td class="hide-phone">{stage_tag(lang, one.stage)}</td>
            <td>{status(lang, &one.status)} {reason}</td>
            <td>{to_do}</td>
            <td class="fit hide-phone">{lang.day(one.invited_at)}</td>
        </tr>
    }
    .into_any()
}
