//! `/documents/{document}/versions/{number}/source`: the page of a document with a value's region on it, or where a page cannot be
//! drawn the text or the cells around it with the value marked. The address holds the place, so a link shows what it says.

use backend::source::{Asked, Excerpt, Source, source};
use domain::{fact::Place, id::DocumentId, media::Kind, reading::Area};
use leptos::prelude::*;

use crate::{
    filing::marks::param,
    frame::Frame,
    lang::Lang,
    page::signed_in_page,
    request::{Request, encode},
    ui::{ButtonLink, Callout, CalloutKind, Card, IconName, Link, PageHead, Pager, TableBox},
};

/// The address that shows a place.
#[must_use]
pub fn href(document: DocumentId, number: i64, place: &Place, said: &str) -> String {
    use std::fmt::Write as _;
    let mut query = format!("page={}", place.page);
    if let Some(Area { left, top, width, height }) = place.area {
        let _ = write!(query, "&area={left},{top},{width},{height}");
    }
    if let Some(cell) = &place.cell {
        let _ = write!(query, "&cell={}", encode(cell));
    }
    if place.cell.is_none() && !said.is_empty() {
        let said: String = said.chars().take(60).collect();
        let _ = write!(query, "&said={}", encode(&said));
    }
    format!("/documents/{document}/versions/{number}/source?{query}#value")
}

/// A link to a place: document and page, or cell.
#[must_use]
pub fn place_name(lang: Lang, file_name: &str, place: &Place) -> String {
    let page = place.cell.clone().unwrap_or_else(|| place.page.to_string());
    let key = if place.cell.is_some() { "fact.cell" } else { "fact.page" };
    lang.with(key, &[("file", file_name), ("page", &page)])
}

/// `10,20,300,40`; only what lies on the page.
fn area(text: &str) -> Option<Area> {
    let parts: Vec<u16> = text.split(',').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [left, top, width, height] = parts[..] else { return None };
    let inside = u32::from(left) + u32::from(width) <= 10_000 && u32::from(top) + u32::from(height) <= 10_000;
    (inside && width > 0 && height > 0).then_some(Area { left, top, width, height })
}

/// The page.
pub fn place() -> AnyView {
    let (document, number): (Option<DocumentId>, Option<i64>) = (param("document"), param("number"));
    signed_in_page(move |request| async move {
        let (document, number) = document.zip(number).ok_or(backend::Error::NotFound)?;
        let asked = Asked {
            page: request.query("page").parse().unwrap_or(1),
            area: area(request.query("area")),
            cell: Some(request.query("cell").to_owned()).filter(|cell| !cell.is_empty()),
            said: request.query("said").to_owned(),
        };
        let found = source(&request.cx, document, number, &asked, &request.path).await?;
        let lang = request.lang;
        let name = Place { page: found.page, area: None, cell: asked.cell.clone() };
        let title = place_name(lang, &found.file_name, &name);
        let content = format!("/documents/{document}/versions/{number}/content");
        let actions = view! {
            <ButtonLink href=content.clone() download=found.file_name.clone() icon=IconName::Download>{lang.t("filing.file.download")}</ButtonLink>
        }
        .into_any();
        let pager = pages(&request, &found);
        let body = body(
            lang,
            &found,
            &content,
            &format!("/documents/{document}/versions/{number}/pages/{}", found.page),
        );
        Ok(Frame::new(&title).above(lang.t("filing.kind"), format!("/filings/{}", found.filing)).show(
            &request,
            view! {
                <PageHead title=title.clone() over=found.org_name.clone() actions=actions />
                {body}
                {pager}
            },
        ))
    })
}

fn body(lang: Lang, found: &Source, content: &str, page: &str) -> AnyView {
    let said = |key: &str| view! { <p class="small dim">{lang.t(key)}</p> }.into_any();
    if let Some(excerpt) = &found.excerpt {
        return cells(lang, excerpt);
    }
    let marked = found.lines.iter().any(|(_, marked)| *marked);
    let text = text(lang, found);
    if !found.picture {
        let why = if found.kind == Kind::Pdf { "source.cannot_draw" } else { "source.text_only" };
        return view! { <div class="stack">{said(why)} {text}</div> }.into_any();
    }
    let address = if found.kind == Kind::Pdf { page.to_owned() } else { content.to_owned() };
    let region = found.area.map(region);
    // Where no region is known, nothing is drawn rather than something wrong.
    let note = match (&region, marked) {
        (Some(_), _) => None,
        (None, true) => Some(said("source.marked_below")),
        (None, false) => Some(said("source.no_region")),
    };
    let alt = lang.with("source.picture", &[("file", &found.file_name), ("page", &found.page.to_string())]);
    // The picture says it where the region is known; the words are there for whoever cannot see it.
    let text = if region.is_some() {
        view! { <details class="small"><summary>{lang.t("source.text")}</summary>{text}</details> }.into_any()
    } else {
        text
    };
    view! {
        <div class="stack">
            {note}
            <div class="page-view"><img src=address alt=alt />{region}</div>
            {text}
        </div>
    }
    .into_any()
}

/// The region over the picture, a little wider than the letters.
fn region(area: Area) -> AnyView {
    let (x, y) = (area.left.saturating_sub(60), area.top.saturating_sub(40));
    let (width, height) = (area.width.saturating_add(120), area.height.saturating_add(80));
    view! {
        <svg viewBox="0 0 10000 10000" preserveAspectRatio="none" aria-hidden="true">
            <rect id="value" x=x.to_string() y=y.to_string() width=width.to_string() height=height.to_string() />
        </svg>
    }
    .into_any()
}

/// The page's text, the value's lines marked.
fn text(lang: Lang, found: &Source) -> AnyView {
    if let Some(why) = &found.unread {
        let why = why.get(lang.0).to_owned();
        return view! { <Callout kind=CalloutKind::Look><p>{why}</p></Callout> }.into_any();
    }
    if found.lines.is_empty() {
        return ().into_any();
    }
    let mut first = found.area.is_none() || !found.picture;
    let lines: Vec<AnyView> = found
        .lines
        .iter()
        .map(|(line, marked)| {
            if !marked {
                return view! { <p>{line.clone()}</p> }.into_any();
            }
            let id = std::mem::take(&mut first).then_some("value");
            view! { <p id=id><mark>{line.clone()}</mark></p> }.into_any()
        })
        .collect();
    view! { <Card title=lang.t("source.text")><div class="page-text">{lines}</div></Card> }.into_any()
}

fn cells(lang: Lang, excerpt: &Excerpt) -> AnyView {
    let heads: Vec<AnyView> = excerpt
        .columns
        .iter()
        .map(|letter| view! { <th scope="col">{letter.clone()}</th> }.into_any())
        .collect();
    let rows: Vec<AnyView> = excerpt
        .rows
        .iter()
        .map(|(number, cells)| {
            let cells: Vec<AnyView> = cells
                .iter()
                .map(|(text, marked)| {
                    if *marked {
                        view! { <td id="value"><mark>{text.clone()}</mark></td> }.into_any()
                    } else {
                        view! { <td>{text.clone()}</td> }.into_any()
                    }
                })
                .collect();
            view! { <tr><th scope="row" class="n fit">{*number}</th>{cells}</tr> }.into_any()
        })
        .collect();
    let title = lang.with("source.sheet", &[("sheet", &excerpt.sheet)]);
    view! {
        <Card title=title.clone() note=lang.t("source.sheet_note") flush=true>
            <TableBox label=title>
                <thead><tr><th scope="col" class="n"><span class="said">{lang.t("holder.row")}</span></th>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </TableBox>
        </Card>
    }
    .into_any()
}

/// To the pages beside this one; a region belongs to its own page.
fn pages(request: &Request, found: &Source) -> Option<AnyView> {
    if found.pages < 2 || found.excerpt.is_some() {
        return None;
    }
    let lang = request.lang;
    let to = |page: u32, text: String| {
        let page = page.to_string();
        Link::new(text, request.with_query(&[("page", &page), ("area", ""), ("cell", "")]))
    };
    let prev = (found.page > 1).then(|| to(found.page - 1, lang.t("list.previous")));
    let next = (found.page < found.pages).then(|| to(found.page + 1, lang.t("list.next")));
    let summary =
        lang.with("source.pages", &[("page", &found.page.to_string()), ("pages", &found.pages.to_string())]);
    Some(view! { <Pager label=lang.t("list.pages") summary prev next /> }.into_any())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_where_and_nothing_else() {
        let document = DocumentId(uuid::Uuid::nil());
        let place =
            Place { page: 3, area: Some(Area { left: 10, top: 20, width: 300, height: 40 }), cell: None };
        let address = href(document, 2, &place, "3,000 万元&x=1");
        assert!(address.contains("/versions/2/source?page=3&area=10,20,300,40&said=3%2C000%20"), "{address}");
        assert!(!address.contains("&x=1") && address.ends_with("#value"));
        let cell = Place { page: 1, area: None, cell: Some("F8".into()) };
        assert!(href(document, 1, &cell, "x").ends_with("source?page=1&cell=F8#value"));
    }

    #[test]
    fn a_region_off_the_page_is_none() {
        assert!(area("10,20,300,40").is_some());
        for wrong in ["", "1,2,3", "1,2,3,4,5", "9000,0,2000,10", "0,0,0,10", "-1,0,5,5", "a,b,c,d"] {
            assert_eq!(area(wrong), None, "{wrong}");
        }
    }
}
