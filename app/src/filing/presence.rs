//! Who else is at work on this filing: a place in the dock, and the server's answer to the script that asks
//! (`public/presence.js`). Without the script the page shows nobody and loses nothing: saving merges by field as ever.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::fail::Fail;

/// What goes on around a page, in the reader's words.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Around {
    /// Everybody in one line, or nothing.
    pub said: String,
    /// Who is in which field.
    pub fields: Vec<At>,
    /// Fields that were saved since.
    pub saved: Vec<Saved>,
    /// To ask from the next time.
    pub since: i64,
}

/// Somebody in a field.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct At {
    pub field: String,
    pub said: String,
}

/// A field's value as it is stored now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Saved {
    pub field: String,
    pub value: String,
    pub version: i64,
    pub said: String,
}

/// Notes that a page is open, and tells it who else is there.
///
/// # Errors
/// [`Fail`] for those who may not change the filing.
#[server(prefix = "/do", endpoint = "filing/around")]
pub async fn look_around(
    filing: String,
    tab: String,
    #[server(default)] field: String,
    #[server(default)] since: i64,
    #[server(default)] leaving: bool,
) -> Result<Around, Fail> {
    use backend::filing::presence::{self, Page};

    use crate::request::{Request, set_status, status_of};

    let request = Request::here()?;
    let page = Page { tab: &tab, field: &field, since, leaving };
    let found = match filing.parse() {
        Ok(filing) => presence::around(&request.cx, filing, &page).await,
        Err(_) => Err(backend::Error::NotFound),
    };
    match found {
        Ok(found) => Ok(server::in_words(request.lang, found)),
        Err(error) => {
            let fail = request.fail(&error);
            set_status(status_of(fail.kind));
            Err(fail)
        }
    }
}

#[cfg(feature = "ssr")]
pub use server::place;

#[cfg(feature = "ssr")]
mod server {
    use backend::filing::{Workspace, presence};
    use leptos::prelude::*;

    use super::{Around, At, Saved};
    use crate::lang::Lang;

    /// Where the dock says who else is there, for those who may change the filing.
    #[must_use]
    pub fn place(workspace: &Workspace) -> Option<AnyView> {
        workspace.allowed.edit.then(|| {
            // The page shows what was stored then; whatever is saved later is newer.
            let since = workspace.filing.updated_at.to_string();
            view! {
                <span class="presence" data-presence=workspace.filing.id.to_string() data-since=since aria-live="polite"></span>
                <script defer src="/presence.js"></script>
            }
            .into_any()
        })
    }

    pub(super) fn in_words(lang: Lang, found: presence::Around) -> Around {
        let name = |other: &presence::Other| {
            if other.own { lang.t("filing.presence.own") } else { other.name.clone() }
        };
        let mut names: Vec<String> = found.others.iter().map(name).collect();
        names.dedup();
        let said = if names.is_empty() {
            String::new()
        } else {
            lang.with("filing.presence.here", &[("people", &names.join(&lang.t("filing.presence.and")))])
        };
        let fields = found
            .others
            .iter()
            .filter(|other| !other.field.is_empty())
            .map(|other| At {
                field: other.field.clone(),
                said: lang.with("filing.presence.in_field", &[("person", &name(other))]),
            })
            .collect();
        let saved = found
            .saved
            .into_iter()
            .map(|saved| Saved {
                said: lang.with(
                    "filing.presence.saved",
                    &[("person", &saved.by), ("time", &lang.second(saved.at))],
                ),
                field: saved.field,
                value: saved.value,
                version: saved.version,
            })
            .collect();
        Around { said, fields, saved, since: found.now }
    }
}
