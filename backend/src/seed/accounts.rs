//! The demonstration's accounts: one per role, printed at start and shown on the demonstration's sign-in page.

use serde::Serialize;
use time::OffsetDateTime;
use totp_rs::{Algorithm, Builder, Secret};

use crate::error::{Error, Result};

/// One account to sign in with.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Account {
    /// Name of the role in documentation and browser tests.
    pub role: &'static str,
    pub login: &'static str,
    pub password: &'static str,
    /// Base32, SHA-1, six digits, 30 seconds.
    pub totp_secret: &'static str,
}

const ALL: [Account; 8] = [
    account("enterprise", "enterprise@demo.guxin.example", "JBSWY3DPEHPK3PXPGUXINAAAAAAAAAAA"),
    account("accountant", "accountant@demo.guxin.example", "JBSWY3DPEHPK3PXPGUXINBBBBBBBBBBB"),
    account("lawyer", "lawyer@demo.guxin.example", "JBSWY3DPEHPK3PXPGUXINCCCCCCCCCCC"),
    account("sponsor", "sponsor@demo.guxin.example", "JBSWY3DPEHPK3PXPGUXINDDDDDDDDDDD"),
    account("reviewer", "reviewer@demo.guxin.example", "JBSWY3DPEHPK3PXPGUXINEEEEEEEEEEE"),
    account("second-reviewer", "second-reviewer@demo.guxin.example", "JBSWY3DPEHPK3PXPGUXINFFFFFFFFFFF"),
    account("regulator", "regulator@demo.guxin.example", "JBSWY3DPEHPK3PXPGUXINGGGGGGGGGGG"),
    account("operator", "operator@demo.guxin.example", "JBSWY3DPEHPK3PXPGUXINHHHHHHHHHHH"),
];

const fn account(role: &'static str, login: &'static str, totp_secret: &'static str) -> Account {
    Account { role, login, password: "guxin-demo-2026", totp_secret }
}

/// Every account.
#[must_use]
pub fn accounts() -> Vec<Account> {
    ALL.to_vec()
}

/// The account of a role; the first one for an unknown role, which no caller has.
pub(super) fn of(role: &str) -> Account {
    ALL.into_iter().find(|account| account.role == role).unwrap_or(ALL[0])
}

/// The code that an authenticator app would show.
///
/// # Errors
/// When the secret is none.
pub fn current_code(secret: &str, at: OffsetDateTime) -> Result<String> {
    let failed = |what: String| Error::internal(anyhow::anyhow!("demonstration code: {what}"));
    let secret = Secret::try_from_base32(secret).map_err(|e| failed(e.to_string()))?;
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_secret(secret)
        .build()
        .map_err(|e| failed(e.to_string()))?;
    Ok(totp.generate(u64::try_from(at.unix_timestamp()).unwrap_or_default()).to_string())
}
