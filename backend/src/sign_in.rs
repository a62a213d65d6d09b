//! Signing in: password, then second factor. Unknown user, wrong password, disabled account and throttled
//! account answer alike and cost the same work: one read, one durable write, one Argon2. The delay per account
//! grows exponentially and is kept in the database; nothing ever locks an account for good.
//!
//! Pages call [`sign_in`], then [`second_factor_totp`] or [`second_factor_passkey`], and put the
//! [`SignedIn`] they get into a **new** session (`session::begin`). Sessions themselves are not kept here.

use std::net::IpAddr;

use domain::{
    actor::{Assurance, Role},
    id::UserId,
    moment,
};
use uuid::Uuid;

pub mod attempts;

use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Error, Message, Result},
    passkey::{self, Challenge},
    password::{self, Verdict},
    person,
    session::SignedIn,
    sql::statements,
    totp,
};

/// What the session holds after a step, and what comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignIn {
    pub signed_in: SignedIn,
    pub next: SignInStep,
}

/// What is still missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInStep {
    /// Ask for one of these.
    NeedsSecondFactor { totp: bool, passkey: bool },
    /// The person has none that counts: enrol before anything else. `passkey` when only a passkey will do.
    MustEnrol { passkey: bool },
    /// Everything is there.
    Done,
}

/// The one answer to every failing attempt.
fn wrong() -> Error {
    Error::Rejected(Message::key("sign_in.wrong"))
}

#[derive(sqlx::FromRow)]
struct Account {
    id: Uuid,
    password: String,
    role: String,
    active: i64,
    totp: i64,
    passkeys: i64,
}

impl Account {
    fn strict(&self, cx: &Cx) -> bool {
        Role::from_name(&self.role).is_some_and(Role::needs_passkey) && !cx.settings.demo
    }

    /// What comes after a step that gave this assurance.
    fn next(&self, cx: &Cx, assurance: Assurance) -> SignInStep {
        let (totp, passkey) = (self.totp > 0, self.passkeys > 0);
        match assurance {
            Assurance::Passkey => SignInStep::Done,
            Assurance::Totp if self.strict(cx) && passkey => {
                SignInStep::NeedsSecondFactor { totp: false, passkey: true }
            }
            Assurance::Totp if self.strict(cx) => SignInStep::MustEnrol { passkey: true },
            Assurance::Totp => SignInStep::Done,
            Assurance::Password if !totp && !passkey => SignInStep::MustEnrol { passkey: self.strict(cx) },
            Assurance::Password => {
                SignInStep::NeedsSecondFactor { totp: totp && !(passkey && self.strict(cx)), passkey }
            }
        }
    }
}

/// First step: login and password. `client` is the caller's address as the trusted proxies tell it.
///
/// # Errors
/// [`Error::Rejected`] (`sign_in.wrong`) for every reason alike; [`Error::Busy`] when this address failed too
/// often or no core is free.
pub async fn sign_in(cx: &Cx, login: &str, password: &str, client: Option<IpAddr>) -> Result<SignIn> {
    cx.attempts.take(client, cx.now())?;
    let login = person::normalise_login(login);
    let account: Option<Account> = cx.db.read().maybe(BY_LOGIN, args![login]).await?;
    let charged = charge(cx, account.as_ref().map(|a| a.id)).await?;
    let candidate = account.filter(|account| charged && account.active == 1);

    let stored = candidate.as_ref().map(|account| account.password.clone());
    let verdict = password::verify(cx, password, stored).await?;
    let (Some(account), Verdict::Right { outdated }) = (candidate, verdict) else {
        return Err(wrong());
    };
    cx.attempts.give_back(client);

    let fresh = if outdated { Some(password::hash(cx, password).await?) } else { None };
    let next = account.next(cx, Assurance::Password);
    let mut tx = cx.db.begin().await?;
    if let Some(fresh) = fresh {
        tx.run(REHASH, args![account.id, fresh, account.password.as_str()]).await?;
    }
    match next {
        // Guessing the second factor must stay expensive for whoever knows the password: only this attempt's
        // own charge is taken back.
        SignInStep::NeedsSecondFactor { .. } => tx.run(REFUND, args![account.id]).await?,
        _ => tx.run(CLEAR, args![account.id]).await?,
    };
    tx.commit().await?;
    let signed_in = SignedIn {
        person: UserId(account.id),
        assurance: Assurance::Password,
        since: cx.now(),
        proven_at: None,
    };
    Ok(SignIn { signed_in, next })
}

/// Second step with a time-based code. Each code is good once, also across devices.
///
/// # Errors
/// [`Error::Rejected`] (`second_factor.wrong`) for a wrong, used or late code, and while the account is throttled;
/// [`Error::SignedOut`] when the account is gone or disabled.
pub async fn second_factor_totp(cx: &Cx, signed_in: &SignedIn, code: &str) -> Result<SignIn> {
    let account = account(cx, signed_in).await?;
    let wrong = || Error::Rejected(Message::key("second_factor.wrong"));
    if !charge(cx, Some(account.id)).await? {
        return Err(wrong());
    }
    let mut tx = cx.db.begin().await?;
    if !totp::use_code(&mut tx, cx, signed_in.person, code).await? {
        return Err(wrong());
    }
    tx.run(CLEAR, args![account.id]).await?;
    tx.commit().await?;
    Ok(stepped_up(cx, &account, signed_in, Assurance::Totp))
}

/// Second step, or a step-up later on, with a passkey of this person. Take the challenge out of the session
/// before calling: it is good once.
///
/// # Errors
/// [`Error::Rejected`] (`passkey.…`), [`Error::SignedOut`] when the account is gone or disabled.
pub async fn second_factor_passkey(
    cx: &Cx,
    signed_in: &SignedIn,
    challenge: &Challenge,
    response: &str,
) -> Result<SignIn> {
    let account = account(cx, signed_in).await?;
    if challenge.person != Some(signed_in.person) {
        return Err(Error::Rejected(Message::key("passkey.expired")));
    }
    let mut tx = cx.db.begin().await?;
    passkey::finish(&mut tx, cx, challenge, response).await?;
    tx.run(CLEAR, args![account.id]).await?;
    tx.commit().await?;
    Ok(stepped_up(cx, &account, signed_in, Assurance::Passkey))
}

/// Signs in with a passkey alone (the authenticator names the person): possession and user verification are two
/// factors already.
///
/// # Errors
/// [`Error::Rejected`] (`passkey.…`, or `sign_in.wrong` for a disabled account), [`Error::Busy`].
pub async fn sign_in_passkey(
    cx: &Cx,
    challenge: &Challenge,
    response: &str,
    client: Option<IpAddr>,
) -> Result<SignIn> {
    cx.attempts.take(client, cx.now())?;
    let mut tx = cx.db.begin().await?;
    let person = passkey::finish(&mut tx, cx, challenge, response).await?;
    let account: Account = tx.maybe(BY_ID, args![person]).await?.ok_or_else(wrong)?;
    tx.run(CLEAR, args![person]).await?;
    tx.commit().await?;
    cx.attempts.give_back(client);
    let now = cx.now();
    let signed_in = SignedIn {
        person,
        assurance: Assurance::Passkey,
        since: now,
        proven_at: Some(moment::to_micros(now)),
    };
    Ok(SignIn { next: account.next(cx, Assurance::Passkey), signed_in })
}

/// What a signed-in session still lacks: for the page that comes after a reload in the middle of signing in.
///
/// # Errors
/// [`Error::SignedOut`] when the account is gone or disabled.
pub async fn pending(cx: &Cx, signed_in: &SignedIn) -> Result<SignInStep> {
    Ok(account(cx, signed_in).await?.next(cx, signed_in.assurance))
}

/// Which factors count as presenting the second factor again, for somebody who is signed in already: the step after
/// the password, whatever the session has proved since.
///
/// # Errors
/// [`Error::SignedOut`] when the account is gone or disabled.
pub async fn again(cx: &Cx, signed_in: &SignedIn) -> Result<SignInStep> {
    Ok(account(cx, signed_in).await?.next(cx, Assurance::Password))
}

fn stepped_up(cx: &Cx, account: &Account, signed_in: &SignedIn, to: Assurance) -> SignIn {
    let assurance = signed_in.assurance.max(to);
    // A factor that would not let this person in proves nothing anew either.
    let counts = account.next(cx, to) == SignInStep::Done;
    let proven_at = if counts { Some(moment::to_micros(cx.now())) } else { signed_in.proven_at };
    SignIn { signed_in: SignedIn { assurance, proven_at, ..*signed_in }, next: account.next(cx, assurance) }
}

async fn account(cx: &Cx, signed_in: &SignedIn) -> Result<Account> {
    cx.db.read().maybe(BY_ID, args![signed_in.person]).await?.ok_or(Error::SignedOut)
}

/// Counts an attempt before it is looked at, so that a hundred parallel guesses are a hundred attempts. Answers
/// whether it may be looked at: false while the account's delay runs. Unknown accounts write to a decoy row, so
/// that the disk is as busy as for known ones.
///
/// # Errors
/// The database's.
pub(crate) async fn charge(cx: &Cx, account: Option<Uuid>) -> Result<bool> {
    let now = moment::to_micros(cx.now());
    let mut tx = cx.db.begin().await?;
    let charged = match account {
        Some(id) => tx.run(CHARGE, args![id, now]).await? == 1,
        None => false,
    };
    if !charged {
        tx.run(DECOY, args![]).await?;
    }
    tx.commit().await?;
    Ok(charged)
}

/// Forgives everything, after a proof of identity.
///
/// # Errors
/// The database's.
pub(crate) async fn clear(tx: &mut Tx, person: UserId) -> Result<()> {
    tx.run(CLEAR, args![person]).await?;
    Ok(())
}

statements! {
    BY_LOGIN = "SELECT id, password, role, active, CAST(CASE WHEN totp_secret IS NULL THEN 0 ELSE 1 END AS BIGINT) AS totp,
            (SELECT COUNT(*) FROM passkey k WHERE k.person_id = person.id) AS passkeys
        FROM person WHERE login = $1";
    BY_ID = "SELECT id, password, role, active, CAST(CASE WHEN totp_secret IS NULL THEN 0 ELSE 1 END AS BIGINT) AS totp,
            (SELECT COUNT(*) FROM passkey k WHERE k.person_id = person.id) AS passkeys
        FROM person WHERE id = $1 AND active = 1";
    // After three free failures 1, 2, 4 … 256 and at most 300 seconds.
    CHARGE = "UPDATE person SET failures = failures + 1, not_before = CASE
            WHEN failures < 3 THEN 0
            WHEN failures >= 12 THEN CAST($2 AS BIGINT) + 300000000
            ELSE CAST($2 AS BIGINT) + 1000000 * (CAST(1 AS BIGINT) << CAST(failures - 3 AS INTEGER)) END
        WHERE id = $1 AND not_before <= $2";
    DECOY = "UPDATE sign_in_decoy SET failures = failures + 1 WHERE id = 1";
    REFUND = "UPDATE person SET failures = CASE WHEN failures > 0 THEN failures - 1 ELSE 0 END, not_before = 0 WHERE id = $1";
    CLEAR = "UPDATE person SET failures = 0, not_before = 0 WHERE id = $1";
    REHASH = "UPDATE person SET password = $2 WHERE id = $1 AND password = $3";
}
