//! The page around the verifier: what it checks, what a good result means, and how to do the same without a browser.

use domain::locale::Locale;
use leptos::prelude::*;

use super::{island::Verifier, words::Words};
use crate::{
    frame::Frame,
    islands::Scripts,
    lang::Lang,
    page::page,
    ui::{Callout, CalloutKind, Card, PageHead},
};

/// `/verify`
pub fn verify() -> AnyView {
    page(|request| async move {
        let lang = request.lang;
        let vkey = request.cx.ledger.verifier_key().to_string();
        // Of a log that changed its key, the former keys as well: a receipt from before is as good as it was.
        let accepted = request.cx.ledger.keys().accepted();
        let title = lang.t("verify.title");
        let command = format!("guxin verify receipt.json --document document.pdf --vkey '{vkey}'");
        Ok(Frame::new(&title).show(&request, view! {
            <PageHead title=title.clone() lead=lang.t("verify.lead") />
            <noscript>
                <Callout kind=CalloutKind::Look title=lang.t("verify.no_script")><p>{lang.t("verify.no_script_why")}</p></Callout>
            </noscript>
            <Verifier words=words(lang) vkey=accepted />
            <div class="cols even">
                <Card title=lang.t("verify.meaning")>
                    <ul>
                        <li>{lang.t("verify.meaning_1")}</li>
                        <li>{lang.t("verify.meaning_2")}</li>
                        <li>{lang.t("verify.meaning_3")}</li>
                    </ul>
                    <p class="dim">{lang.t("verify.meaning_not")}</p>
                </Card>
                <Card title=lang.t("verify.offline")>
                    <p><a href="/verify/guxin-verify.html" download="guxin-verify.html">{lang.t("verify.offline_file")}</a></p>
                    <p class="dim small">{lang.t("verify.offline_file_why")}</p>
                    <p>{lang.t("verify.offline_how")}</p>
                    <p><code>{command}</code></p>
                    <p class="dim small">{lang.t("verify.offline_exit")}</p>
                    <p class="dim small">{lang.t("verify.offline_key")} " " <a href="/ledger/vkey">"/ledger/vkey"</a></p>
                </Card>
            </div>
            <Scripts />
            <script defer src="/verify.js"></script>
        }))
    })
}

fn words(lang: Lang) -> Words {
    let t = |key: &str| lang.t(&format!("verify.{key}"));
    Words {
        chinese: lang.0 == Locale::Zh,
        receipt: t("receipt"),
        receipt_help: t("receipt_help"),
        document: t("document"),
        document_help: t("document_help"),
        optional: t("optional"),
        vkey: t("vkey"),
        vkey_help: t("vkey_help"),
        steps: t("steps"),
        local: t("local"),
        waiting: t("waiting"),
        waiting_why: t("waiting_why"),
        hashing: t("hashing"),
        hashed: t("hashed"),
        unreadable: t("unreadable"),
        good: t("good"),
        good_document: t("good_document"),
        good_own_key: t("good_own_key"),
        proves: t("proves"),
        proves_no_document: t("proves_no_document"),
        proves_own_key: t("proves_own_key"),
        bad: t("bad"),
        bad_why: t("bad_why"),
        ok: t("ok"),
        failed: t("failed"),
        skipped: t("skipped"),
        format: t("step_format"),
        checkpoint: t("step_checkpoint"),
        inclusion: t("step_inclusion"),
        manifest: t("step_manifest"),
        attestation: t("step_attestation"),
        match_document: t("step_document"),
    }
}
