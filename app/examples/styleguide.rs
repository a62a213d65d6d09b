//! Writes the style guide as one HTML page to standard output, so that it can be looked at without a
//! server: `cargo run -p app --features ssr --example styleguide -- guxin.css > page.html`. The
//! argument is the address of the style sheet.

use std::io::Write;

use app::{
    styleguide::Styleguide,
    ui::{Main, NavItem, PublicShell, ShellWords},
};
use leptos::{prelude::*, reactive::owner::Owner};

fn main() -> std::io::Result<()> {
    let sheet = std::env::args().nth(1).unwrap_or_else(|| "guxin.css".to_owned());
    let body = Owner::new_root(None).with(|| {
        let words = ShellWords { brand: "股信".into(), skip: "跳到正文".into(), nav: "主导航".into(), menu: "菜单".into() };
        view! {
            <PublicShell words links=vec![NavItem::new("样式", "#", true)] foot=view! { "备案号：演示环境，未备案" }.into_any()>
                <Main>
                    <Styleguide />
                </Main>
            </PublicShell>
        }
        .to_html()
    });
    write!(
        std::io::stdout(),
        "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>样式</title><link rel=\"stylesheet\" href=\"{sheet}\"><body>{body}"
    )
}
