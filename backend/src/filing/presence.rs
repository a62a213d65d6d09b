//! Who else has this filing's workspace open, in which field they are, and which fields have been saved since this page
//! was made: what a page asks every few seconds. It changes nothing of the filing and is nobody's act, so it goes past
//! [`super::lock`]. Rows are in the database, because two colleagues may be served by two processes.

use domain::{access::action, id::FilingId};
use uuid::Uuid;

use super::field::{FIELDS, FieldRow};
use crate::{
    args,
    cx::Cx,
    error::{Error, FieldErrors, Message, Result},
    sql::statements,
};

/// How long a page that was heard of counts as open, in microseconds. A page asks every ten seconds.
const OPEN_FOR: i64 = 30_000_000;
/// A page that stays where it is is written down anew only after so long.
const AGAIN_AFTER: i64 = 10_000_000;
/// How far the next question goes back behind this one: a save that was under way is not passed over.
const OVERLAP: i64 = 5_000_000;
/// Most pages of one filing that are kept: who opens more is one somebody anyway.
const MOST: usize = 100;

/// What a page says of itself.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    /// A random id that the page made.
    pub tab: &'a str,
    /// The field that has the cursor, or nothing.
    pub field: &'a str,
    /// Fields saved after this moment are asked for; microseconds since the epoch.
    pub since: i64,
    /// The page is being left.
    pub leaving: bool,
}

/// What goes on around a page.
#[derive(Clone, Debug, Default)]
pub struct Around {
    pub others: Vec<Other>,
    pub saved: Vec<SavedField>,
    /// To ask from the next time.
    pub now: i64,
}

/// Somebody else, or the same person in another window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    pub name: String,
    /// The same person.
    pub own: bool,
    /// Id of a field of the rule pack, or nothing.
    pub field: String,
}

/// A field as it is stored now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedField {
    pub field: String,
    pub value: String,
    pub version: i64,
    pub by: String,
    pub at: i64,
}

/// Notes the page and looks around.
///
/// # Errors
/// Denied to whoever may not change the filing now, [`Error::Invalid`] for a page without an id.
pub async fn around(cx: &Cx, filing: FilingId, page: &Page<'_>) -> Result<Around> {
    let row = super::find(cx.db.read(), cx, filing).await?;
    let permit = cx.permit::<action::EditFiling>(&row.facts()?)?;
    let user = permit.actor().user.0;
    if !(8..=64).contains(&page.tab.len())
        || !page.tab.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    {
        return Err(Error::Invalid(FieldErrors::one(
            "tab",
            Message::Said(
                "窗口编号无法识别，请刷新页面。".into(),
                "The window's id is not understood; reload the page.".into(),
            ),
        )));
    }
    let field = if row.pack(cx)?.field(page.field).is_some() { page.field } else { "" };
    let now = domain::moment::to_micros(cx.now());
    let here: Vec<Row> = cx.db.read().all(HERE, args![filing, now - OPEN_FOR]).await?;
    let (mine, others): (Vec<_>, Vec<_>) =
        here.into_iter().partition(|row| row.person_id == user && row.tab == page.tab);
    let known = mine.first();
    let full = known.is_none() && others.len() >= MOST;
    if page.leaving {
        let mut tx = cx.db.begin().await?;
        tx.run(LEFT, args![filing, user, page.tab]).await?;
        tx.commit().await?;
        return Ok(Around { now, ..Around::default() });
    }
    // Above the limit a new page is not written down, and not refused either.
    if !full && known.is_none_or(|row| row.field != field || row.seen_at + AGAIN_AFTER <= now) {
        let mut tx = cx.db.begin().await?;
        if known.is_none() {
            tx.run(GONE, args![filing, now - OPEN_FOR]).await?;
        }
        tx.run(SEEN, args![filing, user, page.tab, field, now]).await?;
        tx.commit().await?;
    }
    let fields: Vec<FieldRow> = cx.db.read().all(FIELDS, args![filing]).await?;
    Ok(Around { others: named(user, others), saved: since(fields, page.since), now: now - OVERLAP })
}

/// One line for each person and field, however many windows.
fn named(user: Uuid, rows: Vec<Row>) -> Vec<Other> {
    let mut others: Vec<Other> = Vec::new();
    for row in rows {
        let other = Other { name: row.name, own: row.person_id == user, field: row.field };
        if !others.contains(&other) {
            others.push(other);
        }
    }
    // Somebody who is in a field is not told of a second time for the window beside it.
    let busy: Vec<String> =
        others.iter().filter(|other| !other.field.is_empty()).map(|other| other.name.clone()).collect();
    others.retain(|other| !other.field.is_empty() || !busy.contains(&other.name));
    others
}

fn since(fields: Vec<FieldRow>, since: i64) -> Vec<SavedField> {
    fields
        .into_iter()
        .filter(|row| row.updated_at >= since)
        .map(|row| SavedField {
            field: row.field,
            value: row.value,
            version: row.version,
            by: row.updated_by_name,
            at: row.updated_at,
        })
        .collect()
}

#[derive(Clone, Debug, sqlx::FromRow)]
struct Row {
    person_id: Uuid,
    tab: String,
    field: String,
    seen_at: i64,
    name: String,
}

statements! {
    HERE = "SELECT h.person_id, h.tab, h.field, h.seen_at, p.name FROM presence h JOIN person p ON p.id = h.person_id
        WHERE h.filing_id = $1 AND h.seen_at > $2 ORDER BY p.name, h.tab";
    SEEN = "INSERT INTO presence (filing_id, person_id, tab, field, seen_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (filing_id, person_id, tab) DO UPDATE SET field = excluded.field, seen_at = excluded.seen_at";
    GONE = "DELETE FROM presence WHERE filing_id = $1 AND seen_at <= $2";
    LEFT = "DELETE FROM presence WHERE filing_id = $1 AND person_id = $2 AND tab = $3";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(person: u128, tab: &str, field: &str) -> Row {
        Row {
            person_id: Uuid::from_u128(person),
            tab: tab.into(),
            field: field.into(),
            seen_at: 0,
            name: format!("p{person}"),
        }
    }

    #[test]
    fn a_person_is_told_of_once() {
        let rows =
            vec![row(1, "a", ""), row(1, "b", "capital"), row(2, "c", ""), row(2, "d", ""), row(3, "e", "")];
        let others = named(Uuid::from_u128(3), rows);
        let told: Vec<(&str, bool, &str)> =
            others.iter().map(|other| (other.name.as_str(), other.own, other.field.as_str())).collect();
        assert_eq!(told, [("p1", false, "capital"), ("p2", false, ""), ("p3", true, "")]);
    }
}
