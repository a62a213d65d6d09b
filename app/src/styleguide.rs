//! The page /styleguide: every component in every state, on the plates it will lie on. It is for those
//! who build pages and for the tests that look at them; its texts are samples, so they are not in the
//! locale files. All companies, people and numbers in it are invented.

use leptos::prelude::*;

use crate::ui::*;

mod forms;
mod frames;
mod marks;
mod records;

/// How a screen reader says the states of stops.
fn state_words() -> StateWords {
    StateWords::new("已完成", "当前", "未到", "未通过")
}

/// One plate: a heading with the component's name, and the component in its states.
#[component]
fn Plate(
    /// Names of the components.
    #[prop(into)]
    name: String,
    /// What they are, in a word.
    #[prop(into)]
    title: String,
    /// The component in its states.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="plate">
            <h2>{title}<code>{name}</code></h2>
            {children()}
        </section>
    }
}

/// The style guide as a page inside the public shell's middle.
#[component]
pub fn Styleguide() -> impl IntoView {
    let shades = [
        ("paper", "纸"), ("surface", "白"), ("sunken", "沉"), ("line", "线"), ("ink", "墨"), ("ink2", "淡墨"), ("blue", "靛青：操作"),
        ("green", "竹青：已证"), ("amber", "琥珀：留意"), ("red", "胭脂：有误"), ("mark", "标记"), ("seal", "朱砂：印"),
    ]
    .into_iter()
    .map(|(token, name)| view! { <li class=format!("sw-{token}")><code>{format!("{name} --{token}")}</code></li> })
    .collect_view();
    let icons = IconName::ALL
        .into_iter()
        .map(|name| view! { <li><Icon name />{format!("{name:?}")}</li> })
        .collect_view();
    view! {
        <PageHead title="样式" over="纸、墨、一方印" lead="颜色各有所指：靛青是操作，竹青是已证，琥珀是留意，胭脂是有误；朱砂只属于印。" />
        <Plate name="tokens" title="颜色">
            <ul class="swatches">{shades}</ul>
        </Plate>
        <Plate name="Icon" title="图标">
            <ul class="icon-set">{icons}</ul>
        </Plate>
        {marks::marks()}
        {records::records()}
        {forms::forms()}
        {frames::frames()}
    }
}
