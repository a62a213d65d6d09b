//! Every key that the log had, on `/ledger`: from which size to which it signed, and the entry that brought it.

use leptos::prelude::*;

use crate::{
    request::Request,
    ui::{Leaf, Rows, TableBox},
};

/// The keys, newest first, once there is more than one; always the way to the list that programs read.
pub(super) fn table(request: &Request) -> AnyView {
    let lang = request.lang;
    let keys = request.cx.ledger.keys();
    let number = |size: u64| lang.number(i64::try_from(size).unwrap_or(i64::MAX));
    let list = view! {
        <p class="small dim">{lang.t("ledger.keys.list")} " " <a href="/ledger/keys">"/ledger/keys"</a></p>
    };
    if keys.links().is_empty() {
        return list.into_any();
    }
    let rows: Vec<_> = keys
        .terms()
        .iter()
        .rev()
        .map(|term| {
            let id = term.key.to_string().split('+').nth(1).unwrap_or_default().to_owned();
            let until = term.until.map_or_else(|| lang.t("ledger.keys.now"), number);
            let entry = term.entry.map(|index| {
                view! { <Leaf index=index href=format!("/ledger/entries/{index}") label=super::entry::leaf_label(lang, index) /> }
            });
            view! {
                <tr>
                    <td><code>{id}</code></td>
                    <td class="num">{number(term.from)}</td>
                    <td class="num">{until}</td>
                    <td class="fit">{entry}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <p class="small">{lang.t("ledger.keys.why")}</p>
        <TableBox label=lang.t("ledger.keys.title") rows=Rows::Middle>
            <thead><tr>
                <th scope="col">{lang.t("ledger.keys.id")}</th>
                <th scope="col" class="num">{lang.t("ledger.keys.from")}</th>
                <th scope="col" class="num">{lang.t("ledger.keys.until")}</th>
                <th scope="col">{lang.t("ledger.keys.entry")}</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </TableBox>
        {list}
    }
    .into_any()
}
