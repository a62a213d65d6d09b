//! `GET /api/v1/access-records`: who looked at what. Reading it is itself recorded.

use backend::{
    access_record::{AccessLine, Filter, list, note},
    page::{Cursor, Key, Paging, Stretch},
};
use domain::access::action;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    answer::{self, Answer, List},
    caller::{Asked, Caller},
    problem::Failures,
};

/// Name of the one order, for cursors.
const ORDER: &str = "seq";

/// What to show.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// Part of the person's or the organisation's name; case does not matter.
    q: Option<String>,
    /// Only this kind of reading, e.g. `supervision.download`.
    #[param(example = "supervision.filing")]
    what: Option<String>,
    /// Only readings of this object.
    subject: Option<Uuid>,
    /// Only readings by this organisation.
    organisation: Option<Uuid>,
    /// From this moment on; microseconds since the epoch, UTC.
    from: Option<i64>,
    /// Before this moment; microseconds since the epoch, UTC.
    to: Option<i64>,
    /// Items per answer, 1 to 100; 20 when absent.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<u32>,
    /// `next_cursor` of the answer before.
    cursor: Option<String>,
}

/// One reading.
#[derive(Debug, Serialize, ToSchema)]
struct AccessRecord {
    /// Number of the record; without gaps.
    #[schema(example = 41)]
    seq: i64,
    /// Who read.
    actor_name: String,
    /// That person's organisation.
    organisation_name: String,
    /// What kind of reading.
    #[schema(example = "supervision.filing")]
    what: String,
    /// Id of what was read; absent for lists.
    subject: Option<Uuid>,
    /// Path asked for, without its query.
    #[schema(example = "/supervision/filings/019c0000-0000-7000-8000-000000000000")]
    path: String,
    /// When; microseconds since the epoch, UTC, the server's clock.
    at: i64,
    /// Index of the ledger entry that covers the record, once there is one.
    leaf_index: Option<i64>,
}

impl From<AccessLine> for AccessRecord {
    fn from(line: AccessLine) -> Self {
        Self {
            seq: line.seq,
            actor_name: line.actor_name,
            organisation_name: line.org_name,
            what: line.what,
            subject: line.subject,
            path: line.path,
            at: line.at,
            leaf_index: line.leaf_index,
        }
    }
}

/// Who looked at what, newest first.
///
/// Supervisors and the exchange's operator; the reading is recorded (`supervision.access`).
#[utoipa::path(get, path = "/access-records", tag = "market", params(Query),
    responses((status = 200, body = List<AccessRecord>), Failures))]
pub(super) async fn access_records(caller: Caller, Asked(asked): Asked<Query>) -> Answer {
    let (limit, cursor) = (answer::limit(asked.limit)?, answer::cursor(asked.cursor.as_deref())?);
    let before = match cursor {
        None => None,
        Some(Cursor { sort, key: Key::Number(seq), .. }) if sort == ORDER => Some(seq),
        Some(_) => return Err(answer::invalid("cursor", "the next_cursor of this list")),
    };
    let filter = Filter {
        search: asked.q.unwrap_or_default(),
        what: asked.what.unwrap_or_default(),
        subject: asked.subject,
        org: asked.organisation.map(Into::into),
        from: asked.from,
        to: asked.to,
        before,
        paging: Paging { page: 1, size: limit },
    };
    caller.cx.permit_own::<action::ReadAccessRecords>()?;
    note(&caller.cx, "supervision.access", None, caller.path()).await?;
    let found = list(&caller.cx, &filter).await?;
    let more = found.total > i64::from(limit);
    let next = found.rows.last().filter(|_| more).map(|line| Cursor {
        sort: ORDER.to_owned(),
        key: Key::Number(line.seq),
        id: Uuid::nil(),
    });
    answer::json(&caller.headers, &List::of(Stretch { rows: found.rows, next }, AccessRecord::from))
}
