//! People over all organisations, for the operator: who is it that calls, where do they belong, does the account
//! work. One query.

use domain::{
    access::action,
    actor::Role,
    id::{OrgId, UserId},
};
use serde::Serialize;
use uuid::Uuid;

use super::PersonLine;
use crate::{
    args,
    cx::Cx,
    error::{Error, Result},
    page::{Page, Paging, containing},
    sql::statements,
};

/// What to show; empty members do not filter.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Looked for in names, logins and names of organisations.
    pub search: String,
    pub role: Option<Role>,
    pub active: Option<bool>,
    /// By organisation, then name; by name otherwise.
    pub by_organisation: bool,
    pub paging: Paging,
}

/// A person with the organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PersonAnywhere {
    pub person: PersonLine,
    pub org: OrgId,
    pub org_name: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    login: String,
    role: String,
    active: i64,
    totp: i64,
    passkeys: i64,
    version: i64,
    created_at: i64,
    org_id: Uuid,
    org_name: String,
    total: i64,
}

/// The people that match.
///
/// # Errors
/// [`Error::NotFound`] or [`Error::Denied`] for anybody but the operator.
pub async fn list(cx: &Cx, filter: &Filter) -> Result<Page<PersonAnywhere>> {
    cx.permit_own::<action::Oversee>()?;
    let active = filter.active.map_or(-1, i64::from);
    let order = if filter.by_organisation { "organisation" } else { "" };
    let rows: Vec<Row> = cx
        .db
        .read()
        .all(
            LIST,
            args![
                containing(&filter.search),
                filter.role.map_or("", Role::name),
                active,
                order,
                filter.paging.limit(),
                filter.paging.offset()
            ],
        )
        .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let lines = rows.into_iter().map(line).collect::<Result<_>>()?;
    Ok(Page::new(lines, total, filter.paging))
}

fn line(row: Row) -> Result<PersonAnywhere> {
    let unknown = || Error::internal(anyhow::anyhow!("person {}: unknown role {}", row.id, row.role));
    let person = PersonLine {
        role: Role::from_name(&row.role).ok_or_else(unknown)?,
        id: UserId(row.id),
        name: row.name,
        login: row.login,
        active: row.active == 1,
        has_totp: row.totp == 1,
        passkeys: row.passkeys,
        version: row.version,
        created_at: row.created_at,
    };
    Ok(PersonAnywhere { person, org: OrgId(row.org_id), org_name: row.org_name })
}

statements! {
    LIST = "SELECT p.id, p.name, p.login, p.role, p.active,
            CAST(CASE WHEN p.totp_secret IS NULL THEN 0 ELSE 1 END AS BIGINT) AS totp,
            (SELECT COUNT(*) FROM passkey k WHERE k.person_id = p.id) AS passkeys, p.version, p.created_at,
            p.org_id, o.name AS org_name, COUNT(*) OVER () AS total
        FROM person p JOIN organisation o ON o.id = p.org_id
        WHERE (LOWER(p.name) LIKE $1 ESCAPE '\\' OR p.login LIKE $1 ESCAPE '\\' OR LOWER(o.name) LIKE $1 ESCAPE '\\')
            AND (CAST($2 AS TEXT) = '' OR p.role = $2)
            AND (CAST($3 AS BIGINT) < 0 OR p.active = $3)
        ORDER BY CASE CAST($4 AS TEXT) WHEN 'organisation' THEN o.name END, p.name, p.id
        LIMIT $5 OFFSET $6";
}
