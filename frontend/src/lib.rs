//! The browser's half: wakes the islands of a page. Everything that reacts lives in `app`; this only links it in.

// Islands export themselves; naming the crate keeps them from being left out.
use app as _;
use wasm_bindgen::prelude::wasm_bindgen;

/// The islands' script calls it once the module is here.
#[wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
