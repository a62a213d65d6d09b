//! `/ledger/consistency?from=&to=`: why the log at one released checkpoint is the beginning of the log at a later one: the few
//! hashes from which both roots follow, drawn, and recomputed in the reader's browser.

use backend::{
    Error,
    ledger_store::history::{self, Released},
};
use ledger::{
    Hash,
    merkle::{consistency_ranges, verify_consistency},
};
use leptos::prelude::*;

use super::{
    checkpoints::form,
    path::hex,
    recompute::{Step, Subject, card, leaves, vouched},
};
use crate::{
    frame::Frame,
    page::page,
    request::Request,
    ui::{Callout, CalloutKind, Card, ConsistencyPicture, PageHead, Shared},
};

/// `/ledger/consistency`
pub fn consistency() -> AnyView {
    page(|request| async move {
        let lang = request.lang;
        let title = lang.t("ledger.consistency.title");
        let asked = |name: &str| request.query(name).trim().parse::<u64>().ok();
        let (from, to) = (asked("from"), asked("to"));
        let again = form(lang, request.query("from"), request.query("to"));
        let body = match (found(&request, from).await?, found(&request, to).await?) {
            (Some(old), Some(new)) if old.checkpoint.size <= new.checkpoint.size => compared(&request, &old, &new).await?,
            // The other way round is the same question.
            (Some(new), Some(old)) => compared(&request, &old, &new).await?,
            _ => view! {
                <Callout kind=CalloutKind::Look title=lang.t("ledger.consistency.none")>
                    <p>{lang.t("ledger.consistency.none_why")} " " <a href="/ledger/checkpoints">{lang.t("ledger.history.title")}</a></p>
                </Callout>
            }
            .into_any(),
        };
        Ok(Frame::new(&title)
            .above(lang.t("ledger.title"), "/ledger")
            .above(lang.t("ledger.history.title"), "/ledger/checkpoints")
            .show(
                &request,
                view! {
                    <PageHead title=title.clone() lead=lang.t("ledger.consistency.lead") />
                    <Card>{again}</Card>
                    {body}
                },
            ))
    })
}

async fn found(request: &Request, size: Option<u64>) -> backend::Result<Option<Released>> {
    let Some(size) = size.filter(|size| *size > 0) else { return Ok(None) };
    match history::released(&request.cx, size).await {
        Ok(released) => Ok(Some(released)),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A hash that one or both roots are made of.
struct Piece {
    leaves: std::ops::Range<u64>,
    hash: Hash,
}

async fn compared(request: &Request, old: &Released, new: &Released) -> backend::Result<AnyView> {
    let lang = request.lang;
    let (from, to) = (old.checkpoint.size, new.checkpoint.size);
    let hashes = request.cx.ledger.consistency(from, to).await?;
    let (old_root, new_root) = (old.checkpoint.root, new.checkpoint.root);
    verify_consistency(from, to, &hashes, old_root, new_root).map_err(Error::internal)?;
    let ranges = consistency_ranges(from, to).map_err(Error::internal)?;
    let mut pieces: Vec<Piece> =
        ranges.into_iter().zip(hashes).map(|(leaves, hash)| Piece { leaves, hash }).collect();
    // A proof leaves out what the reader has already: an old tree that is one of its own pieces.
    if !pieces.iter().any(|piece| piece.leaves.start == 0) {
        pieces.push(Piece { leaves: 0..from, hash: old_root });
    }
    pieces.sort_by_key(|piece| piece.leaves.start);
    let shared = pieces
        .iter()
        .map(|piece| Shared {
            text: format!("{}–{}", piece.leaves.start, piece.leaves.end - 1),
            old: piece.leaves.end <= from,
        })
        .collect();
    let label = lang.with(
        "ledger.consistency.picture",
        &[("from", &from.to_string()), ("to", &to.to_string()), ("count", &pieces.len().to_string())],
    );
    let mut steps: Vec<Step> = pieces
        .iter()
        .map(|piece| Step {
            kind: "node",
            title: leaves(lang, &piece.leaves),
            hash: Some(hex(piece.hash)),
            leaves: Some(piece.leaves.clone()),
            ..Step::default()
        })
        .collect();
    steps.extend(vouched(lang, from, hex(old_root)));
    steps.extend(vouched(lang, to, hex(new_root)));
    let recompute =
        card(request, lang.t("ledger.recompute.title"), &Subject::Consistency { from, to }, steps);
    let (public, vkey) = (&request.cx.settings.public_url, request.cx.ledger.verifier_key());
    let command = format!(
        "curl -o kept {public}/ledger/checkpoint/{from}\nguxin ledger audit {public}/ledger --vkey '{vkey}' --known kept --from {from}"
    );
    let size = |released: &Released| {
        lang.with("ledger.consistency.size", &[("size", &released.checkpoint.size.to_string())])
    };
    let (old_text, new_text) = (size(old), size(new));
    let more = lang.t("ledger.consistency.more");
    let (old_note, new_note) = (old.note.clone(), new.note.clone());
    Ok(view! {
        <div class="cols">
            <Card title=lang.t("ledger.consistency.shared")>
                <ConsistencyPicture label=label old=old_text new=new_text pieces=shared more=more />
                <p class="small dim">{lang.t("ledger.consistency.shared_why")}</p>
            </Card>
            <div class="stack">{recompute}</div>
        </div>
        <div class="cols even">
            <Card title=size(old) extra=super::witnesses::mark(lang, &old.finality)><pre class="code-block">{old_note}</pre></Card>
            <Card title=size(new) extra=super::witnesses::mark(lang, &new.finality)><pre class="code-block">{new_note}</pre></Card>
        </div>
        <Callout kind=CalloutKind::Proven title=lang.t("ledger.proves")><p>{lang.t("ledger.consistency.proves")}</p></Callout>
        <Card title=lang.t("ledger.offline")><pre class="code-block">{command}</pre></Card>
    }
    .into_any())
}
