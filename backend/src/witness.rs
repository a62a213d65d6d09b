//! The log's witnesses: independent parties that cosign its checkpoints (C2SP tlog-witness). The operator registers them and
//! sets how many must cosign until a checkpoint is *final*; [`asking`] collects their cosignatures in the background, and
//! [`finality`] counts them.
//!
//! No filing ever waits for a witness: a missing one delays finality, visibly, and nothing else. Registering, ending and
//! the number itself are events on the ledger, so that nobody can weaken the policy unseen.

use domain::{
    access::action,
    id::{OrgId, WitnessId},
};
use ledger::{
    EntryKind,
    key::{KeyType, VerifierKey},
    policy::{Party, Policy, safe_quorum},
};
use sha2::{Digest as _, Sha256};

use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Conflict, Error, FieldErrors, Message, Result},
    journal::{self, Record},
    sql::statements,
};

pub mod asking;
pub mod finality;

/// Most witnesses at a time: every one of them is asked about every checkpoint.
pub const MAX_WITNESSES: usize = 32;
/// Longest URL, in characters.
const MAX_URL_CHARS: usize = 500;

/// A registered witness, and how it does. Everything here is public.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Witness {
    pub id: uuid::Uuid,
    /// Name of its key.
    pub name: String,
    pub vkey: String,
    /// Submission prefix.
    pub url: String,
    /// Microseconds since the epoch.
    pub added_at: i64,
    /// Set when it no longer counts.
    pub ended_at: Option<i64>,
    /// Size of the checkpoint it cosigned last.
    pub size: i64,
    pub cosigned_at: Option<i64>,
    pub asked_at: Option<i64>,
    /// Attempts in a row that came to nothing.
    pub failures: i64,
    /// Why the last one did: a [`asking::Failure`]'s code, a colon and details.
    pub error: Option<String>,
}

impl Witness {
    /// Whether it counts.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.ended_at.is_none()
    }

    /// The code of the last failure, a key of the locale files below `witness.failure.`, and details.
    #[must_use]
    pub fn failure(&self) -> Option<(&str, &str)> {
        self.error.as_deref().map(|error| error.split_once(": ").unwrap_or((error, "")))
    }
}

/// All witnesses, active ones first, in the order of their registration. Anybody may know them.
///
/// # Errors
/// The database's.
pub async fn list(cx: &Cx) -> Result<Vec<Witness>> {
    cx.db.read().all(LIST, args![]).await
}

/// How many of the active witnesses must cosign, and the version of that number.
///
/// # Errors
/// The database's.
pub async fn threshold(cx: &Cx) -> Result<(usize, i64)> {
    let (threshold, version): (i64, i64) = cx.db.read().one(THRESHOLD, args![]).await?;
    Ok((usize::try_from(threshold).unwrap_or(usize::MAX), version))
}

/// The policy that these witnesses make, in the order in which they stand; none while fewer are active than must cosign.
#[must_use]
pub fn policy(log: &VerifierKey, witnesses: &[Witness], threshold: usize) -> Option<Policy> {
    let parties: Vec<(String, Party)> = witnesses
        .iter()
        .filter(|witness| witness.is_active())
        .filter_map(|witness| {
            let party = Party { key: witness.vkey.parse().ok()?, url: Some(witness.url.clone()) };
            Some((witness.name.clone(), party))
        })
        .collect();
    Policy::threshold(log, &parties, threshold).ok()
}

/// What `/ledger/policy` serves: the policy as a file for `guxin verify --policy`.
///
/// # Errors
/// [`Error::NotFound`] while fewer witnesses are active than must cosign.
pub async fn policy_text(cx: &Cx) -> Result<String> {
    policy_text_for(cx, &cx.ledger.verifier_key()).await
}

/// The same for a checkpoint that an earlier key of the log signed.
pub(crate) async fn policy_text_for(cx: &Cx, log: &VerifierKey) -> Result<String> {
    let (threshold, _) = threshold(cx).await?;
    let policy = policy(log, &list(cx).await?, threshold).ok_or(Error::NotFound)?;
    Ok(policy.to_string())
}

/// Registers a witness by its vkey and submission prefix; one that was ended counts again.
///
/// # Errors
/// Field errors on `vkey` and `url`; [`Error::Denied`].
pub async fn register(cx: &Cx, vkey: &str, url: &str) -> Result<WitnessId> {
    let permit = cx.permit_own::<action::ManageWitnesses>()?;
    let mut errors = FieldErrors::default();
    let key = check_key(vkey, &mut errors);
    let url = check_url(url, &mut errors);
    let mut tx = cx.db.begin().await?;
    // Taken under the lock of the policy's row: two at a time could both find the name free.
    let (_, version): (i64, i64) = tx.one(HOLD, args![]).await?;
    let known: Vec<Witness> = tx.all(LIST, args![]).await?;
    let same = key.as_ref().and_then(|key| known.iter().find(|other| other.vkey == key.to_string()));
    if let Some(key) = &key {
        check_free(key, &known, &mut errors);
    }
    errors.check()?;
    let key = key.ok_or_else(|| Error::field("vkey", "required"))?;
    let id = match same {
        Some(ended) => {
            tx.swap(AGAIN, args![ended.id, url.as_str()]).await?;
            WitnessId(ended.id)
        }
        None => {
            let id = WitnessId(cx.id());
            let vkey = key.to_string();
            tx.run(INSERT, args![id, key.name(), vkey, url.as_str(), permit.actor().user, cx.now()]).await?;
            id
        }
    };
    let mut record = event("witness.registered", id.0, version + 1, permit.actor().org);
    record.digests.insert("sha-256".into(), hex::encode(Sha256::digest(key.to_string())));
    record.refs.insert("key".into(), hex::encode(key.key_id()));
    record.detail = serde_json::json!({ "name": key.name(), "vkey": key.to_string(), "url": url });
    journal::record(&mut tx, cx, record).await?;
    advance(&mut tx, cx, version).await?;
    cx.commit(tx).await?;
    tracing::info!(witness = key.name(), %id, by = %permit.actor().user, "witness registered");
    Ok(id)
}

/// Ends a witness: its cosignatures no longer count and it is no longer asked.
///
/// # Errors
/// [`Error::NotFound`] when it is not active; [`Error::Denied`].
pub async fn end(cx: &Cx, id: WitnessId) -> Result<()> {
    let permit = cx.permit_own::<action::ManageWitnesses>()?;
    let mut tx = cx.db.begin().await?;
    let (_, version): (i64, i64) = tx.one(HOLD, args![]).await?;
    if tx.run(END, args![id, cx.now()]).await? != 1 {
        return Err(Error::NotFound);
    }
    let record = event("witness.ended", id.0, version + 1, permit.actor().org);
    journal::record(&mut tx, cx, record).await?;
    advance(&mut tx, cx, version).await?;
    cx.commit(tx).await?;
    tracing::info!(%id, by = %permit.actor().user, "witness ended");
    Ok(())
}

/// Sets how many must cosign.
///
/// # Errors
/// A field error on `threshold`; [`Error::Conflict`] when it changed since `version`; [`Error::Denied`].
pub async fn set_threshold(cx: &Cx, threshold: &str, version: i64) -> Result<()> {
    let permit = cx.permit_own::<action::ManageWitnesses>()?;
    let number = threshold.trim().parse().ok().filter(|number| (1..=MAX_WITNESSES).contains(number));
    let Some(number) = number else { return Err(Error::field("threshold", "witness.threshold")) };
    let mut tx = cx.db.begin().await?;
    let (_, now): (i64, i64) = tx.one(HOLD, args![]).await?;
    if now != version {
        return Err(Error::Conflict(Conflict::Stale));
    }
    let number = i64::try_from(number).map_err(Error::internal)?;
    tx.swap(SET_THRESHOLD, args![number]).await?;
    let mut record = event("witness.policy", POLICY_ID, version + 1, permit.actor().org);
    record.refs.insert("threshold".into(), number.to_string());
    record.detail = serde_json::json!({ "threshold": number });
    journal::record(&mut tx, cx, record).await?;
    advance(&mut tx, cx, version).await?;
    cx.commit(tx).await?;
    tracing::info!(threshold = number, by = %permit.actor().user, "witness policy changed");
    Ok(())
}

/// The number that excludes two histories when fewer than a third of the active witnesses lie.
#[must_use]
pub fn advised(witnesses: &[Witness]) -> usize {
    safe_quorum(witnesses.iter().filter(|witness| witness.is_active()).count())
}

/// The policy's own id on the ledger.
const POLICY_ID: uuid::Uuid = uuid::Uuid::nil();

/// Witnesses and their policy change the keys that readers go by.
fn event(name: &'static str, id: uuid::Uuid, version: i64, org: OrgId) -> Record<'static> {
    Record::new(EntryKind::KeyChange, name, "witness", id, version, org)
}

async fn advance(tx: &mut Tx, cx: &Cx, version: i64) -> Result<()> {
    tx.swap(ADVANCE, args![version, cx.now()]).await
}

fn check_key(vkey: &str, errors: &mut FieldErrors) -> Option<VerifierKey> {
    if vkey.trim().is_empty() {
        errors.add("vkey", Message::key("required"));
        return None;
    }
    match vkey.trim().parse::<VerifierKey>() {
        Err(_) => errors.add("vkey", Message::key("witness.vkey")),
        Ok(key) if key.key_type() != KeyType::Cosignature => {
            errors.add("vkey", Message::key("witness.vkey_type"));
        }
        // What the policy's text uses for itself.
        Ok(key) if ["none", "quorum"].contains(&key.name()) || key.name().len() > 128 => {
            errors.add("vkey", Message::key("witness.vkey_name"));
        }
        Ok(key) => return Some(key),
    }
    None
}

fn check_free(key: &VerifierKey, known: &[Witness], errors: &mut FieldErrors) {
    let same_key =
        |other: &&Witness| other.vkey.parse::<VerifierKey>().is_ok_and(|other| other.same_key(key));
    let taken = known
        .iter()
        .filter(|other| other.is_active())
        .any(|other| other.name == key.name() || same_key(&other));
    // The same public key under another name, even an ended one, would count one party twice in old records.
    let renamed = known.iter().filter(same_key).any(|other| other.vkey != key.to_string());
    if taken || renamed {
        errors.add("vkey", Message::key("witness.vkey_taken"));
    } else if known.iter().filter(|other| other.is_active()).count() >= MAX_WITNESSES {
        errors.add("vkey", Message::key("witness.many"));
    }
}

fn check_url(url: &str, errors: &mut FieldErrors) -> String {
    let url = url.trim().trim_end_matches('/');
    let parsed = reqwest::Url::parse(url).ok().filter(|parsed| {
        ["http", "https"].contains(&parsed.scheme())
            && parsed.has_host()
            && parsed.username().is_empty()
            && parsed.password().is_none()
            && parsed.query().is_none()
            && parsed.fragment().is_none()
    });
    if url.is_empty() {
        errors.add("url", Message::key("required"));
    } else if parsed.is_none() || url.chars().count() > MAX_URL_CHARS || url.contains(char::is_whitespace) {
        errors.add("url", Message::key("witness.url"));
    }
    url.to_owned()
}

statements! {
    LIST = "SELECT id, name, vkey, url, added_at, ended_at, size, cosigned_at, asked_at, failures, error FROM witness
        ORDER BY CASE WHEN ended_at IS NULL THEN 0 ELSE 1 END, added_at, id";
    THRESHOLD = "SELECT threshold, version FROM witness_policy WHERE id = 1";
    // Writes nothing new: it takes the row's lock, on both databases.
    HOLD = "UPDATE witness_policy SET version = version WHERE id = 1 RETURNING threshold, version";
    INSERT = "INSERT INTO witness (id, name, vkey, url, added_by, added_at) VALUES ($1, $2, $3, $4, $5, $6)";
    AGAIN = "UPDATE witness SET ended_at = NULL, url = $2, failures = 0, error = NULL WHERE id = $1 AND ended_at IS NOT NULL";
    END = "UPDATE witness SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL";
    SET_THRESHOLD = "UPDATE witness_policy SET threshold = $1 WHERE id = 1";
    ADVANCE = "UPDATE witness_policy SET version = version + 1, changed_at = $2 WHERE id = 1 AND version = $1";
}

#[cfg(test)]
mod tests {
    use ledger::{cosignature::Cosigner, key::Signer};

    use super::*;

    fn url(given: &str) -> bool {
        let mut errors = FieldErrors::default();
        check_url(given, &mut errors);
        errors.check().is_ok()
    }

    #[test]
    fn a_url_is_a_prefix_without_secrets() {
        assert!(url("https://witness.example.cn/guxin/"));
        assert!(url("http://10.0.0.7:3100"));
        for wrong in [
            "",
            "witness.example.cn",
            "ftp://w",
            "https://",
            "https://a:b@w",
            "https://w/?a=b",
            "https://w/#a",
            "https://w/ x",
        ] {
            assert!(!url(wrong), "{wrong}");
        }
    }

    #[test]
    fn only_a_cosigners_key_is_taken_and_each_once() {
        let key =
            |name: &str, seed: u8| Cosigner::from_seed(name, &[seed; 32]).expect("a key").verifier_key();
        let checked = |text: &str| check_key(text, &mut FieldErrors::default());
        assert!(checked(&format!(" {} ", key("w", 1))).is_some());
        assert!(
            checked(&Signer::from_seed("log", &[1; 32]).expect("a key").verifier_key().to_string()).is_none()
        );
        assert!(checked("w+00000000+AA==").is_none() && checked("").is_none());
        assert!(checked(&key("quorum", 1).to_string()).is_none());
        let witness = |name: &str, seed, ended_at| Witness {
            id: uuid::Uuid::nil(),
            name: name.into(),
            vkey: key(name, seed).to_string(),
            url: String::new(),
            added_at: 0,
            ended_at,
            size: 0,
            cosigned_at: None,
            asked_at: None,
            failures: 0,
            error: None,
        };
        let known = [witness("a", 1, None), witness("b", 2, Some(1))];
        let free = |name: &str, seed| {
            let mut errors = FieldErrors::default();
            check_free(&key(name, seed), &known, &mut errors);
            errors.check().is_ok()
        };
        assert!(free("c", 3) && free("b", 3), "an ended name is free for a new key");
        assert!(free("b", 2), "an ended key may come back under its name");
        assert!(!free("a", 3) && !free("c", 1) && !free("c", 2), "no name and no key twice");
    }
}
