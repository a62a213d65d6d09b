//! What every form page needs from the request: the summary of errors on top, in the order of the form, each line
//! leading to its field; what was typed, in a form that parts of a view can share; and hidden inputs.

use leptos::prelude::*;

use crate::{
    request::{Flash, Request},
    ui::{ErrorSummary, Link},
};

/// The errors that the form before left, for inputs in this order; an error without its input comes last.
/// Nothing when there is none.
pub fn errors(request: &Request, inputs: &[&str]) -> impl IntoView + use<> {
    let left = &request.flash.errors;
    let known = inputs.iter().filter_map(|name| left.get_key_value(*name));
    let others = left.iter().filter(|(name, _)| !inputs.contains(&name.as_str()));
    let errors: Vec<Link> =
        known.chain(others).map(|(name, text)| Link::new(text, format!("#{name}"))).collect();
    let title = request.lang.with("form.errors", &[("count", &errors.len().to_string())]);
    (!errors.is_empty()).then(|| view! { <ErrorSummary title errors /> })
}

/// An input that people do not see: which row, which version.
pub fn hidden(name: &str, value: &str) -> impl IntoView + use<> {
    let (name, value) = (name.to_owned(), value.to_owned());
    view! { <input type="hidden" name=name value=value /> }
}

/// What was typed and what is wrong with it; copied into as many parts of a view as need it.
#[derive(Clone, Copy, Debug)]
pub struct Typed(StoredValue<Flash>);

impl Typed {
    /// What the form before left.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        Self(StoredValue::new(request.flash.clone()))
    }

    /// What was typed into an input, or the stored value.
    #[must_use]
    pub fn value(self, name: &str, stored: &str) -> String {
        self.0.with_value(|flash| flash.value(name, stored))
    }

    /// The error beside an input.
    #[must_use]
    pub fn error(self, name: &str) -> Option<String> {
        self.0.with_value(|flash| flash.error(name))
    }
}
