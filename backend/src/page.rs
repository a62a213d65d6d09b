//! Paging of lists: which slice was asked for and what comes back. Every list page of the product uses these two
//! types, so that page links look and behave alike. Counts are exact; nothing here knows SQL.

use serde::{Deserialize, Serialize};

mod cursor;
pub use cursor::{Cursor, Key, Stretch};

/// Most rows on one page.
pub const MAX_SIZE: u32 = 100;

/// Which slice of a list: pages count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paging {
    pub page: u32,
    pub size: u32,
}

impl Default for Paging {
    fn default() -> Self {
        Self { page: 1, size: 20 }
    }
}

impl Paging {
    /// A page of the usual size; 0 means the first.
    #[must_use]
    pub fn page(page: u32) -> Self {
        Self { page, ..Self::default() }
    }

    /// Rows per page, 1 to [`MAX_SIZE`].
    #[must_use]
    pub fn limit(self) -> i64 {
        i64::from(self.size.clamp(1, MAX_SIZE))
    }

    /// Rows before the page.
    #[must_use]
    pub fn offset(self) -> i64 {
        i64::from(self.page.max(1) - 1) * self.limit()
    }
}

/// One slice of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// Rows of the whole list under the same filter.
    pub total: i64,
    pub page: u32,
    pub size: u32,
}

impl<T> Page<T> {
    /// The slice that was asked for.
    #[must_use]
    pub fn new(rows: Vec<T>, total: i64, paging: Paging) -> Self {
        Self { rows, total, page: paging.page.max(1), size: paging.size.clamp(1, MAX_SIZE) }
    }

    /// How many pages there are, at least 1.
    #[must_use]
    pub fn pages(&self) -> i64 {
        self.total.max(1).unsigned_abs().div_ceil(u64::from(self.size)).try_into().unwrap_or(i64::MAX)
    }
}

/// `text` as a pattern for `LIKE … ESCAPE '\'` that finds it anywhere, in lower case; `%` and `_` stand for
/// themselves. An empty text finds everything.
#[must_use]
pub fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.trim().chars().flat_map(char::to_lowercase) {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_counted_from_one_and_bounded() {
        assert_eq!(Paging::page(0).offset(), 0);
        assert_eq!(Paging { page: 3, size: 1_000 }.offset(), 200);
        let page = Page::new(vec![1, 2], 41, Paging { page: 0, size: 20 });
        assert_eq!((page.page, page.pages()), (1, 3));
        assert_eq!(Page::<u8>::new(vec![], 0, Paging::default()).pages(), 1);
    }

    #[test]
    fn wildcards_stand_for_themselves() {
        assert_eq!(containing(" 50%_A\\ "), "%50\\%\\_a\\\\%");
        assert_eq!(containing(""), "%%");
    }
}
