//! A digest: short where one reads, whole where one copies.

use leptos::prelude::*;

use super::Words;

/// First and last four characters; short values stay whole, and the algorithm in front (`sha-256:`) is no part of it.
pub fn abbreviate(value: &str) -> String {
    let value = value.rsplit(':').next().unwrap_or(value);
    let letters: Vec<char> = value.chars().collect();
    if letters.len() <= 12 {
        return value.to_owned();
    }
    let head: String = letters[..4].iter().collect();
    let tail: String = letters[letters.len() - 4..].iter().collect();
    format!("{head}…{tail}")
}

/// A digest that folds out to its full value.
#[component]
pub fn Digest(
    /// The full value, hexadecimal or base64.
    #[prop(into)]
    value: String,
    /// Its algorithm: "sha-256", "sm3".
    #[prop(optional, into)]
    algorithm: Words,
) -> impl IntoView {
    view! {
        <details class="digest">
            <summary title=value.clone()>
                {algorithm.get().map(|name| view! { <span class="algo">{name}</span> })}
                <code>{abbreviate(&value)}</code>
            </summary>
            <code>{value}</code>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::abbreviate;

    #[test]
    fn keeps_both_ends_of_a_digest_and_the_whole_of_a_short_one() {
        assert_eq!(abbreviate("5d0f00000000000091c2"), "5d0f…91c2");
        assert_eq!(abbreviate("sha-256:5d0f00000000000091c2"), "5d0f…91c2");
        assert_eq!(abbreviate("5d0f91c2"), "5d0f91c2");
    }
}
