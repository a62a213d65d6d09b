//! People and their accounts: who belongs to an organisation, in which role, whether the account works; and what
//! people do with their own account's password. Invitations are in `invitation`, factors in `passkey` and `totp`.

use domain::{
    access::{self, Facts, action},
    actor::{Assurance, OrgKind, Role},
    id::{OrgId, UserId},
};
use serde::Serialize;
use tower_sessions::session::Id;
use uuid::Uuid;

pub mod everywhere;

use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Conflict, Error, FieldErrors, Message, Result},
    page::{Page, Paging, containing},
    password::{self, Verdict},
    session, sign_in,
    sql::statements,
    token,
};

/// A person in an organisation's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PersonLine {
    pub id: UserId,
    pub name: String,
    /// Only for those who manage the people; empty for others.
    pub login: String,
    pub role: Role,
    pub active: bool,
    pub has_totp: bool,
    pub passkeys: i64,
    /// For the forms that change the person.
    pub version: i64,
    /// Microseconds since the epoch, UTC.
    pub created_at: i64,
}

#[derive(sqlx::FromRow)]
struct PersonRow {
    id: Uuid,
    name: String,
    login: String,
    role: String,
    active: i64,
    totp: i64,
    passkeys: i64,
    version: i64,
    created_at: i64,
    total: i64,
}

/// The people of an organisation, by name; `search` looks into names and logins.
///
/// # Errors
/// [`Error::NotFound`] for a foreign organisation.
pub async fn list(cx: &Cx, org: OrgId, search: &str, paging: Paging) -> Result<Page<PersonLine>> {
    let facts = Facts::of_org(org);
    let permit = cx.permit::<action::ReadOrganisation>(&facts)?;
    let manages = access::may::<action::ManagePeople>(permit.actor(), &facts);
    let reader = match permit.actor().org_kind {
        OrgKind::Regulator => cx.db.supervision(),
        _ => cx.db.read(),
    };
    let rows: Vec<PersonRow> =
        reader.all(LIST, args![org, containing(search), paging.limit(), paging.offset()]).await?;
    let total = rows.first().map_or(0, |row| row.total);
    let lines = rows
        .into_iter()
        .map(|row| {
            Ok(PersonLine {
                id: UserId(row.id),
                name: row.name,
                login: if manages { row.login } else { String::new() },
                role: role(&row.role)?,
                active: row.active == 1,
                has_totp: row.totp == 1,
                passkeys: row.passkeys,
                version: row.version,
                created_at: row.created_at,
            })
        })
        .collect::<Result<_>>()?;
    Ok(Page::new(lines, total, paging))
}

#[derive(sqlx::FromRow)]
struct Target {
    org_id: Uuid,
    kind: String,
    role: String,
    active: i64,
    version: i64,
}

/// Disables an account: its sessions end and its tokens are revoked, also for the time after it is re-admitted.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Rejected`] (`person.own_account`, `person.last_admin`),
/// [`Error::Conflict`] when it changed since `version`.
pub async fn disable(cx: &Cx, person: UserId, version: i64) -> Result<()> {
    let mut tx = cx.db.begin().await?;
    let target = manage(&mut tx, cx, person, version).await?;
    keep_an_admin(&mut tx, cx, person, &target).await?;
    tx.swap(SET_ACTIVE, args![person, version, false, cx.now()]).await?;
    end_access(&mut tx, cx, person, None).await?;
    tx.commit().await?;
    tracing::info!(%person, by = %cx.actor()?.user, "account disabled");
    Ok(())
}

/// Re-admits a disabled account.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Conflict`] when it changed since `version`.
pub async fn enable(cx: &Cx, person: UserId, version: i64) -> Result<()> {
    let mut tx = cx.db.begin().await?;
    manage(&mut tx, cx, person, version).await?;
    tx.swap(SET_ACTIVE, args![person, version, true, cx.now()]).await?;
    tx.commit().await?;
    tracing::info!(%person, by = %cx.actor()?.user, "account re-admitted");
    Ok(())
}

/// Changes the role within the organisation. It acts with the person's next request.
///
/// # Errors
/// As [`disable`]; a field error on `role` when that role does not belong in this kind of organisation.
pub async fn change_role(cx: &Cx, person: UserId, version: i64, to: Role) -> Result<()> {
    let mut tx = cx.db.begin().await?;
    let target = manage(&mut tx, cx, person, version).await?;
    if !to.belongs_in(kind(&target.kind)?) {
        return Err(Error::field("role", "person.role"));
    }
    if target.role != to.name() {
        keep_an_admin(&mut tx, cx, person, &target).await?;
    }
    tx.swap(SET_ROLE, args![person, version, to.name(), cx.now()]).await?;
    tx.commit().await?;
    tracing::info!(%person, role = to.name(), by = %cx.actor()?.user, "role changed");
    Ok(())
}

/// Removes the second factors of a person who lost them; the next sign-in asks to enrol again. Sessions end and tokens
/// are revoked: who lost a device may have lost those with it. The second authorised officer of SECURITY.md: nobody
/// resets their own.
///
/// # Errors
/// As [`disable`].
pub async fn reset_second_factor(cx: &Cx, person: UserId, version: i64) -> Result<()> {
    let mut tx = cx.db.begin().await?;
    manage(&mut tx, cx, person, version).await?;
    if person == cx.actor()?.user {
        return Err(Error::Rejected(Message::key("person.own_account")));
    }
    tx.swap(CLEAR_TOTP, args![person, version, cx.now()]).await?;
    tx.run(CLEAR_PASSKEYS, args![person]).await?;
    end_access(&mut tx, cx, person, None).await?;
    tx.commit().await?;
    tracing::warn!(%person, by = %cx.actor()?.user, "second factors reset");
    Ok(())
}

/// Ends every way in that was opened before: sessions, except one, and tokens.
async fn end_access(tx: &mut Tx, cx: &Cx, person: UserId, except: Option<&Id>) -> Result<()> {
    session::end_all_of(tx, cx, person, except).await?;
    token::revoke_all_of(tx, cx, person).await?;
    Ok(())
}

/// Authority over a person, and whether the form was about the person as they are now.
async fn manage(tx: &mut Tx, cx: &Cx, person: UserId, version: i64) -> Result<Target> {
    let target: Target = tx.one(TARGET, args![person]).await?;
    cx.permit::<action::ManagePeople>(&Facts::of_org(OrgId(target.org_id)))?;
    if target.version != version {
        return Err(Error::Conflict(Conflict::Stale));
    }
    Ok(target)
}

/// Nobody locks themselves out, and an organisation keeps somebody who can invite.
async fn keep_an_admin(tx: &mut Tx, cx: &Cx, person: UserId, target: &Target) -> Result<()> {
    if person == cx.actor()?.user {
        return Err(Error::Rejected(Message::key("person.own_account")));
    }
    let is_admin = role(&target.role)? == admin_role(kind(&target.kind)?);
    if is_admin && target.active == 1 {
        let (others,): (i64,) =
            tx.one(OTHERS_IN_ROLE, args![target.org_id, target.role.as_str(), person]).await?;
        if others == 0 {
            return Err(Error::Rejected(Message::key("person.last_admin")));
        }
    }
    Ok(())
}

/// Who manages the people in an organisation of this kind.
#[must_use]
pub(crate) fn admin_role(kind: OrgKind) -> Role {
    match kind {
        OrgKind::Enterprise => Role::OrgAdmin,
        OrgKind::Exchange => Role::Operator,
        OrgKind::Regulator => Role::Supervisor,
        _ => Role::FirmAdmin,
    }
}

/// Changes the own password, ends every other session and revokes the tokens: whoever fears that somebody else is in has
/// them out. `current` is the session that stays (give it a new id).
///
/// # Errors
/// [`Error::Invalid`] on `old` or `new`; [`Error::Denied`] when the second factor was not presented.
pub async fn change_password(cx: &Cx, old: &str, new: &str, current: Option<&Id>) -> Result<()> {
    let permit = cx.permit_own::<action::ManageOwnAccount>()?;
    let user = permit.actor().user;
    let account = own_factors(cx).await?;
    account.may_change(cx)?;
    password::acceptable(new, &account.login).map_err(|m| Error::Invalid(FieldErrors::one("new", m)))?;
    let (stored,): (String,) = cx.db.read().one(PASSWORD, args![user]).await?;
    let charged = sign_in::charge(cx, Some(user.0)).await?;
    if password::verify(cx, old, charged.then(|| stored.clone())).await? == Verdict::Wrong {
        return Err(Error::field("old", "password.wrong"));
    }
    let fresh = password::hash(cx, new).await?;
    let mut tx = cx.db.begin().await?;
    tx.swap(SET_PASSWORD, args![user, stored, fresh, cx.now()]).await?;
    sign_in::clear(&mut tx, user).await?;
    end_access(&mut tx, cx, user, current).await?;
    tx.commit().await?;
    tracing::info!(person = %user, "password changed");
    Ok(())
}

/// What the signed-in person has to prove themselves with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Factors {
    pub login: String,
    pub totp: bool,
    pub passkeys: i64,
}

impl Factors {
    /// Factors and password are changed by whoever presented a second factor, if there is one. Otherwise a
    /// stolen password could enrol its own.
    ///
    /// # Errors
    /// [`Error::Denied`] with the missing assurance, or stale.
    pub fn may_change(&self, cx: &Cx) -> Result<()> {
        let has_one = self.totp || self.passkeys > 0;
        if has_one && cx.actor()?.assurance < Assurance::Totp {
            return Err(Error::Denied(access::Denied::Assurance(Assurance::Totp)));
        }
        if has_one && !cx.actor()?.fresh {
            // A forgotten screen must not be enough to take the account over.
            return Err(Error::Denied(access::Denied::Stale));
        }
        Ok(())
    }
}

#[derive(sqlx::FromRow)]
struct FactorsRow {
    login: String,
    totp: i64,
    passkeys: i64,
}

/// The signed-in person's factors.
///
/// # Errors
/// [`Error::SignedOut`].
pub async fn own_factors(cx: &Cx) -> Result<Factors> {
    let row: Option<FactorsRow> = cx.db.read().maybe(FACTORS, args![cx.actor()?.user]).await?;
    let row = row.ok_or(Error::SignedOut)?;
    Ok(Factors { login: row.login, totp: row.totp == 1, passkeys: row.passkeys })
}

/// A new account in the caller's transaction. The caller has checked authority, fields and password.
pub(crate) async fn insert(
    tx: &mut Tx,
    cx: &Cx,
    org: OrgId,
    login: &str,
    name: &str,
    role: Role,
    password_hash: String,
) -> Result<UserId> {
    let id = UserId(cx.id());
    tx.run(INSERT, args![id, org, login, name, role.name(), password_hash, cx.now()]).await?;
    Ok(id)
}

/// A login as it is kept: half-width, lower case, no blanks around.
#[must_use]
pub fn normalise_login(login: &str) -> String {
    login
        .trim()
        .chars()
        .map(|c| match c {
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
            other => other,
        })
        .map(|c| c.to_ascii_lowercase())
        .take(200)
        .collect()
}

/// Checks a normalised login: 3 to 64 of `a-z 0-9 . _ - @`.
pub(crate) fn check_login(login: &str, field: &str, errors: &mut FieldErrors) {
    let fits = (3..=64).contains(&login.len())
        && login.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-@".contains(&b));
    if login.is_empty() {
        errors.add(field, Message::key("required"));
    } else if !fits {
        errors.add(field, Message::key("login.shape"));
    }
}

/// Trims a text and checks that it is there, has at most `max` characters and no control characters.
pub(crate) fn check_text(
    text: &str,
    field: &str,
    max: usize,
    required: bool,
    errors: &mut FieldErrors,
) -> String {
    let text = text.trim().to_owned();
    if text.is_empty() && required {
        errors.add(field, Message::key("required"));
    } else if text.chars().count() > max {
        errors.add(field, Message::Key("too_long", vec![("max", max.to_string())]));
    } else if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        errors.add(field, Message::key("control_characters"));
    }
    text
}

fn role(name: &str) -> Result<Role> {
    Role::from_name(name).ok_or_else(|| Error::internal(anyhow::anyhow!("unknown role {name}")))
}

pub(crate) fn kind(name: &str) -> Result<OrgKind> {
    OrgKind::from_name(name).ok_or_else(|| Error::internal(anyhow::anyhow!("unknown kind {name}")))
}

statements! {
    LIST = "SELECT id, name, login, role, active, CAST(CASE WHEN totp_secret IS NULL THEN 0 ELSE 1 END AS BIGINT) AS totp,
            (SELECT COUNT(*) FROM passkey k WHERE k.person_id = person.id) AS passkeys, version, created_at,
            COUNT(*) OVER () AS total
        FROM person WHERE org_id = $1 AND (LOWER(name) LIKE $2 ESCAPE '\\' OR login LIKE $2 ESCAPE '\\')
        ORDER BY active DESC, name, id LIMIT $3 OFFSET $4";
    TARGET = "SELECT p.org_id, o.kind, p.role, p.active, p.version
        FROM person p JOIN organisation o ON o.id = p.org_id WHERE p.id = $1";
    OTHERS_IN_ROLE = "SELECT COUNT(*) FROM person WHERE org_id = $1 AND role = $2 AND active = 1 AND id <> $3";
    SET_ACTIVE = "UPDATE person SET active = $3, version = version + 1, updated_at = $4 WHERE id = $1 AND version = $2";
    SET_ROLE = "UPDATE person SET role = $3, version = version + 1, updated_at = $4 WHERE id = $1 AND version = $2";
    CLEAR_TOTP = "UPDATE person SET totp_secret = NULL, version = version + 1, updated_at = $3 WHERE id = $1 AND version = $2";
    CLEAR_PASSKEYS = "DELETE FROM passkey WHERE person_id = $1";
    PASSWORD = "SELECT password FROM person WHERE id = $1 AND active = 1";
    SET_PASSWORD = "UPDATE person SET password = $3, updated_at = $4 WHERE id = $1 AND password = $2";
    FACTORS = "SELECT login, CAST(CASE WHEN totp_secret IS NULL THEN 0 ELSE 1 END AS BIGINT) AS totp,
            (SELECT COUNT(*) FROM passkey k WHERE k.person_id = person.id) AS passkeys
        FROM person WHERE id = $1 AND active = 1";
    INSERT = "INSERT INTO person (id, org_id, login, name, role, password, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7)";
}
