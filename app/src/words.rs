//! The texts that an island gets from its page. On the way they are one map, whatever the island: reading a map is
//! compiled once, where reading each island's own struct was a tenth of the WebAssembly.

use serde::{Deserialize, Serializer};
use serde_json::{Map, Value};

/// Texts by name.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Texts(Map<String, Value>);

impl Texts {
    /// Takes one out; a missing text is empty.
    pub fn take(&mut self, name: &str) -> String {
        match self.0.remove(name) {
            Some(Value::String(text)) => text,
            _ => String::new(),
        }
    }
}

/// What a text can become.
pub trait FromText {
    /// Reads it.
    fn from_text(text: String) -> Self;
}

impl FromText for String {
    fn from_text(text: String) -> Self {
        text
    }
}

impl FromText for bool {
    fn from_text(text: String) -> Self {
        text == "true"
    }
}

/// Writes a switch as a text: `#[serde(serialize_with = "crate::words::switch")]`.
///
/// # Errors
/// Only the serializer's own.
pub fn switch<S: Serializer>(on: &bool, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(if *on { "true" } else { "" })
}

/// `from_texts!(Words { title, lead });` beside a struct with `#[serde(from = "crate::words::Texts")]`.
macro_rules! from_texts {
    ($name:ident { $($field:ident),* $(,)? }) => {
        impl From<$crate::words::Texts> for $name {
            fn from(mut texts: $crate::words::Texts) -> Self {
                Self { $($field: $crate::words::FromText::from_text(texts.take(stringify!($field)))),* }
            }
        }
    };
}
pub(crate) use from_texts;

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(from = "crate::words::Texts")]
    struct Sample {
        title: String,
        #[serde(serialize_with = "crate::words::switch")]
        chinese: bool,
    }
    from_texts!(Sample { title, chinese });

    #[test]
    fn what_the_page_writes_the_island_reads() {
        let sample = Sample { title: "回执".into(), chinese: true };
        let text = serde_json::to_string(&sample).unwrap();
        assert_eq!(serde_json::from_str::<Sample>(&text).unwrap(), sample);
    }
}
