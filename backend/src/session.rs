//! What a browser session holds, in types, and who it stands for. The cookie's id is a random number that the
//! database knows only as its SHA-256 (see [`store`]); roles, standing and the rest are read afresh for every
//! request by [`actor_of`], so that a change of role, a disabled account or a sanction acts at once.
//!
//! `server` builds the layer over [`store::DbSessions`]; pages and server functions call the rest.

use domain::{
    access::action,
    actor::{Actor, Assurance, OrgKind, Role, Standing},
    id::{OrgId, UserId},
    locale::Locale,
    moment,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};
use tower_sessions::{Session, session::Id};
use uuid::Uuid;

pub mod store;

use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Error, Result},
    passkey::{Challenge, PendingRegistration},
    settings::RULES_VERSION,
    sql::statements,
};

/// Who is signed in, how surely, and since when. Nothing that can change behind the session's back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    pub person: UserId,
    pub assurance: Assurance,
    /// The absolute limit counts from here, whatever happens to the session's id in between.
    #[serde(with = "domain::moment::micros")]
    pub since: OffsetDateTime,
    /// When a second factor was presented last; microseconds since the epoch, UTC.
    #[serde(default)]
    pub proven_at: Option<i64>,
}

/// A message for the next page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    pub tone: Tone,
    /// A key of the locale files below `flash.`.
    pub key: String,
    /// Values for the text's placeholders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<(String, String)>,
}

/// How a [`Flash`] looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    Done,
    Notice,
    Wrong,
}

const SIGNED_IN: &str = "signed_in";
const AGENT: &str = "agent";
const FLASH: &str = "flash";
const LOCALE: &str = "locale";
const TOTP_SECRET: &str = "totp_secret";
const CHALLENGE: &str = "challenge";
const REGISTRATION: &str = "registration";

/// Who is signed in, as the session says; [`actor_of`] says whether that still holds.
///
/// # Errors
/// When the store cannot be read.
pub async fn signed_in(session: &Session) -> Result<Option<SignedIn>> {
    get(session, SIGNED_IN).await
}

/// Who was signed in last in a session, also for [`REMEMBERED`] after it was over; nobody when they signed out, or
/// when it never was.
///
/// # Errors
/// The database's.
pub async fn last_of(cx: &Cx, id: &Id) -> Result<Option<UserId>> {
    let row: Option<(Option<Uuid>,)> = cx.db.read().maybe(LAST_OF, args![hash(id)]).await?;
    Ok(row.and_then(|(person,)| person).map(UserId))
}

/// Signs in, or raises the assurance: the session gets a new id, pending challenges are forgotten, and so is everything
/// that another person left in it. `agent` is the browser's User-Agent header, shown in the list of sessions.
///
/// # Errors
/// When the store cannot be written.
pub async fn begin(session: &Session, signed_in: SignedIn, agent: &str) -> Result<()> {
    let before = self::signed_in(session).await?;
    session.cycle_id().await.map_err(Error::internal)?;
    if before.is_some_and(|before| before.person != signed_in.person) {
        session.clear().await;
    }
    for key in [TOTP_SECRET, CHALLENGE, REGISTRATION] {
        take::<serde_json::Value>(session, key).await?;
    }
    let agent: String = agent.chars().filter(|c| !c.is_control()).take(200).collect();
    put(session, AGENT, &agent).await?;
    put(session, SIGNED_IN, &signed_in).await
}

/// Gives the session a new id without changing what it holds; for a change of factors or password.
///
/// # Errors
/// When the store cannot be written.
pub async fn renew(session: &Session) -> Result<()> {
    session.cycle_id().await.map_err(Error::internal)
}

/// Signs out: everything goes, the row too.
///
/// # Errors
/// When the store cannot be written.
pub async fn end(session: &Session) -> Result<()> {
    session.flush().await.map_err(Error::internal)
}

/// Leaves a message for the next page.
///
/// # Errors
/// When the store cannot be written.
pub async fn flash(session: &Session, flash: &Flash) -> Result<()> {
    put(session, FLASH, flash).await
}

/// Takes the message; it is shown once.
///
/// # Errors
/// When the store cannot be read.
pub async fn take_flash(session: &Session) -> Result<Option<Flash>> {
    take(session, FLASH).await
}

/// The language chosen in this session.
///
/// # Errors
/// When the store cannot be read.
pub async fn locale(session: &Session) -> Result<Option<Locale>> {
    Ok(get::<String>(session, LOCALE).await?.map(|tag| Locale::from_tag(&tag)))
}

/// Chooses a language.
///
/// # Errors
/// When the store cannot be written.
pub async fn set_locale(session: &Session, locale: Locale) -> Result<()> {
    put(session, LOCALE, &locale.tag()).await
}

/// Keeps a passkey challenge until the browser answers.
///
/// # Errors
/// When the store cannot be written.
pub async fn keep_challenge(session: &Session, challenge: &Challenge) -> Result<()> {
    put(session, CHALLENGE, challenge).await
}

/// Takes the challenge: it is good for one answer, right or wrong.
///
/// # Errors
/// When the store cannot be read.
pub async fn take_challenge(session: &Session) -> Result<Option<Challenge>> {
    take(session, CHALLENGE).await
}

/// Keeps a passkey registration until the browser answers.
///
/// # Errors
/// When the store cannot be written.
pub async fn keep_registration(session: &Session, pending: &PendingRegistration) -> Result<()> {
    put(session, REGISTRATION, pending).await
}

/// Takes the registration: it is good for one answer.
///
/// # Errors
/// When the store cannot be read.
pub async fn take_registration(session: &Session) -> Result<Option<PendingRegistration>> {
    take(session, REGISTRATION).await
}

/// Keeps the secret of a time-based code that is being enrolled.
///
/// # Errors
/// When the store cannot be written.
pub async fn keep_totp_secret(session: &Session, secret: &str) -> Result<()> {
    put(session, TOTP_SECRET, &secret).await
}

/// The secret that waits, so that a mistyped code does not mean scanning again. [`begin`] forgets it.
///
/// # Errors
/// When the store cannot be read.
pub async fn totp_secret(session: &Session) -> Result<Option<String>> {
    get(session, TOTP_SECRET).await
}

async fn get<T: DeserializeOwned>(session: &Session, key: &str) -> Result<Option<T>> {
    session.get(key).await.map_err(Error::internal)
}

async fn take<T: DeserializeOwned>(session: &Session, key: &str) -> Result<Option<T>> {
    // Removing what is not there would count as a change: every page would write, and strangers get a session.
    match get(session, key).await? {
        Some(value) => {
            session.remove_value(key).await.map_err(Error::internal)?;
            Ok(Some(value))
        }
        None => Ok(None),
    }
}

async fn put<T: Serialize + Sync + ?Sized>(session: &Session, key: &str, value: &T) -> Result<()> {
    session.insert(key, value).await.map_err(Error::internal)
}

/// Who that is today: one query. `None` when the account is gone or disabled.
///
/// A role that needs a passkey and has one must have used it: a time-based code counts as password only then.
/// Without one it is asked to enrol. A demonstration instance waives both.
///
/// # Errors
/// The database's.
pub async fn actor_of(cx: &Cx, signed_in: &SignedIn) -> Result<Option<Actor>> {
    let row: Option<ActorRow> = cx.db.read().maybe(ACTOR, args![signed_in.person]).await?;
    let Some(row) = row else { return Ok(None) };
    let strict = row.is_strict(cx)?;
    let assurance = match signed_in.assurance {
        Assurance::Totp if strict && row.passkeys > 0 => Assurance::Password,
        other => other,
    };
    let oldest = cx.now() - Duration::minutes(cx.settings.step_up_minutes);
    let fresh = signed_in.proven_at.is_some_and(|at| at >= moment::to_micros(oldest));
    Ok(Some(Actor { fresh, ..row.actor(assurance, strict)? }))
}

/// A person's authority for work that the person has handed to the platform and that goes on without a session; `None`
/// when the account is closed meanwhile. Role and standing are those of now. It is never fresh, so nothing that binds the
/// organisation can be done with it.
///
/// # Errors
/// The database's.
pub(crate) async fn acting_for(cx: &Cx, person: UserId) -> Result<Option<Actor>> {
    let row: Option<ActorRow> = cx.db.read().maybe(ACTOR, args![person]).await?;
    let Some(row) = row else { return Ok(None) };
    let strict = row.is_strict(cx)?;
    row.actor(Assurance::Totp, strict).map(Some)
}

/// A person with the organisation, as authority sees them. Also read by `token`.
#[derive(sqlx::FromRow)]
pub(crate) struct ActorRow {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) org_id: Uuid,
    pub(crate) org_name: String,
    pub(crate) kind: String,
    pub(crate) standing: String,
    pub(crate) rules_version: Option<String>,
    pub(crate) passkeys: i64,
}

impl ActorRow {
    pub(crate) fn role(&self) -> Result<Role> {
        Role::from_name(&self.role)
            .ok_or_else(|| Error::internal(anyhow::anyhow!("unknown role {}", self.role)))
    }

    /// Whether only a passkey will do.
    pub(crate) fn is_strict(&self, cx: &Cx) -> Result<bool> {
        Ok(self.role()?.needs_passkey() && !cx.settings.demo)
    }

    pub(crate) fn actor(self, assurance: Assurance, strict: bool) -> Result<Actor> {
        let unknown = |what: &str| Error::internal(anyhow::anyhow!("unknown organisation {what}"));
        let org_kind = OrgKind::from_name(&self.kind).ok_or_else(|| unknown("kind"))?;
        let accepted_rules = if org_kind.self_registers() {
            // Who accepted an older version is asked again.
            self.rules_version.clone().filter(|version| version == RULES_VERSION)
        } else {
            // The exchange makes the rules and supervisors stand above them: nobody asks them.
            Some(RULES_VERSION.to_owned())
        };
        Ok(Actor {
            user: UserId(self.id),
            role: self.role()?,
            name: self.name,
            org: OrgId(self.org_id),
            org_name: self.org_name,
            org_kind,
            standing: Standing::from_name(&self.standing).ok_or_else(|| unknown("standing"))?,
            assurance,
            must_enrol_passkey: strict && self.passkeys == 0,
            fresh: false,
            accepted_rules,
        })
    }
}

/// One line of the list of sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SessionLine {
    /// For [`end_one`]; says nothing about the cookie.
    pub handle: String,
    /// The browser's User-Agent at sign-in.
    pub agent: String,
    /// Microseconds since the epoch, UTC.
    pub created_at: i64,
    pub seen_at: i64,
    pub expires_at: i64,
    /// The one that asks.
    pub current: bool,
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    id_hash: Vec<u8>,
    agent: String,
    created_at: i64,
    seen_at: i64,
    expires_at: i64,
}

/// The actor's live sessions, newest use first.
///
/// # Errors
/// [`Error::SignedOut`].
pub async fn list(cx: &Cx, current: Option<&Id>) -> Result<Vec<SessionLine>> {
    let permit = cx.permit_own::<action::ManageOwnAccount>()?;
    let current = current.map(hash);
    let rows: Vec<SessionRow> = cx.db.read().all(OF_PERSON, args![permit.actor().user, cx.now()]).await?;
    Ok(rows
        .into_iter()
        .map(|row| SessionLine {
            current: current.is_some_and(|hash| hash[..] == row.id_hash[..]),
            handle: hex::encode(row.id_hash),
            agent: row.agent,
            created_at: row.created_at,
            seen_at: row.seen_at,
            expires_at: row.expires_at,
        })
        .collect())
}

/// Ends one of the actor's sessions.
///
/// # Errors
/// [`Error::NotFound`] when it is not theirs or is over.
pub async fn end_one(cx: &Cx, handle: &str) -> Result<()> {
    let permit = cx.permit_own::<action::ManageOwnAccount>()?;
    let hash = hex::decode(handle).map_err(|_| Error::NotFound)?;
    let mut tx = cx.db.begin().await?;
    if tx.run(END_ONE, args![hash, permit.actor().user, cx.now()]).await? == 0 {
        return Err(Error::NotFound);
    }
    tx.commit().await
}

/// Ends all of the actor's sessions but this one; answers how many.
///
/// # Errors
/// [`Error::SignedOut`].
pub async fn end_others(cx: &Cx, current: Option<&Id>) -> Result<u64> {
    let permit = cx.permit_own::<action::ManageOwnAccount>()?;
    let mut tx = cx.db.begin().await?;
    let ended = end_all_of(&mut tx, cx, permit.actor().user, current).await?;
    tx.commit().await?;
    Ok(ended)
}

/// Ends a person's sessions in the caller's transaction, except one.
///
/// # Errors
/// The database's.
pub(crate) async fn end_all_of(tx: &mut Tx, cx: &Cx, person: UserId, except: Option<&Id>) -> Result<u64> {
    let except = except.map_or([0; 32], hash);
    tx.run(END_ALL, args![person, except, cx.now()]).await
}

/// How long it is remembered whose a session was that is over, so that what was typed in it goes back to nobody else.
pub const REMEMBERED: Duration = Duration::days(1);

/// Deletes what is over and was not used for [`REMEMBERED`]; answers how many. A background job calls it.
///
/// # Errors
/// The database's.
pub async fn purge(cx: &Cx) -> Result<u64> {
    let mut tx = cx.db.begin().await?;
    let gone = tx.run(PURGE, args![cx.now(), cx.now() - REMEMBERED]).await?;
    tx.commit().await?;
    Ok(gone)
}

/// How the database knows a session: whoever reads the table cannot take a session over.
pub(crate) fn hash(id: &Id) -> [u8; 32] {
    Sha256::digest(id.0.to_le_bytes()).into()
}

statements! {
    ACTOR = "SELECT p.id, p.name, p.role, p.org_id, o.name AS org_name, o.kind, o.standing, o.rules_version,
            (SELECT COUNT(*) FROM passkey k WHERE k.person_id = p.id) AS passkeys
        FROM person p JOIN organisation o ON o.id = p.org_id WHERE p.id = $1 AND p.active = 1";
    OF_PERSON = "SELECT id_hash, agent, created_at, seen_at, expires_at FROM session
        WHERE person_id = $1 AND expires_at > $2 ORDER BY seen_at DESC";
    LAST_OF = "SELECT person_id FROM session WHERE id_hash = $1";
    // What is left of it only tells whose it was.
    END_ONE = "UPDATE session SET data = '{}', expires_at = 0 WHERE id_hash = $1 AND person_id = $2 AND expires_at > $3";
    END_ALL = "UPDATE session SET data = '{}', expires_at = 0 WHERE person_id = $1 AND id_hash <> $2 AND expires_at > $3";
    PURGE = "DELETE FROM session WHERE expires_at <= $1 AND seen_at <= $2";
}
