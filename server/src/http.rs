//! Everything that is served: pages and server functions of `app`, uploads and downloads, the public ledger, the
//! JSON API, health. The order of the layers is the order of defence.

use std::{path::PathBuf, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state},
    routing::post,
};
use backend::{Cx, Services};
use leptos::{config::LeptosOptions, prelude::provide_context};
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list, render_app_async_with_context};
use metrics_exporter_prometheus::PrometheusHandle;
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, csrf::CsrfLayer, timeout::TimeoutLayer,
};
use tower_sessions::{Expiry, SessionManagerLayer, cookie::SameSite};

pub mod api;
mod arrival;
mod client_address;
mod context;
mod download;
mod evidence;
mod export;
pub(crate) mod headers;
mod health;
mod holders;
mod intake;
mod ledger;
pub(crate) mod observe;
mod receipt;
mod site;
mod upload;
mod verifier;

pub use upload::{Pace, UploadLimits};

/// Until the head of an answer is there. Uploads are measured instead.
const TIME_LIMIT: Duration = Duration::from_secs(600);

/// What handlers share.
#[derive(Clone)]
pub struct State {
    pub(crate) services: Arc<Services>,
    pub(crate) leptos: LeptosOptions,
    pub(crate) metrics: Option<PrometheusHandle>,
    pub(crate) trusted_proxies: Arc<Vec<std::net::IpAddr>>,
    pub(crate) site_root: PathBuf,
    pub(crate) uploads: upload::Uploads,
}

impl axum::extract::FromRef<State> for LeptosOptions {
    fn from_ref(state: &State) -> Self {
        state.leptos.clone()
    }
}

impl State {
    /// State for services, with everything else as given.
    pub fn new(
        services: Arc<Services>,
        site_root: PathBuf,
        metrics: Option<PrometheusHandle>,
        trusted_proxies: Vec<std::net::IpAddr>,
    ) -> Self {
        let leptos = LeptosOptions::builder()
            .output_name("guxin")
            .site_root(site_root.to_string_lossy().into_owned())
            .site_pkg_dir("pkg")
            .build();
        let uploads = upload::Uploads::new(UploadLimits::default());
        Self { services, leptos, metrics, trusted_proxies: Arc::new(trusted_proxies), site_root, uploads }
    }

    /// The same with other limits for uploads.
    #[must_use]
    pub fn with_upload_limits(self, limits: UploadLimits) -> Self {
        Self { uploads: upload::Uploads::new(limits), ..self }
    }

    /// A context for work without a person.
    pub(crate) fn anonymous(&self) -> Cx {
        Cx::anonymous(Arc::clone(&self.services))
    }
}

/// Every page's route, for the router and for the snapshot test.
#[must_use]
pub fn pages() -> Vec<AxumRouteListing> {
    generate_route_list(app::routes::Site)
}

/// The whole application.
///
/// # Errors
/// When the public URL is not an origin.
pub fn router(state: State) -> anyhow::Result<Router> {
    let settings = &state.services.settings;
    let secure = settings.public_url.starts_with("https://");
    let store = backend::session::store::DbSessions::new(Arc::clone(&state.services));
    let sessions = SessionManagerLayer::new(store)
        // The prefix binds the cookie to this host and to https; browsers refuse it on plain http.
        .with_name(if secure { "__Host-guxin" } else { "guxin" })
        .with_secure(secure)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        // How long it is good is the store's business. A cookie with an age would be sent afresh only when the session
        // changes: whoever reads or types on one page would lose it, and with it what was typed.
        .with_expiry(Expiry::OnSessionEnd);
    let csrf = CsrfLayer::new().add_trusted_origin(&settings.public_url)?;

    let in_time = || TimeoutLayer::with_status_code(http::StatusCode::REQUEST_TIMEOUT, TIME_LIMIT);
    let people = Router::new()
        // A piece is small and can be sent again, so the limit in time that uploads do without holds for it.
        .merge(intake::routes())
        .merge(download::routes())
        .merge(receipt::routes())
        .merge(evidence::routes())
        .merge(export::routes())
        .merge(holders::routes())
        .merge(verifier::routes())
        .route("/do/{*function}", post(server_function))
        .leptos_routes_with_context(&state, pages(), page_context(&state), app::routes::shell)
        .fallback(render_app_async_with_context(page_context(&state), app::routes::shell))
        .layer(in_time())
        .merge(upload::routes())
        .layer(from_fn(headers::page_policy))
        .layer(from_fn_with_state(state.clone(), context::attach))
        .layer(sessions)
        .layer(csrf);

    let machines = Router::new()
        .merge(api::routes())
        .layer(in_time())
        .layer(from_fn_with_state(state.clone(), context::attach_bearer));
    let public = Router::new()
        .merge(ledger::routes())
        .merge(health::routes())
        .merge(site::routes(&state))
        .layer(in_time());

    Ok(Router::new()
        .merge(people)
        .nest("/api/v1", machines)
        .merge(public)
        .layer(DefaultBodyLimit::max(2 << 20))
        .layer(CompressionLayer::new().br(true).gzip(true))
        .layer(from_fn(headers::everywhere))
        .layer(CatchPanicLayer::new())
        .layer(from_fn(observe::each_request))
        .layer(from_fn_with_state(state.clone(), arrival::stamp))
        .with_state(state))
}

/// What every page render finds in its context beside the request's parts.
fn page_context(state: &State) -> impl Fn() + Clone + Send + Sync + 'static {
    let options = state.leptos.clone();
    move || {
        // `islands::Scripts` asks for the options on the pages that have an island.
        provide_context(options.clone());
        headers::content_security_policy();
    }
}

async fn server_function(request: axum::extract::Request) -> impl axum::response::IntoResponse {
    leptos_axum::handle_server_fns_with_context(|| {}, request).await
}
