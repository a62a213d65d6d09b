//! Reading changes nothing, whoever reads; and a supervisor changes nothing, whatever the request. Only sessions and
//! the record of who looked at what may differ afterwards.

use axum::{
    body::Body,
    http::{Method, Request},
};

use crate::{Platform, Who, matrix::targets, on_both, state, surface};

on_both! {
    async fn no_get_changes_anything(platform: Platform) {
        let before = state::of(&platform).await;
        let mut routes = surface::pages();
        routes.extend(surface::raw_routes().into_iter().map(|(_, path)| path));
        routes.extend(surface::api_routes());
        // Server functions answer POST only; asked with GET they must do nothing either.
        routes.extend(surface::functions());
        for target in [&platform.known.attesting, &platform.known.submitted] {
            for route in &routes {
                let path = if route.contains("{*function}") { "/do/no/such".to_owned() } else { targets::fill(route, target) };
                for who in Who::ALL {
                    let answer = platform.read(who, &path).await;
                    assert!(!answer.status.is_server_error(), "{path} as {who:?}: {}", answer.text());
                }
            }
        }
        assert_eq!(state::changed_beyond_reading(&before, &state::of(&platform).await), Vec::<String>::new());
    }

    async fn a_supervisor_changes_nothing(platform: Platform) {
        let before = state::of(&platform).await;
        for target in [&platform.known.attesting, &platform.known.submitted] {
            for function in crate::matrix::tenant_functions() {
                let fields = targets::fields(function.fields, target);
                let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                let mut client = platform.client(Who::Supervisor);
                let answer = client.call(function.path, &fields).await;
                assert!(!answer.status.is_success(), "{}: {}", function.path, answer.text());
                client.submit("/supervision", function.path, &fields).await;
            }
            let upload = targets::upload_path(target.filing);
            let answer = platform.client(Who::Supervisor).upload(&upload, "a.pdf", crate::upload::pdf("x")).await;
            assert!(answer.status.is_client_error(), "{}", answer.text());
        }
        assert_eq!(state::changed_beyond_reading(&before, &state::of(&platform).await), Vec::<String>::new());
    }
}

#[tokio::test]
async fn routes_know_their_methods() {
    let platform = Platform::sqlite().await;
    let api = surface::api_routes().into_iter().map(|path| ("GET".to_owned(), path));
    for (method, path) in surface::raw_routes().into_iter().chain(api) {
        if path.contains("{*function}") {
            continue;
        }
        let path = targets::fill(&path, &platform.known.submitted);
        for wrong in [Method::PUT, Method::DELETE, Method::PATCH] {
            let request = Request::builder()
                .method(wrong.clone())
                .uri(&path)
                .header("host", "localhost:3000")
                .header("sec-fetch-site", "same-origin")
                .body(Body::empty())
                .expect("a request");
            let answer = platform.client(Who::Operator).send(request).await;
            assert!(
                answer.status.is_client_error(),
                "{wrong} {path} (a {method} route) answers {}",
                answer.status
            );
        }
    }
}
