//! `/filings/new`: opening a listing application. The boards are those of the rule pack in force.

use leptos::prelude::*;

use super::marks::{error_summary, form_key};
use crate::{
    fail::Fail,
    frame::Frame,
    page::{Shown, signed_in_page},
    request::{Done, Request},
    ui::{Button, ButtonKind, ButtonLink, Card, Choice, ChoiceField, PageHead},
};

/// `/filings/new`
pub fn new() -> AnyView {
    signed_in_page(|request| async move {
        request.cx.permit_own::<domain::access::action::OpenFiling>()?;
        let lang = request.lang;
        let pack = request.cx.current_pack()?;
        let chosen = request.flash.value("board", "");
        let boards = pack
            .boards
            .iter()
            .map(|board| {
                Choice::new(board.id.clone(), lang.pick(&board.name.zh, &board.name.en))
                    .selected(board.id == chosen)
            })
            .collect();
        let over = lang.with("filing.pack", &[("version", &pack.version)]);
        let clocks = pack.clocks;
        let limits = lang.with(
            "filing.new.limits",
            &[("acceptance", &clocks.acceptance.to_string()), ("review", &clocks.review.to_string())],
        );
        let counts = lang.with(
            "filing.new.counts",
            &[("slots", &pack.slots.len().to_string()), ("fields", &pack.fields.len().to_string())],
        );
        let source = lang.pick(&pack.source.zh, &pack.source.en);
        // A form that came back keeps its key: sent again, it still opens one filing.
        let key = request.flash.value("open_key", &form_key(&request));
        let error = request.flash.error("board");
        let summary = error_summary(&request);
        let title = lang.t("filing.new.title");
        Ok(Frame::new(&title).above(lang.t("filing.list.title"), "/filings").show(&request, view! {
            {summary}
            <PageHead title=title.clone() over=over lead=lang.t("filing.new.lead") />
            <div class="cols">
                <Card>
                    <form class="form" method="post" action="/do/filing/open">
                        <input type="hidden" name="open_key" value=key />
                        <ChoiceField name="board" label=lang.t("filing.new.board") help=lang.t("filing.new.board_help") choices=boards required=true error=error />
                        <div class="actions">
                            <Button kind=ButtonKind::Primary>{lang.t("filing.new.open")}</Button>
                            <ButtonLink href="/filings">{lang.t("filing.cancel")}</ButtonLink>
                        </div>
                    </form>
                </Card>
                <Card title=lang.t("filing.new.about")>
                    <div class="stack tight small">
                        <p>{counts}</p>
                        <p>{limits}</p>
                        <p class="dim">{source}</p>
                    </div>
                </Card>
            </div>
        }))
    })
}

/// One button for each board: a press opens the application. The organisation's particulars go into it, and the board can be
/// changed until it is submitted, so there is nothing to ask first.
///
/// # Errors
/// When no rule pack is in force.
pub fn boards(request: &Request) -> Shown {
    let lang = request.lang;
    let buttons: Vec<AnyView> = request
        .cx
        .current_pack()?
        .boards
        .iter()
        .map(|board| {
            let name = lang.pick(&board.name.zh, &board.name.en);
            view! { <Button name="board" value=board.id.clone()>{name}</Button> }.into_any()
        })
        .collect();
    Ok(view! {
        <form class="row" method="post" action="/do/filing/open" aria-label=lang.t("filing.new.title")>
            <input type="hidden" name="open_key" value=form_key(request) />
            <span class="small">{lang.t("filing.new.on")}</span>
            {buttons}
        </form>
    }
    .into_any())
}

/// Opens the filing and goes there.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "filing/open")]
pub async fn open_filing(open_key: String, #[server(default)] board: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let outcome = backend::filing::open(&request.cx, &open_key, &board)
        .await
        .map(|id| Done::to(format!("/filings/{id}")).saying(request.lang.t("filing.new.opened")));
    request.finish(outcome, &[("open_key", &open_key), ("board", &board)]).await
}
