//! What a server function answers when it does not do what was asked: serialisable, already in the reader's
//! language, and never more than a person should see. The browser's islands and the JSON API read it.
//!
//! What islands read, this and other answers, goes through [`serde_json::Value`]: that is compiled once, a derived reader
//! once for each answer.

use std::collections::BTreeMap;

use leptos::{prelude::*, server_fn::codec::JsonEncoding};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What kind of failure, for code that reacts to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FailKind {
    /// Some input is wrong; see `fields`.
    Invalid,
    /// Not allowed for this person, stage or standing.
    Denied,
    /// The session ended: sign in again, nothing typed is lost.
    SignedOut,
    NotFound,
    /// Somebody else was first.
    Conflict,
    /// The workflow does not allow it.
    Refused,
    /// Too much at once; try again shortly.
    Busy,
    /// Ours; the log has the details.
    Internal,
    /// The answer did not arrive.
    Unreachable,
}

impl FailKind {
    /// Reads what serde writes.
    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "invalid" => Self::Invalid,
            "denied" => Self::Denied,
            "signed_out" => Self::SignedOut,
            "not_found" => Self::NotFound,
            "conflict" => Self::Conflict,
            "refused" => Self::Refused,
            "busy" => Self::Busy,
            "internal" => Self::Internal,
            "unreachable" => Self::Unreachable,
            _ => return None,
        })
    }
}

/// A failure with its message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value")]
pub struct Fail {
    pub kind: FailKind,
    /// What is wrong, where, and what to do next.
    pub message: String,
    /// By input name.
    pub fields: BTreeMap<String, String>,
}

impl TryFrom<Value> for Fail {
    type Error = NotOurs;

    fn try_from(mut answer: Value) -> Result<Self, NotOurs> {
        let kind = answer["kind"].as_str().and_then(FailKind::from_name).ok_or(NotOurs)?;
        let message = text(&mut answer, "message")?;
        let mut fields = BTreeMap::new();
        match answer.get_mut("fields").map(Value::take) {
            // Absent when no input is to blame.
            None => {}
            Some(Value::Object(said)) => {
                for (name, said) in said {
                    fields.insert(name, as_text(said)?);
                }
            }
            Some(_) => return Err(NotOurs),
        }
        Ok(Self { kind, message, fields })
    }
}

/// An answer that this version of the server would not give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotOurs;

impl std::fmt::Display for NotOurs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not an answer of this server")
    }
}

/// Takes the text `name` out of an answer.
pub(crate) fn text(answer: &mut Value, name: &str) -> Result<String, NotOurs> {
    answer.get_mut(name).map(Value::take).ok_or(NotOurs).and_then(as_text)
}

/// What is a text and nothing else.
pub(crate) fn as_text(value: Value) -> Result<String, NotOurs> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(NotOurs),
    }
}

impl std::fmt::Display for Fail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fail {}

impl FromServerFnError for Fail {
    type Encoder = JsonEncoding;

    // The framework's own failures: their text is for developers, so the person gets ours.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let kind = match error {
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Response(_) => FailKind::Unreachable,
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Deserialization(_) => FailKind::Invalid,
            _ => FailKind::Internal,
        };
        Self { kind, message: String::new(), fields: BTreeMap::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_writes_the_island_reads() {
        let kinds = [
            FailKind::Invalid,
            FailKind::Denied,
            FailKind::SignedOut,
            FailKind::NotFound,
            FailKind::Conflict,
            FailKind::Refused,
            FailKind::Busy,
            FailKind::Internal,
            FailKind::Unreachable,
        ];
        for kind in kinds {
            let fields = BTreeMap::from([("reason".to_owned(), "请填写".to_owned())]);
            let fail = Fail { kind, message: "有 1 处需要修改".into(), fields };
            let text = serde_json::to_string(&fail).unwrap();
            assert_eq!(serde_json::from_str::<Fail>(&text).unwrap(), fail);
        }
    }

    #[test]
    fn fields_may_be_absent_and_nothing_else_may() {
        let read = |text: &str| serde_json::from_str::<Fail>(text).ok();
        let plain = read(r#"{"kind": "busy", "message": "稍后再试"}"#).unwrap();
        assert_eq!((plain.kind, plain.fields.len()), (FailKind::Busy, 0));
        for other in [
            r#"{"message": "稍后再试"}"#,
            r#"{"kind": "busy"}"#,
            r#"{"kind": "tired", "message": ""}"#,
            r#"{"kind": "busy", "message": "", "fields": {"reason": 1}}"#,
            r#""busy""#,
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
