//! The vermilion seal: the character 信 cut out of the ground. It is the brand's, and stands once on a page.

use leptos::prelude::*;

/// Outline of 信, fitted into the 64 by 64 seal.
const CHARACTER: &str = "M33.2 12.3 32.9 12.6C34.5 14.2 36.1 16.9 36.3 19.3C40.9 22.5 45 13.5 33.2 12.3ZM45 29 42.7 32.2H27L27.4 33.4H48.2C48.8 33.4 49.2 33.2 49.3 32.7C47.7 31.2 45 29 45 29ZM45.1 23 42.7 26.2H26.8L27.1 27.4H48.2C48.8 27.4 49.3 27.2 49.3 26.7C47.8 25.2 45.1 23 45.1 23ZM47.3 16.9 44.8 20.4H24.2L24.5 21.6H50.9C51.4 21.6 51.9 21.4 52 20.9C50.3 19.3 47.3 16.9 47.3 16.9ZM23.4 24.8 21.4 24.1C22.9 21.4 24.2 18.5 25.3 15.4C26.3 15.4 26.8 15 27 14.5L20.1 12.5C18.5 20.7 15.2 29.3 12 34.8L12.5 35.1C14.2 33.7 15.8 32.1 17.3 30.3V51.7H18.2C20.1 51.7 22 50.6 22.1 50.3V25.7C22.9 25.5 23.3 25.2 23.4 24.8ZM32.2 50.1V48.1H43.1V51.1H43.9C45.6 51.1 48 50.1 48 49.8V39.6C48.8 39.4 49.4 39.1 49.7 38.7L45 35.1L42.7 37.6H32.4L27.4 35.6V51.7H28.1C30.1 51.7 32.2 50.6 32.2 50.1ZM43.1 38.8V46.9H32.2V38.8Z";

/// The ground of the seal: a square whose edges a hand has cut.
const GROUND: &str = "M9.5 2.6 31 1.8l23.6.9c4 .2 6.5 2.5 6.7 6.6l.9 22-.7 23.3c-.2 4.2-2.6 6.6-6.8 6.8l-22.2.9-23.5-.8c-4-.2-6.3-2.6-6.5-6.6L1.7 32.5l.8-23.4c.2-4 2.6-6.3 7-6.5Z";

/// The seal as a picture; decoration, because the name stands beside it.
#[component]
pub fn Seal() -> impl IntoView {
    view! {
        <svg class="seal" viewBox="0 0 64 64" aria-hidden="true">
            <path class="ground" d=GROUND />
            <rect class="hair" x="6.5" y="6.5" width="51" height="51" rx="3" />
            <path class="cut" d=CHARACTER />
        </svg>
    }
}
