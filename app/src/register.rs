//! `/register`: an enterprise or a firm comes to the market with its first person. Whoever has registered is signed
//! in far enough to enrol a second factor; a credit code whose check digit looks wrong is warned about, not refused.

// One argument per input of the form: that is how server functions read forms.
#![allow(clippy::too_many_arguments)]

use backend::{
    Error,
    error::{FieldErrors, Message},
    organisation::register::{self, Particulars, Register},
    session, sign_in,
};
use domain::actor::OrgKind;
use leptos::prelude::*;

use crate::{
    fail::Fail,
    form::{Typed, errors},
    frame::Frame,
    lang::Lang,
    page::page,
    request::{Done, Request},
    sign_in::after,
    ui::{
        Button, ButtonKind, Card, CheckField, Choice, ChoiceField, Fieldset, PageHead, TextField, TextKind,
        Width,
    },
};

/// The inputs in the order of the form.
const INPUTS: &[&str] = &[
    "kind",
    "name",
    "credit_code",
    "city",
    "legal_representative",
    "contact_name",
    "contact_phone",
    "person_name",
    "login",
    "password",
    "again",
    "accept_rules",
];

/// The kinds that may register themselves, as radio buttons.
fn kinds(lang: Lang, chosen: &str) -> Vec<Choice> {
    OrgKind::ALL
        .into_iter()
        .filter(|kind| kind.self_registers())
        .map(|kind| {
            let help = lang.t(&format!("register.kind_help.{}", kind.name()));
            Choice::new(kind.name(), lang.t(&format!("org_kind.{}", kind.name())))
                .selected(kind.name() == chosen)
                .help(help)
        })
        .collect()
}

/// `/register`
pub fn page_register() -> AnyView {
    page(|request| async move {
        let lang = request.lang;
        let typed = Typed::of(&request);
        let organisation = particulars(&request, &Particulars::default(), None);
        let kind = request.flash.value(
            "kind",
            match request.query("kind") {
                "" => OrgKind::Enterprise.name(),
                asked => asked,
            },
        );
        Ok(Frame::new(&lang.t("register.title")).show(&request, view! {
            <PageHead title=lang.t("register.title") lead=lang.t("register.lead") />
            {errors(&request, INPUTS)}
            <Card>
                <form class="form" method="post" action="/do/organisation/register">
                    <Fieldset legend=lang.t("register.organisation") help=lang.t("register.organisation_help")>
                        <div class="span">
                            <ChoiceField name="kind" label=lang.t("register.kind") choices=kinds(lang, &kind) inline=true error=typed.error("kind") required=true />
                        </div>
                        {organisation}
                    </Fieldset>
                    <Fieldset legend=lang.t("register.person") help=lang.t("register.person_help")>
                        <TextField name="person_name" label=lang.t("register.person_name") value=typed.value("person_name", "") autocomplete="name" required=true error=typed.error("person_name") />
                        <TextField name="login" label=lang.t("sign_in.login") value=typed.value("login", "") help=lang.t("register.login_help")
                            autocomplete="username" maxlength=64 required=true error=typed.error("login") />
                        <TextField name="password" label=lang.t("sign_in.password") kind=TextKind::Password help=lang.t("account.password_help")
                            autocomplete="new-password" required=true error=typed.error("password") />
                        <TextField name="again" label=lang.t("account.password_again") kind=TextKind::Password autocomplete="new-password" required=true error=typed.error("again") />
                    </Fieldset>
                    <Fieldset legend=lang.t("register.consent") one=true>
                        <CheckField name="accept_rules" checked=!typed.value("accept_rules", "").is_empty() required=true error=typed.error("accept_rules")>
                            {lang.t("register.accept")} " " <a href="/rules">{lang.t("register.rules_link")}</a>
                        </CheckField>
                    </Fieldset>
                    <div class="actions">
                        <Button kind=ButtonKind::Primary>{lang.t("register.submit")}</Button>
                        <span class="small dim">{lang.t("register.after")}</span>
                    </div>
                </form>
            </Card>
        }))
    })
}

/// The fields of an organisation's record: shared with the correction and with the operator's form.
pub(crate) fn particulars(request: &Request, stored: &Particulars, warning: Option<String>) -> AnyView {
    let lang = request.lang;
    let value = |name: &str, stored: &str| request.flash.value(name, stored);
    let error = |name: &str| request.flash.error(name);
    view! {
        <TextField name="name" label=lang.t("organisation.name") value=value("name", &stored.name) help=lang.t("register.name_help")
            autocomplete="organization" maxlength=100 required=true error=error("name") />
        <TextField name="credit_code" label=lang.t("organisation.credit_code") kind=TextKind::Code value=value("credit_code", &stored.credit_code)
            help=lang.t("register.credit_code_help") warning=warning required=true error=error("credit_code") />
        <TextField name="legal_representative" label=lang.t("organisation.legal_representative")
            value=value("legal_representative", &stored.legal_representative) maxlength=60 required=true error=error("legal_representative") />
        <TextField name="city" label=lang.t("organisation.city") value=value("city", &stored.city) help=lang.t("register.city_help")
            maxlength=30 width=Width::Medium required=true error=error("city") />
        <TextField name="contact_name" label=lang.t("organisation.contact_name") value=value("contact_name", &stored.contact_name)
            maxlength=60 required=true error=error("contact_name") />
        <TextField name="contact_phone" label=lang.t("organisation.contact_phone") kind=TextKind::Tel
            value=value("contact_phone", &stored.contact_phone) autocomplete="tel" maxlength=30 width=Width::Medium required=true error=error("contact_phone") />
    }
    .into_any()
}

/// What to say about a credit code whose check digit the standard computes otherwise.
pub(crate) fn check_digit_warning(lang: Lang, expected: char) -> String {
    lang.with("register.check_digit", &[("expected", &expected.to_string())])
}

/// Registers the organisation with its first person, who goes on to a second factor.
#[server(prefix = "/do", endpoint = "organisation/register", name = RegisterOrganisation)]
pub async fn register_organisation(
    #[server(default)] kind: String,
    name: String,
    credit_code: String,
    city: String,
    legal_representative: String,
    contact_name: String,
    contact_phone: String,
    person_name: String,
    login: String,
    password: String,
    again: String,
    #[server(default)] accept_rules: String,
) -> Result<(), Fail> {
    let request = Request::here()?;
    let particulars = Particulars {
        name: name.clone(),
        credit_code: credit_code.clone(),
        city: city.clone(),
        legal_representative: legal_representative.clone(),
        contact_name: contact_name.clone(),
        contact_phone: contact_phone.clone(),
    };
    let form = Register {
        kind: kind.clone(),
        particulars,
        person_name: person_name.clone(),
        login: login.clone(),
        password: password.clone(),
        accept_rules: !accept_rules.is_empty(),
    };
    let outcome = async {
        let mut errors = FieldErrors::default();
        if !form.accept_rules {
            errors.add("accept_rules", Message::key("accept_rules"));
        }
        if password != again {
            errors.add("again", Message::key("password.again"));
        }
        errors.check()?;
        let made = register::register(&request.cx, &form, request.client_address()).await?;
        let step = sign_in::sign_in(&request.cx, &login, &password, request.client_address()).await?;
        session::begin(&request.session, step.signed_in, &request.agent()).await?;
        let lang = request.lang;
        let said = match made.expected_check_digit {
            Some(expected) => format!("{} {}", lang.t("register.done"), check_digit_warning(lang, expected)),
            None => lang.t("register.done"),
        };
        Ok::<_, Error>(Done::to(after(step.next, "/organisation")).saying(said))
    };
    let typed = [
        ("kind", kind.as_str()),
        ("name", &name),
        ("credit_code", &credit_code),
        ("city", &city),
        ("legal_representative", &legal_representative),
        ("contact_name", &contact_name),
        ("contact_phone", &contact_phone),
        ("person_name", &person_name),
        ("login", &login),
        ("accept_rules", &accept_rules),
    ];
    request.finish(outcome.await, &typed).await
}
