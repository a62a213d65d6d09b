//! `/ledger/witnesses`: who cosigns the ledger's checkpoints, how far each has come, and how many are enough. Also the mark
//! that says of a checkpoint how many stand behind it, for every page that shows one.

use backend::{
    Error,
    witness::{self, Witness, finality::Finality},
};
use ledger::checkpoint::LineError;
use leptos::prelude::*;

use crate::{
    frame::Frame,
    lang::Lang,
    page::page,
    request::Request,
    ui::{
        Callout, CalloutKind, Card, DescriptionList, EmptyState, Fact, IconName, PageHead, Rows, TableBox,
        Tag, Tone,
    },
};

/// Failures in a row after which a witness is shown as silent: one alone may be a restart.
const SILENT_AFTER: i64 = 3;

/// `/ledger/witnesses`
pub fn witnesses() -> AnyView {
    page(|request| async move {
        let lang = request.lang;
        let title = lang.t("witness.title");
        let known = witness::list(&request.cx).await?;
        let (threshold, _) = witness::threshold(&request.cx).await?;
        let last_final = witness::finality::newest(&request.cx).await?.map(|(checkpoint, _)| checkpoint.size);
        let released = released(&request).await?;
        let policy = witness::policy(&request.cx.ledger.verifier_key(), &known, threshold);
        let (list, note) = (table(lang, &known, released, None), needed(lang, &known, threshold));
        let final_size = last_final.map_or_else(|| lang.t("witness.none_final"), |size| count(lang, size));
        let policy = policy.map(|policy| {
            let public = request.cx.settings.public_url.clone();
            let command = format!("curl -O {public}/ledger/policy\nguxin verify RECEIPT --policy policy");
            view! {
                <Card title=lang.t("witness.policy")>
                    <div class="stack tight">
                        <pre class="code-block">{policy.to_string()}</pre>
                        <p class="small dim">{lang.t("witness.policy_why")} " " <a href="/ledger/policy">"/ledger/policy"</a></p>
                        <pre class="code-block">{command}</pre>
                    </div>
                </Card>
            }
        });
        Ok(Frame::new(&title).above(lang.t("ledger.title"), "/ledger").show(&request, view! {
            <PageHead title=title.clone() lead=lang.t("witness.lead") />
            <Card title=lang.t("witness.list") note=note flush=true>{list}</Card>
            <div class="cols">
                <Card title=lang.t("witness.finality")>
                    <div class="stack tight">
                        <DescriptionList>
                            <Fact term=lang.t("ledger.size")>{count(lang, released)}</Fact>
                            <Fact term=lang.t("witness.final_up_to")>{final_size}</Fact>
                        </DescriptionList>
                        <p class="small dim">{lang.t("witness.finality_why")}</p>
                    </div>
                </Card>
                <div class="stack">
                    <Callout kind=CalloutKind::Proven title=lang.t("ledger.proves")><p>{lang.t("witness.proves")}</p></Callout>
                    <Callout title=lang.t("ledger.proves_not")><p>{lang.t("witness.proves_not")}</p></Callout>
                </div>
            </div>
            {policy}
            <Card title=lang.t("witness.run")>
                <div class="stack tight">
                    <p>{lang.t("witness.run_how")}</p>
                    <pre class="code-block">"guxin witness key --config witness.toml\nguxin witness serve --config witness.toml"</pre>
                </div>
            </Card>
        }))
    })
}

/// Size of the published checkpoint, 0 before the first.
pub(crate) async fn released(request: &Request) -> backend::Result<u64> {
    match request.cx.ledger.checkpoint().await {
        Ok((checkpoint, _)) => Ok(checkpoint.size),
        Err(Error::NotFound) => Ok(0),
        Err(error) => Err(error),
    }
}

/// "3 of 4 must cosign".
pub(crate) fn needed(lang: Lang, known: &[Witness], threshold: usize) -> String {
    let active = known.iter().filter(|witness| witness.is_active()).count();
    lang.with("witness.needed", &[("needed", &threshold.to_string()), ("of", &active.to_string())])
}

fn count(lang: Lang, size: u64) -> String {
    lang.number(i64::try_from(size).unwrap_or(i64::MAX))
}

/// The witnesses with their lag and health; `actions` makes the last cell of an active one.
pub(crate) fn table(
    lang: Lang,
    known: &[Witness],
    released: u64,
    actions: Option<&dyn Fn(&Witness) -> AnyView>,
) -> AnyView {
    if known.is_empty() {
        let none = lang.t("witness.none");
        return view! { <EmptyState title=none icon=IconName::People>{lang.t("witness.none_why")}</EmptyState> }
            .into_any();
    }
    let rows = known
        .iter()
        .map(|witness| {
            let action = actions.filter(|_| witness.is_active()).map(|make| make(witness));
            let action = actions.is_some().then(|| view! { <td class="fit">{action}</td> });
            let when = witness.cosigned_at.map_or_else(|| lang.t("witness.never"), |at| lang.second(at));
            let lag = lag(witness, released).map(|lag| count(lang, lag));
            view! {
                <tr>
                    <td>{witness.name.clone()}<small class="mono hide-phone">{witness.vkey.clone()}</small></td>
                    <td class="n">{lag}</td>
                    <td class="nowrap hide-phone">{when}</td>
                    <td>{state(lang, witness, released)}</td>
                    {action}
                </tr>
            }
        })
        .collect_view()
        .into_any();
    let last = actions.is_some().then(
        || view! { <th scope="col" class="fit"><span class="said">{lang.t("people.actions")}</span></th> },
    );
    view! {
        <TableBox label=lang.t("witness.list") rows=Rows::Middle>
            <thead>
                <tr>
                    <th scope="col">{lang.t("witness.witness")}</th>
                    <th scope="col" class="n">{lang.t("witness.lag")}</th>
                    <th scope="col" class="hide-phone">{lang.t("witness.cosigned_at")}</th>
                    <th scope="col">{lang.t("witness.state")}</th>
                    {last}
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </TableBox>
    }
    .into_any()
}

/// Entries that a witness has not cosigned yet; none for one that does not count any more.
fn lag(witness: &Witness, released: u64) -> Option<u64> {
    let size = u64::try_from(witness.size).unwrap_or_default();
    witness.is_active().then(|| released.saturating_sub(size))
}

fn state(lang: Lang, witness: &Witness, released: u64) -> AnyView {
    if let Some(at) = witness.ended_at {
        let ended = lang.with("witness.ended", &[("day", &lang.day(at))]);
        return view! { <Tag>{ended}</Tag> }.into_any();
    }
    let grave = ["ahead", "fork", "answer"];
    match witness.failure() {
        Some((code, _)) if grave.contains(&code) || witness.failures >= SILENT_AFTER => {
            let why = lang.t(&format!("witness.failure.{code}"));
            view! { <Tag tone=Tone::Bad>{lang.t("witness.silent")}</Tag><small>{why}</small> }.into_any()
        }
        Some((code, _)) => {
            let why = lang.t(&format!("witness.failure.{code}"));
            view! { <Tag tone=Tone::Look>{lang.t("witness.waiting")}</Tag><small>{why}</small> }.into_any()
        }
        None if lag(witness, released).is_some_and(|lag| lag > 0) => {
            view! { <Tag tone=Tone::Look>{lang.t("witness.waiting")}</Tag> }.into_any()
        }
        None => view! { <Tag tone=Tone::Ok>{lang.t("witness.good")}</Tag> }.into_any(),
    }
}

/// What stands beside a checkpoint: "cosigned by 3 of 4", green once it is final.
pub(crate) fn mark(lang: Lang, finality: &Finality) -> AnyView {
    if !finality.is_witnessed() {
        return view! { <a href="/ledger/witnesses"><Tag>{lang.t("witness.unwitnessed")}</Tag></a> }
            .into_any();
    }
    let (present, of) = (finality.present.len().to_string(), finality.of().to_string());
    let tone = if finality.is_final { Tone::Ok } else { Tone::Look };
    let text = lang.with("witness.by", &[("present", &present), ("of", &of)]);
    let final_word = finality.is_final.then(|| lang.t("witness.is_final"));
    view! { <a href="/ledger/witnesses"><Tag tone=tone>{text} {final_word}</Tag></a> }.into_any()
}

/// Which lines of a shown checkpoint are wrong, and what that means for whoever reads it; nothing when none is.
pub(crate) fn wrong_lines(lang: Lang, finality: &Finality) -> Option<AnyView> {
    if finality.wrong.is_empty() {
        return None;
    }
    let lines = finality
        .wrong
        .iter()
        .map(|wrong| {
            let line = wrong.line.to_string();
            let said = match &wrong.why {
                LineError::Malformed => lang.with("witness.line_malformed", &[("line", &line)]),
                LineError::Signature(name) => {
                    lang.with("witness.line_forged", &[("line", &line), ("name", name)])
                }
                LineError::TooMany => lang.with("witness.line_too_many", &[("line", &line)]),
            };
            view! { <p>{said}</p> }
        })
        .collect_view();
    Some(
        view! {
            <Callout kind=CalloutKind::Bad title=lang.t("witness.lines_wrong")>
                {lines}
                <p>{lang.t("witness.lines_wrong_why")}</p>
            </Callout>
        }
        .into_any(),
    )
}
