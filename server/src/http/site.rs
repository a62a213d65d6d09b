//! Static files of the site (style, icons, WebAssembly), precompressed by the build. Everything that is neither a file
//! nor a route is a page that does not exist, and says so like a page.

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, header},
    middleware::{Next, from_fn},
    response::Response,
};
use tower_http::services::{ServeDir, ServeFile};

use super::State;

/// One route per file in the site's root and one for `/pkg`; read once, since the build lays them down before.
pub(super) fn routes(state: &State) -> Router<State> {
    let root = &state.site_root;
    let packages = ServeDir::new(root.join("pkg")).precompressed_br().precompressed_gzip();
    let mut router = Router::new().nest_service("/pkg", packages);
    let names = std::fs::read_dir(root).into_iter().flatten().flatten().filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let plain = entry.path().is_file() && !name.ends_with(".br") && !name.ends_with(".gz");
        plain.then_some(name)
    });
    for name in names {
        let file = ServeFile::new(root.join(&name)).precompressed_br().precompressed_gzip();
        router = router.route_service(&format!("/{name}"), file);
    }
    router.layer(from_fn(ask_again))
}

/// Files have no version in their names, so a browser asks again each time and mostly hears "not modified".
async fn ask_again(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
