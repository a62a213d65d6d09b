//! How pages look to this reader: light, dark or as the device wants it, and the size of the type. Kept in a cookie of
//! this browser, not in the account: the same person sits before different screens. Set by a plain form that stands in
//! the bar of every page; `style/tokens.css` and `style/base.css` do the rest from two attributes of `<html>`.

use http::{HeaderValue, header};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use crate::{
    fail::Fail,
    request::{Done, Request},
    ui::{Icon, IconName},
};

/// The cookie: `<theme>.<type>`, for example `dark.large`.
pub const COOKIE: &str = "guxin-look";

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the device wants it.
    #[default]
    Auto,
    Light,
    Dark,
}

impl Theme {
    const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// What this browser's reader chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    pub theme: Theme,
    /// 大字号.
    pub large: bool,
}

impl Look {
    /// Reads the cookie; what it does not understand stays as usual.
    #[must_use]
    pub fn from_cookie(value: &str) -> Self {
        let (theme, size) = value.split_once('.').unwrap_or((value, ""));
        Self::default().choosing(theme, size)
    }

    /// The same with another theme or another size; anything else than their names changes nothing.
    fn choosing(mut self, theme: &str, size: &str) -> Self {
        if let Some(theme) = Theme::ALL.into_iter().find(|known| known.name() == theme) {
            self.theme = theme;
        }
        match size {
            "large" => self.large = true,
            "usual" => self.large = false,
            _ => {}
        }
        self
    }

    fn to_cookie(self) -> String {
        format!("{}.{}", self.theme.name(), if self.large { "large" } else { "usual" })
    }

    /// `data-theme` of `<html>`.
    #[must_use]
    pub const fn theme_attribute(self) -> Option<&'static str> {
        match self.theme {
            Theme::Auto => None,
            chosen => Some(chosen.name()),
        }
    }

    /// `data-type` of `<html>`.
    #[must_use]
    pub const fn type_attribute(self) -> Option<&'static str> {
        if self.large { Some("large") } else { None }
    }

    /// For `<meta name="color-scheme">`: what is painted before the style has come.
    #[must_use]
    pub const fn scheme(self) -> &'static str {
        match self.theme {
            Theme::Auto => "light dark",
            chosen => chosen.name(),
        }
    }
}

/// The menu in the bar: one form, one button per choice; works without a script.
pub(crate) fn menu(request: &Request) -> AnyView {
    let (lang, look) = (request.lang, request.look);
    let choice = |name: &'static str, value: &'static str, key: &str, chosen: bool| {
        let text = lang.t(key);
        let tick = chosen.then(|| view! { <Icon name=IconName::Check /> });
        view! {
            <li><button type="submit" name=name value=value aria-pressed=if chosen { "true" } else { "false" }>{text}{tick}</button></li>
        }
    };
    let themes = Theme::ALL
        .map(|theme| choice("theme", theme.name(), &format!("look.{}", theme.name()), look.theme == theme));
    let sizes = [("usual", false), ("large", true)]
        .map(|(name, large)| choice("size", name, &format!("look.{name}"), look.large == large));
    let title = lang.t("look.title");
    let tip = title.clone();
    view! {
        <details class="pop look" data-pop="">
            <summary title=tip><Icon name=IconName::View /><span class="said">{title}</span></summary>
            <form class="pop-panel" method="post" action="/do/look/set">
                <ul>{themes.into_iter().collect_view()}</ul>
                <hr />
                <ul>{sizes.into_iter().collect_view()}</ul>
            </form>
        </details>
    }
    .into_any()
}

/// Chooses a theme or a type size for this browser.
///
/// # Errors
/// As [`Request::finish`].
#[server(prefix = "/do", endpoint = "look/set", name = SetLook)]
pub async fn set_look(#[server(default)] theme: String, #[server(default)] size: String) -> Result<(), Fail> {
    let request = Request::here()?;
    let look = request.look.choosing(&theme, &size);
    let secure = if request.cx.settings.public_url.starts_with("https://") { "; Secure" } else { "" };
    let cookie =
        format!("{COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly{secure}", look.to_cookie());
    if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&cookie)) {
        response.append_header(header::SET_COOKIE, value);
    }
    request.finish(Ok(Done::to(request.back.clone())), &[]).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_says_what_was_chosen_and_nonsense_nothing() {
        for theme in Theme::ALL {
            for large in [false, true] {
                let look = Look { theme, large };
                assert_eq!(Look::from_cookie(&look.to_cookie()), look);
            }
        }
        for nonsense in ["", ".", "blue.huge", "dark\"onload", "large.dark"] {
            assert_eq!(Look::from_cookie(nonsense), Look::default(), "{nonsense}");
        }
        assert_eq!(Look::from_cookie("dark"), Look { theme: Theme::Dark, large: false });
    }

    #[test]
    fn one_choice_leaves_the_other() {
        let look = Look { theme: Theme::Dark, large: false }.choosing("", "large");
        assert_eq!(look, Look { theme: Theme::Dark, large: true });
        assert_eq!(look.choosing("light", ""), Look { theme: Theme::Light, large: true });
    }
}
