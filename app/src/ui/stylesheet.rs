//! What the style sheet promises, measured: it is whole, both dark blocks agree, text can be read in
//! both schemes, and the components use no class it does not know and no inline style (the content
//! security policy forbids those).

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use leptos::{prelude::*, reactive::owner::Owner};

use crate::styleguide::Styleguide;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../style")
}

fn order() -> Vec<String> {
    fs::read_to_string(folder().join("order.txt")).unwrap().lines().map(str::to_owned).collect()
}

fn sheet() -> String {
    order().iter().map(|name| fs::read_to_string(folder().join(name)).unwrap()).collect()
}

fn page() -> String {
    Owner::new_root(None).with(|| view! { <Styleguide /> }.to_html())
}

/// The custom properties of the block that follows `head`.
fn tokens(sheet: &str, head: &str) -> BTreeMap<String, String> {
    let start = sheet.find(head).unwrap_or_else(|| panic!("no block {head}")) + head.len();
    let block = &sheet[start..start + sheet[start..].find('}').unwrap()];
    block
        .split(';')
        .filter_map(|line| line.trim().strip_prefix("--")?.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect()
}

/// WCAG relative luminance of `#rrggbb`.
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn every_sheet_is_in_the_order_once() {
    let order = order();
    let listed: BTreeSet<&String> = order.iter().collect();
    assert_eq!(listed.len(), order.len(), "a sheet is listed twice");
    let mut found = BTreeSet::new();
    for (prefix, folder) in [("", folder()), ("components/", folder().join("components"))] {
        for entry in fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".css") && name != "main.css" {
                found.insert(format!("{prefix}{name}"));
            }
        }
    }
    assert_eq!(found, order.into_iter().collect());
}

#[test]
fn both_dark_blocks_say_the_same_and_cover_the_light_colours() {
    let sheet = fs::read_to_string(folder().join("tokens.css")).unwrap();
    let chosen = tokens(&sheet, r#":root[data-theme="dark"] {"#);
    let preferred = tokens(&sheet, r#":root:not([data-theme="light"]) {"#);
    assert_eq!(chosen, preferred);
    for (name, value) in tokens(&sheet, ":root {") {
        assert!(!value.starts_with('#') || chosen.contains_key(&name), "--{name} has no dark value");
    }
}

#[test]
fn text_can_be_read_in_both_schemes() {
    let sheet = fs::read_to_string(folder().join("tokens.css")).unwrap();
    let grounds = ["paper", "surface", "sunken", "hover"];
    let mut pairs: Vec<(&str, &str, f64)> = Vec::new();
    for text in ["ink", "ink-2", "ink-3", "blue", "green", "amber", "red"] {
        pairs.extend(grounds.iter().map(|ground| (text, *ground, 4.5)));
    }
    for (text, ground) in [
        ("green", "green-tint"),
        ("amber", "amber-tint"),
        ("red", "red-tint"),
        ("blue", "blue-tint"),
        ("blue-strong", "blue-tint"),
        ("ink", "blue-tint"),
        ("ink", "green-tint"),
        ("ink", "amber-tint"),
        ("ink", "red-tint"),
        ("ink-2", "blue-tint"),
        ("on-fill", "blue-fill"),
        ("on-fill", "green-fill"),
        ("on-fill", "red-fill"),
        ("on-mark", "mark"),
        ("on-seal", "seal"),
    ] {
        pairs.push((text, ground, 4.5));
    }
    // Borders of controls and fills of charts are not text: 3:1.
    pairs.extend(["paper", "surface"].map(|ground| ("line-control", ground, 3.0)));
    for fill in ["blue-fill", "green-fill", "amber-fill", "red-fill"] {
        pairs.push((fill, "surface", 3.0));
        pairs.push((fill, "sunken", 2.2));
    }
    let mut weak = Vec::new();
    for head in [":root {", r#":root[data-theme="dark"] {"#] {
        let tokens = tokens(&sheet, head);
        for (text, ground, least) in &pairs {
            let ratio = contrast(&tokens[*text], &tokens[*ground]);
            if ratio < *least {
                weak.push(format!("{head} --{text} on --{ground}: {ratio:.2} < {least}"));
            }
        }
    }
    assert!(weak.is_empty(), "{}", weak.join("\n"));
}

#[test]
fn components_use_only_classes_that_exist_and_no_inline_style() {
    let (page, sheet) = (page(), sheet());
    assert!(!page.contains(" style="), "the policy forbids inline styles");
    let known = |class: &str| {
        sheet.match_indices(&format!(".{class}")).any(|(at, found)| {
            !sheet[at + found.len()..]
                .starts_with(|next: char| next.is_ascii_alphanumeric() || next == '-' || next == '_')
        })
    };
    // States without a look of their own: the absence of a mark is their mark.
    let silent = ["todo", "running"];
    let unknown: BTreeSet<&str> = page
        .match_indices("class=\"")
        .flat_map(|(at, found)| page[at + found.len()..].split('"').next().unwrap_or("").split_whitespace())
        .filter(|class| !silent.contains(class) && !known(class))
        .collect();
    assert!(unknown.is_empty(), "no rule for {unknown:?}");
}

#[test]
fn ids_are_unique_and_every_reference_has_its_target() {
    let page = page();
    let values = |name: &str| -> Vec<String> {
        page.match_indices(&format!(" {name}=\""))
            .map(|(at, found)| page[at + found.len()..].split('"').next().unwrap_or("").to_owned())
            .collect()
    };
    let ids = values("id");
    let set: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(set.len(), ids.len(), "an id stands twice");
    for name in ["for", "aria-describedby", "aria-labelledby", "data-dialog"] {
        for value in values(name) {
            for id in value.split_whitespace() {
                assert!(set.contains(&id.to_owned()), "{name} names {id}, which is not there");
            }
        }
    }
}

#[test]
fn every_component_is_shown() {
    let shown: String = ["../styleguide.rs", "marks.rs", "records.rs", "forms.rs", "frames.rs"]
        .iter()
        .map(|name| {
            fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/styleguide").join(name))
                .unwrap()
        })
        .collect();
    // The shells are shown by every page, and the style guide stands in one.
    let elsewhere = ["AppShell", "PublicShell", "Main", "ToastRegion", "Field", "Brand", "Sparkline"];
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ui")).unwrap() {
        let source = fs::read_to_string(entry.unwrap().path()).unwrap();
        for (at, found) in source.match_indices("#[component]\npub fn ") {
            let name = source[at + found.len()..].split('(').next().unwrap();
            assert!(
                elsewhere.contains(&name) || shown.contains(&format!("<{name}")),
                "{name} is not in the style guide"
            );
        }
    }
}
