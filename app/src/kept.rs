//! What was typed into a form that could not be carried out because its person had to prove themselves first: signed
//! out in the middle of typing, or with a second factor that has grown old. It waits in the browser's session and is
//! handed back once, on the page that the form stands on, to whoever typed it. `Request::finish` keeps; the server's
//! middleware hands back when a page is opened.

use std::collections::BTreeMap;

use backend::session;
use domain::id::UserId;
use serde::{Deserialize, Serialize};
use tower_sessions::Session;

use crate::request::{Flash, Request};

/// Most that waits in one session, in bytes of names and values: a reply to many items at full length.
const MAX_BYTES: usize = 512 << 10;
/// Most for somebody unknown: anybody can make up a session that is over, and this is no place to store things in.
const MAX_BYTES_UNKNOWN: usize = 64 << 10;
/// Most forms that wait in one session: as many tabs as somebody has open at once.
const MAX_FORMS: usize = 4;
/// The session's key for it.
const KEY: &str = "kept";

/// Why it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Why {
    /// The session was over.
    SignedOut,
    /// The second factor was presented too long ago.
    Stale,
}

/// What became of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// There was none.
    Nothing,
    Kept,
    /// Too long, or nobody knows whose it is.
    Lost,
}

/// One form's input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Form {
    /// Path and query of the page that the form stands on.
    page: String,
    why: Why,
    /// By input name. Never a password: forms do not hand any to `Request::finish`.
    typed: BTreeMap<String, String>,
}

impl Form {
    fn bytes(&self) -> usize {
        self.page.len() + self.typed.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>()
    }
}

/// Everything that waits in one session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    /// Who typed it. Unknown when the session that ended has left no trace: then it is whoever signs in next in this
    /// browser, on the same page.
    whose: Option<UserId>,
    /// Oldest first.
    forms: Vec<Form>,
}

impl Kept {
    /// Adds a form; one that stood on the same page before is replaced, the oldest make room. Says whether it fits.
    fn add(&mut self, form: Form) -> bool {
        let most = if self.whose.is_some() { MAX_BYTES } else { MAX_BYTES_UNKNOWN };
        self.forms.retain(|before| before.page != form.page);
        if form.bytes() > most {
            return false;
        }
        self.forms.push(form);
        while self.forms.len() > MAX_FORMS || self.forms.iter().map(Form::bytes).sum::<usize>() > most {
            self.forms.remove(0);
        }
        true
    }

    fn take(&mut self, page: &str) -> Option<Form> {
        let at = self.forms.iter().position(|form| form.page == page)?;
        Some(self.forms.remove(at))
    }
}

/// Keeps a form's input for the page that the form stands on.
pub(crate) async fn keep(request: &Request, why: Why, typed: BTreeMap<String, String>) -> Fate {
    if typed.values().all(|value| value.trim().is_empty()) {
        return Fate::Nothing;
    }
    match waits(request, why, typed).await {
        Ok(true) => Fate::Kept,
        Ok(false) => Fate::Lost,
        Err(error) => {
            tracing::warn!(%error, "a form's input could not be kept");
            Fate::Lost
        }
    }
}

async fn waits(request: &Request, why: Why, typed: BTreeMap<String, String>) -> backend::Result<bool> {
    let before = read(&request.session).await?;
    let whose = match (request.actor(), request.came_with) {
        (Some(actor), _) => Some(actor.user),
        (None, Some(id)) => session::last_of(&request.cx, &id).await?,
        // A browser that brought no session: whoever typed there has signed out, or was never in.
        (None, None) => return Ok(false),
    };
    // The second tab of the same browser comes with the session that the first one's form waits in.
    let whose = whose.or_else(|| before.as_ref().and_then(|kept| kept.whose));
    let mut kept =
        before.filter(|kept| kept.whose == whose).unwrap_or_else(|| Kept { whose, forms: Vec::new() });
    let fits = kept.add(Form { page: request.back.clone(), why, typed });
    write(&request.session, &kept).await?;
    Ok(fits)
}

/// Puts what waits for this page into its form, if the person who is signed in typed it. Nobody else ever sees it:
/// somebody else's sign-in throws it away.
///
/// # Errors
/// When the session cannot be read or written.
pub async fn hand_back(request: &mut Request, page: &str) -> backend::Result<()> {
    let Some(actor) = request.actor() else { return Ok(()) };
    let (user, fresh) = (actor.user, actor.fresh);
    let Some(mut kept) = read(&request.session).await? else { return Ok(()) };
    if kept.whose.is_some_and(|whose| whose != user) {
        return write(&request.session, &Kept::default()).await;
    }
    // A form that was just refused on this page is newer than what waits.
    if !request.flash.typed.is_empty() {
        return Ok(());
    }
    let Some(form) = kept.take(page) else { return Ok(()) };
    kept.whose = Some(user);
    write(&request.session, &kept).await?;
    let said = match form.why {
        Why::SignedOut => Some("sign_in.handed_back"),
        // Whoever turned back before presenting it is told nothing.
        Why::Stale => fresh.then_some("step_up.done"),
    };
    let done = said.map(|key| request.lang.t(key));
    let left = std::mem::take(&mut request.flash);
    request.flash = Flash { done: left.done.or(done), typed: form.typed, ..left };
    Ok(())
}

async fn read(session: &Session) -> backend::Result<Option<Kept>> {
    session.get(KEY).await.map_err(backend::Error::internal)
}

async fn write(session: &Session, kept: &Kept) -> backend::Result<()> {
    if kept.forms.is_empty() {
        session.remove_value(KEY).await.map_err(backend::Error::internal)?;
        return Ok(());
    }
    session.insert(KEY, kept).await.map_err(backend::Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(page: &str, value: &str) -> Form {
        let typed = BTreeMap::from([("opinion".to_owned(), value.to_owned())]);
        Form { page: page.to_owned(), why: Why::SignedOut, typed }
    }

    #[test]
    fn a_page_keeps_its_newest_form_and_gives_it_once() {
        let mut kept = Kept::default();
        assert!(kept.add(form("/a", "1")) && kept.add(form("/b", "2")) && kept.add(form("/a", "3")));
        assert_eq!(kept.take("/a"), Some(form("/a", "3")));
        assert_eq!(kept.take("/a"), None);
        assert_eq!(kept.take("/b?do=accept"), None, "another form of the page");
        assert_eq!(kept.take("/b"), Some(form("/b", "2")));
    }

    #[test]
    fn what_waits_is_bounded_and_more_so_for_nobody_known() {
        for (whose, most) in [(Some(UserId(uuid::Uuid::nil())), MAX_BYTES), (None, MAX_BYTES_UNKNOWN)] {
            let mut kept = Kept { whose, forms: Vec::new() };
            assert!(!kept.add(form("/a", &"x".repeat(most))));
            assert_eq!(kept.forms, [], "too long is not kept in part");
            for page in 0..100 {
                assert!(kept.add(form(&format!("/{page}"), "x")));
            }
            assert_eq!(kept.forms.len(), MAX_FORMS);
            assert!(kept.add(form("/long", &"x".repeat(most - 100))));
            assert!(kept.forms.iter().map(Form::bytes).sum::<usize>() <= most);
            assert_eq!(kept.forms.last().map(|form| form.page.as_str()), Some("/long"), "the newest stays");
        }
    }
}
