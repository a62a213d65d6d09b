//! Takes a JSON object apart, member by member: how `receipt`, `entry`, `manifest` and `statement` are read. Knows no shape itself.
//!
//! One reader for all shapes instead of a derived one each: what is derived is compiled once per struct, which made
//! the verifier's WebAssembly much larger. Every member must be taken before [`Members::end`], so that nothing unknown gets by.

use crate::canonical::CanonicalError;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, fmt::Display, str::FromStr};

/// What can be read out of JSON that [`crate::canonical::from_slice`] has parsed.
pub trait FromJson: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// [`CanonicalError::Json`] naming the member that has a wrong shape.
    fn from_json(value: Value) -> Result<Self, CanonicalError>;
}

impl FromJson for Value {
    fn from_json(value: Value) -> Result<Self, CanonicalError> {
        Ok(value)
    }
}

/// An object's members that were not taken yet.
pub(crate) struct Members(Map<String, Value>);

impl Members {
    pub(crate) fn of(value: Value) -> Result<Self, CanonicalError> {
        match value {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(CanonicalError::Json("expected an object".to_owned())),
        }
    }

    /// A null is another spelling of a member that is absent.
    fn optional(&mut self, name: &str) -> Result<Option<Value>, CanonicalError> {
        match self.0.remove(name) {
            Some(Value::Null) => Err(CanonicalError::NotCanonical),
            found => Ok(found),
        }
    }

    pub(crate) fn value(&mut self, name: &str) -> Result<Value, CanonicalError> {
        self.0.remove(name).ok_or_else(|| CanonicalError::Json(format!("missing field `{name}`")))
    }

    pub(crate) fn text(&mut self, name: &str) -> Result<String, CanonicalError> {
        let value = self.value(name)?;
        as_text(name, value)
    }

    pub(crate) fn optional_text(&mut self, name: &str) -> Result<Option<String>, CanonicalError> {
        self.optional(name)?.map(|value| as_text(name, value)).transpose()
    }

    pub(crate) fn number(&mut self, name: &str) -> Result<u64, CanonicalError> {
        self.value(name)?.as_u64().ok_or_else(|| wrong(name, "expected a whole number"))
    }

    pub(crate) fn list(&mut self, name: &str) -> Result<Vec<Value>, CanonicalError> {
        match self.value(name)? {
            Value::Array(items) => Ok(items),
            _ => Err(wrong(name, "expected a list")),
        }
    }

    pub(crate) fn texts(&mut self, name: &str) -> Result<BTreeMap<String, String>, CanonicalError> {
        let value = self.value(name)?;
        as_texts(name, value)
    }

    pub(crate) fn optional_texts(
        &mut self,
        name: &str,
    ) -> Result<Option<BTreeMap<String, String>>, CanonicalError> {
        self.optional(name)?.map(|value| as_texts(name, value)).transpose()
    }

    /// A text that `read` makes something of.
    pub(crate) fn read<T, E: Display>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, CanonicalError> {
        read(&self.text(name)?).map_err(|error| wrong(name, &error.to_string()))
    }

    /// A text in the spelling that its type has, or no such member.
    pub(crate) fn optional_read<T: FromStr<Err: Display>>(
        &mut self,
        name: &str,
    ) -> Result<Option<T>, CanonicalError> {
        let text = self.optional_text(name)?;
        text.map(|text| text.parse().map_err(|error: T::Err| wrong(name, &error.to_string()))).transpose()
    }

    /// Nothing is left that nobody asked for.
    pub(crate) fn end(self) -> Result<(), CanonicalError> {
        match self.0.keys().next() {
            Some(name) => Err(CanonicalError::Json(format!("unknown field `{name}`"))),
            None => Ok(()),
        }
    }
}

fn wrong(name: &str, why: &str) -> CanonicalError {
    CanonicalError::Json(format!("field `{name}`: {why}"))
}

fn as_text(name: &str, value: Value) -> Result<String, CanonicalError> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(wrong(name, "expected a text")),
    }
}

fn as_texts(name: &str, value: Value) -> Result<BTreeMap<String, String>, CanonicalError> {
    match value {
        Value::Object(members) => {
            // One by one: collecting sorts first, and these come in order.
            let mut texts = BTreeMap::new();
            for (key, value) in members {
                texts.insert(key, as_text(name, value)?);
            }
            Ok(texts)
        }
        _ => Err(wrong(name, "expected an object of texts")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    fn read(value: Value) -> Result<(String, u64, Option<String>), CanonicalError> {
        let mut members = Members::of(value)?;
        let read = (members.text("name")?, members.number("size")?, members.optional_text("note")?);
        members.end()?;
        Ok(read)
    }

    #[test]
    fn members_come_out_whole() {
        assert_eq!(read(json!({"name": "a", "size": 3})), Ok(("a".into(), 3, None)));
        let noted = read(json!({"name": "a", "size": 3, "note": ""}));
        assert_eq!(noted, Ok(("a".into(), 3, Some(String::new()))));
    }

    #[rstest]
    #[case(json!(["a", 3]), "expected an object")]
    #[case(json!({"size": 3}), "missing field `name`")]
    #[case(json!({"name": null, "size": 3}), "field `name`: expected a text")]
    #[case(json!({"name": "a", "size": -3}), "field `size`: expected a whole number")]
    #[case(json!({"name": "a", "size": 3.0}), "field `size`: expected a whole number")]
    #[case(json!({"name": "a", "size": 3, "note": 1}), "field `note`: expected a text")]
    #[case(json!({"name": "a", "size": 3, "more": 1}), "unknown field `more`")]
    fn a_wrong_shape_is_named(#[case] value: Value, #[case] why: &str) {
        assert_eq!(read(value), Err(CanonicalError::Json(why.into())));
    }

    #[test]
    fn a_null_is_no_spelling_of_absence() {
        let null = json!({"name": "a", "size": 3, "note": null});
        assert_eq!(read(null), Err(CanonicalError::NotCanonical));
    }
}
