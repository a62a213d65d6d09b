//! The browser's verifier as one file, to be kept and opened without network: the page `/verify` as it is rendered, with style,
//! script and WebAssembly put into it. Nothing is built a second time, so it checks exactly what the page checks. Its own
//! policy lets it talk to nobody: what is chosen in it cannot leave it.

use app::request::Request;
use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    extract::State as Extract,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use backend::Error;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use leptos_axum::render_app_async_with_context;

use super::{State, download::attachment, page_context};

/// The page is a few kilobytes; more is a mistake of ours.
const MOST: usize = 1 << 20;
const NAME: &str = "guxin-verify.html";
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'unsafe-inline'; \
                      img-src data:; base-uri 'none'; form-action 'none'";

pub(crate) fn routes() -> Router<State> {
    Router::new().route("/verify/guxin-verify.html", get(file))
}

async fn file(Extract(state): Extract<State>, Extension(request): Extension<Request>) -> Response {
    match assembled(&state, request).await {
        Ok(page) => {
            let mut response = page.into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
            headers.insert(header::CONTENT_DISPOSITION, attachment(&backend::document::disposition(NAME)));
            headers.insert(
                header::CONTENT_SECURITY_POLICY,
                HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'"),
            );
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(Error::NotFound) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "the verifier's file could not be made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn assembled(state: &State, request: Request) -> backend::Result<String> {
    let package = state.site_root.join("pkg");
    let read = async |name: &str| {
        tokio::fs::read(package.join(name)).await.map_err(|error| match error.kind() {
            // A server without its site has no verifier either.
            std::io::ErrorKind::NotFound => Error::NotFound,
            _ => Error::internal(error),
        })
    };
    let (style, script, wasm) =
        (read("guxin.css").await?, read("guxin.js").await?, read("guxin.wasm").await?);
    let (style, script) = (text(style)?, module(&text(script)?));
    let lang = request.lang.0.tag();
    let title = request.lang.t("verify.title");
    let page = rendered(state, request).await?;
    let main = inside(&page).ok_or_else(|| Error::internal(anyhow::anyhow!("/verify has no <main>")))?;
    let main =
        without_scripts(main).replace("href=\"/", &format!("href=\"{}/", state.services.settings.public_url));
    let wasm = STANDARD.encode(wasm);
    Ok(format!(
        "<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n<style>{style}</style>\n</head>\n<body>\n{main}\n\
         <script type=\"module\">\n{script}\n\
         await __wbg_init({{ module_or_path: Uint8Array.from(atob('{wasm}'), (c) => c.charCodeAt(0)) }});\nhydrate();\n\
         for (const island of document.querySelectorAll('leptos-island')) ISLANDS[island.dataset.component]?.(island);\n\
         </script>\n</body>\n</html>\n"
    ))
}

fn text(bytes: Vec<u8>) -> backend::Result<String> {
    String::from_utf8(bytes).map_err(Error::internal)
}

/// The page as anybody gets it who is not signed in.
async fn rendered(state: &State, request: Request) -> backend::Result<String> {
    let asked = Request {
        cx: state.anonymous(),
        path: "/verify".to_owned(),
        query: std::collections::BTreeMap::new(),
        flash: app::request::Flash::default(),
        ..request
    };
    let mut inner = axum::extract::Request::new(Body::empty());
    *inner.uri_mut() = http::Uri::from_static("/verify");
    inner.extensions_mut().insert(asked);
    let render = render_app_async_with_context(page_context(state), app::routes::shell);
    let answer = render(inner).await;
    let bytes = to_bytes(answer.into_body(), MOST).await.map_err(Error::internal)?;
    text(bytes.to_vec())
}

/// What stands in `<main>`, itself included.
fn inside(page: &str) -> Option<&str> {
    let start = page.find("<main")?;
    let end = start + page.get(start..)?.find("</main>")? + "</main>".len();
    page.get(start..end)
}

/// Without the scripts and preloads that would ask the server.
fn without_scripts(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    let next = |rest: &str| {
        let places =
            [("<script", "</script>"), ("<link", ">")].map(|(open, close)| Some((rest.find(open)?, close)));
        places.into_iter().flatten().min()
    };
    while let Some((start, close)) = next(rest) {
        out.push_str(&rest[..start]);
        let tail = &rest[start..];
        rest = tail.find(close).map_or("", |end| &tail[end + close.len()..]);
    }
    out + rest
}

/// wasm-bindgen's module as statements of an inline script, and a table of what it exported.
fn module(script: &str) -> String {
    let mut names = Vec::new();
    let mut out = String::with_capacity(script.len());
    for line in script.lines() {
        match line.strip_prefix("export ") {
            Some(list) if list.starts_with('{') => continue,
            Some(declared) => {
                let named = declared.strip_prefix("function ").and_then(|rest| rest.split('(').next());
                names.extend(named.map(str::to_owned));
                out.push_str(declared);
            }
            None => out.push_str(line),
        }
        out.push('\n');
    }
    format!("{}const ISLANDS = {{ {} }};", out.replace("</script", "<\\/script"), names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::{inside, module, without_scripts};

    #[test]
    fn a_module_becomes_statements() {
        let made = module(
            "export function Verifier_1(el) {\n}\nexport class Bytes {\n}\nexport { initSync, __wbg_init as default };\n",
        );
        assert_eq!(made, "function Verifier_1(el) {\n}\nclass Bytes {\n}\nconst ISLANDS = { Verifier_1 };");
    }

    #[test]
    fn nothing_that_asks_a_server_stays() {
        let page = "<body><main id=\"main\"><p>a</p><link rel=\"modulepreload\" href=\"/x.js\"><script nonce=\"n\">b()</script><p>c</p></main></body>";
        let main = inside(page).expect("a main");
        assert_eq!(without_scripts(main), "<main id=\"main\"><p>a</p><p>c</p></main>");
    }
}
