//! What this reader may decide about a filing now. Every action first opens its own form, which says what will
//! follow, so that nothing is decided by one press; the form works without a script.

use backend::filing::{Allowed, Workspace};
use leptos::prelude::*;

use crate::{
    dossier,
    request::Request,
    ui::{
        Button, ButtonKind, ButtonLink, Callout, CalloutKind, Card, Choice, ErrorSummary, Link, SelectField,
        TextArea, Words,
    },
};

/// Rows of a correction or inquiry.
const ROWS: usize = 6;

/// What a form asks for beside the confirmation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asks {
    Nothing,
    /// An opinion that may be left out.
    Remark,
    /// An opinion or a reason.
    Opinion,
    /// Several items, each tied to a slot.
    Items,
}

/// One action.
#[derive(Clone, Copy, Debug)]
struct Action {
    name: &'static str,
    kind: ButtonKind,
    asks: Asks,
    allowed: fn(&Allowed) -> bool,
}

const fn action(name: &'static str, kind: ButtonKind, asks: Asks, allowed: fn(&Allowed) -> bool) -> Action {
    Action { name, kind, asks, allowed }
}

/// In the order of the panel: what moves the filing on comes first.
const ACTIONS: [Action; 12] = [
    action("accept", ButtonKind::Primary, Asks::Remark, |may| may.decide_acceptance),
    action("correct", ButtonKind::Plain, Asks::Items, |may| may.decide_acceptance),
    action("refuse", ButtonKind::Danger, Asks::Opinion, |may| may.decide_acceptance),
    action("recommend", ButtonKind::Primary, Asks::Opinion, |may| may.review),
    action("inquire", ButtonKind::Plain, Asks::Items, |may| may.review),
    action("approve", ButtonKind::Primary, Asks::Opinion, |may| may.second_review),
    action("send_back", ButtonKind::Plain, Asks::Opinion, |may| may.second_review),
    action("publicise", ButtonKind::Primary, Asks::Nothing, |may| may.publicise),
    action("list", ButtonKind::Primary, Asks::Nothing, |may| may.list),
    action("resume", ButtonKind::Primary, Asks::Remark, |may| may.resume),
    action("suspend", ButtonKind::Plain, Asks::Opinion, |may| may.suspend),
    action("reject", ButtonKind::Danger, Asks::Opinion, |may| may.reject),
];

/// The buttons, each leading to its form.
pub(super) fn panel(request: &Request, space: &Workspace) -> AnyView {
    let lang = request.lang;
    let buttons: Vec<_> = ACTIONS
        .iter()
        .filter(|action| (action.allowed)(&space.allowed))
        .map(|action| {
            let word = lang.t(&format!("review.action.{}", action.name));
            let href = format!("/review/{}?do={}", space.filing.id, action.name);
            view! { <ButtonLink href=href kind=action.kind wide=true>{word}</ButtonLink> }
        })
        .collect();
    let none = buttons.is_empty().then(|| view! { <p class="dim">{lang.t("review.nothing")}</p> });
    view! { <Card title=lang.t("review.panel")><div class="stack tight">{buttons}{none}</div></Card> }
        .into_any()
}

/// The form of the action that the address asks for, if this reader may do it.
pub(super) fn form(request: &Request, space: &Workspace) -> Option<AnyView> {
    let asked = request.query("do");
    let action = ACTIONS.iter().find(|action| action.name == asked && (action.allowed)(&space.allowed))?;
    let lang = request.lang;
    let back = format!("/review/{}", space.filing.id);
    let endpoint = if action.asks == Asks::Items { "/do/review/ask" } else { "/do/review/decide" };
    let fields = match action.asks {
        Asks::Nothing => ().into_any(),
        Asks::Remark | Asks::Opinion => opinion(request, action),
        Asks::Items => items(request, space),
    };
    let word = lang.t(&format!("review.action.{}", action.name));
    let confirm = lang.with("review.confirm", &[("action", &word)]);
    let follows = lang.t(&format!("review.follows.{}", action.name));
    let errors: Vec<Link> =
        request.flash.errors.iter().map(|(name, text)| Link::new(text.clone(), format!("#{name}"))).collect();
    let summary = (!errors.is_empty()).then(|| {
        let title = lang.with("review.errors", &[("count", &errors.len().to_string())]);
        view! { <ErrorSummary title=title errors=errors /> }
    });
    let (name, id, version) = (action.name, space.filing.id.to_string(), space.filing.version.to_string());
    let kind = action.kind;
    Some(
        view! {
            <Card title=word id="act">
                <form method="post" action=endpoint class="stack tight">
                    {summary}
                    <Callout kind=CalloutKind::Look><p>{follows}</p></Callout>
                    <input type="hidden" name="decision" value=name />
                    <input type="hidden" name="filing" value=id />
                    <input type="hidden" name="version" value=version />
                    {fields}
                    <div class="actions">
                        <Button kind=kind>{confirm}</Button>
                        <ButtonLink href=back>{lang.t("review.cancel")}</ButtonLink>
                    </div>
                </form>
            </Card>
        }
        .into_any(),
    )
}

fn opinion(request: &Request, action: &Action) -> AnyView {
    let lang = request.lang;
    let label = match action.name {
        "refuse" | "reject" | "send_back" | "suspend" => lang.t("review.reason"),
        _ => lang.t("review.opinion"),
    };
    let optional = (action.asks == Asks::Remark).then(|| lang.t("review.optional"));
    view! {
        <TextArea
            name="opinion"
            label=label
            help=lang.t(&format!("review.help.{}", action.name))
            value=request.flash.value("opinion", "")
            error=request.flash.error("opinion")
            optional=optional
            rows=6
            maxlength=4000
        />
    }
    .into_any()
}

fn items(request: &Request, space: &Workspace) -> AnyView {
    let lang = request.lang;
    let rows: Vec<_> = (0..ROWS)
        .map(|at| {
            let chosen = request.flash.value(&format!("items.{at}.slot"), "");
            let mut options = vec![Choice::new("", lang.t("dossier.whole"))];
            options.extend(space.slots.iter().map(|slot| {
                let id = slot.id.to_string();
                let selected = id == chosen;
                Choice::new(id, format!("{} {}", slot.number, dossier::text(lang, &slot.name)))
                    .selected(selected)
            }));
            let number = (at + 1).to_string();
            let error = |field: &str| Words::from(request.flash.error(&format!("items.{at}.{field}")));
            view! {
                <fieldset class="stack tight">
                    <legend>{lang.with("review.item", &[("number", &number)])}</legend>
                    <SelectField
                        name=format!("items[{at}][slot]")
                        id=format!("items.{at}.slot")
                        label=lang.t("review.item_slot")
                        options=options
                        error=error("slot")
                    />
                    <TextArea
                        name=format!("items[{at}][reason]")
                        id=format!("items.{at}.reason")
                        label=lang.t("review.item_reason")
                        value=request.flash.value(&format!("items.{at}.reason"), "")
                        error=error("reason")
                        rows=2
                        maxlength=4000
                    />
                </fieldset>
            }
        })
        .collect();
    view! { <p class="small dim">{lang.t("review.items_help")}</p> {rows} }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_sees_an_action_without_leave_and_a_reviewer_sees_the_own_ones() {
        assert!(ACTIONS.iter().all(|action| !(action.allowed)(&Allowed::default())));
        let reviewer = Allowed { decide_acceptance: true, review: true, ..Allowed::default() };
        let names: Vec<_> = ACTIONS.iter().filter(|a| (a.allowed)(&reviewer)).map(|a| a.name).collect();
        assert_eq!(names, ["accept", "correct", "refuse", "recommend", "inquire"]);
    }
}
