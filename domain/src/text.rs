//! A text in both languages, as data files carry it: `{ zh = "…", en = "…" }`. Used for names, labels and help of
//! rule packs and calendars. Texts of screens live in the locale files of `app`, not here.

use serde::{Deserialize, Serialize};

use crate::{
    locale::Locale,
    source_error::Problem,
    toml_source::{Report, Table},
};

/// Chinese and English; neither is empty when it comes from a parsed file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Text {
    /// 简体中文.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// The text for a reader.
    #[must_use]
    pub fn get(&self, locale: Locale) -> &str {
        locale.pick(&self.zh, &self.en)
    }

    /// Reads a text that must be there.
    pub(crate) fn read(
        table: &mut Table<'_, '_>,
        key: &'static str,
        report: &mut Report<'_>,
    ) -> Option<Self> {
        if table.has(key) {
            Self::read_optional(table, key, report)
        } else {
            report.add(table.offset, &table.path, Problem::Missing { key: key.to_owned() });
            None
        }
    }

    /// Reads a text that may be absent, but not half there.
    pub(crate) fn read_optional(
        table: &mut Table<'_, '_>,
        key: &'static str,
        report: &mut Report<'_>,
    ) -> Option<Self> {
        let mut inner = table.optional_table(key, "texts in both languages", report)?;
        let mut one = |name: &'static str, locale: Locale| {
            if inner.has(name) {
                return inner.text(name, report).map(|at| at.value);
            }
            let problem = Problem::MissingTranslation { key: key.to_owned(), locale };
            report.add(inner.offset, &inner.path, problem);
            None
        };
        let (zh, en) = (one("zh", Locale::Zh), one("en", Locale::En));
        inner.finish(report);
        Some(Self { zh: zh?, en: en? })
    }
}
