//! The certificate as a page for reading and printing: serif, hairlines, the seal once.

use leptos::prelude::*;

use super::{Seal, Words};

/// A sealed certificate. Children are the body: a sentence and a [`DescriptionList`](super::DescriptionList).
#[component]
pub fn SealedCertificate(
    /// "存证证书"
    #[prop(into)]
    title: String,
    /// Its number, with the word before it.
    #[prop(into)]
    number: String,
    /// What it does not prove.
    #[prop(into)]
    limits: String,
    /// Who issued it.
    #[prop(into)]
    issuer: String,
    /// The day it was issued.
    #[prop(into)]
    issued: String,
    /// How to verify offline; stands beside the code.
    #[prop(optional, into)]
    verify: Words,
    /// The QR code as an SVG.
    #[prop(optional)]
    qr: Option<AnyView>,
    /// The body.
    children: Children,
) -> impl IntoView {
    view! {
        <article class="certificate">
            <header>
                <h1>{title}</h1>
                <p class="number">{number}</p>
            </header>
            <div class="body">{children()}</div>
            <p class="limits">{limits}</p>
            <footer>
                {qr.map(|qr| view! { <div class="qr">{qr}</div> })}
                {verify.get().map(|verify| view! { <p class="dim">{verify}</p> })}
                <div class="sign">
                    <Seal />
                    <span>{issuer}</span>
                    <span class="dim">{issued}</span>
                </div>
            </footer>
        </article>
    }
}
