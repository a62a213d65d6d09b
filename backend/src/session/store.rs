//! Sessions in our own database, for tower-sessions. Keyed by the hash of the id; idle and absolute limit are
//! both enforced here (tower-sessions itself counts only changes as activity and knows no absolute limit).
//! Reading a session writes at most once a minute. An ended session stays ended: saving never brings it back.

use std::sync::Arc;

use async_trait::async_trait;
use domain::moment;
use time::Duration;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error as StoreError, Result as StoreResult},
};

use super::{SIGNED_IN, SignedIn, hash};
use crate::{args, cx::Services, db::Arg, error::Error, sql::statements};

/// Use is noted at most this often.
const SEEN_EVERY_MICROS: i64 = 60_000_000;

/// The store behind the session layer.
#[derive(Clone, Debug)]
pub struct DbSessions(Arc<Services>);

#[derive(sqlx::FromRow)]
struct Row {
    data: String,
    created_at: i64,
    seen_at: i64,
    expires_at: i64,
}

impl DbSessions {
    /// Sessions in these services' database, by their clock and settings.
    #[must_use]
    pub fn new(services: Arc<Services>) -> Self {
        Self(services)
    }

    fn expiry(&self, created_at: i64, seen_at: i64) -> i64 {
        let micros = |span: Duration| i64::try_from(span.whole_microseconds()).unwrap_or(i64::MAX);
        let idle = micros(Duration::minutes(self.0.settings.session_idle_minutes));
        let absolute = micros(Duration::hours(self.0.settings.session_hours));
        seen_at.saturating_add(idle).min(created_at.saturating_add(absolute))
    }

    /// Person, data, agent: what the row carries beside the times.
    fn contents(record: &Record) -> StoreResult<(Option<SignedIn>, String, String)> {
        let encode = |e: serde_json::Error| StoreError::Encode(e.to_string());
        let signed_in = record
            .data
            .get(SIGNED_IN)
            .map(|v| serde_json::from_value(v.clone()))
            .transpose()
            .map_err(encode)?;
        let agent = record.data.get(super::AGENT).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
        Ok((signed_in, serde_json::to_string(&record.data).map_err(encode)?, agent))
    }

    async fn write(&self, sql: &'static str, args: Vec<Arg>) -> StoreResult<u64> {
        let work = async {
            let mut tx = self.0.db.begin().await?;
            let rows = tx.run(sql, args).await?;
            tx.commit().await?;
            Ok(rows)
        };
        work.await.map_err(|e: Error| StoreError::Backend(e.to_string()))
    }
}

#[async_trait]
impl SessionStore for DbSessions {
    async fn create(&self, record: &mut Record) -> StoreResult<()> {
        // 128 bits of our own randomness; a collision would be a uniqueness error, not a shared session.
        record.id = Id(i128::from_le_bytes(self.0.random.bytes()));
        let now = moment::to_micros(self.0.clock.now());
        let (signed_in, data, agent) = Self::contents(record)?;
        let since = signed_in.map_or(now, |s| moment::to_micros(s.since).min(now));
        let expires_at = self.expiry(since, now);
        record.expiry_date = moment::from_micros(expires_at);
        let person = signed_in.map(|s| s.person);
        self.write(CREATE, args![hash(&record.id), person, data, agent, since, now, expires_at]).await?;
        Ok(())
    }

    async fn save(&self, record: &Record) -> StoreResult<()> {
        let now = moment::to_micros(self.0.clock.now());
        let (signed_in, data, agent) = Self::contents(record)?;
        let person = signed_in.map(|s| s.person);
        let limits = (self.expiry(i64::MAX, now), self.expiry(0, i64::MAX));
        // No row: it was ended or has expired meanwhile, and stays so.
        self.write(SAVE, args![hash(&record.id), person, data, agent, now, limits.0, limits.1]).await?;
        Ok(())
    }

    async fn load(&self, id: &Id) -> StoreResult<Option<Record>> {
        let now = moment::to_micros(self.0.clock.now());
        let row: Option<Row> = (self.0.db.read().maybe(LOAD, args![hash(id), now]).await)
            .map_err(|e| StoreError::Backend(e.to_string()))?;
        let Some(row) = row else { return Ok(None) };
        let mut expires_at = row.expires_at;
        if now - row.seen_at >= SEEN_EVERY_MICROS {
            expires_at = self.expiry(row.created_at, now);
            self.write(SEEN, args![hash(id), now, expires_at]).await?;
        }
        let data = serde_json::from_str(&row.data).map_err(|e| StoreError::Decode(e.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date: moment::from_micros(expires_at) }))
    }

    async fn delete(&self, id: &Id) -> StoreResult<()> {
        self.write(DELETE, args![hash(id)]).await?;
        Ok(())
    }
}

statements! {
    CREATE = "INSERT INTO session (id_hash, person_id, data, agent, created_at, seen_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    // $6 = now + idle limit, $7 = length of the absolute limit.
    SAVE = "UPDATE session SET person_id = $2, data = $3, agent = $4, seen_at = $5,
            expires_at = CASE WHEN created_at + $7 < $6 THEN created_at + $7 ELSE $6 END
        WHERE id_hash = $1 AND expires_at > $5";
    LOAD = "SELECT data, created_at, seen_at, expires_at FROM session WHERE id_hash = $1 AND expires_at > $2";
    SEEN = "UPDATE session SET seen_at = $2, expires_at = $3 WHERE id_hash = $1 AND expires_at > $2";
    DELETE = "DELETE FROM session WHERE id_hash = $1";
}
