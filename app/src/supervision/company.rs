//! `/supervision/companies/{id}`: one company's record, its filings, sanctions and events.

use backend::{
    Error,
    filing::FilingListRow,
    market::{self, CompanyRecord, SanctionView},
};
use domain::id::OrgId;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{as_of, companies::standing_tag, noted, overview::newest, read_only};
use crate::{
    dossier,
    frame::Frame,
    lang::Lang,
    page::signed_in_page,
    ui::{
        Card, DescriptionList, EmptyState, Fact, FactsLayout, IconName, PageHead, RowLink, Rows, TableBox,
        Tag, Tone,
    },
};

/// `/supervision/companies/{id}`
pub fn company() -> AnyView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    signed_in_page(|request| async move {
        let id: OrgId = id.parse().map_err(|_| Error::NotFound)?;
        noted(&request, "supervision.company", Some(id.0)).await?;
        let lang = request.lang;
        let found = market::company(&request.cx, id).await?;
        let over = as_of(&request).await?;
        let name = found.record.name.clone();
        let facts = facts(lang, &found.record);
        let filings = filings(lang, &found.filings);
        let sanctions = sanctions(lang, &found.sanctions);
        let events = newest(lang, &found.events);
        let extra = view! { {read_only(&request)} {standing_tag(lang, found.record.standing)} };
        Ok(Frame::new(&name)
            .above(lang.t("nav.overview"), "/supervision")
            .above(lang.t("nav.companies"), "/supervision/companies")
            .show(&request, view! {
                <PageHead title=name.clone() over=over extra=extra.into_any() />
                <div class="cols">
                    <div class="stack">
                        <Card title=lang.t("supervision.record")>{facts}</Card>
                        <Card title=lang.t("nav.market_filings") flush=true>{filings}</Card>
                        {sanctions}
                    </div>
                    <Card title=lang.t("dossier.timeline") note=lang.t("dossier.timeline_note") flush=true>{events}</Card>
                </div>
            }))
    })
}

fn facts(lang: Lang, record: &CompanyRecord) -> AnyView {
    let suspect = record
        .credit_code_suspect
        .then(|| view! { <Tag tone=Tone::Look>{lang.t("supervision.code_suspect")}</Tag> });
    let dash = || "—".to_owned();
    let (credit_code, city) = (record.credit_code.clone(), dossier::text(lang, &record.city_name));
    let representative = record.legal_representative.clone();
    let code = record.code.clone().unwrap_or_else(dash);
    let verified = record.verified_at.map_or_else(dash, |at| lang.moment(at));
    let registered = lang.moment(record.created_at);
    let standing = lang.t(&format!("standing.{}", record.standing.name()));
    view! {
        <DescriptionList layout=FactsLayout::Two>
            <Fact term=lang.t("supervision.credit_code")><code>{credit_code}</code> " " {suspect}</Fact>
            <Fact term=lang.t("supervision.code")><code>{code}</code></Fact>
            <Fact term=lang.t("supervision.city")>{city}</Fact>
            <Fact term=lang.t("supervision.representative")>{representative}</Fact>
            <Fact term=lang.t("supervision.standing")>{standing}</Fact>
            <Fact term=lang.t("supervision.verified")>{verified}</Fact>
            <Fact term=lang.t("supervision.registered")>{registered}</Fact>
        </DescriptionList>
    }
    .into_any()
}

fn filings(lang: Lang, rows: &[FilingListRow]) -> AnyView {
    if rows.is_empty() {
        return view! { <EmptyState title=lang.t("supervision.no_filing") icon=IconName::File>{lang.t("supervision.no_filing_why")}</EmptyState> }
            .into_any();
    }
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let href = format!("/supervision/filings/{}", row.id);
            let board = dossier::text(lang, &row.board_name);
            let stage = dossier::stage_tag(lang, row.stage);
            let submitted = row.submitted_at.map(|at| lang.day(at));
            let versions =
                lang.with("supervision.versions_count", &[("count", &row.submissions.to_string())]);
            view! {
                <tr>
                    <td><RowLink href=href>{board}</RowLink><small>{versions}</small></td>
                    <td class="nowrap">{submitted}</td>
                    <td class="fit">{stage}</td>
                </tr>
            }
        })
        .collect();
    view! { <TableBox label=lang.t("nav.market_filings") rows=Rows::Two><tbody>{rows}</tbody></TableBox> }
        .into_any()
}

fn sanctions(lang: Lang, rows: &[SanctionView]) -> AnyView {
    if rows.is_empty() {
        return ().into_any();
    }
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let what = lang.t(&format!("standing.{}", row.standing));
            let (decided, reason) = (lang.day(row.decided_at), row.reason.clone());
            let lifted = row.lifted_at.map(|at| {
                let why = row.lift_reason.clone().unwrap_or_default();
                format!("{} {why}", lang.with("supervision.lifted", &[("day", &lang.day(at))]))
            });
            let tone = if lifted.is_some() { Tone::Plain } else { Tone::Bad };
            view! { <tr><td class="fit"><Tag tone=tone>{what}</Tag></td><td>{reason}<small>{lifted}</small></td><td class="nowrap">{decided}</td></tr> }
        })
        .collect();
    view! {
        <Card title=lang.t("supervision.sanctions") flush=true>
            <TableBox label=lang.t("supervision.sanctions") rows=Rows::Two><tbody>{rows}</tbody></TableBox>
        </Card>
    }
    .into_any()
}
