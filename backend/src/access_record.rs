//! Who looked at what. A record is written and durable **before** the reading; when it cannot be written, the
//! reading is refused. Records form a chain of digests, and the chain's head goes to the ledger now and then, so
//! that nobody can edit who looked at what. Called by every page function of supervisors; `guxin` anchors and
//! checks the chain in [`chain`].

use domain::{access::action, id::OrgId, moment};
use ledger::{canonical, merkle::Hash};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub mod chain;

use crate::{
    args,
    cx::Cx,
    error::{Error, Result},
    organisation::reader,
    page::{Page, Paging},
    sql::statements,
};

/// Longest path kept, in characters.
const MAX_PATH_CHARS: usize = 300;

/// What one record says; its canonical JSON is what the digest covers.
#[derive(Clone, Debug, Serialize)]
struct Link<'a> {
    v: u64,
    seq: i64,
    actor: Uuid,
    actor_name: &'a str,
    org: Uuid,
    org_name: &'a str,
    what: &'a str,
    subject: Option<Uuid>,
    path: &'a str,
    at: i64,
    /// Digest of the record before, hexadecimal.
    prev: String,
}

impl Link<'_> {
    fn digest(&self) -> Result<[u8; 32]> {
        let text = canonical::to_string(self).map_err(Error::internal)?;
        Ok(Sha256::digest(text.as_bytes()).into())
    }
}

/// Notes that the actor is about to read something. `what` is the action's name (`supervision.filing`), `path` the
/// path asked for, without its query. Returns once it is durable; only then read.
///
/// # Errors
/// Anything means: do not read.
pub async fn note(cx: &Cx, what: &str, subject: Option<Uuid>, path: &str) -> Result<()> {
    let actor = cx.actor()?;
    let path: String = path.split('?').next().unwrap_or_default().chars().take(MAX_PATH_CHARS).collect();
    let mut tx = cx.db.begin().await?;
    // Counting up takes the row's lock: on PostgreSQL appends queue here, on SQLite at `begin`. A gap in the
    // numbers is therefore a deleted record, never a rolled-back one.
    let (seq, prev): (i64, Vec<u8>) = tx.one(NEXT, args![]).await?;
    let at = moment::to_micros(cx.now());
    let digest = Link {
        v: 1,
        seq,
        actor: actor.user.0,
        actor_name: &actor.name,
        org: actor.org.0,
        org_name: &actor.org_name,
        what,
        subject,
        path: &path,
        at,
        prev: hex::encode(prev),
    }
    .digest()?;
    let (user, org) = (actor.user, actor.org);
    tx.run(
        APPEND,
        args![seq, user, actor.name.as_str(), org, actor.org_name.as_str(), what, subject, path, at, &digest],
    )
    .await?;
    tx.run(HEAD, args![&digest]).await?;
    tx.commit().await
}

/// What to show of the records; empty members do not filter.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Looked for in the names of people and organisations, exactly contained.
    pub search: String,
    /// An action's name.
    pub what: String,
    pub subject: Option<Uuid>,
    pub org: Option<OrgId>,
    /// Microseconds since the epoch, UTC: from, up to and excluding.
    pub from: Option<i64>,
    pub to: Option<i64>,
    /// Only records older than this one: reading the list writes records, so whoever walks through it counts from a
    /// record, not from the top.
    pub before: Option<i64>,
    pub paging: Paging,
}

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccessLine {
    pub seq: i64,
    pub actor_name: String,
    pub org_name: String,
    pub what: String,
    pub subject: Option<Uuid>,
    pub path: String,
    /// Microseconds since the epoch, UTC.
    pub at: i64,
    /// The ledger leaf that holds the chain's head at or after this record, once it is there.
    pub leaf_index: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct LineRow {
    seq: i64,
    actor_name: String,
    org_name: String,
    what: String,
    subject_id: Option<Uuid>,
    path: String,
    at: i64,
    leaf_index: Option<i64>,
    total: i64,
}

/// The records that match, newest first: one query.
///
/// # Errors
/// [`Error::NotFound`] or [`Error::Denied`] for anybody but supervisors and the operator.
pub async fn list(cx: &Cx, filter: &Filter) -> Result<Page<AccessLine>> {
    let (lines, total) = part(cx, filter, filter.paging.limit(), filter.paging.offset()).await?;
    Ok(Page::new(lines, total, filter.paging))
}

/// As [`list`], up to `limit` lines at once, for an export; the filter's paging is not looked at. One query.
///
/// # Errors
/// As [`list`].
pub async fn lines(cx: &Cx, filter: &Filter, limit: u32) -> Result<Vec<AccessLine>> {
    Ok(part(cx, filter, i64::from(limit), 0).await?.0)
}

async fn part(cx: &Cx, filter: &Filter, limit: i64, offset: i64) -> Result<(Vec<AccessLine>, i64)> {
    let permit = cx.permit_own::<action::ReadAccessRecords>()?;
    let rows: Vec<LineRow> = reader(cx, permit.actor())
        .all(
            LIST,
            args![
                crate::page::containing(&filter.search),
                filter.what.as_str(),
                filter.subject,
                filter.org,
                filter.from.unwrap_or(0),
                filter.to.unwrap_or(i64::MAX),
                limit,
                offset,
                filter.before.unwrap_or(i64::MAX)
            ],
        )
        .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let lines = rows
        .into_iter()
        .map(|row| AccessLine {
            seq: row.seq,
            actor_name: row.actor_name,
            org_name: row.org_name,
            what: row.what,
            subject: row.subject_id,
            path: row.path,
            at: row.at,
            leaf_index: row.leaf_index,
        })
        .collect();
    Ok((lines, total))
}

/// The chain begins with 32 zero bytes.
pub const GENESIS: Hash = Hash([0; 32]);

statements! {
    NEXT = "UPDATE access_chain SET seq = seq + 1 WHERE id = 1 RETURNING seq, digest";
    HEAD = "UPDATE access_chain SET digest = $1 WHERE id = 1";
    APPEND = "INSERT INTO access_record (seq, actor_id, actor_name, org_id, org_name, what, subject_id, path, at, digest)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    LIST = "SELECT a.seq, a.actor_name, a.org_name, a.what, a.subject_id, a.path, a.at, o.leaf_index,
            COUNT(*) OVER () AS total
        FROM access_record a LEFT JOIN outbox o ON o.seq = a.outbox_seq
        WHERE (LOWER(a.actor_name) LIKE $1 ESCAPE '\\' OR LOWER(a.org_name) LIKE $1 ESCAPE '\\')
            AND (CAST($2 AS TEXT) = '' OR a.what = $2)
            AND (a.subject_id = $3 OR $3 IS NULL)
            AND (a.org_id = $4 OR $4 IS NULL)
            AND a.at >= $5 AND a.at < $6 AND a.seq < $9
        ORDER BY a.seq DESC LIMIT $7 OFFSET $8";
}
