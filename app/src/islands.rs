//! What a page needs to wake its islands: the script that loads the WebAssembly. Only pages that hold an island put
//! [`Scripts`] into their body; every other page loads no script of ours.

use leptos::{config::LeptosOptions, hydration::HydrationScripts, prelude::*};

/// Loads the WebAssembly and wakes every island of the page.
#[component]
pub fn Scripts() -> impl IntoView {
    // The names are the ones that the build gives; a server with other names says so through the context.
    let options = use_context::<LeptosOptions>()
        .unwrap_or_else(|| LeptosOptions::builder().output_name("guxin").site_pkg_dir("pkg").build());
    view! { <HydrationScripts options islands=true /> }
}
