//! `/supervision/access`: who looked at what. The records form a chain whose head goes to the ledger, so that nobody
//! can take a line out afterwards.

use backend::access_record::{AccessLine, Filter, list};
use domain::actor::OrgKind;
use leptos::prelude::*;
use time::{Date, OffsetDateTime, Time, UtcOffset};

use super::{as_of, noted, read_only};
use crate::{
    dossier, export,
    frame::Frame,
    lang::Lang,
    listing,
    page::signed_in_page,
    request::Request,
    ui::{
        Button, ButtonLink, Callout, CalloutKind, Card, EmptyState, FilterBar, IconName, PageHead, Rows,
        SearchInput, TableBox, TextField, TextKind, Width,
    },
};

/// What is recorded here, by the name in the record.
const WHAT: &[&str] = &[
    "supervision.overview",
    "supervision.companies",
    "supervision.company",
    "supervision.filings",
    "supervision.filing",
    "supervision.document",
    "supervision.download",
    "supervision.receipt",
    "supervision.certificate",
    "supervision.evidence",
    "supervision.leaf",
    "supervision.access",
    "supervision.export",
];

/// `/supervision/access`
pub fn access() -> AnyView {
    signed_in_page(|request| async move {
        let supervisor = request.cx.actor()?.org_kind == OrgKind::Regulator;
        noted(&request, "supervision.access", None).await?;
        let lang = request.lang;
        let found = list(&request.cx, &access_filter(&request)).await?;
        let title = lang.t("nav.access");
        let over = as_of(&request).await?;
        let asked = request.query("q").to_owned();
        let kinds = WHAT.iter().map(|what| ((*what).to_owned(), what_name(lang, what))).collect();
        let select = listing::select(&request, "what", lang.t("supervision.access_what"), kinds);
        let (from, to) = (request.query("from").to_owned(), request.query("to").to_owned());
        let sheet = export::link(&request);
        let pages = listing::pages(&request, &found);
        let body = if found.rows.is_empty() {
            view! { <EmptyState title=lang.t("supervision.no_access") icon=IconName::View>{lang.t("supervision.no_match_why")}</EmptyState> }.into_any()
        } else {
            let rows: Vec<_> = found.rows.iter().map(|line| row(lang, line)).collect();
            view! {
                <TableBox label=title.clone() rows=Rows::Two>
                    <thead><tr>
                        <th scope="col" class="n hide-phone">{lang.t("supervision.access_seq")}</th>
                        <th scope="col">{lang.t("supervision.access_time")}</th>
                        <th scope="col">{lang.t("supervision.access_who")}</th>
                        <th scope="col">{lang.t("supervision.access_what")}</th>
                        <th scope="col" class="hide-phone">{lang.t("supervision.access_leaf")}</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </TableBox>
            }
            .into_any()
        };
        let frame = Frame::new(&title);
        let frame = if supervisor { frame.above(lang.t("nav.overview"), "/supervision") } else { frame };
        Ok(frame.show(&request, view! {
            <PageHead title=title.clone() over=over extra=read_only(&request) />
            <Callout kind=CalloutKind::Proven><p>{lang.t("supervision.access_why")}</p></Callout>
            <FilterBar action="/supervision/access" label=lang.t("listing.filter")>
                <SearchInput name="q" label=lang.t("supervision.search_access") value=asked placeholder=lang.t("supervision.search_access") />
                {select}
                <TextField name="from" label=lang.t("supervision.from") kind=TextKind::Date value=from width=Width::Short />
                <TextField name="to" label=lang.t("supervision.to") kind=TextKind::Date value=to width=Width::Short />
                <Button>{lang.t("listing.apply")}</Button>
                <ButtonLink href="/supervision/access">{lang.t("listing.reset")}</ButtonLink>
                {sheet}
            </FilterBar>
            <Card flush=true foot=pages>{body}</Card>
        }))
    })
}

/// What the address asks for.
pub(crate) fn access_filter(request: &Request) -> Filter {
    Filter {
        search: request.query("q").to_owned(),
        what: request.query("what").to_owned(),
        from: midnight(request.query("from"), 0),
        to: midnight(request.query("to"), 1),
        paging: listing::paging(request, 50),
        ..Filter::default()
    }
}

fn row(lang: Lang, line: &AccessLine) -> impl IntoView + use<> {
    let (seq, at) = (lang.number(line.seq), lang.second(line.at));
    let (who, org) = (line.actor_name.clone(), line.org_name.clone());
    let (what, path) = (what_name(lang, &line.what), line.path.clone());
    let mark = dossier::leaf(lang, line.leaf_index);
    view! {
        <tr>
            <td class="n hide-phone">{seq}</td>
            <td class="nowrap">{at}</td>
            <td>{who}<small>{org}</small></td>
            <td>{what}<small><code>{path}</code></small></td>
            <td class="fit hide-phone">{mark}</td>
        </tr>
    }
}

/// The action in words; a name that nobody put into words is shown as it is.
pub(crate) fn what_name(lang: Lang, what: &str) -> String {
    let key = what.strip_prefix("supervision.").unwrap_or(what);
    lang.try_t(&format!("supervision.what.{key}")).unwrap_or_else(|| what.to_owned())
}

/// Midnight in China at the beginning of a day, `later` days on, in microseconds; none for what is no day.
fn midnight(day: &str, later: i64) -> Option<i64> {
    let day = Date::parse(day, &time::format_description::well_known::Iso8601::DATE).ok()?;
    let day = day.checked_add(time::Duration::days(later))?;
    let china = UtcOffset::from_hms(8, 0, 0).ok()?;
    Some(domain::moment::to_micros(OffsetDateTime::new_in_offset(day, Time::MIDNIGHT, china)))
}

#[cfg(test)]
mod tests {
    use super::midnight;

    #[test]
    fn a_day_begins_and_ends_in_china() {
        assert_eq!(midnight("2026-11-02", 0), Some(1_793_548_800_000_000));
        assert_eq!(midnight("2026-11-02", 1), Some(1_793_548_800_000_000 + 86_400_000_000));
        assert_eq!(midnight("yesterday", 0), None);
    }
}
