//! `/ledger`: how large it is, who signed for it, what came last, and how to check it without this platform.

use backend::{Error, witness::finality::Judge};
use leptos::prelude::*;

use super::path::hex;
use crate::{
    frame::Frame,
    lang::Lang,
    page::page,
    request::Request,
    ui::{
        Button, ButtonLink, Callout, CalloutKind, Card, DescriptionList, Digest, EmptyState, Fact, FilterBar,
        IconName, Leaf, Link, PageHead, Pager, RowLink, Rows, SearchInput, TableBox, abbreviate,
    },
};

/// Entries on a page.
const PER_PAGE: u64 = 25;

/// What a search came to.
enum Found {
    Nothing,
    Many(Vec<u64>),
}

/// `/ledger`
pub fn overview() -> AnyView {
    page(|request| async move {
        let lang = request.lang;
        let title = lang.t("ledger.title");
        let (checkpoint, note) = match request.cx.ledger.published().await {
            Ok(found) => found,
            Err(Error::NotFound) => return Ok(Frame::new(&title).show(&request, not_begun(&request))),
            Err(error) => return Err(error),
        };
        let found = match search(&request, checkpoint.size).await? {
            Search::Go(index) => {
                leptos_axum::redirect(&format!("/ledger/entries/{index}"));
                return Ok(().into_any());
            }
            Search::None => None,
            Search::Found(found) => Some(found),
        };
        let end = request.query("before").parse().unwrap_or(checkpoint.size).min(checkpoint.size);
        let first = end.saturating_sub(PER_PAGE);
        let mut entries = Vec::new();
        for (index, bytes) in (first..).zip(request.cx.ledger.entries(first, end - first).await?) {
            entries.push((index, ledger::Entry::parse(&bytes).map_err(Error::internal)?));
        }
        entries.reverse();
        let rows = entries.into_iter().map(|(index, entry)| row(lang, index, &entry)).collect_view();
        let finality = Judge::now(&request.cx).await?.judge(&request.cx, &note)?;
        let mark = super::witnesses::mark(lang, &finality);
        let wrong = super::witnesses::wrong_lines(lang, &finality);
        let vkey = request.cx.ledger.verifier_key().to_string();
        let keys = super::keys::table(&request);
        let origin = checkpoint.origin.clone();
        let public = request.cx.settings.public_url.clone();
        let size = lang.number(i64::try_from(checkpoint.size).unwrap_or(i64::MAX));
        let count = lang.with("ledger.count", &[("count", &size)]);
        let result = found.map(|found| result(lang, found));
        let asked = request.query("q").to_owned();
        let pager = pager(&request, first, end, checkpoint.size);
        let one =
            format!("curl -O {public}/ledger/proof/0.tlog-proof\nguxin verify 0.tlog-proof --vkey '{vkey}'");
        let all = format!("curl {public}/ledger/checkpoint\ncurl -O {public}/ledger/tile/entries/000");
        Ok(Frame::new(&title).show(&request, view! {
            <PageHead title=title.clone() over=origin.clone() lead=lang.t("ledger.lead")
                actions=view! { <ButtonLink href="/verify" icon=IconName::Shield>{lang.t("nav.verify")}</ButtonLink> }.into_any() />
            <FilterBar action="/ledger" label=lang.t("ledger.search")>
                <SearchInput name="q" label=lang.t("ledger.search") value=asked placeholder=lang.t("ledger.search_hint") />
                <Button>{lang.t("ledger.find")}</Button>
            </FilterBar>
            {result}
            <div class="cols">
                <Card title=lang.t("ledger.newest") note=count flush=true
                    foot=pager>
                    <TableBox label=lang.t("ledger.newest") rows=Rows::Middle>
                        <thead><tr>
                            <th scope="col">{lang.t("ledger.entry")}</th>
                            <th scope="col">{lang.t("ledger.kind_head")}</th>
                            <th scope="col">{lang.t("ledger.time")}</th>
                            <th scope="col" class="hide-phone">{lang.t("ledger.object")}</th>
                        </tr></thead>
                        <tbody>{rows}</tbody>
                    </TableBox>
                </Card>
                <div class="stack">
                    <Card title=lang.t("ledger.checkpoint") extra=mark>
                        <div class="stack tight">
                            <DescriptionList>
                                <Fact term=lang.t("ledger.size")>{size}</Fact>
                                <Fact term=lang.t("ledger.root")><Digest value=hex(checkpoint.root) /></Fact>
                            </DescriptionList>
                            {wrong}
                            <pre class="code-block">{note}</pre>
                            <p class="small dim">{lang.t("ledger.checkpoint_why")} " " <a href="/ledger/checkpoint">"/ledger/checkpoint"</a></p>
                            <p><a href="/ledger/checkpoints">{lang.t("ledger.history.title")}</a></p>
                        </div>
                    </Card>
                    <Card title=lang.t("ledger.vkey")>
                        <div class="stack tight">
                            <pre class="code-block">{vkey}</pre>
                            <p class="small dim">{lang.t("ledger.vkey_why")}</p>
                            {keys}
                        </div>
                    </Card>
                </div>
            </div>
            <Card title=lang.t("ledger.offline")>
                <div class="stack tight">
                    <p>{lang.t("ledger.offline_one")}</p>
                    <pre class="code-block">{one}</pre>
                    <p>{lang.t("ledger.offline_all")}</p>
                    <pre class="code-block">{all}</pre>
                    <p class="small dim">{lang.t("ledger.format")}</p>
                </div>
            </Card>
        }))
    })
}

fn not_begun(request: &Request) -> impl IntoView + use<> {
    let lang = request.lang;
    view! { <EmptyState title=lang.t("ledger.empty") icon=IconName::Ledger>{lang.t("ledger.empty_why")}</EmptyState> }
}

fn row(lang: Lang, index: u64, entry: &ledger::Entry) -> impl IntoView + use<> {
    let href = format!("/ledger/entries/{index}");
    let kind = super::entry::kind_name(lang, entry.kind);
    let time = lang.second(entry.time.unix_micros());
    let object = short(&entry.object);
    view! {
        <tr>
            <td class="fit"><Leaf index=index href=href.clone() label=super::entry::leaf_label(lang, index) /></td>
            <td><RowLink href=href>{kind}</RowLink></td>
            <td class="nowrap">{time}</td>
            <td class="hide-phone"><code>{object}</code></td>
        </tr>
    }
}

/// `filing:0198…8f02`.
fn short(object: &str) -> String {
    object
        .split_once(':')
        .map_or_else(|| abbreviate(object), |(kind, id)| format!("{kind}:{}", abbreviate(id)))
}

fn pager(request: &Request, first: u64, end: u64, size: u64) -> AnyView {
    let lang = request.lang;
    let link = |key: &str, before: u64| {
        Link::new(lang.t(key), request.with_query(&[("before", &before.to_string()), ("q", "")]))
    };
    let summary = lang
        .with("ledger.shown", &[("first", &first.to_string()), ("last", &end.saturating_sub(1).to_string())]);
    let newer = (end < size).then(|| link("ledger.newer", (end + PER_PAGE).min(size)));
    let older = (first > 0).then(|| link("ledger.older", first));
    view! { <Pager label=lang.t("ledger.pages") summary=summary prev=newer next=older /> }.into_any()
}

enum Search {
    None,
    Go(u64),
    Found(Found),
}

async fn search(request: &Request, size: u64) -> backend::Result<Search> {
    let asked = request.query("q").trim().trim_start_matches(['#', '证']).trim().to_lowercase();
    if asked.is_empty() {
        return Ok(Search::None);
    }
    if let Ok(index) = asked.parse::<u64>() {
        return Ok(if index < size { Search::Go(index) } else { Search::Found(Found::Nothing) });
    }
    let hexadecimal = asked.strip_prefix("sha-256:").or_else(|| asked.strip_prefix("sm3:")).unwrap_or(&asked);
    let Some(digest) = digest(hexadecimal) else { return Ok(Search::Found(Found::Nothing)) };
    let found = backend::ledger_store::lookup::by_digest(&request.cx, &digest).await?;
    Ok(match found.as_slice() {
        [] => Search::Found(Found::Nothing),
        [only] => Search::Go(*only),
        _ => Search::Found(Found::Many(found)),
    })
}

/// 64 hexadecimal digits.
fn digest(text: &str) -> Option<[u8; 32]> {
    format!("sha-256:{text}").parse::<ledger::HashRef>().ok().map(|hash| hash.0)
}

fn result(lang: Lang, found: Found) -> AnyView {
    match found {
        Found::Nothing => view! {
            <Callout kind=CalloutKind::Look title=lang.t("ledger.none")><p>{lang.t("ledger.none_why")}</p></Callout>
        }
        .into_any(),
        Found::Many(indices) => {
            let leaves = indices
                .into_iter()
                .map(|index| view! { <Leaf index=index href=format!("/ledger/entries/{index}") label=super::entry::leaf_label(lang, index) /> })
                .collect_view();
            view! { <Callout kind=CalloutKind::Proven title=lang.t("ledger.many")><div class="row">{leaves}</div></Callout> }.into_any()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{digest, short};

    #[test]
    fn an_object_keeps_its_kind_and_both_ends_of_its_id() {
        assert_eq!(short("filing:0198c5a1-7a11-7c22-9d33-0a1b2c3d8f02"), "filing:0198…8f02");
        assert_eq!(short("access"), "access");
    }

    #[test]
    fn only_whole_digests_are_looked_up() {
        assert!(digest(&"ab".repeat(32)).is_some());
        assert!(digest(&"ab".repeat(31)).is_none());
        assert!(digest(&"zz".repeat(32)).is_none());
    }
}
