//! A document in its slot.

use leptos::prelude::*;

use super::{Icon, IconName, Words};

/// A list of [`FileRow`]s.
#[component]
pub fn Files(
    /// The rows.
    children: Children,
) -> impl IntoView {
    view! { <ul class="files">{children()}</ul> }
}

/// One document: name, size, fingerprint, version, why it lies here, what one can do with it.
#[component]
pub fn FileRow(
    /// File name as uploaded.
    #[prop(into)]
    name: String,
    /// Where it opens.
    #[prop(optional, into)]
    href: Words,
    /// "2.4 MB"
    #[prop(optional, into)]
    size: Words,
    /// "第 3 版"
    #[prop(optional, into)]
    version: Words,
    /// Why it was put here: "首页出现「挂牌申请」".
    #[prop(optional, into)]
    why: Words,
    /// Picture, the sheet when missing.
    #[prop(optional)]
    icon: Option<IconName>,
    /// A [`Digest`](super::Digest).
    #[prop(optional)]
    digest: Option<AnyView>,
    /// A [`Leaf`](super::Leaf).
    #[prop(optional)]
    leaf: Option<AnyView>,
    /// Buttons at the end.
    #[prop(optional)]
    actions: Option<AnyView>,
) -> impl IntoView {
    let name = match href.get() {
        Some(href) => view! { <a class="file-name" href=href>{name}</a> }.into_any(),
        None => view! { <span class="file-name">{name}</span> }.into_any(),
    };
    view! {
        <li class="file">
            <Icon name=icon.unwrap_or(IconName::File) />
            <div>
                {name}
                {why.get().map(|why| view! { <span class="file-why">{why}</span> })}
                <div class="file-meta">
                    {size.get().map(|size| view! { <span>{size}</span> })}
                    {version.get().map(|version| view! { <span>{version}</span> })}
                    {digest}
                </div>
            </div>
            {leaf}
            {actions.map(|actions| view! { <div class="actions">{actions}</div> })}
        </li>
    }
}
