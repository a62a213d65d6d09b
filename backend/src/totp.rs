//! Time-based one-time codes (RFC 6238: SHA-1, six digits, 30 seconds, one step of tolerance). Each step is good
//! once: the last accepted step is kept and only a later one passes. The database has secrets only sealed
//! ([`crate::vault`]). A secret that is being enrolled waits in the
//! caller's session until a code has proved it.

use domain::{access::action, id::UserId, moment};
use qrcode::{Color, EcLevel, QrCode};
use totp_rs::{Algorithm, Builder, Secret, Totp};
use uuid::Uuid;

use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Error, Message, Result},
    person, sign_in,
    sql::statements,
};

/// What the enrolment page shows and the session keeps.
#[derive(Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// Base32, for typing by hand and for [`confirm`].
    pub secret: String,
    /// `otpauth://…`
    pub url: String,
    /// The URL as a QR code: an `<svg>` element without styles, black on white.
    pub qr_svg: String,
}

/// Makes a new secret for the signed-in person; nothing is stored yet.
///
/// # Errors
/// [`Error::SignedOut`]; [`Error::Denied`] when an existing second factor was not presented in this session.
pub async fn start(cx: &Cx) -> Result<Enrolment> {
    cx.permit_own::<action::ManageOwnAccount>()?;
    let account = person::own_factors(cx).await?;
    account.may_change(cx)?;
    let secret = Secret::new_stack(cx.random.bytes());
    enrolment(cx, secret, &account.login)
}

/// The same page again for a secret that waits in the session.
///
/// # Errors
/// [`Error::Rejected`] when the session's secret is none.
pub async fn resume(cx: &Cx, secret: &str) -> Result<Enrolment> {
    cx.permit_own::<action::ManageOwnAccount>()?;
    let account = person::own_factors(cx).await?;
    enrolment(cx, parse(secret)?, &account.login)
}

/// Proves the pending secret with a code and stores it. Earlier codes of the same step do not pass again.
///
/// # Errors
/// [`Error::Rejected`] (`second_factor.wrong`) for a wrong code; [`Error::Denied`] as [`start`].
pub async fn confirm(cx: &Cx, secret: &str, code: &str) -> Result<()> {
    let permit = cx.permit_own::<action::ManageOwnAccount>()?;
    let account = person::own_factors(cx).await?;
    account.may_change(cx)?;
    let secret = parse(secret)?;
    let bytes = secret.as_bytes().to_vec();
    let step = matching_step(cx, secret, code)?
        .ok_or_else(|| Error::Rejected(Message::key("second_factor.wrong")))?;
    let user = permit.actor().user;
    let sealed = cx.vault.seal(&cx.random, user.0.as_bytes(), &bytes)?;
    let mut tx = cx.db.begin().await?;
    tx.swap(STORE, args![user, sealed, step, cx.now()]).await?;
    sign_in::clear(&mut tx, permit.actor().user).await?;
    tx.commit().await?;
    tracing::info!(person = %permit.actor().user, "time-based code enrolled");
    Ok(())
}

/// Removes the time-based code; a passkey must remain.
///
/// # Errors
/// [`Error::Rejected`] (`second_factor.last`), [`Error::Denied`] as [`start`].
pub async fn remove(cx: &Cx) -> Result<()> {
    let permit = cx.permit_own::<action::ManageOwnAccount>()?;
    let account = person::own_factors(cx).await?;
    account.may_change(cx)?;
    if account.passkeys == 0 {
        return Err(Error::Rejected(Message::key("second_factor.last")));
    }
    let mut tx = cx.db.begin().await?;
    tx.run(REMOVE, args![permit.actor().user, cx.now()]).await?;
    tx.commit().await?;
    tracing::info!(person = %permit.actor().user, "time-based code removed");
    Ok(())
}

/// Checks a code and uses its step up, in the caller's transaction.
///
/// # Errors
/// The database's.
pub(crate) async fn use_code(tx: &mut Tx, cx: &Cx, person: UserId, code: &str) -> Result<bool> {
    let row: Option<(Option<Vec<u8>>,)> = tx.maybe(SECRET, args![person]).await?;
    let Some((Some(stored),)) = row else { return Ok(false) };
    let opened = cx.vault.open_sealed(person.0.as_bytes(), &stored)?;
    let again = if opened.outdated {
        Some(cx.vault.seal(&cx.random, person.0.as_bytes(), &opened.secret)?)
    } else {
        None
    };
    let Some(step) = matching_step(cx, Secret::new(opened.secret.into_boxed_slice()), code)? else {
        return Ok(false);
    };
    if tx.run(USE_STEP, args![person, step]).await? != 1 {
        return Ok(false);
    }
    if let Some(sealed) = again {
        tx.run(SEAL, args![person, sealed]).await?;
    }
    Ok(true)
}

/// Seals every secret that is not sealed with the newest key, in one transaction; answers how many there were. For
/// `guxin secrets rotate`.
///
/// # Errors
/// The database's; internal when a secret cannot be opened, and then nothing is changed.
pub async fn seal_all(cx: &Cx) -> Result<usize> {
    let mut tx = cx.db.begin().await?;
    let rows: Vec<(Uuid, Vec<u8>)> = tx.all(ALL, args![]).await?;
    let mut sealed = 0;
    for (person, stored) in rows {
        let opened = cx.vault.open_sealed(person.as_bytes(), &stored)?;
        if opened.outdated {
            let again = cx.vault.seal(&cx.random, person.as_bytes(), &opened.secret)?;
            tx.run(SEAL, args![person, again]).await?;
            sealed += 1;
        }
    }
    tx.commit().await?;
    Ok(sealed)
}

fn matching_step(cx: &Cx, secret: Secret, code: &str) -> Result<Option<i64>> {
    // People copy codes as `123 456`.
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(None);
    }
    let seconds = u64::try_from(moment::to_micros(cx.now()) / 1_000_000).unwrap_or(0);
    let step = totp(secret, None)?.check(&code, seconds);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

fn parse(secret: &str) -> Result<Secret> {
    Secret::try_from_base32(secret).map_err(|_| Error::Rejected(Message::key("second_factor.expired")))
}

fn totp(secret: Secret, label: Option<(&str, &str)>) -> Result<Totp> {
    let mut builder = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(30)
        .with_secret(secret);
    if let Some((issuer, login)) = label {
        builder = builder.with_issuer(Some(issuer)).with_account_name(login);
    }
    builder.build().map_err(|e| Error::internal(anyhow::anyhow!("time-based code: {e}")))
}

fn enrolment(cx: &Cx, secret: Secret, login: &str) -> Result<Enrolment> {
    // A colon separates issuer and account in the label.
    let issuer = cx.settings.exchange_name.replace(':', " ");
    let base32 = secret.to_base32();
    let url = totp(secret, Some((&issuer, login)))?
        .to_url()
        .map_err(|e| Error::internal(anyhow::anyhow!("otpauth URL: {e}")))?;
    let qr_svg = qr_svg(&url)?;
    Ok(Enrolment { secret: base32, url, qr_svg })
}

/// A QR code as an `<svg>` element: one path, four modules of quiet zone, no style attributes (the content security
/// policy forbids them).
///
/// # Errors
/// When the text is too long for a QR code.
pub fn qr_svg(text: &str) -> Result<String> {
    use std::fmt::Write;
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(Error::internal)?;
    let width = code.width();
    let mut path = String::new();
    for (index, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let _ = write!(path, "M{} {}h1v1h-1z", index % width + 4, index / width + 4);
        }
    }
    let side = width + 8;
    Ok(format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img" shape-rendering="crispEdges"><rect width="{side}" height="{side}" fill="#fff"/><path d="{path}" fill="#000"/></svg>"##
    ))
}

impl std::fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Enrolment(..)")
    }
}

statements! {
    SECRET = "SELECT totp_secret FROM person WHERE id = $1 AND active = 1";
    ALL = "SELECT id, totp_secret FROM person WHERE totp_secret IS NOT NULL";
    SEAL = "UPDATE person SET totp_secret = $2 WHERE id = $1";
    USE_STEP = "UPDATE person SET totp_last_step = $2 WHERE id = $1 AND totp_last_step < $2";
    STORE = "UPDATE person SET totp_secret = $2, totp_last_step = $3, updated_at = $4 WHERE id = $1";
    REMOVE = "UPDATE person SET totp_secret = NULL, updated_at = $2 WHERE id = $1";
}
