//! `/admin/drill`: the last tamper drill. What was altered on a copy of the instance, whether the checks noticed, and where.

use backend::drill::{self, Drill, FoundBy, Outcome};
use leptos::prelude::*;

use crate::{
    frame::Frame,
    lang::Lang,
    page::signed_in_page,
    ui::{
        Callout, CalloutKind, Card, DescriptionList, EmptyState, Fact, IconName, PageHead, TableBox, Tag,
        Tone,
    },
};

/// What runs it; with the options of the instance where they are not in the environment.
const COMMAND: &str = "guxin drill tamper --data DIR";

/// `/admin/drill`
pub fn drill_page() -> AnyView {
    signed_in_page(|request| async move {
        let lang = request.lang;
        let shown = match drill::last(&request.cx).await? {
            Some(last) => report(lang, &last),
            None => {
                let title = lang.t("drill.none");
                view! {
                    <Card title=lang.t("drill.report")>
                        <EmptyState title icon=IconName::Shield>{lang.t("drill.none_why")}</EmptyState>
                    </Card>
                }
                .into_any()
            }
        };
        Ok(Frame::new(&lang.t("nav.drill")).show(
            &request,
            view! {
                <PageHead title=lang.t("nav.drill") lead=lang.t("drill.lead") />
                {shown}
                <Card title=lang.t("drill.run")>
                    <div class="stack tight">
                        <p>{lang.t("drill.run_how")}</p>
                        <pre class="code-block">{COMMAND}</pre>
                        <p class="small dim">{lang.t("drill.run_postgres")}</p>
                    </div>
                </Card>
            },
        ))
    })
}

fn report(lang: Lang, drill: &Drill) -> AnyView {
    let (found, made) = drill.score();
    let values = [("found", found.to_string()), ("made", made.to_string())];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let verdict = if drill.all_found {
        let title = lang.with("drill.all", &values);
        view! { <Callout kind=CalloutKind::Proven title=title><p>{lang.t("drill.all_why")}</p></Callout> }
            .into_any()
    } else {
        let title = lang.with("drill.not_all", &values);
        view! { <Callout kind=CalloutKind::Bad title=title><p>{lang.t("drill.not_all_why")}</p></Callout> }
            .into_any()
    };
    let seconds = lang.with("drill.seconds", &[("seconds", &count(lang, drill.seconds.max(1)))]);
    let (at, size) = (lang.second(drill.at), count(lang, drill.size));
    let rows = drill.alterations.iter().map(|outcome| row(lang, outcome)).collect_view();
    view! {
        {verdict}
        <Card title=lang.t("drill.report")>
            <DescriptionList>
                <Fact term=lang.t("drill.at")>{at}</Fact>
                <Fact term=lang.t("drill.took")>{seconds}</Fact>
                <Fact term=lang.t("ledger.size")>{size}</Fact>
            </DescriptionList>
        </Card>
        <Card title=lang.t("drill.alterations") flush=true>
            <TableBox label=lang.t("drill.alterations")>
                <thead>
                    <tr>
                        <th scope="col">{lang.t("drill.altered")}</th>
                        <th scope="col">{lang.t("drill.outcome")}</th>
                        <th scope="col">{lang.t("drill.by")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </TableBox>
        </Card>
    }
    .into_any()
}

fn count(lang: Lang, number: u64) -> String {
    lang.number(i64::try_from(number).unwrap_or(i64::MAX))
}

fn row(lang: Lang, outcome: &Outcome) -> AnyView {
    let what = lang.t(&format!("drill.what.{}", outcome.alteration.name()));
    let tag = match (&outcome.place, outcome.found) {
        (None, _) => view! { <Tag>{lang.t("drill.absent")}</Tag> }.into_any(),
        (Some(_), true) => view! { <Tag tone=Tone::Ok>{lang.t("drill.found")}</Tag> }.into_any(),
        (Some(_), false) => view! { <Tag tone=Tone::Bad>{lang.t("drill.missed")}</Tag> }.into_any(),
    };
    let place = outcome.place.clone().map(|place| view! { <small class="mono wrap">{place}</small> });
    let by = outcome
        .by
        .iter()
        .map(|by| {
            let place = by.place.clone();
            view! { <div>{check(lang, by)}<small class="mono wrap">{place}</small></div> }
        })
        .collect_view();
    view! {
        <tr>
            <td>{what}{place}</td>
            <td>{tag}</td>
            <td>{by}</td>
        </tr>
    }
    .into_any()
}

/// The check's name in words; one that is newer than the texts, as it calls itself.
fn check(lang: Lang, by: &FoundBy) -> String {
    lang.try_t(&format!("drill.check.{}", by.check)).unwrap_or_else(|| by.check.clone())
}
