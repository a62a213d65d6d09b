//! `/admin/organisations`: every organisation of the market, those that wait for verification in front.

use backend::{
    organisation::list::{self as use_case, Filter, OrganisationLine, Sort},
    page::Paging,
};
use domain::{
    access::{Facts, action, may},
    actor::{OrgKind, Standing},
};
use leptos::prelude::*;

use crate::{
    frame::Frame,
    lang::Lang,
    list,
    organisation::standing_tag,
    page::signed_in_page,
    request::Request,
    ui::{
        Button, ButtonKind, ButtonLink, Card, EmptyState, FilterBar, FilterSelect, IconName, PageHead,
        RowLink, SearchInput, Tab, TableBox, Tabs, Tag, Tone,
    },
};

/// `/admin/organisations`
pub fn organisations() -> AnyView {
    signed_in_page(|request| async move {
        // Supervisors have pages of their own, where their reading is recorded.
        request.cx.permit_own::<action::WorkQueue>()?;
        let lang = request.lang;
        let filter = Filter {
            search: request.query("q").to_owned(),
            kind: OrgKind::from_name(request.query("kind")),
            standing: Standing::from_name(request.query("standing")),
            city: request.query("city").to_owned(),
            sort: Sort::from_name(request.query("sort")),
            paging: list::paging(&request),
        };
        let page = use_case::list(&request.cx, &filter).await?;
        let cities = use_case::cities(&request.cx).await?;
        let one = Paging { page: 1, size: 1 };
        let waiting = Filter { standing: Some(Standing::Unverified), paging: one, ..Filter::default() };
        let waiting = use_case::list(&request.cx, &waiting).await?.total;
        let actor = request.cx.actor()?;
        let add = may::<action::Administer>(actor, &Facts::own(actor)).then(|| {
            view! { <ButtonLink href="/admin/organisations/new" icon=IconName::Plus>{lang.t("admin.new")}</ButtonLink> }
        });
        let actions = add.into_any();
        let rows = page.rows.iter().map(|line| row(lang, line)).collect_view().into_any();
        let heads = view! {
            <tr>
                {list::sort_head(&request, lang.t("organisation.name"), "name", false)}
                <th scope="col" class="hide-phone">{lang.t("register.kind")}</th>
                <th scope="col" class="hide-tablet">{lang.t("organisation.credit_code")}</th>
                {list::sort_head(&request, lang.t("organisation.city"), "city", true)}
                <th scope="col">{lang.t("admin.standing")}</th>
                {list::sort_head(&request, lang.t("organisation.registered"), "newest", true)}
            </tr>
        }
        .into_any();
        let pages = list::pager(&request, &page);
        let body = if page.rows.is_empty() {
            let clear = view! { <ButtonLink href="/admin/organisations">{lang.t("list.clear")}</ButtonLink> }
                .into_any();
            view! {
                <EmptyState title=lang.t("admin.none_title") icon=IconName::Search actions=clear>{lang.t("admin.none")}</EmptyState>
            }
            .into_any()
        } else {
            view! {
                <TableBox label=lang.t("nav.organisations")>
                    <thead>{heads}</thead>
                    <tbody>{rows}</tbody>
                </TableBox>
                {pages}
            }
            .into_any()
        };
        Ok(Frame::new(&lang.t("nav.organisations")).show(
            &request,
            view! {
                <PageHead title=lang.t("nav.organisations") lead=lang.t("admin.organisations_lead") actions />
                {tabs(&request, waiting)}
                {filters(&request, cities)}
                <Card flush=true>{body}</Card>
            },
        ))
    })
}

fn tabs(request: &Request, waiting: i64) -> AnyView {
    let lang = request.lang;
    let chosen = request.query("standing");
    let tab = |text: String, standing: &str| {
        Tab::new(text, request.with_query(&[("standing", standing), ("page", "")]), chosen == standing)
    };
    let mut tabs = vec![tab(lang.t("list.all"), "")];
    for standing in Standing::ALL {
        let entry = tab(lang.t(&format!("standing.{}", standing.name())), standing.name());
        let count = u64::try_from(waiting).unwrap_or(0);
        tabs.push(if standing == Standing::Unverified && count > 0 { entry.count(count) } else { entry });
    }
    view! { <Tabs label=lang.t("admin.standing") tabs /> }.into_any()
}

fn filters(request: &Request, cities: Vec<String>) -> AnyView {
    let lang = request.lang;
    let kinds = OrgKind::ALL
        .into_iter()
        .map(|kind| (kind.name().to_owned(), lang.t(&format!("org_kind.{}", kind.name()))))
        .collect();
    let kinds = list::options(request, "kind", lang.t("list.all"), kinds);
    let cities = cities.into_iter().map(|city| (city.clone(), city)).collect();
    let cities = list::options(request, "city", lang.t("list.all"), cities);
    let standing = crate::form::hidden("standing", request.query("standing"));
    let sort = crate::form::hidden("sort", request.query("sort"));
    let search = request.query("q").to_owned();
    view! {
        <FilterBar action="/admin/organisations" label=lang.t("list.filter")>
            {standing}
            {sort}
            <SearchInput name="q" label=lang.t("list.search") value=search placeholder=lang.t("admin.search") />
            <FilterSelect name="kind" label=lang.t("register.kind") options=kinds />
            <FilterSelect name="city" label=lang.t("organisation.city") options=cities />
            <Button kind=ButtonKind::Plain>{lang.t("list.filter")}</Button>
        </FilterBar>
    }
    .into_any()
}

fn row(lang: Lang, line: &OrganisationLine) -> AnyView {
    let class = if line.standing == Standing::Unverified { "look" } else { "" };
    let suspect = line
        .credit_code_suspect
        .then(|| view! { <Tag tone=Tone::Look>{lang.t("organisation.check_digit_differs")}</Tag> });
    let name = line.name.clone();
    let code = line.code.clone().map(|code| view! { <small class="mono">{code}</small> });
    view! {
        <tr class=class>
            <td><RowLink href=format!("/admin/organisations/{}", line.id)>{name}</RowLink>{code}</td>
            <td class="hide-phone">{lang.t(&format!("org_kind.{}", line.kind.name()))}</td>
            <td class="hide-tablet"><span class="mono small">{line.credit_code.clone()}</span> " " {suspect}</td>
            <td class="hide-phone">{line.city.clone()}</td>
            <td>{standing_tag(lang, line.standing)}</td>
            <td class="hide-phone nowrap">{lang.day(line.created_at)}</td>
        </tr>
    }
    .into_any()
}
