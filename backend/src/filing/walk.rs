//! Walking through a list of filings from row to row, for the JSON API and for exports: the same scope, search and
//! filters as [`super::list`], but going on behind the last row given out instead of counting pages, so that nothing
//! is given twice or left out while filings change. One query per stretch.

use domain::{access::Scope, actor::OrgKind};
use uuid::Uuid;

use super::{
    FilingListRow, Filter, Sort,
    list::{ListRow, engaged, list_columns, market, narrow, narrowed, own},
};
use crate::{
    args,
    cx::Cx,
    error::Result,
    page::{Cursor, Key, Stretch},
    sql::statements,
};

/// Sorts after every date: what has no due day comes last.
const NEVER: &str = "9999-99-99";

/// Up to `limit` filings behind `after`, in the filter's order; its paging is not looked at.
///
/// # Errors
/// When nobody is signed in; rejected when the cursor belongs to another order.
pub async fn walk(
    cx: &Cx,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Stretch<FilingListRow>> {
    let actor = cx.actor()?;
    let reader = if actor.org_kind == OrgKind::Regulator { cx.db.supervision() } else { cx.db.read() };
    let scope = Scope::of(actor);
    let falling = matches!(filter.sort, Sort::Updated | Sort::Created);
    let start = Cursor {
        sort: filter.sort.name().to_owned(),
        key: if falling { Key::Number(i64::MAX) } else { Key::Text(String::new()) },
        id: if falling { Uuid::max() } else { Uuid::nil() },
    };
    let at = start.or(after)?;
    let mut bound = narrow(cx, scope, filter);
    bound.extend(args![i64::from(limit) + 1]);
    bound.push(at.key.arg());
    bound.extend(args![at.id]);
    let rows: Vec<ListRow> = reader.all(sql(scope, filter.sort), bound).await?;
    let key = |row: &ListRow| match filter.sort {
        Sort::Updated => Key::Number(row.updated_at),
        Sort::Created => Key::Number(row.created_at),
        Sort::Due if row.due_on.is_empty() => Key::Text(NEVER.to_owned()),
        Sort::Due => Key::Text(row.due_on.clone()),
        Sort::Name => Key::Text(row.org_name.clone()),
    };
    Stretch::cut(rows, limit, |row| Cursor { sort: start.sort.clone(), key: key(row), id: row.id })
        .map(|row| row.view(cx))
}

const fn sql(scope: Scope, sort: Sort) -> &'static str {
    match (scope, sort) {
        (Scope::Own(_), Sort::Updated) => OWN_UPDATED,
        (Scope::Own(_), Sort::Created) => OWN_CREATED,
        (Scope::Own(_), Sort::Due) => OWN_DUE,
        (Scope::Own(_), Sort::Name) => OWN_NAME,
        (Scope::Engaged(_), Sort::Updated) => ENGAGED_UPDATED,
        (Scope::Engaged(_), Sort::Created) => ENGAGED_CREATED,
        (Scope::Engaged(_), Sort::Due) => ENGAGED_DUE,
        (Scope::Engaged(_), Sort::Name) => ENGAGED_NAME,
        (Scope::Market, Sort::Updated) => MARKET_UPDATED,
        (Scope::Market, Sort::Created) => MARKET_CREATED,
        (Scope::Market, Sort::Due) => MARKET_DUE,
        (Scope::Market, Sort::Name) => MARKET_NAME,
    }
}

/// `$7` how many, `$8` and `$9` key and id of the row before.
macro_rules! falling {
    ($scope:expr, $key:literal) => {
        concat!(
            list_columns!(),
            narrowed!($scope),
            "AND (",
            $key,
            ", f.id) < ($8, $9) ORDER BY ",
            $key,
            " DESC, f.id DESC LIMIT $7"
        )
    };
}
macro_rules! rising {
    ($scope:expr, $key:literal) => {
        concat!(
            list_columns!(),
            narrowed!($scope),
            "AND (",
            $key,
            ", f.id) > ($8, $9) ORDER BY ",
            $key,
            ", f.id LIMIT $7"
        )
    };
}
macro_rules! by_due {
    ($scope:expr) => {
        rising!($scope, "(CASE WHEN f.due_on = '' THEN '9999-99-99' ELSE f.due_on END)")
    };
}
statements! {
    OWN_UPDATED = falling!(own!(), "f.updated_at");
    OWN_CREATED = falling!(own!(), "f.created_at");
    OWN_DUE = by_due!(own!());
    OWN_NAME = rising!(own!(), "o.name");
    ENGAGED_UPDATED = falling!(engaged!(), "f.updated_at");
    ENGAGED_CREATED = falling!(engaged!(), "f.created_at");
    ENGAGED_DUE = by_due!(engaged!());
    ENGAGED_NAME = rising!(engaged!(), "o.name");
    MARKET_UPDATED = falling!(market!(), "f.updated_at");
    MARKET_CREATED = falling!(market!(), "f.created_at");
    MARKET_DUE = by_due!(market!());
    MARKET_NAME = rising!(market!(), "o.name");
}
