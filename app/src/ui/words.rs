//! Small values that components share: text that may be missing, links, choices, tones and the
//! words of a state. Components carry no language of their own; every text comes in through these.

/// Text that may be missing. Takes `&str`, `String` and options of both; an empty text counts as none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(Option<String>);

impl Words {
    /// Whether there is something to say.
    pub fn is_some(&self) -> bool {
        self.0.is_some()
    }

    /// The text, if any.
    pub fn get(self) -> Option<String> {
        self.0
    }

    /// The text, or what `other` says.
    pub fn or(self, other: &str) -> String {
        self.0.unwrap_or_else(|| other.to_owned())
    }
}

impl From<&str> for Words {
    fn from(text: &str) -> Self {
        Self((!text.is_empty()).then(|| text.to_owned()))
    }
}

impl From<String> for Words {
    fn from(text: String) -> Self {
        Self((!text.is_empty()).then_some(text))
    }
}

impl From<Option<String>> for Words {
    fn from(text: Option<String>) -> Self {
        Self(text.filter(|text| !text.is_empty()))
    }
}

impl From<Option<&str>> for Words {
    fn from(text: Option<&str>) -> Self {
        text.map_or_else(Self::default, Self::from)
    }
}

impl From<std::borrow::Cow<'_, str>> for Words {
    fn from(text: std::borrow::Cow<'_, str>) -> Self {
        text.into_owned().into()
    }
}

/// What a colour means. There is no sixth meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Says nothing: paper.
    #[default]
    Plain,
    /// Proven, complete: green.
    Ok,
    /// Needs a look: amber.
    Look,
    /// Wrong, refused, overdue: red.
    Bad,
    /// Act, or good to know: blue.
    Info,
}

impl Tone {
    /// The CSS word of the tone; empty for plain.
    pub fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Ok => "ok",
            Self::Look => "look",
            Self::Bad => "bad",
            Self::Info => "info",
        }
    }
}

/// A text that leads somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What the person reads.
    pub text: String,
    /// Where it leads; a path or a `#fragment`.
    pub href: String,
}

impl Link {
    /// A link from its text and address.
    pub fn new(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { text: text.into(), href: href.into() }
    }
}

/// One option of a select, a radio group or a list of check boxes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// What the person reads.
    pub text: String,
    /// One line under the option.
    pub help: Words,
    /// Chosen now.
    pub selected: bool,
    /// Shown, but not to be chosen.
    pub disabled: bool,
}

impl Choice {
    /// An option that is not chosen.
    pub fn new(value: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            text: text.into(),
            help: Words::default(),
            selected: false,
            disabled: false,
        }
    }

    /// The same option, chosen when `selected`.
    #[must_use]
    pub fn selected(mut self, selected: bool) -> Self {
        self.selected = selected;
        self
    }

    /// The same option with a line under it.
    #[must_use]
    pub fn help(mut self, help: impl Into<Words>) -> Self {
        self.help = help.into();
        self
    }

    /// The same option, not to be chosen when `disabled`.
    #[must_use]
    pub fn disabled(mut self, disabled: bool) -> Self {
        self.disabled = disabled;
        self
    }
}

/// How far a stop of a road or a step of a form is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopState {
    /// Behind us.
    Done,
    /// Here now.
    Now,
    /// Still to come.
    Todo,
    /// Ended here: refused, withdrawn, terminated.
    Failed,
}

impl StopState {
    /// The CSS word of the state.
    pub fn class(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Now => "now",
            Self::Todo => "todo",
            Self::Failed => "failed",
        }
    }
}

/// One stop of a [`Road`](super::Road) or a [`Stepper`](super::Stepper).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Its name.
    pub label: String,
    /// How far it is.
    pub state: StopState,
    /// A small line under it, usually a date.
    pub note: Words,
}

impl Stop {
    /// A stop without a note.
    pub fn new(label: impl Into<String>, state: StopState) -> Self {
        Self { label: label.into(), state, note: Words::default() }
    }

    /// The same stop with a small line under it.
    #[must_use]
    pub fn note(mut self, note: impl Into<Words>) -> Self {
        self.note = note.into();
        self
    }
}

/// How a screen reader says the four states, since it cannot see the dots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateWords {
    /// "已完成"
    pub done: String,
    /// "当前"
    pub now: String,
    /// "未到"
    pub todo: String,
    /// "未通过"
    pub failed: String,
}

impl StateWords {
    /// The four words, in the order done, now, to come, failed.
    pub fn new(
        done: impl Into<String>,
        now: impl Into<String>,
        todo: impl Into<String>,
        failed: impl Into<String>,
    ) -> Self {
        Self { done: done.into(), now: now.into(), todo: todo.into(), failed: failed.into() }
    }

    pub(super) fn of(&self, state: StopState) -> String {
        match state {
            StopState::Done => &self.done,
            StopState::Now => &self.now,
            StopState::Todo => &self.todo,
            StopState::Failed => &self.failed,
        }
        .clone()
    }
}

/// Joins the words of a class list and leaves the empty ones out.
pub(super) fn classes(parts: &[&str]) -> String {
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_text_counts_as_none() {
        assert!(!Words::from("").is_some());
        assert!(!Words::from(Some(String::new())).is_some());
        assert_eq!(Words::from(Some("备注")).get().as_deref(), Some("备注"));
        assert_eq!(Words::default().or("无"), "无");
    }

    #[test]
    fn classes_leave_no_double_space() {
        assert_eq!(classes(&["tag", "", "ok"]), "tag ok");
    }
}
