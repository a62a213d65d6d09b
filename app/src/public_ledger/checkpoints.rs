//! `/ledger/checkpoints`: every checkpoint that was released, newest first, with who cosigned it and whether it is final; and the
//! way to compare any two of them.

use backend::ledger_store::history::{self, Released};
use leptos::prelude::*;

use super::path::hex;
use crate::{
    frame::Frame,
    lang::Lang,
    page::page,
    request::Request,
    ui::{
        Button, Callout, Card, Digest, EmptyState, FilterBar, IconName, Link, PageHead, Pager, Rows, TableBox,
    },
};

const PER_PAGE: u32 = 25;

/// `/ledger/checkpoints`
pub fn checkpoints() -> AnyView {
    page(|request| async move {
        let lang = request.lang;
        let title = lang.t("ledger.history.title");
        let below: Option<u64> = request.query("before").parse().ok();
        let found = history::history(&request.cx, below, PER_PAGE).await?;
        let total = history::count(&request.cx).await?;
        let newest = super::witnesses::released(&request).await?;
        let note = lang.with("ledger.history.count", &[("count", &lang.number(total))]);
        let body = if found.is_empty() {
            view! { <EmptyState title=lang.t("ledger.empty") icon=IconName::Ledger>{lang.t("ledger.empty_why")}</EmptyState> }
                .into_any()
        } else {
            table(lang, &found, newest)
        };
        let pager = pager(&request, &found, below.is_some());
        // Nothing is there to compare with before the first entry.
        let sizes = found.iter().rev().map(|released| released.checkpoint.size);
        let oldest = sizes.into_iter().find(|size| *size > 0).unwrap_or(1);
        let compare = form(lang, &oldest.to_string(), &newest.to_string());
        Ok(Frame::new(&title).above(lang.t("ledger.title"), "/ledger").show(&request, view! {
            <PageHead title=title.clone() lead=lang.t("ledger.history.lead") />
            <Card title=lang.t("ledger.history.list") note=note flush=true foot=pager>{body}</Card>
            <Card title=lang.t("ledger.consistency.title")>
                <div class="stack tight"><p>{lang.t("ledger.consistency.lead")}</p>{compare}</div>
            </Card>
            <Callout title=lang.t("ledger.proves_not")><p>{lang.t("ledger.history.proves_not")}</p></Callout>
        }))
    })
}

/// Two sizes to compare.
pub(super) fn form(lang: Lang, from: &str, to: &str) -> AnyView {
    let field = |name: &'static str, value: &str| {
        let (id, value, label) =
            (format!("compare-{name}"), value.to_owned(), lang.t(&format!("ledger.consistency.{name}")));
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                <input class="input" type="number" id=id name=name min="1" step="1" required=true value=value />
            </div>
        }
    };
    let (from, to) = (field("from", from), field("to", to));
    view! {
        <FilterBar action="/ledger/consistency" label=lang.t("ledger.consistency.title")>
            {from}
            {to}
            <Button>{lang.t("ledger.consistency.compare")}</Button>
        </FilterBar>
    }
    .into_any()
}

fn table(lang: Lang, found: &[Released], newest: u64) -> AnyView {
    let rows: Vec<_> = found
        .iter()
        .map(|released| {
            let size = released.checkpoint.size;
            let number = lang.number(i64::try_from(size).unwrap_or(i64::MAX));
            let names: Vec<_> = released.finality.present.iter().map(|(name, _)| name.clone()).collect();
            let names = (!names.is_empty())
                .then(|| view! { <small class="mono hide-phone">{names.join(" · ")}</small> });
            let (mark, root) =
                (super::witnesses::mark(lang, &released.finality), hex(released.checkpoint.root));
            let compare = (0 < size && size < newest).then(|| {
                let said = format!(" · {size}");
                view! {
                    <a href=format!("/ledger/consistency?from={size}&to={newest}")>
                        {lang.t("ledger.history.with_newest")}<span class="said">{said}</span>
                    </a>
                }
            });
            view! {
                <tr>
                    <td class="n"><a href=format!("/ledger/checkpoint/{size}")>{number}</a></td>
                    <td class="hide-phone"><Digest value=root /></td>
                    <td class="nowrap hide-phone">{lang.second(released.published_at)}</td>
                    <td>{mark}{names}</td>
                    <td class="fit">{compare}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <TableBox label=lang.t("ledger.history.list") rows=Rows::Middle>
            <thead><tr>
                <th scope="col" class="n">{lang.t("ledger.size")}</th>
                <th scope="col" class="hide-phone">{lang.t("ledger.root")}</th>
                <th scope="col" class="hide-phone">{lang.t("ledger.history.released")}</th>
                <th scope="col">{lang.t("witness.title")}</th>
                <th scope="col" class="fit"><span class="said">{lang.t("ledger.consistency.compare")}</span></th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </TableBox>
    }
    .into_any()
}

fn pager(request: &Request, found: &[Released], later: bool) -> AnyView {
    let lang = request.lang;
    let sizes = (found.last(), found.first());
    let (Some(oldest), Some(newest)) = sizes else { return ().into_any() };
    let (oldest, newest) = (oldest.checkpoint.size, newest.checkpoint.size);
    let summary =
        lang.with("ledger.history.shown", &[("first", &oldest.to_string()), ("last", &newest.to_string())]);
    let full = found.len() == usize::try_from(PER_PAGE).unwrap_or_default();
    let first =
        later.then(|| Link::new(lang.t("ledger.history.newest"), request.with_query(&[("before", "")])));
    let older = full
        .then(|| Link::new(lang.t("ledger.older"), request.with_query(&[("before", &oldest.to_string())])));
    view! { <Pager label=lang.t("ledger.pages") summary=summary prev=first next=older /> }.into_any()
}
