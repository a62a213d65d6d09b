//! `/admin/rule-packs`: the versions of the rules with their hash and the leaf of their release, and one version's
//! fields and slots as a table that a person can read.

use backend::{
    Error,
    rule_pack::{self, RulePackView},
};
use domain::{
    access::action,
    rule_pack::{Requirement, RulePack},
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::{
    frame::Frame,
    lang::Lang,
    organisation::leaf,
    page::signed_in_page,
    ui::{Card, DescriptionList, Digest, Fact, FactsLayout, PageHead, RowLink, TableBox, Tag, Tone},
};

/// `/admin/rule-packs`
pub fn rule_packs() -> AnyView {
    signed_in_page(|request| async move {
        request.cx.permit_own::<action::WorkQueue>()?;
        let lang = request.lang;
        let packs = rule_pack::list(&request.cx).await?;
        let current = request.cx.current_pack().map(|pack| (pack.id.clone(), pack.version.clone())).ok();
        let rows = packs
            .iter()
            .map(|pack| {
                let in_force = current.as_ref().is_some_and(|(id, version)| *id == pack.id && *version == pack.version);
                let tag = in_force.then(|| view! { <Tag tone=Tone::Ok>{lang.t("admin.pack_current")}</Tag> });
                let title = lang.pick(&pack.title.zh, &pack.title.en);
                let href = format!("/admin/rule-packs/{}/{}", pack.id, pack.version);
                view! {
                    <tr>
                        <td><RowLink href>{title}</RowLink><small class="mono">{format!("{} {}", pack.id, pack.version)}</small></td>
                        <td>{pack.effective_from.clone()} " " {tag}</td>
                        <td class="n hide-phone">{pack.fields.to_string()}</td>
                        <td class="n hide-phone">{pack.slots.to_string()}</td>
                        <td class="n hide-phone">{lang.number(pack.filings)}</td>
                        <td class="hide-tablet"><Digest value=pack.sha256.clone() algorithm="sha-256" /></td>
                        <td class="fit">{leaf(lang, pack.leaf_index)}</td>
                    </tr>
                }
            })
            .collect_view()
            .into_any();
        Ok(Frame::new(&lang.t("nav.rule_packs")).show(
            &request,
            view! {
                <PageHead title=lang.t("nav.rule_packs") lead=lang.t("admin.packs_lead") />
                <Card flush=true>
                    <TableBox label=lang.t("nav.rule_packs")>
                        <thead>
                            <tr>
                                <th scope="col">{lang.t("admin.pack")}</th>
                                <th scope="col">{lang.t("admin.pack_from")}</th>
                                <th scope="col" class="n hide-phone">{lang.t("admin.pack_fields")}</th>
                                <th scope="col" class="n hide-phone">{lang.t("admin.pack_slots")}</th>
                                <th scope="col" class="n hide-phone">{lang.t("admin.pack_filings")}</th>
                                <th scope="col" class="hide-tablet">{lang.t("admin.pack_hash")}</th>
                                <th scope="col" class="fit">{lang.t("admin.pack_release")}</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </TableBox>
                </Card>
            },
        ))
    })
}

/// `/admin/rule-packs/{id}/{version}`
pub fn rule_pack_page() -> AnyView {
    let params = use_params_map().read_untracked();
    let (id, version) = (params.get("id").unwrap_or_default(), params.get("version").unwrap_or_default());
    drop(params);
    signed_in_page(move |request| async move {
        request.cx.permit_own::<action::WorkQueue>()?;
        let lang = request.lang;
        let stored = rule_pack::list(&request.cx)
            .await?
            .into_iter()
            .find(|pack| pack.id == id && pack.version == version);
        let stored = stored.ok_or(Error::NotFound)?;
        let pack = request.cx.pack(&id, &version)?;
        let title = lang.pick(&pack.title.zh, &pack.title.en);
        let over = format!("{} {}", pack.id, pack.version);
        let extra = leaf(lang, stored.leaf_index);
        Ok(Frame::new(&title).above(lang.t("nav.rule_packs"), "/admin/rule-packs").show(
            &request,
            view! {
                <PageHead title=title.clone() over lead=lang.pick(&pack.source.zh, &pack.source.en) extra />
                {facts(lang, pack, &stored)}
                {slots(lang, pack)}
                {fields(lang, pack)}
            },
        ))
    })
}

fn facts(lang: Lang, pack: &RulePack, stored: &RulePackView) -> AnyView {
    let until = pack.effective_until.map_or_else(|| lang.t("admin.pack_open"), |day| day.to_string());
    let force = format!("{} – {until}", pack.effective_from);
    let clock = |days: u16| lang.with("admin.working_days", &[("days", &days.to_string())]);
    let boards: Vec<String> =
        pack.boards.iter().map(|board| lang.pick(&board.name.zh, &board.name.en)).collect();
    let plain = [
        ("admin.pack_force", force),
        ("admin.pack_filings", lang.number(stored.filings)),
        ("admin.clock_acceptance", clock(pack.clocks.acceptance)),
        ("admin.clock_review", clock(pack.clocks.review)),
        ("admin.clock_correction", clock(pack.clocks.correction)),
        ("admin.clock_inquiry", clock(pack.clocks.inquiry_reply)),
        ("admin.boards", boards.join("、")),
    ]
    .into_iter()
    .map(|(key, value)| view! { <Fact term=lang.t(key)>{value}</Fact> })
    .collect_view()
    .into_any();
    let hash = stored.sha256.clone();
    view! {
        <Card>
            <DescriptionList layout=FactsLayout::Two>
                {plain}
                <Fact term=lang.t("admin.pack_hash")><Digest value=hash algorithm="sha-256" /></Fact>
            </DescriptionList>
        </Card>
    }
    .into_any()
}

fn requirement(lang: Lang, requirement: &Requirement) -> AnyView {
    match requirement {
        Requirement::Required => view! { <Tag tone=Tone::Info>{lang.t("admin.required")}</Tag> }.into_any(),
        Requirement::Optional => view! { <Tag>{lang.t("admin.optional")}</Tag> }.into_any(),
        Requirement::When(condition) => {
            let condition = condition.as_str().to_owned();
            view! { <Tag tone=Tone::Look>{lang.t("admin.when")}</Tag> <small class="mono">{condition}</small> }.into_any()
        }
    }
}

fn slots(lang: Lang, pack: &RulePack) -> AnyView {
    let rows = pack
        .slots
        .iter()
        .map(|slot| {
            let formats: Vec<String> = slot.formats.iter().map(|kind| format!("{kind:?}").to_lowercase()).collect();
            let from: Vec<&str> = slot.from.iter().map(|party| party.label(lang.0)).collect();
            let signs = slot.signs.map_or_else(|| "—".to_owned(), |kind| lang.t(&format!("org_kind.{}", kind.name())));
            let limit = format!("{} × {}", slot.max_files, lang.bytes(slot.max_bytes));
            view! {
                <tr>
                    <td class="n">{slot.number.to_string()}</td>
                    <td>{lang.pick(&slot.name.zh, &slot.name.en)}<small>{lang.pick(&slot.help.zh, &slot.help.en)}</small></td>
                    <td>{requirement(lang, &slot.requirement)}</td>
                    <td class="hide-tablet">{from.join("、")}</td>
                    <td class="hide-phone">{signs}</td>
                    <td class="hide-phone"><span class="mono small">{formats.join(" ")}</span><small>{limit}</small></td>
                </tr>
            }
        })
        .collect_view()
        .into_any();
    let note = pack.slots.len().to_string();
    view! {
        <Card title=lang.t("admin.pack_slots") note flush=true>
            <TableBox label=lang.t("admin.pack_slots")>
                <thead>
                    <tr>
                        <th scope="col" class="n">"#"</th>
                        <th scope="col">{lang.t("admin.slot")}</th>
                        <th scope="col">{lang.t("admin.requirement")}</th>
                        <th scope="col" class="hide-tablet">{lang.t("admin.slot_from")}</th>
                        <th scope="col" class="hide-phone">{lang.t("admin.slot_signs")}</th>
                        <th scope="col" class="hide-phone">{lang.t("admin.slot_formats")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </TableBox>
        </Card>
    }
    .into_any()
}

fn fields(lang: Lang, pack: &RulePack) -> AnyView {
    let rows = pack
        .fields
        .iter()
        .map(|field| {
            let section = pack.sections.iter().find(|section| section.id == field.section);
            let section = section.map(|section| lang.pick(&section.title.zh, &section.title.en));
            let help =
                field.help.as_ref().map(|help| view! { <small>{lang.pick(&help.zh, &help.en)}</small> });
            view! {
                <tr>
                    <td>{lang.pick(&field.label.zh, &field.label.en)}{help}</td>
                    <td class="hide-phone">{section}</td>
                    <td>{requirement(lang, &field.requirement)}</td>
                    <td class="hide-phone mono small">{field.id.clone()}</td>
                    <td class="n hide-tablet">{field.max_length.to_string()}</td>
                </tr>
            }
        })
        .collect_view()
        .into_any();
    let note = pack.fields.len().to_string();
    view! {
        <Card title=lang.t("admin.pack_fields") note flush=true>
            <TableBox label=lang.t("admin.pack_fields")>
                <thead>
                    <tr>
                        <th scope="col">{lang.t("admin.field")}</th>
                        <th scope="col" class="hide-phone">{lang.t("admin.section")}</th>
                        <th scope="col">{lang.t("admin.requirement")}</th>
                        <th scope="col" class="hide-phone">{lang.t("admin.field_id")}</th>
                        <th scope="col" class="n hide-tablet">{lang.t("admin.field_length")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </TableBox>
        </Card>
    }
    .into_any()
}
