//! Walking through the companies from row to row, as [`crate::filing::walk`] does through filings: for the JSON API and
//! for exports. One query per stretch.

use domain::access::action;
use uuid::Uuid;

use super::company::{CompanyFilter, CompanyRow, CompanySort, Row, columns, narrow, narrowed};
use crate::{
    args,
    cx::Cx,
    error::Result,
    page::{Cursor, Key, Stretch},
    sql::statements,
};

/// Sorts after every code, under every collation: codes are digits and capitals.
const NO_CODE: &str = "zzzz";

/// Up to `limit` registered enterprises behind `after`, in the filter's order; its paging is not looked at.
///
/// # Errors
/// Denied to everybody but supervisors; rejected when the cursor belongs to another order.
pub async fn walk(
    cx: &Cx,
    filter: &CompanyFilter,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Stretch<CompanyRow>> {
    cx.permit_own::<action::Supervise>()?;
    let falling = filter.sort == CompanySort::Submitted;
    let start = Cursor {
        sort: filter.sort.name().to_owned(),
        key: if falling { Key::Number(i64::MAX) } else { Key::Text(String::new()) },
        id: if falling { Uuid::max() } else { Uuid::nil() },
    };
    let at = start.or(after)?;
    let mut bound = narrow(filter);
    bound.extend(args![i64::from(limit) + 1]);
    bound.push(at.key.arg());
    bound.extend(args![at.id]);
    let sql = match filter.sort {
        CompanySort::Name => NAME,
        CompanySort::Submitted => SUBMITTED,
        CompanySort::Code => CODE,
    };
    let rows: Vec<Row> = cx.db.supervision().all(sql, bound).await?;
    let key = |row: &Row| match filter.sort {
        CompanySort::Name => Key::Text(row.name.clone()),
        CompanySort::Submitted => Key::Number(row.submitted_at.unwrap_or_default()),
        CompanySort::Code => Key::Text(row.code.clone().unwrap_or_else(|| NO_CODE.to_owned())),
    };
    let pack = cx.current_pack()?;
    Stretch::cut(rows, limit, |row| Cursor { sort: start.sort.clone(), key: key(row), id: row.id })
        .map(|row| Ok(row.view(pack)))
}

/// `$5` how many, `$6` and `$7` key and id of the row before.
macro_rules! rising {
    ($key:literal) => {
        concat!(
            columns!(),
            narrowed!(),
            "AND (",
            $key,
            ", o.id) > ($6, $7) ORDER BY ",
            $key,
            ", o.id LIMIT $5"
        )
    };
}
statements! {
    NAME = rising!("o.name");
    SUBMITTED = concat!(columns!(), narrowed!(), "AND (COALESCE(f.submitted_at, 0), o.id) < ($6, $7)
        ORDER BY COALESCE(f.submitted_at, 0) DESC, o.id DESC LIMIT $5");
    CODE = rising!("COALESCE(o.code, 'zzzz')");
}
