//! Full-width to half-width folding, as Chinese input methods leave `９１３２` or `Ｘ` in codes, amounts and
//! dates. Used by the code and field readers of this crate; never applied to names, where `（特殊普通合伙）`
//! is the proper spelling.

/// Folds one full-width ASCII character (U+FF01 to U+FF5E) and the ideographic space.
#[must_use]
pub(crate) fn fold(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        other => other,
    }
}

/// Folds, upper-cases and drops what people type or paste around a code: spaces, hyphens, invisible marks.
#[must_use]
pub(crate) fn fold_code(text: &str) -> String {
    text.chars()
        .map(fold)
        .filter(|c| !c.is_whitespace() && *c != '-' && !is_invisible(*c))
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

/// Zero-width characters, byte order mark, soft hyphen and the bidirectional controls: nothing that a person
/// can see, and all of them survive copy and paste out of PDF files and chat programs.
#[must_use]
pub(crate) const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}'
            | '\u{061C}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{206F}'
            | '\u{FEFF}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_digits_letters_and_space_only() {
        let folded: String = "９１Ｘａ　（中）".chars().map(fold).collect();
        assert_eq!(folded, "91Xa (中)");
    }

    #[test]
    fn code_folding_drops_separators_and_invisible_marks() {
        assert_eq!(fold_code(" ９132-0100\u{200B}\u{FEFF}ma　"), "91320100MA");
    }
}
