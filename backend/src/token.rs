//! Bearer tokens of the JSON API: made by a person who has just presented the second factor, shown once, kept as hashes,
//! expiring, revocable. A token acts as its person does today: a change of role or a sanction acts at once. It does not
//! outlive what it was made under: a new password, reset factors, a disabled account or a closed organisation revoke it
//! (`person` and `organisation::standing` call [`revoke_all_of`] and [`revoke_all_in`]).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    access::{Denied, action},
    actor::{Actor, Assurance},
    id::{OrgId, TokenId, UserId},
    moment,
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use time::Duration;
use uuid::Uuid;

use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Error, FieldErrors, Message, Result},
    person::check_text,
    session::ActorRow,
    sql::statements,
};

/// Longest life of a token, in days.
pub const MAX_DAYS: i64 = 365;
/// Most live tokens of one person.
pub const MAX_TOKENS: i64 = 20;
/// What every token begins with, so that scanners for leaked secrets find it.
pub const PREFIX: &str = "guxin_";
/// Use is noted at most this often.
const USED_EVERY_MICROS: i64 = 60_000_000;

/// A new token; `secret` is never shown again.
#[derive(Clone, PartialEq, Eq)]
pub struct Created {
    pub id: TokenId,
    pub secret: String,
    /// Microseconds since the epoch, UTC.
    pub expires_at: i64,
}

/// One line of the account page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct TokenLine {
    pub id: Uuid,
    pub name: String,
    /// Microseconds since the epoch, UTC.
    pub created_at: i64,
    pub expires_at: i64,
    pub last_used_at: Option<i64>,
}

/// Makes a token for the signed-in person.
///
/// # Errors
/// Field errors on `name` and `days`; [`Error::Denied`] unless fully signed in a short while ago;
/// [`Error::Rejected`] (`token.too_many`).
pub async fn create(cx: &Cx, name: &str, days: i64) -> Result<Created> {
    let permit = cx.permit_own::<action::ManageOwnAccount>()?;
    if !permit.actor().is_fully_signed_in() {
        return Err(Error::Denied(Denied::Assurance(Assurance::Totp)));
    }
    if !permit.actor().fresh {
        // A forgotten screen must not be enough for an access that outlives the session.
        return Err(Error::Denied(Denied::Stale));
    }
    let mut errors = FieldErrors::default();
    let name = check_text(name, "name", 60, true, &mut errors);
    if !(1..=MAX_DAYS).contains(&days) {
        errors.add("days", Message::Key("token.days", vec![("max", MAX_DAYS.to_string())]));
    }
    errors.check()?;
    let secret = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(cx.random.bytes::<32>()));
    let (id, now) = (TokenId(cx.id()), cx.now());
    let expires_at = moment::to_micros(now + Duration::days(days));
    let user = permit.actor().user;
    let mut tx = cx.db.begin().await?;
    let (live,): (i64,) = tx.one(COUNT, args![user, now]).await?;
    if live >= MAX_TOKENS {
        return Err(Error::Rejected(Message::key("token.too_many")));
    }
    tx.run(CREATE, args![id, user, hash(&secret), name, now, expires_at]).await?;
    tx.commit().await?;
    tracing::info!(person = %user, token = %id, "token created");
    Ok(Created { id, secret, expires_at })
}

/// The signed-in person's live tokens, newest first.
///
/// # Errors
/// [`Error::SignedOut`].
pub async fn list(cx: &Cx) -> Result<Vec<TokenLine>> {
    let permit = cx.permit_own::<action::ManageOwnAccount>()?;
    cx.db.read().all(LIST, args![permit.actor().user, cx.now()]).await
}

/// Revokes one of the signed-in person's tokens.
///
/// # Errors
/// [`Error::NotFound`] when it is not theirs or is dead already.
pub async fn revoke(cx: &Cx, id: TokenId) -> Result<()> {
    let permit = cx.permit_own::<action::ManageOwnAccount>()?;
    let mut tx = cx.db.begin().await?;
    if tx.run(REVOKE, args![id, permit.actor().user, cx.now()]).await? != 1 {
        return Err(Error::NotFound);
    }
    tx.commit().await?;
    tracing::info!(person = %permit.actor().user, token = %id, "token revoked");
    Ok(())
}

/// Revokes a person's tokens in the caller's transaction.
///
/// # Errors
/// The database's.
pub(crate) async fn revoke_all_of(tx: &mut Tx, cx: &Cx, person: UserId) -> Result<u64> {
    tx.run(REVOKE_OF_PERSON, args![person, cx.now()]).await
}

/// Revokes the tokens of an organisation's people in the caller's transaction.
///
/// # Errors
/// The database's.
pub(crate) async fn revoke_all_in(tx: &mut Tx, cx: &Cx, org: OrgId) -> Result<u64> {
    tx.run(REVOKE_IN_ORGANISATION, args![org, cx.now()]).await
}

#[derive(sqlx::FromRow)]
struct Used {
    token_id: Uuid,
    last_used_at: Option<i64>,
    #[sqlx(flatten)]
    actor: ActorRow,
}

/// Who acts with this token, if it is good: one query, and a write at most once a minute. The assurance is that of
/// a time-based code: what needs a passkey's signature needs the person.
///
/// # Errors
/// The database's.
pub async fn actor_of_token(cx: &Cx, secret: &str) -> Result<Option<Actor>> {
    if !secret.starts_with(PREFIX) || secret.len() > 100 {
        return Ok(None);
    }
    let now = moment::to_micros(cx.now());
    let used: Option<Used> = cx.db.read().maybe(ACTOR, args![hash(secret), now]).await?;
    let Some(used) = used else { return Ok(None) };
    if used.last_used_at.is_none_or(|at| now - at >= USED_EVERY_MICROS) {
        let mut tx = cx.db.begin().await?;
        tx.run(USE, args![used.token_id, now]).await?;
        tx.commit().await?;
    }
    let strict = used.actor.is_strict(cx)?;
    used.actor.actor(Assurance::Totp, strict).map(Some)
}

fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

impl std::fmt::Debug for Created {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Created {{ id: {}, secret: .., expires_at: {} }}", self.id, self.expires_at)
    }
}

statements! {
    COUNT = "SELECT COUNT(*) FROM api_token WHERE person_id = $1 AND revoked_at IS NULL AND expires_at > $2";
    CREATE = "INSERT INTO api_token (id, person_id, token_hash, name, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)";
    LIST = "SELECT id, name, created_at, expires_at, last_used_at FROM api_token
        WHERE person_id = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY created_at DESC, id DESC";
    REVOKE = "UPDATE api_token SET revoked_at = $3 WHERE id = $1 AND person_id = $2 AND revoked_at IS NULL";
    REVOKE_OF_PERSON = "UPDATE api_token SET revoked_at = $2 WHERE person_id = $1 AND revoked_at IS NULL";
    REVOKE_IN_ORGANISATION = "UPDATE api_token SET revoked_at = $2
        WHERE revoked_at IS NULL AND person_id IN (SELECT id FROM person WHERE org_id = $1)";
    ACTOR = "SELECT t.id AS token_id, t.last_used_at, p.id, p.name, p.role, p.org_id, o.name AS org_name, o.kind,
            o.standing, o.rules_version, (SELECT COUNT(*) FROM passkey k WHERE k.person_id = p.id) AS passkeys
        FROM api_token t JOIN person p ON p.id = t.person_id JOIN organisation o ON o.id = p.org_id
        WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND t.expires_at > $2 AND p.active = 1";
    USE = "UPDATE api_token SET last_used_at = $2 WHERE id = $1";
}
