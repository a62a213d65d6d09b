//! `/ledger/entries/{index}`, the leaf page: what one entry says, what that proves and what it does not, the way to
//! the root, and the same computation again in the reader's browser, from the public tiles.

use backend::{
    Error,
    ledger_store::leaf,
    witness::finality::{Basis, Judge},
};
use domain::access::{action, may};
use ledger::{
    Entry, EntryKind,
    checkpoint::Checkpoint,
    merkle::{inclusion_ranges, leaf_hash},
    proof::Proof,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    path::{Level, drawn, hex, levels},
    recompute::{self, Step, Subject},
};
use crate::{
    frame::Frame,
    lang::Lang,
    page::page,
    request::Request,
    ui::{
        ButtonKind, ButtonLink, Callout, CalloutKind, Card, DescriptionList, Digest, Fact, FactsLayout,
        IconName, Leaf, LedgerPath, PageHead,
    },
};

/// `/ledger/entries/{index}`
pub fn entry() -> AnyView {
    let asked = use_params_map().read_untracked().get("index").unwrap_or_default();
    page(|request| async move {
        let lang = request.lang;
        let index: u64 = asked.parse().map_err(|_| Error::NotFound)?;
        crate::supervision::leaf_noted(&request).await?;
        // A final checkpoint that covers the entry says more than the newest one, which may still wait for witnesses.
        let basis = Basis::now(&request.cx).await?;
        let (checkpoint, note) = basis.of(index).clone();
        let proof = request.cx.ledger.proof_in(index, &checkpoint, note.clone()).await?;
        let finality = Judge::now(&request.cx).await?.judge(&request.cx, &note)?;
        let mark = super::witnesses::mark(lang, &finality);
        let wrong = super::witnesses::wrong_lines(lang, &finality);
        let bytes = proof.extra.clone().unwrap_or_default();
        let entry = Entry::parse(&bytes).map_err(Error::internal)?;
        let levels = levels(&proof, checkpoint.size);
        let history = history(&request, &entry).await?;
        let kind = kind_name(lang, entry.kind);
        let title = lang.with("ledger.entry_title", &[("index", &index.to_string()), ("kind", &kind)]);
        let file = format!("/ledger/proof/{index}.tlog-proof");
        let vkey = request.cx.ledger.verifier_key().to_string();
        let public = request.cx.settings.public_url.clone();
        let command = format!("curl -O {public}{file}\nguxin verify {index}.tlog-proof --vkey '{vkey}'");
        let hashes = lang.with("ledger.hashes", &[("count", &levels.len().to_string())]);
        let picture =
            lang.with("ledger.path_label", &[("index", &index.to_string()), ("root", &hex(checkpoint.root))]);
        let crumb = format!("#{index}");
        let actions = view! {
            <ButtonLink href=file.clone() icon=IconName::Download download=format!("{index}.tlog-proof")>{lang.t("ledger.download")}</ButtonLink>
            <ButtonLink href="/verify" kind=ButtonKind::Primary icon=IconName::Shield>{lang.t("nav.verify")}</ButtonLink>
        };
        let facts = facts(&request, &entry, &bytes);
        let steps = steps(lang, &proof, &levels, &checkpoint)?;
        let subject = Subject::Inclusion { index, size: checkpoint.size };
        let recompute = recompute::card(&request, lang.t("ledger.recompute.title"), &subject, steps);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let proves = proves(lang, entry.kind);
        Ok(Frame::new(&crumb).above(lang.t("ledger.title"), "/ledger").show(&request, view! {
            <PageHead title=title.clone() over=lang.with("ledger.at", &[("time", &lang.second(entry.time.unix_micros()))])
                actions=actions.into_any() />
            <div class="cols">
                <div class="stack">
                    <Card title=lang.t("ledger.path") note=hashes>
                        <LedgerPath label=picture leaf=format!("#{index}") steps=drawn(&levels) more=lang.t("ledger.more") />
                    </Card>
                    <Card title=lang.t("ledger.content") note=lang.t("ledger.content_note")>
                        <div class="stack tight">
                            {facts}
                            <pre class="code-block">{text}</pre>
                            <Callout kind=CalloutKind::Proven title=lang.t("ledger.proves")><p>{proves}</p></Callout>
                            <Callout title=lang.t("ledger.proves_not")><p>{lang.t("ledger.proves_not_why")}</p></Callout>
                        </div>
                    </Card>
                    {history}
                    <Card title=lang.t("ledger.checkpoint") extra=mark>
                        <div class="stack tight">
                            {wrong}
                            <pre class="code-block">{note}</pre>
                            <p class="small dim">{lang.t("ledger.checkpoint_why")}</p>
                        </div>
                    </Card>
                </div>
                <div class="stack">{recompute}</div>
            </div>
            <Card title=lang.t("ledger.offline")>
                <pre class="code-block">{command}</pre>
            </Card>
        }))
    })
}

fn facts(request: &Request, entry: &Entry, bytes: &[u8]) -> impl IntoView + use<> {
    let lang = request.lang;
    let kind = kind_name(lang, entry.kind);
    let time = entry.time.to_string();
    let org = entry.org.clone();
    let object = object(request, &entry.object);
    let version = entry.object_version.to_string();
    let leaf = hex(leaf_hash(bytes));
    let digests = entry
        .digests
        .iter()
        .map(|(name, value)| {
            let value = value.clone();
            view! { <Fact term=digest_name(lang, name)><Digest value=value /></Fact> }
        })
        .collect_view();
    let refs = entry
        .refs
        .iter()
        .flatten()
        .map(|(name, value)| {
            let value = value.clone();
            let term = lang.try_t(&format!("ledger.ref.{name}")).unwrap_or_else(|| name.clone());
            view! { <Fact term><code>{value}</code></Fact> }
        })
        .collect_view();
    let pack = entry.rule_pack.map(|hash| {
        view! { <Fact term=lang.t("ledger.rule_pack")><Digest value=hash.to_string() /></Fact> }
    });
    view! {
        <DescriptionList layout=FactsLayout::Two>
            <Fact term=lang.t("ledger.kind_head")>{kind}</Fact>
            <Fact term=lang.t("ledger.time")>{time}</Fact>
            <Fact term=lang.t("ledger.org")><code>{org}</code></Fact>
            <Fact term=lang.t("ledger.object")>{object}</Fact>
            <Fact term=lang.t("ledger.object_version")>{version}</Fact>
            <Fact term=lang.t("ledger.leaf_hash")><Digest value=leaf /></Fact>
            {digests}
            {pack}
            {refs}
        </DescriptionList>
    }
}

/// The object's name on the ledger; a link for the readers whom the object's page lets in.
fn object(request: &Request, object: &str) -> AnyView {
    let supervisor = request
        .actor()
        .is_some_and(|actor| may::<action::Supervise>(actor, &domain::access::Facts::own(actor)));
    let href = match object.split_once(':') {
        Some(("filing", id)) if supervisor => Some(format!("/supervision/filings/{id}")),
        Some(("organisation", id)) if supervisor => Some(format!("/supervision/companies/{id}")),
        _ => None,
    };
    let text = view! { <code>{object.to_owned()}</code> };
    match href {
        Some(href) => view! { <a href=href>{text}</a> }.into_any(),
        None => text.into_any(),
    }
}

/// The other entries of the same object, the one before first.
async fn history(request: &Request, entry: &Entry) -> backend::Result<AnyView> {
    let lang = request.lang;
    let before = match entry.prev {
        Some(hash) => match leaf::of_hash(&request.cx, &hash.0).await {
            Ok(found) => found.anchored(),
            Err(Error::NotFound) => None,
            Err(error) => return Err(error),
        },
        None => None,
    };
    let before = match before {
        Some(index) => mark(lang, index).into_any(),
        None => view! { <span class="dim">{lang.t("ledger.first_of_object")}</span> }.into_any(),
    };
    let all = leaf::of_object(&request.cx, &entry.object).await?;
    let all: Vec<_> = all.iter().filter_map(leaf::Leaf::anchored).map(|index| mark(lang, index)).collect();
    Ok(view! {
        <Card title=lang.t("ledger.same_object") note=lang.with("ledger.count", &[("count", &all.len().to_string())])>
            <div class="stack tight">
                <DescriptionList>
                    <Fact term=lang.t("ledger.prev")>{before}</Fact>
                </DescriptionList>
                <div class="row">{all}</div>
            </div>
        </Card>
    }
    .into_any())
}

fn mark(lang: Lang, index: u64) -> impl IntoView + use<> {
    view! { <Leaf index=index href=format!("/ledger/entries/{index}") label=leaf_label(lang, index) /> }
}

/// What a screen reader says for a leaf.
pub(crate) fn leaf_label(lang: Lang, index: u64) -> String {
    lang.with("ledger.leaf_label", &[("index", &index.to_string())])
}

/// The kind's name in the JSON of an entry.
fn kind_id(kind: EntryKind) -> String {
    serde_json::to_value(kind).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The kind in words.
pub(super) fn kind_name(lang: Lang, kind: EntryKind) -> String {
    lang.t(&format!("ledger.kind.{}", kind_id(kind)))
}

fn proves(lang: Lang, kind: EntryKind) -> String {
    let what = lang.t(&format!("ledger.what.{}", kind_id(kind)));
    lang.with("ledger.proves_why", &[("what", &what)])
}

fn digest_name(lang: Lang, name: &str) -> String {
    match name {
        "sha-256" => "SHA-256".to_owned(),
        "sm3" => "SM3".to_owned(),
        _ => lang.with("ledger.commitment", &[("name", name)]),
    }
}

/// From the entry's bytes to the signed root, as the server says it is.
fn steps(lang: Lang, proof: &Proof, levels: &[Level], checkpoint: &Checkpoint) -> backend::Result<Vec<Step>> {
    let ranges = inclusion_ranges(proof.index, checkpoint.size).map_err(Error::internal)?;
    let leaf = leaf_hash(proof.extra.as_deref().unwrap_or_default());
    let first = Step {
        kind: "leaf",
        title: lang.t("ledger.recompute.leaf"),
        hash: Some(hex(leaf)),
        ..Step::default()
    };
    let above = levels.iter().zip(ranges).enumerate().map(|(at, (level, range))| {
        let side = if level.sibling_left { "left" } else { "right" };
        let (number, beside) = ((at + 1).to_string(), recompute::leaves(lang, &range));
        let key = format!("ledger.recompute.level_{side}");
        Step {
            kind: "level",
            title: lang.with(&key, &[("level", &number), ("leaves", &beside)]),
            hash: Some(hex(level.sibling)),
            parent: Some(hex(level.parent)),
            leaves: Some(range),
            side: Some(side),
        }
    });
    let last = recompute::vouched(lang, checkpoint.size, hex(checkpoint.root));
    Ok(std::iter::once(first).chain(above).chain(last).collect())
}
