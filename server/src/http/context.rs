//! Builds the request that pages and server functions work for: session -> actor -> language -> message left by
//! the form before. Handlers find it in the request's extensions.

use std::collections::BTreeMap;

use app::{
    kept,
    lang::Lang,
    look::{self, Look},
    request::{Flash, Request as AppRequest, local_path, wants_page},
};
use axum::{
    extract::{Request, State as Extract},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use backend::Cx;
use domain::locale::Locale;
use tower_sessions::Session;

use super::{State, client_address};

const LANGUAGE_COOKIE: &str = "guxin-lang";

/// For people: the session's cookie says who it is.
pub(crate) async fn attach(
    Extract(state): Extract<State>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Response {
    let query = query_of(request.uri());
    let chosen = query.get("lang").map(|tag| Locale::from_tag(tag));
    let lang = Lang(chosen.unwrap_or_else(|| language(request.headers())));
    let look = cookie(request.headers(), look::COOKIE).map(Look::from_cookie).unwrap_or_default();
    // Reading a session that is over forgets which one it was.
    let came_with = session.id();
    let cx = match of_session(&state.anonymous(), &session).await {
        Ok(cx) => cx,
        Err(error) => {
            tracing::error!(%error, "the session could not be read");
            return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "2")]).into_response();
        }
    };
    // The message is shown once: the page that shows it takes it out. A form's own answer does not.
    let page = request.method() == Method::GET && wants_page(request.headers());
    let flash = if page { left_for_the_page(&session).await } else { Flash::default() };
    let client = client_address::of(&request, &state.trusted_proxies);
    let received_at = super::arrival::of(request.extensions(), cx.now());
    let mut query = query;
    query.remove("lang");
    let mut context = AppRequest {
        cx,
        received_at,
        session,
        came_with,
        lang,
        look,
        path: request.uri().path().to_owned(),
        query,
        flash,
        wants_page: wants_page(request.headers()),
        back: back(request.headers()),
        client: client.map_or_else(String::new, |ip| ip.to_string()),
    };
    if page
        && let Some(address) = request.uri().path_and_query()
        && let Err(error) = kept::hand_back(&mut context, address.as_str()).await
    {
        tracing::warn!(%error, "what was typed could not be handed back");
    }
    request.extensions_mut().insert(context);
    let mut response = next.run(request).await;
    if let Some(locale) = chosen {
        let cookie =
            format!("{LANGUAGE_COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly", locale.tag());
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    response
}

/// The message that the form before left. Removing what is not there would count as a change of the session: every page
/// would write it.
async fn left_for_the_page(session: &Session) -> Flash {
    match session.get::<Flash>(Flash::KEY).await {
        Ok(Some(flash)) => {
            let _ = session.remove_value(Flash::KEY).await;
            flash
        }
        _ => Flash::default(),
    }
}

/// Loads the person afresh for every request, so that role changes, disabling and sanctions act at once.
async fn of_session(anonymous: &Cx, session: &Session) -> backend::Result<Cx> {
    let Some(signed_in) = backend::session::signed_in(session).await? else { return Ok(anonymous.clone()) };
    let actor = backend::session::actor_of(anonymous, &signed_in).await?;
    Ok(actor.map_or_else(|| anonymous.clone(), |actor| anonymous.with_actor(actor)))
}

/// For programs: a bearer token says who it is. Without one the request stays anonymous and the handler decides.
pub(crate) async fn attach_bearer(
    Extract(state): Extract<State>,
    mut request: Request,
    next: Next,
) -> Response {
    let token = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        // The scheme's name is not case-sensitive (RFC 9110 §11.1).
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .map(str::to_owned);
    let anonymous = state.anonymous();
    let cx: Cx = match token {
        None => anonymous,
        Some(token) => match backend::token::actor_of_token(&anonymous, &token).await {
            Ok(Some(actor)) => anonymous.with_actor(actor),
            Ok(None) => return super::api::problem(&backend::Error::SignedOut),
            Err(error) => return super::api::problem(&error),
        },
    };
    request.extensions_mut().insert(cx);
    next.run(request).await
}

fn query_of(uri: &Uri) -> BTreeMap<String, String> {
    uri.query().map(|text| url_decode(text).collect()).unwrap_or_default()
}

fn url_decode(text: &str) -> impl Iterator<Item = (String, String)> + '_ {
    form_urlencoded::parse(text.as_bytes()).map(|(name, value)| (name.into_owned(), value.into_owned()))
}

fn language(headers: &HeaderMap) -> Locale {
    cookie(headers, LANGUAGE_COOKIE).map_or(Locale::Zh, Locale::from_tag)
}

fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split("; "))
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// The local path (with query) of the page a form stood on.
fn back(headers: &HeaderMap) -> String {
    headers
        .get(header::REFERER)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<Uri>().ok())
        .and_then(|uri| uri.path_and_query().map(|path| local_path(path.as_str()).to_owned()))
        .unwrap_or_else(|| "/home".to_owned())
}
