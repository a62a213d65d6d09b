//! A person's initials, and a hint to a key.

use leptos::prelude::*;

/// The last character of a Chinese name, or the initials of a Latin one.
pub fn initials(name: &str) -> String {
    let name = name.trim();
    match name.chars().next_back() {
        Some(last) if !last.is_ascii() => last.to_string(),
        _ => name
            .split_whitespace()
            .filter_map(|word| word.chars().next())
            .take(2)
            .flat_map(char::to_uppercase)
            .collect(),
    }
}

/// Initials in a circle; decoration, because the name stands beside it.
#[component]
pub fn Avatar(
    /// The person's name.
    #[prop(into)]
    name: String,
) -> impl IntoView {
    view! { <span class="avatar" aria-hidden="true">{initials(&name)}</span> }
}

/// Which key does it.
#[component]
pub fn KeyHint(
    /// "Ctrl K"
    #[prop(into)]
    keys: String,
) -> impl IntoView {
    view! { <kbd>{keys}</kbd> }
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn takes_what_people_are_called_by() {
        assert_eq!(initials("陆清和"), "和");
        assert_eq!(initials("Jane van Doe"), "JV");
        assert_eq!(initials(" "), "");
    }
}
