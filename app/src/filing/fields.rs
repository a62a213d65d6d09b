//! The structured fields of a filing, part by part. Without a script the form saves everything at once; the island
//! around each field saves it while somebody types.

use backend::{
    fact::Proposals,
    filing::{FieldView, SectionView, Workspace},
};
use domain::rule_pack::FieldKind;
use leptos::prelude::*;

use super::{
    autosave::{Autosave, AutosaveWords},
    proposal,
};
use crate::{
    lang::Lang,
    page::Shown,
    request::Request,
    ui::{
        Button, ButtonKind, Card, Choice, DescriptionList, Fact, FactsLayout, Fieldset, SelectField,
        TextArea, TextField, TextKind, Width,
    },
};

/// The form with what the documents propose, or the values where nothing can be changed.
///
/// # Errors
/// When the proposals cannot be read.
pub async fn view(request: &Request, workspace: &Workspace) -> Shown {
    if !workspace.allowed.edit {
        return Ok(facts(request.lang, &workspace.sections));
    }
    let proposals = backend::fact::proposals(&request.cx, workspace.filing.id).await?;
    Ok(form(request, workspace, &proposals))
}

fn form(request: &Request, workspace: &Workspace, proposals: &Proposals) -> AnyView {
    let lang = request.lang;
    let id = workspace.filing.id.to_string();
    let words = words(lang);
    let sections: Vec<AnyView> = workspace
        .sections
        .iter()
        .map(|section| {
            let fields: Vec<AnyView> =
                section.fields.iter().map(|field| one(request, &id, field, &words, proposals)).collect();
            view! { <Fieldset legend=lang.pick(&section.title.zh, &section.title.en)>{fields}</Fieldset> }
                .into_any()
        })
        .collect();
    let offer = proposal::offer(lang, workspace, proposals);
    let forms = proposal::forms(workspace.filing.id, workspace, &proposals.fields);
    view! {
        {offer}
        <Card title=lang.t("filing.view.fields") note=lang.t("filing.save.as_you_type")>
            <form class="form" method="post" action="/do/filing/save-fields">
                <input type="hidden" name="filing" value=id.clone() />
                {sections}
                <div class="actions"><Button kind=ButtonKind::Plain>{lang.t("filing.save.all")}</Button></div>
            </form>
            {forms}
        </Card>
    }
    .into_any()
}

/// The values of every part, for readers.
#[must_use]
pub fn facts(lang: Lang, sections: &[SectionView]) -> AnyView {
    let cards: Vec<AnyView> = sections
        .iter()
        .map(|section| {
            let facts: Vec<AnyView> = section
                .fields
                .iter()
                .map(|field| {
                    let value = shown(lang, field);
                    view! { <Fact term=lang.pick(&field.label.zh, &field.label.en)>{value}</Fact> }.into_any()
                })
                .collect();
            view! {
                <Card title=lang.pick(&section.title.zh, &section.title.en)>
                    <DescriptionList layout=FactsLayout::Two>{facts}</DescriptionList>
                </Card>
            }
            .into_any()
        })
        .collect();
    view! { <div class="stack">{cards}</div> }.into_any()
}

/// A value as people read it.
#[must_use]
pub fn shown(lang: Lang, field: &FieldView) -> String {
    if field.value.is_empty() {
        return "—".to_owned();
    }
    let value = &field.value;
    let grouped =
        |whole: &str| whole.parse::<i64>().map_or_else(|_| whole.to_owned(), |whole| lang.number(whole));
    match &field.kind {
        FieldKind::Money { .. } => {
            let (yuan, fen) = value.split_once('.').unwrap_or((value, "00"));
            let sign = if yuan.starts_with('-') && grouped(yuan) == "0" { "-" } else { "" };
            format!("{sign}{}.{fen} {}", grouped(yuan), lang.pick("元", "CNY"))
        }
        FieldKind::Shares => format!("{} {}", grouped(value), lang.pick("股", "shares")),
        FieldKind::Count => grouped(value),
        FieldKind::Percent => format!("{value}%"),
        FieldKind::Choice { options } => options
            .iter()
            .find(|option| &option.value == value)
            .map_or_else(|| value.clone(), |option| lang.pick(&option.label.zh, &option.label.en)),
        _ => value.clone(),
    }
}

fn words(lang: Lang) -> AutosaveWords {
    AutosaveWords {
        saving: lang.t("filing.save.saving"),
        saved: lang.t("filing.save.saved"),
        kept: lang.t("filing.save.kept"),
        sign_in: lang.t("filing.save.sign_in"),
        again: lang.t("filing.save.again"),
        unreachable: lang.t("filing.save.unreachable"),
        theirs: lang.t("filing.save.theirs"),
        mine: lang.t("filing.save.mine"),
        take_theirs: lang.t("filing.save.take_theirs"),
        keep_mine: lang.t("filing.save.keep_mine"),
    }
}

fn one(
    request: &Request,
    filing: &str,
    field: &FieldView,
    words: &AutosaveWords,
    proposals: &Proposals,
) -> AnyView {
    let class = if matches!(field.kind, FieldKind::LongText) { "span" } else { "" };
    let version = field.version.to_string();
    let name = format!("versions[{}]", field.id);
    let control = control(request, field);
    let proposed = proposal::beside(request.lang, field, proposals);
    view! {
        <div class=class>
            <Autosave filing=filing.to_owned() field=field.id.clone() version=field.version words=words.clone()>
                <input type="hidden" name=name value=version />
                {control}
            </Autosave>
            {proposed}
        </div>
    }
    .into_any()
}

/// The control of one field, by its kind.
pub(super) fn control(request: &Request, field: &FieldView) -> AnyView {
    let lang = request.lang;
    let label = lang.pick(&field.label.zh, &field.label.en);
    let help = field.help.as_ref().map(|help| lang.pick(&help.zh, &help.en));
    let placeholder = field.placeholder.as_ref().map(|text| lang.pick(&text.zh, &text.en));
    let optional = if field.required { String::new() } else { lang.t("filing.optional") };
    let name = format!("fields[{}]", field.id);
    let id = field.id.clone();
    let value = request.flash.value(&field.id, &field.value);
    let error = request.flash.error(&field.id);
    let warning = field.warning.as_ref().map(|warning| warning.message(lang.0));
    match &field.kind {
        FieldKind::LongText => {
            view! { <TextArea name id label value help error warning optional rows=4 maxlength=u32::from(field.max_length) /> }.into_any()
        }
        FieldKind::Choice { options } => {
            let options = std::iter::once(Choice::new("", lang.t("filing.choose")).selected(value.is_empty()))
                .chain(options.iter().map(|option| {
                    Choice::new(option.value.clone(), lang.pick(&option.label.zh, &option.label.en)).selected(option.value == value)
                }))
                .collect();
            view! { <SelectField name id label options help error warning optional /> }.into_any()
        }
        kind => {
            let (kind, width) = match kind {
                FieldKind::CreditCode => (TextKind::Code, Width::Full),
                // Days are typed or pasted in any spelling; a picker would drop what it cannot read.
                FieldKind::Date => (TextKind::Text, Width::Short),
                FieldKind::Shares | FieldKind::Count => (TextKind::Text, Width::Medium),
                FieldKind::Percent => (TextKind::Number, Width::Short),
                FieldKind::Phone => (TextKind::Tel, Width::Medium),
                FieldKind::Email => (TextKind::Email, Width::Full),
                _ => (TextKind::Text, Width::Full),
            };
            view! { <TextField name id label kind value help error warning optional placeholder width autocomplete="off" /> }.into_any()
        }
    }
}
