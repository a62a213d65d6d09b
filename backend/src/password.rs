//! Passwords: what may be one, hashing, checking. Argon2id as PHC strings, on the blocking pool and behind a
//! semaphore, because each hash wants 19 MiB and a busy core. Called by `sign_in`, `person` and `organisation`;
//! knows no accounts.

use std::{collections::HashSet, sync::LazyLock, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash,
};

use crate::{
    cx::Cx,
    error::{Error, Message, Result},
};

/// Fewest characters.
pub const MIN_CHARS: usize = 8;
/// Most characters; more would only cost time.
pub const MAX_CHARS: usize = 128;
/// Most bytes: 128 characters of any script fit.
pub const MAX_BYTES: usize = 1_024;

/// Floor of the work: KiB of memory, passes, lanes (OWASP's minimum; about 25 ms).
const MEMORY_KIB: u32 = 19 * 1_024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Whoever waits longer than this for a free core is told to come back.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the check says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Wrong,
    /// Right; `outdated` when the stored hash is weaker than today's parameters.
    Right {
        outdated: bool,
    },
}

static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    include_str!("../data/common_passwords.txt")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .collect()
});

/// Whether it may be chosen as a password: length and the list of common ones, no rules of composition.
///
/// # Errors
/// Why not, as a key with parameters.
pub fn acceptable(password: &str, login: &str) -> Result<(), Message> {
    let chars = password.chars().count();
    if chars < MIN_CHARS {
        return Err(Message::Key("password.too_short", vec![("min", MIN_CHARS.to_string())]));
    }
    if chars > MAX_CHARS || password.len() > MAX_BYTES {
        return Err(Message::Key("password.too_long", vec![("max", MAX_CHARS.to_string())]));
    }
    let lower = password.to_lowercase();
    if COMMON.contains(lower.as_str()) || one_character_repeated(&lower) {
        return Err(Message::key("password.common"));
    }
    if !login.is_empty() && lower == login.to_lowercase() {
        return Err(Message::key("password.is_login"));
    }
    Ok(())
}

fn one_character_repeated(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|first| chars.all(|c| c == first))
}

/// Hashes a password with a fresh salt: a PHC string.
///
/// # Errors
/// [`Error::Busy`] when no core comes free in time.
pub async fn hash(cx: &Cx, password: &str) -> Result<String> {
    let salt: [u8; 16] = cx.random.bytes();
    let password = password.to_owned();
    on_hashing_pool(cx, move || {
        let hashed: PasswordHash = argon2id()?.hash_password_with_salt(password.as_bytes(), &salt)?;
        Ok(hashed.to_string())
    })
    .await
}

/// Checks a password. Without a hash (unknown user, disabled, throttled) the same work is done and the answer is
/// [`Verdict::Wrong`].
///
/// # Errors
/// [`Error::Busy`] when no core comes free in time.
pub async fn verify(cx: &Cx, password: &str, stored: Option<String>) -> Result<Verdict> {
    // A megabyte of text must not buy a megabyte of work.
    let password = if password.len() > MAX_BYTES { String::new() } else { password.to_owned() };
    on_hashing_pool(cx, move || {
        let Some(stored) = stored.filter(|s| !s.is_empty()) else {
            let _: PasswordHash = argon2id()?.hash_password_with_salt(password.as_bytes(), &[0; 16])?;
            return Ok(Verdict::Wrong);
        };
        let parsed = PasswordHash::new(&stored)?;
        if argon2id()?.verify_password(password.as_bytes(), &parsed).is_err() {
            return Ok(Verdict::Wrong);
        }
        let params = Params::try_from(&parsed)?;
        let outdated = parsed.algorithm != Algorithm::Argon2id.ident()
            || params.m_cost() < MEMORY_KIB
            || params.t_cost() < PASSES
            || params.p_cost() < LANES;
        Ok(Verdict::Right { outdated })
    })
    .await
}

fn argon2id() -> anyhow::Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|e| anyhow::anyhow!("argon2 parameters: {e}"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

async fn on_hashing_pool<T: Send + 'static>(
    cx: &Cx,
    work: impl FnOnce() -> anyhow::Result<T> + Send + 'static,
) -> Result<T> {
    let semaphore = std::sync::Arc::clone(&cx.hashing);
    let Ok(permit) = tokio::time::timeout(PATIENCE, semaphore.acquire_owned()).await else {
        return Err(Error::Busy { retry_after: 5 });
    };
    let permit = permit.map_err(Error::internal)?;
    tokio::task::spawn_blocking(move || {
        let out = work();
        drop(permit);
        out
    })
    .await
    .map_err(Error::internal)?
    .map_err(Error::Internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_counts_characters_not_bytes() {
        assert_eq!(
            acceptable("七个汉字不够长", ""),
            Err(Message::Key("password.too_short", vec![("min", "8".into())]))
        );
        assert_eq!(acceptable("报送资料要在网上办理", ""), Ok(()));
        assert!(acceptable(&"长x".repeat(64), "").is_ok());
        assert!(acceptable(&"长x".repeat(65), "").is_err());
    }

    #[test]
    fn common_ones_are_refused_in_any_case() {
        for bad in
            ["Woaini1314", "5201314520", "A123456789", "PASSWORD1", "qwertyuiop", "11111111", "aaaaaaaaaaa"]
        {
            assert_eq!(acceptable(bad, ""), Err(Message::key("password.common")), "{bad}");
        }
        assert_eq!(acceptable("Zhang.Wei.2026", "zhang.wei.2026"), Err(Message::key("password.is_login")));
    }

    #[test]
    fn the_list_holds_only_what_could_be_typed_as_a_password() {
        assert!(COMMON.len() > 300);
        for line in COMMON.iter() {
            assert!(line.chars().count() >= MIN_CHARS && *line == line.to_lowercase(), "{line}");
        }
    }
}
