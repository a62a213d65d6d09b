//! A native dialog. Without a script its opener is a link to a page that shows the same dialog `open`.

use leptos::prelude::*;

use super::{ButtonKind, ButtonLink, Icon, IconName};

/// A dialog, or with `open` the same form as a card on a page of its own.
#[component]
pub fn Dialog(
    /// Its id, named by the opener.
    #[prop(into)]
    id: String,
    /// What is asked.
    #[prop(into)]
    title: String,
    /// What the cross says: "关闭".
    #[prop(into)]
    close: String,
    /// Shown as a part of the page.
    #[prop(optional)]
    open: bool,
    /// The form's fields.
    children: Children,
    /// Buttons, the primary one last.
    #[prop(optional)]
    actions: Option<AnyView>,
) -> impl IntoView {
    let heading = format!("{id}-title");
    let labelled_by = heading.clone();
    view! {
        <dialog class="dialog" id=id open=open aria-labelledby=labelled_by>
            <div class="dialog-head">
                <h2 id=heading>{title}</h2>
                {(!open)
                    .then(|| {
                        view! {
                            <form method="dialog" class="dialog-close">
                                <button class="button quiet small" aria-label=close><Icon name=IconName::Close /></button>
                            </form>
                        }
                    })}
            </div>
            <div class="dialog-in">{children()}</div>
            {actions.map(|actions| view! { <div class="dialog-foot">{actions}</div> })}
        </dialog>
    }
}

/// Opens a dialog where a script runs; elsewhere follows its link to the page that does the same.
#[component]
pub fn DialogLink(
    /// Id of the dialog.
    #[prop(into)]
    dialog: String,
    /// The page that does the same.
    #[prop(into)]
    href: String,
    /// How much it weighs.
    #[prop(optional)]
    kind: ButtonKind,
    /// The lower form.
    #[prop(optional)]
    small: bool,
    /// The text.
    children: Children,
) -> impl IntoView {
    view! { <ButtonLink href kind small attr:data-dialog=dialog>{children()}</ButtonLink> }
}
