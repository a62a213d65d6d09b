//! What every list of the exchange and the supervisors has: pages, sort links, select filters. The state of a list is
//! its address, so a view can be sent to a colleague.

use backend::page::{Page, Paging};
use leptos::prelude::*;

use crate::{
    lang::Lang,
    request::Request,
    ui::{Choice, FilterSelect, Link, Pager, PagerItem, SortHead, Sorted},
};

/// Values and names of a select.
type Options = Vec<(String, String)>;

/// The page that the address asks for.
pub(crate) fn paging(request: &Request, size: u32) -> Paging {
    let page = request.query_number("page").and_then(|page| u32::try_from(page).ok()).unwrap_or(1).max(1);
    Paging { page, size }
}

/// Links to the pages of a list.
pub(crate) fn pages<T>(request: &Request, shown: &Page<T>) -> AnyView {
    let lang = request.lang;
    let (total, last) = (shown.total, shown.pages());
    let (page, per_page) = (i64::from(shown.page), i64::from(shown.size));
    let link = |text: String, to: i64| Link::new(text, request.with_query(&[("page", &to.to_string())]));
    let first_row = ((page - 1) * per_page + 1).min(total);
    let last_row = (page * per_page).min(total);
    let summary = lang.with(
        "listing.summary",
        &[
            ("first", &lang.number(first_row)),
            ("last", &lang.number(last_row)),
            ("total", &lang.number(total)),
        ],
    );
    let items = if last > 1 {
        numbers(page, last)
            .into_iter()
            .map(|number| match number {
                None => PagerItem::Gap,
                Some(number) if number == page => PagerItem::Current(link(number.to_string(), number)),
                Some(number) => PagerItem::Page(link(number.to_string(), number)),
            })
            .collect()
    } else {
        Vec::new()
    };
    let prev = (page > 1).then(|| link(lang.t("listing.prev"), (page - 1).min(last)));
    let next = (page < last).then(|| link(lang.t("listing.next"), page + 1));
    view! { <Pager label=lang.t("listing.pages") summary=summary prev=prev next=next items=items /> }
        .into_any()
}

/// First, last and the neighbours of the page one is on; `None` is a gap.
fn numbers(page: i64, last: i64) -> Vec<Option<i64>> {
    let mut out = Vec::new();
    let mut before = 0;
    for number in (1..=last).filter(|n| *n == 1 || *n == last || (n - page).abs() <= 1) {
        if number > before + 1 {
            out.push(None);
        }
        out.push(Some(number));
        before = number;
    }
    out
}

/// The head of a column that sorts by `name`; `usual` is the order without a parameter.
pub(crate) fn sort_head(
    request: &Request,
    label: String,
    name: &str,
    usual: &str,
    down: bool,
    hide_phone: bool,
) -> AnyView {
    let now = match request.query("sort") {
        "" => usual,
        asked => asked,
    };
    let sorted = (now == name).then_some(if down { Sorted::Down } else { Sorted::Up });
    let href = request.with_query(&[("sort", name), ("page", "")]);
    view! { <SortHead label=label href=href sorted=sorted hide_phone=hide_phone /> }.into_any()
}

/// A select whose first option is "all".
pub(crate) fn select(
    request: &Request,
    name: &str,
    label: String,
    options: Vec<(String, String)>,
) -> AnyView {
    let asked = request.query(name);
    let mut choices = vec![Choice::new("", request.lang.t("listing.all"))];
    choices.extend(options.into_iter().map(|(value, text)| {
        let selected = value == asked;
        Choice::new(value, text).selected(selected)
    }));
    view! { <FilterSelect name=name.to_owned() label=label options=choices /> }.into_any()
}

/// Boards and cities of the rule pack in force, as options.
pub(crate) fn boards_and_cities(request: &Request) -> backend::Result<(Options, Options)> {
    let lang = request.lang;
    let pack = request.cx.current_pack()?;
    let boards =
        pack.boards.iter().map(|board| (board.id.clone(), board.name.get(lang.0).to_owned())).collect();
    let cities = match pack.fields.iter().find(|field| field.id == "city").map(|field| &field.kind) {
        Some(domain::rule_pack::FieldKind::Choice { options }) => {
            options.iter().map(|option| (option.value.clone(), option.label.get(lang.0).to_owned())).collect()
        }
        _ => Vec::new(),
    };
    Ok((boards, cities))
}

/// Stages as options.
pub(crate) fn stages(lang: Lang, among: &[domain::workflow::StageName]) -> Vec<(String, String)> {
    among.iter().map(|stage| (stage.name().to_owned(), lang.t(&format!("stage.{}", stage.name())))).collect()
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn both_ends_and_the_neighbourhood_are_always_there() {
        assert_eq!(numbers(1, 1), [Some(1)]);
        assert_eq!(numbers(1, 3), [Some(1), Some(2), Some(3)]);
        assert_eq!(numbers(5, 9), [Some(1), None, Some(4), Some(5), Some(6), None, Some(9)]);
        assert_eq!(numbers(9, 9), [Some(1), None, Some(8), Some(9)]);
    }
}
