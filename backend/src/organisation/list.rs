//! The list of organisations for the exchange's staff and for supervisors: search, filter, sort, pages. One query.

use domain::{
    access::action,
    actor::{OrgKind, Standing},
    id::OrgId,
};
use serde::Serialize;
use uuid::Uuid;

use super::reader;
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
    /// Looked for in names, credit codes and enterprise codes.
    pub search: String,
    pub kind: Option<OrgKind>,
    pub standing: Option<Standing>,
    pub city: String,
    pub sort: Sort,
    pub paging: Paging,
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Newest registration first.
    #[default]
    Newest,
    Name,
    City,
}

impl Sort {
    /// The name in a link.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Name => "name",
            Self::City => "city",
        }
    }

    /// Reads [`Self::name`]; anything else is the usual order.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        [Self::Newest, Self::Name, Self::City]
            .into_iter()
            .find(|sort| sort.name() == name)
            .unwrap_or_default()
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrganisationLine {
    pub id: OrgId,
    pub name: String,
    pub kind: OrgKind,
    pub credit_code: String,
    pub credit_code_suspect: bool,
    pub city: String,
    pub standing: Standing,
    pub code: Option<String>,
    /// Microseconds since the epoch, UTC.
    pub created_at: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    kind: String,
    credit_code: String,
    credit_code_suspect: i64,
    city: String,
    standing: String,
    code: Option<String>,
    created_at: i64,
    total: i64,
}

/// The organisations that match.
///
/// # Errors
/// [`Error::NotFound`] or [`Error::Denied`] for anybody but the exchange's staff and supervisors.
pub async fn list(cx: &Cx, filter: &Filter) -> Result<Page<OrganisationLine>> {
    let actor = cx.actor()?;
    if actor.org_kind == OrgKind::Regulator {
        cx.permit_own::<action::Supervise>()?;
    } else {
        cx.permit_own::<action::WorkQueue>()?;
    }
    let rows: Vec<Row> = reader(cx, actor)
        .all(
            LIST,
            args![
                containing(&filter.search),
                filter.kind.map_or("", OrgKind::name),
                filter.standing.map_or("", Standing::name),
                filter.city.trim(),
                filter.sort.name(),
                filter.paging.limit(),
                filter.paging.offset()
            ],
        )
        .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let lines = rows.into_iter().map(line).collect::<Result<_>>()?;
    Ok(Page::new(lines, total, filter.paging))
}

fn line(row: Row) -> Result<OrganisationLine> {
    let unknown = || Error::internal(anyhow::anyhow!("organisation {}: unknown kind or standing", row.id));
    Ok(OrganisationLine {
        kind: OrgKind::from_name(&row.kind).ok_or_else(unknown)?,
        standing: Standing::from_name(&row.standing).ok_or_else(unknown)?,
        id: OrgId(row.id),
        name: row.name,
        credit_code: row.credit_code,
        credit_code_suspect: row.credit_code_suspect == 1,
        city: row.city,
        code: row.code,
        created_at: row.created_at,
    })
}

/// The cities that occur, for the filter.
///
/// # Errors
/// As [`list`].
pub async fn cities(cx: &Cx) -> Result<Vec<String>> {
    let actor = cx.actor()?;
    if actor.org_kind == OrgKind::Regulator {
        cx.permit_own::<action::Supervise>()?;
    } else {
        cx.permit_own::<action::WorkQueue>()?;
    }
    let rows: Vec<(String,)> = reader(cx, actor).all(CITIES, args![]).await?;
    Ok(rows.into_iter().map(|(city,)| city).collect())
}

/// Verified firms by name, for the enterprise that looks for one to engage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FirmLine {
    pub id: OrgId,
    pub name: String,
    pub kind: OrgKind,
    pub city: String,
}

/// Verified firms whose name matches, at most 50.
///
/// # Errors
/// [`Error::SignedOut`], [`Error::Denied`] before the second factor was presented.
pub async fn firms(cx: &Cx, search: &str, kind: Option<OrgKind>) -> Result<Vec<FirmLine>> {
    cx.permit_own::<action::ReadOrganisation>()?;
    let rows: Vec<(Uuid, String, String, String)> =
        cx.db.read().all(FIRMS, args![containing(search), kind.map_or("", OrgKind::name)]).await?;
    Ok(rows
        .into_iter()
        .filter_map(|(id, name, kind, city)| {
            Some(FirmLine { id: OrgId(id), name, kind: OrgKind::from_name(&kind)?, city })
        })
        .collect())
}

statements! {
    LIST = "SELECT id, name, kind, credit_code, credit_code_suspect, city, standing, code, created_at,
            COUNT(*) OVER () AS total
        FROM organisation
        WHERE (LOWER(name) LIKE $1 ESCAPE '\\' OR LOWER(credit_code) LIKE $1 ESCAPE '\\' OR LOWER(COALESCE(code, '')) LIKE $1 ESCAPE '\\')
            AND (CAST($2 AS TEXT) = '' OR kind = $2)
            AND (CAST($3 AS TEXT) = '' OR standing = $3)
            AND (CAST($4 AS TEXT) = '' OR city = $4)
        ORDER BY CASE CAST($5 AS TEXT) WHEN 'name' THEN name WHEN 'city' THEN city END,
            CASE CAST($5 AS TEXT) WHEN 'newest' THEN -created_at END, name, id
        LIMIT $6 OFFSET $7";
    CITIES = "SELECT DISTINCT city FROM organisation WHERE city <> '' ORDER BY city";
    FIRMS = "SELECT id, name, kind, city FROM organisation
        WHERE kind IN ('sponsor', 'accounting_firm', 'law_firm', 'valuer') AND standing IN ('good', 'warned')
            AND LOWER(name) LIKE $1 ESCAPE '\\' AND (CAST($2 AS TEXT) = '' OR kind = $2)
        ORDER BY name, id LIMIT 50";
}
