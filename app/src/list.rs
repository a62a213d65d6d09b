//! What every list page needs: its pager, the heads that sort it, and options for its filters. Search, filter, order
//! and page live in the query, so that a list can be bookmarked and sent to a colleague.

use backend::page::{Page, Paging};
use leptos::prelude::*;

use crate::{
    request::Request,
    ui::{Choice, Link, Pager, PagerItem, SortHead, Sorted},
};

/// The slice that the query asks for.
#[must_use]
pub fn paging(request: &Request) -> Paging {
    Paging::page(request.query_number("page").and_then(|page| u32::try_from(page).ok()).unwrap_or(1))
}

/// Links to the neighbours and the numbered pages; nothing for an empty list.
pub fn pager<T>(request: &Request, page: &Page<T>) -> Option<AnyView> {
    if page.total == 0 {
        return None;
    }
    let lang = request.lang;
    let (here, last) = (i64::from(page.page), page.pages());
    let first_row = (here - 1) * i64::from(page.size) + 1;
    let last_row = first_row - 1 + i64::try_from(page.rows.len()).unwrap_or(0);
    let summary = lang.with(
        "list.summary",
        &[
            ("from", &lang.number(first_row)),
            ("to", &lang.number(last_row)),
            ("total", &lang.number(page.total)),
        ],
    );
    let to =
        |number: i64, text: String| Link::new(text, request.with_query(&[("page", &number.to_string())]));
    let mut items = Vec::new();
    let mut before = 0;
    for number in (1..=last).filter(|n| *n == 1 || *n == last || (n - here).abs() <= 2) {
        if number > before + 1 {
            items.push(PagerItem::Gap);
        }
        let link = to(number, number.to_string());
        items.push(if number == here { PagerItem::Current(link) } else { PagerItem::Page(link) });
        before = number;
    }
    let prev = (here > 1).then(|| to(here - 1, lang.t("list.previous")));
    let next = (here < last).then(|| to(here + 1, lang.t("list.next")));
    Some(view! { <Pager label=lang.t("list.pages") summary prev next items /> }.into_any())
}

/// The head of a column that sorts by `key`; an empty key is the usual order.
pub fn sort_head(request: &Request, label: String, key: &str, hide_phone: bool) -> AnyView {
    let sorted = (request.query("sort") == key).then_some(Sorted::Up);
    let href = request.with_query(&[("sort", key), ("page", "")]);
    view! { <SortHead label href sorted hide_phone /> }.into_any()
}

/// Options of a filter: everything first, then these (value and text).
#[must_use]
pub fn options(request: &Request, name: &str, all: String, values: Vec<(String, String)>) -> Vec<Choice> {
    let chosen = request.query(name);
    std::iter::once(Choice::new("", all))
        .chain(values.into_iter().map(|(value, text)| {
            let selected = value == chosen;
            Choice::new(value, text).selected(selected)
        }))
        .collect()
}
