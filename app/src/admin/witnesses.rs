//! `/admin/witnesses`: the operator registers witnesses of the ledger by vkey and address, ends them, and sets how many must
//! cosign until a checkpoint is final. Each of these is an event on the ledger.

use backend::witness::{self, MAX_WITNESSES, Witness};
use domain::{access::action, id::WitnessId};
use leptos::prelude::*;
use uuid::Uuid;

use crate::{
    fail::Fail,
    form::{Typed, errors, hidden},
    frame::Frame,
    lang::Lang,
    page::signed_in_page,
    public_ledger::witnesses::{needed, released, table},
    request::{Done, Request},
    ui::{Button, ButtonKind, ButtonLink, Callout, CalloutKind, Card, IconName, PageHead, TextField, Width},
};

/// The inputs of the page in order.
const INPUTS: &[&str] = &["vkey", "url", "threshold"];
const HERE: &str = "/admin/witnesses";

/// `/admin/witnesses`
pub fn witnesses_page() -> AnyView {
    signed_in_page(|request| async move {
        // Looking needs no second factor again; what the forms do does.
        request.cx.permit_own::<action::Oversee>()?;
        let lang = request.lang;
        let known = witness::list(&request.cx).await?;
        let (threshold, version) = witness::threshold(&request.cx).await?;
        let released = released(&request).await?;
        let typed = Typed::of(&request);
        let active = known.iter().filter(|witness| witness.is_active()).count();
        let few = (active < threshold).then(|| {
            let values = [("active", active.to_string()), ("needed", threshold.to_string())];
            let values: Vec<(&str, &str)> =
                values.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let text = lang.with("witness.too_few", &values);
            view! { <Callout kind=CalloutKind::Look><p>{text}</p></Callout> }
        });
        let stopped = stopped(&request);
        let list = table(lang, &known, released, Some(&|witness| end_form(lang, witness)));
        let note = needed(lang, &known, threshold);
        let register = register_card(&request, lang, typed);
        let policy = threshold_card(lang, typed, &known, threshold, version);
        let actions = view! { <ButtonLink href="/ledger/witnesses" icon=IconName::Ledger>{lang.t("witness.public")}</ButtonLink> };
        Ok(Frame::new(&lang.t("nav.witnesses")).show(&request, view! {
            <PageHead title=lang.t("nav.witnesses") lead=lang.t("witness.admin_lead") actions=actions.into_any() />
            {errors(&request, INPUTS)}
            {stopped}
            {few}
            <Card title=lang.t("witness.list") note=note flush=true>{list}</Card>
            <div class="cols even">
                {register}
                {policy}
            </div>
        }))
    })
}

/// Why no checkpoint is signed, if that is so: the operator is the one who can look after it.
fn stopped(request: &Request) -> Option<AnyView> {
    let (lang, absent) = (request.lang, request.cx.signer.absent());
    let title = if absent.is_some() { "witness.signer_absent" } else { "witness.stopped" };
    let why = absent.or_else(|| request.cx.queue.stopped())?;
    Some(
        view! {
            <Callout kind=CalloutKind::Bad title=lang.t(title)>
                <p>{lang.t("witness.stopped_why")} " " <code>{why}</code></p>
            </Callout>
        }
        .into_any(),
    )
}

fn end_form(lang: Lang, witness: &Witness) -> AnyView {
    view! {
        <form method="post" action="/do/witness/end">
            {hidden("witness", &witness.id.to_string())}
            <Button kind=ButtonKind::Danger small=true>{lang.t("witness.end")}</Button>
        </form>
    }
    .into_any()
}

fn register_card(request: &Request, lang: Lang, typed: Typed) -> AnyView {
    let own = format!("{}\n{}/ledger", request.cx.ledger.verifier_key(), request.cx.settings.public_url);
    view! {
        <Card title=lang.t("witness.register")>
            <form class="form" method="post" action="/do/witness/register">
                <TextField name="vkey" label=lang.t("witness.vkey") help=lang.t("witness.vkey_help") value=typed.value("vkey", "") error=typed.error("vkey") maxlength=500 />
                <TextField name="url" label=lang.t("witness.url") help=lang.t("witness.url_help") value=typed.value("url", "") error=typed.error("url") placeholder="https://" maxlength=500 />
                <p class="small dim">{lang.t("witness.register_own")}</p>
                <pre class="code-block">{own}</pre>
                <div class="actions"><Button kind=ButtonKind::Primary>{lang.t("witness.register_do")}</Button></div>
            </form>
        </Card>
    }
    .into_any()
}

fn threshold_card(lang: Lang, typed: Typed, known: &[Witness], threshold: usize, version: i64) -> AnyView {
    let help = lang.with(
        "witness.threshold_help",
        &[("advised", &witness::advised(known).to_string()), ("most", &MAX_WITNESSES.to_string())],
    );
    let value = typed.value("threshold", &threshold.to_string());
    view! {
        <Card title=lang.t("witness.policy")>
            <form class="form" method="post" action="/do/witness/set-threshold">
                {hidden("version", &version.to_string())}
                <TextField name="threshold" label=lang.t("witness.threshold") help=help value=value error=typed.error("threshold") width=Width::Short maxlength=2 />
                <div class="actions"><Button kind=ButtonKind::Primary>{lang.t("witness.threshold_do")}</Button></div>
            </form>
        </Card>
    }
    .into_any()
}

/// Registers a witness.
#[server(prefix = "/do", endpoint = "witness/register", name = RegisterWitness)]
pub async fn register_witness(vkey: String, url: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = witness::register(&request.cx, &vkey, &url).await;
    let done = outcome.map(|_| Done::to(HERE).saying(request.lang.t("witness.registered")));
    request.finish(done, &[("vkey", &vkey), ("url", &url)]).await
}

/// Ends a witness.
#[server(prefix = "/do", endpoint = "witness/end", name = EndWitness)]
pub async fn end_witness(witness: Uuid) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = witness::end(&request.cx, WitnessId(witness)).await;
    let done = outcome.map(|()| Done::to(HERE).saying(request.lang.t("witness.ended_done")));
    request.finish(done, &[]).await
}

/// Sets how many must cosign.
#[server(prefix = "/do", endpoint = "witness/set-threshold", name = SetWitnessThreshold)]
pub async fn set_witness_threshold(threshold: String, version: i64) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = witness::set_threshold(&request.cx, &threshold, version).await;
    let done = outcome.map(|()| Done::to(HERE).saying(request.lang.t("witness.threshold_done")));
    request.finish(done, &[("threshold", &threshold)]).await
}
