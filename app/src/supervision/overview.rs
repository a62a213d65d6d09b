//! `/supervision`: the market at a glance.

use backend::{
    filing::{Filter, Sort},
    market::{self, Count, MarketEvent, Overview},
    page::Paging,
};
use domain::workflow::StageName;
use leptos::prelude::*;

use super::{as_of, noted, read_only};
use crate::{
    dossier,
    frame::Frame,
    lang::{Lang, machine_time},
    page::signed_in_page,
    ui::{
        Bar, BarChart, ButtonLink, Card, ColumnChart, EmptyState, Event, IconName, Kpi, KpiRow, PageHead,
        RowLink, Rows, TableBox, Timeline, Tone,
    },
};

/// Overdue filings shown here; the rest is one link away.
const OVERDUE_SHOWN: u32 = 6;

/// `/supervision`
pub fn overview() -> AnyView {
    signed_in_page(|request| async move {
        noted(&request, "supervision.overview", None).await?;
        let lang = request.lang;
        let found = market::overview(&request.cx).await?;
        let filter = Filter {
            overdue: true,
            sort: Sort::Due,
            paging: Paging { page: 1, size: OVERDUE_SHOWN },
            ..Filter::default()
        };
        let late = market::filings(&request.cx, &filter).await?;
        let over = as_of(&request).await?;
        let title = lang.t("supervision.overview");
        let (figures, funnel) = (figures(lang, &found), funnel(lang, &found));
        let monthly = monthly(lang, &found);
        let (by_stage, by_city) = (by_stage(lang, &found.by_stage), by(lang, "city", &found.by_city));
        let by_board = by(lang, "board", &found.by_board);
        let newest = newest(lang, &found.newest);
        let late_count = late.total.to_string();
        let late = overdue(lang, &late.rows);
        let all_late = view! { <a class="push small" href="/supervision/filings?overdue=1&sort=due">{lang.with("supervision.all_count", &[("count", &late_count)])}</a> };
        Ok(Frame::new(&title).show(&request, view! {
            <PageHead title=title.clone() over=over extra=read_only(&request)
                actions=view! { <ButtonLink href="/supervision/companies">{lang.t("nav.companies")}</ButtonLink> <ButtonLink href="/supervision/filings">{lang.t("nav.market_filings")}</ButtonLink> }.into_any() />
            {figures}
            <div class="cols">
                <Card title=lang.t("supervision.funnel") note=lang.t("supervision.funnel_note")>{funnel}</Card>
                <Card title=lang.t("supervision.late") extra=all_late.into_any() flush=true>{late}</Card>
            </div>
            <div class="cols">
                <div class="stack">
                    <Card title=lang.t("supervision.monthly")>{monthly}</Card>
                    <div class="cols even">
                        <Card title=lang.t("supervision.by_stage")>{by_stage}</Card>
                        <div class="stack">
                            <Card title=lang.t("supervision.by_board")>{by_board}</Card>
                            <Card title=lang.t("supervision.by_city")>{by_city}</Card>
                        </div>
                    </div>
                </div>
                <Card title=lang.t("supervision.newest") note=lang.t("supervision.newest_note") flush=true>{newest}</Card>
            </div>
        }))
    })
}

fn figures(lang: Lang, found: &Overview) -> AnyView {
    let spark = |pick: fn(&market::Month) -> i64| {
        found.months.iter().map(|month| plotted(pick(month))).collect::<Vec<_>>()
    };
    let (submitted, newly_listed) = (spark(|month| month.submitted), spark(|month| month.listed));
    let (companies, in_review) = (lang.number(found.companies), lang.number(found.in_review));
    let listed = lang.with("supervision.kpi.listed", &[("count", &lang.number(found.listed))]);
    let anchored = lang.number(found.anchored);
    let pass = found.first_pass_percent.map_or_else(|| "—".to_owned(), |percent| format!("{percent}%"));
    let pass_note = lang.with(
        "supervision.kpi.first_pass_note",
        &[("pass", &lang.number(found.first_pass)), ("all", &lang.number(found.first_decisions))],
    );
    let preparation =
        found.median_preparation.map_or_else(|| "—".to_owned(), |micros| duration(lang, micros));
    let late_tone = if found.overdue > 0 { Tone::Bad } else { Tone::Ok };
    let late = lang.with("supervision.kpi.overdue", &[("count", &lang.number(found.overdue))]);
    view! {
        <KpiRow>
            <Kpi label=lang.t("supervision.kpi.companies") value=companies href="/supervision/companies"
                note=listed spark=newly_listed />
            <Kpi label=lang.t("supervision.kpi.in_review") value=in_review href="/supervision/filings"
                note=late tone=late_tone spark=submitted />
            <Kpi label=lang.t("supervision.kpi.first_pass") value=pass note=pass_note />
            <Kpi label=lang.t("supervision.kpi.preparation") value=preparation note=lang.t("supervision.kpi.preparation_note") />
            <Kpi label=lang.t("supervision.kpi.anchored") value=anchored href="/ledger" note=lang.t("supervision.kpi.anchored_note") />
        </KpiRow>
    }
    .into_any()
}

/// The events of twelve months: of what was submitted, how much came how far.
fn funnel(lang: Lang, found: &Overview) -> AnyView {
    let sum = |pick: fn(&market::Month) -> i64| found.months.iter().map(pick).sum::<i64>();
    let steps = [
        ("submitted", sum(|month| month.submitted)),
        ("accepted", sum(|month| month.accepted)),
        ("approved", sum(|month| month.approved)),
        ("listed", sum(|month| month.listed)),
    ];
    let mut before = None;
    let bars = steps
        .into_iter()
        .map(|(key, count)| {
            let share =
                before.filter(|before| *before > 0).map(|before: i64| format!("{}%", count * 100 / before));
            before = Some(count);
            Bar::new(lang.t(&format!("event.{key}")), plotted(count), lang.number(count)).note(share)
        })
        .collect();
    view! { <BarChart caption=lang.t("supervision.funnel") bars=bars /> }.into_any()
}

fn monthly(lang: Lang, found: &Overview) -> AnyView {
    let bars = found
        .months
        .iter()
        .map(|month| Bar::new(month.month.clone(), plotted(month.submitted), lang.number(month.submitted)))
        .collect();
    let heads = (lang.t("supervision.month"), lang.t("supervision.submissions"));
    view! { <ColumnChart caption=lang.t("supervision.monthly") heads=heads bars=bars table_word=lang.t("supervision.table") /> }
        .into_any()
}

fn by_stage(lang: Lang, counts: &[Count]) -> AnyView {
    let bars = counts
        .iter()
        .map(|count| {
            let tone = match StageName::from_name(&count.key) {
                Some(StageName::Rejected | StageName::NotAccepted) => Tone::Bad,
                Some(StageName::Correction | StageName::Inquiry | StageName::Suspended) => Tone::Look,
                Some(StageName::Listed | StageName::Publicised | StageName::Approved) => Tone::Ok,
                _ => Tone::Info,
            };
            Bar::new(lang.t(&format!("stage.{}", count.key)), plotted(count.count), lang.number(count.count))
                .href(format!("/supervision/filings?stage={}", count.key))
                .tone(tone)
        })
        .collect();
    view! { <BarChart caption=lang.t("supervision.by_stage") bars=bars /> }.into_any()
}

fn by(lang: Lang, parameter: &str, counts: &[Count]) -> AnyView {
    let bars = counts
        .iter()
        .map(|count| {
            let name = dossier::text(lang, &count.name);
            let name = if name.is_empty() { lang.t("supervision.unknown") } else { name };
            Bar::new(name, plotted(count.count), lang.number(count.count))
                .href(format!("/supervision/filings?{parameter}={}", crate::request::encode(&count.key)))
        })
        .collect();
    view! { <BarChart caption=lang.t(&format!("supervision.by_{parameter}")) bars=bars /> }.into_any()
}

fn overdue(lang: Lang, rows: &[backend::filing::FilingListRow]) -> AnyView {
    if rows.is_empty() {
        return view! { <EmptyState title=lang.t("supervision.no_late") icon=IconName::CheckCircle>{lang.t("supervision.no_late_why")}</EmptyState> }
            .into_any();
    }
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let href = format!("/supervision/filings/{}", row.id);
            let name = row.org_name.clone();
            let stage = dossier::stage_tag(lang, row.stage);
            let left = row.clock.as_ref().map(|clock| clock.reading.label(lang.0));
            view! { <tr class="bad"><td><RowLink href=href>{name}</RowLink><small>{left}</small></td><td class="fit">{stage}</td></tr> }
        })
        .collect();
    view! { <TableBox label=lang.t("supervision.late") rows=Rows::Two><tbody>{rows}</tbody></TableBox> }
        .into_any()
}

/// The stream of what happened, each line with its leaf.
pub(super) fn newest(lang: Lang, events: &[MarketEvent]) -> AnyView {
    if events.is_empty() {
        return view! { <EmptyState title=lang.t("dossier.no_event") icon=IconName::Clock>{lang.t("dossier.no_event_why")}</EmptyState> }
            .into_any();
    }
    let rows: Vec<_> = events
        .iter()
        .map(|event| {
            let what = lang.t(&format!("event.{}", event.kind));
            let (time, datetime) = (lang.moment(event.at), machine_time(event.at));
            let href = match event.subject_kind.as_str() {
                "filing" => format!("/supervision/filings/{}", event.subject_id),
                _ => format!("/supervision/companies/{}", event.org_id),
            };
            let name = event.org_name.clone();
            let mark = dossier::leaf(lang, event.anchored_at.and(event.leaf_index));
            let who = if event.actor_org == event.org_name { String::new() } else { event.actor_org.clone() };
            view! { <Event time=time datetime=datetime note=who leaf=mark><a href=href>{name}</a> " " <b>{what}</b></Event> }
        })
        .collect();
    view! { <Timeline label=lang.t("supervision.newest") dated=true>{rows}</Timeline> }.into_any()
}

/// For drawing only.
#[expect(clippy::cast_precision_loss, reason = "a bar's length, not its number")]
fn plotted(count: i64) -> f64 {
    count as f64
}

/// Hours below two days, then days.
fn duration(lang: Lang, micros: i64) -> String {
    let minutes = micros / 60_000_000;
    let (key, count) = match minutes {
        ..120 => ("minutes", minutes.max(1)),
        120..2_880 => ("hours", minutes / 60),
        _ => ("days", minutes / 1_440),
    };
    lang.with(&format!("supervision.duration.{key}"), &[("count", &lang.number(count))])
}
