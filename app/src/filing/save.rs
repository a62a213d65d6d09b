//! Saving one field from the browser while somebody types: the answer says what is stored now, or what somebody else
//! stored meanwhile. Compiled for both sides, because the autosave island calls it.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    call::{call, no_answer},
    fail::{Fail, NotOurs, as_text, text},
};

/// What became of one field, in the reader's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case", try_from = "Value")]
pub enum FieldSaved {
    /// Stored. `value` is the canonical form, `saved_at` the line for the dock.
    Saved { value: String, version: i64, warning: Option<String>, saved_at: String },
    /// Somebody stored `theirs` meanwhile; `said` tells who and when. Saving again with `version` keeps one's own.
    Conflict { theirs: String, version: i64, said: String },
}

impl TryFrom<Value> for FieldSaved {
    type Error = NotOurs;

    fn try_from(mut answer: Value) -> Result<Self, NotOurs> {
        let version = answer["version"].as_i64().ok_or(NotOurs)?;
        match answer["outcome"].as_str() {
            Some("saved") => Ok(Self::Saved {
                value: text(&mut answer, "value")?,
                version,
                warning: match answer["warning"].take() {
                    Value::Null => None,
                    warning => Some(as_text(warning)?),
                },
                saved_at: text(&mut answer, "saved_at")?,
            }),
            Some("conflict") => Ok(Self::Conflict {
                theirs: text(&mut answer, "theirs")?,
                version,
                said: text(&mut answer, "said")?,
            }),
            _ => Err(NotOurs),
        }
    }
}

/// Saves one field from the browser.
///
/// # Errors
/// [`Fail`], as [`save_field`].
pub(super) async fn save(filing: &str, field: &str, value: &str, version: i64) -> Result<FieldSaved, Fail> {
    let version = version.to_string();
    let fields = [("filing", filing), ("field", field), ("value", value), ("version", &version)];
    let answer = call::<SaveField>(&fields).await?;
    answer.try_into().map_err(|NotOurs| no_answer())
}

/// Saves one field.
///
/// # Errors
/// [`Fail`] with the message beside the field under the field's name.
#[server(prefix = "/do", endpoint = "filing/save-field")]
pub async fn save_field(
    filing: String,
    field: String,
    #[server(default)] value: String,
    version: i64,
) -> Result<FieldSaved, Fail> {
    use backend::filing::{FieldInput, FieldSave};

    use crate::request::{Request, set_status, status_of};

    let request = Request::here()?;
    let lang = request.lang;
    let outcome = match filing.parse() {
        Ok(filing) => {
            let input = FieldInput { field, raw: value, expected: version };
            backend::filing::save_field(&request.cx, filing, &input).await
        }
        Err(_) => Err(backend::Error::NotFound),
    };
    match outcome {
        Ok(FieldSave::Saved { value, version, warning, .. }) => {
            let now = domain::moment::to_micros(request.cx.now());
            Ok(FieldSaved::Saved {
                value,
                version,
                warning: warning.map(|warning| warning.message(lang.0)),
                saved_at: lang.with("filing.dock.saved", &[("time", &lang.second(now))]),
            })
        }
        Ok(FieldSave::Conflict { theirs, version, by, at, .. }) => {
            let said = lang.with("filing.save.conflict", &[("person", &by), ("time", &lang.moment(at))]);
            Ok(FieldSaved::Conflict { theirs, version, said })
        }
        Err(error) => {
            let fail = request.fail(&error);
            set_status(status_of(fail.kind));
            Err(fail)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_writes_the_island_reads() {
        let saved = |warning: Option<&str>| FieldSaved::Saved {
            value: "3000".into(),
            version: 7,
            warning: warning.map(str::to_owned),
            saved_at: "已于 09:30:00 保存".into(),
        };
        let conflict =
            FieldSaved::Conflict { theirs: "3000".into(), version: 8, said: "李四 09:31 已修改".into() };
        for answer in [saved(None), saved(Some("低于要求")), conflict] {
            let text = serde_json::to_string(&answer).unwrap();
            assert_eq!(serde_json::from_str::<FieldSaved>(&text).unwrap(), answer);
        }
    }

    #[test]
    fn another_answer_is_not_taken_for_saved() {
        for other in [
            "null",
            r#"{"outcome":"saved","version":1,"saved_at":""}"#,
            r#"{"outcome":"saved","value":"","version":"1","warning":null,"saved_at":""}"#,
            r#"{"outcome":"stored","value":"","version":1,"warning":null,"saved_at":""}"#,
        ] {
            assert!(serde_json::from_str::<FieldSaved>(other).is_err(), "{other}");
        }
    }
}
