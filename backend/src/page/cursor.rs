//! Where somebody stands who walks through a list: the sort key and the id of the last row given out. As text it is
//! opaque; it holds nothing that its owner has not been shown, and it says only where to go on, never what may be
//! seen, so nothing is lost when somebody makes one up. Used by the lists that the JSON API and the exports read.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    db::Arg,
    error::{Error, FieldErrors, Message, Result},
};

/// A place in a list under one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cursor {
    /// Name of the order that it belongs to.
    #[serde(rename = "s")]
    pub sort: String,
    /// Sort key of the last row.
    #[serde(rename = "k")]
    pub key: Key,
    /// Its id, which tells equal keys apart.
    #[serde(rename = "i")]
    pub id: Uuid,
}

/// A sort key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Key {
    Number(i64),
    Text(String),
}

impl Key {
    pub(crate) fn arg(&self) -> Arg {
        match self {
            Self::Number(number) => Arg::from(*number),
            Self::Text(text) => Arg::from(text),
        }
    }

    const fn same_kind(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Number(_), Self::Number(_)) | (Self::Text(_), Self::Text(_)))
    }
}

impl Cursor {
    /// This beginning, or the place where a walk under the same order stopped.
    pub(crate) fn or<'c>(&'c self, after: Option<&'c Self>) -> Result<&'c Self> {
        match after {
            None => Ok(self),
            Some(after) if after.sort == self.sort && after.key.same_kind(&self.key) => Ok(after),
            Some(_) => Err(unusable()),
        }
    }
}

fn unusable() -> Error {
    Error::Invalid(FieldErrors::one(
        "cursor",
        Message::Said(
            "游标无效，或属于另一种排序。请从第一页重新开始。".into(),
            "The cursor is not valid, or belongs to another order. Begin again without it.".into(),
        ),
    ))
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = serde_json::to_vec(self).map_err(|_| fmt::Error)?;
        f.write_str(&URL_SAFE_NO_PAD.encode(json))
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| unusable())?;
        let cursor: Self = serde_json::from_slice(&json).map_err(|_| unusable())?;
        // PostgreSQL's text cannot hold it.
        if matches!(&cursor.key, Key::Text(text) if text.contains('\0')) {
            Err(unusable())
        } else {
            Ok(cursor)
        }
    }
}

/// Some rows of a walk, and where to go on; nothing when the end was reached.
#[derive(Clone, Debug)]
pub struct Stretch<T> {
    pub rows: Vec<T>,
    pub next: Option<Cursor>,
}

impl<T> Stretch<T> {
    /// Of one row more than the limit, when there are so many.
    pub(crate) fn cut(mut rows: Vec<T>, limit: u32, cursor: impl FnOnce(&T) -> Cursor) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(cursor);
        Self { rows, next }
    }

    pub(crate) fn map<U>(self, view: impl FnMut(T) -> Result<U>) -> Result<Stretch<U>> {
        Ok(Stretch { rows: self.rows.into_iter().map(view).collect::<Result<_>>()?, next: self.next })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_survives_its_text_and_nothing_else_is_read() {
        for key in [Key::Number(-7), Key::Text("股信 \"x\"".into())] {
            let cursor = Cursor { sort: "due".into(), key, id: Uuid::max() };
            assert_eq!(cursor.to_string().parse::<Cursor>().expect("its own text"), cursor);
        }
        for wrong in [
            "",
            "x",
            "e30",
            "eyJzIjoiZHVlIiwiayI6Ilx1MDAwMCIsImkiOiIwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDAifQ",
        ] {
            assert!(matches!(wrong.parse::<Cursor>(), Err(Error::Invalid(_))), "{wrong}");
        }
    }

    #[test]
    fn a_place_under_another_order_is_refused() {
        let start = Cursor { sort: "due".into(), key: Key::Text(String::new()), id: Uuid::nil() };
        let other = Cursor { sort: "name".into(), ..start.clone() };
        let forged = Cursor { key: Key::Number(1), ..start.clone() };
        assert!(start.or(Some(&other)).is_err() && start.or(Some(&forged)).is_err());
        assert_eq!(start.or(None).expect("the beginning"), &start);
    }

    #[test]
    fn the_end_has_no_next() {
        let cursor = |row: &i64| Cursor { sort: "x".into(), key: Key::Number(*row), id: Uuid::nil() };
        let all = Stretch::cut(vec![1, 2], 2, cursor);
        assert!(all.next.is_none());
        let some = Stretch::cut(vec![1, 2, 3], 2, cursor);
        assert_eq!((some.rows, some.next.map(|next| next.key)), (vec![1, 2], Some(Key::Number(2))));
    }
}
