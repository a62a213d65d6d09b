//! How every page is put together: load with the request, show inside the frame, or say what went wrong with
//! the right status. Pages exist on the server only; what reacts in the browser is an island.

use std::future::Future;

use backend::Error;
use domain::access::Denied;
use http::StatusCode;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    fail::FailKind,
    frame::Frame,
    request::{Request, encode, local_path, set_status, status_of},
    ui::{ButtonLink, EmptyState},
};

/// A page's result: its view, or why there is none.
pub type Shown = Result<AnyView, Error>;

/// Loads and shows a page.
pub fn page<F, Fut>(show: F) -> AnyView
where
    F: FnOnce(Request) -> Fut + Send + 'static,
    Fut: Future<Output = Shown> + Send + 'static,
{
    // Nothing outside islands is hydrated, so no page data is repeated in scripts.
    if let Some(shared) = Owner::current_shared_context() {
        shared.set_is_hydrating(false);
    }
    let Ok(request) = Request::here() else {
        set_status(StatusCode::INTERNAL_SERVER_ERROR);
        return ().into_any();
    };
    view! {
        <Suspense fallback=|| ()>
            {Suspend::new(async move {
                match show(request.clone()).await {
                    Ok(view) => view,
                    Err(error) => failed(&request, &error),
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// A page for people who are signed in: others are sent to sign in and come back.
pub fn signed_in_page<F, Fut>(show: F) -> AnyView
where
    F: FnOnce(Request) -> Fut + Send + 'static,
    Fut: Future<Output = Shown> + Send + 'static,
{
    page(move |request| async move {
        if request.actor().is_none() {
            return Err(Error::SignedOut);
        }
        crate::supervision::noted_beside(&request).await?;
        show(request).await
    })
}

fn failed(request: &Request, error: &Error) -> AnyView {
    let fail = request.fail(error);
    if fail.kind == FailKind::SignedOut || request.actor().is_none() && fail.kind == FailKind::Denied {
        let next = request.with_query(&[]);
        leptos_axum::redirect(local_path(&format!("/login?next={}", encode(&next))));
        return ().into_any();
    }
    if matches!(error, Error::Denied(Denied::Stale)) {
        leptos_axum::redirect(local_path(&crate::sign_in::address(&request.with_query(&[]))));
        return ().into_any();
    }
    set_status(status_of(fail.kind));
    let lang = request.lang;
    let title = match fail.kind {
        FailKind::NotFound => lang.t("error.not_found_title"),
        FailKind::Denied => lang.t("error.denied_title"),
        _ => lang.t("error.internal_title"),
    };
    Frame::new(&title)
        .show(request, view! {
            <EmptyState alone=true title=title.clone() actions=view! { <ButtonLink href="/home">{lang.t("error.home")}</ButtonLink> }.into_any()>
                {fail.message}
            </EmptyState>
        })
}

/// The page for an address that does not exist.
pub fn not_found() -> AnyView {
    page(|_| async { Err(Error::NotFound) })
}

/// `<title>` of a page.
pub fn title(request: &Request, text: &str) -> impl IntoView + use<> {
    let text = format!("{text} · {}", request.lang.t("brand"));
    view! { <Title text=text /> }
}
