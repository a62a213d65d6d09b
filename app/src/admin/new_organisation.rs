//! `/admin/organisations/new`: the operator sets up an organisation of any kind, verified from the start; its first
//! person follows by invitation on the organisation's page.

use backend::{
    Error,
    organisation::register::{self, Particulars},
};
use domain::{access::action, actor::OrgKind};
use leptos::prelude::*;

use crate::{
    fail::Fail,
    form::{Typed, errors},
    frame::Frame,
    page::signed_in_page,
    register::particulars,
    request::{Done, Request},
    ui::{Button, ButtonKind, Card, Choice, Fieldset, PageHead, SelectField, Width},
};

/// `/admin/organisations/new`
pub fn new_organisation() -> AnyView {
    signed_in_page(|request| async move {
        request.cx.permit_own::<action::Oversee>()?;
        let lang = request.lang;
        let typed = Typed::of(&request);
        let chosen = typed.value("kind", OrgKind::Regulator.name());
        let kinds = OrgKind::ALL
            .into_iter()
            .map(|kind| {
                Choice::new(kind.name(), lang.t(&format!("org_kind.{}", kind.name())))
                    .selected(kind.name() == chosen)
            })
            .collect::<Vec<_>>();
        let fields = particulars(&request, &Particulars::default(), None);
        let inputs =
            ["kind", "name", "credit_code", "legal_representative", "city", "contact_name", "contact_phone"];
        Ok(Frame::new(&lang.t("admin.new")).above(lang.t("nav.organisations"), "/admin/organisations").show(&request, view! {
            <PageHead title=lang.t("admin.new") lead=lang.t("admin.new_lead") />
            {errors(&request, &inputs)}
            <Card>
                <form class="form" method="post" action="/do/organisation/set-up">
                    <Fieldset legend=lang.t("register.organisation")>
                        <div class="span">
                            <SelectField name="kind" label=lang.t("register.kind") options=kinds width=Width::Medium error=typed.error("kind") />
                        </div>
                        {fields}
                    </Fieldset>
                    <div class="actions"><Button kind=ButtonKind::Primary>{lang.t("admin.new_do")}</Button></div>
                </form>
            </Card>
        }))
    })
}

/// Sets the organisation up.
#[server(prefix = "/do", endpoint = "organisation/set-up", name = SetUpOrganisation)]
pub async fn set_up_organisation(
    kind: String,
    name: String,
    credit_code: String,
    city: String,
    legal_representative: String,
    contact_name: String,
    contact_phone: String,
) -> Result<(), Fail> {
    let request = Request::here()?;
    let form = Particulars { name, credit_code, city, legal_representative, contact_name, contact_phone };
    let outcome = async {
        let kind = OrgKind::from_name(&kind).ok_or_else(|| Error::field("kind", "organisation.kind"))?;
        let id = register::set_up(&request.cx, kind, &form).await?;
        Ok(Done::to(format!("/admin/organisations/{id}#people")).saying(request.lang.t("admin.new_done")))
    };
    let typed = [
        ("kind", kind.as_str()),
        ("name", &form.name),
        ("credit_code", &form.credit_code),
        ("city", &form.city),
        ("legal_representative", &form.legal_representative),
        ("contact_name", &form.contact_name),
        ("contact_phone", &form.contact_phone),
    ];
    request.finish(outcome.await, &typed).await
}
