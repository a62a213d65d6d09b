//! `/admin/people`: people over all organisations, for the operator who is called by one.

use backend::person::everywhere::{self, Filter};
use domain::actor::Role;
use leptos::prelude::*;

use crate::{
    form::hidden,
    frame::Frame,
    list,
    organisation::{factors, person_actions},
    page::signed_in_page,
    ui::{
        Button, Card, EmptyState, FilterBar, FilterSelect, IconName, PageHead, SearchInput, SortHead, Sorted,
        TableBox, Tag, Tone,
    },
};

/// `/admin/people`
pub fn people() -> AnyView {
    signed_in_page(|request| async move {
        let lang = request.lang;
        let filter = Filter {
            search: request.query("q").to_owned(),
            role: Role::from_name(request.query("role")),
            active: match request.query("state") {
                "active" => Some(true),
                "disabled" => Some(false),
                _ => None,
            },
            by_organisation: request.query("sort") == "organisation",
            paging: list::paging(&request),
        };
        let page = everywhere::list(&request.cx, &filter).await?;
        let own = request.cx.actor()?.user;
        let back = request.with_query(&[]);
        let rows = page
            .rows
            .iter()
            .map(|line| {
                let person = &line.person;
                let state = (!person.active).then(|| view! { <Tag tone=Tone::Bad>{lang.t("people.disabled")}</Tag> });
                let actions = (person.id != own).then(|| person_actions(lang, person, &back));
                let org = line.org_name.clone();
                view! {
                    <tr>
                        <td>{person.name.clone()} " " {state}<small class="mono">{person.login.clone()}</small></td>
                        <td><a href=format!("/admin/organisations/{}#people", line.org)>{org}</a></td>
                        <td class="hide-phone">{lang.t(&format!("role.{}", person.role.name()))}</td>
                        <td class="hide-tablet">{factors(lang, person)}</td>
                        <td class="fit">{actions}</td>
                    </tr>
                }
            })
            .collect_view()
            .into_any();
        let pages = list::pager(&request, &page);
        let roles = Role::ALL
            .into_iter()
            .map(|role| (role.name().to_owned(), lang.t(&format!("role.{}", role.name()))))
            .collect();
        let roles = list::options(&request, "role", lang.t("list.all"), roles);
        let states = vec![
            ("active".to_owned(), lang.t("people.active")),
            ("disabled".to_owned(), lang.t("people.disabled")),
        ];
        let states = list::options(&request, "state", lang.t("list.all"), states);
        let search = request.query("q").to_owned();
        let sort = hidden("sort", request.query("sort"));
        let (by_name, by_org) =
            if filter.by_organisation { (None, Some(Sorted::Up)) } else { (Some(Sorted::Up), None) };
        let to_name = request.with_query(&[("sort", ""), ("page", "")]);
        let to_org = request.with_query(&[("sort", "organisation"), ("page", "")]);
        let body = if page.rows.is_empty() {
            view! { <EmptyState title=lang.t("admin.people_none") icon=IconName::People>{lang.t("admin.people_none_why")}</EmptyState> }
                .into_any()
        } else {
            view! {
                <TableBox label=lang.t("nav.people")>
                    <thead>
                        <tr>
                            <SortHead label=lang.t("account.name") href=to_name sorted=by_name />
                            <SortHead label=lang.t("account.organisation") href=to_org sorted=by_org />
                            <th scope="col" class="hide-phone">{lang.t("account.role")}</th>
                            <th scope="col" class="hide-tablet">{lang.t("people.factors")}</th>
                            <th scope="col" class="fit"><span class="said">{lang.t("people.actions")}</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </TableBox>
                {pages}
            }
            .into_any()
        };
        Ok(Frame::new(&lang.t("nav.people")).show(&request, view! {
            <PageHead title=lang.t("nav.people") lead=lang.t("admin.people_lead") />
            <FilterBar action="/admin/people" label=lang.t("list.filter")>
                {sort}
                <SearchInput name="q" label=lang.t("list.search") value=search placeholder=lang.t("admin.people_search") />
                <FilterSelect name="role" label=lang.t("account.role") options=roles />
                <FilterSelect name="state" label=lang.t("people.state") options=states />
                <Button>{lang.t("list.filter")}</Button>
            </FilterBar>
            <Card flush=true>{body}</Card>
        }))
    })
}
