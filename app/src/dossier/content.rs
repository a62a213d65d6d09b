//! What was filed: fields by section, documents in their slots, and the firms' signatures over them.

use backend::filing::{AttestationView, DocumentView, SectionView, SignatureView, SlotView};
use domain::{
    field::{fen, money_label},
    rule_pack::FieldKind,
};
use leptos::prelude::*;

use super::{leaf, text};
use crate::{
    evidence,
    lang::Lang,
    ui::{
        ButtonKind, ButtonLink, Callout, CalloutKind, Card, DescriptionList, Digest, Fact, FactsLayout,
        FileRow, Files, IconName, Tag, Tone,
    },
};

/// A field's value as people read it; a dash when there is none.
pub(crate) fn value(lang: Lang, kind: &FieldKind, value: &str) -> String {
    if value.is_empty() {
        return "—".to_owned();
    }
    match kind {
        FieldKind::Money { .. } => {
            fen(value).map_or_else(|| value.to_owned(), |fen| money_label(fen, lang.0))
        }
        FieldKind::Shares | FieldKind::Count => {
            value.parse().map_or_else(|_| value.to_owned(), |n| lang.number(n))
        }
        FieldKind::Percent => format!("{value}%"),
        FieldKind::Choice { options } => {
            let found = options.iter().find(|option| option.value == value);
            found.map_or_else(|| value.to_owned(), |option| text(lang, &option.label))
        }
        _ => value.to_owned(),
    }
}

/// The fields, one card per section, with what looked odd.
pub(crate) fn sections(lang: Lang, sections: &[SectionView]) -> AnyView {
    sections
        .iter()
        .map(|section| {
            let facts = section
                .fields
                .iter()
                .filter(|field| field.required || !field.value.is_empty())
                .map(|field| {
                    let shown = value(lang, &field.kind, &field.value);
                    let odd = field.warning.as_ref().map(|warning| {
                        let words = warning.message(lang.0);
                        view! { <small class="amber">{words}</small> }
                    });
                    view! { <Fact term=text(lang, &field.label)>{shown} " " {odd}</Fact> }
                })
                .collect_view();
            view! {
                <Card title=text(lang, &section.title)>
                    <DescriptionList layout=FactsLayout::Two>{facts}</DescriptionList>
                </Card>
            }
        })
        .collect_view()
        .into_any()
}

/// The documents by slot; `href` is where a version's own page is, empty when the reader has none.
pub(crate) fn slots(lang: Lang, slots: &[SlotView], href: impl Fn(&DocumentView) -> String) -> AnyView {
    let shown = slots
        .iter()
        .filter(|slot| slot.required || !slot.documents.is_empty())
        .map(|slot| {
            let (tone, word) = match (slot.documents.is_empty(), slot.signs.is_some(), slot.attested) {
                (true, ..) => (Tone::Look, "dossier.slot.missing"),
                (_, true, false) => (Tone::Look, "dossier.slot.unattested"),
                (_, true, true) => (Tone::Ok, "dossier.slot.attested"),
                _ => (Tone::Plain, "dossier.slot.filed"),
            };
            let word = lang.t(word);
            let files: Vec<_> =
                slot.documents.iter().map(|document| file(lang, document, &href(document))).collect();
            let name = format!("{} {}", slot.number, text(lang, &slot.name));
            view! {
                <section id=format!("slot-{}", slot.id)>
                    <div class="row"><h3>{name}</h3> <Tag tone=tone>{word}</Tag></div>
                    <Files>{files}</Files>
                </section>
            }
        })
        .collect_view();
    let count: usize = slots.iter().map(|slot| slot.documents.len()).sum();
    view! {
        <Card title=lang.t("dossier.documents") note=lang.with("dossier.documents_count", &[("count", &count.to_string())])>
            <div class="stack tight">{shown}</div>
        </Card>
    }
    .into_any()
}

fn file(lang: Lang, document: &DocumentView, href: &str) -> impl IntoView + use<> {
    let content = format!("/documents/{}/versions/{}/content", document.id, document.number);
    let name_leads = if href.is_empty() { content.clone() } else { href.to_owned() };
    let number = document.number.to_string();
    let when = lang.moment(document.uploaded_at);
    let download = lang.t("dossier.download");
    view! {
        <FileRow
            name=document.file_name.clone()
            href=name_leads
            size=lang.bytes(document.size)
            version=lang.with("dossier.version", &[("number", &number)])
            why=lang.with("dossier.uploaded", &[("who", &document.uploaded_by), ("when", &when)])
            digest=view! { <Digest algorithm="sha-256" value=document.sha256.clone() /> }.into_any()
            leaf=leaf(lang, document.leaf_index)
            actions=view! { <ButtonLink href=content kind=ButtonKind::Quiet small=true icon=IconName::Download>{download}</ButtonLink> }.into_any()
        />
    }
}

/// Who attested what, and what checking the signature just now came to.
pub(crate) fn attestations(lang: Lang, slots: &[SlotView], signatures: &[SignatureView]) -> AnyView {
    let rows: Vec<_> = slots
        .iter()
        .flat_map(|slot| slot.attestations.iter().map(move |attestation| (slot, attestation)))
        .map(|(slot, attestation)| {
            let signature = signatures.iter().find(|signature| signature.attestation == attestation.id);
            one(lang, &text(lang, &slot.name), attestation, signature)
        })
        .collect();
    let empty = rows.is_empty().then(|| view! { <p class="dim">{lang.t("dossier.no_attestation")}</p> });
    view! { <Card title=lang.t("dossier.attestations")><div class="stack">{rows}{empty}</div></Card> }
        .into_any()
}

fn one(lang: Lang, slot: &str, attestation: &AttestationView, signature: Option<&SignatureView>) -> AnyView {
    let attested = attestation.decision == "attest";
    let (tone, word) = match (attested, attestation.superseded_at) {
        (_, Some(_)) => (Tone::Plain, "dossier.superseded"),
        (true, None) => (Tone::Ok, "dossier.attested"),
        (false, None) => (Tone::Bad, "dossier.declined"),
    };
    let word = lang.t(word);
    let title = format!("{} · {slot}", attestation.firm_name);
    let mark = leaf(lang, attestation.leaf_index);
    let who = lang.with(
        "dossier.signed",
        &[("who", &attestation.signer_name), ("when", &lang.second(attestation.signed_at))],
    );
    let reason = (!attestation.reason.is_empty()).then(|| {
        let reason = attestation.reason.clone();
        view! { <Callout kind=CalloutKind::Look title=lang.t("dossier.reason")><p>{reason}</p></Callout> }
    });
    let facts = signature.map(|signature| {
        let (tone, word) = match signature.failed {
            None => (Tone::Ok, lang.t("dossier.signature_good")),
            Some(step) => (Tone::Bad, lang.with("dossier.signature_bad", &[("step", step)])),
        };
        let (algorithm, rp, firm) = (signature.algorithm, signature.rp_id.clone(), signature.firm.clone());
        let origin = signature.origin.clone();
        let credential = signature.credential.clone();
        let documents: Vec<_> =
            signature.documents.iter().map(|digest| view! { <Digest value=digest.clone() /> " " }).collect();
        view! {
            <DescriptionList>
                <Fact term=lang.t("dossier.signature")><Tag tone=tone>{word}</Tag></Fact>
                <Fact term=lang.t("dossier.algorithm")>{algorithm}</Fact>
                <Fact term=lang.t("dossier.credential")><Digest value=credential /></Fact>
                <Fact term=lang.t("dossier.bound_to")>{rp} " · " {origin}</Fact>
                <Fact term=lang.t("ledger.org")><code>{firm}</code></Fact>
                <Fact term=lang.t("dossier.signed_documents")>{documents}</Fact>
            </DescriptionList>
        }
    });
    let proof = attestation.leaf_index.map(|_| {
        let links = evidence::links(lang, &format!("/attestations/{}", attestation.id), &title);
        view! { <div class="row">{links}</div> }
    });
    view! {
        <article class="stack tight">
            <div class="row"><h3>{title}</h3> <Tag tone=tone>{word}</Tag> <span class="push">{mark}</span></div>
            <p class="small dim">{who}</p>
            {reason}
            {facts}
            {proof}
        </article>
    }
    .into_any()
}
