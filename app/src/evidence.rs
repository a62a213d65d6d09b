//! The way to a certificate and an evidence bundle, wherever a person looks at what they are about: a submitted version, a
//! document, an attestation. Plain links to files; who may not read the object may not have them either.

use backend::filing::VersionView;
use domain::id::FilingId;
use leptos::prelude::*;

use crate::{
    lang::Lang,
    ui::{ButtonKind, ButtonLink, Card, IconName},
};

/// A card that says what both are, beside an object that is anchored. `base` is the object's address.
pub(crate) fn card(lang: Lang, base: &str) -> AnyView {
    let (certificate, bundle) = (format!("{base}/certificate.pdf"), format!("{base}/evidence.zip"));
    view! {
        <Card title=lang.t("evidence.title")>
            <div class="stack tight small">
                <p>{lang.t("evidence.certificate_why")}</p>
                <p>{lang.t("evidence.bundle_why")}</p>
                <div class="row">
                    <ButtonLink href=certificate icon=IconName::Download download="certificate.pdf" small=true>{lang.t("evidence.certificate")}</ButtonLink>
                    <ButtonLink href=bundle icon=IconName::Archive download="evidence.zip" small=true>{lang.t("evidence.bundle")}</ButtonLink>
                </div>
                <code>"guxin verify evidence.zip"</code>
            </div>
        </Card>
    }
    .into_any()
}

/// The card of the version that a page shows: the one asked for, else the newest.
pub(crate) fn of_shown(
    lang: Lang,
    versions: &[VersionView],
    filing: FilingId,
    asked: Option<i64>,
) -> Option<AnyView> {
    let shown = match asked {
        Some(number) => versions.iter().find(|version| version.number == number),
        None => versions.last(),
    };
    let shown = shown.filter(|version| version.anchored_at.is_some())?;
    Some(card(lang, &format!("/filings/{filing}/versions/{}", shown.number)))
}

/// Both as quiet links in a row of a list; `what` tells a screen reader of which row.
pub(crate) fn links(lang: Lang, base: &str, what: &str) -> AnyView {
    let (certificate, bundle) = (format!("{base}/certificate.pdf"), format!("{base}/evidence.zip"));
    let what = format!(" · {what}");
    let again = what.clone();
    view! {
        <ButtonLink href=certificate kind=ButtonKind::Quiet small=true download="certificate.pdf">{lang.t("evidence.certificate")} <span class="said">{what}</span></ButtonLink>
        <ButtonLink href=bundle kind=ButtonKind::Quiet small=true download="evidence.zip">{lang.t("evidence.bundle")} <span class="said">{again}</span></ButtonLink>
    }
    .into_any()
}
