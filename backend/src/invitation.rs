//! Invitations: how people come into an organisation that is registered already. The link's token is shown once,
//! kept as its hash, good for seven days and for one account. Accepting sets a password; the second factor is
//! enrolled right after.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    access::{Facts, action},
    actor::{Assurance, Role},
    id::OrgId,
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
    error::{Conflict, Error, FieldErrors, Message, Result},
    password,
    person::{self, check_login, check_text},
    session::SignedIn,
    sign_in::{SignIn, SignInStep},
    sql::statements,
};

/// Days until an invitation lapses.
pub const DAYS: i64 = 7;

/// Whom to invite.
#[derive(Clone, Debug)]
pub struct Invite {
    pub name: String,
    pub login: String,
    pub role: Role,
}

/// What the inviter passes on.
#[derive(Clone, PartialEq, Eq)]
pub struct Issued {
    /// The last part of `/invite/{token}`; never shown again.
    pub token: String,
    /// Microseconds since the epoch, UTC.
    pub expires_at: i64,
}

/// What the invited person sees before accepting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Invitation {
    pub org_name: String,
    pub name: String,
    pub login: String,
    pub role: Role,
    /// Microseconds since the epoch, UTC.
    pub expires_at: i64,
}

#[derive(sqlx::FromRow)]
struct InvitationRow {
    org_id: Uuid,
    org_name: String,
    role: String,
    name: String,
    login: String,
    expires_at: i64,
}

/// Invites a person into an organisation: its own administrators, or the operator.
///
/// # Errors
/// [`Error::NotFound`] for a foreign organisation, [`Error::Denied`], field errors on `name`, `login`, `role`.
pub async fn invite(cx: &Cx, org: OrgId, invite: &Invite) -> Result<Issued> {
    let permit = cx.permit::<action::ManagePeople>(&Facts::of_org(org))?;
    let mut errors = FieldErrors::default();
    let name = check_text(&invite.name, "name", 60, true, &mut errors);
    let login = person::normalise_login(&invite.login);
    check_login(&login, "login", &mut errors);
    let mut tx = cx.db.begin().await?;
    let (kind,): (String,) = tx.one(KIND, args![org]).await?;
    if !invite.role.belongs_in(person::kind(&kind)?) {
        errors.add("role", Message::key("person.role"));
    }
    let (taken,): (i64,) = tx.one(LOGIN_TAKEN, args![login.as_str()]).await?;
    if taken > 0 {
        errors.add("login", Message::key("login.taken"));
    }
    errors.check()?;
    let issued = issue(&mut tx, cx, org, &name, &login, invite.role).await?;
    tx.commit().await?;
    tracing::info!(org = %org, role = invite.role.name(), by = %permit.actor().user, "person invited");
    Ok(issued)
}

/// Writes the invitation; also for the set-up link of an empty instance.
pub(crate) async fn issue(
    tx: &mut Tx,
    cx: &Cx,
    org: OrgId,
    name: &str,
    login: &str,
    role: Role,
) -> Result<Issued> {
    let token = URL_SAFE_NO_PAD.encode(cx.random.bytes::<32>());
    let expires_at = moment::to_micros(cx.now() + Duration::days(DAYS));
    let by = cx.maybe_actor().map(|actor| actor.user);
    tx.run(ISSUE, args![hash(&token), org, role.name(), name, login, by, cx.now(), expires_at]).await?;
    Ok(Issued { token, expires_at })
}

/// The invitation behind a link.
///
/// # Errors
/// [`Error::NotFound`] when there is none, it was used, or it has lapsed.
pub async fn look_up(cx: &Cx, token: &str) -> Result<Invitation> {
    let row: InvitationRow = cx.db.read().one(OPEN, args![hash(token), cx.now()]).await?;
    let role = Role::from_name(&row.role).ok_or(Error::NotFound)?;
    Ok(Invitation {
        org_name: row.org_name,
        name: row.name,
        login: row.login,
        role,
        expires_at: row.expires_at,
    })
}

/// Accepts: the account is made with this password, and the session begins where a second factor must be
/// enrolled.
///
/// # Errors
/// [`Error::NotFound`] as [`look_up`]; field errors on `password`, and on `login` when it was taken meanwhile.
pub async fn accept(cx: &Cx, token: &str, password: &str) -> Result<SignIn> {
    let row: InvitationRow = cx.db.read().one(OPEN, args![hash(token), cx.now()]).await?;
    let role = Role::from_name(&row.role).ok_or(Error::NotFound)?;
    password::acceptable(password, &row.login)
        .map_err(|message| Error::Invalid(FieldErrors::one("password", message)))?;
    let hashed = password::hash(cx, password).await?;
    let mut tx = cx.db.begin().await?;
    if tx.run(USE, args![hash(token), cx.now()]).await? != 1 {
        return Err(Error::NotFound);
    }
    let person = person::insert(&mut tx, cx, OrgId(row.org_id), &row.login, &row.name, role, hashed)
        .await
        .map_err(|error| match error {
            Error::Conflict(Conflict::Taken) => Error::field("login", "login.taken"),
            other => other,
        })?;
    tx.commit().await?;
    tracing::info!(%person, "invitation accepted");
    let signed_in = SignedIn { person, assurance: Assurance::Password, since: cx.now(), proven_at: None };
    let passkey = role.needs_passkey() && !cx.settings.demo;
    Ok(SignIn { signed_in, next: SignInStep::MustEnrol { passkey } })
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Issued {{ token: .., expires_at: {} }}", self.expires_at)
    }
}

statements! {
    KIND = "SELECT kind FROM organisation WHERE id = $1";
    LOGIN_TAKEN = "SELECT COUNT(*) FROM person WHERE login = $1";
    ISSUE = "INSERT INTO invitation (token_hash, org_id, role, name, login, invited_by, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    OPEN = "SELECT i.org_id, o.name AS org_name, i.role, i.name, i.login, i.expires_at
        FROM invitation i JOIN organisation o ON o.id = i.org_id
        WHERE i.token_hash = $1 AND i.used_at IS NULL AND i.expires_at > $2";
    USE = "UPDATE invitation SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2";
}
